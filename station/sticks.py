"""Removable media: which are mounted, and files that get there whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from station.errors import UserError
from station.files import put, sync_folder
from station.safekeeping import Stick, StickBackup

BELOW = ("/media/", "/run/media/", "/mnt/")
FOLDER = "heeldrive"  # on the stick
BACKUP = "heeldrive-backup.tar"  # in it

_ESCAPED = re.compile(r"\\([0-7]{3})")  # as the kernel writes blanks in a path
_WORDS = {
    errno.ENOSPC: "{} is full: remove something from it, or take a larger one.",
    errno.EDQUOT: "{} is full: remove something from it, or take a larger one.",
    errno.EROFS: "{} is read-only: slide its lock, or take another one.",
    errno.EFBIG: "{} takes no file so large: format it as exFAT.",
    errno.EACCES: "The station may not write to {}: mount it for the station's user.",
    errno.EPERM: "The station may not write to {}: mount it for the station's user.",
}
_LOST = "{} was pulled out, or fails: put it in and copy again."
_GONE = (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOTDIR, errno.ESTALE)


def mounted(root: Path = Path("/")) -> list[Stick]:
    """Return the removable media that are mounted; `root` is where /proc, /sys and /media are."""
    try:
        lines = (root / "proc/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
    found = []
    for device, place, _, options, *_ in (line.split() for line in lines if line.count(" ") >= 3):
        place = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), place)
        if not f"{place}/".startswith(BELOW) or not _removable(root, device):
            continue
        path = root / place.lstrip("/")
        with suppress(OSError):  # pulled out meanwhile
            free = shutil.disk_usage(path).free
            found.append(Stick(path.name, path, free, "ro" in options.split(",")))
    return found


def backups(root: Path = Path("/")) -> list[StickBackup]:
    """Return the backups on the sticks that are mounted, where the station or a person put them."""
    found = []
    for stick in mounted(root):
        for path in (stick.path / FOLDER / BACKUP, stick.path / BACKUP):
            with suppress(OSError):
                if path.is_file():
                    found.append(StickBackup(stick.name, path, path.stat().st_size))
    return found


def _removable(root: Path, device: str) -> bool:
    """Tell whether a device, or the disk that it is a part of, can be taken out."""
    name = device.removeprefix("/dev/")
    blocks = root / "sys/block"
    disks = [blocks / name, *(part.parent for part in blocks.glob(f"*/{name}"))] if "/" not in name else []
    for disk in disks:
        with suppress(OSError):
            if (disk / "removable").read_text(encoding="ascii").strip() == "1":
                return True
    return False


class Writer:
    """Writes files onto a stick, each beside its place first.

    Raises
    ------
    UserError : by every method: the stick is full, read-only or pulled out; no half file is left

    """

    def __init__(self, stick: Stick) -> None:
        self._stick = stick
        self._folder = stick.path / FOLDER
        try:
            self._device = stick.path.stat().st_dev
            if stick.read_only:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        except OSError as error:
            raise self._told(error) from None

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        """Write a file; what `parts` itself raises is passed on."""
        path = self._folder / name
        try:
            self._check_still_there()
            path.parent.mkdir(parents=True, exist_ok=True)
            put(path, parts)
        except OSError as error:
            raise self._told(error) from None

    def finish(self) -> None:
        """Put everything on the stick that the system still holds back."""
        try:
            self._check_still_there()
            sync_folder(self._folder)
            sync_folder(self._stick.path)
            os.sync()
            self._check_still_there()
        except OSError as error:
            raise self._told(error) from None

    def _check_still_there(self) -> None:
        """Refuse the empty folder that is left where a stick was: it lies on the station's own card."""
        if self._stick.path.stat().st_dev != self._device:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def _told(self, error: OSError) -> UserError:
        number = error.errno or 0
        default = _LOST if number in _GONE else f"{{}} can't be written ({error.strerror})."
        return UserError(_WORDS.get(number, default).format(self._stick.name))
