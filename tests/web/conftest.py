from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

sys.path.insert(0, str(Path(__file__).parent))  # for scripted_station, which is no package

from scripted_station import ScriptedStation

from web.app import create_app


@pytest.fixture
def station() -> ScriptedStation:
    return ScriptedStation()


@pytest.fixture
def app(station: ScriptedStation) -> Flask:
    app = create_app(station, hosts=["gym.example"], stream_cap=2)
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
