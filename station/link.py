"""The station's end of the sampler's socket."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import numpy as np

from station.conversions import (
    GREETING_LENGTH,
    HELLO,
    HELLO_MAGIC,
    LONGEST_GREETING,
    NO_RUN,
    RECORD,
    Greeting,
    Records,
    empty_records,
)

RECEIVE_BYTES = 1 << 18
CONNECT_TIMEOUT_S = 2.0
FROM_NOW_ON = -1


class LinkLost(ConnectionError):
    """The sampler is not there, or has just gone."""


class Link:
    """One connection to a sampler.

    Parameters
    ----------
    path : the sampler's Unix socket
    run_id : hex id of the run whose records are known already, or None
    next_seq : the first record of that run still wanted; FROM_NOW_ON asks for nothing older than now

    Raises
    ------
    LinkLost : nothing answers there

    """

    def __init__(self, path: Path, run_id: str | None = None, next_seq: int = FROM_NOW_ON) -> None:
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sock.settimeout(CONNECT_TIMEOUT_S)
        self._rest = b""
        try:
            self._sock.connect(str(path))
            known = NO_RUN if run_id is None else bytes.fromhex(run_id)
            self._sock.sendall(HELLO.pack(HELLO_MAGIC, known, next_seq))
            (length,) = GREETING_LENGTH.unpack(self._exactly(GREETING_LENGTH.size))
            if length > LONGEST_GREETING:
                raise ValueError(f"a greeting of {length} bytes")
            self.greeting = Greeting.from_bytes(self._exactly(length))
        except OSError as error:
            self.close()
            raise LinkLost(f"no sampler answers at {path}: {error}") from None
        except ValueError as error:
            self.close()
            raise LinkLost(f"what answers at {path} is no sampler of this version: {error}") from None

    def _exactly(self, n: int) -> bytes:
        data = b""
        while len(data) < n:
            part = self._sock.recv(n - len(data))
            if not part:
                raise LinkLost("the sampler closed the connection")
            data += part
        return data

    def read(self, timeout_s: float) -> Records:
        """Return the records that have arrived, shape (n,), empty at the timeout.

        Raises
        ------
        LinkLost : the sampler has gone; what arrived before has been returned

        """
        self._sock.settimeout(timeout_s)
        try:
            data = self._sock.recv(RECEIVE_BYTES)
        except TimeoutError:
            return empty_records()
        except OSError as error:
            raise LinkLost(str(error)) from None
        if not data:
            raise LinkLost("the sampler closed the connection")
        data = self._rest + data
        whole = len(data) // RECORD.itemsize * RECORD.itemsize
        self._rest = data[whole:]
        records = np.frombuffer(data[:whole], dtype=RECORD)
        if np.any(records["t_ns"] < 0):
            raise LinkLost("the sampler's times are before 0")
        return records

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._sock.close()
