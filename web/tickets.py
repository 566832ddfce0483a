"""Links that are good once: one session, ten minutes."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

GOOD_FOR_S = 600.0
MOST = 50  # at a time: the oldest gives way


@dataclass(frozen=True)
class _Ticket:
    number: int
    until_s: float


class Tickets:
    """The codes that are open. Only their hashes are kept."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._open: dict[str, _Ticket] = {}

    def issue(self, number: int) -> str:
        """Return a new token for a session."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            while len(self._open) >= MOST:
                del self._open[next(iter(self._open))]
            self._open[_hash(token)] = _Ticket(number, self._clock_s() + GOOD_FOR_S)
        return token

    def session_of(self, token: str) -> int | None:
        """Return the session a token is for, None once it is used or too old."""
        with self._lock:
            ticket = self._open.get(_hash(token))
        return ticket.number if ticket is not None and self._clock_s() <= ticket.until_s else None

    def redeem(self, token: str) -> int | None:
        """Return the session a token is for, the first time."""
        with self._lock:
            ticket = self._open.pop(_hash(token), None)
        return ticket.number if ticket is not None and self._clock_s() <= ticket.until_s else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
