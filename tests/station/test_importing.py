"""Force files made elsewhere: every layout, and every way in which they are broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from station.conversions import Cell
from station.errors import UserError
from station.importing import COUNTS_PER_N, Imported, read_forces

WIDE = "t_s,heel_left_n,heel_right_n,toe_left_n,toe_right_n\n"


def read(tmp_path: Path, text: str | bytes, plate: int = 1) -> Imported:
    path = tmp_path / "curve.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_forces(path, plate)


def forces_n(imported: Imported, cell: Cell) -> list[float]:
    mine = imported.records[imported.records["cell"] == cell]
    return [float(count) / COUNTS_PER_N for count in mine["count"]]


def test_a_wide_file_gives_every_value_at_its_time(tmp_path: Path) -> None:
    made = read(tmp_path, WIDE + "0.5,1,2,3,4\n0.51,1.25,,3,4.5\n")
    assert forces_n(made, Cell.HEEL_LEFT) == [1.0, 1.25]
    assert forces_n(made, Cell.HEEL_RIGHT) == [2.0]
    assert forces_n(made, Cell.TOE_RIGHT) == [4.0, 4.5]
    assert sorted(set(made.records["t_ns"].tolist())) == [500_000_000, 510_000_000]
    assert made.rate_hz == pytest.approx(100)
    assert made.heel_and_toe


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbft_s;heel_left_n;heel_right_n;toe_left_n;toe_right_n\r\n0,5;1,5;2;3;4\r\n0,6;1;2;3;4\r\n",
        "t_s\theel_left_n\theel_right_n\ttoe_left_n\ttoe_right_n\n0.5\t1.5\t2\t3\t4\n0.6\t1\t2\t3\t4\n",
        "\n" + WIDE + "0.5,1.5,2,3,4\n\n0.6,1,2,3,4\n,,,,\n",
        'extra,"t_s",toe_right_n,toe_left_n,heel_right_n,Heel_Left_N\nx,0.5,4,3,2,1.5\ny,0.6,4,3,2,1\n',
    ],
    ids=["semicolons, decimal commas and a mark", "tabs", "blank lines", "other order, more columns"],
)
def test_the_world_s_dialects_mean_the_same(tmp_path: Path, text: str | bytes) -> None:
    made = read(tmp_path, text)
    assert forces_n(made, Cell.HEEL_LEFT) == [1.5, 1.0]
    assert forces_n(made, Cell.TOE_RIGHT) == [4.0, 4.0]
    assert made.records["t_ns"][0] == 500_000_000


def test_a_long_file_keeps_each_cell_s_own_clock(tmp_path: Path) -> None:
    rows = (
        "t_s,cell,force_n\n0.000,heel_left,10\n0.003,toe_left,20\n0.001,heel_right,30\n0.002,toe_right,40\n"
    )
    made = read(tmp_path, rows + "0.012,heel_left,11\n0.014,toe_left,\n")
    assert made.records["t_ns"].tolist() == [0, 1_000_000, 2_000_000, 3_000_000, 12_000_000]
    assert forces_n(made, Cell.TOE_LEFT) == [20.0]


def test_an_opensim_file_gives_the_plate_asked_for(tmp_path: Path) -> None:
    text = (
        "jump\nversion=1\nnRows=2\nnColumns=7\ninDegrees=yes\nendheader\n"
        "time\tground_force1_vx\tground_force1_vy\tground_force2_vx\tground_force2_vy\n"
        "0\t9\t400\t9\t80\n0.001\t9\t404\t9\t84\n"
    )
    first, second = read(tmp_path, text), read(tmp_path, text, plate=2)
    assert sum(forces_n(first, cell)[0] for cell in Cell) == 400
    assert sum(forces_n(second, cell)[1] for cell in Cell) == 84
    assert first.rate_hz == pytest.approx(1000)
    assert not first.heel_and_toe
    with pytest.raises(UserError, match="ground_force3_vy"):
        read(tmp_path, text, plate=3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (" \n,,\n", "empty"),
        (WIDE, "0 rows"),
        (WIDE + "0,1,2,3,4\n", "1 rows"),
        ("t_s,heel_left_n,heel_right_n,toe_left_n\n0,1,2,3\n", "toe_right_n"),
        (WIDE + "0,1,2,3,4\n0.1,1,x,3,4\n", "line 3: heel_right_n is 'x'"),
        (WIDE + "0,1,2,3,4\n0.1,1,2,3\n", "line 3"),
        (WIDE + "0.1,1,2,3,4\n0.1,1,2,3,4\n", "line 3: the time does not rise"),
        (WIDE + "0.1,1,2,3,4\n0.0,1,2,3,4\n", "does not rise"),
        (WIDE + "0,inf,2,3,4\n0.1,1,2,3,4\n", "can't be"),
        (WIDE + "0,1e300,2,3,4\n0.1,1,2,3,4\n", "can't be"),
        (WIDE + "nan,1,2,3,4\n0.1,1,2,3,4\n", "t_s is empty"),
        (WIDE + "1e12,1,2,3,4\n2e12,1,2,3,4\n", "can't be"),
        ("just a text\nwith lines\n", "single column"),
        ("t_s,cell,force_n\n0,heel,1\n", "cell 'heel'"),
        ("t_s,cell,force_n\n0,heel_left,1\n1,heel_right,1\n1,toe_left,1\n", "no row of toe_right"),
        ("t_s,cell,force_n\n1,heel_left,1\n0.5,heel_left,1\n", "time of heel_left"),
        ("name\nendheader\n", "no data"),
        (b"\xff\xfe\x00bad", "UTF-8"),
    ],
)
def test_a_broken_file_is_one_line_with_its_cure(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_file_and_a_folder_are_told_apart_from_data(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UserError, match="can't be read"):
            read_forces(path)


def test_a_long_recording_keeps_its_milliseconds(tmp_path: Path) -> None:
    t_s = np.arange(0, 100, 0.01)
    rows = "".join(f"{t:.3f},1,2,3,4\n" for t in t_s)
    made = read(tmp_path, WIDE + rows)
    mine = made.records[made.records["cell"] == 0]["t_ns"]
    assert np.max(np.abs(mine - np.rint(t_s * 1e9))) <= 1
