"""The simulated chip against the numbers of the HX711 datasheet (V2.0)."""

from __future__ import annotations

import pytest

from hardware.pins import Board, Chip, Converted, VirtualClock, simulated_board

US, MS = 1_000, 1_000_000
DOUT, SCK = 5, 6
PERIOD_NS = 12_500_000  # 80 SPS
COUNT = 0x123456


class Bench:
    """One chip on pins, and a hand on the clock line."""

    def __init__(self, count: int = COUNT, rate_hz: float = 80.0, **chip: bool | int) -> None:
        self.clock = VirtualClock()
        self.chip = Chip(lambda _: count, rate_hz, **chip)  # type: ignore[arg-type]
        self.gpio = Board({(DOUT, SCK): self.chip}, self.clock)
        self.gpio.setmode(self.gpio.BCM)
        self.gpio.setup(SCK, self.gpio.OUT, initial=self.gpio.LOW)
        self.gpio.setup(DOUT, self.gpio.IN, pull_up_down=self.gpio.PUD_UP)

    def until(self, t_ns: int) -> int:
        self.clock.wait_until(t_ns)
        return self.gpio.input(DOUT)

    def pulses(self, n: int, high_ns: int = 1 * US) -> list[int]:
        bits = []
        for _ in range(n):
            self.gpio.output(SCK, 1)
            self.clock.pass_ns(high_ns)
            self.gpio.output(SCK, 0)
            self.clock.pass_ns(1 * US)
            bits.append(self.gpio.input(DOUT))
        return bits

    def wait_ready_ns(self) -> int:
        """Return when DOUT falls, on a grid of 10 µs."""
        while self.gpio.input(DOUT):
            self.clock.pass_ns(10 * US)
        return self.clock()

    def frame(self, n: int = 25) -> int:
        self.wait_ready_ns()
        return number(self.pulses(n)[:24])


def number(bits: list[int]) -> int:
    value = int("".join(map(str, bits)), 2)
    return value - (value >> 23 << 24)


@pytest.mark.parametrize("count", [COUNT, 0, -1, 1, -0x800000, 0x7FFFFF, -654321])
def test_24_bits_msb_first_in_twos_complement_and_pulse_25_lifts_dout(count: int) -> None:
    bench = Bench(count)
    bench.wait_ready_ns()
    *bits, tail = bench.pulses(25)
    assert number(bits) == count
    assert tail == 1


def test_output_saturates_at_24_bits() -> None:
    assert Bench(10**9).frame() == 0x7FFFFF
    assert Bench(-(10**9)).frame() == -0x800000


@pytest.mark.parametrize(("rate_hz", "settling_ms"), [(80.0, 50), (10.0, 400)])
def test_settles_after_power_up_before_dout_falls(rate_hz: float, settling_ms: int) -> None:
    bench = Bench(rate_hz=rate_hz)
    assert bench.until((settling_ms - 1) * MS) == 1
    assert bench.until(settling_ms * MS) == 0


def test_converts_at_its_own_rate_whether_read_or_not() -> None:
    bench = Bench(remember=True)
    bench.until(1_000 * MS)
    assert [c.t_ns for c in bench.chip.converted] == [PERIOD_NS * n for n in range(4, 81)]
    assert bench.chip.converted[0] == Converted(4 * PERIOD_NS, COUNT, settled=True)


def test_dout_stays_high_until_the_next_conversion() -> None:
    bench = Bench()
    bench.frame()
    assert bench.until(5 * PERIOD_NS - 1) == 1
    assert bench.until(5 * PERIOD_NS) == 0


def test_unread_chip_lifts_dout_before_each_new_conversion() -> None:
    bench = Bench()
    assert bench.until(5 * PERIOD_NS - 40 * US) == 0
    assert bench.until(5 * PERIOD_NS - 10 * US) == 1
    assert bench.until(5 * PERIOD_NS) == 0


@pytest.mark.parametrize(("pulses", "count"), [(25, 1000), (26, 77), (27, 500)])
def test_number_of_pulses_selects_the_next_gain_which_settles(pulses: int, count: int) -> None:
    bench = Bench(1000, channel_b_count=77)
    assert bench.frame(pulses) == 1000
    after = [bench.frame(pulses) for _ in range(4)]
    assert after[3] == count
    if pulses != 25:
        assert 1000 > after[0] > after[1] > after[2] > count


@pytest.mark.parametrize(("high_us", "reset"), [(50, False), (60, False), (61, True), (500, True)])
def test_sck_high_for_more_than_60_us_resets(high_us: int, reset: bool) -> None:
    bench = Bench()
    bench.wait_ready_ns()
    bench.pulses(1, high_us * US)
    released_ns = bench.clock() - 1 * US
    bench.pulses(24)
    gap_ns = bench.wait_ready_ns() - (released_ns if reset else 4 * PERIOD_NS)
    assert gap_ns == pytest.approx((4 if reset else 1) * PERIOD_NS, abs=20 * US)


def test_dout_is_high_while_powered_down() -> None:
    bench = Bench()
    bench.wait_ready_ns()
    bench.gpio.output(SCK, 1)
    bench.clock.pass_ns(61 * US)
    assert bench.gpio.input(DOUT) == 1
    assert bench.until(bench.clock() + 10 * PERIOD_NS) == 1


@pytest.mark.parametrize(("kept", "count"), [(True, 500), (False, 1000)])
def test_gain_after_reset_follows_the_datasheet_version(kept: bool, count: int) -> None:
    bench = Bench(1000, gain_kept_after_reset=kept)
    for _ in range(6):
        bench.frame(27)
    bench.pulses(1, 100 * US)
    assert bench.frame() == count


def test_conversion_in_mid_read_replaces_the_one_being_read() -> None:
    bench = Bench()
    bench.wait_ready_ns()
    bench.pulses(10)
    bench.until(5 * PERIOD_NS)
    assert number(bench.pulses(24)) == COUNT
    assert bench.pulses(1) == [1]


def test_part_clocked_chip_takes_later_pulses_as_a_gain() -> None:
    bench = Bench(1000)
    bench.wait_ready_ns()
    bench.pulses(2)  # a program dies here, and the next one sends a whole frame
    bench.pulses(25)
    for _ in range(1):
        assert bench.frame() != 1000


@pytest.mark.parametrize(
    ("what", "level"), [("unplugged", {1}), ("stuck_high", {1}), ("stuck_low", {0}), ("floating", {0, 1})]
)
def test_trouble_shows_on_the_line_and_ends_with_a_power_up(what: str, level: set[int]) -> None:
    bench = Bench()
    bench.chip.trouble(100 * MS, 200 * MS, what)  # type: ignore[arg-type]
    bench.until(100 * MS)
    seen = set()
    for _ in range(99):
        seen.add(bench.gpio.input(DOUT))
        bench.clock.pass_ns(1 * MS)
    assert seen == level
    assert bench.until(200 * MS) == 1
    assert bench.wait_ready_ns() == 250 * MS
    assert bench.frame() == COUNT


def test_unplugged_line_floats_without_a_pull_up() -> None:
    bench = Bench()
    bench.gpio.setup(DOUT, bench.gpio.IN)
    bench.chip.trouble(0, 1_000 * MS, "unplugged")
    assert {bench.gpio.input(DOUT) for _ in range(50)} == {0, 1}


def test_shared_clock_reads_several_chips_at_once() -> None:
    clock = VirtualClock()
    chips = {(dout, SCK): Chip(lambda _, n=dout: 1000 * n, 80.0) for dout in (1, 2, 3)}
    gpio = Board(chips, clock)
    gpio.setmode(gpio.BCM)
    gpio.setup(SCK, gpio.OUT)
    gpio.setup([1, 2, 3], gpio.IN)
    clock.pass_ns(50 * MS)
    rows = []
    for _ in range(25):
        gpio.output(SCK, gpio.HIGH)
        gpio.output(SCK, gpio.LOW)
        rows.append([gpio.input(dout) for dout in (1, 2, 3)])
    assert [number([row[i] for row in rows[:24]]) for i in range(3)] == [1000, 2000, 3000]
    assert rows[24] == [1, 1, 1]


def test_refuses_what_the_real_module_refuses() -> None:
    gpio = Board({}, VirtualClock())
    with pytest.raises(RuntimeError, match="setmode"):
        gpio.setup(5, gpio.IN)
    gpio.setmode(gpio.BCM)
    with pytest.raises(RuntimeError, match="OUTPUT"):
        gpio.output(5, 1)
    with pytest.raises(RuntimeError, match=r"setup\(\)"):
        gpio.input(5)


def test_clean_up_releases_the_clock_line() -> None:
    bench = Bench()
    bench.gpio.output(SCK, 1)
    bench.clock.pass_ns(1 * MS)
    bench.gpio.cleanup()
    assert bench.gpio.getmode() is None
    bench.gpio.setmode(bench.gpio.BCM)
    bench.gpio.setup(DOUT, bench.gpio.IN)
    assert bench.wait_ready_ns() == pytest.approx(51 * MS, abs=20 * US)


def test_pause_of_the_host_holds_up_whoever_passes_time() -> None:
    clock = VirtualClock(0, [(10, 100), (150, 50)])
    clock.pass_ns(9)
    assert clock() == 9
    clock.wait_until(20)
    assert clock() == 120
    clock.wait_until(160)
    assert clock() == 210


def test_simulated_board_has_four_settled_chips_on_oscillators_of_their_own() -> None:
    clock = VirtualClock(10**12)
    pins = {"heel_left": (5, 6), "heel_right": (13, 19), "toe_left": (20, 21), "toe_right": (23, 24)}
    board = simulated_board(pins, 80.0, lambda cell, _: 1000 * (cell + 1), clock)
    board.setmode(board.BCM)
    for dout, sck in pins.values():
        board.setup(dout, board.IN, pull_up_down=board.PUD_UP)
        board.setup(sck, board.OUT, initial=0)
    fell = []
    for cell, (dout, sck) in enumerate(pins.values()):
        bits = []
        while board.input(dout):
            clock.pass_ns(10 * US)
        fell.append(clock())
        for _ in range(25):
            board.output(sck, 1)
            board.output(sck, 0)
            bits.append(board.input(dout))
        assert number(bits[:24]) == 1000 * (cell + 1)
    assert fell[-1] - 10**12 < 4 * 14_000_000
