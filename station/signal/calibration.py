"""Counts become newtons: one straight line per cell, then what the cells take from one another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from station.conversions import Calibration
from station.signal.model import F64, I64, Zero


def force_n(count: I64, cell: int, calibration: Calibration) -> F64:
    """Return what `cell` tells by its counts alone, shape (n,), N."""
    return (count.astype(np.float64) - calibration.zero_count[cell]) * calibration.newtons_per_count[cell]


def unmixed(told_n: F64, calibration: Calibration) -> F64:
    """Return the forces on the cells from what the four tell at the same times, shape (n, 4), N.

    The sum over the cells is written out: a matrix product gives other bits on other machines and for
    other cuts. A gap of one cell is a gap of all, for each force needs all four.
    """
    if calibration.unmix is None:
        return told_n
    of_a, of_b, of_c, of_d = np.array(calibration.unmix).T
    a, b, c, d = (told_n[:, cell, None] for cell in range(4))
    return np.asarray(a * of_a + b * of_b + c * of_c + d * of_d)


def rezeroed(calibration: Calibration, zero: Zero) -> Calibration:
    """Return the calibration with the zero of a mark; the slopes stay."""
    return replace(calibration, zero_count=zero.zero_count)
