// The builder's page: the plate as it is now, and the procedure step by step. The station leads; this page
// looks four times a second, so a reload or another tablet shows the same step.

import { command } from "./commands.js";
import { setText } from "./glance.js";
import { showKept, showOutcome, showReadings } from "./outcome.js";
import { PlateDrawing } from "./plate.js";
import { Sound } from "./sound.js";
import { CALIBRATE, TEXT } from "./words.js";

const EVERY_MS = 250;
const PATIENCE_MS = 15000;
const ANSWER_MS = 10000;
const G = 9.80665;
const $ = (id) => document.getElementById(id);

const drawing = new PlateDrawing($("plate"));
const sound = new Sound($("sound"));
let under = null; // the procedure as it was last seen, with its readings and result
let asking = false;
let answered = 0;

async function look() {
  if (document.hidden || asking) return;
  asking = true;
  const answer = await fetch(`/api/v1/calibration?turn=${under?.turn ?? -1}`).catch(() => null);
  asking = false;
  const lost = !answer?.ok;
  $("lost").hidden = !lost;
  document.body.classList.toggle("is-lost", lost);
  if (lost) return setText($("lost"), TEXT.noAnswer);
  return take(await answer.json());
}

function take(status, anew = false) {
  const before = anew ? null : under;
  under = status.under;
  if (under !== null && under.readings === undefined) {
    under.readings = before?.readings ?? [];
    under.result = before?.result ?? null;
  }
  hear(before, under);
  show(status, anew || before?.turn !== under?.turn);
}

// A tone for each reading taken or refused, and for the end; the card flashes with it.
function hear(before, now) {
  const fresh = now !== null && before !== null && now.readings.length > before.readings.length;
  if (!fresh) return;
  const { well } = now.readings.at(-1);
  sound.play(!well ? "cue" : now.step === null ? "end" : "armed");
  const card = document.querySelector(".step-card");
  card.classList.remove("flash-well", "flash-unwell");
  void card.offsetWidth; // so that the same flash begins anew
  card.classList.add(well ? "flash-well" : "flash-unwell");
}

function show(status, changed) {
  const running = under !== null && under.step !== null;
  document.body.dataset.mode = under === null ? "idle" : running ? "run" : "over";
  $("helped").hidden = !status.helped;
  $("why-not").hidden = status.why_not === null || under !== null;
  setText($("why-not"), status.why_not ?? "");
  setText($("said"), status.said);
  showPlate(status.plate, running ? under.step : null);
  if (running) showStep(under);
  showRefusal();
  if (changed) {
    showReadings(under?.readings ?? []);
    if (under === null) $("outcome").hidden = true;
    else showOutcome(under, choose);
    if (under === null) showKept(told);
  }
  $("redo").disabled = !under?.readings.some((one) => one.well && one.step.kind !== "empty");
  for (const button of document.querySelectorAll("#begin .primary, #verify .primary")) button.disabled = status.why_not !== null;
}

function showPlate(plate, step) {
  const taken = (under?.readings ?? []).filter((one) => one.well && one.step.kind !== "empty").map((one) => one.step);
  drawing.show(step, taken, plate);
  setText($("load"), plate.load_n === null ? "–" : Math.abs(plate.load_n) < 0.05 ? "0.0" : plate.load_n.toFixed(1).replace("-", "−"));
  setText($("load-kg"), plate.load_n === null ? CALIBRATE.noZero : CALIBRATE.kg(plate.load_n / G));
  showGates(plate.gates);
  $("still").max = plate.calm_s;
  $("still").value = plate.still_s;
  setText($("drift"), plate.drift_n_per_min === null ? "" : CALIBRATE.drift(plate.drift_n_per_min));
  setText($("hint"), plate.wrong || hint(plate, step));
}

function hint(plate, step) {
  if (step === null) return plate.gates.length < 3 ? "" : plate.gates.every((gate) => gate.open) ? CALIBRATE.ready : "";
  if (step.kind === "leave" && under.creep_s > 0) return CALIBRATE.leaving(under.creep_s);
  const waiting = step.kind === "empty" ? plate.gates[0].value !== null && !plate.gates[0].open : !under.placed || !plate.gates[0].open;
  if (waiting && step.kind !== "empty") return plate.gates[0].open ? CALIBRATE.moveOn : CALIBRATE.putDown;
  if (waiting) return CALIBRATE.takeOff;
  return plate.still_s < plate.calm_s ? CALIBRATE.letGo : CALIBRATE.reading;
}

function showGates(gates) {
  const list = $("gates");
  while (list.children.length > gates.length) list.lastChild.remove();
  gates.forEach((gate, n) => {
    const item = list.children[n] ?? list.appendChild(document.createElement("li"));
    item.className = gate.open ? "open" : "shut";
    setText(item, CALIBRATE.gate(gate));
  });
}

function showStep({ step, done, of, left_s: left, kind, asks_empty: asks }) {
  setText($("count"), CALIBRATE.count(kind, Math.min(done + 1, of), of));
  setText($("left"), CALIBRATE.left(left));
  $("bar").max = of;
  $("bar").value = done;
  setText($("doing"), step.kind === "empty" ? CALIBRATE.emptyIt : CALIBRATE.put(step));
  setText($("where"), step.kind === "empty" ? CALIBRATE.feetToo : step.where);
  $("empty").hidden = !(asks && step.kind === "empty");
}

function showRefusal() {
  const text = under === null ? "" : under.refusal;
  $("refusal").hidden = text === "";
  setText($("refusal"), text);
}

function told({ state, error }) {
  answer(error ?? "");
  if (!error) take(state, true);
}

// What was refused, or done, stays till the next command, and at least as long as it takes to read.
function answer(text) {
  clearTimeout(answered);
  $("answer").hidden = text === "";
  setText($("answer"), text);
  if (text) answered = setTimeout(() => answer(""), ANSWER_MS);
}

async function choose(what, fields = {}) {
  const turn = what === "stop" ? {} : { turn: under?.turn ?? 0 };
  told(await command(`calibration/${what}`, { ...turn, ...fields }, PATIENCE_MS));
}

function sure(title, text, yes) {
  setText($("sure-title"), title);
  setText($("sure-text"), text);
  $("sure-yes").onclick = () => {
    $("sure").close();
    yes();
  };
  $("sure").showModal();
}

const number = (text) => Number(text.trim().replace(",", "."));

async function begin(event, path, fields, errorId) {
  event.preventDefault();
  setText($(errorId), "");
  const { state, error } = await command(`calibration/${path}`, fields, PATIENCE_MS);
  if (error) return setText($(errorId), error);
  take(state, true);
  return scrollTo({ top: 0 });
}

$("begin").addEventListener("submit", (event) => {
  const masses = [...document.querySelectorAll(".mass")].map((box) => box.value).filter((text) => text.trim());
  const grid = document.querySelector("input[name=grid]:checked").value === "yes";
  return begin(event, "start", { masses_kg: masses.map(number), grid, placing_mm: number($("placing").value) }, "begin-error");
});
$("verify").addEventListener("submit", (event) => {
  const fields = { mass_kg: number($("verify-mass").value), cells: $("cells").value, capacity_kg: number($("capacity").value) };
  return begin(event, "verify", fields, "verify-error");
});
$("measure").addEventListener("click", () => choose("measure"));
$("empty").addEventListener("click", () => choose("measure", { empty: true }));
$("redo").addEventListener("click", () => choose("redo"));
$("stop").addEventListener("click", () => sure(CALIBRATE.stopTitle, CALIBRATE.stopText, () => choose("stop")));
$("sure-no").addEventListener("click", () => $("sure").close());
$("zero").addEventListener("click", async () => {
  const { error, confirmable } = await command("plate/zero");
  if (confirmable) return sure(CALIBRATE.zeroTitle, error, () => command("plate/zero", { confirmed: true }).then(zeroed));
  return zeroed({ error });
});

function zeroed({ error }) {
  answer(error ?? CALIBRATE.zeroed);
}

look();
showKept(told);
setInterval(look, EVERY_MS);
