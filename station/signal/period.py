"""How long somebody takes from one rep to the next: where the force is most like itself so much later.

Who turns without a rest moves as a clock does: the turns themselves may not show, but the force of one
rep comes back in the next. This is asked of a stretch before a rep of this person is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.signal.model import F64
from station.signal.movements import natural_log

SHORTEST, LONGEST = 24, 118  # steps of the lift's model
TIMES = 2.05  # so many of them have to be seen: what comes only once more may be the way down
CLIPPED = 0.3  # a touch, or a landing, says when but not how much
LEAST, NEAR_BEST = 0.2, 0.7  # correlation: of a period, and of a shorter one beside the best
CLOSEST = 0.97
TINY = 1e-12


@dataclass(frozen=True)
class Period:
    """The steps from one rep to the next, and the log evidence that they come back so."""

    steps: int
    evidence: float


def period(x: F64) -> Period | None:
    """Find the period of forces that are relative to their level, shape (n,); None where there is none.

    The shortest lag whose autocorrelation r peaks near the highest one: a multiple of a period peaks too.
    Its evidence is that of a regression on the force so much earlier, -½ (n - lag) log(1 - r²).
    """
    n = len(x)
    longest = min(LONGEST, int(n / TIMES))
    if longest <= SHORTEST:
        return None
    r = _autocorrelation(np.minimum(np.maximum(x, -CLIPPED), CLIPPED), SHORTEST, longest + 1)
    peak = np.flatnonzero((r[1:-1] >= r[:-2]) & (r[1:-1] >= r[2:])) + 1
    if len(peak) == 0 or float(r[peak].max()) < LEAST:
        return None
    first = int(peak[r[peak] >= NEAR_BEST * float(r[peak].max())][0])
    steps, close = SHORTEST + first, min(float(r[first]), CLOSEST)
    return Period(steps, -0.5 * (n - steps) * natural_log(1.0 - close * close))


def _autocorrelation(x: F64, shortest: int, longest: int) -> F64:
    """Return the correlation of x, shape (n,), with itself at each lag, about its mean over all of it."""
    n, lags = len(x), np.arange(shortest, longest + 1)
    off = x - x.sum() / n
    later = np.lib.stride_tricks.sliding_window_view(np.concatenate((off, np.zeros(longest))), longest + 1)
    shared = (off[:, None] * later[:, shortest:]).sum(axis=0)
    square = np.concatenate(([0.0], np.cumsum(off * off)))
    size = np.sqrt(square[n - lags] * (square[n] - square[lags]))
    return np.asarray(shared / np.maximum(size, TINY))
