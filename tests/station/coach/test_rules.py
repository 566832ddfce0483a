"""One rep judged, against the rules as they are written for people."""

from __future__ import annotations

import pytest

from station.coach.programs import COUNT_BY_HAND, Plan, flaw
from station.coach.rules import Baseline, judged, reversed_rest
from station.coach.thresholds import Thresholds
from station.signal.model import Measures, Rep

LIMITS = Thresholds()
S = 1_000_000_000


def rep(
    up_s=1.0, hold_s=1.2, down_s=1.6, *, estimated=False, complete=True, heel_share=0.6, heel_lift_s=0.0,
    overshoot=0.1, sway_ml_mm=2.0, valid_fraction=1.0, landing_n_per_s=700.0,
):  # fmt: skip
    def ns(seconds):
        return None if seconds is None else round(seconds * S)

    ends = [0.0, up_s, None if hold_s is None else up_s + hold_s]
    ends.append(None if down_s is None or ends[2] is None else ends[2] + down_s)
    lift_off, lockout_start, lockout_end, touchdown = map(ns, ends)
    return Rep(
        1, "hover" if estimated else "dead_stop", "estimated" if estimated else "measured",
        None, lift_off, lockout_start, lockout_end, touchdown, None,
        Measures(
            heel_share=heel_share, heel_lift_s=heel_lift_s, overshoot=overshoot, sway_ml_mm=sway_ml_mm,
            valid_fraction=valid_fraction, landing_n_per_s=landing_n_per_s,
        ),
        complete, {},
    )  # fmt: skip


TECHNIQUE = Plan("left")  # holds 1 s, descends in 1 s or more
THREE_ONE = Plan("left", tempo="three_one")
ENDURANCE = Plan("left", goal="endurance")
FREE = Plan("left", goal="free", tempo="free")


@pytest.mark.parametrize(
    ("done", "plan", "faults", "on_target"),
    [
        ({}, TECHNIQUE, (), True),
        ({"heel_share": 0.41}, TECHNIQUE, (), True),
        ({"heel_share": 0.39}, TECHNIQUE, ("heel_share",), False),
        ({"heel_share": 1.0}, TECHNIQUE, (), True),  # toes up is accepted
        ({"heel_lift_s": 0.24}, TECHNIQUE, (), True),
        ({"heel_lift_s": 0.30}, TECHNIQUE, ("heel_lift",), False),
        ({"down_s": 0.9}, TECHNIQUE, ("descent",), False),
        ({"down_s": 0.9}, FREE, (), True),
        ({"down_s": 2.1}, THREE_ONE, ("descent",), False),
        ({"down_s": 2.3}, THREE_ONE, (), True),
        ({"hold_s": 0.85}, TECHNIQUE, (), True),
        ({"hold_s": 0.75}, TECHNIQUE, ("hold",), False),
        ({"hold_s": 1.75}, Plan("left", goal="squeeze"), ("hold",), False),
        ({"hold_s": 0.1}, ENDURANCE, (), True),  # asks for no hold
        ({"up_s": 0.55}, TECHNIQUE, ("ascent",), True),  # cued, and still on target
        ({"overshoot": 0.36}, TECHNIQUE, ("ascent",), True),
        ({"sway_ml_mm": 5.1}, TECHNIQUE, ("sway",), True),
        ({"heel_share": 0.3, "hold_s": 0.3, "heel_lift_s": 0.4}, TECHNIQUE,
         ("heel_lift", "heel_share", "hold"), False),
        ({"valid_fraction": 0.85, "heel_share": 0.3}, TECHNIQUE, ("data",), None),
        ({"complete": False}, TECHNIQUE, (), False),
    ],
)  # fmt: skip
def test_a_rep_and_what_is_said_of_it(done, plan, faults, on_target) -> None:
    found = judged(rep(**done), plan, Baseline(0.55, 2.5), LIMITS)
    assert (found.faults, found.on_target) == (faults, on_target)


def test_of_what_is_not_known_nothing_is_said() -> None:
    unknown = judged(rep(hold_s=None, down_s=None), TECHNIQUE, Baseline(), LIMITS)
    assert unknown.faults == ()
    assert unknown.on_target is None
    assert judged(rep(hold_s=None, down_s=None), FREE, Baseline(), LIMITS).on_target is True
    assert judged(rep(heel_share=None), TECHNIQUE, Baseline(), LIMITS).on_target is None
    assert judged(rep(sway_ml_mm=90.0), TECHNIQUE, Baseline(), LIMITS).faults == ()  # usual sway unknown


def test_the_descent_of_a_turn_without_a_touch_is_not_judged() -> None:
    hover = judged(rep(down_s=0.5, estimated=True), TECHNIQUE, Baseline(), LIMITS)
    assert (hover.faults, hover.on_target) == ((), True)


def test_hips_that_fall_are_told_by_their_landing_and_their_hold_is_not_judged() -> None:
    own = Baseline(landing_n_per_s=700.0)
    fallen = {"landing_n_per_s": 1800.0, "hold_s": 0.3}
    assert judged(rep(**fallen), TECHNIQUE, own, LIMITS).faults == ("descent",)
    assert judged(rep(**fallen), TECHNIQUE, Baseline(), LIMITS).faults == ("hold",)  # usual landing unknown
    assert judged(rep(**fallen), FREE, own, LIMITS).faults == ()
    assert judged(rep(landing_n_per_s=1700.0), TECHNIQUE, own, LIMITS).faults == ()
    assert judged(rep(landing_n_per_s=None), TECHNIQUE, own, LIMITS).faults == ()


def test_a_heel_share_is_also_compared_with_ones_own() -> None:
    own = Baseline(heel_share=0.75)
    assert judged(rep(heel_share=0.61), TECHNIQUE, own, LIMITS).on_target
    assert judged(rep(heel_share=0.59), TECHNIQUE, own, LIMITS).faults == ("heel_share",)


def test_a_baseline_is_what_is_usual_and_takes_three_reps() -> None:
    reps = [rep(heel_share=share) for share in (0.5, 0.6, 0.9)]
    assert Baseline.of(reps).heel_share == 0.6
    assert Baseline.of(reps[:2]) == Baseline()
    assert Baseline.of([*reps[:2], rep(complete=False)]) == Baseline()


def test_a_plan_that_cannot_be_is_told_what_to_choose() -> None:
    assert flaw(TECHNIQUE) is None
    for plan, word in (
        (Plan("middle"), "left or right"),
        (Plan("left", goal="glory"), "technique"),
        (Plan("left", tempo="fast"), "controlled"),
        (Plan("left", free_leg="up"), "bent"),
        (Plan("left", variant="deadlift"), "floor_bridge"),
        (Plan("left", footwear="skis"), "bare"),
        (Plan("left", load_kg=float("nan")), "500"),
        (Plan("left", load_kg=-1.0), "500"),
        (Plan("left", target_reps=0), "100"),
        (Plan("left", plate_cm=100.5), "from -100 to 100 cm"),
        (Plan("left", plate_cm=float("nan")), "from -100 to 100 cm"),
    ):
        assert word in (flaw(plan) or "")


def test_what_is_counted_by_hand_is_not_coached() -> None:
    assert TECHNIQUE.coached
    assert not any(Plan("left", variant=variant).coached for variant in COUNT_BY_HAND)
    assert Plan("left", variant="band").coached  # it is counted as surely as the standard lift


@pytest.mark.parametrize(
    ("share", "usual", "turned"),
    [(0.30, 0.70, True), (0.70, 0.30, True), (0.65, 0.70, False), (0.20, 0.30, False),
     (0.45, 0.70, False), (0.30, 0.55, False), (0.39, 0.61, True)],
)  # fmt: skip
def test_a_plate_seems_turned_when_the_resting_share_is_reversed(share, usual, turned) -> None:
    assert reversed_rest(share, usual, Thresholds()) is turned


@pytest.mark.parametrize(
    ("changes", "same"),
    [({"goal": "strength"}, True), ({"tempo": "free"}, True), ({"load_kg": 10.0}, False),
     ({"free_leg": "straight"}, False), ({"footwear": "bare"}, False), ({"variant": "band"}, False),
     ({"plate_cm": 3.5}, False)],
)  # fmt: skip
def test_what_asks_for_another_baseline(changes, same) -> None:
    assert (Plan("left", **changes).conditions == TECHNIQUE.conditions) is same


def test_thresholds_are_settings() -> None:
    assert Thresholds.from_json({"heel_share_least": 0.45}).heel_share_least == 0.45
    for bad in ({"heel": 1}, {"heel_share_least": "x"}, {"heel_reps_running": 1.5}, {"up_least_s": -1},
                {"up_least_s": True}, {"up_least_s": float("inf")}):  # fmt: skip
        with pytest.raises(ValueError, match=next(iter(bad))):
            Thresholds.from_json(bad)
