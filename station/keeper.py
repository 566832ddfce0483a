"""Keeps everything safe while the station runs: backups, copies on a stick, and people deleted."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from station import archive, export
from station.door import CommandRefused, Scope
from station.errors import UserError
from station.library import LAST_BACKUP, Library
from station.retention import outlook
from station.safekeeping import Copying, Forgotten, Kept, Stick
from station.sticks import BACKUP, Writer, mounted

STOP_WITHIN_S = 8.0  # a stick that hangs must not hold up the station's end

Item = TypeVar("Item")
Answer = TypeVar("Answer")
_log = logging.getLogger(__name__)


class _Cancelled(Exception):
    """Somebody wants no copy any more."""


class Keeper:
    """Implements `safekeeping.Safekeeping`; called by any thread.

    Parameters
    ----------
    library : the data folder
    forget : deletes an athlete where no session can begin meanwhile
    wall_clock : the time of day in UTC, and whether it is to be trusted
    root : where /proc, /sys and /media are
    keep_months : how long sessions are kept, 0 for ever

    """

    def __init__(
        self,
        library: Library,
        forget: Callable[[str], Forgotten],
        wall_clock: Callable[[], tuple[str, bool]],
        root: Path = Path("/"),
        keep_months: int = 0,
    ) -> None:
        self._library = library
        self._forget = forget
        self._wall_clock = wall_clock
        self._root = root
        self._keep_months = keep_months
        self._lock = threading.Lock()
        self._backups = 0  # being made
        self._copying: Copying | None = None
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None

    def stop(self) -> None:
        """End a copy that is under way."""
        self._cancelled.set()
        if self._thread is not None:
            self._thread.join(STOP_WITHIN_S)

    def kept(self) -> Kept:
        """Return what a backup would hold now."""
        length, last_utc = archive.about_bytes(self._library.folder), self._library.setting(LAST_BACKUP)
        return Kept(length, last_utc, outlook(self._library.sessions(), self._keep_months))

    @property
    def busy(self) -> bool:
        """Whether a backup or a copy is being made."""
        return bool(self._backups) or self._is_copying()

    def backup(self) -> Generator[bytes, None, None]:
        """Yield a backup of everything, and note when it was whole."""
        now, trusted = self._wall_clock()
        made = archive.stream(self._library.folder, now if trusted else "")
        with self._making_a_backup(), closing(made) as pieces:
            yield from pieces
        self._note_backup()

    def forget(self, athlete: str) -> Forgotten:
        """Delete an athlete; raises UserError and CommandRefused."""
        return self.undisturbed(lambda: self._forget(athlete))

    def undisturbed(self, delete: Callable[[], Answer]) -> Answer:
        """Delete what no backup and no copy may see half deleted; raises CommandRefused."""
        with self._lock:
            if self.busy:
                raise CommandRefused("A backup or a copy is being made: wait until it is there.")
            return delete()

    def sticks(self) -> list[Stick]:
        """Return the removable media that are mounted."""
        return mounted(self._root)

    def copying(self) -> Copying | None:
        """Return the newest copy to a stick, None before the first."""
        return self._copying

    def copy_to(self, path: Path, forms: Sequence[str]) -> Copying:
        """Begin to copy everything to the stick that is mounted there; raises CommandRefused."""
        stick = next((one for one in self.sticks() if one.path == path), None)
        if stick is None:
            raise CommandRefused("This stick is not there any more: put it in again.")
        needed = self.kept().backup_bytes
        if not stick.read_only and stick.free_bytes < needed:
            raise CommandRefused(
                f"{stick.name} has {stick.free_bytes / 1e6:.1f} MB free, and the backup alone needs"
                f" {needed / 1e6:.1f} MB: take a larger one."
            )
        with self._lock:
            if self._is_copying():
                raise CommandRefused("A copy is being made already: wait until it is there, or cancel it.")
            if self._thread is not None:
                self._thread.join()
            self._cancelled.clear()
            self._copying = begun = Copying(stick.name, 0, 1 + len(self._library.sessions()))
            self._thread = threading.Thread(target=self._copy, args=(stick, forms), name="stick", daemon=True)
            self._thread.start()
        return begun

    def cancel_copy(self) -> None:
        """End the copy that is under way, if any, at its next piece."""
        self._cancelled.set()

    # --- the copy's own thread ---

    def _copy(self, stick: Stick, forms: Sequence[str]) -> None:
        try:
            writer = Writer(stick)
            with closing(self.backup()) as pieces:
                writer.put(BACKUP, self._counted(pieces))
            whole = not forms or self._copy_sessions(writer, forms)
            writer.finish()
            there = "Everything is" if whole else f"All but the sessions that {export.LEFT_OUT} names is"
            told, well = f"{there} on {stick.name}: you may pull it out.", True
        except _Cancelled:
            told, well = f"Cancelled: what was whole by then is on {stick.name}.", False
        except UserError as error:
            told, well = str(error), False
        except Exception:  # the page must not wait for ever
            _log.exception("a copy failed")
            told, well = "The copy failed by a fault of the station: its log says more.", False
        was = self._now()
        self._copying = replace(was, told=told, well=well, done=was.of if well else was.done)

    def _copy_sessions(self, writer: Writer, forms: Sequence[str]) -> bool:
        """Write all sessions' files; False where some can't be worked out."""

        def next_session(_: str) -> None:
            was = self._now()
            self._copying = replace(was, done=min(was.done + 1, was.of - 1))

        try:
            found = export.files(self._library, Scope(), forms, next_session)
        except LookupError:  # nobody has lifted yet
            return True
        whole = True
        for name, parts in _read(found):
            whole = whole and name != export.LEFT_OUT
            writer.put(f"sessions/{name}", self._counted(parts))
        return whole

    def _counted(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in _read(parts):
            if self._cancelled.is_set():
                raise _Cancelled
            yield part
            was = self._now()
            self._copying = replace(was, written_bytes=was.written_bytes + len(part))

    def _now(self) -> Copying:
        assert self._copying is not None  # noqa: S101 - a copy runs # nosec B101
        return self._copying

    def _is_copying(self) -> bool:
        return self._copying is not None and self._copying.running

    @contextmanager
    def _making_a_backup(self) -> Iterator[None]:
        with self._lock:
            self._backups += 1
        try:
            yield
        finally:
            with self._lock:
                self._backups -= 1

    def _note_backup(self) -> None:
        now, trusted = self._wall_clock()
        self._library.keep_setting(LAST_BACKUP, now if trusted else "")


def _read(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items; what fails in reading them is the station's own disk, never the stick."""
    iterator = iter(items)
    while True:
        try:
            item = next(iterator)
        except StopIteration:
            return
        except (OSError, sqlite3.Error) as error:
            raise UserError(f"The data folder can't be read, or lacks room ({error}).") from None
        yield item
