"""The goal presets against the ranges of the training sources and our stated defaults."""

from __future__ import annotations

import pytest

from station.coach.programs import GOALS


@pytest.mark.parametrize(
    ("key", "reps", "sets", "hold_s", "rest_s"),
    [
        ("technique", (8, 12), (2, 3), 1.0, 60),
        ("strength", (6, 8), (3, 5), 1.5, 120),
        ("endurance", (12, 20), (2, 4), None, 45),
        ("squeeze", (10, 10), (3, 3), 2.0, 60),
        ("free", (None, None), (None, None), None, None),
    ],
)
def test_a_goal_asks_for_what_its_source_says(
    key: str,
    reps: tuple[int | None, int | None],
    sets: tuple[int | None, int | None],
    hold_s: float | None,
    rest_s: float | None,
) -> None:
    goal = GOALS[key]
    assert ((goal.reps_low, goal.reps_high), goal.hold_s, goal.rest_s) == (reps, hold_s, rest_s)
    assert (goal.sets_low, goal.sets_high) == sets
    assert goal.key == key


def test_no_goal_is_missing_from_the_test() -> None:
    assert set(GOALS) == {"technique", "strength", "endurance", "squeeze", "free"}
