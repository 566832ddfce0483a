"""What a year of daily use costs: 1000 session files with 30 000 sets, listed and put into trends.

    python benchmarks/library.py

The files are small ones without records; each set has eight stored reps.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from station import session_writer
from station.library import Library
from station.recording import MarkRow
from station.session_writer import SessionWriter

SESSIONS, SETS, REPS, ATHLETES = 1000, 30, 8, 10
REP = {"complete": True, "heel_share": 0.5, "up_s": 1.0, "hold_s": 2.0, "down_s": 1.5}


def make(library: Library) -> None:
    """Write the files, without waiting for the disk."""
    session_writer.SAFEST = "PRAGMA synchronous = OFF"
    for number in range(1, SESSIONS + 1):
        meta = {"number": number, "athlete": f"Athlete {number % ATHLETES}", "state": "closed"}
        writer = SessionWriter.create(library.session_path(number), meta)
        writer.begin_segment("run", "boot", {}, 0, 0)
        for index in range(1, SETS + 1):
            plan = {"number": index, "side": "left", "goal": "strength", "load_kg": 5.0}
            writer.mark(MarkRow(-1, 0, "set_start", plan))
            for rep in range(REPS):
                writer.rep(index * REPS + rep, index, REP)
        writer.commit()
        writer.close()


def took_ms(do: Callable[[], object]) -> float:
    """Return how long something takes, ms."""
    start_s = time.perf_counter()
    do()
    return (time.perf_counter() - start_s) * 1e3


def main() -> None:
    """Make the folder, then ask."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        make(library)
        print(f"index made from {SESSIONS} files: {took_ms(library.sessions):.0f} ms")
        library.close()
        library = Library(Path(folder))
        for name, ask in (
            ("list of sessions", library.sessions),
            ("sets of one athlete", lambda: library.sets("Athlete 3")),
            ("trends of all", library.visits),
        ):
            times = sorted(took_ms(ask) for _ in range(21))
            print(f"{name}: {times[10]:.0f} ms in the middle, {times[-1]:.0f} at most, of 21")
        assert len(library.sessions()) == SESSIONS
        assert sum(len(library.sets(f"Athlete {n}")) for n in range(ATHLETES)) == SESSIONS * SETS


if __name__ == "__main__":
    main()
