"""The writer thread, and a disk that says no for a while."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from station import recorder as module
from station.conversions import Records, empty_records
from station.recorder import Recorder
from station.recording import MarkRow, Recording


def wait_for(what: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 10.0
    while not what():
        assert time.monotonic() < until_s
        time.sleep(0.005)


def records(first: int, n: int) -> Records:
    made = empty_records(n)
    made["seq"] = np.arange(first, first + n)
    return made


def test_a_mark_is_on_disk_when_it_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "a.heeldrive"
    recorder = Recorder()
    assert recorder.create(path, {"number": 1})
    recorder.segment("run", "boot", {}, 0)
    recorder.records(records(0, 5))
    assert recorder.mark(MarkRow(4, 0, "set_start", {"number": 1}))
    seen = Recording.read(path)  # by another connection, while the file is open
    assert [m.kind for m in seen.segments[0].marks] == ["set_start"]
    assert len(seen.segments[0].blocks[0]) == 5
    recorder.stop()


def test_what_a_locked_disk_refused_is_written_once_it_gives_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_EVERY_S", 0.05)
    monkeypatch.setattr(module, "DISK_WAIT_S", 0.2)
    path = tmp_path / "a.heeldrive"
    recorder = Recorder()
    recorder.create(path, {"number": 1})
    recorder.segment("run", "boot", {}, 0)
    assert recorder.mark(MarkRow(-1, 0, "set_start", {}))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # nobody else can write now; sqlite waits 5 s, then refuses
    recorder.records(records(0, 5))
    assert not recorder.mark(MarkRow(4, 0, "zero", {"zero_count": [0, 0, 0, 0]}))
    other.execute("ROLLBACK")
    other.close()
    recorder.records(records(5, 5))
    recorder.mark(MarkRow(9, 0, "set_end", {}))
    wait_for(lambda: recorder.fault is None)
    recorder.stop()
    seen = Recording.read(path)
    assert np.concatenate(seen.segments[0].blocks)["seq"].tolist() == list(range(10))
    assert [m.kind for m in seen.segments[0].marks] == ["set_start", "zero", "set_end"]


def test_another_file_begins_only_when_all_of_the_one_before_is_kept(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.heeldrive", "b.heeldrive", "a.heeldrive")]
    recorder = Recorder()
    for turn, path in enumerate(paths):
        (recorder.reopen(path) if turn == 2 else recorder.create(path, {"number": turn}))
        recorder.segment("run", "boot", {}, 0)
        recorder.records(records(10 * turn, 10))  # and at once, the next one
    recorder.stop()
    assert [[len(b) for s in Recording.read(path).segments for b in s.blocks] for path in paths[:2]] == [
        [10, 10],
        [10],
    ]


class FailsOnce(dict[str, int]):
    """A rep whose writing fails the first time, as on a disk that is full for a moment."""

    failed = False

    def items(self):  # type: ignore[no-untyped-def]
        if not self.failed:
            self.failed = True
            raise OSError("No space left on device")
        return super().items()


def test_a_batch_that_fails_in_its_middle_is_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_EVERY_S", 0.02)
    path = tmp_path / "a.heeldrive"
    recorder = Recorder()
    recorder.create(path, {"number": 1})
    recorder.segment("run", "boot", {}, 0)
    recorder.records(records(0, 5))
    recorder.rep(1, 1, FailsOnce(x=1))
    recorder.records(records(5, 5))
    assert recorder.mark(MarkRow(9, 0, "set_end", {}))
    recorder.stop()
    seen = Recording.read(path)
    assert [segment.run_id for segment in seen.segments] == ["run"]
    assert np.concatenate(seen.segments[0].blocks)["seq"].tolist() == list(range(10))
    assert len(seen.segments[0].marks) == 1
    assert seen.reps == ({"x": 1},)


def test_a_folder_that_is_gone_is_told_and_harms_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_EVERY_S", 0.02)
    monkeypatch.setattr(module, "DISK_WAIT_S", 0.3)
    folder = tmp_path / "sessions"
    recorder = Recorder()
    assert not recorder.create(folder / "a.heeldrive", {"number": 1})
    assert recorder.fault is not None
    assert "data folder" in recorder.fault
    recorder.segment("run", "boot", {}, 0)
    recorder.records(records(0, 5))
    folder.mkdir()
    monkeypatch.setattr(module, "DISK_WAIT_S", 8.0)
    recorder.mark(MarkRow(4, 0, "set_start", {}))
    wait_for(lambda: recorder.fault is None)
    recorder.stop()
    assert len(Recording.read(folder / "a.heeldrive").segments[0].blocks[0]) == 5
    shutil.rmtree(folder)
