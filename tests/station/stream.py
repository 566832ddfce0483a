"""A plate of known gains, zeros and mixing whose records never end, and a person who puts masses on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from plates import ZERO, G, SimulatedPlate, shares

from station.calibration.course import Run
from station.calibration.procedure import Empty, Put
from station.calibration.spots import Spot
from station.calibration.verifying import Leave
from station.conversions import Greeting, Records, SourceInfo, Status, empty_records

NOTHING = np.zeros(4)
SOURCE = SourceInfo("gpio", 80.0, False, 0.025, None, "4 × HX711 at 80 SPS, through gpio")
START_S = 1_000.0
GREETING = Greeting("a" * 32, "b" * 32, 0, int(START_S * 1e9), 1.0, 1, SOURCE, ())


class Stream:
    """Hands the records of each stretch of time to `take`; time passes only here.

    faulty : changes the records before they are handed on
    """

    def __init__(
        self, take: Callable[[Records], object], plate: SimulatedPlate | None = None, rate_hz: float = 80.0
    ) -> None:
        self.take = take
        self.plate = plate or SimulatedPlate()
        self.rate_hz = rate_hz
        self.t_s = START_S
        self.load_n = NOTHING
        self.block_s = 0.1
        self.patient = False  # a mass that has to stay is looked at all the time
        self.faulty: Callable[[Records], Records] = lambda records: records

    def pass_s(self, seconds: float) -> None:
        """Let time pass with what lies on the plate."""
        records = self._records(seconds)
        edges = np.arange(records["t_ns"][0], records["t_ns"][-1], int(self.block_s * 1e9))
        for block in np.split(records, np.searchsorted(records["t_ns"], edges[1:])):
            if len(block):
                self.take(block)

    def put(self, load_n: np.ndarray, seconds: float = 4.5) -> None:
        """Take away what lies there, put down something else and leave it."""
        self.load_n = NOTHING
        self.pass_s(1.0)
        self.load_n = load_n
        self.pass_s(seconds)

    def mass(self, kg: float, spot: Spot, off_mm: float = 0.0, seconds: float = 4.5) -> None:
        """Put a mass on a spot, or `off_mm` right of it."""
        self.put(shares(spot, off_mm) * kg * G, seconds)

    def do(self, step: Empty | Put | Leave | None, times: float = 1.0) -> None:
        """Do what a step asks for, with a mass that weighs `times` what it should."""
        if isinstance(step, Put):
            self.mass(step.mass_kg * times, step.spot)
        elif isinstance(step, Leave):
            self.mass(step.put.mass_kg, step.put.spot, seconds=5.0)
            self.t_s += 0.0 if self.patient else 297.0  # nobody looks meanwhile
            self.pass_s(305.0 if self.patient else 5.0)
        else:
            self.put(NOTHING, 3.5)

    def do_all(self, run: Run, most: int = 60) -> None:
        """Do every step that is left, at most so many."""
        for _ in range(most):
            if run.step is None:
                return
            self.do(run.step)

    def _records(self, seconds: float) -> Records:
        n = round(seconds * self.rate_hz)
        records = empty_records(4 * n)
        t_s = self.t_s + (np.arange(4 * n) + 1) / (4 * self.rate_hz)
        records["t_ns"] = np.rint(t_s * 1e6).astype(np.int64) * 1000
        records["cell"] = np.arange(4 * n) % 4
        mean = (ZERO + self.plate.counts(self.load_n))[records["cell"]]
        drifted = mean + self.plate.drift[records["cell"]] * (t_s - START_S)
        records["count"] = np.rint(drifted + self.plate.rng.normal(0, self.plate.noise, 4 * n))
        records["status"] = Status.OK
        self.t_s += seconds
        return self.faulty(records)
