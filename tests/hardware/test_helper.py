"""The simulated helper: masses where they are told to lie, by the law of the lever, and nobody else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hardware.helper import Helper, Order
from hardware.mock import MockAdc
from hardware.nuisances import NONE

NS = 1_000_000_000
G = 9.80665


def forces_n(mock: MockAdc, until_s: float) -> np.ndarray:
    """Return the four forces of the newest second of `mock` up to then, by its chips' own truth."""
    records = mock.poll(int(until_s * NS))
    late = records[records["t_ns"] > (until_s - 1) * NS]
    told = [np.median(late["count"][late["cell"] == chip.cell]) for chip in mock.chips]
    return np.array(
        [(count - chip.zero_count) / chip.counts_per_n for count, chip in zip(told, mock.chips, strict=True)]
    )


@pytest.fixture
def told(tmp_path: Path) -> Path:
    return tmp_path / "told"


def a_mock(told: Path) -> MockAdc:
    return MockAdc(nuisances=NONE, seed=5, helper=Helper(told, 0, 5))


def test_a_mass_lies_where_it_was_told_to(told: Path) -> None:
    mock = a_mock(told)
    mock.poll(30 * NS)
    Order(30 * NS, 10.0, 1.0, -0.8).write(told)
    force_n = forces_n(mock, 36.0)
    assert force_n.sum() == pytest.approx(10 * G, rel=1e-4)
    # By hand: 0.1 of it on the right cell at lever −0.8; placed within 6 mm of 100.
    assert force_n / (10 * G) == pytest.approx([0.9, 0.1, 0, 0], abs=0.03)
    Order(36 * NS, 20.0, 0.5, 0.0).write(told)
    assert forces_n(mock, 38.0).sum() == pytest.approx(0, abs=0.01)  # it is being carried
    assert forces_n(mock, 42.0) / (20 * G) == pytest.approx([0.25] * 4, abs=0.03)
    Order(42 * NS, 0.0).write(told)
    assert forces_n(mock, 46.0) == pytest.approx(np.zeros(4), abs=0.01)


def test_the_athlete_steps_aside_and_comes_back(told: Path) -> None:
    alone, mock = MockAdc(nuisances=NONE, seed=5), a_mock(told)
    assert forces_n(mock, 30.0) == pytest.approx(forces_n(alone, 30.0))
    Order(30 * NS, 0.0).write(told)
    forces_n(mock, 50.0)
    Order(50 * NS).write(told)
    assert forces_n(mock, 60.0) == pytest.approx(forces_n(alone, 60.0))
    kept = [rep["lift_off_ns"] / NS for rep in mock.truth(60 * NS)]
    all_reps = [rep["lift_off_ns"] / NS for rep in alone.truth(60 * NS)]
    assert [t for t in all_reps if t < 26 or t > 54] == [t for t in kept if t < 26 or t > 54]
    assert not [t for t in kept if 30 < t < 54]
    assert [t for t in all_reps if 30 < t < 54]


def test_a_sampler_that_is_started_again_finds_the_mass_where_it_lies(told: Path) -> None:
    first = a_mock(told)
    first.poll(30 * NS)
    Order(30 * NS, 15.0, 0.0, 0.5).write(told)
    before = forces_n(first, 36.0)
    again = MockAdc(nuisances=NONE, seed=5, start_ns=40 * NS, helper=Helper(told, 0, 5))
    assert forces_n(again, 42.0) == pytest.approx(before, rel=1e-6)


def test_what_is_told_late_is_done_late_and_half_a_line_waits(told: Path) -> None:
    mock = a_mock(told)
    mock.poll(30 * NS)
    Order(30 * NS, 0.0).write(told)
    mock.poll(40 * NS)
    Order(33 * NS, 10.0, 0.5, 0.0).write(told)  # this should have lain there from 36.6 s on
    assert forces_n(mock, 41.5).sum() == pytest.approx(0, abs=0.01)
    assert forces_n(mock, 45.0).sum() == pytest.approx(10 * G, rel=1e-4)
    with told.open("a") as file:
        file.write("[4500")
    assert forces_n(mock, 47.0).sum() == pytest.approx(10 * G, rel=1e-4)
    with told.open("a") as file:
        file.write("0000000, 0.0, 0.5, 0.0]\n")
    assert forces_n(mock, 52.0).sum() == pytest.approx(0, abs=0.01)


def test_nobody_helps_without_a_word(told: Path) -> None:
    alone, mock = MockAdc(seed=5), a_mock(told)
    Order(5 * NS).write(told)  # "that is all" to nobody
    mock.nuisances = alone.nuisances
    assert forces_n(mock, 20.0).sum() == pytest.approx(forces_n(alone, 20.0).sum(), rel=0.2)
