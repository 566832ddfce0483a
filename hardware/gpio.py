"""The pins: the one seam between the driver and whichever GPIO library the machine has.

A backend is opened by its name and by nothing else: a station never quietly becomes another.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from hardware.kernel_lines import open_gpiod, open_lgpio


class HardwareError(Exception):
    """Something about pins or chips that a person can mend; the text says how, in one line."""


class BadLines(HardwareError, ImportError):
    """The GPIO library that was asked for can't be used."""


class Lines(Protocol):
    """Clock lines to set and data lines to read, by BCM number; every data line is pulled up."""

    def set(self, clock: int, high: bool) -> None:
        """Drive a clock line."""
        ...

    def levels(self, data: Sequence[int]) -> Sequence[int]:
        """Return the level of each data line of one clock, 0 or 1."""
        ...

    def close(self) -> None:
        """Leave the clock lines low and give the pins back."""
        ...


class RpiGpioLines:
    """Lines on the ``RPi.GPIO`` interface: the real module, rpi-lgpio, or a simulated board.

    Parameters
    ----------
    gpio : the module, or whatever answers to its names
    clocks : BCM numbers of the clock lines
    data : BCM numbers of the data lines

    """

    def __init__(self, gpio: Any, clocks: Sequence[int], data: Sequence[int]) -> None:
        self._gpio = gpio
        self._clocks, self._data = list(clocks), list(data)
        gpio.setwarnings(False)
        gpio.setmode(gpio.BCM)
        for pin in clocks:
            gpio.setup(pin, gpio.OUT, initial=gpio.LOW)
        for pin in data:
            gpio.setup(pin, gpio.IN, pull_up_down=gpio.PUD_UP)
        self.set: Callable[[int, bool], None] = gpio.output  # bound once: a frame calls it 50 times
        self._input = gpio.input

    def levels(self, data: Sequence[int]) -> Sequence[int]:
        """Return the level of each data line, 0 or 1."""
        return [self._input(pin) for pin in data]

    def close(self) -> None:
        """Leave the clock lines low and give the pins back."""
        for pin in self._clocks:
            self.set(pin, False)
        self._gpio.cleanup([*self._clocks, *self._data])


def open_lines(backend: str, clocks: Sequence[int], groups: Sequence[tuple[int, ...]]) -> Lines:
    """Open the lines of the backend named, and of no other; `groups` are the data lines of each clock.

    Raises
    ------
    BadLines : its library is not installed, or does not work on this machine

    """
    if backend not in _BACKENDS:
        raise BadLines(f"There is no pin backend {backend!r}: use one of {', '.join(_BACKENDS)}.")
    library, opener, cure = _BACKENDS[backend]
    try:
        return opener(clocks, groups)
    except ImportError as error:
        raise BadLines(f"{library} can't be imported ({one_line(error)}): {cure}") from None
    except Exception as error:  # each library has error classes of its own, and this is the door
        raise BadLines(f"{library} does not work here ({one_line(error)}): {cure}") from None


def one_line(error: Exception) -> str:
    """Return what a library complained of, fit for the middle of a sentence."""
    return " ".join(str(error).split()).rstrip(".!")


def _open_rpi_gpio(clocks: Sequence[int], groups: Sequence[tuple[int, ...]]) -> Lines:
    return RpiGpioLines(
        importlib.import_module("RPi.GPIO"), clocks, [pin for group in groups for pin in group]
    )


_ELSEWHERE = "elsewhere use --adc mock, or --adc gpio --pins simulated."
_BACKENDS: dict[str, tuple[str, Callable[[Sequence[int], Sequence[tuple[int, ...]]], Lines], str]] = {
    "gpio": (
        "RPi.GPIO",
        _open_rpi_gpio,
        f"on a Raspberry Pi install heeldrive[pi], on a Pi 5 heeldrive[pi5]; {_ELSEWHERE}",
    ),
    "lgpio": ("lgpio", open_lgpio, f"on a Raspberry Pi install the package lgpio; {_ELSEWHERE}"),
    "gpiod": ("gpiod", open_gpiod, f"on a Raspberry Pi install the package gpiod, version 2; {_ELSEWHERE}"),
}
