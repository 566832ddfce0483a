"""What a picture of a recording shows, laid out in rows as words in lines.

A row is not broken within a rep where a pause is near.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from station.analysis import Analysis
from station.signal.model import BOUNDARIES, F64

ROW_S = 30.0
LONGEST_ROW_S = 36.0
ASIDE_S = 0.2  # from a rep
SINGLE_ROW_S = 40.0  # up to here one row holds it all
MAX_ROWS = 20


@dataclass(frozen=True)
class Sheet:
    """What the picture shows, in seconds on the recording's own clock.

    reps : as in ``heeldrive-analysis/1``, oldest first
    numbers : per rep, its number in the printed table; None for one that is cut off
    t_s, total_n, share : shape (n,); nan where not known, and between two frames that are no neighbours
    rows : start and end of each
    notes : what the picture leaves out
    """

    analysis: Analysis
    reps: list[dict[str, Any]]
    numbers: list[int | None]
    t_s: F64
    total_n: F64
    share: F64
    rows: list[tuple[float, float]]
    top_n: float
    notes: list[str]

    @classmethod
    def of(cls, analysis: Analysis) -> Sheet:
        """Lay out an analysis."""
        reps = analysis.as_json()["reps"]
        t_s, total_n, share = _curves(analysis)
        known_s = t_s[~np.isnan(total_n)]
        rows, notes = _rows(known_s, [extent(rep) for rep in reps])
        if np.isnan(total_n[(t_s >= known_s[0]) & (t_s <= known_s[-1])]).any() if len(known_s) else False:
            notes.insert(0, "Where the curve breaks off, at least one cell gave nothing.")
        if not analysis.heel_and_toe:
            notes.insert(0, "The file has no separate heel and toe force: no heel share.")
        return cls(
            analysis, reps, list(_numbers(reps)), t_s, total_n, share, rows, _top_n(reps, t_s, total_n), notes
        )

    @property
    def in_minutes(self) -> bool:
        """Whether times are told as minutes and seconds."""
        return bool(self.rows) and self.rows[-1][1] > 120

    def within(self, row: tuple[float, float]) -> slice:
        """Return the frames of a row, one neighbour at each end included."""
        first, last = np.searchsorted(self.t_s, row)
        return slice(max(0, int(first) - 1), int(last) + 1)


def _curves(analysis: Analysis) -> tuple[F64, F64, F64]:
    """Return times, total and heel share, with a blank put in wherever frames are no neighbours."""
    frames = analysis.result.frames
    t_s = (frames.t_ns - analysis.t0_ns) / 1e9
    share = frames.heel_share if analysis.heel_and_toe else np.full(len(t_s), np.nan)
    holes = np.flatnonzero(np.diff(t_s) > 1.5 / analysis.params.frame_rate_hz) + 1
    middle_s = (t_s[holes] + t_s[holes - 1]) / 2
    return (
        np.insert(t_s, holes, middle_s),
        np.insert(frames.total_n, holes, np.nan),
        np.insert(share, holes, np.nan),
    )


def _numbers(reps: list[dict[str, Any]]) -> Iterator[int | None]:
    count = 0
    for rep in reps:
        count += rep["complete"]
        yield count if rep["complete"] else None


def extent(rep: dict[str, Any]) -> tuple[float, float]:
    """Return the first and the last known boundary of a rep, s."""
    known = [rep[f"{name}_s"] for name in BOUNDARIES if rep[f"{name}_s"] is not None]
    return (min(known), max(known)) if known else (0.0, 0.0)


def _top_n(reps: list[dict[str, Any]], t_s: F64, total_n: F64) -> float:
    """Return the top of the force axis: a step onto the plate must not dwarf the reps."""
    lifting = np.zeros(len(t_s), bool)
    for rep in reps:
        start_s, end_s = extent(rep)
        lifting |= (t_s >= start_s) & (t_s <= end_s)
    for chosen, part in ((lifting, 99.0), (np.ones(len(t_s), bool), 100.0)):
        values = total_n[chosen & ~np.isnan(total_n)]
        if len(values):
            return max(1.35 * float(np.percentile(values, part)), 10.0)
    return 100.0


def _rows(known_s: F64, extents: list[tuple[float, float]]) -> tuple[list[tuple[float, float]], list[str]]:
    """Return start and end of each row, and what is to be said of rows left out."""
    if not len(known_s):
        return [], []
    rows: list[tuple[float, float]] = []
    notes: list[str] = []
    start_s, last_s = float(known_s[0]), float(known_s[-1])
    while start_s < last_s or not rows:
        end_s = last_s
        if last_s - start_s > SINGLE_ROW_S:
            even_s = (last_s - start_s) / -(-(last_s - start_s) // LONGEST_ROW_S)
            end_s = _between_reps(start_s, start_s + even_s, extents)
        rows.append((start_s, max(end_s, start_s + 0.1)))
        following = known_s[np.searchsorted(known_s, end_s) :]
        skips = len(following) and following[0] - end_s > ROW_S
        start_s = float(following[0]) if skips else end_s
        if skips and not notes:
            notes.append("Long stretches with no data are left out.")
    if len(rows) > MAX_ROWS:
        with_reps = [row for row in rows if any(a < row[1] and b > row[0] for a, b in extents)]
        if with_reps:
            notes.append("Rows with no rep are left out.")
            rows = with_reps
    if len(rows) > MAX_ROWS:
        notes.append(f"Only the first {MAX_ROWS} of {len(rows)} rows are shown.")
    return rows[:MAX_ROWS], notes


def _between_reps(start_s: float, end_s: float, extents: list[tuple[float, float]]) -> float:
    """Return where a row may end: near `end_s`, ahead of or behind a rep that it would cut."""
    for first_s, last_s in extents:
        if first_s < end_s < last_s:
            ends = [first_s - ASIDE_S, last_s + ASIDE_S]
            fit = [end for end in ends if ROW_S / 2 < end - start_s < LONGEST_ROW_S]
            return min(fit, key=lambda end: abs(end - end_s), default=end_s)
    return end_s
