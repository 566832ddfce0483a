"""Where the page is told to be, and the code that leads there."""

from __future__ import annotations

import http.server
import threading
from ipaddress import ip_address

import pytest
import segno

from station.address import address_towards, as_code, page_answers, page_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("192.168.1.50", "http://192.168.1.50:8000"),
        ("plate.local", "http://plate.local:8000"),
    ],
)
def test_a_host_that_is_named_is_told(host: str, url: str) -> None:
    assert page_url(host, 8000) == url


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104 - told, not bound
def test_everywhere_is_told_as_one_address_that_a_phone_can_open(host: str) -> None:
    name = page_url(host, 8000).removeprefix("http://").removesuffix(":8000")
    assert name.endswith(".local") or not ip_address(name.strip("[]")).is_unspecified


def test_the_way_to_this_machine_is_this_machine() -> None:
    assert address_towards("127.0.0.1") == "127.0.0.1"


def test_the_code_on_the_console_is_the_codes_own_modules() -> None:
    url = "http://192.168.1.50:8000"
    lines = as_code(url).splitlines()
    true = [list(row) for row in segno.make(url, error="l", micro=False).matrix_iter(border=2)]
    seen = []
    for line in lines:  # two rows of modules to a line; a dark console: what is printed is light
        seen.append([character in " ▄" for character in line])
        seen.append([character in " ▀" for character in line])
    assert seen[: len(true)] == [[bool(module) for module in row] for row in true]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost:8000"])
def test_an_address_of_this_machine_alone_has_no_code(url: str) -> None:
    assert as_code(url) == ""


@pytest.mark.parametrize(("status", "answers"), [(200, True), (403, True), (500, False)])
def test_an_answer_that_is_no_fault_of_its_own_is_an_answer(status: int, answers: bool) -> None:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    assert page_answers("127.0.0.1", server.server_port) is answers
    thread.join()
    server.server_close()
    assert not page_answers("127.0.0.1", server.server_port)
