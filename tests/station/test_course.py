"""A procedure that reads by itself, on a virtual clock, against plates whose gains and mixing are known."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest
from plates import COUNTS_PER_N, PLATE, ZERO, G, SimulatedPlate, shares
from stream import NOTHING, Stream

from station.calibration import report
from station.calibration.course import CALM_S, Course, at_once
from station.calibration.procedure import Empty, Procedure, Put
from station.calibration.reading import Refusal
from station.calibration.spots import FIVE, GRID, MIDDLE
from station.calibration.verifying import Leave, Verification
from station.conversions import Calibration, Records, Status
from station.signal import calibration as core

BEFORE = Calibration("nominal", "", tuple(ZERO.tolist()), (1 / 4385,) * 4)  # type: ignore[arg-type]
RIGHT = Calibration("then", "2026-01-01", tuple(ZERO.tolist()), tuple((1 / COUNTS_PER_N).tolist()))  # type: ignore[arg-type]


def calibrating(
    plate: SimulatedPlate | None = None, *, known: bool = True, rate_hz: float = 80.0, **more: Any
) -> tuple[Course, Stream]:
    run = Procedure((10, 20), PLATE, BEFORE, known_zero=known, **more)
    course = Course(run, np.full(4, 1 / 4385), at_once)
    return course, Stream(course.take, plate, rate_hz)


def verifying(plate: SimulatedPlate | None = None) -> tuple[Course, Stream]:
    course = Course(Verification(15, PLATE, RIGHT), 1 / COUNTS_PER_N, at_once)
    return course, Stream(course.take, plate or SimulatedPlate(np.eye(4)))


# --- the whole way ---


@pytest.mark.parametrize(("rate_hz", "block_s"), [(10.0, 0.3), (80.0, 0.05), (320.0, 1.7)])
def test_it_leads_to_a_calibration_that_is_right_without_a_tap(rate_hz: float, block_s: float) -> None:
    course, stream = calibrating(rate_hz=rate_hz)
    stream.block_s = block_s
    stream.plate.drift = np.array([60.0, -30.0, 0.0, 45.0])
    stream.do_all(course.run, 13)
    assert course.done
    assert course.outcome is not None
    assert not [told.text for told in course.told if not told.well]
    assert isinstance(course.run, Procedure)
    made = report.calibration_of(course.outcome.fit, course.run.empties[-1].mean.tolist(), _day(), "")
    true_n = np.array([150.0, 60.0, 30.0, 80.0])
    seen_n = core.unmixed((stream.plate.counts(true_n) * made.newtons_per_count)[None, :], made)[0]
    assert seen_n.sum() == pytest.approx(320, rel=2e-3)
    assert seen_n[:2].sum() / seen_n.sum() == pytest.approx(210 / 320, abs=0.003)


def _day() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 1, 1, tzinfo=UTC)


def test_it_takes_the_same_readings_however_the_records_are_cut() -> None:
    taken = []
    for block_s in (0.02, 0.9):
        course, stream = calibrating()
        stream.block_s = block_s
        stream.do_all(course.run, 7)
        assert isinstance(course.run, Procedure)
        taken.append([(told.text, told.felt_n) for told in course.told])
    assert taken[0] == taken[1]
    assert len(taken[0]) == 7


def test_the_result_so_far_is_there_once_every_mass_has_stood_on_the_five_spots() -> None:
    course, stream = calibrating(grid=True)
    for n in range(12):
        assert course.outcome is None, n
        stream.do(course.run.step)
    assert course.outcome is not None
    before = course.outcome.fit.errors.right_mm
    stream.do_all(course.run, 5)
    assert not course.done
    assert course.outcome.fit.errors.right_mm < before


def test_more_can_be_measured_where_it_gains_most_or_the_whole_grid() -> None:
    course, stream = calibrating()
    with pytest.raises(Refusal, match="once the result is there"):
        course.more(grid=False)
    stream.do_all(course.run)
    assert course.outcome is not None
    asked = course.outcome.one.spot
    course.more(grid=False)
    assert course.run.step == Put(20, asked)
    stream.do_all(course.run)
    assert len(course.run.placements()) == 11  # type: ignore[union-attr]
    course.more(grid=True)
    left = [step for step in course.run.steps[course.run.done :] if isinstance(step, Put)]
    assert sorted((p.mass_kg, p.spot.word) for p in left) == sorted(
        (mass, spot.word) for mass in (10, 20) for spot in (*GRID, *GRID[5:])
    )


# --- what is read, and when ---


def test_a_mass_is_read_once_it_was_put_down_and_nothing_moved_for_three_seconds() -> None:
    course, stream = calibrating()
    stream.pass_s(CALM_S + 0.5)
    assert course.run.done == 1
    stream.pass_s(30.0)  # nothing lies there: nothing is read
    assert course.run.done == 1
    stream.mass(10, FIVE[0], seconds=2.7)
    assert course.run.done == 1
    stream.pass_s(1.0)
    assert course.run.done == 2
    stream.pass_s(30.0)  # it lies there still, and is not taken for the next one
    assert course.run.done == 2


def test_a_hand_on_the_mass_holds_the_reading_up() -> None:
    course, stream = calibrating()
    stream.do(course.run.step)
    stream.load_n = shares(FIVE[0]) * 10 * G
    for n in range(12):
        stream.load_n = shares(FIVE[0]) * (10 + 0.3 * (n % 2)) * G
        stream.pass_s(0.7)
    assert course.run.done == 1
    stream.pass_s(4.0)
    assert course.run.done == 2


def test_the_same_spot_again_is_another_reading_only_once_the_mass_was_lifted() -> None:
    course, stream = verifying()
    for _ in range(11):
        stream.do(course.run.step)
    assert [step == Put(15, MIDDLE) for step in course.run.steps[11:14]] == [True] * 3
    stream.mass(15, MIDDLE, seconds=60.0)
    assert course.run.done == 12
    stream.mass(15, MIDDLE)
    assert course.run.done == 13


def test_the_plate_counts_as_empty_within_15_newtons_of_the_last_zero() -> None:
    course, stream = calibrating()
    for load_n, done in ((17.5, 0), (14.0, 1)):  # by the nominal gains: counts / 4385
        stream.load_n = np.full(4, load_n / 4) * 4385 / COUNTS_PER_N
        stream.plate = SimulatedPlate(np.eye(4))
        stream.pass_s(6.0)
        assert course.run.done == done, load_n


def test_a_load_near_zero_is_asked_about_and_a_person_may_say_that_it_is_none() -> None:
    course, stream = calibrating()
    stream.load_n = np.array([30.0, 0, 0, 0])
    stream.pass_s(6.0)
    assert course.run.done == 0
    course.measure()
    assert course.not_empty
    assert "31 N more or less" in course.refusal or "30 N more or less" in course.refusal
    course.measure(empty=True)
    assert course.run.done == 1
    assert not course.not_empty
    assert course.refusal == ""


def test_where_no_zero_is_known_a_person_says_that_the_plate_is_empty() -> None:
    course, stream = calibrating(known=False)
    stream.pass_s(10.0)
    assert course.needs_word
    course.measure()
    assert course.run.done == 0
    course.measure(empty=True)
    assert course.run.done == 1
    assert not course.needs_word


def test_a_tap_measures_at_once_and_says_why_it_can_not() -> None:
    course, stream = calibrating()
    stream.do(course.run.step)
    stream.mass(10, FIVE[0], seconds=2.1)
    course.measure()
    assert course.run.done == 2
    stream.mass(10, FIVE[1], seconds=0.8)
    course.measure()
    assert course.run.done == 2
    assert "not still" in course.refusal or "settling" in course.refusal
    stream.pass_s(5.0)  # refused while it lay there: it is asked for again by a tap, or lifted
    assert course.run.done == 2
    course.measure()
    assert course.run.done == 3


def test_after_a_break_of_the_records_stillness_begins_anew() -> None:
    course, stream = calibrating()
    stream.pass_s(2.0)
    stream.t_s += 20.0  # the sampler was away
    stream.pass_s(2.0)
    assert course.run.done == 0
    stream.pass_s(2.0)
    assert course.run.done == 1


# --- what is refused ---


def refused(course: Course) -> str:
    assert course.told
    assert not course.told[-1].well
    return course.told[-1].text


def test_a_mass_on_the_wrong_spot_is_measured_again() -> None:
    course, stream = calibrating()
    stream.do_all(course.run, 6)
    assert course.run.step == Empty()
    stream.do_all(course.run, 1)
    stream.mass(20, FIVE[0], off_mm=45.0)
    assert "further right" in refused(course)
    assert course.run.step == Put(20, FIVE[0])
    stream.do(course.run.step)
    assert course.told[-1].well


def test_a_mass_too_light_is_told() -> None:
    course, stream = calibrating()
    stream.do(course.run.step)
    stream.mass(0.8, FIVE[0])
    assert "Hardly anything was felt on heel-left" in refused(course)
    assert course.run.done == 1


def test_swapped_cells_end_it_with_both_names() -> None:
    course, stream = calibrating()

    def swapped(records: Records) -> Records:
        cell = records["cell"].copy()
        records["cell"][cell == 0], records["cell"][cell == 2] = 2, 0
        return records

    course.run._last_zero = ZERO[[2, 1, 0, 3]]  # type: ignore[union-attr]
    stream.faulty = swapped
    stream.do_all(course.run, 5)
    assert "heel-left and toe-left cells are exchanged" in course.ended
    stream.do(course.run.step)
    assert len(course.told) == 5
    with pytest.raises(Refusal, match="exchanged"):
        course.redo()


@pytest.mark.parametrize(("what", "words"), [("dead", "gives no data"), ("full", "is at its end stop")])
def test_a_cell_that_tells_nothing_is_named_and_nothing_is_read(what: str, words: str) -> None:
    course, stream = calibrating()
    stream.do(course.run.step)

    def broken(records: Records) -> Records:
        mine = records["cell"] == 3
        if what == "dead":
            return records[~mine]
        records["count"][mine], records["status"][mine] = 0x7FFFFF, Status.SATURATED
        return records

    stream.faulty = broken
    stream.mass(10, FIVE[0], seconds=8.0)
    assert course.run.done == 1
    assert f"toe-right cell {words}" in course.window.wrong


def test_masses_that_contradict_each_other_end_it() -> None:
    course, stream = calibrating()
    while course.run.step is not None:
        step = course.run.step
        stream.do(step, 1.03 if isinstance(step, Put) and step.mass_kg == 20 else 1.0)
    assert "contradict each other" in course.ended
    assert course.outcome is None


def test_readings_that_can_not_be_solved_end_it_in_words() -> None:
    def failing(_work: object) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(np.linalg.LinAlgError("SVD did not converge"))
        return future

    course = Course(Procedure((10, 20), PLATE, BEFORE, known_zero=True), np.full(4, 1 / 4385), failing)
    Stream(course.take).do_all(course.run)
    assert "can't be solved" in course.ended
    assert course.outcome is None


def test_the_last_mass_is_done_again() -> None:
    course, stream = calibrating()
    with pytest.raises(Refusal, match="No mass"):
        course.redo()
    stream.do_all(course.run, 4)
    course.redo()
    assert course.run.step == Put(10, FIVE[2])
    stream.pass_s(10.0)  # it has to be lifted first
    assert course.run.step == Put(10, FIVE[2])
    stream.do_all(course.run)
    assert course.done
    assert [p.spot for p in course.run.placements()] == [*FIVE, *FIVE]  # type: ignore[union-attr]
    course.redo()
    assert course.outcome is None
    stream.do_all(course.run)
    assert course.outcome is not None


def test_every_turn_is_another() -> None:
    course, stream = calibrating()
    turns = [course.turn]
    for _ in range(3):
        stream.do(course.run.step)
        turns.append(course.turn)
    course.redo()
    turns.append(course.turn)
    assert turns == sorted(set(turns))


# --- verifying ---


def test_a_right_plate_is_good_for_records_and_the_mass_stays_five_minutes() -> None:
    course, stream = verifying()
    stream.patient = True
    stream.do_all(course.run)
    assert course.done
    assert isinstance(course.run, Verification)
    creeping = course.run.creeping
    assert creeping[-1].t_s - creeping[0].t_s == pytest.approx(300, abs=31)
    assert len(creeping) == 11
    values = {line.word: line.value for line in course.run.lines()}
    assert values["force"] < 0.15
    assert values["place"] < 0.3
    assert values["creep"] < 0.1


def test_a_mass_that_is_moved_meanwhile_begins_its_five_minutes_anew() -> None:
    course, stream = verifying()
    while not isinstance(course.run.step, Leave):
        stream.do(course.run.step)
    stream.mass(15, MIDDLE, seconds=200.0)
    assert course.left_s == pytest.approx(100 + 8, abs=10)
    stream.put(NOTHING, 5.0)
    assert "begin anew" in course.refusal
    assert isinstance(course.run, Verification)
    assert course.run.creeping == []
    stream.do(course.run.step)
    assert course.run.step == Empty()
    stream.do(course.run.step)
    assert course.done
    with pytest.raises(Refusal, match="begin again"):
        course.redo()


def test_the_last_mass_of_a_verification_is_done_again() -> None:
    course, stream = verifying()
    stream.do_all(course.run, 4)
    course.redo()
    assert course.run.step == Put(15, course.run.steps[3].spot)  # type: ignore[union-attr]
    stream.do_all(course.run)
    assert isinstance(course.run, Verification)
    assert len(course.run.placed) == 8
    assert len(course.run.repeated) == 3
