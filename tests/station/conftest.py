from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for bench, which is no package

from bench import Bench

from hardware.athlete import Athlete
from hardware.script import Script


@pytest.fixture
def lifting(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Have scripted people lift on the simulated plate."""
    made: list[Bench] = []

    def start(*movements: object, seed: int = 3) -> Bench:
        athlete = Athlete(Script(tuple(movements)))  # type: ignore[arg-type]
        bench = Bench(tmp_path / str(len(made)), athlete, seed)
        bench.meet()
        bench.pass_s(3.5)
        made.append(bench)
        return bench

    yield start
    for bench in made:
        bench.session.close()
        bench.recorder.stop()
