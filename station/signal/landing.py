"""Hips that are let go: the foot is unloaded while they fall, and pressed as they land.

The force of such a rep falls twice, with a short peak far above the lift between: it falls first as the
hips are let go, and the landing is the peak. Gravity alone takes 0.3 s for the way down (0.4 m).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from station.signal.boundaries import Boundaries
from station.signal.model import F64, Bools
from station.signal.shapes import RATE_HZ

NEAR_S = -0.7, 0.9  # of the fall that was seen live: it may be the first or the second
FALLING_S = 0.6  # from letting go to the landing
PEAK_S = 0.45  # nor does the peak last longer: it is no braking, and no rep of its own
# Of the way from rest to lift: the peak is above it, hips that fall are below it for a moment, the foot
# is loaded above it, half of the load, and it rests again.
PEAK, UNLOADED, LOADED, HALF, RESTING = 1.3, 0.65, 0.75, 0.5, 0.14
HELD, HELD_S = 0.1, (0.4, 0.05)  # so near the lift level the force is, so long before, where hips are let go
LET_GO_S = 0.05  # before so much of the load is gone
# Hips touch so long before the peak at the earliest and, if the leg catches them, so much of the way to
# where half of the load is gone at the latest.
EARLIEST_S, LATEST = 0.08, 0.7
HALF_WIDTH_S = {"lockout_end": 0.2, "rest": 0.2}  # of the 90 % intervals
ON_S = 1.0  # as long as hips that stay up are imagined to


@dataclass(frozen=True)
class Landing:
    """Places in frames of the window; hips touch between the earliest place and the latest."""

    let_go: int
    earliest: float
    latest: float
    rest: int


def landed(y: F64, fall: float, base_n: float, lift_n: float) -> Landing | None:
    """Look for a landing near a fall at a frame of `y`, shape (n,), N, gaps bridged; None if there is none.

    base_n, lift_n : the resting and the lift level
    """
    if lift_n <= base_n:
        return None
    share = (y - base_n) / (lift_n - base_n)
    first = max(int(fall) + _frames(NEAR_S[0]), 0)
    peak = first + int(np.argmax(share[first : int(fall) + _frames(NEAR_S[1])]))
    start = max(peak - _frames(FALLING_S), 0)
    falling = np.flatnonzero(share[start:peak] < LOADED)
    if share[peak] < PEAK or len(falling) == 0 or share[start:peak].min() > UNLOADED:
        return None
    fallen, caught = start + int(falling[0]), start + int(falling[-1])
    before, until = (max(fallen - _frames(s), 0) for s in HELD_S)
    held = np.sort(share[before:until])
    behind = share[peak : caught + _frames(PEAK_S)]
    if len(held) == 0 or abs(held[len(held) // 2] - 1.0) > HELD or not (behind < LOADED).any():
        return None
    unloaded = peak + int(np.argmax(share[peak:] < HALF))
    resting = np.flatnonzero(share[unloaded:] < RESTING)
    return Landing(
        let_go=max(fallen - _frames(LET_GO_S), 0),
        earliest=peak - EARLIEST_S * RATE_HZ,
        latest=peak + LATEST * (unloaded - peak),
        rest=unloaded + int(resting[0]) if len(resting) else len(y) - 1,
    )


def as_if_held(y: F64, known: Bools, landing: Landing, base_n: float) -> tuple[F64, Bools, float]:
    """Return the force, and where it is known, as if the hips had stayed up for a while, then the fall.

    So the ascent is found as that of any rep: the shapes of movements have no such end.
    """
    on = _frames(ON_S)
    held, rest = np.full(on, y[landing.let_go]), np.full(len(y) - landing.let_go, base_n)
    force = np.concatenate((y[: landing.let_go], held, rest))
    there = np.concatenate((known[: landing.let_go], np.ones(on, dtype=np.bool_), known[landing.let_go :]))
    return force, there, float(landing.let_go + on)


def with_landing(found: Boundaries, landing: Landing) -> Boundaries:
    """Return boundaries found in such a force with the landing behind: let go is where the lockout ends."""
    end = float(landing.let_go)
    half_s = {**HALF_WIDTH_S, "touchdown": (landing.latest - landing.earliest) / 2 / RATE_HZ}
    return replace(
        found,
        lockout_start=min(found.lockout_start, end),
        lockout_end=end,
        touchdown=(landing.earliest + landing.latest) / 2,
        rest=float(landing.rest),
        uncertainty_s={**found.uncertainty_s, **half_s},
        landing=landing.earliest,
    )


def _frames(seconds: float) -> int:
    return round(seconds * RATE_HZ)
