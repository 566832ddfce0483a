"""What a log line may say: ids, never what somebody typed.

A name or a note can reach a log through the text of an exception alone (`'Ada' is no number`), so that
an exception is told by its kind and place; its text is told where it can quote nobody.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

from station.plain import one_line

_log = logging.getLogger(__name__)


def why(error: BaseException) -> str:
    """Return what a log line may say of an error: of the disk and of SQLite their words, else its kind."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, sqlite3.Error):
        return str(error)
    return type(error).__name__


class Lines(logging.Formatter):
    """Formats a record as one line, and an exception behind it without its text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text; what another formatter made of its exception is not ours."""
        record.exc_text = None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's word
        """Return the line."""
        return one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's word
        """Return where it was raised, by lines of code, and what it was."""
        _, error, trace = ei
        if error is None:
            return ""
        return "".join([*traceback.format_tb(trace), why(error)])


def to_stderr(name: str) -> None:
    """Have everything that is logged, and what ends a thread, said on stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(f"{name}: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    threading.excepthook = _thread_ended
    sys.excepthook = _ended


def _thread_ended(what: threading.ExceptHookArgs) -> None:
    error = what.exc_value or SystemExit()
    name = "a thread" if what.thread is None else what.thread.name
    _log.critical("%s has ended", name, exc_info=(type(error), error, what.exc_traceback))


def _ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("the program has ended", exc_info=(kind, error, trace))
