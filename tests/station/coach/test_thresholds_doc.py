"""The thresholds' table for people against the defaults."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

from station.coach.thresholds import Thresholds

DOC = Path(__file__).parents[3] / "docs" / "COACHING.md"


def test_every_threshold_is_told_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", DOC.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: float(value) for name, value in rows} == asdict(Thresholds())
    assert len(rows) == len(asdict(Thresholds()))
