"""The one-way rule: hardware → station.conversions, web → station, station → none of ours."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = ("station", "hardware", "web")
IMPURE = {
    "time", "datetime", "threading", "random", "logging", "os", "pathlib",
    "socket", "sqlite3", "subprocess", "asyncio",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    """Return the full names of the modules a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide who imports whom"
            module = node.module or ""
            names.add(module)
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def of_ours(path: Path) -> set[str]:
    return {name for name in imports(path) if name.split(".")[0] in OURS}


def files(room: str) -> list[Path]:
    found = sorted((ROOT / room).rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("path", files("hardware"), ids=str)
def test_hardware_knows_only_the_contract(path: Path) -> None:
    for name in of_ours(path):
        inside = name.startswith("hardware")
        assert inside or name == "station" or name.startswith("station.conversions"), name
    assert "station" not in imports(path)


@pytest.mark.parametrize("path", files("web"), ids=str)
def test_web_never_meets_hardware(path: Path) -> None:
    assert not {name for name in of_ours(path) if name.startswith("hardware")}


@pytest.mark.parametrize("path", [p for p in files("station") if p.name != "__main__.py"], ids=str)
def test_station_imports_nobody_else(path: Path) -> None:
    assert {name.split(".")[0] for name in of_ours(path)} <= {"station"}


@pytest.mark.parametrize("path", files("station/signal") + files("station/coach"), ids=str)
def test_the_core_and_the_coach_are_pure(path: Path) -> None:
    modules = {name.split(".")[0] for name in imports(path)}
    assert not modules & IMPURE
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "open" not in calls


@pytest.mark.parametrize("path", files("station/signal"), ids=str)
def test_the_core_knows_only_itself_and_the_contract(path: Path) -> None:
    allowed = ("station.signal", "station.conversions")
    assert not {name for name in of_ours(path) if not name.startswith(allowed)}


@pytest.mark.parametrize("room", OURS)
def test_the_rooms_are_those_of_this_checkout(room: str) -> None:
    module = importlib.import_module(room)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve().parent == ROOT / room
