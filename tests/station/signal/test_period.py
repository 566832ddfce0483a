"""From one rep to the next: periods that are known beforehand, and a regression done by hand."""

import numpy as np
import pytest

from station.signal.period import LONGEST, SHORTEST, TIMES, period


def coming_back(steps, n, noise, seed):
    """Return something that comes back after so many steps, and the noise around it."""
    rng = np.random.default_rng(seed)
    t = 2.0 * np.pi * np.arange(n) / steps
    sizes = 0.06, *rng.uniform(0.0, 0.03, 2)
    waves = [size * np.sin(k * t + rng.uniform(0.0, 7.0)) for k, size in enumerate(sizes, 1)]
    return sum(waves) + rng.normal(0.0, noise, n)


@pytest.mark.parametrize("steps", [26, 33, 47, 71])
@pytest.mark.parametrize("times", [2.2, 3.5, 5.0])
@pytest.mark.parametrize("seed", range(5))
def test_what_comes_back_is_found_after_so_many_steps(steps, times, seed):
    found = period(coming_back(steps, round(times * steps), 0.01, seed))
    assert found is not None
    assert abs(found.steps - steps) <= 1


def test_a_touch_that_comes_back_beside_a_landing_is_found():
    x = np.zeros(200)
    x[::40], x[1::40], x[41] = -0.6, -0.5, 1.4  # one of them as hard as no other
    found = period(x)
    assert found is not None
    assert found.steps == 40


@pytest.mark.parametrize("seed", range(5))
def test_its_evidence_is_that_of_a_regression_on_the_force_a_period_before(seed):
    x = coming_back(40, 200, 0.02, seed)
    found = period(x)
    assert found is not None
    earlier, later = x[: -found.steps], x[found.steps :]
    slope, at_zero = np.polyfit(earlier, later, 1)
    left = ((later - slope * earlier - at_zero) ** 2).sum() / ((later - later.mean()) ** 2).sum()
    assert found.evidence == pytest.approx(-0.5 * len(later) * np.log(left), rel=0.05)


@pytest.mark.parametrize("n", [0, 1, 10, int(SHORTEST * TIMES), 50, 60, 240, 437])
def test_noise_has_hardly_a_period_and_a_level_none(n):
    assert period(np.full(n, 0.1)) is None
    found = [period(np.random.default_rng(seed).normal(0.0, 0.03, n)) for seed in range(40)]
    assert max((one.evidence for one in found if one is not None), default=0.0) < 10.0
    assert all(one.steps <= min(LONGEST, n / TIMES) for one in found if one is not None)


def test_what_came_twice_and_hardly_more_is_no_period_yet():
    x = coming_back(40, 82, 0.0, 1)
    assert period(x[:81]) is None
    assert period(x) is not None
