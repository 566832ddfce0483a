"""What has been learnt of this person in this bout: lift level, tempo, boundaries.

No threshold of a rep is an absolute force: all are shares of the way from the resting level to
the lift level, or multiples of the resting level while no lift has been seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from station.signal.learnt import Learnt
from station.signal.lift import Manner
from station.signal.movements import DOWNS, STEP_S, TYPICAL, UPS, Weights
from station.signal.sequence import Turn

T = TypeVar("T", int, float)

KEPT_REPS = 7
LENGTH_REPS = 2
TEMPO_REPS = 1  # after so many a person's own tempo is believed


def median(values: Sequence[T]) -> T:
    """Return the middle value (the lower one of two), which is always one that was measured."""
    return sorted(values)[(len(values) - 1) // 2]


@dataclass(frozen=True)
class Bout:
    """Reps of the bout so far, newest last."""

    lifts_n: tuple[float, ...] = ()  # level of each, N
    lengths_s: tuple[float, ...] = ()  # from push to unloading
    ups: tuple[int, ...] = ()  # places in `movements.UPS`
    downs: tuple[int, ...] = ()  # places in `movements.DOWNS`
    rep_steps: tuple[int, ...] = ()  # from lift-off to touchdown, in steps of the lift's model
    weights: tuple[Weights, ...] = ()  # of the lift's model
    tops_n: tuple[float, ...] = ()  # force at lockout
    ends: tuple[Turn, ...] = ()  # what followed each rep
    learnt: Learnt = field(default_factory=Learnt)  # of its boundaries

    @property
    def lift_n(self) -> float | None:
        """The lift level, or None before the first rep."""
        return median(self.lifts_n) if self.lifts_n else None

    @property
    def length_s(self) -> float | None:
        """How long a rep usually lasts, or None while unknown."""
        return median(self.lengths_s) if len(self.lengths_s) >= LENGTH_REPS else None

    @property
    def dead_stop(self) -> bool:
        """Whether every rep so far was followed by a rest."""
        return all(end == "rest" for end in self.ends)

    @property
    def manner(self) -> Manner:
        """The tempo as far as it is known."""
        return Manner(
            up=median(self.ups) if len(self.ups) >= TEMPO_REPS else None,
            down=median(self.downs) if len(self.downs) >= TEMPO_REPS else None,
            weights=self._expected() if self.weights else None,
            ends=self.ends,
            length=median(self.rep_steps) if self.rep_steps else None,
            measured=len(self.rep_steps),
        )

    def _expected(self) -> Weights:
        """Return the mean of what was seen and of what is typical."""
        n = 1 + len(self.weights)
        a, b, c, d = (sum(column) / n for column in zip(TYPICAL, *self.weights, strict=True))
        return a, b, c, d

    @property
    def up_s(self) -> float | None:
        """How long an ascent usually takes, or None while unknown."""
        return UPS[median(self.ups)] * STEP_S if self.ups else None

    @property
    def down_s(self) -> float | None:
        """How long a way down usually takes, or None while unknown."""
        return DOWNS[median(self.downs)] * STEP_S if self.downs else None

    @property
    def least_s(self) -> float | None:
        """How long hips are off the floor at least, as a rule: up and down without a hold."""
        if not (self.ups and self.downs):
            return None
        return (UPS[median(self.ups)] + DOWNS[median(self.downs)]) * STEP_S

    @property
    def top_n(self) -> float | None:
        """The force at lockout, or None while unknown."""
        return median(self.tops_n) if self.tops_n else None

    def with_fit(self, top_n: float, weights: Weights) -> Bout:
        """Learn from what fitted a rep: the force at lockout, N, and the weights of the model."""
        return replace(
            self, tops_n=(*self.tops_n, top_n)[-KEPT_REPS:], weights=(*self.weights, weights)[-KEPT_REPS:]
        )

    def with_rep(
        self,
        lift_n: float,
        length_s: float,
        end: Turn,
        up: int | None = None,
        down: int | None = None,
        steps: int | None = None,
    ) -> Bout:
        """Learn from a rep: its level in N, what followed, places in the lists of durations, its steps."""
        return replace(
            self,
            lifts_n=(*self.lifts_n, lift_n)[-KEPT_REPS:],
            lengths_s=(*self.lengths_s, length_s)[-KEPT_REPS:],
            ends=(*self.ends, end)[-KEPT_REPS:],
            ups=self.ups if up is None else (*self.ups, up)[-KEPT_REPS:],
            downs=self.downs if down is None else (*self.downs, down)[-KEPT_REPS:],
            rep_steps=self.rep_steps if steps is None else (*self.rep_steps, steps)[-KEPT_REPS:],
        )
