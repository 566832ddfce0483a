"""What a person is told at each step, on the terminal as on the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from station.calibration.procedure import Empty, Put
from station.calibration.reading import Reading
from station.calibration.verifying import CREEP_S, Leave
from station.conversions import Cell
from station.health import name
from station.signal.model import F64, Plate

HALVES = {"heel": "on the heel half", "toe": "on the toe half", "both": "across the split"}


def instruction(step: Empty | Put | Leave, plate: Plate) -> str:
    """Return what is to be done."""
    if isinstance(step, Empty):
        return "Take everything off the plate, feet too."
    if isinstance(step, Leave):
        stay = f"Leave it there, and the plate alone, for {CREEP_S / 60:g} minutes."
        return f"{instruction(step.put, plate)} {stay}"
    return f"{step.mass_kg:g} kg: {step.spot.word}, {where(step, plate)}."


def where(put: Put, plate: Plate) -> str:
    """Return on which half a mass is to be put, and where from side to side."""
    side_mm = put.spot.right_mm(plate)
    side = f"{abs(side_mm):.0f} mm {'right' if side_mm > 0 else 'left'} of the middle"
    return f"{HALVES[put.spot.half]}, {side if side_mm else 'in the middle'}"


def read(found: Reading, empties: Sequence[Reading], step: Empty | Put | Leave) -> str:
    """Return what was measured, with the numbers that were judged."""
    wander = f"moved {found.wander.max():.0f} counts"
    if not isinstance(step, Empty):
        return f"Read: {_each(found.mean - empties[-1].mean)} ({wander})."
    text = f"Empty and still ({wander}, noise {found.noise.max():.0f})."
    if len(empties) > 1:
        last, now = empties[-2:]
        minutes = max((now.t_s - last.t_s) / 60, 1e-9)
        text += f" Drift of the zero, counts a minute: {_each((now.mean - last.mean) / minutes)}."
    return text


def _each(values: F64) -> str:
    return "  ".join(f"{name(cell)} {np.round(values[cell]):+.0f}" for cell in Cell)
