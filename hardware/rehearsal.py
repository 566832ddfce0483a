"""A simulated first person with a plate: does what the checklist asks for, when it asks.

Nothing is planned ahead, so that the command can be tried, and tested, at anybody's pace.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hardware.athlete import Athlete
from hardware.body import Body
from hardware.mock import NS, MockAdc
from hardware.nuisances import REAL, Nuisances
from hardware.script import Movement, Pen, Rep, StepOff, StepOn, Wait, reps
from hardware.timeline import Jolt, Style, Timeline

LEAD_S = 0.5  # so long after it was asked for it begins: nothing of it was given out before
GRAVITY = 9.80665
PUT_S = 0.3
# What lies there does not sway, and the simulated athlete's sway is of whatever is on the plate.
CALM = replace(REAL, unrest=replace(REAL.unrest, sway_share=0.0))
TAP_N, TAP_S = 60.0, 0.05
N_REPS = 5
SIDEWAYS = 0.9  # of a press on a corner, to its own cell
# What is left of it where: heel's and left side's share.
CORNERS = {
    "heel_left": (1.0, SIDEWAYS),
    "heel_right": (1.0, 1 - SIDEWAYS),
    "toe_left": (0.0, SIDEWAYS),
    "toe_right": (0.0, 1 - SIDEWAYS),
}
SPOTS = {"heel": 1.0, "toe": 0.0, "middle": 0.5}
LIFTS: dict[str, tuple[Style, Rep]] = {
    "dead_stop": ("dead_stop", Rep(rest_s=1.0)),
    "touch": ("touch", Rep(style="touch", rest_s=0.1)),
    "hover": ("hover", Rep(style="hover", rest_s=0.1)),
}


@dataclass(frozen=True)
class Load:
    """Something lies on the plate from now on, instead of what lay there before; 0 N takes it away."""

    weight_n: float
    heel: float = 0.5
    left: float = 0.5

    def write(self, pen: Pen) -> None:
        """Take away what lies there, wait, put this down."""
        if pen.value("object_n") > 0:
            pen.move("object_n", 0.0, PUT_S)
            pen.now_s += PUT_S + 1.0
        if self.weight_n > 0:
            pen.move("heel", self.heel, 0.01)
            pen.move("left", self.left, 0.01)
            pen.move("object_n", self.weight_n, PUT_S)
            pen.now_s += PUT_S


@dataclass(frozen=True)
class Tap:
    """A finger's knock."""

    def write(self, pen: Pen) -> None:
        """Knock."""
        pen.jolts.append(Jolt(pen.now_s, TAP_N, TAP_S))
        pen.now_s += TAP_S


@dataclass
class _Growing:
    """A plan that is gone on with."""

    pen: Pen
    written: Timeline
    stretch_s: float = field(default=float("inf"), init=False)

    def timeline(self, _index: int, _body: Body) -> Timeline:
        return self.written


class Rehearsal:
    """The person, and the mock ADC under the plate.

    Parameters
    ----------
    seed : of chips and nuisances
    epoch_ns : the time of the plate's beginning, on the data clock
    rate_hz : what the chips are set to
    lead_s : how long after it was asked for something begins, s of data time

    """

    def __init__(
        self,
        seed: int = 7,
        *,
        epoch_ns: int = 0,
        rate_hz: float = 80.0,
        nuisances: Nuisances = CALM,
        lead_s: float = LEAD_S,
    ) -> None:
        pen = Pen(Body())
        self._plan = _Growing(pen, pen.timeline())
        self._lead_s = lead_s
        self.mock = MockAdc(
            Athlete(self._plan, seed=seed), nuisances, seed, epoch_ns=epoch_ns, rate_hz=rate_hz
        )

    def do(self, word: str, what: str, mass_kg: float, now_ns: int) -> tuple[float, str]:
        """Begin what was asked for; return how many data seconds it takes, and what it is.

        A press and a mass stay until something else is asked for; of a lift only its beginning is told.
        """
        pen = self._plan.pen
        now_s = (now_ns - self.mock.epoch_ns) / NS
        pen.now_s = max(pen.now_s, now_s + self._lead_s)
        begun_s = pen.now_s
        movements, text = _asked(word, what, mass_kg)
        for movement in movements:
            movement.write(pen)
        self._plan.written = pen.timeline()
        self.mock.forget()
        return (begun_s if word == "lift" else pen.now_s) - now_s, text


def _asked(word: str, what: str, mass_kg: float) -> tuple[list[Movement], str]:
    if word == "press":
        return [Load(mass_kg * GRAVITY, *CORNERS[what])], f"presses {what} with {mass_kg:g} kg"
    if word == "put":
        return [Load(mass_kg * GRAVITY, SPOTS[what])], f"puts {mass_kg:g} kg: {what}"
    if word == "lift":
        style, rep = LIFTS[what]
        moves: list[Movement] = [Load(0.0), Wait(3.0), StepOn(), Wait(3.5), *reps(N_REPS, rep), Wait(1.0)]
        return [*moves, StepOff()], f"does and counts {N_REPS} reps, {style}"
    return ([Tap()], "taps") if word == "tap" else ([Load(0.0)], "")
