"""Many models at once, beside each by itself: least squares with a row for every prior."""

import numpy as np
import pytest

from station.signal.fits import LEAST_NOISE, misfits, table


def by_least_squares(y, columns, priors, last, noise, whitening):
    """Return what one model leaves, squared, and its last coefficient."""
    rows = np.stack([c[1:] - whitening * c[:-1] for c in columns], axis=1)
    asked = [(mean, noise / deviation) for mean, deviation in (*priors, last)]
    rows = np.concatenate((rows, np.diag([weight for _, weight in asked])))
    z = np.concatenate((y[1:] - whitening * y[:-1], [mean * weight for mean, weight in asked]))
    found = np.linalg.lstsq(rows, z, rcond=None)[0]
    return ((z - rows @ found) ** 2).sum(), found[-1]


@pytest.mark.parametrize("seed", range(8))
def test_each_model_leaves_what_its_own_least_squares_leave(seed):
    rng = np.random.default_rng(seed)
    k, n, noise, whitening = 12, 30, 0.03, 0.7
    columns = [np.cumsum(rng.normal(0.0, 0.3, (k, n)), axis=1) for _ in range(4)]
    priors, last = [(0.0, 0.1), (0.05, 0.06), (0.4, 1.3)], (0.8, 0.1)
    levels = rng.normal(0.0, 0.1, (4, 1))
    y = sum(level * column[5] for level, column in zip(levels, columns, strict=True))
    y = y + rng.normal(0.0, noise, n)
    grid = np.arange(float(k)).reshape(1, 3, 4)
    misfit, coefficient, rms = misfits(y, table(columns, priors, noise, whitening, grid), last)
    alone = [by_least_squares(y, [c[j] for c in columns], priors, last, noise, whitening) for j in range(k)]
    left, expected = (np.array(part).reshape(3, 4) for part in zip(*alone, strict=True))
    each = n - 1 + len(priors)
    assert rms == pytest.approx(np.sqrt(left.min() / each), rel=1e-5)
    unit = max(left.min() / each, LEAST_NOISE * noise * noise)
    assert misfit == pytest.approx(left / unit, rel=1e-5, abs=1e-6)
    assert coefficient == pytest.approx(expected, abs=1e-6)
