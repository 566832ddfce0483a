"""Where the plate stands, and which way round: kept for each foot, and asked about when it seems wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bench import Bench

from hardware.script import Rep, StepOff, StepOn, Wait, reps
from station.coach.programs import Plan
from station.door import EndSession, EndSet, PlateIsRight, StartSet

GOOD = Rep(hold_s=1.3, down_s=1.8)


@pytest.fixture
def stepping_on(lifting) -> Callable[..., Bench]:
    def start(*rest_shares: float) -> Bench:
        """Set the foot down so, lift three times, step off; for each share."""
        turns = [
            (StepOn(heel_share=share), Wait(3.5), *reps(3, GOOD), Wait(0.5), StepOff(), Wait(8))
            for share in rest_shares
        ]
        return lifting(Wait(5), *(movement for turn in turns for movement in turn))

    return start


def until(bench: Bench, state: str) -> None:
    while bench.shown().state != state:
        bench.pass_s(0.2)


def test_the_ruler_is_kept_for_each_foot(stepping_on) -> None:
    bench = stepping_on(0.7)
    for side, cm in (("left", 12.5), ("right", -3.0)):
        bench.session.command(StartSet("Ada", Plan(side, plate_cm=cm)))
        bench.session.command(EndSet())
    bench.session.command(StartSet("Guest", Plan("left", plate_cm=40.0)))
    bench.session.close()
    assert {card.name: dict(card.plates) for card in bench.cards()} == {"Ada": {"left": 12.5, "right": -3.0}}


def test_the_next_set_has_the_place_of_its_own_foot(stepping_on) -> None:
    bench = stepping_on(0.7)
    bench.session.command(StartSet("Ada", Plan("right", plate_cm=14.0)))
    bench.session.command(EndSession())
    bench.session.command(StartSet("Ada", Plan("left", plate_cm=12.5), hands_free=True))
    until(bench, "rest")
    proposed = bench.shown().session.proposal.plan
    assert (proposed.side, proposed.plate_cm) == ("right", 14.0)


def test_a_moved_plate_pauses_the_heel_cue_for_one_set(stepping_on) -> None:
    bench = stepping_on(0.7, 0.7)
    paused = []
    for cm in (12.5, 14.0):
        bench.session.command(StartSet("Ada", Plan("left", plate_cm=cm), hands_free=True))
        until(bench, "rest")
        bench.pass_s(3)
    for cm in (14.0, 12.5, 14.1, None):
        bench.session.command(StartSet("Ada", Plan("left", plate_cm=cm)))
        bench.session.command(EndSet())
    paused = [one.heel_paused for one in bench.shown().session.sets]
    # New here; moved; known by now; known from the first set; moved; nobody noted it.
    assert paused == [False, True, False, False, True, False]


def test_a_foot_that_rests_the_other_way_round_is_asked_about(stepping_on) -> None:
    bench = stepping_on(0.7, 0.3, 0.7)
    asked = []
    for _ in range(3):
        bench.session.command(StartSet("Ada", Plan("left"), hands_free=True))
        until(bench, "armed")
        asked.append(bench.shown().planned.turned)
        until(bench, "rest")
    assert asked == [False, True, False]  # what was in question has not become usual


def test_a_foot_that_does_rest_so_is_not_asked_about_again(stepping_on) -> None:
    bench = stepping_on(0.7, 0.3, 0.3)
    asked = []
    for _ in range(3):
        bench.session.command(StartSet("Ada", Plan("left"), hands_free=True))
        until(bench, "armed")
        asked.append(bench.shown().planned.turned)
        if asked[-1]:
            bench.session.command(PlateIsRight())
            assert not bench.shown().planned.turned
        until(bench, "rest")
    assert asked == [False, True, False]
