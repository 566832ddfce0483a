"""The sampler process: reads its source, remembers the last minutes, serves them on a socket.

One thread does it all and nothing else, so that nothing of ours ever sits between two
pulses of a frame. It ignores SIGINT (Ctrl-C reaches a whole terminal; the parent decides),
and ends on SIGTERM or when the parent's pipe closes.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from hardware.backlog import RECORD_BYTES, Backlog
from station.conversions import (
    HELLO,
    HELLO_MAGIC,
    NO_CELL,
    Greeting,
    Kind,
    Source,
    empty_records,
)

HEARTBEAT_NS = 100_000_000
LONGEST_SLEEP_S = 0.02
MOST_RECORDS_A_SEND = 4096
MOST_CLIENTS = 8


@dataclass(frozen=True)
class DataClock:
    """CLOCK_MONOTONIC, or a faster one that starts from it.

    Parameters
    ----------
    epoch_ns : where both clocks agree
    speed : data seconds in a second

    """

    epoch_ns: int
    speed: float = 1.0

    def now_ns(self) -> int:
        """Return the present data time."""
        now_ns = time.monotonic_ns()
        if self.speed == 1.0:
            return now_ns
        return self.epoch_ns + int((now_ns - self.epoch_ns) * self.speed)

    def sleep_s(self, until_ns: int) -> float:
        """Return how many real seconds away the data time `until_ns` is, 0 if past."""
        return max(0.0, (until_ns - self.now_ns()) / 1e9 / self.speed)


_NOTHING = memoryview(b"")


@dataclass
class _Client:
    """One reader of the socket and how far it has got."""

    sock: socket.socket
    hello: bytes = b""
    pending: memoryview = _NOTHING  # the greeting, or the rest of a record cut by the kernel
    next_seq: int | None = None  # None until its HELLO is whole


class Sampler:
    """Polls one source and serves its records.

    Parameters
    ----------
    source : where the conversions come from
    socket_path : where to listen; an old socket there is replaced
    clock : the data clock
    notes : what the process could not get, told in the greeting
    parent_fd : a pipe that closes when the parent dies; None without a parent
    after_poll : called with the data time after every poll (a simulation logs its truth there)

    """

    def __init__(
        self,
        source: Source,
        socket_path: Path,
        clock: DataClock,
        *,
        notes: tuple[str, ...] = (),
        parent_fd: int | None = None,
        after_poll: Callable[[int], None] | None = None,
        backlog: Backlog | None = None,
    ) -> None:
        self.source = source
        self.clock = clock
        self.notes = notes
        self.run_id = os.urandom(16)
        self.backlog = backlog or Backlog()
        self._after_poll = after_poll
        self._stopping = False
        self._heartbeat_ns = 0
        self._clients: dict[int, _Client] = {}
        self._selector = selectors.DefaultSelector()
        self._listener = self._listen(socket_path)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        if parent_fd is not None:
            self._selector.register(parent_fd, selectors.EVENT_READ, self._parent_gone)

    def stop(self, *_: int | FrameType | None) -> None:
        """End `run` after the present round; fit to be a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Poll and serve until stopped."""
        try:
            while not self._stopping:
                self._round()
        finally:
            for client in list(self._clients.values()):
                self._drop(client)
            self._selector.close()
            self._listener.close()
            self.source.close()

    def _round(self) -> None:
        now_ns = self.clock.now_ns()
        self.backlog.append(self.source.poll(now_ns))
        if now_ns - self._heartbeat_ns >= HEARTBEAT_NS * self.clock.speed:
            self._heartbeat(now_ns)
        for client in list(self._clients.values()):
            self._feed(client)
        if self._after_poll is not None:
            self._after_poll(now_ns)
        for key, _ in self._selector.select(0):
            key.data(key.fileobj)
        # Not slept in the selector: its time-out is rounded up to whole milliseconds.
        time.sleep(min(LONGEST_SLEEP_S, self.clock.sleep_s(self.source.next_poll_ns(now_ns))))

    def _heartbeat(self, now_ns: int) -> None:
        beat = empty_records(1)
        beat["t_ns"] = now_ns // 1000 * 1000
        beat["kind"] = Kind.HEARTBEAT
        beat["cell"] = NO_CELL
        self.backlog.append(beat)
        self._heartbeat_ns = now_ns

    # --- the socket ---

    @staticmethod
    def _listen(path: Path) -> socket.socket:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        listener.bind(str(path))
        path.chmod(0o660)
        listener.listen()
        return listener

    def _parent_gone(self, _: object) -> None:
        self._stopping = True

    def _accept(self, _: object) -> None:
        sock, _address = self._listener.accept()
        sock.setblocking(False)
        if len(self._clients) >= MOST_CLIENTS:
            sock.close()
            return
        client = _Client(sock)
        self._clients[sock.fileno()] = client
        self._selector.register(sock, selectors.EVENT_READ, lambda _: self._hear(client))

    def _hear(self, client: _Client) -> None:
        """Take the HELLO; after it a reader has nothing to say but goodbye."""
        try:
            data = client.sock.recv(64)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(client)
        elif client.next_seq is None:
            client.hello += data
            if len(client.hello) >= HELLO.size:
                self._greet(client)

    def _greet(self, client: _Client) -> None:
        magic, run_id, wanted_seq = HELLO.unpack(client.hello[: HELLO.size])
        if magic != HELLO_MAGIC:
            self._drop(client)
            return
        first_seq = 0 if run_id != self.run_id else wanted_seq
        if wanted_seq < 0:
            first_seq = self.backlog.next_seq
        client.next_seq = min(max(first_seq, self.backlog.first_seq), self.backlog.next_seq)
        client.pending = memoryview(self.greeting(client.next_seq).as_bytes())
        self._feed(client)

    def greeting(self, first_seq: int) -> Greeting:
        """Return what a reader is told before record `first_seq`."""
        return Greeting(
            run_id=self.run_id.hex(),
            boot_id=boot_id(),
            first_seq=first_seq,
            now_ns=self.clock.now_ns(),
            speed=self.clock.speed,
            pid=os.getpid(),
            source=self.source.info,
            notes=self.notes,
        )

    def _feed(self, client: _Client) -> None:
        """Send what the reader has not had yet, as far as its socket takes it."""
        if client.next_seq is None:
            return
        try:
            while True:
                if not client.pending:
                    client.next_seq = max(client.next_seq, self.backlog.first_seq)
                    view = self.backlog.view(client.next_seq, MOST_RECORDS_A_SEND)
                    if not view:
                        return
                    sent = client.sock.send(view)
                    whole, cut = divmod(sent, RECORD_BYTES)
                    client.next_seq += whole
                    if cut:  # copied, since the ring may overwrite it before the rest is sent
                        rest = bytes(view[whole * RECORD_BYTES + cut : (whole + 1) * RECORD_BYTES])
                        client.pending = memoryview(rest)
                        client.next_seq += 1
                else:
                    sent = client.sock.send(client.pending)
                    client.pending = client.pending[sent:]
        except BlockingIOError:
            return
        except OSError:
            self._drop(client)

    def _drop(self, client: _Client) -> None:
        if self._clients.pop(client.sock.fileno(), None) is not None:
            self._selector.unregister(client.sock)
            client.sock.close()


def boot_id() -> str:
    """Return what identifies this boot of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"


def end_on_sigterm(sampler: Sampler) -> None:
    """Let SIGTERM end the sampler in order, and SIGINT pass by."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, sampler.stop)
