"""A calibrator without threads, before a plate that is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from plates import PLATE, ZERO
from stream import GREETING, SOURCE, Stream

from station.calibrating import Status
from station.calibration.course import at_once
from station.calibrator import Calibrator
from station.conversions import Calibration, Records
from station.library import Library
from station.session import UNCALIBRATED

OLD = Calibration("old", "2026-01-01, by hand", tuple(ZERO.tolist()), (1 / 4385,) * 4)  # type: ignore[arg-type]


class Desk:
    """A calibrator with nobody's thread: what the core thread does is done at once."""

    def __init__(self, folder: Path, calibration: Calibration = OLD, source: Any = SOURCE) -> None:
        self.library = Library(folder)
        self.calibration = calibration
        self.why_not: str | None = None
        self.orders: list[Any] = []
        self.calibrator = Calibrator(
            self.library, PLATE, lambda work: work(), lambda: self.why_not, self._use,
            lambda: ("2026-11-20T17:05:00Z", True), self._help, at_once,
        )  # fmt: skip
        self.calibrator.greet(replace(GREETING, source=source))
        self.stream = Stream(self._take)
        self.stream.block_s = 0.5
        self.stream.pass_s(0.5)  # it has met the plate

    def _use(self, calibration: Calibration) -> None:
        self.calibration = calibration

    def _help(self, t_ns: int, step: Any) -> None:
        self.orders.append((t_ns, step))

    def _take(self, records: Records) -> None:
        self.calibrator.take(records, self.calibration, zero_known=self.calibration is not UNCALIBRATED)

    def begin(self, **more: Any) -> Status:
        return self.calibrator.begin((10, 20), **{"grid": False, "placing_mm": 3.0, **more})

    def do_all(self, most: int = 40) -> Status:
        for _ in range(most):
            course = self.calibrator._course
            if course is None or course.run.step is None:
                break
            self.stream.do(course.run.step)
        return self.calibrator.status()
