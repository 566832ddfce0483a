// The owner's page: everything onto a stick, with its progress; an athlete deleted by name.

import { command } from "./commands.js";
import { size, tell } from "./telling.js";
import { TEXT } from "./words.js";

const EVERY_MS = 1000;
const PATIENCE_MS = 20000;
const $ = (id) => document.getElementById(id);

let shown = ""; // the sticks as they are on the page: a button is not replaced under a finger
let ours = false; // a copy has run since the page was opened

async function look() {
  if (document.hidden) return;
  const answer = await fetch("/api/v1/sticks").catch(() => null);
  if (!answer?.ok) return tell($("copy-told"), TEXT.noAnswer, false);
  if ($("copy-told").textContent === TEXT.noAnswer) tell($("copy-told"), "", true);
  const { sticks, copy } = await answer.json();
  showSticks(sticks, copy?.running === true);
  showCopy(copy, sticks);
}

function showSticks(sticks, busy) {
  const key = JSON.stringify([sticks.map((stick) => [stick.path, size(stick.free_bytes), stick.read_only]), busy]);
  if (key === shown) return;
  shown = key;
  const nothing = Object.assign(document.createElement("p"), { className: "quiet", textContent: TEXT.noStick });
  const buttons = sticks.map((stick) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button primary" });
    const facts = document.createElement("small");
    facts.textContent = stick.read_only ? TEXT.readOnly : TEXT.free(size(stick.free_bytes));
    button.append(TEXT.copyTo(stick.name), facts);
    button.disabled = busy || stick.read_only;
    button.addEventListener("click", () => begin(stick));
    return button;
  });
  $("sticks").replaceChildren(...(buttons.length ? buttons : [nothing]));
}

// How the newest copy ended is told as long as its stick is in, also to a page opened later.
function showCopy(copy, sticks) {
  const running = copy?.running === true;
  ours ||= running;
  $("copy").hidden = !running;
  if (running) {
    $("copy-text").textContent = TEXT.copying(copy.stick, copy.done, copy.of, size(copy.written_bytes));
    $("copy-progress").max = copy.of;
    $("copy-progress").value = copy.done;
    tell($("copy-told"), "", true);
  } else if (copy && (ours || sticks.some((stick) => stick.name === copy.stick))) {
    tell($("copy-told"), copy.told, copy.well);
  }
}

async function begin(stick) {
  const forms = [...document.querySelectorAll("input[name=form]:checked")].map((box) => box.value);
  $("copy-error").textContent = "";
  const { error } = await command("sticks/copy", { path: stick.path, forms }, PATIENCE_MS);
  if (error) {
    $("copy-error").textContent = error;
    return null;
  }
  return look();
}

$("copy-cancel").addEventListener("click", () => command("sticks/cancel").then(look));

const typed = () => $("forget-typed").value.trim().replace(/\s+/g, " ");
const agreed = () => $("forget-who").value !== "" && typed() === $("forget-who").value;
$("forget")?.addEventListener("input", () => ($("forget-do").disabled = !agreed()));
$("forget")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!agreed()) return;
  const athlete = $("forget-who").value;
  $("forget-do").disabled = true;
  const { state, error } = await command("athletes/forget", { athlete, typed: typed() }, PATIENCE_MS);
  if (error) {
    $("forget-do").disabled = false;
    return tell($("forget-told"), error, false);
  }
  $("forget-who").selectedOptions[0].remove();
  $("forget").reset();
  return tell($("forget-told"), state.told.join("\n"), true);
});

look();
setInterval(look, EVERY_MS);
