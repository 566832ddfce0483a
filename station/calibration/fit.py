"""The calibration that the placements support, how far it can be trusted, and what one more would gain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from station.calibration import solving
from station.calibration.solving import OTHER_ERRORS, USUAL_MIXING, Estimate, Placement
from station.calibration.spots import GRID, Spot
from station.signal.model import F64, Plate

BETTER = 0.8  # what unmixing must leave of the held-out squares: else the gains alone are simpler and as good
LARGEST_CONDITION = 50.0  # beyond it the placements were too much alike


def _true_shares(heel: float, heel_lever: float, toe_lever: float) -> list[float]:
    toe = 1.0 - heel
    return [
        heel * (1 - heel_lever) / 2,
        heel * (1 + heel_lever) / 2,
        toe * (1 - toe_lever) / 2,
        toe * (1 + toe_lever) / 2,
    ]


# What a foot does: 30 to 80 % on the heel, its pressure up to a fifth of the way to a cell off the middle.
FEET = np.array(
    [_true_shares(heel, a, b) for heel in (0.3, 0.5, 0.8) for a in (-0.2, 0.0, 0.2) for b in (-0.2, 0.2)]
)


@dataclass(frozen=True)
class Errors:
    """Standard errors to be expected under a foot, the masses' own error apart."""

    force_share: float
    heel_share: float
    right_mm: float


@dataclass(frozen=True)
class Misses:
    """By how much placements are missed, shape (n,) each.

    force_share : measured less true weight, in parts of it
    heel_share : the same of the heel's share; nan across the split
    right_mm : where it stood by the forces, less where the spot is
    """

    force_share: F64
    heel_share: F64
    right_mm: F64


@dataclass(frozen=True)
class HeldOut:
    """Each placement as the others predict it; shape (n,), nan where the others can't.

    misfit : sum of squared residuals over the squares of the errors assumed
    force_sd, right_mm_sd : what was to be expected of `misses`, by the errors assumed
    """

    misses: Misses
    misfit: F64
    force_sd: F64
    right_mm_sd: F64

    @property
    def force_spread(self) -> float:
        """How much larger than assumed the errors of force turn out."""
        return _ratio(self.misses.force_share, self.force_sd)

    @property
    def right_spread(self) -> float:
        """How much larger than assumed the errors of place turn out."""
        return _ratio(self.misses.right_mm, self.right_mm_sd)


@dataclass(frozen=True)
class Fit:
    """A plate's calibration and what is known of its quality.

    newtons_per_count : shape (4,)
    unmix : shape (4, 4), or None where the placements do not support it
    standard_error : of the gains, in parts of each, shape (4,)
    residuals : of each placement, none left out
    held_out, plain : leave-one-out with unmixing, and with gains only
    """

    newtons_per_count: F64
    unmix: F64 | None
    standard_error: F64
    condition: float
    residuals: Misses
    held_out: HeldOut
    plain: HeldOut
    errors: Errors


def fit(placements: Sequence[Placement], plate: Plate) -> Fit:
    """Return the best calibration of the plate; which model, the held-out placements decide."""
    plain, full = (held_out(placements, plate, usual) for usual in (0.0, USUAL_MIXING))
    supported = bool(np.nansum(full.misfit) < BETTER * np.nansum(plain.misfit))
    gains = solving.gains(placements)
    gain = gains.rows[0]
    told = solving.shares(placements, gain)
    unmix = solving.matrix(_rows(placements, told, plate, USUAL_MIXING if supported else 0.0))
    return Fit(
        newtons_per_count=gain,
        unmix=unmix if supported else None,
        standard_error=full.force_spread * np.sqrt(np.diag(gains.covariance[0])) / np.abs(gain),
        condition=solving.condition(placements),
        residuals=misses(placements, told @ unmix.T, plate),
        held_out=full,
        plain=plain,
        errors=_expected(placements, plate, full),
    )


def held_out(placements: Sequence[Placement], plate: Plate, usual: float) -> HeldOut:
    """Return what the other placements say of each one, with unmixing or (`usual` 0) without."""
    n = len(placements)
    seen, misfit = np.full((n, 4), np.nan), np.full(n, np.nan)
    force_sd, right_mm_sd = np.full(n, np.nan), np.full(n, np.nan)
    for k, placement in enumerate(placements):
        others = [*placements[:k], *placements[k + 1 :]]
        if len(others) < 4 or solving.condition(others) > LARGEST_CONDITION:
            continue
        gains = solving.gains(others)
        told = solving.shares([placement], gains.rows[0])
        mixed = solving.unmixing(
            solving.equations(others, solving.shares(others, gains.rows[0]), plate), usual
        )
        seen[k] = solving.matrix(mixed.rows) @ told[0]
        misfit[k] = sum(
            float((((e.told @ row - e.target) / e.sigma) ** 2).sum())
            for e, row in zip(solving.equations([placement], told, plate), mixed.rows, strict=True)
        )
        force, _, right = _variances(gains, mixed, told / gains.rows[0], told, plate)
        force_sd[k] = np.hypot(np.sqrt(force[0]), OTHER_ERRORS)
        right_mm_sd[k] = np.hypot(np.sqrt(right[0]), placement.placing_mm)
    return HeldOut(misses(placements, seen, plate), misfit, force_sd, right_mm_sd)


def _rows(placements: Sequence[Placement], told: F64, plate: Plate, usual: float) -> F64:
    return solving.unmixing(solving.equations(placements, told, plate), usual).rows


def misses(placements: Sequence[Placement], seen: F64, plate: Plate) -> Misses:
    """Return by how much force, heel share and place are missed; `seen` are shares of shape (n, 4)."""
    heel_true = {"heel": 1.0, "toe": 0.0, "both": np.nan}
    heel = (seen[:, 0] + seen[:, 1]) / seen.sum(axis=1) - [heel_true[p.spot.half] for p in placements]
    right = solving.position_mm(seen, plate) - [p.spot.right_mm(plate) for p in placements]
    return Misses(seen.sum(axis=1) - 1.0, heel, right)


def _variances(
    gains: Estimate, mixed: Estimate, counts: F64, told: F64, plate: Plate
) -> tuple[F64, F64, F64]:
    """Return the variances of force, heel share and place (mm²) of loads (n, 4), as counts and as told."""
    force = np.einsum("ni,ij,nj->n", counts, gains.covariance[0], counts)
    heel, of_heel, of_toe = (np.einsum("ni,ij,nj->n", told, c, told) for c in mixed.covariance)
    right = of_heel * (plate.heel_spacing_mm / 2) ** 2 + of_toe * (plate.toe_spacing_mm / 2) ** 2
    return force, heel, right


def _expected(placements: Sequence[Placement], plate: Plate, seen: HeldOut) -> Errors:
    """Return what is to be expected under a foot, scaled by what held-out placements missed."""
    gains = solving.gains(placements)
    told = solving.shares(placements, gains.rows[0])
    mixed = solving.unmixing(solving.equations(placements, told, plate))
    force, heel, right = _variances(gains, mixed, FEET / gains.rows[0], FEET, plate)
    return Errors(seen.force_spread * _rms(force), _rms(heel), seen.right_spread * _rms(right))


def _ratio(missed: F64, expected: F64) -> float:
    known = ~np.isnan(missed)
    return float(np.sqrt(np.mean((missed[known] / expected[known]) ** 2))) if known.any() else 1.0


def _rms(variance: F64) -> float:
    return float(np.sqrt(np.mean(variance)))


@dataclass(frozen=True)
class Gain:
    """What one more placement would do."""

    spot: Spot
    errors: Errors


def further(placements: Sequence[Placement], plate: Plate, mass_kg: float) -> Gain:
    """Return the spot of the grid where one more placement of `mass_kg` gains most."""
    seen = held_out(placements, plate, USUAL_MIXING)
    found = [
        Gain(spot, _expected([*placements, imagine(spot, mass_kg, placements)], plate, seen)) for spot in GRID
    ]
    return min(found, key=lambda gain: gain.errors.right_mm)


def after_grid(placements: Sequence[Placement], plate: Plate, masses_kg: Sequence[float]) -> Errors:
    """Return what is to be expected once the grid has been done as well, every mass twice on every spot."""
    more = [imagine(s, m, placements) for m in dict.fromkeys(masses_kg) for s in GRID for _ in range(2)]
    return _expected([*placements, *more], plate, held_out(placements, plate, USUAL_MIXING))


def imagine(spot: Spot, mass_kg: float, placements: Sequence[Placement]) -> Placement:
    """Return a placement as it would come out on the plate that `placements` show."""
    gain = solving.gains(placements).rows[0]
    heel = {"heel": 1.0, "toe": 0.0, "both": 0.5}[spot.half]
    counts = np.array(_true_shares(heel, spot.lever, spot.lever)) / gain
    first = Placement(spot, mass_kg, counts, placements[0].placing_mm)
    return replace(first, counts=counts * first.weight_n)
