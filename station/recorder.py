"""The writer thread: owns the open session file, commits at least twice a second.

The core thread hands everything over in order and never waits for the disk, but for marks:
a mark is on disk before it acts. While the disk refuses, what was handed over is kept in
memory and tried again each second, and `fault` says so in plain words. A closed file is made
smaller in short steps, when nothing else is to be written.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.compact import Compaction
from station.conversions import Records
from station.logs import why
from station.recording import MarkRow
from station.session_writer import SessionWriter

COMMIT_EVERY_S = 0.5
RETRY_EVERY_S = 1.0
DISK_WAIT_S = 2.0
LATE_S = 3.0  # older than that and not on disk: the page says so
MOST_WAITING = 100_000  # entries: a quarter of an hour of a disk that says no

_log = logging.getLogger(__name__)


@dataclass
class _Entry:
    """One thing to write; an urgent one is committed at once, with what came before it.

    alone : it opens or closes a file, so that what came before it is kept first
    """

    step: Callable[[], None]
    urgent: bool = False
    alone: bool = False
    handed_s: float = field(default_factory=time.monotonic)
    kept: threading.Event = field(default_factory=threading.Event)


class Recorder:
    """Hands records, marks and reps to a thread that writes them.

    One file is open at a time: `create` or `reopen`, then any of `segment`, `records`,
    `mark` and `rep`, then `close`; a file that was closed can be reopened.
    """

    def __init__(self) -> None:
        self._fault: str | None = None
        self._entries: queue.Queue[_Entry | None] = queue.Queue()
        self._oldest: _Entry | None = None  # of those being written
        self._writer: SessionWriter | None = None
        self._path: Path | None = None  # of the open file, also while it can't be reached
        self._reached: tuple[int, ...] = ()  # its position when it was let go of
        self._to_compact: deque[Compaction] = deque()
        self._giving_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> str | None:
        """What is said while the session is not being kept, None while it is."""
        oldest = self._oldest
        if self._fault is None and oldest is not None:
            late_s = time.monotonic() - oldest.handed_s
            if late_s > LATE_S:
                return f"The disk is slow: the last {late_s:.0f} s are not kept yet."
        return self._fault

    # --- called by the core thread, in the order in which things are to stand ---

    def create(self, path: Path, meta: dict[str, Any]) -> bool:
        """Begin a new session file; False where the disk has not taken it yet."""
        return self._now(lambda: self._use(SessionWriter.create(path, meta)), alone=True)

    def reopen(self, path: Path) -> bool:
        """Go on with a file that was closed or cut short; False where that did not succeed yet."""
        return self._now(lambda: self._use(SessionWriter.reopen(path)), alone=True)

    def segment(self, run_id: str, boot_id: str, source: dict[str, Any], now_ns: int) -> None:
        """Begin the records of another run of the sampler."""
        utc_ns = time.time_ns()
        self._soon(lambda w: w.begin_segment(run_id, boot_id, source, utc_ns, now_ns))

    def records(self, records: Records) -> None:
        """Add records, shape (n,), of the present segment."""
        self._soon(lambda w: w.append(records))

    def mark(self, row: MarkRow) -> bool:
        """Add a mark; False where the disk has not taken it yet."""
        return self._now(lambda: self._open_writer().mark(row))

    def rep(self, rep_id: int, set_number: int | None, body: dict[str, Any]) -> None:
        """Add a closed rep, as SessionWriter.rep."""
        self._soon(lambda w: w.rep(rep_id, set_number, body))

    def meta(self, values: dict[str, Any]) -> None:
        """Set facts of the session."""
        self._soon(lambda w: w.set_meta(values))

    def close(self, meta: dict[str, Any]) -> bool:
        """Add the closing facts and close the file; False where the disk has not taken it yet."""
        kept = self._now(lambda: self._open_writer().set_meta(meta))
        return self._now(self._close, alone=True) and kept

    def compact(self, path: Path) -> None:
        """Make a closed session's file smaller when there is time; an open session's stays as it is."""
        self._entries.put(_Entry(lambda: self._to_compact.append(Compaction(path))))

    def stop(self) -> None:
        """Write what was handed over and end the thread."""
        self._giving_up.set()
        self._entries.put(None)
        self._thread.join(timeout=2 * DISK_WAIT_S)

    def _soon(self, write: Callable[[SessionWriter], None]) -> None:
        if self._entries.qsize() < MOST_WAITING:
            self._entries.put(_Entry(lambda: write(self._open_writer())))
        else:
            self._fault = "More than a quarter of an hour could not be kept: this session has a gap."

    def _now(self, step: Callable[[], None], *, alone: bool = False) -> bool:
        """Have something on disk before going on; once it is known that the disk refuses, nobody waits."""
        entry = _Entry(step, urgent=True, alone=alone)
        refuses = self.fault is not None
        self._entries.put(entry)
        return entry.kept.wait(0.0 if refuses else DISK_WAIT_S)

    # --- the thread ---

    def _run(self) -> None:
        batch: list[_Entry] = []
        due_s = 0.0
        while True:
            try:
                entry = self._entries.get(timeout=self._patience_s(batch, due_s))
            except queue.Empty:
                self._keep(batch)
                batch = []
                self._compact_a_little()
                continue
            if entry is None:
                self._end(batch)
                return
            if entry.alone:
                self._keep(batch)
                batch = []
            if not batch:
                due_s = time.monotonic() + COMMIT_EVERY_S
            batch.append(entry)
            if entry.urgent or time.monotonic() >= due_s:
                self._keep(batch)
                batch = []

    def _patience_s(self, batch: list[_Entry], due_s: float) -> float | None:
        """Return how long to wait for the next entry."""
        if batch:
            return max(0.0, due_s - time.monotonic())
        return 0.0 if self._to_compact else None

    def _keep(self, batch: list[_Entry]) -> None:
        """Write a batch in one transaction, as often as it takes."""
        if not batch:
            return
        self._oldest = batch[0]
        while not self._kept(batch):
            if self._giving_up.wait(RETRY_EVERY_S):
                _log.error("not kept, since the station ended: %d entries", len(batch))
                return
        if self._fault is not None and self._entries.qsize() < MOST_WAITING:
            _log.info("recording again")
            self._fault = None
        self._oldest = None
        for entry in batch:
            entry.kept.set()

    def _kept(self, batch: list[_Entry]) -> bool:
        try:
            if batch[0].alone or not self._is_there_already():
                for entry in batch:
                    entry.step()
                if self._writer is not None:
                    self._writer.commit()
        except (OSError, sqlite3.Error) as error:
            self._tell(error)
            self._let_go()
            return False
        return True

    def _is_there_already(self) -> bool:
        """Whether a commit that failed has arrived all the same, as one whose fsync failed may have."""
        if self._writer is not None or self._path is None:
            return False
        self._writer = SessionWriter.reopen(self._path)
        return self._writer.position != self._reached

    def _let_go(self) -> None:
        """Forget what was not committed; the file is opened anew, since it may be on another disk by then."""
        if self._writer is not None:
            self._reached = self._writer.position
            self._writer.abandon()
            self._writer = None

    def _tell(self, error: Exception) -> None:
        if self._fault is None:
            _log.error("recording fails: %s", why(error))
        self._fault = f"Not being kept on disk ({error}): free some space or check the data folder."

    def _use(self, writer: SessionWriter) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer, self._path = writer, writer.path

    def _open_writer(self) -> SessionWriter:
        if self._writer is None:
            raise sqlite3.ProgrammingError("no session file is open")
        return self._writer

    def _close(self) -> None:
        if self._path is not None:
            writer = self._writer or SessionWriter.reopen(self._path)
            writer.close()
            self._to_compact.append(Compaction(self._path))
        self._writer = self._path = None

    def _compact_a_little(self) -> None:
        if not self._to_compact:
            return
        compaction = self._to_compact[0]
        try:
            if compaction.step():
                return
        except (OSError, sqlite3.Error, ValueError) as error:
            _log.warning("%s keeps its size: %s", compaction.path.name, why(error))
        self._to_compact.popleft()

    def _end(self, batch: list[_Entry]) -> None:
        """Keep what is there, and compact for as long as somebody waits; the next start does the rest."""
        self._keep(batch)
        with suppress(OSError, sqlite3.Error):
            self._close()
        until_s = time.monotonic() + DISK_WAIT_S
        while self._to_compact and time.monotonic() < until_s:
            self._compact_a_little()
