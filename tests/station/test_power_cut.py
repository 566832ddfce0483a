"""A power cut at any moment of a recording leaves a file that opens and holds what was promised."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from disk import Disk, Replay, lay_out

from hardware.mock import simulate
from station import session_writer
from station.compact import Compaction
from station.errors import UserError
from station.recording import MarkRow, Recording
from station.session_writer import SessionWriter

LOG, _ = simulate(5.0)
PARTS = np.array_split(LOG, 10)
NAME = "session-00001.heeldrive"
EVERY = 3  # states of the lost kind are opened for every so many steps


def record(disk: Disk) -> None:
    """Record, close, reopen for a correction, and compact, as a station does."""
    path = disk.folder / NAME
    writer = SessionWriter.create(path, {"number": 1, "athlete": "Ada"})
    disk.note((0, 0))
    writer.begin_segment("run", "boot", {"name": "mock"}, 1, 2)
    seen = 0
    for marks, part in enumerate(PARTS, start=1):
        writer.append(part)
        writer.mark(MarkRow(int(part["seq"][-1]), 0, "set_mark", {"at": marks}))
        writer.rep(marks, 1, {"index": marks})
        writer.commit()
        seen += len(part)
        disk.note((seen, marks))
    writer.set_meta({"state": "closed"})
    writer.commit()
    writer.close()
    again = SessionWriter.reopen(path)
    again.mark(MarkRow(seen - 1, 0, "set_note", {"number": 1}))
    again.commit()
    disk.note((seen, len(PARTS) + 1))
    again.close()
    compaction = Compaction(path)
    while compaction.step():
        pass


def check(replay: Replay, files: dict[str, bytes], folder: Path) -> None:
    lay_out(files, folder)
    path = folder / NAME
    if not path.exists():
        assert replay.promise is None, "a promised file is gone"
        return
    seen = Recording.read(path)
    assert seen.meta["athlete"] == "Ada"
    log = [item for item in seen.log() if not isinstance(item, MarkRow)]
    data = b"".join(item.tobytes() for item in log)
    marks = [mark.kind for segment in seen.segments for mark in segment.marks]
    records, promised_marks = replay.promise or (0, 0)
    assert LOG.tobytes().startswith(data)
    assert len(data) >= records * LOG.itemsize
    assert len(marks) >= promised_marks
    assert len(seen.reps) >= min(promised_marks, len(PARTS))


def states(history: list[object], chance: random.Random) -> Iterator[tuple[Replay, dict[str, bytes]]]:
    replay = Replay()
    for number, step in enumerate(history):
        replay.follow(step)  # type: ignore[arg-type]
        if step[0] == "promise":  # type: ignore[index]
            continue
        yield replay, replay.in_order(chance)
        if number % EVERY == 0:
            yield replay, replay.lost(chance)


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    (tmp_path / "disk").mkdir()
    disk = Disk(tmp_path / "disk")
    monkeypatch.setattr(
        session_writer, "MOST_WAITING_PAGES", 12
    )  # so that the log goes into the file on the way
    with disk.under(monkeypatch):
        record(disk)
    return list(disk.history)


def test_whatever_a_power_cut_leaves_opens_and_holds_what_was_committed(
    tmp_path: Path, history: list[object]
) -> None:
    chance = random.Random(5)
    folder = tmp_path / "after"
    opened = 0
    for replay, files in states(history, chance):
        check(replay, files, folder)
        opened += 1
    assert opened > 250
    # The end of it all is what was recorded, and the shim wrote what the disk has.
    check(replay, replay.in_order(), folder)
    assert (folder / NAME).read_bytes() == (tmp_path / "disk" / NAME).read_bytes()


def test_a_file_after_a_power_cut_is_gone_on_with(tmp_path: Path, history: list[object]) -> None:
    chance = random.Random(6)
    folder = tmp_path / "after"
    for number, (replay, files) in enumerate(states(history, chance)):
        if number % 40 or replay.promise is None:
            continue
        lay_out(files, folder)
        writer = SessionWriter.reopen(folder / NAME)
        before = len(Recording.read(folder / NAME).segments)
        writer.begin_segment("next", "boot", {}, 3, 4)
        writer.append(LOG[:50])
        writer.commit()
        writer.close()
        after = Recording.read(folder / NAME)
        assert len(after.segments) == before + 1
        assert after.segments[-1].blocks[0].tobytes() == LOG[:50].tobytes()


def test_a_writer_that_did_not_sync_would_be_found_out(tmp_path: Path, history: list[object]) -> None:
    """The proof can fail: without the fsyncs of the log, promises are broken."""
    careless = [step for step in history if step[:2] != ("sync", NAME + "-wal")]  # type: ignore[index]
    broken = 0
    for replay, files in states(careless, random.Random(5)):
        try:
            check(replay, files, tmp_path / "after")
        except (AssertionError, UserError):
            broken += 1
    assert broken > 10
