"""What is said after each rep of a set, from tables of its faults."""

from __future__ import annotations

import pytest

from station.coach.cues import advised
from station.coach.programs import Plan
from station.coach.rules import FAULTS, OFF_TARGET, Judged
from station.coach.thresholds import Thresholds

LETTERS = {"L": "heel_lift", "H": "heel_share", "D": "descent", "T": "hold", "U": "ascent", "S": "sway"}
LETTERS |= {"?": "data"}


STANDARD = Plan("left")


def told(words, *, plan=STANDARD, baseline=False, moved=False, marked=()):
    """Judge a set written as a word a rep: a letter a fault, "-" for none; return cues and stop."""
    reps = []
    for k, word in enumerate(words.split()):
        faults = {LETTERS[c] for c in word if c != "-"}
        ordered = tuple(fault for fault in FAULTS if fault in faults)
        reps.append(Judged(k, ordered, None if "data" in faults else not faults & OFF_TARGET))
    advice = advised(
        reps, plan, Thresholds(), baseline_set=baseline, heel_paused=moved, marked=frozenset(marked)
    )
    assert [cue.number for cue in advice.cues] == list(range(1, len(reps) + 1))
    return [cue.word for cue in advice.cues], advice.stop


@pytest.mark.parametrize(
    ("reps", "cues"),
    [
        ("- - -", ["on_target"] * 3),
        ("H", ["counted"]),  # one rep off the heel is no cue yet, nor is it on target
        ("H H", ["counted", "heel_share"]),
        ("H - H", ["counted", "on_target", "counted"]),
        ("- L", ["on_target", "heel_lift"]),
        ("LHDTUS", ["heel_lift"]),  # one thing at a time, the first of them
        ("DTUS", ["descent"]),
        ("TUS", ["hold"]),
        ("US", ["ascent"]),
        ("S", ["sway"]),
        ("?", ["data"]),
        ("H HD", ["counted", "heel_share"]),
        ("- HD", ["on_target", "descent"]),
    ],
)
def test_one_cue_a_rep_by_its_priority(reps, cues) -> None:
    assert told(reps)[0] == cues


def test_the_first_two_reps_of_a_baseline_set_are_only_watched() -> None:
    assert told("D T D", baseline=True)[0] == ["counted", "counted", "descent"]
    assert told("H H H", baseline=True)[0] == ["counted", "counted", "heel_share"]
    assert told("L -", baseline=True)[0] == ["heel_lift", "on_target"]  # but the heel's lift is told
    assert told("? -", baseline=True)[0] == ["data", "on_target"]


def test_after_the_plate_was_moved_heel_shares_are_not_spoken_of() -> None:
    assert told("H H H H H", moved=True) == (["counted"] * 5, None)
    assert told("HD L HT", moved=True)[0] == ["descent", "heel_lift", "hold"]
    assert told("HD HD HD", moved=True, baseline=True)[0] == ["counted", "counted", "descent"]


@pytest.mark.parametrize(
    ("reps", "stop"),
    [
        ("L L L", "heel_lift"),  # cued at the first, two more
        ("L L -", None),
        ("L - L - L", "heel_lift"),
        ("H H H", None),  # cued at the second, one more
        ("H H H H", "heel_share"),
        ("H H - H - H", "heel_share"),
        ("L H H H", None),  # not the same fault
        ("T T T T T T", None),  # a missed hold is never a stop
        ("D D D D D D", None),
    ],
)
def test_a_set_is_advised_to_end_when_a_fault_of_the_heel_comes_back(reps, stop) -> None:
    assert told(reps)[1] == stop


def test_what_somebody_pressed_counts_at_once() -> None:
    assert told("- -", marked=["twisted"])[1] == "twisted"
    assert told("- -", marked=["twisted", "pain"])[1] == "pain"
    assert told("L L L", marked=["pain"])[1] == "pain"


def test_a_variant_that_is_counted_by_hand_is_not_coached() -> None:
    by_hand = Plan("left", variant="b_stance")
    assert told("L L L", plan=by_hand) == (["counted"] * 3, None)
    assert told("L", plan=by_hand, marked=["pain"])[1] == "pain"
