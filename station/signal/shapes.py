"""The shapes that are held against the force: load transfers, their low ends, low turns and movements.

Every way from 0 to 1 is the distribution function of a beta distribution with small whole
parameters, or a mixture of two, since these are polynomials: (1, 1) is a straight line, (2, 2)
nearly half a cosine, (3, 3) a minimum jerk (Flash and Hogan, 1985, doi
10.1523/JNEUROSCI.05-07-01688.1985); unequal ones are quick at first or at last. Which of them
bodies use on a foot plate is not known; hence so many. Times are s, levels shares of the lift's.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import comb
from operator import mul
from typing import TypeAlias

import numpy as np

from station.signal.fits import Table, table
from station.signal.model import F64

Priors: TypeAlias = tuple[tuple[float, float], ...]  # mean, deviation
Way: TypeAlias = tuple[tuple[int, int, float], ...]  # beta distributions: a, b, share

RATE_HZ = 100.0  # frames
FINE = 8  # places within a block at which a corner is looked at
EPSILON = 1e-4

TRANSFER_FROM_S, TRANSFER_TO_S, TRANSFER_BLOCKS = -0.76, 0.44, 30
TRANSFER_NOISE, TRANSFER_WHITENING = 0.035, 0.8
TRANSFER_WAYS: tuple[tuple[int, int], ...] = (
    *((1, 1), (2, 2), (3, 3)),
    *((1, 2), (2, 1), (2, 3), (3, 2), (1, 3), (3, 1)),
)
TRANSFER_LIKELY = (1.0, 3.0, 1.0, 0.5, 0.3, 0.4, 0.4, 0.4, 0.2)  # before anything is known
AT_S = tuple(0.025 * k for k in range(-5, 6))  # the middle, from where half of the load is over
LASTING_S = tuple(accumulate((0.12, *(1.15,) * 12), mul))
LOW = ((0.0, 0.06),)  # the low level
# Then a movement takes over with a jump, a slope and a bend, which its acceleration begins with: in units
# of its way over its duration squared, cubed and to the fourth. Half a cosine has (4.9, 0, -24), a trapezoid
# about (5, 0, 0), a minimum jerk (0, 60, -180).
START = ((5.0, 6.0), (45.0, 70.0), (-200.0, 300.0))
INERTIA = 0.033  # of an ascent in 1 s: N s² for each N
MOVEMENTS_S = (0.9, 1.27, 1.8, 2.55, 3.6)  # there is a table of transfers for each duration

# Where a level ends, by the lower half of a transfer alone: it lies so long before the transfer's middle.
CORNER_FROM_S, CORNER_BLOCKS = -0.5, 20
CORNER_NOISE, CORNER_WHITENING = 0.02, 0.8
CORNER_AT_S = tuple(-0.02 * k for k in range(2, 25))

TURN_FROM_S, TURN_TO_S, TURN_BLOCKS = -0.6, 0.6, 30
TURN_NOISE, TURN_WHITENING = 0.015, 0.7
TURN_AT_S = tuple(0.02 * k for k in range(-10, 11))
PAUSE_S = (0.0, 0.05, 0.1, 0.17, 0.25, 0.35)
BRAKE = ((0.05, 0.06), (0.15, 0.4), (-0.3, 0.6))  # on either side, the same three

MOVEMENT_BLOCKS, MOVEMENT_NOISE, MOVEMENT_WHITENING = 48, 0.018, 0.4
STEADY: Way = ((2, 2, 0.7), (3, 3, 0.3))
MOVES: tuple[tuple[Way, Way], ...] = (  # up, and down as seen backwards in time
    (STEADY, STEADY),
    (((3, 3, 1.0),), ((3, 3, 1.0),)),
)
PARTS = tuple(accumulate((0.08, *(1.13,) * 19), mul))  # of the time from lift-off to touchdown
HALF_BLOCKS, HALF_NOISE, HALF_WHITENING = 44, 0.018, 0.65
HALF_WAYS: tuple[Way, ...] = (
    ((2, 2, 1.0),),
    STEADY,
    ((3, 3, 1.0),),
    ((2, 3, 1.0),),
    ((3, 2, 1.0),),
    ((3, 4, 1.0),),
    ((4, 3, 1.0),),
)
HALF_LIKELY = (1.0, 1.0, 1.0, 0.5, 0.5, 0.4, 0.4)
HALF_PARTS = tuple(accumulate((0.25, *(1.03,) * 47), mul))  # of the time to the middle of the lockout
LEVELS = ((0.0, 0.08), (-0.02, 0.08), (0.065, 0.045))  # at the bottom, what the top adds, and half-way
# What the lower half of the way adds, and the upper takes off: the hardest place need not be half-way.
LEAN = 0.0, 0.02
LEANING = 10.4  # makes the most of h (1 - h) (1 - 2 h) one


def _gone(x: F64, way: Way) -> F64:
    """Return how much of a way is gone at x, 0…1: sums of binomials."""
    x = np.minimum(np.maximum(x, 0.0), 1.0)
    total = np.zeros_like(x)
    for a, b, share in way:
        n = a + b - 1
        for j in range(a, n + 1):
            term = np.full_like(x, share * comb(n, j))
            for k in range(n):
                term = term * (x if k < j else 1.0 - x)
            total = total + term
    return total


def _speed(x: F64, way: Way) -> F64:
    """Return its slope, 0 outside 0…1."""
    return np.asarray((_gone(x + EPSILON, way) - _gone(x - EPSILON, way)) / (2 * EPSILON))


def _times(start_s: float, stop_s: float, blocks: int) -> F64:
    """Return the middles of the fine steps of blocks."""
    step = (stop_s - start_s) / (blocks * FINE)
    return np.asarray(start_s + (np.arange(blocks * FINE) + 0.5) * step)


def _means(column: F64) -> F64:
    """Return means over the fine steps of every block."""
    return np.asarray(column.reshape(len(column), -1, FINE).sum(axis=2) / FINE)


def _start(after: F64) -> list[F64]:
    """Return the columns of a movement that takes over: its jump, slope and bend, `after` it began in s."""
    far = np.maximum(after, 0.0)
    return [_means(np.where(after > 0.0, 1.0, 0.0)), _means(far), _means(far * far)]


def _transfers() -> tuple[Table, ...]:
    """Return tables of transfers by way, one for each of `MOVEMENTS_S`; start and end in s."""
    grid = np.array([(m - d / 2, m + d / 2) for m in AT_S for d in LASTING_S]).T
    grid = np.tile(grid[:, None, :], (1, len(TRANSFER_WAYS), 1))
    start, end = grid[0].reshape(-1, 1), grid[1].reshape(-1, 1)
    t = _times(TRANSFER_FROM_S, TRANSFER_TO_S, TRANSFER_BLOCKS)
    x = ((t - start) / (end - start)).reshape(len(TRANSFER_WAYS), -1, len(t))
    part = _means(np.concatenate([_gone(x[k], ((a, b, 1.0),)) for k, (a, b) in enumerate(TRANSFER_WAYS)]))
    columns = [1.0 - part, *_start(t - end), part]
    priors = [LOW + _begun(took_s) for took_s in MOVEMENTS_S]
    return tuple(table(columns, prior, TRANSFER_NOISE, TRANSFER_WHITENING, grid) for prior in priors)


def _begun(took_s: float) -> Priors:
    """Return `START` for a movement of this duration: shares of the lift's level, per s, per s²."""
    square = INERTIA / (took_s * took_s)
    units = square, square / took_s, square / (took_s * took_s)
    return tuple(
        (mean * unit, deviation * unit) for (mean, deviation), unit in zip(START, units, strict=True)
    )


def transfers(took_s: float) -> Table:
    """Return the transfers to and from a movement that takes about so long."""
    return TRANSFERS[sum(took_s * took_s > a * b for a, b in pairwise(MOVEMENTS_S))]


def _corners() -> Table:
    """Return levels that end in a line, straight or bent by a power of 1.25; where they do, in s."""
    at = np.tile(np.array(CORNER_AT_S), (2, 1))
    x = np.maximum(1.0 - _times(CORNER_FROM_S, 0.0, CORNER_BLOCKS) / at[0][:, None], 0.0)
    gone = _means(np.concatenate((x, x * np.sqrt(np.sqrt(x)))))
    return table([np.ones_like(gone), gone], LOW, CORNER_NOISE, CORNER_WHITENING, at[None])


def _turns() -> Table:
    """Return low turns of hips that do not touch; end of the descent and start of the ascent in s."""
    grid = np.array([(m - p / 2, m + p / 2) for m in TURN_AT_S for p in PAUSE_S]).T
    t = _times(TURN_FROM_S, TURN_TO_S, TURN_BLOCKS)
    columns = [*_start(grid[0][:, None] - t), *_start(t - grid[1][:, None])]
    columns.append(np.ones_like(columns[0]))
    return table(columns, BRAKE + BRAKE, TURN_NOISE, TURN_WHITENING, grid[:, None, :])


def _movements() -> Table:
    """Return movements by way, and by the parts of the time that go up, and down."""
    _, up, down = np.meshgrid(np.zeros(len(MOVES)), PARTS, PARTS, indexing="ij")
    grid = np.stack((up, down))
    u, d = up[0].reshape(-1, 1), down[0].reshape(-1, 1)
    edge = np.arange(MOVEMENT_BLOCKS + 1) / MOVEMENT_BLOCKS
    t = (edge[1:] + edge[:-1]) / 2
    height = np.concatenate([_gone(t / u, a) * _gone((1.0 - t) / d, b) for a, b in MOVES])
    speed = np.concatenate([_speed(edge / u, a) / u - _speed((1.0 - edge) / d, b) / d for a, b in MOVES])
    acceleration = (speed[:, 1:] - speed[:, :-1]) * MOVEMENT_BLOCKS
    columns = [np.ones_like(height), height, 4.0 * height * (1.0 - height), acceleration]
    return table(columns, LEVELS, MOVEMENT_NOISE, MOVEMENT_WHITENING, grid)


def _halves() -> Table:
    """Return ascents by way, and by the part of a time that begins with them and ends in the lockout."""
    part = np.tile(np.array(HALF_PARTS), (len(HALF_WAYS), 1))
    u = part[0][:, None]
    edge = np.arange(HALF_BLOCKS + 1) / HALF_BLOCKS
    height = np.concatenate([_gone((edge[1:] + edge[:-1]) / 2 / u, way) for way in HALF_WAYS])
    speed = np.concatenate([_speed(edge / u, way) / u for way in HALF_WAYS])
    acceleration = (speed[:, 1:] - speed[:, :-1]) * HALF_BLOCKS
    hump = height * (1.0 - height)
    lean = LEANING * hump * (1.0 - 2.0 * height)
    columns = [np.ones_like(height), height, 4.0 * hump, lean, acceleration]
    return table(columns, (*LEVELS, LEAN), HALF_NOISE, HALF_WHITENING, part[None])


HALF = _halves()
TRANSFERS = _transfers()
CORNER = _corners()
TURN = _turns()
MOVEMENT = _movements()
