"""What is said of one rep: its faults by the cues' priorities, and whether it was on target.

On target means what was measured and no more: complete, heel share met, hold and descent met where
the set asks for one, no heel lift. A rep becomes clean only when somebody who saw the hips says that
they were level; the plate can't see them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, TypeAlias, get_args

from station.coach.programs import GOALS, Plan
from station.coach.thresholds import Thresholds
from station.signal.model import Rep

# In the order in which one of them is chosen to be said.
Fault: TypeAlias = Literal["data", "heel_lift", "heel_share", "descent", "hold", "ascent", "sway"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
OFF_TARGET: frozenset[Fault] = frozenset({"heel_lift", "heel_share", "descent", "hold"})
BASELINE_LEAST_REPS = 3


@dataclass(frozen=True)
class Baseline:
    """What is usual for this person under these conditions; None while unknown."""

    heel_share: float | None = None
    sway_ml_mm: float | None = None
    landing_n_per_s: float | None = None

    @classmethod
    def of(cls, reps: Sequence[Rep]) -> Baseline:
        """Return the medians of a set's whole reps, nothing where they are too few."""
        whole = [rep.measures for rep in reps if rep.complete]
        return cls(
            _usual([m.heel_share for m in whole]),
            _usual([m.sway_ml_mm for m in whole]),
            _usual([m.landing_n_per_s for m in whole]),
        )


def _usual(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if len(known) >= BASELINE_LEAST_REPS else None


@dataclass(frozen=True)
class Judged:
    """One rep as the coach sees it.

    faults : in the order of `FAULTS`
    on_target : None where too little of it is known to say
    """

    rep_id: int
    faults: tuple[Fault, ...]
    on_target: bool | None


def reversed_rest(share: float, usual: float, limits: Thresholds) -> bool:
    """Tell whether a resting foot's heel share looks as if heel and toe were swapped.

    share, usual : now, and what is usual for this person; near the middle nothing can be told
    """
    apart = min(abs(share - 0.5), abs(usual - 0.5))
    return apart >= limits.rest_share_apart and (share < 0.5) != (usual < 0.5)


def judged(rep: Rep, plan: Plan, own: Baseline, limits: Thresholds) -> Judged:
    """Judge a closed rep. Of what is not known nothing is said."""
    m = rep.measures
    if m.valid_fraction < limits.valid_least:
        return Judged(rep.id, ("data",), None)
    # Hips that fall leave the top without a brake: when the hold ended is not to be seen then.
    dropped = _more(m.landing_n_per_s, _times(limits.landing_times_own, own.landing_n_per_s))
    found: dict[Fault, bool | None] = {
        "heel_lift": None if m.heel_lift_s is None else m.heel_lift_s > limits.heel_lift_s,
        "heel_share": None if m.heel_share is None else m.heel_share < least_share(own, limits),
        "descent": (dropped and plan.tempo != "free") or _less(_down_s(rep), least_down_s(plan, limits)),
        "hold": None if dropped else _less(rep.hold_s, least_hold_s(plan, limits)),
        "ascent": bool(_less(rep.up_s, limits.up_least_s)) or _more(m.overshoot, limits.overshoot_most),
        "sway": _more(m.sway_ml_mm, _times(limits.sway_times_own, own.sway_ml_mm)),
    }
    faults = tuple(fault for fault in FAULTS if found.get(fault))
    return Judged(rep.id, faults, _on_target(rep, plan, found))


def least_share(own: Baseline, limits: Thresholds) -> float:
    """Return the heel share from which on a rep is on target."""
    if own.heel_share is None:
        return limits.heel_share_least
    return max(limits.heel_share_least, own.heel_share - limits.heel_share_below_own)


def least_down_s(plan: Plan, limits: Thresholds) -> float | None:
    """Return how long a descent lasts at least, None where the tempo is free."""
    return {"controlled": limits.down_least_s, "three_one": limits.down_least_three_one_s}.get(plan.tempo)


def least_hold_s(plan: Plan, limits: Thresholds) -> float | None:
    """Return how long the top is held at least, None where the goal asks for no hold."""
    hold_s = GOALS[plan.goal].hold_s
    return None if hold_s is None else hold_s - limits.hold_short_by_s


def _down_s(rep: Rep) -> float | None:
    """Return how long the way down took; a turn without a touch has no landing to time it by."""
    return None if rep.confidence == "estimated" else rep.down_s


def _less(value: float | None, least: float | None) -> bool | None:
    return None if value is None or least is None else value < least


def _more(value: float | None, most: float | None) -> bool:
    return value is not None and most is not None and value > most


def _times(factor: float, own: float | None) -> float | None:
    return None if own is None else factor * own


def _on_target(rep: Rep, plan: Plan, found: dict[Fault, bool | None]) -> bool | None:
    if not rep.complete or any(found[fault] for fault in OFF_TARGET):
        return False
    asked = {"heel_lift", "heel_share"}
    if GOALS[plan.goal].hold_s is not None:
        asked.add("hold")
    if plan.tempo != "free" and rep.confidence == "measured":
        asked.add("descent")
    return None if any(found[fault] is None for fault in FAULTS if fault in asked) else True
