"""The door: statuses, marks, the live view."""

import forces
import numpy as np
import pytest

from station.conversions import COUNT_MAX, COUNT_MIN, Kind, Status
from station.signal import pipeline
from station.signal.model import Params, RepClosed, RepCounted, SetEnd, SetStart, Zero

PARAMS = Params(forces.CALIBRATION)


def set_of(n=3, nuisance=forces.CLEAN):
    force = forces.Force(forces.Person(heel=0.7, rest_heel=0.5))
    force.rest(2.0)
    force.set([forces.Move()] * n)
    force.rest(2.0)
    return force, forces.record(force, nuisance, 4)


def until(log, seconds):
    return log[log["t_ns"] < forces.T0_NS + seconds * 1e9]


def live_at(log, seconds, params=PARAMS, marks=()):
    state, _, _ = pipeline.step(params, pipeline.initial(params), [*marks, until(log, seconds)])
    return pipeline.live(params, state)


def test_nothing_at_all():
    result = pipeline.run(PARAMS, [])
    assert len(result.frames) == 0
    assert result.frames.force_n.shape == (0, 4)
    assert result.events == []
    live = pipeline.live(PARAMS, pipeline.initial(PARAMS))
    assert (live.t_ns, live.phase, live.total_n, live.quiet_zero_count) == (None, "off", None, None)


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.OK])
def test_only_good_conversions_carry_force(status):
    _, log = set_of()
    bad = log.copy()
    bad["count"] += 400_000
    bad["t_ns"] -= 3_000_000
    bad["status"] = status
    both = np.concatenate((log, bad))
    both = both[np.argsort(both["t_ns"], kind="stable")]
    assert_same(both, log)


def test_other_kinds_carry_no_force():
    _, log = set_of()
    other = log.copy()
    other["kind"], other["count"] = Kind.FAULT, 3
    other["t_ns"] -= 1000
    assert_same(np.sort(np.concatenate((log, other)), order="t_ns", kind="stable"), log)


@pytest.mark.parametrize("end_stop", [COUNT_MAX, COUNT_MIN])
def test_a_saturated_cell_is_a_gap(end_stop):
    _, log = set_of()
    at = (log["t_ns"] - forces.T0_NS) * 1e-9
    log["count"][(log["cell"] == 2) & (at > 1.0) & (at < 1.5)] = end_stop
    frames = pipeline.run(PARAMS, [log]).frames
    at = (frames.t_ns - forces.T0_NS) * 1e-9
    assert np.isnan(frames.force_n[(at > 1.02) & (at < 1.48), 2]).all()


def assert_same(one, other):
    a, b = pipeline.run(PARAMS, [one]), pipeline.run(PARAMS, [other])
    n = min(len(a.frames), len(b.frames))
    assert np.array_equal(a.frames.total_n[:n], b.frames.total_n[:n], equal_nan=True)
    assert [e.rep.touchdown_ns for e in a.events if isinstance(e, RepClosed)] == [
        e.rep.touchdown_ns for e in b.events if isinstance(e, RepClosed)
    ]


def test_heel_share_is_blank_below_the_load_floor():
    force = forces.Force(forces.Person(rest_n=20.0, rest_heel=0.5))
    force.rest(2.0)
    force.glide(0.2, 20.0, 90.0, share=0.8)
    force.add(2.0, 90.0, 0.8)
    frames = pipeline.run(PARAMS, [forces.record(force, forces.NONE)]).frames
    at = (frames.t_ns - forces.T0_NS) * 1e-9
    assert np.isnan(frames.heel_share[at < 1.9]).all()
    assert frames.heel_share[(at > 2.3) & (at < 4.0)] == pytest.approx(0.8, abs=1e-3)


def test_a_zero_mark_moves_the_force_from_there_on():
    force = forces.Force(forces.Person())
    force.rest(4.0)
    log = forces.record(force, forces.NONE)
    k = len(until(log, 2.0))
    lower = Zero(tuple(z - 10.0 / g for z, g in zip(forces.ZERO, forces.N_PER_COUNT, strict=True)))
    frames = pipeline.run(PARAMS, [log[:k], lower, log[k:]]).frames
    at = (frames.t_ns - forces.T0_NS) * 1e-9
    assert frames.total_n[(at > 0.1) & (at < 1.9)] == pytest.approx(80.0, abs=0.01)
    assert frames.total_n[at > 2.1] == pytest.approx(120.0, abs=0.01)


def test_marks_may_come_at_any_moment():
    force, log = set_of(3)
    middle = len(until(log, force.reps[1].lockout_start))
    result = pipeline.run(PARAMS, [SetStart(), log[:middle], SetEnd(), SetStart(), log[middle:]])
    assert sum(isinstance(e, RepCounted) for e in result.events) == 3


def test_the_count_starts_anew_with_a_set():
    force, log = set_of(3)
    k = len(until(log, force.reps[1].rest))
    state, _, _ = pipeline.step(PARAMS, pipeline.initial(PARAMS), [SetStart(), log[:k]])
    assert pipeline.live(PARAMS, state).counted == 2
    state, _, _ = pipeline.step(PARAMS, state, [SetEnd()])
    assert pipeline.live(PARAMS, state).counted == 0
    state, _, _ = pipeline.step(PARAMS, state, [SetStart(), log[k:]])
    assert pipeline.live(PARAMS, state).counted == 1


def test_live_phases_follow_the_lift():
    force, log = set_of(2)
    rep = force.reps[1]
    assert live_at(log, 1.5).phase == "rest"
    assert live_at(log, rep.push_start + 0.25).phase == "push"
    assert live_at(log, rep.lift_off + 0.4).phase == "up"
    assert live_at(log, rep.lockout_end).phase == "hold"
    assert live_at(log, rep.rest + 0.3).phase == "rest"


def test_live_numbers():
    force, log = set_of(2)
    live = live_at(log, force.reps[0].lockout_end)
    assert live.total_n == pytest.approx(force.person.level_n(1.0), rel=0.02)
    assert live.heel_share == pytest.approx(0.7, abs=0.02)
    assert sum(live.force_n) == pytest.approx(live.total_n)
    assert live.silent == (False,) * 4
    assert forces.T0_NS + force.reps[0].lockout_end * 1e9 - live.t_ns < 50e6


def test_quiet_zero_is_the_mean_count_of_an_unmoved_plate():
    force = forces.Force(forces.Person(rest_n=0.0))
    force.add(3.0, 0.0, 0.5, 0.0)
    force.glide(0.4, 0.0, 80.0)
    force.rest(0.5)
    log = forces.record(force, forces.Nuisance(noise_n=0.1, wander=0.0, brace_n=0.0), 3)
    assert live_at(log, 0.5).quiet_zero_count is None
    assert live_at(log, 2.5).quiet_zero_count == pytest.approx(forces.ZERO, abs=150)
    assert live_at(log, 3.6).quiet_zero_count is None
