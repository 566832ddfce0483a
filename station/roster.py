"""Who lifts here: how each athlete did it last time, what is usual for them, what they may add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from station.coach.programs import Plan, Side, flaw
from station.coach.progression import Done, best, first_side, load_warning, next_visit
from station.coach.rules import Baseline
from station.coach.thresholds import Thresholds
from station.door import AthleteCard, VisitMark
from station.library import Library
from station.sets import SetBook

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
            visits.sort(key=lambda visit: int(visit["session"]))  # an old one may be corrected
        self._library.remember(athlete, "visits", visits[-KEPT_VISITS:])

    def plates(self, athlete: str) -> dict[Side, float]:
        """Return where the plate stood on its ruler for each of an athlete's feet, cm."""
        return {} if athlete == GUEST else self._library.recall(athlete, "plates") or {}

    def keep_plates(self, athlete: str, plates: Mapping[Side, float]) -> None:
        """Remember where the plate stood."""
        if athlete != GUEST and plates:
            self._library.remember(athlete, "plates", dict(plates))

    def rest_share(self, athlete: str, side: Side) -> float | None:
        """Return the heel share that is usual for an athlete's resting foot, None while unknown."""
        kept = {} if athlete == GUEST else self._library.recall(athlete, "rest_share") or {}
        return kept.get(side)

    def keep_rest_share(self, athlete: str, side: Side, share: float) -> None:
        """Remember how an athlete's foot rests."""
        if athlete != GUEST:
            kept = self._library.recall(athlete, "rest_share") or {}
            self._library.remember(athlete, "rest_share", {**kept, side: share})

    def keep_sets(self, athlete: str, session: int, book: SetBook) -> None:
        """Remember a session's sets for those whom they belong to; `athlete` is the session's own."""
        for name in {athlete, *(owner for record in book.sets for owner in record.owners)}:
            self._library.meet(name, session)
            theirs = [record.done for record in book.counting if name == record.owner(athlete)]
            self.keep_visit(name, session, theirs)

    def _visits(self, athlete: str) -> list[dict[str, Any]]:
        return self._library.recall(athlete, "visits") or []

    def cards(self, limits: Thresholds) -> list[AthleteCard]:
        """Return who lifted here, the last one first."""
        return [self._card(name, limits) for name in self._library.athletes() if name != GUEST]

    def _card(self, name: str, limits: Thresholds) -> AthleteCard:
        kept = [visit for visit in self._visits(name) if visit["sets"]]
        visits = [[_done(one) for one in visit["sets"]] for visit in kept]
        plates = self.plates(name)
        if not visits:
            return AthleteCard(name, plates=plates)
        marks = tuple(
            VisitMark(visit["session"], best(sets, "left"), best(sets, "right"))
            for visit, sets in zip(kept, visits, strict=True)
        )
        last = visits[-1]
        side = first_side(last)
        there = side or last[0].plan.side
        plan = replace(last[0].plan, side=there, target_reps=None, plate_cm=plates.get(there))
        if flaw(plan) is not None:
            return AthleteCard(name, visits=marks, plates=plates)
        step, why = next_visit(visits, limits)
        warning = load_warning(plan, visits, limits)
        return AthleteCard(name, plan, side is not None, warning or why, step == "none", marks, plates=plates)


def _done(value: dict[str, Any]) -> Done:
    value = {**value, "plan": Plan(**value["plan"])}
    until = value.pop("level_until", None)  # kept so before clean reps were counted one by one
    return Done(**value) if until is None else Done(**value, confirmed=min(until, value["on_target"]))
