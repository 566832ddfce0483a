"""A session names its calibration, and can be recalculated with a better one: marked, and its own stays."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from bench import Bench

from station.__main__ import main
from station.analysis import analyze
from station.coach.programs import Plan
from station.conversions import Calibration, Greeting
from station.door import EndSession, StartSet
from station.recording import Recording

# Some of what stands on the right is told on the left, and each column sums to 1.
UNMIX = (
    (1.0, 0.005, 0.0, 0.0),
    (0.0, 0.99, 0.0, 0.0),
    (0.0, 0.005, 1.0, 0.005),
    (0.0, 0.0, 0.0, 0.995),
)


class Unmixing(Bench):
    """A station whose plate brings a calibration with unmixing."""

    def greeting(self) -> Greeting:
        greeting = super().greeting()
        own = greeting.source.calibration
        assert own is not None
        source = dataclasses.replace(greeting.source, calibration=dataclasses.replace(own, unmix=UNMIX))
        return dataclasses.replace(greeting, source=source)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bench = Unmixing(tmp_path_factory.mktemp("data"))
    bench.meet()
    bench.pass_s(4)
    bench.session.command(StartSet("Ada", Plan("left", "technique", 0.0)))
    bench.pass_s(30)
    bench.session.command(EndSession())
    bench.recorder.stop()
    return bench.library.session_path(1)


def test_a_session_with_unmixing_comes_back_as_it_was_shown(recorded: Path) -> None:
    assert recorded_calibration(recorded).unmix == UNMIX
    stored = [{**rep, "index": 0, "set": 0} for rep in Recording.read(recorded).reps]
    again = analyze(recorded).as_json()
    seen = [{key: value for key, value in rep.items() if key != "by_hand"} for rep in again["reps"]]
    assert [{**rep, "index": 0, "set": 0} for rep in seen] == stored
    assert sum(rep["complete"] for rep in stored) >= 2
    assert "recalculated" not in again


def recorded_calibration(path: Path) -> Calibration:
    return Calibration.from_json(Recording.read(path).meta["params"]["calibration"])


@pytest.fixture
def stronger(recorded: Path, tmp_path: Path) -> Path:
    """A tenth more newtons per count, no unmixing, and a zero that must not be used."""
    own = recorded_calibration(recorded)
    gains = tuple(1.1 * gain for gain in own.newtons_per_count)
    better = Calibration("better", "2026-01-01", (1e6,) * 4, gains)  # type: ignore[arg-type]
    path = tmp_path / "better.json"
    path.write_text(json.dumps(better.as_json()))
    return path


def test_another_calibration_gives_its_own_newtons_and_says_so(
    recorded: Path, stronger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = analyze(recorded).as_json()
    assert main(["analyze", str(recorded), "--json", "--calibration", str(stronger)]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["recalculated"] == {
        "calibration": "better",
        "recorded_with": recorded_calibration(recorded).id,
    }
    pairs = [
        (a, b)
        for a in own["reps"]
        for b in again["reps"]
        if a["complete"] and b["complete"] and abs(a["touchdown_s"] - b["touchdown_s"]) < 0.1
    ]
    assert len(pairs) >= 2
    for a, b in pairs:
        assert b["peak_n"] == pytest.approx(1.1 * a["peak_n"], rel=1e-3)
    assert main(["analyze", str(recorded), "--calibration", str(stronger)]) == 0
    assert "RECALCULATED with the calibration better" in capsys.readouterr().out


def test_its_own_calibration_changes_nothing(recorded: Path) -> None:
    own = recorded_calibration(recorded)
    value, again = analyze(recorded).as_json(), analyze(recorded, better=own).as_json()
    assert again.pop("recalculated")["calibration"] == own.id
    assert again == value


def test_by_its_id_in_the_data_folder(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from station.library import Library

    data = recorded.parents[1]
    Library(data).keep_calibration(Calibration("20260101T000000Z", "then", (0.0,) * 4, (1e-4,) * 4))
    words = ["analyze", str(recorded), "--json", "--data", str(data), "--calibration"]
    assert main([*words, "20260101T000000Z"]) == 0
    assert json.loads(capsys.readouterr().out)["recalculated"]["calibration"] == "20260101T000000Z"
    assert main([*words, "20260101T000001Z"]) == 1
    assert "calibrate --list" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": 1}', '{"id":"a","made":"b","zero_count":[1],'])
def test_a_file_that_is_none(
    recorded: Path, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none.json"
    path.write_text(text)
    assert main(["analyze", str(recorded), "--calibration", str(path)]) == 1
    assert "is no calibration" in capsys.readouterr().err


def test_a_file_in_newtons_needs_none(
    tmp_path: Path, stronger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "curve.csv"
    path.write_text("t_s,total_n\n0,1\n0.01,1\n0.02,1\n")
    assert main(["analyze", str(path), "--calibration", str(stronger)]) == 1
    assert "in newtons already" in capsys.readouterr().err
