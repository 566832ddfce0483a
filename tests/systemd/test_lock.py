"""What a station is installed with: whole, right for every machine, with checksums and licences."""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "systemd" / "lock"
VENDOR = ROOT / "web" / "static" / "vendor"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASKED = {
    "build": PROJECT["build-system"]["requires"],
    "station": PROJECT["project"]["dependencies"],
    **{name: PROJECT["project"]["optional-dependencies"][name] for name in ("pi", "pi5", "parquet", "lsl")},
}
MACHINES = [
    default_environment()
    | {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.1", "platform_machine": machine}
    for minor in (11, 12, 13)
    for machine in ("x86_64", "aarch64")
]


def pins(name: str) -> list[tuple[Requirement, list[str]]]:
    """Return each line of a file with its sha256 sums."""
    lines = re.sub(r"^ *#.*\n", "", (LOCK / f"{name}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    made = []
    for line in filter(None, lines.replace("\\\n", "").splitlines()):
        pinned, *sums = re.split(r"\s+--hash=sha256:", line)
        made.append((Requirement(pinned), sums))
    return made


def versions(names: tuple[str, ...], machine: dict[str, str]) -> dict[str, str]:
    """Return what the files give a machine."""
    return {
        canonicalize_name(one.name): str(one.specifier).removeprefix("==")
        for name in names
        for one, _ in pins(name)
        if one.marker is None or one.marker.evaluate(machine)
    }


def unmet(asked: list[Requirement], given: dict[str, str], machine: dict[str, str]) -> list[str]:
    return [
        str(one)
        for one in asked
        if (one.marker is None or one.marker.evaluate(machine | {"extra": ""}))
        and not one.specifier.contains(given.get(canonicalize_name(one.name), "0"), prereleases=True)
    ]


@pytest.mark.parametrize("name", ASKED)
def test_every_line_is_one_version_with_its_checksums(name: str) -> None:
    assert {path.stem for path in LOCK.glob("*.txt")} == set(ASKED)
    for one, sums in pins(name):
        assert re.fullmatch(r"==[0-9][0-9a-z.]*", str(one.specifier)), one
        assert sums, one
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in sums), one
    assert "://" not in (LOCK / f"{name}.txt").read_text(), "from whatever index the machine is set up with"


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: f"{m['python_version']}-{m['platform_machine']}")
def test_what_the_project_asks_for_is_pinned_for_every_machine(name: str, machine: dict[str, str]) -> None:
    given = versions(("build", "station", name), machine)
    assert unmet([Requirement(text) for text in ASKED[name]], given, machine) == []


def test_what_is_tested_here_is_what_is_pinned_and_asks_for_nothing_else() -> None:
    here = dict(default_environment())
    given = versions(("station", "parquet", "lsl"), here)
    assert {name: distribution(name).version for name in given} == given, "run make install"
    asked = [Requirement(text) for name in given for text in distribution(name).requires or ()]
    assert unmet(asked, given, here) == []


def listed(begin: str) -> list[list[str]]:
    """Return the rows of one of the tables of licences."""
    text = (ROOT / "docs" / "LICENCES.md").read_text(encoding="utf-8")
    table = text[text.index(f"| {begin} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip(" `") for cell in row.strip("|").split(" | ")] for row in table]


def stated(name: str) -> set[str]:
    """Return all that an installed package says of its licence; empty where it is not here."""
    try:
        said = distribution(name).metadata
    except PackageNotFoundError:
        return set()
    classified = {text.rsplit(" :: ")[-1] for text in said.get_all("Classifier", []) if "License ::" in text}
    words = {said[key] for key in ("License-Expression", "License") if key in said}
    return {*words, *classified} - {""}


def test_every_package_is_listed_with_the_licence_that_it_states() -> None:
    places = {
        package: ", ".join(name for name in ASKED if package in {one.name for one, _ in pins(name)})
        for name in ASKED
        for package in (one.name for one, _ in pins(name))
    }
    rows = {package: (licence, place) for package, licence, place in listed("package")}
    assert {package: place for package, (_, place) in rows.items()} == places
    assert all(licence for licence, _ in rows.values())
    here = {package: stated(package) for package in rows if stated(package)}
    assert len(here) >= 25, "all but those of other machines"
    assert {package for package, words in here.items() if rows[package][0] not in words} == set()


def test_every_checked_in_file_of_others_is_listed_with_its_checksum() -> None:
    there = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDOR.json"
    }
    rows = listed("file")
    assert {file: digest for file, _, _, digest in rows} == there
    assert all(part and licence for _, part, licence, _ in rows)
