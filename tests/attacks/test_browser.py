"""A web page elsewhere, in the browser of a paired tablet: what a real Chromium lets it do to the station."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from attacker import PATIENCE_S, paired
from flask import Flask, request
from playwright.sync_api import Browser, BrowserContext, Frame, Page
from scripted_station import ScriptedStation

from station.coach.programs import Plan
from station.door import StartSet
from web.app import create_app
from web.server import PageServer

NOTHING_SHOWN = "chrome-error://chromewebdata/"
EVIL = (Path(__file__).parent / "evil.html").read_text(encoding="utf-8")


@pytest.fixture
def station(tmp_path: Path) -> ScriptedStation:
    """A set runs; a command from anywhere would be noted."""
    station = ScriptedStation(tmp_path)
    station.command(StartSet("Mara", Plan("left", "free", 0.0)))
    station.commands.clear()
    return station


@pytest.fixture(params=[True], ids=["paired"])
def app(station: ScriptedStation, request: pytest.FixtureRequest) -> Flask:
    return create_app(station, pairing_needed=request.param)


@pytest.fixture
def reached(app: Flask) -> Counter[str]:
    """Count what reached the station at all: an attack that was never sent proves nothing."""
    seen: Counter[str] = Counter()

    def count() -> None:
        seen[f"{request.method} {request.path}"] += 1
        seen[f"cookie {bool(request.cookies)}"] += 1

    app.before_request_funcs.setdefault(None, []).insert(0, count)
    return seen


@pytest.fixture
def tablet(
    browser: Browser, app: Flask, station: ScriptedStation, server: PageServer
) -> Iterator[BrowserContext]:
    """The browser of the owner's own device."""
    context = browser.new_context()
    context.set_default_timeout(5000)
    name, _, value = paired(app, station, "owner").cookie.partition("=")
    home = f"http://station.local:{server.port}"
    context.add_cookies([{"name": name, "value": value, "url": home, "httpOnly": True, "sameSite": "Strict"}])
    yield context
    context.close()


def served(html: str) -> ThreadingHTTPServer:
    """Serve one page to whoever asks."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def elsewhere(server: PageServer) -> Iterator[int]:
    """The port of the attacker's own web server."""
    other = served(EVIL.replace("HOME", f"http://station.local:{server.port}"))
    yield other.server_port
    other.shutdown()
    other.server_close()


def frames(page: Page) -> list[Frame]:
    """Return the frames that the attacker's page has, which its forms are answered in."""
    return [frame for frame in page.frames if frame is not page.main_frame]


def until_answered(page: Page) -> None:
    """Wait until each form has been answered, with whatever."""
    end_s = time.monotonic() + PATIENCE_S
    while any(frame.url in ("", "about:blank") for frame in frames(page)) and time.monotonic() < end_s:
        page.wait_for_timeout(50)


def unharmed(station: ScriptedStation, said: Iterable[str], before: int) -> None:
    assert station.commands == []
    assert len(station.devices.all()) == before
    for text in said:
        assert "Mara" not in text
        assert "page-token" not in text


# Another site; another port of the same name, which is the same site: the cookie goes along; and a station
# that asks for no pairing, as the simulated one: no cookie is needed.
@pytest.mark.parametrize(
    ("app", "host"),
    [(True, "evil.example"), (True, "station.local"), (False, "evil.example")],
    indirect=["app"],
    ids=["another site", "the same site", "an open station"],
)
def test_a_page_elsewhere_does_and_reads_nothing(
    tablet: BrowserContext, station: ScriptedStation, elsewhere: int, reached: Counter[str], host: str
) -> None:
    before = len(station.devices.all())
    page = tablet.new_page()
    page.goto(f"http://{host}:{elsewhere}/")
    said = page.evaluate("attack()")
    until_answered(page)
    assert set(said.values()) == {""}, said
    assert reached["POST /api/v1/set/end"] >= 4
    assert reached["POST /api/v1/session/end"] == 1
    assert reached["GET /"] >= 1
    assert reached["cookie True"] > 0 if host == "station.local" else reached["cookie True"] == 0
    unharmed(station, said.values(), before)
    assert [one.url for one in frames(page)] == [NOTHING_SHOWN] * 6, (
        "nothing of the station is shown in a frame"
    )


@pytest.mark.parametrize("app", [False], indirect=True, ids=["an open station"])
def test_a_name_bent_to_the_stations_address_is_not_answered(
    browser: Browser, station: ScriptedStation, server: PageServer, reached: Counter[str]
) -> None:
    """To the browser the attacker's page and the station are one origin: only the name is wrong."""
    before = len(station.devices.all())
    home = f"http://rebound.example:{server.port}"
    # The attacker's page was loaded before the name was bent: here it takes the refusal's place.
    page = browser.new_page(bypass_csp=True)
    page.goto(home)
    page.set_content(EVIL.replace("HOME", home))
    said = page.evaluate("attack()")
    until_answered(page)
    page.context.close()
    assert reached["GET /api/v1/state"] >= 1
    assert reached["POST /api/v1/set/end"] >= 4
    assert "does not go by this name" in said["state"]
    assert said["socket"] == said["stream"] == said["script"] == said["icon"] == ""
    unharmed(station, said.values(), before)


def test_the_stations_own_page_may(
    tablet: BrowserContext, station: ScriptedStation, server: PageServer
) -> None:
    """The attacks above would work if they came from here."""
    page = tablet.new_page()
    page.goto(f"http://station.local:{server.port}/")
    assert "Mara" in page.evaluate("fetch('/api/v1/state').then((answer) => answer.text())")
    command = """fetch('/api/v1/set/end', {method: 'POST', body: '{}', headers: {
        'Content-Type': 'application/json',
        'X-Heeldrive-Page': document.querySelector('meta[name=page-token]')?.content ?? ''}})"""
    assert page.evaluate(f"{command}.then((answer) => answer.status)") == 200
    assert len(station.commands) == 1
