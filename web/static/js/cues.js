// One cue at a time: what the coach says of each rep, between reps, for at least two seconds.
// On the way up sound leads; the text waits for the bottom.

import { setText } from "./glance.js";
import { CUES, STOPS, TEXT } from "./words.js";

const LEAST_MS = 2000;
const BOTTOM = new Set(["rest", "down", "off"]);
const $ = (id) => document.getElementById(id);

export class Cues {
  constructor(onSay) {
    this.onSay = onSay; // ("cue" | "stop", text): told at once, shown at the bottom
    this.forget(null);
  }

  forget(set) {
    this.setNumber = set?.number ?? null;
    this.seen = set?.cues.length ?? 0;
    this.stop = set?.stop ?? null;
    this.waiting = null;
    this.until = 0;
    this.heelUp = false;
    this.draw(null);
  }

  see(state, set) {
    if (!set?.running) return void (this.setNumber !== null && this.forget(null));
    if (set.number !== this.setNumber) this.forget(set);
    const now = performance.now();
    if (state.heel_up && !this.heelUp && set.coached) this.say({ word: "heel_lift", text: CUES.heel_lift });
    this.heelUp = state.heel_up;
    // A cue that is heard once stays: what closing a rep changes is for the summary.
    for (let at = this.seen; at < set.cues.length; at += 1) this.hear(at + 1, set.cues[at]);
    this.seen = Math.max(this.seen, set.cues.length);
    if (set.stop !== this.stop) {
      this.stop = set.stop;
      if (set.stop) this.onSay("stop", STOPS[set.stop]);
    }
    if (this.waiting && BOTTOM.has(state.phase) && now >= this.until) {
      this.until = now + LEAST_MS;
      this.draw(this.waiting);
      this.waiting = null;
    } else if (now >= this.until && !BOTTOM.has(state.phase)) this.draw(null);
    if (this.stop && now >= this.until) this.draw({ word: "stop", text: STOPS[this.stop] });
  }

  hear(number, word) {
    if (word === "counted") return;
    if (word === "on_target") this.waiting = { word, text: `${number}, ${CUES.on_target}` };
    else if (word !== "heel_lift" || !this.shownHeel) this.say({ word, text: CUES[word] });
    this.shownHeel = false;
  }

  say(cue) {
    this.waiting = cue;
    this.shownHeel = cue.word === "heel_lift";
    this.onSay("cue", cue.text);
  }

  draw(cue) {
    setText($("cue"), cue?.text ?? "");
    $("cue-band").dataset.cue = cue?.word ?? "";
  }
}

export const waitingWords = (state, planned) => {
  if (state.state === "zeroing") return [TEXT.zeroing, ""];
  if (state.state === "armed") return [TEXT.armed, TEXT.armedNote];
  return [state.phase === "off" ? TEXT.waitFoot : TEXT.waitStill, planned.note];
};
