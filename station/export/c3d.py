"""The C3D export: each set as two TYPE 1 force platforms, heel half and toe half, and its four cells.

The lab's frame: x to the lying athlete's right, y from heel to toe, z up; its middle is the middle of
the split. A platform's own z points down, as is usual, so that its Fz is negative under load; every
reader turns it into the lab by the corners. TYPE 1 gives force and centre of pressure as they are.
What is not measured is 0 (shear, free moment) or nominal (front to back), and what is not known is nan.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from station.conversions import CELL_WORDS, Cell
from station.export.c3d_file import F32, MOST_FRAMES, C3d, Event, Value
from station.export.provenance import facts, metadata
from station.export.rows import Row, rep_rows
from station.export.taken import Files, Taken
from station.signal.model import BOUNDARIES, F64

# No config knows them: only so large that a program can draw the halves beside one another.
NOMINAL_DEPTH_MM, NOMINAL_GAP_MM = 100.0, 4.0
HALVES = (("heel", Cell.HEEL_LEFT, Cell.HEEL_RIGHT), ("toe", Cell.TOE_LEFT, Cell.TOE_RIGHT))
PLATFORM = (
    ("Fx", "N", "not measured, 0"),
    ("Fy", "N", "not measured, 0"),
    ("Fz", "N", "vertical force, down is positive: the reaction is negative"),
    ("Px", "mm", "centre of pressure to the lying athlete's right; nan below the load floor"),
    ("Py", "mm", "not measured, 0: the middle of this half"),
    ("Mz", "Nmm", "not measured, 0"),
)
CORNERS_NOTE = (
    "left to right the cells' places; front to back nominal, not measured: "
    f"{NOMINAL_DEPTH_MM:g} mm a half, {NOMINAL_GAP_MM:g} mm between them"
)


def files(taken: Taken) -> Files:
    """Yield (file name, content): one file for each set, more where one is longer than C3D can count."""
    for one in taken.each_set():
        force_n = _without_holes(one)
        for part, start in enumerate(range(0, len(force_n), MOST_FRAMES), start=1):
            name = one.stem + ("" if part == 1 else f"_part-{part}") + ".c3d"
            yield name, _content(one, force_n[start : start + MOST_FRAMES], start)


def _without_holes(taken: Taken) -> F64:
    """Return the four cells' force on an even grid, shape (n, 4); nan in a gap."""
    frames = taken.frames
    period_ns = 1e9 / taken.analysis.params.frame_rate_hz
    places = np.rint((frames.t_ns - frames.t_ns[:1]) / period_ns).astype(np.int64)
    force_n = np.full((int(places[-1]) + 1 if len(places) else 0, 4), np.nan)
    force_n[places] = frames.force_n
    return force_n


def _content(taken: Taken, force_n: F64, first_frame: int) -> Iterator[bytes]:
    params = taken.analysis.params
    start_s = (int(taken.frames.t_ns[0]) - taken.analysis.t0_ns) / 1e9 + first_frame / params.frame_rate_hz
    channels = [(f"{name}{k}", unit, f"{half} half: {text}") for k, (half, *_) in enumerate(HALVES, start=1)
                for name, unit, text in PLATFORM]  # fmt: skip
    channels += [(word, "N", "force on this cell, down is positive") for word in CELL_WORDS]
    labels, units, descriptions = zip(*channels, strict=True)
    yield from C3d(
        rate_hz=params.frame_rate_hz,
        labels=labels,
        units=units,
        descriptions=descriptions,
        samples=np.column_stack([*_platforms(taken, force_n), force_n]).astype(np.float32),
        events=list(_events(taken, start_s, len(force_n) / params.frame_rate_hz)),
        groups=_groups(taken, start_s),
    ).chunks()


def _platforms(taken: Taken, force_n: F64) -> Iterator[F64]:
    """Yield Fx, Fy, Fz, Px, Py, Mz of the heel half, then of the toe half, shape (n,) each."""
    zero = np.zeros(len(force_n))
    for (_, left, right), spacing_mm in zip(HALVES, _spacings_mm(taken), strict=True):
        total_n = force_n[:, left] + force_n[:, right]
        loaded = total_n >= taken.analysis.params.load_floor_n
        to_the_right = np.full(len(total_n), np.nan)
        to_the_right[loaded] = (force_n[loaded, right] - force_n[loaded, left]) / total_n[loaded]
        yield from (zero, zero, -total_n, to_the_right * spacing_mm / 2, zero, zero)


def _spacings_mm(taken: Taken) -> tuple[float, float]:
    plate = taken.analysis.params.plate
    return plate.heel_spacing_mm, plate.toe_spacing_mm


def _events(taken: Taken, start_s: float, lasts_s: float) -> Iterator[Event]:
    found = [event for row in rep_rows(taken) for event in _events_of(row, start_s)]
    yield from sorted((e for e in found if 0 <= e.time_s < lasts_s), key=lambda event: event.time_s)


def _events_of(row: Row, start_s: float) -> Iterator[Event]:
    for name in BOUNDARIES:
        if row[f"{name}_s"] is not None:
            rep = f"rep {row['number']} of set {row['set']}"
            yield Event(row[f"{name}_s"] - start_s, name, rep, row["side"].capitalize())


def _groups(taken: Taken, start_s: float) -> dict[str, dict[str, Value]]:
    told = facts(metadata(taken))
    ours: dict[str, Value] = {name.upper().replace(" ", "_"): text for name, text in told}
    return {
        "FORCE_PLATFORM": {
            "USED": 2,
            "TYPE": np.array([1, 1], np.int16),
            "ZERO": np.zeros(2, np.int16),  # no frames to be taken for an empty plate
            "CORNERS": _corners_mm(taken),
            "ORIGIN": np.zeros((2, 3), np.float32),
            "CHANNEL": np.arange(1, 13, dtype=np.int16).reshape(2, 6),
            "CAL_MATRIX": np.tile(np.eye(6, dtype=np.float32), (2, 1, 1)),
            "UNITS": "N",
        },
        "SUBJECTS": {"USED": 1, "NAMES": [taken.athlete]},
        "MANUFACTURER": {"COMPANY": "Heeldrive", "SOFTWARE": "heeldrive", "VERSION": dict(told)["software"]},
        "HEELDRIVE": ours | {"START_S": start_s, "CORNERS_NOTE": CORNERS_NOTE},
    }


def _corners_mm(taken: Taken) -> F32:
    """Return the corners, shape (2, 4, 3), in the order +x +y, −x +y, −x −y, +x −y of the platform.

    Its y is the lab's −y, since its z points down.
    """
    middle_mm = (NOMINAL_GAP_MM + NOMINAL_DEPTH_MM) / 2
    corners = np.zeros((2, 4, 3), np.float32)
    halves = zip(_spacings_mm(taken), (-middle_mm, middle_mm), strict=True)
    for half, (wide_mm, middle_y_mm) in enumerate(halves):
        corners[half, :, 0] = np.array([1, -1, -1, 1]) * wide_mm / 2
        corners[half, :, 1] = middle_y_mm - np.array([1, 1, -1, -1]) * NOMINAL_DEPTH_MM / 2
    return corners
