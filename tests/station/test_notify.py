"""What systemd is told, over a real datagram socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.notify import ServiceManager, beat_while

PATIENCE_S = 10.0


class Manager:
    """The service manager's end of the socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind("\0" + address[1:] if address.startswith("@") else address)
        self.sock.settimeout(PATIENCE_S)

    def environment(self, watchdog_s: float = 0.0) -> dict[str, str]:
        watchdog = {"WATCHDOG_USEC": str(int(watchdog_s * 1e6))} if watchdog_s else {}
        return {"NOTIFY_SOCKET": self.address, **watchdog}

    def told(self) -> list[str]:
        """Return what has come so far."""
        self.sock.setblocking(False)
        said = []
        try:
            while True:
                said.append(self.sock.recv(200).decode())
        except BlockingIOError:
            return said
        finally:
            self.sock.settimeout(PATIENCE_S)


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@heeldrive-test-{id(tmp_path)}"
    made = Manager(name)
    yield made
    made.sock.close()


def test_it_is_ready_once_and_beats_four_times_a_deadline(manager: Manager) -> None:
    now_s = [100.0]
    service = ServiceManager(manager.environment(watchdog_s=8.0), lambda: now_s[0])
    for _ in range(1000):  # a poll round each 20 ms, for 20 s
        service.beat()
        now_s[0] += 0.02
    service.stopping()
    service.close()
    first, *beats, last = manager.told()
    assert (first, last) == ("READY=1", "STOPPING=1")
    assert set(beats) == {"WATCHDOG=1"}
    assert len(beats) in (9, 10)  # 20 s at one in 2 s


def test_a_look_that_outlasts_the_end_says_nothing_behind_it(manager: Manager) -> None:
    service, ending, looked = ServiceManager(manager.environment()), threading.Event(), threading.Event()

    def well() -> bool:
        service.stopping()
        ending.set()
        looked.set()
        return True

    beat_while(service, well, ending)
    assert looked.wait(PATIENCE_S)
    for thread in threading.enumerate():
        if thread.name == "watchdog":
            thread.join(PATIENCE_S)
    service.close()
    assert manager.told() == ["STOPPING=1"]


def test_a_loop_that_stands_still_feeds_nothing(manager: Manager) -> None:
    now_s = [0.0]
    service = ServiceManager(manager.environment(watchdog_s=4.0), lambda: now_s[0])
    service.beat()
    now_s[0] = 100.0
    assert manager.told() == ["READY=1"]
    service.beat()
    service.close()
    assert manager.told() == ["WATCHDOG=1"]


def test_without_a_manager_nothing_is_sent_and_nothing_fails() -> None:
    service = ServiceManager({})
    service.beat()
    service.stopping()
    service.close()


def test_a_manager_that_reads_nothing_holds_nothing_up(manager: Manager) -> None:
    now_s = [0.0]
    service = ServiceManager(manager.environment(watchdog_s=4.0), lambda: now_s[0])
    begun_s = time.monotonic()
    for _ in range(2000):  # far more than the socket's queue takes
        now_s[0] += 2.0
        service.beat()
    assert time.monotonic() - begun_s < PATIENCE_S
    service.close()
    assert 0 < len(manager.told()) < 2000


def test_a_manager_that_is_gone_is_no_fault(manager: Manager) -> None:
    service = ServiceManager(manager.environment())
    manager.sock.close()
    service.beat()
    service.close()


def test_it_is_ready_when_all_is_well_and_falls_silent_when_it_is_not(manager: Manager) -> None:
    well, looked, ending = threading.Event(), threading.Semaphore(0), threading.Event()

    def look() -> bool:
        looked.release()
        return well.is_set()

    service = ServiceManager(manager.environment(watchdog_s=0.2))
    beat_while(service, look, ending)
    assert looked.acquire(timeout=PATIENCE_S)
    assert manager.told() == []
    well.set()
    assert manager.sock.recv(200) == b"READY=1"
    assert manager.sock.recv(200) == b"WATCHDOG=1"
    well.clear()
    for _ in range(2):  # the look that is under way, and one that is surely ours
        assert looked.acquire(timeout=PATIENCE_S)
    while looked.acquire(blocking=False):
        pass
    manager.told()
    for _ in range(5):
        assert looked.acquire(timeout=PATIENCE_S)
    ending.set()
    assert manager.told() == []
    service.close()
