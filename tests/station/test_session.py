"""The session on a virtual clock: the simulated athlete's truth against what is kept and shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench import EPOCH_NS, NS, Bench

from hardware.mock import MockAdc
from station.analysis import analyze
from station.coach.programs import Plan
from station.door import CommandRefused, EndSession, EndSet, StartSet, ZeroPlate
from station.recording import Recording

ADA = StartSet("Ada", Plan("left", "technique", 0.0))


def replan(**changes: Any) -> StartSet:
    return dataclasses.replace(ADA, plan=dataclasses.replace(ADA.plan, **changes))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    made.meet()
    yield made
    made.session.close()
    made.recorder.stop()


def test_an_empty_quiet_plate_is_zeroed_and_then_ready(bench: Bench) -> None:
    assert bench.shown().state == "zeroing"
    assert bench.shown().notice is not None
    bench.pass_s(4)
    assert bench.shown().state == "ready"
    total_n = bench.shown().live.total_n
    assert total_n is not None
    assert abs(total_n) < 3


def test_a_set_counts_what_the_athlete_truly_did(bench: Bench) -> None:
    bench.pass_s(4)
    start_ns = bench.now_ns
    bench.session.command(ADA)
    bench.pass_s(74)
    bench.session.command(EndSet())
    bench.pass_s(4)
    shown = bench.shown()
    assert shown.state == "rest"
    assert shown.session is not None
    (only,) = shown.session.sets
    truth = bench.truth(start_ns, bench.now_ns)
    assert only.counted == len(truth) >= 8
    assert len(only.reps) == len(truth)
    for rep, true in zip(only.reps, truth, strict=True):
        assert rep.measures.heel_share == pytest.approx(true["heel_share"], abs=0.02)
        assert rep.lift_off_ns is not None
        assert abs(rep.lift_off_ns - true["lift_off_ns"]) < 0.15 * NS


def test_the_file_says_what_the_screen_said(bench: Bench) -> None:
    bench.pass_s(4)
    bench.session.command(ADA)
    bench.pass_s(90)
    bench.session.command(EndSession())
    path = bench.library.session_path(1)
    recording = Recording.read(path)
    assert recording.meta["state"] == "closed"
    assert recording.meta["athlete"] == "Ada"
    again = analyze(path).as_json()
    assert again["sets"][0]["side"] == "left"
    stored = [{**rep, "index": 0, "set": 0} for rep in recording.reps]
    seen = [{key: value for key, value in rep.items() if key != "by_hand"} for rep in again["reps"]]
    assert [{**rep, "index": 0, "set": 0} for rep in seen] == stored
    assert len([rep for rep in stored if rep["complete"]]) >= 8
    seqs = np.concatenate([block["seq"] for block in recording.segments[0].blocks])
    assert np.array_equal(seqs, np.arange(seqs[0], seqs[0] + len(seqs), dtype=np.uint64))


def test_practice_is_shown_but_never_kept(bench: Bench) -> None:
    bench.pass_s(40)
    assert bench.shown().practice_counted == len(bench.truth(EPOCH_NS, bench.now_ns)) > 3
    assert bench.shown().session is None
    assert list(bench.library.sessions_folder.iterdir()) == []


def test_a_station_that_dies_goes_on_as_if_it_had_not(tmp_path: Path) -> None:
    whole, broken = Bench(tmp_path / "whole"), Bench(tmp_path / "broken")
    for bench in (whole, broken):
        bench.meet()
        bench.pass_s(4)
        bench.session.command(ADA)
        bench.pass_s(26.3)
    broken.recorder.stop()
    del broken.recorder, broken.session  # all that is left is the file; fold and sets are gone
    broken.start()
    broken.session.resume(broken.library.unfinished()[0], broken.greeting())
    assert broken.session.resume_from == (broken.run_id, broken.next_seq)
    broken.meet()
    for bench in (whole, broken):
        bench.pass_s(50)
        bench.session.command(EndSession())
        bench.recorder.stop()
    a, b = (Recording.read(bench.library.session_path(1)) for bench in (whole, broken))
    assert a.reps == b.reps
    assert len(a.segments) == len(b.segments) == 1
    assert np.concatenate(a.segments[0].blocks).tobytes() == np.concatenate(b.segments[0].blocks).tobytes()
    assert analyze(a.path).as_json() == analyze(b.path).as_json()


def test_a_station_that_dies_before_the_first_record_is_on_disk_goes_on_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.meet()
    bench.pass_s(4)
    bench.session.command(ADA)
    started = bench.next_seq
    bench.recorder.stop()
    bench.start()
    bench.session.resume(bench.library.unfinished()[0], bench.greeting())
    assert bench.session.resume_from == (bench.run_id, started)
    bench.meet()
    bench.pass_s(30)
    shown = bench.shown().session
    assert shown is not None
    assert (len(shown.sets), shown.sets[0].running) == (1, True)
    assert shown.sets[0].counted >= 2
    bench.session.command(EndSession())
    bench.recorder.stop()
    (segment,) = Recording.read(bench.library.session_path(1)).segments
    seqs = np.concatenate(segment.blocks)["seq"]
    assert np.array_equal(seqs, np.arange(started, bench.next_seq, dtype=np.uint64))


def test_a_sampler_that_was_started_again_is_a_gap_in_the_same_session(bench: Bench) -> None:
    bench.pass_s(4)
    bench.session.command(ADA)
    bench.pass_s(30)
    bench.run_id, bench.next_seq = "2" * 32, 0
    bench.now_ns += int(0.4 * NS)
    bench.adc = MockAdc(seed=3, epoch_ns=EPOCH_NS, start_ns=bench.now_ns)
    bench.meet()
    bench.pass_s(40)
    bench.session.command(EndSession())
    recording = Recording.read(bench.library.session_path(1))
    assert [segment.run_id[0] for segment in recording.segments] == ["1", "2"]
    frames = analyze(recording.path).result.frames
    dead = np.isnan(frames.total_n)
    assert 0.3 <= np.count_nonzero(dead) / 100 <= 0.6
    assert len([rep for rep in recording.reps if rep["complete"]]) >= 7


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (dataclasses.replace(ADA, athlete="  "), "name"),
        (dataclasses.replace(ADA, athlete="x" * 61), "name"),
        (replan(side="middle"), "left or right"),
        (replan(goal="records"), "goal"),
        (replan(load_kg=-1.0), "load"),
        (replan(load_kg=float("nan")), "load"),
    ],
)
def test_wrong_entries_are_refused_with_a_sentence(bench: Bench, command: StartSet, says: str) -> None:
    bench.pass_s(4)
    with pytest.raises(CommandRefused, match=says):
        bench.session.command(command)
    assert bench.shown().session is None


def test_a_double_tap_is_one_set_and_another_athlete_another_session(bench: Bench) -> None:
    bench.pass_s(4)
    bench.session.command(ADA)
    bench.session.command(ADA)
    shown = bench.shown().session
    assert shown is not None
    assert len(shown.sets) == 1
    with pytest.raises(CommandRefused, match="end it first"):
        bench.session.command(replan(side="right"))
    bench.session.command(EndSet())
    bench.session.command(EndSet())
    bench.session.command(dataclasses.replace(ADA, athlete=" Grace   Hopper "))
    shown = bench.shown().session
    assert shown is not None
    assert (shown.number, shown.athlete, len(shown.sets)) == (2, "Grace Hopper", 1)
    assert [row.state for row in bench.library.sessions()] == ["open", "open"]  # the first waits


def test_a_load_is_not_taken_for_an_empty_plate(bench: Bench) -> None:
    bench.pass_s(4)
    bench.pass_s(4.2)  # the foot has come on and rests
    with pytest.raises(CommandRefused, match=r"still|rest on the plate"):
        bench.session.command(ZeroPlate())
    bench.session.command(ADA)
    with pytest.raises(CommandRefused, match="A set is running"):
        bench.session.command(ZeroPlate(confirmed=True))


def test_nothing_can_be_asked_before_the_sampler_answers(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with pytest.raises(CommandRefused, match="sampler"):
        bench.session.command(ADA)
    assert bench.shown().state == "idle"
    bench.recorder.stop()


def test_a_session_number_is_never_used_twice(bench: Bench) -> None:
    bench.pass_s(4)
    bench.session.command(ADA)
    bench.session.command(EndSession())
    bench.library.session_path(1).unlink()
    bench.session.command(ADA)
    shown = bench.shown().session
    assert shown is not None
    assert shown.number == 2
