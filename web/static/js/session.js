// A recorded session: each set's curve, its reps over one another, and two sets side by side.

import { axes, colour } from "./curve.js";
import { Corrections } from "./correct.js";
import { drawReps, steadiness } from "./summary.js";
import { loadText } from "./units.js";
import { SIDES, TEXT, one, percent, repsOf } from "./words.js";

const STEP_S = 0.02;
const BEFORE_S = 0.6;
const AFTER_S = 0.6;
const $ = (id) => document.getElementById(id);
const plots = [];

let chosen = 1; // number of the set that is shown
// A closed session is folded again for each correction, which takes a while after a long one.
const busy = (is) => $("review").setAttribute("aria-busy", `${is}`);
const corrections = new Corrections((error) => {
  busy(error === null);
  $("toast").hidden = error === null;
  $("toast-text").textContent = error ?? "";
  if (error === null) load();
});
corrections.onSend = () => busy(true);
$("toast-close").addEventListener("click", () => ($("toast").hidden = true));
$("compare").addEventListener("change", () => drawOverlay(shown));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => choose(shown, shown.shown));
let shown = null;
load();

async function load() {
  try {
    const answer = await fetch(`/api/v1/sessions/${document.body.dataset.session}/review`);
    const value = await answer.json();
    if (!answer.ok) return tell(value.error);
    if (value.sets.length === 0) return tell(TEXT.noSets);
    return show(value);
  } catch {
    return tell(TEXT.noAnswer);
  }
}

function tell(text) {
  $("wait").textContent = text;
}

function show(session) {
  busy(false);
  shown = session;
  $("wait").hidden = true;
  $("review").hidden = false;
  session.tabs = session.sets.map((set) => {
    const tab = Object.assign(document.createElement("button"), { type: "button", className: "button tab" });
    tab.append(`Set ${set.number} · ${SIDES[set.side]}`, Object.assign(document.createElement("small"), { textContent: scoreOf(set) }));
    tab.addEventListener("click", () => choose(session, set));
    return tab;
  });
  $("tabs").replaceChildren(...session.tabs);
  drawSides(session.sets);
  choose(session, session.sets.find((set) => set.number === chosen) ?? session.sets[0]);
}

const scoreOf = (set) => (set.discarded ? TEXT.discarded : set.coached ? TEXT.score(set.on_target, set.counted) : repsOf(set.counted));

function choose(session, set) {
  session.shown = set;
  chosen = set.number;
  session.tabs.forEach((tab, at) => tab.setAttribute("aria-pressed", `${session.sets[at] === set}`));
  $("set-title").textContent = scoreOf(set);
  $("set-facts").textContent = [set.goal.name, loadText(set.load_kg, set.plan.load_unit), steadiness(set), ...answersOf(set)].filter(Boolean).join(" · ");
  corrections.show(session, set);
  drawReps(set, corrections);
  const others = session.sets.filter((other) => other !== set);
  $("compare").replaceChildren(
    new Option(TEXT.compareNone, ""),
    ...others.map((other) => new Option(`Set ${other.number} · ${SIDES[other.side]}`, `${other.number}`)),
  );
  $("compare").disabled = others.length === 0;
  for (const plot of plots.splice(0)) plot.destroy();
  drawCurve(set);
  drawOverlay(session);
}

function answersOf(set) {
  const { notes } = set;
  const words = [];
  if (notes.level_until != null) words.push(TEXT.levelIn(notes.level_until));
  if (notes.effort) words.push(notes.effort);
  if (notes.felt) words.push(TEXT.feltIn(notes.felt));
  if (set.athlete) words.push(TEXT.movedTo(set.athlete));
  if (notes.text) words.push(`“${notes.text}”`);
  for (const mark of set.pressed) words.push(`${mark.word} at rep ${mark.rep}`);
  return words;
}

function sized(place) {
  return { width: Math.max(place.clientWidth, 100), height: Math.max(place.clientHeight, 100) };
}

function keepSize(plot, place) {
  plots.push(plot);
  const watcher = new ResizeObserver(() => plot.setSize(sized(place)));
  watcher.observe(place);
  plot.hooks.destroy = [() => watcher.disconnect()];
}

// The set's force; phases are shaded by the reps, and a tap on a rep's number looks closer.
function drawCurve(set) {
  const place = $("curve");
  const { t_s, total_n, heel_n } = set.curve;
  const start = t_s[0] ?? 0;
  const shade = (plot) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const rep of set.reps) {
      if (rep.lift_off_s === null || rep.touchdown_s === null) continue;
      const x = (t) => plot.valToPos(t - start, "x", true);
      ctx.fillStyle = colour(rep.on_target === false ? "--off-tint" : "--on-tint");
      ctx.fillRect(x(rep.lift_off_s), bbox.top, x(rep.touchdown_s) - x(rep.lift_off_s), bbox.height);
      if (rep.lockout_start_s === null || rep.lockout_end_s === null) continue;
      ctx.fillRect(x(rep.lockout_start_s), bbox.top, x(rep.lockout_end_s) - x(rep.lockout_start_s), bbox.height);
    }
    ctx.restore();
  };
  const plot = new uPlot(
    {
      ...sized(place),
      padding: [10, 16, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: true, y: false }, points: { show: false } },
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), high * 1.06 || 100] } },
      axes: axes((s) => `${s} s`),
      hooks: { drawClear: [shade] },
      series: [
        {},
        { stroke: colour("--ink"), width: 2, points: { show: false } },
        { stroke: colour("--heel"), width: 2, dash: [7, 4], points: { show: false } },
      ],
    },
    [t_s.map((t) => t - start), total_n, heel_n],
    place,
  );
  keepSize(plot, place);
  const whole = [0, (t_s.at(-1) ?? 1) - start];
  const closer = set.reps.map((rep) => button(`${rep.number}`, rep.lift_off_s === null ? whole : [rep.lift_off_s - start - 1, (rep.touchdown_s ?? rep.lift_off_s + 4) - start + 1]));
  $("closer").replaceChildren(button(TEXT.wholeSet, whole), ...closer);

  function button(text, [min, max]) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: text });
    made.addEventListener("click", () => plot.setScale("x", { min, max }));
    return made;
  }
}

// All reps over one another, from their lift-off on, to the nearest point of the curve.
function drawOverlay(session) {
  const place = $("overlay");
  place.replaceChildren();
  const set = session.shown;
  const other = session.sets.find((one) => `${one.number}` === $("compare").value);
  const lines = [...linesOf(set, "--heel", []), ...(other ? linesOf(other, "--toe-text", [8, 5]) : [])];
  const length = Math.max(1, ...lines.map((line) => line.values.length));
  const x = Array.from({ length }, (_, k) => k * STEP_S - BEFORE_S);
  const plot = new uPlot(
    {
      ...sized(place),
      padding: [10, 16, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), high * 1.06 || 100] } },
      axes: axes((s) => `${s} s`),
      series: [{}, ...lines.map((line) => line.style)],
    },
    [x, ...lines.map((line) => [...line.values, ...Array(length - line.values.length).fill(null)])],
    place,
  );
  keepSize(plot, place);
  $("overlay-key").textContent = other ? TEXT.overlayTwo(set.number, SIDES[set.side], other.number, SIDES[other.side]) : TEXT.overlayOne;
}

function linesOf(set, ink, dash) {
  const { t_s, total_n } = set.curve;
  return set.reps
    .filter((rep) => rep.lift_off_s !== null && rep.touchdown_s !== null)
    .map((rep) => {
      const first = t_s.findIndex((t) => t >= rep.lift_off_s - BEFORE_S);
      const behind = t_s.findIndex((t) => t > rep.touchdown_s + AFTER_S);
      const off = rep.on_target === false;
      return {
        values: total_n.slice(Math.max(first, 0), behind < 0 ? undefined : behind),
        style: { stroke: colour(off ? "--alarm" : ink), width: off ? 3 : 2, dash, alpha: off ? 1 : 0.7, points: { show: false } },
      };
    });
}

// Left beside right, by reps on target: never by force.
function drawSides(sets) {
  const rows = ["left", "right"].map((side) => {
    const mine = sets.filter((set) => set.side === side && set.coached && !set.discarded && !set.athlete);
    const line = document.createElement("tr");
    const steady = mine.map((set) => median(set.reps.map((rep) => rep.heel_share)));
    const cells = [SIDES[side], `${mine.length}`, mine.map((set) => `${set.on_target}/${set.counted}`).join(", ") || "–", steady.map((share) => percent(share)).join(", ") || "–", mine.map((set) => one(median(set.reps.map((rep) => rep.hold_s)))).join(", ") || "–"];
    for (const text of cells) line.insertCell().textContent = text;
    return line;
  });
  $("sides").replaceChildren(...rows);
}

function median(values) {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known.length ? known[Math.floor((known.length - 1) / 2)] : null;
}
