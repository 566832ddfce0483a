"""When the ring takes an ascent for over, tick by tick."""

import pytest
from ticks import TICK_HZ, seen

from station.signal.ascending import Ascending


def halted(halt_s: float) -> Ascending:
    """An ascent that usually takes 1.2 s, has pushed and braked within 0.5 s, and stands still since."""
    pushed = seen(Ascending(TICK_HZ, 1.2), *(1.08, 1.14, 1.14, 1.1, 1.04), *(0.96, 0.9, 0.88, 0.9, 0.94))
    return seen(pushed, *(1.0,) * round(halt_s * TICK_HZ))


@pytest.mark.parametrize("halt_s", [0.2, 0.4, 0.56])
def test_a_halt_on_the_way_is_no_lockout(halt_s):
    halt = halted(halt_s)
    assert not halt.over
    again = seen(halt, 1.04, 1.08, 1.1, 1.1, 1.06, 1.0, 0.94, 0.9, 0.88)
    assert not again.over
    assert seen(again, 0.94, 1.0, 1.0, 1.0).over


def test_a_stop_that_lasts_is_one():
    assert halted(0.8).over
