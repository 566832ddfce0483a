"""What an ascent, a descent and a touch do to the force: short linear models, and their evidence.

A hip that rises adds inertia (a push, then a brake), passes the middle of its way (where the
level is a little higher) and ends at another level than it began; a descent is the mirror image;
a touch is a dip. How much of each differs between people, and is given as a prior.

All forces are relative to a level: ``z = (force - level) / level``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np

from station.signal.model import F64

# What inertia, sharpness, hump and bottom weigh, see `movement`.
Weights: TypeAlias = tuple[float, float, float, float]
FEATURES = 4
PAIRS = tuple((i, j) for i in range(FEATURES) for j in range(i, FEATURES))
Symmetric: TypeAlias = tuple[F64, ...]  # one for each of `PAIRS`

STEP_S = 0.08
UPS = (6, 8, 10, 13, 16, 20, 25, 32, 40, 50)  # steps: 0.5 to 4 s, about a quarter apart
DOWNS = (8, 10, 13, 16, 20, 25, 32, 40, 50, 63)
STUCK = (13, 16, 20, 25, 32)  # an ascent with a halt on the way
DIPS = (3, 4, 6, 8, 10, 13)  # unloading and loading again

# What is not explained, rms: a person's own wander, which is not white, and what the models lack,
# which grows with what there is to explain.
WANDERS = (0.019, 0.023, 0.027, 0.032, 0.038, 0.046, 0.055, 0.066, 0.08)
USUAL = 3  # of them, where it is not known
RESTLESS = 1.6  # of the median second difference
CALM = 0.042  # a foot that twitches, or is put down, trembles more
UNLIKE, UNLIKE_MOST = 0.4, 0.25  # of the rms; a touch is no unlikeness, so what is further off counts as much

# Inertia of an ascent in one second for each unit of the profile's acceleration, how much of it is
# in sharp starts and stops, the hump of the level half-way up, and what the bottom has over the
# top; all as shares of the level.
TYPICAL: Weights = (0.029, 0.008, 0.07, 0.0)
SPREAD: Weights = (0.010, 0.012, 0.05, 0.08)  # between people
OWN_SPREAD: Weights = (0.008, 0.008, 0.03, 0.04)  # between one person's reps
HALT_SHARE = 0.2  # of an ascent that sticks
SHARP_SHARE = 0.22  # of a movement, in which a sharp one gets up to speed
FINE = 8  # a step is the mean of so many
LEVEL_SPREAD = 0.1
LEAST_INERTIA = 0.016  # there is no body without
DIP_SLOPES = ((0.5, 0.5), (0.35, 0.35))
SLOPES_FROM = 8  # steps: in shorter dips nobody sees the difference
DIP_TYPICAL, DIP_SPREAD, DIP_LEAST = 0.45, 0.2, 0.2  # shares of the way to rest
NEVER = -1e12
T = TypeVar("T")


@dataclass(frozen=True)
class Models:
    """What is known beforehand of `MOVEMENTS`; arrays are (k, 1), one row for each.

    inner, cost : covariance of the weights, and the log evidence that their freedom costs;
    for somebody unknown, and for somebody who has been seen
    """

    whole: F64  # (FEATURES, k, 1): their sums
    common: Symmetric  # what they share
    inner: tuple[Symmetric, Symmetric]
    cost: tuple[F64, F64]


def restlessness(z: F64) -> int:
    """Return which of `WANDERS` goes with forces relative to their level, shape (n,)."""
    if len(z) < 8:
        return USUAL
    wander, off = RESTLESS * tremor(z), np.minimum(np.abs(z), UNLIKE_MOST)
    whole = wander * wander + UNLIKE * UNLIKE * float((off * off).sum()) / len(z)
    return min(sum(whole > w * w for w in WANDERS), len(WANDERS) - 1)


def tremor(z: F64) -> float:
    """Return by how much forces bend from step to step, shape (n,), n > 2: the median second difference."""
    bend = np.sort(np.abs(z[2:] - 2.0 * z[1:-1] + z[:-2]))
    return float(bend[len(bend) // 2])


def products(x: F64) -> F64:
    """Return what each feature of each movement has in common with `x`, shape (n,): (FEATURES, k, n).

    The last index is a movement's first step; where the movement does not fit in, 0.
    """
    n = len(x)
    found = np.zeros((FEATURES, len(MOVEMENTS), n))
    for steps, places, features in LENGTHS:
        if steps <= n:
            shared = (_windows(x, steps)[:, None, None, :] * features).sum(axis=0)
            found[:, places, : n - steps + 1] = shared
    return found


def evidence(shared: F64, models: Models, grade: int, weights: Weights | None) -> F64:
    """Return by how much each model explains better than a level does, shape (k, n).

    shared : `products` of the relative forces
    weights : what to expect of this person, None of somebody unknown
    The marginal likelihood of a linear model with Gaussian weights and noise (Bishop, 2006,
    equation 3.86), less that of a level, in natural logarithms.
    """
    precision = 1.0 / (WANDERS[grade] * WANDERS[grade])
    weights, known = weights or TYPICAL, weights is not None
    common = _square(models.common)
    mean = [sum(common[i][j] * weights[j] for j in range(FEATURES)) for i in range(FEATURES)]
    expected = sum(w * (x - 0.5 * m) for w, x, m in zip(weights, shared, mean, strict=True))
    rest = [x - m for x, m in zip(shared, mean, strict=True)]
    inner = models.inner[known]
    freed = sum(
        (0.5 if i == j else 1.0) * part * (rest[i] * rest[j])
        for (i, j), part in zip(PAIRS, inner, strict=True)
    )
    found: F64 = precision * expected + precision * precision * freed - models.cost[known]
    return found


def dip_evidence(z: F64, span: float, grade: int) -> list[tuple[int, F64]]:
    """Return by how much a dip explains better than a level does: its width, and that for each first step.

    span : the way from the level to rest, relative to the level
    """
    precision = 1.0 / (WANDERS[grade] * WANDERS[grade])
    prior = 1.0 / (DIP_SPREAD * span * DIP_SPREAD * span)
    depth = DIP_TYPICAL * span
    found: list[tuple[int, F64]] = []
    for steps, shapes in DIP_SHAPES:
        if steps > len(z):
            break
        windows, gain = _windows(z, steps), np.full(len(z) - steps + 1, NEVER)
        for shape, size in shapes:
            own = precision * size
            pull = precision * (windows * shape[:, None]).sum(axis=0)
            rest = pull - own * depth
            better = depth * (pull - 0.5 * own * depth) + 0.5 * rest * rest / (own + prior)
            fitted = depth + rest / (own + prior)
            better = np.where(fitted > DIP_LEAST * span, better, NEVER)
            gain = np.maximum(gain, better - 0.5 * natural_log(1.0 + own / prior))
        found.append((steps, gain))
    return found


def movement(steps: int, *, descent: bool = False, stuck: bool = False) -> F64:
    """Return what a movement does to the force, shape (FEATURES, steps), means over steps.

    Inertia of a minimum jerk (Flash & Hogan, 1985); what a trapezoid of speed adds to it, and takes
    away; the way over the middle; the bottom. An ascent that sticks is two of half the way each.
    """
    x = (np.arange(steps * FINE) + 0.5) / (steps * FINE)
    if stuck:
        move = 0.5 * (1.0 - HALT_SHARE)
        second = np.minimum(np.maximum((x - move - HALT_SHARE) / move, 0.0), 1.0)
        first = np.minimum(x / move, 1.0)
        height = 0.5 * (_height(first) + _height(second))
        smooth = 0.5 * (_smooth(first) + _smooth(second)) / (move * move)
        sharp = 0.5 * (_sharp(first) + _sharp(second)) / (move * move)
    else:
        height, smooth, sharp = _height(x), _smooth(x), _sharp(x)
    square = steps * STEP_S * steps * STEP_S
    rows = smooth / square, (sharp - smooth) / square, 4.0 * height * (1.0 - height), 1.0 - height
    features = np.stack([row.reshape(steps, FINE).sum(axis=1) / FINE for row in rows])
    return features[:, ::-1].copy() if descent else features


def _height(x: F64) -> F64:
    return x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)


def _smooth(x: F64) -> F64:
    return x * (60.0 - 180.0 * x + 120.0 * x * x)


def _sharp(x: F64) -> F64:
    push = 1.0 / (SHARP_SHARE * (1.0 - SHARP_SHARE))
    moving = (x > 0.0) & (x < 1.0)
    rises, brakes = moving & (x < SHARP_SHARE), moving & (x > 1.0 - SHARP_SHARE)
    return np.where(rises, push, np.where(brakes, -push, 0.0))


def fitted(
    z: F64, up: tuple[int, int], down: tuple[int, int], weights: Weights | None
) -> tuple[float, Weights]:
    """Return by how much the top is above the level, and the weights, that fit one rep best.

    z : relative forces, shape (n,); up, down : (first step, first step behind it)
    Ridge regression towards what is expected.
    """
    (a, b), (c, d) = up, down
    columns = np.zeros((1 + FEATURES, d - a))
    columns[0] = 1.0
    columns[1:, : b - a] = ASCENTS[b - a]
    columns[1:, c - a :] = DESCENTS[d - c]
    precision = 1.0 / (WANDERS[USUAL] * WANDERS[USUAL])
    expected = (0.0, *(weights or TYPICAL))
    rest = z[a:d]
    for weight, column in zip(expected, columns, strict=True):
        rest = rest - weight * column
    left = (precision * (columns[:, None, :] * columns).sum(axis=2)).tolist()
    right = (precision * (columns * rest).sum(axis=1)).tolist()
    for k, spread in enumerate((LEVEL_SPREAD, *SPREAD)):
        left[k][k] += 1.0 / (spread * spread)
    above, inertia, sharp, hump, low = (e + s for e, s in zip(expected, _solved(left, right), strict=True))
    return above, (max(inertia, LEAST_INERTIA), sharp, hump, low)


def _solved(left: list[list[float]], right: list[float]) -> list[float]:
    """Solve a small positive definite system by elimination."""
    n = len(right)
    rows = [[*row, value] for row, value in zip(left, right, strict=True)]
    for k in range(n):
        for i in range(k + 1, n):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    out = [0.0] * n
    for k in range(n - 1, -1, -1):
        out[k] = (rows[k][n] - sum(rows[k][j] * out[j] for j in range(k + 1, n))) / rows[k][k]
    return out


def _windows(x: F64, steps: int) -> F64:
    """Return every run of `steps` neighbours, shape (steps, n - steps + 1), without copying."""
    (stride,) = x.strides
    return np.ndarray((steps, len(x) - steps + 1), np.float64, x, strides=(stride, stride))


def _models(wander: float) -> Models:
    precision = 1.0 / (wander * wander)
    shared = [[float((f[i] * f[j]).sum()) for f in MOVEMENTS] for i, j in PAIRS]
    inner, cost = [], []
    for spread in (SPREAD, OWN_SPREAD):
        inverses, costs = [], []
        for k in range(len(MOVEMENTS)):
            matrix = _square([precision * row[k] for row in shared])
            volume = 1.0
            for i, sd in enumerate(spread):
                matrix[i][i] += 1.0 / (sd * sd)
                volume *= 1.0 / (sd * sd)
            inverse, size = _inverse(matrix)
            inverses.append([inverse[i][j] for i, j in PAIRS])
            costs.append(0.5 * natural_log(size / volume))
        inner.append(tuple(_column(list(part)) for part in zip(*inverses, strict=True)))
        cost.append(_column(costs))
    whole = np.array([[[float(f[i].sum())] for f in MOVEMENTS] for i in range(FEATURES)])
    common = tuple(_column(row) for row in shared)
    return Models(whole, common, (inner[0], inner[1]), (cost[0], cost[1]))


def _square(parts: Sequence[T]) -> list[list[T]]:
    """Write a symmetric matrix out."""
    place = {pair: k for k, pair in enumerate(PAIRS)}
    return [[parts[place[min(i, j), max(i, j)]] for j in range(FEATURES)] for i in range(FEATURES)]


def _inverse(matrix: list[list[float]]) -> tuple[list[list[float]], float]:
    """Return the inverse and the determinant of a small positive definite matrix."""
    n = len(matrix)
    columns = [_solved(matrix, [float(i == k) for i in range(n)]) for k in range(n)]
    rows, size = [list(row) for row in matrix], 1.0
    for k in range(n):
        size *= rows[k][k]
        for i in range(k + 1, n):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [[columns[j][i] for j in range(n)] for i in range(n)], size


def _column(values: list[float]) -> F64:
    return np.array(values).reshape(-1, 1)


def natural_log(value: float) -> float:
    """Return a natural logarithm that is the same on every machine."""
    return round(math.log(value), 9)


def _of_length(steps: int) -> tuple[int, list[int], F64]:
    """Return the movements that last so long: their places, and their features, (steps, FEATURES, k, 1)."""
    places = [k for k, features in enumerate(MOVEMENTS) if features.shape[1] == steps]
    return steps, places, np.stack([MOVEMENTS[k].T for k in places], axis=2)[..., None]


def _dips(steps: int) -> tuple[int, list[tuple[F64, float]]]:
    """Return the shapes of a dip, and the square of each: the hips may stay on the floor for a moment."""
    x = (np.arange(steps) + 0.5) / steps
    shapes = []
    for unloading, loading in DIP_SLOPES if steps >= SLOPES_FROM else DIP_SLOPES[:1]:
        slope = np.minimum(np.minimum(x / unloading, (1.0 - x) / loading), 1.0)
        shape = -slope * (2.0 - slope)
        shapes.append((shape, float((shape * shape).sum())))
    return steps, shapes


ASCENTS = {steps: movement(steps) for steps in UPS}
DESCENTS = {steps: movement(steps, descent=True) for steps in DOWNS}
MOVEMENTS = (*ASCENTS.values(), *(movement(k, stuck=True) for k in STUCK), *DESCENTS.values())
LENGTHS = tuple(_of_length(steps) for steps in sorted({*UPS, *STUCK, *DOWNS}))
DIP_SHAPES = tuple(_dips(steps) for steps in DIPS)
MODELS = tuple(_models(wander) for wander in WANDERS)  # one for each grade of wander
