"""What an athlete does over time: smooth tracks between keyframes, and the true times of each rep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

Ease = Literal["smooth", "push", "min_jerk", "early", "late", "drop"]
Style = Literal["dead_stop", "touch", "hover"]

BOUNDARIES_S = ("push_start_s", "lift_off_s", "lockout_start_s", "lockout_end_s", "touchdown_s", "rest_s")

# Polynomials from (0, 0) to (1, 1), coefficients of x⁰ … x⁶.
EASES: dict[Ease, tuple[float, ...]] = {
    "smooth": (0, 0, 3, -2, 0, 0, 0),
    "push": (0, 0, 2, -1, 0, 0, 0),  # still rising when it arrives
    "min_jerk": (0, 0, 0, 10, -15, 6, 0),  # Flash and Hogan 1985
    "early": (0, 0, 0, 18, -39, 30, -8),  # min_jerk + 8·x³(1−x)³: fastest before half-way
    "late": (0, 0, 0, 2, 9, -18, 8),
    "drop": (0, 0, 0, 2, -1, 0, 0),  # arrives at twice the mean speed
}


class Track:
    """One quantity over time: it moves from keyframe to keyframe and holds in between."""

    def __init__(self, moves: list[tuple[float, float, float, float, Ease]]) -> None:
        """Take `moves` in order: start_s, duration_s, value before, value after, ease."""
        self._start_s = np.array([m[0] for m in moves])
        self._duration_s = np.array([m[1] for m in moves])
        self._before = np.array([m[2] for m in moves])
        self._change = np.array([m[3] - m[2] for m in moves])
        self._ease = np.array([EASES[m[4]] for m in moves], dtype=np.float64)

    def at(self, t_s: F64) -> F64:
        """Return the value at `t_s`, shape (n,)."""
        i, x = self._locate(t_s)
        return self._before[i] + self._change[i] * _horner(self._ease[i], x)

    def rates(self, t_s: F64) -> tuple[F64, F64]:
        """Return the first and second derivative at `t_s`, per s and per s², each shape (n,)."""
        i, x = self._locate(t_s)
        moving = (x < 1.0) / self._duration_s[i]
        first = _derived(self._ease[i])
        velocity = self._change[i] * moving * _horner(first, x)
        return velocity, self._change[i] * moving * moving * _horner(_derived(first), x)

    def _locate(self, t_s: F64) -> tuple[NDArray[np.intp], F64]:
        i = np.maximum(np.searchsorted(self._start_s, t_s, side="right") - 1, 0)
        return i, np.clip((t_s - self._start_s[i]) / self._duration_s[i], 0.0, 1.0)


def _horner(coefficients: F64, x: F64) -> F64:
    value = np.zeros_like(x)
    for power in range(coefficients.shape[1] - 1, -1, -1):
        value = value * x + coefficients[:, power]
    return value


def _derived(coefficients: F64) -> F64:
    return coefficients[:, 1:] * np.arange(1.0, coefficients.shape[1])


@dataclass(frozen=True)
class Jolt:
    """A short force on the plate: a ringing bench, or hips that land hard."""

    at_s: float
    peak_n: float
    length_s: float  # of a thump, or the decay time of a ringing
    ring_hz: float | None = None

    def force_n(self, t_s: F64) -> F64:
        """Return what it adds at `t_s`, N."""
        x = (t_s - self.at_s) / self.length_s
        if self.ring_hz is None:
            return np.where((x > 0) & (x < 1), self.peak_n * np.sin(np.pi * np.clip(x, 0, 1)), 0.0)
        x = np.clip(x, 0.0, 40.0)
        return self.peak_n * np.exp(-x) * np.sin(2 * np.pi * self.ring_hz * self.length_s * x)

    @property
    def end_s(self) -> float:
        """When nothing of it is left."""
        return self.at_s + self.length_s * (1.0 if self.ring_hz is None else 40.0)


@dataclass(frozen=True)
class RepTimes:
    """The true boundaries of one rep, s; None where a style has none."""

    set: int
    number: int  # within its set, from 1
    style: Style
    push_start_s: float | None
    lift_off_s: float
    lockout_start_s: float
    lockout_end_s: float
    touchdown_s: float
    rest_s: float | None
    faults: tuple[str, ...] = ()

    @property
    def end_s(self) -> float:
        """When nothing of the rep is left to come."""
        return self.touchdown_s if self.rest_s is None else self.rest_s

    def moved(self, by_s: float, sets: int) -> RepTimes:
        """Return the same rep `by_s` and as many sets later."""
        later: dict[str, Any] = {"set": self.set + sets}
        for name in BOUNDARIES_S:
            if (t_s := getattr(self, name)) is not None:
                later[name] = t_s + by_s
        return replace(self, **later)


@dataclass(frozen=True)
class Happening:
    """Something that is no rep, such as ``aborted_push``."""

    kind: str
    start_s: float
    end_s: float

    def moved(self, by_s: float) -> Happening:
        """Return the same `by_s` later."""
        return Happening(self.kind, self.start_s + by_s, self.end_s + by_s)


@dataclass(frozen=True)
class Timeline:
    """All that one stretch of time holds; times in s from its start.

    foot_n : what lies on the plate while the hips rest, N (0: nothing)
    object_n : what else lies on it, and does not breathe, N
    carry : how much of the lifted body the foot carries, 0 hips on the floor … 1 hips free
    height : of the hip, 0 floor … 1 lockout
    heel, left : shares of the force, 0…1
    fidget_n : unrest on top of an athlete's own, rms, N
    """

    foot_n: Track
    object_n: Track
    carry: Track
    height: Track
    heel: Track
    left: Track
    fidget_n: Track
    jolts: tuple[Jolt, ...]
    reps: tuple[RepTimes, ...]
    happenings: tuple[Happening, ...]
    end_s: float
