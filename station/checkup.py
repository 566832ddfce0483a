"""One look at the whole station: chips, sampler, machine; what is wrong, each with its cure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from station.conversions import Calibration, Cell, Fault, Kind, Records, SourceInfo, Status
from station.health import CellFaults, name, sentence
from station.machine import Machine
from station.signal.model import F64
from station.wiring import DEFAULT_PINS, HEADER_PIN, Pins

SLOWEST, FASTEST = 0.8, 1.3  # of the nominal rate: the oscillator's own spread is smaller
TO_SIGMA = 1 / 0.6745  # of the median absolute deviation, for a normal distribution


@dataclass(frozen=True)
class CellHealth:
    """What one chip did in the time that was looked at.

    dout_pin, sck_pin : places on the header
    rate_hz : of good conversions; None with fewer than two
    noise_counts, noise_n : standard deviation without what changes slowly; in N where a calibration is known
    unique : different counts; 1 is a chip that repeats itself
    missed : conversions that should have come between two good ones and did not
    rejected : frames that could not be proven; saturated : the chip's end stop, among them
    """

    cell: str
    dout_pin: int
    sck_pin: int
    rate_hz: float | None
    noise_counts: float | None
    noise_n: float | None
    unique: int
    kept: int
    missed: int
    rejected: int
    saturated: int
    wrong: str | None


@dataclass(frozen=True)
class Told:
    """A fault that was seen, and when."""

    utc: str
    text: str


@dataclass(frozen=True)
class Checkup:
    """All of it; `source` is None while no sampler answers.

    wrong : sentences, each with its cure; none where all is well
    """

    source: SourceInfo | None
    notes: tuple[str, ...]
    looked_s: float
    cells: tuple[CellHealth, ...]
    machine: Machine
    wrong: tuple[str, ...]
    lately: tuple[Told, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        source = None if self.source is None else self.source.as_json()
        if source is not None:
            source.pop("calibration")
        return {
            "well": not self.wrong,
            "wrong": list(self.wrong),
            "source": source,
            "notes": list(self.notes),
            "looked_s": round(self.looked_s, 1),
            "cells": [asdict(cell) for cell in self.cells],
            "machine": {
                **asdict(self.machine),
                "power": None if self.machine.power is None else list(self.machine.power),
            },
            "lately": [asdict(told) for told in self.lately],
        }


def check_up(
    source: SourceInfo | None,
    notes: tuple[str, ...],
    records: Records,
    machine: Machine,
    *,
    pins: Pins = DEFAULT_PINS,
    calibration: Calibration | None = None,
    also: Sequence[str] = (),
    lately: Sequence[Told] = (),
) -> Checkup:
    """Judge `records`, shape (n,), and the machine; `also` is what is known to be wrong besides."""
    times_ns = records["t_ns"]
    wrong = list(also)
    cells: tuple[CellHealth, ...] = ()
    if source is not None:
        faults = CellFaults(pins)
        faults.take(records)
        told = faults.sentences()
        cells = tuple(_cell(cell, source, records, told[cell], pins, calibration) for cell in Cell)
        wrong += [cell.wrong for cell in cells if cell.wrong is not None]
    return Checkup(
        source=source,
        notes=notes,
        looked_s=float(times_ns.max() - times_ns.min()) / 1e9 if len(records) else 0.0,
        cells=cells,
        machine=machine,
        wrong=(*dict.fromkeys([*wrong, *machine.wrong()]),),
        lately=tuple(lately),
    )


def _cell(
    cell: Cell,
    source: SourceInfo,
    records: Records,
    told: str | None,
    pins: Pins,
    calibration: Calibration | None,
) -> CellHealth:
    mine = records[(records["kind"] == Kind.CONVERSION) & (records["cell"] == cell)]
    good = mine[mine["status"] == Status.OK]
    dout, sck = pins[cell.word]
    counts = good["count"].astype(np.float64)
    unique = len(np.unique(counts))
    rate_hz, missed = _pace(good["t_ns"])
    noise = _noise(counts)
    gain = None if calibration is None else abs(calibration.newtons_per_count[cell])
    if told is None and rate_hz is None:
        told = sentence(cell, Fault.ABSENT, pins)
    if told is None and rate_hz is not None and not _fits(rate_hz, source.nominal_rate_hz):
        told = (
            f"The {name(cell)} cell converts {rate_hz:.0f} times a second, not {source.nominal_rate_hz:g}:"
            " check the RATE pin of its amplifier, or rate_hz in the config."
        )
    if told is None and unique == 1:
        told = f"The {name(cell)} cell says the same again and again: check the cell's own four wires."
    return CellHealth(
        cell=cell.word,
        dout_pin=HEADER_PIN[dout],
        sck_pin=HEADER_PIN[sck],
        rate_hz=rate_hz,
        noise_counts=noise,
        noise_n=None if noise is None or gain is None else noise * gain,
        unique=unique,
        kept=len(good),
        missed=missed,
        rejected=len(mine) - len(good),
        saturated=int(np.count_nonzero(mine["status"] == Status.SATURATED)),
        wrong=told,
    )


def _fits(rate_hz: float, nominal_hz: float) -> bool:
    return SLOWEST * nominal_hz <= rate_hz <= FASTEST * nominal_hz


def _pace(times_ns: Records) -> tuple[float | None, int]:
    """Return the rate between neighbours, and how many conversions are missing among them."""
    if len(times_ns) < 2:
        return None, 0
    steps = np.diff(times_ns.astype(np.float64))
    step_ns = float(np.median(steps))
    return 1e9 / step_ns, int(np.sum(np.round(steps / step_ns) - 1))


def _noise(counts: F64) -> float | None:
    """Return the noise, from second differences, so that a load that comes and goes does not count.

    White noise of variance s² has second differences of variance 6 s².
    """
    if len(counts) < 3:
        return None
    bends = np.diff(counts, 2)
    return float(np.median(np.abs(bends))) * TO_SIGMA / 6**0.5
