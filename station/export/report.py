"""The report: one HTML file that holds all it shows, to be read or printed on A4."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from station.coach.programs import FREE_LEGS, GOALS, TEMPOS, VARIANTS
from station.export import rows
from station.export.drawing import Drawing, drawn
from station.export.provenance import facts, metadata
from station.export.rows import Row
from station.export.taken import Files, Taken
from station.sets import SetRecord

PAGE = Path(__file__).with_name("report.html")
# As the station's page says them.
FAULTS = {
    "data": "data missing",
    "heel_lift": "heel came up",
    "heel_share": "light on the heel",
    "descent": "lowered too fast",
    "hold": "held too short",
    "ascent": "jerky up",
    "sway": "foot swayed",
}


@dataclass(frozen=True)
class SetSheet:
    """One set as the report shows it: its row, its reps' rows, its picture, and what was said of it."""

    row: Row
    reps: list[Row]
    drawing: Drawing | None
    how: str
    said: str


def files(taken: Taken) -> Files:
    """Yield (file name, content in chunks) of the report."""
    yield f"{taken.stem}_report.html", _content(taken)


def _content(taken: Taken) -> Iterator[bytes]:
    told = metadata(taken)
    page = _template().generate(
        taken=taken,
        session=told["session"],
        started=_clock(told["session"]["started_utc"]),
        simulated=told["simulated"],
        sheets=_sheets(taken),
        overview=list(rows.set_rows(taken)),
        goals=GOALS,
        facts=facts(told),
    )
    return (piece.encode() for piece in page)


@lru_cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters["number"] = _number
    environment.filters["faults"] = lambda words: ", ".join(FAULTS[word] for word in words.split())
    return environment.from_string(PAGE.read_text(encoding="utf-8"))


def _sheets(taken: Taken) -> Iterator[SetSheet]:
    """Yield the sets one by one, so that only one picture is held."""
    for one in taken.each_set():
        (row,) = rows.set_rows(one)
        (record,) = one.sets
        reps = list(rows.rep_rows(one))
        yield SetSheet(row, reps, drawn(one, reps), _how(record), _said(record))


def _number(value: float | None, digits: int = 0, times: float = 1.0) -> str:
    return "–" if value is None else f"{value * times:.{digits}f}"


def _clock(started_utc: str | None) -> str:
    try:
        return f"{datetime.fromisoformat(str(started_utc)):%d %b %Y, %H:%M} UTC"
    except ValueError:
        return "time not known"


def _how(record: SetRecord) -> str:
    """Return how the set was done, as planned."""
    plan = record.plan
    load = "no load" if plan.load_kg == 0 else f"{plan.load_kg:g} kg"
    words = [
        GOALS[plan.goal].name,
        load,
        f"tempo {TEMPOS[plan.tempo].name.lower()}",
        f"free leg {FREE_LEGS[plan.free_leg].name.lower()}",
        VARIANTS[plan.variant].name.lower(),
        plan.footwear.replace("bare", "bare or socks"),
    ]
    return " · ".join(words) + ("" if plan.coached else " · not coached: check the count by eye")


def _said(record: SetRecord) -> str:
    """Return what somebody saw, felt or answered."""
    notes = record.notes
    words = []
    if notes.get("level_until") is not None:
        words.append(f"hips level in {notes['level_until']} of {len(record.counted)} reps")
    else:
        words.append("nobody said whether the hips were level")
    if notes.get("effort"):
        words.append(f"effort: {notes['effort']}")
    if notes.get("felt"):
        words.append(f"felt in: {notes['felt']}")
    words += [f"{word} at rep {rep}" for word, rep in record.pressed]
    words += sorted(record.marked - {word for word, _ in record.pressed})
    if record.discarded:
        words.append("DISCARDED: left out of what counts")
    return "; ".join(words)
