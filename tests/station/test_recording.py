"""A session file gives back the very log that was put in."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from station.brief import read_brief
from station.conversions import Records, empty_records
from station.errors import UserError
from station.recording import MarkRow, Recording, Tail, read_meta, read_tail
from station.session_file import APPLICATION_ID, is_session_file
from station.session_writer import SessionWriter


def records(first_seq: int, n: int) -> Records:
    made = empty_records(n)
    made["seq"] = np.arange(first_seq, first_seq + n)
    made["t_ns"] = 1_000_000_000 + made["seq"].astype(np.int64) * 3_000_000
    made["count"] = np.random.default_rng(first_seq).integers(-(2**23), 2**23, n)
    made["cell"] = made["seq"] % 4
    return made


def begin(path: Path) -> SessionWriter:
    writer = SessionWriter.create(path, {"athlete": "Ada", "number": 1, "t0_ns": 1_000_000_000})
    writer.begin_segment("run-1", "boot", {"name": "mock"}, 5, 6)
    return writer


def plain(log: Any) -> list[Any]:
    """Return a log as seq numbers and mark kinds, whatever its blocks."""
    flat: list[Any] = []
    for item in log:
        flat += [item.kind] if isinstance(item, MarkRow) else item["seq"].tolist()
    return flat


def test_records_and_marks_come_back_in_the_order_in_which_they_took_effect(tmp_path: Path) -> None:
    path = tmp_path / "a.heeldrive"
    writer = begin(path)
    writer.mark(MarkRow(9, 0, "set_start", {"number": 1}))  # before the file's first record, 10
    writer.append(records(10, 5))
    writer.append(records(15, 5))
    writer.mark(MarkRow(19, 0, "zero", {"zero_count": [1, 2, 3, 4]}))  # at the end of a block
    writer.commit()
    writer.append(records(20, 3))
    writer.mark(MarkRow(22, 0, "set_end", {"number": 1}))
    writer.append(records(23, 3))  # the same commit: the mark lies inside the block
    writer.commit()
    writer.begin_segment("run-2", "boot", {"name": "mock"}, 7, 8)
    writer.mark(MarkRow(-1, 0, "set_start", {"number": 2}))
    writer.append(records(0, 4))
    writer.mark(MarkRow(3, 0, "set_end", {"number": 2}))  # the very last entry
    writer.commit()
    writer.close()
    read = Recording.read(path)
    assert plain(read.log()) == [
        "set_start", *range(10, 20), "zero", 20, 21, 22, "set_end", 23, 24, 25,
        "set_start", 0, 1, 2, 3, "set_end",
    ]  # fmt: skip
    assert [segment.run_id for segment in read.segments] == ["run-1", "run-2"]
    whole = np.concatenate(read.segments[0].blocks)
    assert (
        whole.tobytes()
        == np.concatenate([records(10, 5), records(15, 5), records(20, 3), records(23, 3)]).tobytes()
    )


def test_what_was_not_committed_is_not_there_and_the_rest_is(tmp_path: Path) -> None:
    path = tmp_path / "a.heeldrive"
    writer = begin(path)
    writer.append(records(0, 10))
    writer.commit()
    writer.append(records(10, 10))
    writer.mark(MarkRow(19, 0, "set_start", {}))
    writer.abandon()
    writer = SessionWriter.reopen(path)
    writer.append(records(10, 2))
    writer.commit()
    assert plain(Recording.read(path).log()) == list(range(12))
    writer.close()


def test_the_tail_says_where_to_go_on(tmp_path: Path) -> None:
    path = tmp_path / "a.heeldrive"
    writer = SessionWriter.create(path, {})
    assert read_tail(path) is None
    writer.begin_segment("run-0", "boot", {"name": "mock"}, 3, 4)
    writer.append(records(50, 4))
    writer.begin_segment("run-1", "boot", {"name": "mock"}, 5, 6)
    writer.commit()
    assert read_tail(path) == Tail("run-1", "boot", {"name": "mock"}, -1, 6)
    writer.mark(MarkRow(6, 99, "set_start", {}))
    writer.commit()
    assert read_tail(path) == Tail("run-1", "boot", {"name": "mock"}, 6, 99)
    writer.append(records(7, 4))
    writer.commit()
    writer.close()
    tail = read_tail(path)
    assert tail is not None
    assert (tail.run_id, tail.boot_id, tail.last_seq) == ("run-1", "boot", 10)
    again = SessionWriter.reopen(path)
    again.append(records(11, 2))
    again.commit()
    again.close()
    assert plain(Recording.read(path).log()) == [50, 51, 52, 53, "set_start", *range(7, 13)]


def test_a_closed_file_is_one_file_that_can_be_copied(tmp_path: Path) -> None:
    path = tmp_path / "a.heeldrive"
    writer = begin(path)
    writer.append(records(0, 10))
    writer.rep(0, 1, {"x": 1})
    writer.commit()
    writer.close()
    assert [p.name for p in tmp_path.iterdir()] == ["a.heeldrive"]
    assert is_session_file(path)
    assert read_meta(path)["athlete"] == "Ada"
    brief = read_brief(path)
    assert (brief.reps, brief.duration_s) == (1, pytest.approx(9 * 0.003))


def test_files_of_others_newer_ones_and_damaged_ones_are_told_apart(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.heeldrive"
    with sqlite3.connect(foreign) as db:
        db.execute("CREATE TABLE x (y)")
    db.close()
    newer = tmp_path / "newer.heeldrive"
    with sqlite3.connect(newer) as db:
        db.execute("CREATE TABLE x (y)")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 99")
    db.close()
    text = tmp_path / "text.heeldrive"
    text.write_text("not a database, but long enough to look at" * 100)
    cut = tmp_path / "cut.heeldrive"
    writer = begin(tmp_path / "whole.heeldrive")
    writer.append(records(0, 5_000))
    writer.commit()
    writer.close()
    cut.write_bytes((tmp_path / "whole.heeldrive").read_bytes()[:9_000])
    for path, says in (
        (foreign, "none of Heeldrive's"),
        (newer, "newer Heeldrive"),
        (text, "no session file"),
        (cut, "damaged"),
        (tmp_path / "absent.heeldrive", "no file"),
    ):
        with pytest.raises(UserError, match=says):
            Recording.read(path)
    assert not is_session_file(text)
    assert not is_session_file(foreign)
    assert not is_session_file(tmp_path)
