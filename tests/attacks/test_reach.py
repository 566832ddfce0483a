"""What a stranger gets at: by paths, by large files, by many connections and by guessing."""

from __future__ import annotations

import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from attacker import YOURS, Paired, answer, line, lines, request, statuses
from flask import Flask
from scripted_station import Pump, ScriptedStation

from station.pin import NAME
from web.context import context_of
from web.server import PageServer
from web.streams import MOST_OF_ONE

pytestmark = pytest.mark.usefixtures("healthy")

UP = (
    "..", "%2e%2e", "%2e.", "..%2f..", "..%5c..", "%252e%252e", "..;", "....//", "..%c0%af..", "%00", "..%00",
)  # fmt: skip
ROOTS = (
    "/", "/static/", "/static/js/", "/take/", "/history/", "/api/v1/sessions/1/files/", "/devices/code/",
    "/api/v1/analyze/",
)  # fmt: skip


@pytest.mark.parametrize("root", ROOTS)
def test_no_path_leads_out(server: PageServer, station: ScriptedStation, owner: Paired, root: str) -> None:
    secret, kept = station.pin.read().encode(), f"{station.data_folder}/{NAME}"
    for up in UP:
        for end in (f"{up}/" * 8 + "etc/passwd", f"{up}/app.py", up + kept, kept, f"/etc/passwd{up}.js"):
            got = answer(server.port, request("GET", root + end, b"", *owner.lines), YOURS)
            assert all(status in (400, 404) for status in statuses(got)), end
            assert secret not in got
            assert b"root:" not in got
            assert b"create_app" not in got


def test_fifty_megabytes_are_not_taken_in(server: PageServer, floor: Paired) -> None:
    whole = 50 * 2**20
    for length, who, status in ((whole, floor.lines, 413), (whole, [], 401), (16 * 2**20, [], 401)):
        head = ["Content-Type: application/octet-stream", f"Content-Length: {length}", *who]
        with line(server.port) as sending:
            sending.sendall(request("POST", "/api/v1/analyze?side=left", b"", *head))
            assert sending.recv(12) == f"HTTP/1.1 {status}".encode()
            assert taken_of(sending, length) < length


def taken_of(sending: socket.socket, length: int) -> int:
    """Send zeros until the other end will have no more; return how many bytes it, or the network, took."""
    taken = 0
    try:
        while taken < length:
            taken += sending.send(bytes(2**16))
    except (ConnectionResetError, BrokenPipeError):
        pass
    return taken


def test_a_stranger_watches_nothing(app: Flask, server: PageServer) -> None:
    watch = request("GET", "/api/v1/stream")
    with lines(server.port, 60, watch) as made:
        assert {tuple(statuses(one.recv(4096))) for one in made} == {(401,)}
    assert context_of(app).streams.taken == 0


def test_one_paired_device_leaves_streams_to_the_others(
    server: PageServer, station: ScriptedStation, floor: Paired, owner: Paired
) -> None:
    watch = request("GET", "/api/v1/stream", b"", *floor.lines)
    with Pump(station), lines(server.port, 40, watch) as made:
        got = Counter(statuses(one.recv(12) + b" ")[0] for one in made)
        assert got == {200: MOST_OF_ONE, 503: 40 - MOST_OF_ONE}
        with line(server.port, YOURS) as yours:
            yours.sendall(request("GET", "/api/v1/stream", b"", *owner.lines))
            assert statuses(yours.recv(4096)) == [200]


def test_a_thousand_guesses_at_once_are_hopeless(server: PageServer, station: ScriptedStation) -> None:
    """Over the real server, from ten addresses; the ten thousand are in benchmarks/attacks.py."""
    pin = int(station.pin.read())

    def guess(n: int) -> list[int]:
        body = b'{"secret": "%08d", "name": "x"}' % ((pin + 1 + n) % 10**8)
        asked = request("POST", "/api/v1/pair", body, "Content-Type: application/json")
        return statuses(answer(server.port, asked, f"127.0.1.{n % 10 + 1}"))

    before = len(station.devices.all())
    with ThreadPoolExecutor(16) as pool:
        got = Counter(status for answers in pool.map(guess, range(1000)) for status in answers)
    assert got.keys() <= {403, 429}
    assert got[403] == 15
    assert len(station.devices.all()) == before


def test_a_websocket_is_none(server: PageServer, owner: Paired) -> None:
    upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    upgrade += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: http://evil.example"]
    for path in ("/", "/api/v1/state", "/api/v1/set/end", "/ws"):
        got = answer(server.port, request("GET", path, b"", *upgrade, *owner.lines))
        assert statuses(got) != [101]
        assert b"access-control-allow" not in got.lower()
