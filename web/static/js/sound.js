// Sounds and speech. A browser lets a page sound only after a tap; any tap on it will do.

import { SLOW_UP_S } from "./glance.js";
import { TEXT } from "./words.js";

const KEY = "heeldrive.sound";
const LEVELS = [
  ["on", 0.5, TEXT.soundOn],
  ["soft", 0.15, TEXT.soundSoft],
  ["off", 0, TEXT.soundOff],
];
// Each sound: notes of [Hz, start s, length s]. Distinct in pitch and rhythm, none longer than half a second.
const SOUNDS = {
  armed: [[523, 0, 0.12], [784, 0.13, 0.22]],
  rep: [[660, 0, 0.14]],
  lockout: [[880, 0, 0.1]],
  second: [[440, 0, 0.06]],
  lower: [[784, 0, 0.12], [523, 0.12, 0.24]],
  cue: [[392, 0, 0.12], [392, 0.18, 0.12]],
  stop: [[330, 0, 0.2], [262, 0.22, 0.3]],
  end: [[784, 0, 0.12], [659, 0.13, 0.12], [523, 0.26, 0.24]],
};

export class Sound {
  constructor(button) {
    this.button = button;
    this.level = this.recall();
    button.addEventListener("click", () => this.turn());
    addEventListener("pointerdown", () => this.wake(), { capture: true });
    addEventListener("keydown", () => this.wake(), { capture: true });
    this.show();
  }

  recall() {
    try {
      const kept = LEVELS.findIndex(([word]) => word === localStorage.getItem(KEY));
      return kept < 0 ? 0 : kept;
    } catch {
      return 0;
    }
  }

  wake() {
    if (!this.context && "AudioContext" in window) this.context = new AudioContext();
    if (this.context?.state === "suspended") this.context.resume().then(() => this.show(), () => {});
    this.show();
  }

  turn() {
    this.level = (this.level + 1) % LEVELS.length;
    try {
      localStorage.setItem(KEY, LEVELS[this.level][0]);
    } catch {
      // Then it is asked for again after a reload.
    }
    this.wake();
    this.play("rep");
  }

  show() {
    const silent = !this.context; // nothing has been tapped yet
    this.button.textContent = silent && this.level < 2 ? "Tap for sound" : LEVELS[this.level][2];
  }

  play(name) {
    const volume = LEVELS[this.level][1];
    if (this.context?.state !== "running" || volume === 0) return;
    for (const [hz, startS, lengthS] of SOUNDS[name]) this.note(hz, startS, lengthS, volume);
  }

  note(hz, startS, lengthS, volume) {
    const at = this.context.currentTime + startS;
    const oscillator = new OscillatorNode(this.context, { type: "triangle", frequency: hz });
    const gain = new GainNode(this.context, { gain: 0 });
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(volume, at + 0.012);
    gain.gain.setTargetAtTime(0, at + lengthS * 0.6, lengthS * 0.18);
    oscillator.connect(gain).connect(this.context.destination);
    oscillator.start(at);
    oscillator.stop(at + lengthS + 0.2);
  }

  // Only with a voice on the tablet itself: others would need the internet.
  speak(text) {
    const volume = LEVELS[this.level][1];
    const voice = window.speechSynthesis?.getVoices().find((one) => one.localService && one.lang.startsWith("en"));
    if (!voice || volume === 0) return;
    const words = new SpeechSynthesisUtterance(text);
    words.voice = voice;
    words.volume = Math.min(1, 2 * volume);
    speechSynthesis.cancel();
    speechSynthesis.speak(words);
  }
}

// What changed between two states, as sounds: a rep, the top, its seconds, the way down.
export class Listener {
  constructor(sound) {
    this.sound = sound;
    this.heldS = null;
    this.upS = 0;
  }

  hear(state, before, set, old) {
    if (before === null) return;
    if (state.state !== before.state) {
      if (state.state === "armed") this.sound.play("armed");
      if (before.state === "set" && state.state === "rest") this.sound.play("end");
    }
    if (!set?.running) return;
    if (set.number === old?.number && set.counted > old.counted) this.sound.play("rep");
    this.hearHold(state, set.goal.hold_s);
  }

  hearHold(state, aimS) {
    if (state.phase === "up") this.upS = state.phase_s;
    if (state.phase !== "hold" || aimS === null || this.upS > SLOW_UP_S) return void (this.heldS = null);
    const before = this.heldS;
    this.heldS = state.phase_s;
    if (before === null) this.sound.play("lockout");
    else if (before < aimS && this.heldS >= aimS) this.sound.play("lower");
    else if (this.heldS < aimS && Math.floor(before) < Math.floor(this.heldS)) this.sound.play("second");
  }
}
