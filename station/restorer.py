"""A backup that comes over the page or from a stick: checked first, then ordered to replace what is here."""

from __future__ import annotations

import logging
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from station import restoring, sticks
from station.door import CommandRefused
from station.errors import UserError
from station.library import Library
from station.restoring import Restored
from station.safekeeping import Content, Here, KeptState, Restoring, StickBackup

SPARE_BYTES = 100_000_000  # left for what is recorded meanwhile
STOP_WITHIN_S = 8.0
THE_FILE = "The file"  # as one is called that a person chose
CANCELLED = "Cancelled: nothing was replaced."

_log = logging.getLogger(__name__)


class Restorer:
    """Implements `safekeeping.Restores`; called by any thread.

    Parameters
    ----------
    library : the data folder
    check_idle : raises CommandRefused where somebody lifts
    begin_again : orders a restore where nobody does, and has the station end and start again
    last : how the one was carried out that was ordered before this start
    root : where /proc, /sys and /media are

    """

    def __init__(
        self,
        library: Library,
        check_idle: Callable[[], None],
        begin_again: Callable[[Callable[[], None]], None],
        last: Restored | None = None,
        root: Path = Path("/"),
    ) -> None:
        self._library = library
        self._check_idle = check_idle
        self._begin_again = begin_again
        self._root = root
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._now = _told(library, last)

    def stop(self) -> None:
        """End what is being read."""
        self._cancelled.set()
        if self._thread is not None:
            self._thread.join(STOP_WITHIN_S)

    def restoring(self) -> Restoring | None:
        """Return how the newest restore stands, None before the first."""
        return self._now

    def here(self) -> Here:
        """Return what would be replaced now."""
        rows = self._library.sessions()
        names = {row.athlete for row in rows} | set(self._library.athletes())
        return Here(len(rows), len(names - {""}))

    def backups(self) -> list[StickBackup]:
        """Return the backups on the sticks that are mounted."""
        return sticks.backups(self._root)

    def take(self, content: Content, length_bytes: int) -> Restoring:
        """Unpack and check a backup while it comes; raises UserError and CommandRefused."""
        self._begin(THE_FILE, length_bytes)
        return self._read(content)

    def take_from(self, path: Path) -> Restoring:
        """Begin to unpack and check a backup on a stick; raises CommandRefused."""
        found = next((one for one in self.backups() if one.path == path), None)
        if found is None:
            raise CommandRefused("This stick is not there any more: put it in again.")
        begun = self._begin(f"{path.name} on {found.stick}", found.length_bytes)
        self._thread = threading.Thread(target=self._read_stick, args=(path,), name="restore", daemon=True)
        self._thread.start()
        return begun

    def cancel(self) -> None:
        """Forget the backup that is being read, or waits for a yes."""
        self._cancelled.set()
        with self._lock:
            if self._now is not None and self._now.step == "checked":
                restoring.discard(self._library.folder)
                self._now = None

    def restore(self, token: str) -> Restoring:
        """Have a checked backup take the place of all that is here; raises CommandRefused."""
        with self._lock:
            now = self._now
            if now is None or now.step != "checked" or now.token != token:
                raise CommandRefused("This backup is not there any more: choose it again.")

            def order() -> None:
                restoring.order(self._library.folder, token)
                self._now = replace(now, step="ordered")

            self._begin_again(order)
            return self._reading()

    def kept(self) -> list[KeptState]:
        """Return the states from before a restore, oldest first."""
        return [KeptState(path.name, path, _length(path)) for path in restoring.kept(self._library.folder)]

    def delete_kept(self, name: str) -> None:
        """Delete one of them for ever; raises CommandRefused."""
        path = next((one for one in restoring.kept(self._library.folder) if one.name == name), None)
        if path is None:
            raise CommandRefused(f"{name} is not there any more.")
        try:
            shutil.rmtree(path)
        except OSError as error:
            raise CommandRefused(f"{path} can't be deleted ({error.strerror}).") from None

    # --- one backup at a time, by the thread that reads it ---

    def _begin(self, called: str, length_bytes: int) -> Restoring:
        with self._lock:
            if self._now is not None and self._now.step in ("reading", "ordered"):
                raise CommandRefused("A backup is being restored already: wait until it is done.")
            restoring.discard(self._library.folder)
            begun = Restoring(secrets.token_hex(8), "reading", called, 0, length_bytes)
            try:
                self._check_idle()
                self._check_room(begun)
            except CommandRefused as refusal:  # who sends a large file may not hear the answer: it is kept
                self._now = replace(begun, step="refused", told=str(refusal))
                raise
            self._cancelled.clear()
            self._now = begun
        return begun

    def _check_room(self, begun: Restoring) -> None:
        room = max(0, shutil.disk_usage(self._library.folder).free - SPARE_BYTES)
        if begun.of_bytes > room:
            raise CommandRefused(
                f"{begun.called} has {begun.of_bytes / 1e6:.1f} MB, and there is room for"
                f" {room / 1e6:.1f} MB: free some space."
            )

    def _read_stick(self, path: Path) -> None:
        try:
            with path.open("rb") as content:
                self._read(content)
        except OSError as error:
            self._end(f"{path.name} can't be read ({error.strerror}): nothing was replaced.")
        except UserError:
            pass  # it is told

    def _read(self, content: Content) -> Restoring:
        told = "The restore failed by a fault of the station: its log says more. Nothing was replaced."
        try:
            now = self._reading()
            held = restoring.stage(_Counted(content, self._count), now.called, self._library.folder)
            with self._lock:
                if self._cancelled.is_set():
                    restoring.discard(self._library.folder)
                    raise UserError(CANCELLED)
                self._now = now = replace(self._reading(), step="checked", holds=held)
            return now
        except UserError as error:
            told = str(error)
            raise
        except (OSError, sqlite3.Error) as error:
            told = f"The data folder can't take the backup ({error}): free some space. Nothing was replaced."
            raise UserError(told) from None
        except Exception:  # the page must not wait for ever
            _log.exception("a restore failed")
            raise UserError(told) from None
        finally:
            if self._reading().step == "reading":
                self._end(told)

    def _count(self, length: int) -> None:
        if self._cancelled.is_set():
            raise UserError(CANCELLED)
        now = self._reading()
        self._now = replace(now, read_bytes=now.read_bytes + length)

    def _end(self, told: str) -> None:
        self._now = replace(self._reading(), step="refused", told=told)

    def _reading(self) -> Restoring:
        assert self._now is not None  # noqa: S101 - one is read # nosec B101
        return self._now


class _Counted:
    """What is read, piece by piece; what fails in reading it is never the station's own disk."""

    def __init__(self, content: Content, count: Callable[[int], None]) -> None:
        self._content = content
        self._count = count

    def read(self, size: int, /) -> bytes:
        """Return the next piece; raises UserError where none comes."""
        try:
            piece = self._content.read(size)
        except OSError as error:
            raise UserError(f"The backup did not come whole ({error}): nothing was replaced.") from None
        self._count(len(piece))
        return piece


def _told(library: Library, last: Restored | None) -> Restoring | None:
    """Return how the restore ended that was ordered last, by who carried it out or by the state it made."""
    if last is not None and last.why_not:
        return Restoring(last.token, "refused", "", told=f"{last.why_not}: nothing was replaced.")
    noted = library.setting(restoring.SETTING)
    if noted is None:
        return None
    place = noted["kept"] and library.folder / noted["kept"]
    told = f"Restored. What was here before is kept in {place}." if place else "Restored."
    return Restoring(noted["token"], "done", "", told=told)


def _length(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
