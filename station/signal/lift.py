"""A stretch of lifting explained: which hips went up, stayed, came down, touched, and when.

The best sequence of ascents, holds, descents and touches (`movements`) over the whole stretch is
found by dynamic programming (an explicit-duration hidden Markov model: Rabiner, 1989, doi
10.1109/5.18626, section IV.D). So a brake is told from a touch and a sticking point from a turn
by what comes before and after, and not by a threshold each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from station.signal.model import F64
from station.signal.movements import (
    DOWNS,
    MODELS,
    NEVER,
    STUCK,
    UPS,
    WANDERS,
    Weights,
    dip_evidence,
    evidence,
    products,
    restlessness,
)

Turn: TypeAlias = Literal["rest", "touch", "hover"]
Choices: TypeAlias = list[tuple[int, list[float]]]  # steps, and the gain for each first step
Trail: TypeAlias = list[tuple[str, int]]  # how each step was reached, and from which

SHORTEST = UPS[0] + DOWNS[0]

# In units of log evidence.
REP_COST = 11.0  # what an ascent has to explain at least
NEW_REP_COST = 14.0  # of somebody of whom nothing is known yet
HOVERING_COST, RESTING_COST = 8.0, 16.0  # of somebody who does not always come to rest, or always does
TOUCH_COST = 6.0
STUCK_COST = 5.0
NEW_STUCK = 1.5
PAUSE_COST = 0.5  # for each step that the hips stay low without touching
OPEN_COST = 2.0  # for ending at the top: the descent was a fall
TEMPO_COST = 0.35  # for each squared place in the lists of durations away from the usual one
NEW_TEMPO_COST = 0.12  # away from what is usual for people
NEW_UP, NEW_DOWN = 3.5, 3.5


@dataclass(frozen=True)
class Manner:
    """How this person moves in this bout, as far as it is known.

    up, down : usual places in `UPS` and `DOWNS`
    weights : what to expect of the models
    hovers, rests : some rep has turned without a touch; several have, and none did
    """

    up: float | None = None
    down: float | None = None
    weights: Weights | None = None
    hovers: bool = False
    rests: bool = False

    @property
    def rep_cost(self) -> float:
        """What an ascent has to explain at least."""
        if self.hovers:
            return HOVERING_COST
        if self.rests:
            return RESTING_COST
        return NEW_REP_COST if self.weights is None else REP_COST


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
class Explained:
    """The best account of a stretch.

    z : forces relative to zero_n, the force at lockout
    score : log probability
    """

    ascents: list[Ascent]
    z: F64
    zero_n: float
    score: float


def explained(force_n: F64, base_n: float, tops_n: list[float], manner: Manner, *, ended: bool) -> Explained:
    """Find the ascents in forces `STEP_S` apart, shape (n,), N, from the first lift-off on.

    base_n : the resting level
    tops_n : what the force at lockout may be
    ended : the foot was unloaded behind it; otherwise the stretch goes on
    """
    unit_n = tops_n[len(tops_n) // 2]
    x = force_n / unit_n
    grade = restlessness(x - 1.0)
    models = MODELS[grade]
    shared = products(x, models)
    accounts = []
    for top_n in tops_n:
        share = top_n / unit_n
        z = (x - share) / share
        gain = evidence(shared / share - models.whole, models, grade, manner.weights)
        ups, stuck, downs = gain[: len(UPS)], gain[len(UPS) : -len(DOWNS)], gain[-len(DOWNS) :]
        dips = dip_evidence(z, (top_n - base_n) / top_n, grade)
        score, ascents = _sequence(
            _choices(ups - manner.rep_cost, UPS, manner.up, NEW_UP),
            _choices(stuck - manner.rep_cost - STUCK_COST, STUCK, None, NEW_STUCK),
            _choices(downs, DOWNS, manner.down, NEW_DOWN),
            [(steps, (one - TOUCH_COST).tolist()) for steps, one in dips],
            len(z),
            ended,
        )
        score -= 0.5 * float(np.sum(z * z)) / (WANDERS[grade] * WANDERS[grade])
        accounts.append(Explained(ascents, z, top_n, score))
    return max(accounts, key=lambda account: account.score)


def _choices(gain: F64, durations: tuple[int, ...], usual: float | None, typical: float) -> Choices:
    """Return a model's gains as lists; unusual durations cost something."""
    away = np.arange(len(durations))[:, None] - (typical if usual is None else usual)
    gain = gain - (NEW_TEMPO_COST if usual is None else TEMPO_COST) * away * away
    return list(zip(durations, gain.tolist(), strict=True))


def _sequence(
    ups: Choices, stuck: Choices, downs: Choices, dips: Choices, n: int, ended: bool
) -> tuple[float, list[Ascent]]:
    """Return the best sequence from the bottom on, and its score."""
    low, top = [NEVER] * (n + 1), [NEVER] * (n + 1)
    low_from: Trail = [("", 0)] * (n + 1)
    top_from: Trail = [("", 0)] * (n + 1)
    low[0] = 0.0
    for t in range(1, n + 1):
        stays = low[t - 1] - PAUSE_COST, ("pause", t - 1)
        low[t], low_from[t] = _better(stays, t, (("down", top, downs), ("dip", low, dips)))
        stays = top[t - 1], ("hold", t - 1)
        top[t], top_from[t] = _better(stays, t, (("up", low, ups), ("stuck", low, stuck)))
    final = top[n] - (OPEN_COST if ended else 0.0)
    return max(final, low[n]), _ascents(
        low_from, top_from, final > low[n], {"up": dict(ups), "stuck": dict(stuck)}
    )


def _better(
    best: tuple[float, tuple[str, int]], t: int, ways: Sequence[tuple[str, list[float], Choices]]
) -> tuple[float, tuple[str, int]]:
    """Return the best score at step `t`, and how it is reached: by staying, or by one of the ways.

    ways : (how, scores of where it starts, its durations and gains), the shortest first
    """
    value, how = best
    for name, scores, choices in ways:
        for steps, gain in choices:
            if steps > t:
                break
            start = t - steps
            reached = scores[start] + gain[start]
            if reached > value:
                value, how = reached, (name, start)
    return value, how


def _ascents(
    low_from: Trail, top_from: Trail, at_top: bool, ups: dict[str, dict[int, list[float]]]
) -> list[Ascent]:
    """Walk back along the best sequence."""
    found: list[Ascent] = []
    down: tuple[int, int] | None = None
    dip: tuple[int, int] | None = None
    t = len(low_from) - 1
    while t > 0:
        how, before = (top_from if at_top else low_from)[t]
        if how == "down":
            down, at_top = (before, t), True
        elif how == "dip":
            dip = (before, t)
        elif how in ups:
            turn: Turn = "rest" if not found else "touch" if dip else "hover"
            found.append(Ascent((before, t), down, turn, dip, ups[how][t - before][before], how == "stuck"))
            down, dip, at_top = None, None, False
        t = before
    found.reverse()
    return found
