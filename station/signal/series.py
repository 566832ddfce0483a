"""What is said about the reps of a set together; `station.definitions` tells what each means."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from station.signal.model import Rep

SLOWING_LEAST_REPS = 6
RHYTHM_LEAST_PERIODS = 4


@dataclass(frozen=True)
class Series:
    """The numbers of a set; None where they can't be told."""

    reps: int
    time_under_tension_s: float | None
    up_s: float | None
    hold_s: float | None
    down_s: float | None
    heel_share: float | None
    heel_share_spread: float | None
    ascent_slowing: float | None
    rhythm_cv: float | None


def series(reps: Sequence[Rep]) -> Series:
    """Sum up closed reps in the order of time; those cut by the edges of the data are left out."""
    whole = [rep for rep in reps if rep.complete]
    lifted_s = [
        (rep.touchdown_ns - rep.lift_off_ns) / 1e9
        for rep in whole
        if rep.touchdown_ns is not None and rep.lift_off_ns is not None
    ]
    shares = [rep.measures.heel_share for rep in whole if rep.measures.heel_share is not None]
    return Series(
        reps=len(whole),
        time_under_tension_s=sum(lifted_s) if lifted_s else None,
        up_s=_median([rep.up_s for rep in whole]),
        hold_s=_median([rep.hold_s for rep in whole]),
        down_s=_median([rep.down_s for rep in whole]),
        heel_share=statistics.fmean(shares) if shares else None,
        heel_share_spread=statistics.stdev(shares) if len(shares) > 1 else None,
        ascent_slowing=_slowing(whole),
        rhythm_cv=_rhythm(whole),
    )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _slowing(reps: Sequence[Rep]) -> float | None:
    ups_s = [
        rep.up_s
        for rep in reps
        if rep.up_s is not None and rep.uncertainty_s.get("lockout_start") is not None
    ]
    if len(ups_s) < SLOWING_LEAST_REPS:
        return None
    third = len(ups_s) // 3
    return statistics.fmean(ups_s[-third:]) / statistics.fmean(ups_s[:third]) - 1.0


def _rhythm(reps: Sequence[Rep]) -> float | None:
    starts = [rep.lift_off_ns for rep in reps if rep.lift_off_ns is not None]
    periods_s = [(b - a) / 1e9 for a, b in pairwise(starts)]
    if len(periods_s) < RHYTHM_LEAST_PERIODS:
        return None
    return statistics.stdev(periods_s) / statistics.fmean(periods_s)
