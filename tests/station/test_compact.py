"""A compacted file says the same in less room, however often it is interrupted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hardware.mock import simulate
from station import compact
from station.compact import Compaction
from station.recorder import Recorder
from station.recording import MarkRow, Recording
from station.session_writer import SessionWriter


def make(path: Path, *, state: str = "closed", seconds: float = 60.0) -> bytes:
    """Write a session of half-second commits; return its records."""
    records, _ = simulate(seconds)
    writer = SessionWriter.create(path, {"number": 1})
    writer.begin_segment("run", "boot", {"name": "mock"}, 1, 2)
    for at, part in enumerate(np.array_split(records, int(2 * seconds))):
        writer.append(part)
        writer.mark(MarkRow(int(part["seq"][3]), int(part["t_ns"][3]), "set_mark", {"at": at}))
        writer.commit()
    writer.set_meta({"state": state})
    writer.commit()
    writer.close()
    return records.tobytes()


def said(path: Path) -> list[object]:
    """Return the whole log, whatever its blocks: marks, and all bytes of the records between them."""
    items: list[object] = [b""]
    for item in Recording.read(path).log():
        if isinstance(item, MarkRow):
            items += [(item.kind, json.dumps(item.body)), b""]
        else:
            items[-1] = bytes(items[-1]) + item.tobytes()  # type: ignore[call-overload]
    return items


def steps(path: Path) -> Iterator[None]:
    compaction = Compaction(path)
    while compaction.step():
        yield


def test_a_closed_file_says_the_same_in_less_room(tmp_path: Path) -> None:
    path = tmp_path / "a.heeldrive"
    records = make(path)
    before, size = said(path), path.stat().st_size
    for _ in steps(path):
        assert said(path) == before  # and at every moment in between
    (segment,) = Recording.read(path).segments
    assert len(segment.blocks) == 1
    assert segment.blocks[0].tobytes() == records
    assert path.stat().st_size < 0.8 * size
    assert [p.name for p in tmp_path.iterdir()] == ["a.heeldrive"]
    assert list(steps(path)) == []  # once is enough


def test_a_step_that_fails_changes_nothing_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.heeldrive"
    make(path)
    before = said(path)
    with monkeypatch.context() as patch:
        patch.setattr(compact, "pack", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Compaction(path).step()
    assert said(path) == before
    assert list(steps(path))
    assert said(path) == before


def test_a_damaged_block_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.heeldrive"
    make(path, seconds=3)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE block SET data = x'00' WHERE rowid = 3")
    db.close()
    content = path.read_bytes()
    with pytest.raises(ValueError, match="block"):
        Compaction(path).step()
    assert path.read_bytes() == content


def test_an_open_session_keeps_its_blocks_and_can_be_written_on(tmp_path: Path) -> None:
    path = tmp_path / "a.heeldrive"
    make(path, state="open", seconds=3)
    assert list(steps(path)) == []
    assert len(Recording.read(path).segments[0].blocks) == 6


def test_blocks_grow_to_minutes_and_no_further_and_never_over_two_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compact, "RECORDS_IN_BLOCK", 1000)
    path = tmp_path / "a.heeldrive"
    records, _ = simulate(20.0)
    writer = SessionWriter.create(path, {"number": 1})
    for run in ("one", "two"):
        writer.begin_segment(run, "boot", {}, 1, 2)
        for part in np.array_split(records, 100):
            writer.append(part)
            writer.commit()
    writer.set_meta({"state": "closed"})
    writer.commit()
    writer.close()
    before = said(path)
    assert len(list(steps(path))) > 10
    assert said(path) == before
    for segment in Recording.read(path).segments:
        lengths = [len(block) for block in segment.blocks]
        assert max(lengths) <= 1000
        assert min(lengths[:-1]) > 900


def test_a_mark_is_added_to_a_session_that_was_closed_and_compacted(tmp_path: Path) -> None:
    """In the midst of compacting, too: corrections come whenever somebody taps."""
    path = tmp_path / "a.heeldrive"
    make(path)
    before = said(path)
    for at, _ in enumerate([None, *steps(path)]):
        writer = SessionWriter.reopen(path)
        writer.mark(MarkRow(10**9, 0, "set_note", {"number": at}))
        writer.commit()
        writer.close()
        before += [("set_note", json.dumps({"number": at})), b""]
    assert said(path) == before
    assert Recording.read(path).meta["state"] == "closed"


def test_the_recorder_compacts_what_it_closed_and_records_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compact, "RECORDS_IN_BLOCK", 2000)
    paths = [tmp_path / name for name in ("a.heeldrive", "b.heeldrive")]
    records, _ = simulate(30.0)
    recorder = Recorder()
    for path in paths:
        recorder.create(path, {"number": 1})
        recorder.segment("run", "boot", {}, 0)
        for part in np.array_split(records, 40):
            recorder.records(part)
            recorder.mark(MarkRow(int(part["seq"][-1]), 0, "set_mark", {}))  # a commit each
        recorder.close({"state": "closed"})
    recorder.stop()
    for path in paths:
        (segment,) = Recording.read(path).segments
        assert len(segment.blocks) < 8
        assert np.concatenate(segment.blocks).tobytes() == records.tobytes()
        assert len(segment.marks) == 40
