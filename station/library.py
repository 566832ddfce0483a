"""The station's memory across sessions: station.db, the folder of session files, and its index."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from station.conversions import Calibration
from station.door import SessionRow
from station.erasing import Erasure, remove, remove_half_made
from station.errors import UserError
from station.files import sync_folder
from station.index import NAME as INDEX
from station.index import Index, SetRow, VisitRow, number_of
from station.logs import why
from station.recording import Recording
from station.restoring import kept, refuse_half
from station.safekeeping import Forgotten
from station.session_file import SUFFIX, UNREADABLE
from station.store import Store

LAST_BACKUP = "last_backup"  # a setting: when, "" where the clock was not set
_IN_USE = "calibration in use"  # a setting: the id of an older calibration that was chosen

_log = logging.getLogger(__name__)


class Library:
    """Everything below the data folder.

    Raises
    ------
    UserError : the folder can't be made or written, or is of a newer version

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sessions_folder = folder / "sessions"
        refuse_half(folder)
        try:
            self.sessions_folder.mkdir(parents=True, exist_ok=True)
            self._store = Store(folder)
        except (OSError, sqlite3.Error) as error:
            raise UserError(
                f"The data folder {folder} can't be written ({error}): choose another with --data."
            ) from None
        self._index = Index(folder / INDEX, self.sessions_folder)
        try:
            self._finish_erasure()
        except (OSError, *UNREADABLE, LookupError) as error:  # nobody waits for it
            _log.error("what was to be deleted is not yet: %s", why(error))

    def close(self) -> None:
        """Let go of the index; nothing is lost without it."""
        self._index.close()

    # --- station.db ---

    def next_session_number(self, athlete: str) -> int:
        """Return a number that no session had before, even a deleted one."""
        # Files brought here from elsewhere keep their numbers, and station.db may be an old copy.
        highest = max((number_of(path.name) for path in self._paths()), default=0)
        number = self._store.next_number(highest)
        self.meet(athlete, number)
        return number

    def meet(self, athlete: str, session: int) -> None:
        """Take note that an athlete had sets in a session."""
        self._store.keep("athlete", athlete, value=session)

    def calibration(self) -> Calibration | None:
        """Return this plate's calibration: the newest, or an older one that was chosen; None before any.

        What was made on a simulated plate is kept too, and is never a real one's.
        """
        kept = [one for one in self.calibrations() if not of_simulation(one)]
        chosen = self.setting(_IN_USE)
        bodies = [one for one in kept if one["id"] == chosen] or kept[:1]
        return Calibration.from_json(bodies[0]) if bodies else None

    def keep_calibration(self, calibration: Calibration, record: dict[str, Any] | None = None) -> None:
        """Add a calibration, with how it was made, and use it; earlier ones stay."""
        with self._store.db() as db:
            body = {**calibration.as_json(), "record": record}
            row = (calibration.id, calibration.made, json.dumps(body))
            db.execute("INSERT INTO calibration VALUES (?, ?, ?)", row)
        self.keep_setting(_IN_USE, None)

    def use_calibration(self, calibration_id: str) -> Calibration:
        """Use a calibration that is kept, until another is made or chosen.

        Raises
        ------
        LookupError : there is none of that id, or it was made on a simulated plate

        """
        for one in self.calibrations():
            if one["id"] == calibration_id and not of_simulation(one):
                self.keep_setting(_IN_USE, calibration_id)
                return Calibration.from_json(one)
        raise LookupError(f"There is no calibration {calibration_id!r}.")

    def calibrations(self) -> list[dict[str, Any]]:
        """Return all calibrations as they were kept, newest first, each with its `record`."""
        with self._store.db() as db:
            rows = db.execute("SELECT body FROM calibration ORDER BY rowid DESC").fetchall()
        return [json.loads(body) for (body,) in rows]

    def setting(self, key: str) -> Any:
        """Return what was kept under `key`, None if nothing was."""
        kept = self._store.kept("setting", key)
        return None if kept is None else json.loads(kept)

    def keep_setting(self, key: str, value: Any) -> None:
        """Keep a JSON value under `key`."""
        self._store.keep("setting", key, value=json.dumps(value))

    def remember(self, athlete: str, key: str, value: Any) -> None:
        """Keep a JSON value about an athlete."""
        self._store.keep("memory", athlete, key, value=json.dumps(value))

    def recall(self, athlete: str, key: str) -> Any:
        """Return what was kept about an athlete, None if nothing was."""
        kept = self._store.kept("memory", athlete, key)
        return None if kept is None else json.loads(kept)

    def remembered(self, athlete: str) -> dict[str, Any]:
        """Return all that was kept about an athlete, by its key."""
        return {key: self.recall(athlete, key) for key in self._store.keys(athlete)}

    def athletes(self) -> list[str]:
        """Return everybody's name, the one who lifted last first."""
        with self._store.db() as db:
            rows = db.execute("SELECT name FROM athlete ORDER BY last_session DESC").fetchall()
        return [name for (name,) in rows]

    # --- session files ---

    def session_path(self, number: int) -> Path:
        """Return where the session's file is, or will be."""
        return self.sessions_folder / f"session-{number:05d}{SUFFIX}"

    def find(self, number: int) -> Path:
        """Return the file of an existing session.

        Raises
        ------
        LookupError : there is none; the text says how to list them

        """
        path = self.session_path(number)
        if not path.is_file():
            raise LookupError(f"There is no session {number}: `heeldrive sessions` lists them.")
        return path

    def sessions(self) -> list[SessionRow]:
        """Return all sessions, newest first; a damaged file stays where it is, and is named."""
        return self._index.sessions()

    def sets(self, athlete: str) -> list[SetRow]:
        """Return all sets of an athlete, oldest first, those moved to them included."""
        return self._index.sets(athlete)

    def visits(self) -> list[VisitRow]:
        """Return every athlete's visits, side by side, oldest first; discarded sets are left out."""
        return self._index.visits()

    def unfinished(self) -> list[Path]:
        """Return the files of sessions that were never closed, newest first."""
        paths = [self.session_path(row.number) for row in self.sessions() if row.state == "open"]
        return [path for path in paths if path.is_file()]

    def loose(self) -> list[Path]:
        """Return the files of closed sessions that could be compacted."""
        return [self.sessions_folder / name for name in self._index.loose()]

    def read(self, number: int) -> Recording:
        """Return a session's recording; raises as `find` and `Recording.read`."""
        return Recording.read(self.find(number))

    def forget(self, athlete: str) -> Forgotten:
        """Delete an athlete: their session files, and what station.db and the index know of them.

        Raises
        ------
        UserError : nobody is called that, or a session of theirs is open

        """
        rows = self.sessions()
        theirs = {row.number for row in rows if row.athlete == athlete}
        moved_here = {number for number, names in self._index.people().items() if athlete in names} - theirs
        if not theirs and not moved_here and athlete not in self.athletes():
            raise UserError(f"Nobody here is called {athlete!r}: `heeldrive sessions` tells the names.")
        if any(row.state == "open" for row in rows if row.number in theirs):
            raise UserError(f"A session of {athlete} is open: end it first.")
        others = {one.session for one in self._index.visits() if one.athlete != athlete}
        self._erase(Erasure((athlete,), tuple(sorted(theirs))))
        unread = (row.number for row in rows if row.state == "damaged")
        return Forgotten(
            sessions=tuple(sorted(theirs)),
            moved_here=tuple(sorted(moved_here)),
            moved_away=tuple(sorted(theirs & others)),
            unread=tuple(sorted(unread)),
            last_backup_utc=self.setting(LAST_BACKUP),
            kept=tuple(map(str, kept(self.folder))),
        )

    def expire(self, sessions: Sequence[int]) -> None:
        """Delete sessions whose time is over, and whoever has none left; how a set went is forgotten, too."""
        going, people = set(sessions), self._index.people()
        named = set[str]().union(*(people.get(number, set()) for number in going))
        left = set[str]().union(*(names for number, names in people.items() if number not in going))
        self._erase(Erasure(tuple(sorted(named - left)), tuple(sorted(going)), visits=True))

    def _erase(self, what: Erasure) -> None:
        self._store.note_erasure(what)
        self._finish_erasure()

    def _finish_erasure(self) -> None:
        """Carry out what was noted to be erased, perhaps before a power cut."""
        what = self._store.noted_erasure()
        if what is None:
            return
        for number in what.sessions:
            remove(self.session_path(number))
        remove_half_made(self.folder)
        sync_folder(self.sessions_folder)
        self._index.begin_again()
        self._store.erase(what)

    def _paths(self) -> list[Path]:
        return sorted(self.sessions_folder.glob(f"session-*{SUFFIX}"))


def of_simulation(calibration: dict[str, Any]) -> bool:
    """Tell whether a calibration, as it was kept, was made on a simulated plate."""
    return bool((calibration.get("record") or {}).get("simulated"))
