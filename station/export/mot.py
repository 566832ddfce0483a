"""The OpenSim export: each set as a .mot file with the vertical force of the foot, and no more.

After OpenSim's documentation of motion files: y is up, x forward, z to the right, metres and newtons.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from station.conversions import Cell
from station.export.csv import ROWS_A_CHUNK
from station.export.provenance import facts, metadata
from station.export.taken import Files, Taken
from station.plain import one_line
from station.signal.balance import mediolateral_mm

WARNING = "vertical force only, not for inverse dynamics"
NOTES = (
    "Shear, free moment and the centre of pressure front to back are not measured: 0.",
    "pz is the centre of pressure to the right of the plate's middle; nan below the load floor.",
    "In a gap all is nan.",
    "heel_n and toe_n are the two halves, whose sum is ground_force1_vy.",
)
COLUMNS = (
    "time",
    *(f"ground_force1_{name}" for name in ("vx", "vy", "vz", "px", "py", "pz")),
    *(f"ground_torque1_{name}" for name in "xyz"),
    "heel_n",
    "toe_n",
)
COLUMN_LINE = "\t".join(COLUMNS)


def files(taken: Taken) -> Files:
    """Yield (file name, content in chunks): one file for each set."""
    for one in taken.each_set():
        yield f"{one.stem}.mot", _content(one)


def _content(taken: Taken) -> Iterator[bytes]:
    frames, params = taken.frames, taken.analysis.params
    lines = [
        f"{taken.stem}: {WARNING}",
        "version=1",
        f"nRows={len(frames)}",
        f"nColumns={len(COLUMNS)}",
        "inDegrees=yes",
        "",
        *NOTES,
        *(f"{name}: {text}" for name, text in facts(metadata(taken))),
        "endheader",
        COLUMN_LINE,
    ]
    # A name that came from elsewhere must not end the header.
    yield "".join(f"{_header_line(line)}\n" for line in lines).encode()
    force_n = frames.force_n
    zero = np.zeros(len(frames))
    pz_m = mediolateral_mm(force_n, params.plate, params.load_floor_n) / 1e3
    heel_n = force_n[:, Cell.HEEL_LEFT] + force_n[:, Cell.HEEL_RIGHT]
    toe_n = force_n[:, Cell.TOE_LEFT] + force_n[:, Cell.TOE_RIGHT]
    t_s = (frames.t_ns - taken.analysis.t0_ns) / 1e9
    columns = (t_s, zero, frames.total_n, zero, zero, zero, pz_m, zero, zero, zero, heel_n, toe_n)
    table = np.column_stack(columns)
    for start in range(0, len(table), ROWS_A_CHUNK):
        rows = table[start : start + ROWS_A_CHUNK].tolist()
        yield "".join("\t".join(f"{x:.6f}" for x in row) + "\n" for row in rows).encode()


def _header_line(line: str) -> str:
    return line if line == COLUMN_LINE else one_line(line)
