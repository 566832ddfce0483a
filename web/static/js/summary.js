// After the set: what it was, what comes next, and what only people can tell.

import { command } from "./commands.js";
import { Corrections } from "./correct.js";
import { setText } from "./glance.js";
import { loadText } from "./units.js";
import { FAULTS, NOTED, SIDES, TEXT, one, percent, repsOf } from "./words.js";

const $ = (id) => document.getElementById(id);

export class Summary {
  constructor(send, onError) {
    this.send = send; // (button, path, fields) → whether it was done
    this.onError = onError;
    this.corrections = new Corrections(onError);
    this.form = $("answers");
    // Some of the form's boxes stand beside the strip, outside of it, where there are others too.
    document.addEventListener("change", ({ target }) => target.form === this.form && this.answer(target));
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
    const more = [steadiness(set), set.athlete && TEXT.movedTo(set.athlete)];
    const words = [`Set ${set.number}`, SIDES[set.side], set.goal.name, this.load(set), ...more];
    setText($("summary-title"), words.filter(Boolean).join(" · "));
    setText($("summary-score"), set.coached ? TEXT.score(set.on_target, set.counted) : repsOf(set.counted));
    setText($("summary-why"), this.why(set));
    this.corrections.show(session, set);
    drawReps(set, this.corrections);
    this.showNext(session.proposal);
    this.showAnswers(set);
  }

  load(set) {
    return loadText(set.load_kg, set.plan.load_unit);
  }

  why(set) {
    if (!set.coached) return TEXT.notCoached;
    const words = [];
    const off = set.reps.find((rep) => rep.on_target === false && rep.by_hand !== "removed");
    const unknown = set.reps.filter((rep) => rep.on_target === null && rep.by_hand !== "removed").length;
    if (off) words.push(TEXT.firstOff(off.number, off.faults.map((fault) => FAULTS[fault]).join(", ") || TEXT.cut));
    else if (set.on_target === set.counted && set.counted) words.push(TEXT.allOn);
    if (set.heel_paused) words.push(TEXT.heelPaused);
    if (unknown) words.push(TEXT.unknown(unknown));
    if (set.reps.length < set.counted_by_station) words.push(TEXT.closing);
    else if (set.baseline && set.counted > 2) words.push(TEXT.baseline);
    return words.join(" ");
  }

  showNext(proposal) {
    const plan = proposal?.plan ?? null;
    this.reason = proposal?.why ?? "";
    $("next").hidden = plan === null;
    if (plan) setText($("next"), TEXT.nextSet(SIDES[plan.side], plan.target_reps));
  }

  // One tap hands the plate to a partner, for the set that is next for them.
  showPartners(others) {
    const waiting = others.filter((other) => other.proposal?.plan);
    $("partners").replaceChildren(
      ...waiting.map(({ athlete, proposal: { plan } }) => {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: athlete });
        button.append(Object.assign(document.createElement("small"), { textContent: TEXT.partner(SIDES[plan.side], plan.target_reps) }));
        button.addEventListener("click", () => this.send(button, "set/start", { athlete, ...plan, hands_free: true }));
        return button;
      }),
    );
  }

  showRest(state) {
    const restS = this.session?.proposal?.rest_s ?? null;
    const passed = state.rested_s ?? 0;
    const left = restS === null ? null : Math.max(0, Math.ceil(restS - passed));
    setText($("proposal"), state.planned?.resumable ? TEXT.comeBack(state.planned.resume_within_s) : this.reason);
    setText($("rest-time"), left === null ? "" : left > 0 ? clock(left) : TEXT.restOver);
    const part = restS === null ? 0 : Math.min(passed / restS, 1);
    $("rest-fill").style.strokeDasharray = part === 1 ? "none" : `${100 * part} 100`;
    $("rest-fill").classList.toggle("reached", part === 1);
  }

  showAnswers(set) {
    const { notes, counted } = set;
    for (const name of ["effort", "felt"]) for (const box of this.form.elements[name]) box.checked = box.value === notes[name];
    for (const name of ["twisted", "pain"]) {
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
    $("download").href = link.qr.replace("qr.svg", "session.zip");
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

// How much the force wandered while the top was held: the middle rep's.
export function steadiness(set) {
  const known = set.reps.filter((rep) => rep.steadiness !== null && rep.by_hand !== "removed").map((rep) => rep.steadiness);
  if (known.length === 0) return "";
  return TEXT.steady((100 * known.sort((a, b) => a - b)[(known.length - 1) >> 1]).toFixed(1));
}

// The strip of heel shares and the table, of whichever page shows a set.
export function drawReps(set, corrections) {
  const added = set.added.map((id, at) => ({ ...NOTHING, id, number: set.reps.length + at + 1, by_hand: "added" }));
  for (const what of ["hold", "down"]) {
    const least = set.coached ? set[`${what}_least_s`] : null;
    $(`${what}-least`).textContent = least === null ? "" : TEXT.least(one(least));
  }
  $("strip").replaceChildren(...set.reps.map((rep) => bar(rep, set.heel_zone_from)));
  $("strip").style.setProperty("--zone", set.heel_zone_from);
  $("strip").setAttribute("aria-label", TEXT.strip(set.reps.map((rep) => percent(rep.heel_share)).join(", ")));
  $("reps").replaceChildren(...[...set.reps, ...added].map((rep) => row(rep, set.coached, corrections)));
}

// A rep that the station missed: nothing of it was measured.
const NOTHING = { up_s: null, hold_s: null, down_s: null, heel_share: null, faults: [], complete: true, valid_fraction: 1 };

function bar(rep, zone) {
  const share = rep.heel_share;
  const place = document.createElement("div");
  place.className = "strip-rep";
  place.classList.toggle("removed", rep.by_hand === "removed");
  place.classList.toggle("off", rep.by_hand === "off_target" || rep.on_target === false);
  place.classList.toggle("below", share !== null && share < zone);
  const fill = Object.assign(document.createElement("div"), { className: "strip-fill" });
  fill.style.height = `${100 * (share ?? 0)}%`;
  const track = Object.assign(document.createElement("div"), { className: "strip-track" });
  track.append(fill);
  const value = Object.assign(document.createElement("p"), { className: "strip-value", textContent: percent(share) });
  const off = rep.by_hand === "off_target" || rep.on_target === false;
  const mark = rep.by_hand === "removed" ? "–" : off ? "✗" : rep.on_target === null ? "?" : "✓";
  const number = Object.assign(document.createElement("p"), { className: "strip-number", textContent: `${rep.number} ${mark}` });
  place.append(value, track, number);
  return place;
}

function row(rep, coached, corrections) {
  const line = document.createElement("tr");
  line.className = rep.by_hand ?? "";
  const ask = Object.assign(document.createElement("button"), { type: "button", className: "rep-button", textContent: rep.number });
  ask.setAttribute("aria-label", TEXT.repTitle(rep.number));
  line.insertCell().append(ask);
  line.addEventListener("click", () => corrections.askRep(rep, rep.number));
  const cells = [one(rep.up_s), one(rep.hold_s), one(rep.down_s), percent(rep.heel_share), notes(rep, coached)];
  for (const text of cells) line.insertCell().textContent = text;
  line.cells[4].className = "heel-cell";
  return line;
}

function notes(rep, coached) {
  const words = coached ? rep.faults.map((fault) => FAULTS[fault]) : [];
  if (rep.by_hand) words.unshift(NOTED[rep.by_hand]);
  if (rep.confidence === "estimated") words.push(TEXT.estimated);
  if (!rep.complete) words.push(TEXT.cut);
  if (rep.valid_fraction < 0.995) words.push(TEXT.gaps(Math.floor(rep.valid_fraction * 100)));
  return words.join(", ");
}
