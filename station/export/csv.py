"""The CSV export: the curves, the reps, and one JSON with what they mean.

All numbers are folded again from the raw conversions, and the fold is compared with the
reps stored live: ``recomputed_equal`` in the metadata says whether they came out the same.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from station.analysis import Analysis, analyze_recording
from station.conversions import CELL_WORDS, Kind, Status
from station.definitions import (
    COURSE,
    MEASURES,
    SERIES,
    SPANS,
    UNCERTAINTY,
    WORDS,
    boundaries_by_name,
    by_name,
)
from station.importing import WIDE_COLUMNS
from station.recording import Recording
from station.signal.model import BOUNDARIES, COURSE_PARTS

ROWS_A_CHUNK = 5_000
CURVE_COLUMNS = ("t_s", *WIDE_COLUMNS, "total_n", "heel_share", "set")
COURSE_COLUMNS = tuple(f"{COURSE.name}_{k}" for k in range(1, COURSE_PARTS + 1))
REP_COLUMNS = (
    "index",
    "set",
    "style",
    "confidence",
    "complete",
    *(f"{name}_s" for name in BOUNDARIES),
    *(number.name for number in (*SPANS, *MEASURES)),
    *COURSE_COLUMNS,
    *(f"{name}_uncertainty_s" for name in BOUNDARIES),
)

CURVE_MEANINGS: dict[str, str] = {
    "t_s": "s since the session's start, at which the force acted (the converter's delay is taken off)",
    **dict.fromkeys(WIDE_COLUMNS, "N on this cell, linear between conversions; empty in a gap"),
    "total_n": "N, sum of the four cells; empty where one is missing",
    "heel_share": "heel / (heel + toe), 0 to 1; empty below the load floor",
    "set": "number of the set, empty outside of sets",
}
REP_MEANINGS: dict[str, str] = {
    **WORDS,
    **boundaries_by_name(),
    **by_name((*SPANS, *MEASURES)),
    f"{COURSE.name}_*": by_name((COURSE,))[COURSE.name],
    "*_uncertainty_s": by_name((UNCERTAINTY,))[UNCERTAINTY.name],
}


def files(recording: Recording) -> list[tuple[str, Iterator[bytes]]]:
    """Return (file name, content in chunks) of a session's export, always the same bytes.

    Raises
    ------
    UserError : the session file lacks what is needed

    """
    analysis = analyze_recording(recording)
    stem = recording.path.stem
    return [
        (f"{stem}_curves.csv", _encoded(_curves(analysis))),
        (f"{stem}_reps.csv", _encoded(_reps(analysis))),
        (f"{stem}_metadata.json", _encoded(iter([_metadata(recording, analysis)]))),
    ]


def _encoded(parts: Iterator[str]) -> Iterator[bytes]:
    return (part.encode() for part in parts)


def _text(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _curves(analysis: Analysis) -> Iterator[str]:
    frames = analysis.result.frames
    sets = np.zeros(len(frames), dtype=np.int64)
    for record in analysis.book.sets:
        inside = frames.t_ns >= record.start_ns
        if record.end_ns is not None:
            inside &= frames.t_ns <= record.end_ns
        sets[inside] = record.facts["number"]
    yield _text([CURVE_COLUMNS])
    for start in range(0, len(frames), ROWS_A_CHUNK):
        part = slice(start, start + ROWS_A_CHUNK)
        t_s = (frames.t_ns[part] - analysis.t0_ns) / 1e9
        columns = [
            [f"{t:.6f}" for t in t_s],
            *(_column(frames.force_n[part, cell], 3) for cell in range(4)),
            _column(frames.total_n[part], 3),
            _column(frames.heel_share[part], 5),
            [str(number) if number else "" for number in sets[part]],
        ]
        yield _text(zip(*columns, strict=True))


def _column(values: Any, digits: int) -> list[str]:
    return ["" if value != value else f"{value:.{digits}f}" for value in values.tolist()]


def _reps(analysis: Analysis) -> Iterator[str]:
    yield _text([REP_COLUMNS])
    for rep in analysis.as_json()["reps"]:
        spread = {f"{name}_uncertainty_s": rep["uncertainty_s"][name] for name in BOUNDARIES}
        course = dict(zip(COURSE_COLUMNS, rep[COURSE.name], strict=True))
        row = {"set": None, **rep, **course, **spread}
        yield _text([["" if row[name] is None else row[name] for name in REP_COLUMNS]])


def _metadata(recording: Recording, analysis: Analysis) -> str:
    meta = recording.meta
    value = {
        "format": "heeldrive-export/1",
        "session": {
            key: meta.get(key) for key in ("number", "athlete", "started_utc", "clock_synchronised", "state")
        },
        "simulated": meta.get("simulated"),
        "version": meta.get("version"),
        "duration_s": round(analysis.duration_s, 6),
        "definitions": {"curves": CURVE_MEANINGS, "reps": REP_MEANINGS, "sets": by_name(SERIES)},
        "frame_rate_hz": analysis.params.frame_rate_hz,
        "filter": "none beyond the converter's own; its delay adc_delay_s is taken off every time",
        "adc_delay_s": analysis.params.filter_delay_s,
        "calibration": meta["params"]["calibration"],
        "settings": {key: value for key, value in meta["params"].items() if key != "calibration"},
        "segments": [_segment(segment) for segment in recording.segments],
        "marks": [
            {"t_s": round((mark.t_ns - analysis.t0_ns) / 1e9, 6), "kind": mark.kind, **mark.body}
            for segment in recording.segments
            for mark in segment.marks
        ],
        "sets": analysis.as_json().get("sets", []),
        "recomputed_equal": _came_out_the_same(recording, analysis),
        "not_measured": "shear, hip height, pelvis, knee: this plate feels vertical force under one foot",
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _segment(segment: Any) -> dict[str, Any]:
    """Return what one run of the sampler gave: counts by cell, measured rates, faults."""
    cells = {}
    for cell, word in enumerate(CELL_WORDS):
        mine = [b[(b["cell"] == cell) & (b["kind"] == Kind.CONVERSION)] for b in segment.blocks]
        t_ns = np.concatenate([m["t_ns"] for m in mine]) if mine else np.zeros(0, dtype=np.int64)
        ok = int(sum(np.count_nonzero(m["status"] == Status.OK) for m in mine))
        step_ns = float(np.median(np.diff(t_ns))) if len(t_ns) > 1 else 0.0
        cells[word] = {
            "conversions": len(t_ns),
            "ok": ok,
            "rate_hz": round(1e9 / step_ns, 2) if step_ns else None,
            "longest_gap_s": round(float(np.max(np.diff(t_ns))) / 1e9, 6) if len(t_ns) > 1 else None,
        }
    return {
        "run_id": segment.run_id,
        "source": {key: value for key, value in segment.source.items() if key != "calibration"},
        "records": int(sum(len(block) for block in segment.blocks)),
        "first_seq": int(segment.blocks[0]["seq"][0]) if segment.blocks else None,
        "last_seq": int(segment.blocks[-1]["seq"][-1]) if segment.blocks else None,
        "cells": cells,
    }


def _came_out_the_same(recording: Recording, analysis: Analysis) -> bool:
    """Whether the reps stored live are those folded now; a session still open may have fewer."""
    stored = {_identity(rep) for rep in recording.reps}
    folded = {_identity(rep) for rep in analysis.as_json()["reps"]}
    return stored == folded if recording.meta["state"] == "closed" else stored <= folded


def _identity(rep: dict[str, Any]) -> str:
    return json.dumps({**rep, "index": None, "set": None}, sort_keys=True)
