"""One session file, read back as the log it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from station.conversions import Records
from station.packing import unpack
from station.session_file import UNREADABLE, damaged, meta_of, open_to_read, said
from station.signal.model import LogBlock, Mark, SetEnd, SetStart, Zero

MOST_RECORDS_OF_A_FILE = 40_000_000  # 8 hours at 320 Hz, 34 at 80; a GB


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
        with closing(open_to_read(path)) as db:
            try:
                db.execute("BEGIN")  # what is read is of one moment, whoever writes or compacts meanwhile
                meta = meta_of(db)
                rows = db.execute("SELECT * FROM segment ORDER BY id")
                segments = tuple(map(partial(_segment, db, _Room()), rows))
                reps = tuple(said(body) for (body,) in db.execute("SELECT body FROM rep ORDER BY id"))
            except UNREADABLE as error:
                raise damaged(path, error) from None
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
    paused: bool = False  # put by while somebody else lifts


def read_tail(path: Path) -> Tail | None:
    """Return where the file's log ends, None where no run has begun in it.

    A set that was started is a reason to go on also where none of its records was on disk yet.

    Raises
    ------
    UserError : as Recording.read

    """
    with closing(open_to_read(path)) as db:
        try:
            row = db.execute("SELECT * FROM segment ORDER BY id DESC LIMIT 1").fetchone()
            if row is None:
                return None
            number, run_id, boot_id, source, _, monotonic_ns = row
            ends = db.execute(
                "SELECT last_seq, last_t_ns FROM block WHERE segment = :segment"
                " UNION SELECT after_seq, t_ns FROM mark WHERE segment = :segment",
                {"segment": number},
            ).fetchall()
            last_seq, last_t_ns = max(ends, default=(-1, monotonic_ns))
            paused = bool(meta_of(db).get("paused", False))
            return Tail(run_id, boot_id, said(source), int(last_seq), int(last_t_ns), paused)
        except UNREADABLE as error:
            raise damaged(path, error) from None


def read_meta(path: Path) -> dict[str, Any]:
    """Return the facts of a session without its records.

    Raises
    ------
    UserError : as Recording.read

    """
    with closing(open_to_read(path)) as db:
        try:
            return meta_of(db)
        except UNREADABLE as error:
            raise damaged(path, error) from None


def core_log(log: Iterable[Records | MarkRow]) -> LogBlock:
    """Return the part of a log that the signal core folds."""
    block: list[Records | Mark] = []
    for item in log:
        entry = item.mark() if isinstance(item, MarkRow) else item
        if entry is not None:
            block.append(entry)
    return block


def _segment(db: sqlite3.Connection, room: _Room, row: tuple[Any, ...]) -> Segment:
    number, run_id, boot_id, source, utc_ns, monotonic_ns = row
    blocks = db.execute("SELECT data FROM block WHERE segment = ? ORDER BY first_seq", (number,))
    marks = db.execute(
        "SELECT after_seq, t_ns, kind, body FROM mark WHERE segment = ? ORDER BY id", (number,)
    )
    return Segment(
        run_id,
        boot_id,
        said(source),
        int(utc_ns),
        int(monotonic_ns),
        tuple(room.unpacked(data) for (data,) in blocks),
        tuple(MarkRow(int(after), int(t), str(kind), said(body)) for after, t, kind, body in marks),
    )


class _Room:
    """What is left of the memory for the records of one file: a kB of it can hold a million."""

    def __init__(self) -> None:
        self.left = MOST_RECORDS_OF_A_FILE

    def unpacked(self, data: bytes) -> Records:
        records = unpack(data)
        self.left -= len(records)
        if self.left < 0:
            raise ValueError(f"more than {MOST_RECORDS_OF_A_FILE} records")
        if np.any(records["t_ns"] < 0):
            raise ValueError("a time before 0")
        return records
