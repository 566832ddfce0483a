"""A session that was cut short has the reps that an orderly end would have stored."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bench import Bench

from station.coach.programs import Plan
from station.door import EndSession, StartSet
from station.library import Library
from station.recording import MarkRow, Recording
from station.recovery import store_reps
from station.review import review
from station.session_writer import finish_file


def test_its_reps_are_made_from_its_records(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "lived")
    bench.meet()
    bench.pass_s(4)
    bench.session.command(StartSet("Ada", Plan("left")))
    bench.pass_s(41)
    bench.recorder.mark(
        MarkRow(bench.next_seq - 1, bench.now_ns, "set_mark", {"number": 0, "word": "", "rep": 0})
    )
    kept, other = bench.library.session_path(1), Library(tmp_path / "cut")
    cut = other.session_path(1)
    for end in ("", "-wal"):  # as they are when the power goes
        shutil.copy(f"{kept}{end}", f"{cut}{end}")
    bench.session.command(EndSession())
    bench.recorder.stop()

    finish_file(cut, (), {"state": "interrupted"})
    with closing(sqlite3.connect(cut)) as db, db:
        db.execute("DELETE FROM rep")  # none had reached the disk
    assert other.sessions()[0].reps == 0
    store_reps(cut)
    orderly = list(Recording.read(kept).reps)
    assert len(orderly) >= 4
    assert list(Recording.read(cut).reps) == orderly
    (row,) = other.sessions()
    assert (row.state, row.reps) == ("interrupted", bench.library.sessions()[0].reps)
    assert len(review(other.read(1)).sets[0].view.reps) == row.reps
