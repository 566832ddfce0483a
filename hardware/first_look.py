"""What the chips turned out to do in the first seconds of a start, told once in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable

from hardware.bank import Bank
from hardware.channel import SLOW_PULSE_NS

LOOK_NS = 3_000_000_000

_log = logging.getLogger(__name__)


def first_look(bank: Bank, start_ns: int) -> Callable[[int], None]:
    """Return what is called with the time after each poll, and tells once when it is time."""
    told = False

    def look(now_ns: int) -> None:
        nonlocal told
        if told or now_ns - start_ns < LOOK_NS:
            return
        told = True
        for cell, what in bank.statistics().items():
            rate_hz = what["chip_rate_hz"]
            rate = "no steady rate" if rate_hz is None else f"{rate_hz:.1f} SPS"
            faults = f", faults: {', '.join(what['faults'])}" if what["faults"] else ""
            level = logging.WARNING if faults or rate_hz is None else logging.INFO
            kept = f"{what['kept']} kept, {what['rejected']} rejected, {what['missed']} missed"
            _log.log(level, "%s: %s, %s%s", cell, rate, kept, faults)
        slow = bank.highest_ns > SLOW_PULSE_NS
        _log.log(
            logging.WARNING if slow else logging.INFO,
            "the longest clock pulse was %.0f µs%s",
            bank.highest_ns / 1000,
            ": the computer is too busy for a frame now and then" if slow else "",
        )

    return look
