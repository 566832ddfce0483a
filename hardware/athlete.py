"""A simulated athlete in newtons, and the truth about every rep.

Nothing here has a memory: the force at a time is the same whenever and however often it is
asked for, so a process that starts again in the middle of a set goes on where the athlete is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hardware.body import ANKLE_HEEL_SHARE, HEEL_TO_TOE_M, Body
from hardware.chance import Waves, key_of
from hardware.script import EndlessSets, Plan
from hardware.timeline import Happening, RepTimes, Timeline

F64 = NDArray[np.float64]

WANDER_HZ = (0.3, 8.0)  # of the force while lifting
BRACING_HZ = (0.15, 3.0)  # of a leg that does not quite rest
SWAY_HZ = (0.1, 1.5)  # of the pressure point
CELL_HALF_SPACING_MM = 100.0  # from the middle of the plate to a cell
MEASURE_STEP_S = 0.01  # of the truth's own integrals
TIMELINES_KEPT = 16  # a quarter of an hour of sets: as far back as creep looks


@dataclass(frozen=True)
class Unrest:
    """How far an athlete is from a machine.

    wander_cv : of the force, rms as a part of it; bracing_n : of the resting leg, rms;
    sway_share : of the pressure point, rms as a share of the force
    """

    wander_cv: float = 0.0
    bracing_n: float = 0.0
    sway_share: float = 0.0


@dataclass(frozen=True)
class TrueRep:
    """What really happened in one rep; times in s from the epoch.

    heel_share, cop_ap_mm, cop_ml_mm : force-weighted from lift_off to lockout_end; the pressure
    point is told in mm from the ankle towards the toes, and from the middle to the right.
    peak_n : the greatest force from lift_off to lockout_end
    """

    times: RepTimes
    heel_share: float
    peak_n: float
    cop_ap_mm: float
    cop_ml_mm: float


class Athlete:
    """Somebody with a body and a plan."""

    def __init__(
        self,
        plan: Plan | None = None,
        body: Body | None = None,
        seed: int = 7,
        unrest: Unrest | None = None,
    ) -> None:
        self.plan: Plan = EndlessSets(seed) if plan is None else plan
        self.body = body or Body()
        self.seed = seed
        self.unrest = unrest or Unrest()
        self._wander = Waves(key_of(seed, 1), *WANDER_HZ)
        self._bracing = Waves(key_of(seed, 2), *BRACING_HZ)
        self._sway_ap = Waves(key_of(seed, 3), *SWAY_HZ)
        self._sway_ml = Waves(key_of(seed, 4), *SWAY_HZ)
        self._timeline = lru_cache(TIMELINES_KEPT)(self._write)

    def with_unrest(self, unrest: Unrest) -> Athlete:
        """Return the same athlete, less or more calm."""
        return Athlete(self.plan, self.body, self.seed, unrest)

    def forget(self) -> None:
        """Ask the plan anew: it was gone on with."""
        self._timeline = lru_cache(TIMELINES_KEPT)(self._write)

    def force_n(self, t_s: F64) -> F64:
        """Return the force on each cell at `t_s` (n,), s from the epoch: shape (n, 4), N per `Cell`."""
        total, heel, left = self.state(t_s)
        on_heel, on_toe = total * heel, total * (1.0 - heel)
        cells = on_heel * left, on_heel * (1.0 - left), on_toe * left, on_toe * (1.0 - left)
        return np.stack(cells, axis=1)

    def state(self, t_s: F64) -> tuple[F64, F64, F64]:
        """Return total force (N), the heel's and the left side's share at `t_s` (n,), each shape (n,)."""
        t_s = np.asarray(t_s, dtype=np.float64)
        total, heel, left = np.empty_like(t_s), np.empty_like(t_s), np.empty_like(t_s)
        index = self._index(t_s)
        for k in np.unique(index):
            here = index == k
            parts = self._within(int(k), t_s[here])
            total[here], heel[here], left[here] = parts
        return total, heel, left

    def reps(self, after_s: float, until_s: float) -> Iterator[TrueRep]:
        """Yield the reps that end after `after_s` and not after `until_s`, in order."""
        for k in self._touched(after_s, until_s):
            for rep in self._timeline(k).reps:
                if after_s < self._start_s(k) + rep.end_s <= until_s:
                    yield self._measured(rep.moved(self._start_s(k), k))

    def happenings(self, after_s: float, until_s: float) -> Iterator[Happening]:
        """Yield what is no rep and ends after `after_s` and not after `until_s`, in order."""
        for k in self._touched(after_s, until_s):
            for happening in self._timeline(k).happenings:
                if after_s < self._start_s(k) + happening.end_s <= until_s:
                    yield happening.moved(self._start_s(k))

    def _within(self, k: int, t_s: F64) -> tuple[F64, F64, F64]:
        """Total force and shares of times that all lie in stretch `k`."""
        timeline, local_s = self._timeline(k), t_s - self._start_s(k)
        heel, left = self._shares(timeline, local_s, t_s)
        foot_n, carry = timeline.foot_n.at(local_s), timeline.carry.at(local_s)
        height, rates = timeline.height.at(local_s), timeline.height.rates(local_s)
        lift_n = self.body.level_n(height) + self.body.inertia_n(height, *rates)
        total = foot_n + carry * (lift_n * self.body.lever_factor(heel) - foot_n)
        total = total * (1.0 + self.unrest.wander_cv * self._wander.at(t_s))
        resting = (1.0 - carry) * np.clip(foot_n / self.body.resting_leg_n, 0.0, 1.0)
        unrest_n = np.hypot(self.unrest.bracing_n, timeline.fidget_n.at(local_s))
        total = total + resting * unrest_n * self._bracing.at(t_s)
        for jolt in timeline.jolts:
            if jolt.at_s < local_s.max() and local_s.min() < jolt.end_s:
                total = total + jolt.force_n(local_s)
        return np.maximum(total, 0.0) + timeline.object_n.at(local_s), heel, left

    def _shares(self, timeline: Timeline, local_s: F64, t_s: F64) -> tuple[F64, F64]:
        heel = timeline.heel.at(local_s)
        # A heel that has left the plate does not sway on it.
        sway = self.unrest.sway_share * 2.0 * np.minimum(heel, 1.0 - heel)
        heel = heel + sway * self._sway_ap.at(t_s)
        left = timeline.left.at(local_s) + self.unrest.sway_share * self._sway_ml.at(t_s)
        return np.clip(heel, 0.0, 1.0), np.clip(left, 0.0, 1.0)

    def _write(self, k: int) -> Timeline:
        return self.plan.timeline(k, self.body)

    def _index(self, t_s: F64) -> F64:
        """Which stretch each time falls into; before the epoch all is as at its beginning."""
        if np.isinf(self.plan.stretch_s):
            return np.zeros_like(t_s)
        return np.maximum(np.floor(t_s / self.plan.stretch_s), 0.0)

    def _start_s(self, k: int) -> float:
        return k * self.plan.stretch_s if k else 0.0

    def _touched(self, after_s: float, until_s: float) -> range:
        first, last = self._index(np.array([after_s, until_s]))
        return range(int(first), int(last) + 1)

    def _measured(self, rep: RepTimes) -> TrueRep:
        n = max(int((rep.lockout_end_s - rep.lift_off_s) / MEASURE_STEP_S), 2)
        t_s = np.linspace(rep.lift_off_s, rep.lockout_end_s, n)
        force = self.force_n(t_s)
        cells = force.sum(axis=0)
        total = float(cells.sum())
        heel_share = float(cells[0] + cells[1]) / total
        right_less_left = float(cells[1] + cells[3] - cells[0] - cells[2]) / total
        return TrueRep(
            times=rep,
            heel_share=heel_share,
            peak_n=float(force.sum(axis=1).max()),
            cop_ap_mm=1e3 * HEEL_TO_TOE_M * (ANKLE_HEEL_SHARE - heel_share),
            cop_ml_mm=CELL_HALF_SPACING_MM * right_less_left,
        )
