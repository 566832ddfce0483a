"""The two PyPI packages, unmodified, on the simulated pins: they prove the pins, and the pins are theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from room import COUNTS, ONE_CLOCK, PINS, START_NS, Room, importer

from hardware.bank import open_bank
from hardware.gpio import BadLines
from station.conversions import Kind


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Room], Any]]:
    """Import a package anew with the pins of a room, and time as the room has it."""
    with importer(monkeypatch) as load:
        yield load


@pytest.mark.parametrize("gain", [128, 64])
def test_hx711_reads_the_counts_put_in(packages: Any, gain: int) -> None:
    room = Room(one_clock=False)
    package = packages("hx711", room)
    for dout, count in COUNTS.items():
        chip = package.HX711(dout_pin=dout, pd_sck_pin=dout + 1, gain=gain)
        assert chip.get_raw_data(times=20)[5:] == [count * gain // 128] * 15
    room.board.cleanup()


def test_hx711_resets_the_chip(packages: Any) -> None:
    room = Room(one_clock=False)
    chip = packages("hx711", room).HX711(dout_pin=5, pd_sck_pin=6, gain=128)
    before = len(room.chips[5, 6].converted)
    assert chip.reset()
    assert room.clock() - room.chips[5, 6].converted[before].t_ns > 0
    assert set(chip.get_raw_data(times=5)) == {123_456}


def test_hx711_multi_reads_the_counts_put_in(packages: Any) -> None:
    room = Room(one_clock=True)
    package = packages("hx711_multi", room)
    room.board.setmode(room.board.BCM)
    chips = package.HX711(dout_pins=list(COUNTS), sck_pin=6, channel_A_gain=128)
    chips.zero()
    assert chips.read_raw(readings_to_average=10, use_prev_read=False) is not None
    assert [adc.reads[-1] for adc in chips._adcs] == list(COUNTS.values())
    assert all(adc.reads == [count] * 10 for adc, count in zip(chips._adcs, COUNTS.values(), strict=True))


# --- the package as a source of ours ---


def test_hx711_as_a_source_keeps_zeros_and_outlives_a_dead_chip(packages: Any) -> None:
    room = Room(one_clock=False)
    values = iter([0, -1, 5, -70_000] * 10_000)
    for chip in room.chips.values():
        chip.count_at = lambda _: next(values)
    room.chips[13, 14].trouble(START_NS, START_NS + 10**9, "unplugged")
    packages("hx711", room)
    bank = open_bank("hx711", PINS, 80.0)
    parts = []
    while room.clock() < START_NS + 3 * 10**9:
        started_ns = room.clock()
        parts.append(bank.poll(started_ns))
        assert room.clock() - started_ns < 100_000_000
        room.clock.wait_until(bank.next_poll_ns(room.clock()))
    records = np.concatenate(parts)
    for cell, chip in enumerate(room.chips.values()):
        ok = records[
            (records["cell"] == cell) & (records["kind"] == Kind.CONVERSION) & (records["status"] == 0)
        ]
        truth = {c.t_ns: c.count for c in chip.converted}
        assert {0, -1} <= set(ok["count"].tolist())
        assert len(ok) > (120 if cell == 1 else 220)
        for t_ns, count in ok[["t_ns", "count"]].tolist():
            nearest = min(truth, key=lambda true_ns: abs(true_ns - t_ns))
            assert truth[nearest] == count
    assert "absent" in bank.statistics()["heel_right"]["faults"]


def test_hx711_needs_a_clock_line_per_chip(packages: Any) -> None:
    packages("hx711", Room(one_clock=True))
    with pytest.raises(BadLines, match="one chip per clock line"):
        open_bank("hx711", ONE_CLOCK, 80.0)


def test_hx711_without_pins_is_one_clear_line() -> None:
    with pytest.raises(BadLines, match=r"The package hx711 can't be used here .*: on a Raspberry Pi install"):
        open_bank("hx711", PINS, 80.0)
