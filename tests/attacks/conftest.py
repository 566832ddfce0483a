from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

sys.path.insert(0, str(Path(__file__).parent))  # for attacker, which is no package
sys.path.insert(0, str(Path(__file__).parents[1] / "web"))  # for scripted_station

from attacker import YOURS, Paired, answer, paired, request, statuses
from scripted_station import ScriptedStation

from station.door import SessionRow
from web.app import create_app
from web.server import PageServer


@pytest.fixture
def station(tmp_path: Path) -> ScriptedStation:
    """A station at a real plate: devices are paired, and there is something to steal."""
    station = ScriptedStation(tmp_path)
    station.rows = [SessionRow(1, "Mara", "2026-11-20T17:05:00+00:00", 60.0, 1, 8, "closed", True, "")]
    station.files = {1: [("reps.csv", b"rep\nsecret\n")]}
    return station


@pytest.fixture
def app(station: ScriptedStation) -> Flask:
    return create_app(station, stream_cap=8)


@pytest.fixture
def healthy(server: PageServer, owner: Paired) -> Iterator[None]:
    """Somebody else's tablet is answered, before and in the end, whatever the test does."""

    def look() -> None:
        for _ in range(3):
            got = answer(server.port, request("GET", "/api/v1/state", b"", *owner.lines), YOURS)
            assert statuses(got) == [200]

    look()
    yield
    look()


@pytest.fixture
def floor(app: Flask, station: ScriptedStation) -> Paired:
    return paired(app, station, "floor")


@pytest.fixture
def owner(app: Flask, station: ScriptedStation) -> Paired:
    return paired(app, station, "owner")
