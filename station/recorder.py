"""The writer thread: owns the open session file, commits at least twice a second.

The core thread hands everything over in order and never waits for the disk, but for marks:
a mark is on disk before it acts. While the disk refuses, what was handed over is kept in
memory and tried again each second, and `fault` says so in plain words.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.conversions import Records
from station.recording import MarkRow, SessionWriter

COMMIT_EVERY_S = 0.5
RETRY_EVERY_S = 1.0
DISK_WAIT_S = 2.0
MOST_WAITING = 100_000  # entries: a quarter of an hour of a disk that says no

_log = logging.getLogger(__name__)


@dataclass
class _Entry:
    """One thing to write; an urgent one is committed at once, with what came before it."""

    step: Callable[[], None]
    urgent: bool = False
    kept: threading.Event = field(default_factory=threading.Event)


class Recorder:
    """Hands records, marks and reps to a thread that writes them.

    One session is open at a time: `create` or `reopen`, then any of `segment`, `records`,
    `mark` and `rep`, then `close`.
    """

    def __init__(self) -> None:
        self.fault: str | None = None
        self._entries: queue.Queue[_Entry | None] = queue.Queue()
        self._writer: SessionWriter | None = None
        self._giving_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    # --- called by the core thread, in the order in which things are to stand ---

    def create(self, path: Path, meta: dict[str, Any]) -> bool:
        """Begin a new session file; False where the disk has not taken it yet."""
        return self._now(lambda: self._use(SessionWriter.create(path, meta)))

    def reopen(self, path: Path) -> bool:
        """Go on with an interrupted session's file; False where that did not succeed yet."""
        return self._now(lambda: self._use(SessionWriter.reopen(path)))

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

    def close(self, meta: dict[str, Any]) -> bool:
        """Add the closing facts and close the file; False where the disk has not taken it yet."""
        kept = self._now(lambda: self._open_writer().set_meta(meta))
        return self._now(self._close) and kept

    def stop(self) -> None:
        """Write what was handed over and end the thread."""
        self._giving_up.set()
        self._entries.put(None)
        self._thread.join(timeout=2 * DISK_WAIT_S)

    def _soon(self, write: Callable[[SessionWriter], None]) -> None:
        if self._entries.qsize() < MOST_WAITING:
            self._entries.put(_Entry(lambda: write(self._open_writer())))
        else:
            self.fault = "More than a quarter of an hour could not be kept: this session has a gap."

    def _now(self, step: Callable[[], None]) -> bool:
        entry = _Entry(step, urgent=True)
        self._entries.put(entry)
        return entry.kept.wait(DISK_WAIT_S)

    # --- the thread ---

    def _run(self) -> None:
        batch: list[_Entry] = []
        due_s = 0.0
        while True:
            try:
                entry = self._entries.get(timeout=max(0.0, due_s - time.monotonic()) if batch else None)
            except queue.Empty:
                self._keep(batch)
                batch = []
                continue
            if entry is None:
                self._keep(batch)
                self._close()
                return
            if not batch:
                due_s = time.monotonic() + COMMIT_EVERY_S
            batch.append(entry)
            if entry.urgent:
                self._keep(batch)
                batch = []

    def _keep(self, batch: list[_Entry]) -> None:
        """Write a batch in one transaction, as often as it takes."""
        while batch:
            try:
                for entry in batch:
                    entry.step()
                if self._writer is not None:
                    self._writer.commit()
            except (OSError, sqlite3.Error) as error:
                self._tell(error)
                if self._writer is not None:
                    self._writer.rollback()
                if self._giving_up.wait(RETRY_EVERY_S):
                    _log.error("not kept, since the station ended: %d entries", len(batch))
                    return
            else:
                break
        if self.fault is not None and self._entries.qsize() < MOST_WAITING:
            _log.info("recording again")
            self.fault = None
        for entry in batch:
            entry.kept.set()

    def _tell(self, error: Exception) -> None:
        if self.fault is None:
            _log.error("recording fails: %s", error)
        self.fault = f"Not being kept on disk ({error}): free some space or check the data folder."

    def _use(self, writer: SessionWriter) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = writer

    def _open_writer(self) -> SessionWriter:
        if self._writer is None:
            raise sqlite3.ProgrammingError("no session file is open")
        return self._writer

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
