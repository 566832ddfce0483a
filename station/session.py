"""The session: idle → zeroing → ready → set → rest, from records and commands to snapshots.

No thread, no socket and no clock of its own: all coaching time is data time. Raw first: a
record is handed to the recorder before anything is computed from it, and a mark is on disk
before it acts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from station import health
from station.analysis import params_as_json, recorded_params, rep_as_json
from station.coach.programs import MOST_REPS, flaw
from station.coach.progression import next_set
from station.coach.rules import Baseline
from station.coach.thresholds import Thresholds
from station.conversions import Calibration, Greeting, Records, SourceInfo
from station.curve import CurveWindow
from station.door import (
    FELT,
    LONGEST_NAME,
    CancelPlan,
    Command,
    CommandRefused,
    EndSession,
    EndSet,
    MarkSet,
    NoteSet,
    Planned,
    SessionView,
    Snapshot,
    StartSet,
    State,
    ZeroPlate,
)
from station.handsfree import HandsFree
from station.library import Library
from station.recorder import Recorder
from station.recording import MarkRow, Recording
from station.review import set_view
from station.roster import Roster
from station.sets import SetBook, SetRecord, set_facts
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
    SetStart,
    Zero,
)

ZERO_GATE_N = 15.0  # further from the last zero than this is a load, not drift
ZERO_EVERY_NS = 5_000_000_000
ZERO_WORTHWHILE_N = 0.3
HEEL_UP_SHARE = 0.05  # of the force: less than that is on a heel that has left the plate
LIFTED = ("push", "up", "hold", "down")
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

    @property
    def kept(self) -> list[SetRecord]:
        """The sets that count."""
        return [record for record in self.book.sets if not record.discarded]


@dataclass
class _Wish:
    """A set that runs by itself, from a still foot to one that has left."""

    athlete: str
    command: StartSet
    course: HandsFree = field(default_factory=HandsFree)


class Session:
    """What the station knows, moved on by `greet`, `take` and `command`.

    Parameters
    ----------
    library : where athletes, zeros and session files are kept
    recorder : what writes the open session
    plate : the plate's geometry
    wall_clock : annotates a session with the time of day
    version : of the software, stored with each session
    limits : the thresholds that the coach judges by

    """

    def __init__(
        self,
        library: Library,
        recorder: Recorder,
        plate: Plate,
        wall_clock: WallClock,
        version: str,
        limits: Thresholds | None = None,
    ) -> None:
        self._library = library
        self._roster = Roster(library)
        self._limits = limits or Thresholds()
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
        self._wish: _Wish | None = None
        self._heel_up_ns: int | None = None  # since when the heel is off the plate while lifting
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
        live = self._live()
        self._watch_heel(live)
        self._follow(live)
        self._zero_by_itself(live)

    def _step(self, block: LogBlock) -> None:
        self._fold, frames, events = pipeline.step(self._params, self._fold, block)
        self._curve.append(frames)
        for event in events:
            self._heed(event)
        if any(isinstance(event, RepCounted) for event in events):
            self._look()
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
            if owner is not None and not owner.running:
                self._remember(self._visit)

    def _look(self) -> None:
        """Let the coach judge what was just counted."""
        running = self._running
        if running is not None and running.plan.coached:
            for rep in pipeline.provisional(self._params, self._fold):
                running.look(rep)

    def _live(self) -> Live:
        return pipeline.live(self._params, self._fold)

    @property
    def _running(self) -> SetRecord | None:
        return None if self._visit is None else self._visit.book.running

    # --- hands-free ---

    def _follow(self, live: Live) -> None:
        """Let the foot begin, end and resume the set that was planned."""
        wish = self._wish
        if wish is None:
            return
        running = self._running
        word = wish.course.tick(live, len(running.counted) if running is not None else 0)
        if word == "arm" and self._greeting is not None:
            self._begin_set(wish.athlete, wish.command, self._greeting)
        elif word == "void":
            self._drop_set()
        elif word == "end":
            self._end_set()
        elif word == "resume" and self._visit is not None:
            self._mark_set("set_resume", self._visit.book.sets[-1])
        elif word == "done":
            self._wish = None

    def _watch_heel(self, live: Live) -> None:
        lifted = live.phase in LIFTED and live.heel_share is not None and live.heel_share < HEEL_UP_SHARE
        if not lifted:
            self._heel_up_ns = None
        elif self._heel_up_ns is None:
            self._heel_up_ns = live.t_ns

    @property
    def _heel_up(self) -> bool:
        if self._heel_up_ns is None:
            return False
        return self._last_t_ns - self._heel_up_ns > self._limits.heel_lift_s * 1e9

    # --- zero ---

    def _zero_by_itself(self, live: Live) -> None:
        """Follow the drift of an empty, quiet plate between sets."""
        quiet = live.quiet_zero_count
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
        elif isinstance(command, CancelPlan):
            self._cancel()
        elif isinstance(command, EndSet):
            self._wish = None
            self._end_set()
        elif isinstance(command, MarkSet):
            self._press(command)
        elif isinstance(command, NoteSet):
            self._note(command)
        elif isinstance(command, EndSession):
            self._wish = None
            self._close_visit("closed")
        else:
            self._zero_on_demand(command)

    def _start_set(self, command: StartSet, greeting: Greeting) -> None:
        wrong = flaw(command.plan)
        if wrong is not None:
            raise CommandRefused(wrong)
        athlete = " ".join(command.athlete.split())
        if not athlete or len(athlete) > LONGEST_NAME:
            raise CommandRefused(f"Enter a name of at most {LONGEST_NAME} letters; Guest will do.")
        running = self._running
        if running is not None:
            same = self._visit is not None and self._visit.athlete == athlete
            if same and running.plan == command.plan:
                return  # the same tap, twice
            if running.counted or self._wish is None:
                raise CommandRefused("A set is running: end it first.")
            self._drop_set()
        if command.hands_free:
            wish = self._wish
            same = wish is not None and (wish.athlete, wish.command) == (athlete, command)
            if wish is None or not same or wish.course.stage == "left":
                self._wish = _Wish(athlete, command)
            return
        self._wish = None
        self._begin_set(athlete, command, greeting)

    def _begin_set(self, athlete: str, command: StartSet, greeting: Greeting) -> None:
        if self._visit is not None and self._visit.athlete != athlete:
            self._close_visit("closed")
        if self._visit is None:
            self._visit = self._open_visit(athlete, greeting)
        book = self._visit.book
        own = self._usual(self._visit, command)
        facts = set_facts(len(book.sets) + 1, command.plan, self._limits, own)
        self._put_mark("set_start", facts)
        book.start(facts, self._last_t_ns)
        self._step([SetStart()])

    def _usual(self, visit: _Visit, command: StartSet) -> Baseline | None:
        """Return what is usual under these conditions: from this visit's first such set, or from before."""
        for record in visit.kept:
            found = Baseline.of(record.reps)
            if record.plan.conditions == command.plan.conditions and found.heel_share is not None:
                return record.own or found
        return self._roster.baseline(visit.athlete, command.plan)

    def _cancel(self) -> None:
        if self._running is not None and self._wish is not None and not self._running.counted:
            self._drop_set()
        self._wish = None

    def _drop_set(self) -> None:
        """Take back a set that was armed and in which nothing happened."""
        if self._running is not None:
            self._mark_set("set_void", self._running)

    def _mark_set(self, kind: str, record: SetRecord, **more: Any) -> None:
        """Put a mark about a set on disk, then let it act."""
        if self._visit is None:
            return
        mark = MarkRow(self._last_seq, self._last_t_ns, kind, {"number": record.facts["number"], **more})
        self._recorder.mark(mark)
        self._visit.book.mark(kind, mark.body, mark.t_ns)
        acts = mark.mark()
        if acts is not None:
            self._step([acts])

    def _press(self, command: MarkSet) -> None:
        if self._visit is None or not self._visit.book.sets:
            raise CommandRefused("No set to mark: start one first.")
        record = self._visit.book.sets[-1]
        pressed = (command.word, len(record.counted))
        if pressed not in record.pressed:  # a second tap on the same rep says nothing new
            self._mark_set("set_mark", record, word=command.word, rep=pressed[1])
            self._remember(self._visit)

    def _note(self, command: NoteSet) -> None:
        record = None if self._visit is None else self._visit.book.numbered(command.number)
        if self._visit is None or record is None:
            raise CommandRefused(f"This session has no set {command.number}.")
        if record.running:
            raise CommandRefused("The set is still running: end it first.")
        if command.level_until is not None and not 0 <= command.level_until <= MOST_REPS:
            raise CommandRefused(f"Level reps: from 0 to {MOST_REPS}.")
        if command.felt is not None and command.felt not in FELT:
            raise CommandRefused(f"Where it was felt: {', '.join(FELT)}.")
        words = ("level_until", "level_unsure", "effort", "felt", "twisted", "pain", "discarded")
        answers = {word: getattr(command, word) for word in words if getattr(command, word) is not None}
        if command.level_unsure and "level_until" in record.notes:  # one answer takes the other back
            answers["level_until"] = None
        if command.level_until is not None and "level_unsure" in record.notes:
            answers["level_unsure"] = False
        if any(record.notes.get(word) != value for word, value in answers.items()):
            self._mark_set("set_note", record, **answers)
            self._remember(self._visit)

    def _remember(self, visit: _Visit) -> None:
        """Keep what the next visit begins with."""
        ended = [record for record in visit.kept if not record.running and record.counted]
        self._roster.keep_visit(visit.athlete, visit.number, [record.done for record in ended])
        for record in ended:
            if record.own is None:
                self._roster.keep_baseline(visit.athlete, record.plan, Baseline.of(record.reps))

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
        self._mark_set("set_end", self._running)
        self._remember(self._visit)

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
            visit.book.mark(item.kind, item.body, item.t_ns)
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
            planned=self._planned(),
            heel_up=self._heel_up,
            curve=self._curve.view(),
            source=source,
            sampler_connected=connected,
            recording_fault=None if self._visit is None else self._recorder.fault,
            notice=self._notice(),
            cell_faults=self._faults.sentences(),
        )

    def _planned(self) -> Planned | None:
        if self._wish is None:
            return None
        return Planned(self._wish.athlete, self._wish.command.plan, self._wish.course.stage == "left")

    def _state(self) -> State:
        if self._greeting is None:
            return "idle"
        stage = None if self._wish is None else self._wish.course.stage
        if self._running is not None:
            return "armed" if stage == "armed" else "set"
        if stage == "waiting":
            return "waiting" if self._zeroed else "zeroing"
        if self._visit is not None and self._visit.book.sets:
            return "rest"
        return "ready" if self._zeroed else "zeroing"

    def _notice(self) -> str | None:
        if self._state() == "zeroing":
            return "Step off the plate for a second: it is being zeroed."
        if self._greeting is not None and self._in_force.id == UNCALIBRATED.id:
            return "Not calibrated: newtons are nominal. `heeldrive calibrate` takes five minutes."
        return None


def _view(visit: _Visit) -> SessionView:
    sets = tuple(set_view(record) for record in visit.book.sets)
    done = [record.done for record in visit.kept if record.counted]
    over = done and not (sets and sets[-1].running)
    return SessionView(
        visit.number,
        visit.athlete,
        visit.t0_ns,
        sets,
        proposal=next_set(done) if over else None,
        rested_since_ns=visit.book.sets[-1].end_ns if sets else None,
    )
