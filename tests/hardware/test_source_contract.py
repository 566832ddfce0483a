"""Every source keeps the contract of `station.conversions.Source`, whatever it reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from hardware.bank import open_bank
from hardware.mock import MockAdc
from hardware.pins import simulated_board
from station.conversions import (
    COUNT_MAX,
    COUNT_MIN,
    RECORD,
    Cell,
    Fault,
    Kind,
    Records,
    Source,
    SourceInfo,
    Status,
    empty_records,
)
from station.replay import Replay

PINS = {"heel_left": (5, 6), "heel_right": (13, 19), "toe_left": (16, 20), "toe_right": (21, 26)}
LISTEN_S = 2.5

Opener = Callable[[Path], Source]


def chips(backend: str, pins: dict[str, tuple[int, int]]) -> Source:
    board = simulated_board(pins, 80.0, lambda cell, _: 1000 * (cell + 1))
    return open_bank(backend, pins, 80.0, board=board)


def package(_: Path) -> Source:
    """The PyPI package, its chips on the board that stands in for RPi.GPIO."""
    import sys
    import types

    board = simulated_board(PINS, 80.0, lambda cell, _: 1000 * (cell + 1))
    stand_in = types.ModuleType("RPi")
    stand_in.GPIO = board  # type: ignore[attr-defined]
    kept = {name: sys.modules.get(name) for name in ("RPi", "RPi.GPIO", "hx711")}
    sys.modules.update({"RPi": stand_in, "RPi.GPIO": board})  # type: ignore[dict-item]
    sys.modules.pop("hx711", None)
    try:
        return open_bank("hx711", PINS, 80.0)
    finally:
        for name, module in kept.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module


def replay(folder: Path) -> Source:
    path = folder / "curve.csv"
    rows = "".join(f"{t / 80:.4f},10,20,30,40\n" for t in range(400))
    path.write_text("t_s,heel_left_n,heel_right_n,toe_left_n,toe_right_n\n" + rows)
    return Replay.open(path, time.monotonic_ns())


SOURCES: dict[str, Opener] = {
    "mock": lambda _: MockAdc(epoch_ns=time.monotonic_ns()),
    "replay": replay,
    "gpio on pins": lambda _: chips("gpio", PINS),
    "gpio on pins, one clock": lambda _: chips("gpio", {word: (dout, 6) for word, (dout, _) in PINS.items()}),
    "hx711 on pins": package,
}


@pytest.fixture(scope="module", params=list(SOURCES))
def heard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    """What a source gave in real time, poll by poll."""
    source = SOURCES[request.param](tmp_path_factory.mktemp("source"))
    yield Heard(source)
    source.close()


class Heard:
    def __init__(self, source: Source) -> None:
        self.info = source.info
        self.polls: list[tuple[int, Records, int]] = []  # asked for, given, time after
        self.start_ns = time.monotonic_ns()
        while time.monotonic_ns() < self.start_ns + LISTEN_S * 1e9:
            now_ns = time.monotonic_ns()
            self.polls.append((now_ns, source.poll(now_ns), time.monotonic_ns()))
            next_ns = source.next_poll_ns(time.monotonic_ns())
            time.sleep(min(max(next_ns - time.monotonic_ns(), 0) / 1e9, 0.02))
        self.records = np.concatenate([empty_records(), *(given for _, given, _ in self.polls)])
        self.conversions = self.records[self.records["kind"] == Kind.CONVERSION]


def test_it_describes_itself(heard: Heard) -> None:
    info = heard.info
    assert SourceInfo.from_json(info.as_json()) == info
    assert info.name
    assert info.text
    assert info.nominal_rate_hz == pytest.approx(80.0)
    assert 0 <= info.filter_delay_s <= 2 / 80 + 1e-9
    assert info.simulated == (info.name in ("mock", "gpio")), (
        "the package's own pins can't be told from real ones"
    )


def test_its_records_are_of_the_contract(heard: Heard) -> None:
    records = heard.records
    assert records.dtype == RECORD
    assert set(records["kind"].tolist()) <= {Kind.CONVERSION, Kind.FAULT}
    assert set(records["cell"].tolist()) <= set(Cell)
    assert not records["seq"].any(), "the sampler numbers them"
    assert set(heard.conversions["status"].tolist()) <= set(Status)
    faults = records["status"][records["kind"] == Kind.FAULT]
    assert set(faults.tolist()) <= set(Fault)
    in_range = (heard.conversions["count"] >= COUNT_MIN) & (heard.conversions["count"] <= COUNT_MAX)
    assert in_range.all()


def test_time_rises_by_whole_microseconds_and_never_lies_ahead(heard: Heard) -> None:
    assert not (heard.conversions["t_ns"] % 1000).any()
    for cell in Cell:
        times = heard.conversions["t_ns"][heard.conversions["cell"] == cell].tolist()
        assert all(a < b for a, b in pairwise(times))
    for _, given, after_ns in heard.polls:
        if len(given):
            assert int(given["t_ns"].max()) <= after_ns


def test_every_cell_gives_what_is_claimed_true(heard: Heard) -> None:
    for cell in Cell:
        mine = heard.conversions[heard.conversions["cell"] == cell]
        assert np.count_nonzero(mine["status"] == Status.OK) > 40


def test_polling_never_takes_long(heard: Heard) -> None:
    took_s = [(after_ns - now_ns) / 1e9 for now_ns, _, after_ns in heard.polls]
    assert float(np.median(took_s)) < 0.02
