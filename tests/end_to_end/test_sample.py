"""`heeldrive sample` on the mock, on simulated pins, and where another module answers `import RPi.GPIO`."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from running_station import heeldrive

from station.conversions import CELL_WORDS

CONFIG = """
[adc]
backend = "gpio"
rate_hz = 80
"""
PINS = {"heel_left": (4, 17), "heel_right": (27, 22), "toe_left": (10, 9), "toe_right": (11, 5)}

# A stand-in as another project would write one: only module-level functions and constants.
MODULE = """
import json, os, time
from hardware.pins import Board, Chip, VirtualClock

_wires = json.loads(os.environ["SIMULATED_WIRES"])
_dead = os.environ["SIMULATED_DEAD"]
_now = time.monotonic_ns()
_chips = {}
for _i, (_dout, _sck) in enumerate(_wires):
    def _count(t_ns, i=_i):
        return (i + 1) * 100_000 + t_ns // 1_000_000 % 1000

    _chip = Chip(_count, 80.0 + _i, _now - 200_000_000)
    if _dead:
        _chip.trouble(0, 2**62, _dead)
    _chips[_dout, _sck] = _chip
_board = Board(_chips)
BCM, BOARD, IN, OUT, LOW, HIGH = 11, 10, 1, 0, 0, 1
PUD_OFF, PUD_DOWN, PUD_UP = 20, 21, 22
setmode, setwarnings, setup = _board.setmode, _board.setwarnings, _board.setup
output, input, cleanup = _board.output, _board.input, _board.cleanup
"""

# How many conversions a busy host catches in time is the host's matter. On this one nothing else runs:
# time passes by what the program does, 0.5 us for each look at the clock.
STEADY_HOST = """
import time

_now_ns = time.monotonic_ns()

def _look_ns():
    global _now_ns
    _now_ns += 500
    return _now_ns

def _sleep(seconds):
    global _now_ns
    _now_ns += int(seconds * 1e9)

time.monotonic_ns, time.monotonic, time.sleep = _look_ns, lambda: _look_ns() / 1e9, _sleep
"""
SECONDS = 2
PROOF = 8  # conversions that may pass before a chip's beat is known
SLOWEST_HZ = {"mock": 70, "gpio --pins simulated": 78}  # of chips set to 80, as each simulates them


def environment(tmp_path: Path, host: str) -> dict[str, str]:
    """Return the environment of a command on the "steady host", or on the one that this is."""
    if host == "steady host":
        (tmp_path / "sitecustomize.py").write_text(STEADY_HOST, encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def sample(
    tmp_path: Path, pins: dict[str, tuple[int, int]], host: str, dead: str = ""
) -> tuple[dict[str, Any], list[list[str]], float]:
    """Return what was printed, the rows, and how long the command took."""
    (tmp_path / "RPi").mkdir()
    (tmp_path / "RPi" / "__init__.py").touch()
    (tmp_path / "RPi" / "GPIO.py").write_text(MODULE, encoding="utf-8")
    config = tmp_path / "config.toml"
    tables = (f"[adc.pins.{cell}]\ndout = {dout}\nsck = {sck}\n" for cell, (dout, sck) in pins.items())
    config.write_text(CONFIG + "".join(tables), encoding="utf-8")
    out = tmp_path / "out.csv"
    wires = json.dumps([pins[cell] for cell in CELL_WORDS])
    started_s = time.monotonic()
    ended = heeldrive(
        "sample", "--adc", "gpio", "--config", config, "--seconds", str(SECONDS), "--out", out,
        env=environment(tmp_path, host) | {"SIMULATED_WIRES": wires, "SIMULATED_DEAD": dead},
    )  # fmt: skip
    took_s = time.monotonic() - started_s
    assert ended.returncode == 0, ended.stderr
    header, *rows = out.read_text(encoding="utf-8").splitlines()
    assert header == "t_ns,cell,count,status"
    return json.loads(ended.stdout)["cells"], [row.split(",") for row in rows], took_s


@pytest.mark.parametrize("host", ["steady host", "this host"])
@pytest.mark.parametrize("shared", [False, True], ids=["own clocks", "one clock"])
def test_every_ok_row_is_what_its_chip_converted(tmp_path: Path, host: str, shared: bool) -> None:
    pins = {cell: (dout, 17) for cell, (dout, _) in PINS.items()} if shared else PINS
    cells, rows, _ = sample(tmp_path, pins, host)
    for i, (cell, told) in enumerate(cells.items()):
        good = [(int(t), int(count)) for t, word, count, status in rows if word == cell and status == "ok"]
        assert told["kept"] == len(good)
        for t_ns, count in good:
            assert count // 100_000 == i + 1, "another chip's value, or none"
            # The count tells the ms in which it was converted, and the time stamp must agree: to the
            # look, or where the host was away to two ms more.
            late_ms = (t_ns / 1e6 - count % 100_000 + 500) % 1000 - 500
            assert -0.1 < late_ms < 1.1 if host == "steady host" else -2.0 < late_ms < 3.0
        assert told["chip_rate_hz"] in (None, pytest.approx(80.0 + i, rel=0.01))
        if host == "this host":
            assert good or told["faults"], "nothing, and not a word of why"
            continue
        # A steady host loses none; on one clock all go at the slowest chip's pace.
        assert len(good) >= SECONDS * (80 if shared else 80 + i) - PROOF
        assert told["kept"] + told["rejected"] + told["missed"] == pytest.approx(SECONDS * (80 + i), abs=2)
        assert told["chip_rate_hz"] is not None


@pytest.mark.parametrize(("dead", "word"), [("unplugged", "absent"), ("stuck_low", "stuck_low")])
def test_with_all_chips_dead_it_ends_in_time_and_says_why(tmp_path: Path, dead: str, word: str) -> None:
    cells, rows, took_s = sample(tmp_path, PINS, "this host", dead)
    assert took_s < 6.0
    assert not Counter(status for *_, status in rows)["ok"]
    for told in cells.values():
        assert told["kept"] == 0
        assert told["rate_hz"] == 0.0
        assert told["chip_rate_hz"] is None
        assert word in told["faults"]


@pytest.mark.parametrize("adc", SLOWEST_HZ)
def test_sample_writes_what_it_says_it_kept(tmp_path: Path, adc: str) -> None:
    out = tmp_path / "s.csv"
    answer = heeldrive(
        "sample", "--adc", *adc.split(), "--seconds", str(SECONDS), "--out", out,
        env=environment(tmp_path, "steady host"),
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    cells = json.loads(answer.stdout)["cells"]
    assert list(cells) == list(CELL_WORDS)
    header, *rows = out.read_text().splitlines()
    assert header == "t_ns,cell,count,status"
    table = [row.split(",") for row in rows]
    for cell, told in cells.items():
        mine = [row for row in table if row[1] == cell]
        assert told["kept"] == sum(row[3] == "ok" for row in mine) >= SECONDS * SLOWEST_HZ[adc] - PROOF
        assert told["rejected"] == sum(row[3] != "ok" for row in mine)
        times = [int(row[0]) for row in mine]
        assert all(a < b for a, b in pairwise(times))
        assert all(-0x800000 <= int(row[2]) <= 0x7FFFFF for row in mine)
