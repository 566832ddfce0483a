"""index.db: what the session files say at a glance. A cache: deleted, damaged or stale, it is made again.

A file is looked into when its size or time has changed since; the database holds nothing that
is not in the files.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

from station.brief import Brief, read_brief
from station.door import SessionRow
from station.erasing import remove
from station.errors import UserError
from station.logs import why
from station.session_file import SUFFIX

NAME = "index.db"
VERSION = 3
MOST_DIGITS = 12  # of a session number
MOST_SETS = 10_000  # in a session: a higher number is no set's
STATES = ("open", "closed", "interrupted")
_MEANS = ("heel_share", "up_s", "hold_s", "down_s")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SetRow:
    """One set in an athlete's history, as the reps stored with it say; None for what is not known.

    athlete : whose it is, also where it was moved to somebody else
    reps : complete ones; heel_share, up_s, hold_s, down_s : their means
    """

    session: int
    number: int
    athlete: str
    started_utc: str
    side: str
    goal: str
    load_kg: float
    discarded: bool
    reps: int
    heel_share: float | None
    up_s: float | None
    hold_s: float | None
    down_s: float | None


@dataclass(frozen=True)
class VisitRow:
    """The sets of one side in one session, for a trend.

    best : the most complete reps in a set; heel_share : the mean over sets
    """

    athlete: str
    session: int
    started_utc: str
    side: str
    sets: int
    reps: int
    best: int
    load_kg: float
    heel_share: float | None


_VISITS = """
SELECT athlete, session, started_utc, side, count(*), sum(reps), max(reps), max(load_kg), avg(heel_share)
FROM "set" WHERE NOT discarded GROUP BY athlete, session, side ORDER BY athlete, session, side
"""
_SCHEMA = f"""
CREATE TABLE file (name TEXT PRIMARY KEY, stamp TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,
    loose INTEGER NOT NULL, named TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE "set" (session INTEGER, number INTEGER, athlete TEXT, started_utc TEXT, side TEXT, goal TEXT,
    load_kg REAL, discarded INTEGER, reps INTEGER, heel_share REAL, up_s REAL, hold_s REAL, down_s REAL,
    PRIMARY KEY (session, number)) WITHOUT ROWID;
CREATE INDEX of_athlete ON "set" (athlete, session, number);
PRAGMA user_version = {VERSION};
"""


class Index:
    """Sessions and sets of a folder of session files; used by any thread.

    Where its database can't be written it is kept in memory.
    """

    def __init__(self, path: Path, sessions_folder: Path) -> None:
        self.path = path
        self._folder = sessions_folder
        self._lock = threading.Lock()
        self._db = _opened(path)

    def sessions(self) -> list[SessionRow]:
        """Return all sessions, newest first; a damaged file is named, not hidden."""
        rows = self._ask("SELECT body FROM file ORDER BY number DESC")
        return [SessionRow(**json.loads(body)) for (body,) in rows]

    def sets(self, athlete: str) -> list[SetRow]:
        """Return all sets of an athlete, oldest first, those moved to them included."""
        rows = self._ask('SELECT * FROM "set" WHERE athlete = ? ORDER BY session, number', athlete)
        return [SetRow(*row) for row in rows]

    def visits(self) -> list[VisitRow]:
        """Return every athlete's visits, side by side, oldest first; discarded sets are left out."""
        return [VisitRow(*row) for row in self._ask(_VISITS)]

    def people(self) -> dict[int, set[str]]:
        """Return whose names each session says: its athlete's, and theirs to whom a set was ever moved."""
        return {
            number: set(json.loads(named)) for number, named in self._ask("SELECT number, named FROM file")
        }

    def loose(self) -> list[str]:
        """Return the names of closed files that were never compacted, oldest first."""
        query = "SELECT name FROM file WHERE loose AND state IN ('closed', 'interrupted') ORDER BY number"
        return [name for (name,) in self._ask(query)]

    def begin_again(self) -> None:
        """Make it from nothing, so that it keeps no trace of what was deleted."""
        with self._lock:
            self._db.close()
            self._db = _made_again(self.path)

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._db.close()

    def _ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look at what has changed, then answer; a database that is damaged is made again."""
        with self._lock:
            try:
                self._refresh()
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                _log.warning("%s is made again: %s", self.path.name, why(error))
                self._db.close()
                self._db = _made_again(self.path)
                self._refresh()
                return self._db.execute(query, values).fetchall()

    def _refresh(self) -> None:
        found = _stamps(self._folder)
        known = dict(self._db.execute("SELECT name, stamp FROM file"))
        if found == known:
            return
        if known.keys() - found.keys():  # of a file that is gone no trace is kept
            self._db.close()
            self._db, known = _made_again(self.path), {}
        with self._db:
            for name in sorted(name for name, stamp in found.items() if known.get(name) != stamp):
                self._forget(name)
                self._look_into(name, found[name])

    def _forget(self, name: str) -> None:
        self._db.execute('DELETE FROM "set" WHERE session = ?', (number_of(name),))
        self._db.execute("DELETE FROM file WHERE name = ?", (name,))

    def _look_into(self, name: str, stamp: str) -> None:
        path = self._folder / name
        loose, sets, named = False, [], frozenset[str]()
        try:
            brief = read_brief(path)
            row, loose = _row(name, brief), brief.loose
            sets, named = _sets(row, brief), brief.named | {row.athlete}
        except (OSError, UserError) as error:
            row = _damaged(name, str(error))
        except (TypeError, ValueError, OverflowError) as error:
            row = _damaged(name, f"The session file {path} is damaged ({error}): restore a copy of it.")
        facts = (
            name,
            stamp,
            row.number,
            row.state,
            loose,
            json.dumps(sorted(named)),
            json.dumps(asdict(row)),
        )
        self._db.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?)", facts)
        insert = 'INSERT OR REPLACE INTO "set" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
        self._db.executemany(insert, [astuple(one) for one in sets])


def number_of(name: str) -> int:
    """Return the session number in a file's name, 0 for none."""
    digits = name.removeprefix("session-").removesuffix(SUFFIX)
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS else 0


def _sets(row: SessionRow, brief: Brief) -> list[SetRow]:
    rows = []
    for facts, reps in brief.sets:
        number = int(facts["number"])
        if not 0 < number <= MOST_SETS:
            raise ValueError(f"it has a set {number}")
        whole = [rep for rep in reps if rep.get("complete")]
        rows.append(
            SetRow(
                session=row.number,
                number=number,
                athlete=str(facts.get("athlete") or row.athlete),
                started_utc=row.started_utc,
                side=str(facts.get("side", "")),
                goal=str(facts.get("goal", "")),
                load_kg=float(facts.get("load_kg") or 0.0),
                discarded=bool(facts.get("discarded")),
                reps=len(whole),
                **{name: _mean(rep.get(name) for rep in whole) for name in _MEANS},
            )
        )
    return rows


def _damaged(name: str, why: str) -> SessionRow:
    return SessionRow(number_of(name), "", "", 0.0, 0, 0, "damaged", False, why)


def _row(name: str, brief: Brief) -> SessionRow:
    state = brief.meta.get("state", "open")
    if state not in STATES:
        raise ValueError(f"its state is {state!r}")
    return SessionRow(
        number=number_of(name),
        athlete=str(brief.meta.get("athlete", "")),
        started_utc=str(brief.meta.get("started_utc", "")),
        duration_s=brief.duration_s,
        sets=len(brief.sets),
        reps=brief.reps,
        state=state,
        simulated=bool(brief.meta.get("simulated", False)),
        note="",
        dated=brief.meta.get("clock_synchronised") is True,
    )


def _mean(values: Iterable[Any]) -> float | None:
    known = [float(value) for value in values if isinstance(value, int | float)]
    return sum(known) / len(known) if known else None


def _stamps(folder: Path) -> dict[str, str]:
    """Return what changes with each session file's content: sizes and times, of its log too."""
    seen: dict[str, str] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name, suffix, log = entry.name.partition(SUFFIX)
                if not (name.startswith("session-") and suffix and log in ("", "-wal")):
                    continue
                stat = entry.stat()
                seen[name + SUFFIX + log] = f"{stat.st_size}.{stat.st_mtime_ns}"
    except OSError:
        return {}
    files = [name for name in seen if name.endswith(SUFFIX)]
    return {name: f"{seen[name]} {seen.get(name + '-wal', '')}" for name in files}


class _Connection(sqlite3.Connection):
    """Closed when nobody holds it any more: an index can be made again, so that no command owes it an end."""

    def __del__(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # it was never opened
            self.close()


def _opened(path: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(path, check_same_thread=False, factory=_Connection)
        try:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version == VERSION:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute("SELECT count(*) FROM file").fetchone()
                return db
        except sqlite3.Error:
            pass
        db.close()
    except sqlite3.Error:
        pass
    return _made_again(path)


def _made_again(path: Path) -> sqlite3.Connection:
    """Return an empty index in place of one that is of no use; in memory where none can be written."""
    for place in (str(path), ":memory:"):
        try:
            if place != ":memory:":
                remove(path)
            db = sqlite3.connect(place, check_same_thread=False, factory=_Connection)
            db.executescript(f"PRAGMA journal_mode = WAL; BEGIN; {_SCHEMA} COMMIT;")
            return db
        except (OSError, sqlite3.Error) as error:
            _log.warning("%s can't be written: %s", path.name, why(error))
    raise AssertionError("SQLite can't even be used in memory")
