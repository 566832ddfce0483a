"""The contract between the hardware and the station: a log of single conversions.

Each of the four chips runs on its own oscillator, so the truth is never "a row of four"
but a sequence of `(seq, t_ns, cell, count, status)`. Whatever implements `Source` can
feed the station: chips, a simulation, or a recording.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray


class Cell(IntEnum):
    """One load cell of the split plate; left and right as the lying athlete sees them."""

    HEEL_LEFT = 0
    HEEL_RIGHT = 1
    TOE_LEFT = 2
    TOE_RIGHT = 3

    @property
    def word(self) -> str:
        """The name used in files and on the wire, such as ``heel_left``."""
        return self.name.lower()


CELL_WORDS: tuple[str, ...] = tuple(cell.word for cell in Cell)


class Kind(IntEnum):
    """What a record of the log is."""

    CONVERSION = 0
    FAULT = 1  # `status` holds a Fault, `count` how often it was seen since the last such record
    HEARTBEAT = 2  # the sampler lives, whatever its chips do; `cell` is NO_CELL


class Status(IntEnum):
    """What is claimed of one conversion; only OK rows are claimed true."""

    OK = 0
    SATURATED = 1  # the chip's own end stop, 0x7FFFFF or 0x800000
    SUSPECT = 2  # the frame could not be proven whole, or when it was converted is not known well enough
    SETTLING = 3  # converted within the four conversions after a reset
    LATE = 4  # read after the next conversion was already due
    STUCK = 5  # the data line does not behave like a chip's
    DESYNC = 6  # the tail bit was low: chip and host disagree about the pulses

    @property
    def word(self) -> str:
        """The name used in files, such as ``ok``."""
        return self.name.lower()


class Fault(IntEnum):
    """What is wrong with a chip, for people; the page turns it into a sentence with a cure."""

    ABSENT = 1
    STUCK_LOW = 2
    SATURATED_HIGH = 3
    SATURATED_LOW = 4
    DESYNC = 5
    RESET = 6
    HOST_SLOW = 7
    WRONG_RATE = 8

    @property
    def word(self) -> str:
        """The name used in files and JSON, such as ``stuck_low``."""
        return self.name.lower()


NO_CELL = 255
COUNT_MIN, COUNT_MAX = -0x800000, 0x7FFFFF  # a signed 24-bit converter

# One record of the log: 24 bytes, little-endian on the wire and in the session file.
RECORD = np.dtype(
    [
        ("seq", "<u8"),  # counts every record of one run of the sampler from 0
        ("t_ns", "<i8"),  # CLOCK_MONOTONIC when the conversion became ready, whole µs
        ("count", "<i4"),
        ("kind", "u1"),
        ("cell", "u1"),
        ("status", "u1"),
        ("reserved", "u1"),
    ]
)

Records = NDArray[Any]  # a structured array of RECORD

SETTLING_CONVERSIONS = 4  # HX711 datasheet: the digital filter settles in four conversions
# The mean age of what that filter has seen, so what boundaries are moved back by. From the
# settling time, not measured on a chip.
FILTER_DELAY_CONVERSIONS = 2.0


def empty_records(n: int = 0) -> Records:
    """Return `n` zeroed records, shape (n,)."""
    return np.zeros(n, dtype=RECORD)


FourNumbers: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True)
class Calibration:
    """What turns counts into newtons: ``force_n = unmix @ ((count - zero_count) * newtons_per_count)``.

    Each tuple has one entry per `Cell`, in its order. The gains alone give the whole force; each
    column of `unmix` sums to 1, so that it only moves force from one cell to another.
    """

    id: str
    made: str  # ISO date, or what it comes from, for people
    zero_count: FourNumbers
    newtons_per_count: FourNumbers
    unmix: tuple[FourNumbers, FourNumbers, FourNumbers, FourNumbers] | None = None  # None: nothing to undo

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Calibration:
        """Read what `as_json` wrote."""
        mixed = value.get("unmix")  # not in files from before there was one
        if mixed is not None and len(mixed) != len(Cell):
            raise ValueError("unmix has not four rows")
        return cls(
            id=str(value["id"]),
            made=str(value["made"]),
            zero_count=four(value["zero_count"]),
            newtons_per_count=four(value["newtons_per_count"]),
            unmix=None if mixed is None else (four(mixed[0]), four(mixed[1]), four(mixed[2]), four(mixed[3])),
        )


def four(values: Iterable[float]) -> FourNumbers:
    """Return one number for each cell.

    Raises
    ------
    ValueError : there are not four, or one is nan or infinite

    """
    a, b, c, d = (float(value) for value in values)
    if not all(map(math.isfinite, (a, b, c, d))):
        raise ValueError("a number is not finite")
    return a, b, c, d


@dataclass(frozen=True)
class SourceInfo:
    """How a source describes itself; the station asks nothing else of it.

    Parameters
    ----------
    name : the word of ``--adc``
    nominal_rate_hz : conversions per second and cell that the chips are set to
    simulated : True puts the permanent MOCK banner on every page
    filter_delay_s : how much later than the force a conversion is, for the chip's own filter
    calibration : what the source itself knows (a simulation, a recording); else None
    text : one line for people, such as ``simulated athlete, 80 kg, seed 7``

    """

    name: str
    nominal_rate_hz: float
    simulated: bool
    filter_delay_s: float
    calibration: Calibration | None
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> SourceInfo:
        """Read what `as_json` wrote."""
        calibration = value["calibration"]
        return cls(
            name=str(value["name"]),
            nominal_rate_hz=float(value["nominal_rate_hz"]),
            simulated=bool(value["simulated"]),
            filter_delay_s=float(value["filter_delay_s"]),
            calibration=None if calibration is None else Calibration.from_json(calibration),
            text=str(value["text"]),
        )


class Source(Protocol):
    """Something that gives conversions; the sampler calls it from one thread."""

    @property
    def info(self) -> SourceInfo:
        """How the source describes itself."""
        ...

    def poll(self, now_ns: int) -> Records:
        """Return what became ready since the last call, up to `now_ns`, oldest first.

        `seq` is left 0: the sampler numbers the records. `t_ns` is strictly rising per cell.
        Never blocks for longer than it takes to read the chips that are ready.
        """
        ...

    def next_poll_ns(self, now_ns: int) -> int:
        """Return when polling is worth while again."""
        ...

    def close(self) -> None:
        """Give back pins and files."""
        ...


# --- the socket between the sampler process and the station process -------------------
#
# The station connects and sends one HELLO: which record it wants next, as (run_id, seq).
# The sampler answers with a 4-byte length and a JSON greeting of that length (`Greeting`),
# then sends records, RECORD after RECORD, for as long as both live. A reader that is too
# slow finds a jump in `seq` where the sampler's memory no longer reached back far enough.

HELLO = struct.Struct("<8s16sq")  # magic, run_id (zeros: none yet), next seq (-1: from now on)
HELLO_MAGIC = b"HEELDRV1"
GREETING_LENGTH = struct.Struct("<I")
LONGEST_GREETING = 1 << 16  # bytes; one has some hundreds
NO_RUN = bytes(16)


@dataclass(frozen=True)
class Greeting:
    """What the sampler says of itself before the first record.

    Parameters
    ----------
    run_id : 32 hex digits; every start of the sampler is a new run, with `seq` from 0
    boot_id : the machine's boot: two runs of one boot share one CLOCK_MONOTONIC
    first_seq : number of the first record that follows
    now_ns : the sampler's clock at this moment (ahead of CLOCK_MONOTONIC when sped up)
    speed : how many data seconds pass in a second; 1.0 on a device
    pid : process id of the sampler
    source : how its source describes itself
    notes : plain sentences about what the process could not get, such as real-time priority

    """

    run_id: str
    boot_id: str
    first_seq: int
    now_ns: int
    speed: float
    pid: int
    source: SourceInfo
    notes: tuple[str, ...]

    def as_bytes(self) -> bytes:
        """Return the greeting with its length before it."""
        body = json.dumps({**asdict(self), "source": self.source.as_json()}).encode()
        return GREETING_LENGTH.pack(len(body)) + body

    @classmethod
    def from_bytes(cls, body: bytes) -> Greeting:
        """Read the JSON body of a greeting.

        Raises
        ------
        ValueError : it is none

        """
        try:
            value = json.loads(body)
            greeting = cls(
                run_id=bytes.fromhex(value["run_id"]).hex(),
                boot_id=str(value["boot_id"]),
                first_seq=int(value["first_seq"]),
                now_ns=int(value["now_ns"]),
                speed=float(value["speed"]),
                pid=int(value["pid"]),
                source=SourceInfo.from_json(value["source"]),
                notes=tuple(str(note) for note in value["notes"]),
            )
        except (KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
            raise ValueError(f"no greeting: {error!r}") from None
        if len(greeting.run_id) != 2 * len(NO_RUN) or not greeting.source.nominal_rate_hz > 0:
            raise ValueError("no greeting: its run or its rate can't be")
        return greeting
