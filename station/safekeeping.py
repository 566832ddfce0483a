"""What the page sees of safekeeping: backups, copies on a stick, people who are deleted, and a restore."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


class Content(Protocol):
    """What is read from the front to the end, once."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` more bytes, none at the end."""
        ...


@dataclass(frozen=True)
class Forgotten:
    """What was deleted with an athlete, and what is left to look at; numbers of sessions.

    sessions : their session files, deleted
    moved_here : others' sessions that name this athlete, since a set was moved to them; they are left
    moved_away : deleted ones that held sets which had been moved to others
    unread : damaged ones, of which nobody knows whose they are; they are left
    last_backup_utc : when the newest backup was made that still holds them, as in `Kept`
    kept : folders of states before a restore, in which they may still be
    """

    sessions: tuple[int, ...]
    moved_here: tuple[int, ...]
    moved_away: tuple[int, ...]
    unread: tuple[int, ...]
    last_backup_utc: str | None = None
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Retention:
    """How long sessions are kept.

    months : 0 for ever
    next_session, next_utc : the one that is deleted next, and when; None where none has a date
    undated : sessions whose date is not to be trusted: they go with a later one that has a date
    """

    months: int
    next_session: int | None = None
    next_utc: str | None = None
    undated: int = 0


@dataclass(frozen=True)
class Kept:
    """What a backup would hold now.

    backup_bytes : about how long it becomes
    last_utc : when the last one was made, ISO 8601; None before the first, "" where the clock was not set
    retention : how long sessions are kept
    """

    backup_bytes: int
    last_utc: str | None
    retention: Retention = Retention(0)


@dataclass(frozen=True)
class Stick:
    """A removable medium that is mounted."""

    name: str
    path: Path
    free_bytes: int
    read_only: bool


@dataclass(frozen=True)
class Copying:
    """A copy of everything to a stick, under way or over.

    done, of : steps, one for the backup and one for each session
    told : how it ended, in plain words; "" while it runs
    well : it ended whole, and the stick may be pulled out
    """

    stick: str
    done: int
    of: int
    written_bytes: int = 0
    told: str = ""
    well: bool = False

    @property
    def running(self) -> bool:
        """Whether it is still under way."""
        return not self.told


@dataclass(frozen=True)
class StickBackup:
    """A backup on a stick that is mounted."""

    stick: str
    path: Path
    length_bytes: int


@dataclass(frozen=True)
class Held:
    """What a backup says of itself, and holds; "" for what it does not tell.

    version : of the Heeldrive that made it; made_utc : when
    newest_utc : when its newest session began
    athletes : how many
    damaged : numbers of sessions that were damaged when it was made
    """

    version: str
    made_utc: str
    newest_utc: str
    sessions: int
    athletes: int
    damaged: tuple[int, ...]


@dataclass(frozen=True)
class Here:
    """What a restore would replace."""

    sessions: int
    athletes: int


@dataclass(frozen=True)
class KeptState:
    """The state from before a restore, kept in a folder of the data folder."""

    name: str
    path: Path
    length_bytes: int


@dataclass(frozen=True)
class Restoring:
    """A backup on its way to take the place of all that is here.

    token : names this one
    step : read, then checked and waiting for a yes, then ordered; how it ended is told at the next start
    told : how it ended, in plain words
    """

    token: str
    step: Literal["reading", "checked", "ordered", "done", "refused"]
    called: str
    read_bytes: int = 0
    of_bytes: int = 0
    holds: Held | None = None
    told: str = ""


class Restores(Protocol):
    """A backup checked and put in the place of all that is here, as the page asks for it."""

    def restoring(self) -> Restoring | None:
        """Return how the newest restore stands, None before the first."""
        ...

    def here(self) -> Here:
        """Return what would be replaced now."""
        ...

    def backups(self) -> list[StickBackup]:
        """Return the backups on the sticks that are mounted."""
        ...

    def take(self, content: Content, length_bytes: int) -> Restoring:
        """Unpack and check a backup while it comes.

        Raises
        ------
        UserError : it can't be used, or did not come whole; nothing of it is left
        CommandRefused : it can't be done now
        """
        ...

    def take_from(self, path: Path) -> Restoring:
        """Begin to unpack and check a backup of `backups`; raises CommandRefused."""
        ...

    def cancel(self) -> None:
        """Forget the backup that is being read, or waits for a yes."""
        ...

    def restore(self, token: str) -> Restoring:
        """Have a checked backup take the place of all that is here; the station restarts for it.

        Raises
        ------
        CommandRefused : it can't be done now; the text says why
        """
        ...

    def kept(self) -> list[KeptState]:
        """Return the states from before a restore, oldest first."""
        ...

    def delete_kept(self, name: str) -> None:
        """Delete one of them for ever; raises CommandRefused."""
        ...


class Safekeeping(Protocol):
    """Everything out, and people's data gone, as the page asks for it."""

    def kept(self) -> Kept:
        """Return what a backup would hold now."""
        ...

    def backup(self) -> Iterator[bytes]:
        """Yield a backup of everything, piece by piece."""
        ...

    def forget(self, athlete: str) -> Forgotten:
        """Delete an athlete.

        Raises
        ------
        UserError, CommandRefused : nobody is called that, or it can't be done now
        """
        ...

    def sticks(self) -> list[Stick]:
        """Return the removable media that are mounted."""
        ...

    def copying(self) -> Copying | None:
        """Return the newest copy to a stick, None before the first."""
        ...

    def copy_to(self, path: Path, forms: Sequence[str]) -> Copying:
        """Begin to copy everything to the stick that is mounted there.

        forms : formats of the sessions' files, of `Station.export_forms`

        Raises
        ------
        CommandRefused : it can't be done now; the text says why
        """
        ...

    def cancel_copy(self) -> None:
        """End the copy that is under way, if any, at its next piece."""
        ...
