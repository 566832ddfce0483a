"""Everything out: one file per format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from station.errors import UserError
from station.export import csv, json
from station.recording import Recording

Files = list[tuple[str, Iterator[bytes]]]

FORMATS: dict[str, Callable[[Recording], Files]] = {"csv": csv.files, "json": json.files}
PLANNED = ("parquet", "c3d", "mot")


def write(recording: Recording, form: str, folder: Path) -> list[Path]:
    """Write a session in one format, or in all there are, and return the files.

    A file is written beside its place and then moved there, so that none is ever half there.

    Raises
    ------
    UserError : the format is not there yet, or the folder can't be written

    """
    if form in PLANNED:
        raise UserError(f"The format {form} is not built yet: choose {', '.join(FORMATS)} or all.")
    chosen = FORMATS.values() if form == "all" else [FORMATS[form]]
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for files in chosen:
            for name, parts in files(recording):
                paths.append(_write(folder / name, parts))
    except OSError as error:
        raise UserError(f"{folder} can't be written ({error.strerror}): choose another with --out.") from None
    return paths


def _write(path: Path, parts: Iterator[bytes]) -> Path:
    growing = path.with_name(f".{path.name}.part")
    try:
        with growing.open("wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        growing.replace(path)
    finally:
        growing.unlink(missing_ok=True)
    return path
