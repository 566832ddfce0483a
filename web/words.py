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
