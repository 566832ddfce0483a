"""Where the force goes through the plate: total, heel share, left or right."""

from __future__ import annotations

import numpy as np

from station.conversions import Cell
from station.signal.model import F64, I64, Frames, Plate


def balanced(t_ns: I64, force_n: F64, load_floor_n: float) -> Frames:
    """Return frames from cell forces of shape (n, 4); shares are blank below the load floor."""
    heel = force_n[:, Cell.HEEL_LEFT] + force_n[:, Cell.HEEL_RIGHT]
    toe = force_n[:, Cell.TOE_LEFT] + force_n[:, Cell.TOE_RIGHT]
    total = heel + toe
    loaded = total >= load_floor_n  # False for nan
    share = np.full(len(total), np.nan)
    share[loaded] = np.minimum(np.maximum(heel[loaded] / total[loaded], 0.0), 1.0)
    return Frames(t_ns=t_ns, force_n=force_n, total_n=total, heel_share=share)


def mediolateral_mm(force_n: F64, plate: Plate, load_floor_n: float) -> F64:
    """Return the centre of pressure of the whole plate, mm to the right; shape (n,), nan where not known.

    A half's share of left and right acts at its cells, so each half has its own lever.
    """
    total = force_n[:, 0] + force_n[:, 1] + force_n[:, 2] + force_n[:, 3]
    heel = (force_n[:, Cell.HEEL_RIGHT] - force_n[:, Cell.HEEL_LEFT]) * (plate.heel_spacing_mm / 2)
    toe = (force_n[:, Cell.TOE_RIGHT] - force_n[:, Cell.TOE_LEFT]) * (plate.toe_spacing_mm / 2)
    loaded = total >= load_floor_n
    out = np.full(len(total), np.nan)
    out[loaded] = (heel[loaded] + toe[loaded]) / total[loaded]
    return out
