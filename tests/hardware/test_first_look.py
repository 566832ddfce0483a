"""The start tells once what the chips do, with the numbers."""

from __future__ import annotations

import logging

import pytest

from hardware.bank import open_bank
from hardware.first_look import LOOK_NS, first_look
from hardware.pins import Board, Chip, VirtualClock

PINS = {"heel_left": (5, 6), "heel_right": (13, 19), "toe_left": (16, 20), "toe_right": (21, 26)}
RATES_HZ = {"heel_left": 78.0, "heel_right": 85.0, "toe_left": 92.0, "toe_right": 10.0}


def test_rates_losses_and_faults_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = VirtualClock(5_000_000_000)
    chips = {PINS[cell]: Chip(lambda _: 7, rate, 4_000_000_000) for cell, rate in RATES_HZ.items()}
    chips[PINS["toe_left"]].trouble(0, 2**62, "unplugged")
    bank = open_bank("gpio", PINS, 80.0, board=Board(chips, clock, spend=lambda: clock.pass_ns(1_000)))
    look = first_look(bank, clock())
    end_ns = clock() + LOOK_NS + 500_000_000
    with caplog.at_level(logging.INFO):
        while clock() < end_ns:
            bank.poll(clock())
            look(clock())
            clock.wait_until(min(bank.next_poll_ns(clock()), clock() + 20_000_000))
    told = {record.getMessage().split(":")[0]: record for record in caplog.records}
    assert len(caplog.records) == 5
    assert "78.0 SPS" in told["heel_left"].getMessage()
    assert told["heel_left"].levelno == logging.INFO
    assert "no steady rate" in told["toe_left"].getMessage()
    assert "absent" in told["toe_left"].getMessage()
    assert told["toe_left"].levelno == told["toe_right"].levelno == logging.WARNING
    assert "10.0 SPS" in told["toe_right"].getMessage()
    assert "wrong_rate" in told["toe_right"].getMessage()
    assert any("longest clock pulse" in record.getMessage() for record in caplog.records)
