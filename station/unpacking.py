"""A backup read into a folder, from a file or as it comes over a line, and held against its manifest."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from tarfile import TarError
from typing import Any

from station.archive import FORMAT, KNOWN, MANIFEST
from station.brief import read_brief
from station.errors import UserError, shown
from station.files import sha256, sync_folder
from station.index import number_of
from station.plain_tar import CHUNK, Part, members
from station.safekeeping import Content, Held
from station.session_file import SUFFIX
from station.store import MIGRATIONS, migrate
from station.store import NAME as STATION

MOST_MANIFEST_BYTES = 64 * 2**20
LONGEST_WORD = 40  # of what the manifest says of itself


def unpack(content: Content, called: str, folder: Path) -> Held:
    """Unpack a backup into an empty folder, check all of it and return what it holds.

    called : what the backup is called where it is refused

    Raises
    ------
    UserError : it is none, is damaged or of a newer version
    OSError : the folder can't be written

    """
    (folder / "sessions").mkdir(parents=True)
    manifest = _unpacked(content, called, folder)
    while content.read(CHUNK):  # who sends it is heard to the end
        pass
    return _checked(manifest, called, folder)


def _unpacked(content: Content, called: str, folder: Path) -> dict[str, Any]:
    """Unpack what belongs into a data folder, and return the manifest."""
    seen: set[str] = set()
    try:
        for name, part in members(content):
            if name in seen or not (name == MANIFEST or KNOWN.match(name)):
                raise ValueError(f"it holds {shown(name)}, which is none of ours")
            if name == MANIFEST:
                return _manifest(part.whole(MOST_MANIFEST_BYTES), seen)
            _put(part, folder / name)
            seen.add(name)
    except (TarError, ValueError, RecursionError) as error:
        raise _refused(called, str(error)) from None
    raise _refused(called, "it is cut short")


def _put(part: Part, path: Path) -> None:
    with path.open("xb") as file:
        file.writelines(part.pieces())
        file.flush()
        os.fsync(file.fileno())


def _manifest(text: bytes, seen: set[str]) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ValueError("it is of another version")
    files = value.get("files")
    if not isinstance(files, dict) or set(files) != seen or STATION not in seen:
        raise ValueError("its files are not those it lists")
    if not all(isinstance(facts, dict) for facts in files.values()):
        raise ValueError("its list is none")
    return value


def _checked(manifest: dict[str, Any], called: str, folder: Path) -> Held:
    """Hold every file against the manifest, open it as a station would, and put all on disk."""
    athletes: set[str] = set()
    damaged, newest_utc = [], ""
    for name, facts in manifest["files"].items():
        path = folder / name
        if sha256(path) != facts.get("sha256"):
            raise _refused(called, f"{name} is not as it was")
        if not name.endswith(SUFFIX):
            continue
        if facts.get("damaged"):
            damaged.append(number_of(path.name))
            continue
        try:
            meta = read_brief(path).meta
        except (UserError, TypeError, ValueError, OverflowError) as error:
            raise _refused(called, str(error).replace(str(path), name)) from None
        athletes.add(str(meta.get("athlete") or ""))
        newest_utc = max(newest_utc, str(meta.get("started_utc") or "")[:LONGEST_WORD])
    athletes |= _athletes(called, folder / STATION)
    sync_folder(folder / "sessions")
    sync_folder(folder)
    sessions = sum(name.endswith(SUFFIX) for name in manifest["files"])
    version, made_utc = (str(manifest.get(word) or "")[:LONGEST_WORD] for word in ("version", "made_utc"))
    return Held(version, made_utc, newest_utc, sessions, len(athletes - {""}), tuple(sorted(damaged)))


def _athletes(called: str, path: Path) -> set[str]:
    """Check a station.db, bring it to the present version, and return whom it knows."""
    try:
        with closing(sqlite3.connect(path)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            ((well,),) = db.execute("PRAGMA quick_check(1)").fetchall()
        if version > len(MIGRATIONS):
            raise _refused(called, f"a newer Heeldrive wrote its {STATION}: update this one first")
        if well == "ok":
            migrate(path)
            with closing(sqlite3.connect(path)) as db:
                return {str(name) for (name,) in db.execute("SELECT name FROM athlete")}
    except sqlite3.Error as error:
        raise _refused(called, f"its {STATION}: {error}") from None
    raise _refused(called, f"its {STATION} is damaged")


def _refused(called: str, why: str) -> UserError:
    return UserError(f"{called} is no whole backup ({why}): nothing was replaced.")
