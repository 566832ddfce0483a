"""The PyPI package `hx711` as a reader of frames, for those whose plate already runs on it.

The package by itself drops genuine 0 and −1, loops for ever on a chip that is absent or
saturated, and leaves a frame half read after a slow pulse. Here it is asked for one frame
of one ready chip at a time, and what it answers has to pass the same proof as our own frames.
What stays: a saturated chip shows as `desync`, as the package gives its value to nobody, and
each chip needs a clock line of its own.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hardware.frame import PROOF_LOOKS, Frame
from hardware.gpio import BadLines, Lines, RpiGpioLines, one_line

LIMITS = (
    "read through the PyPI package hx711, whose limits stay: a saturated chip shows as desync,"
    " and a slow pulse costs the frame even if it did no harm"
)


class _SlowGainPulseError(Exception):
    """The package would now read six values, for however long that takes."""


def open_package(pins: Mapping[str, tuple[int, int]]) -> tuple[Lines, PackageReader]:
    """Import the package and RPi.GPIO and return the pins and a reader of frames.

    Raises BadLines when one of the two is missing or does not work here, or chips share a clock.
    """
    if len({sck for _, sck in pins.values()}) < len(pins):
        raise BadLines(
            "The package hx711 reads one chip per clock line: give each cell its own sck, or use --adc gpio."
        )
    try:
        package = importlib.import_module("hx711")
        gpio = importlib.import_module("RPi.GPIO")
        gpio.setwarnings(False)
        reader = PackageReader(package.HX711, pins)
        # After the package, which sets up DOUT without a pull-up.
        return RpiGpioLines(
            gpio, sorted(sck for _, sck in pins.values()), [dout for dout, _ in pins.values()]
        ), reader
    except (ImportError, RuntimeError) as error:
        raise BadLines(
            f"The package hx711 can't be used here ({one_line(error)}): on a Raspberry Pi"
            " install heeldrive[pi], on a Pi 5 heeldrive[pi5]; elsewhere use --adc mock."
        ) from None


class PackageReader:
    """Reads one frame of one chip through the package; has the shape of `hardware.frame.read_frame`."""

    def __init__(self, chip_class: Any, pins: Mapping[str, tuple[int, int]]) -> None:
        bounded = type("BoundedHX711", (chip_class,), {"_apply_setting": _nothing, "get_raw_data": _refuse})
        self._chips = {dout: bounded(dout_pin=dout, pd_sck_pin=sck, gain=128) for dout, sck in pins.values()}

    def __call__(self, lines: Lines, _sck: int, douts: Sequence[int], clock_ns: Callable[[], int]) -> Frame:
        """Read the chip, which is ready: so the package's own waiting, 10 ms at a time, never begins."""
        start_ns = clock_ns()
        try:
            value = self._chips[douts[0]]._read(max_tries=1)
        except _SlowGainPulseError:
            value = False
        looks = []
        for _ in range(PROOF_LOOKS):
            quiet_ns = clock_ns()
            looks.append(lines.levels(douts)[0])
        answered = value is not False  # a genuine 0 equals False, but is not it
        return Frame(
            start_ns,
            quiet_ns,
            clock_ns(),
            0,  # the package gives up a frame by itself when SCK was high for 60 µs
            (int(value),),
            (answered and all(looks),),
            (not value and not any(looks),),
        )


def _nothing(_chip: object) -> bool:
    """Stand in for reading for half a second to apply the gain: each frame applies it."""
    return True


def _refuse(_chip: object, times: int = 5) -> list[int]:
    """Stand in for a loop without an end."""
    raise _SlowGainPulseError(times)
