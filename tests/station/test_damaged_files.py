"""Session files with bytes that nobody wrote: a sentence, or what is left, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.analysis import analyze
from station.brief import read_brief
from station.errors import UserError
from station.index import Index
from station.library import Library
from station.recording import Recording, read_meta, read_tail

WHOLE = (Path(__file__).parent / "session_files" / "session-v2.heeldrive").read_bytes()


def listed(folder: Path) -> None:
    index = Index(folder / "index.db", folder)
    (row,) = index.sessions()
    assert (row.state == "damaged") == bool(row.note)
    index.visits()
    index.close()


READERS: tuple[Callable[[Path], object], ...] = (
    lambda path: list(Recording.read(path).log()),
    read_brief,
    read_meta,
    read_tail,
    lambda path: listed(path.parent),
)


@given(st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_give_a_sentence_or_an_answer(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.sampled_from([1, 1, 4, 100]))] = data.draw(st.binary(max_size=100))
    path = tmp_path / "session-00001.heeldrive"
    path.write_bytes(content[: data.draw(st.sampled_from([len(content), len(content) // 2, 90]))])
    for read in READERS:
        with suppress(UserError):
            read(path)


values: Any = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.binary(max_size=40),
    st.text(max_size=20), st.sampled_from(["[]", "{}", "null", "NaN", '{"number": {}}', '{"number": 1e99}']),
)  # fmt: skip
COLUMNS = [
    ("meta", "value"), ("segment", "source"), ("segment", "utc_ns"), ("block", "data"), ("block", "last_seq"),
    ("block", "last_t_ns"), ("mark", "after_seq"), ("mark", "t_ns"), ("mark", "body"), ("mark", "kind"),
    ("rep", "body"), ("rep", "set_number"), ("meta", "value"),
]  # fmt: skip


@given(st.sampled_from(COLUMNS), values)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_value_in_any_row_gives_a_sentence_or_an_answer(
    tmp_path: Path, place: tuple[str, str], value: Any
) -> None:
    path = tmp_path / "session-00001.heeldrive"
    path.write_bytes(WHOLE)
    table, column = place
    with closing(sqlite3.connect(path)) as db, suppress(sqlite3.IntegrityError), db:
        db.execute(f"UPDATE {table} SET {column} = ?", (value,))  # noqa: S608
    for read in READERS:
        with suppress(UserError):
            read(path)


@pytest.mark.parametrize("name", ["../../a", "a'; DROP TABLE meta", "a%00b", "ä\n.heeldrive", "x" * 200])
def test_a_file_of_any_name_is_analysed(tmp_path: Path, name: str) -> None:
    path = tmp_path / name.replace("/", "_")
    path.write_bytes(WHOLE)
    assert analyze(path).as_json()["reps"]


def test_half_a_letter_in_a_file_is_damage_and_the_others_are_listed(tmp_path: Path) -> None:
    library = Library(tmp_path)
    for number, name in ((1, '"\\ud800"'), (2, '"Grace \\u00e9"')):
        library.session_path(number).write_bytes(WHOLE)
        with closing(sqlite3.connect(library.session_path(number))) as db:
            db.execute("UPDATE meta SET value = ? WHERE key = 'athlete'", (name,))
            db.commit()
    grace, damaged = library.sessions()
    assert (grace.athlete, grace.state, damaged.state) == ("Grace é", "closed", "damaged")
    with pytest.raises(UserError, match="damaged"):
        library.read(1)
