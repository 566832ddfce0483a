"""Everything onto a stick, and deletion, by the service with a real library and no sampler."""

from __future__ import annotations

import shutil
import tarfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small import record

from station import export
from station.coach.programs import Plan
from station.door import CommandRefused, Planned, Scope
from station.errors import UserError
from station.keeper import Keeper
from station.library import Library
from station.safekeeping import Copying
from station.service import StationService
from station.signal.model import Plate

A_SESSION = Path(__file__).parent / "session_files" / "session-v2.heeldrive"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "data")
    for athlete in ("Ada", "Grace"):
        record(made, athlete)
    yield made
    made.close()


@pytest.fixture
def keeper(library: Library, root: Path) -> Iterator[Keeper]:
    made = Keeper(library, library.forget, lambda: ("2026-11-20T17:05:00Z", True), root)
    yield made
    made.stop()


def ended(keeper: Keeper) -> Copying:
    until_s = time.monotonic() + 30.0
    while time.monotonic() < until_s:
        if (copying := keeper.copying()) is not None and not copying.running:
            return copying
        threading.Event().wait(0.01)
    raise AssertionError(keeper.copying())


def test_everything_is_on_the_stick_before_it_may_be_pulled_out(
    keeper: Keeper, library: Library, root: Path
) -> None:
    for number in (1, 2):
        shutil.copy(A_SESSION, library.session_path(number))
    begun = keeper.copy_to(root / "media/GYM", ["csv", "json"])
    assert (begun.stick, begun.of) == ("GYM", 3)
    done = ended(keeper)
    assert (done.well, done.done, done.told) == (True, 3, "Everything is on GYM: you may pull it out.")
    there = root / "media/GYM/heeldrive"
    with tarfile.open(there / "heeldrive-backup.tar") as tar:
        assert "sessions/session-00002.heeldrive" in tar.getnames()
    wanted = {name: b"".join(parts) for name, parts in export.files(library, Scope(), ["csv", "json"])}
    assert {"session-00001_reps.csv", "session-00002_analysis.json"} <= wanted.keys()
    found = {p.relative_to(there / "sessions").as_posix(): p for p in (there / "sessions").rglob("*")}
    assert {name: path.read_bytes() for name, path in found.items()} == wanted
    assert done.written_bytes == sum(p.stat().st_size for p in there.rglob("*") if p.is_file())
    assert keeper.kept().last_utc == "2026-11-20T17:05:00Z"


def test_a_session_that_cant_be_worked_out_is_named_and_the_others_are_there(
    keeper: Keeper, library: Library, root: Path
) -> None:
    shutil.copy(A_SESSION, library.session_path(1))
    library.session_path(2).write_bytes(b"x" * 3000)
    keeper.copy_to(root / "media/GYM", ["csv"])
    done = ended(keeper)
    assert (done.well, done.told[:44]) == (True, "All but the sessions that left_out.txt names")
    there = root / "media/GYM/heeldrive/sessions"
    assert "Session 2" in (there / "left_out.txt").read_text()
    assert (there / "session-00001_reps.csv").is_file()


def test_a_station_on_which_nobody_has_lifted_has_a_backup(tmp_path: Path, root: Path) -> None:
    library = Library(tmp_path / "new")
    keeper = Keeper(library, library.forget, lambda: ("", False), root)
    keeper.copy_to(root / "media/GYM", ["csv"])
    assert ended(keeper).well
    assert keeper.kept().last_utc == ""
    library.close()


def test_one_at_a_time_and_it_can_be_cancelled(
    keeper: Keeper, library: Library, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, go_on = threading.Event(), threading.Event()
    real = export.files

    def slow(*words: object) -> Iterator[tuple[str, Iterator[bytes]]]:
        for name, parts in real(*words):  # type: ignore[arg-type]
            held.set()
            assert go_on.wait(20.0)
            yield name, parts

    monkeypatch.setattr(export, "files", slow)
    keeper.copy_to(root / "media/GYM", ["csv"])
    assert held.wait(20.0)
    with pytest.raises(CommandRefused, match="already"):
        keeper.copy_to(root / "media/GYM", [])
    with pytest.raises(CommandRefused, match="copy is being made"):
        keeper.forget("Ada")
    keeper.cancel_copy()
    go_on.set()
    done = ended(keeper)
    assert (done.well, done.told[:9]) == (False, "Cancelled")
    files = [p.name for p in (root / "media/GYM").rglob("*") if p.is_file()]
    assert files == ["heeldrive-backup.tar"]
    assert not list(library.folder.glob(".backup*"))
    assert keeper.forget("Ada").sessions == (1,)
    keeper.copy_to(root / "media/GYM", [])  # and another one can be begun
    assert ended(keeper).well


def test_a_stick_that_is_gone_or_too_small_is_refused(
    keeper: Keeper, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandRefused, match="not there any more"):
        keeper.copy_to(root / "media/OTHER", [])
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(CommandRefused, match="larger one"):
        keeper.copy_to(root / "media/GYM", [])
    assert keeper.copying() is None


def test_a_read_only_stick_is_a_sentence(keeper: Keeper, root: Path) -> None:
    (root / "proc/mounts").write_text("/dev/sda1 /media/GYM vfat ro 0 0\n")
    keeper.copy_to(root / "media/GYM", [])
    assert ended(keeper).told.startswith("GYM is read-only")
    assert keeper.kept().last_utc is None


def test_a_fault_of_the_stations_own_disk_is_not_said_of_the_stick(
    keeper: Keeper, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("station.archive.stream", full)
    keeper.copy_to(root / "media/GYM", [])
    assert ended(keeper).told.startswith("The data folder can't be read")
    assert not [p for p in (root / "media/GYM").rglob("*") if p.is_file()]


def test_a_backup_that_is_being_taken_holds_up_a_deletion(keeper: Keeper) -> None:
    pieces = keeper.backup()
    next(pieces)
    with pytest.raises(CommandRefused, match="backup"):
        keeper.forget("Ada")
    pieces.close()
    assert keeper.kept().last_utc is None  # it was not whole
    assert keeper.forget("Ada").sessions == (1,)


def test_the_running_station_deletes_but_never_in_the_middle_of_a_session(
    library: Library, tmp_path: Path
) -> None:
    service = StationService(tmp_path / "none.sock", library, Plate(), "0")
    service.start()
    try:
        done = service.safekeeping.forget("Ada")
        assert done.sessions == (1,)
        assert [row.athlete for row in service.sessions()] == ["Grace"]
        with pytest.raises(UserError, match="Nobody"):
            service.safekeeping.forget("Ada")
        record(library, "Grace", state="open")
        with pytest.raises(UserError, match="open"):
            service.safekeeping.forget("Grace")
        assert len(service.sessions()) == 2
        assert service.turning
    finally:
        service.stop()


@pytest.mark.parametrize(
    ("busy", "words"),
    [({"state": "set"}, "set is running"), ({"planned": Planned("Ada", Plan("left"))}, "foot of Ada")],
)
def test_nobody_is_deleted_while_somebody_lifts_or_the_plate_waits_for_them(
    library: Library, tmp_path: Path, busy: dict[str, Any], words: str
) -> None:
    service = StationService(tmp_path / "none.sock", library, Plate(), "0")
    service._snapshot = replace(service._snapshot, **busy)
    with ThreadPoolExecutor() as page:
        asked = page.submit(service.safekeeping.forget, "Ada")
        while not asked.done():
            service._obey()  # the core thread's part
        with pytest.raises(CommandRefused, match=words):
            asked.result()
    assert len(library.sessions()) == 2
