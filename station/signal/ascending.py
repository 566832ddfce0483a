"""The end of an ascent, live: for the ring that counts the hold, never for the record.

An ascent pushes above the lift level and brakes below it; when the brake is over, the hips have
stopped. They may have stopped at a sticking point, so a stop long before this person's usual
time has to last. An ascent slower than two seconds leaves no such cue: its end is taken from the
usual time, and is an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

SWING_LEAST = 0.06  # of the level: smaller ones may be wander
SWING_USUAL = 0.13  # of the level times the square of the usual time: less than half of what it takes
RECOVERED = 0.55  # of the way from the deepest brake to the level
PUSHED = 0.6  # of the way from the level to the peak
CONFIRMED_TICKS = 3
EARLY = 0.8  # of the usual time: before, it may be a sticking point
EARLY_TICKS = 16
UNKNOWN_TICKS = 6  # while nobody knows what is usual
SLOW_S = 2.0
LATE = 1.25  # of the usual time, where no brake was seen
LATE_S = 2.2


@dataclass(frozen=True)
class Ascending:
    """An ascent so far; forces in N, times in ticks since lift-off.

    usual_s : how long this person takes, or None while unknown
    """

    tick_hz: float = 25.0
    usual_s: float | None = None
    ticks: int = 0
    peak_n: float = 0.0
    trough_n: float = 0.0
    recovered: int = 0

    def seen(self, force_n: float, level_n: float) -> Ascending:
        """Take in the next tick."""
        swung = self.peak_n - self.trough_n > self._least * level_n
        if self.ticks == 0 or (force_n > self.peak_n and not swung):
            return self._next(force_n, force_n, 0)
        if force_n < self.trough_n:
            return self._next(self.peak_n, force_n, 0)
        level_n = min(level_n, 0.5 * (self.peak_n + self.trough_n))
        if swung and force_n > level_n + PUSHED * (self.peak_n - level_n):  # on from a sticking point
            return self._next(force_n, force_n, 0)
        recovers = swung and force_n > self.trough_n + RECOVERED * (level_n - self.trough_n)
        return self._next(self.peak_n, self.trough_n, self.recovered + 1 if recovers else 0)

    def _next(self, peak_n: float, trough_n: float, recovered: int) -> Ascending:
        return Ascending(self.tick_hz, self.usual_s, self.ticks + 1, peak_n, trough_n, recovered)

    @property
    def over(self) -> bool:
        """Whether the ascent has ended."""
        usual_s = self.usual_s
        if usual_s is None:
            return self.recovered >= UNKNOWN_TICKS or self.ticks > LATE_S * self.tick_hz
        usual = usual_s * self.tick_hz
        if usual_s > SLOW_S:
            return self.ticks > usual
        wait = EARLY_TICKS if self.ticks - self.recovered < EARLY * usual else CONFIRMED_TICKS
        return self.recovered >= wait or self.ticks > LATE * usual + EARLY_TICKS

    @property
    def _least(self) -> float:
        usual_s = self.usual_s
        return SWING_LEAST if usual_s is None else max(SWING_LEAST, SWING_USUAL / (usual_s * usual_s))
