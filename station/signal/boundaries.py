"""The six boundaries of a rep that has ended, found again with a look at what followed.

A load transfer is a level that glides into another one; a movement is a hip that goes up, stays
and comes down, whose force is a level that depends on the height, plus inertia (`lockout`).
Each is held against a grid of shapes, places and durations (`shapes`, `fits`), with what the
bout has shown so far as a prior (`learnt`). Places are fractional frames of the window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from station.signal import shapes
from station.signal.fits import Table, block_means, families, mean_and_spread, misfits, weights
from station.signal.learnt import Learnt, Own, Transfers, both
from station.signal.lockout import DOUBT, WILD, lockout
from station.signal.model import BOUNDARIES, F64, Bools
from station.signal.shapes import RATE_HZ

Turn = Literal["rest", "touch", "hover"]

# All forces are shares of the lift level.
LARGEST = 2.0  # a hard landing; more is not a body
LEAST_STEP = 0.08  # between the low level and the bottom, or there is no transfer to be found
BOTTOM = 0.6, 1.7  # what the bottom level may be
OTHER_LOAD = 0.35  # a lift level so far off is not the same load
EARLY_S = 0.02  # a push hardly begins while the fall before it lasts
LOW_NEAR = 25  # frames around a shallow touch in which its deepest place lies
NEARLY = 0.1  # of the way from there to half-way up still is the low
LEVEL_SD, LASTING_SD = 0.03, 0.02  # no rep shows a level, or a duration (s), better than that

# Half of a 90 % interval: so many s, so many of the deviation over shapes, and so much for what the
# ascent's (or the descent's) fit leaves or, of the lockout, for how faint it was: a shape that is like
# no known one is biased, and says so; a movement that ends softly leaves little to be seen of its end.
# From quantile regressions on simulated reps of five worlds, for touchdown, rest and turns of ten; those
# of touchdown and rest held too much by now and are a twelfth less. A compromise: shapes that the tables
# know are inside more often than 90 %, strange ones less (docs/BENCHMARKS.md).
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
class Rough:
    """A rep as it was seen live: places in frames of the window, levels in N."""

    before: Turn  # what the hips did before it, and after it
    after: Turn
    lift: float  # about the middle of the push, or the low turn
    fall: float  # about the middle of the unloading, or the next low turn
    before_n: float  # while the hips were low, on either side
    after_n: float
    lift_n: float


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


@dataclass(frozen=True)
class Edge:
    """Where the load changes over: places and deviations in frames."""

    low: float | None  # push_start or rest
    high: float  # lift_off or touchdown
    low_sd: float
    high_sd: float

    def mirrored(self, last: int) -> Edge:
        """Return the edge as seen forwards, found in a window turned round."""
        return replace(self, low=None if self.low is None else last - self.low, high=last - self.high)


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
    ends = _edges(force, rough, replace(learnt, unit_n=unit_n))
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


def _edges(y: F64, rough: Rough, learnt: Learnt) -> tuple[Edge, Edge, Learnt] | None:
    """Fit the unloading, backwards, and then the push; each tells the next about the bottom level."""
    last, unit_n = len(y) - 1, learnt.unit_n or rough.lift_n
    place, low = last - rough.fall, rough.after_n / unit_n
    down, up = (shapes.transfers(moves.lasts.mean) for moves in (learnt.down, learnt.up))
    unloading = _edge(y[::-1], place, rough.after, low, down, learnt.bottom, learnt.fall, learnt.push)
    if unloading is None:
        return None
    fall, bottom, falls = unloading
    push = _edge(y, rough.lift, rough.before, rough.before_n / unit_n, up, bottom, learnt.push, falls)
    if push is None:
        return None
    return push[0], fall.mirrored(last), replace(learnt, bottom=push[1], push=push[2], fall=falls)


def _edge(
    y: F64,
    place: float,
    turn: Turn,
    low: float,
    models: Table,
    bottom: Own,
    own: Transfers,
    other: Transfers,
) -> tuple[Edge, Own, Transfers] | None:
    """Fit the transfer from the low level to the lift; `y` runs upwards, `other` is of the way back."""
    if turn == "touch" and bottom.mean - low < LEAST_STEP:
        low = float(y[max(int(place) - LOW_NEAR, 0) : int(place) + LOW_NEAR].min())
    step = bottom.mean - low
    if turn == "hover" or (turn == "touch" and step < LEAST_STEP):
        return _turn(y, place, bottom), bottom, own
    if not step > LEAST_STEP:
        return None
    middle = _crossing(y, place, low + step / 2)
    a, b = middle + shapes.TRANSFER_FROM_S * RATE_HZ, middle + shapes.TRANSFER_TO_S * RATE_HZ
    clear = _clear(y, middle, a, low + step / 2, None if turn == "touch" else other.lasts.mean)
    z = block_means(y[clear:], a - clear, b - clear, shapes.TRANSFER_BLOCKS) - low
    misfit, level, rms = misfits(z, models, (step, bottom.deviation))
    start, end = models.parameters
    off = (end - start - own.lasts.mean) / own.lasts.deviation
    early = np.maximum((clear - middle) / RATE_HZ - start, 0.0) / EARLY_S
    weight = weights(misfit + off * off + early * early, own.ways)
    found = mean_and_spread((start, end, end - start, low + level), weight)
    (begin, begin_sd), (stop, stop_sd), (lasted, lasted_sd), (seen, seen_sd) = found
    if not (rms < WILD and BOTTOM[0] < seen < BOTTOM[1]):
        return None
    edge = Edge(middle + RATE_HZ * begin, middle + RATE_HZ * stop, RATE_HZ * begin_sd, RATE_HZ * stop_sd)
    lasts = own.lasts.seen(lasted, lasted_sd + LASTING_SD)
    return edge, bottom.seen(seen, both(seen_sd, LEVEL_SD)), Transfers(lasts, families(weight, DOUBT))


def _turn(y: F64, place: float, bottom: Own) -> Edge:
    """Fit a low turn without a touch; where its ascent begins is the high end of this edge."""
    a, b = place + shapes.TURN_FROM_S * RATE_HZ, place + shapes.TURN_TO_S * RATE_HZ
    z = block_means(y, a, b, shapes.TURN_BLOCKS)
    misfit, _, _ = misfits(z, shapes.TURN, (bottom.mean, bottom.deviation))
    start_s, sd_s = mean_and_spread((shapes.TURN.parameters[1],), weights(misfit, (1.0,)))[0]
    return Edge(None, place + RATE_HZ * start_s, 0.0, RATE_HZ * sd_s)


def _crossing(y: F64, place: float, level: float) -> float:
    """Return where `y` crosses a level upwards, nearest to a place."""
    ups = np.flatnonzero((y[:-1] < level) & (y[1:] >= level))
    if len(ups) == 0:
        return place
    k = int(ups[np.argmin(np.abs(ups - place))])
    return k + float((level - y[k]) / (y[k + 1] - y[k]))


def _clear(y: F64, middle: float, first: float, level: float, fall_s: float | None) -> int:
    """Return from which frame on the low level before a rise is free of the fall before it.

    fall_s : how long that lasts; None for a touch, where the low itself is looked for
    """
    begin, stop = max(int(first), 0), max(int(middle), 1)
    above = np.flatnonzero(y[begin : max(stop - 5, begin)] > level)
    if len(above) == 0:
        return min(begin, stop)
    begin += int(above[-1])
    if fall_s is not None:
        return min(begin + int((fall_s / 2 + EARLY_S) * RATE_HZ), stop)
    lowest = float(y[begin : stop + 1].min())
    return begin + int(np.argmax(y[begin : stop + 1] <= lowest + NEARLY * (level - lowest)))
