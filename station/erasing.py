"""What is deleted for good, a person or old sessions: no byte of it is left in the data folder.

It is noted in station.db first and taken out of it last, so that what a power cut ends in the middle is
finished at the next start. What SQLite frees it overwrites; what was freed before is gone with VACUUM.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

NOTED = "erasing"  # a setting of station.db while it is under way
SQLITE_LEFTOVERS = ("", "-wal", "-shm", "-journal")
# Half-made files: of a backup, of a session, and of a copy of station.db.
_HALF_MADE = (".backup-*", "sessions/session-*.new*", "station.db.before-*.new*")


@dataclass(frozen=True)
class Erasure:
    """What is to go.

    athletes : with all that station.db knows of them
    sessions : numbers; their files
    visits : what is remembered of these sessions goes too, whosever they were
    """

    athletes: tuple[str, ...] = ()
    sessions: tuple[int, ...] = ()
    visits: bool = False

    def as_text(self) -> str:
        """Return it as it is noted."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> Erasure:
        """Return what was noted."""
        value = json.loads(text)
        return cls(tuple(value["athletes"]), tuple(value["sessions"]), bool(value["visits"]))


def remove(path: Path) -> None:
    """Delete a SQLite file with all that may lie beside it."""
    for end in SQLITE_LEFTOVERS:
        path.with_name(path.name + end).unlink(missing_ok=True)


def remove_half_made(folder: Path) -> None:
    """Delete what was being made in a data folder when the power went."""
    for pattern in _HALF_MADE:
        for left in folder.glob(pattern):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def erase_from(path: Path, what: Erasure) -> None:
    """Take it out of a station.db, or of a copy of one; the note of it goes last."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = ON")
        for athlete in what.athletes:
            db.execute("DELETE FROM athlete WHERE name = ?", (athlete,))
            db.execute("DELETE FROM memory WHERE athlete = ?", (athlete,))
        if what.visits:
            _forget_visits(db, set(what.sessions))
        db.execute("VACUUM")
        db.execute("DELETE FROM setting WHERE key = ?", (NOTED,))


def _forget_visits(db: sqlite3.Connection, sessions: set[int]) -> None:
    rows = db.execute("SELECT athlete, value FROM memory WHERE key = 'visits'").fetchall()
    for athlete, text in rows:
        visits = json.loads(text)
        left = [visit for visit in visits if visit["session"] not in sessions]
        if left != visits:
            change = "UPDATE memory SET value = ? WHERE athlete = ? AND key = 'visits'"
            db.execute(change, (json.dumps(left), athlete))
