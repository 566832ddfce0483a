"""The machine's facts: config.toml, read and validated once at the start.

What changes from athlete to athlete or set to set is no config: it lives with the session.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

from station.coach.thresholds import Thresholds
from station.conversions import CELL_WORDS
from station.errors import UserError, shown
from station.signal.model import Plate
from station.wiring import DEFAULT_PINS, HEADER_PIN, Pins

BACKENDS = ("mock", "gpio", "lgpio", "gpiod", "hx711", "replay")
LONGEST_FILE = 1 << 20  # bytes: one has some hundreds
LONGEST_NAME = 60  # characters of a station's or a plate's
LONGEST_MONTHS = 1200  # a hundred years
RATES_HZ = (10.0, 80.0, 320.0)  # HX711 with RATE low and high; HX71708


@dataclass(frozen=True)
class Config:
    """What the machine is; every field has a default, so that no file is needed.

    pins : (dout, sck) per cell, BCM numbers; cells with the same sck share one clock
    station_name, plate_name : what they are called in session files and exports; "" for no name
    cell_capacity_kg : what one cell is made for; None: not known, so that overload is not judged
    keep_months : how long sessions are kept, as docs/PRIVACY.md says; 0: for ever
    behind_proxy : whether a proxy on this machine says who asks, and whether by https (docs/HTTPS.md)
    lsl : whether forces and markers are offered to the network, as docs/LSL.md says
    """

    backend: str = "mock"
    rate_hz: float = 80.0
    pins: Pins = field(default_factory=lambda: dict(DEFAULT_PINS))
    plate: Plate = field(default_factory=Plate)
    station_name: str = ""
    plate_name: str = ""
    cell_capacity_kg: float | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    host_names: tuple[str, ...] = ()
    keep_months: int = 0
    behind_proxy: bool = False
    lsl: bool = False
    thresholds: Thresholds = field(default_factory=Thresholds)


def load(path: Path | None) -> Config:
    """Read `path`, or give the defaults for None.

    Raises
    ------
    UserError : the file can't be read, or says something that can't be; the text names the line's key
    """
    if path is None:
        return Config()
    try:
        with path.open("rb") as file:
            table = tomllib.loads(file.read(LONGEST_FILE).decode())
    except OSError as error:
        raise UserError(
            f"The config {path} can't be read ({error.strerror}): check the path after --config."
        ) from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a mere ValueError
        raise UserError(f"The config {path} is not valid TOML: {error}.") from None
    return _Reader(path).config(table)


_Table: TypeAlias = Mapping[str, Any]


class _Reader:
    """Turns TOML values into a Config and every doubt into one sentence."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, text: str) -> UserError:
        return UserError(f"{self.path}: {text}")

    def table(self, parent: _Table, key: str, where: str, allowed: tuple[str, ...]) -> dict[str, Any]:
        value = parent.get(key, {})
        if not isinstance(value, dict):
            raise self.fail(f"{where} must be a table: write [{where}] and its keys below it.")
        self.known(value, where, allowed)
        return value

    def known(self, table: _Table, where: str, allowed: tuple[str, ...]) -> None:
        for key in table:
            if key not in allowed:
                place = f"in [{where}]" if where else "at the top level"
                raise self.fail(f"unknown key {shown(key)} {place}; known are {', '.join(allowed)}.")

    def number(self, table: _Table, key: str, where: str, default: float, low: float, high: float) -> float:
        value = table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.fail(f"{where}.{key} must be a number from {low:g} to {high:g}, not {shown(value)}.")
        return float(value)

    def word(self, table: _Table, key: str, where: str, default: str) -> str:
        value = table.get(key, default)
        if not isinstance(value, str) or not value:
            raise self.fail(f"{where}.{key} must be a text in quotes, not {shown(value)}.")
        return value

    def name(self, table: _Table, where: str) -> str:
        name = self.word(table, "name", where, "-") if "name" in table else ""
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise self.fail(f"{where}.name must have at most {LONGEST_NAME} characters, and no line breaks.")
        return name

    def yes(self, table: _Table, key: str, where: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self.fail(f"{where}.{key} must be true or false, not {value!r}.")
        return value

    def config(self, top: dict[str, Any]) -> Config:
        self.known(top, "", ("station", "adc", "plate", "server", "privacy", "lsl", "coach"))
        adc = self.table(top, "adc", "adc", ("backend", "rate_hz", "pins"))
        spacings = ("heel_spacing_mm", "toe_spacing_mm")
        plate = self.table(top, "plate", "plate", ("name", "type", *spacings, "cell_capacity_kg"))
        server = self.table(top, "server", "server", ("host", "port", "host_names", "behind_proxy"))
        backend = self.word(adc, "backend", "adc", "mock")
        if backend not in BACKENDS:
            raise self.fail(f"adc.backend {shown(backend)} is unknown; choose one of {', '.join(BACKENDS)}.")
        rate_hz = self.number(adc, "rate_hz", "adc", 80.0, 1, 1000)
        if rate_hz not in RATES_HZ:
            raise self.fail(f"adc.rate_hz {rate_hz:g} is no rate of these chips; choose 10, 80 or 320.")
        if self.word(plate, "type", "plate", "split") != "split":
            raise self.fail('plate.type must be "split": other plates are not supported yet.')
        port = self.number(server, "port", "server", 8000, 0, 65535)
        return Config(
            backend=backend,
            rate_hz=rate_hz,
            pins=self.pins(adc) if "pins" in adc else dict(DEFAULT_PINS),
            plate=Plate(
                self.number(plate, "heel_spacing_mm", "plate", 200.0, 20, 1000),
                self.number(plate, "toe_spacing_mm", "plate", 200.0, 20, 1000),
            ),
            station_name=self.name(self.table(top, "station", "station", ("name",)), "station"),
            plate_name=self.name(plate, "plate"),
            cell_capacity_kg=self.number(plate, "cell_capacity_kg", "plate", 0.0, 1, 2000)
            if "cell_capacity_kg" in plate
            else None,
            host=self.word(server, "host", "server", "127.0.0.1"),
            port=int(port),
            host_names=self.names(server),
            keep_months=self.months(self.table(top, "privacy", "privacy", ("keep_months",))),
            behind_proxy=self.yes(server, "behind_proxy", "server"),
            lsl=self.yes(self.table(top, "lsl", "lsl", ("enabled",)), "enabled", "lsl"),
            thresholds=self.thresholds(top),
        )

    def months(self, privacy: _Table) -> int:
        value = privacy.get("keep_months", 0)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST_MONTHS:
            raise self.fail(
                f"privacy.keep_months must be a whole number of months from 1 to {LONGEST_MONTHS},"
                f" or 0 to keep everything, not {shown(value)}."
            )
        return value

    def thresholds(self, top: _Table) -> Thresholds:
        known = tuple(field.name for field in fields(Thresholds))
        try:
            return Thresholds.from_json(self.table(top, "coach", "coach", known))
        except ValueError as error:
            raise self.fail(f"coach.{error}") from None

    def names(self, server: _Table) -> tuple[str, ...]:
        names = server.get("host_names", [])
        if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            raise self.fail('server.host_names must be a list of names, such as ["plate.gym.example"].')
        return tuple(names)

    def pins(self, adc: _Table) -> dict[str, tuple[int, int]]:
        tables = self.table(adc, "pins", "adc.pins", CELL_WORDS)
        pins: dict[str, tuple[int, int]] = {}
        for cell in CELL_WORDS:
            if cell not in tables:
                raise self.fail(f"adc.pins.{cell} is missing: give dout and sck of all four cells.")
            where = f"adc.pins.{cell}"
            table = self.table(tables, cell, where, ("dout", "sck"))
            pins[cell] = (self.pin(table, "dout", where), self.pin(table, "sck", where))
        self.no_pin_twice(pins)
        return pins

    def pin(self, table: _Table, key: str, where: str) -> int:
        value = table.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value not in HEADER_PIN:
            raise self.fail(f"{where}.{key} must be a BCM pin number from 2 to 27, not {shown(value)}.")
        return value

    def no_pin_twice(self, pins: Mapping[str, tuple[int, int]]) -> None:
        """Several cells may share a clock line; a data line is one chip's alone."""
        clocks = {sck for _, sck in pins.values()}
        used: dict[int, str] = {}
        for cell, (dout, _) in pins.items():
            if dout in used:
                raise self.fail(f"pin {dout} is the dout of both {used[dout]} and {cell}: give each its own.")
            if dout in clocks:
                raise self.fail(f"pin {dout} is used as dout of {cell} and as a sck: give each its own.")
            used[dout] = cell
