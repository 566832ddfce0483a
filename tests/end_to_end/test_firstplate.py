"""`heeldrive firstplate` as a process: on pins of its own, on a running station's sampler, on simulations."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardware.mock import MockAdc
from hardware.sampler import DataClock, Sampler
from station.__main__ import main
from station.conversions import Kind, Status
from station.recording import Recording
from station.supervisor import DataFolderLock

SKIP = "s\n"
N_STEPS = 7
# A stand-in for the chips of a plate, as `import RPi.GPIO` finds it.
MODULE = """
from hardware.pins import simulated_board
from station.wiring import DEFAULT_PINS
_board = simulated_board(DEFAULT_PINS, 80.0, lambda cell, t_ns: 1000 * (cell + 1) + t_ns // 1_000_000 % 7)
globals().update({n: getattr(_board, n) for n in dir(_board) if not n.startswith("_")})
"""


def told(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("firstplate.json"))


def started(tmp_path: Path, out: Path) -> subprocess.Popen[str]:
    (tmp_path / "RPi").mkdir()
    (tmp_path / "RPi" / "__init__.py").touch()
    (tmp_path / "RPi" / "GPIO.py").write_text(MODULE, encoding="utf-8")
    words = ["firstplate", "--adc", "gpio", "--data", str(tmp_path / "data"), "--out", str(out)]
    return subprocess.Popen(
        [sys.executable, "-m", "station", *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip


def test_on_pins_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "plate.zip"
    process = started(tmp_path, out)
    said, wrong = process.communicate(SKIP * N_STEPS, timeout=60)
    assert process.returncode == 0, wrong
    assert "one file to send back" in said
    found = told(out)
    assert (found["complete"], found["simulated"], found["source"]["name"]) == (True, False, "gpio")
    assert any("clock pulse takes" in note for note in found["notes"])
    with zipfile.ZipFile(out) as archive:
        recording = Recording.read(Path(archive.extract("recording.heeldrive", tmp_path)))
    records = np.concatenate([block for segment in recording.segments for block in segment.blocks])
    true = records[(records["kind"] == Kind.CONVERSION) & (records["status"] == Status.OK)]
    assert set(true["count"] // 1000) == {1, 2, 3, 4}


def test_ctrl_c_keeps_what_there_is(tmp_path: Path) -> None:
    out = tmp_path / "plate.zip"
    process = started(tmp_path, out)
    assert process.stdin is not None
    process.stdin.write(SKIP)
    process.stdin.flush()
    assert process.stdout is not None
    said = ""
    while not said.endswith("leave it alone. Enter begins: "):
        letter = process.stdout.read(1)
        assert letter, process.communicate()
        said += letter
    process.send_signal(signal.SIGINT)
    _, wrong = process.communicate(timeout=40)
    assert process.returncode == 1
    assert wrong.strip() == f"heeldrive: Broken off: {out} has what was done till then."
    found = told(out)
    assert found["steps"]["empty"]["state"] == "broken_off"
    assert not list(tmp_path.glob("*.part"))


def test_pins_that_are_not_there_are_told_in_one_line(tmp_path: Path) -> None:
    out = tmp_path / "plate.zip"
    words = ["firstplate", "--adc", "gpiod", "--data", str(tmp_path / "data"), "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "station", *words],
        capture_output=True, text=True, check=False, timeout=40, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("heeldrive: gpiod ")
    assert "use --adc mock" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not out.exists()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Sampler]:
    """A station's sampler, and the word of where it is."""
    data = tmp_path / "data"
    lock = DataFolderLock(data)
    now_ns = time.monotonic_ns()
    sampler = Sampler(MockAdc(seed=2, epoch_ns=now_ns), tmp_path / "s.sock", DataClock(now_ns))
    thread = threading.Thread(target=sampler.run)
    thread.start()
    lock.tell({"pid": os.getpid(), "socket": str(tmp_path / "s.sock")})
    yield sampler
    sampler.stop(None)
    thread.join()
    lock.release()


def test_a_running_stations_sampler_is_listened_to(
    tmp_path: Path, running: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "s")
    out = tmp_path / "plate.zip"
    assert main(["firstplate", "--adc", "gpio", "--data", str(tmp_path / "data"), "--out", str(out)]) == 0
    assert told(out)["source"]["text"].endswith("seed 2")
    with zipfile.ZipFile(out) as archive:
        recording = Recording.read(Path(archive.extract("recording.heeldrive", tmp_path)))
    assert [segment.run_id for segment in recording.segments] == [running.run_id.hex()]


def test_a_sampler_that_goes_away_breaks_it_off(
    tmp_path: Path, running: Sampler, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(text: str) -> str:
        if "leave it alone" not in text:
            return "s"
        running.stop(None)
        return ""

    monkeypatch.setattr("builtins.input", answer)
    out = tmp_path / "plate.zip"
    assert main(["firstplate", "--data", str(tmp_path / "data"), "--out", str(out)]) == 1
    said = capsys.readouterr()
    assert "The sampler went away" in said.out
    assert "Broken off" in said.err
    assert told(out)["steps"]["empty"]["state"] == "broken_off"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (["--adc", "mock", "--speed", "20"], {"Which foot": "r", "TOUCH": ""}),
        # In real time, pulse by pulse, beside the analysis: a machine that is busy loses a chip now and then.
        pytest.param(["--adc", "gpio", "--pins", "simulated"], {"last step": ""}, marks=pytest.mark.long),
    ],
    ids=["mock", "pins"],
)
def test_on_a_simulated_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: list[str], wanted: dict[str, str]
) -> None:
    sets = iter(["s", "", "s"])

    def answer(text: str) -> str:
        if "skips this set" in text:
            return next(sets)
        if "How many reps" in text:
            return "5"
        if any(word in text for word in ("What you weigh", "was odd")):
            return ""
        return next((word for question, word in wanted.items() if question in text), "s")

    monkeypatch.setattr("builtins.input", answer)
    out = tmp_path / "plate.zip"
    assert main(["firstplate", *source, "--data", str(tmp_path / "data"), "--out", str(out)]) == 0
    found = told(out)
    assert found["simulated"] is True
    if "--speed" in source:
        labels = found["steps"]["sets"]["sets"]
        assert [label["skipped"] for label in labels] == [True, False, True]
        assert labels[1]["station"]["counted"] == labels[1]["counted_aloud"] == 5
    else:
        assert found["steps"]["zero"]["state"] == "done"
        assert found["source"]["text"].endswith("on SIMULATED pins")
