"""A cell that carries too much is named; a burst of corrupted words is not a load."""

from __future__ import annotations

import numpy as np
import pytest

from station.conversions import COUNT_MAX, Calibration, Cell, Records, Status, empty_records
from station.overload import Overload

COUNTS_PER_KG, ZERO = 20_000, 5_000
CALIBRATION = Calibration("c", "c", (ZERO,) * 4, (9.80665 / COUNTS_PER_KG,) * 4)
STEP_NS = 12_500_000


def on(cell: Cell, loads_kg: list[float], start: int = 0) -> Records:
    records = empty_records(len(loads_kg))
    records["cell"] = cell
    records["t_ns"] = (start + np.arange(len(loads_kg))) * STEP_NS
    records["count"] = np.clip(ZERO + np.array(loads_kg) * COUNTS_PER_KG, None, COUNT_MAX)
    return records


@pytest.mark.parametrize("block", [1, 3, 100])
def test_who_stands_on_one_half_is_told_how_much_it_was(block: int) -> None:
    overload = Overload(50.0)
    records = on(Cell.HEEL_LEFT, [20.0] * 20 + [60.0] * 10 + [66.0] * 5 + [20.0] * 20)
    for start in range(0, len(records), block):
        overload.take(records[start : start + block], CALIBRATION)
    told = overload.sentences()
    assert "heel-left cell carried 66 kg and is made for 50" in str(told[Cell.HEEL_LEFT])
    assert told[1:] == (None, None, None)


def test_it_is_forgotten_after_a_while() -> None:
    overload = Overload(50.0)
    overload.take(on(Cell.TOE_LEFT, [70.0] * 8), CALIBRATION)
    overload.take(on(Cell.TOE_LEFT, [0.0] * 400, start=8), CALIBRATION)
    assert overload.sentences()[Cell.TOE_LEFT] is not None
    overload.take(on(Cell.TOE_LEFT, [0.0] * 500, start=408), CALIBRATION)
    assert overload.sentences() == (None,) * 4
    overload.take(on(Cell.TOE_LEFT, [55.0] * 8, start=908), CALIBRATION)
    assert "55 kg" in str(overload.sentences()[Cell.TOE_LEFT]), "not the worst of long ago"


def test_a_burst_of_four_corrupted_words_is_no_load() -> None:
    overload = Overload(50.0)
    overload.take(on(Cell.HEEL_RIGHT, [10.0] * 20 + [300.0] * 4 + [10.0] * 20 + [300.0] * 4), CALIBRATION)
    assert overload.sentences() == (None,) * 4


def test_pulling_counts_like_pushing_and_the_end_stop_like_a_load() -> None:
    overload = Overload(50.0)
    overload.take(on(Cell.HEEL_LEFT, [-70.0] * 6), CALIBRATION)
    stopped = on(Cell.TOE_RIGHT, [1e6] * 6)
    stopped["status"] = Status.SATURATED
    overload.take(stopped, CALIBRATION)
    assert [text is not None for text in overload.sentences()] == [True, False, False, True]


def test_an_unproven_frame_is_no_load() -> None:
    overload = Overload(50.0)
    records = on(Cell.HEEL_LEFT, [70.0] * 20)
    records["status"] = Status.SUSPECT
    overload.take(records, CALIBRATION)
    assert overload.sentences() == (None,) * 4


def test_without_a_known_capacity_nothing_is_claimed() -> None:
    overload = Overload(None)
    overload.take(on(Cell.HEEL_LEFT, [400.0] * 20), CALIBRATION)
    assert overload.sentences() == (None,) * 4
