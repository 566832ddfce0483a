"""What is said about a rep once its boundaries are known.

Definitions: the means are over the time with the hips off the floor, lift_off to touchdown;
the impulse is the force's integral over the same time; the plateau is the median over the
hold; the heel share is the heel's impulse over the whole one, lift_off to lockout_end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.signal.model import F64, Measures, Params

HOLD_LEAST_FRAMES = 5  # a plateau from less is no plateau
KNOWN_SHARE = 0.5  # of the frames: with fewer, a number is left out


@dataclass(frozen=True)
class Moments:
    """The boundaries of a rep, in fractional frames of a window."""

    push_start: float | None
    lift_off: float
    lockout_start: float
    lockout_end: float
    touchdown: float
    rest: float | None


def measured(force_n: F64, moments: Moments, params: Params) -> Measures:
    """Measure a rep in a window of frames, shape (n, 4), N, nan in gaps."""
    heel_n = force_n[:, 0] + force_n[:, 1]
    total_n = heel_n + (force_n[:, 2] + force_n[:, 3])
    lifted = _span(moments.lift_off, moments.touchdown)
    driven = _span(moments.lift_off, moments.lockout_end)
    hold = _span(moments.lockout_start, moments.lockout_end)
    force = total_n[lifted]
    known = force[~np.isnan(force)]
    valid = len(known) / len(force) if len(force) else 0.0
    if valid < KNOWN_SHARE:
        return Measures(valid_fraction=valid)
    mean = float(np.sum(known) / len(known))
    rest = np.sort(total_n[hold][~np.isnan(total_n[hold])])
    return Measures(
        peak_n=float(np.max(known)),
        mean_n=mean,
        plateau_n=float(rest[len(rest) // 2]) if len(rest) >= HOLD_LEAST_FRAMES else None,
        impulse_n_s=mean * len(force) / params.frame_rate_hz,
        heel_share=_heel_share(total_n[driven], heel_n[driven], params.load_floor_n),
        valid_fraction=valid,
    )


def _span(a: float, b: float) -> slice:
    return slice(max(0, round(a)), max(0, round(b)) + 1)


def _heel_share(total_n: F64, heel_n: F64, load_floor_n: float) -> float | None:
    """Return the force-weighted heel share, or None where too little of it is known."""
    loaded = total_n >= load_floor_n
    if len(total_n) == 0 or np.sum(loaded) < KNOWN_SHARE * len(total_n):
        return None
    share = float(np.sum(heel_n[loaded]) / np.sum(total_n[loaded]))
    return min(max(share, 0.0), 1.0)
