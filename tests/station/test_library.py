"""The folder of sessions: its index can always be thrown away, its station.db never."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from disk import Disk

from station.errors import UserError
from station.library import Library
from station.recording import MarkRow
from station.session_writer import SessionWriter
from station.store import MIGRATIONS

FILES = Path(__file__).parent / "session_files"
REP = {"complete": True, "heel_share": 0.5, "up_s": 1.0, "hold_s": 2.0, "down_s": 1.5}


def session(library: Library, athlete: str, *marks: MarkRow, state: str = "closed") -> int:
    number = library.next_session_number(athlete)
    meta = {"number": number, "athlete": athlete, "started_utc": "2026-01-01T00:00:00Z"}
    writer = SessionWriter.create(library.session_path(number), meta)
    writer.begin_segment("run", "boot", {}, 0, 0)
    writer.mark(MarkRow(-1, 0, "set_start", {"number": 1, "side": "left", "goal": "strength", "load_kg": 5}))
    for rep_id, share in enumerate((0.4, 0.6)):
        writer.rep(rep_id, 1, REP | {"heel_share": share})
    writer.rep(2, 1, REP | {"complete": False})
    for mark in marks:
        writer.mark(mark)
    writer.set_meta({"state": state})
    writer.commit()
    writer.close()
    return number


def test_a_session_is_listed_with_its_sets_and_follows_its_file(tmp_path: Path) -> None:
    library = Library(tmp_path)
    session(library, "Ada")
    (row,) = library.sessions()
    assert (row.number, row.athlete, row.sets, row.reps, row.state) == (1, "Ada", 1, 3, "closed")
    (one,) = library.sets("Ada")
    assert (one.side, one.goal, one.load_kg, one.reps, one.discarded) == ("left", "strength", 5.0, 2, False)
    assert (one.heel_share, one.up_s, one.hold_s, one.down_s) == (0.5, 1.0, 2.0, 1.5)
    writer = SessionWriter.reopen(library.session_path(1))  # a correction, long after
    writer.mark(MarkRow(-1, 0, "set_note", {"number": 1, "discarded": True}))
    writer.mark(MarkRow(-1, 0, "set_move", {"number": 1, "athlete": "Grace"}))
    writer.commit()
    assert [s.discarded for s in library.sets("Grace")] == [True]
    writer.mark(MarkRow(-1, 0, "set_note", {"number": 1, "discarded": False}))
    writer.commit()
    assert [s.discarded for s in library.sets("Grace")] == [False]  # while it is in the log alone
    writer.close()
    assert library.sets("Ada") == []
    assert [s.session for s in library.sets("Grace")] == [1]
    library.session_path(1).unlink()
    assert library.sessions() == []
    assert library.sets("Grace") == []


def test_visits_are_told_by_side_without_discarded_sets(tmp_path: Path) -> None:
    library = Library(tmp_path)
    right = MarkRow(-1, 0, "set_start", {"number": 2, "side": "right", "load_kg": 7})
    thrown = MarkRow(-1, 0, "set_start", {"number": 3, "side": "right", "load_kg": 90})
    session(library, "Ada", right, thrown, MarkRow(-1, 0, "set_note", {"number": 3, "discarded": True}))
    session(library, "Grace")
    seen = [(v.athlete, v.session, v.side, v.sets, v.reps, v.best, v.load_kg) for v in library.visits()]
    assert seen == [
        ("Ada", 1, "left", 1, 2, 2, 5.0),
        ("Ada", 1, "right", 1, 0, 0, 7.0),
        ("Grace", 2, "left", 1, 2, 2, 5.0),
    ]
    assert [v.heel_share for v in library.visits()] == [0.5, None, 0.5]


def test_a_set_taken_back_is_not_listed(tmp_path: Path) -> None:
    library = Library(tmp_path)
    again = MarkRow(-1, 0, "set_start", {"number": 1, "side": "right"})
    session(library, "Ada", MarkRow(-1, 0, "set_void", {"number": 1}), again)
    assert [one.side for one in library.sets("Ada")] == ["right"]


def spoil_nothing(_path: Path) -> None:
    """Leave the index as it is."""


def remove(path: Path) -> None:
    path.unlink()


def scribble(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def damage_inside(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    path.write_bytes(content)


def of_another_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE file; PRAGMA user_version = 99;")


def a_folder_in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil", [spoil_nothing, remove, scribble, damage_inside, of_another_version, a_folder_in_its_place]
)
def test_an_index_that_is_gone_or_damaged_is_made_again(tmp_path: Path, spoil: object) -> None:
    library = Library(tmp_path)
    for name in ("Ada", "Grace", "Ada"):
        session(library, name)
    before = library.sessions(), library.sets("Ada")
    assert len(before[0]) == 3
    library.close()
    spoil(tmp_path / "index.db")  # type: ignore[operator]
    again = Library(tmp_path)
    assert (again.sessions(), again.sets("Ada")) == before


def test_an_index_that_is_damaged_while_in_use_is_made_again(tmp_path: Path) -> None:
    library = Library(tmp_path)
    session(library, "Ada")
    before = library.sessions()
    with closing(sqlite3.connect(tmp_path / "index.db")) as db:
        db.executescript("DROP TABLE file;")
    assert library.sessions() == before


def test_a_damaged_file_stays_and_is_named_and_the_others_work(tmp_path: Path) -> None:
    library = Library(tmp_path)
    for name in ("Ada", "Grace"):
        session(library, name)
    path = library.session_path(1)
    path.write_bytes(path.read_bytes()[:5000])
    content = path.read_bytes()
    good, bad = library.sessions()
    assert (good.athlete, good.state) == ("Grace", "closed")
    assert (bad.number, bad.state) == (1, "damaged")
    assert path.name in bad.note
    assert "\n" not in bad.note
    assert path.read_bytes() == content
    assert library.unfinished() == []
    assert library.next_session_number("Ada") == 3


def test_no_number_is_used_twice_when_station_db_is_an_old_copy(tmp_path: Path) -> None:
    library = Library(tmp_path)
    session(library, "Ada")
    library.close()
    shutil.copy(tmp_path / "station.db", tmp_path / "old")
    library = Library(tmp_path)
    assert [session(library, "Ada") for _ in range(3)] == [2, 3, 4]
    library.close()
    shutil.copy(tmp_path / "old", tmp_path / "station.db")
    assert Library(tmp_path).next_session_number("Ada") == 5
    (tmp_path / "station.db").unlink()
    assert Library(tmp_path).next_session_number("Ada") == 5
    for path in (tmp_path / "sessions").iterdir():
        path.unlink()
    assert Library(tmp_path).next_session_number("Ada") == 6


def test_a_station_db_of_the_first_days_is_migrated_with_a_copy(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "station.db")) as db:
        db.executescript(MIGRATIONS[0])
        db.execute("INSERT INTO setting VALUES ('zero', '{}')")
        db.execute("INSERT INTO athlete (name, last_session) VALUES ('Ada', 1)")
        db.commit()
    library = Library(tmp_path)
    assert library.setting("zero") == {}
    assert library.athletes() == ["Ada"]
    with closing(sqlite3.connect(tmp_path / "station.db")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    with closing(sqlite3.connect(tmp_path / f"station.db.before-{len(MIGRATIONS)}")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (0,)
        assert db.execute("SELECT name FROM athlete").fetchall() == [("Ada",)]
    assert len(list(tmp_path.glob("station.db*"))) == 2


def test_a_station_db_of_a_newer_version_or_a_damaged_one_is_refused_and_left(tmp_path: Path) -> None:
    Library(tmp_path).close()
    path = tmp_path / "station.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    content = path.read_bytes()
    with pytest.raises(UserError, match="newer Heeldrive"):
        Library(tmp_path)
    assert path.read_bytes() == content
    path.write_bytes(b"x" * 5000)
    with pytest.raises(UserError, match="damaged"):
        Library(tmp_path)
    assert path.read_bytes() == b"x" * 5000


def test_what_is_to_be_remembered_waits_for_a_disk_that_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(tmp_path)

    def full(what: str, _path: Path) -> None:
        if what == "write":
            raise apsw.FullError("no")

    with disk.under(monkeypatch):
        library = Library(tmp_path)
        assert library.next_session_number("Ada") == 1
        well, disk.fails = disk.fails, full
        library.remember("Ada", "visits", [1])
        library.keep_setting("zero", {"a": 1})
        assert [library.next_session_number("Ada") for _ in range(2)] == [2, 3]
        assert library.recall("Ada", "visits") == [1]
        assert library.setting("zero") == {"a": 1}
        disk.fails = well
        library.remember("Ada", "visits", [1, 2])
        library.close()
    again = Library(tmp_path)
    assert json.dumps(again.recall("Ada", "visits")) == "[1, 2]"
    assert again.setting("zero") == {"a": 1}
    assert again.next_session_number("Ada") == 4


def test_files_of_earlier_versions_are_listed_too(tmp_path: Path) -> None:
    library = Library(tmp_path)
    for number in (1, 2):
        shutil.copy(FILES / f"session-v{number}.heeldrive", library.session_path(number))
    one, two = ({**vars(row), "number": 0} for row in library.sessions())
    assert one == two
    assert (one["sets"], one["reps"], one["athlete"]) == (2, 5, "Ada Lövelace")
    left = library.sets("Ada Lövelace")
    assert [(s.session, s.number, s.side, s.reps) for s in left[:2]] == [
        (1, 1, "left", 3),
        (1, 2, "right", 2),
    ]
