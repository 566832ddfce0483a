"""Simulated HX711 chips behind the names of RPi.GPIO, pulse by pulse.

What the datasheet (V2.0) says is modelled from it. Two things it leaves open are modelled
from the similar ADS1232 and were not measured on an HX711: a conversion that ends while the
one before is being read replaces it, and an unread chip lifts DOUT for a moment before each
new conversion.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from station.conversions import COUNT_MAX, COUNT_MIN, SETTLING_CONVERSIONS, Cell

POWER_DOWN_NS = 60_000  # SCK high for longer powers the chip down
UPDATE_NS = 39_000  # an unread chip's DOUT is high for so long before a new conversion (ADS1232)
GAIN_OF_PULSES = {25: 128, 26: 32, 27: 64}
# What users measured of the oscillators of chips sold as "80 SPS", as parts of 80.
OSCILLATORS = (0.985, 1.035, 1.09, 1.171)

Trouble = Literal["unplugged", "stuck_low", "stuck_high", "floating"]


class VirtualClock:
    """A clock that only moves when told; pauses planned on it hold up whoever moves it.

    Parameters
    ----------
    now_ns : where it starts
    pauses : (at_ns, length_ns) in rising order: moments in which the host does nothing

    """

    def __init__(self, now_ns: int = 0, pauses: Sequence[tuple[int, int]] = ()) -> None:
        self._now_ns = now_ns
        self._pauses = list(reversed(pauses))

    def __call__(self) -> int:
        """Return the present time, ns."""
        return self._now_ns

    def pass_ns(self, length_ns: int) -> None:
        """Let time pass."""
        self._now_ns += length_ns
        while self._pauses and self._pauses[-1][0] <= self._now_ns:
            self._now_ns += self._pauses.pop()[1]

    def wait_until(self, t_ns: int) -> None:
        """Sleep until `t_ns`, or not at all when it has passed."""
        self.pass_ns(max(0, t_ns - self._now_ns))


@dataclass(frozen=True)
class Converted:
    """One conversion as the chip made it, whether anyone read it or not."""

    t_ns: int
    count: int
    settled: bool


@dataclass
class Chip:
    """One HX711.

    Parameters
    ----------
    count_at : the count at gain 128 of a conversion that ends at a time in ns
    rate_hz : its own oscillator's rate
    start_ns : when it was powered up; it is settled `SETTLING_CONVERSIONS` later
    gain_kept_after_reset : as datasheet V2.0 says; V1 says that it returns to 128
    channel_b_count : what 26 pulses get
    remember : keep `converted`, the truth, for tests

    """

    count_at: Callable[[int], int]
    rate_hz: float
    start_ns: int = 0
    gain_kept_after_reset: bool = True
    channel_b_count: int = 0
    remember: bool = False
    converted: list[Converted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._troubles: list[tuple[int, int, Trouble]] = []
        self._noise = random.Random(0)  # noqa: S311 - noise, no secret # nosec B311
        self._gain = self._selected_gain = 128
        self._high = False
        self._down = False
        self._rise_ns = 0
        self._last_count = 0
        self._power_up(self.start_ns)

    def trouble(self, start_ns: int, end_ns: int, what: Trouble) -> None:
        """Plan trouble on the wire; at its end the chip powers up anew. In rising order."""
        self._troubles.append((start_ns, end_ns, what))

    # --- the wires ---

    def clock(self, t_ns: int, high: bool) -> None:
        """Drive SCK."""
        if high == self._high:
            return
        self._advance(t_ns)
        self._high = high
        if high:
            self._rise_ns = t_ns
            self._pulse()
        elif self._down:
            gain = self._selected_gain if self.gain_kept_after_reset else 128
            self._power_up(t_ns)
            self._gain = self._selected_gain = gain

    def level(self, t_ns: int, pulled_up: bool) -> int:
        """Read DOUT."""
        self._advance(t_ns)
        if self._troubles and self._troubles[0][0] <= t_ns:
            return self._troubled_level(self._troubles[0][2], pulled_up)
        if self._down or not self._fresh or self._pulses > 24:
            return 1
        if self._pulses == 0:
            return int(t_ns >= self._next_ns() - UPDATE_NS)
        return (self._shift >> (24 - self._pulses)) & 1

    def _troubled_level(self, what: Trouble, pulled_up: bool) -> int:
        if what == "stuck_low":
            return 0
        if what == "stuck_high" or (what == "unplugged" and pulled_up):
            return 1
        return self._noise.getrandbits(1)

    # --- inside the chip ---

    def _power_up(self, t_ns: int) -> None:
        self._origin_ns, self._n = t_ns, 0
        self._silent = SETTLING_CONVERSIONS
        self._unsettled = 0
        self._fresh = self._down = False
        self._pulses = 0
        self._gain = self._selected_gain = 128

    def _next_ns(self) -> int:
        return self._origin_ns + round((self._n + 1) * 1e9 / self.rate_hz)

    def _pulse(self) -> None:
        if self._fresh and not self._down:
            self._pulses += 1
            self._selected_gain = GAIN_OF_PULSES.get(self._pulses, self._selected_gain)

    def _advance(self, t_ns: int) -> None:
        """Live up to `t_ns`."""
        while self._troubles and self._troubles[0][1] <= t_ns:
            self._power_up(self._troubles.pop(0)[1])
        off_ns = self._rise_ns + POWER_DOWN_NS if self._high else t_ns + 1
        while not self._down and self._next_ns() <= min(t_ns, off_ns):
            self._n += 1
            self._convert(self._origin_ns + round(self._n * 1e9 / self.rate_hz))
        if t_ns > off_ns:
            self._down = True

    def _convert(self, t_ns: int) -> None:
        self._silent = max(0, self._silent - 1)
        if self._silent:
            return
        count = self._count(t_ns)
        if self.remember:
            self.converted.append(Converted(t_ns, count, self._unsettled == 0))
        self._shift = count & 0xFFFFFF
        self._fresh = True
        self._pulses = 0

    def _count(self, t_ns: int) -> int:
        """Return what the filter gives: after another gain was selected it is on its way for a while."""
        if self._selected_gain != self._gain:
            self._gain, self._unsettled = self._selected_gain, SETTLING_CONVERSIONS
        full = self.channel_b_count if self._gain == 32 else self.count_at(t_ns) * self._gain // 128
        self._unsettled = max(0, self._unsettled - 1)
        count = full + (self._last_count - full) * self._unsettled // SETTLING_CONVERSIONS
        if not self._unsettled:
            self._last_count = full
        return min(max(count, COUNT_MIN), COUNT_MAX)


class Board:
    """Chips on pins, and a stand-in for the module ``RPi.GPIO`` that reaches them.

    Parameters
    ----------
    chips : the chip of each (dout, sck) pair of BCM numbers; equal sck = shared clock
    clock_ns : the board's time
    spend : called at the start of each GPIO call, to let its cost pass

    """

    # The numbers of the real module.
    VERSION = "0.7.1"
    BOARD, BCM = 10, 11
    OUT, IN = 0, 1
    LOW, HIGH = 0, 1
    PUD_OFF, PUD_DOWN, PUD_UP = 20, 21, 22

    def __init__(
        self,
        chips: Mapping[tuple[int, int], Chip],
        clock_ns: Callable[[], int] = time.monotonic_ns,
        spend: Callable[[], None] | None = None,
    ) -> None:
        self.clock_ns = clock_ns
        self._spend = spend or (lambda: None)
        self._by_dout = {dout: chip for (dout, _), chip in chips.items()}
        self._by_sck: dict[int, list[Chip]] = {}
        for (_, sck), chip in chips.items():
            self._by_sck.setdefault(sck, []).append(chip)
        self._mode: int | None = None
        self._direction: dict[int, int] = {}
        self._pull: dict[int, int] = {}

    def setmode(self, mode: int) -> None:
        """Choose the pin numbers; the chips are on BCM numbers."""
        if mode != self.BCM:
            raise ValueError("the simulated pins know BCM numbers only")
        self._mode = mode

    def getmode(self) -> int | None:
        """Return what `setmode` was told."""
        return self._mode

    def setwarnings(self, _flag: bool) -> None:
        """Do nothing: the stand-in never warns."""

    def setup(
        self, channel: int | Sequence[int], direction: int, pull_up_down: int = PUD_OFF, initial: int = -1
    ) -> None:
        """Make pins an input or an output."""
        if self._mode is None:
            raise RuntimeError(
                "Please set pin numbering mode using GPIO.setmode(GPIO.BOARD) or GPIO.setmode(GPIO.BCM)"
            )
        for pin in _several(channel):
            self._direction[pin] = direction
            self._pull[pin] = pull_up_down
            if direction == self.OUT and initial >= 0:
                self.output(pin, initial)

    def output(self, channel: int | Sequence[int], value: int) -> None:
        """Drive pins."""
        self._spend()
        t_ns = self.clock_ns()
        for pin in (channel,) if isinstance(channel, int) else channel:
            if self._direction.get(pin) != self.OUT:
                raise RuntimeError("The GPIO channel has not been set up as an OUTPUT")
            for chip in self._by_sck.get(pin, ()):
                chip.clock(t_ns, bool(value))

    def input(self, channel: int) -> int:
        """Read a pin."""
        self._spend()
        if channel not in self._direction:
            raise RuntimeError("You must setup() the GPIO channel first")
        pulled_up = self._pull[channel] == self.PUD_UP
        chip = self._by_dout.get(channel)
        return chip.level(self.clock_ns(), pulled_up) if chip is not None else int(pulled_up)

    def cleanup(self, channel: int | Sequence[int] | None = None) -> None:
        """Give pins back, all without `channel`; the resistor on the chip's board holds SCK low."""
        for pin in list(self._direction) if channel is None else _several(channel):
            if self._direction.pop(pin, None) == self.OUT:
                for chip in self._by_sck.get(pin, ()):
                    chip.clock(self.clock_ns(), False)
        if channel is None:
            self._mode = None


def _several(channel: int | Sequence[int]) -> Sequence[int]:
    return (channel,) if isinstance(channel, int) else channel


def simulated_board(
    pins: Mapping[str, tuple[int, int]],
    rate_hz: float,
    count_at: Callable[[int, int], int],
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> Board:
    """Return four chips whose oscillators differ as users measured them.

    `pins` holds (dout, sck) by cell word, `rate_hz` is what the chips are set to, and `count_at`
    gives the count of a cell at a time in ns.
    """
    now_ns = clock_ns()
    chips: dict[tuple[int, int], Chip] = {}
    for word, wires in pins.items():
        cell = Cell[word.upper()]
        rate = rate_hz * OSCILLATORS[cell]
        start_ns = now_ns - round((9.0 + 0.23 * cell) * 1e9 / rate)  # long enough to be settled

        def count(t_ns: int, cell: int = cell) -> int:
            return count_at(cell, t_ns)

        chips[wires] = Chip(count, rate, start_ns)
    return Board(chips, clock_ns)
