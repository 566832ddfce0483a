"""The live stream: the newest snapshot to each page, and a cap on how many pages."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

from station.door import Snapshot, Station
from web import wire

STREAM_CAP = 24
MOST_OF_ONE = 3  # of one paired device: a page, a second one, and one that is being loaded again
KEEPALIVE_S = 1.0  # how long nothing new may come before a comment proves the line
ASK_AGAIN_S = 2.0  # whether the reader may still look
PAUSE_S = 0.03  # between two events of one stream: at most 33 a second, whatever the station does


class Streams:
    """Counts the open streams, and ends them all when the server stops."""

    def __init__(self, cap: int = STREAM_CAP) -> None:
        self.cap = cap
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._taken: Counter[int | None] = Counter()
        self._newest_serial = -1
        self._told: dict[int, str] = {}  # of the newest snapshot: the event by what was sent before

    def take(self, device: int | None = None) -> bool:
        """Take a place for a paired device, or for anybody; return False where none is free."""
        with self._lock:
            full = self._taken.total() >= self.cap or self.closing.is_set()
            if full or (device is not None and self._taken[device] >= MOST_OF_ONE):
                return False
            self._taken[device] += 1
            return True

    def release(self, device: int | None = None) -> None:
        """Give a place back."""
        with self._lock:
            self._taken[device] -= 1
            self._taken += Counter()  # those with none are forgotten

    def event(self, newest: Snapshot, sent: Snapshot | None) -> str:
        """Return the newest snapshot as told to those who were `sent` another: made once for all of them."""
        before = -1 if sent is None else sent.serial
        with self._lock:
            if newest.serial == self._newest_serial and before in self._told:
                return self._told[before]
        text = f"id: {newest.serial}\ndata: {wire.encode(_news(newest, sent))}\n\n"
        with self._lock:
            if newest.serial > self._newest_serial:
                self._newest_serial = newest.serial
                self._told.clear()
            if newest.serial == self._newest_serial:
                self._told[before] = text
        return text

    @property
    def taken(self) -> int:
        """How many streams are open."""
        with self._lock:
            return self._taken.total()


def events(station: Station, streams: Streams, allowed: Callable[[], bool] = lambda: True) -> Iterator[str]:
    """Yield server-sent events: a full snapshot, then what is new in the newest one.

    Nothing is queued: a reader that was slow gets the newest snapshot and the curve since the
    last one it got. Ends when `streams` close, the reader goes away, or is `allowed` no more.
    """
    sent: Snapshot | None = None
    asked_s = time.monotonic()
    yield "retry: 1000\n\n"
    while not streams.closing.is_set():
        if time.monotonic() - asked_s > ASK_AGAIN_S:
            asked_s = time.monotonic()
            if not allowed():
                return
        newest = station.wait_for(-1 if sent is None else sent.serial, KEEPALIVE_S)
        if sent is not None and newest.serial == sent.serial:
            yield ": still here\n\n"
            continue
        yield streams.event(newest, sent)
        sent = newest
        streams.closing.wait(PAUSE_S)


def _news(newest: Snapshot, sent: Snapshot | None) -> wire.Json:
    """Return the moment, and of all else what `sent` did not have."""
    if sent is None:
        return wire.state_json(newest) | {"curve": wire.curve_json(newest.curve)}
    news = wire.moment_json(newest)
    if newest.source != sent.source:
        news["source"] = wire.source_json(newest.source)
    if newest.session != sent.session:
        news["session"] = wire.session_json(newest.session)
    if newest.others != sent.others:
        news["others"] = wire.others_json(newest.others)
    return news | {"curve": wire.curve_json(newest.curve, wire.last_frame(sent.curve))}
