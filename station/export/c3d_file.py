"""The C3D file format, as much of it as analog channels and events need: a small writer of our own.

After the C3D user guide (c3d.org): a header block, a section of parameters in groups, then frames of
32-bit floats, all in blocks of 512 bytes, little-endian ("Intel"). There are no 3-D points.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from station.plain import one_line

BLOCK = 512
MARK = 0x50  # of a C3D file, and of its parameters
INTEL = 84
FIRST_PARAMETER_BLOCK = 2
MOST_FRAMES = 65_535  # the header counts them in 16 bits
LONGEST = 255  # of every dimension of a parameter: strings, and how many there are

F32 = NDArray[np.float32]
Value: TypeAlias = str | int | float | Sequence[str] | NDArray[np.int16] | F32


@dataclass(frozen=True)
class Event:
    """A moment with a name; `side` is its context, as other programs call it."""

    time_s: float  # since the first sample
    label: str
    description: str
    side: str


@dataclass(frozen=True)
class C3d:
    """One recording of analog channels.

    labels, units, descriptions : of the channels
    samples : shape (n, channels); nan where not known
    groups : further groups of parameters, by name
    """

    rate_hz: float
    labels: Sequence[str]
    units: Sequence[str]
    descriptions: Sequence[str]
    samples: F32
    events: Sequence[Event] = ()
    groups: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)

    def chunks(self) -> Iterator[bytes]:
        """Yield the file's bytes."""
        blocks = len(self._parameters(0)) // BLOCK
        data_block = FIRST_PARAMETER_BLOCK + blocks
        yield self._header(data_block)
        yield self._parameters(data_block)
        yield _padded(np.ascontiguousarray(self.samples, dtype="<f4").tobytes())

    def _header(self, data_block: int) -> bytes:
        channels = len(self.labels)
        head = struct.pack("<BBHHHHHfHHf", FIRST_PARAMETER_BLOCK, MARK, 0, channels, 1, len(self.samples), 0,
                           -1.0, data_block, 1, self.rate_hz)  # fmt: skip
        # Event labels have four letters; the events themselves are parameters.
        return (head.ljust(298, b"\0") + struct.pack("<H", 12_345)).ljust(BLOCK, b"\0")

    def _parameters(self, data_block: int) -> bytes:
        groups = {**self._own_groups(data_block), **self.groups}
        body = b"".join(_group(number, name, groups[name]) for number, name in enumerate(groups, start=1))
        body += b"\0\0"  # a name without letters ends the section
        blocks = -(-(4 + len(body)) // BLOCK)
        return _padded(struct.pack("<BBBB", 1, MARK, blocks, INTEL) + body)

    def _own_groups(self, data_block: int) -> dict[str, dict[str, Value]]:
        channels, frames = len(self.labels), len(self.samples)
        return {
            "POINT": {
                "USED": 0, "SCALE": -1.0, "RATE": self.rate_hz, "DATA_START": data_block,
                "FRAMES": frames, "LABELS": [], "DESCRIPTIONS": [], "UNITS": "mm",
            },
            "ANALOG": {
                "USED": channels, "LABELS": self.labels, "DESCRIPTIONS": self.descriptions,
                "UNITS": self.units, "GEN_SCALE": 1.0, "SCALE": np.ones(channels, np.float32),
                "OFFSET": np.zeros(channels, np.int16), "RATE": self.rate_hz,
            },
            "TRIAL": {
                "ACTUAL_START_FIELD": np.array([1, 0], np.int16),
                "ACTUAL_END_FIELD": np.array([frames, 0], np.uint16).view(np.int16),
                "CAMERA_RATE": self.rate_hz,
            },
            "EVENT": {"USED": len(self.events)} | dict(self._event_lists()),
        }  # fmt: skip

    def _event_lists(self) -> Iterator[tuple[str, Value]]:
        """Yield the lists of the events; after each 255 they go on in LABELS2, TIMES2 and so on."""
        for part, start in enumerate(range(0, max(len(self.events), 1), LONGEST), start=1):
            events = self.events[start : start + LONGEST]
            more = "" if part == 1 else str(part)
            minutes_and_seconds = [[0.0, event.time_s] for event in events]
            yield f"CONTEXTS{more}", [event.side for event in events]
            yield f"LABELS{more}", [event.label for event in events]
            yield f"DESCRIPTIONS{more}", [event.description for event in events]
            yield f"TIMES{more}", np.array(minutes_and_seconds, np.float32).reshape(-1, 2)


def _group(number: int, name: str, parameters: Mapping[str, Value]) -> bytes:
    parts = [_entry(-number, name, b"")]
    parts += [_entry(number, key, _value(value)) for key, value in parameters.items()]
    return b"".join(parts)


def _entry(number: int, name: str, content: bytes) -> bytes:
    """Return a group (negative number) or a parameter; the offset leads from itself to the next one."""
    content += b"\0"  # no description
    head = struct.pack("<bb", len(name), number) + name.encode("ascii")
    return head + struct.pack("<H", 2 + len(content)) + content


def _value(value: Value) -> bytes:
    """Return type, dimensions and data; the first dimension varies fastest."""
    if isinstance(value, str):
        text = _text(value)
        return struct.pack("<bBB", -1, 1, len(text)) + text
    if isinstance(value, int):
        return struct.pack("<bBH", 2, 0, value)
    if isinstance(value, float):
        return struct.pack("<bBf", 4, 0, value)
    if isinstance(value, np.ndarray):
        sizes = bytes(reversed(value.shape))
        return struct.pack("<bB", value.itemsize, len(sizes)) + sizes + value.tobytes()
    texts = [_text(text) for text in value]
    width = max(map(len, texts), default=0)
    return struct.pack("<bBBB", -1, 2, width, len(texts)) + b"".join(text.ljust(width) for text in texts)


def _text(text: str) -> bytes:
    """Return as much of a text as a parameter holds, whole letters only; a NUL would end it."""
    return one_line(text).encode()[:LONGEST].decode(errors="ignore").encode()


def _padded(data: bytes) -> bytes:
    return data.ljust(-(-len(data) // BLOCK) * BLOCK, b"\0")
