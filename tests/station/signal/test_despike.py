"""Spikes go, edges stay."""

import forces
import numpy as np
import pytest

from station.signal import pipeline
from station.signal.despike import Held, despike, last_ones
from station.signal.model import Params

K = 2.5e-4


def kept(force_n, rate_hz=80.0):
    """Return which conversions of one cell are kept."""
    t = (np.arange(len(force_n)) * 1e9 / rate_hz).astype(np.int64) + 1000
    count = np.round(np.asarray(force_n) / K).astype(np.int64)
    held, at, _, _ = despike(Held(), t, count, K)
    return np.isin(t, np.concatenate((at, last_ones(held, K)[0])))


def test_nothing_is_dropped_from_a_quiet_cell():
    rng = np.random.default_rng(1)
    assert kept(60 + 0.4 * rng.standard_normal(500)).all()


@pytest.mark.parametrize("size_n", [-400, -80, -25, -13, 13, 20, 40, 80, 400, 2000])
def test_a_spike_goes_alone(size_n):
    force = np.full(50, 60.0)
    force[20] += size_n
    assert np.flatnonzero(~kept(force)).tolist() == [20]


def test_two_different_spikes_in_a_row_go():
    force = np.full(50, 60.0)
    force[20:22] += (900.0, 300.0)
    assert np.flatnonzero(~kept(force)).tolist() == [20, 21]


def test_a_small_spike_beside_a_large_one_goes_too():
    force = np.full(50, 54.0)
    force[20:22] = 22.4, 1054.6
    force[30:32] = -900.0, 14.2
    assert np.flatnonzero(~kept(force)).tolist() == [20, 21, 30, 31]


@pytest.mark.parametrize("size_n", [-77, 55])
def test_a_pair_of_equal_spikes_smaller_than_a_landing_goes(size_n):
    force = np.full(60, 60.0)
    force[20:22] += size_n
    assert np.flatnonzero(~kept(force)).tolist() == [20, 21]


@pytest.mark.parametrize("length", [2, 3, 4])
@pytest.mark.parametrize("size_n", [-300, 120, 500, 2000])
def test_a_burst_of_equal_spikes_goes(length, size_n):
    force = np.full(60, 60.0)
    force[20 : 20 + length] += size_n
    assert np.flatnonzero(~kept(force)).tolist() == list(range(20, 20 + length))


def test_a_jump_that_lasts_is_no_burst():
    force = np.full(60, 60.0)
    force[20:] += 400.0
    assert kept(force).all()


def test_a_burst_is_judged_alike_however_the_blocks_are_cut():
    rng = np.random.default_rng(4)
    force = 60 + 0.3 * rng.standard_normal(400)
    for at in rng.integers(5, 390, 25):
        force[at : at + rng.integers(1, 5)] += rng.choice([-200.0, 90.0, 700.0])
    t = np.arange(400) * 12_500_000 + 1000
    count = np.round(force / K).astype(np.int64)
    _, whole, _, _ = despike(Held(), t, count, K)
    held, parts = Held(), []
    for cut in np.split(np.arange(400), np.sort(rng.integers(1, 400, 90))):
        held, at, _, _ = despike(held, t[cut], count[cut], K)
        parts.append(at)
    assert np.concatenate(parts).tolist() == whole.tolist()


@pytest.mark.parametrize("rate_hz", [10.0, 80.0, 320.0])
@pytest.mark.parametrize("ramp_s", [0.0, 0.05, 0.2, 0.35])
def test_a_true_edge_stays(rate_hz, ramp_s):
    t = np.arange(0, 4, 1 / rate_hz)
    rise = np.clip((t - 1.003) / ramp_s, 0, 1) if ramp_s else (t > 1.003) * 1.0
    fall = np.clip((t - 2.503) / ramp_s, 0, 1) if ramp_s else (t > 2.503) * 1.0
    assert kept(20 + 130 * (rise - fall), rate_hz).all()


@pytest.mark.parametrize("rate_hz", [70.0, 94.0, 320.0])
def test_a_hard_landing_stays(rate_hz):
    for phase in np.linspace(0, 1, 7):
        t = np.arange(0, 3, 1 / rate_hz) + phase / rate_hz
        landing = np.where((t > 1) & (t < 1.08), 100 * np.sin(np.pi * (t - 1) / 0.08), 0.0)
        assert kept(70 + landing, rate_hz).all()


@pytest.mark.parametrize("rate_hz", [10.0, 70.0, 94.0, 320.0])
def test_a_soft_bump_and_a_tremor_stay(rate_hz):
    t = np.arange(0, 6, 1 / rate_hz)
    bump = 40 * np.exp(-(((t - 2) / 0.06) ** 2))
    tremor = np.where(t > 4, 8 * np.sin(2 * np.pi * 9 * t), 0.0)
    assert kept(70 + bump + tremor, rate_hz).all()


def test_words_of_all_ones_go_even_when_they_are_near():
    force = np.full(60, 0.0)
    count = np.round(force / K).astype(np.int64) + 60_000
    count[10], count[30:32] = (1 << 16) - 1, (1 << 16) - 1  # 1.4 N away, and one within 3 N is left
    count[40:42] = (1 << 17) - 1
    t = np.arange(60) * 12_500_000 + 1000
    _, at, _, _ = despike(Held(), t, count, K)
    dropped = np.flatnonzero(~np.isin(t[:-1], at))
    assert dropped.tolist() == [40, 41]


def test_spikes_do_not_reach_the_frames():
    force = forces.Force(forces.Person())
    force.rest(1.0)
    force.set([forces.Move()] * 2)
    force.rest(1.0)
    total, share = forces.disturb(force, forces.CLEAN, np.random.default_rng(1))
    dirty = forces.Nuisance(noise_n=0.05, spikes=0.02)
    log = forces.records(total, share, dirty, np.random.default_rng(2))
    frames = pipeline.run(Params(forces.CALIBRATION), [log]).frames
    at = np.round((frames.t_ns - forces.T0_NS) * 1e-6).astype(int)
    fine = (at >= 0) & (at < len(total)) & ~np.isnan(frames.total_n)
    wrong = np.abs(frames.total_n[fine] - total[at[fine]])
    assert np.mean(wrong > 12.0) < 0.002
