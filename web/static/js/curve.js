// The force of the last 15 s. The window stands still and the curve moves through it.

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
    this.reps = []; // [lift-off, touchdown, off target] on the curve's own clock
    this.clear();
    this.build();
    new ResizeObserver(() => this.plot.setSize(this.size())).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.build());
  }

  clear() {
    this.nextFrame = 0;
    this.tS = [];
    this.totalN = [];
    this.heelN = [];
  }

  // Takes curve points by their running number; a jump means that the station began anew or we slept.
  // It is drawn only while it is seen: a slow tablet has better things to do.
  add(curve, seen) {
    if (curve.first_frame !== this.nextFrame) this.clear();
    this.tS.push(...curve.t_s);
    this.totalN.push(...curve.total_n);
    this.heelN.push(...curve.heel_n);
    this.nextFrame = curve.first_frame + curve.t_s.length;
    const start = this.tS.at(-1) - WINDOW_S;
    const old = this.tS.findIndex((t) => t >= start);
    if (old > 0) for (const list of [this.tS, this.totalN, this.heelN]) list.splice(0, old);
    if (seen) this.draw();
  }

  draw() {
    const now = this.tS.at(-1) ?? 0;
    const highest = this.totalN.reduce((most, n) => Math.max(most, n ?? 0), 0);
    this.topN = TOPS_N.find((top) => top >= highest * 1.04) ?? highest * 1.1;
    this.plot.setData([this.tS.map((t) => t - now), this.totalN, this.heelN]);
  }

  // Closed reps, behind the curve.
  shade({ ctx, bbox, valToPos }) {
    const now = this.tS.at(-1) ?? 0;
    for (const [from, to, off] of this.reps) {
      if (to < now - WINDOW_S) continue;
      const x = valToPos(Math.max(from - now, -WINDOW_S), "x", true);
      ctx.fillStyle = off ? this.offTint : this.onTint;
      ctx.fillRect(x, bbox.top, valToPos(to - now, "x", true) - x, bbox.height);
    }
  }

  size() {
    return { width: Math.max(this.place.clientWidth, 50), height: Math.max(this.place.clientHeight, 50) };
  }

  build() {
    this.plot?.destroy();
    [this.onTint, this.offTint] = [colour("--on-tint"), colour("--off-tint")];
    this.plot = new uPlot(
      {
        ...this.size(),
        padding: [8, 22, 0, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: { x: { time: false, range: [-WINDOW_S, 0] }, y: { range: () => [0, this.topN ?? TOPS_N[0]] } },
        axes: axes(ago, { splits: [-15, -10, -5, 0] }),
        series: [
          {},
          { stroke: colour("--ink"), width: 3, points: { show: false } },
          { stroke: colour("--heel"), width: 3, dash: [9, 5], fill: colour("--heel-tint"), points: { show: false } },
        ],
        bands: [{ series: [1, 2], fill: colour("--toe-tint") }],
        hooks: { drawClear: [(plot) => this.shade(plot)] },
      },
      [[], [], []],
      this.place,
    );
    this.draw();
  }
}
