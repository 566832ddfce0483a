"""The bank against simulated chips that remember what they converted, on a virtual clock."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardware.bank import Bank, open_bank
from hardware.gpio import BadLines, HardwareError
from hardware.pins import Board, Chip, Trouble, VirtualClock
from station.conversions import COUNT_MAX, COUNT_MIN, Cell, Fault, Kind, Records, Status

US, MS, S = 1_000, 1_000_000, 1_000_000_000
START_NS = 1_000 * S
OWN = {"heel_left": (5, 6), "heel_right": (13, 19), "toe_left": (20, 21), "toe_right": (23, 24)}
SHARED = {word: (dout, 6) for word, (dout, _) in OWN.items()}
RATES_80 = (78.8, 83.1, 88.4, 93.7)
RATES_10 = (9.8, 10.4, 11.0, 11.7)
RATES_320 = (315.0, 332.0, 353.0, 374.0)
AWKWARD = (0, -1, 1, 3, 127, 0x7FFF, -2, COUNT_MAX - 1, COUNT_MIN + 1, COUNT_MAX, COUNT_MIN)
SICK = Cell.TOE_LEFT


class HeldUpBoard(Board):
    """Pins whose host is held up now and then right after it moved a clock line."""

    def hold_up(self, level: int, one_in: int, length_ns: int, clock: VirtualClock) -> None:
        self.level, self.one_in, self.length_ns, self.clock = level, one_in, length_ns, clock
        self.chance = random.Random(1)

    def output(self, channel: int | Sequence[int], value: int) -> None:
        super().output(channel, value)
        if int(value) == self.level and self.chance.randrange(self.one_in) == 0:
            self.clock.pass_ns(self.length_ns)


@dataclass
class Scene:
    """What a run left: the chips with their truth, the records, and the bank."""

    chips: list[Chip]
    records: Records
    bank: Bank

    def rows(self, cell: int) -> Records:
        mine = self.records["cell"] == cell
        return self.records[mine & (self.records["kind"] == Kind.CONVERSION)]

    def claimed(self, cell: int) -> Records:
        rows = self.rows(cell)
        return rows[rows["status"] <= Status.SATURATED]

    def faults(self, cell: int) -> set[Fault]:
        found = self.records[(self.records["cell"] == cell) & (self.records["kind"] == Kind.FAULT)]
        return {Fault(status) for status in found["status"]}

    def kept(self, cell: int) -> float:
        """Return which part of the chip's conversions is claimed, from the first claimed one on."""
        claimed = self.claimed(cell)
        chances = [c for c in self.chips[cell].converted if c.t_ns > claimed["t_ns"][0] - MS]
        return len(claimed) / len(chances)

    def errors_ms(self) -> list[float]:
        """Check that each claimed row is one settled conversion, and return how far its time is off."""
        errors = []
        for cell, chip in enumerate(self.chips):
            at = np.array([c.t_ns for c in chip.converted])
            used = set()
            for t_ns, count in self.claimed(cell)[["t_ns", "count"]].tolist():
                i = int(np.argmin(abs(at - t_ns)))
                assert chip.converted[i].count == count, (Cell(cell).word, t_ns)
                assert chip.converted[i].settled, (Cell(cell).word, t_ns)
                assert i not in used, (Cell(cell).word, t_ns)
                used.add(i)
                errors.append((t_ns - int(at[i])) / MS)
        return errors


def counts(seed: int, awkward: float) -> Callable[[int], int]:
    """Return conversions that are all different, but for a share that a weak driver takes for faults."""
    chance = random.Random(seed)
    return lambda _: (
        chance.choice(AWKWARD) if chance.random() < awkward else chance.getrandbits(23) - (1 << 22)
    )


def act(
    seconds: float = 1.6,
    *,
    pins: dict[str, tuple[int, int]] = OWN,
    rates_hz: Sequence[float] = RATES_80,
    nominal_hz: float = 80.0,
    call_ns: int = 1 * US,
    oversleep_ns: int = 60 * US,
    pauses: Sequence[tuple[int, int]] = (),
    held_up: tuple[int, int, int] | None = None,
    awkward: float = 0.1,
    trouble: tuple[Trouble, int, int] | None = None,
    prepare: Callable[[Board, list[Chip], VirtualClock], None] = lambda *_: None,
    **chip: Any,
) -> Scene:
    """Run a bank over four chips for so many virtual seconds."""
    clock = VirtualClock(START_NS, pauses)
    chips = [
        Chip(counts(cell, awkward), hz, START_NS - int((6.0 + 0.37 * cell) * S / hz), remember=True, **chip)
        for cell, hz in enumerate(rates_hz)
    ]
    board = HeldUpBoard(dict(zip(pins.values(), chips, strict=True)), clock, lambda: clock.pass_ns(call_ns))
    board.hold_up(*(held_up or (2, 1, 0)), clock)
    if trouble is not None:
        what, from_ms, to_ms = trouble
        chips[SICK].trouble(START_NS + from_ms * MS, START_NS + to_ms * MS, what)
    prepare(board, chips, clock)
    bank = open_bank("gpio", pins, nominal_hz, board=board)
    chance = random.Random(2)
    parts = []
    while clock() < START_NS + seconds * S:
        parts.append(bank.poll(clock()))
        clock.wait_until(min(bank.next_poll_ns(clock()), clock() + 20 * MS))
        clock.pass_ns(1 + int(chance.expovariate(1 / oversleep_ns)))
    return Scene(chips, np.concatenate(parts), bank)


# --- every value is the conversion of its time ---


@pytest.mark.parametrize(
    ("setting", "least_kept"),
    [
        ({}, 0.98),
        ({"gain_kept_after_reset": False}, 0.98),
        ({"call_ns": 20 * US}, 0.8),
        ({"rates_hz": RATES_10, "nominal_hz": 10.0, "seconds": 12.0}, 0.98),
        ({"rates_hz": RATES_320, "nominal_hz": 320.0}, 0.96),
        ({"pins": SHARED, "rates_hz": (80.0,) * 4}, 0.95),
        ({"pins": SHARED}, 0.75),
    ],
    ids=["own", "datasheet_v1", "slow_calls", "10_sps", "320_sps", "shared_synchronous", "shared_free"],
)
def test_claims_only_true_values_and_keeps_nearly_all(setting: dict[str, Any], least_kept: float) -> None:
    scene = act(**setting)
    errors_ms = scene.errors_ms()
    assert abs(np.mean(errors_ms)) < 0.1
    assert np.std(errors_ms) < 0.15
    assert min(scene.kept(cell) for cell in Cell) > least_kept


@pytest.mark.parametrize("pins", [OWN, SHARED], ids=["own", "shared"])
@pytest.mark.parametrize(
    "setting",
    [
        {"held_up": (1, 400, 100 * US)},
        {"held_up": (1, 400, 2 * MS)},
        {"held_up": (1, 50, 45 * US)},
        {"held_up": (0, 400, 2 * MS)},
        {"held_up": (0, 100, 300 * US)},
        {"pauses": [(START_NS + 70 * MS * i, 13 * MS) for i in range(1, 25)]},
        {"pauses": [(START_NS + 90 * MS * i, 30 * MS) for i in range(1, 20)]},
        {"pauses": [(START_NS + 150 * MS * i, 60 * MS) for i in range(1, 12)]},
        {"call_ns": 40 * US},
        {"call_ns": 0},
        {"trouble": ("unplugged", 700, 1200)},
        {"trouble": ("stuck_low", 700, 1200)},
        {"trouble": ("floating", 700, 1200)},
    ],
    ids=lambda setting: "-".join(f"{k}_{v}"[:30] for k, v in setting.items()),
)
def test_claims_nothing_false_whatever_the_host_does(pins: dict[str, tuple[int, int]], setting: Any) -> None:
    act(pins=pins, **setting).errors_ms()


@pytest.mark.parametrize("seed", range(3))
def test_shared_clock_under_irregular_pauses(seed: int) -> None:
    """Chips miss frames meant for others, come back and settle, while values wait for their proof."""
    chance = random.Random(seed)
    pauses = [(START_NS + 250 * MS * i + chance.randrange(100 * MS), 30 * MS) for i in range(1, 16)]
    act(4.0, pins=SHARED, pauses=pauses).errors_ms()


def irregular(
    seed: int, seconds: float, every_ms: float, shortest_ms: float, longest_ms: float
) -> list[tuple[int, int]]:
    """Return pauses of a host that is there for `every_ms` on the average, then away."""
    chance, at_ns, pauses = random.Random(seed), START_NS, []
    while at_ns < START_NS + seconds * S:
        at_ns += int(chance.expovariate(1 / every_ms) * MS)
        pauses.append((at_ns, int(chance.uniform(shortest_ms, longest_ms) * MS)))
        at_ns += pauses[-1][1]
    return pauses


@pytest.mark.parametrize("pins", [OWN, SHARED], ids=["own", "shared"])
@pytest.mark.parametrize(
    ("rates_hz", "nominal_hz", "seconds"),
    [((80.0, 81.0, 82.0, 83.0), 80.0, 3.0), (RATES_320, 320.0, 1.5), (RATES_80, 10.0, 3.0)],
    ids=["80_sps", "320_sps", "80_sps_meant_to_be_10"],
)
@pytest.mark.parametrize(
    "busy_ms", [(3, 3, 12), (1, 1, 8), (3, 10, 40), (4, 20, 80), (10, 20, 70), (6, 3, 60)]
)
def test_claims_nothing_false_on_a_host_that_is_mostly_away(
    busy_ms: tuple[float, float, float],
    rates_hz: Sequence[float],
    nominal_hz: float,
    seconds: float,
    pins: dict[str, tuple[int, int]],
) -> None:
    """It sees every second or fifth conversion, and must not take them for a beat of their own."""
    for seed in range(4):
        pauses = irregular(seed, seconds, *busy_ms)
        act(
            seconds, pins=pins, rates_hz=rates_hz, nominal_hz=nominal_hz, pauses=pauses, awkward=0.0
        ).errors_ms()


@pytest.mark.parametrize("pins", [OWN, SHARED], ids=["own", "shared"])
@pytest.mark.parametrize("seed", range(4))
def test_a_host_that_is_away_too_much_to_find_the_beat_is_told(
    pins: dict[str, tuple[int, int]], seed: int
) -> None:
    scene = act(3.0, pins=pins, pauses=irregular(seed, 3.0, 4.0, 20.0, 80.0))
    for cell in Cell:
        assert len(scene.claimed(cell)) > 0 or scene.faults(cell), Cell(cell).word


@pytest.mark.parametrize("pins", [OWN, SHARED], ids=["own", "shared"])
def test_a_wrong_rate_is_told_by_a_host_that_is_often_held_up(pins: dict[str, tuple[int, int]]) -> None:
    scene = act(8.0, pins=pins, rates_hz=RATES_10, pauses=irregular(1, 8.0, 25.0, 0.2, 6.0))
    scene.errors_ms()
    assert all(scene.faults(cell) >= {Fault.WRONG_RATE} for cell in Cell)


@pytest.mark.parametrize("pins", [OWN, SHARED], ids=["own", "shared"])
@pytest.mark.parametrize(
    ("longest_ms", "seed"), [(3.0, 4), (3.0, 17), (3.0, 37), (6.0, 0), (6.0, 4), (6.0, 39)]
)
def test_a_claimed_value_is_stamped_within_a_ms_on_a_host_held_up_100_times_a_second(
    pins: dict[str, tuple[int, int]], longest_ms: float, seed: int
) -> None:
    """A beat found while the host is away for milliseconds between looks is known to milliseconds only."""
    scene = act(2.5, pins=pins, pauses=irregular(seed, 2.5, 5.0, 0.2, longest_ms))
    assert max(map(abs, scene.errors_ms())) < 1.0
    assert min(scene.kept(cell) for cell in Cell) > (0.7 if pins is OWN else 0.2)


def test_zero_and_minus_one_are_values_and_the_end_stops_are_not() -> None:
    scene = act(awkward=1.0)
    for cell in Cell:
        rows = scene.rows(cell)
        ok = set(rows["count"][rows["status"] == Status.OK].tolist())
        saturated = set(rows["count"][rows["status"] == Status.SATURATED].tolist())
        assert {0, -1} <= ok
        assert saturated == {COUNT_MIN, COUNT_MAX}
        assert {Fault.SATURATED_HIGH, Fault.SATURATED_LOW} <= scene.faults(cell)


def test_times_are_whole_microseconds_and_rise_per_cell() -> None:
    scene = act(held_up=(1, 400, 100 * US), trouble=("floating", 700, 1200))
    assert not np.any(scene.records["t_ns"] % 1000)
    for cell in Cell:
        assert np.all(np.diff(scene.records["t_ns"][scene.records["cell"] == cell]) > 0)


def test_each_frame_has_25_pulses() -> None:
    pulses = []

    def watch(_board: Board, chips: list[Chip], _clock: VirtualClock) -> None:
        clock = chips[0].clock

        def counted(t_ns: int, high: bool) -> None:
            pulses.append(high)
            clock(t_ns, high)

        chips[0].clock = counted  # type: ignore[method-assign]

    scene = act(prepare=watch)
    frames = len(scene.rows(0))
    assert 25 * frames <= sum(pulses) <= 25 * (frames + 1)  # the last frame is still held


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(
    "length_ns",
    [
        80 * MS,
        pytest.param(24 * MS, marks=pytest.mark.long),
        pytest.param(200 * MS, marks=pytest.mark.long),
    ],
)
def test_a_chip_is_never_called_gone_because_the_host_was_held_up(level: int, length_ns: int) -> None:
    """Silence counts while it is watched only: nobody is sent to a wire that is whole."""
    for one_in, oversleep_us in ((200, 60), (1000, 60), (1000, 140)):
        scene = act(3.0, held_up=(level, one_in, length_ns), oversleep_ns=oversleep_us * US)
        scene.errors_ms()
        for cell in Cell:
            assert Fault.ABSENT not in scene.faults(cell), (cell.word, one_in, oversleep_us)


# --- the guards ---


def test_slow_pulse_that_reset_the_chip_is_told_and_the_loss_counted() -> None:
    scene = act(4.0, held_up=(1, 2000, 100 * US))
    scene.errors_ms()
    for cell, rate_hz in zip(Cell, RATES_80, strict=True):
        told = scene.bank.statistics()[cell.word]
        assert "reset" in told["faults"]
        assert told["rejected_as"]["suspect"] > 0
        assert told["missed_for"]["reset"] >= 2 * told["rejected_as"]["suspect"]
        rows = scene.rows(cell)["t_ns"]
        beats = (rows[-1] - rows[0]) / S * rate_hz + 1
        assert len(rows) + told["missed"] == pytest.approx(beats, abs=2 + told["missed_for"]["reset"] // 3)


def test_slow_pulse_that_did_no_harm_loses_nothing() -> None:
    scene = act(held_up=(1, 50, 55 * US))
    scene.errors_ms()
    assert min(scene.kept(cell) for cell in Cell) > 0.99


def test_pause_of_the_host_costs_only_what_it_covers() -> None:
    pauses = [(START_NS + 100 * MS * i, 13 * MS) for i in range(1, 40)]
    scene = act(4.0, pauses=pauses)
    scene.errors_ms()
    for cell in Cell:
        assert scene.kept(cell) > 0.9
        rows = scene.rows(cell)["t_ns"]
        beats = (rows[-1] - rows[0]) / S * RATES_80[cell] + 1
        assert len(rows) + scene.bank.statistics()[cell.word]["missed"] == pytest.approx(beats, abs=1)


@pytest.mark.parametrize("pulse", [1, 2, 12, 23, 24, 25])
def test_plug_pulled_in_mid_frame_claims_nothing(pulse: int) -> None:
    """The pull-up answers the rest with ones, tail bit included."""

    def pull(_board: Board, chips: list[Chip], _clock: VirtualClock) -> None:
        chip, seen = chips[SICK], [0]
        clock = chip.clock

        def counted(t_ns: int, high: bool) -> None:
            clock(t_ns, high)
            seen[0] += high
            if high and seen[0] == 40 * 25 + pulse:
                chip.trouble(t_ns, t_ns + 300 * MS, "unplugged")

        chip.clock = counted  # type: ignore[method-assign]

    scene = act(1.5, prepare=pull)
    scene.errors_ms()
    assert Status.SUSPECT in scene.rows(SICK)["status"]


@pytest.mark.parametrize("pulses", [1, 2, 3, 12, 24])
@pytest.mark.parametrize("pins", [OWN, SHARED], ids=["own", "shared"])
def test_chip_left_part_clocked_by_a_killed_program(pins: dict[str, tuple[int, int]], pulses: int) -> None:
    def kill(board: Board, _chips: list[Chip], _clock: VirtualClock) -> None:
        board.setmode(board.BCM)
        for sck in {sck for _, sck in pins.values()}:
            board.setup(sck, board.OUT)
            for _ in range(pulses):
                board.output(sck, 1)
                board.output(sck, 0)

    scene = act(1.0, pins=pins, prepare=kill)
    scene.errors_ms()
    assert all(len(scene.claimed(cell)) > 50 for cell in Cell)


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        ("unplugged", Fault.ABSENT),
        ("stuck_high", Fault.ABSENT),
        ("stuck_low", Fault.STUCK_LOW),
        ("floating", Fault.DESYNC),
    ],
)
@pytest.mark.parametrize("start_ms", [700, 706])
def test_sick_chip_is_told_leaves_the_others_alone_and_comes_back(
    what: Trouble, fault: Fault, start_ms: int
) -> None:
    scene = act(trouble=(what, start_ms, 1300))
    scene.errors_ms()
    assert fault in scene.faults(SICK)
    told = scene.records[(scene.records["kind"] == Kind.FAULT) & (scene.records["cell"] == SICK)]["t_ns"]
    assert len(told) <= 2 + 10 * 0.7 + np.count_nonzero(scene.rows(SICK)["status"] == Status.SATURATED)
    at = scene.claimed(SICK)["t_ns"] - START_NS
    assert not np.any((at > (start_ms + 1) * MS) & (at < 1300 * MS))
    assert at[at > 1300 * MS][0] < 1500 * MS
    assert all(scene.kept(cell) > 0.98 for cell in Cell if cell != SICK)


def test_chip_at_10_sps_is_back_within_a_second() -> None:
    scene = act(6.0, rates_hz=RATES_10, nominal_hz=10.0, trouble=("unplugged", 2000, 3000))
    at = scene.claimed(SICK)["t_ns"] - START_NS
    assert at[at > 3 * S][0] < 4 * S


@pytest.mark.parametrize("what", ["unplugged", "stuck_low"])
def test_sick_chip_on_a_shared_clock_leaves_the_others_alone(what: Trouble) -> None:
    scene = act(pins=SHARED, rates_hz=(80.0,) * 4, trouble=(what, 700, 1300))
    scene.errors_ms()
    for cell in Cell:
        if cell != SICK:
            assert scene.kept(cell) > 0.93
    at = scene.claimed(SICK)["t_ns"] - START_NS
    assert at[at > 1300 * MS][0] < 1500 * MS


def test_chip_that_was_never_there_is_told() -> None:
    scene = act(trouble=("unplugged", -1000, 60_000))
    assert scene.faults(SICK) == {Fault.ABSENT}
    assert len(scene.rows(SICK)) == 0
    told = scene.bank.statistics()[SICK.word]
    assert (told["kept"], told["missed"], told["rate_hz"], told["chip_rate_hz"]) == (0, 0, 0.0, None)
    assert told["faults"] == ["absent"]


def test_all_dead_then_all_back() -> None:
    def pull(_board: Board, chips: list[Chip], _clock: VirtualClock) -> None:
        for chip in chips:
            chip.trouble(START_NS + 500 * MS, START_NS + 1000 * MS, "unplugged")

    scene = act(prepare=pull)
    scene.errors_ms()
    for cell in Cell:
        at = scene.claimed(cell)["t_ns"] - START_NS
        assert at[at > 600 * MS][0] < 1200 * MS
        assert Fault.ABSENT in scene.faults(cell)


def test_chip_at_the_wrong_rate_is_told_and_read_all_the_same() -> None:
    scene = act(4.0, rates_hz=(9.9, *RATES_80[1:]))
    scene.errors_ms()
    told = scene.bank.statistics()
    assert told["heel_left"]["faults"].count("wrong_rate") == 1
    assert told["heel_left"]["chip_rate_hz"] == pytest.approx(9.9, rel=1e-3)
    assert "wrong_rate" not in told["heel_right"]["faults"]
    assert scene.kept(0) > 0.9


def test_statistics_tell_rates_and_add_up() -> None:
    scene = act(4.0)
    for cell, rate_hz in zip(Cell, RATES_80, strict=True):
        told = scene.bank.statistics()[cell.word]
        rows = scene.rows(cell)
        assert told["kept"] == np.count_nonzero(rows["status"] == Status.OK)
        assert told["kept"] + told["rejected"] == len(rows)
        assert told["missed"] == 0
        assert told["chip_rate_hz"] == pytest.approx(rate_hz, rel=1e-3)
        assert told["rate_hz"] == pytest.approx(told["kept"] / 4.0, rel=0.01)


def test_sleeps_between_conversions() -> None:
    """Four chips at some 86 SPS: a few wake-ups per conversion, and little time in between spent awake."""
    awake_ns = [0]
    poll = Bank.poll

    def timed(self: Bank, now_ns: int) -> Records:
        records = poll(self, now_ns)
        awake_ns[0] += self._clock_ns() - now_ns
        return records

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bank, "poll", timed)
        act(4.0, call_ns=500)
    assert awake_ns[0] / (4 * S) < 0.10


# --- the door ---


def test_simulated_bank_says_so() -> None:
    info = act(0.1).bank.info
    assert info.simulated
    assert "SIMULATED" in info.text
    assert info.nominal_rate_hz == 80.0
    assert info.filter_delay_s == pytest.approx(0.025)


def fake_module(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "RPi").mkdir()
    (folder / "RPi" / "__init__.py").write_text("")
    (folder / "RPi" / "GPIO.py").write_text(body)
    monkeypatch.syspath_prepend(str(folder))
    for name in ("RPi", "RPi.GPIO"):
        monkeypatch.setitem(sys.modules, name, None)  # so that it is gone again afterwards
        monkeypatch.delitem(sys.modules, name)


def test_missing_library_is_one_clear_line() -> None:
    with pytest.raises(BadLines, match=r"RPi.GPIO can't be imported .*: on a Raspberry Pi install") as told:
        open_bank("gpio", OWN, 80.0)
    assert isinstance(told.value, HardwareError)
    assert isinstance(told.value, ImportError)
    assert "\n" not in str(told.value)


def test_library_off_a_pi_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_module(
        tmp_path, "raise RuntimeError('This module can only be\\nrun on a Raspberry Pi!')", monkeypatch
    )
    with pytest.raises(
        BadLines, match=r"does not work here \(This module can only be run on a Raspberry Pi\)"
    ):
        open_bank("gpio", OWN, 80.0)


def test_takes_whatever_answers_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = (
        "from hardware.pins import simulated_board\n"
        f"_board = simulated_board({OWN}, 80.0, lambda cell, t_ns: 1000 + cell)\n"
        "globals().update({n: getattr(_board, n) for n in dir(_board) if not n.startswith('_')})\n"
    )
    fake_module(tmp_path, body, monkeypatch)
    bank = open_bank("gpio", OWN, 80.0)
    assert not bank.info.simulated
    bank.poll(0)
    bank.close()


@pytest.mark.parametrize("backend", ["lgpio", "gpiod"])
def test_kernel_lines_off_a_pi_are_one_clear_line(backend: str) -> None:
    with pytest.raises(BadLines, match=f"^{backend} .* use --adc mock"):
        open_bank(backend, OWN, 80.0)


def test_unknown_backend_is_named() -> None:
    with pytest.raises(BadLines, match="no pin backend 'pigpio'"):
        open_bank("pigpio", OWN, 80.0)


def test_closing_leaves_the_clock_lines_low_and_the_pins_free() -> None:
    scene = act(0.2)
    scene.bank.close()
    assert not any(chip._high for chip in scene.chips)
