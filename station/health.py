"""Faults in plain words, each with what to do about it."""

from __future__ import annotations

from collections import deque

from station.conversions import Cell, Fault, Kind, Records
from station.wiring import DEFAULT_PINS, Pins, clock_wire, data_wire

REMEMBERED_NS = 1_500_000_000  # a fault that is not repeated for so long is over
# A busy computer costs a chip a conversion, or its beat, now and then: worth a sentence only when it goes on.
PASSING = frozenset({Fault.RESET, Fault.HOST_SLOW, Fault.DESYNC, Fault.WRONG_RATE})
GOES_ON = 5  # times within REMEMBERED_NS
SILENT_NS = 1_000_000_000  # a cell that gave nothing for so long is said to be gone

# {data} and {clock} are wires of the cell, told by colour and pin.
_SENTENCES = {
    Fault.ABSENT: "gives no data: check {data} or its plug",
    Fault.STUCK_LOW: "holds its data line low: check {data} for a short, and the amplifier's supply",
    Fault.SATURATED_HIGH: "is at its upper end stop: take the load off, then check the cell's own four wires",
    Fault.SATURATED_LOW: "is at its lower end stop: check that its green and white wires are not swapped",
    Fault.DESYNC: "loses step with its amplifier: check {clock} for a loose contact",
    Fault.RESET: "keeps restarting: the computer is too busy, or the amplifier's supply is weak",
    Fault.HOST_SLOW: "is read too slowly: the computer is busy with something else",
    Fault.WRONG_RATE: "converts at another rate than configured: check the RATE pin of its amplifier",
}


def name(cell: Cell) -> str:
    """Return a cell's name for people, such as ``heel-left``."""
    return cell.word.replace("_", "-")


def sentence(cell: Cell, fault: Fault, pins: Pins = DEFAULT_PINS) -> str:
    """Return what is wrong with a cell and what to do, at the wire and pin of its own."""
    wires = {"data": data_wire(pins, cell.word), "clock": clock_wire(pins, cell.word)}
    return f"The {name(cell)} cell {_SENTENCES[fault].format(**wires)}."


class CellFaults:
    """What is wrong with each cell at this moment, from the records of the last seconds."""

    def __init__(self, pins: Pins = DEFAULT_PINS) -> None:
        self._pins = pins
        self._now_ns = 0
        self._faults: dict[tuple[Cell, Fault], deque[int]] = {}
        self._heard_ns: dict[Cell, int] = {}

    def take(self, records: Records) -> None:
        """Note the faults among `records`, shape (n,), and which cells gave something."""
        if not len(records):
            return
        self._now_ns = int(records["t_ns"][-1])
        conversions = records[records["kind"] == Kind.CONVERSION]
        for cell in Cell:
            mine = conversions["t_ns"][conversions["cell"] == cell]
            if len(mine):
                self._heard_ns[cell] = int(mine[-1])
            self._heard_ns.setdefault(cell, self._now_ns)
        for record in records[records["kind"] == Kind.FAULT]:
            key = Cell(int(record["cell"])), Fault(int(record["status"]))
            self._faults.setdefault(key, deque(maxlen=GOES_ON)).append(int(record["t_ns"]))

    def sentences(self) -> tuple[str | None, str | None, str | None, str | None]:
        """Return a sentence for each cell that has a fault now, None for one that is well."""
        a, b, c, d = (self._of(cell) for cell in Cell)
        return a, b, c, d

    def _of(self, cell: Cell) -> str | None:
        for fault in Fault:
            times_ns = self._faults.get((cell, fault), ())
            lately = sum(self._now_ns - t_ns <= REMEMBERED_NS for t_ns in times_ns)
            if lately >= (GOES_ON if fault in PASSING else 1):
                return sentence(cell, fault, self._pins)
        silence_ns = self._now_ns - self._heard_ns.get(cell, self._now_ns)
        return sentence(cell, Fault.ABSENT, self._pins) if silence_ns > SILENT_NS else None
