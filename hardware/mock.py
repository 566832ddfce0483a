"""The mock ADC: four free-running chips under a simulated athlete.

It gives the same conversions however it is polled, and goes on where it was when the process
that polls it is started again: all is a function of the seed and of the time since an epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.athlete import Athlete, TrueRep
from hardware.chance import key_of, normal, uniform
from hardware.helper import Helper
from hardware.nuisances import REAL, Creep, Drift, Nuisances, hum_n, missing, spikes
from hardware.timeline import BOUNDARIES_S
from station.conversions import (
    COUNT_MAX,
    COUNT_MIN,
    FILTER_DELAY_CONVERSIONS,
    SETTLING_CONVERSIONS,
    Calibration,
    Cell,
    Kind,
    Records,
    SourceInfo,
    Status,
    empty_records,
)

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# A 50 kg cell of 1 mV/V at 5 V and gain 128, and what its maker allows.
COUNTS_PER_N = 43_000 / 9.81
FULL_SCALE_COUNTS = 50 * 43_000
ZERO_BALANCE = 0.10
GAIN_SPREAD = 0.03

NS = 1_000_000_000
CHUNK_NS = 60 * NS  # polled at a time, so that a long poll needs no more memory than a short one
# Pins are asked conversion by conversion, in the middle of reading chips: what is slow is
# worked out ahead, and interpolated.
PIN_STEP_S, PIN_STEPS = 0.0025, 100
POLL_EVERY_NS = 20_000_000  # often enough for the eye, and cheap
# The filter: the mean over the last four conversion periods, each taken at its middle.
FILTER_AGES = np.arange(SETTLING_CONVERSIONS) + 0.5


@dataclass(frozen=True)
class Chip:
    """One converter with its cell: its own clock, zero and gain."""

    cell: int
    period_s: float
    phase: float  # of a period, at the epoch
    zero_count: float
    counts_per_n: float
    late_s: float  # at most, by which the host stamps a conversion late

    def ready_s(self, index: I64 | NDArray[np.floating[Any]]) -> F64:
        """Return when conversions are ready, s from the epoch; `index` may be fractional."""
        return (index.astype(np.float64) + self.phase) * self.period_s


class MockAdc:
    """Four simulated chips under an athlete; a `Source`.

    Parameters
    ----------
    athlete : who lifts; by default sets without end
    nuisances : how unlike a drawing it is; the athlete's own unrest is among them
    seed : of the chips and nuisances
    epoch_ns : athlete's time 0, on the clock of `poll`
    start_ns : conversions are given from then on; by default from the epoch
    rate_hz : what the chips are set to; each has its own rate near it
    helper : who may put masses on the plate in the athlete's place

    """

    def __init__(
        self,
        athlete: Athlete | None = None,
        nuisances: Nuisances = REAL,
        seed: int = 7,
        *,
        epoch_ns: int = 0,
        start_ns: int | None = None,
        rate_hz: float = 80.0,
        helper: Helper | None = None,
    ) -> None:
        self.athlete = (athlete or Athlete(seed=seed)).with_unrest(nuisances.unrest)
        self.nuisances = nuisances
        self.seed = seed
        self.epoch_ns = epoch_ns
        self.start_ns = epoch_ns if start_ns is None else start_ns
        self.rate_hz = rate_hz
        self.chips = tuple(_chip(cell, nuisances, seed, rate_hz) for cell in range(len(Cell)))
        self._polled_ns = self._told_ns = self.start_ns - 1
        self._drift = tuple(Drift(nuisances, seed, cell) for cell in range(len(Cell)))
        self._helper = helper
        lies_n = self.athlete.force_n
        self._lies_n = lies_n if helper is None else helper.instead_of(lies_n)
        self._creep = Creep(self._lies_n)
        self._pin_stretch = lru_cache(4)(self._pin_stretch_n)

    @property
    def info(self) -> SourceInfo:
        """How the source describes itself."""
        body = self.athlete.body
        load = f" + {body.load_kg:g} kg" if body.load_kg else ""
        return SourceInfo(
            name="mock",
            nominal_rate_hz=self.rate_hz,
            simulated=True,
            filter_delay_s=FILTER_DELAY_CONVERSIONS / self.rate_hz,
            calibration=self._calibration(),
            text=f"simulated athlete, {body.mass_kg:g} kg{load}, seed {self.seed}",
        )

    def poll(self, now_ns: int) -> Records:
        """Return what became ready since the last call, up to `now_ns`, oldest first."""
        self._listen(self._polled_ns)
        parts = [empty_records()]
        while self._polled_ns < now_ns:
            until_ns = min(now_ns, self._polled_ns + CHUNK_NS)
            parts.append(self._between(self._polled_ns, until_ns))
            self._polled_ns = until_ns
        return np.concatenate(parts)

    def next_poll_ns(self, now_ns: int) -> int:
        """Return when polling is worth while again."""
        return max(now_ns, self.start_ns) + POLL_EVERY_NS

    def close(self) -> None:
        """Nothing is held."""

    def forget(self) -> None:
        """Ask the athlete's plan anew, which was gone on with; what was given stays as it was."""
        self.athlete.forget()
        self._creep = Creep(self.athlete.force_n)
        self._pin_stretch = lru_cache(4)(self._pin_stretch_n)

    def count_at(self, cell: int, t_ns: int) -> int:
        """Return what the chip of `cell` gives for a conversion ready at `t_ns`.

        For simulated pins, whose chips have clocks of their own: filter, plate, noise, hum, drift
        and creep, but neither spike nor gap. The same time gives the same count.
        """
        ready_s = (t_ns - self.epoch_ns) / NS
        k, into = divmod(ready_s / PIN_STEP_S, PIN_STEPS)
        slow_n = np.interp([into], np.arange(PIN_STEPS + 1), self._pin_stretch(int(k))[cell])
        count = self._counts(self.chips[cell], np.array([t_ns // 1000]), np.array([ready_s]), slow_n)
        return int(np.clip(count, COUNT_MIN, COUNT_MAX)[0])

    def truth(self, until_ns: int) -> list[dict[str, Any]]:
        """Return every rep that has ended between `start_ns` and `until_ns`, in order.

        Plain JSON: times in ns on the clock of `t_ns`, when the force acted (no filter delay).
        """
        return self._truth(self.start_ns - 1, until_ns)

    def poll_truth(self, now_ns: int) -> list[dict[str, Any]]:
        """Return the reps that have ended since the last call, each once."""
        self._listen(self._told_ns)
        reps = self._truth(self._told_ns, now_ns)
        self._told_ns = max(self._told_ns, now_ns)
        return reps

    def happenings(self, until_ns: int) -> list[dict[str, Any]]:
        """Return what has ended between `start_ns` and `until_ns` and is no rep, plain JSON, in order."""
        after_s, until_s = self._seconds(self.start_ns - 1, until_ns)
        return [
            {"kind": h.kind, "start_ns": self._at_ns(h.start_s), "end_ns": self._at_ns(h.end_s)}
            for h in self.athlete.happenings(after_s, until_s)
        ]

    def _listen(self, done_ns: int) -> None:
        if self._helper is not None and self._helper.listen(done_ns):
            self._creep = Creep(self._lies_n)  # it had looked ahead

    def _truth(self, after_ns: int, until_ns: int) -> list[dict[str, Any]]:
        reps = self.athlete.reps(*self._seconds(after_ns, until_ns))
        return [self._truth_json(rep) for rep in reps if not self._aside(rep)]

    def _aside(self, rep: TrueRep) -> bool:
        """Tell whether somebody else had the plate during a part of a rep."""
        times_s = np.array([rep.times.lift_off_s, rep.times.end_s])
        return self._helper is not None and bool(self._helper.there(times_s).any())

    def _truth_json(self, rep: TrueRep) -> dict[str, Any]:
        times = rep.times
        at_s = {name.removesuffix("_s"): getattr(times, name) for name in BOUNDARIES_S}
        return {
            "set": times.set,
            "rep": times.number,
            "style": times.style,
            **{f"{name}_ns": None if t is None else self._at_ns(t) for name, t in at_s.items()},
            "heel_share": rep.heel_share,
            "peak_n": rep.peak_n,
            "cop_ap_mm": rep.cop_ap_mm,
            "cop_ml_mm": rep.cop_ml_mm,
            "faults": list(times.faults),
        }

    def _seconds(self, after_ns: int, until_ns: int) -> tuple[float, float]:
        return (after_ns - self.epoch_ns) / NS, (until_ns - self.epoch_ns) / NS

    def _at_ns(self, t_s: float) -> int:
        return self.epoch_ns + round(t_s * NS)

    def _between(self, after_ns: int, until_ns: int) -> Records:
        """Return what is stamped after `after_ns` and not after `until_ns`."""
        index = [self._stamped(chip, after_ns, until_ns) for chip in self.chips]
        loads = self._filtered_n(index)
        cells = [self._records(*row) for row in zip(self.chips, index, loads, strict=True)]
        records = np.concatenate(cells)
        return records[np.lexsort((records["cell"], records["t_ns"]))]

    def _stamped(self, chip: Chip, after_ns: int, until_ns: int) -> I64:
        """Return the running numbers of a chip's conversions stamped within a time."""
        first = (after_ns - self.epoch_ns) / NS / chip.period_s - chip.phase - 2
        last = (until_ns - self.epoch_ns) / NS / chip.period_s - chip.phase + 2
        index = np.arange(int(np.floor(first)), int(np.ceil(last)) + 1, dtype=np.int64)
        t_ns = self._stamps_ns(chip, index)
        return index[(t_ns > after_ns) & (t_ns <= until_ns)]

    def _stamps_ns(self, chip: Chip, index: I64) -> I64:
        late_s = chip.late_s * uniform(key_of(self.seed, 12, chip.cell), index)
        t_us = np.floor((chip.ready_s(index) + late_s) * 1e6).astype(np.int64)
        return (self.epoch_ns // 1000 + t_us) * 1000

    def _filtered_n(self, index: list[I64]) -> list[F64]:
        """Return what each chip's filter makes of the athlete's force, for runs of conversions."""
        runs = [np.arange(i[0] - SETTLING_CONVERSIONS + 1, i[-1] + 1) if len(i) else i for i in index]
        middles_s = [chip.ready_s(run - 0.5) for chip, run in zip(self.chips, runs, strict=True)]
        force_n = self._lies_n(np.concatenate(middles_s))
        ends = np.cumsum([len(run) for run in runs])
        parts = np.split(force_n, ends[:-1])
        return [_mean_of_four(part[:, cell]) for cell, part in enumerate(parts)]

    def _records(self, chip: Chip, index: I64, load_n: F64) -> Records:
        """Return one cell's records, with gaps and spikes."""
        ready_s = chip.ready_s(index)
        count = self._counts(chip, index, ready_s, self._slow_n(chip, ready_s, load_n))
        records = empty_records(len(index))
        records["t_ns"] = self._stamps_ns(chip, index)
        records["cell"], records["kind"] = chip.cell, Kind.CONVERSION
        records["status"] = np.where((count > COUNT_MIN) & (count < COUNT_MAX), Status.OK, Status.SATURATED)
        records["count"] = np.clip(count, COUNT_MIN, COUNT_MAX)
        struck, word = spikes(self.nuisances, self.seed, chip.cell, index)
        records["count"][struck] = word
        records["status"][struck] = Status.OK  # a careless driver passes them on
        return records[~missing(self.nuisances, self.seed, chip.cell, index, ready_s, chip.period_s)]

    def _slow_n(self, chip: Chip, ready_s: F64, load_n: F64) -> F64:
        """Return what a cell tells of a load that its filter has seen, with drift and creep, N."""
        force_n = load_n + self._drift[chip.cell].at(ready_s)
        if self.nuisances.creep_share:
            force_n = force_n + self.nuisances.creep_share * self._creep.at(ready_s)[:, chip.cell]
        return force_n

    def _pin_stretch_n(self, k: int) -> list[F64]:
        """Return `_slow_n` of each cell over one stretch, shape (PIN_STEPS + 1,) each."""
        ready_s = (k * PIN_STEPS + np.arange(PIN_STEPS + 1, dtype=np.float64)) * PIN_STEP_S
        seen_s = [ready_s - age * chip.period_s for chip in self.chips for age in FILTER_AGES]
        force_n = self._lies_n(np.concatenate(seen_s))
        shape = len(self.chips), SETTLING_CONVERSIONS, len(ready_s), len(Cell)
        means_n: F64 = force_n.reshape(shape).sum(axis=1) / SETTLING_CONVERSIONS
        return [self._slow_n(chip, ready_s, means_n[chip.cell, :, chip.cell]) for chip in self.chips]

    def _counts(self, chip: Chip, index: I64, ready_s: F64, slow_n: F64) -> I64:
        """Return the counts of a cell with its converter's noise and hum, before the end stops."""
        nuisances, cell = self.nuisances, chip.cell
        force_n = slow_n + nuisances.noise_n * normal(key_of(self.seed, 10, cell), index)
        if nuisances.hum_n:
            phase = float(uniform(key_of(self.seed, 11), np.array([cell]))[0])
            force_n = force_n + hum_n(nuisances, phase, ready_s, SETTLING_CONVERSIONS * chip.period_s)
        return np.rint(chip.zero_count + chip.counts_per_n * force_n).astype(np.int64)

    def _calibration(self) -> Calibration:
        """Return what the plate's maker measured: the truth, but for a small residual."""
        error = uniform(key_of(self.seed, 14), np.arange(2 * len(Cell))) * 2.0 - 1.0
        gains, zeros = [], []
        for chip, gain_error, zero_error in zip(self.chips, error[:4], error[4:], strict=True):
            gains.append((1.0 + self.nuisances.gain_error * float(gain_error)) / chip.counts_per_n)
            zeros.append(
                chip.zero_count + self.nuisances.zero_error_n * float(zero_error) * chip.counts_per_n
            )
        return Calibration(
            id=f"mock-{self.seed}",
            made="brought by the simulation",
            zero_count=(zeros[0], zeros[1], zeros[2], zeros[3]),
            newtons_per_count=(gains[0], gains[1], gains[2], gains[3]),
        )


def simulate(seconds: float, source: MockAdc | None = None) -> tuple[Records, list[dict[str, Any]]]:
    """Return the records and the true reps of the next `seconds` of `source`, numbered from 0."""
    source = source or MockAdc()
    until_ns = source.start_ns + round(seconds * NS)
    records = source.poll(until_ns)
    records["seq"] = np.arange(len(records))
    return records, source.truth(until_ns)


def _chip(cell: int, nuisances: Nuisances, seed: int, rate_hz: float) -> Chip:
    rate, phase, zero, gain = (float(x) for x in uniform(key_of(seed, 15, cell), np.arange(4)))
    own_hz = rate_hz * (nuisances.slowest + rate * (nuisances.fastest - nuisances.slowest))
    return Chip(
        cell=cell,
        period_s=1.0 / own_hz,
        phase=phase,
        zero_count=(2.0 * zero - 1.0) * ZERO_BALANCE * FULL_SCALE_COUNTS,
        counts_per_n=COUNTS_PER_N * (1.0 + GAIN_SPREAD * (2.0 * gain - 1.0)),
        # Later than this, a stamp could overtake the next conversion of a fast chip.
        late_s=min(nuisances.late_s, 0.25 / own_hz),
    )


def _mean_of_four(values: F64) -> F64:
    """Return the mean of every four neighbours, one by one so that no cut changes a bit."""
    if len(values) < SETTLING_CONVERSIONS:
        return values[:0]
    return 0.25 * (values[:-3] + values[1:-2] + values[2:-1] + values[3:])
