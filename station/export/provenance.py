"""Where an export's numbers come from: what every file carries in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from station.conversions import CELL_WORDS
from station.definitions import SERIES, by_name
from station.export import rows
from station.export.taken import Taken

FORMAT = "heeldrive-export/1"
FILTER = "none beyond the converter's own; its delay adc_delay_s is taken off every time"
NOT_MEASURED = (
    "shear, front-to-back position in mm, hip height, pelvis, knee, back, which muscle works, strength: "
    "this plate feels vertical force under one foot"
)
DEFINITIONS = {
    "curves": rows.meanings(rows.CURVES),
    "reps": rows.meanings(rows.REPS),
    "sets": rows.meanings(rows.SETS) | by_name(SERIES),
}


def metadata(taken: Taken) -> dict[str, Any]:
    """Return all that is known of where the numbers come from, as JSON values."""
    recording, analysis = taken.recording, taken.analysis
    meta, params = recording.meta, recording.meta["params"]
    return {
        "format": FORMAT,
        "session": {
            key: meta.get(key) for key in ("number", "athlete", "started_utc", "clock_synchronised", "state")
        },
        "set": taken.only,
        "sides": sorted({record.plan.side for record in taken.sets}),
        "simulated": meta.get("simulated"),
        "station": meta.get("station"),
        "plate": {"name": meta.get("plate"), **params["plate"]},
        "version": meta.get("version"),
        "exported_with": version("heeldrive"),
        "duration_s": round(analysis.duration_s, 6),
        "definitions": DEFINITIONS,
        "frame_rate_hz": analysis.params.frame_rate_hz,
        "filter": FILTER,
        "adc_delay_s": analysis.params.filter_delay_s,
        "calibration": params["calibration"],
        "settings": {key: value for key, value in params.items() if key != "calibration"},
        "segments": taken.session.runs,
        "gaps": _gaps(taken),
        "marks": [
            {"t_s": round((mark.t_ns - analysis.t0_ns) / 1e9, 6), "kind": mark.kind, **mark.body}
            for segment in recording.segments
            for mark in segment.marks
            if taken.only in (None, mark.body.get("number", taken.only))  # another set's may be another's
        ],
        "sets": [one for one in taken.session.told.get("sets", []) if taken.only in (None, one["number"])],
        "recomputed_equal": taken.session.recomputed_equal,
        "not_measured": NOT_MEASURED,
    }


def _gaps(taken: Taken) -> dict[str, Any]:
    """Return how often and how long at least one cell is unknown in the frames that are taken."""
    rate_hz = taken.analysis.params.frame_rate_hz
    missing = np.isnan(taken.frames.total_n)
    edges = np.diff(np.concatenate([[0], missing.astype(np.int8), [0]]))
    lengths = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
    return {
        "count": len(lengths),
        "total_s": round(float(lengths.sum()) / rate_hz, 3),
        "longest_s": round(float(lengths.max(initial=0)) / rate_hz, 3),
    }


def facts(value: dict[str, Any]) -> list[tuple[str, str]]:
    """Return `metadata` in short lines, a name and a text each, for files that have no room for more."""
    session, calibration, gaps = value["session"], value["calibration"], value["gaps"]
    sources = {segment["source"].get("text", "") for segment in value["segments"]}
    plate = value["plate"]
    synchronised = "synchronised" if session["clock_synchronised"] else "NOT synchronised"
    return [
        ("session", str(session["number"]) + ("" if value["set"] is None else f", set {value['set']}")),
        ("athlete", str(session["athlete"])),
        ("side", " and ".join(value["sides"])),
        ("started", f"{session['started_utc'] or 'not known'}, clock {synchronised}"),
        ("data", "SIMULATED, not a person's" if value["simulated"] else "measured"),
        ("station", value["station"] or "not named"),
        ("source", "; ".join(sorted(sources))),
        (
            "plate",
            f"{plate['name'] or 'not named'}; split; left and right cell apart: "
            f"heel {plate['heel_spacing_mm']:g} mm, toe {plate['toe_spacing_mm']:g} mm",
        ),
        ("calibration", f"{calibration['id']}, {calibration['made']}"),
        ("rates", _rates(value["segments"])),
        ("frames", f"{value['frame_rate_hz']:g} a second, linear between conversions"),
        ("gaps", f"{gaps['count']}, {gaps['total_s']:g} s in all, {gaps['longest_s']:g} s the longest"),
        ("filter", f"none but the converter's own; its {value['adc_delay_s'] * 1e3:g} ms are taken off"),
        ("recomputed", "the same as live" if value["recomputed_equal"] else "NOT the same as live"),
        ("software", f"heeldrive {value['version']}, exported with {value['exported_with']}"),
        ("not measured", value["not_measured"]),
    ]  # fmt: skip


def _rates(segments: Sequence[dict[str, Any]]) -> str:
    def one(word: str) -> str:
        known = [segment["cells"][word]["rate_hz"] for segment in segments]
        return "/".join("–" if rate is None else f"{rate:.2f}" for rate in known)

    return ", ".join(f"{word.replace('_', ' ')} {one(word)}" for word in CELL_WORDS) + " Hz"
