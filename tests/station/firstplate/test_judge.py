"""What is said of wires, masses and taps, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from station.conversions import Calibration, Cell, Kind, Records, Status, empty_records
from station.firstplate import judge

ZERO = (10.0, 20.0, 30.0, 40.0)
# A half of one cell's force is told by its neighbour as well.
UNMIX = ((1.0, -0.5, 0.0, 0.0), (0.0, 1.5, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))


def above(**counts: float) -> np.ndarray:
    return np.array([counts.get(cell.word, 0.0) for cell in Cell])


def pressed(answers: dict[Cell, tuple[Cell, int]]) -> list[judge.Press]:
    return [judge.press(c, above(**{a.word: sign * 400_000.0})) for c, (a, sign) in answers.items()]


RIGHT = {cell: (cell, 1) for cell in Cell}
HL, HR, TL, TR = Cell


def test_right_wires_are_no_fault() -> None:
    assert judge.wiring(pressed(RIGHT)) == []


def test_three_in_a_circle_are_named_one_by_one() -> None:
    wrong = judge.wiring(pressed({**RIGHT, HL: (HR, 1), HR: (TL, 1), TL: (HL, 1)}))
    assert [text[: text.index(" cell")] for text in wrong] == [
        "Pressing heel-left, the heel-right",
        "Pressing heel-right, the toe-left",
        "Pressing toe-left, the heel-left",
    ]


def test_two_pairs_and_one_upside_down() -> None:
    wrong = judge.wiring(pressed({HL: (HR, 1), HR: (HL, -1), TL: (TR, 1), TR: (TL, 1)}))
    assert [text.split(":")[0] for text in wrong] == [
        "heel-left and heel-right are SWAPPED",
        "The heel-left cell feels DOWNWARDS",
        "toe-left and toe-right are SWAPPED",
    ]


def test_a_press_between_two_cells_is_no_answer() -> None:
    assert judge.press(HL, above(heel_left=300_000, heel_right=250_000)).answered is None
    assert judge.press(HL, above(heel_left=300_000, heel_right=150_000)).answered == HL
    assert judge.press(HL, above(heel_left=20_000)).answered is None
    assert judge.press(HL, np.full(4, np.nan)).answered is None


def test_a_mass_is_weighed_with_gains_and_unmixing() -> None:
    calibration = Calibration("x", "then", ZERO, (0.001, 0.001, 0.002, 0.002), UNMIX)
    found = judge.weighed(above(heel_left=50_000, heel_right=20_000, toe_left=15_000), 10.0, calibration)
    # (50 − 10) + 30 + 30 + 0 = 100 N, 70 of them on the heel.
    assert found["shown_n"] == pytest.approx(100.0)
    assert found["weight_n"] == pytest.approx(98.07)
    assert found["error_percent"] == pytest.approx(1.97)
    assert found["heel_share"] == pytest.approx(0.70)
    assert found["counts_per_kg"] == pytest.approx(8_500)
    assert found["heel_share_of_counts"] == pytest.approx(70 / 85, abs=1e-4)


def steady(counts: dict[int, np.ndarray], rate_hz: float = 80.0) -> Records:
    n = len(counts[0])
    records = empty_records(4 * n)
    for cell in range(4):
        records["t_ns"][cell::4] = np.arange(n) * 1e9 / rate_hz
        records["cell"][cell::4] = cell
        records["count"][cell::4] = counts[cell]
    records["kind"], records["status"] = Kind.CONVERSION, Status.OK
    return records


def test_a_tap_is_where_the_cell_that_felt_it_most_is_half_way_up() -> None:
    noise = np.random.default_rng(1).normal(0, 100, (4, 160)).round()
    counts = dict(enumerate(noise))
    counts[2] = counts[2] + np.where(np.arange(160) // 4 == 20, 50_000, 0)  # from conversion 80 on: 1.000 s
    counts[1] = counts[1] + np.where(np.arange(160) == 70, 20_000, 0)
    assert judge.tap_delay_ms(steady(counts), 900_000_000) == pytest.approx(100.0)
    assert judge.tap_delay_ms(steady(dict(enumerate(noise))), 900_000_000) is None
    assert judge.taps([10.0, None, 30.0]) == {"delays_ms": [10.0, None, 30.0], "median_ms": 20.0}
    assert judge.taps([None])["median_ms"] is None


def test_counts_alike_or_not() -> None:
    assert judge.compared(5, {"counted": 5}) == "you counted 5, the station 5."
    assert judge.compared(5, {"counted": 6}) == "you counted 5, the station 6: NOT ALIKE."
    assert judge.compared(None, {"counted": 6}) == "the station counted 6."
