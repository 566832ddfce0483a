"""Which wire goes where: the one table of pins and colours, for the config, the cures and the docs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

Pins: TypeAlias = Mapping[str, tuple[int, int]]  # cell's word: (dout, sck), BCM numbers

# The recommended wiring: every chip has its own clock line. hardware/WIRING.md draws it.
DEFAULT_PINS: Pins = MappingProxyType(
    {
        "heel_left": (5, 6),
        "heel_right": (13, 19),
        "toe_left": (16, 20),
        "toe_right": (21, 26),
    }
)

# BCM number: place on the 40-pin header, the same on every Pi that has one.
HEADER_PIN: Mapping[int, int] = MappingProxyType(
    {
        2: 3,
        3: 5,
        4: 7,
        5: 29,
        6: 31,
        7: 26,
        8: 24,
        9: 21,
        10: 19,
        11: 23,
        12: 32,
        13: 33,
        14: 8,
        15: 10,
        16: 36,
        17: 11,
        18: 12,
        19: 35,
        20: 38,
        21: 40,
        22: 15,
        23: 16,
        24: 18,
        25: 22,
        26: 37,
        27: 13,
    }
)

# From the Pi to an amplifier; what the wires of a cell are coloured is its maker's choice.
COLOURS: Mapping[str, str] = MappingProxyType(
    {"dout": "yellow", "sck": "blue", "logic supply": "orange", "cell supply": "red", "ground": "black"}
)


def data_wire(pins: Pins, cell: str) -> str:
    """Return where a cell's data line is, for people, such as ``the yellow wire on pin 29``."""
    return f"the {COLOURS['dout']} wire on pin {HEADER_PIN[pins[cell][0]]}"


def clock_wire(pins: Pins, cell: str) -> str:
    """Return where a cell's clock line is, for people."""
    return f"the {COLOURS['sck']} wire on pin {HEADER_PIN[pins[cell][1]]}"
