"""Requests that two readers could understand in two ways, and bytes that are none: one answer, and closed."""

from __future__ import annotations

import http.client
import logging
import random
from urllib.parse import quote

import pytest
from attacker import MINE, YOURS, Paired, answer, request, statuses

from web.server import PageServer

pytestmark = pytest.mark.usefixtures("healthy")

END = b'{"secret": "ABCDEF", "name": "x"}'
# What an attacker hides behind a first request, for whoever uses the same connection next.
HIDDEN = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
POST = b"POST /api/v1/pair HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


TWO_WAYS = (
    POST + b"Content-Length: 4\r\n" + CHUNKED + b"0\r\n\r\n" + HIDDEN,
    POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    POST + b"Content-Length: %d\r\ncontent-length: 0\r\n\r\n" % len(HIDDEN) + HIDDEN,
    POST + b"Content-Length: 0, %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    POST + CHUNKED + b"0\r\n\r\n" + HIDDEN,
    POST + CHUNKED + b"0\r\nX: y\r\n\r\n" + HIDDEN,
    POST + CHUNKED + b"-1\r\n\r\n" + HIDDEN,
    POST + CHUNKED + b"0x0\r\n\r\n" + HIDDEN,
    POST + CHUNKED + b"ffffffffffffffff\r\n" + HIDDEN,
    POST + CHUNKED + b"zz\r\n\r\n" + HIDDEN,
    POST + b"Transfer-Encoding: identity\r\n\r\n" + HIDDEN,
    POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    POST + b"Transfer_Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    POST + b"X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    POST + b"Content-Length : %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    POST + b"Content_Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    POST + b"Content-Length: +%d\r\n\r\n" % len(END) + END,
    POST + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    POST + b"Content-Length: 3_3\r\n\r\n" + END,
    POST + b"Content-Length: 0x36\r\n\r\n" + HIDDEN,
    POST + b"Content-Length: \xb2\r\n\r\n" + HIDDEN,
    POST + b"Content-Length: 1e1\r\n\r\n" + HIDDEN,
    POST + b"Content-Length:\r\n\r\n" + HIDDEN,
    POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + HIDDEN,
    POST + b"Host: evil.example\r\n\r\n" + HIDDEN,
    POST + b"X: a\rContent-Length: 9\r\n\r\n" + HIDDEN,
    POST + b"X: a\0b\r\n\r\n" + HIDDEN,
    POST + b": nameless\r\n\r\n" + HIDDEN,
    POST + b"no colon\r\n\r\n" + HIDDEN,
    POST + b"Origin: http://evil.example\r\nOrigin: http://127.0.0.1\r\n\r\n" + HIDDEN,
    POST + b"Cookie: a=b\r\nCookie: c=d\r\n\r\n" + HIDDEN,
)  # fmt: skip


def test_what_can_be_read_in_two_ways_is_not_read(server: PageServer) -> None:
    for sent in TWO_WAYS:
        got = answer(server.port, sent)
        assert statuses(got) == [400], (sent, got)
        assert b"openapi" not in got


def test_what_stands_behind_a_request_is_never_answered(server: PageServer) -> None:
    for first in (
        request("GET", "/pair"),
        request("POST", "/api/v1/pair", END, "Content-Type: application/json"),
        request("POST", "/api/v1/set/end", END, "Content-Type: application/json"),
        request("POST", "/nowhere", END),
    ):
        for behind in (HIDDEN, HIDDEN * 300):  # more than is read at once
            got = answer(server.port, first + behind)
            assert len(statuses(got)) == 1
            assert b"3.1.0" not in got


def test_a_body_that_is_refused_is_not_the_next_request(server: PageServer) -> None:
    for length in (len(HIDDEN), 5000, 9_000_000, 99_000_000):
        got = answer(
            server.port, POST.replace(b"/pair", b"/analyze") + b"Content-Length: %d\r\n\r\n" % length + HIDDEN
        )
        assert len(statuses(got)) == 1
        assert b"3.1.0" not in got


def test_one_after_the_other_is_fine(server: PageServer, owner: Paired) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        headers = {"Content-Type": "application/json", **owner.headers}
        connection.request("POST", "/api/v1/set/end", b"{}", headers)
        with connection.getresponse() as got:
            assert got.status == 200
            got.read()
        assert connection.sock is first, "the same connection"
    connection.close()


NO_REQUESTS = (
    b"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET //evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET //[ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /#x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET / HTTP/1.1x\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET / FTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"get / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /\r\nHost: 127.0.0.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"\0" * 300 + b"\r\n\r\n",
    b"CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /" + b"a" * 30_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 6000 + b"\r\n",
)  # fmt: skip


def test_what_is_no_request_is_told_so(server: PageServer, caplog: pytest.LogCaptureFixture) -> None:
    for sent in NO_REQUESTS:
        (status,) = statuses(answer(server.port, sent))
        assert 400 <= status < 500, sent
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_noise_is_no_fault_of_ours(server: PageServer, caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(5)
    good = request("POST", "/api/v1/pair", END, "Content-Type: application/json")
    for n in range(150):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        got = answer(server.port, bytes(bad) + b"\r\n\r\n", (MINE, YOURS)[n % 2])
        assert all(status < 500 or status == 505 for status in statuses(got)), bytes(bad)
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n", "\u560d\u560a"])
def test_no_value_becomes_a_header(server: PageServer, owner: Paired, line_end: str) -> None:
    """A name with line ends in it reaches Content-Disposition, the link of a code, and the cookie."""
    evil = quote(f"Mara{line_end}Set-Cookie: evil=1{line_end}{line_end}<script>")
    for path in (
        f"/api/v1/sessions/csv.zip?athlete={evil}",
        f"/api/v1/sessions/1/files/{evil}",
        f"/api/v1/sessions/1/{evil}.zip",
        f"/static/{evil}",
        f"/{evil}",
    ):
        got = answer(server.port, request("GET", path, b"", *owner.lines))
        head, _, _ = got.partition(b"\r\n\r\n")
        assert len(statuses(got)) == 1
        assert statuses(got)[0] in (200, 400, 404)
        assert b"\nset-cookie" not in head.lower()
