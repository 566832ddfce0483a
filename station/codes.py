"""Codes that open the history on a shared screen: the coach's, and that of each athlete who wants one."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any

from station.errors import UserError
from station.library import Library

SHORTEST, LONGEST = 4, 12
_CODE = re.compile(rf"\d{{{SHORTEST},{LONGEST}}}", re.ASCII)
_SETTING, MEMORY = "coach_code", "code"


class Codes:
    """The codes of a data folder; only their hashes are kept."""

    def __init__(self, library: Library) -> None:
        self._library = library

    @property
    def needed(self) -> bool:
        """Whether the history is locked: the coach has a code."""
        return self._library.setting(_SETTING) is not None

    def put(self, athlete: str | None, code: str | None) -> None:
        """Give an athlete a code, or for None the coach; no code takes it away.

        Raises
        ------
        UserError : the code is none, or nobody is called that

        """
        if code is not None and _CODE.fullmatch(code) is None:
            raise UserError(f"A code is {SHORTEST} to {LONGEST} digits.")
        if athlete is not None and athlete not in self._library.athletes():
            raise UserError(f"Nobody here is called {athlete!r}: `heeldrive sessions` tells the names.")
        kept = None if code is None else _kept(code)
        if athlete is None:
            self._library.keep_setting(_SETTING, kept)
        else:
            self._library.remember(athlete, MEMORY, kept)

    def fits(self, athlete: str | None, code: str) -> bool:
        """Tell whether a code is the athlete's, or for None the coach's; who has none has no fitting one."""
        name = athlete or ""
        kept = self._library.setting(_SETTING) if athlete is None else self._library.recall(name, MEMORY)
        salt = "00" if kept is None else kept["salt"]  # it takes as long whether there is a code or not
        hashed = _hash(code, bytes.fromhex(salt))
        return hmac.compare_digest(hashed, "" if kept is None else kept["hash"])


def _kept(code: str) -> dict[str, Any]:
    salt = secrets.token_bytes(16)
    return {"salt": salt.hex(), "hash": _hash(code, salt)}


def _hash(code: str, salt: bytes) -> str:
    return hashlib.scrypt(code.encode(), salt=salt, n=2**13, r=8, p=1).hex()
