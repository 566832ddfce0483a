"""A station on a virtual clock, with the simulated athlete on its plate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hardware.athlete import Athlete
from hardware.mock import MockAdc
from station.coach.thresholds import Thresholds
from station.conversions import Greeting, Kind, empty_records
from station.door import AthleteCard, Snapshot
from station.library import Library
from station.recorder import Recorder
from station.roster import Roster
from station.session import Onlooker, Session
from station.signal.model import Plate

NS = 1_000_000_000
EPOCH_NS = 1_000 * NS


class Bench:
    """A station without threads: time passes only in `pass_s`."""

    def __init__(
        self,
        folder: Path,
        athlete: Athlete | None = None,
        seed: int = 3,
        see: Onlooker = lambda _: None,
    ) -> None:
        self.folder = folder
        self.see = see
        self.adc = MockAdc(athlete, seed=seed, epoch_ns=EPOCH_NS)
        self.now_ns = EPOCH_NS
        self.next_seq = 0
        self.run_id = "1" * 32
        self.start()

    def start(self) -> None:
        self.library = Library(self.folder)
        self.recorder = Recorder()
        self.session = Session(
            self.library,
            self.recorder,
            Plate(),
            lambda: ("2026-01-01T00:00:00Z", True),
            "0",
            see=self.see,
            called={"station": "Gym, left", "plate": "Plate 1"},
        )

    def greeting(self) -> Greeting:
        return Greeting(self.run_id, "boot", self.next_seq, self.now_ns, 1.0, 1, self.adc.info, ())

    def meet(self) -> None:
        self.session.greet(self.greeting())

    def pass_s(self, seconds: float, step_s: float = 0.2) -> None:
        end_ns = self.now_ns + int(seconds * NS)
        while self.now_ns < end_ns:
            self.now_ns = min(self.now_ns + int(step_s * NS), end_ns)
            records = self.adc.poll(self.now_ns)
            beat = empty_records(1)
            beat["t_ns"], beat["kind"], beat["cell"] = self.now_ns, Kind.HEARTBEAT, 255
            records = np.concatenate([records, beat])
            records["seq"] = np.arange(self.next_seq, self.next_seq + len(records))
            self.next_seq += len(records)
            self.session.take(records)

    def beat_after_s(self, seconds: float) -> None:
        """Let time pass in which the chips give nothing: only the sampler's heart beats."""
        self.now_ns += int(seconds * NS)
        beat = empty_records(1)
        beat["t_ns"], beat["kind"], beat["cell"], beat["seq"] = (
            self.now_ns,
            Kind.HEARTBEAT,
            255,
            self.next_seq,
        )
        self.next_seq += 1
        self.session.take(beat)

    def truth(self, after_ns: int, until_ns: int) -> list[dict[str, Any]]:
        return [rep for rep in self.adc.truth(until_ns) if rep["lift_off_ns"] > after_ns]

    def shown(self) -> Snapshot:
        return self.session.snapshot(connected=True)

    def cards(self) -> list[AthleteCard]:
        return Roster(self.library).cards(Thresholds())
