"""Who is here: one athlete's visit is recorded, those of partners are put by until they come back.

A visit is a session: one file, one log, one fold of it. While a partner lifts it pauses, and goes on in
the same file, with the same fold, as if the time between had been a gap in the data.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from station.analysis import params_as_json, recorded_params, rep_rows
from station.coach.programs import Plan, Side
from station.coach.progression import Proposal, next_set
from station.coach.rules import Baseline
from station.conversions import Greeting
from station.door import OtherVisit, SessionView
from station.fold import Fold
from station.library import Library
from station.logs import why
from station.recorder import Recorder
from station.recording import MarkRow, Recording, core_log
from station.review import set_view
from station.roster import Roster
from station.session_writer import amend, finish_file
from station.sets import SetBook, SetRecord
from station.signal.model import Event, Frames

ENDS_AFTER_NS = 1_800_000_000_000  # half an hour without a set: whoever comes then is on another visit

_log = logging.getLogger(__name__)


@dataclass
class Visit:
    """What is known of a session that is open.

    fold : of the session's own log, and of nothing else
    busy_ns : data time at which its newest set began or ended
    """

    number: int
    athlete: str
    t0_ns: int
    fold: Fold
    busy_ns: int
    plates: dict[Side, float] = field(default_factory=dict)  # where it stood for each foot, cm
    book: SetBook = field(default_factory=SetBook)

    @classmethod
    def recalled(cls, recording: Recording, see: Callable[[Frames], None] = lambda _: None) -> Visit:
        """Return the visit of an unfinished session file, folded as it was folded live.

        see : is given the frames as they come out

        Raises
        ------
        UserError : the file lacks what is needed

        """
        meta, fold = recording.meta, Fold(recorded_params(recording))
        t0_ns = int(meta["t0_ns"])
        visit = cls(int(meta["number"]), str(meta["athlete"]), t0_ns, fold, t0_ns)
        for item in recording.log():
            if isinstance(item, MarkRow):
                visit.mark(item)
            frames, events = fold.step(core_log([item]))
            see(frames)
            visit.heed(events)
        return visit

    def mark(self, row: MarkRow) -> None:
        """Take a mark of the log."""
        self.book.mark(row.kind, row.body, row.t_ns)
        if row.kind.startswith("set_"):
            self.busy_ns = max(self.busy_ns, row.t_ns)
        if row.kind == "set_start" and row.body.get("plate_cm") is not None:
            self.plates[row.body["side"]] = row.body["plate_cm"]

    def heed(self, events: Iterable[Event]) -> None:
        """Sort what happened into the sets."""
        for event in events:
            self.book.take(event)

    @property
    def kept(self) -> list[SetRecord]:
        """The athlete's own sets that count."""
        own = (record for record in self.book.sets if record.owner(self.athlete) == self.athlete)
        return [record for record in own if not record.discarded]

    def baseline(self, plan: Plan) -> Baseline | None:
        """Return what the first set under a plan's conditions has shown, None before one."""
        for record in self.kept:
            found = Baseline.of(record.reps)
            if record.plan.conditions == plan.conditions and found.heel_share is not None:
                return record.own or found
        return None

    @property
    def proposal(self) -> Proposal | None:
        """What to do next, None while a set runs or before the first."""
        done = [record.done for record in self.kept if record.count]
        if not done or self.book.running is not None:
            return None
        proposal = next_set(done)
        if proposal.plan is None:
            return proposal
        plate_cm = self.plates.get(proposal.plan.side)
        return replace(proposal, plan=replace(proposal.plan, plate_cm=plate_cm))

    def view(self) -> SessionView:
        """Return it as the page shows it."""
        sets = tuple(set_view(record) for record in self.book.sets)
        rested_since_ns = self.book.sets[-1].end_ns if sets else None
        kept = len(self.kept)
        return SessionView(self.number, self.athlete, self.t0_ns, sets, self.proposal, rested_since_ns, kept)

    def other(self) -> OtherVisit:
        """Return it as it is told while somebody else lifts."""
        return OtherVisit(self.number, self.athlete, len(self.kept), self.proposal)


class Visits:
    """The visits that are open, and their files.

    current : the one that is being recorded, if any
    paused : those of partners, the one who lifted last at the end
    """

    def __init__(self, library: Library, recorder: Recorder) -> None:
        self._library = library
        self._recorder = recorder
        self.roster = Roster(library)
        self.current: Visit | None = None
        self.paused: list[Visit] = []

    def open(self, athlete: str, t_ns: int, fold: Fold, greeting: Greeting, meta: dict[str, Any]) -> None:
        """Begin a session file with its facts; its log begins at `t_ns`."""
        number = self._library.next_session_number(athlete)
        self.current = Visit(number, athlete, t_ns, fold, t_ns, self.roster.plates(athlete))
        facts = {"number": number, "athlete": athlete, "t0_ns": t_ns, **meta}
        facts |= {"simulated": greeting.source.simulated, "params": params_as_json(fold.params)}
        self._recorder.create(self._library.session_path(number), facts)
        self.begin_segment(greeting, t_ns)
        _log.info("session %d begins", number)

    def begin_segment(self, greeting: Greeting, t_ns: int) -> None:
        """Begin another stretch of the current visit's log, now that it is `t_ns`."""
        if self.current is not None:
            source = greeting.source.as_json()
            self._recorder.segment(greeting.run_id, greeting.boot_id, source, t_ns)

    def put_by(self) -> None:
        """Let the current visit wait while a partner lifts."""
        if self.current is None:
            return
        self._recorder.close({"paused": True})
        _log.info("session %d is put by", self.current.number)
        self.paused.append(self.current)
        self.current = None

    def come_back(self, athlete: str, t_ns: int, greeting: Greeting) -> bool:
        """Go on with the visit that an athlete has open, now that it is `t_ns`; False without one."""
        visit = next((one for one in self.paused if one.athlete == athlete), None)
        if visit is None:
            return False
        self.paused.remove(visit)
        self.current = visit
        self._recorder.reopen(self._library.session_path(visit.number))
        self._recorder.meta({"paused": False})
        self.begin_segment(greeting, t_ns)
        _log.info("session %d goes on", visit.number)
        return True

    def recall(self, recording: Recording, see: Callable[[Frames], None]) -> Visit:
        """Make an unfinished session the current visit; raises UserError as `Visit.recalled`."""
        visit = self.current = self._recalled(recording, see)
        self._recorder.reopen(recording.path)
        for row in rep_rows(visit.book, visit.t0_ns):  # some may not have reached the disk
            self._recorder.rep(*row)
        _log.info("session %d goes on", visit.number)
        return visit

    def recall_paused(self, recording: Recording) -> None:
        """Take up a session that was put by; raises UserError as `Visit.recalled`."""
        self.paused.append(self._recalled(recording))
        self.paused.sort(key=lambda one: one.busy_ns)

    def _recalled(self, recording: Recording, see: Callable[[Frames], None] = lambda _: None) -> Visit:
        visit = Visit.recalled(recording, see)
        visit.plates = {**self.roster.plates(visit.athlete), **visit.plates}
        return visit

    def close(self) -> None:
        """Close the current visit's file."""
        if self.current is None:
            return
        self._recorder.close({"state": "closed"})
        _log.info("session %d is closed", self.current.number)
        self.current = None

    def close_paused(self, before_ns: int | None = None) -> None:
        """Close the visits that are put by; `before_ns`: only those without a set since then."""
        for visit in list(self.paused):
            if before_ns is None or visit.busy_ns < before_ns:
                self.paused.remove(visit)
                self._finish(visit)

    def _finish(self, visit: Visit) -> None:
        _, events = visit.fold.finish()
        visit.heed(events)
        self.remember(visit)
        try:
            path = self._library.session_path(visit.number)
            finish_file(path, rep_rows(visit.book, visit.t0_ns), {"state": "closed"})
            self._recorder.compact(path)
        except (OSError, sqlite3.Error) as error:  # all of its log is there: only the last word is missing
            _log.error("session %d could not be closed: %s", visit.number, why(error))
        else:
            _log.info("session %d is closed", visit.number)

    def amend_paused(self, visit: Visit, kind: str, body: dict[str, Any]) -> None:
        """Put a mark into the file of a visit that is put by, then let it act; raises sqlite3.Error."""
        amend(self._library.session_path(visit.number), kind, body)
        visit.book.mark(kind, body, visit.busy_ns)

    def numbered(self, number: int | None) -> Visit | None:
        """Return the open visit of that number, for None the current one."""
        if number is None:
            return self.current
        here = [self.current, *self.paused]
        return next((one for one in here if one is not None and one.number == number), None)

    def usual(self, plan: Plan) -> Baseline | None:
        """Return what is usual for the current athlete under a plan's conditions, None while unknown."""
        if self.current is None:
            return None
        return self.current.baseline(plan) or self.roster.baseline(self.current.athlete, plan)

    def remember(self, visit: Visit) -> None:
        """Keep what the next visit begins with."""
        self.roster.keep_plates(visit.athlete, visit.plates)
        self.roster.keep_sets(visit.athlete, visit.number, visit.book)
        for record in visit.book.counting:
            if record.own is None and not record.owners:
                self.roster.keep_baseline(visit.athlete, record.plan, Baseline.of(record.reps))
