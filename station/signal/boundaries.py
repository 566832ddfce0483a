"""The six boundaries of a rep that has ended, found again with a look at what followed.

First where the load changes over (`transfer`), then the movement between: a hip that goes up, stays
and comes down, whose force is a level that depends on the height, plus inertia (`lockout`).
Each is held against a grid of shapes, places and durations (`shapes`, `fits`), with what the
bout has shown so far as a prior (`learnt`). Places are fractional frames of the window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from station.signal.learnt import Learnt, both
from station.signal.lockout import lockout
from station.signal.model import BOUNDARIES, F64, Bools
from station.signal.shapes import RATE_HZ
from station.signal.transfer import Rough, edges

# All forces are shares of the lift level.
LARGEST = 2.0  # a hard landing; more is not a body
OTHER_LOAD = 0.35  # a lift level so far off is not the same load

# Half of a 90 % interval: so many s, so many of the deviation over shapes, and so much for what the
# ascent's (or the descent's) fit leaves or, of the lockout, for how faint it was: a shape that is like
# no known one is biased, and says so; a movement that ends softly leaves little to be seen of its end.
# From quantile regressions on simulated reps of five worlds, for touchdown, rest and turns of ten; those
# of touchdown and rest held too much by now and are a twelfth less. A compromise: shapes that the tables
# know are inside more often than 90 %, strange ones less (docs/SIGNAL.md).
HALF_WIDTH = {
    "push_start": (0.019, 1.3, 0.5),
    "lift_off": (0.0, 2.0, 1.15),
    "lockout_start": (0.0, 1.9, 0.43),
    "lockout_end": (0.0, 1.5, 0.68),
    "touchdown": (0.036, 0.55, 1.25),
    "rest": (0.013, 1.25, 0.7),
}
TURN_HALF_WIDTH = {"lift_off": (0.0, 4.3, 2.5), "touchdown": (0.0, 1.8, 15.0)}  # where no load changes over
NEAR = 15  # frames on either side of a boundary that have to be known
GAP_S = 0.3  # what an interval grows by with no frame known there; beyond half of them, null


@dataclass(frozen=True)
class Boundaries:
    """Places in fractional frames of the window, and half widths of their 90 % intervals in s.

    landing : where hips that were let go land at the earliest
    """

    push_start: float | None
    lift_off: float
    lockout_start: float
    lockout_end: float
    touchdown: float
    rest: float | None
    uncertainty_s: dict[str, float | None]
    landing: float | None = None


def refined(y: F64, known: Bools, rough: Rough, learnt: Learnt) -> tuple[Boundaries, Learnt] | None:
    """Find the boundaries in `y`, shape (n,), N, gaps bridged, of which `known` frames were there.

    Returns them with what the bout has shown now, or None where there is no rep.
    """
    last = len(y) - 1
    if not (last > 1 and 0.0 <= rough.lift < rough.fall <= last and (y * y).sum() < 1e12):
        return None
    unit_n = learnt.unit_n or rough.lift_n
    if not (rough.lift_n > 0.0 and abs(rough.lift_n / unit_n - 1.0) < OTHER_LOAD):
        learnt, unit_n = Learnt(), rough.lift_n
    if not unit_n > 0.0:
        return None
    force = np.minimum(np.maximum(y / unit_n, 0.0), LARGEST)
    ends = edges(force, rough, replace(learnt, unit_n=unit_n))
    if ends is None:
        return None
    push, fall, learnt = ends
    moves = lockout(force, push.high, fall.high, learnt)
    if moves is None:
        return None
    up, down, learnt = moves
    start, end = push.high + RATE_HZ * up.took_s, fall.high - RATE_HZ * down.took_s
    if start > end:
        start = end = (start + end) / 2
    places = (push.low, push.high, start, end, fall.high, fall.low)
    start_sd, end_sd = both(RATE_HZ * up.took_sd, push.high_sd), both(RATE_HZ * down.took_sd, fall.high_sd)
    deviations = (push.low_sd, push.high_sd, start_sd, end_sd, fall.high_sd, fall.low_sd)
    unlike = (up.rms, up.rms, up.faintness, down.faintness, down.rms, down.rms)
    turned = {"lift_off": push.low is None, "touchdown": fall.low is None}
    half = {
        name: _half_width((TURN_HALF_WIDTH if turned.get(name) else HALF_WIDTH)[name], at, sd, left, known)
        for name, at, sd, left in zip(BOUNDARIES, places, deviations, unlike, strict=True)
    }
    return Boundaries(push.low, push.high, start, end, fall.high, fall.low, half), learnt


def _half_width(
    width: tuple[float, float, float], at: float | None, sd: float, left: float, known: Bools
) -> float | None:
    """Return half of the 90 % interval of a boundary in s; None where too little is known around it.

    width : see `HALF_WIDTH`; sd : in frames
    left : what the fit of its movement leaves, or how faint that was
    """
    if at is None:
        return None
    near = known[max(round(at) - NEAR, 0) : max(round(at) + NEAR + 1, 1)]
    missing = 1.0 - float(near.sum()) / max(len(near), 1)
    if missing > 0.5:
        return None
    least_s, of_sd, of_left = width
    return least_s + of_sd * sd / RATE_HZ + of_left * left + GAP_S * missing
