"""A calibration in words: its table, what it is good for, and the record that is kept with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from station.calibration import fit as fitting
from station.calibration.fit import Errors, Fit
from station.calibration.procedure import Procedure
from station.calibration.reading import Reading
from station.calibration.solving import Placement
from station.conversions import Calibration, Cell, Greeting, four
from station.health import name
from station.signal.model import F64

FORMAT = "heeldrive-calibration/1"


def calibration_of(fit: Fit, zero_count: Sequence[float], made: datetime, text: str) -> Calibration:
    """Return the calibration of a fit with the newest zero."""
    unmix = None if fit.unmix is None else [four(row) for row in fit.unmix]
    return Calibration(
        id=f"{made:%Y%m%dT%H%M%SZ}",
        made=f"{made:%Y-%m-%d}, {text}",
        zero_count=four(zero_count),
        newtons_per_count=four(fit.newtons_per_count),
        unmix=None if unmix is None else (unmix[0], unmix[1], unmix[2], unmix[3]),
    )


def finished(
    fit: Fit, procedure: Procedure, made: datetime, greeting: Greeting | None
) -> tuple[Calibration, dict[str, Any]]:
    """Return the calibration that is kept of a procedure, and its record."""
    masses = " and ".join(f"{mass:g}" for mass in procedure.masses_kg)
    text = f"{masses} kg, {len(procedure.placements())} placements"
    zero = procedure.empties[-1].mean.tolist()
    return calibration_of(fit, zero, made, text), record(fit, procedure, greeting)


def table(fit: Fit, placements: Sequence[Placement]) -> list[str]:
    """Return a line for each placement and for each cell."""
    lines = ["placement               force error       stands off     as the others predict it"]
    for k, placement in enumerate(placements):
        lines.append(
            f"{placement.mass_kg:6g} kg {placement.spot.word:<16}"
            f"{_percent(fit.residuals.force_share[k])}   {_mm(fit.residuals.right_mm[k])}"
            f"      {_percent(fit.held_out.misses.force_share[k])}   {_mm(fit.held_out.misses.right_mm[k])}"
        )
    lines.append("")
    for cell in Cell:
        per_newton = 1 / fit.newtons_per_count[cell]
        lines.append(
            f"{name(cell):<11}{per_newton:10.1f} counts/N, standard error {_plain(fit.standard_error[cell])}"
        )
    return [*lines, "", *verdict(fit)]


def verdict(fit: Fit) -> list[str]:
    """Return which model was chosen and why, and how far it can be trusted."""
    return [
        *model(fit),
        f"To be expected under a foot: {expected(fit.errors)}; the masses' own error comes on top.",
    ]


def model(fit: Fit) -> list[str]:
    """Return which model was chosen and why."""
    held, plain = (rms(seen.misses.right_mm) for seen in (fit.held_out, fit.plain))
    if math.isnan(held):
        chosen = (
            "The placements are too few to leave one out: gains only, and nothing tells how good they are."
        )
    elif fit.unmix is None:
        chosen = (
            f"Gains only: unmixing the cells would not predict a held-out placement better ({plain:.1f} mm"
            f" with gains, {held:.1f} mm with unmixing)."
        )
    else:
        chosen = (
            f"The cells are unmixed: a placement held out is then found within {held:.1f} mm instead of"
            f" {plain:.1f} (what one cell takes of another: up to {mixing(fit):.1%})."
        )
    return [
        chosen,
        f"How unlike the placements are: {fit.condition:.1f} (1 is best,"
        f" {fitting.LARGEST_CONDITION:g} too much alike).",
    ]


def mixing(fit: Fit) -> float:
    """Return the most that one cell takes of another's force, as unmixing undoes it."""
    if fit.unmix is None:
        return 0.0
    return float(np.abs(fit.unmix - np.diag(np.diag(fit.unmix))).max())


def expected(errors: Errors) -> str:
    """Return standard errors in a line."""
    return (
        f"force {_plain(errors.force_share)}, heel share {_points(errors.heel_share)},"
        f" left-right place {errors.right_mm:.1f} mm"
    )


def gain_lines(fit: Fit, placements: Sequence[Placement], procedure: Procedure) -> list[str]:
    """Return what one more placement, and what the whole grid, would gain."""
    mass_kg = max(procedure.masses_kg)
    one = fitting.further(placements, procedure.plate, mass_kg)
    grid = fitting.after_grid(placements, procedure.plate, procedure.masses_kg)
    return [
        f"One more placement, {mass_kg:g} kg on {one.spot.word}: left-right place {fit.errors.right_mm:.2f} →"
        f" {one.errors.right_mm:.2f} mm.",
        f"With the whole grid (--grid): {expected(grid)}.",
    ]


def record(fit: Fit, procedure: Procedure, greeting: Greeting | None) -> dict[str, Any]:
    """Return how a calibration was made, as JSON: enough to solve it again."""
    placements = procedure.placements()
    source = None if greeting is None else greeting.source
    return {
        "format": FORMAT,
        "masses_kg": list(procedure.masses_kg),
        "placing_mm": procedure.placing_mm,
        "heel_spacing_mm": procedure.plate.heel_spacing_mm,
        "toe_spacing_mm": procedure.plate.toe_spacing_mm,
        "chips": None if source is None else {"source": source.name, "text": source.text},
        "nominal_rate_hz": None if source is None else source.nominal_rate_hz,
        "simulated": None if source is None else source.simulated,
        "boot_id": None if greeting is None else greeting.boot_id,
        "run_id": None if greeting is None else greeting.run_id,
        "empty": [_reading(one) for one in procedure.empties],
        "placements": [
            {
                "spot": put.spot.word,
                "mass_kg": put.mass_kg,
                **_reading(one),
                "above_empty": list(placement.counts),
                "force_error": _known(fit.residuals.force_share[k]),
                "stands_off_mm": _known(fit.residuals.right_mm[k]),
                "held_out_force_error": _known(fit.held_out.misses.force_share[k]),
                "held_out_stands_off_mm": _known(fit.held_out.misses.right_mm[k]),
            }
            for k, ((put, one), placement) in enumerate(zip(procedure.readings(), placements, strict=True))
        ],
        "model": "gains" if fit.unmix is None else "gains and unmixing",
        "gain_standard_error": list(fit.standard_error),
        "condition": fit.condition,
        "expected": {
            "force_share": fit.errors.force_share,
            "heel_share": fit.errors.heel_share,
            "right_mm": fit.errors.right_mm,
        },
    }


def _reading(one: Reading) -> dict[str, Any]:
    return {
        "t_s": one.t_s,
        "mean": list(one.mean),
        "noise": list(one.noise),
        "wander": list(one.wander),
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _percent(share: float) -> str:
    return "      –  " if math.isnan(share) else f"{share:+8.2%} "


def _plain(share: float) -> str:
    return f"{share:.2%}"


def _points(share: float) -> str:
    return f"{100 * share:.2f} points"


def _mm(value: float) -> str:
    return "      –  " if math.isnan(value) else f"{value:+6.1f} mm"


def rms(values: F64) -> float:
    """Return the root of the mean square of what is known, nan where nothing is."""
    known = values[~np.isnan(values)]
    return float(np.sqrt(np.mean(known**2))) if len(known) else math.nan
