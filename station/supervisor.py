"""The parent of `heeldrive run`: starts the sampler and the station, restarts either, ends both.

It holds one end of a pipe that both children watch, so that they end even when the parent
is killed. Ctrl-C reaches all three; only the parent heeds it, and ends the others in order:
the station first, so that it can still take what the sampler has sent.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from station.address import as_code, page_answers, page_url
from station.errors import UserError
from station.files import give_to_owner_of

READY_WITHIN_S = 15.0
STATION_STOP_S = 15.0
SAMPLER_STOP_S = 5.0
FIRST_RESTART_S = 0.05
LONGEST_RESTART_S = 5.0
STEADY_S = 10.0  # a child that has lived so long may be restarted at once again
LOOK_EVERY_S = 0.02
RUN_FILE = "running.json"


@dataclass
class _Child:
    """One of the two processes, and how often it had to be started."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    wait_s: float = FIRST_RESTART_S
    restart_s: float | None = field(default=None)


class DataFolderLock:
    """Keeps a second station away from one data folder; holds while the object lives.

    Raises
    ------
    UserError : another station holds it, or the folder can't be written

    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / RUN_FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+", encoding="utf-8")
            give_to_owner_of(folder, self.path)  # a command of root's must not lock the station out
        except OSError as error:
            raise UserError(
                f"The data folder {folder} can't be written ({error.strerror}): choose another with --data."
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            text = _who_runs(self.path)
            self._file.close()
            raise UserError(text) from None

    def tell(self, facts: dict[str, object]) -> None:
        """Write who runs and where, for a second start and for `heeldrive doctor`."""
        self._file.seek(0)
        self._file.truncate()
        json.dump(facts, self._file)
        self._file.flush()

    def release(self) -> None:
        """Let go."""
        self._file.seek(0)
        self._file.truncate()
        self._file.close()


def running_station(folder: Path) -> dict[str, object] | None:
    """Return what the station on a data folder says of itself, None where none runs."""
    try:
        with (folder / RUN_FILE).open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                facts = json.load(file)
                return facts if isinstance(facts, dict) else None
    except (OSError, ValueError):
        return None
    return None


def _who_runs(path: Path) -> str:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        where = f" at {facts['address']} (process {facts['pid']})"
    except (OSError, ValueError, KeyError):
        where = ""
    return f"Heeldrive already runs on this data folder{where}: use that one, or another folder with --data."


def check_port(host: str, port: int) -> None:
    """Make sure that the page can be served there.

    Raises
    ------
    UserError : it can't; the text says why

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise UserError(
            f"Port {port} on {host} can't be used ({error.strerror}): choose another with --port."
        ) from None


class Supervisor:
    """Starts both children and watches them until told to stop.

    Parameters
    ----------
    sampler, station : words of our own command line; ``{socket}`` and ``{parent}`` are filled in
    host, port : of the page
    lock : the data folder, locked

    """

    def __init__(
        self, sampler: Sequence[str], station: Sequence[str], host: str, port: int, lock: DataFolderLock
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="heeldrive-"))
        self._host, self._port = host, port
        self._lock = lock
        self._parent_read, self._parent_write = os.pipe()
        filled = {"{socket}": str(self._folder / "sampler.sock"), "{parent}": str(self._parent_read)}
        python = [sys.executable, "-P", "-m", "station"]
        self._sampler = _Child("sampler", [*python, *(filled.get(word, word) for word in sampler)])
        self._station = _Child("station", [*python, *(filled.get(word, word) for word in station)])
        self._stopping = False
        self.address = page_url(host, port)

    def run(self, greeting: Callable[[], str]) -> int:
        """Start both, print a greeting and the address once the page answers, stay until stopped."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            self._start(self._sampler)
            self._start(self._station)
            self._lock.tell(
                {
                    "pid": os.getpid(),
                    "address": self.address,
                    "host": self._host,
                    "port": self._port,
                    "socket": str(self._folder / "sampler.sock"),
                }
            )
            if self._wait_until_ready():
                code = as_code(self.address) if sys.stdout.isatty() else ""
                print(f"{greeting()}\n{code}{self.address}\nCtrl-C ends it.", flush=True)
            while not self._stopping:
                self._watch(self._sampler)
                self._watch(self._station)
                time.sleep(LOOK_EVERY_S)
        finally:
            self._end(self._station, STATION_STOP_S)
            self._end(self._sampler, SAMPLER_STOP_S)
            os.close(self._parent_write)
            os.close(self._parent_read)
            shutil.rmtree(self._folder, ignore_errors=True)
            self._lock.release()
        return 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self, child: _Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603 - our own command # nosec B603
            child.command, stdin=subprocess.DEVNULL, pass_fds=(self._parent_read,)
        )
        child.started_s = time.monotonic()
        child.restart_s = None

    def _watch(self, child: _Child) -> None:
        """Start a child again that has ended, the later the more often it ends."""
        now_s = time.monotonic()
        if child.restart_s is None:
            if child.process is None or child.process.poll() is None:
                return
            if now_s - child.started_s > STEADY_S:
                child.wait_s = FIRST_RESTART_S
            child.restart_s = now_s + child.wait_s
            child.wait_s = min(2 * child.wait_s, LONGEST_RESTART_S)
            how = "ends to start anew" if child.process.returncode == 0 else "has ended by itself"
            print(f"The {child.name} {how}; starting it again.", file=sys.stderr, flush=True)
        if now_s >= child.restart_s:
            self._start(child)

    def _wait_until_ready(self) -> bool:
        """Wait for the page; False when told to stop meanwhile.

        Raises
        ------
        UserError : a child ended at once, having said why

        """
        deadline_s = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline_s and not self._stopping:
            for child in (self._sampler, self._station):
                if child.process is not None and child.process.poll() is not None:
                    raise UserError(f"The {child.name} could not start; the line above says why.")
            if page_answers(self._host, self._port):
                return True
            time.sleep(LOOK_EVERY_S)
        if not self._stopping:
            raise UserError(f"The page did not answer within {READY_WITHIN_S:.0f} s.")
        return False

    @staticmethod
    def _end(child: _Child, within_s: float) -> None:
        """Ask a child to end, and make it end when it does not."""
        process = child.process
        if process is None or process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            print(
                f"The {child.name} did not end in {within_s:.0f} s and was ended by force.", file=sys.stderr
            )
            process.kill()
            process.wait()
