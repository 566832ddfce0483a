"""What is noted while the station runs: each fault once, when it begins, with the overloads."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from station.bundle import LogTail
from station.config import Config
from station.conversions import Calibration, Cell, empty_records
from station.library import Library
from station.watchman import NO_SAMPLER, FourTexts, Watchman

WELL: FourTexts = (None,) * 4
CALIBRATION = Calibration("c", "c", (0.0,) * 4, (9.80665e-4,) * 4)  # 10 000 counts/kg


def watchman(tmp_path: Path) -> Watchman:
    config = Config(cell_capacity_kg=50.0)
    return Watchman(
        tmp_path / "no-socket",
        Library(tmp_path / "data"),
        config,
        LogTail(),
        lambda: ("2027-01-01T10:00:00Z", True),
    )


def carried(kg: float, start: int) -> np.ndarray:
    records = empty_records(10)
    records["cell"] = Cell.HEEL_RIGHT
    records["t_ns"] = (start + np.arange(10)) * 12_500_000
    records["count"] = kg * 10_000
    return records


def lately(one: Watchman) -> list[str]:
    return [told.text for told in one.check_up().lately]


def test_a_fault_is_logged_when_it_begins_and_not_while_it_lasts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = watchman(tmp_path)
    broken: FourTexts = ("It is broken: mend it.", None, None, None)
    with caplog.at_level(logging.WARNING):
        for now in (WELL, broken, broken, broken, WELL, WELL, broken):
            assert one.note(now) == now
    assert [record.getMessage() for record in caplog.records] == ["It is broken: mend it."] * 2
    assert lately(one) == ["It is broken: mend it."] * 2


def test_an_overload_stands_before_other_faults_and_is_told_once_while_it_grows(tmp_path: Path) -> None:
    one = watchman(tmp_path)
    for step, kg in enumerate((20.0, 60.0, 65.0, 80.0, 20.0)):
        one.take(carried(kg, 10 * step), CALIBRATION)
        told = one.note((None, "Something else.", None, None))[Cell.HEEL_RIGHT]
    assert "carried 80 kg and is made for 50" in str(told)
    first, second = lately(one)
    assert (first, "carried 60 kg" in second) == ("Something else.", True)
    assert any("carried 80 kg" in text for text in one.check_up().wrong)


def test_a_sampler_that_is_not_there_is_the_first_thing_to_mend(tmp_path: Path) -> None:
    checkup = watchman(tmp_path).check_up()
    assert checkup.wrong[0] == NO_SAMPLER
    assert checkup.cells == ()
