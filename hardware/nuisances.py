"""What stands between a foot and four clean numbers: how much of each, and how it is made.

Everything is a function of the conversion's index or of time, so nothing depends on how a
recording is cut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hardware.athlete import Unrest
from hardware.chance import key_of, uniform
from station.conversions import COUNT_MAX

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

CREEP_TAU_S = 150.0
CREEP_MEMORY_S = 900  # six time constants: what is older adds nothing that shows
CREEP_STRETCH_S = 256
DRIFT_PERIOD_S = (900.0, 2400.0)  # a zero that wanders with the warmth of the room, and back
SPIKE_BITS = (15, 24)  # a corrupted word is 2^k − 1
BURST_SLOT_S = 10.0
BURST_LENGTH = (4, 24)  # conversions
ALL_CELLS = 4  # a burst's victim: one of the four cells, or all of them when the host stalls


@dataclass(frozen=True)
class Nuisances:
    """How much of each nuisance there is.

    Parameters
    ----------
    slowest, fastest : between what parts of the nominal rate each chip's own rate lies
    noise_n : of the converter, rms per cell
    hum_n, hum_hz : mains hum at each cell before the chip's filter, peak
    spike_share : of conversions, replaced by a corrupted word with status OK
    gap_share : of conversions, missing one by one
    bursts_per_min : of 4–24 missing conversions, of one cell or of all four
    creep_share : of the load, gained with a time constant of 150 s
    drift_n_per_min : of each cell's zero, at its fastest
    gain_error : of each cell's calibration, at most
    zero_error_n : of each cell's calibration, at most
    late_s : at most, by which the host stamps a conversion late
    unrest : the athlete's own

    """

    slowest: float = 70 / 80
    fastest: float = 94 / 80
    noise_n: float = 0.0
    hum_n: float = 0.0
    hum_hz: float = 50.0
    spike_share: float = 0.0
    gap_share: float = 0.0
    bursts_per_min: float = 0.0
    creep_share: float = 0.0
    drift_n_per_min: float = 0.0
    gain_error: float = 0.0
    zero_error_n: float = 0.0
    late_s: float = 0.0
    unrest: Unrest = field(default_factory=Unrest)


NONE = Nuisances()
REAL = Nuisances(
    noise_n=0.03,
    hum_n=0.3,
    spike_share=0.002,
    gap_share=0.001,
    bursts_per_min=0.2,
    creep_share=0.001,
    drift_n_per_min=0.3,
    gain_error=0.005,
    zero_error_n=1.0,
    late_s=0.0005,
    unrest=Unrest(wander_cv=0.012, bracing_n=8.0, sway_share=0.01),
)
HARSH = Nuisances(
    noise_n=0.4,
    hum_n=2.0,
    spike_share=0.03,
    gap_share=0.005,
    bursts_per_min=2.0,
    creep_share=0.003,
    drift_n_per_min=1.5,
    gain_error=0.015,
    zero_error_n=3.0,
    late_s=0.002,
    unrest=Unrest(wander_cv=0.025, bracing_n=18.0, sway_share=0.02),
)
PRESETS: dict[str, Nuisances] = {"none": NONE, "real": REAL, "harsh": HARSH}


def hum_n(nuisances: Nuisances, phase: float, end_s: F64, window_s: float) -> F64:
    """Return the mean of the hum over the `window_s` before `end_s`, N.

    What a chip's filter leaves of it, at the frequency it folds down to: both depend on the
    chip's own rate.
    """
    omega = 2.0 * np.pi * nuisances.hum_hz
    middle = omega * (end_s - 0.5 * window_s) + 2.0 * np.pi * phase
    return nuisances.hum_n * float(np.sinc(nuisances.hum_hz * window_s)) * np.sin(middle)


def spikes(nuisances: Nuisances, seed: int, cell: int, index: I64) -> tuple[NDArray[np.intp], I64]:
    """Return which conversions are corrupted (places in `index`), and the words that stand there."""
    low, high = SPIKE_BITS
    struck = np.flatnonzero(uniform(key_of(seed, 23, cell), index) < nuisances.spike_share)
    place = uniform(key_of(seed, 24, cell), index[struck])
    bits = low + np.floor(place * (high - low + 1)).astype(np.int64)
    word = np.left_shift(np.int64(1), bits) - 1
    return struck, np.where(word > COUNT_MAX, word - (1 << 24), word)


def missing(
    nuisances: Nuisances, seed: int, cell: int, index: I64, t_s: F64, period_s: float
) -> NDArray[np.bool_]:
    """Return which conversions are lost on their way, one by one or in bursts."""
    lost: NDArray[np.bool_] = uniform(key_of(seed, 20, cell), index) < nuisances.gap_share
    if nuisances.bursts_per_min:
        lost |= _in_burst(nuisances, seed, cell, t_s, period_s)
    return lost


def _in_burst(nuisances: Nuisances, seed: int, cell: int, t_s: F64, period_s: float) -> NDArray[np.bool_]:
    """Return when a burst goes on; each slot of time holds at most the beginning of one."""
    now = np.floor(t_s / BURST_SLOT_S).astype(np.int64)
    slot = np.stack([now, now - 1])  # a burst may reach into the next slot
    keys = np.array([key_of(seed, 21, word) for word in range(4)])
    chance, place, length, victim = uniform(keys[:, None, None], slot)
    low, high = BURST_LENGTH
    start_s = (slot + place) * BURST_SLOT_S
    end_s = start_s + (low + np.floor(length * (high - low + 1))) * period_s
    victim = np.floor(victim * (ALL_CELLS + 1))
    happens = (chance < nuisances.bursts_per_min * BURST_SLOT_S / 60.0) & (start_s <= t_s) & (t_s < end_s)
    struck: NDArray[np.bool_] = (happens & ((victim == cell) | (victim == ALL_CELLS))).any(axis=0)
    return struck


class Drift:
    """The zero of one cell as it wanders, bounded; 0 at the epoch."""

    def __init__(self, nuisances: Nuisances, seed: int, cell: int) -> None:
        place, phase = uniform(key_of(seed, 22, cell), np.arange(2))
        low_s, high_s = DRIFT_PERIOD_S
        self._omega = 2.0 * np.pi / (low_s + place * (high_s - low_s))
        self._phase = 2.0 * np.pi * phase
        self._peak_n = nuisances.drift_n_per_min / 60.0 / self._omega

    def at(self, t_s: F64) -> F64:
        """Return the offset at `t_s`, N."""
        offset_n: F64 = self._peak_n * (np.sin(self._omega * t_s + self._phase) - np.sin(self._phase))
        return offset_n


class Creep:
    """What each cell adds to a load that lies on it for long, N per N of creep share.

    The load's past, weighted with an exponential of 150 s, once a second and linear between. The
    past is asked for anew for each stretch of time, so it needs no memory.
    """

    def __init__(self, load_n: Callable[[F64], F64]) -> None:
        """Take a function from times (n,), s, to the load on each cell (n, 4), N."""
        self._load_n = load_n
        decay = np.exp(-1.0 / CREEP_TAU_S)
        self._weights = (1.0 - decay) * decay ** np.arange(CREEP_MEMORY_S)
        self._stretch = lru_cache(4)(self._written)

    def at(self, t_s: F64) -> F64:
        """Return the crept load at `t_s` (n,): shape (n, 4), N."""
        crept = np.empty((len(t_s), 4))
        stretch = np.floor(t_s / CREEP_STRETCH_S)
        for k in np.unique(stretch):
            here = stretch == k
            into_s = t_s[here] - k * CREEP_STRETCH_S
            for cell, values in enumerate(self._stretch(int(k))):
                crept[here, cell] = np.interp(into_s, np.arange(len(values)), values)
        return crept

    def _written(self, k: int) -> list[F64]:
        first_s = k * CREEP_STRETCH_S
        past_s = np.arange(first_s - CREEP_MEMORY_S + 1, first_s + CREEP_STRETCH_S + 1, dtype=np.float64)
        load_n = self._load_n(past_s)
        return [np.convolve(load_n[:, cell], self._weights, "valid") for cell in range(4)]
