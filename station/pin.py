"""The owner's PIN: made by this station for itself, kept beside its data and in no backup."""

from __future__ import annotations

import hmac
import logging
import os
import secrets
from pathlib import Path

from station.errors import UserError
from station.files import sync_file, sync_folder
from station.logs import why

NAME = "owner.pin"
DIGITS = 8

_log = logging.getLogger(__name__)


class OwnerPin:
    """The PIN of a data folder; made where there is none yet.

    A file that only the station's user can read: who can read it can read everything else too,
    so that it is kept as it is and `heeldrive pin` can show it.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._made = ""  # while the disk does not take it

    def read(self) -> str:
        """Return the PIN, eight digits.

        Raises
        ------
        UserError : it is another user's

        """
        try:
            kept = self._path.read_text(encoding="ascii", errors="replace").strip()
        except PermissionError:
            raise UserError(f"Only the station's own user may read {self._path}: add sudo.") from None
        except OSError:
            kept = ""
        if len(kept) == DIGITS and kept.isdecimal():
            return kept
        if not self._made:
            self._made = _new()
            try:
                _keep(self._path, self._made)
            except OSError as error:
                text = "%s can't be written (%s): the PIN holds until the station ends"
                _log.warning(text, NAME, why(error))
        return self._made

    def fits(self, pin: str) -> bool:
        """Tell whether a PIN is this station's, in constant time."""
        return hmac.compare_digest(pin.encode(), self.read().encode())

    def renew(self) -> str:
        """Make another one and return it.

        Raises
        ------
        UserError : it can't be written

        """
        pin = _new()
        try:
            _keep(self._path, pin)
        except OSError as error:
            raise UserError(
                f"{self._path} can't be written ({error.strerror}): the PIN is as before."
            ) from None
        return pin


def spaced(pin: str) -> str:
    """Return a PIN as people read it: ``1234 5678``."""
    half = DIGITS // 2
    return f"{pin[:half]} {pin[half:]}"


def _new() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def _keep(path: Path, pin: str) -> None:
    growing = path.with_name(f".{path.name}.part")
    growing.unlink(missing_ok=True)
    with os.fdopen(os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{pin}\n")
        if os.geteuid() == 0:  # whoever asks with sudo must not lock the station's own user out
            there = path.parent.stat()
            os.fchown(file.fileno(), there.st_uid, there.st_gid)
    sync_file(growing)
    growing.replace(path)
    sync_folder(path.parent)
