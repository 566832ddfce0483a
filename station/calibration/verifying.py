"""Is the plate right? An independent mass on spots that were not used for calibrating. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from station.calibration import fit as fitting
from station.calibration.cells import CREEP_SHARE, RETURN, CellClass
from station.calibration.fit import Misses
from station.calibration.procedure import (
    EMPTY_GATE_N,
    EMPTY_S,
    STEP_S,
    Empty,
    NotEmpty,
    Put,
    check_masses,
)
from station.calibration.reading import Reading, Refusal, reading
from station.calibration.solving import PLACING_MM, STANDARD_GRAVITY, Placement
from station.calibration.spots import MIDDLE, NEW, Spot
from station.conversions import Calibration, Records
from station.signal.model import F64, Plate

REPEATS = 3
CREEP_S, CREEP_EVERY_S = 300.0, 30.0
CHIP_NOISE_COUNTS = 39.0  # HX711 data sheet: 90 nV rms at 80 SPS and gain 128, of 2.33 nV each
WRONG_PLACE_MM = 40.0


@dataclass(frozen=True)
class Leave:
    """A step: the mass stays where it is for five minutes."""

    put: Put


Step = Empty | Put | Leave


@dataclass(frozen=True)
class Line:
    """One line of the certificate.

    word : for files; `name` for people
    value : as it came out, in `unit`; magnitude
    allowed : what the class of the cells allows, None where it says nothing or is not known
    records, coaching : up to where the plate is good for either
    """

    word: str
    name: str
    unit: str
    value: float
    allowed: float | None
    records: float
    coaching: float


class Verification:
    """A verification under way: offer what was measured until no step is left, then read the lines."""

    def __init__(
        self, mass_kg: float, plate: Plate, calibration: Calibration, placing_mm: float = PLACING_MM
    ) -> None:
        check_masses([mass_kg])
        self.mass_kg, self.plate, self.calibration, self.placing_mm = mass_kg, plate, calibration, placing_mm
        self.steps = plan(mass_kg)
        self.done = 0
        self.empties: list[Reading] = []
        self.placed: list[tuple[Spot, Reading]] = []
        self.repeated: list[Reading] = []
        self.creeping: list[Reading] = []

    @property
    def step(self) -> Step | None:
        """What is to be done next; None when all is done."""
        return self.steps[self.done] if self.done < len(self.steps) else None

    @property
    def left_s(self) -> float:
        """About how long the rest takes."""
        each = {Empty: EMPTY_S, Put: STEP_S, Leave: CREEP_S}
        return sum(each[type(step)] for step in self.steps[self.done :])

    def offer(self, records: Records, *, empty: bool = False) -> Reading:
        """Take what was measured for this step, and go on unless the mass has to stay longer.

        `empty` is a person's word that nothing lies on the plate.

        Raises
        ------
        NotEmpty : it seems that something is on the plate; measure again, or say that it is empty
        Refusal : it can't be; measure again, and where the mass has to stay its time begins anew

        """
        step = self.step
        if step is None:
            raise Refusal("Nothing is left to measure.")
        try:
            found = reading(records, None if isinstance(step, Empty) else self.empties[-1])
            self._take(step, found, empty=empty)
        except Refusal:
            if isinstance(step, Leave):
                self.creeping.clear()
            raise
        if not isinstance(step, Leave) or found.t_s - self.creeping[0].t_s >= CREEP_S:
            self.done += 1
        return found

    def redo(self) -> None:
        """Measure the newest placement anew; raises Refusal where there is none, or all is done."""
        if not self.placed or self.step is None:
            raise Refusal("No mass is left to measure anew: begin again.")
        if self.repeated:
            self.repeated.pop()
            put = Put(self.mass_kg, MIDDLE)
        else:
            put = Put(self.mass_kg, self.placed.pop()[0])
        self.creeping.clear()
        self.steps.insert(self.done, put)

    def away_n(self, mean: F64) -> float:
        """Return how far an empty plate is from when it was last empty, N over all cells."""
        zero = self.empties[-1].mean if self.empties else np.array(self.calibration.zero_count)
        return abs(float((mean - zero) @ np.array(self.calibration.newtons_per_count)))

    def _take(self, step: Step, found: Reading, *, empty: bool) -> None:
        if isinstance(step, Empty):
            away_n = self.away_n(found.mean)
            if away_n > EMPTY_GATE_N and not empty:
                raise NotEmpty(away_n)
            self.empties.append(found)
            return
        put = step.put if isinstance(step, Leave) else step
        self._check(put, found)
        if isinstance(step, Leave):
            self.creeping.append(found)
        elif put.spot == MIDDLE:
            self.repeated.append(found)
        else:
            self.placed.append((put.spot, found))

    def _check(self, put: Put, found: Reading) -> None:
        force_n = self.force_n(found)
        weight_n = self.mass_kg * STANDARD_GRAVITY
        total_n = float(force_n.sum())
        if not 0.8 * weight_n < total_n < 1.2 * weight_n:
            raise Refusal(
                f"{total_n / STANDARD_GRAVITY:.2f} kg are felt, not {self.mass_kg:g}: check the mass, and"
                " that the plate is calibrated."
            )
        missed = self._misses([(put.spot, found)])
        off_mm, heel = float(missed.right_mm[0]), float(np.nan_to_num(missed.heel_share[0]))
        if abs(off_mm) > WRONG_PLACE_MM or abs(heel) > 0.2:
            raise Refusal(f"The mass does not stand on {put.spot.word}: put it there and measure again.")

    def force_n(self, found: Reading) -> F64:
        """Return the forces on the cells, shape (4,), N, with the zero as it was at that time."""
        told = (found.mean - self._zero_at(found.t_s)) * np.array(self.calibration.newtons_per_count)
        unmix = np.eye(4) if self.calibration.unmix is None else np.array(self.calibration.unmix)
        return np.asarray(unmix @ told)

    def _zero_at(self, t_s: float) -> F64:
        """Return the zero between two looks at it; later, as it drifted until then.

        The last look of all is left out: cells that have borne a load for long come back slowly.
        """
        looks = self.empties if self.step is not None else self.empties[:-1]
        times_s = [empty.t_s for empty in looks]
        zeros = np.array([empty.mean for empty in looks])
        if t_s > times_s[-1] and len(looks) > 1:
            slope = (zeros[-1] - zeros[0]) / (times_s[-1] - times_s[0])
            return np.asarray(zeros[-1] + slope * (t_s - times_s[-1]))
        return np.array([np.interp(t_s, times_s, zeros[:, cell]) for cell in range(4)])

    def _misses(self, placed: list[tuple[Spot, Reading]]) -> Misses:
        weight_n = self.mass_kg * STANDARD_GRAVITY
        forces = np.array([self.force_n(found) for _, found in placed])
        placements = [
            Placement(spot, self.mass_kg, force) for (spot, _), force in zip(placed, forces, strict=True)
        ]
        return fitting.misses(placements, forces / weight_n, self.plate)

    def misses(self) -> Misses:
        """Return by how much each placement on a new spot is missed."""
        return self._misses(self.placed)

    def lines(self, cells: CellClass | None = None) -> list[Line]:
        """Return the certificate's lines; `cells` says what their class would allow."""
        missed = self.misses()
        weight_n = self.mass_kg * STANDARD_GRAVITY
        allowed = _Allowed(cells, [self.force_n(found) for _, found in self.placed], weight_n, self.plate)
        first_n, last_n = (float(self.force_n(self.creeping[at]).sum()) for at in (0, -1))
        repeated_n = [float(self.force_n(found).sum()) for found in self.repeated]
        gains = np.abs(np.array(self.calibration.newtons_per_count))
        noises = np.array([empty.noise for empty in self.empties]) * gains
        noise_n = float(np.sqrt((noises**2).sum(axis=1).mean()))
        chip_n = CHIP_NOISE_COUNTS * float(np.sqrt(gains @ gains))
        placing = self.placing_mm
        range_share = float(np.ptp(repeated_n)) / weight_n
        return [
            Line(
                "force", "force, worst of all spots", "%",
                100 * _worst(missed.force_share), allowed.share(), 0.5, 2,
            ),
            Line(
                "heel_share", "heel share, worst", "points",
                100 * _worst(missed.heel_share), allowed.share(), 1, 3,
            ),
            Line(
                "place", "left-right place, RMS", "mm", _rms(missed.right_mm), allowed.place_mm(),
                float(np.hypot(2, placing)), float(np.hypot(6, placing)),
            ),
            Line(
                "repeatability", f"repeatability, range of {REPEATS}", "%",
                100 * range_share, allowed.share(), 0.2, 0.5,
            ),
            Line(
                "creep", "creep in 5 minutes", "%",
                100 * abs(last_n / first_n - 1), allowed.share(CREEP_SHARE), 0.3, 1,
            ),
            Line("noise", "noise of the whole, rms", "N", noise_n, chip_n, 0.5, 2),
            Line("drift", "drift of the zero", "N/min", self._drift_n_per_min(), None, 1, 3),
            Line(
                "zero_return", "zero after 5 minutes' load", "N",
                self._zero_return_n(), allowed.zero_n(), 1, 5,
            ),
        ]  # fmt: skip

    def _drift_n_per_min(self) -> float:
        """Return the slope between the first look at the empty plate and the last before the long load."""
        first, last = self.empties[0], self.empties[-2]
        gone_n = (last.mean - first.mean) @ np.array(self.calibration.newtons_per_count)
        return abs(float(gone_n)) / (last.t_s - first.t_s) * 60

    def _zero_return_n(self) -> float:
        return abs(float(self.force_n(self.empties[-1]).sum()))


@dataclass(frozen=True)
class _Allowed:
    """What the cells' class allows of the plate when all four err their most to the same end."""

    cells: CellClass | None
    forces_n: list[F64]
    weight_n: float
    plate: Plate

    def share(self, part: float = 1.0) -> float | None:
        """Return the most that the sum of the cells may be wrong, % of the weight."""
        each = self._each_n()
        return None if each is None else 100 * part * max(float(n.sum()) for n in each) / self.weight_n

    def place_mm(self) -> float | None:
        """Return the same of the place: right cells too much, left cells too little."""
        each = self._each_n()
        half = np.repeat([self.plate.heel_spacing_mm / 2, self.plate.toe_spacing_mm / 2], 2)
        return None if each is None else max(float(n @ half) for n in each) / self.weight_n

    def zero_n(self) -> float | None:
        """Return how far zero may be off after a long load."""
        return None if self.cells is None else 4 * RETURN * self.cells.interval_kg * STANDARD_GRAVITY

    def _each_n(self) -> list[F64] | None:
        if self.cells is None:
            return None
        g = STANDARD_GRAVITY
        return [np.array([self.cells.permissible_kg(n / g) * g for n in force]) for force in self.forces_n]


def plan(mass_kg: float) -> list[Step]:
    """Return the steps: eight new spots, one of them again and again, and five minutes' load."""
    puts = [Put(mass_kg, spot) for spot in NEW]
    middle = Put(mass_kg, MIDDLE)
    return [
        Empty(), *puts[:4], Empty(), *puts[4:], Empty(), *[middle] * REPEATS, Empty(), Leave(middle), Empty(),
    ]  # fmt: skip


def notes(mass_kg: float, records: Iterable[Mapping[str, Any] | None]) -> list[str]:
    """Say what the reader of the certificate should know; `records` are those of the calibration in force."""
    if not any(mass_kg in (record or {}).get("masses_kg", []) for record in records):
        return []
    return [f"NOT INDEPENDENT: the plate was calibrated with {mass_kg:g} kg too; its error is not seen."]


def verdict(lines: list[Line]) -> str:
    """Return what the plate is good for, and what keeps it from more."""
    bad = [line.name for line in lines if line.value > line.coaching]
    if bad:
        return f"NOT GOOD: {', '.join(bad)}"
    fair = [line.name for line in lines if line.value > line.records]
    if fair:
        return f"GOOD FOR COACHING, not for records: {', '.join(fair)}"
    return "GOOD FOR RECORDS"


def _worst(values: F64) -> float:
    return float(np.nanmax(np.abs(values)))


def _rms(values: F64) -> float:
    return float(np.sqrt(np.mean(values**2)))
