"""The real server on a real socket."""

from __future__ import annotations

import gc
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from scripted_station import Pump, ScriptedStation

from web import server as server_module
from web.app import create_app
from web.context import context_of
from web.server import SPARE_THREADS, PageServer, serve


def get(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers={"Connection": "close"})
    return connection.getresponse()


def until(true: Callable[[], bool], within_s: float = 5.0) -> bool:
    """Wait for another thread or the network; these have no virtual clock."""
    end = time.monotonic() + within_s
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def open_stream(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=5)
    line.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return line


def test_it_answers_stops_and_answers_again(app: Flask, station: ScriptedStation, free_port: int) -> None:
    server = serve(app, "127.0.0.1", free_port)
    with get(server.port, "/api/v1/state") as answer:
        assert json.load(answer)["state"] == "idle"
    server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        get(free_port, "/")
    again = serve(create_app(station, pairing_needed=False), "127.0.0.1", free_port)
    with get(free_port, "/api/v1/state") as answer:
        assert answer.status == 200
    again.stop()


def test_it_stops_with_streams_open(app: Flask) -> None:
    server = serve(app, "127.0.0.1", 0)
    with open_stream(server.port) as line:
        assert b"200 OK" in line.recv(4096)
        stopper = threading.Thread(target=server.stop)
        stopper.start()
        stopper.join(timeout=5)
        assert not stopper.is_alive()
        while line.recv(4096):
            pass


def test_a_port_in_use_is_told_plainly(app: Flask, server: PageServer) -> None:
    with pytest.raises(OSError, match=rf"Port {server.port} of 127\.0\.0\.1 is in use: .*--port"):
        serve(app, "127.0.0.1", server.port)


def test_a_foreign_address_is_told_plainly(app: Flask) -> None:
    with pytest.raises(OSError, match=r"192\.0\.2\.1 is no address of this machine: .*--host"):
        serve(app, "192.0.2.1", 0)  # an address kept for documentation


def test_full_streams_leave_room_for_all_else(app: Flask, server: PageServer) -> None:
    cap = context_of(app).streams.cap
    lines = [open_stream(server.port) for _ in range(cap)]
    assert until(lambda: context_of(app).streams.taken == cap)
    with get(server.port, "/api/v1/stream") as refused:
        assert refused.status == 503
        assert "error" in json.load(refused)
    with get(server.port, "/") as answer:
        assert answer.status == 200
    for line in lines:
        line.close()


def test_silent_connections_take_no_thread(server: PageServer) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5 * SPARE_THREADS)]
    began = time.monotonic()
    with get(server.port, "/api/v1/state") as answer:
        assert answer.status == 200
    assert time.monotonic() - began < 2.0
    for line in silent:
        line.close()


def test_a_reader_that_goes_away_gives_its_place_back(
    app: Flask, server: PageServer, station: ScriptedStation
) -> None:
    with Pump(station):
        line = open_stream(server.port)
        assert until(lambda: context_of(app).streams.taken == 1)
        line.close()
        assert until(lambda: context_of(app).streams.taken == 0)


def test_a_reader_that_goes_away_leaves_no_traceback(
    app: Flask, server: PageServer, station: ScriptedStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", told.append)
    # From 3.13 on Python tells of every file that can't be closed, before only when asked to.
    monkeypatch.setattr("_pyio._IOBASE_EMITS_UNRAISABLE", True, raising=False)
    with Pump(station):
        for _ in range(5):
            with open_stream(server.port) as line:
                assert b"200 OK" in line.recv(4096)
            assert until(lambda: context_of(app).streams.taken == 0)
    server.stop()
    gc.collect()
    assert told == []


def test_a_reader_that_stalls_is_dropped(
    app: Flask, station: ScriptedStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "STALL_S", 1)
    station.advance(20.0)
    server = serve(app, "127.0.0.1", 0)
    try:
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.connect(("127.0.0.1", server.port))
            line.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert until(lambda: context_of(app).streams.taken == 1)

            def dropped() -> bool:
                station.advance(15.0)  # a whole window, some 40 kB, with each event
                return context_of(app).streams.taken == 0

            assert until(dropped, within_s=10.0)
    finally:
        server.stop()


def test_an_oversized_header_is_refused(server: PageServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413")
