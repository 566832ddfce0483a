// Locks the history again for this tablet.

import { command } from "./commands.js";

document.getElementById("lock")?.addEventListener("click", async () => {
  await command("history/close");
  location.assign("/");
});
