"""The installer on a root of its own, with a stand-in for the minutes in which an environment is built."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from station import config

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
# Builds an "environment" that notes what it was asked to install; all else is the real Python's.
PYTHON = f"""#!/bin/sh
case "$*" in *Python.h*) exit 0 ;; esac
if [ "$1 $2" != "-m venv" ]; then exec {sys.executable} "$@"; fi
mkdir -p "$3/bin"
printf '#!%s/bin/python\\n' "$3" > "$3/bin/heeldrive"
: > "$3/bin/pip"
cat > "$3/bin/python" <<'ENVIRONMENT'
#!/bin/sh
case "$*" in *"pip install"*) echo "$*" >> "$(dirname "$0")/asked"; exit "${{BROKEN:-0}}" ;; esac
ENVIRONMENT
chmod +x "$3/bin/python"
"""
Install = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "etc").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def install(tmp_path: Path, root: Path) -> Install:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "python3").write_text(PYTHON, encoding="utf-8")
    (tools / "python3").chmod(0o755)
    (tools / "cc").symlink_to("/bin/false")  # it is there; nothing is built
    # Each release has a second of its own in its name.
    (tools / "date").write_text(
        '#!/bin/sh\necho "20270101T0000$(ls "$COUNT" | wc -l)Z"; mktemp -p "$COUNT" >/dev/null\n'
    )
    (tools / "date").chmod(0o755)
    (tmp_path / "count").mkdir()

    def run(*words: str, broken: bool = False) -> subprocess.CompletedProcess[str]:
        path = f"{tools}:{os.environ['PATH']}"
        more = {"PATH": path, "COUNT": str(tmp_path / "count"), "BROKEN": str(int(broken))}
        return subprocess.run(
            ["/bin/sh", SYSTEMD / "install.sh", *words, "--root", root],
            env={**os.environ, **more}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def done(answer: subprocess.CompletedProcess[str]) -> str:
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def current(root: Path) -> str:
    return (root / "opt/heeldrive/current").readlink().name


def releases(root: Path) -> set[str]:
    return {path.name for path in (root / "opt/heeldrive/releases").iterdir()}


def asked(root: Path) -> list[list[str]]:
    """Return what pip was asked to install, call by call."""
    lines = (root / "opt/heeldrive/current/bin/asked").read_text().splitlines()
    return [line.removeprefix("-m pip install ").split() for line in lines]


def pins(call: list[str]) -> list[str]:
    """Return which files of systemd/lock a call of pip named."""
    return [Path(word).name for before, word in pairwise(call) if before == "-r"]


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


def test_the_scripts_are_clean() -> None:
    scripts = sorted(SYSTEMD.glob("*.sh"))
    assert len(scripts) == 2
    judged = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, timeout=60, check=False)
    assert judged.stdout == ""


def test_everything_that_the_units_name_is_there_and_switched_on(install: Install, root: Path) -> None:
    done(install())
    for unit in ("heeldrive-sampler", "heeldrive-station"):
        assert (root / f"etc/systemd/system/multi-user.target.wants/{unit}.service").is_symlink()
    first_line = (root / "opt/heeldrive/current/bin/heeldrive").read_text().splitlines()[0]
    assert first_line == f"#!/opt/heeldrive/releases/{current(root)}/bin/python", (
        "as it will be, not as it is now"
    )
    assert (root / "opt/heeldrive/current/share/doc/heeldrive/INSTALL.md").exists()
    assert "heeldrive-sampler" in (root / "etc/passwd").read_text()
    assert os.access(root / "usr/local/bin/heeldrive", os.X_OK)


def test_a_second_install_changes_nothing_and_keeps_the_config(install: Install, root: Path) -> None:
    done(install())
    kept = root / "etc/heeldrive/config.toml"
    kept.write_text("[server]\nport = 9000\n")
    unit = root / "etc/systemd/system/heeldrive-station.service"
    unit.unlink()
    before = files(root)
    done(install())
    assert files(root) - before == {str(unit.relative_to(root))}, "what is missing is mended"
    assert kept.read_text() == "[server]\nport = 9000\n"
    assert len(releases(root)) == 1


def test_an_upgrade_keeps_one_to_go_back_to(install: Install, root: Path) -> None:
    done(install())
    first = current(root)
    done(install("upgrade"))
    second = current(root)
    assert first != second
    assert releases(root) == {first, second}
    done(install("rollback"))
    assert current(root) == first
    done(install("rollback"))
    assert current(root) == second, "and forth again"
    done(install("upgrade"))
    assert releases(root) == {second, current(root)}
    assert current(root) not in (first, second)


def test_an_upgrade_that_fails_leaves_what_ran(install: Install, root: Path) -> None:
    done(install())
    before, was = files(root), current(root)
    failed = install("upgrade", broken=True)
    assert failed.returncode != 0
    assert (files(root), current(root)) == (before, was)
    again = install("rollback")
    assert again.returncode == 1
    assert "no earlier version" in again.stderr


@pytest.mark.parametrize(
    ("model", "extra"),
    [
        ("Raspberry Pi 3 Model B Plus Rev 1.3", "pi"),
        ("Raspberry Pi 4 Model B Rev 1.5", "pi"),
        ("Raspberry Pi Zero 2 W Rev 1.0", "pi"),
        ("Raspberry Pi 5 Model B Rev 1.0", "pi5"),
        ("Raspberry Pi 500 Rev 1.0", "pi5"),
        ("Raspberry Pi Compute Module 5 Rev 1.0", "pi5"),
        ("ROCKPro64", ""),
        (None, ""),
    ],
)
def test_the_pin_library_goes_by_the_model(
    install: Install, root: Path, model: str | None, extra: str
) -> None:
    if model is not None:
        (root / "proc/device-tree").mkdir(parents=True)
        (root / "proc/device-tree/model").write_bytes(model.encode() + b"\0")
    done(install())
    assert pins(asked(root)[1]) == ["station.txt", *([f"{extra}.txt"] if extra else [])]
    backend = config.load(root / "etc/heeldrive/config.toml").backend
    assert backend == ("gpiod" if extra == "pi5" else "gpio")


def test_the_library_can_be_named_for_an_image(install: Install, root: Path) -> None:
    done(install("--for", "pi5"))
    assert pins(asked(root)[1]) == ["station.txt", "pi5.txt"]


def test_nothing_is_installed_but_by_its_checksum(install: Install, root: Path) -> None:
    done(install("--for", "pi"))
    build, station, project = asked(root)
    assert pins(build) == ["build.txt"], "before anything that is built with it"
    for call in (build, station):
        assert {"--require-hashes", "--no-build-isolation", "--use-pep517"} <= set(call)
        assert "--only-binary :all: --no-binary rpi-gpio" in " ".join(call), "in this order"
        assert "-r" in call
        assert not [word for word in call if "=" in word or "[" in word], "nothing beside the files"
    assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(project)
    assert project[-1].endswith("/source")


def test_the_extras_are_the_projects_own() -> None:
    project = tomllib.loads((SYSTEMD.parent / "pyproject.toml").read_text())["project"]
    assert {"pi", "pi5"} <= set(project["optional-dependencies"])
    assert any(word.startswith("RPi.GPIO") for word in project["optional-dependencies"]["pi"])
    assert any(word.startswith("gpiod") for word in project["optional-dependencies"]["pi5"])


def test_uninstalling_keeps_the_data_unless_told(install: Install, root: Path) -> None:
    bare = files(root)
    done(install())
    session = root / "var/lib/heeldrive/sessions/session-00001.heeldrive"
    session.parent.mkdir(parents=True)
    session.write_bytes(b"precious")
    assert "sessions are still in" in done(install("uninstall"))
    left = files(root) - bare
    accounts = {f"etc/{name}" for name in ("passwd", "group", "shadow", "gshadow", ".pwd.lock")}
    assert left - accounts == {
        "var/lib/heeldrive/sessions/session-00001.heeldrive",
        "etc/heeldrive/config.toml",
    }
    done(install())
    assert session.read_bytes() == b"precious"
    done(install("uninstall", "--purge-data"))
    assert files(root) - bare <= accounts
    done(install("uninstall"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("fly",), 2),
        (("--for", "pi9"), 1),
        (("install", "--purge-data"), 1),
        (("rollback",), 1),
        (("upgrade",), 1),
    ],
)
def test_wrong_words_change_nothing(install: Install, root: Path, words: tuple[str, ...], code: int) -> None:
    answer = install(*words)
    assert answer.returncode == code
    assert answer.stderr
    assert files(root) == set()


def test_an_installed_command_knows_its_config_and_data(tmp_path: Path) -> None:
    script = (
        (SYSTEMD / "heeldrive.sh").read_text().replace("/opt/heeldrive/current/bin/heeldrive", "/usr/bin/env")
    )
    (tmp_path / "heeldrive").write_text(script)
    seen = subprocess.run(
        ["/bin/sh", tmp_path / "heeldrive"], capture_output=True, text=True, check=True, timeout=20
    ).stdout.splitlines()
    assert "HEELDRIVE_CONFIG=/etc/heeldrive/config.toml" in seen
    assert "XDG_DATA_HOME=/var/lib" in seen
