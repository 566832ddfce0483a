"""How often something may be asked for: by one address, and by all together."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar

from flask import Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from web import context

View = TypeVar("View", bound=Callable[..., Any])


class Limit:
    """Counts what happened in the last while.

    Parameters
    ----------
    of_one, of_all : how often, at most, by one address and by all of them
    within_s : in how long
    clock_s : a clock that only rises

    """

    def __init__(
        self, of_one: int, of_all: int, within_s: float, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.of_one, self.of_all, self.within_s = of_one, of_all, within_s
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._lately: deque[tuple[float, str]] = deque()

    def take(self, address: str) -> bool:
        """Take note that it happens, or return False where it may not."""
        one = neighbourhood(address)
        with self._lock:
            self._forget()
            mine = sum(other == one for _, other in self._lately)
            if mine >= self.of_one or len(self._lately) >= self.of_all:
                return False
            self._lately.append((self._clock_s(), one))
            return True

    def give_back(self, address: str) -> None:
        """Forget the newest of an address: it was none that counts."""
        one = neighbourhood(address)
        with self._lock:
            for i in reversed(range(len(self._lately))):
                if self._lately[i][1] == one:
                    del self._lately[i]
                    return

    def _forget(self) -> None:
        since_s = self._clock_s() - self.within_s
        while self._lately and self._lately[0][0] <= since_s:
            self._lately.popleft()


def limited(kind: str) -> Callable[[View], View]:
    """Declare that a route may be asked for only so often; `kind` is a field of `context.Limits`."""

    def mark(view: View) -> View:
        view.limit = kind  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask) -> None:
    """Put the limits before the routes that declare one."""
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    kind = getattr(current_app.view_functions.get(request.endpoint or ""), "limit", None)
    if kind is None:
        return None
    limit: Limit = getattr(context.limits(), kind)
    if limit.take(request.remote_addr or ""):
        return None
    answer = jsonify(error="Too many of these at once: wait a minute.")
    answer.headers["Retry-After"] = f"{limit.within_s:.0f}"
    return answer, 429


def neighbourhood(address: str) -> str:
    """Return what one machine can't leave: of IPv6 it has a whole /64 to itself."""
    try:
        number = ip_address(address)
    except ValueError:
        return address
    if isinstance(number, IPv6Address) and number.ipv4_mapped is None:
        return str(IPv6Address(int(number) >> 64 << 64))
    return str(getattr(number, "ipv4_mapped", None) or number)
