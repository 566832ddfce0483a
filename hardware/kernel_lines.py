"""Lines on the kernel's GPIO character device, through lgpio or gpiod: the way on a Pi 5.

Both read the data lines of a clock group in one call. Written after the libraries'
documentation; not tried on hardware.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HEADER_CHIPS = ("pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835")  # labels of the 40 pins, by model


class LgpioLines:
    """Lines on lgpio; `data` are grouped as they are read, so each group is claimed once."""

    def __init__(self, lgpio: Any, clocks: Sequence[int], groups: Sequence[tuple[int, ...]]) -> None:
        self._lgpio, self._clocks = lgpio, list(clocks)
        self._chip = _first_header_chip(lgpio)
        for pin in clocks:
            lgpio.gpio_claim_output(self._chip, pin, 0)
        for group in groups:
            lgpio.group_claim_input(self._chip, list(group), lgpio.SET_PULL_UP)

    def set(self, clock: int, high: bool) -> None:
        """Drive a clock line."""
        self._lgpio.gpio_write(self._chip, clock, int(high))

    def levels(self, data: Sequence[int]) -> Sequence[int]:
        """Return the levels of one group, 0 or 1."""
        _, bits = self._lgpio.group_read(self._chip, data[0])
        return [bits >> i & 1 for i in range(len(data))]

    def close(self) -> None:
        """Leave the clock lines low and give the pins back."""
        for pin in self._clocks:
            self.set(pin, False)
        self._lgpio.gpiochip_close(self._chip)


class GpiodLines:
    """Lines on gpiod, version 2."""

    def __init__(self, gpiod: Any, clocks: Sequence[int], groups: Sequence[tuple[int, ...]]) -> None:
        line = gpiod.line
        low = gpiod.LineSettings(direction=line.Direction.OUTPUT, output_value=line.Value.INACTIVE)
        pulled_up = gpiod.LineSettings(direction=line.Direction.INPUT, bias=line.Bias.PULL_UP)
        data = tuple(pin for group in groups for pin in group)
        self._active, self._inactive = line.Value.ACTIVE, line.Value.INACTIVE
        self._clocks = list(clocks)
        self._request = gpiod.request_lines(
            _header_path(gpiod), consumer="heeldrive", config={tuple(clocks): low, data: pulled_up}
        )

    def set(self, clock: int, high: bool) -> None:
        """Drive a clock line."""
        self._request.set_value(clock, self._active if high else self._inactive)

    def levels(self, data: Sequence[int]) -> Sequence[int]:
        """Return the level of each data line, 0 or 1."""
        return [int(value is self._active) for value in self._request.get_values(data)]

    def close(self) -> None:
        """Leave the clock lines low and give the pins back."""
        for pin in self._clocks:
            self.set(pin, False)
        self._request.release()


def open_lgpio(clocks: Sequence[int], groups: Sequence[tuple[int, ...]]) -> LgpioLines:
    """Open the header's pins through lgpio."""
    return LgpioLines(importlib.import_module("lgpio"), clocks, groups)


def open_gpiod(clocks: Sequence[int], groups: Sequence[tuple[int, ...]]) -> GpiodLines:
    """Open the header's pins through gpiod."""
    gpiod = importlib.import_module("gpiod")
    importlib.import_module("gpiod.line")
    return GpiodLines(gpiod, clocks, groups)


def _chip_paths() -> list[Path]:
    return sorted(Path("/dev").glob("gpiochip*"))


def _first_header_chip(lgpio: Any) -> int:
    """Return the opened chip of the 40 pins: its number differs with the model and the kernel."""
    for path in _chip_paths():
        handle: int = lgpio.gpiochip_open(int(path.name.removeprefix("gpiochip")))
        _, _, _, label = lgpio.gpio_get_chip_info(handle)
        if label in HEADER_CHIPS:
            return handle
        lgpio.gpiochip_close(handle)
    raise OSError("no Raspberry Pi header among /dev/gpiochip*")


def _header_path(gpiod: Any) -> str:
    for path in _chip_paths():
        with gpiod.Chip(str(path)) as chip:
            if chip.get_info().label in HEADER_CHIPS:
                return str(path)
    raise OSError("no Raspberry Pi header among /dev/gpiochip*")
