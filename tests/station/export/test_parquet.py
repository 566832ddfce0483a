"""The Parquet tree, asked by DuckDB."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from exported import HOSTILE, taken
from pyarrow import parquet

from station.library import Library

# As docs/EXPORT.md has it.
CLEAN_REPS = """
SELECT athlete, side, date_trunc('week', started_utc) AS week, count(*) FILTER (WHERE clean) AS clean_reps
FROM read_parquet('reps/*/*/*.parquet', hive_partitioning = true)
GROUP BY ALL ORDER BY ALL
"""
DOCUMENT = Path(__file__).parents[3] / "docs" / "EXPORT.md"


@pytest.fixture(scope="session")
def tree(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    for name, content in taken(library, "parquet").items():
        path = folder / name
        assert path.resolve().is_relative_to(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def asked(tree: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as db:
        return db.execute(query.replace("read_parquet('", f"read_parquet('{tree}/")).fetchall()


def test_clean_reps_per_side_and_week_in_one_query(tree: Path, csv_folder: Path) -> None:
    assert CLEAN_REPS.strip() in DOCUMENT.read_text(encoding="utf-8")
    wanted: Counter[tuple[str, str]] = Counter()
    for number, athlete in ((1, "Ada"), (2, HOSTILE)):
        for rep in pd.read_csv(csv_folder / f"session-0000{number}_reps.csv").itertuples():
            wanted[athlete, str(rep.side)] += rep.clean is True
    found = asked(tree, CLEAN_REPS)
    monday = date(2026, 1, 1) - timedelta(days=date(2026, 1, 1).weekday())
    assert {(athlete, side): n for athlete, side, _, n in found} == dict(wanted)
    assert wanted["Ada", "left"] == 4
    assert {str(week)[:10] for _, _, week, _ in found} == {str(monday)}


def test_every_number_is_the_one_of_the_csv(tree: Path, csv_folder: Path) -> None:
    for table in ("reps", "sets", "curves"):
        with duckdb.connect() as db:
            path = f"{tree}/{table}/*/*/session-00001.parquet"
            found = db.execute(f"SELECT * FROM read_parquet('{path}', hive_partitioning = true)").df()  # noqa: S608
        wanted = pd.read_csv(csv_folder / f"session-00001_{table}.csv")
        assert set(wanted.columns) <= set(found.columns)
        for name in wanted.columns:
            assert plain(found[name]) == plain(wanted[name]), name


def plain(column: pd.Series) -> list[object]:
    """Return values that compare: numbers as floats, None for what is not known."""
    known = column.astype(object).where(column.notna() & (column.astype(str) != ""), None)
    return [round(float(x), 6) if isinstance(x, int | float) else x for x in known]


def test_a_hostile_name_is_one_folder_and_comes_back(tree: Path) -> None:
    folders = {path.name for path in (tree / "reps").iterdir()}
    assert len(folders) == 2
    assert not [name for name in folders if set(name.removeprefix("athlete=")) & set('/\\:*?"<>|')]
    names = asked(
        tree, "SELECT DISTINCT athlete FROM read_parquet('sets/*/*/*.parquet', hive_partitioning=true)"
    )
    assert {name for (name,) in names} == {"Ada", HOSTILE}


def test_each_file_says_where_it_comes_from(tree: Path) -> None:
    for path in tree.rglob("*.parquet"):
        told = parquet.read_schema(path).metadata[b"heeldrive"].decode()
        assert '"calibration"' in told
        assert '"simulated": true' in told


def test_without_pyarrow_it_is_told_plainly_and_all_else_is_made(library: Library, tmp_path: Path) -> None:
    command = "import sys; sys.modules['pyarrow'] = None; from station.__main__ import main; sys.exit(main())"

    def run(form: str) -> subprocess.CompletedProcess[str]:
        words = ["export", "1", "--format", form, "--out", tmp_path, "--data", library.folder]
        given = [sys.executable, "-c", command, *map(str, words)]
        return subprocess.run(given, capture_output=True, text=True, timeout=60, check=False)

    refused = run("parquet")
    assert refused.returncode == 1
    assert "pyarrow" in refused.stderr
    assert "pip install" in refused.stderr
    assert refused.stderr.count("\n") == 1
    made = run("all")
    assert made.returncode == 0, made.stderr
    suffixes = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert suffixes == {".csv", ".json", ".c3d", ".mot", ".html"}
