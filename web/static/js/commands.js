// Commands to the station. The answer is {state}, or {error, confirmable}.

import { TEXT } from "./words.js";

const PATIENCE_MS = 6000;

export async function command(path, fields = {}) {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(`/api/v1/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(fields),
      signal: aborter.signal,
    });
    const value = await answer.json();
    if (answer.ok) return { state: value };
    return { error: value.error ?? TEXT.noAnswer, confirmable: value.confirmable === true };
  } catch {
    return { error: TEXT.noAnswer, confirmable: false };
  } finally {
    clearTimeout(timer);
  }
}
