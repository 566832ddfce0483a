"""Somebody who puts masses on the simulated plate where they are told to, while the athlete steps aside.

What they are told stands in a file, one JSON object a line with the data time: so a sampler that is
started again finds everything where it lies, and all is a function of the file and of time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.chance import key_of, normal

F64 = NDArray[np.float64]

G_M_S2 = 9.80665
HEAR_S, LIFT_S, CARRY_S, PUT_S = 0.4, 0.4, 2.2, 0.6  # one after the other
BACK_S = 4.0  # until the athlete is back
PLACED_MM, CELL_HALF_SPACING_MM = 1.5, 100.0  # nobody does better, SD


@dataclass(frozen=True)
class Order:
    """What is to lie on the plate; `mass_kg` 0 for nothing, None for "that is all, thank you".

    heel : the part of it on the heel half; lever : how far to the right, 1.0 above the right cells
    """

    t_ns: int
    mass_kg: float | None = None
    heel: float = 0.5
    lever: float = 0.0

    def write(self, path: Path) -> None:
        """Add it to what was told."""
        with path.open("a", encoding="ascii") as file:
            file.write(json.dumps([self.t_ns, self.mass_kg, self.heel, self.lever]) + "\n")


class Helper:
    """Does what stands in a file.

    Parameters
    ----------
    path : the file; nobody helps while there is none
    epoch_ns : time 0 of `force_n`, on the clock of the orders
    seed : of where exactly things are put

    """

    def __init__(self, path: Path, epoch_ns: int, seed: int) -> None:
        self._path = path
        self._epoch_ns = epoch_ns
        self._seed = seed
        self._read_bytes = 0
        self._n = 0
        self._at_s, self._force_n = [-1e9], [np.zeros(4)]  # corners of the load on each cell
        self._there: list[tuple[float, float]] = []  # from when till when somebody helps, s

    def listen(self, done_ns: int) -> bool:
        """Read what was told since; return whether there was anything. What is till `done_ns` is past.

        Whoever listens for the first time learns what was done before.
        """
        try:
            length = self._path.stat().st_size
        except OSError:
            return False
        if length == self._read_bytes:
            return False
        with self._path.open("rb") as file:
            file.seek(self._read_bytes)
            told = file.read()
        told = told[: told.rfind(b"\n") + 1]  # the rest of the line is still to come
        first, self._read_bytes = self._read_bytes == 0, self._read_bytes + len(told)
        for line in told.splitlines():
            order = Order(*json.loads(line))
            self._obey(order if first else replace(order, t_ns=max(order.t_ns, done_ns)))
        return bool(told)

    def there(self, t_s: F64) -> NDArray[np.bool_]:
        """Return when somebody helps, shape (n,): then the athlete is not on the plate."""
        helping = np.zeros(np.shape(t_s), dtype=np.bool_)
        for start_s, end_s in self._there:
            helping |= (start_s <= t_s) & (t_s < end_s)
        return helping

    def instead_of(self, athlete: Callable[[F64], F64]) -> Callable[[F64], F64]:
        """Return what lies on each cell at times (n,): shape (n, 4), N, the athlete's while nobody helps."""

        def force_n(t_s: F64) -> F64:
            felt = athlete(t_s)
            if not self._there:
                return felt
            corners = np.array(self._force_n)
            masses = np.stack([np.interp(t_s, self._at_s, corners[:, cell]) for cell in range(4)], axis=1)
            return np.where(self.there(t_s)[:, None], masses, felt)

        return force_n

    def _obey(self, order: Order) -> None:
        now_s = (order.t_ns - self._epoch_ns) / 1e9
        helping = bool(self._there) and now_s < self._there[-1][1]
        if order.mass_kg is None and not helping:
            return
        self._carry(now_s, self._shares(order) * (order.mass_kg or 0.0) * G_M_S2)
        start_s = self._there.pop()[0] if helping else now_s
        self._there.append((start_s, now_s + BACK_S if order.mass_kg is None else np.inf))

    def _carry(self, now_s: float, force_n: F64) -> None:
        """Take away what lies there, and put down something else."""
        corners = np.array(self._force_n)
        lies_n = np.array([np.interp(now_s, self._at_s, corners[:, cell]) for cell in range(4)])
        kept = sum(at_s < now_s for at_s in self._at_s)
        self._at_s, self._force_n = self._at_s[:kept], self._force_n[:kept]
        at_s = now_s
        for seconds, load_n in (
            (0.0, lies_n), (HEAR_S, lies_n), (LIFT_S, np.zeros(4)), (CARRY_S, np.zeros(4)), (PUT_S, force_n),
        ):  # fmt: skip
            at_s += seconds
            self._at_s.append(at_s)
            self._force_n.append(load_n)

    def _shares(self, order: Order) -> F64:
        """Return how the four cells share it, by the law of the lever, where it is really put."""
        self._n += 1
        off = float(normal(key_of(self._seed, 30), np.array([self._n]))[0]) * PLACED_MM / CELL_HALF_SPACING_MM
        right = (1.0 + order.lever + off) / 2.0
        halves = order.heel, order.heel, 1.0 - order.heel, 1.0 - order.heel
        return np.asarray(np.array(halves) * np.array([1.0 - right, right, 1.0 - right, right]))
