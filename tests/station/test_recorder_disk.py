"""Disks that fail, fill up, hang or go away: the station goes on, says so, and nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import numpy as np
import pytest
from bench import Bench
from disk import Disk

from hardware.mock import simulate
from station import recorder as module
from station.coach.programs import Plan
from station.door import EndSession, StartSet
from station.recorder import Recorder
from station.recording import MarkRow, Recording

LOG, _ = simulate(10.0)
PARTS = np.array_split(LOG, 20)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_EVERY_S", 0.02)
    monkeypatch.setattr(module, "COMMIT_EVERY_S", 0.02)
    monkeypatch.setattr(module, "DISK_WAIT_S", 5.0)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    made = Recorder()
    yield made
    made.stop()


def wait_for(what: Callable[[], object]) -> None:
    until_s = time.monotonic() + 20.0
    while not what():
        assert time.monotonic() < until_s
        time.sleep(0.005)


def begin(recorder: Recorder, path: Path) -> None:
    assert recorder.create(path, {"number": 1})
    recorder.segment("run", "boot", {}, 0)


def hand_over(recorder: Recorder, parts: list[np.ndarray]) -> None:
    for part in parts:
        recorder.records(part)
        recorder.rep(int(part["seq"][0]), 1, {"seq": int(part["seq"][0])})


def check_all_kept(path: Path) -> None:
    seen = Recording.read(path)
    assert [segment.run_id for segment in seen.segments] == ["run"]
    assert np.concatenate(seen.segments[0].blocks).tobytes() == LOG.tobytes()
    assert [rep["seq"] for rep in seen.reps] == [int(part["seq"][0]) for part in PARTS]


def says(*words: str, error: type[apsw.Error]) -> Callable[[str, Path], None]:
    """Return a disk that refuses some of what it is asked."""

    def fails(what: str, _path: Path) -> None:
        if what in words:
            raise error("no")

    return fails


@pytest.mark.parametrize(
    "fails",
    [
        pytest.param(says("sync", error=apsw.IOError), id="fsync fails"),
        pytest.param(says("write", error=apsw.FullError), id="disk full"),
        pytest.param(says("write", "open", error=apsw.ReadOnlyError), id="read-only"),
        pytest.param(says("open", "write", "sync", "cut", error=apsw.IOError), id="dead"),
    ],
)
def test_what_a_disk_refused_is_all_there_once_it_gives_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: Callable[[str, Path], None]
) -> None:
    path = tmp_path / "a.heeldrive"
    disk = Disk(tmp_path)
    with disk.under(monkeypatch):
        recorder = Recorder()
        begin(recorder, path)
        hand_over(recorder, PARTS[:5])
        recorder.mark(MarkRow(-1, 0, "set_start", {}))
        well, disk.fails = disk.fails, fails
        hand_over(recorder, PARTS[5:15])
        wait_for(lambda: recorder.fault is not None)
        assert "Not being kept" in (recorder.fault or "")
        before_s = time.monotonic()
        assert not recorder.mark(MarkRow(-1, 0, "zero", {}))
        assert time.monotonic() - before_s < module.DISK_WAIT_S / 2  # nobody waits for a dead disk
        disk.fails = well
        hand_over(recorder, PARTS[15:])
        wait_for(lambda: recorder.fault is None)
        recorder.mark(MarkRow(-1, 0, "set_end", {}))
        recorder.close({"state": "closed"})
        recorder.stop()
    check_all_kept(path)
    assert [mark.kind for mark in Recording.read(path).segments[0].marks] == ["set_start", "zero", "set_end"]


def test_a_session_begun_on_a_full_disk_is_kept_from_its_first_record_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DISK_WAIT_S", 0.1)
    path = tmp_path / "a.heeldrive"
    disk = Disk(tmp_path)
    with disk.under(monkeypatch):
        recorder = Recorder()
        well, disk.fails = disk.fails, says("write", error=apsw.FullError)
        assert not recorder.create(path, {"number": 1})
        recorder.segment("run", "boot", {}, 0)
        hand_over(recorder, PARTS)
        wait_for(lambda: recorder.fault is not None)
        disk.fails = well
        wait_for(lambda: recorder.fault is None)
        recorder.close({"state": "closed"})
        recorder.stop()
    check_all_kept(path)


def test_a_disk_that_hangs_is_told_and_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LATE_S", 0.1)
    path = tmp_path / "a.heeldrive"
    disk = Disk(tmp_path)
    goes_on = threading.Event()
    with disk.under(monkeypatch):
        recorder = Recorder()
        begin(recorder, path)
        recorder.mark(MarkRow(-1, 0, "set_start", {}))

        def hang(what: str, _path: Path) -> None:
            if what == "sync":
                assert goes_on.wait(20.0)

        disk.fails = hang
        hand_over(recorder, PARTS)  # while it hangs
        wait_for(lambda: recorder.fault is not None)
        assert "slow" in (recorder.fault or "")
        goes_on.set()
        wait_for(lambda: recorder.fault is None)
        recorder.close({"state": "closed"})
        recorder.stop()
    check_all_kept(path)


@pytest.mark.parametrize("moved", ["folder", "file"])
def test_a_folder_that_is_moved_away_is_noticed_and_filled_when_it_is_back(
    tmp_path: Path, recorder: Recorder, moved: str
) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    path = folder / "a.heeldrive"
    begin(recorder, path)
    hand_over(recorder, PARTS[:5])
    recorder.mark(MarkRow(-1, 0, "set_start", {}))
    there = folder if moved == "folder" else path
    away = there.rename(tmp_path / "away")
    hand_over(recorder, PARTS[5:])
    wait_for(lambda: recorder.fault is not None)
    assert "data folder" in (recorder.fault or "")
    away.rename(there)
    wait_for(lambda: recorder.fault is None)
    recorder.close({"state": "closed"})
    recorder.stop()
    check_all_kept(path)


def test_the_display_goes_on_while_nothing_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DISK_WAIT_S", 1.0)
    disk = Disk(tmp_path)
    with disk.under(monkeypatch):
        bench = Bench(tmp_path)
        bench.meet()
        bench.pass_s(4)
        start_ns = bench.now_ns
        bench.session.command(StartSet("Ada", Plan("left")))
        bench.pass_s(5)
        well, disk.fails = disk.fails, says("write", "sync", error=apsw.FullError)
        bench.pass_s(30)
        wait_for(lambda: bench.shown().recording_fault is not None)
        bench.pass_s(20)
        assert "not being kept" in (bench.shown().recording_fault or "").lower()
        session = bench.shown().session
        assert session is not None
        truth = [
            rep for rep in bench.truth(start_ns, bench.now_ns) if rep["touchdown_ns"] < bench.now_ns - NS
        ]
        assert session.sets[0].counted >= len(truth) > 3
        disk.fails = well
        wait_for(lambda: bench.shown().recording_fault is None)
        bench.session.command(EndSession())
        bench.recorder.stop()
    (segment,) = Recording.read(bench.library.session_path(1)).segments
    seqs = np.concatenate(segment.blocks)["seq"]
    assert np.array_equal(seqs, np.arange(seqs[0], bench.next_seq, dtype=np.uint64))


NS = 1_000_000_000
