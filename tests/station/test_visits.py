"""Partners in turn: each one's sets stay in a session of their own, in one file, whatever comes between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bench import NS, Bench

from hardware.athlete import Athlete
from hardware.script import Rep, Script, StepOff, StepOn, Wait, reps
from station.analysis import analyze
from station.brief import read_brief
from station.coach.programs import Plan
from station.door import CommandRefused, CorrectRep, EndSession, EndSet, NoteSet, StartSet, ZeroPlate
from station.export import csv
from station.export.taken import Taken
from station.recording import Recording
from station.service import pick_up

GOOD = Rep(hold_s=1.3, down_s=1.8)


def turn(n: int) -> tuple[object, ...]:
    return (StepOn(), Wait(3.5), *reps(n, GOOD), Wait(0.5), StepOff(), Wait(8))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Three turns on the plate: 4, 3 and 5 reps."""
    made = Bench(tmp_path, Athlete(Script((Wait(5), *turn(4), *turn(3), *turn(5), Wait(4000)))), 3)  # type: ignore[arg-type]
    made.meet()
    made.pass_s(3.5)
    yield made
    made.session.close()
    made.recorder.stop()


def lift(bench: Bench, athlete: str, side: str) -> None:
    """Let an athlete do what the script has next, without a tap but the first."""
    bench.session.command(StartSet(athlete, Plan(side), hands_free=True))  # type: ignore[arg-type]
    while bench.shown().state != "rest":
        bench.pass_s(0.4)
    bench.pass_s(4)


def in_turns(bench: Bench) -> None:
    for athlete, side in (("Ada", "left"), ("Bo", "left"), ("Ada", "right")):
        lift(bench, athlete, side)


def test_partners_in_turn_keep_their_own_sessions(bench: Bench) -> None:
    in_turns(bench)
    shown = bench.shown()
    assert (shown.session.number, shown.session.athlete) == (1, "Ada")
    assert [one.count for one in shown.session.sets] == [4, 5]
    assert [(one.number, one.athlete, one.sets) for one in shown.others] == [(2, "Bo", 1)]
    assert shown.others[0].proposal.plan.side == "right"
    for number in (1, 2):
        assert Recording.read(bench.library.session_path(number)).meta["state"] == "open"


def test_each_file_gives_the_same_reps_again(bench: Bench) -> None:
    in_turns(bench)
    bench.session.close()
    for number, counts in ((1, [4, 5]), (2, [3])):
        recording = Recording.read(bench.library.session_path(number))
        assert recording.meta["state"] == "closed"
        again = analyze(recording.path).as_json()
        assert [row["counted"] for row in again["sets"]] == counts
        exported = dict(csv.files(Taken.of(recording)))
        metadata = b"".join(exported[f"{recording.path.stem}_metadata.json"])
        assert b'"recomputed_equal": true' in metadata
    # Not a second of Bo's turn is in Ada's file.
    ada, bo = (Recording.read(bench.library.session_path(n)) for n in (1, 2))
    first, second = ({int(t) for s in one.segments for b in s.blocks for t in b["t_ns"]} for one in (ada, bo))
    assert not first & second
    assert len(ada.segments) == 2


def test_a_visit_lasts_from_its_own_beginning(bench: Bench) -> None:
    """Not from when the station met the sampler."""
    in_turns(bench)
    bench.session.close()
    for number in (1, 2):
        recording = Recording.read(bench.library.session_path(number))
        times_ns = [[int(t) for b in segment.blocks for t in b["t_ns"]] for segment in recording.segments]
        whole_s = (max(times_ns[-1]) - min(times_ns[0])) / NS
        assert read_brief(recording.path).duration_s == pytest.approx(whole_s, abs=0.5)
        for segment, there_ns in zip(recording.segments, times_ns, strict=True):
            assert abs(min(there_ns) - segment.monotonic_ns) < 0.5 * NS


def test_whoever_comes_back_starts_with_the_next_set_of_their_own(bench: Bench) -> None:
    lift(bench, "Ada", "left")
    lift(bench, "Bo", "left")
    (waiting,) = bench.shown().others
    assert (waiting.athlete, waiting.proposal.plan.side, waiting.proposal.plan.target_reps) == (
        "Ada",
        "right",
        4,
    )


def test_a_zero_taken_meanwhile_is_taken_over(bench: Bench) -> None:
    lift(bench, "Ada", "left")
    lift(bench, "Bo", "left")
    bench.session.command(ZeroPlate(confirmed=True))
    newest = bench.library.setting("zero")["zero_count"]
    lift(bench, "Ada", "right")
    bench.session.close()
    marks = Recording.read(bench.library.session_path(1)).segments[1].marks
    assert [mark.kind for mark in marks[:2]] == ["zero", "set_start"]
    assert marks[0].body["zero_count"] == newest


def test_a_visit_that_waits_can_be_corrected(bench: Bench) -> None:
    lift(bench, "Ada", "left")
    lift(bench, "Bo", "left")
    bench.session.command(CorrectRep(1, -1, "added", session=1))
    bench.session.command(NoteSet(1, session=1, text="good"))
    with pytest.raises(CommandRefused, match="not open"):
        bench.session.command(NoteSet(1, session=7, text="x"))
    assert {card.name: card.visits[-1].left for card in bench.cards()} == {"Ada": 4, "Bo": 3}
    lift(bench, "Ada", "right")
    first, second = bench.shown().session.sets
    assert (first.count, second.count) == (5, 5)
    bench.session.close()
    kept = analyze(bench.library.session_path(1)).as_json()["sets"]
    assert [(row["counted"], row["counted_by_hand"]) for row in kept] == [(4, 5), (5, 5)]
    assert kept[0]["notes"] == {"text": "good"}


def test_finishing_ends_only_the_session_on_the_screen(bench: Bench) -> None:
    lift(bench, "Ada", "left")
    lift(bench, "Bo", "left")
    bench.session.command(EndSession())
    states = [Recording.read(bench.library.session_path(n)).meta["state"] for n in (1, 2)]
    assert states == ["open", "closed"]
    assert [one.athlete for one in bench.shown().others] == ["Ada"]
    with pytest.raises(CommandRefused, match="not open"):
        bench.session.command(NoteSet(1, effort="easy"))  # of the screen's session: there is none


def test_visits_end_by_themselves_after_half_an_hour(bench: Bench) -> None:
    lift(bench, "Ada", "left")
    lift(bench, "Bo", "left")
    bench.beat_after_s(1700)
    assert bench.shown().session is not None
    bench.beat_after_s(160)
    assert bench.shown().session is None
    assert bench.shown().others == ()
    states = [Recording.read(bench.library.session_path(n)).meta["state"] for n in (1, 2)]
    assert states == ["closed", "closed"]
    bench.session.command(StartSet("Ada", Plan("left")))
    assert bench.shown().session.number == 3
    bench.session.command(EndSet())


def test_a_station_that_dies_in_a_partners_turn_knows_both_again(bench: Bench) -> None:
    lift(bench, "Ada", "left")
    lift(bench, "Bo", "left")
    before = bench.shown()
    bench.recorder.stop()
    bench.start()
    pick_up(bench.session, bench.library.unfinished(), bench.greeting())
    assert bench.session.resume_from == (bench.run_id, bench.next_seq)
    bench.meet()
    assert (bench.shown().session, bench.shown().others) == (before.session, before.others)
    lift(bench, "Ada", "right")
    bench.session.close()
    for number, counts in ((1, [4, 5]), (2, [3])):
        recording = Recording.read(bench.library.session_path(number))
        assert recording.meta["state"] == "closed"
        assert [row["counted"] for row in analyze(recording.path).as_json()["sets"]] == counts


def test_after_half_an_hour_without_a_station_nobody_goes_on(bench: Bench) -> None:
    lift(bench, "Ada", "left")
    lift(bench, "Bo", "left")
    bench.recorder.stop()
    bench.start()
    bench.now_ns += 1900 * NS
    pick_up(bench.session, bench.library.unfinished(), bench.greeting())
    assert [row.state for row in bench.library.sessions()] == ["interrupted", "interrupted"]
    assert not bench.session.recording
