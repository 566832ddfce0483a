"""The simulated athlete against the published numbers of the lift, and its truth against its own curve."""

import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hardware.athlete import Athlete, Unrest
from hardware.body import Body
from hardware.script import (
    AbortedPush,
    BenchBump,
    EndlessSets,
    ObjectOn,
    Rep,
    Reposition,
    Script,
    ScriptError,
    Stand,
    StepOff,
    StepOn,
    Talk,
    Wait,
    dropped,
    heel_lift,
    missed_hold,
    reps,
    sticking,
    toe_drive,
    write,
)

HIP_HEIGHTS_M = np.array([0.11, 0.20, 0.30, 0.39, 0.48])
HEIGHTS = (HIP_HEIGHTS_M - 0.11) / 0.37
ANKLE = 0.8  # heel share of a foot whose pressure is under its ankle: what the published levels mean


def lifting(*movements, body=None, unrest=None):
    plan = Script((Wait(2.0), StepOn(), Wait(2.0), *movements, Wait(1.0), StepOff(), Wait(2.0)))
    return Athlete(plan, body, unrest=unrest)


def true_reps(athlete):
    return list(athlete.reps(-1.0, 1e6))


def total(athlete, start_s, end_s, step_s=0.001):
    t_s = np.arange(start_s, end_s, step_s)
    return t_s, athlete.state(t_s)[0]


# --- levels and inertia, from the tables of the lift


@pytest.mark.parametrize(
    ("load_kg", "published_n"), [(0, [257, 275, 279, 273, 255]), (40, [431, 473, 484, 471, 435])]
)
def test_levels_are_the_published_ones(load_kg, published_n):
    assert Body(load_kg=load_kg).level_n(HEIGHTS) == pytest.approx(published_n, abs=3)


def test_confounds_are_the_published_ones():
    lockout, at = np.ones(1), Body().level_n(np.ones(1))
    assert Body(free_leg_extended=True).level_n(lockout) - at == pytest.approx(45, abs=5)
    assert Body(foot_forward_m=0.01).level_n(lockout) - at == pytest.approx(-2.8, abs=0.3)
    toes = Body().lever_factor(np.array([0.1])) / Body().lever_factor(np.array([ANKLE]))
    assert toes == pytest.approx(0.87, abs=0.01)


def test_slope_of_the_lift_depends_on_the_bench():
    ratios = [np.divide(*Body(bench_m=b).level_n(np.array([1.0, 0.0]))) for b in (0.30, 0.34, 0.38, 0.42)]
    assert min(ratios) < 0.95
    assert max(ratios) > 1.02
    assert all(0.83 <= r <= 1.09 for r in ratios)


def added_by_motion(up_s, load_kg):
    """The curve of an ascent less the still level at the same hip heights."""
    body = Body(load_kg=load_kg)
    athlete = lifting(Rep(up_s=up_s, heel_share=ANKLE), body=body)
    rep = true_reps(athlete)[0].times
    x = np.linspace(0, 1, 2001)
    height = 10 * x**3 - 15 * x**4 + 6 * x**5
    force = athlete.state(rep.lift_off_s + x * up_s * 0.999999)[0]
    return force - body.level_n(height)


@pytest.mark.parametrize(
    ("up_s", "most_n", "least_n"),
    [(0.6, 122, -102), (0.8, 69, -58), (1.0, 44, -37), (1.5, 20, -16), (2.0, 11, -9), (3.0, 5, -4)],
)
def test_inertia_is_the_published_one(up_s, most_n, least_n):
    added = added_by_motion(up_s, 0)
    assert added.max() == pytest.approx(most_n, rel=0.07)
    # The fitted body is a little more even between going and stopping than the published one.
    assert added.min() == pytest.approx(least_n, rel=0.17)
    assert added_by_motion(up_s, 40).max() == pytest.approx(2.3 * most_n, rel=0.06, abs=1.2)


def test_inertia_leaves_no_momentum_behind():
    # From stillness to stillness the angular impulse is zero, whatever the path.
    for load_kg in (0, 40):
        added = added_by_motion(1.0, load_kg)
        assert abs(added.mean()) < 0.005 * added.max()


@pytest.mark.parametrize(
    ("style", "load_kg", "between_n", "most_n", "least_n", "plateau_n", "down_n"),
    [
        ("dead_stop", 0, 82, 322, 230, 264, (262, 292)),
        ("dead_stop", 40, 82, 575, 371, 451, (445, 507)),
        ("touch", 0, 192, 322, 230, 264, (262, 292)),
        ("hover", 0, 282, 323, 234, 264, (262, 293)),
    ],
)
def test_styles_have_the_published_shape(style, load_kg, between_n, most_n, least_n, plateau_n, down_n):
    rep = Rep(up_s=1, hold_s=1, down_s=3, style=style, rest_s=0.2, heel_share=ANKLE)
    athlete = lifting(*reps(3, rep), body=Body(load_kg=load_kg))
    first, second = (r.times for r in true_reps(athlete)[:2])
    up = total(athlete, second.lift_off_s, second.lockout_start_s)[1]
    hold = total(athlete, second.lockout_start_s, second.lockout_end_s)[1]
    down = total(athlete, second.lockout_end_s, second.touchdown_s)[1]
    between = total(athlete, first.touchdown_s, second.lift_off_s)[1]
    assert up.max() == pytest.approx(most_n, rel=0.07)
    assert up.min() == pytest.approx(least_n, rel=0.07)
    assert hold.mean() == pytest.approx(plateau_n, rel=0.06)
    assert (down.min(), down.max()) == pytest.approx(down_n, rel=0.06)
    assert between.min() == pytest.approx(between_n, rel=0.06)


# --- the truth against the curve


def test_boundaries_are_where_the_curve_bends():
    athlete = lifting(*reps(4, Rep(heel_share=ANKLE)))
    for rep in true_reps(athlete):
        times, level = rep.times, athlete.body.level_n(np.array([0.0, 1.0]))
        rest_n = athlete.body.resting_leg_n
        t_s, force = total(athlete, times.push_start_s - 0.5, times.rest_s + 0.3)
        moved = np.abs(force - rest_n) > 0.05
        assert t_s[moved][0] == pytest.approx(times.push_start_s, abs=0.01)
        assert t_s[moved][-1] == pytest.approx(times.rest_s, abs=0.01)
        still = np.abs(force - level[1]) < 0.01
        middle = np.searchsorted(t_s, 0.5 * (times.lockout_start_s + times.lockout_end_s))
        left_before = t_s[:middle][~still[:middle]][-1]
        left_after = t_s[middle:][~still[middle:]][0]
        assert left_before == pytest.approx(times.lockout_start_s, abs=0.01)
        assert left_after == pytest.approx(times.lockout_end_s, abs=0.01)
        at_floor = athlete.state(np.array([times.lift_off_s, times.touchdown_s - 1e-9]))[0]
        assert at_floor == pytest.approx(level[0], abs=0.1)
        assert 0.2 <= times.lift_off_s - times.push_start_s <= 0.6


def test_measures_are_integrals_of_the_curve():
    unrest = Unrest(wander_cv=0.025, bracing_n=18.0, sway_share=0.02)
    athlete = lifting(*reps(5, Rep(heel_share=0.55, left_share=0.46)), unrest=unrest)
    for rep in true_reps(athlete):
        t_s = np.arange(rep.times.lift_off_s, rep.times.lockout_end_s, 1 / 5000)
        cells = athlete.force_n(t_s)
        heel = cells[:, 0].sum() + cells[:, 1].sum()
        right = cells[:, 1].sum() + cells[:, 3].sum()
        assert rep.heel_share == pytest.approx(heel / cells.sum(), abs=2e-4)
        assert rep.peak_n == pytest.approx(cells.sum(axis=1).max(), rel=1e-3)
        assert rep.cop_ml_mm == pytest.approx((2 * right / cells.sum() - 1) * 100, abs=0.05)
        assert rep.heel_share == pytest.approx(0.55, abs=0.06)
        assert rep.cop_ml_mm == pytest.approx(8, abs=8)  # 46 % left: 8 mm to the right


def test_touch_rests_at_the_deepest_unloading():
    athlete = lifting(*reps(4, Rep(style="touch", rest_s=0.05, unloaded=0.4)))
    found = [r.times for r in true_reps(athlete)]
    for rep, following in pairwise(found):
        t_s, force = total(athlete, rep.lockout_end_s, following.lockout_start_s)
        assert rep.rest_s == pytest.approx(t_s[np.argmin(force)], abs=0.06)
        assert rep.touchdown_s < rep.rest_s <= following.push_start_s < following.lift_off_s
    assert [r.style for r in found] == ["touch"] * 4


def test_hover_has_no_rest_between_reps():
    athlete = lifting(*reps(4, Rep(style="hover", rest_s=0.2)))
    found = [r.times for r in true_reps(athlete)]
    assert [r.push_start_s is None for r in found] == [False, True, True, True]
    assert [r.rest_s is None for r in found] == [True, True, True, False]
    for rep, following in pairwise(found):
        assert following.lift_off_s - rep.touchdown_s == pytest.approx(0.2)
        assert total(athlete, rep.lift_off_s, following.lockout_end_s)[1].min() > 190


def test_fatigue_slows_the_way_up_and_shortens_the_hold():
    found = [r.times for r in true_reps(lifting(*reps(10, Rep(), fatigue=0.3)))]
    assert len(found) == 10
    ups = [r.lockout_start_s - r.lift_off_s for r in found]
    holds = [r.lockout_end_s - r.lockout_start_s for r in found]
    assert ups[-1] / ups[0] == pytest.approx(1.3)
    assert holds[-1] < 0.8 * holds[0]
    assert ups == sorted(ups)


# --- faults and what is no rep


def test_heel_lift_empties_the_heel_for_long_enough():
    athlete = lifting(heel_lift(Rep()))
    rep = true_reps(athlete)[0].times
    t_s = np.arange(rep.lift_off_s, rep.touchdown_s, 0.001)
    force, heel, _ = athlete.state(t_s)
    assert ((heel < 0.05) & (force > 180)).sum() * 0.001 > 0.3
    assert rep.faults == ("heel_lift",)


def test_drop_falls_and_lands_hard():
    athlete = lifting(dropped(Rep(heel_share=ANKLE)))
    rep = true_reps(athlete)[0].times
    assert rep.touchdown_s - rep.lockout_end_s < 1.0
    landing = total(athlete, rep.touchdown_s, rep.touchdown_s + 0.3)[1].max()
    assert 1.5 <= landing / athlete.body.level_n(np.zeros(1))[0] <= 2.0
    assert total(athlete, rep.lockout_end_s, rep.touchdown_s)[1].min() < 0.7 * 255


def test_sticking_point_is_a_halt_on_the_way():
    athlete = lifting(sticking(Rep(heel_share=ANKLE), 0.35))
    rep = true_reps(athlete)[0].times
    halfway = athlete.body.level_n(np.array([0.5]))[0]
    t_s, force = total(athlete, rep.lift_off_s, rep.lockout_start_s)
    halted = np.abs(force - halfway) < 0.02
    assert 0.3 < halted.sum() * 0.001 < 0.45
    assert 0.3 < (t_s[halted].mean() - rep.lift_off_s) / (rep.lockout_start_s - rep.lift_off_s) < 0.7


def test_other_faults_show_in_the_truth():
    athlete = lifting(toe_drive(Rep()), missed_hold(Rep()))
    toes, short = true_reps(athlete)
    assert toes.heel_share == pytest.approx(0.25, abs=0.02)
    assert short.times.lockout_end_s - short.times.lockout_start_s == pytest.approx(0.2)


def test_what_is_no_rep_looks_as_published():
    plan = Script(
        (
            Wait(2.0),
            StepOn(),
            Wait(2.0),
            AbortedPush(0.65),
            Wait(1.0),
            BenchBump(45.0),
            Reposition(heel_share=0.5),
            Talk(6.0, fidget_n=15.0),
            Wait(1.0),
            StepOff(),
            ObjectOn(60.0, 5.0),
            Stand(4.0),
            Wait(1.0),
        )
    )
    athlete = Athlete(plan, unrest=Unrest(bracing_n=8.0))
    found = {h.kind: h for h in athlete.happenings(-1.0, 1e6)}
    curve = {
        kind: total(Athlete(plan), h.start_s, h.end_s)[1] for kind, h in found.items() if kind != "talking"
    }
    assert not true_reps(athlete)
    lift_n = athlete.body.level_n(np.zeros(1))[0]
    assert 0.6 <= curve["aborted_push"].max() / lift_n <= 0.7
    assert curve["standing"].max() >= 0.75 * athlete.body.weight_n
    assert curve["reposition"].min() < 20 < 79 < curve["reposition"].max()
    assert (curve["step_on"][0], curve["step_off"][-1]) == pytest.approx((0.0, 0.0), abs=0.1)
    ring = curve["bench_bump"] - 80.0
    assert 25 < ring.max() < 45
    crossings = np.flatnonzero(np.diff(np.signbit(ring[2:300])))
    assert np.diff(crossings).mean() * 0.001 == pytest.approx(0.5 / 9.0, rel=0.05)
    lying = found["object"]
    inert = total(athlete, lying.start_s + 0.3, lying.end_s - 0.3)[1]
    assert inert == pytest.approx(60.0)  # a thing does not brace itself
    heel = athlete.state(np.array([found["reposition"].start_s, found["reposition"].end_s]))[1]
    assert heel == pytest.approx([0.7, 0.5])
    talk = found["talking"]
    fidgeting = total(athlete, talk.start_s + 0.3, talk.end_s - 0.3)[1].std()
    assert fidgeting > 1.3 * total(athlete, 3.0, 4.4)[1].std()


def test_force_wanders_as_published():
    unrest = Unrest(wander_cv=0.02, bracing_n=12.0)
    holding = lifting(Rep(hold_s=200.0), unrest=unrest)
    rep = true_reps(holding)[0].times
    hold = total(holding, rep.lockout_start_s, rep.lockout_end_s, 0.01)[1]
    assert hold.std() / hold.mean() == pytest.approx(0.02, rel=0.1)
    power = np.abs(np.fft.rfft(hold - hold.mean())) ** 2
    hz = np.fft.rfftfreq(len(hold), 0.01)
    assert power[(hz > 0.28) & (hz < 8.2)].sum() > 0.97 * power.sum()
    resting = lifting(Wait(200.0), unrest=unrest)
    assert total(resting, 5.0, 200.0, 0.01)[1].std() == pytest.approx(12.0, rel=0.15)
    assert total(resting, 5.0, 200.0, 0.01)[1].mean() == pytest.approx(80.0, rel=0.05)
    assert total(resting, 0.0, 1.9)[1].max() == 0.0  # nothing on the plate, nothing on the curve


class SameAgain:
    """A plan whose stretches are all alike."""

    stretch_s = 10.0

    def timeline(self, _index, body):
        return write((StepOn(), Wait(1.0), Rep(), Wait(0.5), StepOff()), body)


def test_unrest_does_not_repeat_with_the_plan():
    t_s = np.arange(0.0, 10.0, 0.01)
    calm, uneasy = Athlete(SameAgain()), Athlete(SameAgain(), unrest=Unrest(0.02, 10.0, 0.02))
    for later_s in (10.0, 20.0, 1000.0):
        assert calm.force_n(t_s + later_s) == pytest.approx(calm.force_n(t_s), abs=1e-6)
        pairs = zip(uneasy.state(t_s), uneasy.state(t_s + later_s), calm.state(t_s), strict=True)
        for now, later, still in pairs:
            lifting_now = (t_s > 2.5) & (t_s < 4.5)
            swing = (now - still)[lifting_now].std()
            assert swing > 0
            assert np.abs(later - now)[lifting_now].mean() > 0.3 * swing


# --- time, order and memory


@pytest.mark.parametrize(
    "plan", [None, Script((Wait(1.0), StepOn(), Wait(1.0), *reps(10), Talk(), BenchBump(), StepOff()))]
)
def test_force_does_not_depend_on_how_it_is_asked_for(plan):
    unrest = Unrest(0.02, 10.0, 0.02)
    rng = np.random.default_rng(5)
    t_s = np.sort(rng.uniform(0.0, 400.0, 5000))
    whole = Athlete(plan, seed=3, unrest=unrest).force_n(t_s)
    shuffled = rng.permutation(len(t_s))
    assert np.array_equal(Athlete(plan, seed=3, unrest=unrest).force_n(t_s[shuffled]), whole[shuffled])
    for i in range(0, 5000, 250):
        assert np.array_equal(Athlete(plan, seed=3, unrest=unrest).force_n(t_s[i : i + 1]), whole[i : i + 1])
    assert not np.array_equal(Athlete(plan, seed=4, unrest=unrest).force_n(t_s), whole)


def test_endless_sets_are_clean_and_begin_soon():
    athlete = Athlete(seed=11)
    found = true_reps_until(athlete, 40 * 80.0)
    assert found[0].times.push_start_s < 10.2  # a still foot arms in 2 s, and is given 3
    assert found[0].times.touchdown_s < 16.5
    assert athlete.force_n(np.arange(0.0, 5.4, 0.01)).max() == 0.0
    counts = np.bincount([r.times.set for r in found])[1:]
    assert len(counts) == 40
    assert counts.min() >= 8
    assert counts.max() <= 12
    assert len(set(counts)) > 3
    for rep in (r.times for r in found):
        order = rep.push_start_s, rep.lift_off_s, rep.lockout_start_s, rep.lockout_end_s
        assert list(order) == sorted(order)
        assert rep.style == "dead_stop"
        assert rep.touchdown_s - rep.lockout_end_s > 1.0
        assert rep.lockout_start_s - rep.lift_off_s > 0.6
    ends = np.array([r.times.rest_s for r in found[:-1]])
    pauses = np.array([r.times.push_start_s for r in found[1:]]) - ends
    assert pauses.min() > 0.35
    assert {f for r in found for f in r.times.faults} == {"short_hold", "toe_drive"}
    assert {h.kind for h in athlete.happenings(0, 3200)} == {"step_on", "step_off"}


def true_reps_until(athlete, until_s):
    return list(athlete.reps(0.0, until_s))


def test_endless_sets_leave_the_plate_for_a_while():
    happenings = list(Athlete(seed=2).happenings(0.0, 30 * 80.0))
    off = [h.end_s for h in happenings if h.kind == "step_off"]
    on = [h.start_s for h in happenings if h.kind == "step_on"][1:]
    empty_s = np.array(on) - np.array(off[: len(on)])
    assert empty_s.mean() == pytest.approx(15.0, abs=3.0)
    assert empty_s.min() > 12.0


def test_any_moment_is_found_at_once_and_nothing_piles_up():
    athlete = Athlete(seed=1, unrest=Unrest(0.02, 10.0, 0.02))
    month_s = 30 * 86400.0
    athlete.force_n(np.arange(0.0, 100.0, 0.1))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for start_s in np.linspace(0.0, month_s, 200):
            athlete.force_n(start_s + np.arange(0.0, 10.0, 0.1))
        assert tracemalloc.get_traced_memory()[0] - before < 300_000
    finally:
        tracemalloc.stop()
    assert len(list(athlete.reps(month_s, month_s + 160.0))) >= 14


# --- movements that can't be


@pytest.mark.parametrize(
    ("movements", "says"),
    [
        ((Rep(),), "StepOn"),
        ((StepOn(), Rep(style="hover"), StepOff()), "to_floor"),
        ((StepOn(), Rep(style="touch"), AbortedPush()), "to_floor"),
        ((StepOff(),), "StepOn"),
        ((StepOn(), ObjectOn()), "StepOff"),
        ((StepOn(), Rep(up_s=0.0)), "more than 0 s"),
        ((StepOn(), heel_lift(replace(Rep(), hold_s=0.1, down_s=0.3), 2.0)), "longer"),
    ],
)
def test_movements_that_can_not_follow_are_refused(movements, says):
    with pytest.raises(ScriptError, match=says):
        Script(movements).timeline(0, Body())


def test_plans_are_values():
    assert EndlessSets(3) == EndlessSets(3)
    assert Script((Wait(2.0), StepOn(), Wait(1.0))).end_s == pytest.approx(3.5)
