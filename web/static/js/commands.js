// Commands to the station. The answer is {state}, or {error, confirmable}.

import { TEXT } from "./words.js";

const PATIENCE_MS = 6000;

// What a page of a paired device has in it, and another site's can't know.
export function fromThisPage(headers) {
  const token = document.querySelector("meta[name=page-token]")?.content;
  return token ? { ...headers, "X-Heeldrive-Page": token } : headers;
}

export async function command(path, fields = {}, patienceMs = PATIENCE_MS) {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), patienceMs);
  try {
    const answer = await fetch(`/api/v1/${path}`, {
      method: "POST",
      headers: fromThisPage({ "Content-Type": "application/json" }),
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
