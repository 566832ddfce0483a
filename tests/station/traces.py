"""Sessions that leave traces of people, and where in a folder these are found."""

from __future__ import annotations

from pathlib import Path

from hardware.mock import simulate
from station.library import Library
from station.recording import MarkRow
from station.session_writer import SessionWriter

LOG, _ = simulate(2.0)


def begun(library: Library, athlete: str, note: str = "", moved_to: tuple[str, ...] = ()) -> SessionWriter:
    number = library.next_session_number(athlete)
    meta = {"number": number, "athlete": athlete, "started_utc": "2026-01-01T00:00:00Z"}
    writer = SessionWriter.create(library.session_path(number), meta)
    writer.begin_segment("run", "boot", {}, 0, 0)
    writer.mark(MarkRow(-1, 0, "set_start", {"number": 1, "side": "left"}))
    writer.append(LOG)
    writer.mark(MarkRow(-1, 0, "set_note", {"number": 1, "text": note}))
    for name in moved_to:
        writer.mark(MarkRow(-1, 0, "set_move", {"number": 1, "athlete": name}))
    writer.commit()
    return writer


def recorded(library: Library, athlete: str, note: str = "", moved_to: tuple[str, ...] = ()) -> None:
    writer = begun(library, athlete, note, moved_to)
    writer.set_meta({"state": "closed"})
    writer.commit()
    writer.close()


def holding(folder: Path, *words: str) -> set[str]:
    """Return the files below a folder in whose bytes one of the words stands, in whatever encoding."""
    wanted = [word.encode(code) for word in words for code in ("utf-8", "utf-16-le")]
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix()
        for path in files
        if any(word in path.read_bytes() for word in wanted)
    }
