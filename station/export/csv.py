"""The CSV export: the curves, the reps, the sets, and one JSON with what they mean.

All numbers are folded again from the raw conversions, and the fold is compared with the
reps stored live: ``recomputed_equal`` in the metadata says whether they came out the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from station.export import rows
from station.export.provenance import metadata
from station.export.rows import Column, Row
from station.export.taken import Files, Taken
from station.plain import one_line
from station.signal.model import F64

ROWS_A_CHUNK = 5_000
# A spreadsheet takes a text that begins so for a formula, some also in its wide and other forms.
FORMULA_STARTS = frozenset("=+-@＝＋－＠﹦﹢﹣﹫−")
# What a program may pass over before it looks, besides blanks and what can't be seen.
PASSED_OVER = frozenset("\"'`´‘’‚‛“”„‟«»‹›＂＇")


def files(taken: Taken) -> Files:
    """Yield (file name, content in chunks), always the same bytes."""
    stem = taken.stem
    yield f"{stem}_curves.csv", _curves(taken)
    yield f"{stem}_reps.csv", _table(rows.REPS, rows.rep_rows(taken))
    yield f"{stem}_sets.csv", _table(rows.SETS, rows.set_rows(taken))
    yield f"{stem}_metadata.json", iter([_json(taken)])


def _json(taken: Taken) -> bytes:
    return json.dumps(metadata(taken), ensure_ascii=False, indent=2).encode() + b"\n"


def _curves(taken: Taken) -> Iterator[bytes]:
    curves = rows.curves(taken)
    yield _line(rows.names(rows.CURVES))
    for start in range(0, len(taken.frames), ROWS_A_CHUNK):
        part = slice(start, start + ROWS_A_CHUNK)
        columns = [_numbers(curves[column.name][part], column.digits) for column in rows.CURVES]
        yield b"".join(map(_line, zip(*columns, strict=True)))


def _numbers(values: F64, digits: int) -> list[str]:
    return ["" if value != value else f"{value:.{digits}f}" for value in values.tolist()]


def _table(columns: tuple[Column, ...], table: Iterable[Row]) -> Iterator[bytes]:
    yield _line(rows.names(columns))
    for row in table:
        yield _line(_cell(row[column.name]) for column in columns)


def _cell(value: object) -> str:
    """Return a value as it stands in the file; a text becomes neither a formula nor two cells."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"  # as pandas, R and spreadsheets know them
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = "\n".join(map(one_line, value.split("\n")))  # a person's own lines stay, all else can be seen
    text = f"'{text}" if _would_be_formula(value) else text
    # Also where a semicolon parts cells.
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',;"\n') else text


def _would_be_formula(text: str) -> bool:
    """Tell whether a spreadsheet might work a text out in place of showing it."""
    if text[:1] in ("\t", "\r", "\n"):
        return True
    seen = (c for c in text if not (c.isspace() or not c.isprintable() or c in PASSED_OVER))
    return next(seen, "") in FORMULA_STARTS


def _line(cells: Iterable[str]) -> bytes:
    return (",".join(cells) + "\n").encode()
