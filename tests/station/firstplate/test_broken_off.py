"""What the file says when steps are skipped, it is broken off, or something goes wrong."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from first import SKIP_ALL, Person, only

from hardware.rehearsal import N_REPS
from station.__main__ import main
from station.analysis import analyze
from station.conversions import Cell
from station.errors import UserError
from station.firstplate.checklist import STEPS
from station.library import Library
from station.recording import Recording

STEP_WORDS = [step.word for step in STEPS]


def states(told: dict[str, Any]) -> list[str]:
    return [told["steps"][word]["state"] for word in STEP_WORDS]


# --- skipped and broken off ---


def test_every_step_can_be_skipped(tmp_path: Path) -> None:
    person = Person(tmp_path, SKIP_ALL)
    told = person.go()
    assert set(states(told)) == {"skipped"}
    assert told["complete"] is True
    assert Recording.read(person.recording(tmp_path)).segments


def test_one_set_can_be_skipped(tmp_path: Path) -> None:
    person = Person(tmp_path, only("Which foot"))

    def once() -> None:
        person.answers["skips this set"] = "s" if "skips this set" not in person.answers else ""

    person.at = {"skips this set": once}
    first, second, third = person.go()["steps"]["sets"]["sets"]
    assert (first["skipped"], second["skipped"], third["skipped"]) == (True, False, False)
    assert "station" not in first
    assert second["station"]["counted"] == third["station"]["counted"] == N_REPS


def test_a_set_without_a_foot_is_asked_for_again(tmp_path: Path) -> None:
    person = Person(tmp_path, only("Which foot"))
    act, lifts = person.act, []

    def lazy(word: str, what: str, mass_kg: float) -> tuple[float, str]:
        if word == "lift":
            lifts.append(what)
            if len(lifts) == 1:
                return 0.0, ""
        return act(word, what, mass_kg)

    person.act = lazy  # type: ignore[method-assign]
    sets = person.go()["steps"]["sets"]["sets"]
    assert lifts == ["dead_stop", "dead_stop", "touch", "hover"]
    assert [one["station"]["counted"] for one in sets] == [N_REPS] * 3
    analysis = analyze(person.recording(tmp_path)).as_json()
    assert [one["counted"] for one in analysis["sets"]] == [N_REPS] * 3


@pytest.mark.parametrize(
    ("question", "step", "error"),
    [
        ("Load cells", "parts", KeyboardInterrupt),
        ("TOE-LEFT", "corners", KeyboardInterrupt),
        ("How many reps", "sets", KeyboardInterrupt),
        ("last step", "zero", EOFError),
    ],
)
def test_what_was_done_is_kept_when_it_is_broken_off(
    tmp_path: Path, question: str, step: str, error: type[BaseException]
) -> None:
    def broken() -> None:
        raise error

    wanted = {"TOE-LEFT": "until it is felt", "How many reps": "Which foot"}.get(question, question)
    person = Person(tmp_path, only(wanted), {question: broken})
    with pytest.raises(UserError, match=r"Broken off: .*plate.zip has what was done"):
        person.go()
    told = person.told()
    index = STEP_WORDS.index(step)
    assert states(told) == ["skipped"] * index + ["broken_off"] + ["not_reached"] * (len(STEPS) - index - 1)
    assert told["complete"] is False
    if step == "corners":
        assert [press["corner"] for press in told["steps"]["corners"]["presses"]] == [
            "heel_left",
            "heel_right",
        ]
    if step == "sets":
        assert main(["analyze", str(person.recording(tmp_path))]) == 0


def test_q_ends_it(tmp_path: Path) -> None:
    person = Person(tmp_path, {"leave it alone": "q"})
    with pytest.raises(UserError, match="Broken off"):
        person.go()
    assert states(person.told())[:3] == ["done", "broken_off", "not_reached"]


# --- no room ---


def test_a_place_that_can_not_be_written_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.out = tmp_path / "nowhere" / "plate.zip"
    with pytest.raises(
        UserError, match=r"nowhere/plate.zip can't be written \(No such file.*choose another --out"
    ):
        person.go()
    assert person.asked == []


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.out.write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="there already"):
        person.go()
    assert person.out.read_text(encoding="utf-8") == "mine"


def test_a_place_that_is_gone_later_is_asked_for_until_there_is_one(tmp_path: Path) -> None:
    stick, home = tmp_path / "stick", tmp_path / "home.zip"
    stick.mkdir()
    person = Person(tmp_path, {**SKIP_ALL, "Make room": str(home)}, {"Which foot": lambda: _gone(stick)})
    person.out = stick / "plate.zip"
    with pytest.raises(FileNotFoundError):
        person.go()  # `told` looks where it was
    assert any("tried again after the next step" in line for line in person.said)
    person.out = home
    assert set(states(person.told())) == {"skipped"}


def test_where_there_is_no_other_place_it_says_so(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()

    def ended() -> None:
        raise EOFError

    person = Person(tmp_path, SKIP_ALL, {"Which foot": lambda: _gone(stick), "Make room": ended})
    person.out = stick / "plate.zip"
    with pytest.raises(UserError, match="what was measured since is lost"):
        person.go()


def _gone(stick: Path) -> None:
    for path in stick.iterdir():
        path.unlink()
    stick.rmdir()


# --- names, and faults nobody thought of ---


def test_no_athletes_name_gets_in(tmp_path: Path) -> None:
    answers = {**only("Load cells"), "Anything else": "built with Mara Lind at /home/mara/x, 10.0.0.7"}
    person = Person(tmp_path, answers)
    person.data.mkdir()
    Library(person.data).next_session_number("Mara Lind")
    assert Library(person.data).athletes() == ["Mara Lind"]
    told = person.go()
    assert told["steps"]["parts"]["anything_else"] == "built with [athlete] at /home/[user]/x, [address]"
    with zipfile.ZipFile(person.out) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            for word in (b"Mara", b"Lind", b"10.0.0.7"):
                assert word not in data, name


def test_a_dead_cell_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    person = Person(
        tmp_path, {**only("leave it alone", "until it is felt"), "Enter measures": "s", "tries the": "s"}
    )
    polled = person.log.polled  # type: ignore[attr-defined]
    person.log.polled = lambda t: (r := polled(t))[r["cell"] != Cell.TOE_LEFT]  # type: ignore[attr-defined]
    told = person.go()["steps"]
    assert told["empty"]["state"] == told["corners"]["state"] == "done"
    assert told["empty"]["zero_count"] is None
    assert any("toe-left cell gives no data" in text for text in told["empty"]["wrong"])
    assert [press["answered"] for press in told["corners"]["presses"]] == [
        "heel_left", "heel_right", None, "toe_right",
    ]  # fmt: skip
    assert told["corners"]["wrong"] == [
        "Pressing toe-left, no cell answered clearly: check the toe-left cell's wires."
    ]


def test_a_fault_of_ours_costs_one_step_and_is_told(tmp_path: Path) -> None:
    person = Person(tmp_path, only("last step"))

    def stumble(*_: object) -> tuple[float, str]:
        raise RuntimeError("nobody thought of this")

    person.act = stumble  # type: ignore[method-assign]
    told = person.go()
    assert told["steps"]["zero"]["state"] == "failed"
    assert "nobody thought of this" in told["steps"]["zero"]["error"]
    assert any("fault of the program" in line for line in person.said)


def test_ctrl_c_between_two_steps_keeps_the_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person(tmp_path, SKIP_ALL)
    written: list[int] = []
    replace = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        if target == person.out:
            written.append(1)
            if len(written) == 3:
                raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(UserError, match="Broken off"):
        person.go()
    assert states(person.told())[:3] == ["skipped", "skipped", "not_reached"]
    assert not list(tmp_path.glob("*.part"))
