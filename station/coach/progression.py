"""What comes next: the next set of this visit, and what the next visit may add.

Sides are matched by clean reps, never by force. Load is the last step and is always confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from station.coach.programs import GOALS, SIDES, Plan, Side
from station.coach.thresholds import Thresholds

Effort: TypeAlias = Literal["easy", "right", "hard"]
EFFORTS: tuple[Effort, ...] = get_args(Effort)
Step: TypeAlias = Literal["reps", "pause", "tempo", "load", "hold", "range", "lighter", "none"]


@dataclass(frozen=True)
class Done:
    """One finished set.

    counted, on_target : reps
    confirmed : reps that were on target and confirmed level; None where nobody said
    missed : reps with a missed hold or descent
    """

    plan: Plan
    counted: int
    on_target: int
    confirmed: int | None = None
    twisted: bool = False
    pain: bool = False
    effort: Effort | None = None
    missed: int = 0

    @property
    def clean(self) -> int:
        """On target and confirmed level: what load is unlocked by."""
        return self.confirmed or 0

    @property
    def shown(self) -> int:
        """Clean reps where they are confirmed, reps on target where nobody said."""
        return self.on_target if self.confirmed is None else self.confirmed

    @property
    def rate(self) -> float:
        """The share of reps that were clean, or on target where nobody said."""
        return self.shown / self.counted if self.counted else 0.0

    @property
    def all_clean(self) -> bool:
        """Whether every rep was clean and there were as many as the goal asks for."""
        low = GOALS[self.plan.goal].reps_low or 1
        return self.counted >= low and self.clean == self.counted


@dataclass(frozen=True)
class Proposal:
    """What to do next, and why, in one sentence; plan is None where the lift is over for today."""

    plan: Plan | None
    why: str
    rest_s: float | None = None


def other(side: Side) -> Side:
    """Return the other foot."""
    return SIDES[1 - SIDES.index(side)]


def first_side(last_visit: Sequence[Done]) -> Side | None:
    """Return the side to begin with: the one with fewer clean reps last time; None: ask."""
    left, right = best(last_visit, "left"), best(last_visit, "right")
    if left is None or right is None or left == right:
        return None
    return "left" if left < right else "right"


def best(sets: Sequence[Done], side: Side) -> int | None:
    """Return the most clean reps of one side's sets, on target where nobody said; None without a set."""
    return max((one.shown for one in sets if one.plan.side == side), default=None)


def next_set(today: Sequence[Done]) -> Proposal:
    """Propose the set after the last one of this visit, oldest first; at least one is needed."""
    last = today[-1]
    goal = GOALS[last.plan.goal]
    if any(one.pain for one in today):
        return Proposal(None, "Pain ends this lift on both sides for today.")
    there = other(last.plan.side)
    mine = sum(one.plan.side == last.plan.side for one in today)
    theirs = sum(one.plan.side == there for one in today)
    if theirs < mine:
        plan, why = _matched(last, today, there)
        return Proposal(plan, why, goal.rest_s)
    if goal.sets_high is not None and mine >= goal.sets_high:
        return Proposal(None, f"{mine} sets on each side are done: that is the goal for today.")
    plan, why = _matched(last, today, there)
    if goal.sets_low is not None and mine >= goal.sets_low:
        why = f"{mine} sets a side are done and enough. One more? {why}"
    return Proposal(plan, why, goal.rest_s)


def _matched(last: Done, today: Sequence[Done], side: Side) -> tuple[Plan, str]:
    """Return the plan for a side: as many reps as the side that had fewer clean ones."""
    newest = {one.plan.side: one for one in today if one.counted}
    fewest = min((one.shown for one in newest.values()), default=None)
    if fewest is None:
        return replace(last.plan, side=side), f"Now the {side} foot."
    if fewest == 0:
        plan = replace(last.plan, side=side, target_reps=None)
        return plan, f"Now the {side} foot, at a pace that stays on target."
    word = "clean" if all(one.confirmed is not None for one in newest.values()) else "on-target"
    return (
        replace(last.plan, side=side, target_reps=fewest),
        f"Now the {side} foot, {fewest} reps: as many as the {word} reps of the side that had fewer.",
    )


def next_visit(visits: Sequence[Sequence[Done]], limits: Thresholds) -> tuple[Step, str]:
    """Propose one step for the next visit from the visits so far, oldest first; each has sets."""
    last = visits[-1]
    goal = GOALS[last[-1].plan.goal]
    if any(one.pain for one in last):
        return "none", "There was pain last time: is it gone? If not, leave this lift out and see somebody."
    if any(one.twisted for one in last):
        return "range", "The hips twisted: shorten the range, or do the floor version."
    if any(one.missed * 2 > one.counted for one in last):
        return "lighter", "Hold or tempo were missed: go lighter or slower in the same variant."
    if any(one.rate < limits.clean_rate_least for one in last):
        share = f"{limits.clean_rate_least:.0%}".replace("%", " %")
        return "hold", f"Fewer than {share} of the reps were on target: keep everything as it is."
    if {one.plan.side for one in last} != set(SIDES) or not all(one.all_clean for one in last):
        return "hold", "Not all sets on both sides were confirmed clean: keep everything as it is."
    if goal.reps_high is None:
        return "hold", "A free set has no next step."
    weaker = min(one.clean for one in last)
    if weaker < goal.reps_high:
        more = min(2, goal.reps_high - weaker)
        return "reps", f"All sets were clean on both sides: {weaker + more} reps a set."
    return _beyond(visits, goal.reps_high, limits)


def _beyond(visits: Sequence[Sequence[Done]], top: int, limits: Thresholds) -> tuple[Step, str]:
    """At the top of the range: one step, once it has been so twice and felt easy."""
    twice = len(visits) >= 2 and all(
        one.clean >= top and one.effort == "easy" for visit in visits[-2:] for one in visit
    )
    if not twice:
        return "hold", "The top of the range is reached: once more, clean and easy, before the next step."
    plan = visits[-1][-1].plan
    if (GOALS[plan.goal].hold_s or 0.0) < 2.0:
        return "pause", "Twice at the top of the range, clean and easy: hold each rep for 2 to 3 s."
    if plan.tempo != "three_one":
        return "tempo", "The pause is mastered: 3 s down, 1 s up."
    if not mastered(visits, limits):
        return "hold", _NOT_YET.format(limits.mastery_sets, limits.mastery_reps, limits.mastery_sessions)
    return "load", "Pause and tempo are mastered: a light load, if you want one."


_NOT_YET = "Before any load: {} × {} clean reps a side with the body alone, in {} sessions."


def mastered(visits: Sequence[Sequence[Done]], limits: Thresholds) -> bool:
    """Tell whether the lift is mastered with the body alone: a count of clean sets on each side."""

    def good(visit: Sequence[Done]) -> bool:
        return all(
            sum(
                one.plan.side == side and one.plan.load_kg == 0.0 and one.clean >= limits.mastery_reps
                for one in visit
            )
            >= limits.mastery_sets
            for side in SIDES
        )

    return sum(good(visit) for visit in visits) >= limits.mastery_sessions


def load_warning(plan: Plan, visits: Sequence[Sequence[Done]], limits: Thresholds) -> str | None:
    """Return what to say of a load before the body alone is mastered; it is advice, not a lock."""
    if plan.load_kg == 0.0 or mastered(visits, limits):
        return None
    return _NOT_YET.format(limits.mastery_sets, limits.mastery_reps, limits.mastery_sessions)
