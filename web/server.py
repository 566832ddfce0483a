"""The web server: cheroot, with room for every stream and none for a client that stalls."""

from __future__ import annotations

import errno
import logging
import socket
import threading
from typing import Any

from cheroot import wsgi
from flask import Flask

from web.arrivals import MAX_HEADER_BYTES, Connection, Pace, Said, Turns, Waiting
from web.context import context_of
from web.guard import KNOWN, REACHED_AT, largest_body

SPARE_THREADS = 8  # beyond the streams, each of which keeps a thread
STALL_S = 10  # a client that takes nothing for so long is dropped

_log = logging.getLogger(__name__)


class PageServer:
    """A running server; `stop` may be called from any thread, once or more often."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._streams = context_of(app).streams
        self._server = _Cheroot(
            (host, port),
            app,
            numthreads=self._streams.cap + SPARE_THREADS,
            request_queue_size=512,  # a burst of connections waits here for milliseconds, and is not lost
            timeout=STALL_S,
            shutdown_timeout=5,
        )
        self._server.max_request_header_size = MAX_HEADER_BYTES
        self._server.max_request_body_size = largest_body(app)
        self._server.expiration_interval = 0.1  # also the longest that a stop waits for its loop
        self._server.software = "Heeldrive"
        self._thread = threading.Thread(target=self._server.serve, name="page-server", daemon=True)

    def start(self) -> None:
        """Begin to answer, and return at once.

        Raises
        ------
        OSError : the address can't be had; the text says why and what to do
        """
        host, port = self._server.bind_addr
        if (why := _refusal(host, port)) is not None:
            raise why
        self._server.prepare()
        self._thread.start()

    def stop(self) -> None:
        """End the streams and every thread; returns when the port is free again."""
        self._streams.closing.set()
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    @property
    def port(self) -> int:
        """The port, also where 0 was asked for."""
        return int(self._server.bind_addr[1])


def serve(app: Flask, host: str, port: int) -> PageServer:
    """Start a server for `app` at `host` and `port` (0: any free one) and return it.

    Raises
    ------
    OSError : the address can't be had; the text says why and what to do
    """
    server = PageServer(app, host, port)
    server.start()
    return server


def _refusal(host: str, port: int) -> OSError | None:
    """Return in plain words why `host` and `port` can't be had, or None where they can."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            text = f"Port {port} of {host} is in use: end the program that has it, or choose another --port."
        elif error.errno in (errno.EACCES, errno.EPERM):
            text = f"Port {port} of {host} is not allowed to this user: choose a --port from 1024 upwards."
        else:
            text = f"{host} is no address of this machine: choose another --host, such as 127.0.0.1."
        return OSError(error.errno, text)
    return None


class _Gateway(wsgi.Gateway_10):
    """Tells the application at which of our addresses it was reached, and learns from it whom it knows."""

    def get_environ(self) -> Any:
        """Return what WSGI wants, and that."""
        environ: Any = super().get_environ()  # type: ignore[no-untyped-call]
        return environ | {REACHED_AT: self.req.conn.socket.getsockname()[0]}

    def start_response(self, *given: Any) -> Any:
        """Begin the answer, as WSGI wants it."""
        self.req.of_a_stranger = KNOWN not in self.env
        return super().start_response(*given)


class _Cheroot(wsgi.Server):
    """Cheroot, with its threads kept for those who have something to say and a log in place of stderr."""

    ConnectionClass = Connection
    keep_alive_conn_limit: int | None = None  # type: ignore[assignment]  # `waiting` limits them

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.gateway = _Gateway
        self.waiting = Waiting()
        self._pace = Pace()
        self._turns = Turns(self._give_thread)

    def prepare(self) -> None:
        """Open the socket and start the threads."""
        super().prepare()
        self._turns.start()

    def stop(self) -> None:
        """End them all."""
        self._turns.stop()
        super().stop()

    def put_conn(self, conn: Any) -> None:
        """Have the selector watch `conn`."""
        self.waiting.add(conn)
        super().put_conn(conn)

    def process_conn(self, conn: Any) -> None:
        """Give `conn` a thread once its request is there, and it is its address's turn."""
        waits_since = conn.last_used
        said = Said.PART if waits_since is None else conn.said()
        if said is Said.PART:
            self.put_conn(conn)
            # A byte now and then buys no time: cheroot closes what has waited since then for too long.
            conn.last_used = waits_since or conn.last_used
        elif said is Said.NO_MORE:
            conn.close()
        elif (wait_s := self._pace.wait_s(conn.neighbourhood)) is None:
            conn.refuse()
        elif wait_s > 0.0:
            self._turns.later(conn, wait_s)
        else:
            self._give_thread(conn)

    def _give_thread(self, conn: Any) -> None:
        self.waiting.remove(conn)
        super().process_conn(conn)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """Log `msg`; of an exception it is the `repr`, which may quote what somebody typed."""
        _log.log(level, "%s", "a request failed" if traceback else msg, exc_info=traceback)
