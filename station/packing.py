"""Records of the log ↔ compact bytes, exactly: what a block of the session file holds.

Each chip's conversions lie together, so that a time stamp is foretold by the chip's own rate and
a count by the two before it; what the foretelling leaves is cut into byte planes, each compressed
for itself, since the low bytes are noise and the high ones are nearly always 0. The words are
defined in docs/SESSION_FILE.md.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from station.conversions import RECORD, Records, empty_records

MOST_RECORDS = 1 << 20  # in a block: more is no block of ours, and would fill the memory
PLANES_OF_RECORDS = 0x78  # how zlib's data begin, in files of version 1
COLUMNS = 2

_HEAD = struct.Struct("<BBHIQq")  # COLUMNS, flags, streams, records, seq of the first, t of the first stream
_IN_US, _BY_TIME = 1, 2  # flags: t in µs rather than ns; the log's order is that of t
_STREAM = np.dtype([("kind", "u1"), ("cell", "u1"), ("n", "<u4"), ("step", "<i4")])
_PLANE = struct.Struct("<I")
_LEVEL = 1  # higher ones find likenesses in noise: no smaller, and slower

_U64 = NDArray[np.uint64]


def pack(records: Records) -> bytes:
    """Return records, shape (n,) with 1 ≤ n ≤ `MOST_RECORDS`, as one block's data."""
    by_stream = np.lexsort((records["cell"], records["kind"]))
    rows = records[by_stream]
    t_ns = rows["t_ns"]
    in_us = not np.any(t_ns % 1000)
    t = (t_ns // 1000 if in_us else t_ns).astype(np.int64)
    by_time = np.array_equal(by_stream[np.argsort(t, kind="stable")], np.arange(len(rows)))
    streams = _streams(rows, t)
    seq = records["seq"].astype(np.uint64)
    columns = [
        seq - seq[0] - np.arange(len(seq), dtype=np.uint64),
        records["status"].astype(np.uint64),
        records["reserved"].astype(np.uint64),
        _zigzag(_diff(_unsigned(t), int(t[0])) - np.repeat(_unsigned(streams["step"]), streams["n"])),
        _zigzag(_diff(_diff(_unsigned(rows["count"])))),
    ]
    if not by_time:
        columns.append(np.searchsorted(_key(streams), _key(records)).astype(np.uint64))
    flags = _IN_US * in_us + _BY_TIME * by_time
    head = _HEAD.pack(COLUMNS, flags, len(streams), len(rows), int(seq[0]), int(t[0]))
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    return b"".join([head, streams.tobytes(), *(_packed(column, compressor) for column in columns)])


def unpack(data: bytes) -> Records:
    """Undo `pack`, and what files of version 1 held instead.

    Raises
    ------
    ValueError : it is neither, or is damaged

    """
    try:
        return _from_planes(data) if data[:1] == bytes([PLANES_OF_RECORDS]) else _from_columns(data)
    except (struct.error, zlib.error, zstandard.ZstdError, IndexError, OverflowError) as error:
        raise ValueError(f"a block can't be unpacked: {error}") from None


def _from_columns(data: bytes) -> Records:
    word, flags, stream_count, n, first_seq, first_t = _HEAD.unpack_from(data)
    if word != COLUMNS or not 0 < n <= MOST_RECORDS or not 0 < stream_count <= n:
        raise ValueError("a block is of no known kind")
    reader = _Reader(data, _HEAD.size, n)
    streams = reader.streams(stream_count)
    seq, status, reserved, t_left, count_left = (reader.column() for _ in range(5))
    steps = np.repeat(_unsigned(streams["step"]), streams["n"])
    t = (np.cumsum(_unzigzag(t_left) + steps) + _unsigned(np.array([first_t]))).view(np.int64)
    rows = empty_records(n)
    rows["kind"] = np.repeat(streams["kind"], streams["n"])
    rows["cell"] = np.repeat(streams["cell"], streams["n"])
    rows["t_ns"] = t * 1000 if flags & _IN_US else t
    rows["count"] = np.cumsum(np.cumsum(_unzigzag(count_left))).view(np.int64)
    if flags & _BY_TIME:
        records = rows[np.argsort(t, kind="stable")]
    else:
        records = empty_records(n)
        records[np.argsort(reader.column(), kind="stable")] = rows
    records["seq"] = seq + np.uint64(first_seq) + np.arange(n, dtype=np.uint64)
    records["status"] = status
    records["reserved"] = reserved
    return records


def _from_planes(data: bytes) -> Records:
    inflater = zlib.decompressobj()
    raw = inflater.decompress(data, MOST_RECORDS * RECORD.itemsize)
    if not inflater.eof:
        raise ValueError("a block is cut short or too long")
    planes = np.frombuffer(raw, dtype=np.uint8).reshape(RECORD.itemsize, -1)
    return np.ascontiguousarray(planes.T).view(RECORD).reshape(-1)


def _streams(rows: Records, t: NDArray[np.int64]) -> NDArray[Any]:
    """Return kind, cell, number and usual distance in time of the runs that lie together in `rows`."""
    _, first, count = np.unique(_key(rows), return_index=True, return_counts=True)
    streams = np.zeros(len(first), dtype=_STREAM)
    streams["kind"], streams["cell"], streams["n"] = rows["kind"][first], rows["cell"][first], count
    for stream, start in zip(streams, first.tolist(), strict=True):
        apart = np.sort(np.diff(t[start : start + int(stream["n"])]))
        usual = int(apart[len(apart) // 2]) if len(apart) else 0
        stream["step"] = usual if abs(usual) < 2**31 else 0
    return streams


def _key(rows: NDArray[Any]) -> NDArray[np.uint16]:
    key: NDArray[np.uint16] = rows["kind"].astype(np.uint16) * np.uint16(256) + rows["cell"]
    return key


def _unsigned(values: NDArray[Any]) -> _U64:
    """Return signed numbers as they wrap around at 2^64: sums and differences stay exact."""
    return values.astype(np.int64).view(np.uint64)


def _diff(values: _U64, before: int = 0) -> _U64:
    return np.diff(values, prepend=_unsigned(np.array([before])))


def _zigzag(left: _U64) -> _U64:
    signed = left.view(np.int64)
    return ((signed << 1) ^ (signed >> 63)).view(np.uint64)


def _unzigzag(values: _U64) -> _U64:
    return (values >> np.uint64(1)) ^ (np.uint64(0) - (values & np.uint64(1)))


def _packed(column: _U64, compressor: zstandard.ZstdCompressor) -> bytes:
    """Return how many byte planes a column has, then each with its length, lowest first."""
    width = (int(column.max()).bit_length() + 7) // 8
    planes = column.astype("<u8").view(np.uint8).reshape(-1, 8)
    parts = [bytes([width])]
    for index in range(width):
        raw = planes[:, index].tobytes()
        short = compressor.compress(raw)
        best = short if len(short) < len(raw) else raw
        parts += [_PLANE.pack(len(best)), best]
    return b"".join(parts)


class _Reader:
    """Takes a block's data apart; every length is checked before it is believed."""

    def __init__(self, data: bytes, at: int, n: int) -> None:
        self._data = data
        self._at = at
        self._n = n
        self._zstd = zstandard.ZstdDecompressor()

    def streams(self, count: int) -> NDArray[Any]:
        streams = np.frombuffer(self._take(count * _STREAM.itemsize), dtype=_STREAM)
        if int(streams["n"].sum(dtype=np.uint64)) != self._n:
            raise ValueError("a block's streams do not add up")
        return streams

    def column(self) -> _U64:
        (width,) = self._take(1)
        planes = np.zeros((self._n, 8), dtype=np.uint8)
        for index in range(width):
            (length,) = _PLANE.unpack(self._take(_PLANE.size))
            planes[:, index] = np.frombuffer(self._plane(self._take(length)), dtype=np.uint8)
        return planes.view("<u8").reshape(-1).astype(np.uint64)

    def _plane(self, part: bytes) -> bytes:
        if len(part) == self._n:
            return part
        if len(part) > self._n or zstandard.frame_content_size(part) != self._n:
            raise ValueError("a block's column is of the wrong length")
        return self._zstd.decompress(part)

    def _take(self, length: int) -> bytes:
        part = self._data[self._at : self._at + length]
        if len(part) != length:
            raise ValueError("a block is cut short")
        self._at += length
        return part
