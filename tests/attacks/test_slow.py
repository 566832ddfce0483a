"""Clients that say little, slowly, or never listen: none of them keeps a thread from the others."""

from __future__ import annotations

import pytest
from attacker import (
    YOURS,
    Paired,
    all_of,
    answer,
    drip,
    is_closed,
    line,
    lines,
    request,
    statuses,
    until_closed,
)
from flask import Flask

from web import server as server_module
from web.arrivals import (
    AT_ONCE,
    MOST_PIECES,
    MOST_WAITING_OF_ONE,
    PATIENCE_S,
    REQUESTS_PER_S,
    Pace,
)
from web.server import PageServer, serve

MANY = 200
COMMAND = b'{"secret": "ABCDEF", "name": "x"}'
HALF_A_HEADER = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
HALF_A_BODY = request("POST", "/api/v1/pair", COMMAND, "Content-Type: application/json")[:-10]
A_FILE_OF_NOBODY = request("POST", "/api/v1/analyze?side=left", b"", "Content-Length: 9000000")
THE_LARGEST_FILE = request("GET", "/static/vendor/uplot/uPlot.iife.min.js")


@pytest.mark.parametrize(
    "first", [HALF_A_HEADER, HALF_A_BODY, b"", b"\r\n"], ids=["header", "body", "none", "crlf"]
)
def test_slow_clients_keep_nobody_waiting(server: PageServer, owner: Paired, first: bytes) -> None:
    with lines(server.port, MANY, first) as slow:
        for _ in range(5):
            drip(slow)
            got = answer(server.port, request("GET", "/api/v1/state", b"", *owner.lines), YOURS)
            assert statuses(got) == [200]


@pytest.mark.usefixtures("healthy")
def test_those_who_never_listen_keep_nobody_waiting(server: PageServer, owner: Paired) -> None:
    with lines(server.port, 60, THE_LARGEST_FILE, receive_bytes=2048):
        for _ in range(5):
            got = answer(server.port, request("GET", "/api/v1/state", b"", *owner.lines), YOURS)
            assert statuses(got) == [200]


@pytest.mark.usefixtures("healthy")
def test_a_strangers_file_is_refused_unread(server: PageServer) -> None:
    with lines(server.port, 30, A_FILE_OF_NOBODY) as slow:
        for one in slow:
            assert statuses(all_of(one)) == [401]


@pytest.mark.parametrize(
    "first",
    [HALF_A_HEADER, HALF_A_BODY, b"", request("GET", "/pair")],
    ids=["header", "body", "none", "next"],
)
def test_a_byte_now_and_then_buys_no_time(app: Flask, monkeypatch: pytest.MonkeyPatch, first: bytes) -> None:
    monkeypatch.setattr(server_module, "STALL_S", 1)
    server = serve(app, "127.0.0.1", 0)
    try:
        with line(server.port) as slow:
            slow.sendall(first)
            for _ in range(MOST_PIECES // 8):
                if until_closed(slow, 0.25):
                    break
                drip([slow])
            assert is_closed(slow)
    finally:
        server.stop()


def test_a_paired_tablets_file_has_its_time(
    app: Flask, floor: Paired, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read in a thread: its length in kB says how long that is waited for."""
    monkeypatch.setattr(server_module, "STALL_S", 1)
    server = serve(app, "127.0.0.1", 0)
    try:
        with line(server.port) as slow:
            head = ["Content-Type: application/octet-stream", "Content-Length: 8192", *floor.lines]
            slow.sendall(request("POST", "/api/v1/analyze?side=left", b"", *head))
            assert until_closed(slow, byte=b"x")
    finally:
        server.stop()


@pytest.mark.usefixtures("healthy")
def test_a_request_in_crumbs_is_not_put_together(server: PageServer) -> None:
    with line(server.port) as crumbs:
        assert until_closed(crumbs, byte=b"G")


@pytest.mark.usefixtures("healthy")
def test_one_address_has_only_so_many_connections(server: PageServer) -> None:
    with line(server.port, YOURS) as yours, lines(server.port, MOST_WAITING_OF_ONE + 20, b"GET") as mine:
        assert all(until_closed(one) for one in mine[:20]), "the oldest go"
        assert not any(is_closed(one) for one in mine[20:])
        assert not is_closed(yours)
        yours.setblocking(True)
        yours.sendall(request("GET", "/pair", b"", "Connection: close"))
        assert statuses(all_of(yours)) == [200]


def test_one_address_has_only_so_many_turns() -> None:
    now_s = 0.0
    pace = Pace(lambda: now_s)
    waits = [pace.wait_s("mine") for _ in range(1000)]
    admitted = [wait_s for wait_s in waits if wait_s is not None]
    assert admitted == pytest.approx(
        [max(n - AT_ONCE, 0) / REQUESTS_PER_S for n in range(len(admitted))], abs=1e-6
    )
    assert admitted[-1] == pytest.approx(PATIENCE_S, abs=2 / REQUESTS_PER_S)
    assert waits[len(admitted) :] == [None] * (1000 - len(admitted))
    assert pace.wait_s("yours") == 0.0
    now_s += 1.0
    assert pace.wait_s("mine") == pytest.approx(PATIENCE_S - 1.0, abs=2 / REQUESTS_PER_S)
    now_s += 100.0
    assert [pace.wait_s("mine") for _ in range(AT_ONCE)] == pytest.approx([0.0] * AT_ONCE, abs=1e-6)


@pytest.mark.usefixtures("healthy")
def test_an_address_in_a_hurry_waits_and_the_others_do_not(server: PageServer, owner: Paired) -> None:
    hurry = request("GET", "/pair", b"", "Connection: close")
    with lines(server.port, 50, hurry), lines(server.port, 60, hurry), lines(server.port, 20, hurry) as last:
        got = answer(server.port, request("GET", "/api/v1/state", b"", *owner.lines), YOURS)
        assert statuses(got) == [200]
        assert [statuses(all_of(one)) for one in last] == [[200]] * 20, "later, but each in its turn"
