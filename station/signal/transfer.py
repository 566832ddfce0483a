"""Where the load changes over: from a leg at rest to the lift, and back.

A transfer is a level that glides into another one, where a movement begins at once. It is held
against a grid of shapes, places and durations, its lower half against corners; a low turn without
a touch against another grid. Forces are shares of the lift level, places fractional frames.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from station.signal import shapes
from station.signal.fits import Table, block_means, families, mean_and_spread, misfits, weights
from station.signal.learnt import Learnt, Own, Transfers, both
from station.signal.lockout import DOUBT, WILD
from station.signal.model import F64
from station.signal.shapes import RATE_HZ

Turn = Literal["rest", "touch", "hover"]

LEAST_STEP = 0.08  # between the low level and the bottom, or there is no transfer to be found
BOTTOM = 0.6, 1.7  # what the bottom level may be
EARLY_S = 0.02  # a push hardly begins while the fall before it lasts
LOW_NEAR = 25  # frames around a shallow touch in which its deepest place lies
NEARLY = 0.1  # of the way from there to half-way up still is the low
# Where the low level ends is asked twice: of the whole transfer, whose upper end need not be like any that
# is known, and of its lower half alone. Of the one's deviation so much counts, the other's never less than
# so many s: chosen so that unknown shapes gain more than known ones lose (docs/EXPERIMENTS.md).
WHOLE_SD, HALF_SD_S = 0.3, 0.008
HALF_STEP_SD, HALF_LASTS_SD = 0.1, 0.06  # from half of the step, of the time: shares of the whole ones
LEVEL_SD, LASTING_SD = 0.03, 0.02  # no rep shows a level, or a duration (s), better than that


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
class Edge:
    """Where the load changes over: places and deviations in frames."""

    low: float | None  # push_start or rest
    high: float  # lift_off or touchdown
    low_sd: float
    high_sd: float

    def mirrored(self, last: int) -> Edge:
        """Return the edge as seen forwards, found in a window turned round."""
        return replace(self, low=None if self.low is None else last - self.low, high=last - self.high)


def edges(y: F64, rough: Rough, learnt: Learnt) -> tuple[Edge, Edge, Learnt] | None:
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
    begin, begin_sd = _low_end((begin, begin_sd), y[clear:], middle - clear, (low, step), own.lasts)
    edge = Edge(middle + RATE_HZ * begin, middle + RATE_HZ * stop, RATE_HZ * begin_sd, RATE_HZ * stop_sd)
    lasts = own.lasts.seen(lasted, lasted_sd + LASTING_SD)
    return edge, bottom.seen(seen, both(seen_sd, LEVEL_SD)), Transfers(lasts, families(weight, DOUBT))


def _low_end(
    whole: tuple[float, float], y: F64, middle: float, levels: tuple[float, float], lasts: Own
) -> tuple[float, float]:
    """Return where the low level ends, in s from the middle, and its deviation.

    whole : the same by the fit of the whole transfer, which is asked together with its lower half
    levels : the low level, and the step from there; lasts : the bout's transfers, in s
    """
    low, step = levels
    begin = middle + shapes.CORNER_FROM_S * RATE_HZ
    z = block_means(y, begin, middle, shapes.CORNER_BLOCKS) - low
    misfit, _, _ = misfits(z, shapes.CORNER, (step / 2, HALF_STEP_SD * step))
    at = shapes.CORNER.parameters[0]
    off = (at + lasts.mean / 2) / both(lasts.deviation / 2, HALF_LASTS_SD * lasts.mean)
    half = mean_and_spread((at,), weights(misfit + off * off, (1.0, 1.0)))[0]
    whole_sd, half_sd = WHOLE_SD * whole[1], both(half[1], HALF_SD_S)
    share = whole_sd * whole_sd / (whole_sd * whole_sd + half_sd * half_sd)
    place, deviation = (a + share * (b - a) for a, b in zip(whole, half, strict=True))
    return place, deviation  # not less than theirs by there being two: both are of the same data


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
