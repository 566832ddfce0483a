"""The whole station as processes: what a person starts, on a free port and a folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE_S = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, met: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """Return the first true answer of `met`."""
    end_s = time.monotonic() + patience_s
    while time.monotonic() < end_s:
        if answer := met():
            return answer
        time.sleep(0.03)
    raise AssertionError(f"waited {patience_s:.0f} s for {what}")


def heeldrive(*words: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "station", *map(str, words)],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False, env=env,
    )  # fmt: skip


def ask(
    port: int, method: str, path: str, content: bytes | None = None, kind: str = "application/json"
) -> tuple[int, bytes]:
    """Ask a station at a port of this machine, as its own page would, and return its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        headers = {} if content is None else {"Content-Type": kind, "Origin": f"http://127.0.0.1:{port}"}
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Running:
    """One `heeldrive run`."""

    def __init__(self, data: Path, *words: str) -> None:
        self.data = data
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "station", "run", "--data", str(data), "--port", str(self.port), *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def until_ready(self) -> Running:
        assert self.process.stdout is not None
        while self.address not in (line := self.process.stdout.readline()):
            assert line, self.process.communicate()[1]
        return self

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
        return ask(self.port, method, path, None if body is None else json.dumps(body).encode())

    def state(self) -> dict[str, Any]:
        status, body = self.ask("GET", "/api/v1/state")
        assert status == 200, body
        made: dict[str, Any] = json.loads(body)
        return made

    def state_or_none(self) -> dict[str, Any] | None:
        try:
            return self.state()
        except (OSError, http.client.HTTPException):
            return None

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        status, answer = self.ask("POST", f"/api/v1/{path}", body)
        assert status == 200, answer
        made: dict[str, Any] = json.loads(answer)
        return made

    def start_set(self, **changed: Any) -> dict[str, Any]:
        facts = {"athlete": "Ada", "side": "left", "goal": "technique", "load_kg": 0, **changed}
        return self.post("set/start", **facts)

    def counted(self) -> int:
        session = (self.state_or_none() or {}).get("session")
        return int(session["sets"][-1]["counted"]) if session and session["sets"] else 0

    def child(self, name: str) -> int:
        """Return the process id of the sampler or the station."""
        mine = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        for pid in Path(mine).read_text(encoding="ascii").split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            if words[4:5] == [name]:  # python -P -m station NAME
                return int(pid)
        return 0

    def truth(self) -> list[dict[str, Any]]:
        lines = (self.data / "truth.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal to the parent alone; return its exit code and what it said."""
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        _, said = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, said
