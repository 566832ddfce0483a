"""The simulated athlete of the station, whose truth was written by somebody else."""

import numpy as np
import pytest

from hardware.athlete import Athlete
from hardware.mock import MockAdc, simulate
from hardware.nuisances import PRESETS
from station.signal import pipeline
from station.signal.model import BOUNDARIES, Params, RepCounted, RepWithdrawn


@pytest.mark.parametrize("preset", ["none", "real"])
def test_sets_without_end_are_counted_and_timed(preset):
    late, wrong = [], {name: [] for name in BOUNDARIES}
    for seed in range(40, 43):
        source = MockAdc(Athlete(seed=seed), PRESETS[preset], seed)
        log, truth = simulate(150.0, source)
        info = source.info
        params = Params(info.calibration, info.nominal_rate_hz, filter_delay_s=info.filter_delay_s)
        result = pipeline.run(params, [log])
        reps = [rep for rep in result.reps if rep.complete]
        assert len(reps) == len(truth)
        assert not any(isinstance(e, RepWithdrawn) for e in result.events)
        said = {e.id: e.decided_ns for e in result.events if isinstance(e, RepCounted)}
        for rep, true in zip(reps, truth, strict=True):
            late.append((said[rep.id] - true["touchdown_ns"]) * 1e-9)
            for name in BOUNDARIES:
                if true[f"{name}_ns"] is not None and getattr(rep, f"{name}_ns") is not None:
                    wrong[name].append((getattr(rep, f"{name}_ns") - true[f"{name}_ns"]) * 1e-6)
            assert rep.measures.heel_share == pytest.approx(true["heel_share"], abs=0.02)
    assert np.percentile(late, 95) < 0.25
    limits_ms = {
        "push_start": 45,
        "lift_off": 45,
        "lockout_start": 40,
        "lockout_end": 70,
        "touchdown": 45,
        "rest": 45,
    }
    off = {name: np.mean(np.abs(e)) for name, e in wrong.items()}
    assert {name: ms for name, ms in off.items() if ms > limits_ms[name]} == {}
