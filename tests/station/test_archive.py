"""A backup holds everything as of one moment, and comes back whole or not at all."""

from __future__ import annotations

import io
import os
import random
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from small import LOG, record, written

from station import archive, restoring
from station.__main__ import main
from station.errors import UserError
from station.library import Library
from station.recording import MarkRow, Recording
from station.session_writer import SessionWriter
from station.supervisor import DataFolderLock


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a closed session of Ada's, and one of Grace's in a remembered library."""
    folder = tmp_path / "data"
    library = Library(folder)
    for name in ("Ada", "Grace"):
        record(library, name)
        library.remember(name, "visits", [name])
    (folder / "truth.jsonl").write_text("{}\n")
    library.close()
    return folder


@pytest.fixture
def made(tmp_path: Path, data: Path) -> Path:
    out = tmp_path / "backup.tar"
    archive.write(data, out)
    return out


def test_it_comes_back_as_it_was(tmp_path: Path, data: Path, made: Path) -> None:
    assert restoring.restore(made, tmp_path / "other" / "data") is None
    library, other = Library(data), Library(tmp_path / "other" / "data")
    assert other.sessions() == library.sessions()
    assert other.recall("Ada", "visits") == ["Ada"]
    assert (other.folder / "truth.jsonl").read_text() == "{}\n"
    for number in (1, 2):
        assert other.read(number).segments[0].blocks[0].tobytes() == LOG.tobytes()
    assert not list(data.glob(".backup*"))


def test_it_is_made_while_a_session_is_written_and_holds_what_is_committed(data: Path) -> None:
    library = Library(data)
    writer = written(library, "Ada", state="open")
    pieces = archive.stream(data)
    content = next(pieces)
    writer.append(LOG)  # not committed
    content += b"".join(pieces)
    writer.close()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        names = tar.getnames()
        assert names[0] == "station.db"
        assert names[-1] == "manifest.json"
        path = data.parent / "out.heeldrive"
        member = tar.extractfile("sessions/session-00003.heeldrive")
        assert member is not None
        path.write_bytes(member.read())
    (segment,) = Recording.read(path).segments
    assert np.concatenate(segment.blocks).tobytes() == LOG.tobytes()


def test_the_old_folder_is_kept_and_no_number_comes_twice(data: Path, made: Path) -> None:
    library = Library(data)
    record(library, "Ada")
    library.close()
    before = tree(data)
    old = restoring.restore(made, data)
    assert old == data / "before-restore-1"
    before.pop("index.db")  # made again
    assert tree(old) == before
    assert [row.number for row in Library(data).sessions()] == [2, 1]
    assert Library(data).next_session_number("Ada") == 4


def cut(made: Path) -> None:
    made.write_bytes(made.read_bytes()[:-3000])


def flip(made: Path) -> None:
    content = bytearray(made.read_bytes())
    at = content.index(b"SQLite format 3", 2000) + 5000  # inside a session file
    content[at] ^= 1
    made.write_bytes(content)


def foreign(made: Path) -> None:
    made.write_bytes(b"no tar at all" * 1000)


def empty(made: Path) -> None:
    made.write_bytes(b"")


def add(name: str, kind: bytes = tarfile.REGTYPE) -> Callable[[Path], None]:
    def adding(made: Path) -> None:
        """Put a member before all others."""
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        made.write_bytes(info.tobuf() + made.read_bytes())

    return adding


def newer(made: Path) -> None:
    with tarfile.open(made) as tar, tarfile.open(made.with_suffix(".new"), "w") as out:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            text = content.read().replace(b"heeldrive-backup/1", b"heeldrive-backup/9")
            out.addfile(member, io.BytesIO(text))
    made.with_suffix(".new").replace(made)


@pytest.mark.parametrize(
    "spoil",
    [
        cut,
        flip,
        foreign,
        empty,
        newer,
        add("../../outside.db"),
        add("/tmp/outside"),
        add("sessions/../../outside"),
        add("sessions/session-00009.heeldrive"),
        add("station.db"),
        add("sessions/session-00009.heeldrive", tarfile.SYMTYPE),
        add("station.db", tarfile.LNKTYPE),
        add("device", tarfile.CHRTYPE),
    ],
)
def test_what_is_not_a_whole_backup_replaces_nothing(
    tmp_path: Path, data: Path, made: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(made)
    before = tree(tmp_path)
    with pytest.raises(UserError, match="nothing was replaced") as told:
        restoring.restore(made, data)
    assert "\n" not in str(told.value)
    assert tree(tmp_path) == before


def test_bytes_changed_at_random_replace_nothing(data: Path, made: Path) -> None:
    chance = random.Random(1)
    whole, before = made.read_bytes(), tree(data)
    for _ in range(60):
        content = bytearray(whole)
        at = chance.randrange(len(content))
        content[at] ^= 1 << chance.randrange(8)
        made.write_bytes(content)
        try:
            restoring.restore(made, data)
        except UserError:
            assert tree(data) == before
        else:  # in padding, or in a name's or time's field that says nothing of the content
            after = tree(data)
            assert after["sessions/session-00001.heeldrive"] == before["sessions/session-00001.heeldrive"]
            before = after


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, made: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "letter.txt").write_text("dear")
    with pytest.raises(UserError, match="no data folder"):
        restoring.restore(made, home)
    assert tree(home) == {"letter.txt": b"dear"}


def test_a_damaged_session_is_backed_up_as_it_stands(tmp_path: Path, data: Path) -> None:
    path = data / "sessions" / "session-00001.heeldrive"
    path.write_bytes(b"x" * 3000)
    archive.write(data, tmp_path / "b.tar")
    restoring.restore(tmp_path / "b.tar", tmp_path / "other")
    assert (tmp_path / "other" / "sessions" / path.name).read_bytes() == b"x" * 3000
    assert [row.state for row in Library(tmp_path / "other").sessions()] == ["closed", "damaged"]


def test_a_session_that_says_nonsense_is_named_and_comes_back_as_it_stands(
    tmp_path: Path, data: Path
) -> None:
    """A whole database with words in it that nobody can read must not bar the restore of all else."""
    with closing(sqlite3.connect(data / "sessions" / "session-00001.heeldrive")) as db:
        db.execute("UPDATE mark SET body = 'no JSON'")
        db.commit()
    archive.write(data, tmp_path / "b.tar")
    (tmp_path / "other").mkdir()
    with (tmp_path / "b.tar").open("rb") as content:
        assert restoring.stage(content, "it", tmp_path / "other").damaged == (1,)
    restoring.restore(tmp_path / "b.tar", tmp_path / "other")
    assert [row.state for row in Library(tmp_path / "other").sessions()] == ["closed", "damaged"]


def test_a_fresh_partition_is_a_place_to_restore_to(tmp_path: Path, made: Path) -> None:
    (tmp_path / "card" / "lost+found").mkdir(parents=True)
    assert restoring.restore(made, tmp_path / "card") is None
    assert len(Library(tmp_path / "card").sessions()) == 2


def test_what_root_restores_is_the_folders_owners(data: Path, made: Path) -> None:
    if os.geteuid() == 0:
        for path in (data, *data.rglob("*")):
            os.chown(path, 4711, 4711)
    lock = DataFolderLock(data)
    restoring.restore(made, data)
    lock.release()
    assert {path.stat().st_uid for path in data.rglob("*")} == {data.stat().st_uid}


def test_the_command_line(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "b.tar"
    assert main(["backup", "--data", str(data), "--out", str(out)]) == 0
    assert main(["restore", str(out), "--data", str(data)]) == 0
    assert "before-restore-1" in capsys.readouterr().out
    lock = DataFolderLock(data)
    assert main(["restore", str(out), "--data", str(data)]) == 1
    assert main(["forget", "Ada", "--data", str(data)]) == 1
    assert capsys.readouterr().err.count("already runs") == 2
    lock.release()
    assert main(["restore", str(tmp_path / "none.tar"), "--data", str(data)]) == 1
    assert main(["backup", "--data", str(tmp_path / "nowhere"), "--out", str(out)]) == 1
    assert main(["forget", "Nobody", "--data", str(data)]) == 1
    assert all(line.startswith("heeldrive: ") for line in capsys.readouterr().err.splitlines())
    assert main(["forget", " Ada ", "--data", str(data)]) == 0
    assert "Backups" in capsys.readouterr().out


@pytest.fixture
def library(data: Path) -> Iterator[Library]:
    made = Library(data)
    yield made
    made.close()


def test_a_forgotten_athlete_leaves_no_byte(library: Library) -> None:
    library.remember("Ada", "visits", ["Ada was here"] * 2000)
    library.remember("Ada", "visits", [])  # what was longer leaves its old pages behind
    shutil.copy(library.folder / "station.db", library.folder / "station.db.before-1")
    library.sessions()
    done = library.forget("Ada")
    assert (done.sessions, done.moved_here, done.moved_away, done.unread) == ((1,), (), (), ())
    assert [row.athlete for row in library.sessions()] == ["Grace"]
    assert library.athletes() == ["Grace"]
    assert library.recall("Ada", "visits") is None
    assert library.recall("Grace", "visits") == ["Grace"]
    library.close()
    assert not [name for name, content in tree(library.folder).items() if b"Ada" in content]
    assert Library(library.folder).next_session_number("Eve") == 3


def test_forgetting_says_what_it_leaves_and_what_went_with_it(library: Library) -> None:
    for number, athlete in ((1, "Grace"), (2, "Ada")):  # a set of each was moved to the other
        writer = SessionWriter.reopen(library.session_path(number))
        writer.mark(MarkRow(-1, 0, "set_move", {"number": 1, "athlete": athlete}))
        writer.commit()
        writer.close()
    broken = written(library, "Ada")
    broken.close()
    library.session_path(3).write_bytes(b"x" * 2000)
    done = library.forget("Ada")
    assert (done.sessions, done.moved_here, done.moved_away, done.unread) == ((1,), (2,), (1,), (3,))
    assert [row.number for row in library.sessions()] == [3, 2]


def test_nobody_is_forgotten_in_the_middle_of_a_session(library: Library) -> None:
    record(library, "Ada", state="open")
    with pytest.raises(UserError, match="open"):
        library.forget("Ada")
    assert len(library.sessions()) == 3


def test_a_page_that_leaves_in_the_middle_leaves_nothing_behind(data: Path) -> None:
    pieces = archive.stream(data)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert not list(data.glob(".backup*"))
    with closing(sqlite3.connect(data / "station.db")) as db:
        db.execute("BEGIN EXCLUSIVE")  # and holds no lock
