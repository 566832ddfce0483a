"""What a file system needs to be told so that a power cut finds everything in its place."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Put on disk which files a folder holds: a rename is safe only behind this."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def sync_file(path: Path) -> None:
    """Put a file's content on disk."""
    _sync(path, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put(path: Path, parts: Iterable[bytes]) -> None:
    """Put a file in its place, whole and on disk; what was there before is there until then.

    A half-written file is removed; what `parts` itself raises is passed on.

    Raises
    ------
    OSError : as the file system answers; EINVAL where something else than a file has the name

    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no plain file")  # a pipe or a device must stay what it is
    growing = path.with_name(f".{path.name}.part")
    try:
        with growing.open("wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        growing.replace(path)
        sync_folder(path.absolute().parent)
    finally:
        with suppress(OSError):  # a medium that was pulled out keeps it
            growing.unlink(missing_ok=True)


def put_text(path: Path, text: str) -> None:
    """Put a text file in its place, whole and on disk; what was there before is there until then."""
    growing = path.with_name(f"{path.name}.new")
    growing.write_text(text, encoding="utf-8")
    sync_file(growing)
    growing.replace(path)
    sync_folder(path.parent)


def give_to_owner_of(folder: Path, path: Path) -> None:
    """Give what root has made below a folder, and all that is in it, to the folder's owner."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        for one in (path, *path.rglob("*")):
            os.chown(one, owner.st_uid, owner.st_gid, follow_symlinks=False)
