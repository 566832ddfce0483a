"""What is said about a rep once its boundaries are known.

Definitions: the means are over the time with the hips off the floor, lift_off to touchdown;
the impulse is the force's integral over the same time; the plateau is the median over the
hold; the heel share is the heel's impulse over the whole one, lift_off to lockout_end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.signal.model import F64

HOLD_LEAST_FRAMES = 5  # a plateau from less is no plateau
KNOWN_SHARE = 0.5  # of the frames: with fewer, a number is left out


@dataclass(frozen=True)
class Measures:
    """The numbers of one rep; None where they can't be told."""

    peak_n: float | None
    mean_n: float | None
    plateau_n: float | None
    impulse_n_s: float | None
    heel_share: float | None
    valid_fraction: float


def measured(
    total_n: F64, heel_n: F64, hold: slice, lifted: slice, driven: slice, rate_hz: float, load_floor_n: float
) -> Measures:
    """Measure a rep.

    total_n, heel_n : shape (n,), N, nan in gaps; the slices are frames of these arrays:
    the hold, lift_off to touchdown, and lift_off to lockout_end
    """
    force = total_n[lifted]
    known = force[~np.isnan(force)]
    valid = len(known) / len(force) if len(force) else 0.0
    if valid < KNOWN_SHARE:
        return Measures(None, None, None, None, None, valid)
    mean = float(np.sum(known) / len(known))
    rest = np.sort(total_n[hold][~np.isnan(total_n[hold])])
    plateau = float(rest[len(rest) // 2]) if len(rest) >= HOLD_LEAST_FRAMES else None
    return Measures(
        peak_n=float(np.max(known)),
        mean_n=mean,
        plateau_n=plateau,
        impulse_n_s=mean * len(force) / rate_hz,
        heel_share=_heel_share(total_n[driven], heel_n[driven], load_floor_n),
        valid_fraction=valid,
    )


def _heel_share(total_n: F64, heel_n: F64, load_floor_n: float) -> float | None:
    """Return the force-weighted heel share, or None where too little of it is known."""
    loaded = total_n >= load_floor_n
    if len(total_n) == 0 or np.sum(loaded) < KNOWN_SHARE * len(total_n):
        return None
    share = float(np.sum(heel_n[loaded]) / np.sum(total_n[loaded]))
    return min(max(share, 0.0), 1.0)
