"""How long `heeldrive doctor` looks at pins of its own: until each chip has shown what it does."""

from __future__ import annotations

import pytest
from room import PINS, START_NS, Room

from hardware.bank import open_bank
from hardware.pins import Trouble
from station.conversions import Cell, Kind, Records, Status
from station.doctor import LISTEN_S, LONGEST_LISTEN_S, SEEN_LISTEN_S, listen_to

RATE_HZ = 80.0
HELD_UP_S = 4.0


def away(away_ms: int, there_ms: int, until_s: float = HELD_UP_S) -> list[tuple[int, int]]:
    """Return the pauses of a host that is away and there in turns, ns: no chip's beat can be found."""
    turn_ns = (away_ms + there_ms) * 1_000_000
    return [(START_NS + n * turn_ns, away_ms * 1_000_000) for n in range(int(until_s * 1e9) // turn_ns)]


def look(room: Room) -> tuple[Records, float]:
    """Return what the doctor heard on the pins of a room, and how long it took."""
    source = open_bank("gpio", room.pins, RATE_HZ, board=room.board)
    begun_ns = room.clock()

    def sleep(seconds: float) -> None:
        room.clock.pass_ns(20_000)
        room.clock.wait_until(room.clock() + int(seconds * 1e9))

    records = listen_to(source, now_ns=room.clock, sleep=sleep)
    return records, (room.clock() - begun_ns) / 1e9


def good(records: Records, cell: Cell) -> int:
    mine = (records["kind"] == Kind.CONVERSION) & (records["cell"] == cell)
    return int((mine & (records["status"] == Status.OK)).sum())


@pytest.mark.parametrize("one_clock", [False, True], ids=["own clocks", "one clock"])
@pytest.mark.parametrize(("away_ms", "there_ms"), [(20, 4), (45, 10), (150, 15)])
def test_a_busy_host_looks_on_until_each_chip_was_seen(away_ms: int, there_ms: int, one_clock: bool) -> None:
    records, took_s = look(Room(one_clock=one_clock, pauses=away(away_ms, there_ms)))
    early = records[records["t_ns"] < START_NS + int(LISTEN_S * 1e9)]
    assert min(good(early, cell) for cell in Cell) == 0, "the host was there enough to see them all"
    assert min(good(records, cell) for cell in Cell) > 0.9 * RATE_HZ * SEEN_LISTEN_S
    assert HELD_UP_S < took_s < LONGEST_LISTEN_S


def test_chips_that_are_seen_at_once_take_no_longer() -> None:
    records, took_s = look(Room(one_clock=False))
    assert took_s == pytest.approx(LISTEN_S, abs=0.1)
    assert min(good(records, cell) for cell in Cell) > 0.9 * RATE_HZ * LISTEN_S


@pytest.mark.parametrize("what", ["unplugged", "stuck_low"])
def test_a_wire_that_gives_nothing_is_known_and_not_waited_for(what: Trouble) -> None:
    room = Room(one_clock=False)
    room.chips[PINS["toe_left"]].trouble(START_NS - 10**9, START_NS + 10**12, what)
    records, took_s = look(room)
    assert took_s == pytest.approx(LISTEN_S, abs=0.1)
    assert good(records, Cell.TOE_LEFT) == 0


def test_it_ends_whatever_the_host_does() -> None:
    _, took_s = look(Room(one_clock=False, pauses=away(45, 10, until_s=30.0)))
    assert took_s == pytest.approx(LONGEST_LISTEN_S, abs=0.1)
