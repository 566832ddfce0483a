"""Which set comes next, and what the next visit may add: written out case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.coach.programs import Plan
from station.coach.progression import Done, first_side, load_warning, mastered, next_set, next_visit
from station.coach.thresholds import Thresholds

LIMITS = Thresholds()
LEFT, RIGHT = Plan("left"), Plan("right")


def done(plan, counted=12, on_target=None, level=None, **more):
    on_target = counted if on_target is None else on_target
    return Done(plan, counted, on_target, None if level is None else min(level, on_target), **more)


def both(counted, sets=3, goal="technique", load_kg=0.0, tempo="controlled", **more):
    """A visit of clean sets on both sides."""
    plans = [Plan(side, goal=goal, load_kg=load_kg, tempo=tempo) for side in ("left", "right")]
    return [done(plan, counted, level=counted, **more) for _ in range(sets) for plan in plans]


def test_clean_is_on_target_and_confirmed_level() -> None:
    assert done(LEFT, 10, 9).clean == 0  # nobody said
    assert done(LEFT, 10, 9).shown == 9
    assert done(LEFT, 10, 9, level=6).clean == 6
    assert done(LEFT, 10, 9, level=10).clean == 9


@pytest.mark.parametrize(
    ("left", "right", "first"), [(10, 8, "right"), (7, 8, "left"), (8, 8, None), (None, 8, None)]
)
def test_the_side_with_fewer_clean_reps_begins(left, right, first) -> None:
    sets = [done(plan, 12, n) for plan, n in ((LEFT, left), (RIGHT, right)) if n is not None]
    assert first_side(sets) == first


def test_the_other_side_is_matched_by_clean_reps() -> None:
    proposal = next_set([done(LEFT, 12, 9)])
    assert (proposal.plan.side, proposal.plan.target_reps) == ("right", 9)
    assert "on-target" in proposal.why
    assert proposal.rest_s == 60
    proposal = next_set([done(LEFT, 12, 12, level=8)])
    assert proposal.plan.target_reps == 8
    assert "clean reps" in proposal.why
    proposal = next_set([done(LEFT, 12, 9), done(RIGHT, 9, 7)])
    assert (proposal.plan.side, proposal.plan.target_reps) == ("left", 7)


def test_the_goal_says_how_many_sets() -> None:
    def after(goal, each):
        sets = [done(Plan(side, goal=goal), 10) for _ in range(each) for side in ("left", "right")]
        return next_set(sets)

    assert after("technique", 1).plan is not None
    assert "enough" in after("technique", 2).why
    assert after("technique", 3).plan is None
    assert "enough" not in after("strength", 2).why
    assert after("strength", 5).plan is None
    assert after("free", 9).plan is not None
    assert after("strength", 1).rest_s == 120


def test_pain_ends_the_lift_on_both_sides() -> None:
    proposal = next_set([done(LEFT, 4, pain=True)])
    assert proposal.plan is None
    assert "Pain" in proposal.why
    step, why = next_visit([both(10), [done(LEFT, 4, pain=True)]], LIMITS)
    assert step == "none"
    assert "?" in why  # it asks first


@pytest.mark.parametrize(
    ("last", "step", "word"),
    [
        (both(9), "reps", "11 reps"),
        (both(11), "reps", "12 reps"),  # never beyond the goal's range
        ([*both(9)[:-1], done(RIGHT, 9, level=8)], "hold", "Not all"),
        ([done(LEFT, 9, level=9)], "hold", "Not all"),  # one side only
        ([done(LEFT, 10), done(RIGHT, 10)], "hold", "confirmed"),  # unconfirmed never unlocks more
        ([done(LEFT, 10, 7, level=10), done(RIGHT, 10, level=10)], "hold", "80 %"),
        ([done(LEFT, 10, level=10, twisted=True), done(RIGHT, 10, level=10)], "range", "floor"),
        ([done(LEFT, 10, 4, level=10, missed=6), done(RIGHT, 10, level=10)], "lighter", "same variant"),
        (both(12), "hold", "once more"),
    ],
)
def test_one_step_for_the_next_visit(last, step, word) -> None:
    found, why = next_visit([last], LIMITS)
    assert found == step
    assert word in why


def test_beyond_the_top_of_the_range_one_step_at_a_time() -> None:
    easy = {"effort": "easy"}
    assert next_visit([both(12, **easy), both(12, effort="right")], LIMITS)[0] == "hold"
    assert next_visit([both(12, **easy)] * 2, LIMITS)[0] == "pause"
    squeezed = [both(10, goal="squeeze", **easy)] * 2
    assert next_visit(squeezed, LIMITS)[0] == "tempo"
    slow = [both(10, goal="squeeze", tempo="three_one", **easy)] * 2
    assert next_visit(slow, LIMITS)[0] == "hold"  # the body alone is not mastered yet
    assert next_visit([both(12), both(12), *slow], LIMITS)[0] == "load"


def test_mastery_is_three_sets_of_twelve_clean_a_side_in_two_visits() -> None:
    assert not mastered([both(12)], LIMITS)
    assert mastered([both(12)] * 2, LIMITS)
    assert not mastered([both(12, sets=2)] * 2, LIMITS)
    assert not mastered([both(11)] * 2, LIMITS)
    assert not mastered([both(12, load_kg=10.0)] * 2, LIMITS)
    loaded = replace(LEFT, load_kg=5.0)
    assert "3 × 12" in (load_warning(loaded, [both(12)], LIMITS) or "")
    assert load_warning(loaded, [both(12)] * 2, LIMITS) is None
    assert load_warning(LEFT, [], LIMITS) is None
