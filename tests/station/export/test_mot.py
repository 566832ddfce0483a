"""The OpenSim export by the rules of OpenSim's documentation of motion files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from exported import HOSTILE, taken

from station.analysis import analyze
from station.library import Library
from station.signal.model import BOUNDARIES


def parsed(text: str) -> tuple[str, dict[str, str], pd.DataFrame]:
    """Return name, `key=value` pairs and table: a header to ``endheader``, labels, rows of numbers."""
    head, body = text.split("\nendheader\n", 1)
    name, *lines = head.split("\n")
    pairs = dict(line.split("=", 1) for line in lines if "=" in line)
    labels, *rows = body.rstrip("\n").split("\n")
    table = pd.DataFrame([[float(x) for x in row.split("\t")] for row in rows], columns=labels.split("\t"))
    return name, pairs, table


def test_the_header_and_the_forces_are_as_opensim_wants_them(library: Library, curves: pd.DataFrame) -> None:
    found = taken(library, "mot", session=1)
    assert list(found) == ["session-00001_set-01.mot", "session-00001_set-02.mot"]
    text = found["session-00001_set-01.mot"].decode()
    name, pairs, table = parsed(text)
    assert "vertical force only, not for inverse dynamics" in name
    assert pairs["version"] == "1"
    assert pairs["inDegrees"] == "yes"
    assert (int(pairs["nRows"]), int(pairs["nColumns"])) == table.shape
    assert table.columns[0] == "time"
    assert not table.columns.duplicated().any()
    assert (table["time"].diff().dropna() > 0).all()
    wanted = curves.set_index(curves["t_s"].round(6)).loc[table["time"]]
    known = wanted["total_n"].notna().to_numpy()
    assert np.allclose(table["ground_force1_vy"][known], wanted["total_n"][known], atol=0.001)
    assert table["ground_force1_vy"][~known].isna().all()
    assert np.allclose((table["heel_n"] + table["toe_n"])[known], wanted["total_n"][known], atol=0.002)
    for axis in ("vx", "vz", "px", "py"):
        assert (table[f"ground_force1_{axis}"] == 0).all()
    right = wanted["heel_right_n"] + wanted["toe_right_n"] - wanted["heel_left_n"] - wanted["toe_left_n"]
    loaded = (wanted["total_n"] >= 30.01).to_numpy()
    in_m = 0.1 * (right / wanted["total_n"])[loaded]
    assert np.allclose(table["ground_force1_pz"][loaded], in_m, atol=1e-5)
    assert table["ground_force1_pz"][(wanted["total_n"] < 29.99).to_numpy()].isna().all()


def test_a_name_can_not_end_the_header(library: Library) -> None:
    (content,) = taken(library, "mot", session=2).values()
    text = content.decode()
    assert text.count("\nendheader\n") == 1
    assert f"athlete: {HOSTILE}\n" in text


def test_it_makes_the_round_trip(library: Library, rep_table: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "set.mot"
    path.write_bytes(taken(library, "mot", session=1, set=1)["session-00001_set-01.mot"])
    again = [rep for rep in analyze(path, "left").as_json()["reps"] if rep["complete"]]
    first = rep_table[rep_table["set"] == 1]
    assert len(again) == len(first)
    for name in BOUNDARIES:
        back = np.array([rep[f"{name}_s"] for rep in again], float)
        assert np.nanmax(np.abs(back - first[f"{name}_s"])) < 0.06, name
