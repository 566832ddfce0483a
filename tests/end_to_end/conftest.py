from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for running_station, which is no package
sys.path.insert(0, str(Path(__file__).parents[1] / "station"))  # for lab

from running_station import Running


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start stations that are ended with the test, whatever becomes of it."""
    started: list[Running] = []

    def begin(*words: str, data: Path | None = None) -> Running:
        started.append(Running(data or tmp_path / "data", *words))
        return started[-1]

    yield begin
    for running in started:
        running.end()
