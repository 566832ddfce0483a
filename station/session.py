"""The session: idle → zeroing → ready → set → rest, from records and commands to snapshots.

No thread, no socket and no clock of its own: all coaching time is data time. Raw first: a
record is handed to the recorder before anything is computed from it, and a mark is on disk
before it acts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from station import amending, health
from station.analysis import rep_as_json
from station.coach.programs import flaw
from station.coach.rules import reversed_rest
from station.coach.thresholds import Thresholds
from station.conversions import Calibration, Greeting, Records, SourceInfo
from station.curve import CurveWindow
from station.door import (
    LONGEST_NAME,
    Amendment,
    CancelPlan,
    Command,
    CommandRefused,
    EndSession,
    EndSet,
    MarkSet,
    Planned,
    PlateIsRight,
    Snapshot,
    StartSet,
    State,
    ZeroPlate,
)
from station.fold import Fold
from station.handsfree import HandsFree
from station.library import Library
from station.recorder import Recorder
from station.recording import MarkRow, Recording, read_tail
from station.sets import SetRecord, set_facts
from station.signal.measures import LIFTED_SHARE
from station.signal.model import (
    Event,
    Frames,
    Live,
    LogBlock,
    Params,
    Plate,
    RepClosed,
    RepCounted,
    RepWithdrawn,
    Zero,
)
from station.visits import ENDS_AFTER_NS, Visit, Visits
from station.wiring import DEFAULT_PINS, Pins
from station.zeroing import GATE_N, FourCounts, Zeroing

LIFTED = ("push", "up", "hold", "down")
MOST_AT_ONCE = 200  # records; about half a second

# Before the first calibration: a 50 kg cell of 1 mV/V at 5 V gives about 43 000 counts/kg.
UNCALIBRATED = Calibration(
    id="uncalibrated",
    made="nominal 50 kg cells, 1 mV/V",
    zero_count=(0.0, 0.0, 0.0, 0.0),
    newtons_per_count=(9.80665 / 43_000,) * 4,
)

# The time of day, ISO 8601 in UTC, and whether it is known to be synchronised.
WallClock: TypeAlias = Callable[[], tuple[str, bool]]
# Shown everything as it happens, by the core thread: it must not keep it waiting.
Onlooker: TypeAlias = Callable[[SourceInfo | Frames | Event | MarkRow], None]

_log = logging.getLogger(__name__)


@dataclass
class _Wish:
    """A set that runs by itself, from a still foot to one that has left."""

    athlete: str
    command: StartSet
    course: HandsFree = field(default_factory=HandsFree)
    turned: bool = False  # the plate seems to be the wrong way round, and nobody has said that it isn't


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
    pins : where each cell's wires are, for what is said of its faults
    see : shown sources, frames, events and the marks of sets
    called : how station and plate are called, stored with each session

    """

    def __init__(
        self,
        library: Library,
        recorder: Recorder,
        plate: Plate,
        wall_clock: WallClock,
        version: str,
        limits: Thresholds | None = None,
        pins: Pins = DEFAULT_PINS,
        see: Onlooker = lambda _: None,
        called: Mapping[str, str | None] | None = None,
    ) -> None:
        self._see = see
        self._called = dict(called or {})
        self._library = library
        self._limits = limits or Thresholds()
        self._recorder = recorder
        self._plate = plate
        self._wall_clock = wall_clock
        self._version = version
        self._greeting: Greeting | None = None
        self._zero = Zeroing(UNCALIBRATED)
        self._idle = Fold(Params(UNCALIBRATED))  # of what comes while nobody's visit is recorded
        self._visits = Visits(library, recorder)
        self._curve = CurveWindow(self._idle.params.frame_rate_hz)
        self._faults = health.CellFaults(pins)
        self._wish: _Wish | None = None
        self._heel_up_ns: int | None = None  # since when the heel is off the plate while lifting
        self._practice: set[int] = set()
        self._last_seq = -1
        self._last_t_ns = 0
        self._serial = 0

    # --- the sampler ---

    @property
    def calibration(self) -> Calibration:
        """What turns counts into newtons now, with the newest zero."""
        return self._zero.in_force

    @property
    def zero_known(self) -> bool:
        """Whether the plate was zeroed since it was met."""
        return self._zero.known

    def use(self, calibration: Calibration) -> None:
        """Put another calibration in force between sessions; the plate keeps its zero."""
        if self._zero.known:
            calibration = replace(calibration, zero_count=self._zero.in_force.zero_count)
        self._zero = Zeroing(calibration)
        self._begin_fold()

    @property
    def resume_from(self) -> tuple[str, int] | None:
        """The run and the next record to ask the sampler for; None for whatever comes."""
        return None if self._greeting is None else (self._greeting.run_id, self._last_seq + 1)

    def greet(self, greeting: Greeting) -> None:
        """Take note of a sampler: the known one again, another run of it, or another source."""
        known, self._greeting = self._greeting, greeting
        self._see(greeting.source)
        if known is not None and known.run_id == greeting.run_id:
            return
        self._last_seq = greeting.first_seq - 1
        same_plate = known is not None and (known.source, known.boot_id) == (
            greeting.source,
            greeting.boot_id,
        )
        if not same_plate:
            self.close()
            self._start_afresh(greeting.source)
        else:
            self._visits.begin_segment(greeting, greeting.now_ns)

    def _start_afresh(self, source: SourceInfo) -> None:
        """Begin a fold of its own for a source met for the first time."""
        calibration = source.calibration or self._library.calibration() or UNCALIBRATED
        kept = self._library.setting("zero")
        if kept is not None and kept["calibration"] == calibration.id and source.calibration is None:
            a, b, c, d = kept["zero_count"]
            calibration = replace(calibration, zero_count=(a, b, c, d))
        self._zero = Zeroing(calibration)
        self._idle = Fold(
            Params(
                calibration=calibration,
                nominal_rate_hz=source.nominal_rate_hz,
                filter_delay_s=source.filter_delay_s,
                plate=self._plate,
            )
        )

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
        live = self._fold.live
        self._watch_heel(live)
        self._follow(live)
        self._zero_by_itself(live)
        self._end_forgotten()

    @property
    def recording(self) -> bool:
        """Whether a session is being recorded."""
        return self._visit is not None

    @property
    def _visit(self) -> Visit | None:
        return self._visits.current

    @property
    def _fold(self) -> Fold:
        return self._idle if self._visit is None else self._visit.fold

    def _step(self, block: LogBlock) -> None:
        frames, events = self._fold.step(block)
        self._show(frames, events)
        if any(isinstance(event, RepCounted) for event in events):
            self._look()
        if self._running is not None or self._fold.live.phase == "off":
            self._practice.clear()

    def _show(self, frames: Frames, events: list[Event]) -> None:
        self._curve.append(frames)
        self._see(frames)
        for event in events:
            self._see(event)
            self._heed(event)

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
                self._visits.remember(self._visit)

    def _look(self) -> None:
        """Let the coach judge what was just counted."""
        running = self._running
        if running is not None and running.plan.coached:
            for rep in self._fold.provisional:
                running.look(rep)

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
            wish.turned = self._seems_turned(wish)
            self._begin_set(wish.athlete, wish.command, self._greeting)
        elif word == "void":
            self._drop_set()
        elif word == "end":
            self._end_set()
            self._keep_rest(wish)
        elif word == "resume" and self._visit is not None:
            self._mark_set("set_resume", self._visit.book.sets[-1])
        elif word == "done":
            self._wish = None

    def _seems_turned(self, wish: _Wish) -> bool:
        """Tell whether the foot rests as if the plate were the wrong way round."""
        usual = self._visits.roster.rest_share(wish.athlete, wish.command.plan.side)
        share = wish.course.rest_share
        return usual is not None and share is not None and reversed_rest(share, usual, self._limits)

    def _keep_rest(self, wish: _Wish) -> None:
        """Remember how the foot rested, unless that is in question."""
        if wish.course.rest_share is not None and not wish.turned:
            side = wish.command.plan.side
            self._visits.roster.keep_rest_share(wish.athlete, side, wish.course.rest_share)

    def _watch_heel(self, live: Live) -> None:
        lifted = live.phase in LIFTED and live.heel_share is not None and live.heel_share < LIFTED_SHARE
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
        if quiet is not None and self._running is None and self._zero.due(quiet, self._last_t_ns):
            self._apply_zero(quiet)

    def _apply_zero(self, zero_count: FourCounts) -> None:
        self._mark_zero(zero_count)
        self._zero.take(zero_count, self._last_t_ns)
        kept = {"calibration": self._zero.in_force.id, "zero_count": list(zero_count)}
        self._library.keep_setting("zero", kept)

    def _mark_zero(self, zero_count: FourCounts) -> None:
        if self._visit is not None:
            self._recorder.mark(self._mark_row("zero", {"zero_count": list(zero_count)}))
        self._step([Zero(zero_count)])

    def _zero_on_demand(self, command: ZeroPlate) -> None:
        if self._running is not None:
            raise CommandRefused("A set is running: end it before zeroing the plate.")
        quiet = self._fold.live.quiet_zero_count
        if quiet is None:
            raise CommandRefused("The plate is not still: step off, wait a second and try again.")
        away_n = self._zero.away_n(quiet)
        if away_n > GATE_N and not command.confirmed:
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
        elif isinstance(command, PlateIsRight):
            if self._wish is not None:
                self._wish.turned = False
                self._keep_rest(self._wish)
        elif isinstance(command, EndSet):
            self._wish = None
            self._end_set()
        elif isinstance(command, MarkSet):
            self._press(command)
        elif isinstance(command, Amendment):
            self._amend(command)
        elif isinstance(command, EndSession):
            self._wish = None
            self._close_visit()
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
        if self._visit is None or self._visit.athlete != athlete:
            self._change_to(athlete, greeting)
        number = 1 if self._visit is None else len(self._visit.book.sets) + 1
        own, plan = self._visits.usual(command.plan), command.plan
        known_cm = None if self._visit is None else self._visit.plates.get(plan.side)
        self._put_mark("set_start", set_facts(number, plan, self._limits, own, known_cm))

    def _cancel(self) -> None:
        if self._running is not None and self._wish is not None and not self._running.counted:
            self._drop_set()
        self._wish = None

    def _drop_set(self) -> None:
        """Take back a set that was armed and in which nothing happened."""
        if self._running is not None:
            self._mark_set("set_void", self._running)

    def _mark_set(self, kind: str, record: SetRecord, **more: Any) -> None:
        self._put_mark(kind, {"number": record.facts["number"], **more})

    def _put_mark(self, kind: str, body: dict[str, Any]) -> None:
        """Put a mark about a set on disk, then let it act."""
        if self._visit is None:
            return
        mark = self._mark_row(kind, body)
        self._recorder.mark(mark)
        self._see(mark)
        self._visit.mark(mark)
        acts = mark.mark()
        if acts is not None:
            self._step([acts])

    def _mark_row(self, kind: str, body: dict[str, Any]) -> MarkRow:
        return MarkRow(self._last_seq, self._last_t_ns, kind, body)

    def _press(self, command: MarkSet) -> None:
        if self._visit is None or not self._visit.book.sets:
            raise CommandRefused("No set to mark: start one first.")
        record = self._visit.book.sets[-1]
        pressed = (command.word, len(record.counted))
        if pressed not in record.pressed:  # a second tap on the same rep says nothing new
            self._mark_set("set_mark", record, word=command.word, rep=pressed[1])
            self._visits.remember(self._visit)

    def _amend(self, command: Amendment) -> None:
        visit = self._visits.numbered(command.session)
        if visit is None:
            raise CommandRefused("That session is not open any more: look at the page, then try again.")
        mark = amending.marked(command, visit.book, visit.athlete)
        if mark is None:
            return
        if visit is self._visit:
            self._put_mark(*mark)
        else:
            self._visits.amend_paused(visit, *mark)
        self._visits.remember(visit)

    def _end_set(self) -> None:
        if self._visit is not None and self._running is not None:
            self._mark_set("set_end", self._running)
            self._visits.remember(self._visit)

    # --- visits ---

    def _change_to(self, athlete: str, greeting: Greeting) -> None:
        """Record this athlete's visit from here on; the one before waits for its athlete."""
        self._end_set()
        self._visits.put_by()
        self._begin_fold()
        if self._visits.come_back(athlete, self._last_t_ns, greeting):
            zero_count = self._zero.in_force.zero_count
            if self._fold.state.calibration.zero_count != zero_count:  # it drifted meanwhile
                self._mark_zero(zero_count)
            return
        started_utc, synchronised = self._wall_clock()
        meta = {"started_utc": started_utc, "clock_synchronised": synchronised, "version": self._version}
        meta |= self._called
        # A fold that starts where the file does: the file alone says how it was folded.
        self._visits.open(athlete, self._last_t_ns, Fold(self._idle.params), greeting, meta)

    def _end_forgotten(self) -> None:
        """Close visits in which nothing was done for long."""
        before_ns = self._last_t_ns - ENDS_AFTER_NS
        self._visits.close_paused(before_ns)
        if self._visit is not None and self._running is None and self._visit.busy_ns < before_ns:
            self._close_visit()

    def _close_visit(self) -> None:
        """End the running set and close the file, with what is still open in the fold."""
        if self._visit is None:
            return
        self._end_set()
        self._show(*self._fold.finish())
        self._visits.close()
        self._begin_fold()

    def _begin_fold(self) -> None:
        """Forget the past of whatever was folded without a visit."""
        self._idle = Fold(replace(self._idle.params, calibration=self._zero.in_force))
        self._practice.clear()

    def close(self) -> None:
        """End everything in order: the set, the sessions, their files."""
        self._close_visit()
        self._visits.close_paused()

    # --- coming back ---

    def resume(self, path: Path, greeting: Greeting) -> None:
        """Go on with a session that was cut short, from its file.

        Raises
        ------
        UserError : the file can't be read

        """
        recording = Recording.read(path)
        visit = self._visits.recall(recording, self._curve.append)
        marks = [mark for segment in recording.segments for mark in segment.marks]
        known = any(mark.kind == "zero" for mark in marks)
        self._zero = Zeroing(visit.fold.state.calibration, known)
        self._idle = Fold(visit.fold.params)
        last = recording.segments[-1]
        tail = read_tail(path)
        if tail is not None:  # the last run's, which may have no record on disk yet
            self._last_seq, self._last_t_ns = tail.last_seq, tail.last_t_ns
        self._greeting = replace(greeting, run_id=last.run_id, boot_id=last.boot_id)

    def resume_paused(self, path: Path) -> None:
        """Take up a session that was put by when the station ended; raises UserError as `resume`."""
        self._visits.recall_paused(Recording.read(path))

    # --- the snapshot ---

    def snapshot(self, *, connected: bool) -> Snapshot:
        """Return what the page shows now; `connected` says whether the sampler answers."""
        live = self._fold.live
        self._serial += 1
        source = {} if self._greeting is None else self._greeting.source.as_json()
        source.pop("calibration", None)
        return Snapshot(
            serial=self._serial,
            t_s=self._curve.t_s,
            state=self._state(),
            live=live,
            practice_counted=len(self._practice),
            session=None if self._visit is None else self._visit.view(),
            others=tuple(visit.other() for visit in self._visits.paused),
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
        wish = self._wish
        return Planned(wish.athlete, wish.command.plan, wish.course.stage == "left", wish.turned)

    def _state(self) -> State:
        if self._greeting is None:
            return "idle"
        stage = None if self._wish is None else self._wish.course.stage
        if self._running is not None:
            return "armed" if stage == "armed" else "set"
        if stage == "waiting":
            return "waiting" if self._zero.known else "zeroing"
        if self._visit is not None and self._visit.book.sets:
            return "rest"
        return "ready" if self._zero.known else "zeroing"

    def _notice(self) -> str | None:
        if self._state() == "zeroing":
            return "Step off the plate for a second: it is being zeroed."
        if self._greeting is not None and self._zero.in_force.id == UNCALIBRATED.id:
            return "Not calibrated: newtons are nominal. Health › Calibrate takes five minutes."
        return None
