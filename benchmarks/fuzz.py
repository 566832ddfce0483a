"""Every parser fed with what nobody should send: 200 000 inputs, each answered or refused in one line.

    python benchmarks/fuzz.py --inputs 200000

What is fed and what is asked of an answer is in tests/fuzz/. A worker on each core has 3 GB of
addresses and no more; every run has other inputs, and a failure says its smallest input and its seed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "fuzz"), str(ROOT / "tests" / "web")]

from hypothesis import HealthCheck, given, seed, settings
from parsers import PARSERS

MOST_BYTES = 3 << 30
PIECE = 500  # inputs of one task
EVERY = 10_000  # a line


def piece(task: tuple[str, int, int]) -> tuple[str, int, str]:
    """Feed one parser for a while; return its name, how many inputs it had, and what went wrong."""
    name, count, number = task
    parser, fed = PARSERS[name], 0
    with tempfile.TemporaryDirectory() as folder:

        @seed(number)
        @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(parser.made)
        def feed(one: Any) -> None:
            nonlocal fed
            fed += 1
            parser.feed(one, Path(folder))

        try:
            feed()
        except BaseException as error:  # a group where several things went wrong
            return name, fed, f"seed {number}: {''.join(traceback.format_exception(error))}"
    return name, fed, ""


def bounded() -> None:
    """Give a worker so much memory and no more."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def main() -> int:
    """Feed all parsers and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--only", choices=sorted(PARSERS))
    arguments = parser.parse_args()
    tasks = []
    for name, one in PARSERS.items():
        if arguments.only in (None, name):
            count = arguments.inputs if arguments.only else round(arguments.inputs * one.part)
            tasks += [(name, PIECE, random.getrandbits(32)) for _ in range(-(-count // PIECE))]
    random.shuffle(tasks)
    fed: Counter[str] = Counter()
    wrong = []
    began_s = time.monotonic()
    workers = multiprocessing.get_context("spawn").Pool(os.cpu_count(), bounded, maxtasksperchild=100)
    with workers:
        for name, count, failure in workers.imap_unordered(piece, tasks):
            fed[name] += count
            if fed.total() % EVERY < count:
                print(f"{fed.total()} of {arguments.inputs}", flush=True)
            if failure:
                wrong.append(name)
                print(f"{name}: {failure}", flush=True)
    for name, count in fed.most_common():
        print(f"{count:8} {name}")
    print(f"{fed.total():8} inputs in {time.monotonic() - began_s:.0f} s, {len(wrong)} pieces with a fault")
    return 1 if wrong or fed.total() < arguments.inputs else 0


if __name__ == "__main__":
    sys.exit(main())
