// The last set's reps, and the session's downloads.

import { SIDES, TEXT, one, percent, repsOf } from "./words.js";
import { loadText } from "./units.js";

const $ = (id) => document.getElementById(id);

// Returns whether there is a set to show.
export function showSummary(session, set, unit) {
  const shown = set !== undefined && !set.running;
  $("summary").hidden = !shown;
  if (!shown) return false;
  $("summary-title").textContent = `Set ${set.number} · ${SIDES[set.side]} · ${repsOf(set.counted)}`;
  const words = [set.goal.name, loadText(set.load_kg, unit)];
  if (set.reps.length < set.counted) words.push(TEXT.closing);
  $("summary-note").textContent = words.join(" · ");
  $("download").href = `/api/v1/sessions/${session.number}/csv.zip`;
  $("reps").replaceChildren(...set.reps.map(row));
  return true;
}

function row(rep) {
  const line = document.createElement("tr");
  const cells = [rep.number, one(rep.up_s), one(rep.hold_s), one(rep.down_s), percent(rep.heel_share), notes(rep)];
  for (const text of cells) line.insertCell().textContent = text;
  line.cells[4].className = "heel-cell";
  return line;
}

function notes(rep) {
  const words = [];
  if (rep.confidence === "estimated") words.push(TEXT.estimated);
  if (!rep.complete) words.push(TEXT.cut);
  if (rep.valid_fraction < 0.995) words.push(TEXT.gaps(Math.floor(rep.valid_fraction * 100)));
  return words.join(", ");
}
