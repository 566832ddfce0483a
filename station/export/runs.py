"""What each run of the sampler gave: counts by cell, measured rates, losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from station.conversions import CELL_WORDS, Kind, Status
from station.recording import Segment


def run_as_json(segment: Segment) -> dict[str, Any]:
    """Return one run's identity, source, and what came of each cell."""
    blocks = segment.blocks
    records = int(sum(len(block) for block in blocks))
    first, last = (int(blocks[0]["seq"][0]), int(blocks[-1]["seq"][-1])) if blocks else (None, None)
    return {
        "run_id": segment.run_id,
        "source": {key: value for key, value in segment.source.items() if key != "calibration"},
        "records": records,
        "lost": 0 if first is None or last is None else last - first + 1 - records,
        "first_seq": first,
        "last_seq": last,
        "cells": {word: _cell(segment, cell) for cell, word in enumerate(CELL_WORDS)},
    }


def _cell(segment: Segment, cell: int) -> dict[str, Any]:
    mine = [b[(b["cell"] == cell) & (b["kind"] == Kind.CONVERSION)] for b in segment.blocks]
    t_ns = np.concatenate([m["t_ns"] for m in mine]) if mine else np.zeros(0, dtype=np.int64)
    step_ns = float(np.median(np.diff(t_ns))) if len(t_ns) > 1 else 0.0
    return {
        "conversions": len(t_ns),
        "ok": int(sum(np.count_nonzero(m["status"] == Status.OK) for m in mine)),
        "rate_hz": round(1e9 / step_ns, 2) if step_ns else None,
        "longest_gap_s": round(float(np.max(np.diff(t_ns))) / 1e9, 6) if len(t_ns) > 1 else None,
    }
