"""A plate for the calibration's tests: cells whose gains, zeros and mixing are known, and what lies on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from station.calibration.solving import Placement
from station.calibration.spots import FIVE, Spot
from station.conversions import Records, Status, empty_records
from station.signal.model import Plate

G = 9.80665
PLATE = Plate(200.0, 160.0)
ZERO = np.array([12_000.0, -140_000.0, 95_000.0, 7.0])
COUNTS_PER_N = np.array([4_500.0, 3_800.0, 5_100.0, 4_300.0])
# What each cell (row) tells of the force on each cell (column).
MIXING = np.array(
    [
        [1.0, 0.02, -0.01, 0.03],
        [-0.03, 1.0, 0.015, 0.0],
        [0.01, -0.02, 1.0, 0.025],
        [0.0, 0.02, -0.03, 1.0],
    ]
)


def shares(spot: Spot, off_mm: float = 0.0) -> np.ndarray:
    """Return how the four cells share a mass on a spot, by the law of the lever."""
    heel, toe = (spot.lever + off_mm / (spacing / 2) for spacing in (200.0, 160.0))
    on_heel = {"heel": 1.0, "toe": 0.0, "both": 0.5}[spot.half]
    return (
        np.array(
            [on_heel * (1 - heel), on_heel * (1 + heel), (1 - on_heel) * (1 - toe), (1 - on_heel) * (1 + toe)]
        )
        / 2
    )


class SimulatedPlate:
    """Gives the records of a reading; time goes on by itself."""

    def __init__(self, mixing: np.ndarray = MIXING, gain: np.ndarray = COUNTS_PER_N, seed: int = 1) -> None:
        self.mixing, self.gain = mixing, gain
        self.rng = np.random.default_rng(seed)
        self.t_s = 100.0
        self.noise = 400.0
        self.drift = np.zeros(4)  # counts/s

    def counts(self, force_n: np.ndarray) -> np.ndarray:
        return self.gain * (self.mixing @ force_n)

    def read(self, force_n: Sequence[float] | np.ndarray = (0, 0, 0, 0), n: int = 160) -> Records:
        """Return two seconds of all four cells under forces (4,), N."""
        records = empty_records(4 * n)
        records["cell"] = np.arange(4 * n) % 4
        t_s = self.t_s + 2.0 * np.arange(4 * n) / (4 * n)
        records["t_ns"] = t_s * 1e9
        mean = ZERO + self.counts(np.asarray(force_n, float))
        drifted = mean[records["cell"]] + self.drift[records["cell"]] * (t_s - 100.0)
        records["count"] = np.rint(drifted + self.rng.normal(0, self.noise, 4 * n))
        records["status"] = Status.OK
        self.t_s += 20.0
        return records

    def placed(self, spot: Spot, mass_kg: float, off_mm: float = 0.0) -> Records:
        """Return the records of a mass on a spot, or `off_mm` right of it."""
        return self.read(shares(spot, off_mm) * mass_kg * G)

    def placement(self, spot: Spot, mass_kg: float, off_mm: float = 0.0) -> Placement:
        """Return the same without noise."""
        return Placement(spot, mass_kg, self.counts(shares(spot, off_mm) * mass_kg * G))


def placements(plate: SimulatedPlate, spots: Sequence[Spot] = FIVE, masses: Sequence[float] = (10, 20)):
    """Return exact placements of every mass on every spot."""
    return [plate.placement(spot, mass) for mass in masses for spot in spots]
