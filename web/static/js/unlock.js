// The code that opens the history.

import { command } from "./commands.js";

const $ = (id) => document.getElementById(id);

$("unlock").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { error } = await command("history/open", { athlete: $("who").value || null, code: $("code").value });
  if (error === undefined) return location.reload();
  $("wrong").textContent = error;
  $("code").value = "";
  $("code").focus();
});
