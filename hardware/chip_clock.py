"""When a chip's conversions are ready: its own oscillator, seen through a host that looks now and then.

Each look at the line gives a bound and never a time: it was still high then, it was low by
then. A discounted line through the bounds (Klipper's ClockSyncRegression is the model) gives
the oscillator's period and the moment of each conversion, finer than the looks are.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

LOCK_EDGES = 4  # three intervals in a row that agree
LOCK_SPREAD = 0.12  # by how much of a period they may differ before the line smooths them
FASTEST_NS, SLOWEST_NS = 2_500_000, 140_000_000  # 400 SPS … 7 SPS
MEMORY = 64  # conversions over which an observation fades
MISS_MEMORY = 16  # conversions over which the error of what was foretold fades
GOOD_EDGE_NS = 20_000  # an edge as narrow as this counts in full
LOOK_NS = 200_000  # between looks while the beat is not known
NARROW = 25  # parts of a period: an edge narrower than one was seen from both sides
LEAST_LEAD_NS, MOST_LEAD_NS = 20_000, 500_000
LEAST_MARGIN_NS = 75_000
OFF_BEAT = 0.04  # of a period: so far from its time no chip is ready


@dataclass(frozen=True)
class Edge:
    """DOUT fell after `lo_ns` and by `hi_ns`."""

    lo_ns: int
    hi_ns: int

    @property
    def width_ns(self) -> int:
        """How much is not known of it."""
        return self.hi_ns - self.lo_ns


class ChipClock:
    """Numbers a chip's conversions and tells when each is ready, once `locked`.

    Parameters
    ----------
    nominal_ns : the period that the chip is set to; it may have quite another

    """

    def __init__(self, nominal_ns: float) -> None:
        self._nominal_ns = nominal_ns
        self.unlock()

    def unlock(self) -> None:
        """Forget everything: another chip may be there now."""
        self.locked = False
        self.period_ns = self._miss_ns = 0.0
        self.lead_ns = (
            5.0 * LEAST_LEAD_NS
        )  # how long before its time it is looked at, so that it is seen to fall
        self.last_edge: Edge | None = None  # while not locked
        self._edges: deque[Edge] = deque(maxlen=LOCK_EDGES)  # narrow ones

    @property
    def margin_ns(self) -> float:
        """How well the moment of a conversion is known."""
        return LEAST_MARGIN_NS + 3.0 * self._miss_ns

    @property
    def tolerance_ns(self) -> float:
        """How far off the beat a ready chip is no longer the chip that was there."""
        return max(2.0 * LEAST_MARGIN_NS, OFF_BEAT * self.period_ns) + 3.0 * self._miss_ns

    def ready_ns(self, n: int) -> float:
        """Return when conversion `n` is ready."""
        return self._epoch_ns + self._mean_t + (n - self._mean_n) * self.period_ns

    def latest(self, t_ns: float) -> int:
        """Return the number of the last conversion ready by `t_ns`."""
        return int((t_ns - self._epoch_ns - self._mean_t) / self.period_ns + self._mean_n + 1e6) - 1_000_000

    def on_beat(self, edge: Edge, tolerance_ns: float) -> bool:
        """Return whether a conversion was due between the bounds, give or take the tolerance."""
        return self.ready_ns(self.latest(edge.hi_ns + tolerance_ns)) >= edge.lo_ns - tolerance_ns

    def observe(self, edge: Edge) -> None:
        """Take what was seen of one conversion; a look that only agrees says nothing new."""
        if not self.locked:
            self.last_edge = edge
            if edge.width_ns < LOCK_SPREAD * self._nominal_ns:
                self._edges.append(edge)
                self._try_to_lock()
            return
        n = self.number_of(edge)
        outside_ns = self.within(n, edge) - self.ready_ns(n)
        if abs(outside_ns) > self.margin_ns:
            self._forget()
        if self.narrow(edge):
            middle_ns = edge.lo_ns + edge.width_ns / 2
            self._miss_ns += (abs(middle_ns - self.ready_ns(n)) - self._miss_ns) / MISS_MEMORY
            self._add(n, middle_ns, edge.width_ns)
            self.lead_ns = max(0.95 * self.lead_ns, LEAST_LEAD_NS)
        else:
            self._mean_t += outside_ns
            self._miss_ns = max(self._miss_ns, abs(outside_ns) / 2)
            self.lead_ns = min(1.2 * self.lead_ns, self.period_ns / 8, MOST_LEAD_NS)

    def narrow(self, edge: Edge) -> bool:
        """Return whether an edge was seen from both sides."""
        return edge.width_ns < self.period_ns / NARROW

    def number_of(self, edge: Edge) -> int:
        """Return which conversion an edge belongs to: the nearest, or of a wide one the last."""
        if edge.width_ns < self.period_ns / 2:
            return self.latest(edge.lo_ns + edge.width_ns / 2 + self.period_ns / 2)
        return self.latest(edge.hi_ns + self.margin_ns)

    def within(self, n: int, edge: Edge) -> float:
        """Return when conversion `n` was ready, which its edge bounds."""
        return min(max(self.ready_ns(n), edge.lo_ns), edge.hi_ns)

    def rephase(self, edge: Edge) -> None:
        """Move the beat to an edge and keep the period: the chip was reset."""
        self._mean_t += edge.hi_ns - edge.width_ns / 2 - self.ready_ns(self.number_of(edge))
        self._forget()
        self._miss_ns = edge.width_ns / 4

    def _try_to_lock(self) -> None:
        if len(self._edges) < LOCK_EDGES:
            return
        at = [(edge.lo_ns + edge.hi_ns) // 2 for edge in self._edges]
        steps = [b - a for a, b in pairwise(at)]
        period = min(steps)
        widest = max(edge.width_ns for edge in self._edges)
        if not FASTEST_NS <= period <= SLOWEST_NS or widest > LOCK_SPREAD * period:
            return
        if any(abs(step / period - round(step / period)) > LOCK_SPREAD for step in steps):
            return
        self._start(at[0])
        n = 0
        for t_ns, step in zip(at, [0, *steps], strict=True):
            n += round(step / period)
            self._add(n, t_ns, widest)
        self._miss_ns = widest / 4
        self.locked = True

    # --- the line, discounted and centred so that nothing grows large ---

    def _start(self, epoch_ns: int) -> None:
        self._epoch_ns = epoch_ns
        self._weight = self._mean_n = self._mean_t = self._var = self._cov = 0.0

    def _forget(self) -> None:
        """Let the next edges weigh more than what is known."""
        share = min(1.0, weight_of(LOOK_NS) / self._weight)
        self._weight *= share
        self._var *= share
        self._cov *= share

    def _add(self, n: int, t_ns: float, width_ns: float) -> None:
        gain = weight_of(width_ns)
        keep = 1.0 - gain / MEMORY
        self._weight = keep * self._weight + gain
        dn, dt = n - self._mean_n, (t_ns - self._epoch_ns) - self._mean_t
        self._mean_n += dn * gain / self._weight
        self._mean_t += dt * gain / self._weight
        self._var = keep * self._var + gain * dn * (n - self._mean_n)
        self._cov = keep * self._cov + gain * dt * (n - self._mean_n)
        if self._var > 0.0:
            self.period_ns = self._cov / self._var


def weight_of(width_ns: float) -> float:
    """Return what an edge of this width counts for, 1 for one known to the look."""
    return 1.0 / (1.0 + (width_ns / GOOD_EDGE_NS) ** 2)
