// A file from elsewhere: sent as it is, shown as the station finds it.

import { fromThisPage } from "./commands.js";
import { TEXT, one, percent, repsOf } from "./words.js";

const $ = (id) => document.getElementById(id);

$("choose").addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = $("file").files[0];
  $("told").textContent = file ? "" : TEXT.chooseFile;
  if (!file) return;
  $("work").disabled = true;
  try {
    const answer = await fetch(`/api/v1/analyze?side=${$("choose").elements.side.value}`, {
      method: "POST",
      headers: fromThisPage({ "Content-Type": "application/octet-stream" }),
      body: file,
    });
    const value = await answer.json();
    if (answer.ok) show(value);
    else $("told").textContent = value.error;
  } catch {
    $("told").textContent = TEXT.noAnswer;
  }
  $("work").disabled = false;
});

function show({ analysis, picture }) {
  $("found").hidden = false;
  $("found-count").textContent = repsOf(analysis.reps.length);
  $("found-picture").src = picture;
  $("found-reps").replaceChildren(
    ...analysis.reps.map((rep) => {
      const line = document.createElement("tr");
      const at = rep.lift_off_s ?? rep.touchdown_s;
      for (const text of [rep.index, one(at), one(rep.up_s), one(rep.hold_s), one(rep.down_s), percent(rep.heel_share), style(rep)]) line.insertCell().textContent = text;
      return line;
    }),
  );
}

function style(rep) {
  const words = [rep.style.replace("_", "-")];
  if (rep.confidence === "estimated") words.push(TEXT.estimated);
  if (!rep.complete) words.push(TEXT.cut);
  return words.join(", ");
}
