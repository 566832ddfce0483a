"""Words that nobody can guess, each of which stands for something for a while."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Tokens(Generic[Thing]):
    """What is open now. Only the tokens' hashes are kept.

    Parameters
    ----------
    good_for_s : since it was issued, or last renewed
    most : at a time: the oldest gives way
    clock_s : a clock that only rises
    new : makes a token

    """

    def __init__(
        self,
        good_for_s: float,
        most: int,
        clock_s: Callable[[], float] = time.monotonic,
        new: Callable[[], str] = lambda: secrets.token_urlsafe(24),
    ) -> None:
        self._good_for_s = good_for_s
        self._most = most
        self._clock_s = clock_s
        self._new = new
        self._lock = threading.Lock()
        self._open: dict[str, tuple[Thing, float]] = {}  # hash → what it stands for, until when

    def issue(self, thing: Thing) -> str:
        """Return a new token for `thing`."""
        token = self._new()
        with self._lock:
            while len(self._open) >= self._most:
                del self._open[next(iter(self._open))]
            self._open[_hash(token)] = (thing, self._clock_s() + self._good_for_s)
        return token

    def of(self, token: str) -> Thing | None:
        """Return what a token stands for, None once it is taken back or too old."""
        with self._lock:
            thing, until_s = self._open.get(_hash(token), (None, 0.0))
        return thing if self._clock_s() <= until_s else None

    def take_back(self, token: str) -> Thing | None:
        """Return what a token stood for, as `of`; from now on it stands for nothing."""
        with self._lock:
            thing, until_s = self._open.pop(_hash(token), (None, 0.0))
        return thing if self._clock_s() <= until_s else None

    def renewed(self, token: str) -> Thing | None:
        """Return what a token stands for, and let it be good for as long again."""
        thing = self.take_back(token)
        if thing is not None:
            with self._lock:
                self._open[_hash(token)] = (thing, self._clock_s() + self._good_for_s)
        return thing


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
