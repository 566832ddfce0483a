"""The whole checklist against what the simulated plate and person really did."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from first import EPOCH_NS, MASS_KG, Person, only

from hardware.nuisances import NONE, Drift, Nuisances
from hardware.rehearsal import N_REPS, Rehearsal
from station.__main__ import main
from station.conversions import CELL_WORDS, Cell, Kind
from station.firstplate.checklist import STEPS
from station.recording import Recording
from station.wiring import DEFAULT_PINS

G = 9.80665
STEP_WORDS = [step.word for step in STEPS]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Everything done, once."""
    person = Person(tmp_path_factory.mktemp("whole"))
    person.go()
    return person


def states(told: dict[str, Any]) -> list[str]:
    return [told["steps"][word]["state"] for word in STEP_WORDS]


# --- the whole ---


def test_all_is_in_one_file(whole: Person) -> None:
    with zipfile.ZipFile(whole.out) as archive:
        names = set(archive.namelist())
        texts = {name: archive.read(name).decode() for name in names if name.endswith(".txt")}
    assert names == {
        "README.txt", "firstplate.json", "report.txt", "recording.heeldrive",
        "doctor/doctor.txt", "doctor/checkup.json", "doctor/config.json",
        "doctor/packages.txt", "doctor/log.txt",
    }  # fmt: skip
    assert "SIMULATED" in texts["README.txt"]
    assert "SIMULATED" in texts["report.txt"]
    assert "SIMULATED" in texts["doctor/doctor.txt"]
    assert "50 kg half-bridges" in texts["report.txt"]
    for step in STEPS:
        assert f"{step.title}: done" in texts["report.txt"]
    told = whole.told()
    assert (told["format"], told["simulated"], told["complete"]) == ("heeldrive-firstplate/1", True, True)
    assert set(states(told)) == {"done"}
    assert list(told["steps"]) == STEP_WORDS
    assert told["source"]["calibration"]["id"] == "mock-3"
    assert "one file to send back" in whole.said[-1]
    assert not list(whole.out.parent.glob("*.part"))


def test_rates_noise_and_losses_are_those_of_the_chips(whole: Person) -> None:
    cells = whole.told()["steps"]["empty"]["cells"]
    records = whole.log.records()
    records = records[records["kind"] == Kind.CONVERSION]
    for cell, seen in zip(Cell, cells, strict=True):
        chip = whole.rehearsal.mock.chips[cell]
        assert seen["rate_hz"] == pytest.approx(1 / chip.period_s, rel=1e-3)
        assert 0.03 < seen["noise_counts"] / chip.counts_per_n < 0.1  # the chip's own, and what hum is left
        assert seen["kept"] + seen["missed"] == pytest.approx(60 / chip.period_s, abs=3)
        assert seen["missed"] > 0
    zero = whole.told()["steps"]["empty"]["zero_count"]
    assert zero == pytest.approx([chip.zero_count for chip in whole.rehearsal.mock.chips], abs=2_000)


def test_every_corner_is_its_own_cell(whole: Person) -> None:
    corners = whole.told()["steps"]["corners"]
    assert [press["answered"] for press in corners["presses"]] == list(CELL_WORDS)
    assert corners["wrong"] == []
    for cell, press in zip(Cell, corners["presses"], strict=True):
        own = press["counts"][cell.word] / whole.rehearsal.mock.chips[cell].counts_per_n
        assert own == pytest.approx(0.9 * 10 * G, rel=0.02)


def test_the_known_mass_weighs_what_it_weighs(whole: Person) -> None:
    heel, toe, middle = whole.told()["steps"]["mass"]["placements"]
    for placed, share in ((heel, 1.0), (toe, 0.0), (middle, 0.5)):
        assert placed["weight_n"] == pytest.approx(MASS_KG * G, abs=0.01)
        assert placed["shown_n"] == pytest.approx(MASS_KG * G, rel=0.008)
        assert placed["error_percent"] == pytest.approx(
            100 * (placed["shown_n"] / placed["weight_n"] - 1), abs=0.01
        )
        assert placed["heel_share"] == pytest.approx(share, abs=0.01)
    true_n = [placed["counts_per_kg"] / G for placed in (heel, toe)]
    chips = whole.rehearsal.mock.chips
    assert true_n[0] == pytest.approx(np.mean([chips[0].counts_per_n, chips[1].counts_per_n]), rel=0.003)
    assert true_n[1] == pytest.approx(np.mean([chips[2].counts_per_n, chips[3].counts_per_n]), rel=0.003)


def test_the_sets_are_a_labelled_recording(
    whole: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = whole.told()["steps"]["sets"]
    assert (sets["foot"], sets["body_mass_kg"]) == ("left", None)
    truth = whole.rehearsal.mock.truth(whole.log.now_ns)
    assert len(truth) == 3 * N_REPS
    assert main(["analyze", str(whole.recording(tmp_path)), "--json"]) == 0
    analysis = json.loads(capsys.readouterr().out)
    assert analysis["side"] == "left"
    assert analysis["sets"][0]["athlete"] is None
    for label, seen in zip(sets["sets"], analysis["sets"], strict=True):
        assert (label["set"], label["style"]) == (seen["number"], seen["style_asked"])
        assert label["counted_aloud"] == label["station"]["counted"] == seen["counted"] == N_REPS
        assert (label["clean"], label["odd"], label["foot"], label["skipped"]) == (True, "", "left", False)
        t0_ns = Recording.read(whole.recording(tmp_path)).meta["t0_ns"]
        inside = [
            rep for rep in truth
            if seen["start_s"] < (rep["lift_off_ns"] - t0_ns) / 1e9 < seen["end_s"]
        ]  # fmt: skip
        assert [rep["style"] for rep in inside] == [label["style"]] * N_REPS
        found = [rep["lift_off_s"] for rep in analysis["reps"] if rep["set"] == seen["number"]]
        assert found == pytest.approx([(rep["lift_off_ns"] - t0_ns) / 1e9 for rep in inside], abs=0.15)


def test_the_recording_has_every_conversion(whole: Person, tmp_path: Path) -> None:
    recording = Recording.read(whole.recording(tmp_path))
    kept = np.concatenate([block for segment in recording.segments for block in segment.blocks])
    assert np.array_equal(kept, whole.log.records())
    assert np.array_equal(np.diff(kept["seq"].astype(np.int64)), np.ones(len(kept) - 1))
    assert recording.meta["simulated"] is True
    assert recording.meta["athlete"] == ""


def test_marks_stand_where_they_were_made(whole: Person, tmp_path: Path) -> None:
    recording = Recording.read(whole.recording(tmp_path))
    kept = np.concatenate([block for segment in recording.segments for block in segment.blocks])
    marks = [mark for segment in recording.segments for mark in segment.marks]
    assert [mark.kind for mark in marks] == [
        "zero", "zero", *["zero", "set_start", "set_end"] * 3, "zero",
    ]  # fmt: skip
    for mark in marks:
        before, after = kept[kept["seq"] <= mark.after_seq], kept[kept["seq"] > mark.after_seq]
        assert before["t_ns"].max() == mark.t_ns < after["t_ns"].min(initial=2**62)
    own = recording.meta["params"]["calibration"]["zero_count"]
    assert own == marks[0].body["zero_count"] == whole.told()["steps"]["empty"]["zero_count"]


def test_taps_come_when_they_were_made(whole: Person) -> None:
    """By hand: 0.5 s of lead, 8 ms to half of a half-sine of 50 ms, and half a filter of four conversions."""
    taps = whole.told()["steps"]["tap"]
    assert len(taps["delays_ms"]) == 5
    assert taps["median_ms"] == pytest.approx(500 + 8 + 25, abs=20)


def test_the_checklist_in_the_docs_is_this_one() -> None:
    text = " ".join((Path(__file__).parents[3] / "hardware" / "BUILD.md").read_text(encoding="utf-8").split())
    places = [
        text.index(f"{number}. *({step.minutes} min)* **{step.title}**: {step.how}")
        for number, step in enumerate(STEPS, start=1)
    ]
    assert places == sorted(places)
    assert sum(step.minutes for step in STEPS) == 15


def keys(value: Any) -> set[str]:
    """Return all keys that are words of the file's own, not cells, chips or machine."""
    if isinstance(value, list):
        return set().union(*map(keys, value))
    if not isinstance(value, dict):
        return set()
    inner = {key: one for key, one in value.items() if key not in ("machine", "source", "styles")}
    return set(value) - {*CELL_WORDS, "dout_pin", "sck_pin", "cell"} | set().union(*map(keys, inner.values()))


def test_the_docs_tell_every_word_of_the_file(whole: Person) -> None:
    text = (Path(__file__).parents[3] / "docs" / "FIRSTPLATE.md").read_text(encoding="utf-8")
    assert {key for key in keys(whole.told()) if f"`{key}`" not in text and f'"{key}"' not in text} == set()


# --- creep and drift ---


def test_creep_is_what_was_put_into_the_cells(tmp_path: Path) -> None:
    """A load crept by c·(1 − exp(−t/150 s)); between the middles of the first and the last five seconds."""
    crept = Nuisances(creep_share=0.01)
    person = Person(
        tmp_path, only("our known mass"), rehearsal=Rehearsal(3, epoch_ns=EPOCH_NS, nuisances=crept)
    )
    found = person.go()["steps"]["mass"]["creep"]
    began_s = 2.0 + 2.0  # settled and read before the minute begins
    first, last = (0.01 * (1 - np.exp(-t / 150)) for t in (began_s + 2.5, began_s + 57.5))
    assert found["seconds"] == pytest.approx(55, abs=0.2)
    # The mass lay on one half or the other before, which has crept as well.
    assert found["percent"] == pytest.approx(100 * (last - first), abs=0.06)
    assert found["newtons"] == pytest.approx((last - first) * MASS_KG * G, rel=0.2)


def test_the_zero_goes_as_far_as_it_drifted(tmp_path: Path) -> None:
    drifting = Nuisances(drift_n_per_min=2.0)
    rehearsal = Rehearsal(3, epoch_ns=EPOCH_NS, nuisances=drifting)
    person = Person(tmp_path, only("leave it alone", "last step"), rehearsal=rehearsal)
    told = person.go()["steps"]["zero"]
    recording = Recording.read(person.recording(tmp_path))
    zeros = [mark for segment in recording.segments for mark in segment.marks if mark.kind == "zero"]
    first_s, last_s = ((mark.t_ns - EPOCH_NS) / 1e9 - 1.0 for mark in (zeros[0], zeros[-1]))
    together_n = 0.0
    for cell in Cell:
        drift = Drift(drifting, 3, cell)
        gone_n = float(drift.at(np.array([last_s]))[0] - drift.at(np.array([first_s]))[0])
        together_n += gone_n
        counts = gone_n * rehearsal.mock.chips[cell].counts_per_n
        assert told["drift"]["counts"][cell.word] == pytest.approx(counts, rel=0.05, abs=5)
    assert told["drift"]["newtons"] == pytest.approx(together_n, rel=0.05, abs=0.02)
    assert told["drift"]["minutes"] == pytest.approx((last_s - first_s) / 60, abs=0.02)


# --- wires ---


def swapped(a: str, b: str) -> dict[str, tuple[int, int]]:
    return {**DEFAULT_PINS, a: DEFAULT_PINS[b], b: DEFAULT_PINS[a]}


def test_swapped_cells_are_named(tmp_path: Path) -> None:
    person = Person(
        tmp_path, only("until it is felt"), rehearsal=Rehearsal(3, epoch_ns=EPOCH_NS, nuisances=NONE)
    )
    told = person.on_pins(swapped("heel_right", "toe_left")).go()["steps"]["corners"]
    assert [press["answered"] for press in told["presses"]] == [
        "heel_left",
        "toe_left",
        "heel_right",
        "toe_right",
    ]
    assert told["wrong"] == [
        "heel-right and toe-left are SWAPPED: swap their plugs, or their pins in the config."
    ]
    assert told["wrong"][0] in person.said


def test_a_corner_that_is_still_being_pressed_is_not_the_next_one(tmp_path: Path) -> None:
    slow = Rehearsal(3, epoch_ns=EPOCH_NS, nuisances=NONE, lead_s=4.0)
    told = Person(tmp_path, only("until it is felt"), rehearsal=slow).go()["steps"]["corners"]
    assert [press["answered"] for press in told["presses"]] == list(CELL_WORDS)


def test_a_cell_that_feels_downwards_is_named(tmp_path: Path) -> None:
    person = Person(
        tmp_path, only("until it is felt"), rehearsal=Rehearsal(3, epoch_ns=EPOCH_NS, nuisances=NONE)
    )
    mock = person.rehearsal.mock
    told = person.on_pins(
        DEFAULT_PINS,
        lambda cell, t_ns: (
            -mock.count_at(cell, t_ns) if cell == Cell.TOE_RIGHT else mock.count_at(cell, t_ns)
        ),
    ).go()["steps"]["corners"]
    assert [press["upwards"] for press in told["presses"]] == [True, True, True, False]
    assert told["wrong"] == ["The toe-right cell feels DOWNWARDS: swap its green and white wires."]


# --- without a calibration ---


def test_without_a_calibration_there_are_raw_counts(tmp_path: Path) -> None:
    person = Person(tmp_path, only("our known mass"), calibrated=False)
    told = person.go()
    assert told["source"]["calibration"] is None
    for placed in told["steps"]["mass"]["placements"]:
        assert "shown_n" not in placed
        assert placed["counts_per_kg"] == pytest.approx(43_000, rel=0.03)
    assert "newtons" not in told["steps"]["mass"]["creep"]
    assert Recording.read(person.recording(tmp_path)).meta["params"]["calibration"]["id"] == "uncalibrated"
