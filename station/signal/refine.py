"""The boundaries of a rep that has ended, found again with a look at what followed.

The corners of the load transfer and of the unloading are fitted: a level that leaves, at some
moment, along a power of time. Between lift-off and touchdown a movement is fitted: a hip that
goes up, stays and comes down, whose force is a level that depends on the height, plus inertia.
Lockout starts and ends where that movement stops and starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from station.signal.model import F64

TRANSFER_STEP = 2  # every second frame will do: the person wanders more slowly
TRANSFER_AT_S = (-0.08, -0.04, 0.0, 0.04, 0.08)
TRANSFER_S = (0.12, 0.18, 0.26, 0.36, 0.5, 0.7)
UP_S = (0.4, 0.55, 0.75, 1.0, 1.4, 1.9, 2.6, 3.5)
DOWN_S = (0.35, 0.6, 0.9, 1.3, 1.8, 2.4, 3.2, 4.2)
ZOOMS = (0.3, 0.15, 0.07, 0.035)
STEPS = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
COARSE_POINTS, FINE_POINTS = 40, 120
SHORTEST_MOVE_S = 0.2
COAST_EDGE = 0.3

TRANSFERS = 4  # shapes of a transfer that are tried
MOVEMENTS = 3  # and of a movement
FAMILY_REPS = 4  # after so many reps of a bout its best shape is the only one tried


@dataclass(frozen=True)
class Family:
    """Which of the shapes this person's curves have: misfits of the reps so far."""

    misfits: tuple[float, ...]  # per shape, summed over reps; each rep's add up to 1
    reps: int = 0

    @property
    def tried(self) -> tuple[int, ...]:
        """The shapes worth trying."""
        if self.reps < FAMILY_REPS:
            return tuple(range(len(self.misfits)))
        return (self.misfits.index(min(self.misfits)),)

    def among(self, tried: tuple[int, ...]) -> int:
        """Return the place in `tried` of the shape that has fitted best so far."""
        known = [self.misfits[k] for k in tried]
        return known.index(min(known))

    def with_rep(self, misfits: list[float]) -> Family:
        """Learn from the misfits of one rep, one per shape; a rep that tried only one teaches nothing."""
        whole = sum(misfits)
        if len(misfits) < len(self.misfits) or not whole > 0.0:
            return self
        return Family(tuple(a + b / whole for a, b in zip(self.misfits, misfits, strict=True)), self.reps + 1)


Try: TypeAlias = tuple[float, float, float, int, F64]


@dataclass(frozen=True)
class Transfer:
    """A load transfer between rest and the bottom of the lift: places in samples, levels in N."""

    start: float
    end: float
    rest_n: float
    bottom_n: float
    misfit_n: float
    family: Family  # with what this one taught


def transfer(
    y: F64, rate_hz: float, middle: float, family: Family, bottom_n: float | None = None
) -> Transfer:
    """Fit the way from the resting level up to the bottom level; shape (n,), N, resting first.

    The way is straight, soft at both ends or quick at first; what comes after it is left
    free (a jump and a parabola), for there the hips already move. `middle` is where about
    half of the load is taken over. With a known `bottom_n` only the times are found.
    """
    x, y = np.arange(0, len(y), TRANSFER_STEP, dtype=np.float64), y[::TRANSFER_STEP]
    centre = middle + rate_hz * np.array(TRANSFER_AT_S)
    length = rate_hz * np.array(TRANSFER_S)
    c, d = (centre[:, None] + 0 * length[None, :]).ravel(), (0 * centre[:, None] + length[None, :]).ravel()
    tries: list[Try] = []
    for shape in family.tried:
        here = _transfers(y, x, c, d, shape, bottom_n)
        for zoom in (1.0, 0.5, 0.25):
            u = (here[1] + 0.03 * rate_hz * zoom * STEPS[:, None] + 0 * STEPS[None, :]).ravel()
            v = (here[2] * (1 + 0.25 * zoom * STEPS[None, :]) + 0 * STEPS[:, None]).ravel()
            here = min(here, _transfers(y, x, u, v, shape, bottom_n), key=lambda found: found[0])
        tries.append(here)
    learnt = family.with_rep([found[0] for found in tries])
    best = tries[learnt.among(family.tried)]
    misfit, at, span, _, levels = best
    known = float(levels[1]) if bottom_n is None else bottom_n
    rms = float(np.sqrt(misfit / len(y)))
    return Transfer(at - span / 2, at + span / 2, float(levels[0]), known, rms, learnt)


def _transfers(
    y: F64, x: F64, centre: F64, length: F64, shape: int, bottom_n: float | None
) -> tuple[float, float, float, int, F64]:
    """Try pairs of centre and length, shape (k,); return the best with its misfit, shape and levels."""
    part = np.minimum(np.maximum((x[None, :] - centre[:, None]) / length[:, None] + 0.5, 0.0), 1.0)
    if shape == 1:
        part = part * part * (3.0 - 2.0 * part)  # half a cosine, as near as makes no difference
    elif shape == 2:
        part = part * part * part * (10.0 - 15.0 * part + 6.0 * part * part)  # a minimum jerk
    elif shape == 3:
        part = part * (2.0 - part)  # quick at first
    after = np.maximum((x[None, :] - centre[:, None]) - 0.5 * length[:, None], 0.0)
    moving = np.where(after > 0.0, 1.0, 0.0)
    free = [moving, after]
    if bottom_n is None:
        misfit, levels = _least_squares([1.0 - part, part, *free], y)
    else:
        misfit, levels = _least_squares([1.0 - part, *free], y - bottom_n * part)
    k = int(np.argmin(misfit))
    return float(misfit[k]), float(centre[k]), float(length[k]), shape, levels[k]


@dataclass(frozen=True)
class Movement:
    """A fitted movement: seconds from lift-off, and the level at the bottom in N."""

    lockout_start_s: float
    lockout_end_s: float
    bottom_n: float
    inertia: float
    misfit_n: float
    family: Family


def movement(y: F64, rate_hz: float, family: Family) -> Movement | None:
    """Fit up, hold and down to the force between lift-off and touchdown; None if it is too short."""
    total_s = (len(y) - 1) / rate_hz
    few, fine = _thinned(y, rate_hz, COARSE_POINTS), _thinned(y, rate_hz, FINE_POINTS)
    if len(few[0]) < 15:
        return None
    pairs = [(u, d) for u in UP_S for d in DOWN_S if u + d <= total_s * 1.001]
    pairs = pairs or [(total_s * 0.45, total_s * 0.45)]
    up, down = np.array([u for u, _ in pairs]), np.array([d for _, d in pairs])
    tries: list[Try] = []
    for profile in family.tried:
        here = _best(*few, total_s, up, down, profile)
        here = (float("inf"), *here[1:])
        for zoom in ZOOMS:
            u = (here[1] * (1 + zoom * STEPS))[:, None] + np.zeros(len(STEPS))
            d = (here[2] * (1 + zoom * STEPS))[None, :] + np.zeros((len(STEPS), 1))
            fits = (u + d <= total_s) & (u > SHORTEST_MOVE_S) & (d > SHORTEST_MOVE_S)
            if fits.any():
                here = min(here, _best(*fine, total_s, u[fits], d[fits], profile), key=lambda found: found[0])
        tries.append(here)
    learnt = family.with_rep([found[0] for found in tries])
    best = tries[learnt.among(family.tried)]
    misfit, up_s, down_s, _, levels = best
    rms = float(np.sqrt(misfit / len(fine[0])))
    return Movement(up_s, total_s - down_s, float(levels[0]), float(levels[3]), rms, learnt)


def _thinned(y: F64, rate_hz: float, points: int) -> tuple[F64, F64]:
    """Return means of neighbours, about `points` of them, and their times in s."""
    every = max(1, len(y) // points)
    m = len(y) // every
    z = y[: m * every].reshape(m, every)
    force = z[:, 0]
    for k in range(1, every):
        force = force + z[:, k]
    t = ((np.arange(m, dtype=np.float64) + 0.5) * every - 0.5) / rate_hz
    return force / every, t


def _best(force: F64, t: F64, total_s: float, up: F64, down: F64, profile: int) -> Try:
    """Try pairs of durations, shape (k,); return misfit, up, down, profile and levels of the best."""
    x = np.minimum(np.maximum(t[None, :] / up[:, None], 0.0), 1.0)
    z = np.minimum(np.maximum((total_s - t)[None, :] / down[:, None], 0.0), 1.0)
    h, a = _course(x, profile)
    g, b = _course(z, profile)
    h = h * g
    a = a / (up * up)[:, None] + b / (down * down)[:, None]
    misfit, levels = _least_squares([np.ones_like(h), h, h * (1 - h), a], force)
    k = int(np.argmin(misfit))
    return float(misfit[k]), float(up[k]), float(down[k]), profile, levels[k]


def _course(x: F64, profile: int) -> tuple[F64, F64]:
    """Return height and acceleration of a movement over x in 0…1: smooth, even, or with a coast between."""
    moving = (x > 0.0) & (x < 1.0)
    if profile == 0:  # minimum jerk
        h = x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)
        a = x * (60.0 - 180.0 * x + 120.0 * x * x)
    elif profile == 1:  # close to half a cosine
        h = x * x * (3.0 - 2.0 * x)
        a = 6.0 - 12.0 * x
    else:  # a trapezoid of speed
        top = 1.0 / (1.0 - COAST_EDGE)
        y = 1.0 - x
        h = np.where(x < COAST_EDGE, x * x * (top / (2 * COAST_EDGE)), top * (x - COAST_EDGE / 2))
        h = np.where(y < COAST_EDGE, 1.0 - y * y * (top / (2 * COAST_EDGE)), h)
        push = top / COAST_EDGE
        a = np.where(x < COAST_EDGE, push, np.where(y < COAST_EDGE, -push, 0.0))
    return h, np.where(moving, a, 0.0)


def _least_squares(columns: list[F64], y: F64) -> tuple[F64, F64]:
    """Fit `y`, shape (n,) or (k, n), by the columns, each (k, n), for k problems at once.

    Gram–Schmidt, written out: misfit (k,) and coefficients (k, len(columns)).
    """
    k = len(columns[0])
    rest = y + np.zeros((k, 1))
    basis: list[F64] = []
    sizes: list[F64] = []
    shares: list[list[F64]] = []
    gains: list[F64] = []
    for column in columns:
        own: list[F64] = []
        for q, size in zip(basis, sizes, strict=True):
            share = np.sum(column * q, axis=1) / size
            column = column - share[:, None] * q
            own.append(share)
        size = np.sum(column * column, axis=1) + 1e-9
        gain = np.sum(rest * column, axis=1) / size
        rest = rest - gain[:, None] * column
        basis.append(column)
        sizes.append(size)
        shares.append(own)
        gains.append(gain)
    out = np.zeros((k, len(columns)))
    for j in range(len(columns) - 1, -1, -1):
        value = gains[j]
        for i in range(j + 1, len(columns)):
            value = value - shares[i][j] * out[:, i]
        out[:, j] = value
    return np.sum(rest * rest, axis=1), out
