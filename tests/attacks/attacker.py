"""What somebody on the same Wi-Fi can send: bytes, as many and as slowly as they like."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from flask import Flask
from scripted_station import ScriptedStation

from web.admission import COOKIE

MINE, YOURS = "127.0.0.2", "127.0.0.3"  # addresses of an attacker and of somebody else
PATIENCE_S = 5.0  # below the time for which a thread waits for its client


@dataclass(frozen=True)
class Paired:
    """A device's cookie, and the token of its page."""

    cookie: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "X-Heeldrive-Page": self.token}

    @property
    def lines(self) -> list[str]:
        return [f"{name}: {value}" for name, value in self.headers.items()]


def paired(app: Flask, station: ScriptedStation, role: str) -> Paired:
    client = app.test_client()
    cookie = station.devices.pair("Rack 1", "owner" if role == "owner" else "floor")
    client.set_cookie(COOKIE, cookie)
    token = re.search(r'name="page-token" content="([0-9a-f]{64})"', client.get("/pair").text)
    assert token is not None
    return Paired(f"{COOKIE}={cookie}", token[1])


def line(port: int, source: str = MINE, receive_bytes: int | None = None) -> socket.socket:
    """Connect from an address of one's own."""
    made = socket.socket()
    made.settimeout(PATIENCE_S)
    if receive_bytes is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    made.bind((source, 0))
    made.connect(("127.0.0.1", port))
    return made


@contextmanager
def lines(
    port: int, count: int, first: bytes, source: str = MINE, receive_bytes: int | None = None
) -> Iterator[list[socket.socket]]:
    """Hold many connections open, each of which has sent `first`."""
    with ExitStack() as held:
        made = []
        for _ in range(count):
            made.append(held.enter_context(line(port, source, receive_bytes)))
            made[-1].sendall(first)
        yield made


def request(method: str, path: str, body: bytes = b"", *headers: str) -> bytes:
    """Return a request as a program sends it."""
    length = [f"Content-Length: {len(body)}"] if body else []
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *length, *headers]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def answer(port: int, sent: bytes, source: str = MINE) -> bytes:
    """Send something and return all that comes back until the other end closes, or says no more."""
    with line(port, source) as made:
        try:
            made.sendall(sent)
            made.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has closed already: what it said can still be read
        return all_of(made)


def all_of(made: socket.socket) -> bytes:
    """Return all that comes until the other end closes."""
    got = b""
    try:
        while piece := made.recv(65536):
            got += piece
    except ConnectionResetError:
        pass
    return got


def statuses(got: bytes) -> list[int]:
    """Return the status of each answer."""
    return [int(part[2:5]) for part in got.split(b"HTTP/1.")[1:]]


def drip(made: list[socket.socket], byte: bytes = b"x") -> int:
    """Send one byte on each line; return how many are still open."""
    alive = 0
    for one in made:
        try:
            one.send(byte)
            alive += 1
        except OSError:
            pass
    return alive


def is_closed(made: socket.socket) -> bool:
    """Tell whether the other end has closed, whatever it has said before."""
    made.setblocking(False)
    try:
        while made.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def until_closed(made: socket.socket, within_s: float = PATIENCE_S, byte: bytes = b"") -> bool:
    """Wait for the other end to close, dripping bytes meanwhile."""
    end_s = time.monotonic() + within_s
    while time.monotonic() < end_s:
        if is_closed(made):
            return True
        if byte:
            drip([made], byte)
        time.sleep(0.02)
    return False
