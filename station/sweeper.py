"""Deletes the sessions whose time is over: at the start, then once a day, never while somebody is here."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from station.door import CommandRefused
from station.errors import UserError
from station.library import Library
from station.logs import why
from station.retention import due

EVERY_S = 86_400.0
AGAIN_AFTER_S = 600.0  # somebody is here, a backup is being made, or the clock is not set
AT_A_TIME = 50  # sessions: the station's core must not stand still for long

_log = logging.getLogger(__name__)


class Sweeper:
    """Looks once a day.

    Parameters
    ----------
    months : how long sessions are kept, 0 for ever
    wall_clock : the time of day in UTC, and whether it is to be trusted
    expire : deletes sessions by number; raises CommandRefused where it can't be done now
    clock_s : of the time that passes

    """

    def __init__(
        self,
        library: Library,
        months: int,
        wall_clock: Callable[[], tuple[str, bool]],
        expire: Callable[[Sequence[int]], None],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library
        self._months = months
        self._wall_clock = wall_clock
        self._expire = expire
        self._clock_s = clock_s
        self._due_s = clock_s()

    def turn(self) -> None:
        """Do what is due now; called often, by one thread."""
        if self._clock_s() < self._due_s:
            return
        try:
            done = self._sweep()
        except CommandRefused:  # somebody is here
            done = False
        except (UserError, OSError, sqlite3.Error) as error:
            _log.error("sessions past their time can't be deleted: %s", why(error))
            done = False
        self._due_s = self._clock_s() + (EVERY_S if done else AGAIN_AFTER_S)

    def _sweep(self) -> bool:
        now, trusted = self._wall_clock()
        if not trusted:
            return False
        over = due(self._library.sessions(), self._months, datetime.fromisoformat(now))
        if not over:
            return True
        numbers = over[:AT_A_TIME]
        self._expire(numbers)
        for number in numbers:
            _log.info("session %d was kept for %d months: it is deleted", number, self._months)
        return len(numbers) == len(over)
