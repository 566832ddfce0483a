"""Frames from free-running cells: straight lines, gaps, silence."""

import forces
import numpy as np
import pytest

from station.conversions import RECORD
from station.signal import pipeline
from station.signal.model import Params

PERIOD_NS = 10_000_000


def params(rate_hz=80.0, **more):
    return Params(forces.IMPORTED, nominal_rate_hz=rate_hz, **more)


def log_of(cells):
    """RECORD rows from (t_s, force_n) per cell, in the order of time."""
    parts = []
    for c, (t, f) in enumerate(cells):
        r = np.zeros(len(t), RECORD)
        r["t_ns"] = np.round(np.asarray(t) * 1e6).astype(np.int64) * 1000 + forces.T0_NS
        r["count"], r["cell"] = np.round(np.asarray(f) * 1e4), c
        parts.append(r)
    log = np.concatenate(parts)
    return log[np.argsort(log["t_ns"], kind="stable")]


def free_running(rates, force, seconds=3.0):
    """Each cell on its own clock, reading `force(t)`."""
    times = [np.arange(0.003 * (c + 1), seconds, 1 / rate) for c, rate in enumerate(rates)]
    return log_of([(t, force(t)) for t in times])


def test_frames_lie_on_the_absolute_grid_and_follow_a_straight_line():
    log = free_running([71, 79, 88, 94], lambda t: 10 + 20 * t)
    frames = pipeline.run(params(), [log]).frames
    assert np.all(frames.t_ns % PERIOD_NS == 0)
    assert np.all(np.diff(frames.t_ns) == PERIOD_NS)
    t = (frames.t_ns - forces.T0_NS) * 1e-9
    inside = ~np.isnan(frames.total_n)
    assert inside[5:-5].all()
    assert np.max(np.abs(frames.total_n[inside] - 4 * (10 + 20 * t[inside]))) < 1e-3


def test_no_skew_between_a_fast_and_a_slow_chip_on_an_edge():
    def edge(t):
        return 20 + 80 * np.clip((t - 1.0) / 0.35, 0, 1)

    frames = pipeline.run(params(), [free_running([70, 94, 70, 94], edge)]).frames
    t = (frames.t_ns - forces.T0_NS) * 1e-9
    on_edge = (t > 1.03) & (t < 1.32)
    assert np.max(np.abs(frames.force_n[on_edge] - edge(t[on_edge])[:, None])) < 0.01


@pytest.mark.parametrize("rate", [10, 80, 320, 1000])
def test_a_gap_is_nan_and_one_lost_conversion_is_not(rate):
    t = np.arange(0, 6, 1 / rate) - 3e-6 / rate  # no frame lies on a conversion
    flat = np.full(len(t), 30.0)
    whole = np.ones(len(t), bool)
    one, several = whole.copy(), whole.copy()
    one[3 * rate] = False
    several[3 * rate - 1 : 3 * rate + 1] = False
    for keep, gap in ((one, False), (several, True)):
        log = log_of([(t[keep], flat[keep])] + [(t, flat)] * 3)
        frames = pipeline.run(params(rate), [log]).frames
        near = np.abs((frames.t_ns - forces.T0_NS) * 1e-9 - 3.0) < max(2 / rate, 0.02)
        assert np.isnan(frames.total_n[near]).any() == gap
        assert not np.isnan(frames.force_n[10:-20, 1:]).any()


def test_irregular_stamps_are_no_gaps():
    rng = np.random.default_rng(1)
    t = np.cumsum(rng.uniform(0.001, 0.7, 200))
    frames = pipeline.run(params(3.0), [log_of([(t, np.full(200, 40.0))] * 4)]).frames
    inner = frames.total_n[(frames.t_ns - forces.T0_NS) * 1e-9 > t[40]]
    assert np.isnan(inner).mean() < 0.02
    assert np.nanmax(np.abs(inner - 160.0)) < 1e-6


def test_a_silent_cell_does_not_stall_the_frames():
    t = np.arange(0, 6, 1 / 80)
    cells = [(t, np.full(len(t), 50.0))] * 3 + [
        (t[(t < 2) | (t > 4)], np.full(np.sum((t < 2) | (t > 4)), 50.0))
    ]
    log = log_of(cells)
    state = pipeline.initial(params())
    behind = []
    for k in range(0, len(log), 3):
        state, frames, _ = pipeline.step(params(), state, [log[k : k + 3]])
        if len(frames):
            behind.append((log["t_ns"][min(k + 2, len(log) - 1)] - frames.t_ns[-1]) * 1e-9)
        at_s = (log["t_ns"][k] - forces.T0_NS) * 1e-9
        if 2.2 < at_s < 3.9:
            assert pipeline.live(params(), state).silent == (False, False, False, True)
    assert max(behind[5:]) < 0.09
    assert np.median(behind) < 0.03
    frames = pipeline.run(params(), [log]).frames
    at_s = (frames.t_ns - forces.T0_NS) * 1e-9
    assert np.isnan(frames.force_n[(at_s > 2.02) & (at_s < 3.98), 3]).all()
    assert not np.isnan(frames.force_n[(at_s > 2.02) & (at_s < 3.98), :3]).any()
    assert not np.isnan(frames.force_n[(at_s > 4.05) & (at_s < 5.9)]).any()


def test_a_cell_that_never_speaks_does_not_stall_the_frames():
    t = np.arange(0, 3, 1 / 80)
    frames = pipeline.run(params(), [log_of([(t, t * 0 + 50.0)] * 3 + [(t[:0], t[:0])])]).frames
    assert len(frames) > 290
    assert np.isnan(frames.total_n).all()


def test_a_long_hole_is_left_out():
    t = np.concatenate((np.arange(0, 2, 1 / 80), np.arange(4000, 4002, 1 / 80)))
    frames = pipeline.run(params(), [log_of([(t, t * 0 + 50.0)] * 4)]).frames
    assert len(frames) < 500
    assert np.all(frames.t_ns % PERIOD_NS == 0)
    assert np.all(np.diff(frames.t_ns) > 0)


def test_time_that_runs_backwards_is_left_out():
    t = np.arange(0, 3, 1 / 80)
    log = log_of([(t, t * 0 + 50.0)] * 4)
    log["t_ns"][300:310] -= 1_000_000_000
    frames = pipeline.run(params(), [log]).frames
    assert np.all(np.diff(frames.t_ns) == PERIOD_NS)
    assert np.nanmax(np.abs(frames.total_n - 200.0)) < 1e-6
