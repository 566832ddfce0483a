"""Random numbers by index, and slow noise by time: the same, whatever was asked before.

A simulation that is cut into polls of any length, or started again half-way, must go on with
the same numbers. A stateful generator can't do that; a hash of the index can.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_U = np.uint64


@lru_cache(256)
def key_of(*words: int) -> np.uint64:
    """Return a well-mixed key for a seed and the numbers that name a stream, all from 0."""
    return _U(np.random.SeedSequence(words).generate_state(1, np.uint64)[0])


def uniform(key: np.uint64 | NDArray[np.uint64], index: I64) -> F64:
    """Return numbers in [0, 1), one per index; an array of keys is broadcast against `index`.

    SplitMix64 (Steele, Lea and Flood 2014) with the index as its counter.
    """
    z = index.astype(np.uint64) * _U(0x9E3779B97F4A7C15) + key
    z = (z ^ (z >> _U(30))) * _U(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> _U(27))) * _U(0x94D049BB133111EB)
    return ((z ^ (z >> _U(31))) >> _U(11)).astype(np.float64) * 2.0**-53


def normal(key: np.uint64, index: I64) -> F64:
    """Return standard normal numbers, one per index (Box and Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log1p(-uniform(key, index)))
    return radius * np.cos(2.0 * np.pi * uniform(key ^ _U(0xD1B54A32D192ED03), index))


class Waves:
    """Band-limited noise of unit rms, by time: sines at random places of a logarithmic band."""

    COUNT = 16

    def __init__(self, key: np.uint64, low_hz: float, high_hz: float) -> None:
        place = np.arange(self.COUNT)
        octave = (place + uniform(key, place)) / self.COUNT
        self._omega = 2.0 * np.pi * low_hz * (high_hz / low_hz) ** octave
        self._phase = 2.0 * np.pi * uniform(key, place + self.COUNT)

    def at(self, t_s: F64) -> F64:
        """Return the noise at `t_s`, shape as `t_s`."""
        total = np.zeros_like(t_s)
        # One wave at a time: a sum over an axis may round differently for another length.
        for wave in np.sin(self._omega[:, None] * t_s + self._phase[:, None]):
            total += wave
        return total * float(np.sqrt(2.0 / self.COUNT))
