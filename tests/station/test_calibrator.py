"""Calibrating in a running station: one procedure at a time, no set meanwhile, what is kept and used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench import Bench
from desk import OLD, Desk
from plates import COUNTS_PER_N, ZERO, SimulatedPlate
from stream import GREETING, SOURCE

from station.calibrating import Status
from station.calibration.procedure import Empty, Put
from station.calibration.spots import FIVE
from station.door import CommandRefused
from station.errors import UserError
from station.library import Library
from station.session import UNCALIBRATED


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def under(status: Status) -> Any:
    assert status.under is not None
    return status.under


# --- from the masses to what is used ---


def test_a_result_is_kept_and_used_at_once_with_the_zero_of_the_plate(desk: Desk) -> None:
    desk.stream.plate = SimulatedPlate(np.eye(4))
    desk.begin()
    shown = under(desk.do_all())
    assert shown.step is None
    assert shown.result.now.right_mm > 0
    assert len(shown.result.record["placements"]) == 10
    status = desk.calibrator.keep(shown.turn)
    assert status.under is None
    assert "It is in use" in status.said
    made = desk.calibration
    assert made.id == "20261120T170500Z"
    assert np.array(made.newtons_per_count) * COUNTS_PER_N == pytest.approx(np.ones(4), rel=2e-3)
    assert desk.library.calibration() == made
    (kept,) = desk.calibrator.kept()
    assert (kept.id, kept.chips, kept.in_use) == (made.id, SOURCE.text, True)


def test_the_size_of_errors_and_gains_is_told_before_it_is_kept(desk: Desk) -> None:
    desk.stream.plate = SimulatedPlate(np.eye(4))
    desk.begin()
    result = under(desk.do_all()).result
    assert np.array(result.counts_per_n) / COUNTS_PER_N == pytest.approx(np.ones(4), rel=2e-3)
    assert result.residuals.force_percent < 0.2
    assert result.held_out.right_mm < 2.0
    assert result.one.right_mm < result.now.right_mm
    assert result.grid.right_mm < result.one.right_mm


def test_stopping_keeps_nothing_at_any_moment(desk: Desk) -> None:
    for steps in (0, 3, 13):
        desk.begin()
        desk.do_all(steps)
        status = desk.calibrator.stop()
        assert status.under is None
        assert "nothing was kept" in status.said
    assert desk.calibrator.kept() == []
    assert desk.calibration is OLD
    assert desk.calibrator.stop().under is None  # twice does no harm


def test_another_one_is_chosen_and_stays_chosen_until_the_next_is_made(desk: Desk) -> None:
    for name in ("first", "second"):
        desk.library.keep_calibration(replace(OLD, id=name))
    assert desk.library.calibration() == replace(OLD, id="second")
    desk.calibrator.use("first")
    assert desk.calibration.id == "first"
    assert Library(desk.library.folder).calibration() == replace(OLD, id="first")
    with pytest.raises(LookupError, match="third"):
        desk.calibrator.use("third")
    desk.library.keep_calibration(replace(OLD, id="third"))
    assert desk.library.calibration() == replace(OLD, id="third")


def test_a_simulated_plates_calibration_is_kept_and_never_a_real_ones(tmp_path: Path) -> None:
    simulated = replace(SOURCE, name="mock", simulated=True, calibration=replace(OLD, id="mock-7"))
    desk = Desk(tmp_path, source=simulated)
    desk.begin()
    status = desk.calibrator.keep(under(desk.do_all()).turn)
    assert "brings its own calibration" in status.said
    assert desk.calibration is OLD
    (kept,) = desk.calibrator.kept()
    assert kept.simulated
    assert desk.library.calibration() is None
    with pytest.raises(CommandRefused, match="brings its own"):
        desk.calibrator.use(kept.id)
    with pytest.raises(LookupError):
        desk.library.use_calibration(kept.id)


def test_a_verification_leaves_a_certificate_with_the_calibration(desk: Desk) -> None:
    right = replace(OLD, newtons_per_count=tuple((1 / COUNTS_PER_N).tolist()))  # type: ignore[arg-type]
    desk.library.keep_calibration(right, {"masses_kg": [10, 15]})
    desk.calibration = right
    desk.stream.plate = SimulatedPlate(np.eye(4))
    desk.stream.pass_s(0.5)
    with pytest.raises(LookupError, match="not verified"):
        desk.calibrator.certificate("old")
    desk.calibrator.begin_verifying(15, 3.0, "C3", 50.0)
    shown = under(desk.do_all())
    assert shown.verdict == "GOOD FOR RECORDS"
    made = Desk(desk.library.folder).calibrator.certificate(shown.certificate)  # another start of the station
    assert made.verdict == "GOOD FOR RECORDS"
    assert made.day == "2026-11-20 17:05 UTC"
    assert "C3, 50 kg" in made.cells
    assert any("NOT INDEPENDENT" in note for note in made.notes)
    assert desk.calibrator.kept()[0].verdict == "GOOD FOR RECORDS"
    assert desk.calibrator.stop().said == ""


def test_before_any_calibration_only_a_person_knows_the_zero_and_nothing_is_verified(tmp_path: Path) -> None:
    desk = Desk(tmp_path, UNCALIBRATED)
    with pytest.raises(CommandRefused, match="not calibrated yet"):
        desk.calibrator.begin_verifying(15, 3.0, "", 50.0)
    desk.calibrator.status()
    desk.stream.pass_s(1.0)
    assert desk.calibrator.status().plate.load_n is None
    desk.begin()
    desk.stream.pass_s(8.0)
    shown = under(desk.calibrator.status())
    assert shown.done == 0
    assert shown.asks_empty
    desk.calibrator.measure(shown.turn, empty=True)
    assert under(desk.do_all()).result is not None


# --- one at a time, for everybody ---


def test_every_tablet_sees_the_same_and_a_late_tap_does_nothing(desk: Desk) -> None:
    first = under(desk.begin())
    desk.do_all(3)
    seen = under(desk.calibrator.status())
    assert (seen.done, seen.step.mass_kg, seen.step.spot) == (3, 10, FIVE[2].word)
    assert [one.step.spot for one in seen.readings] == [None, "heel-left", "heel-right"]
    desk.calibrator.measure(first.turn, empty=False)
    assert under(desk.calibrator.status()).done == 3
    for command in (desk.calibrator.redo, desk.calibrator.keep):
        with pytest.raises(CommandRefused, match="gone on meanwhile"):
            command(first.turn)
    with pytest.raises(CommandRefused, match="under way already"):
        desk.begin()
    assert under(desk.calibrator.redo(seen.turn)).step.spot == FIVE[1].word


@pytest.mark.parametrize(
    ("masses", "words"), [((10, 10), "named twice"), ((2,), "from 5 to 100"), ((10, 900), "from 5 to 100")]
)
def test_masses_that_nobody_should_use(desk: Desk, masses: tuple[float, ...], words: str) -> None:
    with pytest.raises(UserError, match=words):
        desk.calibrator.begin(masses, grid=False, placing_mm=3.0)
    assert desk.calibrator.status().under is None


def test_nothing_begins_while_somebody_lifts(desk: Desk) -> None:
    desk.why_not = "The session of Ada is open: end it first."
    asked: list[Callable[[], Status]] = [
        desk.begin,
        lambda: desk.calibrator.begin_verifying(15, 3.0, "", 50.0),
        lambda: desk.calibrator.use("old"),
    ]
    for ask in asked:
        with pytest.raises(CommandRefused, match="session of Ada is open"):
            ask()
    assert desk.calibrator.status().why_not == desk.why_not
    desk.why_not = None
    desk.begin()
    turn = under(desk.do_all()).turn
    assert not desk.calibrator.under_way  # all is measured: somebody may lift before it is kept
    desk.why_not = "A set is running: end it first."
    for late in (desk.calibrator.keep, desk.calibrator.redo, lambda t: desk.calibrator.more(t, "one")):
        with pytest.raises(CommandRefused, match="set is running"):
            late(turn)
    desk.why_not = None
    desk.calibrator.more(turn, "grid")
    assert desk.calibrator.under_way


def test_what_is_left_alone_for_half_an_hour_ends(desk: Desk) -> None:
    desk.begin()
    desk.do_all(2)
    desk.stream.t_s += 1785.0
    desk.stream.pass_s(3.0)
    assert desk.calibrator.under_way
    desk.stream.t_s += 30.0
    desk.stream.pass_s(1.0)
    assert not desk.calibrator.under_way
    assert "half an hour" in desk.calibrator.status().said


def test_another_plate_ends_it(desk: Desk) -> None:
    desk.begin()
    desk.do_all(2)
    desk.calibrator.greet(replace(GREETING, run_id="c" * 32))  # the same one, started again
    assert desk.calibrator.under_way
    desk.calibrator.greet(replace(GREETING, source=replace(SOURCE, text="4 × HX711, another")))
    assert not desk.calibrator.under_way


# --- what is seen of the plate ---


def test_load_gates_and_drift_are_told_with_their_numbers(desk: Desk) -> None:
    desk.calibrator.status()
    desk.stream.pass_s(4.0)
    plate = desk.calibrator.status().plate
    assert [gate.word for gate in plate.gates] == ["load", "still", "noise"]
    assert all(gate.open for gate in plate.gates)
    assert plate.load_n == pytest.approx(0, abs=0.3)
    desk.stream.load_n = np.array([30.0, 0, 0, 0])
    desk.stream.pass_s(4.0)
    plate = desk.calibrator.status().plate
    load = plate.gates[0]
    assert (load.open, load.limit) == (False, 15.0)
    counts = desk.stream.plate.counts(desk.stream.load_n)
    assert load.value == pytest.approx(counts.sum() / 4385, abs=0.3)  # by the nominal gains in force
    noise = plate.gates[2]
    assert noise.value == pytest.approx(400 / 4385, rel=0.3)


def test_the_drift_is_that_of_the_zeros(desk: Desk) -> None:
    for minute in range(3):
        away = tuple(z + 4385 * 0.5 * minute for z in ZERO)  # each cell half a newton a minute
        desk.calibration = replace(OLD, zero_count=away)
        desk.stream.pass_s(60.0)
    desk.calibrator.status()
    desk.stream.pass_s(1.0)
    assert desk.calibrator.status().plate.drift_n_per_min == pytest.approx(2.0, rel=0.02)


def test_nobody_looks_and_nothing_is_worked_out(desk: Desk) -> None:
    desk.stream.pass_s(5.0)
    assert desk.calibrator._window.now_ns == 0
    desk.calibrator.status()
    desk.stream.pass_s(1.0)
    assert desk.calibrator._window.now_ns > 0


# --- the simulated helper ---


def test_the_helper_is_told_each_step_once_and_when_it_is_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path, source=replace(SOURCE, name="mock", simulated=True))
    assert [step for _, step in desk.orders] == [None]
    desk.begin()
    desk.do_all(3)
    assert [step for _, step in desk.orders[1:]] == [
        Empty(),
        Put(10, FIVE[0]),
        Put(10, FIVE[1]),
        Put(10, FIVE[2]),
    ]
    desk.calibrator.redo(under(desk.calibrator.status()).turn)
    assert desk.orders[-1][1] == Put(10, FIVE[1])
    desk.calibrator.stop()
    assert desk.orders[-1][1] is None
    assert [t for t, _ in desk.orders] == sorted(t for t, _ in desk.orders)


def test_on_a_real_plate_nobody_helps(desk: Desk) -> None:
    desk.begin()
    desk.do_all(2)
    assert desk.orders == []


# --- the session ---


def test_a_calibration_put_in_force_between_sessions_keeps_the_zero(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.meet()
    bench.pass_s(6.0)
    assert bench.session.zero_known
    zero, before = bench.session.calibration.zero_count, bench.session.calibration
    doubled = tuple(2 * gain for gain in before.newtons_per_count)
    heel_n = bench.shown().live.total_n
    bench.session.use(replace(before, id="twice", newtons_per_count=doubled, zero_count=(0.0,) * 4))  # type: ignore[arg-type]
    assert bench.session.calibration.id == "twice"
    assert bench.session.calibration.zero_count == zero
    bench.pass_s(0.5)
    assert bench.shown().live.total_n == pytest.approx(2 * heel_n, rel=0.5, abs=8)  # type: ignore[operator]
