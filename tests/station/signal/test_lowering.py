"""When the ring takes a hold for over, tick by tick."""

import pytest
from ticks import LEVEL_N, TICK_HZ, seen

from station.signal.lowering import Lowering


def held(hold_s: float, down_s: float | None = 2.0) -> Lowering:
    """Hips that stay at the top with a body's own wander."""
    shares = (1.0, 1.03, 0.98, 1.02, 0.97)
    return seen(Lowering(TICK_HZ, down_s), *(shares[k % 5] for k in range(round(hold_s * TICK_HZ))))


def test_a_hold_with_a_twitch_goes_on():
    top = seen(held(1.0), 1.1, 1.12, 1.08, 1.0, 0.99)
    assert top.gone is None
    assert top.level_n == pytest.approx(LEVEL_N, rel=0.02)


@pytest.mark.parametrize("down_s", [1.2, 2.0])
def test_a_brake_that_lasts_is_the_middle_of_the_way_down(down_s):
    down = seen(held(2.0, down_s), 1.04, 1.07, 1.09, 1.1, 1.1, 1.1)
    assert down.gone is not None
    assert down.gone * down.held / TICK_HZ == pytest.approx(0.45 * down_s, abs=0.05)


def test_the_way_down_never_began_before_the_hold():
    down = seen(held(0.2), *(1.2,) * 5)
    assert down.gone == 1.0


def test_force_that_is_back_soon_was_no_way_down():
    back = seen(held(2.0), *(1.1,) * 6, *(1.0,) * 11)
    assert not back.at_top
    again = seen(back, 1.0)
    assert again.at_top
    assert not again.turned


def test_force_that_is_back_after_the_usual_time_has_turned_in_the_air():
    turned = seen(held(2.0), *(1.1,) * 35, *(0.8,) * 8, *(1.0,) * 12)
    assert turned.at_top
    assert turned.turned
