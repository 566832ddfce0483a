"""station.db: what the station knows that is in no session file: never rebuilt, so a copy goes first.

Facts that are only a help for next time (a zero, how somebody lifted) are kept in memory while
the disk refuses, and written with the next one: no display stands still for them.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from station.erasing import NOTED, Erasure, erase_from
from station.errors import UserError
from station.files import sync_file, sync_folder
from station.logs import why
from station.session_writer import SAFEST

NAME = "station.db"

# Each is run once, in this order; user_version counts how many were. The first also meets the
# tables of the time before they were counted.
MIGRATIONS = (
    """
CREATE TABLE IF NOT EXISTS athlete (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last_session INTEGER);
CREATE TABLE IF NOT EXISTS memory (athlete TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (athlete, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calibration (id TEXT PRIMARY KEY, made TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session_number (number INTEGER PRIMARY KEY AUTOINCREMENT);
""",
)

_KEEP = {
    "setting": "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)",
    "memory": "INSERT OR REPLACE INTO memory (athlete, key, value) VALUES (?, ?, ?)",
    "athlete": "INSERT INTO athlete (name, last_session) VALUES (?, ?)"
    " ON CONFLICT (name) DO UPDATE SET last_session = max(last_session, excluded.last_session)",
    "session_number": "INSERT OR IGNORE INTO session_number SELECT max(?, ?)",
}

_log = logging.getLogger(__name__)


class Store:
    """station.db of a data folder.

    Raises
    ------
    UserError : it is of a newer version, or damaged
    OSError, sqlite3.Error : it can't be written

    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._lock = threading.Lock()
        self._waiting: dict[tuple[Any, ...], Any] = {}  # (table, key…) → the last column
        self._number = 0  # the newest given
        migrate(self.path)

    @contextmanager
    def db(self) -> Iterator[sqlite3.Connection]:
        """Give a connection; what is done with it is one transaction."""
        with closing(sqlite3.connect(self.path)) as db:
            db.execute(SAFEST)
            db.execute("PRAGMA secure_delete = ON")  # what is replaced leaves no byte either
            yield db
            db.commit()

    def keep(self, table: str, *key: Any, value: Any) -> None:
        """Keep a value in `setting`, `memory` or `athlete`; in memory until the disk takes it."""
        with self._lock:
            self._waiting[(table, *key)] = value
            try:
                with self.db() as db:
                    for (name, *words), last in self._waiting.items():
                        db.execute(_KEEP[name], (*words, last))
                self._waiting.clear()
            except (OSError, sqlite3.Error) as error:
                _log.warning("%s can't be written: %s", self.path.name, why(error))

    def kept(self, table: str, *key: Any) -> Any:
        """Return what `keep` was last given as text, None if nothing."""
        with self._lock:
            if (table, *key) in self._waiting:
                return self._waiting[(table, *key)]
        query = {
            "setting": "SELECT value FROM setting WHERE key = ?",
            "memory": "SELECT value FROM memory WHERE athlete = ? AND key = ?",
        }[table]
        with self.db() as db:
            row = db.execute(query, key).fetchone()
        return None if row is None else row[0]

    def keys(self, athlete: str) -> list[str]:
        """Return under which keys something is kept about an athlete."""
        with self._lock, self.db() as db:
            rows = db.execute("SELECT key FROM memory WHERE athlete = ?", (athlete,)).fetchall()
            waiting = {words[2] for words in self._waiting if words[:2] == ("memory", athlete)}
        return sorted({key for (key,) in rows} | waiting)

    def next_number(self, at_least: int) -> int:
        """Return a number above every one given before and above `at_least`.

        While the disk refuses, one that is known to be free is given, and noted once it can be.
        """
        with self._lock:
            given = max((key[1] for key in self._waiting if key[0] == "session_number"), default=0)
            at_least = max(at_least, given)
            try:
                with self.db() as db:
                    if at_least:
                        db.execute(_KEEP["session_number"], (at_least, at_least))
                    number = db.execute("INSERT INTO session_number DEFAULT VALUES").lastrowid
                self._number = number or at_least + 1
            except (OSError, sqlite3.Error) as error:
                _log.warning("%s can't be written: %s", self.path.name, why(error))
                self._number = max(at_least, self._number) + 1
                self._waiting[("session_number", self._number)] = self._number
            return self._number

    def note_erasure(self, what: Erasure) -> None:
        """Take note, on disk, of what is to be erased, before anything is."""
        with self._lock, self.db() as db:
            db.execute(_KEEP["setting"], (NOTED, what.as_text()))

    def noted_erasure(self) -> Erasure | None:
        """Return what was to be erased and is not yet, None for nothing."""
        text = self.kept("setting", NOTED)
        return None if text is None else Erasure.of_text(text)

    def erase(self, what: Erasure) -> None:
        """Take what is to go out of station.db and of the copies that were made of it."""
        with self._lock:
            for key in [key for key in self._waiting if set(what.athletes) & set(key)]:
                del self._waiting[key]
            for path in (*self.path.parent.glob(f"{self.path.name}.before-*[0-9]"), self.path):
                erase_from(path, what)


def migrate(path: Path) -> None:
    """Bring station.db to the present version, with a copy of it as it was beside it.

    Raises
    ------
    UserError : it is of a newer version, or damaged; the text says which
    OSError, sqlite3.Error : it can't be written

    """
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        try:
            db.execute(SAFEST)
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            raise _damaged(path, error) from None
        if version > len(MIGRATIONS):
            raise UserError(
                f"{path} was written by a newer Heeldrive (version {version}): update this one, or choose"
                " another folder with --data."
            )
        if version < len(MIGRATIONS) and tables:
            _copy(db, path.with_name(f"{path.name}.before-{len(MIGRATIONS)}"))
        for number in range(version, len(MIGRATIONS)):
            db.executescript(f"BEGIN; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;")


def highest_number(path: Path) -> int:
    """Return the highest session number that a station.db ever gave, 0 where that can't be told."""
    if not path.is_file():
        return 0
    try:
        with closing(sqlite3.connect(path)) as db:
            row = db.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'session_number'").fetchone()
            return int(row[0] or 0)
    except sqlite3.Error:
        return 0


def setting_of(path: Path, key: str) -> Any:
    """Return a setting of a station.db that nobody has opened, None where that can't be told."""
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(path)) as db:
            row = db.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
            return None if row is None else json.loads(row[0])
    except (sqlite3.Error, ValueError):
        return None


def note_restore(path: Path, number: int, settings: Mapping[str, Any]) -> None:
    """Let a station.db give higher session numbers than `number` from now on, and keep settings."""
    with closing(sqlite3.connect(path)) as db:
        if number > 0:
            db.execute(_KEEP["session_number"], (number, number))
        for key, value in settings.items():
            db.execute(_KEEP["setting"], (key, json.dumps(value)))
        db.commit()


def _damaged(path: Path, error: Exception) -> UserError:
    if isinstance(error, sqlite3.OperationalError):  # locked, or not readable: not its content
        raise error
    return UserError(f"{path} is damaged ({error}): restore a backup with `heeldrive restore`.")


def _copy(db: sqlite3.Connection, path: Path) -> None:
    growing = path.with_name(path.name + ".new")
    with closing(sqlite3.connect(growing)) as copy:
        db.backup(copy)
    sync_file(growing)
    growing.replace(path)
    sync_folder(path.parent)
