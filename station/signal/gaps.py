"""Gaps in a curve, for those who only look for its shape."""

from __future__ import annotations

import numpy as np

from station.signal.model import F64


def bridged(y: F64) -> F64:
    """Draw straight lines across what is nan in `y`, shape (n,): to find boundaries, never to measure."""
    known = np.flatnonzero(~np.isnan(y))
    if len(known) == len(y) or len(known) == 0:
        return y
    x = np.arange(len(y))
    right = np.minimum(np.searchsorted(known, x), len(known) - 1)
    left = np.maximum(np.where(known[right] == x, right, right - 1), 0)
    a, b = known[left], known[right]
    part = (x - a) / np.maximum(b - a, 1)
    whole: F64 = y[a] + (y[b] - y[a]) * np.minimum(np.maximum(part, 0.0), 1.0)
    return whole


def means(y: F64, every: int) -> F64:
    """Return the means of each `every` neighbours of `y`, shape (n // every,); nan where none is known."""
    m = len(y) // every
    parts = y[: m * every].reshape(m, every)
    total, known = np.zeros(m), np.zeros(m)
    for k in range(every):
        there = ~np.isnan(parts[:, k])
        total = total + np.where(there, parts[:, k], 0.0)
        known = known + there
    whole: F64 = np.where(known > 0, total / np.maximum(known, 1), np.nan)
    return whole


def resampled(y: F64, scale: float) -> F64:
    """Return `y`, shape (n,), with `scale` times as many values, by straight lines."""
    at = np.arange(int((len(y) - 1) * scale) + 1) / scale
    left = np.minimum(at.astype(np.int64), len(y) - 2)
    value: F64 = y[left] + (y[left + 1] - y[left]) * (at - left)
    return value
