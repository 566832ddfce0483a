"""The live stream: the newest snapshot to each page, and a cap on how many pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from station.door import Snapshot, Station
from web import wire

STREAM_CAP = 24
KEEPALIVE_S = 1.0  # how long nothing new may come before a comment proves the line
PAUSE_S = 0.03  # between two events of one stream: at most 33 a second, whatever the station does


class Streams:
    """Counts the open streams, and ends them all when the server stops."""

    def __init__(self, cap: int = STREAM_CAP) -> None:
        self.cap = cap
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._taken = 0

    def take(self) -> bool:
        """Take a place, or return False where none is free."""
        with self._lock:
            free = self._taken < self.cap and not self.closing.is_set()
            self._taken += free
            return free

    def release(self) -> None:
        """Give a place back."""
        with self._lock:
            self._taken -= 1

    @property
    def taken(self) -> int:
        """How many streams are open."""
        with self._lock:
            return self._taken


def events(station: Station, closing: threading.Event) -> Iterator[str]:
    """Yield server-sent events: a full snapshot, then what is new in the newest one.

    Nothing is queued: a reader that was slow gets the newest snapshot and the curve since the
    last one it got. Ends when `closing` is set or the reader goes away.
    """
    sent: Snapshot | None = None
    yield "retry: 1000\n\n"
    while not closing.is_set():
        newest = station.wait_for(-1 if sent is None else sent.serial, KEEPALIVE_S)
        if sent is not None and newest.serial == sent.serial:
            yield ": still here\n\n"
            continue
        yield f"id: {newest.serial}\ndata: {wire.encode(_news(newest, sent))}\n\n"
        sent = newest
        closing.wait(PAUSE_S)


def _news(newest: Snapshot, sent: Snapshot | None) -> wire.Json:
    """Return the moment, and of all else what `sent` did not have."""
    if sent is None:
        return wire.state_json(newest) | {"curve": wire.curve_json(newest.curve)}
    news = wire.moment_json(newest)
    if newest.source != sent.source:
        news["source"] = wire.source_json(newest.source)
    if newest.session != sent.session:
        news["session"] = wire.session_json(newest.session)
    return news | {"curve": wire.curve_json(newest.curve, wire.last_frame(sent.curve))}
