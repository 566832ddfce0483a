"""`heeldrive sample`: conversions of any source into a CSV file, for so many seconds."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any, Protocol, TextIO, runtime_checkable

import numpy as np

from hardware.sampler import LONGEST_SLEEP_S, DataClock
from station.conversions import CELL_WORDS, Cell, Kind, Records, Source, Status, empty_records

HEADER = "t_ns,cell,count,status\n"
STATUS_WORDS = {int(status): status.word for status in Status}
WRITE_EVERY_S = 1.0


@runtime_checkable
class CountsItself(Protocol):
    """A source that knows more of its chips than its records tell."""

    def statistics(self) -> dict[str, dict[str, Any]]:
        """Return per cell what ``heeldrive sample`` prints."""
        ...


def sample(source: Source, clock: DataClock, seconds: float, file: TextIO) -> dict[str, Any]:
    """Write every conversion of `seconds` of data time to `file` and return what is printed of them."""
    file.write(HEADER)
    end_ns = clock.now_ns() + int(seconds * 1e9)
    waiting: list[Records] = []
    written_s = time.monotonic()
    tally = _Tally()
    try:
        while (now_ns := clock.now_ns()) < end_ns:
            waiting.append(source.poll(now_ns))
            if time.monotonic() - written_s > WRITE_EVERY_S:
                tally.take(_write(waiting, file))
                waiting.clear()
                written_s = time.monotonic()
            time.sleep(min(LONGEST_SLEEP_S, clock.sleep_s(source.next_poll_ns(clock.now_ns()))))
        tally.take(_write(waiting, file))
        if isinstance(source, CountsItself):
            return {"cells": source.statistics()}
        return {"cells": tally.cells(seconds)}
    finally:
        source.close()


def _write(parts: list[Records], file: TextIO) -> Records:
    """Write the conversions among `parts`, and return them."""
    records = np.concatenate([empty_records(), *parts])
    rows: Records = records[records["kind"] == Kind.CONVERSION]
    columns = (rows[name].tolist() for name in ("t_ns", "cell", "count", "status"))
    file.writelines(
        f"{t_ns},{CELL_WORDS[cell]},{count},{STATUS_WORDS[status]}\n"
        for t_ns, cell, count, status in zip(*columns, strict=True)
    )
    return rows


class _Tally:
    """Counts rows, for a source that does not count its chips itself."""

    def __init__(self) -> None:
        self._kept: Counter[int] = Counter()
        self._rejected: Counter[int] = Counter()
        self._times_ns: dict[int, list[int]] = {cell: [] for cell in Cell}

    def take(self, rows: Records) -> None:
        """Add written rows."""
        for cell in Cell:
            mine = rows[rows["cell"] == cell]
            ok = int(np.count_nonzero(mine["status"] == Status.OK))
            self._kept[cell] += ok
            self._rejected[cell] += len(mine) - ok
            self._times_ns[cell] += mine["t_ns"].tolist()

    def cells(self, seconds: float) -> dict[str, dict[str, Any]]:
        """Return per cell what is printed; missed are the whole conversions that fit into gaps."""
        return {
            cell.word: {
                "kept": self._kept[cell],
                "rejected": self._rejected[cell],
                "missed": self._missed(cell),
                "rate_hz": round(self._kept[cell] / seconds, 3),
                "chip_rate_hz": None,
                "faults": [],
            }
            for cell in Cell
        }

    def _missed(self, cell: Cell) -> int:
        steps_ns = np.diff(np.array(self._times_ns[cell], dtype=np.int64))
        if not len(steps_ns):
            return 0
        return int(np.sum(np.rint(steps_ns / np.median(steps_ns)) - 1))
