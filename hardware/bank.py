"""Four chips in clock groups, read each at its own rate, every frame proven.

A clock group is one SCK with one or more DOUTs; the pins alone say which chips share one.
Nothing here waits for a chip: a dead one costs the others a look now and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from hardware.channel import T_NS, Channel
from hardware.frame import Frame, read_frame
from hardware.gpio import Lines, RpiGpioLines, open_lines
from hardware.hx711_package import LIMITS, open_package
from hardware.pins import Board
from station.conversions import (
    FILTER_DELAY_CONVERSIONS,
    RECORD,
    Calibration,
    Cell,
    Records,
    SourceInfo,
    empty_records,
)

NAP_NS = 30_000  # a sleep shorter than this is not worth its own cost
LONGEST_POLL_NS = 10_000_000
COST_CALLS = 200

ReadFrame = Callable[[Lines, int, Sequence[int], Callable[[], int]], Frame]


class _Group:
    """The chips on one clock line."""

    def __init__(self, sck: int, channels: list[Channel]) -> None:
        self.sck = sck
        self.channels = channels
        self.douts = tuple(channel.dout for channel in channels)
        self.frame_ns = 200_000  # how long a frame takes, learned

    def start_ns(self, now_ns: int) -> float | None:
        """Return from when the group can be read, None while no chip is ready."""
        if all(channel.edge is None for channel in self.channels):
            return None
        if any(channel.expected(now_ns) for channel in self.channels):
            return None
        start_ns = float(now_ns)
        for _ in self.channels:  # each chip can move the start into another's conversion
            start_ns = max(channel.start_ns(int(start_ns), self.frame_ns) for channel in self.channels)
        return start_ns

    def wake_ns(self, now_ns: int) -> float:
        """Return when the group is worth a look."""
        waiting = [channel for channel in self.channels if channel.edge is None]
        if len(waiting) < len(self.channels):
            start_ns = self.start_ns(now_ns)
            if start_ns is not None:
                return start_ns
        return min([channel.wake_ns(now_ns) for channel in waiting])


class Bank:
    """A `station.conversions.Source` over HX711 chips on pins.

    Parameters
    ----------
    lines : the opened pins
    pins : (dout, sck) by cell word, BCM numbers; equal sck = shared clock
    info : how the bank describes itself
    clock_ns : CLOCK_MONOTONIC, or a test's
    read : how a frame is read

    """

    def __init__(
        self,
        lines: Lines,
        pins: Mapping[str, tuple[int, int]],
        info: SourceInfo,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        read: ReadFrame = read_frame,
    ) -> None:
        self.info = info
        self._lines = lines
        self._read = read
        self._clock_ns = clock_ns
        self._start_ns = self._end_ns = clock_ns()
        self._highest_ns = 0
        nominal_ns = 1e9 / info.nominal_rate_hz
        by_sck: dict[int, list[Channel]] = {}
        for word, (dout, sck) in pins.items():
            channel = Channel(Cell[word.upper()], dout, nominal_ns, self._start_ns)
            by_sck.setdefault(sck, []).append(channel)
        self._groups = [_Group(sck, channels) for sck, channels in by_sck.items()]
        self._channels = [channel for group in self._groups for channel in group.channels]

    def poll(self, now_ns: int) -> Records:
        """Read the chips that are ready, and those that will be in a moment."""
        until_ns = now_ns + LONGEST_POLL_NS
        groups = self._groups  # at first all, since a line that is low off its beat tells something
        while True:
            for group in groups:
                self._visit(group)
            before_ns, self._end_ns = self._end_ns, self._clock_ns()
            if self._end_ns == before_ns or self._end_ns > until_ns:
                break  # a test's clock stands still while nobody sleeps
            soon_ns = self._end_ns + NAP_NS
            groups = [group for group in self._groups if group.wake_ns(self._end_ns) <= soon_ns]
            if not groups:
                break
        return self._collect(self._end_ns)

    def next_poll_ns(self, now_ns: int) -> int:
        """Return when the next chip is due."""
        return int(min(group.wake_ns(now_ns) for group in self._groups))

    def close(self) -> None:
        """Give the pins back."""
        self._lines.close()

    @property
    def highest_ns(self) -> int:
        """The longest that a clock pulse has been high, as far as the host can tell."""
        return self._highest_ns

    def pulse_cost_ns(self) -> int:
        """Return how long a clock pulse takes through this library, without giving one.

        A line that is low is driven low; two such calls make a pulse.
        """
        sck = self._groups[0].sck
        before_ns = self._clock_ns()
        for _ in range(COST_CALLS):
            self._lines.set(sck, False)
        return 2 * (self._clock_ns() - before_ns) // COST_CALLS

    def statistics(self) -> dict[str, dict[str, Any]]:
        """Return per cell what ``heeldrive sample`` prints."""
        elapsed_s = (self._end_ns - self._start_ns) / 1e9
        return {
            channel.cell.word: channel.statistics(elapsed_s)
            for channel in sorted(self._channels, key=lambda channel: channel.cell)
        }

    def _visit(self, group: _Group) -> None:
        self._look(group)
        start_ns = group.start_ns(self._clock_ns())
        if start_ns is None or start_ns > self._clock_ns():
            return
        self._look(group)  # twice low: a line that floats rarely is
        if group.start_ns(self._clock_ns()) is None:
            return
        frame = self._read(self._lines, group.sck, group.douts, self._clock_ns)
        self._highest_ns = max(self._highest_ns, frame.highest_ns)
        group.frame_ns += (frame.end_ns - frame.start_ns - group.frame_ns) // 8
        for i, channel in enumerate(group.channels):
            channel.take(frame, i)

    def _look(self, group: _Group) -> None:
        before_ns = self._clock_ns()
        levels = self._lines.levels(group.douts)
        after_ns = self._clock_ns()
        for channel, level in zip(group.channels, levels, strict=True):
            channel.look(level, before_ns, after_ns)

    def _collect(self, now_ns: int) -> Records:
        for channel in self._channels:
            channel.tell_faults(now_ns)
        rows = [row for channel in self._channels for row in channel.rows]
        if not rows:
            return empty_records()
        for channel in self._channels:
            channel.rows.clear()
        return np.array(sorted(rows, key=itemgetter(T_NS)), dtype=RECORD)


def open_bank(
    backend: str,
    pins: Mapping[str, tuple[int, int]],
    rate_hz: float,
    *,
    board: Board | None = None,
    calibration: Calibration | None = None,
) -> Bank:
    """Open the chips on the pins of a backend, or of a simulated board in its stead.

    `calibration` is that of the simulated plate; a real one's is the station's to know.

    Raises BadLines when the backend's library is not there or does not work here.
    """
    clocks = sorted({sck for _, sck in pins.values()})
    data = [dout for dout, _ in pins.values()]
    read: ReadFrame = read_frame
    clock_ns, through = time.monotonic_ns, f"through {backend}"
    if board is not None:
        lines: Lines = RpiGpioLines(board, clocks, data)
        clock_ns, through = board.clock_ns, "on SIMULATED pins"
    elif backend == "hx711":
        lines, read = open_package(pins)
        through = LIMITS
    else:
        groups = [tuple(dout for dout, sck in pins.values() if sck == clock) for clock in clocks]
        lines = open_lines(backend, clocks, groups)
    shared = "" if len(clocks) == len(pins) else f" on {len(clocks)} shared clock line(s)"
    info = SourceInfo(
        name=backend,
        nominal_rate_hz=rate_hz,
        simulated=board is not None,
        filter_delay_s=FILTER_DELAY_CONVERSIONS / rate_hz,
        calibration=calibration,
        text=f"{len(pins)} × HX711 at {rate_hz:g} SPS{shared}, {through}",
    )
    return Bank(lines, pins, info, clock_ns, read)
