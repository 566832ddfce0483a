"""A set's force over time as the parts of an inline SVG: curves, shaded reps, ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from station.conversions import Cell
from station.export.rows import Row
from station.export.taken import Taken
from station.signal.model import F64

# In the SVG's own units, of which a page on paper has some 680 across.
WIDTH, HEIGHT = 680, 190
LEFT, RIGHT, TOP, BOTTOM = 38, 6, 20, 30
POINTS = 1_400  # more than print shows
ROOM = 1.12  # above the highest force of a rep
TICKS = 8  # at most, along an axis


@dataclass(frozen=True)
class Band:
    """A rep as it is shaded: from lift-off to touchdown, its hold darker."""

    x: float
    width: float
    hold_x: float
    hold_width: float
    number: str
    off_target: bool


@dataclass(frozen=True)
class Drawing:
    """All that is drawn; curves are the `d` of an SVG path, ticks are (place, words)."""

    total: str
    heel: str
    bands: list[Band]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class _Scale:
    """Data to the drawing, on both axes."""

    t_s: tuple[float, float]
    top_n: float

    def x(self, t_s: F64) -> F64:
        start_s, end_s = self.t_s
        return LEFT + (WIDTH - LEFT - RIGHT) * (t_s - start_s) / max(end_s - start_s, 1e-9)

    def y(self, force_n: F64) -> F64:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * force_n / self.top_n


def drawn(taken: Taken, reps: Sequence[Row]) -> Drawing | None:
    """Draw one set with its reps, rows of the reps' table; None where there is nothing to draw."""
    frames = taken.frames
    if not len(frames) or np.isnan(frames.total_n).all():
        return None
    t_s = (frames.t_ns - taken.analysis.t0_ns) / 1e9
    peaks_n = [rep["peak_n"] for rep in reps if rep["peak_n"] is not None]
    top_n = ROOM * max(peaks_n or [float(np.nanmax(frames.total_n))])
    scale = _Scale((float(t_s[0]), float(t_s[-1])), max(top_n, 10.0))
    heel_n = frames.force_n[:, Cell.HEEL_LEFT] + frames.force_n[:, Cell.HEEL_RIGHT]
    return Drawing(
        total=_path(scale, t_s, frames.total_n),
        heel=_path(scale, t_s, heel_n),
        bands=list(_bands(scale, reps)),
        x_ticks=_ticks(*scale.t_s, scale.x),
        y_ticks=_ticks(0.0, scale.top_n, scale.y),
    )


def _path(scale: _Scale, t_s: F64, force_n: F64) -> str:
    """Return a line that breaks off where nothing is known; of many points the extremes stay."""
    kept = _extremes(force_n, max(1, 2 * len(force_n) // POINTS))
    words, pen_down = [], False
    for x, y in zip(scale.x(t_s[kept]).tolist(), scale.y(force_n[kept]).tolist(), strict=True):
        if y == y:
            words.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down = y == y
    return "".join(words)


def _extremes(values: F64, every: int) -> list[int]:
    """Return the places of the least and greatest of each `every` values, and one of each gap."""
    kept: set[int] = set()
    for start in range(0, len(values), every):
        part = values[start : start + every]
        known = np.flatnonzero(~np.isnan(part))
        if len(known) < len(part):
            kept.add(start + int(np.flatnonzero(np.isnan(part))[0]))
        if len(known):
            kept |= {start + int(known[np.argmin(part[known])]), start + int(known[np.argmax(part[known])])}
    return sorted(kept)


def _bands(scale: _Scale, reps: Sequence[Row]) -> Iterator[Band]:
    for rep in reps:
        edges = [rep[f"{name}_s"] for name in ("lift_off", "lockout_start", "lockout_end", "touchdown")]
        if edges[0] is None or edges[3] is None:
            continue
        if None in edges:  # no hold to be seen
            edges[1] = edges[2] = edges[0]
        up, hold, down, end = scale.x(np.array(edges)).tolist()
        yield Band(up, end - up, hold, down - hold, str(rep["number"]), rep["on_target"] is False)


def _ticks(low: float, high: float, place: Callable[[F64], F64]) -> list[tuple[float, str]]:
    """Return round numbers between two ends, `TICKS` or a few more, each with its place before it."""
    raw = max(high - low, 1e-9) / TICKS
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(float(power * k) for k in (1, 2, 5, 10) if power * k >= raw)
    values = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step + 0.0  # -0 is 0
    return [(at, f"{value:g}") for at, value in zip(place(values).tolist(), values.tolist(), strict=True)]
