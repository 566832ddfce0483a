"""A stretch of lifting explained: which hips went up, stayed, came down, touched, and when.

The best sequence of ascents, holds, descents and touches (`movements`) over the whole stretch is
found by dynamic programming (`sequence`; an explicit-duration hidden Markov model: Rabiner, 1989, doi
10.1109/5.18626, section IV.D). So a brake is told from a touch and a sticking point from a turn
by what comes before and after, and not by a threshold each; and by what this person does else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from station.signal.model import F64
from station.signal.movements import (
    CALM,
    DOWNS,
    MODELS,
    STUCK,
    UPS,
    WANDERS,
    Weights,
    dip_evidence,
    evidence,
    natural_log,
    products,
    restlessness,
    tremor,
)
from station.signal.period import period
from station.signal.sequence import LONGEST, Ascent, Gains, Lengths, Turn, best_sequence

# In units of log evidence.
REP_COST = 11.0  # what an ascent has to explain at least
NEW_REP_COST = 14.0  # of somebody of whom nothing is known yet
STUCK_COST = 5.0
TOUCH_COST = 10.0
PUSHED_COST = 3.0  # what an ascent behind a touch has to explain: there is none without
SURPRISE_COST = 3.0  # of a kind of turn, for each unit of log surprise
UNSEEN = 0.5  # turns of each kind that are taken as seen beforehand
OPEN_COST = 2.0  # for ending at the top: the descent was a fall
TEMPO_COST = 0.35  # for each squared place in the lists of durations away from the usual one
NEW_TEMPO_COST = 0.12  # away from what is usual for people
NEW_STUCK = 1.5
NEW_UP, NEW_DOWN = 3.5, 3.5

# Lengths of reps: by what share they vary, and how unsure the usual one is when one has been seen; what
# is usual for people, in steps, and how that varies. Weighed so much, with the tails of a Student t.
LENGTH_SPREAD, LENGTH_UNSURE, LENGTH_WEIGHT = 0.15, 0.25, 6.0
NEW_LENGTH, NEW_LENGTH_SPREAD, NEW_LENGTH_WEIGHT = 44.0, 0.7, 5.0
FREEDOMS = 4.0

# Before this person has turned without a rest, the force's own period tells how long a rep lasts: so much
# of it, and as sure as so many reps. An account by it has to be better by what that costs, and by more of
# somebody who has rested behind every rep.
REP_SHARE, PERIOD_WORTH = 0.87, 3
PERIOD_COST, RESTED_COST = 3.0, 10.0
# Seen so many times, in a force that is calm and shows no touch, it tells where the next ascent is due: one
# there was not sought everywhere, and has less to explain by so much for each time, as far as one behind a
# touch has less.
DUE_TIMES, DUE_GAIN = 2.6, 2.5


@dataclass(frozen=True)
class Manner:
    """How this person moves in this bout, as far as it is known.

    up, down : usual places in `UPS` and `DOWNS`
    weights : what to expect of the models
    ends : what followed each of the last reps
    length, measured : usual steps from lift-off to touchdown, and of how many reps
    """

    up: float | None = None
    down: float | None = None
    weights: Weights | None = None
    ends: tuple[Turn, ...] = ()
    length: float | None = None
    measured: int = 0

    @property
    def turned(self) -> bool:
        """Whether any of the last reps was followed by another one without a rest."""
        return any(end != "rest" for end in self.ends)

    @property
    def rep_cost(self) -> float:
        """What an ascent has to explain at least."""
        return NEW_REP_COST if self.weights is None else REP_COST

    def turn_cost(self, turn: Turn) -> float:
        """Return what a turn costs beside one of somebody unknown: people turn as they did before."""
        seen = self.ends.count(turn) + UNSEEN
        return -SURPRISE_COST * natural_log(3.0 * seen / (len(self.ends) + 3.0 * UNSEEN))


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
    x = force_n / tops_n[len(tops_n) // 2]
    stretches = _stretches(x, base_n, tops_n, manner, ended=ended)
    account = _best(stretches, _lengths(manner))
    return account if manner.turned else _recounted(account, x - 1.0, stretches, manner)


def _recounted(
    account: Explained, off: F64, stretches: list[tuple[Explained, Gains]], manner: Manner
) -> Explained:
    """Return the account by the period of forces relative to their level, where that is a better one."""
    found = period(off)
    cost = PERIOD_COST + (RESTED_COST if manner.ends else 0.0)
    if found is None or found.evidence < cost:
        return account
    times, touched = len(off) / found.steps, any(ascent.turn == "touch" for ascent in account.ascents)
    if times >= DUE_TIMES and tremor(off) < CALM and not touched:
        due_gain = min(DUE_GAIN * times, manner.rep_cost - PUSHED_COST)
        stretches = [(nothing, replace(g, hovered=g.hovered + due_gain)) for nothing, g in stretches]
    by_period = replace(manner, length=REP_SHARE * found.steps, measured=PERIOD_WORTH)
    other = _best(stretches, _lengths(by_period))
    # What it says of the same reps is no better.
    recounted = len(other.ascents) != len(account.ascents)
    return other if recounted and other.score + found.evidence - cost > account.score else account


def _stretches(
    x: F64, base_n: float, tops_n: list[float], manner: Manner, *, ended: bool
) -> list[tuple[Explained, Gains]]:
    """Return the account of nothing for each top, and what can happen; x is relative to the middle one."""
    grade = restlessness(x - 1.0)
    models = MODELS[grade]
    shared, costs = products(x), _costs(manner)
    touch_cost = TOUCH_COST + manner.turn_cost("touch")
    stretches = []
    for top_n in tops_n:
        share = top_n / tops_n[len(tops_n) // 2]
        z = (x - share) / share
        gain = evidence(shared / share - models.whole, models, grade, manner.weights) - costs
        dips = dip_evidence(z, (top_n - base_n) / top_n, grade)
        gains = Gains(
            ups=gain[: -len(DOWNS)],
            downs=gain[-len(DOWNS) :],
            dips=[(steps, one - touch_cost) for steps, one in dips],
            hovered=-manner.turn_cost("hover"),
            touched=manner.rep_cost - PUSHED_COST,
            open_end=OPEN_COST if ended else 0.0,
        )
        left = 0.5 * float((z * z).sum()) / (WANDERS[grade] * WANDERS[grade])
        stretches.append((Explained([], z, top_n, -left), gains))
    return stretches


def _best(stretches: list[tuple[Explained, Gains]], lengths: Lengths) -> Explained:
    """Return the best account, whichever top it has."""
    accounts = []
    for nothing, gains in stretches:
        score, ascents = best_sequence(gains, lengths)
        accounts.append(replace(nothing, ascents=ascents, score=score + nothing.score))
    return max(accounts, key=lambda account: account.score)


def _costs(manner: Manner) -> F64:
    """Return what each model has to explain at least, shape (k, 1): unusual durations cost something."""
    ups = [manner.rep_cost + _away(k, manner.up, NEW_UP) for k in range(len(UPS))]
    stuck = [manner.rep_cost + STUCK_COST + _away(k, None, NEW_STUCK) for k in range(len(STUCK))]
    downs = [_away(k, manner.down, NEW_DOWN) for k in range(len(DOWNS))]
    return np.array([*ups, *stuck, *downs]).reshape(-1, 1)


def _away(place: int, usual: float | None, typical: float) -> float:
    off = place - (typical if usual is None else usual)
    return (NEW_TEMPO_COST if usual is None else TEMPO_COST) * off * off


def _lengths(manner: Manner) -> Lengths:
    """Return what a rep of each length in steps costs, and one that has lasted so long and goes on."""
    if manner.length is None:
        return _costs_around(NEW_LENGTH, NEW_LENGTH_SPREAD * NEW_LENGTH_SPREAD, NEW_LENGTH_WEIGHT)
    unsure = LENGTH_UNSURE * LENGTH_UNSURE / manner.measured
    return _costs_around(manner.length, LENGTH_SPREAD * LENGTH_SPREAD + unsure, LENGTH_WEIGHT)


@lru_cache(maxsize=128)  # a bout asks for the same ones again and again
def _costs_around(usual: float, square: float, weight: float) -> Lengths:
    """Return both around a usual length whose logarithm varies by `square`."""
    costs = []
    for steps in range(LONGEST + 1):
        off = natural_log(max(steps, 1) / usual)
        costs.append(0.5 * weight * (FREEDOMS + 1.0) * natural_log(1.0 + off * off / (FREEDOMS * square)))
    whole = np.array(costs)
    going_on = np.where(np.arange(LONGEST + 1) > usual, whole, 0.0)
    for shared in (whole, going_on):
        shared.flags.writeable = False
    return Lengths(whole, going_on)
