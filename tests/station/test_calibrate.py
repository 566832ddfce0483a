"""`heeldrive calibrate` as a person meets it, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from plates import MIXING, PLATE, SimulatedPlate

from station import calibrate
from station.__main__ import main
from station.calibration.procedure import Procedure, Put
from station.calibration.solving import PLACING_MM
from station.calibration.spots import FIVE, MIDDLE, picture
from station.conversions import Calibration, Greeting, Records, SourceInfo
from station.errors import UserError
from station.library import Library
from station.signal import calibration as core

BEFORE = Calibration("nominal", "", (0.0,) * 4, (1 / 4385,) * 4)
SOURCE = SourceInfo("gpio", 80.0, False, 0.025, None, "4 × HX711 at 80 SPS, through gpio")
GREETING = Greeting("a" * 32, "b" * 32, 0, 0, 1.0, 1, SOURCE, ())


class Person:
    """Does what is asked, on a simulated plate; `answers` says by the number of the question what else."""

    def __init__(self, plate: SimulatedPlate, answers: dict[int, str] | None = None) -> None:
        self.plate = plate
        self.answers = answers or {}
        self.said: list[str] = []
        self.asked: list[str] = []
        self.run = Procedure((10, 20), PLATE, BEFORE)
        self.load: Callable[[], Records] | None = None

    def ask(self, text: str) -> str:
        self.asked.append(text)
        return self.answers.get(len(self.asked), "")

    def measure(self, _seconds: float) -> tuple[Greeting, Records]:
        step = self.run.step
        if self.load is not None:
            load, self.load = self.load, None
            return GREETING, load()
        if isinstance(step, Put):
            return GREETING, self.plate.placed(step.spot, step.mass_kg)
        return GREETING, self.plate.read()

    def guided(self) -> tuple[Calibration, dict] | None:
        return calibrate.guide(calibrate.Talk(self.measure, self.said.append, self.ask), self.run)


def test_the_guide_leads_to_a_calibration_that_is_right() -> None:
    person = Person(SimulatedPlate())
    found = person.guided()
    assert found is not None
    made, record = found
    true = np.array([150.0, 60.0, 30.0, 80.0])
    told = person.plate.counts(true) * made.newtons_per_count
    seen = core.unmixed(told[None, :], made)[0]
    assert seen.sum() == pytest.approx(320, rel=1e-3)
    assert seen[:2].sum() / seen.sum() == pytest.approx(210 / 320, abs=0.002)
    assert made.zero_count == pytest.approx((12_000, -140_000, 95_000, 7), abs=200)
    text = "\n".join(person.said)
    for words in ("Empty and still", "Drift of the zero", "as the others predict it", "One more placement"):
        assert words in text
    assert record["format"] == "heeldrive-calibration/1"
    assert record["masses_kg"] == [10, 20]
    assert [p["spot"] for p in record["placements"]] == [s.word for s in FIVE] * 2
    assert record["chips"] == {"source": "gpio", "text": "4 × HX711 at 80 SPS, through gpio"}
    assert json.loads(json.dumps(record)) == record


def test_the_record_is_enough_to_solve_it_again() -> None:
    found = Person(SimulatedPlate()).guided()
    assert found is not None
    made, record = found
    told = np.array([p["above_empty"] for p in record["placements"]])
    weight_n = np.array([p["mass_kg"] for p in record["placements"]]) * 9.80665
    peer, *_ = np.linalg.lstsq(told / weight_n[:, None], np.ones(10), rcond=None)
    assert made.newtons_per_count == pytest.approx(peer, rel=1e-9)


@pytest.mark.parametrize("question", [1, 2, 7, 13])
def test_it_can_be_ended_at_any_moment(question: int) -> None:
    person = Person(SimulatedPlate(), {question: "q"})
    with pytest.raises(UserError, match="nothing was kept"):
        person.guided()


def test_the_result_can_be_let_be() -> None:
    person = Person(SimulatedPlate(), {14: "what", 15: "q"})
    assert person.guided() is None
    assert "'what' is no answer." in person.said


def test_a_failed_reading_says_why_and_is_asked_again() -> None:
    plate = SimulatedPlate()
    person = Person(plate)

    def trembling() -> Records:
        plate.noise = 9_000.0
        records = plate.read()
        plate.noise = 400.0
        return records

    person.load = trembling
    assert person.guided() is not None
    assert any("trembles" in line for line in person.said)
    assert person.asked[0] == person.asked[1]


def test_a_load_on_the_empty_plate_is_asked_about_until_it_is_gone_or_named_none() -> None:
    known = Calibration("known", "", (12_000.0, -140_000.0, 95_000.0, 7.0), (1 / 4385,) * 4)
    for answers, loads in (({}, 2), ({3: "empty"}, 9)):
        person = Person(SimulatedPlate(), {**answers, 9: "q"})
        person.run = Procedure((10, 20), PLATE, known, known_zero=True)
        left = iter(range(loads))
        unloaded = person.measure

        def measure(seconds: float, person=person, left=left, unloaded=unloaded) -> tuple[Greeting, Records]:
            if person.run.done == 0 and next(left, None) is not None:
                return GREETING, person.plate.read((30, 0, 0, 0))
            return unloaded(seconds)

        with pytest.raises(UserError, match="nothing was kept"):
            calibrate.guide(calibrate.Talk(measure, person.said.append, person.ask), person.run)
        assert sum("take everything off" in line for line in person.said) == 2
        assert person.run.done >= 5


def test_one_more_placement_can_be_added() -> None:
    person = Person(SimulatedPlate(), {14: "m"})
    found = person.guided()
    assert found is not None
    assert len(found[1]["placements"]) == 11


# --- what is kept ---


def kept(tmp_path: Path) -> tuple[Library, Calibration]:
    library = Library(tmp_path)
    found = Person(SimulatedPlate()).guided()
    assert found is not None
    library.keep_calibration(*found)
    return library, found[0]


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    library, made = kept(tmp_path)
    assert library.calibration() == made
    assert made.unmix is not None
    assert (
        np.abs(np.array(made.unmix) - np.linalg.inv(MIXING) * (1 / np.linalg.inv(MIXING).sum(0))).max() < 0.02
    )


def test_earlier_ones_stay(tmp_path: Path) -> None:
    library, made = kept(tmp_path)
    library.keep_calibration(Calibration("20990101T000000Z", "2099-01-01, later", (0.0,) * 4, (1e-4,) * 4))
    assert [one["id"] for one in library.calibrations()] == ["20990101T000000Z", made.id]


def test_list_and_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "--list", "--data", str(tmp_path)]) == 0
    assert "No calibration is kept yet" in capsys.readouterr().out
    _, made = kept(tmp_path)
    assert main(["calibrate", "--list", "--data", str(tmp_path)]) == 0
    line = capsys.readouterr().out
    assert made.id in line
    assert "10 and 20 kg, 10 placements" in line
    assert main(["calibrate", "--show", made.id, "--data", str(tmp_path)]) == 0
    assert Calibration.from_json(json.loads(capsys.readouterr().out)) == made
    assert main(["calibrate", "--show", "nothing", "--data", str(tmp_path)]) == 1
    assert "calibrate --list" in capsys.readouterr().err


def test_the_zero_in_force_is_the_stations_newest(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert calibrate.in_force(library, SOURCE)[1] is False
    _, made = kept(tmp_path)
    library.keep_setting("zero", {"calibration": made.id, "zero_count": [1, 2, 3, 4]})
    assert calibrate.in_force(library, SOURCE)[0].zero_count == (1, 2, 3, 4)
    library.keep_setting("zero", {"calibration": "another", "zero_count": [1, 2, 3, 4]})
    assert calibrate.in_force(library, SOURCE) == (made, True)


def test_calibrating_needs_a_station(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "--mass-kg", "10", "20", "--data", str(tmp_path)]) == 1
    assert "No station runs" in capsys.readouterr().err


def test_a_calibration_from_before_unmixing_is_read() -> None:
    old = {"id": "x", "made": "y", "zero_count": [1, 2, 3, 4], "newtons_per_count": [5, 6, 7, 8]}
    assert Calibration.from_json(old) == Calibration("x", "y", (1, 2, 3, 4), (5, 6, 7, 8))
    assert PLACING_MM == 3.0


def test_the_picture_shows_the_spot() -> None:
    rows = picture(FIVE[1], PLATE)
    crossed = [row for row in rows if "X" in row]
    assert len(crossed) == 1
    assert "heel" in crossed[0]
    assert crossed[0].index("X") > len(rows[0]) // 2
    assert "split" in next(row for row in picture(MIDDLE, PLATE) if "X" in row)
    assert len({len(row.rsplit("|", 1)[0]) for row in rows[1:-1]}) == 1
