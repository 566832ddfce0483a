"""A calibration by its id in the data folder, or by a file; and what verifying it has found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from station.calibration.certificate import Certificate
from station.conversions import Calibration
from station.errors import UserError
from station.library import Library

LONGEST_FILE = 1 << 20  # characters: with its record a calibration has some thousands


def calibration(word: str, folder: Path) -> Calibration:
    """Return the calibration of an id below `folder`, or of a file as `calibrate --show` prints it.

    Raises
    ------
    UserError : there is none, or the file is none

    """
    path = Path(word)
    if not path.is_file():
        if not (folder / "station.db").is_file():  # only looked at: nothing is to be made there
            raise _unknown(word)
        return Calibration.from_json(body(word, Library(folder)))
    try:
        with path.open(encoding="utf-8") as file:
            return Calibration.from_json(json.loads(file.read(LONGEST_FILE)))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        raise UserError(
            f"{path} is no calibration: `heeldrive calibrate --show ID` prints one as it must be."
        ) from None


def body(word: str, library: Library) -> dict[str, Any]:
    """Return the calibration of an id as it was kept, with its record.

    Raises
    ------
    UserError : there is none

    """
    for one in library.calibrations():
        if one["id"] == word:
            return one
    raise _unknown(word)


def keep_certificate(made: Certificate, calibration_id: str, library: Library) -> None:
    """Keep what a verification found, as the newest of the calibration that was verified."""
    library.keep_setting(f"certificate {calibration_id}", made.as_json())


def certificate(calibration_id: str, library: Library) -> Certificate | None:
    """Return the newest certificate of a calibration, None where it was never verified."""
    kept = library.setting(f"certificate {calibration_id}")
    return None if kept is None else Certificate.from_json(kept)


def _unknown(word: str) -> UserError:
    return UserError(f"There is no calibration {word!r}: `heeldrive calibrate --list` lists them.")
