"""Small sessions in a library, written as the station writes them but with no analysis."""

from __future__ import annotations

from hardware.mock import simulate
from station.library import Library
from station.recording import MarkRow
from station.session_writer import SessionWriter

LOG, _ = simulate(4.0)


def written(library: Library, athlete: str, state: str = "closed") -> SessionWriter:
    """Return the writer of a new session with one set and `LOG`, all committed, and still open."""
    number = library.next_session_number(athlete)
    writer = SessionWriter.create(library.session_path(number), {"number": number, "athlete": athlete})
    writer.begin_segment("run", "boot", {}, 0, 0)
    writer.mark(MarkRow(-1, 0, "set_start", {"number": 1, "side": "left"}))
    writer.append(LOG)
    writer.set_meta({"state": state})
    writer.commit()
    return writer


def record(library: Library, athlete: str, state: str = "closed") -> None:
    """Write a session with one set and `LOG`."""
    written(library, athlete, state).close()
