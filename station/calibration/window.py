"""The last seconds of conversions, and for how long the load on the plate has not moved. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from station.calibration.reading import (
    READ_S,
    STILL_COUNTS,
    STILL_SHARE,
    Reading,
    Refusal,
    Sight,
    noise_of,
    seen,
    stray,
)
from station.conversions import Cell, Kind, Records, empty_records
from station.signal.model import F64

TICK_S = 0.25  # between two looks
MOST_UNSEEN_S = 0.5
FEWEST_A_TICK = 2  # conversions of a cell, as at 10 SPS


class Window:
    """Takes records, and looks at them every `TICK_S` of data time.

    level : the newest medians, shape (4,), counts; None where a cell gave nothing lately
    """

    def __init__(self) -> None:
        self.now_ns = 0
        self.level: F64 | None = None
        self._records = self._pending = empty_records()
        self._whole = False  # as many seconds as a reading takes
        self._seen: tuple[Sight | None, str] | None = None
        self._anchor: F64 | None = None
        self._still_since_ns = 0

    @property
    def now_s(self) -> float:
        """The sampler's clock at the newest look."""
        return self.now_ns / 1e9

    @property
    def still_s(self) -> float:
        """For how long nothing has moved."""
        return 0.0 if self._anchor is None else (self.now_ns - self._still_since_ns) / 1e9

    @property
    def sight(self) -> Sight | None:
        """The last `READ_S`, None while a cell gives nothing fit; worked out when asked for."""
        return self._sight()[0]

    @property
    def wrong(self) -> str:
        """Why there is no sight; "" where there is one, and at first."""
        return self._sight()[1]

    def last(self) -> Records:
        """Return the records of the last `READ_S`."""
        return self._records

    def pieces(self, records: Records) -> Iterator[Records]:
        """Yield the records of each tick that is over, however they come in; the rest waits."""
        together = np.concatenate([self._pending, records])
        index = together["t_ns"] // int(TICK_S * 1e9)
        cuts = np.flatnonzero(np.diff(index)) + 1
        *whole, self._pending = np.split(together, cuts)
        yield from whole

    def look(self, records: Records, load: Reading | None) -> None:
        """Take the records of one tick; `load` is the empty plate where a mass is awaited."""
        if int(records["t_ns"][0]) - self.now_ns > MOST_UNSEEN_S * 1e9:
            self._anchor = None  # nobody knows what was there meanwhile
        self.now_ns = int(records["t_ns"][-1])
        together = np.concatenate([self._records, records])
        self._records = together[together["t_ns"] > self.now_ns - int(READ_S * 1e9)]
        self._whole |= len(together) > len(self._records)
        self._seen = None
        self._follow(records, load)

    def _sight(self) -> tuple[Sight | None, str]:
        if self._seen is None:
            try:
                self._seen = seen(self._records), ""
            except Refusal as refusal:
                self._seen = None, str(refusal) if self._whole else ""
        return self._seen

    def _follow(self, records: Records, load: Reading | None) -> None:
        """Note since when the medians of a tick have stayed where they are."""
        cells = _cells(records)
        fewest = min(map(len, cells))
        if fewest < FEWEST_A_TICK:
            self.level = None
            return
        self.level = np.array([float(np.median(counts)) for counts in cells])
        noise = np.array([noise_of(counts) for counts in _cells(self._records)])
        felt = 0.0 if load is None else float(np.abs(self.level - load.mean).sum())
        allowed = np.maximum(max(STILL_COUNTS, STILL_SHARE * felt), stray(noise, fewest))
        if self._anchor is None or np.any(np.abs(self.level - self._anchor) > allowed):
            self._anchor, self._still_since_ns = self.level, self.now_ns


def _cells(records: Records) -> list[F64]:
    """Return each cell's counts."""
    conversions = records[records["kind"] == Kind.CONVERSION]
    return [conversions["count"][conversions["cell"] == cell].astype(np.float64) for cell in Cell]
