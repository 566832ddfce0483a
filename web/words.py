"""Numbers as people read them on the pages."""

from __future__ import annotations

from datetime import datetime


def clock(started_utc: str) -> str:
    """Return when a session began, such as ``21 Nov 2026, 18:05 UTC``."""
    try:
        return f"{datetime.fromisoformat(started_utc):%d %b %Y, %H:%M} UTC"
    except ValueError:
        return "time not known"


def duration(seconds: float) -> str:
    """Return a length of time, such as ``31 min`` or ``45 s``."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def size(length_bytes: int) -> str:
    """Return a number of bytes, such as ``350 kB``, ``4.2 MB`` or ``29 GB``."""
    unit, step = ("GB", 1e9) if length_bytes >= 1e9 else ("MB", 1e6) if length_bytes >= 1e6 else ("kB", 1e3)
    number = length_bytes / step
    return f"{number:.1f} {unit}" if number < 10 else f"{number:.0f} {unit}"
