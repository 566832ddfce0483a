"""The first minutes with a plate on a virtual clock: a simulated person does and answers what is asked."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hardware.bank import open_bank
from hardware.pins import VirtualClock, simulated_board
from hardware.rehearsal import Rehearsal
from station.config import Config
from station.conversions import NO_CELL, Greeting, Kind, Records, Source, SourceInfo, empty_records
from station.firstplate.guide import Talk
from station.firstplate.log import Log
from station.firstplate.run import FirstPlate
from station.wiring import DEFAULT_PINS, Pins

NS = 1_000_000_000
EPOCH_NS = 1_000 * NS
OVERSLEPT_NS = 200_000
ANSWER_S = 1.5  # what a person takes for an answer
MASS_KG = 20.0
ANSWERS = {
    "Load cells": "50 kg half-bridges",
    "our known mass": f"{MASS_KG:g}",
    "Which foot": "left",
    "How many reps": "5",
}


class VirtualLog(Log):
    """Time passes only while somebody waits."""

    def __init__(self, source: Source, wait_until: Callable[[int], None], info: SourceInfo) -> None:
        super().__init__(Greeting("1" * 32, "b" * 32, 0, EPOCH_NS, 1.0, 1, info, ("a note",)))
        self._source, self._wait_until = source, wait_until
        self._next_seq = 0

    def clock_ns(self) -> int:
        return self.now_ns

    def _reach(self, until_ns: int) -> None:
        self._wait_until(until_ns)
        beat = empty_records(1)
        beat["t_ns"], beat["kind"], beat["cell"] = until_ns, Kind.HEARTBEAT, NO_CELL
        records = np.concatenate([self.polled(until_ns), beat])
        records["seq"] = np.arange(self._next_seq, self._next_seq + len(records))
        self._next_seq += len(records)
        self.take(records)

    def polled(self, until_ns: int) -> Records:
        return self._source.poll(until_ns)


class Person:
    """Goes through the checklist.

    answers : by the beginning of the question; Enter to all others
    at : what happens at a question before it is answered
    """

    def __init__(
        self,
        folder: Path,
        answers: dict[str, str] | None = None,
        at: dict[str, Callable[[], None]] | None = None,
        rehearsal: Rehearsal | None = None,
        calibrated: bool = True,
    ) -> None:
        self.out = folder / "plate.zip"
        self.data = folder / "data"
        self.answers, self.at = {**ANSWERS, **(answers or {})}, at or {}
        self.said: list[str] = []
        self.asked: list[str] = []
        self.rehearsal = rehearsal or Rehearsal(seed=3, epoch_ns=EPOCH_NS)
        info = self.rehearsal.mock.info
        info = info if calibrated else replace(info, calibration=None)
        self.log: Log = VirtualLog(self.rehearsal.mock, lambda _: None, info)

    def on_pins(self, pins: Pins, count_at: Callable[[int, int], int] | None = None) -> Person:
        """Let the bank read slow simulated chips, wired as by default, with a config that says `pins`."""
        clock = VirtualClock(EPOCH_NS)
        count_at = count_at or self.rehearsal.mock.count_at
        board = simulated_board(DEFAULT_PINS, 10.0, count_at, clock)
        bank = open_bank("gpio", pins, 10.0, board=board, calibration=self.rehearsal.mock.info.calibration)

        class PinLog(VirtualLog):
            def polled(self, until_ns: int) -> Records:
                parts = [empty_records()]
                while clock() < until_ns:
                    parts.append(bank.poll(clock()))
                    clock.wait_until(min(bank.next_poll_ns(clock()), until_ns))
                    clock.pass_ns(OVERSLEPT_NS)
                return np.concatenate(parts)

        self.log = PinLog(bank, lambda _: None, bank.info)
        return self

    def ask(self, text: str) -> str:
        self.asked.append(text)
        for begins, act in self.at.items():
            if begins in text:
                act()
        self.log.listen(ANSWER_S)
        return next((answer for begins, answer in self.answers.items() if begins in text), "")

    def act(self, word: str, what: str, mass_kg: float) -> tuple[float, str]:
        return self.rehearsal.do(word, what, mass_kg, self.log.now_ns)

    def go(self) -> dict[str, Any]:
        talk = Talk(self.said.append, self.ask, self.act)
        FirstPlate(self.log, talk, Config(), self.data, self.out, str, "1.2.3").run()
        return self.told()

    def told(self) -> dict[str, Any]:
        """Return what stands in the file."""
        with zipfile.ZipFile(self.out) as archive:
            assert archive.testzip() is None
            return json.loads(archive.read("firstplate.json"))

    def recording(self, folder: Path) -> Path:
        with zipfile.ZipFile(self.out) as archive:
            return Path(archive.extract("recording.heeldrive", folder))


SKIP_ALL = {
    "Load cells": "s",
    "leave it alone": "s",
    "until it is felt": "s",
    "our known mass": "s",
    "Which foot": "s",
    "/5: tap": "s",
    "last step": "s",
}


def only(*wanted: str) -> dict[str, str]:
    """Return the answers that skip all steps but those with these questions."""
    return {begins: answer for begins, answer in SKIP_ALL.items() if begins not in wanted}
