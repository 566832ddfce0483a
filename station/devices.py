"""The tablets and phones that may use the station, each by a token that only it has."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from station.errors import UserError

DeviceRole = Literal["floor", "owner"]
LONGEST_NAME = 40
MOST_DEVICES = 50
GOOD_FOR_DAYS: dict[DeviceRole, int] = {"floor": 90, "owner": 30}  # since it was last seen
NOTE_SEEN_EVERY = timedelta(hours=1)  # a card is not written for every request
SETTING = "devices"


class Settings(Protocol):
    """Where the devices are kept, as in `library.Library`."""

    def setting(self, key: str) -> Any:
        """Return what was kept under a key, None if nothing was."""
        ...

    def keep_setting(self, key: str, value: Any) -> None:
        """Keep a JSON value under a key."""
        ...


@dataclass(frozen=True)
class Device:
    """One that was paired.

    hashed : SHA-256 of its token
    paired_utc, seen_utc : ISO 8601; "" while the clock was not to be trusted
    """

    id: int
    name: str
    role: DeviceRole
    hashed: str
    paired_utc: str
    seen_utc: str


class Devices:
    """All that are paired; called by any thread.

    Parameters
    ----------
    settings : where they are kept
    wall_clock : the time of day in UTC, and whether it is to be trusted

    """

    def __init__(self, settings: Settings, wall_clock: Callable[[], tuple[str, bool]]) -> None:
        self._settings = settings
        self._wall_clock = wall_clock
        self._lock = threading.Lock()
        self._known: list[Device] = []  # while the disk can't be read

    def all(self) -> list[Device]:
        """Return those that may come in, the last paired first."""
        with self._lock:
            return [device for device in reversed(self._read()) if not self._expired(device)]

    @property
    def owned(self) -> bool:
        """Whether an owner's device is among them."""
        return any(device.role == "owner" for device in self.all())

    def pair(self, name: str, role: DeviceRole) -> str:
        """Let a device in and return its token, which is kept nowhere but there.

        Raises
        ------
        UserError : there are as many as there may be

        """
        token = secrets.token_urlsafe(32)
        with self._lock:
            devices = [device for device in self._read() if not self._expired(device)]
            if len(devices) >= MOST_DEVICES:
                raise UserError(f"{MOST_DEVICES} devices are paired: the owner has to take one away first.")
            number = 1 + max((device.id for device in devices), default=0)
            now_utc = self._now_utc()
            self._write([*devices, Device(number, name, role, _hash(token), now_utc, now_utc)])
        return token

    def of(self, token: str) -> Device | None:
        """Return the device that has a token, None where it may not come in (any more)."""
        hashed = _hash(token)
        with self._lock:
            # All are compared, each in constant time: how long it takes tells nothing.
            found = [one for one in self._read() if hmac.compare_digest(one.hashed, hashed)]
            if not found or self._expired(found[0]):
                return None
            return self._saw(found[0])

    def rename(self, number: int, name: str) -> None:
        """Give a device another name; raises LookupError where there is none of that number."""
        self._change(number, lambda device: replace(device, name=name))

    def revoke(self, number: int) -> None:
        """Let a device in no more; raises LookupError where there is none of that number."""
        self._change(number, lambda _: None)

    def revoke_all(self) -> int:
        """Let none in any more; return how many there were."""
        with self._lock:
            devices = self._read()
            self._write([])
        return len(devices)

    def _change(self, number: int, change: Callable[[Device], Device | None]) -> None:
        with self._lock:
            devices = self._read()
            if all(device.id != number for device in devices):
                raise LookupError(f"There is no device {number}.")
            changed = [change(device) if device.id == number else device for device in devices]
            self._write([device for device in changed if device is not None])

    def _saw(self, device: Device) -> Device:
        now_utc = self._now_utc()
        if now_utc and (not device.seen_utc or _time(now_utc) - _time(device.seen_utc) >= NOTE_SEEN_EVERY):
            seen = replace(device, seen_utc=now_utc)
            self._write([seen if one.id == device.id else one for one in self._read()])
            return seen
        return device

    def _expired(self, device: Device) -> bool:
        """Whether it was away for too long; with no clock to trust, nobody is turned away."""
        now_utc = self._now_utc()
        if not now_utc or not device.seen_utc:
            return False
        return _time(now_utc) - _time(device.seen_utc) > timedelta(days=GOOD_FOR_DAYS[device.role])

    def _now_utc(self) -> str:
        now_utc, trusted = self._wall_clock()
        return now_utc if trusted else ""

    def _read(self) -> list[Device]:
        """Return what is kept: another process may have changed it."""
        with suppress(OSError, sqlite3.Error):  # the live display goes on when the card fails
            self._known = [Device(**kept) for kept in self._settings.setting(SETTING) or ()]
        return list(self._known)

    def _write(self, devices: list[Device]) -> None:
        self._known = devices
        self._settings.keep_setting(SETTING, [asdict(device) for device in devices])


def _time(utc: str) -> datetime:
    return datetime.fromisoformat(utc)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
