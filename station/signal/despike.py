"""Conversions that can't be true are dropped, one conversion late at most.

A conversion is held against the last good one and the next one: a true edge runs through
the three, a spike sticks out of them. What sticks out by less than a landing may is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.conversions import COUNT_MAX, COUNT_MIN
from station.signal.model import F64, I64, Bools

MARGIN_N = 20.0  # what one cell may stick out by, and how much more per second between the
MARGIN_N_PER_S = 1000.0  # neighbours: a hard landing bends by 30 N in the 25 ms of an 80 Hz chip
ALL_ONES_LEAST = (1 << 15) - 1  # such a word is what is read at a wrong moment,
ALL_ONES_MARGIN_N = 3.0  # so less is enough to doubt it


@dataclass(frozen=True)
class Held:
    """What one cell's next conversions are compared with; times are ns, -1 is none."""

    good_t_ns: int = -1
    good_count: int = 0
    waiting_t_ns: int = -1
    waiting_count: int = 0


def usable(count: I64) -> Bools:
    """Tell which counts are not the converter's own end stops, shape (n,)."""
    inside: Bools = (count != COUNT_MAX) & (count != COUNT_MIN)
    return inside


def despike(held: Held, t_ns: I64, count: I64, newtons_per_count: float) -> tuple[Held, I64, I64, I64]:
    """Judge every conversion of one cell that now has a successor.

    Returns the new `Held`, then shape (m,): times, counts, and for each the index (into
    `t_ns`) of the conversion that confirmed it.
    """
    if len(t_ns) == 0:
        return held, t_ns, count, np.zeros(0, np.int64)
    first = 0
    if held.waiting_t_ns < 0:  # the very first conversion has to wait for a second one
        held = Held(waiting_t_ns=int(t_ns[0]), waiting_count=int(count[0]))
        first = 1
    t = np.concatenate(([held.waiting_t_ns], t_ns[first:]))
    c = np.concatenate(([held.waiting_count], count[first:]))
    n = len(t) - 1
    if n == 0:
        return held, t[:0], c[:0], t[:0]
    if held.good_t_ns < 0:  # nothing to compare the first one with
        held = Held(int(t[0]), int(c[0]), held.waiting_t_ns, held.waiting_count)
    force = c * newtons_per_count
    good = held.good_count * newtons_per_count
    ones = (c == -1) | ((c >= ALL_ONES_LEAST) & ((c & (c + 1)) == 0))
    before = np.concatenate(([good], force[: n - 1]))
    before_t = np.concatenate(([held.good_t_ns], t[: n - 1]))
    spike = _sticks_out(before, force[:n], force[1:], (t[1:] - before_t) * 1e-9, ones[:n])
    if spike.any():
        _judge_again(spike, held.good_t_ns, good, t, force, ones)
    keep = np.flatnonzero(~spike)
    if len(keep):
        last = keep[-1]
        held = Held(int(t[last]), int(c[last]), int(t[n]), int(c[n]))
    else:
        held = Held(held.good_t_ns, held.good_count, int(t[n]), int(c[n]))
    return held, t[keep], c[keep], keep + first


def last_one(held: Held, newtons_per_count: float) -> tuple[I64, I64]:
    """Return the conversion that still waits, unless it sticks out, at the end of the data."""
    none = np.zeros(0, np.int64)
    if held.waiting_t_ns < 0:
        return none, none
    step_n = abs(held.waiting_count - held.good_count) * newtons_per_count
    if held.good_t_ns >= 0 and step_n > MARGIN_N:
        return none, none
    return np.array([held.waiting_t_ns]), np.array([held.waiting_count])


def _sticks_out(before: F64, force: F64, after: F64, span_s: F64, ones: Bools) -> Bools:
    """Tell what is further from the median of three than the margin; shape (n,)."""
    over = np.maximum(force - np.maximum(before, after), np.minimum(before, after) - force)
    plain = over > MARGIN_N + MARGIN_N_PER_S * span_s
    return plain | (ones & (np.abs(force - before) > ALL_ONES_MARGIN_N))


def _judge_again(
    spike: Bools,
    good_t_ns: int,
    good: float,
    t: I64,
    force: F64,
    ones: Bools,
) -> None:
    """Behind a spike, compare with the last good conversion instead; changes `spike` in place."""
    n = len(spike)
    done = 0
    for k in np.flatnonzero(spike):
        if k < done:
            continue
        if k > 0:
            good_t_ns, good = int(t[k - 1]), float(force[k - 1])
        j = int(k) + 1
        while j < n:
            over = max(force[j] - max(good, force[j + 1]), min(good, force[j + 1]) - force[j])
            span_s = (int(t[j + 1]) - good_t_ns) * 1e-9
            spike[j] = over > MARGIN_N + MARGIN_N_PER_S * span_s or (
                ones[j] and abs(force[j] - good) > ALL_ONES_MARGIN_N
            )
            if not spike[j]:
                break
            j += 1
        done = j + 1
