"""The mock ADC: its chips, its truth, and every nuisance against its number."""

import json
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.athlete import Athlete
from hardware.mock import MockAdc, simulate
from hardware.nuisances import HARSH, NONE, PRESETS, REAL, Nuisances
from hardware.script import ObjectOn, Rep, Script, StepOff, StepOn, Wait, reps
from station.conversions import COUNT_MAX, Kind, Status

S = 1_000_000_000
EMPTY = Athlete(Script((Wait(1.0),)))
SET = Athlete(Script((Wait(2.0), StepOn(), Wait(2.0), *reps(10), StepOff(), Wait(2.0))))


def forces(source, records, cell):
    """Time (s) and force (N) of one cell, by the calibration that the source brings."""
    own, calibration = records[records["cell"] == cell], source.info.calibration
    count = own["count"].astype(float)
    force = (count - calibration.zero_count[cell]) * calibration.newtons_per_count[cell]
    return (own["t_ns"] - source.epoch_ns) / S, force


# --- chips


def test_every_chip_has_a_rate_and_a_phase_of_its_own():
    rates = []
    for seed in range(25):
        records, _ = simulate(20.0, MockAdc(EMPTY, NONE, seed))
        for cell in range(4):
            t_ns = records["t_ns"][records["cell"] == cell]
            rates.append((len(t_ns) - 1) / (t_ns[-1] - t_ns[0]) * S)
    assert min(rates) >= 70.0
    assert max(rates) <= 94.0
    assert np.ptp(rates) > 20.0
    assert np.ptp(np.reshape(rates, (-1, 4)), axis=1).min() > 0.5


@pytest.mark.parametrize("rate_hz", [10.0, 80.0, 320.0])
def test_other_rates(rate_hz):
    source = MockAdc(EMPTY, HARSH, rate_hz=rate_hz)
    records, _ = simulate(30.0, source)
    assert source.info.nominal_rate_hz == rate_hz
    for cell in range(4):
        t_ns = records["t_ns"][records["cell"] == cell]
        assert 0.8 * rate_hz < len(t_ns) / 30.0 < 1.2 * rate_hz
        assert np.diff(t_ns).min() > 0


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_records_keep_the_contract(preset):
    epoch_ns = 123_456_789_012_345  # a host that has been up for a while, not on a whole µs
    source = MockAdc(SET, PRESETS[preset], epoch_ns=epoch_ns, start_ns=epoch_ns + 5 * S)
    records = source.poll(epoch_ns + 25 * S)
    assert records["t_ns"].min() >= epoch_ns + 5 * S
    assert records["t_ns"].max() <= epoch_ns + 25 * S
    assert not (records["t_ns"] % 1000).any()
    assert (np.diff(records["t_ns"]) >= 0).all()
    assert (records["kind"] == Kind.CONVERSION).all()
    assert set(records["cell"]) == {0, 1, 2, 3}
    assert not records["seq"].any()
    for cell in range(4):
        assert (np.diff(records["t_ns"][records["cell"] == cell]) > 0).all()
    assert source.info.simulated


def test_data_are_late_by_two_conversions():
    source = MockAdc(SET, NONE)
    records, _ = simulate(40.0, source)
    for cell in range(4):
        t_s, force = forces(source, records, cell)
        period_s = np.diff(t_s).mean()
        delays = np.arange(1.0, 3.01, 0.1)
        error = [np.abs(force - SET.force_n(t_s - d * period_s)[:, cell]).mean() for d in delays]
        assert delays[np.argmin(error)] == pytest.approx(2.0, abs=0.051)
        assert min(error) < 0.2


def test_a_jump_settles_in_four_conversions():
    jump = Athlete(Script((Wait(5.0), ObjectOn(200.0, 5.0))))
    source = MockAdc(jump, NONE)
    records, _ = simulate(9.0, source)
    t_s, force = forces(source, records, 0)
    period_s = np.diff(t_s).mean()
    assert force[t_s < 5.0] == pytest.approx(0.0, abs=0.01)
    # The jump itself takes 0.2 s; four conversions later nothing of it is left.
    assert force[t_s > 5.2 + 4 * period_s] == pytest.approx(50.0, abs=0.01)
    assert abs(force[t_s < 5.2 + 2 * period_s][-1] - 50.0) > 0.2


def test_calibration_is_true_but_for_its_residual():
    load = Athlete(Script((Wait(0.1), ObjectOn(400.0, 60.0))))
    for seed in range(12):
        source = MockAdc(load, NONE, seed)
        cells = [forces(source, simulate(5.0, MockAdc(load, NONE, seed))[0], c)[1][-1] for c in range(4)]
        assert cells == pytest.approx([100.0] * 4, abs=0.002)
        zeros = np.array(source.info.calibration.zero_count)
        assert np.abs(zeros).max() <= 0.1 * 50 * 43_000
    errors = []
    for seed in range(12):
        rough = Nuisances(gain_error=0.015, zero_error_n=3.0)
        source = MockAdc(load, rough, seed)
        records, _ = simulate(5.0, source)
        errors += [forces(source, records, cell)[1][-1] - 100.0 for cell in range(4)]
    assert 1.0 < np.std(errors) < 3.0
    assert np.abs(errors).max() <= 3.0 * 1.015 + 1.5 + 0.01


def test_more_than_a_chip_can_tell_is_saturated():
    source = MockAdc(Athlete(Script((Wait(1.0), ObjectOn(9000.0, 9.0)))), NONE)
    records, _ = simulate(5.0, source)
    late = records[records["t_ns"] > 2 * S]
    assert (late["count"] == COUNT_MAX).all()
    assert (late["status"] == Status.SATURATED).all()
    assert (records["status"][records["t_ns"] < S] == Status.OK).all()


def test_pins_and_polls_are_under_the_same_athlete():
    source = MockAdc(SET, replace(REAL, noise_n=0.0, spike_share=0.0, late_s=0.0))
    records = source.poll(30 * S)
    for record in records[1000::997]:
        count = source.count_at(int(record["cell"]), int(record["t_ns"]))
        # Stamps are whole µs, and pins interpolate: 20 counts are 5 mN.
        assert count == pytest.approx(int(record["count"]), abs=20)
    noisy = MockAdc(SET, REAL)
    some_ns = [int(t) for t in np.random.default_rng(2).integers(0, 60 * S, 50)]
    asked = {t: noisy.count_at(2, t) for t in some_ns}
    again = MockAdc(SET, REAL)
    assert [again.count_at(2, t) for t in reversed(some_ns)] == list(asked.values())[::-1]
    counts = [noisy.count_at(2, t) for t in range(S, S + 10**8, 10**5)]
    assert 0.02 < np.std(counts) / 4383 < 0.08


# --- the same whatever is asked for, and when


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 30 * S), max_size=60), st.sampled_from(sorted(PRESETS)))
def test_results_do_not_depend_on_how_polls_cut_time(cuts, preset):
    whole = MockAdc(None, PRESETS[preset], 5).poll(30 * S)
    source = MockAdc(None, PRESETS[preset], 5)
    parts = [source.poll(t) for t in [*sorted(cuts), 30 * S]]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_a_cut_on_a_stamp_gives_that_conversion_once():
    whole = MockAdc(None, REAL, 5).poll(3 * S)
    source = MockAdc(None, REAL, 5)
    parts = [source.poll(int(t_ns)) for t_ns in whole["t_ns"]]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_a_poll_backwards_gives_nothing():
    source = MockAdc()
    assert len(source.poll(S)) > 0
    assert len(source.poll(S)) == 0
    assert len(source.poll(S // 2)) == 0
    assert source.next_poll_ns(S) > S


def test_a_restart_goes_on_in_the_middle_of_the_set():
    epoch_ns = 77 * S
    through = MockAdc(None, HARSH, 9, epoch_ns=epoch_ns).poll(epoch_ns + 200 * S)
    again = MockAdc(None, HARSH, 9, epoch_ns=epoch_ns, start_ns=epoch_ns + 111 * S + 3)
    after = again.poll(epoch_ns + 200 * S)
    assert len(after) > 25_000
    assert after.tobytes() == through[through["t_ns"] >= again.start_ns].tobytes()
    other = MockAdc(None, HARSH, 10, epoch_ns=epoch_ns).poll(epoch_ns + 200 * S)
    assert other.tobytes() != through.tobytes()


# --- truth


def test_truth_is_told_once_in_order_and_in_plain_json():
    epoch_ns = 5 * S
    source = MockAdc(None, REAL, 3, epoch_ns=epoch_ns)
    whole = source.truth(epoch_ns + 300 * S)
    rng = np.random.default_rng(1)
    cuts = [*np.sort(rng.integers(epoch_ns, epoch_ns + 300 * S, 400)).tolist(), epoch_ns + 300 * S]
    told = [rep for t in cuts for rep in source.poll_truth(t)]
    assert json.loads(json.dumps(told)) == whole
    assert [r["touchdown_ns"] for r in whole] == sorted(r["touchdown_ns"] for r in whole)
    assert len({(r["set"], r["rep"]) for r in whole}) == len(whole) >= 24
    assert all(r["rest_ns"] <= epoch_ns + 300 * S for r in whole)
    later = MockAdc(None, REAL, 3, epoch_ns=epoch_ns, start_ns=epoch_ns + 100 * S)
    assert later.truth(epoch_ns + 300 * S) == [r for r in whole if r["rest_ns"] >= later.start_ns]


def test_truth_is_on_the_clock_of_the_records_without_delay():
    epoch_ns = 1000 * S
    source = MockAdc(SET, NONE, epoch_ns=epoch_ns)
    records, truth = simulate(70.0, source)
    assert len(truth) == 10
    t_s, heel = forces(source, records, 0)
    delay_s = 2 * np.diff(t_s).mean()
    quiet = heel[(t_s > 3.6) & (t_s < 4.4)].mean()
    for rep in truth:
        push_s, touch_s = ((rep[k] - epoch_ns) / S for k in ("push_start_ns", "touchdown_ns"))
        # Half of the way from rest to the lift is done in the middle of the load's way.
        near = (t_s > push_s - 0.1) & (t_s < push_s + 0.5)
        top = heel[(t_s > touch_s - 0.2) & (t_s < touch_s)].mean()
        half = np.interp(0.5 * (quiet + top), heel[near][:24], t_s[near][:24]) - delay_s
        assert half == pytest.approx(push_s + 0.175, abs=0.03)
    # Leaving and returning: no rep, but told.
    kinds = [h["kind"] for h in source.happenings(epoch_ns + 70 * S)]
    assert kinds == ["step_on", "step_off"]
    assert source.happenings(epoch_ns + 70 * S)[0]["start_ns"] == epoch_ns + 2 * S


# --- nuisances, one at a time


def test_noise():
    for rms_n in (0.01, 0.4):
        source = MockAdc(EMPTY, Nuisances(noise_n=rms_n))
        records, _ = simulate(100.0, source)
        for cell in range(4):
            noise = forces(source, records, cell)[1]
            assert noise.std() == pytest.approx(rms_n, rel=0.04)
            assert abs(noise.mean()) < 4 * rms_n / 80
            assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 0.05


def test_hum_folds_down_to_where_each_chip_puts_it():
    seen = []
    for hum_hz in (50.0, 60.0):
        source = MockAdc(EMPTY, Nuisances(hum_n=100.0, hum_hz=hum_hz))
        records, _ = simulate(60.0, source)
        for cell, chip in enumerate(source.chips):
            force = forces(source, records, cell)[1]
            power = np.abs(np.fft.rfft(force * np.hanning(len(force))))
            rate_hz = 1 / chip.period_s
            found_hz = np.fft.rfftfreq(len(force), chip.period_s)[np.argmax(power)]
            assert found_hz == pytest.approx(abs(hum_hz - rate_hz * round(hum_hz / rate_hz)), abs=0.05)
            # A mean over four conversions leaves at most 1 / (π · hum · 4 periods) of it.
            assert force.std() * np.sqrt(2) <= 100.0 / (np.pi * hum_hz * 4 * chip.period_s) + 0.1
            seen.append(found_hz)
    assert np.ptp(seen) > 5.0


def test_spikes_are_corrupted_words_with_status_ok():
    words = {2**k - 1 for k in range(15, 24)} | {-1}  # 2^24 − 1 as a signed word
    clean, spiked = (simulate(200.0, MockAdc(SET, n))[0] for n in (NONE, Nuisances(spike_share=0.03)))
    struck = clean["count"] != spiked["count"]
    assert struck.mean() == pytest.approx(0.03, rel=0.1)
    assert set(spiked["count"][struck].tolist()) == words
    assert (spiked["status"] == Status.OK).all()


def test_single_gaps():
    whole = simulate(600.0, MockAdc(EMPTY, NONE))[0]
    kept = simulate(600.0, MockAdc(EMPTY, Nuisances(gap_share=0.005)))[0]
    assert 1 - len(kept) / len(whole) == pytest.approx(0.005, rel=0.15)
    assert np.isin(kept["t_ns"], whole["t_ns"]).all()


def test_bursts():
    source = MockAdc(EMPTY, Nuisances(bursts_per_min=6.0))
    records, _ = simulate(3600.0, source)
    lengths, starts, across = [], [], 0
    for cell, chip in enumerate(source.chips):
        t_s = records["t_ns"][records["cell"] == cell] / S
        lost = np.rint(np.diff(t_s) / chip.period_s).astype(int) - 1
        lengths += lost[lost > 0].tolist()
        starts.append(t_s[:-1][lost > 0])
        across += (np.floor(t_s[1:] / 10.0) > np.floor(t_s[:-1] / 10.0))[lost > 0].sum()
    assert min(lengths) >= 3  # the first or last of a burst may lie on its edge
    assert max(lengths) <= 25
    # Of 360 bursts a fifth strikes all cells at once, the others one.
    assert len(lengths) == pytest.approx(360 * (4 * 0.2 + 0.8), rel=0.15)
    assert np.mean(lengths) == pytest.approx(14.0, abs=1.0)
    together = [t for t in starts[0] if all(np.abs(s - t).min() < 0.05 for s in starts[1:])]
    assert len(together) == pytest.approx(72, abs=25)
    # They know nothing of the slots of 10 s in which they are drawn.
    mean_s = np.mean([14.0 * chip.period_s for chip in source.chips])
    assert across == pytest.approx(len(lengths) * mean_s / 10.0, rel=0.7)


def test_creep():
    load = Athlete(Script((Wait(5.0), ObjectOn(800.0, 2000.0))))
    source = MockAdc(load, Nuisances(creep_share=0.003), rate_hz=10.0)
    records, _ = simulate(800.0, source)
    for cell in range(4):
        t_s, force = forces(source, records, cell)
        for after_s in (20.0, 150.0, 600.0):
            crept = force[t_s < 5.1 + after_s][-1] - 200.0
            assert crept == pytest.approx(200.0 * 0.003 * (1 - np.exp(-after_s / 150.0)), rel=0.03)


def test_drift_is_slow_bounded_and_each_cells_own():
    source = MockAdc(EMPTY, Nuisances(drift_n_per_min=1.5), rate_hz=1.0)
    records, _ = simulate(4 * 3600.0, source)
    slopes = []
    for cell in range(4):
        t_s, force = forces(source, records, cell)
        slopes.append(np.abs(np.gradient(force, t_s) * 60.0).max())
        assert np.abs(force).max() < 25.0
        assert force[0] == pytest.approx(0.0, abs=0.1)
    assert slopes == pytest.approx([1.5] * 4, rel=0.02)
    again = [forces(source, records, cell)[1][3000] for cell in range(4)]
    assert len(np.unique(np.round(again, 3))) == 4


def test_late_stamps_stay_within_their_bound():
    exact = simulate(60.0, MockAdc(EMPTY, NONE))[0]
    late = simulate(60.0, MockAdc(EMPTY, Nuisances(late_s=0.002)))[0]
    for cell in range(4):
        a, b = (r["t_ns"][r["cell"] == cell] for r in (exact, late))
        by_s = (b - a[: len(b)]) / S
        assert by_s.min() >= 0.0
        assert by_s.max() <= 0.002
        assert by_s.mean() == pytest.approx(0.001, rel=0.1)


def test_presets_are_within_the_published_ranges():
    for preset in (REAL, HARSH):
        assert 0.01 <= preset.noise_n <= 0.4
        assert 0.001 <= preset.gap_share <= 0.005
        assert 0.001 <= preset.creep_share <= 0.003
        assert 0.3 <= preset.drift_n_per_min <= 1.5
        assert 0.005 <= preset.gain_error <= 0.015
        assert 0.012 <= preset.unrest.wander_cv <= 0.025
        assert 8 <= preset.unrest.bracing_n <= 18
    assert 0.01 <= HARSH.spike_share <= 0.05
    assert not any(
        value for name, value in vars(NONE).items() if name not in ("slowest", "fastest", "hum_hz", "unrest")
    )


# --- cost


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.long
def test_a_day_in_bounded_time_and_memory():
    source = MockAdc(None, REAL, rate_hz=1.0)  # slow chips: it is the athlete's day that counts
    began, resident = time.process_time(), []
    for hour in range(1, 10):  # a gym's working day
        assert len(source.poll(hour * 3600 * S)) > 12_000
        resident.append(resident_bytes())
    assert resident[-1] - resident[2] < 8_000_000
    evening = MockAdc(None, REAL, start_ns=23 * 3600 * S)
    assert 300 < len(evening.truth(24 * 3600 * S)) < 600
    assert time.process_time() - began < 30


def test_an_hour_takes_seconds():
    began = time.process_time()
    records, truth = simulate(600.0)
    assert len(records) > 150_000
    assert len(truth) > 60
    assert time.process_time() - began < 5.0  # half a second here


def test_rep_can_be_scripted_by_hand():
    one = Athlete(Script((Wait(1.0), StepOn(), Wait(1.0), Rep(up_s=1.5), StepOff())))
    _, truth = simulate(12.0, MockAdc(one, REAL))
    (rep,) = truth
    assert rep["lockout_start_ns"] - rep["lift_off_ns"] == pytest.approx(1.5 * S, abs=2)
    assert rep["push_start_ns"] == pytest.approx(2.5 * S, abs=2)
