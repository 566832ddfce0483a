"""How long sessions are kept: which are due to be deleted, and which is next. Pure: no clock, no file.

A session's age is that of the date in it, where the station's clock was set when it began. Without such
a date its number speaks: numbers only rise, so that it is older than a later one whose date is known.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable
from datetime import UTC, datetime

from station.door import SessionRow
from station.safekeeping import Retention


def kept_until(row: SessionRow, months: int) -> datetime | None:
    """Return until when a session is kept, None where its date is not to be trusted.

    Months are those of the calendar; one from 31 January on ends with the last day of February.
    """
    try:
        began = datetime.fromisoformat(row.started_utc) if row.dated else None
        if began is None:
            return None
        began = began.replace(tzinfo=began.tzinfo or UTC).astimezone(UTC)
        year, month = divmod(began.year * 12 + began.month - 1 + months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return began.replace(year=year, month=month + 1, day=min(began.day, last))
    except (ValueError, OverflowError):  # no date, or one beyond the calendar
        return None


def due(rows: Iterable[SessionRow], months: int, now: datetime) -> tuple[int, ...]:
    """Return the numbers of the sessions whose time is over, oldest first; none for 0 months.

    One without a date is due where a later one is, and no earlier one is still to be kept: else files
    were brought here from elsewhere, and their order proves nothing. An open one never is.
    """
    if not months:
        return ()
    closed = [row for row in rows if row.state != "open" and row.number > 0]
    until = {row.number: kept_until(row, months) for row in closed}
    over = {number for number, end in until.items() if end is not None and end <= now}
    first_kept = min((n for n, end in until.items() if end is not None and end > now), default=math.inf)
    last_over = max(over, default=0)
    proven = {n for n, end in until.items() if end is None and n < last_over and n < first_kept}
    return tuple(sorted(over | proven))


def outlook(rows: Iterable[SessionRow], months: int) -> Retention:
    """Return what the owner is told: how long, and what goes next."""
    if not months:
        return Retention(0)
    closed = [row for row in rows if row.state != "open" and row.number > 0]
    ends = [(end, row.number) for row in closed if (end := kept_until(row, months)) is not None]
    undated = len(closed) - len(ends)
    if not ends:
        return Retention(months, undated=undated)
    end, number = min(ends)
    return Retention(months, number, end.isoformat(timespec="seconds").replace("+00:00", "Z"), undated)
