"""Counts become newtons: one straight line per cell."""

from __future__ import annotations

import numpy as np

from station.conversions import Calibration
from station.signal.model import F64, I64, Zero


def force_n(count: I64, cell: int, calibration: Calibration) -> F64:
    """Return the force of `cell` for its counts, shape (n,), N."""
    return (count.astype(np.float64) - calibration.zero_count[cell]) * calibration.newtons_per_count[cell]


def rezeroed(calibration: Calibration, zero: Zero) -> Calibration:
    """Return the calibration with the zero of a mark; the slopes stay."""
    return Calibration(
        id=calibration.id,
        made=calibration.made,
        zero_count=zero.zero_count,
        newtons_per_count=calibration.newtons_per_count,
    )
