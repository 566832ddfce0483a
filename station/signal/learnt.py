"""What the reps of a bout have in common, and how well it is known by now.

Only reps that are over speak. Forces are shares of the lift level of the bout's first rep.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from station.signal import shapes

KEPT = 0.75  # of what was known, from rep to rep


def both(a: float, b: float) -> float:
    """Return the deviation of a sum of two independent quantities."""
    return sqrt(a * a + b * b)


@dataclass(frozen=True)
class Own:
    """A quantity that is alike in all reps of a bout.

    unsure : standard deviation of its mean; varies : from rep to rep, share of the mean
    """

    mean: float
    unsure: float
    varies: float

    @property
    def deviation(self) -> float:
        """How far the next rep's may lie from the mean."""
        return both(self.unsure, self.varies * self.mean)

    def seen(self, value: float, deviation: float) -> Own:
        """Learn from a rep (a Kalman filter of one state, with forgetting)."""
        spread = both(deviation, self.varies * self.mean)
        old, new = KEPT / (self.unsure * self.unsure), 1.0 / (spread * spread)
        return Own((old * self.mean + new * value) / (old + new), 1.0 / sqrt(old + new), self.varies)


@dataclass(frozen=True)
class Transfers:
    """How long load transfers last in s, and how well each shape has fitted."""

    lasts: Own = Own(0.37, 0.15, 0.15)
    ways: tuple[float, ...] = shapes.TRANSFER_LIKELY


@dataclass(frozen=True)
class Moves:
    """How long ascents (or descents, as seen backwards) last in s, and how well each shape has fitted."""

    lasts: Own
    ways: tuple[float, ...] = shapes.HALF_LIKELY


@dataclass(frozen=True)
class Learnt:
    """What the reps of this bout have shown; as it stands here, nothing yet."""

    unit_n: float | None = None
    bottom: Own = Own(1.02, 0.12, 0.03)  # level at lift-off and touchdown
    inertia: Own = Own(shapes.INERTIA, 0.012, 0.12)
    push: Transfers = Transfers()
    fall: Transfers = Transfers()
    up: Moves = Moves(Own(1.2, 0.9, 0.12))
    down: Moves = Moves(Own(1.6, 1.3, 0.15))
    moves: tuple[float, ...] = (1.0,) * len(shapes.MOVES)
