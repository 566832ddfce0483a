"""One mass on four spots gives the gains of a plate whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from station.calibrate import guide, reading, solve
from station.conversions import Cell, Records, Status, empty_records
from station.errors import UserError

ZERO = np.array([12_000.0, -340_000.0, 95_000.0, 7.0])
GAIN_N = np.array([2.2e-4, 2.6e-4, 2.4e-4, 2.35e-4])  # N per count
WEIGHT_N = 20 * 9.80665
# How the mass over each cell is shared among the four: nobody puts it exactly.
SHARES = np.array([[0.9, 0.1, 0, 0], [0.15, 0.85, 0, 0], [0, 0, 0.8, 0.2], [0.02, 0, 0.1, 0.88]])


def conversions(force_n: np.ndarray, noise: float = 400.0, n: int = 150, seed: int = 1) -> Records:
    rng = np.random.default_rng(seed)
    records = empty_records(4 * n)
    records["cell"] = np.arange(4 * n) % 4
    counts = ZERO + force_n / GAIN_N
    records["count"] = np.rint(counts[records["cell"]] + rng.normal(0, noise, 4 * n))
    return records


def plate_under(shares: np.ndarray = SHARES, noise: float = 400.0) -> list[Records]:
    empty = [conversions(np.zeros(4), noise)]
    return empty + [conversions(WEIGHT_N * row, noise, seed=i) for i, row in enumerate(shares)]


def test_the_gains_come_out_however_exactly_the_mass_stands() -> None:
    empty, *loaded = [reading(records) for records in plate_under()]
    made = solve(empty, loaded, 20)
    assert np.allclose(made.newtons_per_count, GAIN_N, rtol=1e-3)
    assert np.allclose(made.zero_count, ZERO, atol=200)


def test_a_cell_wired_the_other_way_round_comes_out_negative_when_all_are() -> None:
    readings = plate_under()
    for records in readings:
        records["count"] = -records["count"]
    empty, *loaded = [reading(records) for records in readings]
    assert np.allclose(solve(empty, loaded, 20).newtons_per_count, -GAIN_N, rtol=1e-3)


def test_one_cell_the_wrong_way_round_is_named() -> None:
    readings = plate_under()
    for records in readings:
        mine = records["cell"] == Cell.TOE_LEFT
        records["count"][mine] = -records["count"][mine]
    empty, *loaded = [reading(records) for records in readings]
    with pytest.raises(UserError, match="toe-left cell counts backwards"):
        solve(empty, loaded, 20)


def test_four_times_the_same_spot_is_refused() -> None:
    same = np.tile([0.25, 0.25, 0.25, 0.25], (4, 1)) + 0.004 * np.eye(4)
    empty, *loaded = [reading(records) for records in plate_under(same)]
    with pytest.raises(UserError, match="too much alike"):
        solve(empty, loaded, 20)


def test_a_cell_that_feels_nothing_is_named() -> None:
    shares = SHARES.copy()
    shares[1] = [1, 0, 0, 0]
    empty, *loaded = [reading(records) for records in plate_under(shares)]
    with pytest.raises(UserError, match="heel-right cell hardly felt"):
        solve(empty, loaded, 20)


def test_unfit_readings_say_why() -> None:
    still = conversions(np.zeros(4))
    moved = conversions(np.zeros(4), noise=8_000)
    with pytest.raises(UserError, match="not still"):
        reading(moved)
    with pytest.raises(UserError, match="toe-right cell gives no data"):
        reading(still[still["cell"] != Cell.TOE_RIGHT])
    dead = still.copy()
    dead["status"][dead["cell"] == Cell.HEEL_LEFT] = Status.SUSPECT
    with pytest.raises(UserError, match="heel-left cell gives no data"):
        reading(dead)
    full = still.copy()
    full["count"][full["cell"] == Cell.TOE_LEFT] = 0x7FFFFF
    with pytest.raises(UserError, match="toe-left cell is at its end stop"):
        reading(full)


def test_one_corrupted_word_is_not_a_movement() -> None:
    records = conversions(np.zeros(4))
    records["count"][8] = 2**20 - 1
    assert np.allclose(reading(records).mean, ZERO, atol=200)


def test_the_guide_asks_again_until_the_plate_is_still() -> None:
    answers = plate_under()
    answers.insert(1, conversions(np.zeros(4), noise=8_000))
    asked: list[str] = []
    said: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return ""

    made = guide(lambda _: answers.pop(0), said.append, ask, 20)
    assert np.allclose(made.newtons_per_count, GAIN_N, rtol=1e-3)
    assert len(said) == 1
    assert "not still" in said[0]
    assert asked[1] == asked[2]
    assert "heel-left" in asked[1]


def test_a_mass_nobody_should_use_is_refused() -> None:
    with pytest.raises(UserError, match="5 to 100 kg"):
        guide(lambda _: empty_records(), print, input, 0.5)
