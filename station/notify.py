"""What systemd is told of a service: that it is up, that it turns, that it ends.

The protocol is one datagram a message to the socket named by ``NOTIFY_SOCKET``, see
sd_notify(3). Without a service manager nothing is sent.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping

BEATS_A_DEADLINE = 4  # sd_watchdog_enabled(3) asks for two: a late one must not be the last
FIRST_LOOKS_EVERY_S = 0.1
IDLE_S = 60.0  # between looks where no watchdog is asked for


class ServiceManager:
    """Tells the service manager how this process is.

    Parameters
    ----------
    environment : where the manager's names are read: its socket, and the watchdog's deadline
    clock : seconds, monotonic

    """

    def __init__(
        self, environment: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.setblocking(False)  # a manager that is slow to read must not hold up a frame
        deadline_s = int(environment.get("WATCHDOG_USEC", "0")) / 1e6
        self.beat_every_s = deadline_s / BEATS_A_DEADLINE if deadline_s else IDLE_S
        self._beat_s: float | None = None
        self._saying, self._ended = threading.Lock(), False

    @property
    def listens(self) -> bool:
        """Whether there is a manager."""
        return bool(self._address)

    @property
    def ready(self) -> bool:
        """Whether it has been told READY."""
        return self._beat_s is not None

    def beat(self) -> None:
        """Say that the process turns: READY the first time, then what feeds the watchdog; cheap to call."""
        now_s = self._clock()
        with self._saying:
            if self._ended:
                return
            if self._beat_s is None:
                self._beat_s = now_s
                self._send("READY=1")
            elif now_s - self._beat_s >= self.beat_every_s:
                self._beat_s = now_s
                self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the process ends because it was told to; a look that is still on its way says no more."""
        with self._saying:
            self._send("STOPPING=1")
            self._ended = True

    def close(self) -> None:
        """Give the socket back."""
        self._sock.close()

    def _send(self, message: str) -> None:
        if not self.listens:
            return
        # An address that begins with @ is in the abstract namespace.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError):
            self._sock.sendto(message.encode(), address)


def beat_while(manager: ServiceManager, well: Callable[[], bool], ending: threading.Event) -> None:
    """Beat from a thread of its own for as long as `well()` says so, until `ending` is set."""
    if not manager.listens:
        return

    def watch() -> None:
        while not ending.wait(manager.beat_every_s if manager.ready else FIRST_LOOKS_EVERY_S):
            if well():
                manager.beat()

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
