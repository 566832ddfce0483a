// A strip chart: the paper moves to the left, and only what is new is drawn. The chart library draws the whole
// window for each message: with a Chromium slowed six times that took p95 29 ms of the 40 between two messages.

const LINE_PX = 3;
const DASH_PX = [9, 5];

export class StripChart {
  constructor(windowS) {
    this.windowS = windowS;
    this.canvas = Object.assign(document.createElement("canvas"), { className: "strip-chart" });
    this.ctx = this.canvas.getContext("2d");
    this.width = this.height = 0;
  }

  // Of the window, in the canvas's own pixels, `scale` of them to one of the page. The paper is twice as wide.
  fit(width, height, scale) {
    Object.assign(this, { width, height, scale });
    Object.assign(this.canvas, { width: 2 * width, height });
    this.canvas.style.width = `${(2 * width) / scale}px`;
    this.canvas.style.height = `${height / scale}px`;
    this.end = width - Math.ceil(LINE_PX * scale); // the newest point leaves room for half a line
  }

  // Columns are numbered through from time 0, so that nothing is ever shifted by a part of one.
  column(t) {
    return Math.round((t * this.width) / this.windowS);
  }

  // All points anew, [times, totals, heels] with null for a gap, and behind them spans [from, to, colour].
  redraw(points, topN, spans, colours) {
    Object.assign(this, { topN, colours });
    const { ctx } = this;
    ctx.clearRect(0, 0, 2 * this.width, this.height);
    this.left = -Infinity; // an empty paper is at its end
    if (points[0].length === 0) return;
    this.left = this.column(points[0].at(-1)) - this.end;
    this.dashed = 0;
    this.newest = null;
    this.draw(points);
    ctx.globalCompositeOperation = "destination-over";
    for (const [from, to, colour] of spans) {
      const x = this.column(from) - this.left;
      ctx.fillStyle = colour;
      ctx.fillRect(x, 0, this.column(to) - this.left - x, this.height);
    }
    ctx.globalCompositeOperation = "source-over";
  }

  // Points that are newer than those drawn; false where the paper is at its end.
  add(points) {
    if (this.column(points[0].at(-1)) - this.left > this.end + this.width) return false;
    this.draw(points);
    return true;
  }

  draw([times, totals, heels]) {
    const points = times.map((t, i) => [this.column(t) - this.left, this.y(totals[i]), this.y(heels[i])]);
    const all = this.newest ? [this.newest, ...points] : points;
    this.stroke(all, 2, this.colours.heel, DASH_PX);
    this.stroke(all, 1, this.colours.total, []);
    this.fill(all);
    this.newest = points.at(-1);
    this.canvas.style.transform = `translateX(${(this.end - this.newest[0]) / this.scale}px)`;
  }

  y(n) {
    return n === null ? null : this.height * (1 - n / this.topN);
  }

  // Behind the lines, and column by column: neighbours that are half seen through must neither overlap nor
  // leave a seam.
  fill(points) {
    const { ctx, height, colours } = this;
    ctx.globalCompositeOperation = "destination-over";
    for (let i = 1; i < points.length; i++) {
      const [[x0, total0, heel0], [x1, total1, heel1]] = [points[i - 1], points[i]];
      if (total0 === null || total1 === null) continue;
      for (let x = x0; x < x1; x++) {
        const part = (x - x0) / (x1 - x0);
        const total = total0 + part * (total1 - total0);
        const heel = heel0 + part * (heel1 - heel0);
        ctx.fillStyle = colours.toeTint;
        ctx.fillRect(x, total, 1, heel - total);
        ctx.fillStyle = colours.heelTint;
        ctx.fillRect(x, heel, 1, height - heel);
      }
    }
    ctx.globalCompositeOperation = "source-over";
  }

  stroke(points, which, colour, dash) {
    const { ctx, scale } = this;
    ctx.beginPath();
    let pen = null;
    let length = 0;
    for (const point of points) {
      const [x, y] = [point[0], point[which]];
      if (y === null) pen = null;
      else if (pen === null) ctx.moveTo(...(pen = [x, y]));
      else {
        length += Math.hypot(x - pen[0], y - pen[1]);
        ctx.lineTo(...(pen = [x, y]));
      }
    }
    ctx.strokeStyle = colour;
    ctx.lineWidth = LINE_PX * scale;
    ctx.lineJoin = "round";
    ctx.lineCap = dash.length ? "butt" : "round"; // what is added joins on
    ctx.setLineDash(dash.map((px) => px * scale));
    ctx.lineDashOffset = dash.length ? this.dashed : 0;
    ctx.stroke();
    if (dash.length) this.dashed += length;
  }
}
