"""The guided calibration: one known mass on four spots gives the four gains.

Wherever the mass stands, the four forces add up to its weight. Four placements, each near
another cell, give four such sums, and so the four gains: it does not matter how exactly the
mass is placed, only that the placements differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from station.conversions import COUNT_MAX, COUNT_MIN, Calibration, Cell, Kind, Records, Status
from station.errors import UserError
from station.health import name
from station.signal.model import F64

STANDARD_GRAVITY = 9.80665  # m/s², ISO 80000-3; the local value differs by at most 0.3 %
READ_S = 2.0
FEWEST_CONVERSIONS = 10
STILL_COUNTS = 4_000  # about 1 N on a 50 kg cell: more, and something moved meanwhile
LIGHTEST_KG, HEAVIEST_KG = 5.0, 100.0
LARGEST_CONDITION = 50.0  # beyond it the placements were too much alike


@dataclass(frozen=True)
class Reading:
    """The four cells at rest: mean and range of their counts, shape (4,) each."""

    mean: F64
    spread: F64


def reading(records: Records) -> Reading:
    """Return what the cells say at rest.

    Raises
    ------
    UserError : a cell is dead or at its end stop, or something moved

    """
    ok = (records["kind"] == Kind.CONVERSION) & (records["status"] == Status.OK)
    means, spreads = np.zeros(4), np.zeros(4)
    for cell in Cell:
        counts = records["count"][ok & (records["cell"] == cell)]
        if len(counts) < FEWEST_CONVERSIONS:
            raise UserError(f"The {name(cell)} cell gives no data: check its plug and wires.")
        if np.any((counts <= COUNT_MIN) | (counts >= COUNT_MAX)):
            raise UserError(
                f"The {name(cell)} cell is at its end stop: take the load off and check its wires."
            )
        # The middle nine tenths, so that one corrupted word does not look like a movement.
        low, high = np.percentile(counts, [5, 95])
        means[cell], spreads[cell] = np.median(counts), high - low
        if spreads[cell] > STILL_COUNTS:
            raise UserError("The plate was not still: leave it alone while it is read, and try again.")
    return Reading(means, spreads)


def solve(empty: Reading, loaded: Sequence[Reading], mass_kg: float) -> Calibration:
    """Return the calibration that makes every placement weigh `mass_kg`.

    `loaded` has one reading per cell, with the mass near it.

    Raises
    ------
    UserError : the placements do not tell the cells apart, or a gain comes out impossible

    """
    deltas = np.array([placed.mean - empty.mean for placed in loaded])
    for cell in Cell:
        if abs(deltas[cell, cell]) < 5 * STILL_COUNTS:
            raise UserError(
                f"The {name(cell)} cell hardly felt the mass: put it over that cell, or check its wires."
            )
    if np.linalg.cond(deltas / np.abs(deltas).max()) > LARGEST_CONDITION:
        raise UserError("The four placements are too much alike: put the mass close to each cell in turn.")
    gains = np.linalg.solve(deltas, np.full(4, mass_kg * STANDARD_GRAVITY))
    if np.any(gains <= 0) and not np.all(gains < 0):
        wrong = [name(cell) for cell in Cell if gains[cell] <= 0]
        raise UserError(f"The {', '.join(wrong)} cell counts backwards: swap its green and white wires.")
    made = datetime.now(UTC)
    z, g = empty.mean.tolist(), gains.tolist()
    return Calibration(
        id=made.strftime("%Y%m%dT%H%M%SZ"),
        made=f"{made:%Y-%m-%d}, {mass_kg:g} kg on four spots",
        zero_count=(z[0], z[1], z[2], z[3]),
        newtons_per_count=(g[0], g[1], g[2], g[3]),
    )


def guide(
    read: Callable[[float], Records], say: Callable[[str], None], ask: Callable[[str], str], mass_kg: float
) -> Calibration:
    """Lead a person through the five readings; `read(seconds)` returns what came meanwhile.

    A reading that fails says why and is tried again.

    Raises
    ------
    UserError : the mass is unfit, or the readings do not make a calibration

    """
    if not LIGHTEST_KG <= mass_kg <= HEAVIEST_KG:
        raise UserError(f"Use a mass from {LIGHTEST_KG:g} to {HEAVIEST_KG:g} kg: gym plates will do.")
    empty = _read(read, say, ask, "Take everything off the plate")
    loaded = [_read(read, say, ask, f"Put the {mass_kg:g} kg over the {name(cell)} cell") for cell in Cell]
    return solve(empty, loaded, mass_kg)


def _read(
    read: Callable[[float], Records], say: Callable[[str], None], ask: Callable[[str], str], task: str
) -> Reading:
    while True:
        ask(f"{task}, let go, then press Enter: ")
        try:
            return reading(read(READ_S))
        except UserError as error:
            say(str(error))
