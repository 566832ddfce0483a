// The words that scripts put on the page, in one place.

export const PHASES = { off: "Foot off", rest: "Rest", push: "Push", up: "Up", hold: "Hold", down: "Down" };

export const SIDES = { left: "Left", right: "Right" };

export const STATES = {
  idle: "Idle",
  zeroing: "Zeroing",
  ready: "Ready",
  waiting: "Waiting",
  armed: "Armed",
  set: "Set",
  rest: "Set over",
};

export const LINKS = {
  connecting: "Connecting",
  live: "Live",
  stale: "STALE",
  lost: "STALE · reconnecting",
};

// What is said after a rep. `counted` says nothing.
export const CUES = {
  data: "Data missing: no coaching",
  heel_lift: "Heel down",
  heel_share: "Push through your heel",
  descent: "Lower slowly",
  hold: "Hold the top",
  ascent: "Smoother up",
  sway: "Steady foot",
  on_target: "on target",
};

export const STOPS = {
  heel_lift: "The heel keeps coming up: end the set here",
  heel_share: "Light on the heel again: end the set here",
  twisted: "Hips twisted: end the set here",
  pain: "Pain: stop here",
};

// A fault in a summary, said of a rep that has it.
export const FAULTS = {
  data: "data missing",
  heel_lift: "heel came up",
  heel_share: "light on the heel",
  descent: "lowered too fast",
  hold: "held too short",
  ascent: "jerky up",
  sway: "foot swayed",
};

const CELLS = ["heel left", "heel right", "toe left", "toe right"];

export const TEXT = {
  guest: "Guest",
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
  chooseAthlete: "Choose who lifts first.",
  chooseSide: "Choose a side first.",
  askSide: "both alike last time",
  sideFirst: "fewer clean reps last time",
  badLoad: "Type the load as a number, 0 for none.",
  noAnswer: "The station did not answer. Look at the page before you tap again.",
  endsSession: (athlete) => `Ready ends the session of ${athlete}.`,
  byHand: "This variant is counted by hand: check the count by eye. It is not coached.",
  plate: { off: "Plate empty", rest: "Foot on the plate" },
  moving: "Something moves on the plate",
  waitFoot: "Foot on the plate",
  waitStill: "Keep it still",
  armed: "Lift when you are ready",
  waitNote: (name, side, reps) => [name, `${side} foot`, reps].filter(Boolean).join(" · "),
  armedNote: "The first rep starts the set. Stepping off ends it.",
  comeBack: "Foot back on within 10 s goes on with the set.",
  soundOn: "Sound on",
  soundSoft: "Sound soft",
  soundOff: "Sound off",
  coachView: "Coach view",
  athleteView: "Athlete view",
  estimated: "estimated",
  cut: "cut off",
  closing: "Last reps are being worked out.",
  gaps: (percent) => `${percent} % of data`,
  score: (n, of) => `${n} of ${of} on target`,
  firstOff: (rep, why) => `Rep ${rep} was the first off target: ${why}.`,
  allOn: "Every rep was on target. Were the hips level? Only you or your coach can tell.",
  notCoached: "Counted by hand: not judged.",
  baseline: "This set showed what is usual for you.",
  unknown: (n) => `${n} could not be judged.`,
  strip: (shares) => `Heel share per rep: ${shares}`,
  restLeft: "rest",
  restOver: "Rested",
  nextSet: (side, reps) => `Next: ${side.toLowerCase()} foot${reps ? `, ${reps} reps` : ""}`,
  overToday: "Done for today",
  noSets: "No set was recorded in this session.",
  discarded: "not counted",
  compareNone: "nothing",
  wholeSet: "Whole set",
  levelIn: (n) => `hips level in ${n}`,
  feltIn: (where) => `felt in ${where}`,
  overlayOne: "From lift-off on. Orange: off target.",
  overlayTwo: (a, sideA, b, sideB) => `Solid: set ${a}, ${sideA.toLowerCase()}. Dashed: set ${b}, ${sideB.toLowerCase()}. Force is no measure of strength.`,
  takeHome: (minutes) => `Curves and reps of this session. Works once, for ${minutes} minutes, on the same Wi-Fi.`,
  unreachable: "This station listens on its own machine only: start it with --host 0.0.0.0 for phones to reach it.",
};

export const repsOf = (n) => `${n} ${n === 1 ? "rep" : "reps"}`;

export function aim(goal, target) {
  if (target) return `of ${target}`;
  if (goal.reps_low === null) return "";
  return goal.reps_low === goal.reps_high ? `of ${goal.reps_low}` : `of ${goal.reps_low}–${goal.reps_high}`;
}

export const one = (value) => (value === null ? "–" : value.toFixed(1));

export const percent = (share) => (share === null ? "–" : `${Math.round(share * 100)}`);
