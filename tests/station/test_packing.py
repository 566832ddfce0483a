"""What was packed comes back bit by bit, and bytes that nobody packed do no harm."""

from __future__ import annotations

import contextlib
import struct
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest
import zstandard
from block_reader import read_block
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.mock import simulate
from station.conversions import RECORD, Records
from station.packing import MOST_RECORDS, pack, unpack

WHOLE = pack(simulate(0.3)[0])


def planes_of_version_1(records: Records) -> bytes:
    """The words of version 1, from docs/SESSION_FILE.md."""
    raw = np.frombuffer(records.tobytes(), dtype=np.uint8).reshape(-1, 24)
    return zlib.compress(raw.T.tobytes(), 1)


logs = st.binary(min_size=24, max_size=24 * 50).map(lambda b: b[: len(b) // 24 * 24])


@given(logs)
def test_packing_loses_no_bit(data: bytes) -> None:
    raw = np.frombuffer(data, dtype=RECORD)
    assert unpack(pack(raw)).tobytes() == data
    assert unpack(planes_of_version_1(raw)).tobytes() == data


extremes: Any = st.sampled_from([0, 1, -1, 1000, -1000, 2**63 - 1, -(2**63), 2**62, -(2**62), 999])


@given(st.lists(st.tuples(extremes, st.integers(0, 3), st.integers(-(2**31), 2**31 - 1)), min_size=1))
def test_no_time_is_too_far_and_no_step_too_wide(rows: list[tuple[int, int, int]]) -> None:
    records = np.zeros(len(rows), dtype=RECORD)
    for name, values in zip(("t_ns", "cell", "count"), zip(*rows, strict=True), strict=True):
        records[name] = values
    assert unpack(pack(records)).tobytes() == records.tobytes()


def test_a_log_out_of_order_and_one_in_odd_nanoseconds_come_back_too() -> None:
    records, _ = simulate(3.0)
    shuffled = records[np.random.default_rng(1).permutation(len(records))]
    odd = records.copy()
    odd["t_ns"][5] += 1
    for log in (records, shuffled, odd):
        assert unpack(pack(log)).tobytes() == log.tobytes()
    assert len(pack(records)) < min(len(pack(shuffled)), len(pack(odd)))


def test_a_log_is_packed_to_an_eighth() -> None:
    records, _ = simulate(30.0)
    assert len(pack(records)) < records.nbytes / 8


@given(st.data())
@settings(max_examples=300)
def test_damaged_bytes_are_refused_or_give_records_but_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    broken = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(ValueError):
        assert unpack(broken).dtype == RECORD


def test_a_bomb_does_not_fill_the_memory() -> None:
    long = bytes(200 * 2**20)
    head = struct.pack("<BBHIQq", 2, 3, 1, 1000, 0, 0) + struct.pack("<BBIi", 0, 0, 1000, 0)
    frame = zstandard.ZstdCompressor().compress(long)
    too_many = struct.pack("<BBHIQq", 2, 3, 1, MOST_RECORDS + 1, 0, 0)
    bombs = [zlib.compress(long), head + b"\x01" + struct.pack("<I", len(frame)) + frame, too_many]
    del long
    tracemalloc.start()
    for bomb in bombs:
        with pytest.raises(ValueError, match="block"):
            unpack(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 80 * 2**20


@pytest.mark.parametrize("data", [b"", b"\x02", b"\x78", b"x" * 100, b"\x03" + bytes(60)])
def test_what_is_no_block_is_told(data: bytes) -> None:
    with pytest.raises(ValueError, match="block"):
        unpack(data)


@given(logs)
def test_the_document_alone_is_enough_to_read_a_block(data: bytes) -> None:
    records = np.frombuffer(data, RECORD)
    for packed in (pack(records), planes_of_version_1(records)):
        assert read_block(packed) == [tuple(int(x) for x in row.tolist()[:6]) for row in records]
