"""The one kind of error that is told to a person as it stands."""

from __future__ import annotations

LONGEST_SHOWN = 60


class UserError(Exception):
    """Something a person can mend; the text says in one line what is wrong and what to do."""


def shown(value: object) -> str:
    """Return a value that somebody else wrote as it may stand in a refusal: on one line, and not for ever."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # of thousands of digits
        return "such a number"
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
