"""Chips on pins in a room with a clock of its own, and the PyPI packages imported into it."""

from __future__ import annotations

import importlib
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from hardware.pins import Board, Chip, VirtualClock

START_NS = 10**12
PINS = {"heel_left": (5, 6), "heel_right": (13, 14), "toe_left": (20, 21), "toe_right": (23, 24)}
ONE_CLOCK = {word: (dout, 6) for word, (dout, _) in PINS.items()}
COUNTS = {5: 123_456, 13: -654_321, 20: 8_000_000, 23: 2}


class Room:
    """A board on a virtual clock, in which `time` and `RPi.GPIO` are ours while a package is imported."""

    def __init__(
        self, *, one_clock: bool, rate_hz: float = 80.0, pauses: Sequence[tuple[int, int]] = ()
    ) -> None:
        self.clock = VirtualClock(START_NS, pauses)
        self.pins = ONE_CLOCK if one_clock else PINS
        self.chips = {
            wires: Chip(lambda _, count=COUNTS[wires[0]]: count, rate_hz, START_NS - 10**9, remember=True)
            for wires in self.pins.values()
        }
        self.board = Board(self.chips, self.clock, lambda: self.clock.pass_ns(1_000))

    def sleep(self, seconds: float) -> None:
        self.clock.pass_ns(int(seconds * 1e9))

    def now_s(self) -> float:
        return self.clock() / 1e9


@contextmanager
def importer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Room], Any]]:
    """Yield what imports a package anew with the pins of a room, and time as the room has it."""
    before = set(sys.modules)

    def load(name: str, room: Room) -> Any:
        for part in ("RPi", "RPi.GPIO"):
            monkeypatch.setitem(sys.modules, part, types.ModuleType(part))
        monkeypatch.setitem(sys.modules, "RPi.GPIO", room.board)
        monkeypatch.setattr(sys.modules["RPi"], "GPIO", room.board, raising=False)
        monkeypatch.setattr(time, "sleep", room.sleep)
        monkeypatch.setattr(time, "perf_counter", room.now_s)
        monkeypatch.setattr(time, "monotonic_ns", room.clock)
        return importlib.import_module(name)

    yield load
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("hx711", "hx711_multi"):
            del sys.modules[name]
