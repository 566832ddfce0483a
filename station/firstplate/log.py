"""All that the sampler sends while the checklist is gone through, whether anybody waits for it or not."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np

from station.conversions import Greeting, Records, empty_records
from station.errors import UserError
from station.link import Link, LinkLost

READ_S = 0.2
PATIENCE_S = 5.0  # a sampler's heart beats ten times a second
MOST_RECORDS = 4_000_000  # 96 MB; two and a half hours at 80 SPS


class Lost(UserError):
    """The sampler went away, or the checklist took too long: no more data come."""


class Log(ABC):
    """The records so far.

    greeting : how the sampler described itself at the beginning
    """

    def __init__(self, greeting: Greeting) -> None:
        self.greeting = greeting
        self._parts: list[Records] = []
        self._n = 0
        self._now_ns = greeting.now_ns
        self._last_seq = greeting.first_seq - 1

    @property
    def full(self) -> bool:
        """Whether no more is kept."""
        return self._n >= MOST_RECORDS

    def take(self, records: Records) -> None:
        """Add records, in their order."""
        if len(records) and not self.full:
            self._parts.append(records)
            self._n += len(records)
            self._last_seq = int(records["seq"][-1])
            self._now_ns = max(self._now_ns, int(records["t_ns"].max()))

    @property
    def now_ns(self) -> int:
        """Until when the data reach."""
        return self._now_ns

    @property
    def position(self) -> tuple[int, int]:
        """The newest record's number, and until when the data reach: where a mark stands."""
        return self._last_seq, self._now_ns

    def records(self, after_ns: int | None = None) -> Records:
        """Return what came after a time, or all."""
        found = np.concatenate([empty_records(), *self._parts])
        return found if after_ns is None else found[found["t_ns"] > after_ns]

    def latest(self, seconds: float) -> Records:
        """Return the newest seconds."""
        first_ns = self._now_ns - int(seconds * 1e9)
        parts: list[Records] = []
        for part in reversed(self._parts):
            parts.append(part[part["t_ns"] > first_ns])
            if int(part["t_ns"][0]) < first_ns - 1_000_000_000:
                break
        return np.concatenate([empty_records(), *reversed(parts)])

    def listen(self, seconds: float) -> Records:
        """Return what comes in the next seconds of data time.

        Raises
        ------
        Lost : nothing comes any more

        """
        after_ns = self._now_ns
        self._reach(after_ns + int(seconds * 1e9))
        return self.latest((self._now_ns - after_ns) / 1e9)

    @abstractmethod
    def clock_ns(self) -> int:
        """Return the time now, on the clock of the records."""

    @abstractmethod
    def _reach(self, until_ns: int) -> None:
        """Come back when the data reach a time; raises Lost where they never will."""


class LiveLog(Log):
    """The log of a sampler's socket, read by a thread of its own so that nothing is missed at a prompt."""

    def __init__(self, socket_path: Path) -> None:
        self._link = Link(socket_path)
        super().__init__(self._link.greeting)
        self._came = threading.Condition()
        self._ending = False
        self._lost: str | None = None
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def clock_ns(self) -> int:
        """Return the time now, on the clock of the records."""
        return time.monotonic_ns() if self.greeting.speed == 1.0 else self.now_ns

    def close(self) -> None:
        """Hang up."""
        self._ending = True
        self._thread.join(PATIENCE_S)
        self._link.close()

    def records(self, after_ns: int | None = None) -> Records:
        """Return what came after a time, or all."""
        with self._came:
            return super().records(after_ns)

    def latest(self, seconds: float) -> Records:
        """Return the newest seconds."""
        with self._came:
            return super().latest(seconds)

    @property
    def position(self) -> tuple[int, int]:
        """The newest record's number, and until when the data reach."""
        with self._came:
            return super().position

    def _run(self) -> None:
        while not self._ending:
            try:
                records = self._link.read(READ_S)
            except LinkLost as error:
                with self._came:
                    self._lost = f"The sampler went away ({error}): see what it says, then begin again."
                    self._came.notify_all()
                return
            with self._came:
                self.take(records)
                self._came.notify_all()

    def _reach(self, until_ns: int) -> None:
        real_s = (until_ns - self._now_ns) / 1e9 / self.greeting.speed
        with self._came:
            self._came.wait_for(
                lambda: self._lost is not None or self.full or self._now_ns >= until_ns, real_s + PATIENCE_S
            )
            if self._now_ns >= until_ns:
                return
            if self.full:
                raise Lost("The checklist took longer than the memory reaches: begin again.")
            raise Lost(self._lost or "The sampler gives nothing any more: see that it runs.")
