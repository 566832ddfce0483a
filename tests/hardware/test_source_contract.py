"""Every source keeps the contract of `station.conversions.Source`, whatever it reads."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from room import START_NS, Room, importer

from hardware.bank import open_bank
from hardware.mock import MockAdc
from hardware.pins import VirtualClock
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

LISTEN_S = 2.5
RATE_HZ = 80.0  # of every source here
PAUSES = ((START_NS + 10**9, 30_000_000), (START_NS + 2 * 10**9, 80_000_000))  # the host does nothing

Opener = Callable[[Room, Path], Source]


def mock(room: Room, _: Path) -> Source:
    return MockAdc(epoch_ns=room.clock())


def chips(room: Room, _: Path) -> Source:
    return open_bank("gpio", room.pins, RATE_HZ, board=room.board)


def package(room: Room, _: Path) -> Source:
    """The PyPI package, which `importer` has given the room's pins."""
    return open_bank("hx711", room.pins, RATE_HZ)


def replay(room: Room, folder: Path) -> Source:
    path = folder / "curve.csv"
    rows = "".join(f"{t / 80:.4f},10,20,30,40\n" for t in range(400))
    path.write_text("t_s,heel_left_n,heel_right_n,toe_left_n,toe_right_n\n" + rows)
    return Replay.open(path, room.clock())


# How each is opened, whether its chips share a clock line, and how many conversions of each cell it
# must claim true: of the pins' 200 five prove the beat first, and the pauses cost eight.
SOURCES: dict[str, tuple[Opener, bool, int]] = {
    "mock": (mock, False, 175),
    "replay": (replay, False, 120),  # it waits for a second
    "gpio on pins": (chips, False, 185),
    "gpio on pins, one clock": (chips, True, 185),
    "hx711 on pins": (package, False, 185),
}


@pytest.fixture(scope="module", params=SOURCES)
def opened(request: pytest.FixtureRequest) -> tuple[Opener, bool, int]:
    return SOURCES[request.param]


@pytest.fixture(scope="module", params=[(), PAUSES], ids=["", "held up"])
def heard(
    opened: tuple[Opener, bool, int],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Heard:
    """What a source gave, poll by poll, on a host that is there all the time, and on one that is not."""
    opener, one_clock, least = opened
    with pytest.MonkeyPatch.context() as monkeypatch, importer(monkeypatch) as load:
        room = Room(one_clock=one_clock, pauses=request.param)
        load("hx711", room)
        source = opener(room, tmp_path_factory.mktemp("source"))
        heard = Heard(source, room.clock, len(request.param), least)
        source.close()
    return heard


class Heard:
    def __init__(self, source: Source, clock: VirtualClock, pauses: int, least: int) -> None:
        self.info = source.info
        self.pauses, self.least = pauses, least
        self.polls: list[tuple[int, Records, int]] = []  # asked for, given, time after
        end_ns = clock() + int(LISTEN_S * 1e9)
        while clock() < end_ns:
            now_ns = clock()
            self.polls.append((now_ns, source.poll(now_ns), clock()))
            clock.pass_ns(20_000)  # the caller's own work
            clock.wait_until(min(source.next_poll_ns(clock()), clock() + 20_000_000))
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
        assert np.count_nonzero(mine["status"] == Status.OK) >= heard.least


def test_polling_never_takes_long(heard: Heard) -> None:
    took_s = sorted((after_ns - now_ns) / 1e9 for now_ns, _, after_ns in heard.polls)
    assert took_s[-1 - heard.pauses] < 0.01
