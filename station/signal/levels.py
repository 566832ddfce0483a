"""What a force means for this person in this bout: resting level, lift level, bumps.

No threshold of a rep is an absolute force; they are all shares of the way from the resting
level to the lift level, and both are learnt here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from station.signal.refine import MOVEMENTS, TRANSFERS, Family

OFF_N = 20.0  # less than any resting foot
KEPT_REPS = 7
KNOWN_BOTTOMS = 3


def median(values: list[float] | tuple[float, ...]) -> float:
    """Return the middle value (the lower one of two), which is always one that was measured."""
    return sorted(values)[(len(values) - 1) // 2]


@dataclass(frozen=True)
class Bout:
    """What has been learnt since the set or the bout began; levels in N."""

    lifts_n: tuple[float, ...] = ()  # plateaus of the last reps
    ascent_n: tuple[float, ...] = ()  # force of an ascent that began on the floor, tick by tick
    push: Family = field(
        default_factory=lambda: Family((0.0,) * TRANSFERS)
    )  # shapes of its load transfers and movements
    fall: Family = field(default_factory=lambda: Family((0.0,) * TRANSFERS))
    move: Family = field(default_factory=lambda: Family((0.0,) * MOVEMENTS))
    bottoms_n: tuple[float, ...] = ()  # force at lift-off and touchdown of the last reps
    depths: tuple[float, ...] = ()  # how deep they unloaded, share of the way to the resting level
    turns: int = 0  # low turns between reps that never touched

    @property
    def lift_n(self) -> float | None:
        """The lift level of this bout, or None before its first rep."""
        return median(self.lifts_n) if self.lifts_n else None

    def with_rep(self, lift_n: float) -> Bout:
        """Learn from a rep."""
        return replace(self, lifts_n=(*self.lifts_n, lift_n)[-KEPT_REPS:])

    @property
    def bottom_n(self) -> float | None:
        """The force at the bottom of the lift, or None before it has been seen a few times."""
        return median(self.bottoms_n) if len(self.bottoms_n) >= KNOWN_BOTTOMS else None

    def with_bottom(self, bottom_n: float) -> Bout:
        """Learn from a rep that has been refined."""
        return replace(self, bottoms_n=(*self.bottoms_n, bottom_n)[-KEPT_REPS:])

    def with_ascent(self, ascent_n: tuple[float, ...]) -> Bout:
        """Learn what an ascent of this bout looks like."""
        return replace(self, ascent_n=ascent_n)

    def with_depth(self, depth: float) -> Bout:
        """Learn how deep a rep was unloaded."""
        return replace(self, depths=(*self.depths, depth)[-KEPT_REPS:])

    def with_turn(self) -> Bout:
        """Learn that reps follow each other without a touch."""
        return replace(self, turns=self.turns + 1)
