"""The Parquet export: curves, reps and sets, in folders by athlete and month.

DuckDB, pandas and pyarrow read such a tree as one table. pyarrow is an extra: it needs some 170 MB,
and there is none for 32-bit systems; everything else works without it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

import numpy as np

from station.errors import UserError
from station.export import rows
from station.export.provenance import metadata
from station.export.rows import Column, Row
from station.export.taken import Files, Taken
from station.plain import file_part

# What a row of many sessions needs besides.
STARTED = Column("started_utc", "time", "when the session began, UTC")
CLOCK = Column("clock_synchronised", "yes_no", "whether the station's clock was set then")


def available() -> bool:
    """Whether this format can be made here."""
    return find_spec("pyarrow") is not None


def files(taken: Taken) -> Files:
    """Yield (file name with its folders, content), always the same bytes for the same pyarrow.

    Raises
    ------
    UserError : pyarrow is not installed; the text says how

    """
    if not available():
        raise UserError(
            "Parquet needs pyarrow, which is not installed here:"
            " `pip install 'heeldrive[parquet]'`, or choose another format."
        )
    meta = taken.recording.meta
    started = _time(meta.get("started_utc"))
    month = "unknown" if started is None else f"{started:%Y-%m}"
    below = f"athlete={_folder(taken.athlete)}/month={month}/{taken.stem}.parquet"
    yield f"curves/{below}", _curves(taken)
    known = {STARTED.name: started, CLOCK.name: meta.get("clock_synchronised")}
    for name, columns, table in (
        ("reps", rows.REPS, rows.rep_rows(taken)),
        ("sets", rows.SETS, rows.set_rows(taken)),
    ):
        columns = tuple(column for column in columns if column.name != "athlete")  # the folder says it
        yield f"{name}/{below}", _table(taken, (STARTED, CLOCK, *columns), known, table)


def _time(text: object) -> datetime | None:
    """Return a session's time of day in UTC, without a zone: most readers then show it as it is."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        return None


def _folder(name: str) -> str:
    """Return a name as a part of a path; readers of partitions undo its %XX."""
    return file_part(name) or "__HIVE_DEFAULT_PARTITION__"


def _curves(taken: Taken) -> Iterator[bytes]:
    import pyarrow as pa

    values = rows.curves(taken)
    arrays = [
        pa.array(np.round(values[c.name], c.digits), type=_type(c), from_pandas=True) for c in rows.CURVES
    ]
    session = pa.array(np.full(len(taken.frames), taken.number), type=pa.int32())
    fields = [("session", session), *zip(rows.names(rows.CURVES), arrays, strict=True)]
    yield _file(taken, pa.table(dict(fields)))


def _table(taken: Taken, columns: tuple[Column, ...], known: Row, table: Iterable[Row]) -> Iterator[bytes]:
    import pyarrow as pa

    schema = pa.schema([(column.name, _type(column)) for column in columns])
    yield _file(taken, pa.Table.from_pylist([known | row for row in table], schema=schema))


def _type(column: Column) -> Any:
    import pyarrow as pa

    return {
        "number": pa.float64(),
        "whole": pa.int32(),
        "yes_no": pa.bool_(),
        "text": pa.string(),
        "time": pa.timestamp("us"),
    }[column.kind]


def _file(taken: Taken, table: Any) -> bytes:
    from pyarrow import parquet

    told = {"heeldrive": json.dumps(metadata(taken), ensure_ascii=False)}
    sink = io.BytesIO()
    parquet.write_table(table.replace_schema_metadata(told), sink, compression="zstd")
    return sink.getvalue()
