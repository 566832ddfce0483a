// After the set: what it was, what comes next, and what only people can tell.

import { command } from "./commands.js";
import { setText } from "./glance.js";
import { loadText } from "./units.js";
import { FAULTS, SIDES, TEXT, one, percent, repsOf } from "./words.js";

const $ = (id) => document.getElementById(id);

export class Summary {
  constructor(send, onError) {
    this.send = send; // (button, path, fields) → whether it was done
    this.onError = onError;
    this.form = $("answers");
    // Some of the form's boxes stand beside the strip, outside of it: their events don't pass through it.
    for (const place of [this.form, $("summary")]) place.addEventListener("change", (event) => this.answer(event.target));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    $("next").addEventListener("click", () => this.goOn());
    $("take").addEventListener("click", () => this.takeHome());
    $("phone-close").addEventListener("click", () => $("phone").close());
    $("level-less").addEventListener("click", () => this.step(-1));
    $("level-more").addEventListener("click", () => this.step(1));
  }

  show(session, set) {
    this.session = session;
    this.set = set;
    setText($("summary-title"), [`Set ${set.number}`, SIDES[set.side], set.goal.name, this.load(set)].join(" · "));
    setText($("summary-score"), set.coached ? TEXT.score(set.on_target, set.counted) : repsOf(set.counted));
    setText($("summary-why"), this.why(set));
    $("strip").replaceChildren(...set.reps.map((rep) => bar(rep, set.heel_zone_from)));
    $("strip").style.setProperty("--zone", set.heel_zone_from);
    $("strip").setAttribute("aria-label", TEXT.strip(set.reps.map((rep) => percent(rep.heel_share)).join(", ")));
    $("reps").replaceChildren(...set.reps.map((rep) => row(rep, set.coached)));
    $("download").href = `/api/v1/sessions/${session.number}/csv.zip`;
    this.showNext(session.proposal);
    this.showAnswers(set);
  }

  load(set) {
    return loadText(set.load_kg, set.plan.load_unit);
  }

  why(set) {
    if (!set.coached) return TEXT.notCoached;
    const words = [];
    const off = set.reps.find((rep) => rep.on_target === false);
    const unknown = set.reps.filter((rep) => rep.on_target === null).length;
    if (off) words.push(TEXT.firstOff(off.number, off.faults.map((fault) => FAULTS[fault]).join(", ") || TEXT.cut));
    else if (set.reps.length === set.counted && set.on_target === set.counted && set.counted) words.push(TEXT.allOn);
    if (unknown) words.push(TEXT.unknown(unknown));
    if (set.reps.length < set.counted) words.push(TEXT.closing);
    else if (set.baseline && set.counted > 2) words.push(TEXT.baseline);
    return words.join(" ");
  }

  showNext(proposal) {
    const plan = proposal?.plan ?? null;
    this.reason = proposal?.why ?? "";
    $("next").hidden = plan === null;
    if (plan) setText($("next"), TEXT.nextSet(SIDES[plan.side], plan.target_reps));
  }

  showRest(state) {
    const restS = this.session?.proposal?.rest_s ?? null;
    const passed = state.rested_s ?? 0;
    const left = restS === null ? null : Math.max(0, Math.ceil(restS - passed));
    setText($("proposal"), state.planned?.resumable ? TEXT.comeBack : this.reason);
    setText($("rest-time"), left === null ? "" : left > 0 ? clock(left) : TEXT.restOver);
    const part = restS === null ? 0 : Math.min(passed / restS, 1);
    $("rest-fill").style.strokeDasharray = part === 1 ? "none" : `${100 * part} 100`;
    $("rest-fill").classList.toggle("reached", part === 1);
  }

  showAnswers(set) {
    const { notes, counted } = set;
    for (const name of ["effort", "felt"]) for (const box of this.form.elements[name]) box.checked = box.value === notes[name];
    for (const name of ["twisted", "pain", "discarded"]) {
      this.form.elements[name].checked = notes[name] ?? set.pressed.some((mark) => mark.word === name);
    }
    const level = notes.level_until ?? null;
    const word = notes.level_unsure ? "unsure" : level === null ? "" : level >= counted ? "all" : "until";
    for (const box of this.form.elements.level) box.checked = box.value === word;
    this.until = level === null || level >= counted ? Math.max(counted - 1, 0) : level;
    setText($("level-until"), `${this.until}`);
  }

  answer(box) {
    const value = box.type === "checkbox" ? box.checked : box.value;
    if (box.name !== "level") this.note({ [box.name]: value });
    else if (value === "unsure") this.note({ level_unsure: true });
    else this.note({ level_until: value === "all" ? this.set.counted : this.until });
  }

  step(by) {
    this.note({ level_until: Math.min(Math.max(this.until + by, 0), this.set.counted) });
  }

  note(answer) {
    this.send(this.form, "set/note", { number: this.set.number, ...answer });
  }

  async takeHome() {
    const { state: link, error } = await command(`sessions/${this.session.number}/take-home`);
    if (error) return this.onError(error);
    $("qr").src = link.qr;
    setText($("phone-url"), link.url);
    setText($("phone-note"), link.reachable ? TEXT.takeHome(link.good_for_s / 60) : TEXT.unreachable);
    return $("phone").showModal();
  }

  goOn() {
    const plan = this.session.proposal?.plan;
    if (plan) this.send($("next"), "set/start", { athlete: this.session.athlete, ...plan, hands_free: true });
  }
}

const clock = (s) => `${Math.floor(s / 60)}:${`${s % 60}`.padStart(2, "0")}`;

export function bar(rep, zone) {
  const share = rep.heel_share;
  const place = document.createElement("div");
  place.className = "strip-rep";
  place.classList.toggle("off", rep.on_target === false);
  place.classList.toggle("below", share !== null && share < zone);
  const fill = Object.assign(document.createElement("div"), { className: "strip-fill" });
  fill.style.height = `${100 * (share ?? 0)}%`;
  const track = Object.assign(document.createElement("div"), { className: "strip-track" });
  track.append(fill);
  const value = Object.assign(document.createElement("p"), { className: "strip-value", textContent: percent(share) });
  const mark = rep.on_target === null ? "?" : rep.on_target ? "✓" : "✗";
  const number = Object.assign(document.createElement("p"), { className: "strip-number", textContent: `${rep.number} ${mark}` });
  place.append(value, track, number);
  return place;
}

export function row(rep, coached) {
  const line = document.createElement("tr");
  const cells = [rep.number, one(rep.up_s), one(rep.hold_s), one(rep.down_s), percent(rep.heel_share), notes(rep, coached)];
  for (const text of cells) line.insertCell().textContent = text;
  line.cells[4].className = "heel-cell";
  return line;
}

function notes(rep, coached) {
  const words = coached ? rep.faults.map((fault) => FAULTS[fault]) : [];
  if (rep.confidence === "estimated") words.push(TEXT.estimated);
  if (!rep.complete) words.push(TEXT.cut);
  if (rep.valid_fraction < 0.995) words.push(TEXT.gaps(Math.floor(rep.valid_fraction * 100)));
  return words.join(", ");
}
