"""What every reported number is called, its unit, and what it means: told once.

The JSON and CSV files, their metadata and the documentation all read this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from station.signal.model import BOUNDARIES, COURSE_PARTS

Needs = Literal["total", "halves", "plate"]


@dataclass(frozen=True)
class Number:
    """One reported number.

    digits : decimals in files
    needs : what must be known of the plate: the total, heel and toe apart, or where its cells are
    """

    name: str
    unit: str
    meaning: str
    digits: int
    needs: Needs = "total"


BOUNDARY_MEANINGS = {
    "push_start": "the force begins to rise from rest; none in the low turn between hover reps",
    "lift_off": "the load is on the foot: the hips leave the floor",
    "lockout_start": "the way up ends",
    "lockout_end": "the way down begins",
    "touchdown": "the hips reach the floor; between hover reps, the low turn begins",
    "rest": "the foot is unloaded again; in a touch, at its lightest; none between hover reps",
}

SPANS = (
    Number("up_s", "s", "the way up, lift_off to lockout_start", 6),
    Number("hold_s", "s", "the top, lockout_start to lockout_end", 6),
    Number("down_s", "s", "the way down, lockout_end to touchdown", 6),
)

MEASURES = (
    Number(
        "heel_share",
        "0…1",
        "heel impulse over whole impulse, lift_off to lockout_end (so weighted by force)",
        5,
        "halves",
    ),
    Number("peak_n", "N", "largest total, lift_off to touchdown", 3),
    Number("mean_n", "N", "mean total, lift_off to touchdown", 3),
    Number("plateau_n", "N", "median total of the hold", 3),
    Number(
        "impulse_n_s",
        "N s",
        "integral of the total from lift_off to touchdown: mean_n times that time",
        3,
    ),
    Number(
        "overshoot",
        "of plateau",
        "largest mean of 50 ms of the way up, over the plateau, less 1: how much swing was in the ascent",
        4,
    ),
    Number(
        "landing_n_per_s",
        "N/s",
        "steepest fall over 0.1 s, from 0.1 s before touchdown to rest; from 60 samples a second on",
        1,
    ),
    Number(
        "rfd_0_200_n_per_s",
        "N/s",
        "mean rise of the total over the first 200 ms from push_start; from 60 samples a second on, "
        "without a gap, and where push_start is known within 50 ms",
        1,
    ),
    Number("rfd_0_250_n_per_s", "N/s", "the same over 250 ms", 1),
    Number(
        "heel_lift_s",
        "s",
        "longest time off the floor with less than 5 % of the force on the heel",
        3,
        "halves",
    ),
    Number(
        "toe_lift_s",
        "s",
        "longest time off the floor with less than 5 % of the force on the toes",
        3,
        "halves",
    ),
    Number(
        "heel_share_sd",
        "0…1",
        "standard deviation of the heel share over the hold: sway front to back, as an estimate without mm",
        5,
        "halves",
    ),
    Number(
        "cop_ml_mm",
        "mm",
        "mean centre of pressure from the middle to the lying athlete's right, weighted by force, "
        "lift_off to lockout_end",
        2,
        "plate",
    ),
    Number(
        "sway_ml_mm",
        "mm",
        "standard deviation of the centre of pressure from side to side over the hold: "
        "sway of the foot, not of the pelvis",
        3,
        "plate",
    ),
    Number(
        "steadiness",
        "of plateau",
        "standard deviation of the total over the hold about its straight line: 0 is perfectly still",
        5,
    ),
    Number(
        "valid_fraction",
        "0…1",
        "share of the frames, lift_off to touchdown, in which all four cells are known",
        5,
    ),
)

COURSE = Number(
    "heel_share_course",
    "0…1",
    f"heel share of each of {COURSE_PARTS} equal parts of lift_off to touchdown",
    4,
    "halves",
)

SERIES = (
    Number("reps", "", "whole reps", 0),
    Number("time_under_tension_s", "s", "sum of lift_off to touchdown: the hips are off the floor", 3),
    Number("up_s", "s", "median of the reps", 3),
    Number("hold_s", "s", "median of the reps", 3),
    Number("down_s", "s", "median of the reps", 3),
    Number("heel_share", "0…1", "mean of the reps", 5, "halves"),
    Number("heel_share_spread", "0…1", "standard deviation between the reps", 5, "halves"),
    Number(
        "ascent_slowing",
        "of up_s",
        "mean up_s of the last third of the reps over that of the first third, less 1; from six reps on, "
        "whose lockout_start is known",
        4,
    ),
    Number(
        "rhythm_cv",
        "of the period",
        "standard deviation of the times from one lift_off to the next, over their mean; from four on",
        4,
    ),
)

WORDS = {
    "style": "what follows the rep: dead_stop (the hips rest), touch (they touch), hover (they do not)",
    "confidence": "measured, or estimated where the force shows too little to be sure",
    "complete": "false for a rep cut by an edge of the data: listed, never counted",
}
UNCERTAINTY = Number(
    "uncertainty_s", "s", "half width of the 90 % interval of each boundary; none where it can't be told", 4
)


def by_name(numbers: tuple[Number, ...]) -> dict[str, str]:
    """Return name → unit and meaning, for a file's metadata."""
    return {number.name: f"{number.unit}, {number.meaning}".removeprefix(", ") for number in numbers}


def boundaries_by_name() -> dict[str, str]:
    """Return name → meaning of each boundary's time."""
    return {f"{name}_s": f"s, {BOUNDARY_MEANINGS[name]}" for name in BOUNDARIES}
