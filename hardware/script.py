"""What an athlete is told to do: movements to put together by hand, and sets without end.

``Script((Wait(2), StepOn(), Wait(3), *reps(10), StepOff(), Wait(5)))`` is a session of one set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import numpy as np

from hardware.body import Body
from hardware.timeline import Ease, Happening, Jolt, RepTimes, Style, Timeline, Track

Channel = Literal["foot_n", "object_n", "carry", "height", "heel", "left", "fidget_n"]
CHANNELS: tuple[Channel, ...] = ("foot_n", "object_n", "carry", "height", "heel", "left", "fidget_n")

REST_HEEL_SHARE = 0.7
HEEL_LIFTED_SHARE = 0.01
STEP_S = 0.5
THUMP_S = 0.09  # hips that land hard
BUMP_HZ, BUMP_DECAY_S = 9.0, 0.15
TOLERANCE_S = 1e-9
UNSET_S = -1e9  # "always was so"


class ScriptError(ValueError):
    """Movements that can't follow each other; the text says which and what to do."""


class Pen:
    """Writes movements one after the other into the tracks of a timeline."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.now_s = 0.0
        self.set = 0
        self.number = 0
        self.jolts: list[Jolt] = []
        self.reps: list[RepTimes] = []
        self.happenings: list[Happening] = []
        start = {"heel": REST_HEEL_SHARE, "left": 0.5}
        self._value = {name: start.get(name, 0.0) for name in CHANNELS}
        self._moves: dict[str, list[tuple[float, float, float, float, Ease]]] = {
            name: [(UNSET_S, 1.0, value, value, "smooth")] for name, value in self._value.items()
        }

    def value(self, channel: Channel) -> float:
        """Return where `channel` stands once all that is written is done."""
        return self._value[channel]

    def move(
        self, channel: Channel, to: float, seconds: float, *, ease: Ease = "smooth", at_s: float | None = None
    ) -> None:
        """Move `channel` to `to`, from now or from `at_s` on; the pen's own time stays."""
        start_s = self.now_s if at_s is None else at_s
        if seconds <= 0:
            raise ScriptError(f"a movement of {seconds} s: give every phase more than 0 s")
        last_start_s, last_s, *_ = self._moves[channel][-1]
        if start_s < last_start_s + last_s - TOLERANCE_S:
            raise ScriptError(f"{channel} is to move twice at {start_s:.2f} s: make the phases longer")
        self._moves[channel].append((start_s, seconds, self._value[channel], to, ease))
        self._value[channel] = to

    def happened(self, kind: str, start_s: float) -> None:
        """Note that from `start_s` till now something went on that is no rep."""
        self.happenings.append(Happening(kind, start_s, self.now_s))

    def need_hips_down(self, doing: str) -> None:
        """Refuse what can only be done with the hips on the floor."""
        if self.value("carry") > 0:
            raise ScriptError(f"{doing} with the hips off the floor: end the reps before with to_floor=True")

    def need_foot(self, doing: str) -> None:
        """Refuse what can only be done with the foot on the plate."""
        if self.value("foot_n") <= 0:
            raise ScriptError(f"{doing} without a foot on the plate: put a StepOn() before")

    def timeline(self) -> Timeline:
        """Return what was written."""
        tracks = {name: Track(moves) for name, moves in self._moves.items()}
        return Timeline(
            **tracks,
            jolts=tuple(self.jolts),
            reps=tuple(self.reps),
            happenings=tuple(self.happenings),
            end_s=self.now_s,
        )


class Movement(Protocol):
    """Anything that can be written into a timeline."""

    def write(self, pen: Pen) -> None:
        """Write itself from the pen's time on, and move that time on."""
        ...


@dataclass(frozen=True)
class Wait:
    """Nothing happens."""

    seconds: float

    def write(self, pen: Pen) -> None:
        """Let time pass."""
        pen.now_s += self.seconds


@dataclass(frozen=True)
class StepOn:
    """The foot comes on: pressed down a little at first, then left to lie. A set begins."""

    heel_share: float = REST_HEEL_SHARE
    left_share: float = 0.5

    def write(self, pen: Pen) -> None:
        """Put the foot on the plate."""
        pen.need_hips_down("stepping on")
        start_s, rest_n = pen.now_s, pen.body.resting_leg_n
        pen.set, pen.number = pen.set + 1, 0
        pen.move("heel", self.heel_share, 0.01)
        pen.move("left", self.left_share, 0.01)
        pen.move("foot_n", 1.3 * rest_n, 0.5 * STEP_S)
        pen.now_s += 0.5 * STEP_S
        pen.move("foot_n", rest_n, 0.5 * STEP_S)
        pen.now_s += 0.5 * STEP_S
        pen.happened("step_on", start_s)


@dataclass(frozen=True)
class StepOff:
    """The foot leaves the plate."""

    def write(self, pen: Pen) -> None:
        """Take the foot off."""
        pen.need_hips_down("stepping off")
        pen.need_foot("stepping off")
        start_s = pen.now_s
        pen.move("foot_n", 0.0, STEP_S)
        pen.now_s += STEP_S
        pen.happened("step_off", start_s)


@dataclass(frozen=True)
class Rep:
    """One repetition.

    Parameters
    ----------
    push_s, unload_s : the load's way from the floor to the foot, and back
    rest_s : how long the bottom lasts: the rest, the touch, or the turn of a hover
    unloaded : of a touch, the part of the load that the floor takes
    low : of a hover, the height of the turn
    to_floor : also a touch or hover rep ends on the floor, as the last of a set does
    halt_s : a sticking point half-way up
    heel_lift_s : how long the heel leaves the plate, from shortly before lockout
    landing : of a drop, the thump in multiples of the foot's load at the bottom

    """

    up_s: float = 1.0
    hold_s: float = 1.0
    down_s: float = 2.0
    style: Style = "dead_stop"
    push_s: float = 0.35
    unload_s: float = 0.35
    rest_s: float = 1.0
    heel_share: float = 0.6
    left_share: float = 0.5
    unloaded: float = 0.4
    low: float = 0.12
    to_floor: bool = False
    halt_s: float = 0.0
    heel_lift_s: float = 0.0
    landing: float = 0.0
    push_ease: Ease = "smooth"
    up_ease: Ease = "min_jerk"
    down_ease: Ease = "min_jerk"
    faults: tuple[str, ...] = ()

    def write(self, pen: Pen) -> None:
        """Write the phases one after the other, and the rep's true times."""
        pen.need_foot("a rep")
        pen.number += 1
        push_start_s = self._push(pen)
        lift_off_s = pen.now_s
        self._rise(pen)
        lockout_start_s = pen.now_s
        pen.now_s += self.hold_s
        lockout_end_s = pen.now_s
        hovering = self.style == "hover" and not self.to_floor
        pen.move("height", self.low if hovering else 0.0, self.down_s, ease=self.down_ease)
        pen.now_s += self.down_s
        touchdown_s = pen.now_s
        rest_s = None if hovering else self._unload(pen)
        pen.now_s += self.rest_s
        times = (push_start_s, lift_off_s, lockout_start_s, lockout_end_s, touchdown_s, rest_s)
        pen.reps.append(RepTimes(pen.set, pen.number, self.style, *times, self.faults))

    def _push(self, pen: Pen) -> float | None:
        """Take the load onto the foot; return when that begins, None where it already hangs there."""
        hanging = pen.value("carry") >= 1.0
        shift_s = min(self.push_s, 0.3 * self.up_s) if hanging else self.push_s
        pen.move("heel", self.heel_share, shift_s)
        pen.move("left", self.left_share, shift_s)
        if hanging:
            return None
        start_s = pen.now_s
        pen.move("carry", 1.0, self.push_s, ease=self.push_ease)
        pen.now_s += self.push_s
        return start_s

    def _rise(self, pen: Pen) -> None:
        """Bring the hips up to lockout, with a halt half-way where there is one."""
        if self.halt_s > 0:
            half = 0.5 * (pen.value("height") + 1.0)
            pen.move("height", half, 0.5 * self.up_s, ease=self.up_ease)
            pen.now_s += 0.5 * self.up_s + self.halt_s
            pen.move("height", 1.0, 0.5 * self.up_s, ease=self.up_ease)
            pen.now_s += 0.5 * self.up_s
        else:
            pen.move("height", 1.0, self.up_s, ease=self.up_ease)
            pen.now_s += self.up_s
        if self.heel_lift_s > 0:
            up_s = pen.now_s - 0.1
            pen.move("heel", HEEL_LIFTED_SHARE, 0.1, at_s=up_s - 0.1)
            pen.move("heel", self.heel_share, 0.15, at_s=up_s + self.heel_lift_s)

    def _unload(self, pen: Pen) -> float:
        """Give the load to the floor; return when that is done."""
        if self.landing > 0:
            load_n = float(pen.body.level_n(np.zeros(1))[0])
            pen.jolts.append(Jolt(pen.now_s, self.landing * load_n, THUMP_S))
        touching = self.style == "touch" and not self.to_floor
        pen.move("carry", 1.0 - self.unloaded if touching else 0.0, self.unload_s)
        if not touching:
            pen.move("heel", REST_HEEL_SHARE, self.unload_s)
        pen.now_s += self.unload_s
        return pen.now_s


@dataclass(frozen=True)
class AbortedPush:
    """A push that gives up before the hips leave the floor."""

    fraction: float = 0.6  # of the lift's load
    push_s: float = 0.5
    hold_s: float = 0.3
    back_s: float = 0.4

    def write(self, pen: Pen) -> None:
        """Push, wait, give up."""
        pen.need_hips_down("an aborted push")
        pen.need_foot("an aborted push")
        start_s, rest_n = pen.now_s, pen.body.resting_leg_n
        load_n = float(pen.body.level_n(np.zeros(1))[0])
        carry = (self.fraction * load_n - rest_n) / (load_n - rest_n)
        pen.move("carry", max(carry, 0.0), self.push_s)
        pen.now_s += self.push_s + self.hold_s
        pen.move("carry", 0.0, self.back_s)
        pen.now_s += self.back_s
        pen.happened("aborted_push", start_s)


@dataclass(frozen=True)
class Reposition:
    """The foot is lifted a little and set down elsewhere; `heel_share` is that of the resting foot."""

    heel_share: float = REST_HEEL_SHARE
    left_share: float = 0.5
    seconds: float = 1.0

    def write(self, pen: Pen) -> None:
        """Lift the foot, shift it, set it down."""
        pen.need_hips_down("repositioning")
        pen.need_foot("repositioning")
        start_s, part_s, rest_n = pen.now_s, self.seconds / 3, pen.body.resting_leg_n
        pen.move("foot_n", 0.15 * rest_n, part_s)
        pen.now_s += part_s
        pen.move("heel", self.heel_share, part_s)
        pen.move("left", self.left_share, part_s)
        pen.now_s += part_s
        pen.move("foot_n", rest_n, part_s)
        pen.now_s += part_s
        pen.happened("reposition", start_s)


@dataclass(frozen=True)
class Stand:
    """Somebody stands up on the plate, then sits down again as before."""

    seconds: float = 4.0
    body_weights: float = 0.8
    heel_share: float = 0.55

    def write(self, pen: Pen) -> None:
        """Stand up, stay, sit down."""
        pen.need_hips_down("standing up")
        start_s, before_n, before_share = pen.now_s, pen.value("foot_n"), pen.value("heel")
        pen.move("foot_n", self.body_weights * pen.body.weight_n, 0.8)
        pen.move("heel", self.heel_share, 0.8)
        pen.now_s += 0.8 + self.seconds
        pen.move("foot_n", before_n, 0.8)
        pen.move("heel", before_share, 0.8)
        pen.now_s += 0.8
        pen.happened("standing", start_s)


@dataclass(frozen=True)
class ObjectOn:
    """Something is put on the empty plate and taken away again."""

    weight_n: float = 40.0
    seconds: float = 10.0
    heel_share: float = 0.5

    def write(self, pen: Pen) -> None:
        """Put it down, let it lie, take it away."""
        if pen.value("foot_n") > 0:
            raise ScriptError("an object beside the foot: put a StepOff() before")
        start_s = pen.now_s
        pen.move("heel", self.heel_share, 0.01)
        pen.move("object_n", self.weight_n, 0.2)
        pen.now_s += 0.2 + self.seconds
        pen.move("object_n", 0.0, 0.2)
        pen.now_s += 0.2
        pen.happened("object", start_s)


@dataclass(frozen=True)
class BenchBump:
    """Somebody knocks against the bench, which rings."""

    peak_n: float = 45.0

    def write(self, pen: Pen) -> None:
        """Ring for a second."""
        start_s = pen.now_s
        pen.jolts.append(Jolt(start_s, self.peak_n, BUMP_DECAY_S, BUMP_HZ))
        pen.now_s += 1.0
        pen.happened("bench_bump", start_s)


@dataclass(frozen=True)
class Talk:
    """The athlete talks between reps and fidgets while at it."""

    seconds: float = 5.0
    fidget_n: float = 15.0

    def write(self, pen: Pen) -> None:
        """Fidget for a while."""
        start_s = pen.now_s
        pen.move("fidget_n", self.fidget_n, 0.3)
        pen.now_s += self.seconds
        pen.move("fidget_n", 0.0, 0.3)
        pen.now_s += 0.3
        pen.happened("talking", start_s)


def reps(n: int, rep: Rep | None = None, *, fatigue: float = 0.0) -> Iterator[Rep]:
    """Yield `n` reps like `rep`; tiring, each slower up and shorter held, the last on to the floor.

    `fatigue` is how much longer the last way up is than the first, such as 0.3.
    """
    rep = rep or Rep()
    for i in range(n):
        tired = fatigue * i / max(n - 1, 1)
        up_s, hold_s = rep.up_s * (1 + tired), rep.hold_s / (1 + tired)
        yield replace(rep, up_s=up_s, hold_s=hold_s, to_floor=rep.to_floor or i == n - 1)


def heel_lift(rep: Rep, seconds: float = 0.5) -> Rep:
    """Return `rep` with the heel off the plate about lockout."""
    return replace(rep, heel_lift_s=seconds, faults=(*rep.faults, "heel_lift"))


def toe_drive(rep: Rep, heel_share: float = 0.25) -> Rep:
    """Return `rep` driven through the toes."""
    return replace(rep, heel_share=heel_share, faults=(*rep.faults, "toe_drive"))


def dropped(rep: Rep, seconds: float = 0.45, landing: float = 0.7) -> Rep:
    """Return `rep` with the hips let fall."""
    fall = replace(rep, down_s=seconds, down_ease="drop", landing=landing, unload_s=0.15)
    return replace(fall, faults=(*rep.faults, "dropped"))


def missed_hold(rep: Rep, seconds: float = 0.2) -> Rep:
    """Return `rep` hardly held at the top."""
    return replace(rep, hold_s=seconds, faults=(*rep.faults, "short_hold"))


def sticking(rep: Rep, seconds: float = 0.35) -> Rep:
    """Return `rep` with a halt half-way up."""
    # Two ways of half the range: as long as this they need no more acceleration than one whole.
    return replace(rep, up_s=1.4 * rep.up_s, halt_s=seconds, faults=(*rep.faults, "sticking"))


class Plan(Protocol):
    """What an athlete does, stretch by stretch, so that any moment is found at once."""

    @property
    def stretch_s(self) -> float:
        """How long each stretch is, s; inf for one that is all."""
        ...

    def timeline(self, index: int, body: Body) -> Timeline:
        """Return stretch `index`, from 0."""
        ...


@dataclass(frozen=True)
class Script:
    """Movements from first to last, put together by hand; afterwards all stays as it is."""

    movements: tuple[Movement, ...]
    stretch_s: float = field(default=float("inf"), init=False)

    def timeline(self, index: int, body: Body) -> Timeline:  # noqa: ARG002 (a script is one stretch)
        """Return the whole script."""
        return write(self.movements, body)

    @property
    def end_s(self) -> float:
        """When the last movement is done, s."""
        return write(self.movements, Body()).end_s


def write(movements: Iterable[Movement], body: Body) -> Timeline:
    """Return the timeline of `movements`, one after the other."""
    pen = Pen(body)
    for movement in movements:
        movement.write(pen)
    return pen.timeline()


@dataclass(frozen=True)
class EndlessSets:
    """Sets of 8–12 dead-stop reps for ever, as a person does them: none like the other.

    Every stretch is one set and as long as every other, so that a moment days away is found
    without going through all before it. It begins and ends with the foot off the plate.
    """

    seed: int = 7
    stretch_s: float = 80.0
    off_before_s: float = 5.5
    off_after_s: float = 9.5

    def timeline(self, index: int, body: Body) -> Timeline:
        """Return set `index`."""
        rng = np.random.default_rng((self.seed, index))
        settle_s = rng.uniform(3.0, 3.6)  # still for long enough to arm a set
        moving_s = self.stretch_s - self.off_before_s - self.off_after_s - settle_s - 2 * STEP_S
        left = float(rng.normal(0.5, 0.02))
        movements: list[Movement] = [Wait(self.off_before_s), StepOn(left_share=left), Wait(settle_s)]
        movements += _natural_set(rng, moving_s - rng.uniform(0.0, 3.0), left)
        return write([*movements, Wait(0.5), StepOff()], body)


def _natural_set(rng: np.random.Generator, seconds: float, left_share: float) -> list[Rep]:
    """Return 8–12 reps that take `seconds` in all; more of them go faster."""
    n = int(rng.integers(8, 13))
    heel, drift = rng.uniform(0.58, 0.70), rng.uniform(-0.012, 0.004)
    made = []
    for i in range(n):
        rep = Rep(
            push_s=rng.uniform(0.28, 0.42),
            up_s=rng.normal(1.0, 0.06) * (1 + 0.2 * i / n),
            hold_s=rng.normal(1.3, 0.1),
            down_s=rng.normal(1.8, 0.15),
            unload_s=rng.uniform(0.28, 0.45),
            rest_s=rng.uniform(0.7, 1.3),
            heel_share=heel + drift * i + rng.normal(0.0, 0.012),
            left_share=left_share + rng.normal(0.0, 0.01),
        )
        made.append(_now_and_then(rng, rep))
    factor = seconds / sum(r.push_s + r.up_s + r.hold_s + r.down_s + r.unload_s + r.rest_s for r in made)
    return [_slowed(rep, factor) for rep in made]


def _now_and_then(rng: np.random.Generator, rep: Rep) -> Rep:
    """Return `rep`, sometimes with a short hold or light on the heel."""
    chance = rng.uniform()
    if chance < 0.07:
        return missed_hold(rep, 0.5)
    if chance < 0.14:
        return toe_drive(rep, rng.uniform(0.33, 0.38))
    return rep


def _slowed(rep: Rep, factor: float) -> Rep:
    """Return `rep` with every phase `factor` times as long, but the load's ways, which stay."""
    spare_s = (factor - 1.0) * (rep.push_s + rep.unload_s)
    moved = replace(rep, up_s=rep.up_s * factor, hold_s=rep.hold_s * factor, down_s=rep.down_s * factor)
    return replace(moved, rest_s=max(rep.rest_s * factor + spare_s, 0.4))
