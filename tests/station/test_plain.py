"""Text of others where it stands: in a line, in a file's name."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.plain import file_part, one_line

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)


@given(ANY_TEXT)
def test_a_line_stays_one_and_steers_no_terminal(text: str) -> None:
    line = one_line(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in line)
    assert len(line.splitlines()) <= 1
    line.encode()  # no half letters


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada Lövelace 🏋", "Ada Lövelace 🏋"),
        ("a\nb\x1b[31m", r"a\nb\x1b[31m"),
        ("\u202eadA", r"\u202eadA"),
        ("\ud800", r"\ud800"),
        ("", ""),
    ],
)
def test_what_cant_be_seen_is_shown(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(ANY_TEXT)
def test_a_part_of_a_path_stays_one(text: str) -> None:
    part = file_part(text)
    path = Path("/data") / f"athlete={part}"
    assert path.parent == Path("/data")
    assert len(path.name.encode()) <= 255
    assert part.isprintable()
    assert not set(part) & set('/\\:*?"<>|=')


def test_an_ordinary_name_is_a_folder_of_that_name() -> None:
    assert file_part("Ada Lövelace-Ünal") == "Ada Lövelace-Ünal"
    assert file_part("../a") == "..%2Fa"
