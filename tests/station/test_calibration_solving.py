"""The calibration's mathematics against plates whose truth is known, against hand and against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from plates import COUNTS_PER_N, MIXING, PLATE, G, SimulatedPlate, placements, shares

from station.calibration import fit as fitting
from station.calibration import solving
from station.calibration.solving import OTHER_ERRORS, USUAL_MIXING, Placement
from station.calibration.spots import FIVE, GRID, Spot


def test_four_placements_on_a_plate_without_mixing_by_hand() -> None:
    """10 kg wholly on each cell in turn weighs 98.0665 N there: the gain is weight over counts."""
    counts = np.array([441_299.25, 372_652.7, 500_139.15, 421_685.95])
    corners = [
        Placement(spot, 10, np.where(np.arange(4) == k, counts, 0.0))
        for k, spot in enumerate([Spot("a", "heel", -1), Spot("b", "heel", 1), Spot("c", "toe", -1), FIVE[3]])
    ]
    found = solving.gains(corners).rows[0]
    assert found == pytest.approx([1 / 4500, 1 / 3800, 1 / 5100, 1 / 4300], rel=1e-12)
    assert solving.condition(corners) == pytest.approx(1.0)


def test_gains_weigh_rightly_wherever_the_masses_stand() -> None:
    """The sum of the forces needs no places: with mixing, the gains take it up column by column."""
    plate = SimulatedPlate()
    rng = np.random.default_rng(3)
    loads = [
        Placement(s, m, plate.counts(shares(s, rng.uniform(-40, 40)) * m * G)) for m in (7, 19) for s in FIVE
    ]
    gain = solving.gains(loads).rows[0]
    # By hand: 1ᵀ M⁻¹ = the sums that undo gain and mixing.
    assert gain == pytest.approx(np.linalg.inv(np.diag(COUNTS_PER_N) @ MIXING).sum(axis=0), rel=1e-9)


def test_gains_are_least_squares_of_relative_errors() -> None:
    rng = np.random.default_rng(5)
    loads = [
        Placement(p.spot, p.mass_kg, p.counts * (1 + rng.normal(0, 0.003, 4)))
        for p in placements(SimulatedPlate())
    ]
    told = np.array([p.counts / (p.mass_kg * G) for p in loads])
    peer, *_ = np.linalg.lstsq(told, np.ones(len(told)), rcond=None)
    estimate = solving.gains(loads)
    assert estimate.rows[0] == pytest.approx(peer, rel=1e-9)
    assert estimate.covariance[0] == pytest.approx(np.linalg.inv(told.T @ told) * OTHER_ERRORS**2, rel=1e-6)


def test_unmixing_is_the_weighted_least_squares_with_what_is_usual() -> None:
    """The same sum of squares written out as rows of one system, solved by numpy."""
    loads = placements(SimulatedPlate(), GRID)
    told = solving.shares(loads, solving.gains(loads).rows[0])
    known = solving.equations(loads, told, PLATE)
    found = solving.unmixing(known)
    for which, nominal in enumerate([[1, 1, 0, 0], [-1, 1, 0, 0], [0, 0, -1, 1]]):
        e = known[which]
        left = np.vstack([e.told / e.sigma[:, None], np.eye(4) / USUAL_MIXING])
        right = np.concatenate([e.target / e.sigma, np.array(nominal) / USUAL_MIXING])
        peer, *_ = np.linalg.lstsq(left, right, rcond=None)
        assert found.rows[which] == pytest.approx(peer, abs=1e-9)
        assert found.covariance[which] == pytest.approx(np.linalg.inv(left.T @ left), rel=1e-6, abs=1e-12)


def test_every_column_of_the_unmixing_sums_to_one() -> None:
    fit = fitting.fit(placements(SimulatedPlate()), PLATE)
    assert fit.unmix is not None
    assert fit.unmix.sum(axis=0) == pytest.approx(np.ones(4), abs=1e-12)


def test_exact_masses_on_exact_spots_give_the_plate_back() -> None:
    plate = SimulatedPlate()
    loads = [
        Placement(p.spot, p.mass_kg, p.counts, placing_mm=0.001)
        for p in placements(plate, GRID * 2, (10, 20))
    ]
    fit = fitting.fit(loads, PLATE)
    assert fit.unmix is not None
    for true in (np.array([150.0, 60.0, 30.0, 80.0]), np.array([20.0, 10.0, 200.0, 240.0])):
        seen = fit.unmix @ (plate.counts(true) * fit.newtons_per_count)
        assert seen.sum() == pytest.approx(true.sum(), rel=1e-9)
        assert seen == pytest.approx(true, abs=0.002 * true.sum())


def test_a_plate_without_mixing_keeps_its_gains() -> None:
    rng = np.random.default_rng(11)
    plate = SimulatedPlate(np.eye(4))
    kept = 0
    for _ in range(20):
        loads = [plate.placement(s, m, rng.normal(0, 3)) for m in (10, 20) for s in FIVE]
        fit = fitting.fit(loads, PLATE)
        assert fit.newtons_per_count == pytest.approx(1 / COUNTS_PER_N, rel=1e-9)
        kept += fit.unmix is None
    assert kept >= 16  # the places are off at random: unmixing would only follow them


def test_mixing_is_found_although_the_places_are_off() -> None:
    rng = np.random.default_rng(12)
    plate = SimulatedPlate()
    for _ in range(10):
        loads = [plate.placement(s, m, rng.normal(0, 3)) for m in (10, 20) for s in FIVE]
        fit = fitting.fit(loads, PLATE)
        assert fit.unmix is not None
        true = np.array([120.0, 100.0, 40.0, 50.0])
        seen = fit.unmix @ (plate.counts(true) * fit.newtons_per_count)
        assert seen[:2].sum() / seen.sum() == pytest.approx(true[:2].sum() / true.sum(), abs=0.002)


def test_a_mass_across_the_split_tells_nothing_of_heel_and_toe() -> None:
    plate = SimulatedPlate()
    whole = placements(plate)
    told = solving.shares(whole, solving.gains(whole).rows[0])
    heel, *_ = solving.equations(whole, told, PLATE)
    assert len(heel.target) == 8  # of ten placements, two stand in the middle


def test_leaving_one_out_is_leaving_it_out() -> None:
    loads = placements(SimulatedPlate(), FIVE)
    loads[2] = Placement(loads[2].spot, loads[2].mass_kg, loads[2].counts * 1.004)
    found = fitting.held_out(loads, PLATE, 0.0).misses
    for k in range(len(loads)):
        others = loads[:k] + loads[k + 1 :]
        told = np.array([p.counts / (p.mass_kg * G) for p in others])
        peer, *_ = np.linalg.lstsq(told, np.ones(len(told)), rcond=None)
        own = loads[k].counts / (loads[k].mass_kg * G)
        assert found.force_share[k] == pytest.approx(own @ peer - 1, abs=1e-9)
    assert np.argmax(np.abs(found.force_share)) == 2


def test_four_placements_say_that_nothing_can_be_left_out() -> None:
    fit = fitting.fit(placements(SimulatedPlate(), FIVE[:4], (20,)), PLATE)
    assert fit.unmix is None
    assert np.all(np.isnan(fit.held_out.misses.right_mm))


def test_the_errors_foretold_are_those_that_come() -> None:
    """Over many plates of the assumed kind, the foretold error of place is the true one's RMS."""
    rng = np.random.default_rng(20)
    foretold, come = [], []
    for _ in range(60):
        mixing = np.eye(4) + rng.normal(0, 0.02, (4, 4)) * (1 - np.eye(4))
        plate = SimulatedPlate(mixing)
        loads = [plate.placement(s, m, rng.normal(0, 3)) for m in (10, 20) for s in FIVE]
        fit = fitting.fit(loads, PLATE)
        unmix = np.eye(4) if fit.unmix is None else fit.unmix
        seen = (fitting.FEET @ (mixing.T * COUNTS_PER_N)) * fit.newtons_per_count @ unmix.T
        off = solving.position_mm(seen, PLATE) - solving.position_mm(fitting.FEET, PLATE)
        foretold.append(fit.errors.right_mm)
        come.append(float(np.mean(off**2)))
    assert np.sqrt(np.mean(np.square(foretold))) == pytest.approx(np.sqrt(np.mean(come)), rel=0.35)


def test_more_placements_make_it_better_and_it_says_by_how_much() -> None:
    loads = placements(SimulatedPlate())
    loads = [Placement(p.spot, p.mass_kg, p.counts * 1.0005**k) for k, p in enumerate(loads)]
    now = fitting.fit(loads, PLATE).errors
    one = fitting.further(loads, PLATE, 20)
    grid = fitting.after_grid(loads, PLATE, (10, 20))
    assert grid.right_mm < one.errors.right_mm < now.right_mm
    assert one.spot in GRID
    # By hand: errors of place fall with the root of how many placements there are, the usual mixing apart.
    assert grid.right_mm / now.right_mm == pytest.approx(np.sqrt(10 / 54), rel=0.4)


def test_place_by_the_law_of_the_lever() -> None:
    assert solving.position_mm(np.array([0.25, 0.75, 0, 0]), PLATE) == pytest.approx(50.0)
    assert solving.position_mm(np.array([0, 0, 0.75, 0.25]), PLATE) == pytest.approx(-40.0)
    assert Spot("x", "toe", 0.5).right_mm(PLATE) == pytest.approx(40.0)
    assert Spot("x", "both", 0.5).right_mm(PLATE) == pytest.approx(45.0)
