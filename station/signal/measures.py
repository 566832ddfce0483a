"""What is said about a rep once its boundaries are known; `station.definitions` tells what each means.

Rates of force are given for windows of 100 ms and more, and from 60 samples a second on: what
shorter windows would show is not in the data (rate of force development over 0–200 ms after
Aagaard and others, 2002, doi 10.1152/japplphysiol.00283.2002).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from station.signal.balance import mediolateral_mm
from station.signal.boundaries import Boundaries
from station.signal.model import COURSE_PARTS, F64, Bools, Measures, Params

HOLD_LEAST_S = 0.05  # a plateau from less is no plateau
SWAY_LEAST_S = 0.3  # nor is a spread
KNOWN_SHARE = 0.5  # of the frames: with fewer, a number is left out
PEAK_S = 0.05
LANDING_S = 0.1
RFD_S = (0.2, 0.25)
RATES_FROM_HZ = 60.0
ONSET_WITHIN_S = 0.05
LIFTED_SHARE = 0.05  # of the total: less than that is on a heel or toes that have left the plate


def measured(force_n: F64, at: Boundaries, params: Params, *, from_rest: bool) -> Measures:
    """Measure a rep in a window of frames, shape (n, 4), N, nan in gaps.

    from_rest : the foot rested before it; otherwise there is no onset to measure from
    """
    rate = params.frame_rate_hz
    heel_n = force_n[:, 0] + force_n[:, 1]
    toe_n = force_n[:, 2] + force_n[:, 3]
    total_n = heel_n + toe_n
    lifted = _span(at.lift_off, at.touchdown if at.landing is None else at.landing)
    driven = _span(at.lift_off, at.lockout_end)
    hold = _span(at.lockout_start, at.lockout_end)
    force = total_n[lifted]
    known = force[~np.isnan(force)]
    valid = len(known) / len(force) if len(force) else 0.0
    if valid < KNOWN_SHARE:
        return Measures(valid_fraction=valid)
    mean = float(known.sum() / len(known))
    plateau = _plateau(total_n[hold], rate)
    loaded = total_n >= params.load_floor_n  # False for nan
    right_mm = mediolateral_mm(force_n, params.plate, params.load_floor_n)
    fast = params.nominal_rate_hz >= RATES_FROM_HZ
    return Measures(
        peak_n=float(known.max()),
        mean_n=mean,
        plateau_n=plateau,
        impulse_n_s=mean * (at.touchdown - at.lift_off) / rate,
        overshoot=_overshoot(total_n[_span(at.lift_off, at.lockout_start)], plateau, rate),
        landing_n_per_s=_landing(total_n, at, rate) if fast else None,
        rfd_0_200_n_per_s=_rise(total_n, at, RFD_S[0], rate) if fast and from_rest else None,
        rfd_0_250_n_per_s=_rise(total_n, at, RFD_S[1], rate) if fast and from_rest else None,
        heel_share=_share(heel_n[driven], total_n[driven], loaded[driven]),
        heel_share_course=_shares(heel_n[lifted], total_n[lifted], loaded[lifted], COURSE_PARTS),
        heel_share_sd=_spread(heel_n[hold], total_n[hold], loaded[hold], rate),
        heel_lift_s=_longest(loaded[lifted] & (heel_n[lifted] < LIFTED_SHARE * force)) / rate,
        toe_lift_s=_longest(loaded[lifted] & (toe_n[lifted] < LIFTED_SHARE * force)) / rate,
        cop_ml_mm=_weighted(right_mm[driven], total_n[driven], loaded[driven]),
        sway_ml_mm=_deviation(right_mm[hold], rate),
        steadiness=_steadiness(total_n[hold], plateau, rate),
        valid_fraction=valid,
    )


def _span(a: float, b: float) -> slice:
    return slice(max(0, round(a)), max(0, round(b)) + 1)


def _plateau(hold_n: F64, rate_hz: float) -> float | None:
    known = np.sort(hold_n[~np.isnan(hold_n)])
    return float(known[len(known) // 2]) if len(known) >= HOLD_LEAST_S * rate_hz else None


def _overshoot(up_n: F64, plateau_n: float | None, rate_hz: float) -> float | None:
    means = _running_means(up_n, max(1, round(PEAK_S * rate_hz)))
    means = means[~np.isnan(means)]
    if plateau_n is None or plateau_n <= 0.0 or len(means) == 0:
        return None
    return float(means.max()) / plateau_n - 1.0


def _running_means(y: F64, width: int) -> F64:
    """Return the mean of every run of `width` neighbours; nan where one is missing."""
    count = max(len(y) - width + 1, 0)
    total = np.zeros(count)
    for k in range(width):
        total = total + y[k : k + count]
    return total / width


def _landing(total_n: F64, at: Boundaries, rate_hz: float) -> float | None:
    """Return the steepest fall around a touchdown, N/s."""
    width = round(LANDING_S * rate_hz)
    if at.rest is None:
        return None
    y = total_n[_span(at.touchdown - width, max(at.rest, at.touchdown + width))]
    falls = y[:-width] - y[width:]
    falls = falls[~np.isnan(falls)]
    return float(falls.max()) * rate_hz / width if len(falls) > width else None


def _rise(total_n: F64, at: Boundaries, window_s: float, rate_hz: float) -> float | None:
    """Return how fast the force rises from the onset on, N/s."""
    start, half_s = at.push_start, at.uncertainty_s["push_start"]
    if start is None or half_s is None or half_s > ONSET_WITHIN_S:
        return None
    stop = start + window_s * rate_hz
    if start < 0.0 or stop >= len(total_n) - 1 or np.isnan(total_n[int(start) : int(stop) + 2]).any():
        return None
    return (_at(total_n, stop) - _at(total_n, start)) / window_s


def _at(y: F64, place: float) -> float:
    first = int(place)
    return float(y[first] + (y[first + 1] - y[first]) * (place - first))


def _share(heel_n: F64, total_n: F64, loaded: Bools) -> float | None:
    """Return the force-weighted heel share, or None where too little of it is known."""
    return _shares(heel_n, total_n, loaded, 1)[0]


def _shares(heel_n: F64, total_n: F64, loaded: Bools, parts: int) -> tuple[float | None, ...]:
    """Return the heel share of each of so many equal parts of the time."""
    edges = [len(total_n) * k // parts for k in range(parts + 1)]
    known, heel, total = (
        np.concatenate(([0.0], np.cumsum(np.where(loaded, y, 0.0))))[edges].tolist()
        for y in (np.ones(len(total_n)), heel_n, total_n)
    )
    shares: list[float | None] = []
    for k, (a, b) in enumerate(pairwise(edges)):
        if a == b or known[k + 1] - known[k] < KNOWN_SHARE * (b - a):
            shares.append(None)
        else:
            shares.append(min(max((heel[k + 1] - heel[k]) / (total[k + 1] - total[k]), 0.0), 1.0))
    return tuple(shares)


def _spread(heel_n: F64, total_n: F64, loaded: Bools, rate_hz: float) -> float | None:
    return _deviation(heel_n[loaded] / total_n[loaded], rate_hz)


def _weighted(value: F64, total_n: F64, loaded: Bools) -> float | None:
    if len(value) == 0 or loaded.sum() < KNOWN_SHARE * len(value):
        return None
    return float((value[loaded] * total_n[loaded]).sum() / total_n[loaded].sum())


def _deviation(value: F64, rate_hz: float) -> float | None:
    """Return the standard deviation of what is known, if it is enough."""
    known = value[~np.isnan(value)]
    if len(known) < SWAY_LEAST_S * rate_hz:
        return None
    off = known - known.sum() / len(known)
    return float(np.sqrt((off * off).sum() / len(known)))


def _steadiness(hold_n: F64, plateau_n: float | None, rate_hz: float) -> float | None:
    """Return the deviation from a straight line, over the plateau."""
    place = np.flatnonzero(~np.isnan(hold_n))
    if plateau_n is None or plateau_n <= 0.0 or len(place) < SWAY_LEAST_S * rate_hz:
        return None
    t, y = place - place.sum() / len(place), hold_n[place]
    off = y - y.sum() / len(y)
    off = off - t * ((t * off).sum() / (t * t).sum())
    return float(np.sqrt((off * off).sum() / len(off))) / plateau_n


def _longest(true: Bools) -> int:
    """Return the length of the longest run."""
    edges = np.flatnonzero(np.concatenate(([True], ~true, [True])))
    return int(np.diff(edges).max()) - 1
