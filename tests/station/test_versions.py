"""Files of every version there was open, and give the reps that they gave when they were made.

Where the signal core comes to measure reps differently on purpose, the .json files beside the
session files say what the new core makes of them; the session files stay as they are.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from station.analysis import analyze
from station.compact import Compaction
from station.conversions import empty_records
from station.recording import MarkRow, Recording
from station.review import review
from station.session_writer import SessionWriter

FILES = Path(__file__).parent / "session_files"
VERSIONS = (1, 2)


def said_by(path: Path) -> str:
    return json.dumps(analyze(path).as_json(), ensure_ascii=False, indent=1) + "\n"


def version(path: Path) -> int:
    db = sqlite3.connect(path)
    (number,) = db.execute("PRAGMA user_version").fetchone()
    db.close()
    return int(number)


@pytest.fixture(params=VERSIONS)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copy(FILES / f"session-v{request.param}.heeldrive", tmp_path))


def only(stored: object, now: object) -> object:
    """Return of `now` what `stored` has: words may be added, none may change."""
    if isinstance(stored, dict) and isinstance(now, dict):
        return {key: only(value, now[key]) for key, value in stored.items()}
    if isinstance(stored, list) and isinstance(now, list) and len(stored) == len(now):
        return [only(a, b) for a, b in zip(stored, now, strict=True)]
    return now


def test_it_says_what_it_said_then(kept: Path) -> None:
    stored = json.loads((FILES / kept.with_suffix(".json").name).read_text(encoding="utf-8"))
    assert only(stored, json.loads(said_by(kept))) == stored
    recording = Recording.read(kept)
    for then, now in zip(recording.reps, stored["reps"], strict=True):  # what the core of its day had found
        for name, half_s in now["uncertainty_s"].items():
            if half_s is not None:
                assert abs(then[f"{name}_s"] - now[f"{name}_s"]) < half_s
    assert [mark.kind for segment in recording.segments for mark in segment.marks] == [
        "set_start", "set_mark", "set_end", "set_note", "set_start", "set_end", "set_note",
    ]  # fmt: skip
    first, second = review(recording).sets
    assert dict(first.view.notes) == {"level_until": 2, "effort": "right", "felt": "glutes"}
    assert (first.view.plan.side, first.view.pressed) == ("left", (("twisted", 3),))
    assert (second.view.plan.load_kg, second.view.discarded) == (12.5, True)


def test_it_can_be_gone_on_with_and_compacted(kept: Path) -> None:
    before, log = said_by(kept), Recording.read(kept)
    was = version(kept)
    writer = SessionWriter.reopen(kept)
    writer.mark(MarkRow(-1, 0, "set_note", {"number": 1, "felt": "hip"}))
    writer.commit()
    writer.close()
    assert version(kept) == was  # nothing in it that its own version does not know
    more = empty_records(300)
    more["seq"] = np.arange(300) + int(log.segments[-1].blocks[-1]["seq"][-1]) + 1
    more["t_ns"] = int(log.segments[-1].blocks[-1]["t_ns"][-1]) + 1_000_000 * np.arange(1, 301)
    writer = SessionWriter.reopen(kept)
    for part in np.array_split(more, 3):
        writer.append(part)
        writer.commit()
    writer.close()
    assert version(kept) == 2
    longer = said_by(kept)
    assert longer != before
    compaction = Compaction(kept)
    while compaction.step():
        pass
    assert said_by(kept) == longer
    whole = Recording.read(kept)
    assert was == 1 or [len(segment.blocks) for segment in whole.segments] == [1, 1]
    assert np.concatenate(whole.segments[-1].blocks)[-300:].tobytes() == more.tobytes()
    assert whole.meta == log.meta
