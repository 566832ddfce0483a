"""A session looked at afterwards, against its own export."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from bench import Bench

from hardware.athlete import Athlete
from hardware.script import Rep, Script, StepOff, StepOn, Wait, reps
from station.coach.programs import Plan
from station.door import EndSession, StartSet
from station.export import csv as csv_export
from station.export.taken import Taken
from station.review import review


def test_it_shows_the_curve_and_the_judgement_of_the_record(tmp_path: Path) -> None:
    script = Script((Wait(5), StepOn(), Wait(3.5), *reps(4, Rep(hold_s=1.3)), StepOff(), Wait(20)))
    bench = Bench(tmp_path, Athlete(script))
    bench.meet()
    bench.pass_s(3.5)
    bench.session.command(StartSet("Ada", Plan("left"), hands_free=True))
    bench.pass_s(45)
    session = bench.shown().session
    assert session is not None
    bench.session.command(EndSession())
    bench.recorder.stop()
    recording = bench.library.read(1)
    (only,) = review(recording).sets
    assert only.view == session.sets[0]
    name, content = next(csv_export.files(Taken.of(recording)))
    assert name.endswith("curves.csv")
    rows = list(csv.DictReader(b"".join(content).decode().splitlines()))
    force_n = {round(float(row["t_s"]), 3): row["total_n"] for row in rows}
    assert 0.019 < np.diff(only.t_s).max() < 0.021
    for t_s, total_n in zip(only.t_s[::50], only.total_n[::50], strict=True):
        exported = force_n[round(float(t_s), 3)]
        assert np.isnan(total_n) if exported == "" else abs(float(exported) - total_n) < 0.001
    inside = [float(row["t_s"]) for row in rows if row["set"] == "1"]
    assert only.t_s[0] <= inside[0]  # the session begins with its first set
    assert only.t_s[-1] > inside[-1] + 0.9
