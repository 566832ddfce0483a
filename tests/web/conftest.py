from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parent))  # for scripted_station and watching

from scripted_station import ScriptedStation
from watching import LISTENING

from web.app import create_app


@pytest.fixture
def station(tmp_path: Path) -> ScriptedStation:
    station = ScriptedStation()
    station.desk_folder = tmp_path / "desk"
    return station


@pytest.fixture
def app(station: ScriptedStation) -> Flask:
    app = create_app(station, pairing_needed=False, hosts=["gym.example"], stream_cap=2)
    app.testing = True
    return app


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        # Every request of a browser on the station's page has these.
        client.environ_base["HTTP_ORIGIN"] = "http://localhost"
        yield client


@pytest.fixture
def free_port() -> int:
    """Return a port to start a server at more than once; port 0 would bar its reuse for a minute."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def home(request: pytest.FixtureRequest) -> str:
    """Where the page is: at a server of the fixture, or at a port whose server the test runs itself."""
    own = "free_port" in request.fixturenames
    port = request.getfixturevalue("free_port") if own else request.getfixturevalue("server").port
    return f"http://station.local:{port}"


@pytest.fixture
def page(browser: Browser, home: str) -> Iterator[Page]:
    """A page that must run without a word on the console, ask no other host and send nothing malformed."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(5000)
    context.add_init_script(LISTENING)
    page = context.new_page()
    words: list[str] = []
    page.on("console", lambda message: words.append(message.text))
    page.on("pageerror", lambda error: words.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(home) else words.append(request.url))
    page.on("response", lambda answer: words.append(f"400 {answer.url}") if answer.status == 400 else None)
    yield page
    context.close()
    # A refused command and a lost line are the browser's own lines, not faults of the page.
    assert [text for text in words if not text.startswith("Failed to load resource")] == []
