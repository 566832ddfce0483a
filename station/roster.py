"""Who lifts here: how each athlete did it last time, what is usual for them, what they may add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from station.coach.programs import Plan, flaw
from station.coach.progression import Done, best, first_side, load_warning, next_visit
from station.coach.rules import Baseline
from station.coach.thresholds import Thresholds
from station.door import AthleteCard, VisitMark
from station.library import Library

GUEST = "Guest"  # lifts without being remembered
KEPT_VISITS = 20


class Roster:
    """The athletes' part of the library."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def baseline(self, athlete: str, plan: Plan) -> Baseline | None:
        """Return what is usual for an athlete under a plan's conditions, None while unknown."""
        if athlete == GUEST:
            return None
        kept = self._library.recall(athlete, "baselines") or {}
        found = kept.get("/".join(plan.conditions))
        return None if found is None else Baseline(**found)

    def keep_baseline(self, athlete: str, plan: Plan, baseline: Baseline) -> None:
        """Remember what is usual for an athlete under a plan's conditions."""
        if athlete == GUEST or baseline.heel_share is None:
            return
        kept = self._library.recall(athlete, "baselines") or {}
        kept["/".join(plan.conditions)] = asdict(baseline)
        self._library.remember(athlete, "baselines", kept)

    def keep_visit(self, athlete: str, session: int, sets: Sequence[Done]) -> None:
        """Remember the sets of a visit, in place of what was known of the same visit."""
        if athlete == GUEST:
            return
        visits = [visit for visit in self._visits(athlete) if visit["session"] != session]
        if sets:
            visits.append({"session": session, "sets": [asdict(done) for done in sets]})
        self._library.remember(athlete, "visits", visits[-KEPT_VISITS:])

    def _visits(self, athlete: str) -> list[dict[str, Any]]:
        return self._library.recall(athlete, "visits") or []

    def cards(self, limits: Thresholds) -> list[AthleteCard]:
        """Return who lifted here, the last one first."""
        return [self._card(name, limits) for name in self._library.athletes() if name != GUEST]

    def _card(self, name: str, limits: Thresholds) -> AthleteCard:
        kept = [visit for visit in self._visits(name) if visit["sets"]]
        visits = [[_done(one) for one in visit["sets"]] for visit in kept]
        if not visits:
            return AthleteCard(name)
        marks = tuple(
            VisitMark(visit["session"], best(sets, "left"), best(sets, "right"))
            for visit, sets in zip(kept, visits, strict=True)
        )
        last = visits[-1]
        side = first_side(last)
        plan = replace(last[0].plan, side=side or last[0].plan.side, target_reps=None)
        if flaw(plan) is not None:
            return AthleteCard(name, visits=marks)
        step, why = next_visit(visits, limits)
        warning = load_warning(plan, visits, limits)
        return AthleteCard(name, plan, side is not None, warning or why, step == "none", marks)


def _done(value: dict[str, Any]) -> Done:
    return Done(**{**value, "plan": Plan(**value["plan"])})
