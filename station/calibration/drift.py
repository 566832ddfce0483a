"""By how much the zero of a plate drifts. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np

from station.calibration.reading import Reading
from station.conversions import Calibration

OVER_S = (30.0, 600.0)  # between two zeros that tell of drift


class Zeros:
    """The zeros that were accepted, one after the other."""

    def __init__(self) -> None:
        self._calibration: Calibration | None = None
        self._taken: deque[tuple[float, float]] = deque(maxlen=200)  # when, s; where, N over all cells

    def note(self, calibration: Calibration, now_s: float) -> None:
        """Take note of the calibration in force, with its newest zero."""
        if calibration is self._calibration:
            return
        if self._calibration is None or calibration.id != self._calibration.id:
            self._taken.clear()
        self._calibration = calibration
        gains = np.array(calibration.newtons_per_count)
        self._taken.append((now_s, float(np.array(calibration.zero_count) @ gains)))

    def n_per_min(self, looks: Iterable[Reading]) -> float | None:
        """Return the drift between two looks at the empty plate, or else between zeros; None: not known."""
        taken = list(self._taken)
        if self._calibration is not None:
            gains = np.array(self._calibration.newtons_per_count)
            seen = [(look.t_s, float(look.mean @ gains)) for look in looks]
            taken = seen if len(seen) > 1 else taken
        least_s, most_s = OVER_S
        lately = [(t_s, at_n) for t_s, at_n in taken if taken[-1][0] - t_s <= most_s]
        if len(lately) < 2 or lately[-1][0] - lately[0][0] < least_s:
            return None
        (first_s, first_n), (last_s, last_n) = lately[0], lately[-1]
        return (last_n - first_n) / (last_s - first_s) * 60
