"""When a rep's six moments were, and its measures, against the independent generator."""

from dataclasses import replace

import forces
import numpy as np
import pytest

from station.signal import pipeline
from station.signal.model import BOUNDARIES, Params

PARAMS = Params(forces.CALIBRATION)


def errors(nuisance, seeds, params=PARAMS, shift_s=0.0, **manner):
    """Return boundary → signed errors in s, and the pairs (rep, truth)."""
    found = {name: [] for name in BOUNDARIES}
    pairs = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        force = forces.Force(forces.some_person(rng))
        force.rest(2.0)
        force.set(forces.some_moves(rng, 8, **manner))
        force.rest(2.0)
        log = forces.record(force, nuisance, seed)
        log["t_ns"] += round(shift_s * 1e9)
        reps = pipeline.run(params, [log]).reps
        assert len(reps) == 8
        for rep, true in zip(reps, force.reps, strict=True):
            pairs.append((rep, true))
            for name in BOUNDARIES:
                at_s = (getattr(rep, f"{name}_ns") - forces.T0_NS) * 1e-9
                found[name].append(at_s - getattr(true, name))
    return found, pairs


def mean_ms(values):
    return 1e3 * float(np.mean(np.abs(values)))


def test_clean_boundaries():
    found, pairs = errors(forces.CLEAN, range(20, 26))
    limits = {
        "push_start": 16,
        "lift_off": 15,
        "lockout_start": 20,
        "lockout_end": 50,
        "touchdown": 18,
        "rest": 15,
    }
    assert {n: mean_ms(e) for n, e in found.items() if mean_ms(e) > limits[n]} == {}
    shares = [abs(rep.measures.heel_share - true.heel_share) for rep, true in pairs]
    assert np.mean(shares) < 0.003


def test_boundaries_with_real_nuisances():
    found, pairs = errors(forces.REAL, range(20, 28))
    limits = {
        "push_start": 24,
        "lift_off": 22,
        "lockout_start": 28,
        "lockout_end": 60,
        "touchdown": 22,
        "rest": 28,
    }
    assert {n: mean_ms(e) for n, e in found.items() if mean_ms(e) > limits[n]} == {}
    shares = [abs(rep.measures.heel_share - true.heel_share) for rep, true in pairs]
    assert np.mean(shares) < 0.005


def test_boundaries_are_in_order():
    _, pairs = errors(forces.REAL, range(30, 33))
    for rep, _ in pairs:
        times = [getattr(rep, f"{name}_ns") for name in BOUNDARIES]
        assert times == sorted(times)


def test_the_filter_delay_is_taken_off():
    plain, _ = errors(forces.CLEAN, [1])
    late, _ = errors(forces.CLEAN, [1], Params(forces.CALIBRATION, filter_delay_s=0.025), shift_s=0.025)
    for name in BOUNDARIES:
        assert np.mean(late[name]) == pytest.approx(np.mean(plain[name]), abs=2e-3)


def test_measures_of_a_plain_rep():
    person = forces.Person(ratio=1.0, heel=0.7)
    move = forces.Move(up_s=1.2, hold_s=1.5, down_s=2.0)
    force = forces.Force(person)
    force.rest(2.0)
    force.set([move] * 3)
    force.rest(2.0)
    total, _, _ = force.curves()
    rep = pipeline.run(PARAMS, [forces.record(force, forces.NONE)]).reps[1]
    true = force.reps[1]
    lifted = total[round(true.lift_off * 1000) : round(true.touchdown * 1000)]
    assert rep.measures.peak_n == pytest.approx(lifted.max(), rel=0.01)
    assert rep.measures.mean_n == pytest.approx(lifted.mean(), rel=0.01)
    assert rep.measures.plateau_n == pytest.approx(person.bottom_n, rel=0.01)
    assert rep.measures.impulse_n_s == pytest.approx(lifted.sum() / 1000, rel=0.01)
    assert rep.measures.heel_share == pytest.approx(0.7, abs=0.002)
    assert rep.measures.valid_fraction == 1.0
    assert (rep.style, rep.confidence, rep.complete) == ("dead_stop", "measured", True)


def test_a_gap_shows_in_the_valid_fraction():
    force = forces.Force(forces.Person())
    force.rest(2.0)
    force.set([forces.Move()] * 3)
    force.rest(2.0)
    log = forces.record(force, forces.CLEAN)
    t = (log["t_ns"] - forces.T0_NS) * 1e-9
    middle = force.reps[1].lockout_start + 0.3
    log = log[(t < middle) | (t > middle + 0.4) | (log["cell"] != 1)]
    reps = pipeline.run(PARAMS, [log]).reps
    lifted_s = force.reps[1].touchdown - force.reps[1].lift_off
    assert reps[1].measures.valid_fraction == pytest.approx(1 - 0.4 / lifted_s, abs=0.02)
    assert reps[0].measures.valid_fraction == 1.0


def test_a_halt_on_the_way_up_is_not_the_lockout():
    late_s = []
    for seed in range(40, 46):
        rng = np.random.default_rng(seed)
        force = forces.Force(forces.some_person(rng))
        force.rest(2.0)
        moves = forces.some_moves(rng, 8, up=(0.9, 1.4))
        force.set([replace(m, sticking_s=0.4) if k in (4, 6) else m for k, m in enumerate(moves)])
        force.rest(2.0)
        reps = pipeline.run(PARAMS, [forces.record(force, forces.REAL, seed)]).reps
        assert len(reps) == 8
        found_s = [(rep.lockout_start_ns - forces.T0_NS) * 1e-9 for rep in reps]
        late_s += [found_s[k] - force.reps[k].lockout_start for k in (4, 6)]
    assert np.mean(np.array(late_s) > -0.3) >= 0.8  # the halt begins more than half a second before
    assert np.median(np.abs(late_s)) < 0.15
