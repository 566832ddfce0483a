"""The measures of a rep against formulas worked out by hand on forces drawn by hand."""

import forces
import numpy as np
import pytest

from station.signal.boundaries import Boundaries
from station.signal.measures import measured
from station.signal.model import BOUNDARIES, COURSE_PARTS, Params, Plate

HZ = 100
# push 0.5–0.8 s, up 0.8–2.0, hold 2.0–3.5, down 3.5–5.0, unloading 5.0–5.3


def places(push=50.0, end=350.0, rest=530.0, onset_s=0.02):
    half_s = {**dict.fromkeys(BOUNDARIES, 0.02), "push_start": onset_s}
    return Boundaries(push, 80.0, 200.0, end, 500.0, rest, half_s)


AT = places()
PARAMS = Params(forces.CALIBRATION, plate=Plate(heel_spacing_mm=200.0, toe_spacing_mm=160.0))


def total_n():
    """Return a trapezoid: 80 N at rest, 280 N off the floor."""
    t = np.arange(600) / HZ
    return 80 + 200 * (np.clip((t - 0.5) / 0.3, 0, 1) - np.clip((t - 5.0) / 0.3, 0, 1))


def cells(total, heel=0.6, heel_right=0.5, toe_right=0.5):
    heel_n, toe_n = total * heel, total * (1 - heel)
    columns = heel_n * (1 - heel_right), heel_n * heel_right, toe_n * (1 - toe_right), toe_n * toe_right
    return np.stack(np.broadcast_arrays(*columns), axis=1)


def test_levels_of_a_trapezoid():
    found = measured(cells(total_n()), AT, PARAMS, from_rest=True)
    assert found.peak_n == pytest.approx(280)
    assert found.mean_n == pytest.approx(280)
    assert found.plateau_n == pytest.approx(280)
    assert found.impulse_n_s == pytest.approx(280 * 4.2)
    assert found.overshoot == pytest.approx(0, abs=1e-12)
    assert found.steadiness == pytest.approx(0, abs=1e-12)
    assert found.heel_share == pytest.approx(0.6)
    assert found.heel_share_course == pytest.approx([0.6] * COURSE_PARTS)
    assert found.valid_fraction == 1.0
    assert found.heel_lift_s == found.toe_lift_s == 0.0


def test_overshoot_is_a_mean_of_50_ms():
    total = total_n()
    total[100:105] += 70.0
    total[150] += 200.0  # a single frame is not
    assert measured(cells(total), AT, PARAMS, from_rest=True).overshoot == pytest.approx(70 / 280)


def test_rates_of_force():
    found = measured(cells(total_n()), AT, PARAMS, from_rest=True)
    slope = 200 / 0.3
    assert found.rfd_0_200_n_per_s == pytest.approx(slope)
    assert found.rfd_0_250_n_per_s == pytest.approx(slope)
    assert found.landing_n_per_s == pytest.approx(slope)
    later = measured(cells(total_n()), places(push=40.0), PARAMS, from_rest=True)
    assert later.rfd_0_200_n_per_s == pytest.approx(slope * 0.1 / 0.2)
    assert later.rfd_0_250_n_per_s == pytest.approx(slope * 0.15 / 0.25)


@pytest.mark.parametrize(
    ("at", "params"),
    [
        (AT, Params(forces.CALIBRATION, nominal_rate_hz=10.0)),
        (places(onset_s=None), PARAMS),
        (places(onset_s=0.08), PARAMS),
        (places(push=None), PARAMS),
    ],
)
def test_no_rate_of_rise_is_told_where_the_data_do_not_carry_it(at, params):
    found = measured(cells(total_n()), at, params, from_rest=True)
    assert found.rfd_0_200_n_per_s is None
    assert found.rfd_0_250_n_per_s is None
    assert found.peak_n == pytest.approx(280)


def test_no_rate_of_rise_is_told_of_a_rep_that_did_not_begin_at_rest():
    found = measured(cells(total_n()), AT, PARAMS, from_rest=False)
    assert found.rfd_0_200_n_per_s is None
    assert found.landing_n_per_s is not None


def test_no_rate_of_rise_across_a_gap_and_none_of_fall_without_a_landing():
    force = cells(total_n())
    force[72, 2] = np.nan  # 0.22 s behind the onset
    found = measured(force, AT, PARAMS, from_rest=True)
    assert found.rfd_0_200_n_per_s == pytest.approx(200 / 0.3)
    assert found.rfd_0_250_n_per_s is None
    hover = places(push=None, rest=None)
    assert measured(cells(total_n()), hover, PARAMS, from_rest=True).landing_n_per_s is None


def test_heel_share_is_weighted_by_force_and_its_course_is_not_smeared():
    total, heel = total_n(), np.full(600, 0.4)
    total[80:140] = 420.0
    heel[80:140] = 0.8
    found = measured(cells(total, heel), AT, PARAMS, from_rest=True)
    frames = np.arange(80, 351)
    assert found.heel_share == pytest.approx((total * heel)[frames].sum() / total[frames].sum())
    tenth = 42  # frames
    assert found.heel_share_course[0] == pytest.approx(0.8)
    mixed = (420 * 0.8 * (60 - tenth) + 280 * 0.4 * (2 * tenth - 60)) / (
        420 * (60 - tenth) + 280 * (2 * tenth - 60)
    )
    assert found.heel_share_course[1] == pytest.approx(mixed)
    assert found.heel_share_course[2:] == pytest.approx([0.4] * 8)


def test_heel_and_toe_lift_are_the_longest_times():
    heel = np.full(600, 0.6)
    heel[100:130] = 0.03  # 0.3 s
    heel[300:320] = 0.0
    heel[400:445] = 0.97  # 0.45 s
    heel[520:580] = 0.0  # on the floor: not counted
    found = measured(cells(total_n(), heel), AT, PARAMS, from_rest=True)
    assert found.heel_lift_s == pytest.approx(0.30)
    assert found.toe_lift_s == pytest.approx(0.45)


def test_side_to_side_is_in_mm_of_the_plate():
    found = measured(cells(total_n(), 0.6, heel_right=0.7, toe_right=0.4), AT, PARAMS, from_rest=True)
    assert found.cop_ml_mm == pytest.approx(0.6 * (0.7 - 0.3) * 100 + 0.4 * (0.4 - 0.6) * 80)
    assert found.sway_ml_mm == pytest.approx(0, abs=1e-12)
    wave = 0.5 + 0.1 * np.sin(2 * np.pi * np.arange(600) / 50)  # three periods in the hold
    swaying = measured(cells(total_n(), 1.0, heel_right=wave), AT, PARAMS, from_rest=True)
    assert swaying.sway_ml_mm == pytest.approx(20 / np.sqrt(2), rel=0.01)


def test_steadiness_leaves_a_slope_out():
    total = total_n()
    total[200:351] += np.linspace(-20, 20, 151)
    assert measured(cells(total), AT, PARAMS, from_rest=True).steadiness == pytest.approx(0, abs=1e-9)
    noise = np.random.default_rng(3).normal(0, 5.0, 151)
    total[200:351] += noise
    line = np.polyval(np.polyfit(np.arange(151), total[200:351], 1), np.arange(151))
    expected = np.std(total[200:351] - line) / np.median(total[200:351])
    assert measured(cells(total), AT, PARAMS, from_rest=True).steadiness == pytest.approx(expected)


def test_front_to_back_sway_is_a_spread_of_shares():
    heel = 0.6 + 0.02 * np.sin(2 * np.pi * np.arange(600) / 50)
    found = measured(cells(total_n(), heel), AT, PARAMS, from_rest=True)
    assert found.heel_share_sd == pytest.approx(0.02 / np.sqrt(2), rel=0.01)


def test_a_short_hold_has_no_spread_and_a_light_foot_no_share():
    short = places(end=215.0)
    found = measured(cells(total_n()), short, PARAMS, from_rest=True)
    assert found.steadiness is None
    assert found.sway_ml_mm is None
    assert found.heel_share_sd is None
    light = measured(cells(total_n() / 14), AT, PARAMS, from_rest=True)  # 20 N: below the floor of 30
    assert light.heel_share is None
    assert light.cop_ml_mm is None
    assert light.heel_share_course == (None,) * COURSE_PARTS
    assert light.peak_n == pytest.approx(20)


def test_frames_that_are_missing_are_left_out_not_filled():
    force = cells(total_n())
    force[100:140] = np.nan
    found = measured(force, AT, PARAMS, from_rest=True)
    assert found.valid_fraction == pytest.approx(1 - 40 / 421)
    assert found.mean_n == pytest.approx(280)
    force[100:400] = np.nan
    gone = measured(force, AT, PARAMS, from_rest=True)
    assert gone.peak_n is None
    assert gone.valid_fraction == pytest.approx(121 / 421)
