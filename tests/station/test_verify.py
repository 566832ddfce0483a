"""The certificate against plates whose errors are known, and the class limits against OIML R 60 by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from plates import COUNTS_PER_N, PLATE, ZERO, SimulatedPlate, shares

from station import verify
from station.__main__ import main
from station.calibrate import Talk
from station.calibration import certificate
from station.calibration.cells import CellClass
from station.calibration.procedure import Empty, Put
from station.calibration.reading import Refusal
from station.calibration.spots import FIVE, GRID, MIDDLE, NEW
from station.calibration.verifying import Leave, Verification, notes, verdict
from station.conversions import Calibration, Greeting, Records, SourceInfo
from station.errors import UserError

G = 9.80665
GREETING = Greeting(
    "a" * 32, "b" * 32, 0, 0, 1.0, 1, SourceInfo("gpio", 80.0, False, 0.025, None, "4 × HX711"), ()
)


def calibrated(times: tuple[float, ...] = (1, 1, 1, 1)) -> Calibration:
    gains = [float(factor / per_n) for factor, per_n in zip(times, COUNTS_PER_N, strict=True)]
    return Calibration("then", "2026-01-01", tuple(ZERO.tolist()), tuple(gains))  # type: ignore[arg-type]


class Person:
    """Does what is asked with 15 kg; a mass that stays creeps by `creep` with a time constant of 150 s."""

    def __init__(
        self, calibration: Calibration, creep: float = 0.0, plate: SimulatedPlate | None = None
    ) -> None:
        self.plate = plate or SimulatedPlate(np.eye(4))
        self.run = Verification(15, PLATE, calibration)
        self.creep = creep
        self.since_s: float | None = None
        self.said: list[str] = []
        self.factor = 1.0

    def measure(self, seconds: float) -> tuple[Greeting, Records]:
        step = self.run.step
        self.plate.t_s += seconds
        if isinstance(step, Empty):
            back_n = 0.0 if self.since_s is None else self.creep * (1 - np.exp(-2)) * 15 * G
            return GREETING, self.plate.read(shares(MIDDLE) * back_n)
        if isinstance(step, Put):
            return GREETING, self.plate.read(shares(step.spot) * 15 * G * self.factor)
        assert isinstance(step, Leave)
        self.since_s = self.plate.t_s if self.since_s is None else self.since_s
        crept = 1 + self.creep * (1 - np.exp(-(self.plate.t_s - self.since_s) / 150))
        return GREETING, self.plate.read(shares(step.put.spot) * 15 * G * crept)

    def certificate(self, cells: CellClass | None = None, answer: str = "") -> certificate.Certificate:
        talk = Talk(self.measure, self.said.append, lambda _: answer)
        return verify.guide(talk, self.run, cells, [])


def values(made: certificate.Certificate) -> dict[str, float]:
    return {line.word: line.value for line in made.lines}


def test_a_right_plate_is_good_for_records() -> None:
    found = Person(calibrated())
    made = found.certificate(CellClass.of("C3", 50))
    assert made.verdict == "GOOD FOR RECORDS"
    assert {line.word for line in made.lines} == {
        "force", "heel_share", "place", "repeatability", "creep", "noise", "drift", "zero_return",
    }  # fmt: skip
    seen = values(made)
    assert seen["force"] < 0.1
    assert seen["place"] < 0.2
    # 400 counts on each cell, as newtons of each, together.
    assert seen["noise"] == pytest.approx(np.sqrt(((400 / COUNTS_PER_N) ** 2).sum()), rel=0.1)


def test_gains_a_hundredth_too_large_are_a_force_error_of_one_per_cent() -> None:
    made = Person(calibrated((1.01,) * 4)).certificate()
    assert values(made)["force"] == pytest.approx(1.0, abs=0.1)
    assert values(made)["place"] < 0.2
    assert made.verdict.startswith("GOOD FOR COACHING, not for records: force")


def test_a_cell_a_twentieth_too_strong_moves_the_place() -> None:
    """By hand, on heel spots at lever l: shares (1−l)/2 and 1.05·(1+l)/2, so off = 50·((…)/sum − l)·2 mm."""
    made = Person(calibrated((1, 1.05, 1, 1))).certificate()
    expected = []
    for spot in NEW:
        left, right = (1 - spot.lever) / 2, (1 + spot.lever) / 2
        by = 1.05 if spot.half == "heel" else 1.0
        expected.append(100 * ((by * right - left) / (by * right + left) - spot.lever) if by > 1 else 0.0)
    assert [row[3] for row in made.spots] == pytest.approx(expected, abs=0.1)
    assert values(made)["place"] == pytest.approx(np.sqrt(np.mean(np.square(expected))), abs=0.1)
    assert made.verdict.startswith("NOT GOOD: force")


def test_creep_is_what_five_minutes_add() -> None:
    made = Person(calibrated(), creep=0.01).certificate()
    assert values(made)["creep"] == pytest.approx(100 * 0.01 * (1 - np.exp(-300 / 150)), rel=0.15)
    # The cells come back as slowly: what is left right after it is no drift.
    assert values(made)["zero_return"] == pytest.approx(0.01 * (1 - np.exp(-2)) * 15 * G, abs=0.1)


def test_the_drift_of_the_zero_is_what_it_was() -> None:
    plate = SimulatedPlate(np.eye(4))
    plate.drift = np.array([45.0, 0.0, 0.0, 43.0])  # counts/s: 0.01 N/s each, 1.2 N/min together
    made = Person(calibrated(), plate=plate).certificate()
    assert values(made)["drift"] == pytest.approx(1.2, abs=0.05)
    assert "drift" in made.verdict


def test_what_can_not_be_is_measured_again() -> None:
    person = Person(calibrated())
    person.run.offer(person.measure(2)[1])
    person.factor = 1.4
    with pytest.raises(Refusal, match=r"21\.0\d kg are felt, not 15"):
        person.run.offer(person.measure(2)[1])
    with pytest.raises(Refusal, match="does not stand on heel-outer-left"):
        person.run.offer(person.plate.read(shares(FIVE[3]) * 15 * G))
    person.factor = 1.0
    person.run.offer(person.measure(2)[1])
    assert person.run.done == 2
    with pytest.raises(Refusal, match="empty"):
        Verification(15, PLATE, calibrated()).offer(person.plate.read((20, 0, 0, 0)))


def test_it_can_be_ended() -> None:
    with pytest.raises(UserError, match="nothing was kept"):
        Person(calibrated()).certificate(answer="q")


def test_no_spot_was_used_for_calibrating() -> None:
    assert not {(s.half, s.lever) for s in NEW} & {(s.half, s.lever) for s in GRID}
    assert {s.half for s in NEW} == {"heel", "toe"}


def test_limits_of_a_class_by_hand() -> None:
    """C3, 50 kg: v = 16.67 g; 0.35 v up to 500 v = 8.33 kg, 0.7 v up to 2000 v = 33.3 kg, then 1.05 v."""
    cells = CellClass.of("c3", 50)
    assert cells.interval_kg == pytest.approx(0.0166667, rel=1e-4)
    for load_kg, allowed_g in ((0, 5.833), (8.3, 5.833), (8.4, 11.667), (33.3, 11.667), (33.4, 17.5)):
        assert 1000 * cells.permissible_kg(load_kg) == pytest.approx(allowed_g, rel=1e-3)
    assert CellClass.of("D1", 50).permissible_kg(8.4) == pytest.approx(0.7 * 0.05)
    made = {line.word: line.allowed for line in Person(calibrated()).certificate(cells).lines}
    # 15 kg at lever 0.6: 12 kg on one cell, 3 kg on its neighbour, nothing on the others.
    assert made["force"] == pytest.approx(100 * (0.7 + 3 * 0.35) * cells.interval_kg / 15, rel=0.01)
    assert made["creep"] == pytest.approx(0.7 * made["force"], rel=1e-6)
    assert made["zero_return"] == pytest.approx(4 * 0.5 * cells.interval_kg * G, rel=1e-6)
    assert made["drift"] is None


@pytest.mark.parametrize("word", ["C", "E3", "3C", "C0", ""])
def test_a_class_that_is_none(word: str) -> None:
    with pytest.raises(UserError, match="no class of load cells"):
        CellClass.of(word, 50)


def test_a_verdict_names_what_keeps_it_from_more() -> None:
    lines = Person(calibrated()).certificate().lines
    assert verdict(lines) == "GOOD FOR RECORDS"
    fair = [replace(line, value=line.records * 1.01) if line.word == "creep" else line for line in lines]
    assert verdict(fair) == "GOOD FOR COACHING, not for records: creep in 5 minutes"
    bad = [replace(line, value=line.coaching * 1.01) if line.word == "noise" else line for line in fair]
    assert verdict(bad) == "NOT GOOD: noise of the whole, rms"


def test_the_certificate_reads_and_prints() -> None:
    person = Person(calibrated())
    made = person.certificate(CellClass.of("C3", 50))
    printed, page = "\n".join(certificate.text(made)), certificate.html(made)
    for words in (
        "GOOD FOR RECORDS",
        "OIML R 60-1:2017",
        "v = 16.7 g",
        "heel-near-left",
        "4 × HX711",
        "then",
    ):
        assert words in printed
        assert words in page
    assert "<script" not in page
    assert sum(" s: 147." in line for line in person.said) >= 4  # 15 kg, while five minutes pass


def test_the_calibrating_mass_is_no_independent_one() -> None:
    assert "NOT INDEPENDENT" in notes(15, [{"masses_kg": [10, 15]}])[0]
    assert notes(15, [{"masses_kg": [10, 20]}]) == []
    assert notes(15, [None]) == []


def test_a_simulated_plate_is_called_so_in_the_verdict() -> None:
    made = replace(Person(calibrated()).certificate(), simulated=True)
    assert made.verdict == "SIMULATED, no plate was measured. GOOD FOR RECORDS"
    assert certificate.Certificate.from_json(json.loads(json.dumps(made.as_json()))) == made


def test_verifying_needs_a_station(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--mass-kg", "15", "--data", str(tmp_path)]) == 1
    assert "No station runs" in capsys.readouterr().err
    assert main(["verify", "--mass-kg", "15", "--cells", "Z9", "--data", str(tmp_path)]) == 1
    assert "no class of load cells" in capsys.readouterr().err
