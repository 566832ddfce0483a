"""What a session file costs: room, time and memory, beside the way of version 1 in the same run.

    python benchmarks/recording.py            # an hour of data, in either version; some minutes
    python benchmarks/recording.py --hours 8  # a session of eight hours, at speed

Four simulated chips at 93 conversions a second, ten heartbeats a second, a commit every half
second on the disk this runs on. Room includes the file's pages and its write-ahead log.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hardware.mock import MockAdc
from hardware.nuisances import REAL
from station import session_writer
from station.compact import Compaction
from station.conversions import NO_CELL, Kind, Records, empty_records
from station.session_writer import SessionWriter

S = 1_000_000_000
COMMIT_NS = S // 2
RATE = 93 / 80


def planes(records: Records) -> bytes:
    """Pack as version 1 did."""
    raw = np.ascontiguousarray(records).view(np.uint8).reshape(len(records), 24)
    return zlib.compress(raw.T.tobytes(), 1)


def commits(noise_n: float, seconds: int) -> Iterator[Records]:
    """Yield what is written in each half second."""
    chips = replace(REAL, slowest=RATE - 0.01, fastest=RATE + 0.01, noise_n=noise_n)
    adc = MockAdc(nuisances=chips, seed=3)
    seq = 0
    for until_ns in range(COMMIT_NS, seconds * S + 1, COMMIT_NS):
        beats = empty_records(5)
        beats["t_ns"] = until_ns - COMMIT_NS + (1 + np.arange(5)) * S // 10
        beats["kind"], beats["cell"] = Kind.HEARTBEAT, NO_CELL
        records = np.concatenate([adc.poll(until_ns), beats])
        records = records[np.argsort(records["t_ns"], kind="stable")]
        records["seq"] = seq + np.arange(len(records))
        seq += len(records)
        yield records


@dataclass
class Cost:
    """Of one session; bytes and s."""

    open_bytes: int
    closed_bytes: int
    cpu_s: list[float]  # of each commit
    rss_kib: list[int]  # after each


def size(path: Path) -> int:
    """Return the bytes of a session file with its write-ahead log."""
    return sum(p.stat().st_size for p in path.parent.glob(path.name + "*") if not p.name.endswith("-shm"))


def write(path: Path, log: Iterator[Records]) -> Cost:
    """Record a session, as fast as the disk takes it."""
    writer = SessionWriter.create(path, {"number": 1})
    writer.begin_segment("run", "boot", {}, 0, 0)
    cpu_s, rss_kib, most = [], [], 0
    for records in log:
        start_s = time.thread_time()
        writer.append(records)
        writer.commit()
        cpu_s.append(time.thread_time() - start_s)
        rss_kib.append(resident_kib())
        most = max(most, size(path))
    writer.set_meta({"state": "closed"})
    writer.commit()
    writer.close()
    return Cost(most, size(path), cpu_s, rss_kib)


def resident_kib() -> int:
    """Return the memory that this process holds now."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def compact(path: Path) -> list[float]:
    """Compact a file and return how long each step took, s."""
    compaction, took_s = Compaction(path), []
    more = True
    while more:
        start_s = time.perf_counter()
        more = compaction.step()
        took_s.append(time.perf_counter() - start_s)
    return took_s


def room(folder: Path, noise_n: float, *, old: bool) -> None:
    """Print what an hour with a certain noise costs."""
    path = folder / f"{noise_n}-{old}.heeldrive"
    with contextlib.ExitStack() as stack:
        if old:
            stack.enter_context(mock.patch.object(session_writer, "pack", planes))
            stack.enter_context(mock.patch.object(session_writer, "MOST_WAITING_PAGES", 1000))
        cost = write(path, commits(noise_n, 3600))
    if not old:
        compact(path)
    print(
        f"noise {noise_n} N, {'version 1' if old else 'version 2'}: {cost.open_bytes / 1e6:.2f} MB an hour"
        f" while recording, {size(path) / 1e6:.2f} after closing; {sum(cost.cpu_s) / 3600:.2%} of a core,"
        f" {1e3 * float(np.median(cost.cpu_s)):.2f} ms a commit"
    )


def long(folder: Path, hours: float) -> None:
    """Print how cost grows over a long session, and what compacting it takes."""
    seconds = int(hours * 3600)
    path = folder / "long.heeldrive"
    cost = write(path, commits(0.1, seconds))
    tenth = len(cost.cpu_s) // 10
    first, last = (1e3 * float(np.median(part)) for part in (cost.cpu_s[:tenth], cost.cpu_s[-tenth:]))
    grown = cost.rss_kib[-1] - cost.rss_kib[tenth]
    print(f"{hours:g} h at noise 0.1 N: {cost.open_bytes / 1e6:.1f} MB at the end, while recording")
    print(
        f"  a commit: {first:.2f} ms in the first tenth, {last:.2f} ms in the last ({last / first:.2f} times)"
    )
    print(f"  memory: {grown / 1024:+.1f} MiB from the end of the first tenth to the end")
    before_kib = resident_kib()
    took_s = compact(path)
    print(
        f"  compacting: {sum(took_s):.1f} s in {len(took_s)} steps, the longest {1e3 * max(took_s):.0f} ms,"
        f" to {size(path) / 1e6:.1f} MB; memory {(resident_kib() - before_kib) / 1024:+.1f} MiB"
    )


def main() -> None:
    """Measure what the words ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=0.0)
    hours = parser.parse_args().hours
    with tempfile.TemporaryDirectory() as folder:
        if hours:
            long(Path(folder), hours)
        else:
            for noise_n in (REAL.noise_n, 0.1):
                for old in (True, False):
                    room(Path(folder), noise_n, old=old)


if __name__ == "__main__":
    main()
