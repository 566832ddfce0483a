"""Writes one session file as it happens; nothing is kept until `commit`, and then it is on disk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from station.conversions import Records
from station.files import sync_folder
from station.packing import pack
from station.recording import MarkRow, read_tail
from station.session_file import APPLICATION_ID, SCHEMA, SCHEMA_VERSION, version_of

# A commit is on disk when it is answered; and a rollback journal that was deleted stays deleted: one that
# came back after a power cut, beside a file that went on, would undo what it knows nothing of.
SAFEST = "PRAGMA synchronous = EXTRA"
# Of the write-ahead log, before it goes into the file: it is never much longer than that.
MOST_WAITING_PAGES = 100


class SessionWriter:
    """Writes one session file; used by one thread. sqlite3.Error passes through to the caller.

    Nothing is kept until `commit`. Records are held back until then, so that a commit is
    one compressed block.
    """

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._db = db
        self._segment = _last_segment(db)
        self._version = version_of(db)
        self._file = _identity(path)
        self.position = _position(db)  # at the last commit
        self._held: list[Records] = []

    @classmethod
    def create(cls, path: Path, meta: dict[str, Any]) -> SessionWriter:
        """Begin a new file with the facts that hold for the whole session."""
        # Made beside it and renamed when whole: whenever the power goes, there is no half-made file.
        made = path.with_suffix(".new")
        made.unlink(missing_ok=True)
        with closing(sqlite3.connect(made, isolation_level=None)) as db:
            db.executescript(
                f"PRAGMA auto_vacuum = INCREMENTAL; {SAFEST}; BEGIN;"
                f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; {SCHEMA}"
            )
            _set_meta(db, {"state": "open", **meta})
            db.execute("COMMIT")
        made.replace(path)
        sync_folder(path.parent)
        return cls.reopen(path)

    @classmethod
    def reopen(cls, path: Path) -> SessionWriter:
        """Go on with a file that was closed, or whose session was cut short."""
        # Only one thread at a time uses it, but not always the one that opened it.
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False)
        try:
            if version_of(db) > SCHEMA_VERSION:
                raise sqlite3.NotSupportedError("the file was written by a newer Heeldrive")
            db.execute(SAFEST)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute(f"PRAGMA wal_autocheckpoint = {MOST_WAITING_PAGES}")
            db.execute(f"PRAGMA journal_size_limit = {MOST_WAITING_PAGES * 4096}")
            return cls(db, path)
        except (OSError, sqlite3.Error):
            db.close()
            raise

    def set_meta(self, values: dict[str, Any]) -> None:
        """Set facts of the session, each as JSON."""
        _set_meta(self._db, values)

    def begin_segment(
        self, run_id: str, boot_id: str, source: dict[str, Any], utc_ns: int, monotonic_ns: int
    ) -> None:
        """Begin the records of another run of the sampler."""
        self._flush()
        self._segment += 1
        self._db.execute(
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?)",
            (self._segment, run_id, boot_id, json.dumps(source), utc_ns, monotonic_ns),
        )

    def append(self, records: Records) -> None:
        """Add records of the present segment, oldest first."""
        self._held.append(records)

    def mark(self, row: MarkRow) -> None:
        """Add a mark after the records appended so far."""
        self._db.execute(
            "INSERT INTO mark (segment, after_seq, t_ns, kind, body) VALUES (?, ?, ?, ?, ?)",
            (self._segment, row.after_seq, row.t_ns, row.kind, json.dumps(row.body, ensure_ascii=False)),
        )

    def rep(self, rep_id: int, set_number: int | None, body: dict[str, Any]) -> None:
        """Add a closed rep; `set_number` is None for one that belongs to no set."""
        row = (rep_id, set_number, json.dumps(body))
        self._db.execute("INSERT OR REPLACE INTO rep VALUES (?, ?, ?)", row)

    def commit(self) -> None:
        """Put everything given so far on disk.

        Raises
        ------
        OSError : the file is not in its place any more, so that nobody would ever find what is written

        """
        self._flush()
        if _identity(self.path) != self._file:
            raise FileNotFoundError(f"{self.path.name} was moved away")
        self._db.commit()
        self.position = _position(self._db)

    def abandon(self) -> None:
        """Forget everything since the last commit, and let go of a file that may not answer any more."""
        self._held.clear()
        with suppress(sqlite3.Error):
            self._db.close()

    def close(self) -> None:
        """Close the file as one that can be copied as it stands; commit first what is to be kept."""
        with suppress(sqlite3.OperationalError):  # somebody is reading: the log stays beside it till then
            self._db.rollback()
            self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    def _flush(self) -> None:
        held = [records for records in self._held if len(records)]
        if held:
            records = np.concatenate(held)
            self._db.execute(
                "INSERT INTO block VALUES (?, ?, ?, ?, ?)",
                (
                    self._segment,
                    int(records["seq"][0]),
                    int(records["seq"][-1]),
                    int(records["t_ns"][-1]),
                    pack(records),
                ),
            )
            if self._version < SCHEMA_VERSION:  # what an older version began is one of ours from here on
                self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                self._version = SCHEMA_VERSION
        self._held.clear()


def amend(path: Path, kind: str, body: dict[str, Any]) -> None:
    """Add a mark to the end of the log in a file that nobody writes; on disk when this returns.

    Raises
    ------
    UserError : as Recording.read
    sqlite3.Error : the file can't be written

    """
    tail = read_tail(path)
    after_seq, t_ns = (-1, 0) if tail is None else (tail.last_seq, tail.last_t_ns)
    with _reopened(path) as writer:
        writer.mark(MarkRow(after_seq, t_ns, kind, body))


def finish_file(
    path: Path, reps: Iterable[tuple[int, int | None, dict[str, Any]]], meta: dict[str, Any]
) -> None:
    """Give a file that nobody writes its last reps (as `SessionWriter.rep`) and facts."""
    with _reopened(path) as writer:
        for row in reps:
            writer.rep(*row)
        writer.set_meta(meta)


@contextmanager
def _reopened(path: Path) -> Iterator[SessionWriter]:
    """Yield a writer whose work is kept as a whole, or not at all."""
    writer = SessionWriter.reopen(path)
    try:
        yield writer
        writer.commit()
    finally:
        writer.close()


def _set_meta(db: sqlite3.Connection, values: dict[str, Any]) -> None:
    rows = [(key, json.dumps(value, ensure_ascii=False)) for key, value in values.items()]
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def _identity(path: Path) -> tuple[int, int]:
    """Return what tells a file from another in the same place."""
    stat = path.stat()
    return stat.st_dev, stat.st_ino


def _position(db: sqlite3.Connection) -> tuple[int, ...]:
    """Return what grows with every commit that may not be made twice."""
    tops: tuple[int | None, ...] = db.execute(
        "SELECT (SELECT max(rowid) FROM segment),"
        " (SELECT max(rowid) FROM block), (SELECT max(rowid) FROM mark)"
    ).fetchone()
    return tuple(top or 0 for top in tops)


def _last_segment(db: sqlite3.Connection) -> int:
    (segment,) = db.execute("SELECT coalesce(max(id), 0) FROM segment").fetchone()
    return int(segment)
