"""Is it a lift? Stretches drawn by hand."""

from dataclasses import replace

import numpy as np
import pytest

from station.conversions import Calibration
from station.signal.bout import Bout
from station.signal.judging import judged, moved
from station.signal.model import Params
from station.signal.sequence import Ascent
from station.signal.view import Past, View, seen
from station.signal.watch import Watch

HZ = 100.0
PARAMS = Params(Calibration("drawn", "by hand", (0.0,) * 4, (1.0,) * 4))


def stretch(
    level_n=280.0, seconds=4.0, evidence=30.0, sway=0.05, base_n=80.0, push_s=0.2, ascents=1, aside_mm=2.0
):
    """Return a view of a stretch whose force swings by `sway` of its level, rms."""
    t = np.arange(round(seconds * HZ)) / HZ
    y = level_n * (1 + sway * np.sqrt(2) * np.sin(2 * np.pi * t))
    return View(
        ascents=[Ascent((0, 12), (24, 40), evidence=evidence)] * ascents,
        origin=0, step=8, start=0, y=y, base_n=base_n, rested_n=base_n, level_n=level_n, z=np.zeros(1),
        zero_n=level_n,
        end=len(t), rate_hz=HZ, push_s=push_s, aside_mm=aside_mm,
    )  # fmt: skip


def known(lift_n=280.0, length_s=4.0, ends=("rest",) * 3):
    return Bout(lifts_n=(lift_n,) * 3, lengths_s=(length_s,) * 3, ends=ends)


def test_hips_that_move_are_a_first_rep():
    assert judged(Bout(), stretch()) == "lift"


@pytest.mark.parametrize(
    "what",
    [
        {"level_n": 100.0},  # hardly above rest
        {"seconds": 0.7},
        {"seconds": 1.5},  # a failed push
        {"aside_mm": 60.0},  # beside the foot
    ],
)
def test_what_is_no_first_rep(what):
    assert judged(Bout(), stretch(**what)) == "none"


@pytest.mark.parametrize(
    "what",
    [
        {"evidence": 600.0},  # walking over the plate
        {"sway": 1.4},  # a bag is put down, and somebody stands up beside it
        {"push_s": 1.5},  # nobody pushed
        {"push_s": 0.03},  # a dumbbell is put down: no hips load a foot so quickly
        {"base_n": 20.0, "level_n": 140.0},  # a foot that is put down
        {"aside_mm": 30.0},  # a hand leans on the plate beside the foot
    ],
)
def test_what_is_hardly_a_first_rep_is_doubted(what):
    assert judged(Bout(), stretch(**what)) == "doubt"


def test_several_small_rises_are_reps_where_hips_move_and_the_force_is_calm():
    calm, trembling = np.zeros(100), np.tile([0.0, 0.05], 50)
    small = replace(stretch(level_n=150.0, ascents=3), z=calm)
    assert judged(Bout(), small) == "lift"
    assert judged(Bout(), replace(small, z=trembling)) == "doubt"
    assert judged(Bout(), replace(stretch(level_n=150.0, ascents=3, evidence=0.0), z=calm)) == "doubt"
    assert judged(Bout(), replace(stretch(base_n=25.0, level_n=130.0, ascents=3), z=calm)) == "lift"


@pytest.mark.parametrize(
    ("ascents", "turn", "z", "said"),
    [
        (5, "touch", np.zeros(100), "lift"),
        (4, "touch", np.zeros(100), "doubt"),
        (5, "hover", np.zeros(100), "doubt"),  # what turns without a touch shows itself by its inertia alone
        (5, "touch", np.tile([0.0, 0.05], 50), "doubt"),  # a foot that fidgets
    ],
)
def test_many_touches_are_reps_though_no_inertia_shows(ascents, turn, z, said):
    small = stretch(level_n=150.0, evidence=-5.0, ascents=ascents)
    turned = [*(replace(one, turn=turn) for one in small.ascents[:-1]), small.ascents[-1]]
    assert judged(Bout(), replace(small, ascents=turned, z=z)) == said


@pytest.mark.parametrize(
    ("seconds", "bout", "said"),
    [
        (1.5, Bout(), "doubt"),  # and no failed push
        (0.9, Bout(), "doubt"),
        (0.7, Bout(), "none"),
        (0.9, known(length_s=1.2), "lift"),
        (0.9, known(length_s=4.0), "none"),  # the push of a lift that lasts
    ],
)
def test_hips_that_are_flung_are_back_sooner(seconds, bout, said):
    assert judged(bout, replace(stretch(seconds=seconds), z=np.array([0.5, 0.0, -0.3]))) == said
    assert judged(bout, stretch(seconds=seconds)) == "none"


def risen(start_s, low_n, high_n, takes_s):
    """Return 10 s of force that rises in a straight line."""
    t = np.arange(1000) / HZ
    return low_n + (high_n - low_n) * np.minimum(np.maximum((t - start_s) / takes_s, 0.0), 1.0)


@pytest.mark.parametrize("before", ["rest", "a rep", "a foot that presses"])
def test_how_long_the_load_takes_to_come_on(before):
    total_n = risen(5.0, 80.0, 280.0, 0.5)  # from a fifth to four fifths: 0.3 s
    if before == "a rep":
        total_n[350:420] = 280.0
    elif before == "a foot that presses":
        total_n[340:] = np.maximum(total_n[340:], 95.0)
    past = Past(0, np.zeros((1000, 4)), total_n)
    start = 340 if before == "a foot that presses" else 510
    found = seen(PARAMS, Watch(base_n=80.0), past, start, "rest", 999, ended=False)
    assert found.push_s == pytest.approx(0.3, abs=0.03)


def test_where_the_load_came_on():
    rest_n, added_n = np.array([20.0, 20.0, 20.0, 20.0]), np.array([0.0, 60.0, 20.0, 120.0])
    part = (risen(5.0, 80.0, 280.0, 0.5) - 80.0) / 200.0
    force_n = rest_n + part[:, None] * added_n
    past = Past(0, force_n, force_n.sum(axis=1))
    found = seen(PARAMS, Watch(base_n=80.0), past, 510, "rest", 999, ended=False)
    assert found.aside_mm == pytest.approx(100.0 * (60.0 - 20.0 + 120.0) / 200.0, abs=2.0)


def test_what_lies_still_is_doubted_and_what_wavers_and_trembles_is_believed():
    living = np.resize([0.0, 0.0, 0.01, 0.01], 40)  # every second difference is a hundredth
    thing = 0.4 * living

    def held(z, **how):
        return judged(Bout(), replace(stretch(level_n=260.0, evidence=-12.0, **how), z=z))

    assert held(living, sway=0.01) == "doubt"
    assert held(thing, sway=0.04) == "doubt"  # on a leg that breathes
    assert held(living, sway=0.04) == "lift"
    assert held(living, sway=0.04, seconds=14.0) == "doubt"


def test_what_is_as_heavy_as_standing_is_doubted_unless_hips_show():
    still = np.zeros(100)
    trembling = np.concatenate([[-0.2, 0.2], np.tile([0.0, 0.02], 50)])
    standing = replace(stretch(level_n=700.0, evidence=15.0, sway=0.02, push_s=0.4), z=still)
    assert judged(Bout(), standing) == "doubt"
    assert not moved(standing)
    lift = replace(stretch(level_n=700.0, evidence=15.0, sway=0.08, push_s=0.2), z=trembling)
    assert moved(lift)
    assert judged(Bout(), lift) == "lift"
    unmoved = replace(stretch(level_n=700.0, evidence=-5.0, sway=0.08, push_s=0.2), z=trembling)
    assert judged(Bout(), unmoved) == "doubt"
    lighter = replace(stretch(level_n=330.0, evidence=15.0, sway=0.02, push_s=0.4), z=still)
    assert judged(Bout(), lighter) == "lift"


def test_in_a_bout_the_level_counts():
    assert judged(known(), stretch(level_n=240.0)) == "lift"
    assert judged(known(), stretch(level_n=220.0)) == "none"  # a push to 0.7 of the way
    assert judged(known(), stretch(level_n=420.0)) == "doubt"  # if there are more, the bout was none


def test_in_a_bout_of_dead_stops_a_still_stretch_has_the_length_of_a_rep():
    still = stretch(evidence=-5.0)
    assert judged(known(), still) == "lift"
    assert judged(known(), stretch(evidence=-5.0, seconds=8.0)) == "none"
    assert judged(known(), stretch(evidence=-5.0, seconds=1.4)) == "none"
    assert judged(known(ends=("touch",) * 3), stretch(evidence=-5.0, seconds=8.0)) == "lift"
