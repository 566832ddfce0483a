"""A connection gets a thread only when it has said all of its request, and its address has a turn.

There are some thirty threads and any number of sockets: one that waits for a client is lost to all
others, and 200 clients that say a byte now and then had them all. So nobody is waited for in a thread
but whoever may send a file. A reverse proxy would do the same; a gym's station has none.
"""

from __future__ import annotations

import contextlib
import heapq
import re
import socket
import threading
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from cheroot.makefile import StreamReader, StreamWriter
from cheroot.server import HTTPConnection

from web.framing import Request
from web.guard import MAX_BODY_BYTES
from web.limits import neighbourhood

MAX_HEADER_BYTES = 16 * 1024
MOST_PIECES = 50  # in which a request may come: each costs a look
MOST_WAITING_OF_ONE = 64  # connections with nothing said, or half of it: a browser has six, a proxy more
MOST_WAITING = 512  # of all together: a process may have 1024 files open
REQUESTS_PER_S, AT_ONCE = 40, 120  # of one address; a page is some twenty requests
PATIENCE_S = 2.0  # how long a request waits for its turn before it is refused

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_BUSY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Said(Enum):
    """How much of a request has come."""

    PART = auto()
    WHOLE = auto()
    NO_MORE = auto()  # the other end is gone, or says it in crumbs


class Line(socket.socket):
    """A socket that is read up to a moment, however little comes at a time."""

    until_s = float("inf")  # on time.monotonic

    def recv_into(self, *given: Any) -> int:
        """Read as a socket does; raise TimeoutError once its moment has passed."""
        stall_s, left_s = self.gettimeout() or 0.0, self.until_s - time.monotonic()
        if left_s <= 0.0:
            raise TimeoutError("timed out")
        self.settimeout(min(stall_s, left_s))
        try:
            return super().recv_into(*given)
        finally:
            self.settimeout(stall_s)


class _Writer(StreamWriter):
    """What is said to a client; a client that has gone misses the rest of it."""

    def close(self) -> None:
        """Close, said or not: cheroot leaves it to the garbage collection, where nobody takes an error."""
        with contextlib.suppress(OSError):
            super().close()


def _file_of(sock: socket.socket, mode: str, bufsize: int) -> StreamReader | StreamWriter:
    return (StreamReader if "r" in mode else _Writer)(sock, mode, bufsize)


class Connection(HTTPConnection):
    """A connection that is looked at without being read."""

    RequestHandlerClass = Request

    def __init__(self, server: Any, sock: socket.socket, *_: Any) -> None:
        line = Line(fileno=sock.detach())
        line.settimeout(server.timeout)
        super().__init__(server, line, _file_of)
        self._known = self._pieces = 0
        try:
            self.neighbourhood = neighbourhood(line.getpeername()[0])
        except OSError:  # gone already
            self.neighbourhood = ""

    def said(self) -> Said:
        """Tell how much of the next request is there; a file's own bytes are left to its route."""
        if self.rfile.has_data():
            return Said.NO_MORE  # behind the last request: no browser does so, but a smuggler
        try:
            there = self.socket.recv(MAX_HEADER_BYTES + MAX_BODY_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            there = b""
        if len(there) <= self._known:  # it was told as readable: the other end has closed
            return Said.NO_MORE
        self._known, self._pieces = len(there), self._pieces + 1
        if _is_whole(there):
            # Else a thread's read would wait for as much as this look did.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
            self._known = self._pieces = 0
            return Said.WHOLE
        if self._pieces >= MOST_PIECES:
            return Said.NO_MORE
        # What is there stays there: the selector is to be silent until there is more.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, self._known + 1)
        return Said.PART

    def communicate(self) -> bool:
        """Answer a request, whose header is read without waiting."""
        self.read_within(self.server.timeout)
        return bool(super().communicate())  # type: ignore[no-untyped-call]

    def read_within(self, seconds: float) -> None:
        """Read no longer than that."""
        self.socket.until_s = time.monotonic() + seconds

    def hang_up(self) -> None:
        """Have the selector find it closed: no other thread may take it from there."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def refuse(self) -> None:
        """Say that it is too much, if it can be said at once, and close."""
        with contextlib.suppress(OSError):
            self.socket.send(_BUSY, socket.MSG_DONTWAIT)
        self.close()

    def close(self) -> None:
        """Close, and be counted no more."""
        self.server.waiting.remove(self)
        super().close()


class Waiting:
    """The connections that have not said a whole request, by address, the oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_address: dict[str, dict[Connection, None]] = {}
        self._count = 0

    def add(self, connection: Connection) -> None:
        """Count one; where that is too many, hang up the oldest of whoever has most."""
        with self._lock:
            mine = self._by_address.setdefault(connection.neighbourhood, {})
            self._count += connection not in mine
            mine.setdefault(connection)
            if len(mine) > MOST_WAITING_OF_ONE:
                self._hang_up(next(iter(mine)))
            elif self._count > MOST_WAITING:
                most = max(self._by_address, key=lambda address: len(self._by_address[address]))
                self._hang_up(next(iter(self._by_address[most])))

    def remove(self, connection: Connection) -> None:
        """Count one no more."""
        with self._lock:
            self._remove(connection)

    def _hang_up(self, connection: Connection) -> None:
        self._remove(connection)
        connection.hang_up()

    def _remove(self, connection: Connection) -> None:
        mine = self._by_address.get(connection.neighbourhood, {})
        if connection in mine:
            del mine[connection]
            self._count -= 1
            if not mine:
                del self._by_address[connection.neighbourhood]


class Pace:
    """How soon an address has its next turn: `AT_ONCE` in a row, then `REQUESTS_PER_S`."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._free_at_s: dict[str, float] = {}  # when all that an address has asked for is paid

    def wait_s(self, address: str) -> float | None:
        """Take a turn and return in how long it comes; None: there are too many before it."""
        now_s = self._clock_s()
        free_at_s = max(self._free_at_s.get(address, 0.0), now_s)
        wait_s = free_at_s - now_s - AT_ONCE / REQUESTS_PER_S
        if wait_s > PATIENCE_S:
            return None
        if len(self._free_at_s) > MOST_WAITING:
            self._free_at_s = {one: at_s for one, at_s in self._free_at_s.items() if at_s > now_s}
        self._free_at_s[address] = free_at_s + 1 / REQUESTS_PER_S
        return max(wait_s, 0.0)


class Turns:
    """Those who wait for their turn, and a thread that gives it to them."""

    def __init__(self, give: Callable[[Connection], None]) -> None:
        self._give = give
        self._queue: list[tuple[float, int, Connection]] = []
        self._number = 0
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="page-turns", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def later(self, connection: Connection, wait_s: float) -> None:
        """Give a connection its turn in a while."""
        with self._changed:
            self._number += 1
            heapq.heappush(self._queue, (time.monotonic() + wait_s, self._number, connection))
            self._changed.notify()

    def stop(self) -> None:
        """Close those who still wait."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()
        while self._queue:
            self._queue.pop()[2].close()

    def _run(self) -> None:
        with self._changed:
            while not self._ended:
                while self._queue and self._queue[0][0] <= time.monotonic():
                    self._give(heapq.heappop(self._queue)[2])
                self._changed.wait(self._queue[0][0] - time.monotonic() if self._queue else None)


def _is_whole(there: bytes) -> bool:
    """Tell whether a thread has nothing to wait for: header and command are there, or it is refused."""
    header, end, body = there.partition(b"\r\n\r\n")
    if not end:
        return (
            len(there) > MAX_HEADER_BYTES + 256
        )  # cheroot reads on in pieces of that size before it refuses
    length = _LENGTH.search(header + b"\r\n")
    length_bytes = int(length[1]) if length else 0
    return len(body) >= length_bytes or length_bytes > MAX_BODY_BYTES
