// The part that is read from the bench: count, hold ring, heel and toe.

import { PHASES, TEXT, aim, one, percent, repsOf } from "./words.js";

export const SLOW_UP_S = 2; // after a slower way up the start of the hold is not known well enough to count down
const SOLE = { toe: [0, 145], heel: [155, 145] }; // y and height of the two halves in the drawing
const SHORT_RING = 0.95;
const STEPS = 400; // of a bar: a step is a pixel of the largest
const $ = (id) => document.getElementById(id);

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export class Glance {
  constructor() {
    this.holdS = null;
    this.topS = 0; // when the hold began, on the station's clock
    this.upS = 0;
  }

  show(state, set) {
    const running = set?.running === true;
    $("count-title").parentElement.classList.toggle("not-recorded", !running);
    setText($("count-title"), running ? `Set ${set.number}` : TEXT.practice);
    setText($("count"), `${running ? set.counted : state.practice_counted}`);
    setText($("count-note"), running ? this.aimOf(set) : TEXT.notRecorded);
    setText($("phase"), state.state === "zeroing" ? "Zeroing" : PHASES[state.phase]);
    this.showHold(state, running ? set.goal.hold_s : null, running ? set.reps.at(-1) : undefined);
    this.showFoot(state.heel_share, set?.side);
    this.showZone(running ? set.heel_zone_from : null);
    setText($("total"), state.total_n === null ? "–" : `${Math.round(state.total_n)} N`);
  }

  aimOf(set) {
    return aim(set.goal, set.plan.target_reps) || repsOf(set.counted).replace(/^\d+ /, "");
  }

  // Live it runs on until the way down shows, which then began a while before; or until the landing. Then
  // the rep is judged, and its own hold is what is seen.
  showHold(state, aimS, rep) {
    const holding = state.phase === "hold";
    if (state.phase === "up") this.upS = state.phase_s;
    if (holding) {
      const topS = state.monotonic_s - state.phase_s;
      Object.assign(this, { holdS: state.phase_s, topS, repBefore: rep?.id, short: false });
    } else if (state.phase === "up" || state.phase === "off") {
      this.holdS = null;
    } else if (rep && rep.id !== this.repBefore && this.holdS !== null) {
      Object.assign(this, { holdS: rep.hold_s, short: rep.faults.includes("hold") });
    } else if (state.phase === "down" && this.holdS !== null) {
      this.holdS = Math.max(state.monotonic_s - state.phase_s - this.topS, 0);
    }
    const slow = this.upS > SLOW_UP_S;
    const aimed = aimS !== null && !slow;
    const most = this.short ? SHORT_RING : 1; // a hold that was too short by a hair is no full ring
    const part = this.holdS === null ? 0 : aimed ? Math.min(this.holdS / aimS, most) : 1;
    const ring = $("ring-fill");
    ring.style.strokeDasharray = part === 1 ? "none" : `${100 * part} 100`; // a full dash would show a seam
    ring.classList.toggle("reached", aimed && part === 1);
    $("hold").parentElement.classList.toggle("past", !holding);
    setText($("hold"), one(this.holdS));
    setText($("hold-note"), slow && this.holdS !== null ? TEXT.estimated : aimed ? `of ${one(aimS)} s` : "s hold");
  }

  showFoot(heelShare, side) {
    const heel = heelShare === null ? null : Math.min(Math.max(heelShare, 0), 1);
    const toe = heel === null ? null : 1 - heel;
    this.fillHalves(Math.round(STEPS * (heel ?? 0)) / STEPS, Math.round(STEPS * (toe ?? 0)) / STEPS);
    const heelText = percent(heel);
    setText($("heel-share"), heel === null ? "–" : `${heelText} %`);
    setText($("toe-share"), heel === null ? "–" : `${100 - Number(heelText)} %`);
    $("sole").classList.toggle("left", side === "left");
  }

  // Two bars, and each half of the drawing, which fills from below with its own share.
  fillHalves(heel, toe) {
    if (heel === this.heel && toe === this.toe) return;
    Object.assign(this, { heel, toe });
    this.fillHalf("heel", heel);
    this.fillHalf("toe", toe);
  }

  fillHalf(half, share) {
    const [top, height] = SOLE[half];
    const filled = height * share;
    $(`${half}-fill`).style.width = `${100 * share}%`;
    $(`${half}-sole`).setAttribute("y", `${top + height - filled}`);
    $(`${half}-sole`).setAttribute("height", `${filled}`);
  }

  showZone(from) {
    const text = from === null ? "" : TEXT.zone(percent(from));
    if ($("zone-label").textContent === text) return;
    setText($("zone-label"), text);
    $("zone").hidden = from === null;
    $("zone").style.left = `${100 * from}%`;
  }
}
