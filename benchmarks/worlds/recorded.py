"""What a world hands out: the conversions of a session, and what really happened in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

SUITES = (
    "dead_stop_real",
    "dead_stop_harsh",
    "unseen_shapes",
    "loaded",
    "explosive",
    "slow",
    "touch",
    "hover",
    "mixed",
    "events",
    "nothing",
)
VARIANTS = ("floor_bridge", "b_stance", "feet_elevated", "band", "short_range")


@dataclass(frozen=True)
class TrueRep:
    """One rep as it was; seconds of the recording's own clock, None where the style has no such moment."""

    style: str  # dead_stop | touch | hover: what follows the rep's descent
    push_start_s: float | None
    lift_off_s: float
    lockout_start_s: float
    lockout_end_s: float
    touchdown_s: float
    rest_s: float | None
    heel_share: float  # force-weighted, lift_off to lockout_end


@dataclass(frozen=True)
class Recorded:
    """A session: conversions in order of time, and the truth.

    t_s, cell, force_n : shape (n,), one row per conversion; cells are heel_left, heel_right,
    toe_left, toe_right. Calibrated, but with all the nuisances of a plate.
    adc_delay_s : the converters' own filter delay that is in `t_s`
    """

    t_s: F64
    cell: I64
    force_n: F64
    reps: tuple[TrueRep, ...]
    adc_delay_s: float
    notes: dict[str, object] = field(default_factory=dict)
