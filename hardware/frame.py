"""One frame: 25 pulses, a bit after each, and the proof that they were answered.

Whoever reads it is never stopped in the middle: a frame that goes wrong is finished all the
same, as fewer or more pulses would select another gain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hardware.gpio import Lines

BITS = 24
PROOF_LOOKS = 2  # at a line that must be high after the tail bit: a floating one rarely is each time


@dataclass(frozen=True)
class Frame:
    """What the chips on one clock line answered.

    Parameters
    ----------
    start_ns : before the first pulse
    quiet_ns : before the last look, which a whole frame finds high
    end_ns : after the last look
    highest_ns : the longest that SCK can have been high, the host's own delays included
    counts : signed 24 bits per data line
    whole : per data line, whether it was high from the tail bit on
    dead_low : per data line, whether nothing but low was ever seen

    """

    start_ns: int
    quiet_ns: int
    end_ns: int
    highest_ns: int
    counts: tuple[int, ...]
    whole: tuple[bool, ...]
    dead_low: tuple[bool, ...]


def read_frame(lines: Lines, sck: int, douts: Sequence[int], clock_ns: Callable[[], int]) -> Frame:
    """Clock one frame out of every chip on `sck`; gain 128, so 25 pulses."""
    drive, levels = lines.set, lines.levels
    highest_ns = 0
    rows: list[Sequence[int]] = []
    start_ns = clock_ns()
    for _ in range(BITS + 1):
        before_ns = clock_ns()
        drive(sck, True)
        drive(sck, False)
        high_ns = clock_ns() - before_ns
        if high_ns > highest_ns:
            highest_ns = high_ns
        rows.append(levels(douts))
    after = [rows.pop()]
    for _ in range(PROOF_LOOKS):
        quiet_ns = clock_ns()
        after.append(levels(douts))
    end_ns = clock_ns()
    values = [_number(column) for column in zip(*rows, strict=True)]
    tails = list(zip(*after, strict=True))
    return Frame(
        start_ns,
        quiet_ns,
        end_ns,
        highest_ns,
        tuple(value - (value >> 23 << 24) for value in values),
        tuple(all(tail) for tail in tails),
        tuple(value == 0 and not any(tail) for value, tail in zip(values, tails, strict=True)),
    )


def _number(bits: Sequence[int]) -> int:
    value = 0
    for bit in bits:
        value = value << 1 | bit
    return value
