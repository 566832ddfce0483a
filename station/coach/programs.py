"""What a set aims at: the goal presets, with the defaults of our choice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A goal preset; stored with every set that has it.

    reps_low, reps_high : repetitions a set, None where any number is right
    hold_s : how long the top is held, None where the hold is not judged
    rest_s : between sets
    """

    key: str
    name: str
    reps_low: int | None
    reps_high: int | None
    hold_s: float | None
    rest_s: float | None


GOALS: dict[str, Goal] = {
    goal.key: goal
    for goal in (
        Goal("technique", "Technique", 8, 12, 1.0, 60.0),
        Goal("strength", "Strength", 6, 8, 1.5, 120.0),
        Goal("endurance", "Endurance", 12, 20, None, 45.0),
        Goal("squeeze", "3 × 10, 2 s squeeze", 10, 10, 2.0, 60.0),
        Goal("free", "Free", None, None, None, None),
    )
}
