// A backup restored: chosen here or on a stick, checked by the station, agreed to, and waited for.

import { command, fromThisPage } from "./commands.js";
import { clock, size, tell } from "./telling.js";
import { TEXT } from "./words.js";

const EVERY_MS = 1000;
const PATIENCE_MS = 20000;
const BACK_WITHIN_MS = 90000;
const TOLD = "heeldrive-restored"; // over the page's own reload
const $ = (id) => document.getElementById(id);

let mine = false; // this page has begun it, so that it asks and is told
let waiting = null; // {token, since}: ordered here, until the station is back
let sending = null; // ends the upload
let offered = ""; // the sticks' backups as they are on the page

async function look() {
  if (document.hidden && !waiting) return;
  const answer = await fetch("/api/v1/restore").catch(() => null);
  if (waiting) return back(answer);
  if (!answer?.ok) return; // the other half of the page says so
  const { restore, here, sticks } = await answer.json();
  const busy = restore?.step === "reading" || restore?.step === "ordered";
  offer(sticks, busy);
  show(restore, busy);
  if (restore?.step !== "checked") return $("restore-dialog").close();
  describe(restore, here);
  if (mine && !$("restore-dialog").open) $("restore-dialog").showModal();
}

function offer(sticks, busy) {
  $("restore-check").disabled = busy || !$("restore-file").files.length;
  const key = JSON.stringify([sticks, busy]);
  if (key === offered) return;
  offered = key;
  const buttons = sticks.map((one) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button primary" });
    const facts = document.createElement("small");
    facts.textContent = size(one.length_bytes);
    button.append(TEXT.checkOn(one.stick), facts);
    button.disabled = busy;
    button.addEventListener("click", () => readStick(one.path));
    return button;
  });
  $("restore-sticks").replaceChildren(...buttons);
}

function show(restore, busy) {
  $("restore-now").hidden = !busy;
  $("restore-look").hidden = restore?.step !== "checked" || mine;
  $("restore-cancel").hidden = restore?.step !== "reading";
  const told = $("restore-told");
  if (restore?.step === "reading") {
    const { called, read_bytes: read, of_bytes: of } = restore;
    $("restore-text").textContent = read < of ? TEXT.reading(called, size(read), size(of)) : TEXT.checking(called);
    if (read < of) $("restore-progress").value = read / of;
    else $("restore-progress").removeAttribute("value");
    tell(told, "", true);
  } else if (restore?.step === "ordered") {
    restarts();
  } else if (mine && restore?.step === "refused") {
    tell(told, restore.told, false);
  }
}

function describe({ holds }, here) {
  $("restore-holds").textContent = TEXT.holding(holds.sessions, holds.athletes);
  $("restore-here").textContent = TEXT.holding(here.sessions, here.athletes);
  $("restore-made").textContent = TEXT.madeBy(clock(holds.made_utc), holds.version) + TEXT.newest(clock(holds.newest_utc));
  $("restore-damaged").textContent = holds.damaged.length ? TEXT.damagedOnes(holds.damaged) : "";
}

$("restore").addEventListener("submit", async (event) => {
  event.preventDefault();
  begin();
  sending = new AbortController();
  try {
    const answer = await fetch("/api/v1/restore/file", {
      method: "POST",
      headers: fromThisPage({ "Content-Type": "application/octet-stream" }),
      body: $("restore-file").files[0],
      signal: sending.signal,
    });
    if (!answer.ok) tell($("restore-told"), (await answer.json()).error ?? TEXT.noAnswer, false);
  } catch {
    tell($("restore-told"), TEXT.noAnswer, false); // or it would not hear it all: then its state says why
  }
  sending = null;
  look();
});

async function readStick(path) {
  begin();
  const { error } = await command("restore/stick", { path }, PATIENCE_MS);
  if (error) tell($("restore-told"), error, false);
  look();
}

function begin() {
  mine = true;
  $("restore-check").disabled = true;
  tell($("restore-told"), "", true);
}

async function cancel() {
  $("restore-dialog").close();
  await command("restore/cancel");
  sending?.abort();
  look();
}

function keep() {
  mine = false;
  cancel();
}

$("restore-file").addEventListener("change", () => ($("restore-check").disabled = !$("restore-file").files.length));
$("restore-cancel").addEventListener("click", cancel);
$("restore-no").addEventListener("click", keep);
$("restore-dialog").addEventListener("cancel", keep);
$("restore-look").addEventListener("click", () => {
  mine = true;
  look();
});

$("restore-yes").addEventListener("click", async () => {
  $("restore-yes").disabled = true;
  $("restore-refused").textContent = "";
  const asked = await fetch("/api/v1/restore").catch(() => null);
  const token = asked?.ok ? ((await asked.json()).restore?.token ?? "") : "";
  const { state, error } = await command("restore/replace", { token }, PATIENCE_MS);
  $("restore-yes").disabled = false;
  if (error && error !== TEXT.noAnswer) return ($("restore-refused").textContent = error);
  waiting = { token: state?.restore.token ?? token, since: Date.now() };
  $("restore-dialog").close();
  return restarts();
});

function restarts() {
  $("restore-now").hidden = false;
  $("restore-cancel").hidden = true;
  $("restore-look").hidden = true;
  $("restore-text").textContent = TEXT.restarting;
  $("restore-progress").removeAttribute("value");
}

// The station is back once it tells of this restore, or knows nothing of it any more.
async function back(answer) {
  if (Date.now() - waiting.since > BACK_WITHIN_MS) tell($("restore-told"), TEXT.noReturn, false);
  if (answer?.status === 401 || answer?.status === 403) return location.reload(); // this device may not any more
  const restore = answer?.ok ? (await answer.json()).restore : undefined;
  if (restore === undefined || (restore?.token === waiting.token && ["checked", "ordered"].includes(restore.step))) return;
  const ended = restore?.token === waiting.token;
  const told = ended ? restore.told : TEXT.notRestored;
  sessionStorage.setItem(TOLD, JSON.stringify([told, ended && restore.step === "done"]));
  location.reload();
}

let toDelete = "";

$("kept")?.addEventListener("click", (event) => {
  toDelete = event.target.closest("button")?.dataset.name ?? "";
  if (!toDelete) return;
  $("kept-ask").textContent = TEXT.deleteKept(toDelete);
  $("kept-dialog").showModal();
});
$("kept-no").addEventListener("click", () => $("kept-dialog").close());
$("kept-yes").addEventListener("click", async () => {
  $("kept-dialog").close();
  const { error } = await command("restore/delete-kept", { name: toDelete }, PATIENCE_MS);
  tell($("restore-told"), error ?? TEXT.deletedKept(toDelete), !error);
  if (!error) document.querySelector(`button[data-name="${toDelete}"]`).closest("li").remove();
});

const told = sessionStorage.getItem(TOLD);
if (told) {
  sessionStorage.removeItem(TOLD);
  tell($("restore-told"), ...JSON.parse(told));
}
look();
setInterval(look, EVERY_MS);
