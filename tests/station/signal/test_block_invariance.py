"""The law of the core: a log cut into any blocks gives the same bytes."""

import pickle
from itertools import pairwise

import forces
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.signal import pipeline
from station.signal.model import Params, SetEnd, SetStart, Zero

PARAMS = Params(forces.CALIBRATION, filter_delay_s=0.02)


def recording() -> np.ndarray:
    """Two styles, gaps, spikes, a cell that falls silent, and everything stops for a while."""
    force = forces.Force(forces.Person(heel=0.6))
    force.rest(1.5)
    force.set([forces.Move(0.9, 0.6, 1.2, 0.5), forces.Move(0.9, 0.6, 1.2, 0.5, style="touch", unload=0.5)])
    force.rest(1.0)
    force.set([forces.Move(0.9, 0.6, 1.2, style="hover"), forces.Move(0.9, 0.6, 1.2)])
    force.rest(1.5)
    log = forces.record(force, forces.HARSH, seed=5)
    t = (log["t_ns"] - forces.T0_NS) * 1e-9
    silent = (log["cell"] == 2) & (t > 9.0) & (t < 10.2)
    log = log[~silent & ~((t > 4.0) & (t < 4.3))]
    t = (log["t_ns"] - forces.T0_NS) * 1e-9
    log["t_ns"][t > 14.0] += 25_000_000_000
    log["status"][::97] = 2
    log["kind"][::131] = 1
    return log


LOG = recording()
MARKS = [
    (0, SetStart()),
    (700, SetEnd()),
    (1500, Zero(tuple(z + 300.0 for z in forces.ZERO))),
    (2400, SetStart()),
]


def folded(cuts, marks=MARKS):
    """Fold LOG cut at `cuts`; the marks stay at their places."""
    places = sorted({0, len(LOG), *(c % len(LOG) for c in cuts), *(at for at, _ in marks)})
    state = pipeline.initial(PARAMS)
    frames, events, lives = [], [], []
    for a, b in pairwise(places):
        block = [mark for at, mark in marks if at == a] + [LOG[a:b]]
        state, new, happened = pipeline.step(PARAMS, state, block)
        frames.append(new)
        events += happened
        lives.append(pipeline.live(PARAMS, state))
    state, new, happened = pipeline.finish(PARAMS, state)
    frames.append(new)
    whole = b"".join(
        np.concatenate([getattr(f, name) for f in frames]).tobytes()
        for name in ("t_ns", "force_n", "total_n", "heel_share")
    )
    return whole, repr(events + happened), repr(lives[-1])


WHOLE = folded([])


def test_the_recording_is_worth_cutting():
    assert WHOLE[1].count("RepClosed") >= 3


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, len(LOG) - 1), max_size=60))
def test_any_cutting_gives_the_same_bytes(cuts):
    assert folded(cuts) == WHOLE


@pytest.mark.parametrize("length", [1, 7, 8, 333])
def test_even_cuttings_give_the_same_bytes(length):
    assert folded(range(0, len(LOG), length)) == WHOLE


def test_step_leaves_the_state_as_it_was():
    state = pipeline.initial(PARAMS)
    for a in range(0, 2000, 250):
        before = pickle.dumps(state)
        new, _, _ = pipeline.step(PARAMS, state, [LOG[a : a + 250]])
        assert pickle.dumps(state) == before
        state = new


def test_a_state_that_was_put_away_goes_on_the_same():
    state, _, _ = pipeline.step(PARAMS, pipeline.initial(PARAMS), [LOG[:1300]])
    again = pickle.loads(pickle.dumps(state))  # noqa: S301 (it is our own)
    a, b = pipeline.step(PARAMS, state, [LOG[1300:]]), pipeline.step(PARAMS, again, [LOG[1300:]])
    assert repr(a[2]) == repr(b[2])
    assert a[1].total_n.tobytes() == b[1].total_n.tobytes()


def test_the_state_stays_small():
    force = forces.Force(forces.Person())
    for _ in range(12):
        force.rest(2.0)
        force.set([forces.Move()] * 6)
    log = forces.record(force, forces.REAL, seed=3)
    state, _, _ = pipeline.step(PARAMS, pipeline.initial(PARAMS), [log])
    assert len(pickle.dumps(state)) < 300_000
