"""Everything a station keeps as one file, while it runs; `unpacking` reads it, `restoring` puts it in place.

A plain tar: station.db, the session files, and last a manifest with the length and SHA-256 of
each. Every database is copied whole as of one moment, whoever writes to it meanwhile.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from station.brief import read_brief
from station.errors import UserError
from station.files import put, sha256
from station.session_file import SUFFIX
from station.store import NAME as STATION

FORMAT = "heeldrive-backup/1"
MANIFEST = "manifest.json"
TRUTH = "truth.jsonl"  # beside simulated sessions
_CHUNK = 1 << 18
KNOWN = re.compile(
    rf"({re.escape(STATION)}|{re.escape(TRUTH)}|sessions/session-[0-9]{{5,12}}{re.escape(SUFFIX)})\Z"
)


def stream(folder: Path, made_utc: str = "") -> Generator[bytes, None, None]:
    """Yield a backup of a data folder piece by piece; one file at a time is copied beside it.

    made_utc : when, ISO 8601; "" where the clock is not set
    """
    listed: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as held:
        for name in _names(folder):
            copy = Path(held) / "copy"
            copy.unlink(missing_ok=True)
            try:
                damaged = _copied(folder / name, copy) or not _opens(name, copy)
            except FileNotFoundError:  # deleted meanwhile
                continue
            yield from _member(name, copy)
            listed[name] = {"bytes": copy.stat().st_size, "sha256": sha256(copy), "damaged": damaged}
        manifest = {"format": FORMAT, "version": version("heeldrive"), "made_utc": made_utc, "files": listed}
        text = Path(held) / MANIFEST
        text.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        yield from _member(MANIFEST, text)
    yield bytes(2 * tarfile.BLOCKSIZE)


def about_bytes(folder: Path) -> int:
    """Return how long a backup of a data folder becomes, but for its manifest and what is written now."""
    sizes = [(folder / name).stat().st_size for name in _names(folder)]
    return sum(size + -size % tarfile.BLOCKSIZE + tarfile.BLOCKSIZE for size in sizes)


def write(folder: Path, out: Path, made_utc: str = "") -> int:
    """Write a backup to a file, which is whole once it is there, and return its length.

    Raises
    ------
    UserError : there is no such data folder, or the file can't be written

    """
    if not (folder / STATION).is_file():
        raise UserError(f"There is nothing to back up in {folder}: name the data folder with --data.")
    try:
        put(out, stream(folder, made_utc))
        return out.stat().st_size
    except OSError as error:
        raise UserError(f"{out} can't be written ({error.strerror}): choose another --out.") from None


def _names(folder: Path) -> list[str]:
    sessions = sorted(f"sessions/{path.name}" for path in (folder / "sessions").glob(f"session-*{SUFFIX}"))
    return [name for name in (STATION, *sessions, TRUTH) if KNOWN.match(name) and (folder / name).is_file()]


def _copied(path: Path, copy: Path) -> bool:
    """Copy a file as it is at one moment; True for a database that is damaged, copied as it stands."""
    if path.suffix == ".jsonl":
        shutil.copyfile(path, copy)
        return False
    try:
        with (
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError:
        copy.unlink(missing_ok=True)
        shutil.copyfile(path, copy)
        return True
    return False


def _opens(name: str, copy: Path) -> bool:
    """Tell whether a session's file says what it holds; another file is not asked."""
    if not name.endswith(SUFFIX):
        return True
    try:
        read_brief(copy)
    except (UserError, TypeError, ValueError, OverflowError):
        return False
    return True


def _member(name: str, path: Path) -> Iterator[bytes]:
    """Yield a file as a part of the tar."""
    info = tarfile.TarInfo(name)
    info.size = path.stat().st_size
    info.mtime = int(path.stat().st_mtime)
    yield info.tobuf(tarfile.PAX_FORMAT)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
    if left := -info.size % tarfile.BLOCKSIZE:
        yield bytes(left)
