// What this tablet remembers of the last entries. Without storage it simply forgets.

const KEY = "heeldrive.entries";
const MOST = 4; // one of them is the athlete in the box, the others are tiles

export function recall() {
  try {
    const entries = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(entries) ? entries.filter((entry) => entry && typeof entry.athlete === "string") : [];
  } catch {
    return [];
  }
}

// Puts `entry` first, in place of what was known of the same athlete.
export function remember(entry) {
  const others = recall().filter((old) => old.athlete !== entry.athlete);
  try {
    localStorage.setItem(KEY, JSON.stringify([entry, ...others].slice(0, MOST)));
  } catch {
    // A full or forbidden storage costs only the memory.
  }
}
