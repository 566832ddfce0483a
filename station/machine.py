"""The computer that the station runs on: what a builder must know of it. What can't be read is None."""

from __future__ import annotations

import os
import platform
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType

# Bits of the firmware's `get_throttled`: what is the case now, and what has been since the start.
POWER_WORDS: Mapping[int, str] = MappingProxyType(
    {
        0: "The supply is too weak now",
        2: "The Pi is slowed down now",
        3: "The Pi is too hot now",
        16: "The supply was too weak since the start",
        18: "The Pi was slowed down since the start",
        19: "The Pi was too hot since the start",
    }
)
SUPPLY_BITS, SLOWED_BITS, HEAT_BITS = (0, 16), (2, 18), (3, 19)
HOTTEST_C = 80.0  # there the firmware begins to slow a Pi down
LEAST_FREE_BYTES = 500_000_000  # some hundred sessions
THROTTLED = "sys/devices/platform/soc*/*firmware/get_throttled"
PACKAGES = ("heeldrive", "numpy", "flask", "cheroot", "RPi.GPIO", "rpi-lgpio", "lgpio", "gpiod")


@dataclass(frozen=True)
class Machine:
    """One look at it.

    power_bits : the firmware's flags; None where there are none, as on a laptop
    """

    model: str | None
    system: str
    temperature_c: float | None
    power_bits: int | None
    disk_free_bytes: int | None
    clock_synchronised: bool
    up_s: float
    versions: Mapping[str, str]

    @property
    def power(self) -> tuple[str, ...] | None:
        """What the firmware's flags say; None where they are not known."""
        if self.power_bits is None:
            return None
        return tuple(text for bit, text in POWER_WORDS.items() if self.power_bits >> bit & 1)

    @property
    def disk_free_gb(self) -> float | None:
        """The same in GB."""
        return None if self.disk_free_bytes is None else self.disk_free_bytes / 1e9

    def wrong(self) -> list[str]:
        """Return what must be mended, each in a sentence with its cure."""
        found = []
        flags = self.power_bits or 0
        weak, slowed, heated = (
            any(flags >> bit & 1 for bit in bits) for bits in (SUPPLY_BITS, SLOWED_BITS, HEAT_BITS)
        )
        if weak:
            found.append("The Pi's supply is or was too weak: use the Pi's own, and a short, thick cable.")
        hot = self.temperature_c is not None and self.temperature_c >= HOTTEST_C
        if hot or heated or (slowed and not weak):  # a weak supply slows it down as well
            found.append("The Pi is or was too hot, and slows itself down: give it air or a heat sink.")
        if self.disk_free_bytes is not None and self.disk_free_bytes < LEAST_FREE_BYTES:
            free_mb = self.disk_free_bytes / 1e6
            found.append(f"Only {free_mb:.0f} MB are free for sessions: export old ones and remove them.")
        return found


def look(data_folder: Path, root: Path = Path("/")) -> Machine:
    """Return what the machine says of itself; `root` is where its /sys and /run are."""
    return Machine(
        model=_text(root / "sys/firmware/devicetree/base/model"),
        system=_system(root),
        temperature_c=_temperature_c(root),
        power_bits=_power_bits(root),
        disk_free_bytes=_free(data_folder),
        clock_synchronised=clock_synchronised(root),
        up_s=time.clock_gettime(time.CLOCK_BOOTTIME),
        versions=_versions(),
    )


def clock_synchronised(root: Path = Path("/")) -> bool:
    """Tell whether systemd has set the clock by the network; a Pi has no battery for its own."""
    return (root / "run/systemd/timesync/synchronized").exists()


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip("\0\n ")
    except (OSError, UnicodeDecodeError):
        return None


def _number(path: Path, base: int = 10) -> int | None:
    try:
        return int(_text(path) or "", base)
    except ValueError:
        return None


def _temperature_c(root: Path) -> float | None:
    thousandths = _number(root / "sys/class/thermal/thermal_zone0/temp")
    return None if thousandths is None else thousandths / 1000


def _power_bits(root: Path) -> int | None:
    """Return the flags: of the Pi's firmware, or else the one that any kernel knows of a Pi."""
    for path in root.glob(THROTTLED):
        if (bits := _number(path, 16)) is not None:
            return bits
    for path in root.glob("sys/class/hwmon/hwmon*/name"):
        if _text(path) == "rpi_volt":
            alarm = _number(path.with_name("in0_lcrit_alarm"))
            return None if alarm is None else alarm << SUPPLY_BITS[1]
    return None


def _system(root: Path) -> str:
    lines = (_text(root / "etc/os-release") or "").splitlines()
    named = [line.partition("=")[2].strip('"') for line in lines if line.startswith("PRETTY_NAME=")]
    release = os.uname()
    return " · ".join([*named, f"Linux {release.release} {release.machine}"])


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def wall_clock() -> tuple[str, bool]:
    """Return the time of day in UTC and whether systemd has synchronised it."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return now, clock_synchronised()
