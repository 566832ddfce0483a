"""The one kind of error that is told to a person as it stands."""

from __future__ import annotations


class UserError(Exception):
    """Something a person can mend; the text says in one line what is wrong and what to do."""
