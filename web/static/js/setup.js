// Before the set: who, which foot, what for, how heavy. Two taps for somebody who was here before.

import { command } from "./commands.js";
import { TEXT } from "./words.js";
import { loadText, parseCm, parseLoad, toKg } from "./units.js";

const MOST_TILES = 7;
const CHOICES = ["side", "goal", "tempo", "variant", "free_leg", "footwear"];
const $ = (id) => document.getElementById(id);

export class SetUp {
  constructor(onError) {
    this.form = $("setup");
    this.onError = onError;
    this.cards = [];
    this.athlete = null;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ready(true);
    });
    $("start").addEventListener("click", () => this.startNow());
    $("athlete").addEventListener("input", () => this.choose($("athlete").value.trim() || null));
    for (const choice of this.form.elements.side) choice.addEventListener("change", () => this.fillPlate());
    for (const box of [$("athlete"), $("load"), $("plate_cm")]) {
      box.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault(); // "Done" on the tablet's keyboard must not start a set
        box.blur();
      });
    }
    $("zero").addEventListener("click", () => this.zero());
    $("confirm-no").addEventListener("click", () => $("confirm").close());
    $("confirm-yes").addEventListener("click", () => {
      $("confirm").close();
      this.zero(true);
    });
    this.form.addEventListener("change", () => this.note());
    this.drawTiles();
  }

  get unit() {
    return this.form.elements.unit.value;
  }

  // Who lifted here before, from the station: any tablet shows the same.
  async refresh() {
    try {
      const answer = await fetch("/api/v1/athletes");
      if (answer.ok) this.cards = (await answer.json()).athletes;
    } catch {
      return; // the link's state says that the station is away
    }
    this.drawTiles();
  }

  drawTiles() {
    const cards = [...this.cards.slice(0, MOST_TILES), { name: TEXT.guest, plan: null, why: "" }];
    $("tiles").replaceChildren(...cards.map((card) => this.tile(card)));
    this.showChosen();
  }

  tile(card) {
    const tile = document.createElement("button");
    tile.type = "button";
    tile.className = "button tile";
    tile.dataset.name = card.name;
    tile.append(document.createElement("span"));
    tile.firstChild.textContent = card.name;
    if (card.here != null) tile.append(Object.assign(document.createElement("small"), { textContent: TEXT.here(card.here) }));
    tile.addEventListener("click", () => {
      $("athlete").value = "";
      this.choose(card.name);
      if (card.plan) this.fill(card.plan, card.side_known);
    });
    return tile;
  }

  choose(name) {
    this.athlete = name;
    this.showChosen();
    this.note();
  }

  showChosen() {
    for (const tile of $("tiles").children) tile.setAttribute("aria-pressed", `${tile.dataset.name === this.athlete}`);
  }

  get card() {
    return this.cards.find((card) => card.name === this.athlete);
  }

  // What is to be known before this athlete begins.
  note() {
    const card = this.card;
    const words = [];
    if (this.form.elements.variant.value !== "standard") words.push(TEXT.byHand);
    if (card?.why) words.push(card.why);
    $("athlete-note").textContent = words.join(" ");
    $("athlete-note").classList.toggle("asks", card?.asks_first === true);
    const known = card?.side_known && this.form.elements.side.value === card.plan.side;
    $("side-hint").textContent = known ? TEXT.sideFirst : card?.plan && !card.side_known ? TEXT.askSide : "";
  }

  fill(plan, sideKnown = true) {
    const fields = this.form.elements;
    for (const name of CHOICES) fields[name].value = plan[name];
    if (!sideKnown) for (const choice of fields.side) choice.checked = false;
    fields.unit.value = plan.load_unit;
    this.fillPlate(plan.plate_cm);
    fields.load.value = loadText(plan.load_kg, plan.load_unit).split(" ")[0];
    this.note();
  }

  // Where the plate stood for this foot the last time.
  fillPlate(known = null) {
    const cm = known ?? this.card?.plates[this.form.elements.side.value] ?? null;
    this.form.elements.plate_cm.value = cm === null ? "" : `${cm}`;
  }

  showSession(session) {
    if (this.athlete === null && session !== null) this.choose(session.athlete);
    this.note();
  }

  plan() {
    const fields = this.form.elements;
    const load = parseLoad(fields.load.value);
    if (this.athlete === null) return this.refuse(TEXT.chooseAthlete);
    if (fields.side.value === "") return this.refuse(TEXT.chooseSide);
    if (load === null) return this.refuse(TEXT.badLoad);
    const plate_cm = parseCm(fields.plate_cm.value);
    if (plate_cm === undefined) return this.refuse(TEXT.badRuler);
    const plan = Object.fromEntries(CHOICES.map((name) => [name, fields[name].value]));
    return { athlete: this.athlete, ...plan, plate_cm, load_kg: toKg(load, this.unit), load_unit: this.unit };
  }

  refuse(text) {
    this.onError(text);
    return null;
  }

  async ready(handsFree) {
    const plan = this.plan();
    if (plan === null) return;
    document.activeElement?.blur(); // puts the keyboard of the tablet away
    await this.send($("ready"), "set/start", { ...plan, hands_free: handsFree });
  }

  // Without the foot: what is waited for begins now.
  async startNow() {
    if (this.planned) await this.send($("start"), "set/start", { athlete: this.planned.athlete, ...this.planned.plan });
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
