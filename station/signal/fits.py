"""Many hypotheses against one piece of force at once: which shape, when, and how sure.

A table holds a grid of hypotheses (shapes, places, durations), each a linear model whose levels
are free within a prior. Its columns are whitened and orthonormal beforehand, so a fit is one
product and one sum, and what a hypothesis leaves unexplained is known for all of them. The
answer is the mean over all hypotheses, weighed by their likelihood, not the best one: it is
less biased where shapes are alike, and its spread tells how sure it is (Bayesian model averaging:
Hoeting and others, 1999, doi 10.1214/ss/1009212519).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from station.signal.model import F32, F64

SHARPNESS = 3  # doublings: the likelihood has the tails of a Student t with 2 * 2**3 - 1 freedoms
TINY = 1e-12
LEAST_NOISE = 0.3  # a piece is never believed to be calmer than that, squared, in units of its table's noise


@dataclass(frozen=True)
class Table:
    """A grid of linear models; the families of shapes are its first axis.

    basis : shape (n, c, *grid), orthonormal over n; the last c - 1 places are the levels' priors; of
        single precision, since what a fit costs is the reading of it
    size : shape (*grid), of what the last column adds to the others
    expected : shape (c - 1,), what the levels' priors ask for, in units of the noise
    parameters : shape (p, *grid)
    """

    basis: F32
    size: F64
    expected: F64
    noise: float
    whitening: float
    parameters: F64

    def part(self, *where: slice) -> Table:
        """Return a part of the grid."""
        inner = (slice(None), *where)
        basis, parameters = self.basis[(slice(None), *inner)], self.parameters[inner]
        return replace(self, basis=basis, size=self.size[where], parameters=parameters)


def table(
    columns: Sequence[F64],
    priors: Sequence[tuple[float, float]],
    noise: float,
    whitening: float,
    parameters: F64,
) -> Table:
    """Prepare columns, each (k, n), of which all but the last have a prior (mean, deviation).

    noise : rms of a whitened block in the units of the priors; whitening : how much of the block
    before is taken off each, since bodies wander slowly; parameters : shape (p, *grid), k in all
    """
    rows: list[F64] = []
    size = np.ones(len(columns[0]))
    for j, column in enumerate(columns):
        prior = np.zeros((len(column), len(priors)))
        if j < len(priors):
            prior[:, j] = noise / priors[j][1]
        row = np.concatenate((column[:, 1:] - whitening * column[:, :-1], prior), axis=1)
        for earlier in rows:
            row = row - (row * earlier).sum(axis=1)[:, None] * earlier
        size = np.sqrt((row * row).sum(axis=1)) + 1e-9
        rows.append(row / size[:, None])
    grid = parameters.shape[1:]
    basis = np.stack(rows).transpose(2, 0, 1).astype(np.float32, order="C").reshape(-1, len(rows), *grid)
    expected = np.array([noise * mean / deviation for mean, deviation in priors])
    return Table(basis, size.reshape(grid), expected, noise, whitening, parameters)


def misfits(y: F64, models: Table, last: tuple[float, float]) -> tuple[F64, F64, float]:
    """Return what each model leaves of `y`, shape (n,), squared, its last coefficient, and the rms left.

    last : the prior (mean, deviation) of the last coefficient. The misfit is in units of the
    table's noise or, where even the best model leaves more, of that. Shapes (*grid).
    """
    z = np.concatenate((y[1:] - models.whitening * y[:-1], models.expected))
    column = z.astype(np.float32).reshape(-1, *(1,) * (models.basis.ndim - 1))
    share = (models.basis * column).sum(axis=0).astype(np.float64)
    stiff, square = models.noise / last[1], models.size * models.size
    stiff = stiff * stiff
    off = share[-1] / models.size - last[0]
    left = (z * z).sum() - (share * share).sum(axis=0) + square * stiff / (square + stiff) * off * off
    least = float(left.min()) / len(z)
    noise = max(least, LEAST_NOISE * models.noise * models.noise)
    return left / noise, last[0] + off * square / (square + stiff), float(np.sqrt(max(least, 0.0)))


def weights(misfit: F64, fitted: tuple[float, ...]) -> F64:
    """Return how likely each hypothesis is, adding up to 1: like exp(-misfit / 2), but with tails.

    fitted : how likely each family of shapes, the first axis, is beforehand
    """
    power = 1.0 / (1.0 + (misfit - misfit.min()) / 2 ** (SHARPNESS + 1))
    for _ in range(SHARPNESS):
        power = power * power
    power = power * np.array(fitted).reshape(-1, *(1,) * (misfit.ndim - 1))
    return np.asarray(power / power.sum())


def families(weight: F64, doubt: float) -> tuple[float, ...]:
    """Return how likely each family of shapes is after a rep; `doubt` is shared out evenly."""
    share = weight.reshape(len(weight), -1).sum(axis=1)
    return tuple((share * (1.0 - doubt) + doubt / len(weight)).tolist())


def mean_and_spread(values: Sequence[F64], weight: F64) -> list[tuple[float, float]]:
    """Return the mean and the standard deviation of each of the values under weights."""
    out: list[tuple[float, float]] = []
    for value in values:
        mean = float((value * weight).sum())
        off = value - mean
        out.append((mean, float(np.sqrt((off * off * weight).sum()))))
    return out


def middle(values: Sequence[float], weight: F64) -> float:
    """Return the weighed median of rising values, between which it is shared out; `weight` adds up to 1."""
    reached = np.cumsum(weight) - 0.5 * weight
    k = min(max(int(np.searchsorted(reached, 0.5)), 1), len(values) - 1)
    before, behind = reached[k - 1 : k + 1].tolist()
    part = (0.5 - before) / max(behind - before, TINY)
    return float(values[k - 1] + min(max(part, 0.0), 1.0) * (values[k] - values[k - 1]))


def block_means(y: F64, start: float, stop: float, blocks: int) -> F64:
    """Return means of `y`, shape (n,), over equal blocks between two places; its ends go on as they are."""
    whole = np.concatenate(([0.0], np.cumsum(y)))
    edge = start + 0.5 + (stop - start) / blocks * np.arange(blocks + 1)  # a frame reaches half a step on
    inside = np.minimum(np.maximum(edge, 0.0), float(len(y)))
    at = np.minimum(inside.astype(np.int64), len(y) - 1)
    area = whole[at] + (inside - at) * y[at]
    area = area + np.minimum(edge, 0.0) * y[0] + np.maximum(edge - len(y), 0.0) * y[-1]
    return np.asarray((area[1:] - area[:-1]) * (blocks / (stop - start)))
