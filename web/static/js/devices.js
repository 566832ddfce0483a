// The owner's list of devices: one more by a code, another name, none any more.

import { command } from "./commands.js";
import { TEXT } from "./words.js";

const $ = (id) => document.getElementById(id);
const sure = new Set(); // devices that were tapped once: a second tap, so that a sweaty one takes nothing away

for (const button of document.querySelectorAll("[data-role]")) {
  button.addEventListener("click", async () => {
    const { state, error } = await command("devices/code", { role: button.dataset.role });
    $("add-told").textContent = error ?? "";
    $("shown").hidden = error !== undefined;
    if (error) return;
    $("qr").src = state.qr;
    $("qr").alt = TEXT.pairQr;
    $("shown-for").textContent = TEXT.pairFor(button.textContent.trim());
    $("code").textContent = state.code;
    $("url").textContent = state.url.split("#")[0];
    $("unreachable").hidden = state.reachable;
  });
}

function when(utc) {
  return utc ? new Date(utc).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) : TEXT.timeUnknown;
}

function line(device) {
  const made = $("device").content.cloneNode(true);
  const [label, name, facts, revoke] = [".title", ".box", ".quiet", ".button"].map((part) => made.querySelector(part));
  label.textContent = TEXT.deviceRole(device.role, device.this_one);
  name.value = device.name;
  facts.textContent = TEXT.deviceSeen(when(device.seen_utc), when(device.paired_utc), device.good_for_days);
  revoke.setAttribute("aria-label", TEXT.revoke(device.name));
  name.addEventListener("change", () => change("devices/rename", { id: device.id, name: name.value }));
  if (sure.has(device.id)) askAgain(revoke);
  revoke.addEventListener("click", () => {
    if (sure.has(device.id)) return change("devices/revoke", { id: device.id });
    sure.add(device.id);
    return askAgain(revoke);
  });
  return made;
}

function askAgain(button) {
  button.textContent = TEXT.sure;
  button.classList.add("danger");
}

function show({ devices }) {
  $("devices").replaceChildren(...devices.map(line));
  $("none").hidden = devices.length > 0;
}

async function change(path, fields) {
  const { state, error } = await command(path, fields);
  $("list-told").textContent = error ?? "";
  if (error === undefined) show(state);
  else await look();
}

async function look() {
  const answer = await fetch("/api/v1/devices").catch(() => null);
  if (answer?.status === 401) location.assign("/"); // this very device was taken away
  else if (answer?.ok) show(await answer.json());
  else $("list-told").textContent = TEXT.noAnswer;
}

$("codes").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = { athlete: $("codes-who").value || null, code: $("codes-code").value || null };
  const { error } = await command("codes", fields);
  $("codes-told").textContent = error ?? TEXT.codeKept(fields.code !== null);
  $("codes-told").classList.toggle("well", error === undefined);
  $("codes-told").classList.toggle("unwell", error !== undefined);
  $("codes-code").value = "";
});

look();
