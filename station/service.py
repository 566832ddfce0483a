"""The station's threads: one core thread owns state and order; the page's threads only ask it."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

from station import recording
from station.coach.thresholds import Thresholds
from station.conversions import Greeting, SourceInfo
from station.door import AthleteCard, Command, CommandRefused, SessionReview, SessionRow, Snapshot
from station.errors import UserError
from station.export import csv as csv_export
from station.library import Library
from station.link import Link, LinkLost
from station.recorder import Recorder
from station.review import review
from station.roster import Roster
from station.session import Session
from station.signal.model import Plate

PUBLISH_EVERY_S = 1 / 30
READ_TIMEOUT_S = 0.01
RETRY_S = 0.1
COMMAND_TIMEOUT_S = 10.0
RESUME_WITHIN_NS = 600_000_000_000  # ten minutes: later it is another visit

_log = logging.getLogger(__name__)


class StationService:
    """Reads the sampler, moves the session on, publishes snapshots; implements `door.Station`.

    Parameters
    ----------
    socket_path : where the sampler listens
    library : the data folder
    plate : the plate's geometry
    version : of the software
    limits : the thresholds that the coach judges by

    """

    def __init__(
        self,
        socket_path: Path,
        library: Library,
        plate: Plate,
        version: str,
        limits: Thresholds | None = None,
    ) -> None:
        self._socket_path = socket_path
        self._library = library
        self._recorder = Recorder()
        self._limits = limits or Thresholds()
        self._session = Session(library, self._recorder, plate, wall_clock, version, self._limits)
        self._commands: queue.Queue[tuple[Command, Future[Snapshot]]] = queue.Queue()
        self._stopping = threading.Event()
        self._published = threading.Condition()
        self._link: Link | None = None
        self._met_a_sampler = False
        self._snapshot = self._session.snapshot(connected=False)
        self._published_s = 0.0
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)

    def start(self) -> None:
        """Begin reading."""
        self._thread.start()

    def stop(self) -> None:
        """Stop intake, take what the socket still holds, close the session and its file."""
        self._stopping.set()
        self._thread.join()
        self._recorder.stop()

    @property
    def alive(self) -> bool:
        """Whether the core thread turns."""
        return self._thread.is_alive()

    # --- door.Station, called by any thread ---

    def snapshot(self) -> Snapshot:
        """Return the newest snapshot."""
        return self._snapshot

    def wait_for(self, after_serial: int, timeout_s: float) -> Snapshot:
        """Return the newest snapshot once it is newer than `after_serial`, or at the timeout."""
        with self._published:
            self._published.wait_for(lambda: self._snapshot.serial > after_serial, timeout_s)
            return self._snapshot

    def command(self, command: Command) -> Snapshot:
        """Have `command` carried out by the core thread; raises CommandRefused."""
        future: Future[Snapshot] = Future()
        self._commands.put((command, future))
        try:
            return future.result(COMMAND_TIMEOUT_S)
        except TimeoutError:
            raise CommandRefused("The station is busy: look at the page, then try again.") from None

    def sessions(self) -> list[SessionRow]:
        """Return all sessions, newest first."""
        return self._library.sessions()

    def export_csv(self, number: int) -> list[tuple[str, Iterator[bytes]]]:
        """Return the files of a session's CSV export; raises LookupError."""
        return csv_export.files(self._library.read(number))

    def review(self, number: int) -> SessionReview:
        """Return a session's sets with their curves; raises LookupError."""
        return review(self._library.read(number))

    def athletes(self) -> list[AthleteCard]:
        """Return who lifted here, the last one first."""
        return Roster(self._library).cards(self._limits)

    @property
    def data_folder(self) -> Path:
        """Where the sessions are kept."""
        return self._library.folder

    # --- the core thread ---

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._read(READ_TIMEOUT_S)
            self._obey()
            self._publish()
        self._drain()
        self._session.close()
        self._publish(at_once=True)

    def _read(self, timeout_s: float) -> None:
        try:
            if self._link is None:
                self._link = self._connect()
            self._session.take(self._link.read(timeout_s))
        except LinkLost as lost:
            if self._link is not None:
                _log.warning("the sampler is gone (%s): waiting for it", lost)
                self._link.close()
                self._link = None
            self._stopping.wait(RETRY_S)

    def _connect(self) -> Link:
        if not self._met_a_sampler:
            self._pick_up()
        # At first all that the sampler remembers: the curve is there at once, and an early zero.
        run_id, next_seq = self._session.resume_from or (None, 0)
        link = Link(self._socket_path, run_id, next_seq)
        self._session.greet(link.greeting)
        for note in link.greeting.notes:
            _log.info("sampler: %s", note)
        return link

    def _pick_up(self) -> None:
        """On the first meeting with a sampler: go on with a session that was cut short, or close it."""
        link = Link(self._socket_path)
        link.close()
        for path in self._library.unfinished():
            try:
                if not self._met_a_sampler and _goes_on(path, link.greeting):
                    self._session.resume(path, link.greeting)
                    self._met_a_sampler = True
                else:
                    recording.mark_interrupted(path)
                    _log.warning("%s was cut short: it keeps what was recorded", path.name)
            except (UserError, sqlite3.Error) as error:
                _log.error("%s is set aside: %s", path.name, error)
        self._met_a_sampler = True

    def _drain(self) -> None:
        """Take what the sampler had sent before the stop."""
        if self._link is None:
            return
        try:
            deadline_s = time.monotonic() + 1.0
            while time.monotonic() < deadline_s:
                records = self._link.read(READ_TIMEOUT_S)
                if not len(records):
                    break
                self._session.take(records)
        except LinkLost:
            pass
        self._link.close()

    def _obey(self) -> None:
        while True:
            try:
                command, future = self._commands.get_nowait()
            except queue.Empty:
                return
            try:
                self._session.command(command)
            except CommandRefused as refused:
                future.set_exception(refused)
            except (OSError, sqlite3.Error) as error:
                _log.exception("a command failed")
                text = f"The data folder can't be written ({error}): free some space."
                future.set_exception(CommandRefused(text))
            else:
                self._publish(at_once=True)
                future.set_result(self._snapshot)

    def _publish(self, *, at_once: bool = False) -> None:
        now_s = time.monotonic()
        if not at_once and now_s - self._published_s < PUBLISH_EVERY_S:
            return
        self._published_s = now_s
        snapshot = self._session.snapshot(connected=self._link is not None)
        with self._published:
            self._snapshot = snapshot
            self._published.notify_all()


def _goes_on(path: Path, greeting: Greeting) -> bool:
    """Whether the sampler's data can follow those of an unfinished session."""
    tail = recording.read_tail(path)
    if tail is None or tail.boot_id != greeting.boot_id:
        return False
    same_source = SourceInfo.from_json(tail.source) == greeting.source
    return same_source and 0 <= greeting.now_ns - tail.last_t_ns <= RESUME_WITHIN_NS


def wall_clock() -> tuple[str, bool]:
    """Return the time of day in UTC and whether systemd has synchronised it."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return now, Path("/run/systemd/timesync/synchronized").exists()
