"""One session, one SQLite file: written as it happens, read back as the log it was.

The schema is an application file format (docs/SESSION_FILE.md): raw records and marks
first, in order; reps only as a convenience, since they can always be folded again.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from station.conversions import RECORD, Records
from station.errors import UserError
from station.signal.model import LogBlock, Mark, SetEnd, SetStart, Zero

APPLICATION_ID = 0x4845454C  # "HEEL"
SCHEMA_VERSION = 1
SUFFIX = ".heeldrive"

_SCHEMA = """
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


def pack(records: Records) -> bytes:
    """Compress records: byte planes lie together, which is where the likeness is."""
    planes = np.ascontiguousarray(records).view(np.uint8).reshape(len(records), RECORD.itemsize).T
    return zlib.compress(planes.tobytes(), 1)


def unpack(data: bytes) -> Records:
    """Undo `pack`."""
    planes = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(RECORD.itemsize, -1)
    return np.ascontiguousarray(planes.T).view(RECORD).reshape(-1)


@dataclass(frozen=True)
class MarkRow:
    """A mark as it stands in the file.

    after_seq : the last record of the segment that came before it, -1 for none
    t_ns : data time of that record
    body : what the kind needs; for a set_start its number, the plan, and the settings in force
    """

    after_seq: int
    t_ns: int
    kind: str
    body: dict[str, Any]

    def mark(self) -> Mark | None:
        """Return what the signal core makes of it, None for a mark that only people read."""
        if self.kind == "zero":
            z = [float(x) for x in self.body["zero_count"]]
            return Zero((z[0], z[1], z[2], z[3]))
        if self.kind in ("set_start", "set_resume"):
            return SetStart()
        return SetEnd() if self.kind in ("set_end", "set_void") else None


class SessionWriter:
    """Writes one session file; used by one thread. sqlite3.Error passes through to the caller.

    Nothing is kept until `commit`. Records are held back until then, so that a commit is
    one compressed block.
    """

    def __init__(self, db: sqlite3.Connection, segment: int) -> None:
        self._db = db
        self._segment = segment
        self._held: list[Records] = []

    @classmethod
    def create(cls, path: Path, meta: dict[str, Any]) -> SessionWriter:
        """Begin a new file with the facts that hold for the whole session."""
        # The header goes into the file itself, not its log: it is known for what it is at any time.
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.executescript(
                f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
                f"{_SCHEMA} COMMIT;"
            )
        writer = cls.reopen(path)
        writer.set_meta({"state": "open", **meta})
        writer.commit()
        return writer

    @classmethod
    def reopen(cls, path: Path) -> SessionWriter:
        """Go on with the file of an interrupted session."""
        # Only one thread at a time uses it, but not always the one that opened it.
        db = sqlite3.connect(path, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            db.close()
            raise
        return cls(db, _last_segment(db))

    def set_meta(self, values: dict[str, Any]) -> None:
        """Set facts of the session, each as JSON."""
        rows = [(key, json.dumps(value, ensure_ascii=False)) for key, value in values.items()]
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

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
        """Put everything given so far on disk."""
        self._flush()
        self._db.commit()

    def rollback(self) -> None:
        """Forget everything since the last commit."""
        self._held.clear()
        self._db.rollback()
        self._segment = _last_segment(self._db)

    def close(self) -> None:
        """Close the file as one that can be copied as it stands; commit first what is to be kept."""
        with suppress(sqlite3.OperationalError):  # somebody is reading: the log stays beside it till then
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
        self._held.clear()


def _last_segment(db: sqlite3.Connection) -> int:
    (segment,) = db.execute("SELECT coalesce(max(id), 0) FROM segment").fetchone()
    return int(segment)


@dataclass(frozen=True)
class Segment:
    """The records of one run of the sampler, with the marks among them.

    utc_ns, monotonic_ns : the wall clock and the data clock at its beginning
    """

    run_id: str
    boot_id: str
    source: dict[str, Any]
    utc_ns: int
    monotonic_ns: int
    blocks: tuple[Records, ...]
    marks: tuple[MarkRow, ...]

    def log(self) -> Iterator[Records | MarkRow]:
        """Yield records and marks in the order in which they took effect."""
        marks = iter(self.marks)
        mark = next(marks, None)
        for block in self.blocks:
            rest = block
            while mark is not None and len(rest) and mark.after_seq < int(rest["seq"][-1]):
                cut = int(np.searchsorted(rest["seq"], max(mark.after_seq, 0), side="right"))
                cut = 0 if mark.after_seq < 0 else cut
                if cut:
                    yield rest[:cut]
                yield mark
                rest = rest[cut:]
                mark = next(marks, None)
            if len(rest):
                yield rest
        while mark is not None:
            yield mark
            mark = next(marks, None)


@dataclass(frozen=True)
class Recording:
    """One session file, read whole."""

    path: Path
    meta: dict[str, Any]
    segments: tuple[Segment, ...]
    reps: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, path: Path) -> Recording:
        """Read a session file.

        Raises
        ------
        UserError : it is no session file, is damaged, or is of a newer version; the text says which

        """
        with closing(_open_to_read(path)) as db:
            try:
                meta = _meta(db)
                segments = tuple(_segment(db, row) for row in db.execute("SELECT * FROM segment ORDER BY id"))
                reps = tuple(json.loads(body) for (body,) in db.execute("SELECT body FROM rep ORDER BY id"))
            except (sqlite3.Error, zlib.error, ValueError) as error:
                raise _damaged(path, error) from None
        return cls(path, meta, segments, reps)

    def log(self) -> Iterator[Records | MarkRow]:
        """Yield the whole log in order."""
        for segment in self.segments:
            yield from segment.log()


@dataclass(frozen=True)
class Tail:
    """Where an unfinished file ends: what a returning station asks the sampler to go on from."""

    run_id: str
    boot_id: str
    source: dict[str, Any]
    last_seq: int
    last_t_ns: int


def read_tail(path: Path) -> Tail | None:
    """Return where the file's log ends, None where it has no records yet.

    Raises
    ------
    UserError : as Recording.read

    """
    with closing(_open_to_read(path)) as db:
        row = db.execute(
            "SELECT run_id, boot_id, source, last_seq, last_t_ns FROM block"
            " JOIN segment ON segment.id = block.segment ORDER BY block.segment DESC, first_seq DESC LIMIT 1"
        ).fetchone()
    return None if row is None else Tail(row[0], row[1], json.loads(row[2]), row[3], row[4])


def mark_interrupted(path: Path) -> None:
    """Close the file of a session that was cut short and is not gone on with."""
    writer = SessionWriter.reopen(path)
    writer.set_meta({"state": "interrupted"})
    writer.commit()
    writer.close()


def read_meta(path: Path) -> dict[str, Any]:
    """Return the facts of a session without its records.

    Raises
    ------
    UserError : as Recording.read

    """
    with closing(_open_to_read(path)) as db:
        try:
            return _meta(db)
        except (sqlite3.Error, ValueError) as error:
            raise _damaged(path, error) from None


@dataclass(frozen=True)
class Summary:
    """What the list of sessions says of one."""

    duration_s: float
    sets: int
    reps: int


def read_summary(path: Path) -> Summary:
    """Return a session's length and counts without unpacking its records.

    Raises
    ------
    UserError : as Recording.read

    """
    with closing(_open_to_read(path)) as db:
        try:
            (duration_ns,) = db.execute(
                "SELECT coalesce(max(block.last_t_ns) - min(segment.monotonic_ns), 0)"
                " FROM block JOIN segment ON segment.id = block.segment"
            ).fetchone()
            (sets,) = db.execute(
                "SELECT total((kind = 'set_start') - (kind = 'set_void')) FROM mark"
            ).fetchone()
            (reps,) = db.execute("SELECT count(*) FROM rep WHERE set_number IS NOT NULL").fetchone()
        except sqlite3.Error as error:
            raise _damaged(path, error) from None
    return Summary(duration_ns / 1e9, int(sets), reps)


def core_log(log: Iterator[Records | MarkRow]) -> LogBlock:
    """Return the part of a log that the signal core folds."""
    block: list[Records | Mark] = []
    for item in log:
        entry = item.mark() if isinstance(item, MarkRow) else item
        if entry is not None:
            block.append(entry)
    return block


def is_session_file(path: Path) -> bool:
    """Return whether the file begins as a session file does."""
    try:
        with path.open("rb") as file:
            head = file.read(72)
    except OSError:
        return False
    return head[:15] == b"SQLite format 3" and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


def _damaged(path: Path, error: Exception) -> UserError:
    return UserError(f"The session file {path} is damaged ({error}): restore a copy of it.")


def _open_to_read(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise UserError(f"There is no file {path}.")
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise UserError(f"The session file {path} can't be opened ({error}).") from None
    try:
        (application_id,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        db.close()
        raise UserError(f"{path} is no session file, or a damaged one ({error}).") from None
    if application_id != APPLICATION_ID:
        db.close()
        raise UserError(f"{path} is a SQLite file, but none of Heeldrive's sessions.")
    if version > SCHEMA_VERSION:
        db.close()
        raise UserError(f"{path} was written by a newer Heeldrive (file version {version}): update this one.")
    return db


def _meta(db: sqlite3.Connection) -> dict[str, Any]:
    return {key: json.loads(value) for key, value in db.execute("SELECT key, value FROM meta")}


def _segment(db: sqlite3.Connection, row: tuple[Any, ...]) -> Segment:
    number, run_id, boot_id, source, utc_ns, monotonic_ns = row
    blocks = db.execute("SELECT data FROM block WHERE segment = ? ORDER BY first_seq", (number,))
    marks = db.execute(
        "SELECT after_seq, t_ns, kind, body FROM mark WHERE segment = ? ORDER BY id", (number,)
    )
    return Segment(
        run_id,
        boot_id,
        json.loads(source),
        utc_ns,
        monotonic_ns,
        tuple(unpack(data) for (data,) in blocks),
        tuple(MarkRow(after, t, kind, json.loads(body)) for after, t, kind, body in marks),
    )
