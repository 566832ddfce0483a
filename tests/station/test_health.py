"""Faults in plain words, and only those worth a sentence."""

from __future__ import annotations

import pytest

from station.conversions import Cell, Fault, Kind, Records, empty_records
from station.health import CellFaults, sentence

MS = 1_000_000


def conversions(start_ms: int, end_ms: int, cells: list[Cell]) -> Records:
    rows = [(t * MS, cell) for t in range(start_ms, end_ms, 12) for cell in cells]
    records = empty_records(len(rows))
    records["t_ns"] = [t for t, _ in rows]
    records["cell"] = [cell for _, cell in rows]
    return records


def fault(t_ms: int, cell: Cell, what: Fault) -> Records:
    records = empty_records(1)
    records["t_ns"], records["kind"], records["cell"], records["status"] = t_ms * MS, Kind.FAULT, cell, what
    return records


def test_all_well_is_silence() -> None:
    faults = CellFaults()
    faults.take(conversions(0, 3_000, list(Cell)))
    assert faults.sentences() == (None, None, None, None)


def test_a_cell_that_stops_is_named_after_a_second_and_forgotten_when_it_is_back() -> None:
    faults = CellFaults()
    faults.take(conversions(0, 1_000, list(Cell)))
    rest = [cell for cell in Cell if cell is not Cell.TOE_LEFT]
    faults.take(conversions(1_000, 1_900, rest))
    assert faults.sentences() == (None, None, None, None)
    faults.take(conversions(1_900, 2_200, rest))
    named = faults.sentences()
    assert named[Cell.TOE_LEFT] == sentence(Cell.TOE_LEFT, Fault.ABSENT)
    assert "toe-left" in str(named[Cell.TOE_LEFT])
    assert [named[cell] for cell in rest] == [None] * 3
    faults.take(conversions(2_200, 2_300, list(Cell)))
    assert faults.sentences()[Cell.TOE_LEFT] is None


def test_a_cell_that_never_spoke_is_named_too() -> None:
    faults = CellFaults()
    faults.take(conversions(0, 2_000, [Cell.HEEL_LEFT, Cell.HEEL_RIGHT, Cell.TOE_LEFT])[:3])
    faults.take(conversions(12, 2_000, [Cell.HEEL_LEFT, Cell.HEEL_RIGHT, Cell.TOE_LEFT]))
    assert "toe-right" in str(faults.sentences()[Cell.TOE_RIGHT])


def test_a_lasting_fault_is_told_while_it_lasts() -> None:
    faults = CellFaults()
    faults.take(fault(1_000, Cell.HEEL_LEFT, Fault.SATURATED_HIGH))
    assert faults.sentences()[0] == sentence(Cell.HEEL_LEFT, Fault.SATURATED_HIGH)
    faults.take(conversions(1_000, 2_700, list(Cell)))
    assert faults.sentences()[0] is None


def test_a_busy_moment_is_worth_a_sentence_only_when_it_goes_on() -> None:
    faults = CellFaults()
    for t_ms in (1_000, 1_100, 1_200, 1_300):
        faults.take(fault(t_ms, Cell.HEEL_LEFT, Fault.RESET))
    assert faults.sentences()[0] is None
    faults.take(fault(1_400, Cell.HEEL_LEFT, Fault.RESET))
    assert "keeps restarting" in str(faults.sentences()[0])


@pytest.mark.parametrize("what", list(Fault))
def test_every_fault_has_a_sentence_with_a_cure(what: Fault) -> None:
    assert sentence(Cell.HEEL_RIGHT, what).startswith("The heel-right cell ")
    assert ": " in sentence(Cell.HEEL_RIGHT, what)


def test_the_cure_names_the_cells_own_wire() -> None:
    pins = {"heel_left": (4, 17), "heel_right": (27, 22), "toe_left": (10, 9), "toe_right": (11, 5)}
    assert "yellow wire on pin 29 " in sentence(Cell.HEEL_LEFT, Fault.ABSENT)
    assert "blue wire on pin 31 " in sentence(Cell.HEEL_LEFT, Fault.DESYNC)
    assert "yellow wire on pin 13 " in sentence(Cell.HEEL_RIGHT, Fault.STUCK_LOW, pins)
    faults = CellFaults(pins)
    faults.take(fault(1_000, Cell.TOE_RIGHT, Fault.ABSENT))
    assert "pin 23 " in str(faults.sentences()[Cell.TOE_RIGHT])
