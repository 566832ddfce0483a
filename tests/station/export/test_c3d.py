"""The C3D export, read by two readers that are not ours."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from exported import taken

from station.export import c3d as export
from station.export.c3d_file import C3d, Event
from station.library import Library
from station.signal.model import BOUNDARIES

SPACING_MM = 200.0


@pytest.fixture(scope="session")
def path(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = taken(library, "c3d", session=1)
    assert list(found) == ["session-00001_set-01.c3d", "session-00001_set-02.c3d"]
    path = tmp_path_factory.mktemp("c3d") / "set.c3d"
    path.write_bytes(found["session-00001_set-01.c3d"])
    return path


@pytest.fixture(scope="session")
def read(path: Path) -> dict[str, Any]:
    """What ezc3d reads; it is C++, and a file that it dislikes can end a process."""
    reader = Path(__file__).with_name("read_c3d.py")
    said = subprocess.run(
        [sys.executable, reader, path], capture_output=True, text=True, timeout=60, check=False
    )
    assert said.returncode == 0, said.stderr
    return dict(json.loads(said.stdout))


@pytest.fixture(scope="session")
def wanted(library: Library, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The same stretch of the curves, as the CSV export has it."""
    path = tmp_path_factory.mktemp("wanted") / "curves.csv"
    path.write_bytes(taken(library, "csv", session=1, set=1)["session-00001_set-01_curves.csv"])
    return pd.read_csv(path)


def close(found: list[float | None], wanted: Any, atol: float) -> bool:
    return np.allclose(np.array(found, float), np.asarray(wanted, float), atol=atol, equal_nan=True)


def test_the_four_cells_are_channels_in_newtons(read: dict[str, Any], wanted: pd.DataFrame) -> None:
    assert read["rate_hz"] == 100
    for name in ("heel_left", "heel_right", "toe_left", "toe_right"):
        place = read["labels"].index(name)
        assert read["units"][place] == "N"
        assert close(read["analogs"][place], wanted[f"{name}_n"], 0.001), name
    assert wanted["total_n"].isna().any()  # a gap is among them, and stays one


@pytest.mark.parametrize(("place", "half", "y_mm"), [(0, "heel", -52.0), (1, "toe", 52.0)])
def test_each_half_is_a_platform_with_force_and_centre_of_pressure(
    read: dict[str, Any], wanted: pd.DataFrame, place: int, half: str, y_mm: float
) -> None:
    platform = read["platforms"][place]
    left, right = wanted[f"{half}_left_n"], wanted[f"{half}_right_n"]
    assert (platform["unit_force"], platform["unit_position"]) == ("N", "mm")
    x, y, z = platform["force"]
    assert close(z, left + right, 0.002)  # up in the lab: the reaction to who presses down
    assert close(x, 0 * left, 0.0) or set(x) <= {0.0, None}
    assert set(y) <= {0.0, -0.0, None}
    loaded = (left + right) >= 30.01
    to_the_right = SPACING_MM / 2 * (right - left) / (left + right)
    assert loaded.sum() > 2_000
    assert close(np.array(platform["cop"][0], float)[loaded], to_the_right[loaded], 0.02)
    unloaded = (left + right) < 29.99
    assert np.isnan(np.array(platform["cop"][0], float)[unloaded]).all()
    assert close(np.array(platform["cop"][1], float)[loaded], np.full(loaded.sum(), y_mm), 1e-4)
    corners = np.array(platform["corners"])
    assert corners[0].max() - corners[0].min() == SPACING_MM
    assert corners[1].mean() == y_mm
    assert set(platform["tz"][2]) <= {0.0, -0.0, None}


def test_heel_and_toe_add_up_to_the_whole(read: dict[str, Any], wanted: pd.DataFrame) -> None:
    heel, toe = (np.array(platform["force"][2], float) for platform in read["platforms"])
    assert close(heel + toe, wanted["total_n"], 0.003)


def test_events_are_the_boundaries_of_the_reps(read: dict[str, Any], rep_table: pd.DataFrame) -> None:
    events = read["events"]
    start_s = read["heeldrive"]["START_S"][0]
    first = rep_table[rep_table["set"] == 1]
    there = {
        (name, f"rep {rep['number']} of set 1"): rep[f"{name}_s"]
        for _, rep in first.iterrows()
        for name in BOUNDARIES
        if not np.isnan(rep[f"{name}_s"])
    }
    minutes, seconds = np.array(events["TIMES"])
    found = dict(
        zip(zip(events["LABELS"], events["DESCRIPTIONS"], strict=True), minutes * 60 + seconds, strict=True)
    )
    assert found.keys() == there.keys()
    assert events["USED"] == [len(there)]
    assert len(there) >= 30
    for key, t_s in there.items():
        assert found[key] + start_s == pytest.approx(t_s, abs=2e-5), key
    assert set(events["CONTEXTS"]) == {"Left"}
    assert list(seconds) == sorted(seconds)


def test_the_file_says_where_it_comes_from(read: dict[str, Any]) -> None:
    told = {key: value[0] for key, value in read["heeldrive"].items()}
    assert told["DATA"].startswith("SIMULATED")
    assert told["CALIBRATION"].startswith("mock-")
    assert told["SIDE"] == "left"
    assert told["STARTED"].endswith("clock synchronised")
    assert {
        "RATES",
        "GAPS",
        "FILTER",
        "SOFTWARE",
        "NOT_MEASURED",
        "STATION",
        "PLATE",
        "CORNERS_NOTE",
    } <= told.keys()


def test_another_reader_reads_the_same(path: Path, read: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there are no 3-D points
        import c3d

        with path.open("rb") as file:
            reader = c3d.Reader(file)
            frames = np.hstack([analog for _, _, analog in reader.read_frames()])
    assert [label.strip() for label in reader.analog_labels] == read["labels"]
    assert reader.analog_rate == 100
    assert reader.get("FORCE_PLATFORM:TYPE").int16_array.tolist() == [1, 1]
    for found, wanted in zip(frames, read["analogs"], strict=True):
        assert close(wanted, found, 1e-4)


def test_more_events_than_a_list_holds_go_on_in_the_next(tmp_path: Path) -> None:
    events = [Event(k / 10, f"e{k}", "", "Left") for k in range(300)]
    samples = np.arange(4_000, dtype=np.float32).reshape(-1, 1)
    path = tmp_path / "many.c3d"
    path.write_bytes(b"".join(C3d(100.0, ["x"], ["N"], [""], samples, events).chunks()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import c3d

        with path.open("rb") as file:
            reader = c3d.Reader(file)
            values = [float(analog[0, 0]) for _, _, analog in reader.read_frames()]
    assert values == samples[:, 0].tolist()
    labels = [text.strip() for more in ("", "2") for text in reader.get(f"EVENT:LABELS{more}").string_array]
    assert labels == [event.label for event in events]
    times = np.concatenate(
        [reader.get(f"EVENT:TIMES{more}").float_array.reshape(-1, 2) for more in ("", "2")]
    )
    assert np.allclose(times, [[0.0, event.time_s] for event in events], atol=1e-5)


def test_a_set_too_long_for_one_file_goes_on_in_the_next(
    library: Library, wanted: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(export, "MOST_FRAMES", 2_000)
    found = taken(library, "c3d", session=1, set=1)
    assert list(found) == [f"session-00001_set-01{part}.c3d" for part in ("", "_part-2", "_part-3")]
    totals, reps = [], []
    for name, content in found.items():
        (tmp_path / name).write_bytes(content)
        reader = Path(__file__).with_name("read_c3d.py")
        said = subprocess.run(
            [sys.executable, reader, tmp_path / name], capture_output=True, text=True, timeout=60, check=True
        )
        told = json.loads(said.stdout)
        totals += [np.array(told["platforms"][0]["force"][2], float)]
        start_s = told["heeldrive"]["START_S"][0]
        reps += [start_s + t for t in told["events"]["TIMES"][1]]
    heel_n = wanted["heel_left_n"] + wanted["heel_right_n"]
    assert close(np.concatenate(totals), heel_n, 0.002)
    assert len(reps) >= 30
    assert reps == sorted(reps)
