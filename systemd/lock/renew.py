"""Pins every package that the station is installed with by version and sha256, and lists their licences.

`make lock` keeps the versions that still fit; `make lock ARGS=--upgrade` takes newer ones. The files serve
Python 3.11 to 3.13 on x86-64 and aarch64 alike.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
PROJECT = HERE.parents[1] / "pyproject.toml"
LICENCES = HERE.parents[1] / "docs" / "LICENCES.md"
VENDOR = HERE.parents[1] / "web" / "static" / "vendor"
EXTRAS = ("pi", "pi5", "parquet", "lsl")
FILES = ("build", "station", *EXTRAS)
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("aarch64", "x86_64")
SOURCE_ONLY = "rpi-gpio"  # in pi.txt, and so built by the machine that it is for
THIS_MACHINE = (f"3.{sys.version_info.minor}", platform.machine())
COMPILE = (
    "--universal",
    *("--python-version", PYTHONS[0]),
    *("--fork-strategy", "fewest"),  # one version for every Python: the same numbers everywhere
    *("--exclude-newer", "7 days"),  # a release that was tampered with is mostly found out within days
    "--generate-hashes",
    "--no-emit-index-url",
    *("--custom-compile-command", "make lock"),
)


def uv(*words: str, given: str = "") -> None:
    """Run uv here; end with its own words where it fails."""
    command = [sys.executable, "-m", "uv", "--quiet", "pip", *words]
    done = subprocess.run(command, cwd=HERE, input=given, text=True, check=False)  # noqa: S603 - above # nosec B603
    if done.returncode != 0:
        sys.exit(done.returncode)


def pin(asked: list[str]) -> None:
    """Write build.txt, station.txt, and of each extra what it has beyond station.txt."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    backend = "\n".join(project["build-system"]["requires"])
    uv("compile", "-", "--output-file", "build.txt", "--no-annotate", *COMPILE, *asked, given=backend)
    whole = "../../pyproject.toml"
    uv("compile", whole, "--output-file", "station.txt", *COMPILE, *asked)
    beyond = [f"--no-emit-package={name}" for name in pinned("station")]
    for extra in EXTRAS:
        own = ("--extra", extra, "--constraint", "station.txt", "--output-file", f"{extra}.txt")
        uv("compile", whole, *own, *beyond, *COMPILE, *asked)


def pinned(name: str) -> list[str]:
    """Return the names in one of the files."""
    return re.findall(r"^([a-z0-9-]+)==", (HERE / f"{name}.txt").read_text(encoding="utf-8"), re.MULTILINE)


def install(target: str, python: str, machine: str, extra: str, *more: str) -> None:
    """Install the pinned files, with one extra, for another machine below `target`."""
    files = (word for name in ("build", "station", extra) for word in ("-r", f"{name}.txt"))
    uv(
        *("install", "--target", target, "--require-hashes"),
        *("--only-binary", ":all:", "--no-binary", SOURCE_ONLY),
        *("--python-version", python, "--python-platform", f"{machine}-manylinux_2_36"),  # Debian 12's glibc
        *files, *more,
    )  # fmt: skip


def licence(one: Distribution) -> str:
    """Return the licence that a package's metadata states."""
    said = one.metadata
    if short := said.get("License-Expression"):
        return str(short)
    classified = [
        text.rsplit(" :: ", 1)[-1] for text in said.get_all("Classifier", []) if "License :: " in text
    ]
    named = str(said.get("License") or "").strip()
    return named if named and "\n" not in named and len(named) < 60 else ", ".join(classified)


def licences() -> Iterator[str]:
    """Yield the table of the packages, from the metadata of the very files that are pinned."""
    stated: dict[str, str] = {}
    places: dict[str, list[str]] = {}
    for extra in EXTRAS:
        with TemporaryDirectory() as target:
            install(target, *(THIS_MACHINE if extra == "pi" else (PYTHONS[0], "aarch64")), extra)
            for one in distributions(path=[target]):
                stated[re.sub(r"[-_.]+", "-", one.name).lower()] = licence(one)
    for name in FILES:
        for package in pinned(name):
            places.setdefault(package, []).append(name)
    yield "| package | licence | pinned in |\n|---|---|---|"
    for package, files in sorted(places.items()):
        yield f"| {package} | {stated[package]} | {', '.join(files)} |"


def checked_in() -> Iterator[str]:
    """Yield the table of what is checked in, from VENDOR.json."""
    yield "| file | of | licence | sha256 |\n|---|---|---|---|"
    for one in json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8")):
        for file, digest in one["files"].items():
            yield f"| `{file}` | {one['name']} {one['version']} | {one['licence']} | `{digest}` |"


def list_licences() -> None:
    """Write both tables anew."""
    text = LICENCES.read_text(encoding="utf-8")
    for begin, lines in (("| package", licences()), ("| file", checked_in())):
        start = text.index(begin)
        text = text[:start] + "\n".join(lines) + text[text.index("\n\n", start) :]
    LICENCES.write_text(text, encoding="utf-8")


def main() -> None:
    """Pin, prove that every machine finds its wheels, list."""
    pin(sys.argv[1:])
    with TemporaryDirectory() as nowhere:
        for python in PYTHONS:
            for machine in MACHINES:
                for extra in EXTRAS:
                    install(nowhere, python, machine, extra, "--dry-run")
    list_licences()


if __name__ == "__main__":
    main()
