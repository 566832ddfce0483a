"""Hips that are let go: two falls of the force are one descent."""

import numpy as np
import pytest

from hardware.athlete import Athlete
from hardware.body import Body
from hardware.mock import MockAdc, simulate
from hardware.nuisances import REAL
from hardware.script import Rep, Script, StepOn, Wait, dropped
from station.signal import pipeline
from station.signal.landing import landed
from station.signal.model import Params

HZ = 100.0


def drawn(*corners):
    """Return a force drawn with straight lines between (s, N)."""
    at, force_n = zip(*corners, strict=True)
    return np.interp(np.arange(at[-1] * HZ) / HZ, at, force_n)


LET_GO = (0.0, 280.0), (3.0, 280.0), (3.06, 90.0), (3.26, 90.0), (3.34, 520.0), (3.46, 80.0), (6.0, 80.0)


def test_a_landing_is_where_the_force_comes_back_for_a_moment():
    for fall in (303.0, 342.0):  # the first may have been seen live, or the second
        found = landed(drawn(*LET_GO), fall, 80.0, 280.0)
        assert found.let_go / HZ == pytest.approx(2.98, abs=0.03)
        assert found.earliest / HZ <= 3.26 < 3.34 <= found.latest / HZ < 3.42
        assert found.rest / HZ == pytest.approx(3.45, abs=0.02)


@pytest.mark.parametrize(
    "behind",
    [
        ((3.4, 80.0),),  # a touchdown
        ((3.4, 80.0), (3.5, 80.0), (3.8, 300.0), (6.0, 270.0)),  # the next rep, after a short rest
        ((3.4, 80.0), (3.5, 80.0), (3.6, 220.0), (3.7, 80.0)),  # a foot that presses
        ((3.06, 235.0), (3.2, 420.0), (3.3, 80.0)),  # a hard landing, but no fall before it
        ((3.4, 330.0), (3.46, 200.0), (3.52, 460.0), (3.6, 80.0)),  # one behind a braked descent
        ((3.06, 90.0), (3.9, 90.0), (4.0, 520.0), (4.1, 80.0)),  # nobody falls for so long
    ],
)
def test_what_is_no_landing(behind):
    assert (
        landed(drawn((0.0, 280.0), (3.0, 280.0), *behind, (7.0, behind[-1][1])), 303.0, 80.0, 280.0) is None
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_dropped_rep_ends_where_the_hips_land(seed):
    rng = np.random.default_rng(seed)
    rep = Rep(up_s=1.1, hold_s=float(rng.uniform(0.5, 1.5)), down_s=1.8, rest_s=float(rng.uniform(0.8, 2.0)))
    fall = dropped(rep, float(rng.uniform(0.4, 0.5)))
    script = Script((Wait(2.0), StepOn(), Wait(3.0), rep, fall, rep, fall, rep, Wait(4.0)))
    body = Body(mass_kg=float(rng.uniform(55, 100)))
    source = MockAdc(Athlete(script, body, seed=seed), REAL, seed)
    log, truth = simulate(script.end_s + 1.0, source)
    info = source.info
    result = pipeline.run(
        Params(info.calibration, info.nominal_rate_hz, filter_delay_s=info.filter_delay_s), [log]
    )
    assert len(result.reps) == len(truth) == 5
    for found, true in list(zip(result.reps, truth, strict=True))[1::2]:
        for name in ("lockout_start", "lockout_end", "touchdown", "rest"):
            off_s = (getattr(found, f"{name}_ns") - true[f"{name}_ns"]) * 1e-9
            assert abs(off_s) < found.uncertainty_s[name] < 0.25, name
        assert found.measures.peak_n == pytest.approx(true["peak_n"], rel=0.05)  # not that of the landing
