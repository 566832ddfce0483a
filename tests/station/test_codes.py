"""Codes that open the history: kept as hashes, and fitting whom they were given."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.__main__ import main
from station.codes import Codes
from station.errors import UserError
from station.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path)
    library.next_session_number("Ada")
    return library


def test_a_code_fits_whom_it_was_given(library: Library) -> None:
    codes = Codes(library)
    assert not codes.needed
    assert not codes.fits(None, "4711")  # who has no code has no fitting one
    codes.put("Ada", "2468")
    assert not codes.needed  # the coach's is what locks
    codes.put(None, "4711")
    assert codes.needed
    assert codes.fits(None, "4711")
    assert codes.fits("Ada", "2468")
    for athlete, code in ((None, "2468"), ("Ada", "4711"), ("Bo", "2468"), (None, ""), ("Ada", "")):
        assert not codes.fits(athlete, code)
    codes.put(None, None)
    assert not codes.needed
    assert not codes.fits(None, "4711")


def test_no_code_stands_in_the_folder(library: Library, tmp_path: Path) -> None:
    Codes(library).put(None, "47114711")
    Codes(library).put("Ada", "24682468")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"47114711" not in path.read_bytes()
            assert b"24682468" not in path.read_bytes()


def test_equal_codes_look_different(library: Library) -> None:
    Codes(library).put(None, "4711")
    Codes(library).put("Ada", "4711")
    assert library.setting("coach_code") != library.recall("Ada", "code")


@pytest.mark.parametrize("code", ["123", "1234567890123", "12 34", "abcd", "１２３４"])
def test_what_is_no_code_is_refused(library: Library, code: str) -> None:
    with pytest.raises(UserError, match="4 to 12 digits"):
        Codes(library).put(None, code)
    with pytest.raises(UserError, match="Nobody here"):
        Codes(library).put("Bo", "1234")


@pytest.mark.usefixtures("library")
def test_the_command_sets_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--data", str(tmp_path)]
    assert main(["code", "--set", "4711", *folder]) == 0
    assert capsys.readouterr().out == "The history is locked.\n"
    assert Codes(Library(tmp_path)).fits(None, "4711")
    assert main(["code", "--set", "12", *folder]) == 1
    assert main(["code", "--off", *folder]) == 0
    assert "open to everybody" in capsys.readouterr().out


def test_forgetting_an_athlete_takes_their_code_along(library: Library) -> None:
    codes = Codes(library)
    codes.put("Ada", "2468")
    library.forget("Ada")
    assert not codes.fits("Ada", "2468")
