"""Looks after the running station's health: notes what goes wrong, and says how it is when asked."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from station import bundle, machine
from station.checkup import Checkup, Told, check_up
from station.config import Config
from station.conversions import Calibration, Records, empty_records
from station.doctor import look_back
from station.library import Library
from station.link import LinkLost
from station.overload import Overload

KEPT = 50  # faults, for the builder who comes in the evening
FRESH_S = 1.0  # so long a check-up is good for everybody who asks
NO_SAMPLER = (
    "The sampler does not answer: look at `journalctl -u heeldrive-sampler`, or at what `heeldrive run` said."
)

FourTexts: TypeAlias = tuple[str | None, str | None, str | None, str | None]

_log = logging.getLogger(__name__)


class Watchman:
    """One for each station.

    Parameters
    ----------
    socket_path : where the sampler listens
    library : the data folder
    config : the machine's facts
    log : what this process has logged
    wall_clock : the time of day in UTC, and whether it is known to be right

    """

    def __init__(
        self,
        socket_path: Path,
        library: Library,
        config: Config,
        log: bundle.LogTail,
        wall_clock: Callable[[], tuple[str, bool]],
    ) -> None:
        self._socket_path = socket_path
        self._library = library
        self._config = config
        self._logged = log
        self._wall_clock = wall_clock
        self._overload = Overload(config.cell_capacity_kg)
        self._told: FourTexts = (None,) * 4
        self._lately: deque[Told] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._checkup: Checkup | None = None
        self._checked_s = 0.0

    # --- the core thread ---

    def take(self, records: Records, calibration: Calibration) -> None:
        """Look at what the sampler sent, shape (n,)."""
        self._overload.take(records, calibration)

    def note(self, cell_faults: FourTexts) -> FourTexts:
        """Log what is newly wrong; return it with the overloads, which come first."""
        over = self._overload.sentences()
        a, b, c, d = (worse or told for worse, told in zip(over, cell_faults, strict=True))
        now = a, b, c, d
        if now != self._told:
            for before, text in zip(self._told, now, strict=True):
                # An overload that grows is told once.
                if text is not None and _kind(text) != _kind(before or ""):
                    _log.warning("%s", text)
                    self._lately.append(Told(self._wall_clock()[0], text))
            self._told = now
        return now

    # --- any thread ---

    def check_up(self, recording_fault: str | None = None) -> Checkup:
        """Judge the last seconds; at most one look a second, however many ask.

        `recording_fault` says why the session is not being kept, None while it is.
        """
        with self._lock:
            if self._checkup is None or time.monotonic() - self._checked_s > FRESH_S:
                self._checkup = self._look(recording_fault)
                self._checked_s = time.monotonic()
            return self._checkup

    def bundle(self, recording_fault: str | None = None) -> bytes:
        """Return the support bundle."""
        checkup = self.check_up(recording_fault)
        folder, athletes = self._library.folder, self._library.athletes()
        return bundle.write(checkup, self._config, self._logged.text(), folder, athletes)

    def _look(self, recording_fault: str | None) -> Checkup:
        also = [text for text in (recording_fault, *self._overload.sentences()) if text is not None]
        facts = machine.look(self._library.folder)
        lately = tuple(self._lately)
        try:
            greeting, records = look_back(self._socket_path)
        except LinkLost:
            also = [NO_SAMPLER, *also]
            return check_up(None, (), empty_records(), facts, also=also, lately=lately)
        return check_up(
            greeting.source,
            greeting.notes,
            records,
            facts,
            pins=self._config.pins,
            calibration=greeting.source.calibration or self._library.calibration(),
            also=also,
            lately=lately,
        )


def _kind(text: str) -> str:
    """Return a sentence without its numbers."""
    return re.sub(r"\d+", "", text)
