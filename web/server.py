"""The web server: cheroot, with room for every stream and none for a client that stalls."""

from __future__ import annotations

import errno
import logging
import socket
import threading
from typing import Any

from cheroot import wsgi
from flask import Flask

from web.context import context_of
from web.guard import MAX_BODY_BYTES

SPARE_THREADS = 8  # beyond the streams, each of which keeps a thread
STALL_S = 10  # a client that takes nothing for so long is dropped
SEND_BUFFER_BYTES = 32 * 1024  # small, so that a sleeping tablet wakes to little that is old
MAX_HEADER_BYTES = 16 * 1024

_log = logging.getLogger(__name__)


class PageServer:
    """A running server; `stop` may be called from any thread, once or more often."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._streams = context_of(app).streams
        self._server = _Cheroot(
            (host, port),
            app,
            numthreads=self._streams.cap + SPARE_THREADS,
            request_queue_size=64,
            timeout=STALL_S,
            shutdown_timeout=5,
        )
        self._server.max_request_header_size = MAX_HEADER_BYTES
        self._server.max_request_body_size = MAX_BODY_BYTES
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
        self._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
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


class _Cheroot(wsgi.Server):
    """Cheroot, with silent connections kept away from its threads and a log in place of stderr."""

    def process_conn(self, conn: Any) -> None:
        """Give `conn` a thread once it has something to say; browsers open spare connections."""
        if conn.last_used is None:
            self.put_conn(conn)
        else:
            super().process_conn(conn)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """Log `msg`."""
        _log.log(level, "%s", msg, exc_info=traceback)
