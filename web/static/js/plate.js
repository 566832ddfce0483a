// The plate from above in mm: cells, marks, and where the mass goes next. Toes up, as seen from the heel end.

const EDGE_MM = 50; // from a cell to the edge of its half
const TOE_MM = 170; // how deep the halves are, as in BUILD.md; only side to side is to scale of the config
const HEEL_MM = 150;
const GAP_MM = 5;
const MARGIN_MM = 12;
const MASS_MM = 30; // radius that a mass is drawn with
const LEAST_N = 20; // below it nobody knows where something lies
const LEVERS = [-0.8, -0.4, 0, 0.4, 0.8];

function drawn(parent, tag, attributes, text) {
  const element = document.createElementNS(parent.namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

export class PlateDrawing {
  constructor(svg) {
    this.svg = svg;
    this.spacing = { toe: Number(svg.dataset.toe), heel: Number(svg.dataset.heel) };
    this.spacing.both = (this.spacing.toe + this.spacing.heel) / 2;
    const wide = Math.max(this.spacing.toe, this.spacing.heel) / 2 + EDGE_MM;
    this.row = { toe: TOE_MM / 2, both: TOE_MM + GAP_MM / 2, heel: TOE_MM + GAP_MM + HEEL_MM / 2 };
    const high = TOE_MM + GAP_MM + HEEL_MM;
    svg.setAttribute("viewBox", `${-wide - MARGIN_MM} ${-MARGIN_MM} ${2 * (wide + MARGIN_MM)} ${high + 2 * MARGIN_MM}`);
    this.drawHalf("toe", wide, 0, TOE_MM);
    this.drawHalf("heel", wide, TOE_MM + GAP_MM, HEEL_MM);
    this.done = drawn(svg, "g", {});
    this.next = drawn(svg, "g", { class: "next" });
    this.felt = drawn(svg, "circle", { class: "felt", r: MASS_MM + 6 });
    this.shown = "";
  }

  drawHalf(half, wide, y, high) {
    drawn(this.svg, "rect", { class: `half ${half}`, x: -wide, y, width: 2 * wide, height: high, rx: 10 });
    drawn(this.svg, "text", { class: "half-word", x: 14 - wide, y: half === "toe" ? y + 24 : y + high - 12 }, half.toUpperCase());
    const cell = this.spacing[half] / 2;
    for (const side of [-1, 1]) drawn(this.svg, "circle", { class: "cell-mark", cx: side * cell, cy: this.row[half], r: 8 });
    for (const lever of LEVERS) {
      drawn(this.svg, "path", { class: "mark", d: `M${lever * cell - 5} ${this.row[half]}h10m-5-5v10` });
    }
  }

  // `step` is where the mass goes next, null for nothing; `taken` are the steps that were measured.
  show(step, taken, plate) {
    const key = JSON.stringify([step, taken.length]);
    if (key !== this.shown) {
      this.shown = key;
      this.showTaken(taken);
      this.showNext(step);
    }
    this.showFelt(plate);
  }

  showTaken(taken) {
    this.done.replaceChildren();
    for (const one of taken) drawn(this.done, "circle", { class: "taken", cx: one.right_mm, cy: this.row[one.half], r: 7 });
  }

  showNext(step) {
    this.next.replaceChildren();
    const put = step !== null && step.kind !== "empty";
    const words = put ? step.text : step === null ? "The plate from above" : "The plate from above, to be empty";
    this.svg.setAttribute("aria-label", words);
    this.svg.classList.toggle("to-be-empty", step?.kind === "empty");
    if (!put) return;
    const [x, y] = [step.right_mm, this.row[step.half]];
    if (x !== 0) {
      const above = y + (step.half === "toe" ? -MASS_MM - 22 : MASS_MM + 22);
      drawn(this.next, "path", { class: "measure", d: `M0 ${y}V${above}M${x} ${y}V${above}M0 ${above}H${x}` });
      drawn(this.next, "text", { class: "measure-word", x: x / 2, y: above + (step.half === "toe" ? -5 : 16) }, `${Math.round(Math.abs(x))} mm`);
    }
    drawn(this.next, "circle", { class: "halo", cx: x, cy: y, r: MASS_MM + 14 });
    drawn(this.next, "circle", { class: "mass", cx: x, cy: y, r: MASS_MM });
    drawn(this.next, "text", { class: "mass-word", x, y: y + 7 }, `${step.mass_kg} kg`);
  }

  showFelt({ cells_n: cells, load_n: load }) {
    const known = cells !== null && load > LEAST_N;
    this.felt.classList.toggle("known", known);
    if (!known) return;
    const [heelLeft, heelRight, toeLeft, toeRight] = cells;
    const x = ((heelRight - heelLeft) * this.spacing.heel + (toeRight - toeLeft) * this.spacing.toe) / (2 * load);
    const heel = (heelLeft + heelRight) / load;
    this.felt.setAttribute("cx", x);
    this.felt.setAttribute("cy", heel * this.row.heel + (1 - heel) * this.row.toe);
  }
}
