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

// What somebody says of a rep.
export const BY_HAND = {
  removed: "No rep: take it back",
  off_target: "Off target",
  twisted: "Hips twisted",
  pain: "Pain",
};

export const NOTED = {
  removed: "taken back by hand",
  off_target: "off target, by hand",
  twisted: "hips twisted",
  pain: "pain",
  added: "added by hand",
};

const CELLS = ["heel left", "heel right", "toe left", "toe right"];

export const TEXT = {
  pairQr: "The code to scan with the other device",
  pairFor: (what) => `For ${what.charAt(0).toLowerCase()}${what.slice(1)}:`,
  timeUnknown: "an unknown time",
  deviceRole: (role, thisOne) => `${role === "owner" ? "Owner’s device" : "Gym tablet"}${thisOne ? " · this one" : ""}`,
  deviceSeen: (seen, paired, days) => `Last seen ${seen} · paired ${paired} · forgotten after ${days} days unseen`,
  revoke: (name) => `Take ${name} away`,
  sure: "Tap again: take it away",
  codeKept: (kept) => (kept ? "The code is kept." : "The code is taken away."),
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
  badRuler: "Type what the ruler says as a number of cm, or leave it empty.",
  plateAt: (cm) => `plate at ${Number(cm.toFixed(1))} cm`,
  heelPaused: "The plate was moved: heel cues were paused.",
  badLoad: "Type the load as a number, 0 for none.",
  noStick: "No stick is here: put one in.",
  readOnly: "read-only",
  free: (size) => `${size} free`,
  copyTo: (name) => `Copy everything to ${name}`,
  copying: (name, done, of, size) => `Copying to ${name}: step ${Math.min(done + 1, of)} of ${of}, ${size} written. Leave it in.`,
  checkOn: (stick) => `Check the backup on ${stick}`,
  reading: (called, read, of) => `${called}: ${read} of ${of} read. Nothing is replaced yet.`,
  checking: (called) => `${called} is being checked. Nothing is replaced yet.`,
  restarting: "The backup is being put in place: the station restarts. This page waits for it.",
  noReturn: "The station has not come back yet. It holds all of the backup, or all of what was here: start it again, or look into its log.",
  notRestored: "The station is back, but nothing was replaced.",
  holding: (sessions, athletes) => `${sessions} ${sessions === 1 ? "session" : "sessions"} of ${athletes} ${athletes === 1 ? "athlete" : "athletes"}`,
  madeBy: (when, version) => ["Made", when ? `on ${when}` : "at a time not known", version ? `by Heeldrive ${version}` : ""].filter(Boolean).join(" "),
  newest: (when) => (when ? `; its newest session began on ${when}.` : "."),
  damagedOnes: (numbers) => (numbers.length === 1 ? `Session ${numbers[0]} was damaged when the backup was made, and comes back as it stands.` : `Sessions ${numbers.join(", ")} were damaged when the backup was made, and come back as they stand.`),
  deleteKept: (name) => `Delete ${name}?`,
  deletedKept: (name) => `${name} is deleted.`,
  noAnswer: "The station did not answer. Look at the page before you tap again.",
  here: (n) => `here now · ${n} ${n === 1 ? "set" : "sets"}`,
  partner: (side, reps) => [`${side.toLowerCase()} foot`, reps ? repsOf(reps) : ""].filter(Boolean).join(", "),
  byHand: "This variant is counted by hand: check the count by eye. It is not coached.",
  plate: { off: "Plate empty", rest: "Foot on the plate" },
  moving: "Something moves on the plate",
  waitFoot: "Foot on the plate",
  waitStill: "Keep it still",
  armed: "Lift when you are ready",
  waitNote: (name, side, reps, plate) => [name, `${side} foot`, reps, plate].filter(Boolean).join(" · "),
  armedNote: "The first rep starts the set. Stepping off ends it.",
  comeBack: (s) => `Foot back on within ${s} s goes on with the set.`,
  soundOn: "Sound on",
  soundSoft: "Sound soft",
  soundOff: "Sound off",
  coachView: "Coach view",
  athleteView: "Athlete view",
  estimated: "estimated",
  cut: "cut off",
  steady: (percent) => `top held within ± ${percent} %`,
  least: (value) => `from ${value}`,
  chooseFile: "Choose a file first.",
  missed: "The station missed it: it counts",
  asSeen: "As the station saw it",
  repTitle: (n) => `Rep ${n}`,
  takeAway: "Not there: take it away",
  typeName: "Type the name of whose set it was.",
  movedTo: (name) => `moved to ${name}`,
  closing: "Last reps are being worked out.",
  gaps: (percent) => `${percent} % of data`,
  score: (n, of) => `${n} of ${of} on target`,
  firstOff: (rep, why) => `Rep ${rep} was the first off target: ${why}.`,
  allOn: "Every rep was on target. Were the hips level? Only you or your coach can tell.",
  notCoached: "Counted by hand: not judged.",
  baseline: "This set showed what is usual for you.",
  unknown: (n) => `${n} could not be judged.`,
  strip: (shares) => `Heel share per rep: ${shares}`,
  zone: (percent) => `target zone from ${percent} %`,
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

// The page that calibrates.
export const CALIBRATE = {
  noZero: "no zero yet",
  kg: (kg) => `${Math.abs(kg).toFixed(2)} kg`,
  gate: ({ word, value, limit, unit }) => `${GATES[word]} ${value === null ? "–" : sized(value)} ${unit} (${word === "felt" ? "from" : "up to"} ${sized(limit)})`,
  drift: (n) => `The zero drifts by ${n < 0 ? "−" : "+"}${Math.abs(n).toFixed(2)} N a minute.`,
  takeOff: "Take everything off, feet too",
  putDown: "Waiting for the mass",
  moveOn: "Carry it to the next spot",
  ready: "Empty and still: it can be zeroed",
  feetToo: "Feet too. It is read by itself once nothing has moved for 3 s.",
  ended: "It can't go on",
  beginAgain: "Back to the beginning",
  working: "Working it out …",
  letGo: "Let go, keep still",
  reading: "Reading",
  leaving: (s) => `Stays there: ${Math.floor(s / 60)} min ${Math.floor(s % 60)} s of 5 min`,
  count: (kind, n, of) => `${kind === "calibration" ? "Calibration" : "Verification"}: step ${n} of ${of}`,
  left: (s) => (s < 90 ? `about ${Math.max(10, Math.round(s / 10) * 10)} s left` : `about ${Math.round(s / 60)} min left`),
  emptyIt: "Empty the plate",
  put: ({ mass_kg: kg, spot, kind }) => `${kg} kg on ${spot}${kind === "leave" ? ", 5 minutes" : ""}`,
  empty: "Empty plate",
  taken: "taken",
  felt: (n) => `${n.toFixed(1)} N felt`,
  resultTitle: (whole) => (whole ? "Result" : "Usable already"),
  resultNote: "Standard errors to be expected under a foot; what the masses themselves are wrong by comes on top.",
  expectedNow: "Expected now",
  withOne: ({ one_mass_kg: kg, one_spot: spot }) => `Expected with one more: ${kg} kg on ${spot}`,
  residuals: "Residuals of the placements, RMS",
  heldOut: "Each placement as all others predict it, RMS",
  withGrid: "Expected with the whole grid as well",
  errors: ({ force_percent: force, heel_points: heel, right_mm: right }) =>
    [
      force < 0.01 ? "force below 0.01 %" : `force ${force.toFixed(2)} %`, // 0.00 is no error's size
      heel === undefined ? "" : `heel share ${heel.toFixed(2)} points`,
      `left-right place ${right.toFixed(2)} mm`,
    ].filter(Boolean).join(", "),
  keep: (whole) => (whole ? "Keep it" : "Keep what there is, and stop"),
  one: ({ now, one }) => `One more (place ${now.right_mm.toFixed(2)} → ${one.right_mm.toFixed(2)} mm)`,
  grid: ({ now, grid }) => `The whole grid (place ${now.right_mm.toFixed(2)} → ${grid.right_mm.toFixed(2)} mm)`,
  letBe: "Let it be",
  verified: "The certificate has every number, the limits, and what they rest on.",
  print: "Certificate to print",
  done: "Done",
  noneKept: "None is kept yet: newtons are nominal.",
  inUse: "in use",
  use: "Use this one",
  certificate: "Certificate",
  everything: "All readings",
  verdictOf: ({ verdict, verified }) => `Verified ${verified}: ${verdict}`,
  id: (id) => `id ${id}`,
  stopTitle: "Stop here?",
  stopText: "Nothing of it is kept, and the calibration before stays.",
  zeroTitle: "Is it empty?",
  zeroed: "Zeroed.",
};

const GATES = { load: "Off zero", felt: "Felt", still: "Moves", noise: "Trembles" };

function sized(n) {
  return Math.abs(n) < 10 ? n.toFixed(2).replace("-", "−") : `${Math.round(n)}`.replace("-", "−");
}

export const repsOf = (n) => `${n} ${n === 1 ? "rep" : "reps"}`;

export function aim(goal, target) {
  if (target) return `of ${target}`;
  if (goal.reps_low === null) return "";
  return goal.reps_low === goal.reps_high ? `of ${goal.reps_low}` : `of ${goal.reps_low}–${goal.reps_high}`;
}

export const one = (value) => (value === null ? "–" : value.toFixed(1));

export const percent = (share) => (share === null ? "–" : `${Math.round(share * 100)}`);
