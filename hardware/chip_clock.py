"""When a chip's conversions are ready: its own oscillator, seen through a host that looks now and then.

Each look at the line gives a bound and never a time: it was still high then, it was low by
then. A discounted line through the bounds (Klipper's ClockSyncRegression is the model) gives
the oscillator's period and the moment of each conversion, finer than the looks are. Beside it go the
bounds themselves: how far off the line may be, whatever it says, is what they allow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hardware.beat import CERTAIN, BeatSearch, Edge

MEMORY = 64  # conversions over which an observation fades
BOUNDS_MEMORY = 200  # conversions that the period is bounded over, at least, once they were seen
MISS_MEMORY = 16  # conversions over which the error of what was foretold fades
GOOD_EDGE_NS = 20_000  # an edge as narrow as this counts in full
LOOK_NS = 200_000  # between looks while the beat is not known
NARROW = 25  # parts of a period: an edge narrower than one was seen from both sides
LEAST_LEAD_NS, MOST_LEAD_NS = 20_000, 500_000
LEAST_MARGIN_NS = 75_000
OFF_BEAT = 0.04  # of a period: so far from its time no chip is ready


@dataclass(frozen=True)
class _Bounds:
    """Conversion `n` was ready between these times."""

    n: int
    early_ns: float
    late_ns: float


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
        self._weight = 0.0
        self.period_ns = self._miss_ns = 0.0
        self.lead_ns = (
            5.0 * LEAST_LEAD_NS
        )  # how long before its time it is looked at, so that it is seen to fall
        self.search = BeatSearch(self._nominal_ns)  # while not locked
        self._now = _Bounds(0, 0.0, 0.0)
        self._then = (self._now, self._now)  # earlier ones; the first is what the period is bounded from

    def margin_ns(self, t_ns: float) -> float:
        """Return how well the moment of a conversion about `t_ns` is known."""
        return LEAST_MARGIN_NS + self._unsure_ns(t_ns)

    def tolerance_ns(self, t_ns: float) -> float:
        """Return how far off the beat a chip ready about `t_ns` is no longer the one that was there."""
        return max(2.0 * LEAST_MARGIN_NS, OFF_BEAT * self.period_ns) + self._unsure_ns(t_ns)

    def _unsure_ns(self, t_ns: float) -> float:
        """Return how far the looks allow the beat to be off about `t_ns`, and no less than it jitters."""
        now = self._now
        ready_ns = self.ready_ns(now.n)
        ahead = max(0.0, (t_ns - ready_ns) / self.period_ns)
        off_ns = max(ready_ns - now.early_ns, now.late_ns - ready_ns) + ahead * self.period_off_ns
        return min(max(off_ns, 3.0 * self._miss_ns), CERTAIN * self.period_ns)

    @property
    def period_off_ns(self) -> float:
        """How far the period may be off: by the looks, or three standard deviations where that is less.

        An edge lies anywhere in its width w, a variance of w²/12; its weight is (GOOD_EDGE_NS / w)² for
        all but the narrowest; so that of the line's slope is GOOD_EDGE_NS² / 12 over the weighted sum
        of squares.
        """
        by_line_ns = 3.0 * GOOD_EDGE_NS / math.sqrt(12.0 * self._var)
        then, now = self._then[0], self._now
        if now.n == then.n:
            return by_line_ns
        longest_ns = (now.late_ns - then.early_ns) / (now.n - then.n)
        shortest_ns = (now.early_ns - then.late_ns) / (now.n - then.n)
        return min(by_line_ns, max(longest_ns - self.period_ns, self.period_ns - shortest_ns))

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
            beat = self.search.observe(edge)
            if beat is not None:
                self._lock(beat)
            return
        if self._unsure_ns(edge.hi_ns) >= CERTAIN * self.period_ns:
            self.rephase(edge)
            return
        n = self.number_of(edge)
        outside_ns = self.within(n, edge) - self.ready_ns(n)
        if abs(outside_ns) > self.margin_ns(edge.hi_ns):
            self._forget()
        if edge.width_ns < self.period_ns / 2:  # a wider one may be of another conversion as well
            self._bound(n, edge)
        if self.narrow(edge):
            middle_ns = edge.lo_ns + edge.width_ns / 2
            self._miss_ns += (abs(middle_ns - self.ready_ns(n)) - self._miss_ns) / MISS_MEMORY
            self._add(n, middle_ns, edge.width_ns)
            self.lead_ns = max(0.95 * self.lead_ns, LEAST_LEAD_NS)
        else:
            self._mean_t += outside_ns
            # So far off, at least: what comes next shall tell where the beat is, and not bend its slope.
            self._weight = min(self._weight, weight_of(2.0 * outside_ns))
            self.lead_ns = min(1.2 * self.lead_ns, self.period_ns / 8, MOST_LEAD_NS)

    def narrow(self, edge: Edge) -> bool:
        """Return whether an edge was seen from both sides."""
        return edge.width_ns < self.period_ns / NARROW

    def number_of(self, edge: Edge) -> int:
        """Return which conversion an edge belongs to: the nearest, or of a wide one the last."""
        if edge.width_ns < self.period_ns / 2:
            return self.latest(edge.lo_ns + edge.width_ns / 2 + self.period_ns / 2)
        return self.latest(edge.hi_ns + self.margin_ns(edge.hi_ns))

    def within(self, n: int, edge: Edge) -> float:
        """Return when conversion `n` was ready, which its edge bounds."""
        return min(max(self.ready_ns(n), edge.lo_ns), edge.hi_ns)

    def rephase(self, edge: Edge) -> None:
        """Move the beat to an edge and keep the period: the chip was reset, or not seen for too long."""
        n = self.number_of(edge)
        self._mean_n = float(n)
        self._mean_t = edge.hi_ns - edge.width_ns / 2 - self._epoch_ns
        self._weight = weight_of(edge.width_ns)
        self._bound_anew(n, edge)

    def _lock(self, beat: list[tuple[int, Edge]]) -> None:
        """Begin with the edges of a beat, unless no line goes through them all."""
        widest_ns = max(edge.width_ns for _, edge in beat)
        self._start(beat[0][1].middle_ns)
        for n, edge in beat:
            self._add(n, edge.middle_ns, widest_ns)
        self._miss_ns = widest_ns / 4
        self._bound_anew(*beat[0])
        for n, edge in beat:
            self._bound(n, edge)
        self.locked = all(
            abs(edge.middle_ns - self.ready_ns(n)) < widest_ns + LEAST_MARGIN_NS for n, edge in beat
        )

    # --- what the looks allow, whatever the line says ---

    def _bound(self, n: int, edge: Edge) -> None:
        """Narrow the bounds by those of one more conversion."""
        ahead, now = n - self._now.n, self._now
        off_ns = self.period_off_ns
        early_ns = max(now.early_ns + ahead * (self.period_ns - off_ns), edge.lo_ns)
        late_ns = min(now.late_ns + ahead * (self.period_ns + off_ns), edge.hi_ns)
        if ahead < 0 or early_ns > late_ns:  # the beat has jumped, or the period changed
            self._bound_anew(n, edge)
            return
        self._now = _Bounds(n, early_ns, late_ns)
        if n - self._then[1].n > BOUNDS_MEMORY:
            self._then = (self._then[1], self._now)

    def _bound_anew(self, n: int, edge: Edge) -> None:
        self._now = _Bounds(n, edge.lo_ns, edge.hi_ns)
        self._then = (self._now, self._now)

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
