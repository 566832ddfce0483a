"""Force files made anywhere, read into the log that the signal core folds.

Forces become counts of 0.1 mN, so that an imported curve runs through the very same core
as a recording: `COUNTS_PER_N` is the whole difference.
"""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import numpy as np

from station.conversions import CELL_WORDS, Calibration, Records, empty_records
from station.errors import UserError
from station.signal.model import F64, I64

COUNTS_PER_N = 1e4
LARGEST_N = 2e5  # the most that fits the count; far beyond any plate
LARGEST_S = 1e9  # thirty years: a larger time is a wrong column
LONGEST_LINE = 1 << 16  # characters: a gait laboratory's widest tables have some thousands
MOST_VALUES = 16_000_000  # of four cells: 14 hours at 80 Hz, an hour at 1000 Hz; half a GB
OPENSIM_HEADER_LINES = 100
WIDE_COLUMNS = tuple(f"{cell}_n" for cell in CELL_WORDS)

IMPORTED = Calibration(
    id="imported",
    made="the file is in newtons",
    zero_count=(0.0,) * 4,
    newtons_per_count=(1 / COUNTS_PER_N,) * 4,
)


@dataclass(frozen=True)
class Imported:
    """A force file on its own clock.

    records : shape (n,), oldest first; t_ns 0 is the file's own 0 s
    rate_hz : the median rate of a cell
    heel_and_toe : False where the file only knows the whole foot's force
    layout : which kind of file it was, for people
    """

    records: Records
    rate_hz: float
    heel_and_toe: bool
    layout: str


@dataclass(frozen=True)
class _Row:
    line: int
    values: Sequence[str]


def read_forces(path: Path, plate: int = 1) -> Imported:
    """Read a wide or long CSV or an OpenSim-style force file; `plate` picks one of the latter's.

    Decimal commas, semicolons, tabs and a byte-order mark are taken as they come.

    Raises
    ------
    UserError : with the line and what is wrong with it

    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            return _read(path, _lines(path, file), plate)
    except UnicodeDecodeError:
        raise UserError(f"{path} is no UTF-8 text: save it as CSV in UTF-8.") from None
    except OSError as error:
        raise UserError(f"{path} can't be read ({error.strerror}): check the path.") from None


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    """Yield the lines of a file; no more of it than one line is ever in memory."""
    for number in range(1, MOST_VALUES + 2):
        line = file.readline(LONGEST_LINE + 1)
        if not line:
            return
        if len(line) > LONGEST_LINE:
            raise UserError(f"{path}, line {number}: has more than {LONGEST_LINE} characters: no CSV has.")
        yield line
    raise _too_long(path)


def _read(path: Path, lines: Iterator[str], plate: int) -> Imported:
    head = list(islice(lines, OPENSIM_HEADER_LINES))
    opensim = next((n for n, line in enumerate(head, start=1) if _bare(line).lower() == "endheader"), None)
    before = opensim or 0
    rest = chain(head[before:], lines)
    for header in rest:
        if _bare(header):
            break
        before += 1
    else:
        lacks = "is empty: it needs a header and" if opensim is None else "has a header but no data: it needs"
        raise UserError(f"{path} {lacks} at least two rows.")
    reader = _Reader(path, header, rest, before)
    if opensim is not None:
        return reader.opensim(plate)
    if {"cell", "force_n"} <= set(reader.header):
        return reader.long()
    return reader.wide()


def _bare(line: str) -> str:
    return line.strip(" ,;\t\r\n")


def _too_long(path: Path) -> UserError:
    return UserError(f"{path} holds more than {MOST_VALUES} values: cut it into shorter recordings.")


class _Reader:
    """One file's rows behind its `before` first lines, and the sentences about what is wrong with them."""

    def __init__(self, path: Path, header: str, rest: Iterator[str], before: int) -> None:
        self.path = path
        self.before = before
        self.delimiter = max(";\t,", key=lambda mark: (header.count(mark), mark != ","))
        if not header.count(self.delimiter):
            raise self.fail(before + 1, "has a single column: the header must name t_s and the forces")
        self.decimal_comma = self.delimiter != ","
        self.rows = csv.reader(chain([header], rest), delimiter=self.delimiter)
        try:
            self.header = [name.strip().lower() for name in next(self.rows)]
        except csv.Error as error:
            raise self.unreadable(error) from None

    def unreadable(self, error: csv.Error) -> UserError:
        return UserError(f"{self.path} is no readable CSV ({error}).")

    def fail(self, line: int, text: str) -> UserError:
        return UserError(f"{self.path}, line {line}: {text}.")

    def need(self, names: Iterable[str]) -> list[int]:
        missing = [name for name in names if name not in self.header]
        if missing:
            raise UserError(
                f"{self.path} has no column {' or '.join(missing)}: a wide file has"
                f" t_s,{','.join(WIDE_COLUMNS)}, a long one t_s,cell,force_n."
            )
        return [self.header.index(name) for name in names]

    def body(self, width: int, *, most: int) -> Iterator[_Row]:
        """Yield the rows that are not blank, at most `most`."""
        count = 0
        try:
            for values in self.rows:
                if not any(value.strip() for value in values):
                    continue
                line, count = self.before + self.rows.line_num, count + 1
                if len(values) < width:
                    raise self.fail(line, f"has {len(values)} values where {width} are needed")
                if count > most:
                    raise _too_long(self.path)
                yield _Row(line, values)
        except csv.Error as error:
            raise self.unreadable(error) from None

    def number(self, row: _Row, column: int, *, limit: float) -> float:
        """Return a value; nan where it is left empty."""
        text = row.values[column].strip()
        if not text:
            return math.nan
        if self.decimal_comma:
            text = text.replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            raise self.fail(row.line, f"{self.header[column]} is {text[:40]!r}, which is no number") from None
        if math.isinf(value) or abs(value) > limit:
            raise self.fail(row.line, f"{self.header[column]} is {text[:40]}, which can't be")
        return value

    def time_s(self, row: _Row, column: int) -> float:
        value = self.number(row, column, limit=LARGEST_S)
        if math.isnan(value):
            raise self.fail(row.line, f"{self.header[column]} is empty")
        return value

    def wide(self) -> Imported:
        """Read a row per moment; an empty value is a missing one."""
        known = [name for name in ("t_s", *WIDE_COLUMNS) if name in self.header]
        if "total_n" in self.header and known == ["t_s"]:
            return self.totals("t_s", "total_n", "wide CSV, total force only")
        columns = self.need(("t_s", *WIDE_COLUMNS))
        t_s, force_n = self.table(columns)
        return _imported(t_s, force_n, heel_and_toe=True, layout="wide CSV")

    def opensim(self, plate: int) -> Imported:
        """Read the vertical force of one plate, y up."""
        return self.totals("time", f"ground_force{plate}_vy", f"OpenSim-style file, plate {plate}")

    def totals(self, time_name: str, force_name: str, layout: str) -> Imported:
        """Read a file that knows only the whole force: a quarter goes to each cell."""
        missing = [name for name in (time_name, force_name) if name not in self.header]
        if missing:
            raise UserError(f"{self.path} has no column {' or '.join(missing)}: check --plate.")
        columns = [self.header.index(time_name), self.header.index(force_name)]
        t_s, total_n = self.table(columns)
        return _imported(t_s, np.repeat(total_n / 4, 4, axis=1), heel_and_toe=False, layout=layout)

    def table(self, columns: Sequence[int]) -> tuple[F64, F64]:
        """Return times, shape (n,), s, and values, shape (n, columns - 1), N."""
        times, forces = array("d"), array("d")
        last_s = -math.inf
        for row in self.body(max(columns) + 1, most=MOST_VALUES // 4):
            t_s = self.time_s(row, columns[0])
            if t_s <= last_s:
                raise self.fail(row.line, f"the time does not rise ({t_s:g} s after {last_s:g} s)")
            last_s = t_s
            times.append(t_s)
            forces.extend(self.number(row, column, limit=LARGEST_N) for column in columns[1:])
        if len(times) < 2:
            raise UserError(f"{self.path} has {len(times)} rows of data: at least two are needed.")
        return np.array(times), np.array(forces).reshape(len(times), -1)

    def long(self) -> Imported:
        """Read a row per conversion, each cell on its own clock."""
        time_column, cell_column, force_column = self.need(("t_s", "cell", "force_n"))
        times, cells, forces = array("d"), array("b"), array("d")
        last_s = dict.fromkeys(CELL_WORDS, -math.inf)
        for row in self.body(max(time_column, cell_column, force_column) + 1, most=MOST_VALUES):
            cell = row.values[cell_column].strip().lower()
            if cell not in last_s:
                raise self.fail(row.line, f"cell {cell[:40]!r} is none of {', '.join(CELL_WORDS)}")
            t_s = self.time_s(row, time_column)
            if t_s <= last_s[cell]:
                raise self.fail(
                    row.line, f"the time of {cell} does not rise ({t_s:g} s after {last_s[cell]:g} s)"
                )
            last_s[cell] = t_s
            times.append(t_s)
            cells.append(CELL_WORDS.index(cell))
            forces.append(self.number(row, force_column, limit=LARGEST_N))
        missing = [cell for cell, t_s in last_s.items() if t_s == -math.inf]
        if missing:
            raise UserError(f"{self.path} has no row of {', '.join(missing)}: all four cells are needed.")
        return _records(np.array(times), np.array(cells, np.int64), np.array(forces), layout="long CSV")


def _imported(t_s: F64, force_n: F64, *, heel_and_toe: bool, layout: str) -> Imported:
    """Lay a table of shape (n, 4) out as one record per value."""
    n = len(t_s)
    times = np.repeat(t_s, 4)
    cells = np.tile(np.arange(4), n)
    return _records(times, cells, force_n.reshape(-1), layout=layout, heel_and_toe=heel_and_toe)


def _records(t_s: F64, cell: I64, force_n: F64, *, layout: str, heel_and_toe: bool = True) -> Imported:
    order = np.argsort(t_s, kind="stable")
    order = order[~np.isnan(force_n[order])]
    records = empty_records(len(order))
    records["seq"] = np.arange(len(order))
    records["t_ns"] = np.rint(t_s[order] * 1e9).astype(np.int64)
    records["cell"] = cell[order]
    records["count"] = np.rint(force_n[order] * COUNTS_PER_N).astype(np.int64)
    return Imported(records, _median_rate_hz(records), heel_and_toe, layout)


def _median_rate_hz(records: Records) -> float:
    """Return the median over the cells of their median rate; 80 where there is too little to tell."""
    rates = []
    for cell in range(4):
        steps_ns = np.diff(records["t_ns"][records["cell"] == cell])
        if len(steps_ns):
            rates.append(1e9 / max(float(np.median(steps_ns)), 1e3))
    return float(np.median(rates)) if rates else 80.0
