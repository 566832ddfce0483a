"""The sampler's memory numbers every record and forgets only the oldest."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hardware.backlog import Backlog
from station.conversions import RECORD, Records, empty_records


def batch(first: int, n: int) -> Records:
    records = empty_records(n)
    records["count"] = np.arange(first, first + n)
    return records


def everything(backlog: Backlog, seq: int, most: int) -> Records:
    parts = [empty_records()]
    while len(view := backlog.view(seq, most)):
        parts.append(np.frombuffer(bytes(view), dtype=RECORD))
        seq += len(parts[-1])
    return np.concatenate(parts)


@given(st.lists(st.integers(0, 40), max_size=12), st.integers(1, 16), st.integers(1, 9))
def test_what_is_kept_is_the_newest_in_order(sizes: list[int], capacity: int, most: int) -> None:
    backlog = Backlog(capacity)
    total = 0
    for size in sizes:
        backlog.append(batch(total, size))
        total += size
    assert backlog.next_seq == total
    assert backlog.first_seq == max(0, total - capacity)
    kept = everything(backlog, backlog.first_seq, most)
    expected = list(range(max(0, total - capacity), total))
    assert kept["seq"].tolist() == expected
    assert kept["count"].tolist() == expected


def test_nothing_newer_is_an_empty_view() -> None:
    backlog = Backlog(8)
    assert len(backlog.view(0, 10)) == 0
    backlog.append(batch(0, 3))
    assert len(backlog.view(3, 10)) == 0
