"""The file of one session: which SQLite file is one, how it is opened, what is said of a damaged one.

The schema is an application file format (docs/SESSION_FILE.md): raw records and marks
first, in order; reps only as a convenience, since they can always be folded again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from station.errors import UserError

APPLICATION_ID = 0x4845454C  # "HEEL"
SCHEMA_VERSION = 2
SUFFIX = ".heeldrive"
# What reading rows that are not as we wrote them may raise.
UNREADABLE = (sqlite3.Error, ValueError, TypeError, OverflowError, RecursionError)

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS segment (
    id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, boot_id TEXT NOT NULL,
    source TEXT NOT NULL, utc_ns INTEGER NOT NULL, monotonic_ns INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS block (
    segment INTEGER NOT NULL REFERENCES segment(id), first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL, last_t_ns INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (segment, first_seq)
);
CREATE TABLE IF NOT EXISTS mark (
    id INTEGER PRIMARY KEY, segment INTEGER NOT NULL REFERENCES segment(id),
    after_seq INTEGER NOT NULL, t_ns INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS rep (id INTEGER PRIMARY KEY, set_number INTEGER, body TEXT NOT NULL);
"""
_OURS = {statement.strip().replace(" IF NOT EXISTS", "") for statement in SCHEMA.split(";")}


def is_session_file(path: Path) -> bool:
    """Return whether the file begins as a session file does; a pipe is none, and nothing is taken from it."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(72)
    except OSError:
        return False
    return head[:15] == b"SQLite format 3" and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a session file that nobody is to change.

    Raises
    ------
    UserError : there is none, or it is another's, damaged or of a newer version

    """
    if not path.is_file():
        raise UserError(f"There is no file {path}.")
    try:
        # Not mode=ro: after a power cut, only who may write can take back a transaction that was cut
        # short. SQLite itself falls back where the folder can't be written.
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
    except sqlite3.Error as error:
        raise UserError(f"The session file {path} can't be opened ({error}).") from None
    try:
        db.execute("PRAGMA query_only = ON")
        (application_id,) = db.execute("PRAGMA application_id").fetchone()
        version = version_of(db)
        only_ours = _only_ours(db)
    except UNREADABLE as error:
        db.close()
        raise UserError(f"{path} is no session file, or a damaged one ({error}).") from None
    if application_id != APPLICATION_ID:
        db.close()
        raise UserError(f"{path} is a SQLite file, but none of Heeldrive's sessions.")
    if version > SCHEMA_VERSION:
        db.close()
        raise UserError(f"{path} was written by a newer Heeldrive (file version {version}): update this one.")
    if not only_ours:
        db.close()
        raise UserError(f"{path} is none of Heeldrive's sessions: its tables are not those of one.")
    return db


def version_of(db: sqlite3.Connection) -> int:
    """Return the version of the schema that a file was last written by."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


def _only_ours(db: sqlite3.Connection) -> bool:
    """Tell whether it has our tables as we made them: views and triggers would run what others wrote."""
    return {sql for (sql,) in db.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")} <= _OURS


@contextmanager
def as_written(path: Path) -> Iterator[None]:
    """Take every stumble over what a session file says for damage: a mark without its words, a set of none.

    Raises
    ------
    UserError : there was one

    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise damaged(path, error) from None


def damaged(path: Path, error: Exception) -> UserError:
    """Return what is said of a file that can be opened but not read."""
    return UserError(f"The session file {path} is damaged ({error}): restore a copy of it.")


def meta_of(db: sqlite3.Connection) -> dict[str, Any]:
    """Return the facts of the whole session."""
    return {key: said(value) for key, value in db.execute("SELECT key, value FROM meta")}


def said(text: str) -> Any:
    """Return what a JSON text of a session file says.

    Raises
    ------
    ValueError : it is none, or it holds half a letter (a lone surrogate), which no file or page can show

    """
    value = json.loads(text)
    if "\\" in text:
        json.dumps(value, ensure_ascii=False).encode()
    return value
