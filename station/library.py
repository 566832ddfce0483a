"""The station's memory across sessions: station.db, and the folder of session files."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from station.conversions import Calibration
from station.door import SessionRow
from station.errors import UserError
from station.recording import SUFFIX, Recording, read_meta, read_summary

_SCHEMA = """
CREATE TABLE IF NOT EXISTS athlete (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last_session INTEGER);
CREATE TABLE IF NOT EXISTS memory (athlete TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (athlete, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calibration (id TEXT PRIMARY KEY, made TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session_number (number INTEGER PRIMARY KEY AUTOINCREMENT);
"""


class Library:
    """Everything below the data folder.

    Raises
    ------
    UserError : the folder can't be made or written

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sessions_folder = folder / "sessions"
        self._rows: dict[tuple[Path, int, int], SessionRow] = {}
        self._lock = threading.Lock()
        try:
            self.sessions_folder.mkdir(parents=True, exist_ok=True)
            with self._db() as db:
                db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise UserError(
                f"The data folder {folder} can't be written ({error}): choose another with --data."
            ) from None

    @contextmanager
    def _db(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.folder / "station.db")) as db, db:
            yield db

    # --- station.db ---

    def next_session_number(self, athlete: str) -> int:
        """Return a number that no session had before, even a deleted one."""
        with self._db() as db:
            highest = max((self._number(path) for path in self._paths()), default=0)
            if highest:  # files brought here from elsewhere keep their numbers
                db.execute("INSERT OR IGNORE INTO session_number VALUES (?)", (highest,))
            number = db.execute("INSERT INTO session_number DEFAULT VALUES").lastrowid
            assert number is not None  # noqa: S101 - an INSERT that did not raise has a row id
            db.execute(
                "INSERT INTO athlete (name, last_session) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET last_session = excluded.last_session",
                (athlete, number),
            )
        return number

    def calibration(self) -> Calibration | None:
        """Return the newest calibration of this plate, None before the first."""
        with self._db() as db:
            row = db.execute("SELECT body FROM calibration ORDER BY rowid DESC LIMIT 1").fetchone()
        return None if row is None else Calibration.from_json(json.loads(row[0]))

    def keep_calibration(self, calibration: Calibration) -> None:
        """Add a calibration; earlier ones stay."""
        with self._db() as db:
            row = (calibration.id, calibration.made, json.dumps(calibration.as_json()))
            db.execute("INSERT INTO calibration VALUES (?, ?, ?)", row)

    def setting(self, key: str) -> Any:
        """Return what was kept under `key`, None if nothing was."""
        with self._db() as db:
            row = db.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def keep_setting(self, key: str, value: Any) -> None:
        """Keep a JSON value under `key`."""
        with self._db() as db:
            db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (key, json.dumps(value)))

    def remember(self, athlete: str, key: str, value: Any) -> None:
        """Keep a JSON value about an athlete."""
        with self._db() as db:
            db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", (athlete, key, json.dumps(value)))

    def recall(self, athlete: str, key: str) -> Any:
        """Return what was kept about an athlete, None if nothing was."""
        with self._db() as db:
            query = "SELECT value FROM memory WHERE athlete = ? AND key = ?"
            row = db.execute(query, (athlete, key)).fetchone()
        return None if row is None else json.loads(row[0])

    def athletes(self) -> list[str]:
        """Return everybody's name, the one who lifted last first."""
        with self._db() as db:
            rows = db.execute("SELECT name FROM athlete ORDER BY last_session DESC").fetchall()
        return [name for (name,) in rows]

    # --- session files ---

    def session_path(self, number: int) -> Path:
        """Return where the session's file is, or will be."""
        return self.sessions_folder / f"session-{number:05d}{SUFFIX}"

    def find(self, number: int) -> Path:
        """Return the file of an existing session.

        Raises
        ------
        LookupError : there is none; the text says how to list them

        """
        path = self.session_path(number)
        if not path.is_file():
            raise LookupError(f"There is no session {number}: `heeldrive sessions` lists them.")
        return path

    def sessions(self) -> list[SessionRow]:
        """Return all sessions, newest first; a damaged file is named, not hidden."""
        rows = [self._row(path) for path in self._paths()]
        return sorted(rows, key=lambda row: row.number, reverse=True)

    def unfinished(self) -> list[Path]:
        """Return the files of sessions that were never closed, newest first."""
        paths = []
        for row in self.sessions():
            path = self.session_path(row.number)
            if row.state == "open" and path.is_file():
                paths.append(path)
        return paths

    def read(self, number: int) -> Recording:
        """Return a session's recording; raises as `find` and `Recording.read`."""
        return Recording.read(self.find(number))

    def _paths(self) -> list[Path]:
        return sorted(self.sessions_folder.glob(f"session-*{SUFFIX}"))

    @staticmethod
    def _number(path: Path) -> int:
        digits = path.stem.removeprefix("session-")
        return int(digits) if digits.isdecimal() else 0

    def _row(self, path: Path) -> SessionRow:
        """Return the list's line; a closed file is opened once, then remembered by size and time."""
        try:
            stat = path.stat()
            key = (path, stat.st_mtime_ns, stat.st_size)
            with self._lock:
                if key in self._rows:
                    return self._rows[key]
            row = self._read_row(path)
        except (OSError, UserError) as error:
            return SessionRow(self._number(path), "", "", 0.0, 0, 0, "damaged", False, str(error))
        if row.state != "open":
            with self._lock:
                self._rows[key] = row
        return row

    def _read_row(self, path: Path) -> SessionRow:
        meta = read_meta(path)
        summary = read_summary(path)
        return SessionRow(
            number=self._number(path),
            athlete=str(meta.get("athlete", "")),
            started_utc=str(meta.get("started_utc", "")),
            duration_s=summary.duration_s,
            sets=summary.sets,
            reps=summary.reps,
            state=meta.get("state", "open"),
            simulated=bool(meta.get("simulated", False)),
            note="",
        )
