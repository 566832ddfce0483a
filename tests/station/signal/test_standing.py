"""Hips that lift, or somebody who stands up: signs by hand, and curves of the independent generator."""

from dataclasses import replace

import forces
import numpy as np
import pytest
from test_judging import stretch

from station.signal import pipeline
from station.signal.model import Params
from station.signal.standing import as_heavy, odds, repeated, surely_lifted

PARAMS = Params(forces.CALIBRATION)


def shaking(level_n=530.0, push_s=0.25, swing=0.2, bend=0.014, sway=0.05, ascents=1):
    """Return a heavy stretch that swings by `swing` of its level at first, and then bends step by step."""
    z = 0.5 * bend * np.resize([0.0, 0.0, 1.0, 1.0], 200)  # each second difference is half of `bend`
    z[0], z[1] = -swing / 2, swing / 2
    return replace(stretch(level_n=level_n, push_s=push_s, sway=sway, ascents=ascents), z=2.0 * z)


def test_the_signs_of_hips_and_of_standing_weigh_as_much_where_each_is_as_frequent():
    view = shaking()
    view = replace(view, z=view.z * 0.0)
    # No swing and no tremor at all: 1.5 - 4.3 - 9.0, and a push and a sway as often of one as of the other.
    assert odds(view) == pytest.approx(1.5 - 4.3 - 9.0, abs=0.01)
    # Twice and half of the usual value are a third of the weight apart from it.
    assert odds(replace(view, push_s=0.5)) == pytest.approx(odds(view) - 11.0 / 3.0)
    assert odds(replace(view, push_s=float("nan"))) == pytest.approx(odds(view))  # the load was on


@pytest.mark.parametrize(
    ("sign", "hips", "standing"),
    [
        ("push_s", 0.18, 0.4),
        ("swing", 0.4, 0.1),
        ("bend", 0.03, 0.006),
        ("sway", 0.1, 0.025),
        ("level_n", 420.0, 780.0),
    ],
)
def test_each_sign_speaks_for_hips_or_for_standing(sign, hips, standing):
    assert odds(shaking(**{sign: hips})) > odds(shaking()) + 0.5
    assert odds(shaking(**{sign: standing})) < odds(shaking()) - 0.5


def test_a_step_onto_the_plate_is_as_quick_as_the_quickest_push():
    assert odds(shaking(push_s=0.15)) == odds(shaking(push_s=0.08))


def test_only_what_is_heavy_may_be_somebody_who_stands():
    assert as_heavy(stretch(base_n=80.0, level_n=380.0))
    assert not as_heavy(stretch(base_n=80.0, level_n=360.0))


@pytest.mark.parametrize(
    ("told", "heavier", "lifted"),
    [
        ([9.0], False, False),  # others have to be alike
        ([2.5, 2.2], False, True),
        ([1.7, 1.7], False, False),
        ([1.7, 1.7, 1.7], False, True),
        ([-6.0] * 3, False, False),
        ([-6.0] * 4, False, True),  # nobody stands up so often in a row
        ([-6.0] * 4, True, False),  # but between lighter lifts somebody may
        ([4.0, 4.0], True, False),
        ([5.5, 5.3], True, True),
    ],
)
def test_how_many_alike_are_lifts(told, heavier, lifted):
    assert surely_lifted(told, heavier=heavier) == lifted


def test_the_more_ascents_the_less_each_has_to_show():
    unsure = shaking(bend=0.011)
    assert -0.5 < odds(unsure) < 2.0
    assert [repeated(shaking(bend=0.011, ascents=k)) for k in (2, 3, 6)] == [False, False, True]


def shift_about(force, rng):
    """Stand up on the plate with the whole weight, sway, and shift it once to the other foot."""
    top, seconds = 9.81 * force.person.mass_kg * rng.uniform(0.95, 1.0), rng.uniform(4.0, 8.0)
    slow, quick, dip, at_s = rng.random(), rng.random(), rng.uniform(0.1, 0.25), rng.uniform(0.5, seconds - 1)

    def sway(x):
        t = seconds * x
        waves = 0.04 * np.sin(2 * np.pi * (0.35 * t + slow)) + 0.03 * np.sin(2 * np.pi * (0.8 * t + quick))
        return top * (1 + waves - dip * np.exp(-(((t - at_s) / 0.25) ** 2)))

    force.glide(rng.uniform(0.6, 0.9), force.person.rest_n, top)
    force.add(seconds, sway, 0.5, 0.0)
    force.glide(0.6, top, force.person.rest_n)


def stand_still(force, rng):
    """Stand with most of the weight on the plate."""
    force.stand(rng.uniform(2, 6), False, rng.uniform(0.75, 1.0))


@pytest.mark.parametrize(
    ("stand", "rest_s", "people"), [(stand_still, (2.0, 4.0), 6), (shift_about, (1.5, 3.0), 20)]
)
def test_somebody_who_stands_up_again_and_again_does_no_reps(stand, rest_s, people):
    for seed in range(people):
        rng = np.random.default_rng(seed)
        force = forces.Force(forces.some_person(rng))
        force.rest(3.0)
        for _ in range(3):
            stand(force, rng)
            force.rest(rng.uniform(*rest_s))
        result = pipeline.run(PARAMS, [forces.record(force, forces.REAL, seed)])
        assert [rep for rep in result.reps if rep.complete] == [], seed
