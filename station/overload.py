"""Whether a cell carries more than it is made for, as when somebody stands on one half."""

from __future__ import annotations

import numpy as np

from station.conversions import Calibration, Cell, Kind, Records, Status
from station.health import name

STANDARD_GRAVITY = 9.80665  # m/s², ISO 80000-3
AT_LEAST = 5  # conversions on end: up to four corrupted ones come in a burst
TOLD_FOR_NS = 10_000_000_000  # an overload is short, and must be read by somebody who steps off


class Overload:
    """Watches single conversions, since a landing is shorter than a snapshot.

    Parameters
    ----------
    capacity_kg : what one cell is made for; None: not known, and nothing is ever said

    """

    def __init__(self, capacity_kg: float | None) -> None:
        self._capacity_kg = capacity_kg
        self._run: dict[Cell, list[float]] = {cell: [] for cell in Cell}
        self._worst_n: dict[Cell, float] = {}
        self._over_ns: dict[Cell, int] = {}
        self._now_ns = 0

    def take(self, records: Records, calibration: Calibration) -> None:
        """Look at `records`, shape (n,), in the newtons of `calibration`."""
        if self._capacity_kg is None or not len(records):
            return
        self._now_ns = int(records["t_ns"][-1])
        # An end stop of the converter is a load as well, of at least so much.
        told = np.isin(records["status"], (Status.OK, Status.SATURATED))
        rows = records[(records["kind"] == Kind.CONVERSION) & told]
        for cell in Cell:
            mine = rows[rows["cell"] == cell]
            zero, gain = calibration.zero_count[cell], calibration.newtons_per_count[cell]
            force_n = np.abs((mine["count"] - zero) * gain)
            if self._run[cell] or np.any(force_n > self._limit_n):
                self._follow(cell, mine["t_ns"], force_n)

    def sentences(self) -> tuple[str | None, str | None, str | None, str | None]:
        """Return for each cell what it carried too much, lately; None for the others."""
        a, b, c, d = (self._of(cell) for cell in Cell)
        return a, b, c, d

    @property
    def _limit_n(self) -> float:
        return (self._capacity_kg or 0.0) * STANDARD_GRAVITY

    def _follow(self, cell: Cell, times_ns: Records, force_n: Records) -> None:
        run = self._run[cell]
        for t_ns, one_n in zip(times_ns.tolist(), force_n.tolist(), strict=True):
            if one_n <= self._limit_n:
                run.clear()
                continue
            run.append(one_n)
            if len(run) >= AT_LEAST:
                del run[:-AT_LEAST]
                lasting = t_ns - self._over_ns.get(cell, -TOLD_FOR_NS) < TOLD_FOR_NS
                before_n = self._worst_n.get(cell, 0.0) if lasting else 0.0
                self._worst_n[cell] = max(before_n, min(run))
                self._over_ns[cell] = t_ns

    def _of(self, cell: Cell) -> str | None:
        over_ns = self._over_ns.get(cell)
        if over_ns is None or self._now_ns - over_ns > TOLD_FOR_NS:
            return None
        carried_kg = self._worst_n[cell] / STANDARD_GRAVITY
        return (
            f"The {name(cell)} cell carried {carried_kg:.0f} kg and is made for {self._capacity_kg:g}:"
            " step off, check the zero, and weigh a known mass before it is trusted again."
        )
