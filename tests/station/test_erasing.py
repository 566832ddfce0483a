"""Deletion: no byte of a person is left in any file, whenever the power goes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from traces import begun, holding, recorded

from station.codes import Codes
from station.index import NAME as INDEX
from station.library import LAST_BACKUP, Library
from station.safekeeping import Forgotten
from station.session_writer import finish_file
from station.tables import forgotten_text

NAME, NOTE = "Zwanhild Quixley", "knee clicks like a xylophone"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A folder in which somebody has left all the traces that there are."""
    made = Library(tmp_path / "data")
    recorded(made, NAME, NOTE)
    recorded(made, "Grace", "well")
    made.remember(NAME, "visits", [{"session": 1, "sets": [NOTE] * 300}])
    made.remember(NAME, "visits", [{"session": 1, "sets": [NOTE]}])  # what was longer was freed
    Codes(made).put(NAME, "2468")
    with closing(sqlite3.connect(made.folder / "station.db")) as db:  # as an older version wrote
        db.executescript("PRAGMA secure_delete = OFF")
        db.execute("INSERT INTO memory VALUES (?, 'old', ?)", (NAME, NOTE * 300))
        db.execute("DELETE FROM memory WHERE key = 'old'")
        db.commit()
    half_made = made.folder / ".backup-cut"
    half_made.mkdir()
    shutil.copy(made.session_path(1), half_made / "copy")
    shutil.copy(made.session_path(1), made.sessions_folder / "session-00009.new")
    shutil.copy(made.folder / "station.db", made.folder / "station.db.before-1")
    shutil.copy(made.folder / "station.db", made.folder / "station.db.before-1.new")
    assert len(made.sessions()) == 2
    yield made
    made.close()


def test_of_a_deleted_person_no_byte_is_left(library: Library) -> None:
    assert len(holding(library.folder, NAME, NOTE)) >= 6
    library.keep_setting(LAST_BACKUP, "2026-11-20T17:05:00Z")
    done = library.forget(NAME)
    assert holding(library.folder, NAME, NOTE) == set()
    assert (done.sessions, done.moved_here) == ((1,), ())
    assert [row.athlete for row in library.sessions()] == ["Grace"]
    assert library.recall("Grace", "visits") is None
    assert "of 2026-11-20 17:05 UTC" in forgotten_text(NAME, done)


def test_a_session_that_a_kill_left_open_goes_with_its_log(tmp_path: Path) -> None:
    library = Library(tmp_path / "live")
    writer = begun(library, NAME, NOTE)  # in its write-ahead log, as a kill finds it
    killed = tmp_path / "data"
    shutil.copytree(library.folder, killed)
    writer.close()
    assert "sessions/session-00001.heeldrive-wal" in holding(killed, NOTE)
    again = Library(killed)
    finish_file(again.session_path(1), (), {"state": "interrupted"})
    again.forget(NAME)
    assert holding(killed, NAME, NOTE) == set()


# Forks where there are no threads; a child ends itself at its n-th step.
KILLED = f"""
import itertools, os, shutil, sqlite3, sys
from pathlib import Path
from station.library import Library

def forgetting(folder, kill_at):
    steps = itertools.count(1)
    def step(event):
        if event in ("sqlite3.connect", "os.remove", "shutil.rmtree", "sql") and next(steps) == kill_at:
            os._exit(9)
    library, connect = Library(folder), sqlite3.connect
    def traced(*words, **more):
        db = connect(*words, **more)
        db.set_trace_callback(lambda _: step("sql"))
        return db
    sqlite3.connect = traced
    sys.addaudithook(lambda event, _: step(event))
    library.forget({NAME!r})
    os._exit(0)

for kill_at in itertools.count(1, 2):
    folder = Path(sys.argv[2]) / str(kill_at)
    shutil.copytree(sys.argv[1], folder)
    if (pid := os.fork()) == 0:
        forgetting(folder, kill_at)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
        break
"""


def test_a_deletion_that_was_killed_is_finished_at_the_next_start(library: Library, tmp_path: Path) -> None:
    library.close()
    (tmp_path / "killed").mkdir()
    words = [sys.executable, "-c", KILLED, str(library.folder), str(tmp_path / "killed")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    before = finished = 0
    for data in (tmp_path / "killed").iterdir():
        again = Library(data)
        if NAME in {row.athlete for row in again.sessions()}:  # it had not begun: all is there
            assert NAME in again.athletes()
            before += 1
        else:
            assert holding(data, NAME, NOTE) == set(), data.name
            finished += 1
        again.close()
    assert before >= 3
    assert finished >= 10


def test_every_session_that_still_names_somebody_is_told(library: Library) -> None:
    recorded(library, "Grace", moved_to=(NAME,))
    recorded(library, "Grace", moved_to=(NAME, "Grace"))  # and taken back
    recorded(library, "Grace", moved_to=("Eve",))
    done = library.forget(NAME)
    assert done.moved_here == (3, 4)
    assert holding(library.folder, NAME) == {f"sessions/session-{n:05d}.heeldrive" for n in done.moved_here}
    assert "session 3, 4 of others" in forgotten_text(NAME, done)


def test_folders_from_before_a_restore_are_told(library: Library) -> None:
    older = library.folder / "before-restore-1"
    older.mkdir()
    shutil.copy(library.session_path(1), older)
    done = library.forget(NAME)
    assert done.kept == (str(older),)
    assert str(older) in forgotten_text(NAME, done)


def test_a_file_deleted_by_hand_leaves_the_index_at_the_next_look(library: Library) -> None:
    assert INDEX in {name.split("-")[0] for name in holding(library.folder, NAME)}
    library.session_path(1).unlink()
    library.sessions()
    assert not [name for name in holding(library.folder, NAME) if name.startswith(INDEX)]


def test_a_note_of_a_deletion_that_is_no_note_does_not_keep_the_station_from_starting(
    library: Library,
) -> None:
    library.keep_setting("erasing", ["x"])
    library.close()
    assert [row.athlete for row in Library(library.folder).sessions()] == ["Grace", NAME]


def test_calibrations_keep_no_name(library: Library) -> None:
    with closing(sqlite3.connect(library.folder / "station.db")) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        naming = {
            table
            for table in tables
            for row in db.execute(f"SELECT * FROM {table}")  # noqa: S608
            if any(NAME in str(value) for value in row)
        }
    assert naming == {"athlete", "memory"}


def test_what_is_told_without_a_backup_claims_nothing() -> None:
    told = forgotten_text("Ada", Forgotten((), (), (), ()))
    assert "knows of none" in told
    assert os.linesep in told
