"""What the four cells say while nothing moves, and why a reading is refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.conversions import COUNT_MAX, COUNT_MIN, Cell, Kind, Records, Status
from station.errors import UserError
from station.health import name
from station.signal.model import F64

READ_S = 2.0
FEWEST_CONVERSIONS = 10
SLICES = 5  # of a reading: their medians show what moved meanwhile
# About half a newton on a 50 kg cell of 1 mV/V: what an empty plate may do in two seconds.
STILL_COUNTS = 2_000.0
STILL_SHARE = 0.004  # of the load: more than that and it is not the cells' creep
MOST_NOISE_COUNTS = 4_000.0  # about 1 N rms on such a cell, ten times what the chip itself makes
NOISE_FACTOR = 6.0  # by which the median of a slice may stray for the converter's noise alone
# A load that settles goes one way: this part of the whole change at least is between first and last slice.
ONE_WAY = 0.9


class Refusal(UserError):
    """A reading or a calibration that can't be used; the text says what to do, then it can be tried again."""


@dataclass(frozen=True)
class Reading:
    """The four cells at rest, shape (4,) each, counts.

    mean : the median of a cell's counts
    noise : standard deviation from one conversion to the next
    wander : how far the load moved meanwhile, noise apart
    t_s : the middle of the reading, on the sampler's clock
    """

    mean: F64
    noise: F64
    wander: F64
    t_s: float


@dataclass(frozen=True)
class Sight:
    """What the cells say, still or not; `slices` (4, SLICES) are medians, `fewest` conversions of a cell."""

    reading: Reading
    slices: F64
    fewest: int

    def allowed(self, load: Reading | None = None) -> F64:
        """Return how far the load may move and is still, shape (4,), counts; `load` as of `reading`."""
        found = self.reading
        felt = 0.0 if load is None else float(np.abs(found.mean - load.mean).sum())
        noise = stray(found.noise, self.fewest / SLICES)
        return np.asarray(np.maximum(max(STILL_COUNTS, STILL_SHARE * felt), noise))

    def check_still(self, load: Reading | None = None) -> None:
        """Refuse what is not still, with the worst cell by name."""
        found, allowed = self.reading, self.allowed(load)
        loudest = int(np.argmax(found.noise))
        if found.noise[loudest] > MOST_NOISE_COUNTS:
            raise Refusal(
                f"The {name(Cell(loudest))} cell trembles ({found.noise[loudest]:.0f} counts; at most"
                f" {MOST_NOISE_COUNTS:.0f}): stop what shakes the floor, or check its cable and shield."
            )
        worst = int(np.argmax(found.wander - allowed))
        if found.wander[worst] <= allowed[worst]:
            return
        cell, shown = name(Cell(worst)), f"{found.wander[worst]:.0f} counts in {READ_S:g} s"
        most, slices = f"at most {allowed[worst]:.0f} are still", self.slices[worst]
        one_way = abs(slices[-1] - slices[0]) >= ONE_WAY * found.wander[worst]
        steps = np.diff(slices) * np.sign(slices[-1] - slices[0])
        if one_way and np.all(steps > -found.noise[worst]):
            raise Refusal(
                f"The {cell} cell is still settling ({shown}; {most}): wait a moment, then measure again."
            )
        raise Refusal(
            f"The plate was not still: the {cell} cell moved {shown} ({most}). Leave it alone meanwhile."
        )


def stray(noise: F64, n: float) -> F64:
    """Return how far the median of `n` conversions may stray for the converter's noise alone, counts."""
    return np.asarray(NOISE_FACTOR * noise * 1.2533 / np.sqrt(n))  # 1.2533 = √(π/2), for a median


def reading(records: Records, load: Reading | None = None) -> Reading:
    """Return what the cells say at rest.

    `load` is the empty plate where a mass is being read: then a little creep is allowed, by its size.

    Raises
    ------
    Refusal : a cell is dead or at its end stop, or something moved

    """
    sight = seen(records)
    sight.check_still(load)
    return sight.reading


def seen(records: Records) -> Sight:
    """Return what the cells say, moving or not.

    Raises
    ------
    Refusal : a cell is dead or at its end stop

    """
    conversions = records[records["kind"] == Kind.CONVERSION]
    cells = [_cell_counts(conversions, cell) for cell in Cell]
    slices = np.array([[np.median(part) for part in np.array_split(counts, SLICES)] for counts in cells])
    noise = np.array([noise_of(counts) for counts in cells])
    mean = np.array([float(np.median(counts)) for counts in cells])
    # A trembling too quick for the slices shows in the middle nine tenths: 3.3 SD of them are noise alone.
    quick = np.array([np.ptp(np.percentile(counts, [5, 95])) for counts in cells]) - 4.0 * noise
    wander = np.maximum(np.ptp(slices, axis=1), quick)
    found = Reading(mean, noise, wander, float(np.median(conversions["t_ns"])) / 1e9)
    return Sight(found, slices, min(map(len, cells)))


def _cell_counts(conversions: Records, cell: Cell) -> F64:
    mine = conversions[conversions["cell"] == cell]
    ended = mine["status"] == Status.SATURATED
    good = mine["status"] == Status.OK
    counts = mine["count"][good].astype(np.float64)
    at_end = int(ended.sum()) + int(((counts <= COUNT_MIN) | (counts >= COUNT_MAX)).sum())
    if at_end > 0.05 * max(len(mine), 1):  # a corrupted word or two look like that as well
        raise Refusal(f"The {name(cell)} cell is at its end stop: take the load off and check its wires.")
    if len(counts) < FEWEST_CONVERSIONS:
        raise Refusal(f"The {name(cell)} cell gives no data: check its plug and wires.")
    return np.asarray(counts)


def noise_of(counts: F64) -> float:
    """Return the standard deviation between neighbours, blind to slow changes and to corrupted words."""
    return float(np.median(np.abs(np.diff(counts)))) / 0.6745 / 2**0.5
