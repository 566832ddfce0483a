"""What to say after each rep, one thing at a time, and when to advise ending the set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from station.coach.programs import Plan
from station.coach.rules import Fault, Judged
from station.coach.thresholds import Thresholds

Word: TypeAlias = Fault | Literal["on_target", "counted"]
Repeated: TypeAlias = Literal["heel_lift", "heel_share"]
Pressed: TypeAlias = Literal["twisted", "pain"]  # by somebody who saw or felt it
Stop: TypeAlias = Repeated | Pressed
# Faults that advise a stop when they come back after their cue; a missed hold or tempo never does.
STOPPING: tuple[Repeated, ...] = get_args(Repeated)
PRESSED: tuple[Pressed, ...] = get_args(Pressed)
ON_FORM: frozenset[Fault] = frozenset({"heel_share", "descent", "hold", "ascent", "sway"})

HEEL_SHARE: frozenset[Fault] = frozenset({"heel_share"})
NOTHING: frozenset[Fault] = frozenset()


@dataclass(frozen=True)
class Cue:
    """One thing to say, about a rep by its number in the set, from 1 on."""

    number: int
    word: Word


@dataclass(frozen=True)
class Advice:
    """What the coach makes of a set so far.

    cues : one for each rep
    stop : why the set should end here, None while it may go on
    """

    cues: tuple[Cue, ...] = ()
    stop: Stop | None = None


def advised(
    reps: Sequence[Judged],
    plan: Plan,
    limits: Thresholds,
    *,
    baseline_set: bool,
    heel_paused: bool = False,
    marked: frozenset[str] = frozenset(),
) -> Advice:
    """Go through a set's judged reps, in order.

    baseline_set : its conditions are new: the first reps are only watched, but for the heel's lift
    heel_paused : the plate was moved: what a heel share means there is not known yet
    marked : "twisted" and "pain", as pressed by somebody who saw or felt it
    """
    if not plan.coached:
        return Advice(tuple(Cue(k + 1, "counted") for k in range(len(reps))), _pressed(marked))
    cues: list[Cue] = []
    again: dict[Repeated, int] = {}  # reps with a fault since its cue
    stop: Stop | None = _pressed(marked)
    for k, rep in enumerate(reps):
        for fault in again:
            again[fault] += fault in rep.faults
            if stop is None and again[fault] >= limits.stop_after_cued_reps:
                stop = fault
        quiet = baseline_set and k < limits.quiet_baseline_reps
        left_out = ON_FORM if quiet else HEEL_SHARE if heel_paused else NOTHING
        word = _word(rep, reps[:k], limits, left_out)
        cues.append(Cue(k + 1, word))
        if word in STOPPING:
            again.setdefault(word, 0)
    return Advice(tuple(cues), stop)


def _pressed(marked: frozenset[str]) -> Stop | None:
    return "pain" if "pain" in marked else "twisted" if "twisted" in marked else None


def _word(rep: Judged, before: Sequence[Judged], limits: Thresholds, left_out: frozenset[Fault]) -> Word:
    for fault in rep.faults:
        if fault in left_out:
            continue
        if fault == "heel_share" and not _running(fault, before, limits.heel_reps_running - 1):
            continue
        return fault
    return "on_target" if rep.on_target else "counted"


def _running(fault: Fault, before: Sequence[Judged], n: int) -> bool:
    """Tell whether the last `n` reps all had the fault."""
    return len(before) >= n and all(fault in rep.faults for rep in before[len(before) - n :])
