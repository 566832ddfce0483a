"""A restore as the page asks for it: by the service with a real library and no sampler."""

from __future__ import annotations

import io
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from station import archive, restoring
from station.coach.programs import Plan
from station.door import CancelPlan, CommandRefused, NoteSet, OtherVisit, Planned, SessionView
from station.errors import UserError
from station.library import Library
from station.restorer import Restorer
from station.restoring import Restored
from station.service import StationService
from station.signal.model import Plate

A_SESSION = Path(__file__).parent / "session_files" / "session-v2.heeldrive"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "data")
    shutil.copy(A_SESSION, made.session_path(made.next_session_number("Ada")))
    yield made
    made.close()


@pytest.fixture
def backup(library: Library, tmp_path: Path) -> bytes:
    """As it was before Grace came."""
    archive.write(library.folder, tmp_path / "b.tar", "2026-11-20T17:05:00Z")
    library.meet("Grace", 1)
    return (tmp_path / "b.tar").read_bytes()


@pytest.fixture
def root(root: Path, backup: bytes) -> Path:
    """A machine with a stick on which the station, and then a person, has put a backup."""
    (root / "media/GYM/heeldrive").mkdir()
    for place in ("heeldrive/heeldrive-backup.tar", "heeldrive-backup.tar"):
        (root / "media/GYM" / place).write_bytes(backup)
    return root


class Ordering:
    """Stands for the core thread: carries out at once, unless somebody lifts."""

    def __init__(self) -> None:
        self.busy = ""
        self.ended = 0

    def check(self) -> None:
        if self.busy:
            raise CommandRefused(self.busy)

    def begin_again(self, order: object) -> None:
        self.check()
        order()  # type: ignore[operator]
        self.ended += 1


@pytest.fixture
def core() -> Ordering:
    return Ordering()


@pytest.fixture
def restorer(library: Library, root: Path, core: Ordering) -> Iterator[Restorer]:
    made = Restorer(library, core.check, core.begin_again, None, root)
    yield made
    made.stop()


def settled(restorer: Restorer) -> str:
    until_s = time.monotonic() + 20.0
    while (now := restorer.restoring()) is None or now.step == "reading":
        assert time.monotonic() < until_s
        time.sleep(0.005)
    return now.step


def test_an_upload_is_checked_shown_and_ordered(
    restorer: Restorer, library: Library, core: Ordering, backup: bytes
) -> None:
    checked = restorer.take(io.BytesIO(backup), len(backup))
    assert (checked.step, checked.read_bytes, checked.of_bytes) == ("checked", len(backup), len(backup))
    held = checked.holds
    assert held is not None
    assert (held.sessions, held.athletes, held.damaged) == (1, 2, ()), "Mara's file, and Ada who was met"
    assert held.made_utc == "2026-11-20T17:05:00Z"
    here = restorer.here()
    assert (here.sessions, here.athletes) == (1, 3)
    assert library.athletes(), "nothing is replaced yet"
    with pytest.raises(CommandRefused, match="choose it again"):
        restorer.restore("another")
    core.busy = "The session of Ada is open: finish it first."
    with pytest.raises(CommandRefused, match="finish it first"):
        restorer.restore(checked.token)
    assert core.ended == 0
    core.busy = ""
    assert restorer.restore(checked.token).step == "ordered"
    assert core.ended == 1
    for refused in (lambda: restorer.take(io.BytesIO(backup), 9), lambda: restorer.restore(checked.token)):
        with pytest.raises(CommandRefused):
            refused()
    restorer.cancel()  # too late: it is ordered
    done = restoring.finish(library.folder)
    assert done is not None
    assert (done.token, done.kept) == (checked.token, library.folder / "before-restore-1")
    after = Library(library.folder)
    assert after.athletes() == ["Ada"]
    told = Restorer(after, core.check, core.begin_again, done).restoring()
    assert told is not None
    assert (told.token, told.step) == (checked.token, "done")
    assert "before-restore-1" in told.told
    after.close()


def test_a_start_after_the_next_one_tells_it_too_and_a_failed_one_says_why(
    restorer: Restorer, library: Library, core: Ordering
) -> None:
    assert restorer.restoring() is None
    why = Restored("t", None, "The backup could not be put in place (No space left on device)")
    told = Restorer(library, core.check, core.begin_again, why).restoring()
    assert told is not None
    assert (told.step, told.token) == ("refused", "t")
    assert told.told.endswith("(No space left on device): nothing was replaced.")
    library.keep_setting(restoring.SETTING, {"token": "t", "kept": None})
    again = Restorer(library, core.check, core.begin_again).restoring()
    assert again is not None
    assert (again.step, again.told) == ("done", "Restored.")


def test_a_stick_is_read_by_a_thread_of_its_own(restorer: Restorer, root: Path, library: Library) -> None:
    first, second = restorer.backups()
    assert first.path == root / "media/GYM/heeldrive/heeldrive-backup.tar"
    assert second.path == root / "media/GYM/heeldrive-backup.tar"
    assert restorer.take_from(first.path).called == "heeldrive-backup.tar on GYM"
    assert settled(restorer) == "checked"
    with pytest.raises(CommandRefused, match="not there any more"):
        restorer.take_from(library.folder / "station.db")
    restorer.cancel()
    assert restorer.restoring() is None
    assert not (library.folder / restoring.STAGE).exists()
    second.path.write_bytes(b"no tar at all" * 1000)
    restorer.take_from(second.path)
    assert settled(restorer) == "refused"
    now = restorer.restoring()
    assert now is not None
    assert now.told.startswith("heeldrive-backup.tar on GYM is no whole backup")


class Cut(io.BytesIO):
    """A line that is cut after some bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 40_000:
            raise ConnectionError("the connection was cut")
        return super().read(min(size or -1, 30_000))


def test_a_cut_line_leaves_nothing_behind(restorer: Restorer, library: Library, backup: bytes) -> None:
    with pytest.raises(UserError, match=r"did not come whole.*nothing was replaced"):
        restorer.take(Cut(backup), len(backup))
    assert settled(restorer) == "refused"
    assert {path.name.split("-")[0] for path in library.folder.iterdir()} == {
        "index.db",
        "sessions",
        "station.db",
    }
    with pytest.raises(UserError, match=r"cut short|unexpected end"):
        restorer.take(io.BytesIO(backup[:-9000]), len(backup))
    assert not (library.folder / restoring.STAGE).exists()


def test_a_full_disk_is_told_before_and_on_the_way(
    restorer: Restorer, library: Library, backup: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.disk_usage
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=100_400_000))
    with pytest.raises(CommandRefused, match=r"has 900\.0 MB, and there is room for 0\.4 MB"):
        restorer.take(io.BytesIO(), 900_000_000)
    assert settled(restorer) == "refused", "it is told to who could not hear the answer, too"
    monkeypatch.setattr("shutil.disk_usage", real)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(UserError, match=r"No space left on device.*Nothing was replaced"):
            restorer.take(io.BytesIO(backup), len(backup))
    assert not (library.folder / restoring.STAGE).exists()
    assert restorer.take(io.BytesIO(backup), len(backup)).step == "checked"


def test_one_at_a_time_and_it_can_be_cancelled(restorer: Restorer, library: Library, backup: bytes) -> None:
    held, go_on = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            held.set()
            assert go_on.wait(20.0)
            return super().read(size)

    def take() -> None:
        with pytest.raises(UserError, match="Cancelled"):
            restorer.take(Slow(backup), len(backup))

    page = threading.Thread(target=take)
    page.start()
    assert held.wait(20.0)
    with pytest.raises(CommandRefused, match="already"):
        restorer.take(io.BytesIO(backup), len(backup))
    restorer.cancel()
    go_on.set()
    page.join()
    assert not (library.folder / restoring.STAGE).exists()
    now = restorer.restoring()
    assert now is not None
    assert now.told == "Cancelled: nothing was replaced."


def test_what_is_kept_is_listed_and_deleted(restorer: Restorer, library: Library) -> None:
    for name in ("before-restore-2", "before-restore-10", "before-restore-x"):
        (library.folder / name / "sessions").mkdir(parents=True)
        (library.folder / name / "sessions" / "session-00001.heeldrive").write_bytes(bytes(1000))
    assert [(one.name, one.length_bytes) for one in restorer.kept()] == [
        ("before-restore-2", 1000), ("before-restore-10", 1000),
    ]  # fmt: skip
    for wrong in ("before-restore-3", "../data", "sessions", ""):
        with pytest.raises(CommandRefused):
            restorer.delete_kept(wrong)
    told = library.forget("Ada")
    assert told.kept == (str(library.folder / "before-restore-2"), str(library.folder / "before-restore-10"))
    restorer.delete_kept("before-restore-2")
    assert [one.name for one in restorer.kept()] == ["before-restore-10"]


OPEN = SessionView(1, "Ada", 0, ())


@pytest.mark.parametrize(
    ("busy", "words"),
    [
        ({"session": OPEN}, "session of Ada is open"),
        ({"others": (OtherVisit(1, "Eve", 2, None),)}, "session of Eve is open"),
        ({"planned": Planned("Ada", Plan("left"))}, "foot of Ada"),
    ],
)
def test_the_service_restores_only_while_nobody_lifts(
    library: Library, tmp_path: Path, backup: bytes, busy: dict[str, object], words: str
) -> None:
    ended = threading.Event()
    service = StationService(tmp_path / "none.sock", library, Plate(), "0", end=ended.set)
    free = service._snapshot
    token = service.restorer.take(io.BytesIO(backup), len(backup)).token
    service._snapshot = replace(free, **busy)  # type: ignore[arg-type]
    with pytest.raises(CommandRefused, match=words):
        service.restorer.take(io.BytesIO(backup), len(backup))
    assert service.restorer.restoring() is not None
    service._snapshot = free
    token = service.restorer.take(io.BytesIO(backup), len(backup)).token
    service._snapshot = replace(free, **busy)  # type: ignore[arg-type]
    core = threading.Thread(target=lambda: [service._obey() for _ in iter(lambda: ended.wait(0.01), True)])
    core.start()
    try:
        with pytest.raises(CommandRefused, match=words):
            service.restorer.restore(token)
        assert not ended.is_set()
        service._snapshot = free
        assert service.restorer.restore(token).step == "ordered"
        assert ended.wait(5.0)
    finally:
        ended.set()
        core.join()
    with ThreadPoolExecutor() as page:
        for asks in (
            lambda: service.command(CancelPlan()),
            lambda: service.command(NoteSet(1, session=1, pain=True)),
            lambda: service.safekeeping.forget("Ada"),
        ):
            asked = page.submit(asks)
            while not asked.done():
                service._obey()  # the core thread's last round
            with pytest.raises(CommandRefused, match="restarts"):
                asked.result()
