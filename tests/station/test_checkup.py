"""The check-up against chips whose rate, noise, losses and faults are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from station.checkup import Checkup, Told, check_up
from station.conversions import Calibration, Cell, Fault, Kind, Records, SourceInfo, Status, empty_records
from station.doctor import as_text
from station.machine import Machine

RATE_HZ, SECONDS, NOISE = 92.0, 10.0, 120.0
SOURCE = SourceInfo("gpio", 80.0, False, 0.0, None, "4 chips on 4 clocks")
WELL = Machine(None, "Debian", 48.0, 0, 9_000_000_000, True, 60.0, {"heeldrive": "0.1.0"})


def chips(rates_hz: dict[Cell, float] | None = None, seed: int = 1) -> Records:
    """Return ten seconds of four chips on clocks of their own, a slow load among the noise."""
    parts = []
    for cell in Cell:
        rate_hz = (rates_hz or {}).get(cell, RATE_HZ)
        n = int(SECONDS * rate_hz)
        rows = empty_records(n)
        t_s = np.arange(n) / rate_hz
        rows["t_ns"] = (t_s * 1e9).astype(np.int64)
        rows["cell"] = cell
        load = 200_000 * np.sin(2 * np.pi * 0.3 * t_s)
        rows["count"] = load + np.random.default_rng([seed, cell]).normal(0, NOISE, n)
        parts.append(rows)
    records = np.concatenate(parts)
    return records[np.argsort(records["t_ns"], kind="stable")]


def looked(records: Records, machine: Machine = WELL, **more: object) -> Checkup:
    return check_up(SOURCE, (), records, machine, **more)  # type: ignore[arg-type]


def test_good_chips_are_told_as_they_are() -> None:
    gain = 2.0e-4
    calibration = Calibration("c", "c", (0.0,) * 4, (gain,) * 4)
    checkup = looked(chips(), calibration=calibration)
    assert checkup.wrong == ()
    for cell in checkup.cells:
        assert cell.rate_hz == pytest.approx(RATE_HZ, rel=0.001)
        assert cell.noise_counts == pytest.approx(NOISE, rel=0.15), "the load is no noise"
        assert cell.noise_n == pytest.approx(NOISE * gain, rel=0.15)
        assert (cell.missed, cell.rejected, cell.saturated) == (0, 0, 0)
        assert cell.kept == int(SECONDS * RATE_HZ)
    assert [(cell.dout_pin, cell.sck_pin) for cell in checkup.cells] == [
        (29, 31),
        (33, 35),
        (36, 38),
        (40, 37),
    ]
    assert checkup.looked_s == pytest.approx(SECONDS, abs=0.05)
    assert as_text(checkup).endswith("All is well.")


def test_what_is_lost_and_what_is_refused_is_counted() -> None:
    records = chips()
    of_toe = np.flatnonzero(records["cell"] == Cell.TOE_LEFT)
    records["status"][of_toe[[50, 51, 300]]] = Status.SUSPECT
    records["status"][of_toe[400]] = Status.SATURATED
    keep = np.ones(len(records), bool)
    keep[of_toe[[100, 200, 201]]] = False
    cell = looked(records[keep]).cells[Cell.TOE_LEFT]
    assert (cell.rejected, cell.saturated) == (4, 1)
    assert cell.missed == 3 + 4, "neither lost nor refused ones have a true value"


def test_a_silent_cell_is_named_with_its_wire_and_pin() -> None:
    records = chips()
    checkup = looked(records[records["cell"] != Cell.HEEL_LEFT])
    assert checkup.wrong == (
        "The heel-left cell gives no data: check the yellow wire on pin 29 or its plug.",
    )
    assert "no data" in as_text(checkup)


def test_another_wiring_is_told_by_its_own_pins() -> None:
    records = chips()
    pins = {"heel_left": (4, 17), "heel_right": (27, 22), "toe_left": (10, 9), "toe_right": (11, 5)}
    (told,) = looked(records[records["cell"] != Cell.TOE_RIGHT], pins=pins).wrong
    assert "pin 23 " in told


@pytest.mark.parametrize(("rate_hz", "fits"), [(10.0, False), (70.0, True), (94.0, True), (320.0, False)])
def test_a_rate_that_is_not_the_configured_one_is_wrong(rate_hz: float, fits: bool) -> None:
    checkup = looked(chips({Cell.HEEL_RIGHT: rate_hz}))
    told = [("RATE pin" in text, "heel-right" in text) for text in checkup.wrong]
    assert told == ([] if fits else [(True, True)])


def test_a_chip_that_repeats_itself_is_wrong() -> None:
    records = chips()
    records["count"][records["cell"] == Cell.TOE_RIGHT] = 77
    (told,) = looked(records).wrong
    assert told.startswith("The toe-right cell says the same")


def test_a_fault_that_lasts_is_told_once_and_before_its_consequences() -> None:
    records = chips({Cell.HEEL_LEFT: 10.0})
    fault = empty_records(5)  # a chip tells what goes on ten times a second
    fault["t_ns"] = records["t_ns"].max() - np.arange(5)[::-1] * 100_000_000
    fault["kind"], fault["cell"], fault["status"] = Kind.FAULT, Cell.HEEL_LEFT, Fault.WRONG_RATE
    (told,) = looked(np.concatenate([records, fault])).wrong
    assert "another rate than configured" in told


def test_the_machine_and_what_else_is_known_are_part_of_it() -> None:
    hot = Machine("Raspberry Pi 4", "x", 85.0, 1 << 16, 1_000_000, False, 5.0, {})
    checkup = looked(
        chips(), hot, also=["The card is full."], lately=[Told("2027-01-01T00:00:00Z", "It was.")]
    )
    assert checkup.wrong[0] == "The card is full."
    assert [word for word in ("supply", "hot", "MB") if any(word in text for text in checkup.wrong)] == [
        "supply",
        "hot",
        "MB",
    ]
    told = json.loads(json.dumps(checkup.as_json(), allow_nan=False))
    assert told["well"] is False
    assert told["lately"] == [{"utc": "2027-01-01T00:00:00Z", "text": "It was."}]
    assert told["machine"]["power"] == ["The supply was too weak since the start"]


def test_without_a_sampler_there_is_no_cell_and_no_claim() -> None:
    checkup = check_up(None, (), empty_records(), WELL, also=["The sampler does not answer."])
    assert (checkup.cells, checkup.source) == ((), None)
    assert checkup.wrong == ("The sampler does not answer.",)
    assert as_text(checkup)
