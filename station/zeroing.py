"""The zero of the plate: taken when it is empty and quiet, near the last one, or on somebody's word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from station.conversions import Calibration

GATE_N = 15.0  # further from the last zero than this is a load, not drift
EVERY_NS = 5_000_000_000
WORTHWHILE_N = 0.3

FourCounts: TypeAlias = tuple[float, float, float, float]


@dataclass
class Zeroing:
    """The calibration with the newest zero, and when that was taken.

    known : whether the plate was zeroed at all since it was met
    """

    in_force: Calibration
    known: bool = False
    taken_ns: int = 0

    def away_n(self, zero_count: FourCounts) -> float:
        """Return how far a zero lies from the one in force, N over all cells."""
        old = self.in_force
        triples = zip(zero_count, old.zero_count, old.newtons_per_count, strict=True)
        return abs(sum((new - was) * gain for new, was, gain in triples))

    def due(self, quiet: FourCounts, now_ns: int) -> bool:
        """Tell whether the plate, at rest with these counts, is to be zeroed by itself."""
        away_n = self.away_n(quiet)
        worthwhile = now_ns - self.taken_ns >= EVERY_NS and away_n >= WORTHWHILE_N
        return away_n <= GATE_N and (worthwhile or not self.known)

    def take(self, zero_count: FourCounts, now_ns: int) -> None:
        """Put a zero in force."""
        self.in_force = replace(self.in_force, zero_count=zero_count)
        self.known = True
        self.taken_ns = now_ns
