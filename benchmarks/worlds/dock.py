"""A world of forward dynamics: linked bodies, muscle-like drivers and floors that give.

Held out at first; looked at since another `unseen` took its place.

Mechanism. Trunk, thigh and shank are rigid links between a pivot at the bench and the ankle on the plate, so
that the hip's height alone says where everything is. The moment balance about the pivot turns the foot's
force, gravity, load, band and the floor under the hips into the hip's acceleration. The foot's force is never
drawn: it is what a driver gives who follows an intended path of overlapping submovements (lognormal speed
pulses) with a feed-forward estimate that lags, a spring and damper of living muscle, a limited strength that
falls with speed and tires, and a hip that cannot open beyond its stop. The floor is a progressive spring.

Rules of the truth. All are read from the simulated state, before wander, bracing, happenings and converters;
a person's resting level is the one the driver relaxes to at that moment.

push_start
    the last moment before lift_off at which the foot's force was within 3 % of its rise to lift_off above the
    resting level. None for a rep that does not begin from rest (the one before it was touch or hover).
lift_off
    the last moment before the ascent at which the floor carried the hips. After a hover turn: the last moment
    in the lowest 15 % of the way at which the upward speed was below 5 % of the ascent's greatest.
lockout_start
    the first moment, 90 % of the way up or higher, at which the upward speed is below 5 % of the ascent's
    greatest.
lockout_end
    the last moment at which the downward speed was below 5 % of the descent's greatest, before the hips came
    down by a tenth of the way.
touchdown
    the first moment of the descent at which the floor carries the hips. Before a hover turn: the first moment
    in the lowest 15 % of the way at which the downward speed is below 5 % of the descent's greatest.
rest
    dead-stop: the first moment after touchdown with 95 % of the force above the resting level gone. Touch:
    the least force before the next lift_off. Hover: None.
heel_share
    the sum of heel force over the sum of heel and toe force, lift_off to lockout_end.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.recorded import F64, I64, SUITES, VARIANTS, Recorded, TrueRep

STEP_S = 0.002
GRAVITY = 9.81
ADC_DELAY_S = 0.025
CREEP_S = 150
ADC_SETTLING = 4  # conversions that a converter's filter averages
FULL_SCALE = 2**23
HEEL_POINT_M = -0.03  # where either half carries the foot, seen from the ankle
TOE_POINT_M = 0.14
HIP_GRID_M = 0.00025

Rng = np.random.Generator


class Body:
    """One person on one bench. Heights are of the hip's centre above the plate's base."""

    def __init__(self, rng: Rng, suite: str) -> None:
        odd, bridge = suite == "unseen_shapes", suite == "floor_bridge"
        size = rng.normal(1, 0.05)
        self.mass_kg = rng.uniform(56, 104)
        self.trunk_m = size * rng.uniform(0.47, 0.58)  # bench pivot to hip
        self.thigh_m = size * rng.uniform(0.39, 0.45)
        self.shank_m = size * rng.uniform(0.38, 0.44)
        self.ankle_m = 0.09 + (rng.uniform(0.1, 0.25) if suite == "feet_elevated" else 0)
        self.pivot_m = rng.uniform(0.08, 0.13) if bridge else rng.uniform(0.42, 0.53)
        self.floor_m = rng.uniform(0.10, 0.16)  # the mat just carries nothing
        rise_m = rng.uniform(0.14, 0.22) if bridge else self.pivot_m + rng.uniform(-0.05, 0.02) - self.floor_m
        self.range_m = rise_m * (rng.uniform(0.35, 0.65) if suite == "short_range" else 1)
        self.top_m = self.floor_m + self.range_m
        self.shin_lean = rng.uniform(-0.08, 0.08) * (1.5 if odd else 1)  # radians at the top, knee forward
        # The centre of head, arms and trunk, from the pivot towards the hip and square to it.
        self.upper_com_m = rng.uniform(0.10, 0.16) if bridge else rng.uniform(0.13, 0.20)
        self.upper_com_lift_m = rng.uniform(-0.04, 0.09)
        # The free leg's centre beyond the hip.
        self.free_leg_top_m = rng.uniform(0.04, 0.2)
        self.free_leg_low_m = self.free_leg_top_m + rng.uniform(-0.05, 0.05)
        # The foot's forward push as a part of its force.
        tilt = rng.uniform(-0.07, 0.07) * (2.3 if odd else 1)
        self.shear_low = rng.uniform(-0.08, 0.08) - tilt / 2
        self.shear_top = self.shear_low + tilt
        self.load_kg = self.band_n = self.band_n_per_m = 0.0
        self.foot_part = rng.uniform(0.4, 0.8) if suite == "b_stance" else 1.0  # of the lift, on this foot


@dataclass(frozen=True)
class Levers:
    """A body's moment balance about the pivot as tables over hip height."""

    lowest_m: float
    ankle_x_m: float
    moment_nm: list[float]  # of everything that the foot has to hold
    inertia: list[float]  # angular momentum per hip speed, kg m
    inertia_slope: list[float]
    hip_x_m: list[float]
    shear_arm_m: list[float]  # adds to the foot's distance from the pivot

    def row(self, hip_m: float) -> int:
        """Return the row of a hip height, the nearest end if outside."""
        return min(max(int((hip_m - self.lowest_m) / HIP_GRID_M), 0), len(self.moment_nm) - 1)

    def foot_arm_m(self, row: int, heel: float) -> float:
        """Return the lever arm of the foot's force for a heel share."""
        return self.ankle_x_m + TOE_POINT_M - heel * (TOE_POINT_M - HEEL_POINT_M) + self.shear_arm_m[row]

    def static_n(self, hip_m: float, heel: float) -> float:
        """Return the foot's force that just holds the hips at a height."""
        row = self.row(hip_m)
        return self.moment_nm[row] / self.foot_arm_m(row, heel)


def link(body: Body) -> Levers:
    """Work out a body's levers from its links."""
    hip_y = np.arange(body.floor_m - 0.10, body.top_m + 0.08, HIP_GRID_M)
    dip = np.arcsin(np.clip((body.pivot_m - hip_y) / body.trunk_m, -0.99, 0.99))
    hip_x = body.trunk_m * np.cos(dip)
    top = int(np.searchsorted(hip_y, body.top_m))
    knee_top_y = body.ankle_m + body.shank_m * np.cos(body.shin_lean)
    reach = np.sqrt(max(body.thigh_m**2 - (knee_top_y - body.top_m) ** 2, 0.01))
    ankle_x = float(hip_x[top] + reach - body.shank_m * np.sin(body.shin_lean))

    to_ankle_x, to_ankle_y = ankle_x - hip_x, body.ankle_m - hip_y
    apart = np.minimum(np.hypot(to_ankle_x, to_ankle_y), 0.999 * (body.thigh_m + body.shank_m))
    along = (apart**2 + body.thigh_m**2 - body.shank_m**2) / (2 * apart)
    aside = np.sqrt(np.maximum(body.thigh_m**2 - along**2, 1e-6))
    knee_x = hip_x + (along * to_ankle_x - aside * to_ankle_y) / apart
    knee_y = hip_y + (along * to_ankle_y + aside * to_ankle_x) / apart

    way = np.clip((hip_y - body.floor_m) / body.range_m, -0.2, 1.2)
    free_x = body.free_leg_low_m + way * (body.free_leg_top_m - body.free_leg_low_m)
    upper_x = body.upper_com_m * np.cos(dip) + body.upper_com_lift_m * np.sin(dip)
    upper_y = -body.upper_com_m * np.sin(dip) + body.upper_com_lift_m * np.cos(dip)
    hip_rel_y = hip_y - body.pivot_m
    parts = (  # mass, place seen from the pivot
        (0.678 * body.mass_kg, upper_x, upper_y),
        (0.100 * body.mass_kg, hip_x + 0.433 * (knee_x - hip_x), hip_rel_y + 0.433 * (knee_y - hip_y)),
        (0.0465 * body.mass_kg, ankle_x + 0.567 * (knee_x - ankle_x), 0.567 * knee_y - body.pivot_m),
        (0.0145 * body.mass_kg, np.full_like(hip_y, ankle_x + 0.05), np.full_like(hip_y, -body.pivot_m)),
        (0.161 * body.mass_kg, hip_x + free_x, hip_rel_y + 0.18),
        (body.load_kg, hip_x, hip_rel_y + 0.12),
    )
    moment = (body.band_n + body.band_n_per_m * np.maximum(hip_y - body.floor_m, 0)) * hip_x
    inertia = 0.04 * body.mass_kg * -np.gradient(dip, HIP_GRID_M)  # the trunk's own turning
    for mass_kg, x, y in parts:
        moment = moment + mass_kg * GRAVITY * x
        inertia = inertia + mass_kg * (x * np.gradient(y, HIP_GRID_M) - y * np.gradient(x, HIP_GRID_M))
    shear = body.shear_low + np.clip(way, 0, 1) * (body.shear_top - body.shear_low)
    return Levers(
        float(hip_y[0]),
        ankle_x,
        moment.tolist(),
        inertia.tolist(),
        np.gradient(inertia, HIP_GRID_M).tolist(),
        hip_x.tolist(),
        (shear * body.pivot_m).tolist(),
    )


def find_body(rng: Rng, suite: str) -> Body:
    """Draw bodies until one's force is of this lift, then load it."""
    least_n, most_n = (165, 290) if suite == "floor_bridge" else (205, 345)
    steepest = 1.35 if suite in ("floor_bridge", "unseen_shapes") else 1.2
    while True:
        body = Body(rng, suite)
        levers = link(body)
        low_n, top_n = levers.static_n(body.floor_m, 0.6), levers.static_n(body.top_m, 0.6)
        if least_n < min(low_n, top_n) and max(low_n, top_n) < most_n and 0.7 < top_n / low_n < steepest:
            break
    if suite == "loaded" or (suite == "unseen_shapes" and rng.random() < 0.3):
        body.load_kg = rng.uniform(20, 100)
    elif suite == "b_stance":
        body.foot_part = max(body.foot_part, 115 / low_n)
    elif suite == "band":
        body.band_n, body.band_n_per_m = rng.uniform((5, 250), (60, 800))
    return body


Pulse = tuple[float, float, float, float]  # a lognormal speed pulse: size, onset, median time, spread

# How people go up and come down: paths as sums of submovements.
EVEN_PATHS = (
    ((1, 0, 1, 0.28),),
    ((1, 0, 1, 0.45),),
    ((0.6, 0, 1, 0.3), (0.4, 0.35, 1, 0.3)),
    ((0.35, 0, 0.8, 0.3), (0.65, 0.4, 1, 0.25)),
)
ODD_PATHS = (
    ((0.5, 0, 0.7, 0.28), (0.5, 1.05, 0.8, 0.28)),
    ((0.3, 0, 0.6, 0.3), (0.7, 0.9, 0.8, 0.22)),
    ((0.78, 0, 0.7, 0.3), (0.22, 0.5, 1.5, 0.4)),
    ((0.36, 0, 0.6, 0.28), (0.32, 0.6, 0.6, 0.28), (0.32, 1.2, 0.6, 0.28)),
    ((1, 0, 0.8, 0.62),),
    ((0.22, 0, 1.3, 0.4), (0.78, 1.1, 0.8, 0.2)),
)


class Manner(NamedTuple):
    """A person's way of moving up or down."""

    pulses: Sequence[Pulse]
    backwards: bool  # the movement is this one seen backwards in time

    def draw(self, rng: Rng) -> tuple[list[float], list[float], list[float]]:
        """Return way, speed and acceleration of 1 m in 1 s, a little different every time."""
        time = np.linspace(0.005, 6, 1200)
        speed = np.zeros_like(time)
        for pulse in self.pulses:
            size, onset, median, spread = np.array(pulse) * rng.normal(1, 0.06, 4)
            since = np.maximum(time - onset, 1e-6)
            speed += size / (since * spread) * np.exp(-((np.log(since / median) / spread) ** 2) / 2)
        moving = np.flatnonzero(speed > 0.04 * speed.max())
        speed = np.interp(np.linspace(time[moving[0]], time[moving[-1]], 400), time, speed)
        if self.backwards:
            speed = speed[::-1]
        way = np.cumsum(speed)
        speed = speed / way[-1] * len(way)
        acceleration = np.gradient(speed, 1 / len(way))
        return (way / way[-1]).tolist(), speed.tolist(), acceleration.tolist()

    def least_s(self, rng: Rng, range_m: float, most_mps2: float) -> float:
        """Return the time that the movement takes within an acceleration."""
        return math.sqrt(range_m * max(map(abs, self.draw(rng)[2])) / most_mps2)


class Person:
    """What stays the same through a set: the body, the floor and how this person moves."""

    def __init__(self, rng: Rng, suite: str) -> None:
        odd = suite == "unseen_shapes"
        grinder = suite not in ("explosive", "touch", "hover") and rng.random() < (0.35 if odd else 0.12)
        lets_go = suite not in ("slow", "hover", "touch") and rng.random() < (0.5 if odd else 0.2)
        self.body = body = find_body(rng, suite)
        self.heel = rng.uniform(0.3, 0.85)  # heel share while lifting
        self.heel_rest = float(np.clip(self.heel + rng.normal(0, 0.12), 0.2, 0.92))
        self.heel_top_shift = rng.normal(0, 0.06)
        self.heel_trend = rng.normal(-0.02, 0.06)  # through the set
        lift_n = link(body).static_n(body.floor_m, self.heel) * body.foot_part
        rest_n = rng.uniform(95, 150) if suite == "feet_elevated" else rng.uniform(50, 120)
        self.rest_n = min(rest_n, lift_n - (62 if suite == "b_stance" else 95))  # on this foot
        # The floor, from a soft mat to hard boards.
        self.mat_n_per_m15 = math.exp(rng.uniform(math.log(6e4), math.log(9e5)))
        self.mat_loss_s_per_m = rng.uniform(1.0, 4.0)
        # Muscle: spring per newton lifted, damping, lag; strength in parts of the static force.
        self.stiffness_per_m = rng.uniform(6, 14)
        self.damping_ratio = rng.uniform(0.35, 0.65) if rng.random() < 0.3 else rng.uniform(0.65, 1.1)
        self.lag_s = rng.uniform(0.025, 0.05)
        self.strength = rng.uniform(1.3, 1.45) if grinder else rng.uniform(1.7, 2.6)
        self.speed_limit_mps = rng.uniform(1.0, 1.4) if grinder else rng.uniform(1.9, 3.0)
        self.weak_spot = rng.uniform(0.25, 0.8)  # of the way up
        self.weak_depth = rng.uniform(0.15, 0.3) if grinder else rng.uniform(0, 0.1)
        self.tiring = rng.uniform(0, 0.15)  # strength lost by the end of the set
        self.stop_gap_m = rng.uniform(0.0, 0.03)  # the hip opens this far beyond the usual top
        # Taking the load up and giving it back.
        self.transfer_s = rng.uniform(0.2, 0.32) if suite == "explosive" else rng.uniform(0.22, 0.58)
        self.transfer_power = rng.uniform(0.7, 1.8)  # below 1 early, above 1 late
        self.pretension = rng.uniform(0.12, 0.3) if rng.random() < (0.4 if odd else 0.12) else 0.0
        self.unload_s = rng.uniform(0.12, 0.5)
        self.late_s = rng.uniform(0.0, 0.15)  # from touchdown until the leg is let go
        self.let_go = rng.uniform(0.2, 0.55) if lets_go else 0.0  # of the support, on the way down
        self.let_go_at = rng.uniform(0.3, 0.8)
        # Tempo and rhythm.
        self.pause_s = math.exp(rng.uniform(math.log(0.45), math.log(3.0)))
        self.pause_spread = rng.uniform(0.1, 0.5)
        self.tempo_trend = rng.uniform(-0.12, 0.3)  # how much slower the last rep is than the first
        self.scatter = rng.uniform(0.03, 0.09)  # of every duration, rep to rep
        self.sag = rng.uniform(0, 0.035) if rng.random() < 0.4 else 0.0  # in the hold, of the descent's speed
        self.up_s, self.hold_s, self.down_s = rng.uniform((0.85, 0.35, 0.9), (1.5, 1.8, 2.7))
        if suite == "explosive":
            self.up_s = rng.uniform(0.55, 0.7)
        elif suite == "slow":
            self.up_s, self.hold_s, self.down_s = rng.uniform((2.6, 0.8, 3.0), (3.3, 1.2, 3.9))
        elif suite in ("touch", "hover"):
            self.hold_s, self.down_s = rng.uniform((0.3, 0.8), (1.0, 1.8))
        strange = 0.85 if odd else 0.25
        up_paths = ODD_PATHS if rng.random() < strange and suite not in ("explosive", "slow") else EVEN_PATHS
        down_paths = ODD_PATHS if rng.random() < strange and suite != "slow" else EVEN_PATHS
        self.up = Manner(up_paths[rng.integers(len(up_paths))], bool(rng.random() < 0.3))
        self.down = Manner(down_paths[rng.integers(len(down_paths))], bool(rng.random() < 0.5))
        # Nobody hurries a broken movement: what it would take in acceleration is taken in time.
        hurry_mps2, longest_s = (7.5, 0.8) if suite == "explosive" else (4.5 if odd else 3.4, 1.7)
        self.up_s = max(self.up_s, min(self.up.least_s(rng, body.range_m, hurry_mps2), longest_s))
        self.down_s = max(self.down_s, min(self.down.least_s(rng, body.range_m, 3.4), 2.6))


class Pause(NamedTuple):
    """Hips on the floor, the leg at rest: perhaps something happens, or a push comes to nothing."""

    length_s: float
    happening: str = ""
    attempt: float = 0.0  # part of the lift's rise that a failed push reaches


class Rep(NamedTuple):
    """One rep as intended; `style` is what follows its descent."""

    style: str
    slower: float  # than the person's usual tempo
    way: float  # of the full range
    heel: float
    heel_up: bool = False  # the heel peels off while at the top


Step = Pause | Rep


def styles_of_set(rng: Rng, suite: str, count: int) -> list[str]:
    """Return what follows each descent; a set always ends at rest."""
    styles = [suite if suite in ("touch", "hover") else "dead_stop"] * count
    if suite == "mixed":
        kinds = rng.choice(["dead_stop", "touch", "hover"], count, p=[0.4, 0.35, 0.25])
        styles = [str(kind) for kind in np.repeat(kinds, rng.integers(1, 4, count))]
    elif rng.random() < 0.3:
        styles[count // 2] = "dead_stop"
    return [*styles[: count - 1], "dead_stop"]


def eventful_pauses(rng: Rng) -> list[Pause]:
    """Return one thing that happens at rest, or a failed push, or both."""
    pauses = []
    if rng.random() < 0.78:
        name = str(rng.choice(list(HAPPENINGS)))
        pauses.append(Pause(rng.uniform(*HAPPENINGS[name]) + 2.0, happening=name))
    if not pauses or rng.random() < 0.12:
        pauses.append(Pause(rng.uniform(2.6, 4.5), attempt=rng.uniform(0.25, 0.53)))
    return pauses


def plan_session(rng: Rng, suite: str, person: Person) -> list[Step]:
    """Lay out a session of 30 to 120 s."""
    first = Pause(rng.uniform(4, 8), happening="arrive" if rng.random() < 0.4 else "")
    last = Pause(rng.uniform(3, 6), happening="leave" if rng.random() < 0.4 else "")
    steps: list[Step] = [first]
    if suite == "nothing":
        goal_s = rng.uniform(36, 76)
        while sum(step.length_s for step in steps if isinstance(step, Pause)) < goal_s:
            steps += eventful_pauses(rng)
        return [*steps, last]
    eventful = suite == "events"
    rep_s = person.up_s + person.hold_s + person.down_s + 1.0 + (6.0 if eventful else person.pause_s + 0.4)
    count = int(min(rng.integers(5, 13), 92 / (rep_s * (1 + max(person.tempo_trend, 0) / 2))))
    reach = rng.uniform(0.0, 0.03)
    for number, style in enumerate(styles_of_set(rng, suite, count)):
        done = number / max(count - 1, 1)
        steps.append(
            Rep(
                style,
                slower=(1 + person.tempo_trend * done) * rng.normal(1, person.scatter / 2),
                way=1 - abs(rng.normal(0, 0.02)) - reach * done,
                heel=float(np.clip(person.heel + person.heel_trend * done + rng.normal(0, 0.02), 0.12, 0.95)),
                heel_up=eventful and rng.random() < 0.08,
            )
        )
        if style == "dead_stop" and number < count - 1:
            steps += eventful_pauses(rng) if eventful and rng.random() < 0.6 else []
            breather_s = rng.uniform(1, 3) if rng.random() < 0.1 else 0.0
            length_s = person.pause_s * rng.lognormal(0, person.pause_spread) + breather_s
            steps.append(Pause(min(max(length_s, 0.35), 6)))
    return [*steps, last]


class Motion(NamedTuple):
    """The simulated state, one value a step."""

    hip_m: F64
    speed_mps: F64
    force_n: F64  # of the whole lift, where this foot carries a part
    floor_n: F64
    heel: F64
    rest_n: F64
    support: F64


class Mark(NamedTuple):
    """Which rows of the motion belong to a planned step; for a rep also where its hold began and ended."""

    step: Step
    start: int
    end: int
    hold: int = 0
    down: int = 0


class Lifter:
    """A person in motion: the state, and what the driver does with it."""

    def __init__(self, person: Person, rng: Rng) -> None:
        self.person, self.rng, self.body = person, rng, person.body
        self.levers = link(person.body)
        self.rows: list[tuple[float, ...]] = []
        self.marks: list[Mark] = []
        body = self.body
        self.lift_n = self.levers.static_n(body.floor_m + 0.3 * body.range_m, person.heel)
        row = self.levers.row(body.floor_m + 0.5 * body.range_m)
        mass_kg = self.levers.inertia[row] / self.levers.foot_arm_m(row, person.heel)
        self.stiffness = person.stiffness_per_m * self.lift_n
        self.damping = 2 * person.damping_ratio * float(np.sqrt(self.stiffness * mass_kg))
        self.rest_n = self.rest_goal_n = person.rest_n / body.foot_part
        self.hip_m = body.floor_m - (self.lift_n / person.mat_n_per_m15) ** (2 / 3)
        self.speed_mps, self.drive_n = 0.0, self.rest_n
        self.heel = self.heel_goal = person.heel_rest
        self.target_m, self.support = body.floor_m, 0.0
        self.fresh = self.misjudged = 1.0
        self.floor_n = self.lift_n

    def advance(self, support: float, target_m: float, speed_mps: float = 0, accel_mps2: float = 0) -> None:
        """Live through one step with an intended hip movement and a part of the load taken up."""
        person, levers = self.person, self.levers
        now, wanted = levers.row(self.hip_m), levers.row(target_m)
        self.rest_n += (self.rest_goal_n - self.rest_n) * STEP_S / 1.5
        heel_goal = person.heel_rest + min(support * 2, 1.0) * (self.heel_goal - person.heel_rest)
        self.heel += (heel_goal - self.heel) * STEP_S / 0.1

        arm_m = levers.foot_arm_m(now, self.heel)
        needed_n = self.misjudged * levers.moment_nm[wanted] / levers.foot_arm_m(wanted, self.heel)
        needed_n += accel_mps2 * levers.inertia[wanted] / arm_m
        wish_n = self.rest_n + support * (needed_n - self.rest_n)
        self.drive_n += (wish_n - self.drive_n) * STEP_S / person.lag_s
        spring_n = self.stiffness * (target_m - self.hip_m) + self.damping * (speed_mps - self.speed_mps)
        force_n = min(self.drive_n + support * spring_n, self._strength_n(now, arm_m))
        beyond_m = self.hip_m - self.body.top_m - person.stop_gap_m
        if beyond_m > 0:
            force_n -= 18 * self.lift_n * beyond_m + self.damping * self.speed_mps
        force_n = max(force_n, 0.3 * self.rest_n)

        sunk_m = self.body.floor_m - self.hip_m
        self.floor_n = 0.0
        if sunk_m > 0:
            loss = max(1 - person.mat_loss_s_per_m * self.speed_mps, 0)
            self.floor_n = person.mat_n_per_m15 * sunk_m**1.5 * loss
        torque_nm = force_n * arm_m - levers.moment_nm[now] - levers.inertia_slope[now] * self.speed_mps**2
        acceleration = (torque_nm + self.floor_n * levers.hip_x_m[now]) / levers.inertia[now]
        self.speed_mps += acceleration * STEP_S
        self.hip_m += self.speed_mps * STEP_S
        self.target_m, self.support = target_m, support

        self.rows.append((self.hip_m, self.speed_mps, force_n, self.floor_n, self.heel, self.rest_n, support))

    def _strength_n(self, row: int, arm_m: float) -> float:
        """Return the greatest force at the present height and speed, never too little to go on slowly."""
        person, body = self.person, self.body
        way = (self.hip_m - body.floor_m) / body.range_m
        weak = 1 - person.weak_depth * math.exp(-(((way - person.weak_spot) / 0.15) ** 2))
        enough_n = 1.2 * self.levers.moment_nm[row] / arm_m
        most_n = max(self.fresh * person.strength * weak * self.lift_n, enough_n)
        if self.speed_mps > 0:
            most_n *= max(1 - self.speed_mps / person.speed_limit_mps, 0.2)
        return most_n

    def live(self, steps: Sequence[Step]) -> Motion:
        """Go through a whole session, 30 s at the least."""
        reps = [step for step in steps if isinstance(step, Rep)]
        for step in steps[:-1]:
            if isinstance(step, Pause):
                self._pause(step)
            else:
                self.fresh -= self.person.tiring / len(reps)
                self._lift(step)
        last = steps[-1]
        if isinstance(last, Pause):
            self._pause(last._replace(length_s=max(last.length_s, 30.5 - len(self.rows) * STEP_S)))
        return Motion(*np.array(self.rows).T)

    def _vary(self, usual: float) -> float:
        return usual * float(np.clip(self.rng.normal(1, self.person.scatter), 0.75, 1.3))

    def _pause(self, pause: Pause) -> None:
        start = len(self.rows)
        usual_n = self.person.rest_n / self.body.foot_part
        self.rest_goal_n = usual_n * float(np.clip(self.rng.normal(1, 0.06), 0.85, 1.15))
        steps = int(pause.length_s / STEP_S)
        knots_s = 0.8 + np.cumsum((0, *self.rng.uniform((0.2, 0.1, 0.15), (0.5, 0.9, 0.5))))
        for step in range(steps):
            held = np.interp(step * STEP_S, knots_s, (0, 1, 1, 0)) if pause.attempt else 0.0
            self.advance(pause.attempt * float(held), self.body.floor_m - 0.02 if held else self.hip_m)
        self.marks.append(Mark(pause, start, len(self.rows)))

    def _lift(self, rep: Rep) -> None:
        person, body = self.person, self.body
        start = len(self.rows)
        self.heel_goal = rep.heel
        self.misjudged = self.rng.normal(1, 0.015)
        top_m = body.floor_m + rep.way * body.range_m
        if self.support < 0.05:
            self._take_up()
        self._follow(rep, top_m, self._vary(person.up_s) * rep.slower, goes_up=True)
        for _ in range(int(2.5 / STEP_S)):  # a slow one is given the time it takes
            if self.hip_m > top_m - 0.05 * body.range_m:
                break
            self.advance(1.0, top_m)

        hold = len(self.rows)
        down_s = self._vary(person.down_s) * rep.slower
        sag_mps = person.sag * body.range_m / down_s
        for step in range(int(self._vary(person.hold_s) / STEP_S)):
            self.heel_goal = 0.04 if rep.heel_up else rep.heel + person.heel_top_shift
            self.advance(1.0, top_m - sag_mps * step * STEP_S, -sag_mps)
        down = len(self.rows)
        self.heel_goal = rep.heel
        if rep.style == "hover":
            bottom_m = body.floor_m + self.rng.uniform(0.14, 0.25) * body.range_m
        else:
            bottom_m = body.floor_m - 0.015
        self._follow(rep, bottom_m, down_s, goes_up=False)
        if rep.style == "dead_stop":
            self._let_down()
        elif rep.style == "touch":
            self._touch()
        else:
            for _ in range(int(self.rng.uniform(0.02, 0.25) / STEP_S)):
                self.advance(1.0, bottom_m)
        self.marks.append(Mark(rep, start, len(self.rows), hold, down))

    def _take_up(self) -> None:
        """Take the load from the floor, in one go or after a wait with a part of it."""
        person = self.person
        steps = int(self._vary(person.transfer_s) / STEP_S)
        first = person.pretension
        for step in range(steps):
            part = (step + 1) / steps
            if first:
                taken = min(first * part / 0.25, first) + max(part - 0.5, 0) * 2 * (1 - first)
            else:
                taken = part**person.transfer_power
            self.advance(taken, self.body.floor_m)

    def _follow(self, rep: Rep, goal_m: float, length_s: float, *, goes_up: bool) -> None:
        """Follow an intended path; on the way down, the floor ends it."""
        person = self.person
        way, speed, acceleration = (person.up if goes_up else person.down).draw(self.rng)
        from_m, support_from = self.target_m, self.support
        change_m = goal_m - from_m
        steps = int(length_s / STEP_S)
        for step in range(steps):
            row = step * len(way) // steps
            if goes_up:
                support = min(support_from + step * STEP_S / 0.15, 1.0)
            else:
                width = (way[row] - person.let_go_at) / 0.15
                support = 1 - (person.let_go if rep.style == "dead_stop" else 0) * math.exp(-(width**2))
            self.advance(
                support,
                from_m + change_m * way[row],
                change_m * speed[row] / length_s,
                change_m * acceleration[row] / length_s**2,
            )
            if not goes_up and self.floor_n > 0:
                return

    def _let_down(self) -> None:
        """Wait for the floor if it is not there yet, then let the leg go."""
        person = self.person
        late = int(self._vary(person.late_s) / STEP_S)
        while late > 0:
            late -= self.floor_n > 0
            self.target_m -= 0.15 * STEP_S if self.floor_n == 0 else 0
            self.advance(self.support, self.target_m)
        steps = int(self._vary(person.unload_s) / STEP_S)
        held = self.support
        for step in range(steps):
            self.advance(held * (1 - (step + 1) / steps) ** 1.3, self.body.floor_m - 0.015)
        for _ in range(int(3 * person.lag_s / STEP_S)):
            self.advance(0.0, self.hip_m)

    def _touch(self) -> None:
        """Give a part of the load to the floor for a moment."""
        while self.floor_n == 0:
            self.target_m -= 0.05 * STEP_S
            self.advance(1.0, self.target_m)
        dip = self.rng.uniform(0.33, 0.62)
        kept = max(1 - dip / (1 - self.rest_n / self.lift_n), 0.06)
        ease_s, stay_s = self.rng.uniform((0.1, 0.06), (0.2, 0.22))
        for step in range(int((ease_s + stay_s) / STEP_S)):
            self.advance(1 - (1 - kept) * min(step * STEP_S / ease_s, 1), self.body.floor_m - 0.01)
        self.target_m = self.body.floor_m


def find(condition: NDArray[np.bool_], start: int, end: int, *, last: bool = False) -> int:
    """Return the first (or last) row in start…end at which a condition holds, else the search's end."""
    found = np.flatnonzero(condition[start:end])
    if not len(found):
        return start if last else end
    return start + int(found[-1 if last else 0])


def tell_truth(motion: Motion, marks: Sequence[Mark]) -> tuple[TrueRep, ...]:
    """Read the boundaries of all reps from the state, by the rules at the top."""
    hip, speed, force, floor, heel, rest, _ = motion
    reps: list[TrueRep] = []
    for number, mark in enumerate(marks):
        if not isinstance(mark.step, Rep):
            continue
        previous = marks[number - 1]  # a session begins and ends with a pause
        before = previous.step.style if isinstance(previous.step, Rep) else "dead_stop"
        turn_start = previous.start if before == "dead_stop" else round(reps[-1].touchdown_s / STEP_S)
        top = mark.start + int(np.argmax(hip[mark.start : mark.down + 1]))
        way = (hip - hip[mark.start : top].min()) / np.ptp(hip[mark.start : top + 1])
        half_up = find(way > 0.5, mark.start, top)
        slow_up = speed < 0.05 * speed[mark.start : top].max()
        grounded = slow_up & (way < 0.15) if before == "hover" else floor > 0
        lift_off = find(grounded, turn_start, half_up, last=True)
        push_start_s = None
        if before == "dead_stop":
            low = force - rest < 0.03 * (force[lift_off] - rest[lift_off])
            push_start_s = find(low, turn_start, lift_off, last=True) * STEP_S
        lockout_start = find(slow_up, find(way > 0.9, half_up, mark.down), mark.down)

        following = marks[number + 1]
        after = following.hold or following.end
        fallen = find(way < way[mark.down] - 0.1, mark.down, mark.end)
        slow_down = speed > 0.05 * speed[mark.down : mark.end].min()
        lockout_end = find(slow_down, lockout_start + 1, fallen, last=True)
        touchdown = find(floor > 0, fallen, mark.end)
        rest_s = None
        if mark.step.style == "dead_stop":
            left = force - rest < 0.05 * (force[touchdown] - rest[touchdown])
            rest_s = find(left, touchdown + 1, after) * STEP_S
        elif mark.step.style == "touch":
            lifted = find(floor == 0, mark.end, after)
            rest_s = (touchdown + int(np.argmin(force[touchdown:lifted]))) * STEP_S
        else:
            lowest = hip[fallen:after].min()
            low = hip - lowest < 0.15 * (hip[top] - lowest)
            touchdown = find(low & slow_down, fallen, after)
        held = slice(lift_off, lockout_end)
        heel_share = float((force[held] * heel[held]).sum() / force[held].sum())
        up_s, top_s, leave_s, floor_s = np.array([lift_off, lockout_start, lockout_end, touchdown]) * STEP_S
        moments_s = (push_start_s, float(up_s), float(top_s), float(leave_s), float(floor_s), rest_s)
        reps.append(TrueRep(mark.step.style, *moments_s, heel_share))
    return tuple(reps)


@dataclass
class Stage:
    """What acts on the plate beside the lifting: everything a happening may change."""

    rng: Rng
    time_s: F64
    foot_on: F64  # 1 where the foot rests as usual, 0 where it is off
    heel_shift: F64
    heel_n: F64
    toe_n: F64
    body_n: float
    rise_n: float  # from rest to lift, on this foot

    def within(self, start_s: float, end_s: float, edge_s: float = 0.06) -> F64:
        """Return 0…1: on between two moments, with soft edges."""
        rising = np.tanh((self.time_s - start_s) / edge_s)
        return np.asarray((rising - np.tanh((self.time_s - end_s) / edge_s)) / 2)

    def any(self, low: float, high: float) -> float:
        """Draw a number."""
        return float(self.rng.uniform(low, high))

    def push(self, force_n: F64, heel: float) -> None:
        """Add a force, a part of it on the heel half."""
        self.heel_n += force_n * heel
        self.toe_n += force_n * (1 - heel)

    def ring(self, at_s: float, size_n: float, hertz: float, decay_s: float) -> None:
        """Shake the plate once."""
        since = np.maximum(self.time_s - at_s, 0)
        self.push(size_n * np.exp(-since / decay_s) * np.sin(2 * np.pi * hertz * since), 0.5)

    def lift_foot(self, start_s: float, end_s: float) -> None:
        """Take the foot off and put it down again, with its landing."""
        self.foot_on *= 1 - self.within(start_s, end_s, self.any(0.04, 0.12))
        self.push(self.any(15, 70) * self.within(end_s, end_s + 0.12, 0.04), self.any(0.3, 0.95))

    def stand_on_plate(self, start_s: float, end_s: float) -> None:
        """Get up, stand on the plate with most of the weight, sit down again."""
        self.lift_foot(start_s, end_s)
        up_s, down_s = start_s + 0.6, end_s - 0.6
        sway = 1 + 0.04 * band_noise(self.rng, len(self.time_s), 0.1, 2.0)
        weight_n = self.body_n * self.any(0.75, 1.05) * self.within(up_s, down_s, 0.15)
        self.push(weight_n * sway, self.any(0.35, 0.75))

    def reposition_foot(self, start_s: float, end_s: float) -> None:
        """Shuffle the foot in a few small moves."""
        moves = np.linspace(start_s, end_s, self.rng.integers(3, 6))
        for from_s, to_s in itertools.pairwise(moves):
            self.lift_foot(from_s, from_s + 0.45 * (to_s - from_s))
        self.heel_shift += self.rng.normal(0, 0.15) * self.within(start_s, end_s, 0.2)

    def lift_heel(self, start_s: float, end_s: float) -> None:
        """Come up on the toes of the resting foot."""
        self.heel_shift -= self.within(start_s, end_s, 0.12)
        self.push(self.any(5, 30) * self.within(start_s, end_s, 0.12), 0.0)

    def tap_toes(self, start_s: float, end_s: float) -> None:
        """Beat time with the forefoot."""
        every_s = self.any(0.3, 0.7)
        for at_s in np.arange(start_s, end_s, every_s):
            self.heel_shift += 0.8 * self.within(at_s, at_s + 0.4 * every_s, 0.03)
            self.push(self.any(15, 50) * self.within(at_s + 0.45 * every_s, at_s + 0.6 * every_s, 0.02), 0.0)

    def talk(self, start_s: float, end_s: float) -> None:
        """Talk, laugh and gesture."""
        chatter = band_noise(self.rng, len(self.time_s), 0.5, 5.0)
        self.push(self.any(5, 12) * chatter * self.within(start_s, end_s, 0.3), self.any(0.3, 0.7))

    def put_object(self, start_s: float, end_s: float) -> None:
        """Put something down on the plate and take it off again."""
        weight_n = math.exp(self.any(math.log(4), math.log(0.5 * self.rise_n)))
        half = float(self.rng.choice([0.0, 0.2, 0.8, 1.0]))
        self.push(weight_n * self.within(start_s, end_s, 0.03), half)
        self.ring(start_s, 0.5 * weight_n, self.any(10, 18), 0.08)

    def scoot(self, start_s: float, end_s: float) -> None:
        """Slide the hips along in short pushes that leave them on the floor."""
        for at_s in np.arange(start_s, end_s, self.any(0.6, 1.1)):
            size_n = self.any(0.15, 0.45) * self.rise_n
            self.push(size_n * self.within(at_s, at_s + self.any(0.15, 0.4), 0.07), self.any(0.3, 1))

    def shake_leg(self, start_s: float, end_s: float) -> None:
        """Jiggle the knee of the planted leg."""
        hertz = self.any(3, 6.5)
        beat = np.sin(2 * np.pi * hertz * self.time_s + 0.8 * np.sin(2 * np.pi * 0.4 * self.time_s))
        self.push(self.any(8, 30) * beat * self.within(start_s, end_s, 0.2), self.any(0.1, 0.5))

    def knock(self, start_s: float, end_s: float) -> None:
        """Bump against the bench, or somebody drops a bar on the same floor and it bounces."""
        size_n, at_s, gap_s = self.any(20, 50), start_s, self.any(0.25, 0.9)
        hertz, decay_s = self.any(7, 22), self.any(0.06, 0.25)
        while at_s < end_s and size_n > 3:
            self.ring(at_s, size_n, hertz, decay_s)
            at_s, size_n, gap_s = at_s + gap_s, 0.6 * size_n, 0.8 * gap_s

    def lean(self, start_s: float, end_s: float) -> None:
        """Lean on the plate with a hand, or sit up and reach over the knee."""
        press = 1 + 0.12 * band_noise(self.rng, len(self.time_s), 0.3, 3.0)
        size_n = self.any(0.1, 0.42) * self.rise_n
        self.push(size_n * press * self.within(start_s, end_s, self.any(0.08, 0.6)), self.any(0, 1))


# What a person does between reps (a method of the stage), and how long it takes in seconds.
HAPPENINGS = {
    "lift_foot": (1.0, 6.0),
    "stand_on_plate": (3.5, 9.0),
    "reposition_foot": (1.2, 4.0),
    "knock": (0.6, 2.5),
    "lift_heel": (0.6, 3.0),
    "tap_toes": (1.5, 5.0),
    "talk": (2.0, 7.0),
    "put_object": (1.5, 8.0),
    "scoot": (1.0, 3.0),
    "lean": (0.8, 4.5),
    "shake_leg": (1.5, 6.0),
}


def set_stage(rng: Rng, lifter: Lifter, motion: Motion, reps: Sequence[TrueRep]) -> Stage:
    """Let everything happen that is planned for the pauses, and let hard landings shake the plate."""
    count = len(motion.hip_m)
    person = lifter.person
    stage = Stage(
        rng,
        np.linspace(0, (count - 1) * STEP_S, count),
        np.ones(count),
        np.zeros(count),
        np.zeros(count),
        np.zeros(count),
        person.body.mass_kg * GRAVITY,
        lifter.lift_n * person.body.foot_part - person.rest_n,
    )
    for mark in lifter.marks:
        if not isinstance(mark.step, Pause):
            continue
        start_s, end_s = mark.start * STEP_S, mark.end * STEP_S
        if mark.step.happening == "arrive":
            stage.lift_foot(start_s - 1, start_s + rng.uniform(0.8, 1.5))
        elif mark.step.happening == "leave":
            stage.lift_foot(end_s - rng.uniform(0.8, 1.6), end_s + 1)
        elif mark.step.happening:
            getattr(stage, mark.step.happening)(start_s + 0.8, end_s - 1.2)
    hardness = float(np.log(person.mat_n_per_m15 / 6e4) / np.log(15))
    hertz = rng.uniform(11, 20)
    for rep in reps:
        if rep.style != "hover":
            landing_mps = -min(float(motion.speed_mps[int(rep.touchdown_s / STEP_S)]), 0)
            stage.ring(rep.touchdown_s + 0.01, 90 * hardness * landing_mps, hertz, 0.06)
    return stage


# A good plate and a harsh one: ranges to draw from.
NUISANCES = {
    "noise_n": ((0.01, 0.12), (0.2, 0.4)),
    "gap": ((0.001, 0.005), (0.003, 0.005)),  # part of conversions lost singly
    "bursts_per_min": ((0.0, 0.0), (3.0, 8.0)),  # of 4 to 24 conversions lost
    "spike": ((0.0002, 0.001), (0.01, 0.03)),  # part of conversions corrupted
    "drift_n_per_min": ((0.3, 0.7), (0.9, 1.5)),
    "gain_error": ((0.005, 0.008), (0.008, 0.015)),
    "creep": ((0.001, 0.002), (0.002, 0.003)),
    "hum_n": ((0.05, 0.4), (1.0, 3.0)),  # as it comes through the converter
    "wander": ((0.012, 0.025), (0.02, 0.025)),
    "bracing_n": ((8, 18), (14, 18)),
}


Nuisances = dict[str, tuple[float, float]]


def band_noise(rng: Rng, count: int, low_hz: float, high_hz: float) -> F64:
    """Return noise of a band, weaker towards its upper end, with mean square 1."""
    size = 1 << (count - 1).bit_length()
    hertz = np.fft.rfftfreq(size, STEP_S)
    inside = (hertz >= low_hz) & (hertz <= high_hz)
    lines = np.where(inside, np.maximum(hertz, low_hz) ** -0.6, 0) * rng.normal(size=len(hertz))
    noise = np.fft.irfft(lines * np.exp(2j * np.pi * rng.random(len(hertz))), size)[:count]
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def load_cells(rng: Rng, lifter: Lifter, motion: Motion, stage: Stage, nuisances: Nuisances) -> F64:
    """Return the true force on each cell, shape (4, n): the lift, its unsteadiness and all that happens."""
    count = len(stage.time_s)
    force_n = motion.force_n * lifter.body.foot_part
    wander = rng.uniform(*nuisances["wander"]) * band_noise(rng, count, 0.3, 8.0)
    bracing_n = rng.uniform(*nuisances["bracing_n"]) * band_noise(rng, count, 0.3, 5.0)
    foot_n = np.maximum(force_n * (1 + wander) + (1 - motion.support) * bracing_n, 4) * stage.foot_on
    heel = motion.heel + stage.heel_shift + 0.015 * band_noise(rng, count, 0.2, 3.0)
    heel = np.clip(heel, 0.02, 0.98)
    halves = (foot_n * heel + stage.heel_n, foot_n * (1 - heel) + stage.toe_n)
    cells = []
    for half_n in halves:
        left = 0.5 + rng.normal(0, 0.07) + 0.04 * band_noise(rng, count, 0.05, 1.5)
        left = left + rng.normal(0, 0.05) * stage.time_s / stage.time_s[-1]
        left = np.clip(left, 0.1, 0.9)
        cells += [half_n * left, half_n * (1 - left)]
    return np.array(cells)


def convert(rng: Rng, cells_n: F64, nuisances: Nuisances) -> tuple[F64, I64, F64]:
    """Read the cells with four converters of their own clocks."""
    length_s = cells_n.shape[1] * STEP_S
    grid_s = np.arange(cells_n.shape[1]) * STEP_S
    bursts = rng.poisson(rng.uniform(*nuisances["bursts_per_min"]) * length_s / 60)
    starts_s, lengths_s = rng.uniform(0, length_s, bursts), rng.integers(4, 25, bursts) / 80
    whose = rng.integers(-4, 4, bursts)  # below 0: the host's, which hits all cells
    growth = np.exp(grid_s / CREEP_S)
    mains_hz = float(rng.choice([50.0, 60.0]))
    times, cells, forces = [], [], []
    for cell, true_n in enumerate(cells_n):
        gain = 1 + rng.choice([-1, 1]) * rng.uniform(*nuisances["gain_error"])
        crept_n = np.cumsum(true_n * growth) / growth * STEP_S / CREEP_S
        seen_n = gain * true_n + rng.uniform(*nuisances["creep"]) * crept_n
        drift = rng.choice([-1, 1]) * rng.uniform(*nuisances["drift_n_per_min"]) / 60
        seen_n = seen_n + drift * grid_s
        period_s = 1 / rng.uniform(70, 94)
        window_s = ADC_SETTLING * period_s
        end_s = np.arange(rng.random() * period_s, length_s, period_s)
        end_s = end_s[end_s > window_s]
        total = np.concatenate(([0.0], np.cumsum(seen_n) * STEP_S))
        edges_s = np.concatenate((grid_s, [length_s]))
        mean_n = (np.interp(end_s, edges_s, total) - np.interp(end_s - window_s, edges_s, total)) / window_s
        hum_phase = 2 * np.pi * (mains_hz * end_s + rng.random())
        mean_n = mean_n + rng.uniform(*nuisances["hum_n"]) * np.sin(hum_phase)
        mean_n = mean_n + rng.uniform(*nuisances["noise_n"]) * rng.normal(size=len(end_s))

        counts_per_n = rng.uniform(3500, 5500)
        empty = int(rng.integers(-200_000, 200_000))
        words = np.clip(np.rint(mean_n * counts_per_n) + empty, -FULL_SCALE, FULL_SCALE - 1)
        corrupt = rng.random(len(words)) < rng.uniform(*nuisances["spike"])
        bits = 2.0 ** rng.integers(15, 25, len(words)) - 1
        words = np.where(corrupt, np.where(bits < FULL_SCALE, bits, -1), words)  # 2^24 − 1 reads as −1

        kept = rng.random(len(words)) >= rng.uniform(*nuisances["gap"])
        mine = (whose < 0) | (whose == cell)
        for start_s, gap_s in zip(starts_s[mine], lengths_s[mine], strict=True):
            kept &= (end_s < start_s) | (end_s > start_s + gap_s)
        times.append(end_s[kept] + np.abs(rng.normal(0, 0.0002, kept.sum())))
        cells.append(np.full(int(kept.sum()), cell))
        forces.append((words[kept] - empty) / counts_per_n)
    time_s = np.concatenate(times)
    order = np.argsort(time_s, kind="stable")
    return time_s[order], np.concatenate(cells)[order].astype(np.int64), np.concatenate(forces)[order]


def make(suite: str, seed: int) -> Recorded | None:
    """Return the session of a suite and seed, None for a suite that this world does not have."""
    if suite not in SUITES + VARIANTS:
        return None
    rng = np.random.default_rng([zlib.crc32(suite.encode()), seed])
    person = Person(rng, suite)
    lifter = Lifter(person, rng)
    motion = lifter.live(plan_session(rng, suite, person))
    reps = tell_truth(motion, lifter.marks)
    stage = set_stage(rng, lifter, motion, reps)
    nuisances = {name: ranges[suite == "dead_stop_harsh"] for name, ranges in NUISANCES.items()}
    cells_n = load_cells(rng, lifter, motion, stage, nuisances)
    time_s, cell, force_n = convert(rng, cells_n, nuisances)
    notes: dict[str, object] = {"body_kg": person.body.mass_kg, "load_kg": person.body.load_kg}
    return Recorded(time_s, cell, force_n, reps, ADC_DELAY_S, notes)
