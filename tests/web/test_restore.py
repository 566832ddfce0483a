"""A backup restored from the page: in a real Chromium, and over HTTP with a real library behind it."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from scripted_station import ScriptedRestorer, ScriptedStation

from station import archive, restoring
from station.library import Library
from station.restorer import Restorer
from station.safekeeping import Restoring
from web.app import create_app
from web.server import PageServer, serve

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
OCTETS = "application/octet-stream"


@pytest.fixture
def restorer(station: ScriptedStation) -> ScriptedRestorer:
    assert isinstance(station.restorer, ScriptedRestorer)
    return station.restorer


def opened(browser: Browser, server: PageServer, **look: object) -> Page:
    page = browser.new_page(**look)  # type: ignore[arg-type]
    page.set_default_timeout(5000)
    page.goto(f"http://station.local:{server.port}/data")
    return page


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_every_step_is_accessible(
    browser: Browser, server: PageServer, restorer: ScriptedRestorer, scheme: str
) -> None:
    page = opened(browser, server, color_scheme=scheme, viewport={"width": 390, "height": 844})
    page.get_by_text("On the command line").click()
    found = [Axe().run(page, options={"runOnly": RULES})]
    page.get_by_role("button", name="Check the backup on GYM").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found.append(Axe().run(page, options={"runOnly": RULES}))
    small = page.evaluate(
        "[...document.querySelectorAll('main button, dialog[open] button, main input.box')]"
        ".filter((e) => e.offsetParent && e.getBoundingClientRect().height < 64).map((e) => e.outerHTML)"
    )
    with page.expect_response("**/api/v1/restore/cancel"):
        page.keyboard.press("Escape")
    restorer.now = Restoring("b", "reading", "The file", 12_000_000, 48_200_000)
    expect(page.locator("#restore-text")).to_contain_text("The file: 12 MB of 48 MB read")
    found.append(Axe().run(page, options={"runOnly": RULES}))
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Delete before-restore-1").click()
    found.append(Axe().run(page, options={"runOnly": RULES}))
    for results in found:
        assert results.violations_count == 0, results.generate_report()
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_it_asks_in_plain_words_and_no_is_the_first_answer(
    browser: Browser, server: PageServer, restorer: ScriptedRestorer
) -> None:
    page = opened(browser, server)
    page.get_by_role("button", name="Check the backup on GYM").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Replace everything that is here?")
    expect(dialog).to_contain_text("34 sessions of 5 athletes")
    expect(dialog).to_contain_text("41 sessions of 6 athletes")
    expect(dialog).to_contain_text(
        "Made on 20 Nov 2026, 17:05 UTC by Heeldrive 0.1.0; its newest session began on"
    )
    expect(dialog).to_contain_text("Sessions 7, 12 were damaged when the backup was made")
    expect(page.get_by_role("button", name="Keep what is here")).to_be_focused()
    with page.expect_response("**/api/v1/restore/cancel"):
        page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert restorer.now is None
    page.close()


def test_a_refusal_is_told_where_it_was_asked(
    browser: Browser, server: PageServer, restorer: ScriptedRestorer, tmp_path: Path
) -> None:
    page = opened(browser, server)
    button = page.get_by_role("button", name="Check this file")
    expect(button).to_be_disabled()
    file = tmp_path / "b.tar"
    file.write_bytes(b"no backup")
    page.get_by_label("Backup file").set_input_files(str(file))
    button.click()
    expect(page.locator("#restore-told")).to_contain_text("is no whole backup")
    file.write_bytes(b"well" * 100_000)
    page.get_by_label("Backup file").set_input_files(str(file))
    button.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert restorer.read == 400_000
    restorer.refuses = "The session of Mara is open: finish it first."
    page.get_by_role("button", name="Replace it all").click()
    expect(page.get_by_role("alert")).to_have_text(restorer.refuses)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.close()


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("done", "Restored. What was here before is kept in /nowhere/before-restore-1."),
        ("refused", "The backup could not be put in place (No space left on device): nothing was replaced."),
        (None, "The station is back, but nothing was replaced."),
    ],
)
def test_the_page_waits_for_the_station_and_tells_how_it_ended(
    browser: Browser, app: Flask, station: ScriptedStation, free_port: int, step: str | None, told: str
) -> None:
    server = serve(app, "127.0.0.1", free_port)
    page = opened(browser, server)
    page.get_by_role("button", name="Check the backup on GYM").click()
    page.get_by_role("button", name="Replace it all").click()
    expect(page.locator("#restore-text")).to_contain_text("the station restarts")
    server.stop()
    page.wait_for_timeout(1200)  # a poll that nobody answers
    restorer = ScriptedRestorer()
    restorer.now = None if step is None else Restoring("a", step, "", told=told)  # type: ignore[arg-type]
    station.restorer = restorer
    server = serve(create_app(station, pairing_needed=False), "127.0.0.1", free_port)
    try:
        expect(page.locator("#restore-told")).to_have_text(told, timeout=10_000)
        expect(page.locator("#restore-now")).to_be_hidden()
        page.reload()
        expect(page.locator("#restore-told")).to_have_text("")
    finally:
        page.close()
        server.stop()


def test_another_page_does_not_ask_by_itself(
    browser: Browser, server: PageServer, restorer: ScriptedRestorer
) -> None:
    restorer.checked("The file", 9)
    page = opened(browser, server)
    page.get_by_role("button", name="Look at the backup that was checked").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.close()


def test_what_was_kept_is_deleted_after_a_question(
    browser: Browser, server: PageServer, restorer: ScriptedRestorer
) -> None:
    page = opened(browser, server)
    page.get_by_role("button", name="Delete before-restore-1").click()
    page.get_by_role("button", name="Keep it").click()
    assert restorer.states
    page.get_by_role("button", name="Delete before-restore-1").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for ever").click()
    expect(page.locator("#restore-told")).to_have_text("before-restore-1 is deleted.")
    expect(page.locator("#kept li")).to_have_count(0)
    assert restorer.states == []
    page.close()


# --- over HTTP, over a real library ---


class Real:
    """A page over a real library, and how it is asked."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder / "data")
        self.library.meet("Ada", 1)
        archive.write(self.library.folder, folder / "b.tar")
        self.backup = (folder / "b.tar").read_bytes()
        station = ScriptedStation(folder / "data")
        station.restorer = self.restorer = Restorer(self.library, lambda: None, lambda order: order())
        self.server = serve(create_app(station, pairing_needed=False), "127.0.0.1", 0)

    def post(self, path: str, body: bytes, kind: str = OCTETS) -> tuple[int, dict[str, object]]:
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        line.request("POST", f"/api/v1/restore/{path}", body, {"Content-Type": kind})
        answer = line.getresponse()
        value = json.loads(answer.read())
        line.close()
        return answer.status, value

    def send(self, length: int, body: bytes) -> socket.socket:
        """Begin to send a file that is said to have `length` bytes."""
        line = socket.create_connection(("127.0.0.1", self.server.port), timeout=20)
        head = f"POST /api/v1/restore/file HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {OCTETS}\r\n"
        line.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + body)
        return line

    @property
    def left(self) -> bool:
        return (self.library.folder / restoring.STAGE).exists()


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    made = Real(tmp_path)
    yield made
    made.server.stop()
    made.restorer.stop()
    made.library.close()


def until(true: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 20.0
    while not true():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_a_file_is_checked_while_it_comes_and_replaced_by_its_token(real: Real) -> None:
    status, value = real.post("file", real.backup)
    assert (status, value["restore"]["step"]) == (200, "checked")  # type: ignore[index]
    token = {"token": value["restore"]["token"]}  # type: ignore[index]
    for wrong in (b"{}", b'{"token": 1}', b'{"token": "x", "more": 1}', b"[]"):
        assert real.post("replace", wrong, "application/json")[0] == 400
    status, value = real.post("replace", json.dumps(token).encode(), "application/json")
    assert (status, value["restore"]["step"]) == (200, "ordered")  # type: ignore[index]
    assert real.post("file", real.backup)[0] == 409


def test_what_is_no_backup_is_refused_in_one_line(real: Real) -> None:
    for body in (b"no tar at all" * 1000, real.backup[:-9000], real.backup.replace(b"backup/1", b"backup/2")):
        status, value = real.post("file", body)
        assert status == 422
        assert str(value["error"]).endswith("nothing was replaced.")
        assert "\n" not in str(value["error"])
        assert not real.left
    assert real.post("file", b"{}", "application/json")[0] == 415
    assert real.post("file", b"")[0] == 411


def test_a_connection_that_is_cut_leaves_nothing(real: Real) -> None:
    line = real.send(len(real.backup), real.backup[:10_000])
    until(lambda: real.left)
    line.close()
    until(lambda: not real.left)
    until(lambda: (now := real.restorer.restoring()) is not None and now.step == "refused")
    assert real.post("file", real.backup)[0] == 200


def test_a_file_larger_than_the_disk_is_refused_before_it_comes(real: Real) -> None:
    for length in (2**41, 2**43):  # more than any disk here has, and more than any file may have
        line = real.send(length, b"")
        answer = b""
        while piece := line.recv(4096):  # the answer comes, and the line is closed: nothing more is taken
            answer += piece
        assert answer.startswith((b"HTTP/1.1 409", b"HTTP/1.1 413"))
        line.close()
    assert not real.left


def test_a_body_that_nobody_wants_is_not_taken_into_memory(server: PageServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        head = "POST /api/v1/set/end HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
        line.sendall(f"{head}Content-Length: {2**40}\r\n\r\n".encode() + bytes(4096))
        answer = b""
        while piece := line.recv(4096):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 415")
    assert b"Connection: close" in answer
