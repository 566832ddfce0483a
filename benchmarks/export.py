"""What exports cost: memory by length, those who watch meanwhile, DuckDB's answer over a million reps.

    python benchmarks/export.py [--minutes 10 60] [--reps 1000000]

A session of the simulated athlete is recorded on a virtual clock, then exported by the command itself,
whose highest memory the system tells; half of it in length shows how memory grows. The tree of reps is
synthetic: rows of that session with other numbers, laid out as the export lays them out, 84 reps a session.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "station")]

import page
from bench import Bench

from station.coach.programs import Plan
from station.door import EndSession, StartSet

REPS_A_SESSION = 84
ATHLETES, DAYS = 100, 730
TREE = "read_parquet('{}/reps/*/*/*.parquet', hive_partitioning = true)"
QUERY = """
SELECT athlete, side, date_trunc('week', started_utc) AS week, count(*) FILTER (WHERE clean) AS clean_reps
FROM {} GROUP BY ALL ORDER BY ALL
"""


def record(folder: Path, minutes: float) -> None:
    """Record a session of one athlete who trains on and on."""
    bench = Bench(folder)
    bench.meet()
    bench.pass_s(3.5)
    sets = 0
    while bench.now_ns < (1_000 + minutes * 60) * 1e9:
        if bench.shown().state in ("ready", "rest"):
            side = "left" if sets % 2 else "right"
            bench.session.command(StartSet("Ada", Plan(side), hands_free=True))
            sets += 1
        bench.pass_s(10, step_s=0.5)
    bench.session.command(EndSession())
    bench.recorder.stop()


def export(data: Path, form: str, out: Path) -> tuple[float, float, float]:
    """Export session 1; return seconds, the highest memory in MB, and MB written."""
    # Not getrusage: its figure begins with the memory of the process that started this one.
    code = "from station.__main__ import main; main();"
    code += "print([line.split()[1] for line in open('/proc/self/status') if 'VmHWM' in line][0])"
    words = ["export", "1", "--format", form, "--out", str(out), "--data", str(data)]
    began_s = time.monotonic()
    command = [sys.executable, "-c", code, *words]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    seconds = time.monotonic() - began_s
    written = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return seconds, int(said.stdout.split()[-1]) / 1024, written / 1e6


def beside_live(data: Path, seconds: float = 12.0) -> None:
    """Print how late a stream's messages come while another tablet downloads session 1 again and again."""
    late_ms: list[float] = []

    def told(words: str) -> None:
        p50, p99, most = np.percentile(late_ms, [50, 99, 100])
        print(f"a stream, {words}: median {p50:.0f} ms, p99 {p99:.0f}, most {most:.0f}", flush=True)

    with page.station(data):
        end = page.listening(late_ms=late_ms)
        time.sleep(4)  # it begins with all that is known
        late_ms.clear()
        time.sleep(seconds)
        told("nothing beside it")
        for form in ("csv", "json", "c3d", "parquet", "report", "mot"):
            took_s: list[float] = []
            late_ms.clear()
            while sum(took_s) < seconds:
                began_s = time.monotonic()
                address = f"http://127.0.0.1:{page.PORT}/api/v1/sessions/1/{form}.zip"
                with urllib.request.urlopen(address, timeout=60) as answer:
                    size = len(answer.read())
                took_s.append(time.monotonic() - began_s)
            each = f"{size / 1e6:.1f} MB in {np.mean(took_s):.1f} s each"
            told(f"beside {len(took_s)} downloads as {form}, {each}")
        end()


def lay_out(tree: Path, sample: pa.Table, reps: int) -> int:
    """Write a tree of `reps` synthetic reps; return its number of files."""
    rng = np.random.default_rng(1)
    rows = sample.take(pa.array(np.arange(REPS_A_SESSION) % len(sample)))
    place = {name: rows.schema.get_field_index(name) for name in ("started_utc", "clean", "side", "peak_n")}
    start = pd.Timestamp("2026-01-01")
    sessions = -(-reps // REPS_A_SESSION)
    for number in range(sessions):
        day = start + pd.Timedelta(days=int(rng.integers(DAYS)), hours=int(rng.integers(6, 22)))
        new = {
            "started_utc": pa.array([day.to_pydatetime()] * REPS_A_SESSION, pa.timestamp("us")),
            "clean": pa.array(rng.random(REPS_A_SESSION) < 0.7),
            "side": pa.array(np.where(np.arange(REPS_A_SESSION) % 24 < 12, "left", "right")),
            "peak_n": pa.array(rng.normal(300, 20, REPS_A_SESSION)),
        }
        table = rows
        for name, values in new.items():
            table = table.set_column(place[name], name, values)
        folder = tree / "reps" / f"athlete=a{number % ATHLETES:03d}" / f"month={day:%Y-%m}"
        folder.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table, folder / f"session-{number:05d}.parquet", compression="zstd")
    return sessions


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, nargs="+", default=[10, 60])
    parser.add_argument("--reps", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        print("minutes  format     seconds  highest MB  written MB")
        for minutes in given.minutes:
            data = folder / f"{minutes:g}"
            record(data, minutes)
            for form in ("csv", "report", "c3d", "parquet"):
                seconds, high_mb, written_mb = export(data, form, folder / f"{minutes:g}-{form}")
                print(f"{minutes:7g}  {form:9}{seconds:9.1f}{high_mb:12.0f}{written_mb:12.1f}", flush=True)
        beside_live(folder / f"{given.minutes[-1]:g}")
        (sample,) = (folder / f"{given.minutes[0]:g}-parquet" / "reps").rglob("*.parquet")
        count = lay_out(folder / "tree", parquet.ParquetFile(sample).read(), given.reps)
        print(f"{count * REPS_A_SESSION} reps in {count} files")
        tree, single = TREE.format(folder / "tree"), f"'{folder}/reps.parquet'"
        for source, table in (("tree, first", tree), ("tree, again", tree), ("copied into one file", single)):
            if table is single:
                duckdb.connect().execute(f"COPY (FROM {tree}) TO {single}")
            began_s = time.monotonic()
            rows = duckdb.connect().execute(QUERY.format(table)).fetchall()
            seconds = time.monotonic() - began_s
            print(f"DuckDB, {source}: {seconds:.2f} s, {len(rows)} rows, {sum(row[3] for row in rows)} clean")
        began_s = time.monotonic()
        frame = pd.read_parquet(folder / "tree" / "reps", columns=["athlete", "side", "started_utc", "clean"])
        week = frame["started_utc"].dt.to_period("W")
        clean = frame.groupby(["athlete", "side", week], observed=True)["clean"].sum()
        print(f"pandas: {time.monotonic() - began_s:.2f} s, {len(clean)} rows, {clean.sum()} clean")


if __name__ == "__main__":
    main()
