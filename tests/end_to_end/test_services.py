"""The two processes as a service manager runs them: each alone, told when they are up and that they turn."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from running_station import ask, free_port, heeldrive, wait_for

from station import service as services
from station.library import Library
from station.service import StationService
from station.signal.model import Plate

PATIENCE_S = 20
# No chip ever pulls its line down.
DEAD_CHIPS = """
BCM, IN, OUT, LOW, HIGH, PUD_UP = 11, 1, 0, 0, 1, 22
setmode = setwarnings = setup = output = cleanup = lambda *_, **__: None
def input(pin): return 1
"""
Launch = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(PATIENCE_S)
        yield made


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Start services that are ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*words: str | Path) -> subprocess.Popen[str]:
        told = {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "400000",
            "PYTHONPATH": str(tmp_path),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "station", *map(str, words), "--socket", str(tmp_path / "s")],
            env={**os.environ, **told}, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield begin
    for process in started:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def is_up(port: int) -> bool:
    try:
        return ask(port, "GET", "/api/v1/restore")[0] == 200
    except OSError:
        return False


def ended_in_order(process: subprocess.Popen[str]) -> bool:
    process.terminate()
    said = process.communicate(timeout=PATIENCE_S)[1]
    return process.returncode == 0 and "Traceback" not in said


def rest(manager: socket.socket) -> list[bytes]:
    manager.setblocking(False)
    said = []
    try:
        while True:
            said.append(manager.recv(99))
    except BlockingIOError:
        return said


def test_a_sampler_with_dead_chips_is_up_and_feeds_its_watchdog(
    launch: Launch, manager: socket.socket, tmp_path: Path
) -> None:
    (tmp_path / "RPi").mkdir()
    (tmp_path / "RPi" / "__init__.py").touch()
    (tmp_path / "RPi" / "GPIO.py").write_text(DEAD_CHIPS, encoding="utf-8")
    sampler = launch("sampler", "--adc", "gpio")
    assert [manager.recv(99) for _ in range(4)] == [b"READY=1"] + [b"WATCHDOG=1"] * 3
    assert ended_in_order(sampler)
    assert rest(manager)[-1] == b"STOPPING=1"


def test_a_station_without_a_sampler_is_up_all_the_same(
    launch: Launch, manager: socket.socket, tmp_path: Path
) -> None:
    port, data = free_port(), tmp_path / "data"
    station = launch("station", "--data", data, "--port", str(port))
    assert [manager.recv(99) for _ in range(3)] == [b"READY=1"] + [b"WATCHDOG=1"] * 2
    again = heeldrive("run", "--data", data, "--port", str(free_port()))
    assert again.returncode == 1
    assert f"http://127.0.0.1:{port}" in again.stderr, "it tells where it is, as `heeldrive run` does"
    assert heeldrive("where", "--data", data).stdout == f"http://127.0.0.1:{port}\n"
    rest(manager)  # a full queue takes no more
    assert ended_in_order(station)
    assert rest(manager)[-1] == b"STOPPING=1"


def test_a_core_thread_that_stands_still_is_not_turning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, freed = threading.Event(), threading.Event()

    class Stuck(StationService):
        def _read(self, timeout_s: float) -> None:
            if stuck.is_set():
                freed.wait(PATIENCE_S)
            super()._read(timeout_s)

    monkeypatch.setattr(services, "TURNS_WITHIN_S", 0.5)
    service = Stuck(tmp_path / "s", Library(tmp_path / "data"), Plate(), "test")
    service.start()
    try:
        wait_for("the first turn", lambda: service.turning)
        stuck.set()
        wait_for("the halt to show", lambda: not service.turning)
        freed.set()
        stuck.clear()
        wait_for("the next turn", lambda: service.turning)
    finally:
        freed.set()
        service.stop()
    assert not service.turning


@pytest.mark.usefixtures("manager")
def test_a_station_ends_in_order_and_its_next_start_restores(launch: Launch, tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    library = Library(tmp_path / "other")
    library.meet("Ada", 7)
    library.close()
    assert heeldrive("backup", "--data", tmp_path / "other", "--out", tmp_path / "b.tar").returncode == 0

    def restore(method: str, path: str = "", *sent: bytes | str) -> dict[str, Any]:
        status, answer = ask(port, method, f"/api/v1/restore{path}", *sent)
        assert status == 200, answer
        return dict(json.loads(answer)["restore"] or {})

    def begin() -> subprocess.Popen[str]:
        process = launch("station", "--data", data, "--port", str(port), "--no-pairing")
        wait_for("the page", lambda: is_up(port))
        return process

    station = begin()
    checked = restore("POST", "/file", (tmp_path / "b.tar").read_bytes(), "application/octet-stream")
    restore("POST", "/replace", json.dumps({"token": checked["token"]}).encode())
    assert station.wait(PATIENCE_S) == 0
    assert Library(data).athletes() == [], "who looks in between finds the old state"
    begin()
    told = restore("GET")
    assert (told["step"], told["token"]) == ("done", checked["token"])
    assert Library(data).athletes() == ["Ada"]
