"""What the tests of the export share."""

from __future__ import annotations

from typing import Any

from station.door import Scope
from station.export import files
from station.library import Library

HOSTILE = '=1+1;"x",<b>/..|%'  # a formula, a split cell, markup and a path, all in one name


def taken(library: Library, form: str, **scope: Any) -> dict[str, bytes]:
    """Return an export's files by their names."""
    return {name: b"".join(parts) for name, parts in files(library, Scope(**scope), [form])}
