"""What the page sees of the station: immutable snapshots out, commands in.

The core thread publishes a new `Snapshot` some thirty times a second; any other thread may
hold one as long as it likes. Commands are queued to the core thread and answered once they
have taken effect (a mark is on disk before it acts).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from station.calibrating import Calibrating
from station.checkup import Checkup
from station.coach import byhand
from station.coach.byhand import Correction
from station.coach.cues import Advice, Pressed
from station.coach.programs import GOALS, Goal, Plan, Side
from station.coach.progression import Effort, Proposal
from station.coach.rules import Judged
from station.coach.thresholds import Thresholds
from station.devices import Devices
from station.handsfree import ARM_AFTER_NS, RESUME_WITHIN_NS
from station.pin import OwnerPin
from station.safekeeping import Restores, Safekeeping
from station.signal.model import F64, Live, Rep

LONGEST_NAME = 60  # characters of an athlete's name
LONGEST_NOTE = 500  # characters of a note on a set
State = Literal["idle", "zeroing", "ready", "waiting", "armed", "set", "rest"]
FELT = ("glutes", "hamstrings", "quads", "lower back", "hip", "other")


@dataclass(frozen=True)
class SetView:
    """One set of the session, running or ended.

    counted : reps announced so far, less those withdrawn
    athlete : whom it was moved to, None where it stayed with the session's
    by_hand : (rep's id, what somebody says of it); ids below 0 are reps that the station missed
    reps, judged : closed ones, in order; times in session seconds via SessionView.t0_ns
    baseline : what is usual for this person is not known yet: this set shows it
    pressed : "twisted" or "pain", and the rep's number
    notes : what was answered after it
    """

    number: int
    plan: Plan
    limits: Thresholds
    running: bool
    counted: int
    reps: tuple[Rep, ...] = ()
    judged: tuple[Judged, ...] = ()
    advice: Advice = field(default_factory=Advice)
    baseline: bool = False
    pressed: tuple[tuple[str, int], ...] = ()
    notes: tuple[tuple[str, Any], ...] = ()
    discarded: bool = False
    heel_paused: bool = False  # the plate had been moved: nothing is said of heel shares
    by_hand: tuple[tuple[int, Correction], ...] = ()
    athlete: str | None = None

    @property
    def count(self) -> int:
        """How many reps it has, with the corrections of people."""
        return byhand.count(self.counted, dict(self.by_hand))

    @property
    def on_target(self) -> int:
        """How many of them were on target."""
        return byhand.on_target(self.judged, dict(self.by_hand))

    @property
    def goal(self) -> Goal:
        """The goal preset."""
        return GOALS[self.plan.goal]


@dataclass(frozen=True)
class SessionView:
    """The open session: one athlete's visit.

    proposal : what to do after the last set, None while one runs or before the first
    kept : how many of the sets are the athlete's own and count
    """

    number: int
    athlete: str
    t0_ns: int
    sets: tuple[SetView, ...]
    proposal: Proposal | None = None
    rested_since_ns: int | None = None  # when the last set ended
    kept: int = 0


@dataclass(frozen=True)
class OtherVisit:
    """A session that is put by while somebody else lifts.

    sets : how many count so far
    proposal : what to do when the athlete comes back
    """

    number: int
    athlete: str
    sets: int
    proposal: Proposal | None


@dataclass(frozen=True)
class Planned:
    """A set that waits for a foot, or runs without a tap: hands-free."""

    athlete: str
    plan: Plan
    resumable: bool = False  # the foot has left and may still come back
    turned: bool = False  # the foot rests as if heel and toe were swapped: is the plate the right way round?
    still_s: float = ARM_AFTER_NS / 1e9  # so long a foot must lie still
    resume_within_s: float = RESUME_WITHIN_NS / 1e9  # of leaving the plate


@dataclass(frozen=True)
class VisitMark:
    """One visit in an athlete's trend: the reps on target of the best set of each side.

    Clean reps where level hips were confirmed; None for a side without a set.
    """

    session: int
    left: int | None
    right: int | None


@dataclass(frozen=True)
class AthleteCard:
    """An athlete as the home screen shows them, and how they begin today.

    plan : all as last time, with the side to begin with; None: they never lifted here
    side_known : False where both sides are alike, so that the side is asked for
    why : the next step's reason, in one sentence; "" where nothing is to be said
    asks_first : there was pain last time
    here : sets so far in a visit that is open now, None without one
    visits : the newest ones, oldest first
    plates : where the plate stood on its ruler for each foot, cm
    """

    name: str
    plan: Plan | None = None
    side_known: bool = False
    why: str = ""
    asks_first: bool = False
    visits: tuple[VisitMark, ...] = ()
    here: int | None = None
    plates: Mapping[Side, float] = field(default_factory=dict)

    def on_visit(self, sets: int, proposal: Proposal | None) -> AthleteCard:
        """Return the card of somebody who has done `sets` sets on a visit that is open."""
        if proposal is None:
            return replace(self, here=sets)
        if proposal.plan is None:
            return replace(self, here=sets, why=proposal.why)
        return replace(self, here=sets, plan=proposal.plan, side_known=True, why=proposal.why)


@dataclass(frozen=True)
class Curve:
    """The newest 15 s of frames; arrays of one length, read-only.

    t_s : shape (n,), s, on the clock of `Snapshot.t_s`
    total_n, heel_n : shape (n,), N; nan in a gap
    first_frame : running number of the first entry; a frame keeps its number for ever
    """

    first_frame: int
    t_s: F64
    total_n: F64
    heel_n: F64


@dataclass(frozen=True)
class Snapshot:
    """All that the live page shows, of one moment."""

    serial: int  # rises with every snapshot
    t_s: float | None  # newest frame, s since the station's first frame
    state: State
    live: Live
    practice_counted: int  # reps since the foot came on, while no set runs: shown, never recorded
    session: SessionView | None
    others: tuple[OtherVisit, ...]
    planned: Planned | None
    heel_up: bool  # the heel has left the plate while lifting, for longer than it may
    curve: Curve
    source: dict[str, Any]  # SourceInfo.as_json without the calibration
    sampler_connected: bool
    recording_fault: str | None  # plain words while the session is not being kept, else None
    notice: str | None  # one plain sentence for the athlete, or None
    cell_faults: tuple[str | None, str | None, str | None, str | None]  # plain words per Cell


@dataclass(frozen=True)
class StartSet:
    """Begin a set; opens a session for the athlete where none is open.

    hands_free : wait for a still foot, begin with the first rep, end when the foot has left
    """

    athlete: str
    plan: Plan
    hands_free: bool = False


@dataclass(frozen=True)
class CancelPlan:
    """Do not wait for the foot any more; nothing happens where nobody waits."""


@dataclass(frozen=True)
class PlateIsRight:
    """A foot rests as if heel and toe were swapped, and the plate is right: so this foot rests."""


@dataclass(frozen=True)
class MarkSet:
    """Somebody saw the hips twist, or felt pain, at the newest rep of the running or last set."""

    word: Pressed


@dataclass(frozen=True)
class NoteSet:
    """What was answered after a set; None leaves what was there.

    session : the set's session, None for the open one
    level_until : hips level in so many reps; level_unsure : nobody could tell
    felt : one of `FELT`
    text : a note in the person's own words, "" for none
    discarded : leave the set out of what counts, or take it in again
    """

    number: int
    session: int | None = None
    level_until: int | None = None
    level_unsure: bool | None = None
    effort: Effort | None = None
    felt: str | None = None
    text: str | None = None
    twisted: bool | None = None
    pain: bool | None = None
    discarded: bool | None = None


@dataclass(frozen=True)
class MoveSet:
    """The set was another athlete's; session : None for the open one."""

    number: int
    athlete: str
    session: int | None = None


@dataclass(frozen=True)
class CorrectRep:
    """What somebody says of one rep.

    rep : its id; for one that the station missed a new id below 0, so that the same tap twice adds one
    word : one of `byhand.CORRECTIONS`, "added" for a missed one; None: as the station saw it
    session : None for the open one
    """

    number: int
    rep: int
    word: Correction | None
    session: int | None = None


@dataclass(frozen=True)
class EndSet:
    """End the running set; nothing happens where none runs."""


@dataclass(frozen=True)
class EndSession:
    """End the running set, if any, and close the session."""


@dataclass(frozen=True)
class ZeroPlate:
    """Take the present load as an empty plate; refused unless quiet and near the last zero."""

    confirmed: bool = False  # True: also when it is more than 15 N away from the last zero


# What people say of a set that is over.
Amendment: TypeAlias = NoteSet | MoveSet | CorrectRep
Command: TypeAlias = (
    StartSet | CancelPlan | PlateIsRight | EndSet | MarkSet | Amendment | EndSession | ZeroPlate
)


class CommandRefused(ValueError):
    """A command that can't be done now; the text says why and what to do.

    `confirmable` is True where the same command with ``confirmed=True`` would be carried out.
    """

    def __init__(self, text: str, *, confirmable: bool = False) -> None:
        super().__init__(text)
        self.confirmable = confirmable


@dataclass(frozen=True)
class SessionRow:
    """One line of the list of sessions."""

    number: int
    athlete: str
    started_utc: str  # ISO 8601; "" where the station had no synchronised clock
    duration_s: float
    sets: int
    reps: int
    state: Literal["open", "closed", "interrupted", "damaged"]
    simulated: bool
    note: str  # what is wrong with a damaged file, else ""
    dated: bool = False  # the station's clock was set when it began


@dataclass(frozen=True)
class ReviewedSet:
    """A recorded set with its curve; arrays of one length, a second more at either end.

    t_s : shape (n,), s since the session began; total_n, heel_n : shape (n,), N, nan in a gap
    """

    view: SetView
    t_s: F64
    total_n: F64
    heel_n: F64


@dataclass(frozen=True)
class SessionReview:
    """A recorded session, to look at."""

    number: int
    athlete: str
    t0_ns: int
    sets: tuple[ReviewedSet, ...]


@dataclass(frozen=True)
class Scope:
    """What an export takes: a session, one set of it, all of an athlete's sessions, or everything."""

    session: int | None = None
    set: int | None = None
    athlete: str | None = None


class Station(Protocol):
    """The station as the page sees it."""

    def snapshot(self) -> Snapshot:
        """Return the newest snapshot."""
        ...

    def wait_for(self, after_serial: int, timeout_s: float) -> Snapshot:
        """Return the newest snapshot as soon as it is newer than `after_serial`, or at the timeout."""
        ...

    def command(self, command: Command) -> Snapshot:
        """Carry out `command` and return the snapshot in which it has taken effect.

        Raises
        ------
        CommandRefused : it can't be done now
        """
        ...

    def sessions(self) -> list[SessionRow]:
        """Return all sessions, newest first."""
        ...

    def export(self, scope: Scope, forms: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Return (file name, content in chunks) of an export's files, worked out as they are read.

        Raises
        ------
        LookupError : there is nothing of that scope; the text says so
        UserError : the session's file is damaged, or a format can't be made here
        """
        ...

    def export_forms(self) -> list[str]:
        """Return the formats that can be made here."""
        ...

    def review(self, number: int) -> SessionReview:
        """Return a session's sets with their curves.

        Raises
        ------
        LookupError : there is no such session; the text says so
        """
        ...

    def athletes(self) -> list[AthleteCard]:
        """Return who lifted here, the last one first."""
        ...

    def locked(self) -> bool:
        """Whether the history opens by a code only."""
        ...

    def put_code(self, athlete: str | None, code: str | None) -> None:
        """Give an athlete a code for the history, or for None the coach; no code takes it away.

        Raises
        ------
        UserError : the code is none, or nobody is called that
        """
        ...

    def code_fits(self, athlete: str | None, code: str) -> bool:
        """Tell whether a code is an athlete's, or for None the coach's."""
        ...

    def check_up(self) -> Checkup:
        """Return how chips, sampler and machine are; at most one look a second is taken."""
        ...

    def support_bundle(self) -> bytes:
        """Return a zip for somebody who helps from afar, with nobody's name in it."""
        ...

    @property
    def data_folder(self) -> Path:
        """Where the sessions are kept."""
        ...

    @property
    def devices(self) -> Devices:
        """The tablets and phones that may use it."""
        ...

    @property
    def pin(self) -> OwnerPin:
        """The owner's PIN."""
        ...

    @property
    def safekeeping(self) -> Safekeeping:
        """Backups, copies on a stick, and people who are deleted."""
        ...

    @property
    def restorer(self) -> Restores:
        """A backup that is to take the place of all that is here."""
        ...

    @property
    def calibrating(self) -> Calibrating:
        """The plate's calibration and verification, step by step."""
        ...
