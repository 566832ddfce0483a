"""A backup takes the place of a data folder's state, inside the folder, and a power cut finds it old or new.

Below ``.restoring`` lies the new state, unpacked and checked. An order beside it makes it wanted; what is
not ordered is removed at the next start. Who has the folder's lock carries the order out before anything
opens the folder: it writes the names that are to move into the order, moves the old state to
``before-restore-N`` and the new one to where that was. Every file has two places of which it is in one,
so that the same moves can be made again after a power cut, or back where the disk refuses one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.archive import TRUTH
from station.devices import SETTING as DEVICES
from station.errors import UserError
from station.files import give_to_owner_of, put_text, sync_folder
from station.index import NAME as INDEX
from station.index import number_of
from station.pin import NAME as PIN
from station.safekeeping import Content, Held
from station.session_file import SUFFIX
from station.store import NAME as STATION
from station.store import highest_number, note_restore, setting_of
from station.supervisor import RUN_FILE
from station.unpacking import unpack

STAGE = ".restoring"
KEPT = re.compile(r"before-restore-[0-9]{1,6}\Z")
SETTING = "restored"  # the newest restore, in the state that it made
_ORDER, _NEW = "order.json", "new"
_STATE = re.compile(
    rf"({re.escape(STATION)}(|-journal|-wal|-shm|\.before-[0-9]+)|sessions|{re.escape(TRUTH)})\Z"
)
_NO_STATE = {RUN_FILE, PIN, STAGE, "lost+found", "last-words"}  # may be there before the first state is


@dataclass(frozen=True)
class Restored:
    """How an order was carried out.

    token : what it was ordered as
    kept : the folder of the state before; None where there was none, or nothing was replaced
    why_not : in plain words; "" where it was done
    """

    token: str
    kept: Path | None
    why_not: str = ""


def stage(content: Content, called: str, folder: Path) -> Held:
    """Unpack a backup below a data folder and check it; nothing is replaced yet.

    called : what the backup is called where it is refused

    Raises
    ------
    UserError : it is none, is damaged or of a newer version
    OSError : the folder can't be written

    """
    discard(folder)
    place = folder / STAGE
    try:
        held = unpack(content, called, place / _NEW)
        give_to_owner_of(folder, place)
        sync_folder(place)
        sync_folder(folder)
    except BaseException:
        discard(folder)
        raise
    return held


def order(folder: Path, token: str) -> None:
    """Have what is staged take the state's place at the next start; raises OSError."""
    path = folder / STAGE / _ORDER
    try:
        put_text(path, json.dumps({"token": token}))
    except OSError:  # not surely there: then surely not
        with suppress(OSError):
            path.unlink()
        raise


def discard(folder: Path) -> None:
    """Remove what is staged, which must not be ordered."""
    shutil.rmtree(folder / STAGE, ignore_errors=True)


def finish(folder: Path) -> Restored | None:
    """Carry out what was ordered, if anything was; for who has the folder's lock, before anything opens it.

    Raises
    ------
    UserError : it can be moved neither on nor back; the next start tries again

    """
    wanted = _order(folder)
    if wanted is None:
        discard(folder)
        return None
    try:
        if "old" not in wanted:
            wanted = _begun(folder, wanted)
        _move_on(folder, wanted)
        done = Restored(wanted["token"], _kept(folder, wanted))
    except (OSError, sqlite3.Error) as error:
        done = Restored(wanted["token"], None, f"The backup could not be put in place ({error})")
    try:
        if done.why_not:
            wanted = _order(folder) or wanted
            _move_back(folder, wanted)
        (folder / STAGE / _ORDER).unlink()
        sync_folder(folder / STAGE)
    except OSError as error:
        raise UserError(
            f"A restore of {folder} stands half-way and the disk refuses to go on ({error}): mend the disk,"
            " then start the station, which finishes it. Nothing is lost."
        ) from None
    discard(folder)
    return done


def refuse_half(folder: Path) -> None:
    """Raise UserError where a restore was cut short in the middle: what is there is of two states."""
    if "old" in (_order(folder) or ()):  # before them the old state is whole
        raise UserError(f"A restore of {folder} was cut short: start the station, which finishes it.")


def kept(folder: Path) -> list[Path]:
    """Return the folders of the states before a restore, oldest first."""
    found = [path for path in folder.glob("before-restore-*") if KEPT.match(path.name) and path.is_dir()]
    return sorted(found, key=lambda path: int(path.name.rpartition("-")[2]))


def restore(archive: Path, folder: Path) -> Path | None:
    """Put a backup in the place of a data folder's state; return where the old one is kept, None without.

    Only who has the folder's lock may do this. Everything is checked before anything is replaced.

    Raises
    ------
    UserError : the archive is none, is damaged or of a newer version, or the folder can't be written

    """
    folder = folder.absolute()
    try:
        if folder.exists():
            finish(folder)
            names = {path.name for path in folder.iterdir()} - _NO_STATE
            if names and STATION not in names:
                raise UserError(
                    f"{folder} is no data folder: name one with --data, or one that is not there yet."
                )
        folder.mkdir(parents=True, exist_ok=True)
        with archive.open("rb") as content:
            stage(content, str(archive), folder)
        order(folder, "")
        done = finish(folder)
    except (OSError, sqlite3.Error) as error:
        raise UserError(f"{archive} can't be restored to {folder} ({error}): nothing was replaced.") from None
    assert done is not None  # noqa: S101 - it was ordered # nosec B101
    if done.why_not:
        raise UserError(f"{done.why_not}: nothing was replaced.")
    return done.kept


def _order(folder: Path) -> dict[str, Any] | None:
    """Return what is ordered, with the moves where they have begun; raises UserError and OSError."""
    path = folder / STAGE / _ORDER
    try:
        wanted: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:
        raise UserError(f"{path} is damaged: it lists what a restore moves, and to where.") from None
    return wanted


def _begun(folder: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Make all ready for the moves, and note them: from here on they are made, or made again."""
    new = folder / STAGE / _NEW
    # station.db comes last and goes first: without it a folder is none of ours.
    names = sorted((path.name for path in new.iterdir()), key=lambda name: name == STATION)
    if names[-1:] != [STATION]:
        raise FileNotFoundError(f"{new / STATION} is gone")
    old = sorted(path.name for path in folder.iterdir() if _STATE.match(path.name))
    place = _free_place(folder) if old else None
    told = {"token": wanted["token"], "kept": place and place.name}
    # A device that was taken away must not come back with a backup, nor the owner's be shut out.
    devices = setting_of(folder / STATION, DEVICES)
    note_restore(new / STATION, _highest(folder), {SETTING: told, DEVICES: devices})
    begun = wanted | {"kept": place and place.name, "old": old, "new": names}
    put_text(folder / STAGE / _ORDER, json.dumps(begun))
    return begun


def _move_on(folder: Path, wanted: dict[str, Any]) -> None:
    for end in ("-wal", "-shm", "-journal", ""):  # made again from the sessions
        (folder / f"{INDEX}{end}").unlink(missing_ok=True)
    new, place = folder / STAGE / _NEW, _kept(folder, wanted)
    if place is not None:
        place.mkdir(exist_ok=True)
        give_to_owner_of(folder, place)
        sync_folder(folder)
        _move([name for name in wanted["old"] if not os.path.lexists(place / name)], folder, place)
    _move([name for name in wanted["new"] if os.path.lexists(new / name)], new, folder)


def _move_back(folder: Path, wanted: dict[str, Any]) -> None:
    new, place = folder / STAGE / _NEW, _kept(folder, wanted)
    _move([name for name in wanted.get("new", ()) if not os.path.lexists(new / name)], folder, new)
    if place is not None and place.is_dir():
        _move([name for name in wanted["old"] if os.path.lexists(place / name)], place, folder)
        place.rmdir()


def _move(names: Sequence[str], here: Path, there: Path) -> None:
    """Move files and folders, and have all of them on disk at their new place before anything else."""
    for name in names:
        (here / name).rename(there / name)
    sync_folder(there)
    sync_folder(here)


def _kept(folder: Path, wanted: dict[str, Any]) -> Path | None:
    name = wanted.get("kept")
    return None if name is None else folder / str(name)


def _free_place(folder: Path) -> Path:
    places = (folder / f"before-restore-{n}" for n in range(1, 10**6))
    # An empty one is left by a power cut before its first move.
    return next(place for place in places if not place.exists() or not any(place.iterdir()))


def _highest(folder: Path) -> int:
    """Return the highest session number that the folder ever gave, as far as it tells."""
    files = [number_of(path.name) for path in (folder / "sessions").glob(f"session-*{SUFFIX}")]
    return max([highest_number(folder / STATION), *files])
