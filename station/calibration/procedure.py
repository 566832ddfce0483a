"""The calibration step by step: what is to be done next, and what came of what was measured.

No clock, screen or keyboard: the command line and the page lead through the same steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.calibration import checks
from station.calibration import fit as fitting
from station.calibration.fit import Fit
from station.calibration.reading import Reading, Refusal, reading
from station.calibration.solving import PLACING_MM, Placement
from station.calibration.spots import FIVE, GRID, Spot
from station.conversions import Calibration, Records
from station.signal.model import F64, Plate

LIGHTEST_KG, HEAVIEST_KG = 5.0, 100.0
EMPTY_EVERY = 5  # placements, so that the drift between two looks at the empty plate is small
EMPTY_GATE_N = 15.0  # further from the last zero than this is a load: a resting foot is quiet too
STEP_S = 24.0  # to carry a mass, let it settle and read it
EMPTY_S = 8.0


class NotEmpty(Refusal):
    """The plate is still, but not where it was when it was last empty; a person may say that it is."""

    def __init__(self, away_n: float) -> None:
        super().__init__(
            f"{away_n:.0f} N more or less than when the plate was last empty (at most {EMPTY_GATE_N:g}):"
            " take everything off, feet too."
        )


@dataclass(frozen=True)
class Empty:
    """A step: nothing on the plate."""


@dataclass(frozen=True)
class Put:
    """A step: a mass on a spot."""

    mass_kg: float
    spot: Spot


Step = Empty | Put


def plan(masses_kg: Sequence[float], *, grid: bool) -> list[Step]:
    """Return the steps: every mass on the five spots, then on the rest of the grid if that is wanted."""
    steps = _with_empties([Put(mass, spot) for mass in masses_kg for spot in FIVE])
    return [Empty(), *steps, *(rest_of_grid(masses_kg) if grid else [])]


def rest_of_grid(masses_kg: Sequence[float]) -> list[Step]:
    """Return what is left after the five spots until each mass has stood twice on every spot of the grid."""
    rest = (*GRID[len(FIVE) :], *GRID)
    return _with_empties([Put(mass, spot) for mass in reversed(masses_kg) for spot in rest])


def _with_empties(puts: Sequence[Put]) -> list[Step]:
    """Return the placements with a look at the empty plate after every few of them, and at the end."""
    steps: list[Step] = []
    for number, put in enumerate(puts, start=1):
        steps.append(put)
        if number % EMPTY_EVERY == 0 or number == len(puts):
            steps.append(Empty())
    return steps


def check_masses(masses_kg: Sequence[float]) -> None:
    """Refuse masses that nobody should use.

    Raises
    ------
    Refusal : too light, too heavy, or one of them twice

    """
    if not all(LIGHTEST_KG <= mass <= HEAVIEST_KG for mass in masses_kg):
        raise Refusal(f"Use masses from {LIGHTEST_KG:g} to {HEAVIEST_KG:g} kg: gym plates will do.")
    if len(set(masses_kg)) < len(masses_kg):
        raise Refusal("A mass is named twice: name each once, with what it weighs.")


@dataclass(frozen=True)
class _Loaded:
    put: Put
    reading: Reading


class Procedure:
    """A calibration under way.

    Parameters
    ----------
    masses_kg : the known masses
    plate : where the cells are
    before : the calibration in force, for the size of a load while nothing better is known
    known_zero : whether its zero is that of this very plate
    grid : measure the whole grid instead of five spots
    placing_mm : how exactly the masses are put on their spots, SD

    """

    def __init__(
        self,
        masses_kg: Sequence[float],
        plate: Plate,
        before: Calibration,
        *,
        known_zero: bool = False,
        grid: bool = False,
        placing_mm: float = PLACING_MM,
    ) -> None:
        check_masses(masses_kg)
        self.masses_kg = tuple(masses_kg)
        self.plate = plate
        self.placing_mm = placing_mm
        self.steps = plan(masses_kg, grid=grid)
        self.done = 0
        self.empties: list[Reading] = []
        self._before = before
        self._last_zero: F64 | None = np.array(before.zero_count) if known_zero else None
        self._loaded: list[_Loaded] = []

    @property
    def step(self) -> Step | None:
        """What is to be done next; None when all is done."""
        return self.steps[self.done] if self.done < len(self.steps) else None

    @property
    def left_s(self) -> float:
        """About how long the rest takes."""
        return sum(EMPTY_S if isinstance(step, Empty) else STEP_S for step in self.steps[self.done :])

    def offer(self, records: Records, *, empty: bool = False) -> Reading:
        """Take what was measured for this step and go on; `empty` is a person's word that nothing lies there.

        Raises
        ------
        NotEmpty : it seems that something is on the plate; measure again, or say that it is empty
        WrongSpot : the step before has to be done again, and is next
        Wiring : all has to begin anew
        Refusal : this step has to be done again

        """
        step = self.step
        if step is None:
            raise Refusal("Nothing is left to measure.")
        found = self._empty(records, empty=empty) if isinstance(step, Empty) else self._put(records, step)
        self.done += 1
        self._check_so_far(step)
        return found

    def again(self, index: int) -> None:
        """Measure a placement anew, before all else that is left."""
        put = self._loaded.pop(index).put
        last = [Empty()] if self.step is None else []
        self.steps[self.done : self.done] = [put, *last]

    def redo(self) -> None:
        """Measure the newest placement anew; raises Refusal where there is none."""
        if not self._loaded:
            raise Refusal("No mass has been measured yet.")
        self.again(len(self._loaded) - 1)

    def more(self, spot: Spot, mass_kg: float) -> None:
        """Add one placement to what is left."""
        self.steps += [Put(mass_kg, spot), Empty()]

    def more_grid(self) -> None:
        """Add the rest of the grid to what is left."""
        self.steps += rest_of_grid(self.masses_kg)

    @property
    def zero_known(self) -> bool:
        """Whether anybody knows what the empty plate tells."""
        return bool(self.empties) or self._last_zero is not None

    @property
    def usable(self) -> bool:
        """Whether every mass has stood on the five spots."""
        done = {(one.put.mass_kg, one.put.spot) for one in self._loaded}
        return all((mass, spot) in done for mass in self.masses_kg for spot in FIVE)

    def away_n(self, mean: F64) -> float:
        """Return how far an empty plate is from when it was last empty, N over all cells."""
        zero = self.empties[-1].mean if self.empties else self._last_zero
        return 0.0 if zero is None else float(abs((mean - zero) @ np.array(self._before.newtons_per_count)))

    def placements(self) -> list[Placement]:
        """Return what was measured, the empty plate taken off by time between two looks at it."""
        times_s = [empty.t_s for empty in self.empties]
        zeros = np.array([empty.mean for empty in self.empties])
        found = []
        for one in self._loaded:
            zero = np.array([np.interp(one.reading.t_s, times_s, zeros[:, cell]) for cell in range(4)])
            counts = one.reading.mean - zero
            found.append(Placement(one.put.spot, one.put.mass_kg, counts, self.placing_mm))
        return found

    def readings(self) -> list[tuple[Put, Reading]]:
        """Return each placement's reading as it was, in the order of `placements`."""
        return [(one.put, one.reading) for one in self._loaded]

    def result(self) -> Fit:
        """Return the calibration.

        Raises
        ------
        WrongSpot : a placement contradicts all others; it is next
        Refusal : the masses contradict each other, or the placements do not tell the cells apart

        """
        return self.judged(solved(self.placements(), self.plate))

    def judged(self, found: Fit) -> Fit:
        """Return the calibration that `solved` made of the placements as they are; raises as `result`."""
        try:
            checks.check_fit(found, self.placements())
        except checks.WrongSpot as wrong:
            self.again(wrong.index)
            raise
        return found

    def _empty(self, records: Records, *, empty: bool) -> Reading:
        found = reading(records)
        away_n = self.away_n(found.mean)
        if away_n > EMPTY_GATE_N and not empty:
            raise NotEmpty(away_n)
        self.empties.append(found)
        return found

    def _put(self, records: Records, put: Put) -> Reading:
        empty = self.empties[-1]
        found = reading(records, empty)
        checks.check_weight(Placement(put.spot, put.mass_kg, found.mean - empty.mean))
        self._loaded.append(_Loaded(put, found))
        return found

    def _check_so_far(self, step: Step) -> None:
        """See whether what was just measured can be; what can't is measured again."""
        if isinstance(step, Empty) or len(self._loaded) < 4:
            return
        placements = self.placements()
        try:
            if len(placements) == 4:
                checks.check_corners(placements)
            # Gains are known from the first four on, so their places are looked at together.
            for index in range(0 if len(placements) == 4 else len(placements) - 1, len(placements)):
                checks.check_place(placements, self.plate, index)
        except checks.WrongSpot as wrong:
            self.again(wrong.index)
            raise


def solved(placements: Sequence[Placement], plate: Plate) -> Fit:
    """Return what the placements say, not judged yet; raises Refusal where they say nothing of the cells."""
    checks.check_alike(placements)
    return fitting.fit(placements, plate)
