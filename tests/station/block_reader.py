"""Blocks of a session file, read by docs/SESSION_FILE.md alone, in plain integers: slow, no code of ours."""

from __future__ import annotations

import struct
import zlib

import zstandard

WHOLE = 1 << 64


def read_block(data: bytes) -> list[tuple[int, int, int, int, int, int]]:
    """Return (seq, t_ns, count, kind, cell, status) of each record, in the log's order."""
    if data[0] == 0x78:
        planes = zlib.decompress(data)
        n = len(planes) // 24
        rows = (bytes(planes[k * n + i] for k in range(24)) for i in range(n))
        return [struct.unpack("<QqiBBBB", row)[:6] for row in rows]
    version, flags, stream_count, n, seq, first_t = struct.unpack_from("<BBHIQq", data)
    assert version == 2
    at = 24
    streams = []
    for _ in range(stream_count):
        streams.append(struct.unpack_from("<BBIi", data, at))
        at += 10
    columns = []
    while at < len(data):
        plane_count, at = data[at], at + 1
        column = [0] * n
        for k in range(plane_count):
            (length,) = struct.unpack_from("<I", data, at)
            plane, at = data[at + 4 : at + 4 + length], at + 4 + length
            if length != n:
                plane = zstandard.ZstdDecompressor().decompress(plane)
            column = [value + (byte << (8 * k)) for value, byte in zip(column, plane, strict=True)]
        columns.append(column)
    rows, t, step, count = [], first_t, 0, 0
    place = 0
    for number, (kind, cell, length, usual) in enumerate(streams):
        for _ in range(length):
            t = _signed(t + _unzigzag(columns[3][place]) + usual)
            step = _signed(step + _unzigzag(columns[4][place]))
            count = _signed(count + step)
            rows.append((number, t * 1000 if flags & 1 else t, count, kind, cell))
            place += 1
    if flags & 2:
        ordered = sorted(rows, key=lambda row: row[1])
    else:
        waiting = [iter([row for row in rows if row[0] == number]) for number in range(stream_count)]
        ordered = [next(waiting[number]) for number in columns[5]]
    return [
        ((seq + k + columns[0][k]) % WHOLE, t_ns, count, kind, cell, columns[1][k])
        for k, (_, t_ns, count, kind, cell) in enumerate(ordered)
    ]


def _unzigzag(value: int) -> int:
    return value // 2 if value % 2 == 0 else -(value // 2) - 1


def _signed(value: int) -> int:
    return (value + WHOLE // 2) % WHOLE - WHOLE // 2
