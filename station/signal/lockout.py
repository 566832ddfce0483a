"""Where the lockout starts and ends: ascent, hold and descent fitted between lift-off and touchdown.

First both at once and coarsely, with one shape for both: that tells where the middle of the
lockout is. Then each half by itself, the descent backwards, with all shapes and finely: people
go down in another manner than up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from station.signal import shapes
from station.signal.fits import block_means, families, mean_and_spread, middle, misfits, weights
from station.signal.learnt import Learnt, Moves, Own, both
from station.signal.model import F64

SHORTEST_S, SHORTEST_MOVE_S = 0.6, 0.25  # from lift-off to touchdown; up or down
WILD = 0.3  # rms that a fit may leave, share of the lift level: beyond, it was something else
FAR_OFF = 0.4  # how far a rep's mean force may lie from its bottom level
LEAST_INERTIA = 0.01  # N s² for each N: there is no body without
REACH = 2.6  # deviations within which a duration is looked for
LEAST_PARTS = 4
OTHER_SHAPE = 0.02  # of its duration may hide in the ends of a movement of a shape not looked for
MOVE_SD, INERTIA_SD = 0.03, 0.003  # no rep shows a duration (s), an inertia (N s²/N) better than that
DOUBT = 0.1  # shared out evenly between the shapes after each rep
NEVER = 1e6  # a misfit


@dataclass(frozen=True)
class Move:
    """An ascent, or a descent as seen backwards: duration in s, inertia, each with its deviation.

    rms : what the fit leaves, share of the lift level
    """

    took_s: float
    took_sd: float
    inertia: float
    inertia_sd: float
    ways: tuple[float, ...]
    rms: float

    @property
    def faintness(self) -> float:
        """How little inertia there was to find, 1 where it is the least that a body can have."""
        share = LEAST_INERTIA / max(self.inertia, LEAST_INERTIA / 2)
        return share * share


def lockout(y: F64, lift_off: float, touchdown: float, learnt: Learnt) -> tuple[Move, Move, Learnt] | None:
    """Fit a rep's movements in `y`, shape (n,), shares of the lift level, between two places in frames.

    Returns the ascent, the descent and what the bout has shown now; None where it is no rep.
    """
    whole_s = (touchdown - lift_off) / shapes.RATE_HZ
    if whole_s < SHORTEST_S:
        return None
    z = block_means(y, lift_off, touchdown, shapes.MOVEMENT_BLOCKS) - learnt.bottom.mean
    if not abs(float(z.sum())) < FAR_OFF * len(z):
        return None
    coarse = _both_moves(z, whole_s, learnt)
    if coarse is None:
        return None
    up_s, down_s, ways = coarse
    top = (lift_off + touchdown + (up_s - down_s) * shapes.RATE_HZ) / 2
    last = len(y) - 1
    up = _move(y, lift_off, top, learnt, learnt.up)
    down = _move(y[::-1], last - touchdown, last - top, learnt, learnt.down)
    inertia = learnt.inertia
    for move in (up, down):
        inertia = inertia.seen(move.inertia, move.inertia_sd + INERTIA_SD)
    return (
        up,
        down,
        replace(
            learnt, inertia=inertia, moves=ways, up=_taught(learnt.up, up), down=_taught(learnt.down, down)
        ),
    )


def _taught(moves: Moves, move: Move) -> Moves:
    return Moves(moves.lasts.seen(move.took_s, move.took_sd + MOVE_SD), move.ways)


def _both_moves(z: F64, whole_s: float, learnt: Learnt) -> tuple[float, float, tuple[float, ...]] | None:
    """Fit ascent and descent at once: their durations in s, and how well each shape has fitted."""
    up_own, down_own, square = learnt.up.lasts, learnt.down.lasts, whole_s * whole_s
    models = shapes.MOVEMENT.part(slice(None), _likely(up_own, whole_s), _likely(down_own, whole_s))
    last = learnt.inertia.mean / square, learnt.inertia.deviation / square
    misfit, inertia, rms = misfits(z, models, last)
    if not rms < WILD:
        return None
    up, down = models.parameters * whole_s
    up_off, down_off = (up - up_own.mean) / up_own.deviation, (down - down_own.mean) / down_own.deviation
    impossible = (up + down > 1.01 * whole_s) | (inertia * square < LEAST_INERTIA)
    misfit = misfit + up_off * up_off + down_off * down_off + np.where(impossible, NEVER, 0.0)
    weight = weights(misfit, learnt.moves)
    (up_s, _), (down_s, _) = mean_and_spread((up, down), weight)
    spare = max(up_s + down_s - whole_s, 0.0) / 2
    return up_s - spare, down_s - spare, families(weight, DOUBT)


def _move(y: F64, begin: float, end: float, learnt: Learnt, moves: Moves) -> Move:
    """Fit an ascent that begins at one place, in frames, and is over before another."""
    whole_s = (end - begin) / shapes.RATE_HZ
    square, lasts = whole_s * whole_s, moves.lasts
    z = block_means(y, begin, end, shapes.HALF_BLOCKS) - learnt.bottom.mean
    last = learnt.inertia.mean / square, learnt.inertia.deviation / square
    misfit, inertia, rms = misfits(z, shapes.HALF, last)
    took_s, inertia = shapes.HALF.parameters[0] * whole_s, inertia * square
    off = (took_s - lasts.mean) / lasts.deviation
    weight = weights(misfit + off * off + np.where(inertia < LEAST_INERTIA, NEVER, 0.0), moves.ways)
    (_, sd_s), (seen, seen_sd) = mean_and_spread((took_s, inertia), weight)
    middle_s = middle(shapes.HALF_PARTS, weight.sum(axis=0)) * whole_s  # slow ones would draw a mean
    return Move(middle_s, both(sd_s, OTHER_SHAPE * middle_s), seen, seen_sd, families(weight, DOUBT), rms)


def _likely(own: Own, whole_s: float) -> slice:
    """Return which of `shapes.PARTS` of a time may be a duration that is known so well."""
    reach = REACH * own.deviation
    first = sum(part * whole_s < max(own.mean - reach, SHORTEST_MOVE_S) for part in shapes.PARTS)
    last = sum(part * whole_s <= own.mean + reach for part in shapes.PARTS)
    first = min(first, len(shapes.PARTS) - LEAST_PARTS)
    return slice(first, max(last, first + LEAST_PARTS))
