"""The units, judged by systemd's own tools; they run without systemd as process 1."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from hardware.priority import FIFO_PRIORITY
from station import arguments

UNITS = Path(__file__).resolve().parents[2] / "systemd"
MOST_EXPOSED = {"heeldrive-sampler": 1.2, "heeldrive-station": 1.6}
ALL = (*MOST_EXPOSED, "heeldrive-failed@", "heeldrive-console")


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *map(str, words)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def root_with(folder: Path, units: dict[str, str]) -> Path:
    """Return a root in which the commands of the units can be found."""
    place = folder / "etc" / "systemd" / "system"
    place.mkdir(parents=True)
    for name, text in units.items():
        (place / name).write_text(text, encoding="utf-8")
        for command in re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE):
            path = folder / command.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("#!/bin/sh\n", encoding="utf-8")
            path.chmod(0o755)
    return folder


def texts() -> dict[str, str]:
    return {f"{name}.service": (UNITS / f"{name}.service").read_text(encoding="utf-8") for name in ALL}


def verify(root: Path) -> subprocess.CompletedProcess[str]:
    names = [name.replace("@.", "@heeldrive-station.") for name in texts()]
    return analyze("verify", "--man=no", "--recursive-errors=no", f"--root={root}", *names)


def test_systemd_finds_no_fault_in_them(tmp_path: Path) -> None:
    answer = verify(root_with(tmp_path, texts()))
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")


@pytest.mark.parametrize("unit", ALL)
def test_a_misspelt_word_would_be_found(tmp_path: Path, unit: str) -> None:
    broken = texts()
    broken[f"{unit}.service"] = broken[f"{unit}.service"].replace("ProtectHome=", "ProtectHorne=")
    answer = verify(root_with(tmp_path, broken))
    assert answer.returncode != 0
    assert "ProtectHorne" in answer.stderr


@pytest.mark.parametrize(("unit", "most"), MOST_EXPOSED.items())
def test_little_is_left_open(unit: str, most: float) -> None:
    path = UNITS / f"{unit}.service"
    judged = analyze("security", "--offline=yes", f"--threshold={most * 10:.0f}", path)
    assert judged.returncode == 0, judged.stdout.splitlines()[-1]
    exposure = float(judged.stdout.rsplit("exposure level for", 1)[1].split(":")[1].split()[0])
    assert exposure <= most


def settings(unit: str) -> list[tuple[str, str]]:
    lines = (UNITS / f"{unit}.service").read_text(encoding="utf-8").splitlines()
    return [(key, value) for key, _, value in (line.partition("=") for line in lines) if value]


@pytest.mark.parametrize("unit", MOST_EXPOSED)
def test_they_start_commands_that_exist(unit: str) -> None:
    (command,) = [value for key, value in settings(unit) if key == "ExecStart"]
    program, *words = shlex.split(command)
    assert program == "/opt/heeldrive/current/bin/heeldrive"
    parsed = arguments.parse(words)
    assert parsed.name == unit.removeprefix("heeldrive-")
    assert parsed.socket == Path("/run/heeldrive/sampler.sock")


@pytest.mark.parametrize("unit", MOST_EXPOSED)
def test_the_manager_watches_them_and_starts_them_again(unit: str) -> None:
    of = dict(settings(unit))
    assert (of["Type"], of["Restart"]) == ("notify", "always"), (
        "also after an end in order: a restore needs it"
    )
    assert "WatchdogSec" in of
    assert "StartLimitBurst" in of
    assert of["OnFailure"] == "heeldrive-failed@%N.service"
    assert "Requires" not in of


def test_the_page_outlives_the_sampler_and_leaves_it_its_cpu() -> None:
    sampler, station = dict(settings("heeldrive-sampler")), dict(settings("heeldrive-station"))
    assert station["Wants"] == "heeldrive-sampler.service"
    assert "heeldrive-sampler.service" not in station["After"]
    assert sampler["CPUAffinity"] == "3"
    assert station["CPUAffinity"] == "0-2"
    assert (sampler["CPUSchedulingPolicy"], sampler["CPUSchedulingPriority"]) == ("fifo", str(FIFO_PRIORITY))


def test_their_users_exist_and_only_the_sampler_has_the_pins(tmp_path: Path) -> None:
    place = tmp_path / "usr" / "lib" / "sysusers.d"
    place.mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    shutil.copy(UNITS / "sysusers.conf", place / "heeldrive.conf")
    subprocess.run(["systemd-sysusers", f"--root={tmp_path}"], check=True, capture_output=True, timeout=60)
    groups = {
        name: (number, members.split(","))
        for name, _, number, members in (
            line.split(":") for line in (tmp_path / "etc" / "group").read_text().splitlines()
        )
    }
    users = {
        line.split(":")[0]: line.split(":")[3]
        for line in (tmp_path / "etc" / "passwd").read_text().splitlines()
    }
    for unit in MOST_EXPOSED:
        of = dict(settings(unit))
        assert users[of["User"]] == groups[of["Group"]][0]
    assert groups["gpio"][1] == ["heeldrive-sampler"]


def test_the_advertisement_names_the_port_that_is_served() -> None:
    config = (UNITS / "config.toml").read_text(encoding="utf-8")
    (port,) = re.findall(r"^port = (\d+)", config, re.MULTILINE)
    assert f"<port>{port}</port>" in (UNITS / "heeldrive.avahi-service").read_text(encoding="utf-8")


def test_the_journal_is_kept_small() -> None:
    reader = ConfigParser()
    reader.read(UNITS / "journald.conf")
    sizes = [int(value.removesuffix("M")) for key, value in reader["Journal"].items() if "maxuse" in key]
    assert len(sizes) == 2
    assert max(sizes) <= 64
