"""The session: idle → zeroing → ready → set → rest, from records and commands to snapshots.

No thread, no socket and no clock of its own: all coaching time is data time. Raw first: a
record is handed to the recorder before anything is computed from it, and a mark is on disk
before it acts.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from station import health
from station.analysis import params_as_json, recorded_params, rep_as_json
from station.coach.programs import GOALS
from station.conversions import Calibration, Greeting, Records, SourceInfo
from station.curve import CurveWindow
from station.door import (
    HEAVIEST_KG,
    LONGEST_NAME,
    SIDES,
    Command,
    CommandRefused,
    EndSession,
    EndSet,
    SessionView,
    SetView,
    Snapshot,
    StartSet,
    State,
    ZeroPlate,
)
from station.library import Library
from station.recorder import Recorder
from station.recording import MarkRow, Recording
from station.sets import SetBook, SetRecord
from station.signal import pipeline
from station.signal.model import (
    Event,
    Live,
    LogBlock,
    Params,
    Plate,
    RepClosed,
    RepCounted,
    RepWithdrawn,
    SetEnd,
    SetStart,
    Zero,
)

ZERO_GATE_N = 15.0  # further from the last zero than this is a load, not drift
ZERO_EVERY_NS = 5_000_000_000
ZERO_WORTHWHILE_N = 0.3
MOST_AT_ONCE = 200  # records; about half a second

# Before the first calibration: a 50 kg cell of 1 mV/V at 5 V gives about 43 000 counts/kg.
UNCALIBRATED = Calibration(
    id="uncalibrated",
    made="nominal 50 kg cells, 1 mV/V",
    zero_count=(0.0, 0.0, 0.0, 0.0),
    newtons_per_count=(9.80665 / 43_000,) * 4,
)

FourCounts: TypeAlias = tuple[float, float, float, float]
# The time of day, ISO 8601 in UTC, and whether it is known to be synchronised.
WallClock: TypeAlias = Callable[[], tuple[str, bool]]

_log = logging.getLogger(__name__)


@dataclass
class _Visit:
    """The session that is being recorded: one athlete's visit."""

    number: int
    athlete: str
    t0_ns: int
    book: SetBook = field(default_factory=SetBook)


class Session:
    """What the station knows, moved on by `greet`, `take` and `command`.

    Parameters
    ----------
    library : where athletes, zeros and session files are kept
    recorder : what writes the open session
    plate : the plate's geometry
    wall_clock : annotates a session with the time of day
    version : of the software, stored with each session

    """

    def __init__(
        self, library: Library, recorder: Recorder, plate: Plate, wall_clock: WallClock, version: str
    ) -> None:
        self._library = library
        self._recorder = recorder
        self._plate = plate
        self._wall_clock = wall_clock
        self._version = version
        self._greeting: Greeting | None = None
        self._params = Params(UNCALIBRATED)
        self._fold = pipeline.initial(self._params)
        self._in_force = UNCALIBRATED  # the calibration with the newest zero
        self._zeroed = False
        self._zero_ns = 0
        self._curve = CurveWindow(self._params.frame_rate_hz)
        self._faults = health.CellFaults()
        self._visit: _Visit | None = None
        self._practice: set[int] = set()
        self._last_seq = -1
        self._last_t_ns = 0
        self._serial = 0

    # --- the sampler ---

    @property
    def resume_from(self) -> tuple[str, int] | None:
        """The run and the next record to ask the sampler for; None for whatever comes."""
        return None if self._greeting is None else (self._greeting.run_id, self._last_seq + 1)

    def greet(self, greeting: Greeting) -> None:
        """Take note of a sampler: the known one again, another run of it, or another source."""
        known, self._greeting = self._greeting, greeting
        if known is not None and known.run_id == greeting.run_id:
            return
        self._last_seq = greeting.first_seq - 1
        same_plate = known is not None and (known.source, known.boot_id) == (
            greeting.source,
            greeting.boot_id,
        )
        if not same_plate:
            self._close_visit("closed")
            self._start_afresh(greeting.source)
        elif self._visit is not None:
            self._begin_segment(greeting)

    def _start_afresh(self, source: SourceInfo) -> None:
        """Begin a fold of its own for a source met for the first time."""
        calibration = source.calibration or self._library.calibration() or UNCALIBRATED
        kept = self._library.setting("zero")
        if kept is not None and kept["calibration"] == calibration.id and source.calibration is None:
            a, b, c, d = kept["zero_count"]
            calibration = replace(calibration, zero_count=(a, b, c, d))
        self._in_force = calibration
        self._zeroed = False
        self._params = Params(
            calibration=calibration,
            nominal_rate_hz=source.nominal_rate_hz,
            filter_delay_s=source.filter_delay_s,
            plate=self._plate,
        )
        self._fold = pipeline.initial(self._params)

    def take(self, records: Records) -> None:
        """Record and fold what the sampler sent, shape (n,)."""
        # A backlog is taken in small steps, so that a moment of quiet in its midst is not missed.
        for start in range(0, len(records), MOST_AT_ONCE):
            self._take(records[start : start + MOST_AT_ONCE])

    def _take(self, records: Records) -> None:
        if self._visit is not None:
            self._recorder.records(records)
        self._last_seq = int(records["seq"][-1])
        self._last_t_ns = int(records["t_ns"][-1])
        self._faults.take(records)
        self._step([records])
        self._zero_by_itself()

    def _step(self, block: LogBlock) -> None:
        self._fold, frames, events = pipeline.step(self._params, self._fold, block)
        self._curve.append(frames)
        for event in events:
            self._heed(event)
        if self._running is not None or self._live().phase == "off":
            self._practice.clear()

    def _heed(self, event: Event) -> None:
        if isinstance(event, RepCounted):
            self._practice.add(event.id)
        elif isinstance(event, RepWithdrawn):
            self._practice.discard(event.id)
        if self._visit is None:
            return
        owner = self._visit.book.take(event)
        if isinstance(event, RepClosed):
            number, index = (None, 0) if owner is None else (owner.facts["number"], len(owner.reps))
            body = rep_as_json(event.rep, self._visit.t0_ns, index)
            self._recorder.rep(event.rep.id, number, body)

    def _live(self) -> Live:
        return pipeline.live(self._params, self._fold)

    @property
    def _running(self) -> SetRecord | None:
        return None if self._visit is None else self._visit.book.running

    # --- zero ---

    def _zero_by_itself(self) -> None:
        """Follow the drift of an empty, quiet plate between sets."""
        quiet = self._live().quiet_zero_count
        if quiet is None or self._running is not None:
            return
        away_n = self._away_n(quiet)
        due = self._last_t_ns - self._zero_ns >= ZERO_EVERY_NS and away_n >= ZERO_WORTHWHILE_N
        if away_n <= ZERO_GATE_N and (due or not self._zeroed):
            self._apply_zero(quiet)

    def _away_n(self, zero_count: FourCounts) -> float:
        """Return how far a zero lies from the one in force, N over all cells."""
        old = self._in_force
        triples = zip(zero_count, old.zero_count, old.newtons_per_count, strict=True)
        return abs(sum((new - was) * gain for new, was, gain in triples))

    def _apply_zero(self, zero_count: FourCounts) -> None:
        self._put_mark("zero", {"zero_count": list(zero_count)})
        self._step([Zero(zero_count)])
        self._in_force = replace(self._in_force, zero_count=zero_count)
        self._zeroed = True
        self._zero_ns = self._last_t_ns
        kept = {"calibration": self._in_force.id, "zero_count": list(zero_count)}
        self._library.keep_setting("zero", kept)

    def _zero_on_demand(self, command: ZeroPlate) -> None:
        if self._running is not None:
            raise CommandRefused("A set is running: end it before zeroing the plate.")
        quiet = self._live().quiet_zero_count
        if quiet is None:
            raise CommandRefused("The plate is not still: step off, wait a second and try again.")
        away_n = self._away_n(quiet)
        if away_n > ZERO_GATE_N and not command.confirmed:
            text = f"{away_n:.0f} N rest on the plate: take the load off, or confirm that it is empty."
            raise CommandRefused(text, confirmable=True)
        self._apply_zero(quiet)

    # --- commands ---

    def command(self, command: Command) -> None:
        """Carry out a command.

        Raises
        ------
        CommandRefused : it can't be done now; the text says why

        """
        if self._greeting is None:
            raise CommandRefused("The sampler has not answered yet: wait a moment and try again.")
        if isinstance(command, StartSet):
            self._start_set(command, self._greeting)
        elif isinstance(command, EndSet):
            self._end_set()
        elif isinstance(command, EndSession):
            self._close_visit("closed")
        else:
            self._zero_on_demand(command)

    def _start_set(self, command: StartSet, greeting: Greeting) -> None:
        facts = _set_facts(command)
        athlete = " ".join(command.athlete.split())
        if not athlete or len(athlete) > LONGEST_NAME:
            raise CommandRefused(f"Enter a name of at most {LONGEST_NAME} letters; Guest will do.")
        if self._running is not None:
            if (
                self._visit is not None
                and self._visit.athlete == athlete
                and _same(self._running.facts, facts)
            ):
                return  # the same tap, twice
            raise CommandRefused("A set is running: end it first.")
        if self._visit is not None and self._visit.athlete != athlete:
            self._close_visit("closed")
        if self._visit is None:
            self._visit = self._open_visit(athlete, greeting)
        book = self._visit.book
        facts = {"number": len(book.sets) + 1, **facts}
        self._put_mark("set_start", facts)
        book.start(facts, self._last_t_ns)
        self._step([SetStart()])

    def _open_visit(self, athlete: str, greeting: Greeting) -> _Visit:
        """Begin a session file, and a fold that starts where the file does."""
        self._begin_fold()
        number = self._library.next_session_number(athlete)
        visit = _Visit(number, athlete, self._last_t_ns)
        started_utc, synchronised = self._wall_clock()
        self._recorder.create(
            self._library.session_path(number),
            {
                "number": number,
                "athlete": athlete,
                "started_utc": started_utc,
                "clock_synchronised": synchronised,
                "t0_ns": visit.t0_ns,
                "simulated": greeting.source.simulated,
                "version": self._version,
                "params": params_as_json(self._params),
            },
        )
        self._begin_segment(greeting)
        _log.info("session %d begins", number)
        return visit

    def _begin_segment(self, greeting: Greeting) -> None:
        source = greeting.source.as_json()
        self._recorder.segment(greeting.run_id, greeting.boot_id, source, greeting.now_ns)

    def _end_set(self) -> None:
        if self._visit is None or self._running is None:
            return
        self._put_mark("set_end", {"number": self._running.facts["number"]})
        self._visit.book.end(self._last_t_ns)
        self._step([SetEnd()])

    def _put_mark(self, kind: str, body: dict[str, Any]) -> None:
        if self._visit is not None:
            self._recorder.mark(MarkRow(self._last_seq, self._last_t_ns, kind, body))

    def _close_visit(self, state: str) -> None:
        """End the running set and close the file, with what is still open in the fold."""
        if self._visit is None:
            return
        self._end_set()
        self._fold, frames, events = pipeline.finish(self._params, self._fold)
        self._curve.append(frames)
        for event in events:
            self._heed(event)
        self._recorder.close({"state": state})
        _log.info("session %d is %s", self._visit.number, state)
        self._visit = None
        self._begin_fold()

    def _begin_fold(self) -> None:
        """Forget the past, so that a session's file alone says how it was folded."""
        self._params = replace(self._params, calibration=self._in_force)
        self._fold = pipeline.initial(self._params)
        self._practice.clear()

    def close(self) -> None:
        """End everything in order: the set, the session, the file."""
        self._close_visit("closed")

    # --- coming back ---

    def resume(self, path: Path, greeting: Greeting) -> None:
        """Go on with a session that was cut short, from its file.

        Raises
        ------
        UserError : the file can't be read

        """
        recording = Recording.read(path)
        meta, last = recording.meta, recording.segments[-1]
        self._params = recorded_params(recording)
        self._in_force = self._params.calibration
        self._fold = pipeline.initial(self._params)
        self._visit = _Visit(int(meta["number"]), str(meta["athlete"]), int(meta["t0_ns"]))
        self._recorder.reopen(path)
        for item in recording.log():
            self._replay(item, self._visit)
        self._greeting = replace(greeting, run_id=last.run_id, boot_id=last.boot_id)
        _log.info("session %d goes on", self._visit.number)

    def _replay(self, item: Records | MarkRow, visit: _Visit) -> None:
        """Fold one item of the file as it was folded live; only reps may have to be written again."""
        if isinstance(item, MarkRow):
            if item.kind == "set_start":
                visit.book.start(item.body, item.t_ns)
            elif item.kind == "set_end":
                visit.book.end(item.t_ns)
            mark = item.mark()
            if isinstance(mark, Zero):
                self._in_force = replace(self._in_force, zero_count=mark.zero_count)
                self._zeroed = True
            block: LogBlock = [] if mark is None else [mark]
        else:
            self._last_seq = int(item["seq"][-1])
            self._last_t_ns = int(item["t_ns"][-1])
            block = [item]
        self._step(block)

    # --- the snapshot ---

    def snapshot(self, *, connected: bool) -> Snapshot:
        """Return what the page shows now; `connected` says whether the sampler answers."""
        live = self._live()
        self._serial += 1
        source = {} if self._greeting is None else self._greeting.source.as_json()
        source.pop("calibration", None)
        return Snapshot(
            serial=self._serial,
            t_s=self._curve.t_s,
            state=self._state(),
            live=live,
            practice_counted=len(self._practice),
            session=None if self._visit is None else _view(self._visit),
            curve=self._curve.view(),
            source=source,
            sampler_connected=connected,
            recording_fault=None if self._visit is None else self._recorder.fault,
            notice=self._notice(),
            cell_faults=self._faults.sentences(),
        )

    def _state(self) -> State:
        if self._greeting is None:
            return "idle"
        if self._running is not None:
            return "set"
        if self._visit is not None and self._visit.book.sets:
            return "rest"
        return "ready" if self._zeroed else "zeroing"

    def _notice(self) -> str | None:
        if self._state() == "zeroing":
            return "Step off the plate for a second: it is being zeroed."
        if self._greeting is not None and self._in_force.id == UNCALIBRATED.id:
            return "Not calibrated: newtons are nominal. `heeldrive calibrate` takes five minutes."
        return None


def _set_facts(command: StartSet) -> dict[str, Any]:
    """Return what is stored with a set, or refuse with a sentence."""
    if command.side not in SIDES:
        raise CommandRefused("Choose the planted foot: left or right.")
    if command.goal not in GOALS:
        raise CommandRefused(f"Choose a goal: {', '.join(GOALS)}.")
    if not math.isfinite(command.load_kg) or not 0 <= command.load_kg <= HEAVIEST_KG:
        raise CommandRefused(f"The load must be between 0 and {HEAVIEST_KG:.0f} kg.")
    return {
        "side": command.side,
        "goal": command.goal,
        "load_kg": command.load_kg,
        "settings": asdict(GOALS[command.goal]),
    }


def _same(facts: dict[str, Any], asked: dict[str, Any]) -> bool:
    return all(facts.get(key) == value for key, value in asked.items())


def _view(visit: _Visit) -> SessionView:
    sets = tuple(
        SetView(
            number=record.facts["number"],
            side=record.facts["side"],
            goal=GOALS[record.facts["goal"]],
            load_kg=record.facts["load_kg"],
            running=record.running,
            counted=len(record.counted),
            reps=tuple(record.reps),
        )
        for record in visit.book.sets
    )
    return SessionView(visit.number, visit.athlete, visit.t0_ns, sets)
