"""Log lines: one line each, and nothing that somebody typed."""

from __future__ import annotations

import io
import logging
import sqlite3
import subprocess
import sys

import pytest

from station.errors import UserError
from station.logs import Lines, why

NAME = "Zwanhild Quixley"


def logged(error: Exception | None, text: str, *words: object) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Lines("%(name)s: %(message)s"))
    log = logging.Logger("test")
    log.addHandler(handler)
    try:
        if error is not None:
            raise error
        log.warning(text, *words)
    except type(error or ValueError):
        log.exception(text, *words)
    return out.getvalue()


@pytest.mark.parametrize(
    "error",
    [
        KeyError(NAME),
        ValueError(f"could not convert string to float: '{NAME}'"),
        UserError(f"Nobody here is called {NAME!r}."),
        FileNotFoundError(2, "No such file", f"/media/athlete={NAME}/x.csv"),
    ],
)
def test_an_exception_is_told_by_kind_and_place(error: Exception) -> None:
    told = logged(error, "it failed")
    assert "Quixley" not in told
    assert "test_logs.py" in told
    assert told.rstrip().endswith(why(error))
    assert "Quixley" not in why(error)


def test_the_disk_and_sqlite_say_what_is_wrong() -> None:
    assert "No space left" in logged(OSError(28, "No space left on device"), "failed")
    assert "disk I/O error" in logged(sqlite3.OperationalError("disk I/O error"), "failed")


def test_a_line_has_no_line_breaks_and_no_escapes() -> None:
    assert logged(None, "path %s", "a\nstation: forged\x1b[2J") == "test: path a\\nstation: forged\\x1b[2J\n"


@pytest.mark.parametrize("where", ["main", "thread"])
def test_what_ends_a_thread_or_the_program_is_told_without_its_text(where: str) -> None:
    code = """
import sys, threading
from station.logs import to_stderr
to_stderr("station")
where, name = sys.argv[1:]
def fail(): raise KeyError(name) from ValueError(name)
if where == "main": fail()
thread = threading.Thread(target=fail, name="core")
thread.start()
thread.join()
"""
    command = [sys.executable, "-c", code, where, NAME]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Quixley" not in done.stderr
    assert f"station: {'core' if where == 'thread' else 'the program'} has ended" in done.stderr
    assert "KeyError" in done.stderr
