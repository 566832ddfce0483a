"""From known masses on spots to gains and to what the cells take from one another. Pure mathematics.

Two steps. Wherever a mass stands, the four forces add up to its weight: placements near each cell give
the gains by least squares, and no place need be known. Where it stood gives the rest: a mass on the heel
half leaves the toe half empty, whatever the cells tell, and its place from side to side says how the two
cells of its half share it. That is a weighted least squares for the unmixing matrix; how exactly the
masses were placed is the weight, and "no more than a few per cent" is what is known beforehand.

All is in shares of the weight, so that masses of different size count alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.calibration.spots import Spot, half_spacing_mm
from station.signal.model import F64, Plate

STANDARD_GRAVITY = 9.80665  # m/s², ISO 80000-3; the local value differs by at most 0.3 %
USUAL_MIXING = 0.03  # SD of what one cell takes of another's force, before anything is measured
OTHER_ERRORS = 0.002  # of the weight: creep, drift, noise, where on a cell it stands; SD
PLACING_MM = 3.0  # how exactly a mass is put on a marked spot, SD
NEAR_MM = 20.0  # the same when it is only put near a cell

# What the unmixed shares of a plate say: heel, and left or right of each half; shape (3, 4).
NOMINAL = np.array([[1.0, 1.0, 0.0, 0.0], [-1.0, 1.0, 0.0, 0.0], [0.0, 0.0, -1.0, 1.0]])
WHOLE = np.ones(4)


@dataclass(frozen=True)
class Placement:
    """A known mass on a spot, and what the cells told of it, counts above the empty plate, shape (4,)."""

    spot: Spot
    mass_kg: float
    counts: F64
    placing_mm: float = PLACING_MM

    @property
    def weight_n(self) -> float:
        """Its weight, N."""
        return self.mass_kg * STANDARD_GRAVITY


@dataclass(frozen=True)
class Estimate:
    """Rows that are multiplied with what is told, and how sure each is.

    rows : shape (m, 4)
    covariance : shape (m, 4, 4), for the errors that were assumed
    """

    rows: F64
    covariance: F64


def design(placements: Sequence[Placement]) -> F64:
    """Return counts per newton of weight, shape (n, 4)."""
    return np.array([p.counts / p.weight_n for p in placements])


def gains(placements: Sequence[Placement]) -> Estimate:
    """Return newtons per count by least squares of relative errors: every placement is to weigh its mass."""
    told = design(placements)
    scale = np.abs(told).max(axis=0)  # columns of like size, so that the inverse is well-behaved
    inverse = np.linalg.pinv(told / scale)
    rows = (inverse @ np.ones(len(told))) / scale
    spread = (inverse / scale[:, None]) * OTHER_ERRORS
    return Estimate(rows[None, :], (spread @ spread.T)[None])


def condition(placements: Sequence[Placement]) -> float:
    """Return how unlike the placements are: 1 is best, 50 hardly tells the cells apart."""
    told = design(placements)
    return float(np.linalg.cond(told / np.maximum(np.abs(told).max(axis=0), 1e-12)))


def shares(placements: Sequence[Placement], newtons_per_count: F64) -> F64:
    """Return what the gains alone make of each placement, in parts of its weight, shape (n, 4)."""
    return design(placements) * newtons_per_count


@dataclass(frozen=True)
class Equations:
    """What is known of one row of the unmixing: ``told @ row = target`` within `sigma`, shape (n, …)."""

    told: F64
    target: F64
    sigma: F64


def equations(placements: Sequence[Placement], told: F64, plate: Plate) -> tuple[Equations, ...]:
    """Return what the placements say about heel, heel-right-less-left and toe-right-less-left."""
    rows: list[list[tuple[int, float, float]]] = [[], [], []]
    for n, placement in enumerate(placements):
        for which, target, sigma in _known(placement, told[n], plate):
            rows[which].append((n, target, sigma))
    return tuple(
        Equations(
            told[[n for n, _, _ in row]].reshape(-1, 4),
            np.array([target for _, target, _ in row]),
            np.array([sigma for _, _, sigma in row]),
        )
        for row in rows
    )


def _known(placement: Placement, told: F64, plate: Plate) -> list[tuple[int, float, float]]:
    spot = placement.spot
    heel_placed, toe_placed = (placement.placing_mm / half_spacing_mm(h, plate) for h in ("heel", "toe"))
    if spot.half == "heel":
        return [(0, 1.0, OTHER_ERRORS), (1, spot.lever, _both(heel_placed)), (2, 0.0, OTHER_ERRORS)]
    if spot.half == "toe":
        return [(0, 0.0, OTHER_ERRORS), (1, 0.0, OTHER_ERRORS), (2, spot.lever, _both(toe_placed))]
    # Across the split nobody knows how much each half carries, but each carries it at that place.
    heel = float(told[0] + told[1])
    return [
        (1, spot.lever * heel, _both(heel_placed * heel)),
        (2, spot.lever * (1 - heel), _both(toe_placed * (1 - heel))),
    ]


def _both(placed: float) -> float:
    return float(np.hypot(placed, OTHER_ERRORS))


def unmixing(known: Sequence[Equations], usual: float = USUAL_MIXING) -> Estimate:
    """Return the three rows that fit, shape (3, 4); `usual` 0 leaves the cells as they are."""
    if usual == 0:
        return Estimate(NOMINAL.copy(), np.zeros((3, 4, 4)))
    rows, covariance = NOMINAL.copy(), np.zeros((3, 4, 4))
    for which, equation in enumerate(known):
        weighted = equation.told / equation.sigma[:, None]
        covariance[which] = np.linalg.inv(weighted.T @ weighted + np.eye(4) / usual**2)
        left = (equation.target - equation.told @ NOMINAL[which]) / equation.sigma
        rows[which] += covariance[which] @ (weighted.T @ left)
    return Estimate(rows, covariance)


def matrix(rows: F64) -> F64:
    """Return the unmixing matrix, shape (4, 4), of the three rows: each of its columns sums to 1."""
    heel, heel_right, toe_right = rows
    toe = WHOLE - heel
    return np.array([heel - heel_right, heel + heel_right, toe - toe_right, toe + toe_right]) / 2


def position_mm(shares_of: F64, plate: Plate) -> F64:
    """Return how far to the right the weight stands, mm, for unmixed shares of shape (…, 4)."""
    heel = (shares_of[..., 1] - shares_of[..., 0]) * plate.heel_spacing_mm / 2
    toe = (shares_of[..., 3] - shares_of[..., 2]) * plate.toe_spacing_mm / 2
    return np.asarray((heel + toe) / shares_of.sum(axis=-1))
