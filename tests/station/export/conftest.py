"""Two recorded sessions on a virtual clock: one with answers and a mark, one with a hostile name."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
from bench import Bench

sys.path.insert(0, str(Path(__file__).parent))  # for exported, which is no package

from exported import HOSTILE, taken

from hardware.athlete import Athlete
from hardware.script import Rep, Script, StepOff, StepOn, Wait, reps
from station.coach.programs import Plan
from station.door import EndSession, MarkSet, NoteSet, StartSet
from station.library import Library


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A data folder with session 1 of Ada, two sets, and session 2 of HOSTILE, one."""
    ada = [StepOn(), Wait(3.5), *reps(6, Rep(hold_s=1.3)), StepOff(), Wait(25)]
    ada += [StepOn(), Wait(3.5), *reps(4, Rep(hold_s=0.4, style="touch", down_s=1.5)), StepOff(), Wait(25)]
    more = [StepOn(), Wait(3.5), *reps(3, Rep(hold_s=1.3)), StepOff(), Wait(20)]
    bench = Bench(tmp_path_factory.mktemp("data"), Athlete(Script((Wait(5), *ada, *more))))
    bench.meet()
    bench.pass_s(3.5)
    command = bench.session.command
    command(StartSet("Ada", Plan("left"), hands_free=True))
    while (shown := bench.shown().session) is None or shown.sets[-1].counted < 3:
        bench.pass_s(0.4)
    command(MarkSet("twisted"))  # at rep 3
    until_over(bench)
    command(NoteSet(1, level_until=5, effort="right", felt="glutes"))
    command(StartSet("Ada", Plan("right", "strength", 20.0), hands_free=True))
    until_over(bench)
    command(EndSession())
    command(StartSet(HOSTILE, Plan("left", "free"), hands_free=True))
    until_over(bench)
    command(EndSession())
    bench.recorder.stop()
    return bench.library


def until_over(bench: Bench) -> None:
    for _ in range(200):
        bench.pass_s(0.5)
        if bench.shown().state == "rest":
            return bench.pass_s(4)
    raise AssertionError("the set never ended")


@pytest.fixture(scope="session")
def csv_folder(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything as CSV, in files."""
    folder = tmp_path_factory.mktemp("csv")
    for name, content in taken(library, "csv").items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def curves(csv_folder: Path) -> pd.DataFrame:
    return pd.read_csv(csv_folder / "session-00001_curves.csv")


@pytest.fixture(scope="session")
def rep_table(csv_folder: Path) -> pd.DataFrame:
    return pd.read_csv(csv_folder / "session-00001_reps.csv")
