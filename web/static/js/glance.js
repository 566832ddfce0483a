// The part that is read from the bench: count, phase, hold ring, heel and toe.

import { PHASES, TEXT, aim, one, percent, repsOf } from "./words.js";

const $ = (id) => document.getElementById(id);

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export class Glance {
  constructor() {
    this.lastHoldS = null;
  }

  show(state, set) {
    const running = set?.running === true;
    $("count-title").parentElement.classList.toggle("not-recorded", !running);
    setText($("count-title"), running ? `Set ${set.number}` : TEXT.practice);
    setText($("count"), `${running ? set.counted : state.practice_counted}`);
    setText($("count-note"), running ? aim(set.goal) || repsOf(set.counted).replace(/^\d+ /, "") : TEXT.notRecorded);
    setText($("phase"), state.state === "zeroing" ? "Zeroing" : PHASES[state.phase]);
    this.showHold(state, running ? set.goal.hold_s : null);
    this.showFoot(state.heel_share, set?.side);
    setText($("total"), state.total_n === null ? "–" : `${Math.round(state.total_n)} N`);
  }

  showHold(state, aimS) {
    const holding = state.phase === "hold";
    if (holding) this.lastHoldS = state.phase_s;
    else if (state.phase === "up" || state.phase === "off") this.lastHoldS = null;
    const holdS = this.lastHoldS;
    const ring = $("ring-fill");
    const part = holdS === null ? 0 : aimS === null ? 1 : Math.min(holdS / aimS, 1);
    ring.style.strokeDasharray = part === 1 ? "none" : `${100 * part} 100`; // a full dash would show a seam
    ring.classList.toggle("reached", aimS !== null && part === 1);
    $("hold").parentElement.classList.toggle("past", !holding);
    setText($("hold"), one(holdS));
    setText($("hold-note"), aimS === null ? "s hold" : `of ${one(aimS)} s`);
  }

  showFoot(heelShare, side) {
    const heel = heelShare === null ? null : Math.min(Math.max(heelShare, 0), 1);
    $("heel-fill").style.width = `${100 * (heel ?? 0)}%`;
    $("toe-fill").style.width = `${heel === null ? 0 : 100 * (1 - heel)}%`;
    const heelText = percent(heel);
    setText($("heel-share"), heel === null ? "–" : `${heelText} %`);
    setText($("toe-share"), heel === null ? "–" : `${100 - Number(heelText)} %`);
    $("sole").classList.toggle("left", side === "left");
  }
}
