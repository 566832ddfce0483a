"""What people say of a set afterwards: kept beside what the station saw, undone, and remembered."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from bench import Bench

from hardware.athlete import Athlete
from hardware.script import Rep, Script, StepOff, StepOn, Wait, reps
from station import export
from station.amending import amend_closed
from station.analysis import analyze
from station.coach.programs import Plan
from station.door import CommandRefused, CorrectRep, EndSession, MarkSet, MoveSet, NoteSet, Scope, StartSet
from station.recording import Recording

TRUE_REPS = 4
SCRIPT = Script(
    (
        Wait(5),
        StepOn(),
        Wait(3.5),
        *reps(TRUE_REPS, Rep(hold_s=1.3, down_s=1.8)),
        Wait(0.5),
        StepOff(),
        Wait(20),
    )
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """One set of four good reps, over, its session still open."""
    made = Bench(tmp_path, Athlete(SCRIPT), 3)
    made.meet()
    made.pass_s(3.5)
    made.session.command(StartSet("Ada", Plan("left"), hands_free=True))
    while made.shown().state != "rest":
        made.pass_s(0.4)
    made.pass_s(3)
    yield made
    made.session.close()
    made.recorder.stop()


def the_set(bench: Bench):
    (only,) = bench.shown().session.sets
    return only


def rep_ids(bench: Bench) -> list[int]:
    return [rep.id for rep in the_set(bench).reps]


def test_a_rep_is_taken_back_and_given_again(bench: Bench) -> None:
    assert (the_set(bench).count, the_set(bench).on_target) == (TRUE_REPS, TRUE_REPS)
    bench.session.command(CorrectRep(1, rep_ids(bench)[2], "removed"))
    assert (the_set(bench).count, the_set(bench).on_target) == (TRUE_REPS - 1, TRUE_REPS - 1)
    assert the_set(bench).counted == TRUE_REPS == len(the_set(bench).reps)  # what the station saw stays
    assert bench.cards()[0].visits[-1].left == TRUE_REPS - 1
    bench.session.command(CorrectRep(1, rep_ids(bench)[2], None))
    assert (the_set(bench).count, the_set(bench).on_target) == (TRUE_REPS, TRUE_REPS)
    assert bench.cards()[0].visits[-1].left == TRUE_REPS


def test_an_added_rep_counts_and_is_never_on_target(bench: Bench) -> None:
    for _ in range(2):  # the same tap, sent twice
        bench.session.command(CorrectRep(1, -1, "added"))
    assert (the_set(bench).count, the_set(bench).on_target) == (TRUE_REPS + 1, TRUE_REPS)
    bench.session.command(CorrectRep(1, -1, None))
    assert the_set(bench).count == TRUE_REPS


def test_a_rep_that_somebody_saw_twist_is_said_of_the_set(bench: Bench) -> None:
    bench.session.command(CorrectRep(1, rep_ids(bench)[3], "twisted"))
    assert the_set(bench).advice.stop == "twisted"
    assert bench.cards()[0].why.startswith("The hips twisted")
    bench.session.command(CorrectRep(1, rep_ids(bench)[3], None))
    assert the_set(bench).advice.stop is None


def test_a_press_by_mistake_is_taken_back_by_an_answer(bench: Bench) -> None:
    bench.session.command(MarkSet("pain"))
    assert bench.shown().session.proposal.plan is None
    bench.session.command(NoteSet(1, pain=False))
    assert bench.shown().session.proposal.plan is not None
    assert not bench.cards()[0].asks_first


def test_a_set_goes_to_the_athlete_who_did_it(bench: Bench) -> None:
    bench.session.command(MoveSet(1, " Bo "))
    assert the_set(bench).athlete == "Bo"
    assert bench.shown().session.proposal is None  # none of the sets is Ada's
    cards = {card.name: card for card in bench.cards()}
    assert cards["Ada"].visits == ()
    assert cards["Bo"].visits[-1].left == TRUE_REPS
    bench.session.command(MoveSet(1, "Ada"))
    cards = {card.name: card for card in bench.cards()}
    assert cards["Ada"].visits[-1].left == TRUE_REPS
    assert cards["Bo"].visits == ()


def test_a_moved_set_that_is_then_discarded_is_nobodys(bench: Bench) -> None:
    bench.session.command(MoveSet(1, "Bo"))
    assert bench.shown().session.kept == 0
    bench.session.command(NoteSet(1, discarded=True))
    assert all(card.visits == () for card in bench.cards())


def test_a_closed_session_is_corrected_in_its_file(bench: Bench) -> None:
    third = rep_ids(bench)[2]
    bench.session.command(EndSession())
    path = bench.library.session_path(1)
    before = analyze(path).as_json()
    for command in (
        CorrectRep(1, third, "off_target"),
        CorrectRep(1, -1, "added"),
        NoteSet(1, text="=slow floor\nsecond line", effort="hard"),
    ):
        for _ in range(2):
            amend_closed(bench.library, command, 1)
    after = analyze(path).as_json()
    automatic = [{**rep, "by_hand": None} for rep in after["reps"]]
    assert automatic == before["reps"]
    assert [rep["by_hand"] for rep in after["reps"]].count("off_target") == 1
    (row,) = after["sets"]
    assert (row["counted"], row["counted_by_hand"], row["added"]) == (TRUE_REPS, TRUE_REPS + 1, 1)
    assert row["on_target"] == TRUE_REPS - 1
    assert row["notes"] == {"text": "=slow floor\nsecond line", "effort": "hard"}
    assert bench.cards()[0].visits[-1].left == TRUE_REPS - 1
    assert Recording.read(path).meta["state"] == "closed"
    kinds = [mark.kind for mark in Recording.read(path).segments[-1].marks]
    assert kinds[-3:] == ["rep_by_hand", "rep_by_hand", "set_note"]  # the second tap changed nothing


def test_corrections_are_in_every_export(bench: Bench) -> None:
    ids = rep_ids(bench)
    bench.session.command(NoteSet(1, level_until=TRUE_REPS, text="=slow"))
    bench.session.command(CorrectRep(1, ids[1], "removed"))
    bench.session.command(CorrectRep(1, ids[2], "twisted"))
    bench.session.command(CorrectRep(1, -1, "added"))
    bench.session.command(MoveSet(1, "Bo"))
    bench.session.command(EndSession())
    files = {name: b"".join(parts) for name, parts in export.files(bench.library, Scope(1), ["csv"])}
    told = json.loads(files["session-00001_metadata.json"])
    assert (told["station"], told["plate"]["name"]) == ("Gym, left", "Plate 1")
    reps = pd.read_csv(io.BytesIO(files["session-00001_reps.csv"]))
    assert reps["by_hand"].fillna("").tolist() == ["", "removed", "twisted", ""]
    assert reps["on_target"].tolist() == [True] * TRUE_REPS  # as the station saw it
    assert reps["clean"].tolist() == [True, False, False, True]
    assert set(reps["done_by"]) == {"Bo"}
    (row,) = pd.read_csv(io.BytesIO(files["session-00001_sets.csv"])).to_dict("records")
    assert (row["athlete"], row["done_by"], row["note"]) == ("Ada", "Bo", "'=slow")
    assert (row["counted"], row["counted_by_hand"], row["added"]) == (TRUE_REPS, TRUE_REPS, 1)
    assert (row["on_target"], row["clean"], row["twisted"]) == (TRUE_REPS - 1, 2, True)


def test_an_old_session_corrected_stays_in_its_place(bench: Bench) -> None:
    bench.session.command(EndSession())
    bench.session.command(StartSet("Ada", Plan("right")))
    bench.session.command(EndSession())
    (first,) = bench.library.recall("Ada", "visits")
    bench.library.remember("Ada", "visits", [first, {**first, "session": 2}])
    amend_closed(bench.library, NoteSet(1, effort="easy"), 1)
    assert [visit.session for visit in bench.cards()[0].visits] == [1, 2]


IMPOSSIBLE = [
    (CorrectRep(1, 4711, "removed"), "no such rep"),
    (CorrectRep(1, -1, "removed"), "no such rep"),
    (CorrectRep(1, -101, "added"), "no such rep"),
    (CorrectRep(2, -1, "added"), "no set 2"),
    (MoveSet(1, "  "), "Enter a name"),
    (MoveSet(1, "x" * 61), "Enter a name"),
    (NoteSet(1, text="x" * 501), "at most 500"),
]


def test_what_can_not_be_is_refused_with_a_sentence(bench: Bench) -> None:
    for command, says in IMPOSSIBLE:
        with pytest.raises(CommandRefused, match=says):
            bench.session.command(command)
    bench.session.command(EndSession())
    for command, says in IMPOSSIBLE:
        with pytest.raises(CommandRefused, match=says):
            amend_closed(bench.library, command, 1)


def test_a_session_that_is_not_there_or_not_whole_is_told(bench: Bench) -> None:
    with pytest.raises(CommandRefused, match="no session 7"):
        amend_closed(bench.library, NoteSet(1, effort="easy"), 7)
    bench.session.command(EndSession())
    path = bench.library.session_path(1)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(CommandRefused, match="damaged"):
        amend_closed(bench.library, NoteSet(1, effort="easy"), 1)
