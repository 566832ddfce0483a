"""What makes a calibration impossible, each with the cell or the spot by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from station.calibration import fit as fitting
from station.calibration import solving
from station.calibration.fit import Fit
from station.calibration.reading import Refusal
from station.calibration.solving import Placement
from station.conversions import Cell
from station.health import name
from station.signal.model import F64, Plate

LIGHTEST_COUNTS = 40_000.0  # about 1 kg on 50 kg cells: less, and the mass was not on the plate
DEAD_SHARE = 0.05  # of a mass right above it: what a cell has to feel at least
WRONG_SPOT_MM = 25.0  # what the cells take from one another moves a mass by 6 mm at most
WRONG_HALF_SHARE = 0.2
CONTRADICTION = 0.01  # between two masses; a competition disc is within 0.25 % (IPF), a gym's 2 % off
ODD_ONE_OUT = 0.01  # of the weight, between one placement and all others


class WrongSpot(Refusal):
    """A placement that has to be measured again; `index` is its place among the placements."""

    def __init__(self, text: str, index: int) -> None:
        super().__init__(text)
        self.index = index


class Wiring(Refusal):
    """Something that no placement mends: after it, all begins anew."""


def check_weight(placement: Placement) -> None:
    """Refuse a placement that hardly weighs anything."""
    felt = float(np.abs(placement.counts).sum())
    if felt < LIGHTEST_COUNTS:
        cell = placement.spot.nearest
        dead = "" if cell is None else f" If it does stand there, check the {name(cell)} cell's wires."
        raise Refusal(
            f"Hardly anything was felt on {placement.spot.word} ({felt:.0f} counts; at least"
            f" {LIGHTEST_COUNTS:.0f}): put the mass on the spot, or take a heavier one.{dead}"
        )


def check_corners(placements: Sequence[Placement]) -> None:
    """Check the first four placements, one near each cell, before anything is known of the gains.

    Raises
    ------
    Wiring : a cell is dead, backwards, or exchanged with another
    WrongSpot : a mass stood elsewhere

    """
    order = sorted(range(4), key=lambda k: placements[k].spot.nearest or 0)
    told = np.array([placements[k].counts for k in order])
    felt = np.abs(told) / np.median(np.abs(told).sum(axis=1))  # row: spot, column: cell
    for cell in Cell:
        if felt[:, cell].max() < DEAD_SHARE:
            raise Wiring(
                f"The {name(cell)} cell hardly felt the mass anywhere: check its wires, and that the plate"
                " rests on it."
            )
    strongest = felt.argmax(axis=1)
    _check_exchanged(strongest)
    for cell, k in zip(Cell, order, strict=True):
        if strongest[cell] != cell:
            where = name(Cell(int(strongest[cell])))
            raise WrongSpot(
                f"The mass meant for {placements[k].spot.word} was felt most by the {where} cell:"
                " put it on its spot and measure again.",
                k,
            )
    _check_signs(np.sign(told[range(4), range(4)]))


def _check_exchanged(strongest: F64) -> None:
    if len(set(strongest.tolist())) < 4 or np.all(strongest == np.arange(4)):
        return
    pairs = [f"{name(cell)} tells of {name(Cell(int(strongest[cell])))}" for cell in Cell]
    wrong = [
        name(cell) for cell in Cell if strongest[cell] != cell and strongest[int(strongest[cell])] == cell
    ]
    if len(wrong) == 2:
        raise Wiring(f"The {wrong[0]} and {wrong[1]} cells are exchanged: swap their plugs, or their pins.")
    moved = [pair for pair, cell in zip(pairs, Cell, strict=True) if strongest[cell] != cell]
    raise Wiring(
        f"The cells are exchanged (the mass on {'; on '.join(moved)}): check which plug is whose, and that"
        " the plate lies with its toe half away from the bench."
    )


def _check_signs(signs: F64) -> None:
    """All four may count downwards, for that is only a sign; one alone is a swapped pair of wires."""
    down = [name(cell) for cell in Cell if signs[cell] < 0]
    up = [name(cell) for cell in Cell if signs[cell] > 0]
    wrong = down if len(down) <= 2 else up
    if wrong:
        plural = "cells count" if len(wrong) > 1 else "cell counts"
        raise Wiring(f"The {' and '.join(wrong)} {plural} backwards: swap the green and white wires.")


def check_place(placements: Sequence[Placement], plate: Plate, index: int) -> None:
    """Refuse a placement whose forces disagree with its spot; needs one near each cell."""
    gain = solving.gains(placements).rows[0]
    missed = fitting.misses(placements, solving.shares(placements, gain), plate)
    placement = placements[index]
    off_mm, heel = float(missed.right_mm[index]), float(missed.heel_share[index])
    told = solving.shares([placement], gain)[0]
    allowed_mm = max(WRONG_SPOT_MM, 3 * placement.placing_mm)
    if placement.spot.half == "both":
        on_heel = float((told[0] + told[1]) / told.sum())
        if not WRONG_HALF_SHARE / 2 < on_heel < 1 - WRONG_HALF_SHARE / 2:
            half = "heel" if on_heel > 0.5 else "toe"
            raise WrongSpot(f"The mass for the middle stands on the {half} half alone: put it across.", index)
    elif abs(heel) > WRONG_HALF_SHARE:
        raise WrongSpot(
            f"The mass for {placement.spot.word} stands {abs(heel):.0%} on the other half: put it on its"
            " spot, wholly on one half.",
            index,
        )
    if abs(off_mm) > allowed_mm:
        side = "right" if off_mm > 0 else "left"
        raise WrongSpot(
            f"The forces say that the mass for {placement.spot.word} stood {abs(off_mm):.0f} mm further"
            f" {side} (at most {allowed_mm:.0f} mm may be): put it on its spot and measure again.",
            index,
        )


def check_alike(placements: Sequence[Placement]) -> None:
    """Refuse placements that do not tell the cells apart."""
    if solving.condition(placements) > fitting.LARGEST_CONDITION:
        raise Refusal("The placements are too much alike: put the mass close to each cell in turn.")


def check_fit(fit: Fit, placements: Sequence[Placement]) -> None:
    """Refuse masses that contradict each other, and a placement that contradicts all others."""
    _check_masses(fit, placements)
    missed = np.nan_to_num(fit.held_out.misses.force_share)
    worst = int(np.argmax(np.abs(missed)))
    if abs(missed[worst]) > ODD_ONE_OUT:
        placement = placements[worst]
        raise WrongSpot(
            f"The {placement.mass_kg:g} kg on {placement.spot.word} weighs {missed[worst]:+.1%} against all"
            " others: see that neither it nor the plate touches anything, and measure it again.",
            worst,
        )


def _check_masses(fit: Fit, placements: Sequence[Placement]) -> None:
    masses = sorted({p.mass_kg for p in placements})
    each = [
        float(
            np.median(
                [r for r, p in zip(fit.residuals.force_share, placements, strict=True) if p.mass_kg == m]
            )
        )
        for m in masses
    ]
    apart = max(each) - min(each)
    if len(masses) < 2 or apart <= CONTRADICTION:
        return
    if len(masses) == 2:
        raise Refusal(
            f"The {masses[0]:g} kg and the {masses[1]:g} kg contradict each other by {apart:.1%}: weigh both,"
            " and begin again with what they really weigh."
        )
    odd = int(np.argmax(np.abs(np.array(each) - np.median(each))))
    raise Refusal(
        f"The {masses[odd]:g} kg contradicts the other masses by {abs(each[odd] - np.median(each)):.1%}:"
        " weigh it, and begin again with what it really weighs."
    )
