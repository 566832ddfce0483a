"""The best sequence of reps, touches and turns in a stretch, by dynamic programming.

A stretch is cut into reps, each an ascent, a hold and a descent; behind one the hips turn without a
touch, or touch the floor and go up again. The reps that are possible from every step on, and of
every length, are known beforehand as one table, so a rep's whole length can be weighed: it is what
reps of one person have most in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from station.signal.model import F64
from station.signal.movements import DOWNS, NEVER, STUCK, UPS

Turn: TypeAlias = Literal["rest", "touch", "hover"]

RISES = (*UPS, *STUCK)
SHORTEST, LONGEST = UPS[0] + DOWNS[0], 188  # steps of a rep; a longer one is never seen to end
IMPOSSIBLE = NEVER / 2.0
PAUSE_COST = 0.5  # for each step that the hips stay low


@dataclass(frozen=True)
class Ascent:
    """One ascent and what followed it, in steps from the start of the stretch.

    up, down, dip : (first step, first step behind it); None while none has been seen
    turn : what lies before the next ascent; rest, as far as is known, behind the last one
    evidence : log evidence that this was an ascent, cost taken off
    stuck : it halted on its way
    """

    up: tuple[int, int]
    down: tuple[int, int] | None = None
    turn: Turn = "rest"
    dip: tuple[int, int] | None = None
    evidence: float = 0.0
    stuck: bool = False


@dataclass(frozen=True)
class Gains:
    """What can happen in a stretch of n steps, and the log evidence for it, costs taken off.

    ups, downs : ascents (`RISES`) and descents (`DOWNS`) by first step, shape (k, n)
    dips : of each width in steps, by first step
    hovered, touched : what an ascent gains behind a turn without and with a touch
    open_end : what a rep costs whose descent was not seen
    """

    ups: F64
    downs: F64
    dips: Sequence[tuple[int, F64]]
    hovered: float
    touched: float
    open_end: float


@dataclass(frozen=True)
class Lengths:
    """What a rep of each length costs, and one that has lasted so long and is not over: (LONGEST + 1,)."""

    whole: F64
    going_on: F64


@dataclass(frozen=True)
class _Scores:
    """The best scores by step, and how they were reached.

    reps : gains of reps by first step and length
    low, floor, foot : score of hips that are low, are on the floor, and may go up
    floor_from : where the touch began, -1 if they were there before; foot_from : start, low or floor
    """

    reps: F64
    low: list[float]
    floor: list[float]
    foot: list[float]
    floor_from: list[int]
    foot_from: list[str]

    def rep_ending(self, t: int) -> int:
        """Return the first step of the rep that hips are low at `t` by, -1 if they were before."""
        longest = self.reps.shape[1] - 1
        first = np.arange(max(t - longest, 0), max(t - SHORTEST + 1, 0))
        if len(first) == 0:
            return -1
        reached = np.array(self.foot)[first] + self.reps[first, t - first]
        best = int(reached.argmax())
        return int(first[best]) if float(reached[best]) >= self.low[t] else -1


def best_sequence(gains: Gains, lengths: Lengths) -> tuple[float, list[Ascent]]:
    """Return the best sequence from the bottom on, and its score."""
    n = gains.ups.shape[1]
    reps = _reps(gains, lengths, min(LONGEST, n))
    first = min(SHORTEST, n + 1)  # before, no rep can be over
    landed = np.full(n + 1, NEVER)  # by the reps so far
    touches = _touches(gains.dips)
    low, floor, floor_from = [NEVER] * first, [NEVER] * first, [-1] * first
    foot, foot_from = [-PAUSE_COST * t for t in range(first)], ["start"] * first
    for t in range(n + 1):
        if t >= first:
            low.append(max(float(landed[t]), low[t - 1] - PAUSE_COST))
            touched, begun = floor[t - 1] - PAUSE_COST, -1
            for start, gain in touches.get(t, ()):
                if low[start] + gain > touched:
                    touched, begun = low[start] + gain, start
            floor.append(touched)
            floor_from.append(begun)
            best, place = -PAUSE_COST * t, "start"
            if low[t] + gains.hovered > best:
                best, place = low[t] + gains.hovered, "low"
            if touched + gains.touched > best:
                best, place = touched + gains.touched, "floor"
            foot.append(best)
            foot_from.append(place)
        reached = landed[t + SHORTEST : t + reps.shape[1]]
        if len(reached):
            np.maximum(reached, reps[t, SHORTEST : SHORTEST + len(reached)] + foot[t], out=reached)
    up, begin = _going_on(gains, lengths, np.array(foot[:n]))
    score, place = max(
        (up - gains.open_end, "top"), (low[n], "low"), (floor[n], "floor"), (-PAUSE_COST * n, "start")
    )
    scores = _Scores(reps, low, floor, foot, floor_from, foot_from)
    return score, _ascents(gains, scores, place, begin)


def _reps(gains: Gains, lengths: Lengths, longest: int) -> F64:
    """Return the gain of the best rep from each step on, of each length, shape (n, longest + 1).

    Between ascent and descent the hips stay up, which gains nothing; so of all descents that end
    at a step the best one counts that leaves time for the ascent.
    """
    n, most = gains.ups.shape[1], max(RISES)
    ending = np.full((n + longest + 1, most + longest + 1), NEVER)  # by last step, and by the time there is
    best = np.full(n + 1, NEVER)
    for steps, longer, gain in zip(DOWNS, (*DOWNS[1:], longest + 1), gains.downs, strict=True):
        if steps <= n:
            best[steps:] = np.maximum(best[steps:], gain[: n + 1 - steps])
        ending[: n + 1, most + steps : most + longer] = best[:, None]
    found = np.full((n, longest + 1), NEVER)
    down, along = ending.strides
    for steps, gain in zip(RISES, gains.ups, strict=True):
        after = np.ndarray(  # at [first, length]: ending at first + length, with length - steps left
            found.shape, np.float64, ending, offset=(most - steps) * along, strides=(down, down + along)
        )
        np.maximum(found, after + gain[:, None], out=found)
    return found - lengths.whole[: longest + 1]


def _touches(dips: Sequence[tuple[int, F64]]) -> dict[int, list[tuple[int, float]]]:
    """Return the touches that there may be, by the step behind their last: first step, and gain."""
    found: dict[int, list[tuple[int, float]]] = {}
    for steps, gain in dips:
        for start in np.flatnonzero(gain > IMPOSSIBLE).tolist():
            found.setdefault(start + steps, []).append((start, float(gain[start])))
    return found


def _going_on(gains: Gains, lengths: Lengths, foot: F64) -> tuple[float, int]:
    """Return the best score of hips that are up at the end, and where that ascent began."""
    n = len(foot)
    best = np.full(n, NEVER)
    for steps, gain in zip(RISES, gains.ups, strict=True):
        if steps <= n:
            best[: n + 1 - steps] = np.maximum(best[: n + 1 - steps], gain[: n + 1 - steps])
    score = best + foot - lengths.going_on[np.minimum(n - np.arange(n), LONGEST)]
    begin = int(score.argmax())
    return float(score[begin]), begin


def _ascents(gains: Gains, found: _Scores, place: str, begin: int) -> list[Ascent]:
    """Walk back along the best sequence; `begin` is where an ascent began that ends at the top."""
    ascents: list[Ascent] = []
    dip: tuple[int, int] | None = None
    t = gains.ups.shape[1]
    if place == "top":
        ascents.append(_open_ascent(gains, begin))
        t, place = begin, found.foot_from[begin]
    while place != "start":
        before = found.floor_from[t] if place == "floor" else found.rep_ending(t)
        if before < 0:
            t -= 1
        elif place == "floor":
            dip, place, t = (before, t), "low", before
        else:
            turn: Turn = "rest" if not ascents else "touch" if dip else "hover"
            ascents.append(_whole_ascent(gains, before, t, turn, dip))
            dip, t, place = None, before, found.foot_from[before]
    ascents.reverse()
    return ascents


def _open_ascent(gains: Gains, begin: int) -> Ascent:
    """Return the best ascent from a step on, whose descent has not been seen."""
    left = gains.ups.shape[1] - begin
    k = max((k for k, up in enumerate(RISES) if up <= left), key=lambda k: float(gains.ups[k, begin]))
    up = begin, begin + RISES[k]
    return Ascent(up, evidence=float(gains.ups[k, begin]), stuck=k >= len(UPS))


def _whole_ascent(gains: Gains, begin: int, end: int, turn: Turn, dip: tuple[int, int] | None) -> Ascent:
    """Return the best ascent from one step on with the best descent to another."""
    pairs = [
        (float(gains.ups[k, begin]) + float(gains.downs[j, end - down]), k, down)
        for k, up in enumerate(RISES)
        for j, down in enumerate(DOWNS)
        if up + down <= end - begin
    ]
    _, k, down = max(pairs, key=lambda pair: pair[0])
    evidence = float(gains.ups[k, begin])
    return Ascent((begin, begin + RISES[k]), (end - down, end), turn, dip, evidence, stuck=k >= len(UPS))
