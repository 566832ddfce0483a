"""The command line as a person types it, wrong words and broken files included."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hardware.mock import MockAdc
from station.__main__ import main
from station.conversions import CELL_WORDS

ROOT = Path(__file__).resolve().parents[2]


def heeldrive(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "station", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def write_set(folder: Path, layout: str) -> tuple[Path, int]:
    """Write a simulated set as a force file, and return how many reps it truly has."""
    adc = MockAdc(seed=5)
    end_ns = 75_000_000_000
    records = adc.poll(end_ns)
    calibration = adc.info.calibration
    assert calibration is not None
    zero, gain = np.array(calibration.zero_count), np.array(calibration.newtons_per_count)
    cell = records["cell"]
    force_n = (records["count"] - zero[cell]) * gain[cell]
    t_s = records["t_ns"] / 1e9
    path = folder / f"{layout}.csv"
    if layout == "long":
        rows = [f"{t:.6f},{CELL_WORDS[c]},{f:.4f}" for t, c, f in zip(t_s, cell, force_n, strict=True)]
        path.write_text("t_s,cell,force_n\n" + "\n".join(rows) + "\n")
    else:
        grid = np.arange(1.0, 74.0, 0.01)
        columns = [np.interp(grid, t_s[cell == c], force_n[cell == c]) for c in range(4)]
        rows = [",".join(f"{x:.4f}" for x in row) for row in zip(grid, *columns, strict=True)]
        path.write_text("t_s,heel_left_n,heel_right_n,toe_left_n,toe_right_n\n" + "\n".join(rows) + "\n")
    return path, len(adc.truth(end_ns))


@pytest.mark.parametrize("layout", ["long", "wide"])
def test_analyze_counts_a_set_of_a_file(tmp_path: Path, layout: str) -> None:
    path, true_reps = write_set(tmp_path, layout)
    answer = heeldrive("analyze", path, "--side", "left", "--json")
    assert answer.returncode == 0, answer.stderr
    value = json.loads(answer.stdout)
    assert value["format"] == "heeldrive-analysis/1"
    assert value["side"] == "left"
    complete = [rep for rep in value["reps"] if rep["complete"]]
    assert len(complete) == true_reps >= 8
    for rep in complete:
        in_order = [rep[f"{name}_s"] for name in ("lift_off", "lockout_start", "lockout_end", "touchdown")]
        assert in_order == sorted(in_order)
        assert rep["up_s"] == pytest.approx(rep["lockout_start_s"] - rep["lift_off_s"], abs=2e-6)
        assert 0 < rep["heel_share"] < 1


def test_the_delay_of_a_converter_is_taken_off_every_boundary(tmp_path: Path) -> None:
    path, _ = write_set(tmp_path, "wide")
    plain, moved = (
        json.loads(heeldrive("analyze", path, "--side", "left", "--json", *words).stdout)["reps"]
        for words in ((), ("--adc-delay-s", "0.05"))
    )
    assert len(plain) == len(moved)
    for a, b in zip(plain, moved, strict=True):
        if a["complete"]:
            assert a["touchdown_s"] - b["touchdown_s"] == pytest.approx(0.05, abs=0.003)
            assert a["hold_s"] == pytest.approx(b["hold_s"], abs=0.02)


def test_analyze_prints_a_table_for_people(tmp_path: Path) -> None:
    path, true_reps = write_set(tmp_path, "wide")
    answer = heeldrive("analyze", path, "--side", "right")
    assert answer.returncode == 0
    assert f"{true_reps} reps in 73.0 s" in answer.stdout
    assert "right foot" in answer.stdout
    assert "▇" in answer.stdout


def test_a_file_with_no_reps_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "flat.csv"
    rows = "".join(f"{t / 100:.2f},20,20,20,20\n" for t in range(2_000))
    path.write_text("t_s,heel_left_n,heel_right_n,toe_left_n,toe_right_n\n" + rows)
    answer = heeldrive("analyze", path, "--json", "--side", "left")
    assert answer.returncode == 0
    assert json.loads(answer.stdout)["reps"] == []
    assert "0 reps" in heeldrive("analyze", path, "--side", "left").stdout


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        [],
        ["run", "--adc", "guess"],
        ["run", "--port", "0"],
        ["run", "--port", "http"],
        ["run", "--speed", "-1"],
        ["analyze"],
        ["analyze", "x.csv", "--side", "both"],
        ["analyze", "x.csv", "--adc-delay-s", "-0.1"],
        ["sample", "--seconds", "nan", "--out", "x.csv"],
        ["export", "one", "--out", "x"],
        ["export", "1", "--format", "xls", "--out", "x"],
    ],
)
def test_wrong_words_end_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: heeldrive" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "--speed", "2", "--adc", "gpio"], "real time"),
        (["run", "--pins", "simulated"], "--adc gpio"),
        (["run", "--adc", "replay"], "--replay FILE"),
        (["run", "--replay", "nothing.csv", "--adc", "mock"], "--adc replay"),
        (["run", "--replay", "nothing.csv"], "nothing.csv can't be read"),
        (["run", "--config", "nothing.toml"], "nothing.toml"),
        (["run", "--data", "/proc/heeldrive"], "can't be written"),
        (["sample", "--adc", "mock", "--seconds", "1", "--out", "/proc/x.csv"], "can't be written"),
        (["sample", "--adc", "gpio", "--seconds", "1", "--out", "{tmp}/x.csv"], "RPi.GPIO"),
        (["analyze", "nothing.csv"], "nothing.csv can't be read"),
        (["export", "7", "--out", "{tmp}/out", "--data", "{tmp}"], "no session 7"),
        (["calibrate", "--mass-kg", "20", "--data", "{tmp}"], "No station runs"),
        (["doctor", "--adc", "gpio", "--data", "{tmp}"], "RPi.GPIO"),
        (["where", "--data", "{tmp}"], "No station runs"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_1(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word.replace("{tmp}", str(tmp_path)) for word in words]) == 1
    told = capsys.readouterr()
    assert says in told.err
    assert len(told.err.splitlines()) == 1
    assert told.out == ""


def test_no_sessions_is_said_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", "--data", str(tmp_path)]) == 0
    assert "No session" in capsys.readouterr().out


def test_a_damaged_session_file_is_named_among_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    (folder / "session-00004.heeldrive").write_bytes(b"SQLite format 3\0" + bytes(200))
    assert main(["sessions", "--data", str(tmp_path)]) == 0
    assert "damaged" in capsys.readouterr().out
    assert main(["export", "4", "--out", str(tmp_path / "out"), "--data", str(tmp_path)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
