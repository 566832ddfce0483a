"""Hips that lift, or somebody who stands up on the plate, as heavy as they are.

Hips push more quickly, swing further between push and brake, hold less evenly, with a tremor, and are
mostly lighter: none of these is enough, all together mostly are. The weights are those of a logistic
regression over heavy first stretches of the benchmark's worlds (docs/EXPERIMENTS.md), made of ratios so
that none outvotes the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from station.signal.view import View

STANDING_RISE_N = 290.0  # above rest
# Log odds of a lift; of each sign the value that is as frequent in one as in the other, and its weight.
LIFT_ODDS = 1.5
PUSH_S, PUSH_ODDS, PUSH_LEAST_S = 0.25, -11.0, 0.15  # quicker ones are steps onto the plate as well
SWING, SWING_ODDS = 0.2, 4.3
UNEVENNESS, UNEVENNESS_ODDS = 0.05, 3.3
TREMOR, TREMOR_ODDS = 0.014, 9.0
RISE_N, RISE_ODDS = 450.0, -9.0
SURE_ODDS, SURE_HEAVIER_ODDS = 3.0, 6.0  # a lift; one far heavier than those of this bout
REPEATED_ODDS = 3.5  # ascents without a rest between: each further one is worth as much as one more alike
ALIKE_ODDS = 0.75  # of each other that is alike
ALIKE_ENOUGH = 4  # nobody stands up so often in a row


def as_heavy(view: View) -> bool:
    """Tell whether somebody may have stood up: most lifts are lighter."""
    return view.rise_n > STANDING_RISE_N


def odds(view: View) -> float:
    """Return the log odds that hips went up, against somebody who stood up."""
    come_on = max(view.push_s, PUSH_LEAST_S)  # nan where the load was on already
    push = PUSH_ODDS * _beyond(come_on, PUSH_S) if come_on == come_on else 0.0
    swing = SWING_ODDS * _beyond(view.swing, SWING)
    uneven = UNEVENNESS_ODDS * _beyond(view.unevenness, UNEVENNESS)
    trembling = TREMOR_ODDS * _beyond(view.tremor, TREMOR)
    light = RISE_ODDS * _beyond(view.rise_n, RISE_N)
    return LIFT_ODDS + push + swing + uneven + trembling + light


def repeated(view: View) -> bool:
    """Tell whether so many ascents followed each other that nobody only swayed."""
    return odds(view) + ALIKE_ODDS * (len(view.ascents) - 1) > REPEATED_ODDS


def surely_lifted(told: Sequence[float], *, heavier: bool) -> bool:
    """Tell whether two and more that are alike, with log odds as `told`, are lifts.

    heavier : far more than in the bout so far, so that others have to be surer
    """
    alike = len(told) - 1
    if alike < 1:
        return False
    if len(told) >= ALIKE_ENOUGH and not heavier:
        return True
    return sum(told) / len(told) + ALIKE_ODDS * alike > (SURE_HEAVIER_ODDS if heavier else SURE_ODDS)


def _beyond(value: float, middle: float) -> float:
    """Return about half the logarithm of a ratio, from -1 to 1: no logarithm is the same on every machine."""
    return (value - middle) / (value + middle)
