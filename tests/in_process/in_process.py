"""A whole station in this process: sampler, core and page, with all that they log."""

from __future__ import annotations

import http.client
import json
import logging
import threading
import time
from pathlib import Path
from typing import Any

from hardware.mock import MockAdc
from hardware.sampler import DataClock, Sampler
from station.bundle import LogTail
from station.library import Library
from station.logs import Lines
from station.service import StationService
from station.signal.model import Plate
from web.app import create_app
from web.server import PageServer


class Heard(logging.Handler):
    """Every record of any level, as it was said and as the station's log would show it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(Lines("%(levelname)s %(name)s: %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [record.getMessage(), self.format(record)]


class InProcess:
    """Runs while it is entered; `data` is the data folder, `beside` where the socket goes."""

    def __init__(self, data: Path, beside: Path, speed: float = 10.0) -> None:
        clock = DataClock(time.monotonic_ns(), speed)
        source = MockAdc(seed=3, epoch_ns=clock.epoch_ns, start_ns=clock.epoch_ns)
        self.sampler = Sampler(source, beside / "sampler.sock", clock)
        self.log = LogTail()
        self.library = Library(data)
        self.service = StationService(beside / "sampler.sock", self.library, Plate(), "0", log=self.log)
        self.server = PageServer(create_app(self.service, pairing_needed=False), "127.0.0.1", 0)
        self._thread = threading.Thread(target=self.sampler.run)

    def __enter__(self) -> InProcess:
        logging.getLogger().addHandler(self.log)
        self._thread.start()
        self.service.start()
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()
        self.service.stop()
        self.sampler.stop()
        self._thread.join(10)
        self.library.close()
        logging.getLogger().removeHandler(self.log)

    @property
    def address(self) -> str:
        return f"http://station.local:{self.server.port}"

    def ask(
        self, method: str, path: str, body: Any = None, kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """Return status and body; `body` is sent as JSON, or as it is where it is bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, sent, {} if body is None else {"Content-Type": kind})
            answer = connection.getresponse()
            try:
                return answer.status, answer.read()
            except http.client.IncompleteRead as cut:
                return answer.status, cut.partial
        finally:
            connection.close()

    def post(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        status, answer = self.ask("POST", f"/api/v1/{path}", body)
        return status, json.loads(answer)

    def state(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(self.ask("GET", "/api/v1/state")[1])
        return made

    def counted(self) -> int:
        session = self.state()["session"]
        return int(session["sets"][-1]["counted"]) if session and session["sets"] else 0
