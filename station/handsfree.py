"""Sets without a tap: a still foot arms, the first rep starts, foot off ends, foot back on resumes.

All times are data time. While data are missing nothing is concluded from it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import Literal, TypeAlias

from station.signal.model import Live

ARM_AFTER_NS = 2_000_000_000
END_AFTER_NS = 3_000_000_000  # so long off the plate
RESUME_WITHIN_NS = 10_000_000_000  # of leaving it
STILL_N, STILL_SHARE = 25.0, 0.35  # how far a resting foot may wander in that time, N and share of its mean
RESTING_LEAST_N = 15.0
SHARES_KEPT = 60  # newest looks at a waiting foot; at some thirty looks a second, all of it lay still

Word: TypeAlias = Literal["arm", "void", "end", "resume", "done"]
Stage: TypeAlias = Literal["waiting", "armed", "lifting", "left"]


@dataclass
class HandsFree:
    """Where a planned set stands; `tick` is called with what the newest frame says.

    stage : waiting for a still foot; armed; lifting; the foot has left and may come back
    rest_share : heel share of the foot as it lay still when it armed the set, None while unknown
    """

    stage: Stage = "waiting"
    _off_ns: int | None = None
    rest_share: float | None = None
    _recent: deque[tuple[int, float]] = field(default_factory=deque)
    _shares: deque[float] = field(default_factory=lambda: deque(maxlen=SHARES_KEPT))

    def tick(self, live: Live, counted: int) -> Word | None:
        """Return what is to be done now: start the set, drop it, end it, go on with it, or forget it.

        counted : reps of the set so far
        """
        if live.t_ns is None or live.total_n is None:
            self._recent.clear()
            if self.stage != "left":
                self._off_ns = None
            return None
        if self.stage == "left":
            return self._left(live)
        if self.stage == "waiting":
            if live.heel_share is not None:
                self._shares.append(live.heel_share)
            if self._still(live):
                self.stage = "armed"
                self.rest_share = median(self._shares) if self._shares else None
                return "arm"
            return None
        if live.phase != "off":
            self._off_ns = None
            if counted or live.phase in ("push", "up"):
                self.stage = "lifting"
            return None
        if self._off_ns is None:
            self._off_ns = live.t_ns
        if live.t_ns - self._off_ns < END_AFTER_NS:
            return None
        self._recent.clear()
        if counted:
            self.stage = "left"
            return "end"
        self.stage, self._off_ns = "waiting", None
        return "void"

    def _left(self, live: Live) -> Word | None:
        if self._still(live):
            self.stage, self._off_ns = "lifting", None
            return "resume"
        if live.phase != "off" or live.t_ns is None or self._off_ns is None:
            return None  # it has been put back in time, but must lie still first
        return "done" if live.t_ns - self._off_ns > RESUME_WITHIN_NS else None

    def _still(self, live: Live) -> bool:
        """Tell whether a foot has rested on the plate, still, for long enough."""
        if live.phase != "rest" or live.t_ns is None or live.total_n is None:
            self._recent.clear()
            return False
        self._recent.append((live.t_ns, live.total_n))
        while live.t_ns - self._recent[0][0] > ARM_AFTER_NS:
            self._recent.popleft()
        since = live.phase_since_ns
        if since is None or live.t_ns - since < ARM_AFTER_NS:
            return False
        if live.t_ns - self._recent[0][0] < 0.9 * ARM_AFTER_NS:
            return False
        forces_n = [force_n for _, force_n in self._recent]
        mean_n = sum(forces_n) / len(forces_n)
        if mean_n < RESTING_LEAST_N:
            return False
        return max(forces_n) - min(forces_n) <= max(STILL_N, STILL_SHARE * mean_n)
