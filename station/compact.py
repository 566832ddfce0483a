"""A closed session file made smaller: its half-second blocks put together into blocks of minutes.

Each step is a transaction of its own, so that whatever happens in between the file is whole, and
short, so that whoever wants the file has it soon. What is in the log does not change.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from station.packing import pack, unpack
from station.session_writer import SAFEST

RECORDS_IN_BLOCK = 1 << 15  # a minute and a half: longer ones are hardly smaller
_LOOKED_AT = 1024  # blocks
_PAGES_GIVEN_BACK = 1024

_NEXT = """
SELECT rowid, segment, first_seq, last_seq, last_t_ns FROM block
WHERE (segment, first_seq) >= (?, ?) ORDER BY segment, first_seq LIMIT ?
"""


class Compaction:
    """Compacts one file, step by step.

    Raises
    ------
    sqlite3.Error, OSError, ValueError : by `step`; the file stays as it was

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._from = (0, 0)  # segment and first_seq of the next block to look at

    def step(self) -> bool:
        """Put some blocks together, or give unused pages back; False when nothing is left to do."""
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as db:
            db.execute(SAFEST)
            if _stays(db):
                return False
            return self._merge(db) or _give_back(db)

    def _merge(self, db: sqlite3.Connection) -> bool:
        while rows := db.execute(_NEXT, (*self._from, _LOOKED_AT)).fetchall():
            run = _run(rows)
            (_, segment, first_seq, *_), last = rows[0], rows[run - 1]
            self._from = (segment, last[2] + 1)
            if run > 1:
                _replace(db, [row[0] for row in rows[:run]], (segment, first_seq, *last[3:]))
                return True
        return False


def _run(rows: list[tuple[int, ...]]) -> int:
    """Return how many of the first blocks fit into one."""
    first = rows[0]
    for n, (_, segment, _, last_seq, _) in enumerate(rows):
        if segment != first[1] or last_seq - first[2] >= RECORDS_IN_BLOCK:
            return max(n, 1)
    return len(rows)


def _replace(db: sqlite3.Connection, rowids: list[int], place: tuple[int, ...]) -> None:
    """Put blocks together; `place` is segment, first_seq, last_seq and last_t_ns of the whole."""
    db.execute("BEGIN IMMEDIATE")
    parts = []
    for rowid in rowids:
        (data,) = db.execute("SELECT data FROM block WHERE rowid = ?", (rowid,)).fetchone()
        parts.append(unpack(data))
        db.execute("DELETE FROM block WHERE rowid = ?", (rowid,))
    db.execute("INSERT INTO block VALUES (?, ?, ?, ?, ?)", (*place, pack(np.concatenate(parts))))
    db.execute("COMMIT")


def _give_back(db: sqlite3.Connection) -> bool:
    (unused,) = db.execute("PRAGMA freelist_count").fetchone()
    if unused:
        # A script, since it is stepped to its end: the statement alone gives back one page.
        db.executescript(f"PRAGMA incremental_vacuum({_PAGES_GIVEN_BACK})")
    return bool(unused)


def _stays(db: sqlite3.Connection) -> bool:
    """Whether a file is left as it is: its session is open, or it is of a version that can't shrink."""
    (shrinks,) = db.execute("PRAGMA auto_vacuum").fetchone()
    row = db.execute("SELECT value FROM meta WHERE key = 'state'").fetchone()
    return not shrinks or row is None or row[0] == '"open"'
