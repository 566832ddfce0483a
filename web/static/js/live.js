// The live page: joins the stream to what is shown.

import { Cues, waitingWords } from "./cues.js";
import { ForceCurve } from "./curve.js";
import { Glance, setText } from "./glance.js";
import { SetUp } from "./setup.js";
import { Listener, Sound } from "./sound.js";
import { LiveStream } from "./stream.js";
import { Summary } from "./summary.js";
import { loadText } from "./units.js";
import { LINKS, SIDES, STATES, TEXT, aim, one, repsOf } from "./words.js";

const WITHDRAWN_MS = 4000;
const HOME_AFTER_MS = 180_000; // untouched for so long after a set: the next person finds the start

const $ = (id) => document.getElementById(id);
const body = document.body;
const glance = new Glance();
const curve = new ForceCurve($("curve"));
const setUp = new SetUp(toast);
const summary = new Summary((...asked) => setUp.send(...asked), toast);
const sound = new Sound($("sound"));
const listener = new Listener(sound);
const cues = new Cues((kind, text) => {
  sound.play(kind);
  sound.speak(text);
});
let latest = null;
let shownSession; // what the panels were built from
let shownOthers;
let leftSummary = null; // the set whose summary was left for the start page
let guiding = false;
let refused = null; // why the station gave no stream
let withdrawnUntil = 0;
let touchedAt = performance.now();
const alerts = { link: [], alarms: [], notes: [] };

for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => (touchedAt = performance.now()));
$("toast-close").addEventListener("click", () => toast(null));
$("view").addEventListener("click", () => {
  body.dataset.view = body.dataset.view === "coach" ? "athlete" : "coach";
  setText($("view"), body.dataset.view === "coach" ? TEXT.athleteView : TEXT.coachView);
  arrange();
});
$("guide").addEventListener("click", () => guide(true));
$("guide-done").addEventListener("click", () => guide(false));
$("change").addEventListener("click", () => goHome());
$("cancel").addEventListener("click", () => setUp.send($("cancel"), "set/cancel"));
$("turned-turn").addEventListener("click", () => setUp.send($("turned-turn"), "set/cancel"));
$("turned-right").addEventListener("click", () => setUp.send($("turned-right"), "plate/right"));
$("end-set").addEventListener("click", () => setUp.send($("end-set"), "set/end"));
$("end-session").addEventListener("click", () => setUp.send($("end-session"), "session/end"));
$("twisted").addEventListener("click", () => setUp.send($("twisted"), "set/mark", { word: "twisted" }));
$("pain").addEventListener("click", () => setUp.send($("pain"), "set/mark", { word: "pain" }));
setUp.refresh();
new LiveStream({ onState, onLink, onRefused: (why) => (refused = why) });

const lastSet = (state) => state?.session?.sets.at(-1);
const nameOf = (session, set) => `${session.number}/${set.number}`;

function onState(state, before) {
  latest = state;
  const set = lastSet(state);
  const old = lastSet(before);
  if (set?.running && set.number === old?.number && set.counted < old.counted) {
    withdrawnUntil = performance.now() + WITHDRAWN_MS;
  }
  setUp.planned = state.planned;
  // With the session alone: the two clocks differ by rounding from message to message.
  if (state.session !== before?.session || before.monotonic_s === null) curve.shade(repsOn(state, set));
  curve.add(state.curve, body.dataset.mode === "guide" || body.dataset.view === "coach");
  if (state.session !== shownSession) showSession(state.session, set);
  if (state.others !== shownOthers) summary.showPartners((shownOthers = state.others));
  arrange();
  glance.show(state, set);
  cues.see(state, set);
  listener.hear(state, before, set, old);
  if (body.dataset.mode === "wait") showWait(state);
  if (body.dataset.mode === "rest") summary.showRest(state);
  if (body.dataset.mode === "home") setText($("plate"), TEXT.plate[state.phase] ?? TEXT.moving);
  setText($("state"), STATES[state.state]);
  setText($("context"), contextOf(state, set));
  if (state.source !== before?.source) showBanners(state.source);
  showAlerts(state);
}

// The set's reps on the clock of the curve.
function repsOn(state, set) {
  if (!set || state.monotonic_s === null) return [];
  const shift = state.session.t0_monotonic_s - state.monotonic_s + state.t_s;
  return set.reps
    .filter((rep) => rep.lift_off_s !== null && rep.touchdown_s !== null)
    .map((rep) => [rep.lift_off_s + shift, rep.touchdown_s + shift, rep.on_target === false]);
}

function modeOf(state) {
  const set = lastSet(state);
  if (set?.running && state.state !== "armed") return "set";
  if (state.planned && !state.planned.resumable) return "wait";
  if (guiding) return "guide";
  if (!set || set.running || leftSummary === nameOf(state.session, set)) return "home";
  const idle = performance.now() - touchedAt > HOME_AFTER_MS && state.rested_s > HOME_AFTER_MS / 1000;
  return idle ? "home" : "rest";
}

function arrange() {
  if (latest === null) return;
  const mode = modeOf(latest);
  const view = `${mode}/${body.dataset.view}`;
  if (body.dataset.arranged === view) return;
  if (mode === "home") setUp.refresh();
  body.dataset.mode = mode;
  body.dataset.arranged = view;
  for (const section of document.querySelector(".stage").children) {
    const here = section.dataset.in.split(" ").includes(mode);
    const only = section.dataset.only?.split(" ");
    section.hidden = !here || (only !== undefined && !only.includes(mode) && !only.includes(body.dataset.view));
  }
  if (!$("curve").closest("section").hidden) curve.draw();
}

function guide(on) {
  guiding = on;
  arrange();
}

function goHome() {
  const set = lastSet(latest);
  if (set) {
    leftSummary = nameOf(latest.session, set);
    setUp.choose(latest.session.athlete);
    setUp.fill(latest.session.proposal?.plan ?? set.plan);
  }
  arrange();
}

function showSession(session, set) {
  shownSession = session;
  setUp.showSession(session);
  if (set && !set.running) summary.show(session, set);
  if (!set) return;
  const rep = set.reps.at(-1);
  setText($("on-target"), set.coached ? `${set.on_target} / ${set.reps.length}` : "–");
  setText($("last-tempo"), rep ? [rep.up_s, rep.hold_s, rep.down_s].map(one).join(" / ") : "–");
  setText($("last-sway"), rep?.sway_ml_mm == null ? "–" : `${one(rep.sway_ml_mm)} mm`);
}

function showWait(state) {
  const { athlete, plan, still_s } = state.planned;
  const reps = plan.target_reps ? repsOf(plan.target_reps) : "";
  const plate = plan.plate_cm === null ? "" : TEXT.plateAt(plan.plate_cm);
  const [title, note] = waitingWords(state, { note: TEXT.waitNote(athlete, SIDES[plan.side], reps, plate) });
  $("turned").hidden = !state.planned.turned;
  setText($("wait-title"), title);
  setText($("wait-note"), note);
  const still = state.state === "armed" ? 1 : state.phase === "rest" ? Math.min((state.phase_s ?? 0) / still_s, 0.95) : 0;
  $("stillness-fill").style.width = `${100 * still}%`;
}

function contextOf(state, set) {
  if (state.planned && !set?.running) return `${state.planned.athlete} · ${SIDES[state.planned.plan.side]}`;
  if (state.session === null) return "";
  if (!set?.running) return `${state.session.athlete} · session ${state.session.number}`;
  const load = loadText(set.load_kg, set.plan.load_unit);
  return [state.session.athlete, SIDES[set.side], set.goal.name, load].join(" · ");
}

// The banners come and go with the source alone.
function showBanners(source) {
  $("mock").hidden = !source.simulated;
  $("replay").hidden = source.name !== "replay";
  for (const place of document.querySelectorAll(".source-text")) setText(place, source.text ?? "");
}

function onLink(word, seconds) {
  body.dataset.link = word;
  if (word === "live") refused = null;
  const text = refused ?? { stale: TEXT.noNewData(seconds), lost: TEXT.lost(seconds) }[word];
  setText($("link"), LINKS[word]);
  alerts.link = text === undefined ? [] : [text];
  drawAlerts();
}

function showAlerts(state) {
  alerts.alarms = [];
  if (!state.sampler_connected) alerts.alarms.push(TEXT.noPlate);
  if (state.recording_fault) alerts.alarms.push(TEXT.notKept(state.recording_fault));
  state.cell_faults.forEach((fault, cell) => {
    if (fault) alerts.alarms.push(TEXT.cellFault(cell, fault));
    else if (state.silent[cell] && state.sampler_connected) alerts.alarms.push(TEXT.silentCell(cell));
  });
  alerts.notes = [];
  if (state.state === "zeroing") alerts.notes.push(TEXT.zeroing);
  if (performance.now() < withdrawnUntil) alerts.notes.push(TEXT.withdrawn);
  if (state.notice) alerts.notes.push(state.notice);
  drawAlerts();
}

function drawAlerts() {
  const styled = (style) => (text) => [style, text];
  const shown = [...[...alerts.link, ...alerts.alarms].map(styled("alert")), ...alerts.notes.map(styled("alert note"))];
  const key = JSON.stringify(shown);
  if ($("alerts").dataset.key === key) return;
  $("alerts").dataset.key = key;
  $("alerts").replaceChildren(
    ...shown.map(([style, text]) => Object.assign(document.createElement("p"), { className: style, textContent: text })),
  );
}

function toast(text) {
  $("toast").hidden = text === null;
  setText($("toast-text"), text ?? "");
}
