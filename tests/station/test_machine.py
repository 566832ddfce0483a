"""What a Pi says of itself, read from files as its kernel has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.machine import look

DATA = Path("/")


def root(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"


def test_a_pi_that_is_well(tmp_path: Path) -> None:
    pi = {
        "sys/firmware/devicetree/base/model": "Raspberry Pi 4 Model B Rev 1.5\0",
        "sys/class/thermal/thermal_zone0/temp": "48686\n",
        FIRMWARE: "0\n",
        "etc/os-release": 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
        "run/systemd/timesync/synchronized": "",
    }
    machine = look(DATA, root(tmp_path, pi))
    assert machine.model == "Raspberry Pi 4 Model B Rev 1.5"
    assert machine.temperature_c == 48.686
    assert machine.power == ()
    assert machine.clock_synchronised
    assert machine.system.startswith("Debian GNU/Linux 12 (bookworm) · Linux ")
    assert machine.wrong() == []
    assert {"python", "heeldrive", "numpy"} <= machine.versions.keys()


@pytest.mark.parametrize(
    ("flags", "says", "wrong"),
    [
        # as the firmware's documentation has them: 0x50000 is "has been", 0x50005 is "is now"
        ("50000", ("The supply was too weak since the start", "The Pi was slowed down since the start"), 1),
        ("50005", ("The supply is too weak now", "The Pi is slowed down now"), 1),
        ("10000", ("The supply was too weak since the start",), 1),
        ("40000", ("The Pi was slowed down since the start",), 1),
        ("80008", ("The Pi is too hot now", "The Pi was too hot since the start"), 1),
    ],
)
def test_the_firmwares_flags(tmp_path: Path, flags: str, says: tuple[str, ...], wrong: int) -> None:
    machine = look(DATA, root(tmp_path, {FIRMWARE: flags}))
    assert machine.power is not None
    assert set(says) <= set(machine.power)
    assert len(machine.wrong()) == wrong


@pytest.mark.parametrize(("alarm", "power"), [("1", 1), ("0", 0)])
def test_a_kernel_without_these_flags_has_its_alarm(tmp_path: Path, alarm: str, power: int) -> None:
    files = {"sys/class/hwmon/hwmon0/name": "cpu_thermal\n", "sys/class/hwmon/hwmon1/name": "rpi_volt\n"}
    machine = look(DATA, root(tmp_path, {**files, "sys/class/hwmon/hwmon1/in0_lcrit_alarm": alarm}))
    assert machine.power is not None
    assert len(machine.power) == len(machine.wrong()) == power


def test_what_is_not_told_is_unknown_and_not_wrong(tmp_path: Path) -> None:
    machine = look(tmp_path / "nowhere", tmp_path)
    assert (machine.model, machine.temperature_c, machine.power, machine.disk_free_bytes) == (None,) * 4
    assert not machine.clock_synchronised
    assert machine.wrong() == []


@pytest.mark.parametrize("damaged", ["", "\0\xff", "hot"])
def test_nonsense_is_unknown(tmp_path: Path, damaged: str) -> None:
    files = {FIRMWARE: damaged, "sys/class/thermal/thermal_zone0/temp": damaged}
    machine = look(DATA, root(tmp_path, files))
    assert (machine.temperature_c, machine.power) == (None, None)
