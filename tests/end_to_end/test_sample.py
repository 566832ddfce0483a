"""`heeldrive sample --adc gpio` with another module answering `import RPi.GPIO`, as on a Pi."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

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
_board = Board(_chips, time.monotonic_ns)
BCM, BOARD, IN, OUT, LOW, HIGH = 11, 10, 1, 0, 0, 1
PUD_OFF, PUD_DOWN, PUD_UP = 20, 21, 22
setmode, setwarnings, setup = _board.setmode, _board.setwarnings, _board.setup
output, input, cleanup = _board.output, _board.input, _board.cleanup
"""


def sample(
    tmp_path: Path, pins: dict[str, tuple[int, int]], dead: str = ""
) -> tuple[dict[str, Any], list[list[str]], float]:
    """Return what was printed, the rows, and how long the command took."""
    (tmp_path / "RPi").mkdir()
    (tmp_path / "RPi" / "__init__.py").touch()
    (tmp_path / "RPi" / "GPIO.py").write_text(MODULE, encoding="utf-8")
    config = tmp_path / "config.toml"
    tables = (f"[adc.pins.{cell}]\ndout = {dout}\nsck = {sck}\n" for cell, (dout, sck) in pins.items())
    config.write_text(CONFIG + "".join(tables), encoding="utf-8")
    out = tmp_path / "out.csv"
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "SIMULATED_WIRES": json.dumps([pins[cell] for cell in CELL_WORDS]),
        "SIMULATED_DEAD": dead,
    }
    command = [sys.executable, "-m", "station", "sample", "--adc", "gpio", "--config", str(config)]
    started_s = time.monotonic()
    ended = subprocess.run(
        [*command, "--seconds", "3", "--out", str(out)],
        capture_output=True, text=True, timeout=30, check=False, env=environment,
    )  # fmt: skip
    took_s = time.monotonic() - started_s
    assert ended.returncode == 0, ended.stderr
    header, *rows = out.read_text(encoding="utf-8").splitlines()
    assert header == "t_ns,cell,count,status"
    return json.loads(ended.stdout)["cells"], [row.split(",") for row in rows], took_s


@pytest.mark.parametrize("shared", [False, True], ids=["own clocks", "one clock"])
def test_every_ok_row_is_what_its_chip_converted(tmp_path: Path, shared: bool) -> None:
    pins = {cell: (dout, 17) for cell, (dout, _) in PINS.items()} if shared else PINS
    cells, rows, _ = sample(tmp_path, pins)
    for i, cell in enumerate(CELL_WORDS):
        good = [(int(t), int(count)) for t, word, count, status in rows if word == cell and status == "ok"]
        assert cells[cell]["kept"] == len(good) > 90
        for t_ns, count in good:
            assert count // 100_000 == i + 1, "another chip's value, or none"
            # The count tells the ms at which it was converted: the time stamp must agree.
            late_ms = (t_ns / 1e6 - count % 100_000) % 1000
            assert min(late_ms, 1000 - late_ms) < 2.0
        assert cells[cell]["chip_rate_hz"] == pytest.approx(80.0 + i, rel=0.01)


@pytest.mark.parametrize(("dead", "word"), [("unplugged", "absent"), ("stuck_low", "stuck_low")])
def test_with_all_chips_dead_it_ends_in_time_and_says_why(tmp_path: Path, dead: str, word: str) -> None:
    cells, rows, took_s = sample(tmp_path, PINS, dead)
    assert took_s < 6.0
    assert not Counter(status for *_, status in rows)["ok"]
    for told in cells.values():
        assert told["kept"] == 0
        assert told["rate_hz"] == 0.0
        assert told["chip_rate_hz"] is None
        assert word in told["faults"]
