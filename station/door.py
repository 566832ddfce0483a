"""What the page sees of the station: immutable snapshots out, commands in.

The core thread publishes a new `Snapshot` some thirty times a second; any other thread may
hold one as long as it likes. Commands are queued to the core thread and answered once they
have taken effect (a mark is on disk before it acts).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from station.coach.programs import Goal
from station.signal.model import F64, Live, Rep

Side = Literal["left", "right"]
SIDES: tuple[Side, ...] = ("left", "right")
LONGEST_NAME = 60  # characters of an athlete's name
HEAVIEST_KG = 500.0
State = Literal["idle", "zeroing", "ready", "set", "rest"]


@dataclass(frozen=True)
class SetView:
    """One set of the session, running or ended."""

    number: int
    side: Side
    goal: Goal
    load_kg: float
    running: bool
    counted: int  # announced so far, less those withdrawn
    reps: tuple[Rep, ...]  # closed ones, in order; times in session seconds via Snapshot.session_t0_ns


@dataclass(frozen=True)
class SessionView:
    """The open session: one athlete's visit."""

    number: int
    athlete: str
    t0_ns: int
    sets: tuple[SetView, ...]


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
    curve: Curve
    source: dict[str, Any]  # SourceInfo.as_json without the calibration
    sampler_connected: bool
    recording_fault: str | None  # plain words while the session is not being kept, else None
    notice: str | None  # one plain sentence for the athlete, or None
    cell_faults: tuple[str | None, str | None, str | None, str | None]  # plain words per Cell


@dataclass(frozen=True)
class StartSet:
    """Begin a set; opens a session for the athlete where none is open."""

    athlete: str
    side: Side
    goal: str  # a key of GOALS
    load_kg: float


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


Command: TypeAlias = StartSet | EndSet | EndSession | ZeroPlate


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

    def export_csv(self, number: int) -> list[tuple[str, Iterator[bytes]]]:
        """Return (file name, content) of the session's files, streamed.

        Raises
        ------
        LookupError : there is no such session; the text says so
        """
        ...

    @property
    def data_folder(self) -> Path:
        """Where the sessions are kept."""
        ...
