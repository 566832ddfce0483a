"""The three tables of every export, curves, reps and sets: what a row is, told once for all formats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from station.definitions import (
    COURSE,
    MEASURES,
    SERIES,
    SPANS,
    UNCERTAINTY,
    WORDS,
    boundaries_by_name,
    by_name,
)
from station.export.taken import Taken
from station.importing import WIDE_COLUMNS
from station.sets import SetRecord
from station.signal.model import BOUNDARIES, COURSE_PARTS, F64, Rep

Kind = Literal["number", "whole", "yes_no", "text", "time"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """One column; a value that is not known is None.

    meaning : its unit, where it has one, and what it is
    digits : decimals of a number of the curves
    """

    name: str
    kind: Kind
    meaning: str
    digits: int = 0


CURVES = (
    Column(
        "t_s",
        "number",
        "s since the session's start, at which the force acted (the converter's delay is taken off)",
        6,
    ),
    *(
        Column(name, "number", "N on this cell, linear between conversions; empty in a gap", 3)
        for name in WIDE_COLUMNS
    ),
    Column("total_n", "number", "N, sum of the four cells; empty where one is missing", 3),
    Column("heel_share", "number", "heel / (heel + toe), 0 to 1; empty below the load floor", 5),
    Column("set", "whole", "number of the set, empty outside of sets"),
)

_BOUNDARIES = boundaries_by_name()
REPS = (
    Column("session", "whole", "the session's number"),
    Column("index", "whole", "number of the rep in the session, from 1"),
    Column("set", "whole", "number of the set, empty for a rep that belongs to none"),
    Column("number", "whole", "number of the rep in its set, from 1"),
    Column("side", "text", "the planted foot, left or right"),
    Column("style", "text", WORDS["style"]),
    Column("confidence", "text", WORDS["confidence"]),
    Column("complete", "yes_no", WORDS["complete"]),
    Column(
        "on_target", "yes_no", "met what was measured and asked for; empty where too little is known to say"
    ),
    Column("faults", "text", "what was missed, in words with a space between them"),
    Column(
        "by_hand",
        "text",
        "what somebody said of it: removed, off_target, twisted or pain; of the rest only clean heeds it",
    ),
    Column("done_by", "text", "the session's athlete, or whom the set was moved to"),
    Column(
        "level", "yes_no", "somebody confirmed level hips; false where they twisted, empty where nobody said"
    ),
    Column(
        "clean",
        "yes_no",
        "on target and confirmed level, in a set that was not discarded; empty where not known",
    ),
    *(Column(f"{name}_s", "number", _BOUNDARIES[f"{name}_s"]) for name in BOUNDARIES),
    *(Column(n.name, "number", by_name((n,))[n.name]) for n in (*SPANS, *MEASURES)),
    *(
        Column(f"{COURSE.name}_{k}", "number", f"0…1, heel share of part {k} of {COURSE_PARTS} of the rep")
        for k in range(1, COURSE_PARTS + 1)
    ),
    *(
        Column(f"{name}_uncertainty_s", "number", f"s, half width of the 90 % interval of {name}_s")
        for name in BOUNDARIES
    ),
)

SETS = (
    Column("session", "whole", "the session's number"),
    Column("set", "whole", "number of the set in the session, from 1"),
    Column("athlete", "text", "who lifted"),
    Column("side", "text", "the planted foot, left or right"),
    Column("goal", "text", "the goal preset"),
    Column("load_kg", "number", "kg, what was lifted besides the body, as typed in"),
    Column("tempo", "text", "controlled, three_one or free"),
    Column("free_leg", "text", "where the other leg was, bent or straight"),
    Column("variant", "text", "of the lift"),
    Column("footwear", "text", "shoes or bare"),
    Column("target_reps", "whole", "how many were asked for; empty for the goal's own range"),
    Column("start_s", "number", "s since the session's start"),
    Column("end_s", "number", "s since the session's start"),
    Column("counted", "whole", "reps that the station counted"),
    Column("counted_by_hand", "whole", "reps, with the corrections of people"),
    Column("added", "whole", "reps among them that the station missed"),
    Column("on_target", "whole", "reps that were on target, less those that somebody took back"),
    Column("clean", "whole", "reps that were clean; empty where nobody said whether the hips were level"),
    Column("level_until", "whole", "the answer: hips level in so many reps"),
    Column("effort", "text", "the answer: easy, right or hard"),
    Column("felt", "text", "the answer: where it was felt"),
    Column("twisted", "yes_no", "somebody marked that the hips twisted"),
    Column("pain", "yes_no", "somebody marked pain"),
    Column("discarded", "yes_no", "taken out of what counts"),
    Column("note", "text", "in the person's own words"),
    Column("done_by", "text", "the session's athlete, or whom the set was moved to"),
    *(
        Column(n.name, "whole" if n.name == "reps" else "number", by_name((n,))[n.name])
        for n in SERIES
    ),
)  # fmt: skip


def names(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Return the names of a table's columns."""
    return tuple(column.name for column in columns)


def meanings(columns: tuple[Column, ...]) -> dict[str, str]:
    """Return name → unit and meaning, for a file's metadata."""
    return {column.name: column.meaning for column in columns}


def curves(taken: Taken) -> dict[str, F64]:
    """Return the curves column by column, shape (n,) each; nan where not known."""
    frames = taken.frames
    sets = taken.set_of_frame
    return {
        "t_s": (frames.t_ns - taken.analysis.t0_ns) / 1e9,
        **{name: frames.force_n[:, cell] for cell, name in enumerate(WIDE_COLUMNS)},
        "total_n": frames.total_n,
        "heel_share": frames.heel_share,
        "set": np.where(sets > 0, sets, np.nan),
    }


def rep_rows(taken: Taken) -> Iterator[Row]:
    """Yield the row of each rep, oldest first: the one place where it is made."""
    analysis = taken.analysis
    places = {
        rep.id: place | {"done_by": record.owner(taken.athlete)}
        for record in analysis.book.sets
        for rep, place in _placed(record)
    }
    for rep, told in zip(analysis.reps, taken.session.told["reps"], strict=True):
        row = {"session": taken.number, "set": None, **told}
        if taken.only not in (None, row["set"]):
            continue
        row |= {f"{COURSE.name}_{k}": share for k, share in enumerate(told[COURSE.name], start=1)}
        row |= {f"{name}_uncertainty_s": told[UNCERTAINTY.name][name] for name in BOUNDARIES}
        row |= places.get(rep.id, {})
        yield {column.name: row.get(column.name) for column in REPS}


def _placed(record: SetRecord) -> Iterator[tuple[Rep, Row]]:
    """Yield the reps of a set with what the set says of each."""
    pairs = zip(record.reps, record.judged, strict=True)
    for number, (rep, judged) in enumerate(pairs, start=1):
        yield (
            rep,
            {
                "number": number,
                "side": record.plan.side,
                "on_target": judged.on_target,
                "faults": " ".join(judged.faults),
                "level": record.level(number),
                "clean": record.rep_clean(number),
            },
        )


def set_rows(taken: Taken) -> Iterator[Row]:
    """Yield the row of each set."""
    told = {one["number"]: one for one in taken.session.told.get("sets", [])}
    for record in taken.sets:
        number = record.facts["number"]
        said = told[number]
        row = {
            **said,
            **asdict(record.plan),
            **record.notes,
            "session": taken.number,
            "set": number,
            "athlete": taken.athlete,
            "clean": record.clean,
            "twisted": "twisted" in record.marked,
            "pain": "pain" in record.marked,
            "discarded": record.discarded,
            "note": record.notes.get("text"),
            "done_by": record.owner(taken.athlete),
        }
        yield {column.name: row.get(column.name) for column in SETS}
