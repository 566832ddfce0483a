// Corrections by hand, of the set that is shown: kept beside what the station saw, and undone the same way.

import { command } from "./commands.js";
import { BY_HAND, TEXT } from "./words.js";

const PATIENCE_MS = 60_000; // a closed session is folded again first
const $ = (id) => document.getElementById(id);

export class Corrections {
  // onDone is called with the refusal, or null where the station did it.
  constructor(onDone) {
    this.onDone = onDone;
    $("rep-close").addEventListener("click", () => $("rep-dialog").close());
    $("move-close").addEventListener("click", () => $("move-dialog").close());
    $("add-rep").addEventListener("click", () => this.send("rep", { rep: Math.min(0, ...this.set.added) - 1, word: "added" }));
    $("discard").addEventListener("click", () => this.send("note", { discarded: !this.set.discarded }));
    $("note").addEventListener("change", () => this.send("note", { text: $("note").value }));
    $("move").addEventListener("click", () => this.askWhose());
    $("move-new").addEventListener("click", () => this.moveTo($("move-name").value.trim()));
  }

  show(session, set) {
    this.session = session;
    this.set = set;
    if (document.activeElement !== $("note")) $("note").value = set.notes.text ?? "";
    $("discard").setAttribute("aria-pressed", `${set.discarded}`);
  }

  askRep(rep, number) {
    const said = rep.by_hand ?? "";
    const words = rep.id < 0 ? [["added", TEXT.missed], ["", TEXT.takeAway]] : [["", TEXT.asSeen], ...Object.entries(BY_HAND)];
    $("rep-title").textContent = TEXT.repTitle(number);
    $("rep-words").replaceChildren(
      ...words.map(([word, text]) => {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "button choice", textContent: text });
        button.classList.toggle("primary", word === said);
        button.setAttribute("aria-pressed", `${word === said}`);
        button.addEventListener("click", () => {
          $("rep-dialog").close();
          this.send("rep", { rep: rep.id, word: word || null });
        });
        return button;
      }),
    );
    $("rep-dialog").showModal();
  }

  async askWhose() {
    $("move-name").value = "";
    $("move-tiles").replaceChildren();
    $("move-dialog").showModal();
    try {
      const { athletes } = await (await fetch("/api/v1/athletes")).json();
      const owner = this.set.athlete ?? this.session.athlete;
      const names = [...athletes.map((card) => card.name), TEXT.guest].filter((name) => name !== owner);
      $("move-tiles").replaceChildren(
        ...names.slice(0, 8).map((name) => {
          const tile = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: name });
          tile.addEventListener("click", () => this.moveTo(name));
          return tile;
        }),
      );
    } catch {
      this.onDone(TEXT.noAnswer);
    }
  }

  moveTo(athlete) {
    $("move-dialog").close();
    if (athlete) this.send("move", { athlete });
    else this.onDone(TEXT.typeName);
  }

  async send(what, fields) {
    this.onSend?.();
    const which = { session: this.session.number, number: this.set.number };
    const { error } = await command(`set/${what}`, { ...which, ...fields }, PATIENCE_MS);
    this.onDone(error ?? null);
  }
}
