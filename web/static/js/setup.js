// The set-up panel: who, which side, what for, how heavy; and the four commands.

import { command } from "./commands.js";
import { recall, remember } from "./memory.js";
import { TEXT } from "./words.js";
import { parseLoad, toKg } from "./units.js";

const $ = (id) => document.getElementById(id);

export class SetUp {
  constructor(onError) {
    this.form = $("setup");
    this.onError = onError;
    this.openAthlete = null;
    const [last] = recall();
    if (last) this.fill(last);
    this.showAthletes();
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.start();
    });
    this.form.elements.athlete.addEventListener("input", () => this.showAthletes());
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches(".box")) return;
      event.preventDefault(); // "Done" on the tablet's keyboard must not start a set
      event.target.blur();
    });
    $("end-set").addEventListener("click", () => this.send($("end-set"), "set/end"));
    $("end-session").addEventListener("click", () => this.send($("end-session"), "session/end"));
    $("zero").addEventListener("click", () => this.zero());
    $("confirm-no").addEventListener("click", () => $("confirm").close());
    $("confirm-yes").addEventListener("click", () => {
      $("confirm").close();
      this.zero(true);
    });
  }

  get unit() {
    return this.form.elements.unit.value;
  }

  get athlete() {
    const box = this.form.elements.athlete;
    return box.value.trim() || box.placeholder;
  }

  // An open session is one athlete's: another name ends it and begins their own.
  showSession(session) {
    const athlete = session?.athlete ?? null;
    $("end-session").disabled = session === null;
    if (athlete === this.openAthlete) return;
    this.openAthlete = athlete;
    if (athlete !== null) this.form.elements.athlete.value = athlete;
    this.showAthletes();
  }

  // The other athletes of this tablet as tiles, and what starting under this name would end.
  showAthletes() {
    const others = recall().filter((entry) => entry.athlete !== this.athlete);
    $("recent").replaceChildren(...others.map((entry) => this.tile(entry)));
    const other = this.openAthlete !== null && this.athlete !== this.openAthlete;
    $("athlete-hint").textContent = other ? TEXT.endsSession(this.openAthlete) : "";
  }

  tile(entry) {
    const tile = document.createElement("button");
    tile.type = "button";
    tile.className = "button";
    tile.append(document.createElement("span"));
    tile.firstChild.textContent = entry.athlete;
    tile.addEventListener("click", () => {
      this.fill(entry);
      this.showAthletes();
    });
    return tile;
  }

  fill(entry) {
    const fields = this.form.elements;
    fields.athlete.value = entry.athlete;
    fields.load.value = entry.load;
    for (const name of ["side", "goal", "unit"]) {
      const choices = [...fields[name]];
      if (choices.some((choice) => choice.value === entry[name])) fields[name].value = entry[name];
    }
  }

  async start() {
    const fields = this.form.elements;
    const load = parseLoad(fields.load.value);
    if (fields.side.value === "") return this.onError(TEXT.chooseSide);
    if (load === null) return this.onError(TEXT.badLoad);
    const entry = {
      athlete: this.athlete,
      side: fields.side.value,
      goal: fields.goal.value,
      load: fields.load.value.trim(),
      unit: this.unit,
    };
    document.activeElement?.blur(); // puts the keyboard of the tablet away
    const { athlete, side, goal, unit } = entry;
    if (await this.send($("start"), "set/start", { athlete, side, goal, load_kg: toKg(load, unit) })) {
      remember(entry);
      this.showAthletes();
    }
    return undefined;
  }

  async zero(confirmed = false) {
    const { error, confirmable } = await command("plate/zero", { confirmed });
    if (error && confirmable) {
      $("confirm-text").textContent = error;
      $("confirm").showModal();
    } else this.onError(error ?? null);
  }

  // Returns whether the station did it.
  async send(button, path, fields) {
    button.disabled = true;
    const { error } = await command(path, fields);
    button.disabled = false;
    this.onError(error ?? null);
    return error === undefined;
  }
}
