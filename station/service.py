"""The station's threads: one core thread owns state and order; the page's threads only ask it."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from station import export, lsl
from station.amending import amend_closed
from station.bundle import LogTail
from station.calibrator import Calibrator, Helper
from station.checkup import Checkup
from station.coach.thresholds import Thresholds
from station.codes import Codes
from station.config import Config
from station.conversions import Greeting, SourceInfo
from station.devices import Devices
from station.door import (
    Amendment,
    AthleteCard,
    Command,
    CommandRefused,
    Scope,
    SessionReview,
    SessionRow,
    Snapshot,
    StartSet,
)
from station.errors import UserError
from station.keeper import Keeper
from station.library import Library
from station.link import Link, LinkLost
from station.logs import why
from station.machine import wall_clock
from station.pin import OwnerPin
from station.recorder import Recorder
from station.recording import Tail, read_tail
from station.recovery import store_reps
from station.restorer import Restorer
from station.restoring import Restored
from station.review import review
from station.roster import Roster
from station.safekeeping import Forgotten
from station.session import Session
from station.session_writer import finish_file
from station.signal.model import Plate
from station.sweeper import Sweeper
from station.visits import ENDS_AFTER_NS
from station.watchman import Watchman

PUBLISH_EVERY_S = 1 / 30
READ_TIMEOUT_S = 0.01
RETRY_S = 0.1
COMMAND_TIMEOUT_S = 10.0
SWEEP_TURN_S = 60.0
TURNS_WITHIN_S = 15.0  # a slow card may hold up one round, never for so long
BEING_CALIBRATED = "The plate is being calibrated: no set can begin."
RESUME_WITHIN_NS = 600_000_000_000  # ten minutes: later it is another visit

Answer = TypeVar("Answer")
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
    config : the machine's facts, for whoever looks after its health
    log : what this process has logged
    restored : how a restore was carried out before this start
    end : has the process end in order; whoever started it starts it again
    helper : puts masses on a simulated plate

    """

    def __init__(
        self,
        socket_path: Path,
        library: Library,
        plate: Plate,
        version: str,
        limits: Thresholds | None = None,
        config: Config | None = None,
        log: LogTail | None = None,
        restored: Restored | None = None,
        end: Callable[[], None] = lambda: None,
        helper: Helper | None = None,
    ) -> None:
        config = config or Config()
        self._socket_path = socket_path
        self._library = library
        self._recorder = Recorder()
        self._limits = limits or Thresholds()
        self._outlet = lsl.outlet(config.lsl)
        see = (lambda _: None) if self._outlet is None else self._outlet.see
        self._session = Session(
            library,
            self._recorder,
            plate,
            wall_clock,
            version,
            self._limits,
            config.pins,
            see,
            {"station": config.station_name or None, "plate": config.plate_name or None},
        )
        self._watchman = Watchman(socket_path, library, config, log or LogTail(), wall_clock)
        self._keeper = Keeper(library, self._forget, wall_clock, keep_months=config.keep_months)
        self._sweeper = Sweeper(library, config.keep_months, wall_clock, self._expire)
        self._devices = Devices(library, wall_clock)
        self._pin = OwnerPin(library.folder)
        self._restorer = Restorer(library, self._check_idle, self._begin_again, restored)
        self._calibrator = Calibrator(
            library, plate, self._by_core, self._why_not_calibrate, self._session.use, wall_clock, helper
        )
        self._end = end
        self._ending = False
        self._asked: queue.Queue[tuple[Callable[[], Any], Future[Any]]] = queue.Queue()
        self._amending = threading.Lock()
        self._stopping = threading.Event()
        self._published = threading.Condition()
        self._link: Link | None = None
        self._met_a_sampler = False
        self._snapshot = self._session.snapshot(connected=False)
        self._published_s = 0.0
        self._turned_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)

    def start(self) -> None:
        """Begin reading."""
        self._thread.start()
        threading.Thread(target=self._sweep, name="retention", daemon=True).start()

    def stop(self) -> None:
        """Stop intake, take what the socket still holds, close the session and its file."""
        self._stopping.set()
        self._thread.join()
        self._recorder.stop()
        self._keeper.stop()
        self._restorer.stop()
        self._calibrator.stop_working()
        if self._outlet is not None:
            self._outlet.stop()

    @property
    def turning(self) -> bool:
        """Whether the core thread has gone round lately, with or without data."""
        return self._thread.is_alive() and time.monotonic() - self._turned_s < TURNS_WITHIN_S

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
        """Have `command` carried out by the core thread; raises CommandRefused.

        What concerns a session that is closed is done here: its file has to be folded again for it.
        """
        closed = command.session if isinstance(command, Amendment) else None
        if isinstance(command, Amendment) and closed is not None and closed not in self._open_numbers():
            with self._amending:
                self._check_stays()
                amend_closed(self._library, command, closed)
            return self._snapshot

        def carry_out() -> Snapshot:
            if isinstance(command, StartSet) and self._calibrator.under_way:
                raise CommandRefused(BEING_CALIBRATED + " Finish or stop that first.")
            self._session.command(command)
            self._publish(at_once=True)
            return self._snapshot

        return self._by_core(carry_out)

    def _forget(self, athlete: str) -> Forgotten:
        """Have an athlete deleted by the core thread: no session begins meanwhile, and no file is amended."""

        def forget() -> Forgotten:
            shown = self._snapshot
            if shown.state == "set":
                raise CommandRefused("A set is running: end it first.")
            if shown.planned is not None and shown.planned.athlete == athlete:
                raise CommandRefused(f"The station waits for the foot of {athlete}: cancel that first.")
            return self._library.forget(athlete)

        with self._amending:
            return self._by_core(forget)

    def _expire(self, sessions: Sequence[int]) -> None:
        """Have sessions deleted whose time is over, while nobody is here."""

        def expire() -> None:
            shown = self._snapshot
            if shown.session is not None or shown.others or shown.planned is not None:
                raise CommandRefused("A session is open.")
            self._library.expire(sessions)

        def undisturbed() -> None:
            with self._amending:
                self._by_core(expire)

        self._keeper.undisturbed(undisturbed)

    def _sweep(self) -> None:
        """Look for sessions whose time is over, in a thread of its own."""
        while not self._stopping.is_set():
            self._sweeper.turn()
            self._stopping.wait(SWEEP_TURN_S)

    def _begin_again(self, order: Callable[[], None]) -> None:
        """Have a restore ordered by the core thread where nobody lifts, and the process end."""

        def work() -> None:
            self._check_idle()
            order()
            self._ending = True
            self._end()

        with self._amending:
            self._by_core(work)

    def _check_stays(self) -> None:
        """Raise CommandRefused once a restore is ordered: what is done now would be put by with all else."""
        if self._ending:
            raise CommandRefused("The station restarts to restore a backup: wait until it is back.")

    def _check_idle(self) -> None:
        """Raise CommandRefused where somebody lifts, or their data are being copied."""
        shown = self._snapshot
        for one in (shown.session, *shown.others):
            if one is not None:
                raise CommandRefused(f"The session of {one.athlete} is open: finish it first.")
        if shown.planned is not None:
            name = shown.planned.athlete
            raise CommandRefused(f"The station waits for the foot of {name}: cancel that first.")
        if self._keeper.busy:
            raise CommandRefused("A backup or a copy is being made: wait until it is there.")

    def _by_core(self, work: Callable[[], Answer]) -> Answer:
        future: Future[Answer] = Future()
        self._asked.put((work, future))
        try:
            return future.result(COMMAND_TIMEOUT_S)
        except TimeoutError:
            raise CommandRefused("The station is busy: look at the page, then try again.") from None

    def _open_numbers(self) -> list[int]:
        shown = self._snapshot
        return [one.number for one in (shown.session, *shown.others) if one is not None]

    def sessions(self) -> list[SessionRow]:
        """Return all sessions, newest first."""
        return self._library.sessions()

    def export(self, scope: Scope, forms: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Return the files of an export; raises LookupError and UserError."""
        return export.files(self._library, scope, forms)

    def export_forms(self) -> list[str]:
        """Return the formats that can be made here."""
        return export.forms()

    def review(self, number: int) -> SessionReview:
        """Return a session's sets with their curves; raises LookupError."""
        return review(self._library.read(number))

    def athletes(self) -> list[AthleteCard]:
        """Return who lifted here, the last one first; whoever is here now goes on where they are."""
        shown = self._snapshot
        here = {other.athlete: (other.sets, other.proposal) for other in shown.others}
        if shown.session is not None:
            here[shown.session.athlete] = (shown.session.kept, shown.session.proposal)
        cards = Roster(self._library).cards(self._limits)
        return [card.on_visit(*here[card.name]) if card.name in here else card for card in cards]

    def locked(self) -> bool:
        """Whether the history opens by a code only."""
        return Codes(self._library).needed

    def put_code(self, athlete: str | None, code: str | None) -> None:
        """Give an athlete a code for the history, or for None the coach; raises UserError."""
        Codes(self._library).put(athlete, code)

    def code_fits(self, athlete: str | None, code: str) -> bool:
        """Tell whether a code is an athlete's, or for None the coach's."""
        return Codes(self._library).fits(athlete, code)

    def check_up(self) -> Checkup:
        """Return how chips, sampler and machine are."""
        return self._watchman.check_up(self._snapshot.recording_fault)

    def support_bundle(self) -> bytes:
        """Return a zip for somebody who helps from afar, with nobody's name in it."""
        return self._watchman.bundle(self._snapshot.recording_fault)

    @property
    def data_folder(self) -> Path:
        """Where the sessions are kept."""
        return self._library.folder

    @property
    def devices(self) -> Devices:
        """The tablets and phones that may use the station."""
        return self._devices

    @property
    def pin(self) -> OwnerPin:
        """The owner's PIN."""
        return self._pin

    @property
    def safekeeping(self) -> Keeper:
        """Backups, copies on a stick, and people who are deleted."""
        return self._keeper

    @property
    def restorer(self) -> Restorer:
        """A backup that is to take the place of all that is here."""
        return self._restorer

    @property
    def calibrating(self) -> Calibrator:
        """The plate's calibration and verification, step by step."""
        return self._calibrator

    def _why_not_calibrate(self) -> str | None:
        """Say why the plate can't be calibrated now."""
        shown = self._snapshot
        if not shown.sampler_connected:
            return "The sampler does not answer: wait a moment, then look at Health."
        if shown.source.get("name") == "replay":
            return "A recording is being played: there is no plate to calibrate."
        if shown.state in ("armed", "set"):
            return "A set is running: end it first."
        for one in (shown.session, *shown.others):
            if one is not None:
                return f"The session of {one.athlete} is open: end it first."
        if shown.planned is not None:
            return f"The station waits for the foot of {shown.planned.athlete}: cancel that first."
        return None

    # --- the core thread ---

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._turned_s = time.monotonic()
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
            records = self._link.read(timeout_s)
            self._session.take(records)
            calibration, known = self._session.calibration, self._session.zero_known
            self._watchman.take(records, calibration)
            self._calibrator.take(records, calibration, zero_known=known)
        except LinkLost as lost:
            if self._link is not None:
                _log.warning("the sampler is gone (%s): waiting for it", lost)
                self._link.close()
                self._link = None
            self._stopping.wait(RETRY_S)

    def _connect(self) -> Link:
        if not self._met_a_sampler:
            link = Link(self._socket_path)
            link.close()
            cut_short = pick_up(self._session, self._library.unfinished(), link.greeting)
            self._met_a_sampler = True
            threading.Thread(target=self._tidy, args=(cut_short,), name="tidy", daemon=True).start()
        # At first all that the sampler remembers: the curve is there at once, and an early zero.
        run_id, next_seq = self._session.resume_from or (None, 0)
        link = Link(self._socket_path, run_id, next_seq)
        self._session.greet(link.greeting)
        self._calibrator.greet(link.greeting)
        for note in link.greeting.notes:
            _log.info("sampler: %s", note)
        return link

    def _tidy(self, cut_short: list[Path]) -> None:
        """Complete the reps of sessions that were cut short; have closed files compacted."""
        for path in cut_short:
            try:
                store_reps(path)
            except (UserError, OSError, sqlite3.Error) as error:
                _log.error("%s keeps the reps it has: %s", path.name, why(error))
        for path in self._library.loose():
            self._recorder.compact(path)

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
                work, future = self._asked.get_nowait()
            except queue.Empty:
                return
            try:
                self._check_stays()
                answer = work()
            except (CommandRefused, UserError) as refused:
                future.set_exception(refused)
            except (OSError, sqlite3.Error) as error:
                _log.exception("a command failed")
                text = f"The data folder can't be written ({error}): free some space."
                future.set_exception(CommandRefused(text))
            else:
                future.set_result(answer)

    def _publish(self, *, at_once: bool = False) -> None:
        now_s = time.monotonic()
        if not at_once and now_s - self._published_s < PUBLISH_EVERY_S:
            return
        self._published_s = now_s
        snapshot = self._session.snapshot(connected=self._link is not None)
        notice = BEING_CALIBRATED if self._calibrator.under_way else snapshot.notice
        faults = self._watchman.note(snapshot.cell_faults)
        snapshot = replace(snapshot, cell_faults=faults, notice=notice)
        with self._published:
            self._snapshot = snapshot
            self._published.notify_all()


def pick_up(session: Session, paths: Iterable[Path], greeting: Greeting) -> list[Path]:
    """Go on with sessions that were cut short or wait for their athletes; close and return the others."""
    closed = []
    for path in paths:
        try:
            tail = read_tail(path)
            if tail is None or not _goes_on(tail, greeting):
                finish_file(path, (), {"state": "interrupted"})
                _log.warning("%s was cut short: it keeps what was recorded", path.name)
                closed.append(path)
            elif tail.paused or session.recording:
                session.resume_paused(path)
            else:
                session.resume(path, greeting)
        except (UserError, sqlite3.Error) as error:
            _log.error("%s is set aside (%s): the list of sessions says why", path.name, why(error))
    return closed


def _goes_on(tail: Tail, greeting: Greeting) -> bool:
    """Whether the sampler's data can follow those of an unfinished session."""
    if tail.boot_id != greeting.boot_id or SourceInfo.from_json(tail.source) != greeting.source:
        return False
    within_ns = ENDS_AFTER_NS if tail.paused else RESUME_WITHIN_NS
    return 0 <= greeting.now_ns - tail.last_t_ns <= within_ns
