"""Conversions that can't be true are dropped.

A conversion is held against the last two good ones and the next one, or the one after where the next
is a spike itself: a true edge runs through them, a spike sticks out. What sticks out by less than
a landing may is left, unless its neighbours are calm: a landing bends the curve on its way up, too. A
jump that no body makes within a conversion is held until it has lasted: a burst returns to where it
came from, a small one within `PAIR` conversions, a large one within `BURST_LONGEST`. So a
conversion is judged one conversion late, and only beside such a jump a few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from station.conversions import COUNT_MAX, COUNT_MIN
from station.signal.model import F64, I64, Bools

MARGIN_N = 20.0  # what one cell may stick out by, and how much more per second between the
MARGIN_N_PER_S = 1000.0  # neighbours: a hard landing bends by 30 N in the 25 ms of an 80 Hz chip
CALM_MARGIN_N = 4.0  # what one may stick out by beside calm neighbours, and how much more per second;
CALM_MARGIN_N_PER_S = 200.0
CALM_TIMES = 1.0  # and how many times what its neighbours differ by
# What no body changes one cell by within a conversion, and so much more for each second since the last
# good one: by that much where it is back after two, by much more where it takes up to four.
PAIR_N, PAIR = 25.0, 2
BURST_N, BURST_LONGEST = 80.0, 4
JUMP_N_PER_S = 1000.0
RETURNED = 0.4  # of the jump: nearer than this to where it came from, a burst is over
ALL_ONES_LEAST = (1 << 15) - 1  # such a word is what is read at a wrong moment,
ALL_ONES_MARGIN_N = 3.0  # so less is enough to doubt it

Verdict = Literal["good", "spike", "wait"]


@dataclass(frozen=True)
class Held:
    """What one cell's next conversions are compared with; a time of -1 ns is none.

    before_count : the good one before the last
    waiting : (t_ns, count) of conversions that are not judged yet
    """

    good_t_ns: int = -1
    good_count: int = 0
    before_count: int = 0
    waiting: tuple[tuple[int, int], ...] = ()


def usable(count: I64) -> Bools:
    """Tell which counts are not the converter's own end stops, shape (n,)."""
    inside: Bools = (count != COUNT_MAX) & (count != COUNT_MIN)
    return inside


def despike(held: Held, t_ns: I64, count: I64, newtons_per_count: float) -> tuple[Held, I64, I64, I64]:
    """Judge every conversion of one cell of which enough successors are known.

    Returns the new `Held`, then shape (m,): times, counts, and for each the index (into
    `t_ns`) of the conversion that confirmed it.
    """
    none = np.zeros(0, np.int64)
    if len(t_ns) == 0:
        return held, none, none, none
    waited = len(held.waiting)
    if waited:
        t_ns = np.concatenate(([t for t, _ in held.waiting], t_ns))
        count = np.concatenate(([c for _, c in held.waiting], count))
    if held.good_t_ns < 0:  # nothing to compare the first one with
        held = Held(int(t_ns[0]), int(count[0]), int(count[0]))
    line = _Line(t_ns, count.astype(np.float64) * newtons_per_count, _all_ones(count))
    last = _Good(held.good_t_ns, held.good_count * newtons_per_count, held.before_count * newtons_per_count)
    kept, confirmed, judged = _judged(line, last)
    good_t_ns, good_count, before_count = held.good_t_ns, held.good_count, held.before_count
    if len(kept):
        before_count = int(count[kept[-2]]) if len(kept) > 1 else good_count
        good_t_ns, good_count = int(t_ns[kept[-1]]), int(count[kept[-1]])
    waiting = tuple(zip(t_ns[judged:].tolist(), count[judged:].tolist(), strict=True))
    held = Held(good_t_ns, good_count, before_count, waiting)
    return held, t_ns[kept], count[kept], np.maximum(confirmed - waited, 0)


def last_ones(held: Held, newtons_per_count: float) -> tuple[I64, I64]:
    """Return the conversions that still wait, but for those that stick out, at the end of the data."""
    near = [
        (t, c)
        for t, c in held.waiting
        if held.good_t_ns < 0 or abs((c - held.good_count) * newtons_per_count) <= MARGIN_N
    ]
    return np.array([t for t, _ in near], np.int64), np.array([c for _, c in near], np.int64)


@dataclass(frozen=True)
class _Good:
    """The last good conversion, and the force of the good one before it, N."""

    t_ns: int
    force_n: float
    before_n: float


@dataclass(frozen=True)
class _Line:
    """Conversions of one cell, shape (n,)."""

    t_ns: I64
    force_n: F64
    ones: Bools

    def good(self, k: int, before_n: float) -> _Good:
        """Return conversion `k` as the last good one."""
        return _Good(int(self.t_ns[k]), float(self.force_n[k]), before_n)

    def verdict(self, k: int, good: _Good) -> tuple[Verdict, int]:
        """Judge conversion `k`, and tell how many successors that took."""
        if k + 1 >= len(self.t_ns):
            return "wait", 0
        force, after, ahead = float(self.force_n[k]), float(self.force_n[k + 1]), 1
        away, after_away = abs(force - good.force_n), abs(after - good.force_n)
        if after_away > self._jump_n(k + 1, good, PAIR_N):  # the next one may be a spike itself
            if k + 2 >= len(self.t_ns):
                return "wait", 1
            second, ahead = float(self.force_n[k + 2]), 2
            if abs(second - good.force_n) < after_away:
                after = second
        over = max(force - max(good.force_n, after), min(good.force_n, after) - force)
        span_s = (int(self.t_ns[k + 1]) - good.t_ns) * 1e-9
        unrest = abs(good.force_n - good.before_n) + abs(after - good.force_n)
        calm_margin = CALM_MARGIN_N + CALM_MARGIN_N_PER_S * span_s + CALM_TIMES * unrest
        margin = min(MARGIN_N + MARGIN_N_PER_S * span_s, calm_margin)
        if over > margin or (self.ones[k] and away > ALL_ONES_MARGIN_N):
            return "spike", ahead
        if away < self._jump_n(k, good, PAIR_N):
            return "good", ahead
        longest = PAIR if away < self._jump_n(k, good, BURST_N) else BURST_LONGEST
        for j in range(1, longest + 1):
            if k + j >= len(self.t_ns):
                return "wait", j
            if abs(float(self.force_n[k + j]) - good.force_n) < RETURNED * away:
                return "spike", max(j, ahead)
        return "good", max(longest, ahead)

    def _jump_n(self, k: int, good: _Good, least_n: float) -> float:
        """Return what no body changes one cell by from the last good conversion to `k`."""
        return least_n + JUMP_N_PER_S * (int(self.t_ns[k]) - good.t_ns) * 1e-9


def _judged(line: _Line, good: _Good) -> tuple[I64, I64, int]:
    """Return which conversions are good, which one confirmed each, and how many are judged."""
    n = len(line.t_ns)
    step_n = np.abs(line.force_n - np.concatenate(([good.force_n], line.force_n[:-1])))
    doubtful = np.flatnonzero((step_n > CALM_MARGIN_N) | (line.ones & (step_n > ALL_ONES_MARGIN_N)))
    kept: list[I64] = []
    confirmed: list[I64] = []
    k, seen = 0, -1
    for place in [*doubtful.tolist(), n - 1]:
        if place < k:
            continue
        if place > k:  # nothing jumps on the way there
            run = np.arange(k, place)
            kept.append(run)
            confirmed.append(np.maximum(run + 1, seen))
            good = line.good(place - 1, float(line.force_n[place - 2]) if place - 1 > k else good.force_n)
            k = place
        while k < n:
            verdict, ahead = line.verdict(k, good)
            if verdict == "wait":
                return _joined(kept), _joined(confirmed), k
            seen = max(seen, k + ahead)
            if verdict == "good":
                kept.append(np.array([k]))
                confirmed.append(np.array([seen]))
                good = line.good(k, good.force_n)
            k += 1
            if verdict == "good":
                break
    return _joined(kept), _joined(confirmed), k


def _joined(parts: list[I64]) -> I64:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _all_ones(count: I64) -> Bools:
    """Tell which words are all ones from some bit on, shape (n,)."""
    ones: Bools = (count == -1) | ((count >= ALL_ONES_LEAST) & ((count & (count + 1)) == 0))
    return ones
