"""What a session that was cut short is owed: the reps that were closed, or still open, when it ended."""

from __future__ import annotations

from pathlib import Path

from station.analysis import analyze_recording, rep_rows
from station.recording import Recording
from station.session_writer import finish_file


def store_reps(path: Path) -> None:
    """Fold a session file again, and store its reps as an orderly end would have.

    Raises
    ------
    UserError : the file can't be read
    OSError, sqlite3.Error : it can't be written

    """
    analysis = analyze_recording(Recording.read(path))
    finish_file(path, rep_rows(analysis.book, analysis.t0_ns), {})
