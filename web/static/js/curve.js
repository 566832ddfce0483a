// The force of the last 15 s. The window stands still and the curve moves through it.

import { StripChart } from "./strip_chart.js";

const WINDOW_S = 15;
const ago = (t) => (t === 0 ? "now" : t === -WINDOW_S ? "" : `−${-t} s`);
const TOPS_N = [400, 600, 800, 1000, 1400, 2000, 3000];

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// The two axes of every chart: time with its own words, and newtons.
export function axes(timeText, time = {}) {
  const axis = {
    stroke: colour("--quiet"),
    font: "600 15px Inter, system-ui, sans-serif",
    grid: { stroke: colour("--sunk"), width: 2 },
    ticks: { show: false },
    gap: 4,
  };
  return [
    { ...axis, size: 26, values: (_, at) => at.map(timeText), ...time },
    { ...axis, size: 64, space: 30, values: (_, at) => at.map((n) => `${n} N`) },
  ];
}

export class ForceCurve {
  constructor(place) {
    this.place = place;
    this.strip = new StripChart(WINDOW_S);
    this.reps = []; // [lift-off, touchdown, off target] on the curve's own clock
    this.topN = TOPS_N[0];
    this.clear();
    this.build();
    new ResizeObserver(() => this.plot.setSize(this.size())).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.build());
  }

  clear() {
    this.nextFrame = 0;
    this.points = [[], [], []]; // times, totals, heels
    this.drawn = false; // whether the strip shows what is to be seen, but for what is new
  }

  shade(reps) {
    this.reps = reps;
    this.drawn = false;
  }

  // Takes curve points by their running number; a jump means that the station began anew or we slept.
  // It is drawn only while it is seen: a slow tablet has better things to do.
  add(curve, seen) {
    if (curve.first_frame !== this.nextFrame) this.clear();
    const news = [curve.t_s, curve.total_n, curve.heel_n];
    this.points.forEach((list, i) => list.push(...news[i]));
    this.nextFrame = curve.first_frame + curve.t_s.length;
    const start = this.points[0].at(-1) - WINDOW_S;
    const old = this.points[0].findIndex((t) => t >= start);
    if (old > 0) for (const list of this.points) list.splice(0, old);
    if (!seen) this.drawn = false;
    else if (!this.drawn || this.highest() !== this.topN) this.draw();
    else if (curve.t_s.length && !this.strip.add(news)) this.draw();
  }

  // The end of the scale.
  highest() {
    let most = 0;
    for (const n of this.points[1]) if (n > most) most = n; // a gap's null is not
    return TOPS_N.find((top) => top >= most * 1.04) ?? Math.ceil(most / 1000) * 1000;
  }

  // All of it: the axes where they change, and the strip behind them.
  draw() {
    const topN = this.highest();
    if (topN === this.topN) return this.drawStrip();
    this.topN = topN;
    this.plot.setData([[], []]);
  }

  drawStrip() {
    this.drawn = true;
    const spans = this.reps.map(([from, to, off]) => [from, to, off ? this.colours.off : this.colours.on]);
    this.strip.redraw(this.points, this.topN, spans, this.colours);
  }

  size() {
    return { width: Math.max(this.place.clientWidth, 50), height: Math.max(this.place.clientHeight, 50) };
  }

  build() {
    this.plot?.destroy();
    this.colours = {
      total: colour("--ink"),
      heel: colour("--heel"),
      heelTint: colour("--heel-tint"),
      toeTint: colour("--toe-tint"),
      on: colour("--on-tint"),
      off: colour("--off-tint"),
    };
    this.plot = new uPlot(
      {
        ...this.size(),
        padding: [8, 22, 0, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: { x: { time: false, range: [-WINDOW_S, 0] }, y: { range: () => [0, this.topN] } },
        axes: axes(ago, { splits: [-15, -10, -5, 0] }),
        series: [{}, {}],
        hooks: { draw: [(plot) => this.fitStrip(plot)] },
      },
      [[], []],
      this.place,
    );
  }

  // The axes were drawn: what is between them has another size or another scale.
  fitStrip({ over, bbox }) {
    over.append(this.strip.canvas);
    this.strip.fit(bbox.width, bbox.height, devicePixelRatio);
    this.drawStrip();
  }
}
