"""Who was paired, for how long, and what of it is kept."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.devices import GOOD_FOR_DAYS, MOST_DEVICES, DeviceRole, Devices
from station.errors import UserError
from station.library import Library
from station.pin import NAME, OwnerPin, spaced


class Calendar:
    """A clock on the wall that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 17, tzinfo=UTC)
        self.trusted = True

    def __call__(self) -> tuple[str, bool]:
        return self.now.isoformat(timespec="seconds").replace("+00:00", "Z"), self.trusted

    def later(self, **much: float) -> None:
        self.now += timedelta(**much)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def devices(tmp_path: Path, calendar: Calendar) -> Devices:
    return Devices(Library(tmp_path), calendar)


def test_a_paired_device_is_known_by_its_token_alone(devices: Devices, tmp_path: Path) -> None:
    token = devices.pair("Rack 1", "floor")
    other = devices.pair("Phone", "owner")
    assert len(token) >= 43  # 256 bits
    found = devices.of(token)
    assert found is not None
    assert (found.name, found.role) == ("Rack 1", "floor")
    assert [device.name for device in devices.all()] == ["Phone", "Rack 1"]
    for wrong in ("", token[:-1], token.swapcase(), found.hashed):
        assert devices.of(wrong) is None
    for path in tmp_path.glob("*.*"):
        held = path.read_bytes()
        assert token.encode() not in held
        assert other.encode() not in held


def test_it_is_known_after_a_restart_and_by_another_process(
    devices: Devices, tmp_path: Path, calendar: Calendar
) -> None:
    token = devices.pair("Rack 1", "floor")
    again = Devices(Library(tmp_path), calendar)
    assert again.of(token) is not None
    assert again.revoke_all() == 1
    assert devices.of(token) is None


def test_renamed_and_revoked(devices: Devices) -> None:
    token = devices.pair("Rack 1", "floor")
    known = devices.of(token)
    assert known is not None
    devices.rename(known.id, "Rack 2")
    assert [device.name for device in devices.all()] == ["Rack 2"]
    devices.revoke(known.id)
    assert devices.of(token) is None
    for change in (lambda: devices.revoke(known.id), lambda: devices.rename(known.id, "x")):
        with pytest.raises(LookupError, match="no device 1"):
            change()


@pytest.mark.parametrize("role", ["floor", "owner"])
def test_one_that_stays_away_is_forgotten(devices: Devices, calendar: Calendar, role: DeviceRole) -> None:
    token = devices.pair("Rack 1", role)
    calendar.later(days=GOOD_FOR_DAYS[role] - 1)
    assert devices.of(token) is not None  # and was seen
    calendar.later(days=GOOD_FOR_DAYS[role] - 1)
    assert devices.of(token) is not None
    calendar.later(days=GOOD_FOR_DAYS[role] + 1)
    assert devices.of(token) is None
    assert devices.all() == []


def test_a_clock_that_is_not_to_be_trusted_turns_nobody_away(devices: Devices, calendar: Calendar) -> None:
    token = devices.pair("Rack 1", "floor")
    calendar.trusted = False
    calendar.later(days=4000)
    assert devices.of(token) is not None
    calendar.later(days=-8000)
    assert devices.of(token) is not None


def test_not_every_request_is_written(devices: Devices, calendar: Calendar) -> None:
    token = devices.pair("Rack 1", "floor")
    first = devices.of(token)
    calendar.later(minutes=59)
    assert devices.of(token) == first
    calendar.later(minutes=2)
    seen = devices.of(token)
    assert seen is not None
    assert seen.seen_utc == calendar()[0]


def test_there_is_an_end_to_how_many_there_may_be(devices: Devices) -> None:
    for n in range(MOST_DEVICES):
        devices.pair(f"Rack {n}", "floor")
    with pytest.raises(UserError, match="take one away"):
        devices.pair("One more", "floor")


def test_the_pin_is_made_once_and_read_by_its_user_alone(tmp_path: Path) -> None:
    pin = OwnerPin(tmp_path).read()
    assert len(pin) == 8
    assert pin.isdecimal()
    assert OwnerPin(tmp_path).read() == pin
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert spaced("12345678") == "1234 5678"
    assert OwnerPin(tmp_path).fits(pin)
    for wrong in ("", pin[:-1], f"{pin}0", "00000000" if pin != "00000000" else "1", "１２３４５６７８"):
        assert not OwnerPin(tmp_path).fits(wrong)


def test_two_stations_have_two_pins(tmp_path: Path) -> None:
    made = set()
    for n in range(8):
        (tmp_path / str(n)).mkdir()
        made.add(OwnerPin(tmp_path / str(n)).read())
    assert len(made) == 8


def test_a_new_pin_ends_the_old_one(tmp_path: Path) -> None:
    before, running = OwnerPin(tmp_path).read(), OwnerPin(tmp_path)
    after = OwnerPin(tmp_path).renew()
    assert after != before
    assert running.fits(after)
    assert not running.fits(before)


@pytest.mark.parametrize("held", ["", "12", "abcdefgh", "12345678901"])
def test_a_file_that_holds_no_pin_is_replaced(tmp_path: Path, held: str) -> None:
    (tmp_path / NAME).write_text(held)
    pin = OwnerPin(tmp_path).read()
    assert len(pin) == 8
    assert (tmp_path / NAME).read_text().strip() == pin


def test_a_folder_that_takes_nothing_still_has_a_pin(tmp_path: Path) -> None:
    pin = OwnerPin(tmp_path / "gone")
    assert pin.read() == pin.read()
    assert pin.fits(pin.read())
    with pytest.raises(UserError, match="can't be written"):
        pin.renew()


def test_the_folders_user_keeps_the_pin_that_root_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _fd, user, group: given.append((user, group)))
    OwnerPin(tmp_path).renew()
    assert given == [(tmp_path.stat().st_uid, tmp_path.stat().st_gid)]


def test_no_backup_has_the_pin(tmp_path: Path) -> None:
    from station import archive

    Library(tmp_path).keep_setting("x", json.dumps(1))
    pin = OwnerPin(tmp_path).read()
    assert pin.encode() not in b"".join(archive.stream(tmp_path))
