"""What is said of a set, by hand."""

import pytest

from station.signal.model import BOUNDARIES, Measures, Rep
from station.signal.series import series

SECOND = 1_000_000_000


def rep(start_s, up_s=1.0, hold_s=1.5, down_s=2.0, heel=0.6, *, complete=True, half_s=0.02):
    at = [start_s - 0.3, start_s, start_s + up_s, start_s + up_s + hold_s]
    at += [start_s + up_s + hold_s + down_s, start_s + up_s + hold_s + down_s + 0.3]
    times = {f"{name}_ns": round(t * SECOND) for name, t in zip(BOUNDARIES, at, strict=True)}
    return Rep(
        id=1, style="dead_stop", confidence="measured", measures=Measures(heel_share=heel),
        complete=complete, uncertainty_s=dict.fromkeys(BOUNDARIES, half_s), **times,
    )  # fmt: skip


def test_sums_and_medians():
    found = series([rep(0.0, 1.0), rep(7.0, 1.2), rep(14.0, 1.7)])
    assert found.reps == 3
    assert found.time_under_tension_s == pytest.approx(4.5 + 4.7 + 5.2)
    assert (found.up_s, found.hold_s, found.down_s) == pytest.approx((1.2, 1.5, 2.0))
    assert found.ascent_slowing is None
    assert found.rhythm_cv is None


def test_shares_are_averaged_over_reps_that_have_one():
    found = series([rep(0.0, heel=0.5), rep(7.0, heel=None), rep(14.0, heel=0.7)])
    assert found.heel_share == pytest.approx(0.6)
    assert found.heel_share_spread == pytest.approx(0.02**0.5)


def test_slowing_compares_the_thirds():
    found = series([rep(7.0 * k, up) for k, up in enumerate((1.0, 1.2, 1.3, 1.3, 1.4, 1.8))])
    assert found.ascent_slowing == pytest.approx(1.6 / 1.1 - 1)


def test_slowing_needs_lockouts_that_are_known():
    reps = [rep(7.0 * k, half_s=0.02 if k else None) for k in range(6)]
    assert series(reps).ascent_slowing is None


def test_rhythm_is_the_spread_of_periods():
    found = series([rep(start) for start in (0.0, 6.0, 12.0, 18.0, 26.0)])
    assert found.rhythm_cv == pytest.approx(1.0 / 6.5)  # 6, 6, 6, 8 s


def test_a_rep_cut_by_the_edge_does_not_count():
    assert series([rep(0.0, complete=False)]).reps == 0
    assert series([]).time_under_tension_s is None
