"""Cross-talk undone on frames: a matrix product's numbers, the bytes of no cutting, nothing without it."""

from dataclasses import replace
from itertools import pairwise

import forces
import numpy as np
import pytest

from station.signal import calibration, pipeline
from station.signal.model import Params

UNMIX = (
    (1.01, -0.02, 0.011, -0.03),
    (0.03, 0.98, -0.015, 0.004),
    (-0.01, 0.021, 1.034, -0.024),
    (-0.03, 0.019, -0.03, 1.05),
)
MIXED = replace(forces.CALIBRATION, unmix=UNMIX)


def log() -> np.ndarray:
    force = forces.Force(forces.Person())
    force.rest(1.5)
    force.set([forces.Move(0.9, 0.6, 1.2, 0.5)] * 2)
    recorded = forces.record(force, forces.REAL, seed=9)
    t = (recorded["t_ns"] - forces.T0_NS) * 1e-9
    return recorded[~((recorded["cell"] == 2) & (t > 3.0) & (t < 3.4))]


LOG = log()


def fold(params: Params, cuts) -> list:
    state, frames = pipeline.initial(params), []
    for a, b in pairwise([0, *cuts, len(LOG)]):
        state, new, _ = pipeline.step(params, state, [LOG[a:b]])
        frames.append(new)
    _, new, _ = pipeline.finish(params, state)
    return [*frames, new]


def forces_n(frames) -> np.ndarray:
    return np.concatenate([f.force_n for f in frames])


def test_it_is_the_matrix_product() -> None:
    told = np.random.default_rng(1).normal(100, 50, (40, 4))
    assert calibration.unmixed(told, MIXED) == pytest.approx(told @ np.array(UNMIX).T, rel=1e-12)


def test_frames_are_those_of_the_gains_unmixed_and_the_whole_stays() -> None:
    plain, mixed = (fold(Params(c), []) for c in (forces.CALIBRATION, MIXED))
    told, seen = forces_n(plain), forces_n(mixed)
    known = ~np.isnan(told).any(axis=1)
    assert seen[known] == pytest.approx(told[known] @ np.array(UNMIX).T, rel=1e-12, abs=1e-9)
    columns = np.array(UNMIX).sum(axis=0)
    total = np.concatenate([f.total_n for f in mixed])
    assert total[known] == pytest.approx(told[known] @ columns, rel=1e-9)


def test_a_gap_of_one_cell_is_a_gap_of_all() -> None:
    told, seen = (forces_n(fold(Params(c), [])) for c in (forces.CALIBRATION, MIXED))
    gap = np.isnan(told[:, 2]) & ~np.isnan(told[:, 0])
    assert gap.any()
    assert np.isnan(seen[gap]).all()


def test_any_cutting_gives_the_same_bytes() -> None:
    rng = np.random.default_rng(4)
    whole = forces_n(fold(Params(MIXED), [])).tobytes()
    for n in (1, 5, 40, 300):
        cuts = np.sort(rng.choice(np.arange(1, len(LOG)), n, replace=False))
        assert forces_n(fold(Params(MIXED), cuts)).tobytes() == whole


def test_nothing_to_unmix_changes_no_bit() -> None:
    told = np.random.default_rng(1).normal(100, 50, (40, 4))
    assert calibration.unmixed(told, forces.CALIBRATION) is told


def test_a_new_zero_keeps_the_unmixing() -> None:
    from station.signal.model import Zero

    new = calibration.rezeroed(MIXED, Zero((1.0, 2.0, 3.0, 4.0)))
    assert new == replace(MIXED, zero_count=(1.0, 2.0, 3.0, 4.0))
