// This device comes in: by a code that was scanned or typed, or by the PIN.

import { command } from "./commands.js";

const $ = (id) => document.getElementById(id);
const scanned = location.hash.slice(1);

if (/^[A-Z]{6}$/.test(scanned)) {
  $("secret").value = `${scanned.slice(0, 3)} ${scanned.slice(3)}`;
  history.replaceState(null, "", location.pathname); // it is good once, and no business of the history
}

// Only the PIN asks what the device becomes: a code says so itself.
function showRole() {
  $("as").hidden = !/^\d/.test($("secret").value);
}

$("secret").addEventListener("input", showRole);
showRole();

$("pair").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = { secret: $("secret").value, name: $("name").value, role: $("pair").elements.role.value };
  const { error } = await command("pair", fields);
  if (error === undefined) return location.pathname === "/pair" ? location.assign("/") : location.reload();
  $("wrong").textContent = error;
  $("secret").select();
});
