// The words that scripts put on the page, in one place.

export const PHASES = { off: "Foot off", rest: "Rest", push: "Push", up: "Up", hold: "Hold", down: "Down" };

export const SIDES = { left: "Left", right: "Right" };

export const STATES = { idle: "Idle", zeroing: "Zeroing", ready: "Ready", set: "Set", rest: "Set over" };

export const LINKS = {
  connecting: "Connecting",
  live: "Live",
  stale: "STALE",
  lost: "STALE · reconnecting",
};

const CELLS = ["heel left", "heel right", "toe left", "toe right"];

export const TEXT = {
  practice: "Practice",
  notRecorded: "not recorded",
  zeroing: "Zeroing the plate: keep off it",
  noPlate: "Nothing comes from the plate's sampler.",
  noNewData: (s) => `No new data from the plate for ${s} s.`,
  lost: (s) => `Nothing from the station for ${s} s. The page tries again by itself.`,
  notKept: (fault) => `Not being recorded: ${fault}`,
  silentCell: (cell) => `The ${CELLS[cell]} cell gives nothing.`,
  cellFault: (cell, fault) => `Cell ${CELLS[cell]}: ${fault}`,
  withdrawn: "One rep was taken back: it turned out to be none.",
  chooseSide: "Choose a side first.",
  badLoad: "Type the load as a number, 0 for none.",
  noAnswer: "The station did not answer. Look at the page before you tap again.",
  endsSession: (athlete) => `Starting ends the session of ${athlete}.`,
  closing: "last reps are being worked out",
  cut: "cut off",
  estimated: "estimated",
  gaps: (percent) => `${percent} % of data`,
};

export const repsOf = (n) => `${n} ${n === 1 ? "rep" : "reps"}`;

export function aim(goal) {
  if (goal.reps_low === null) return "";
  return goal.reps_low === goal.reps_high ? `of ${goal.reps_low}` : `of ${goal.reps_low}–${goal.reps_high}`;
}

export const one = (value) => (value === null ? "–" : value.toFixed(1));

export const percent = (share) => (share === null ? "–" : `${Math.round(share * 100)}`);
