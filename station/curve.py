"""The newest seconds of the curve, as the page shows them."""

from __future__ import annotations

import numpy as np

from station.conversions import Cell
from station.door import Curve
from station.signal.model import Frames

SHOWN_S = 15.0


class CurveWindow:
    """Keeps the newest `SHOWN_S` of frames and numbers them without end.

    Parameters
    ----------
    frame_rate_hz : frames per second

    """

    def __init__(self, frame_rate_hz: float) -> None:
        self._kept = round(SHOWN_S * frame_rate_hz)
        self._columns = np.full((3, 2 * self._kept), np.nan)
        self._end = 0  # of the used part of the columns
        self._count = 0  # of all frames ever
        self._first_ns: int | None = None
        self._last_ns = -1

    def append(self, frames: Frames) -> None:
        """Add frames that are newer than those already there; others are passed over."""
        new = frames.t_ns > self._last_ns
        t_ns = frames.t_ns[new]
        if not len(t_ns):
            return
        if self._first_ns is None:
            self._first_ns = int(t_ns[0])
        self._last_ns = int(t_ns[-1])
        self._count += len(t_ns)
        heel_n = frames.force_n[:, Cell.HEEL_LEFT] + frames.force_n[:, Cell.HEEL_RIGHT]
        rows = np.stack([(t_ns - self._first_ns) / 1e9, frames.total_n[new], heel_n[new]])[:, -self._kept :]
        n = rows.shape[1]
        if self._end + n > self._columns.shape[1]:
            kept = self._columns[:, max(0, self._end - self._kept) : self._end].copy()
            self._end = kept.shape[1]
            self._columns[:, : self._end] = kept
        self._columns[:, self._end : self._end + n] = rows
        self._end += n

    @property
    def t_s(self) -> float | None:
        """The newest frame's time, s since the first, None before it."""
        return None if self._first_ns is None else (self._last_ns - self._first_ns) / 1e9

    def view(self) -> Curve:
        """Return a copy that no later frame changes."""
        start = max(0, self._end - self._kept)
        t_s, total_n, heel_n = self._columns[:, start : self._end].copy()
        return Curve(self._count - (self._end - start), t_s, total_n, heel_n)
