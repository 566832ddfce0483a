"""A world of people who are servos on a soft seat, and of a busy gym around them.

Held out at first; looked at since another `unseen` took its place.

The brain only plans: a height the hips should have and a drive (0..1) with which the leg takes over the
body weight. A springy, noisy leg chases the plan; the hips are a mass on the tissue they sit on, a
Hunt-Crossley contact. Both are integrated forward at 500 Hz, and the plate shows the leg's force. So the
load transfer, bumps of push and brake, the landing and the dip of a touch are not drawn, they come about:

    inertia * acceleration = leg - weight(height) + seat(compression, speed)

Things that are no reps act where they would act: through the leg (and so partly through the seat), by
taking the foot off, by moving its pressure, or by putting something else on one part of the plate.

Truth is read from the integrated state before any nuisance of the plate: lift-off and touchdown where the
seat's force passes 2 % of its resting value, lockout and hover turns where the hips' speed passes 5 % of
that stroke's peak, push start and rest where the drive passes 2 % and 3 %.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.recorded import F64, I64, SUITES, VARIANTS, Recorded, TrueRep

FS_HZ = 500.0
G_M_S2 = 9.81
LONGEST_S = 89.0
COUNTS_PER_N = 4385.0
SEAT_CLEAR = 0.02 ** (2 / 3)  # part of the resting compression at which 2 % of the seat's force is left
ACTIVATION_S = 0.06
USUAL_TEMPO_S = ((0.7, 1.6), (0.4, 2.1), (0.8, 2.6), (0.6, 3.0))  # up, hold, down, pause
TEMPO_S = {
    "slow": ((2.7, 3.3), (0.8, 1.3), (2.7, 3.3), (0.7, 2.0)),
    "explosive": ((0.5, 0.7), (0.3, 1.1), (0.5, 1.5), (0.6, 2.4)),
    "loaded": ((0.8, 2.0), (0.5, 1.6), (0.9, 2.4), (0.8, 3.0)),
    "short_range": ((0.5, 1.0), (0.5, 1.6), (0.6, 1.6), (0.6, 2.4)),
}
Rng = np.random.Generator


@dataclass(frozen=True)
class Athlete:
    """One person with a load; forces as the foot feels them, in N, heights in m, times in s."""

    mass_kg: float
    plateau_n: float
    rest_n: float
    slope: float
    arch: float
    inertia_kg: float
    range_m: float
    seat_m: float
    stiff_n_m: float
    damp_n_s_m: float
    foresight: float
    heel_lift: float
    heel_rest: float
    heel_trend: float
    left: float
    transfer_s: float
    overlap: float
    release_s: float
    up_s: float
    hold_s: float
    down_s: float
    pause_s: float
    landing: str
    stroke: tuple[float, float]
    fatigue: float
    wander: float
    tremor_n: float
    fidget_n: float

    @property
    def transfer_n(self) -> float:
        """Force that goes from the seat to the foot before lift-off, N."""
        return self.plateau_n - self.rest_n


def draw_athlete(rng: Rng, suite: str) -> Athlete:
    """Draw someone new, in the circumstances of the suite."""
    mass = rng.uniform(52, 105)
    plateau = mass * G_M_S2 * 0.335 * rng.uniform(0.85, 1.18)
    rest = min(rng.uniform(50, 130), 0.45 * plateau)
    inertia = 0.25 * mass * rng.uniform(0.85, 1.15)
    lift_range = rng.uniform(0.27, 0.42)
    slope = rng.uniform(-0.13, 0.08)
    load = rng.uniform(20, 100) if suite == "loaded" else 0.0
    if suite == "floor_bridge":
        plateau, lift_range, inertia = plateau * 0.92, rng.uniform(0.17, 0.27), inertia * 0.9
    elif suite == "b_stance":
        part = rng.uniform(0.6, 0.8)
        plateau, inertia, rest = plateau * part, inertia * part, min(rest * 0.8, 0.38 * plateau * part)
    elif suite == "feet_elevated":
        plateau, rest, lift_range = plateau * 1.12, min(rest * 1.2, 140.0), lift_range * 1.1
    elif suite == "band":
        slope = rng.uniform(0.12, 0.45)
    elif suite == "short_range":
        lift_range = rng.uniform(0.12, 0.2)
    plateau += load * 4.9 * rng.uniform(0.85, 1.1)
    inertia += load * 0.65
    eager = rng.uniform(9, 14)
    up, hold, down, pause = (rng.uniform(*b) for b in TEMPO_S.get(suite, USUAL_TEMPO_S))
    landing = str(rng.choice(["soft", "firm", "heavy"], p=[0.5, 0.35, 0.15]))
    if landing == "heavy" and suite != "slow":
        down = min(down, rng.uniform(0.5, 0.8))
    heel = rng.uniform(0.35, 0.8)
    harsh = suite == "dead_stop_harsh"
    # fmt: off
    return Athlete(
        mass_kg=mass, plateau_n=plateau, rest_n=rest, slope=slope, arch=rng.uniform(0.0, 0.09),
        inertia_kg=inertia, range_m=lift_range, seat_m=rng.uniform(0.012, 0.028),
        stiff_n_m=inertia * eager**2, damp_n_s_m=2 * rng.uniform(0.7, 1.0) * inertia * eager,
        foresight=rng.uniform(0.2, 0.9), heel_lift=heel,
        heel_rest=float(np.clip(heel + rng.normal(0, 0.1), 0.25, 0.85)), heel_trend=rng.normal(0, 0.05),
        left=rng.uniform(0.4, 0.6), transfer_s=rng.uniform(0.14, 0.5), overlap=rng.uniform(0.12, 0.5),
        release_s=rng.uniform(0.12, 0.5), up_s=up, hold_s=hold, down_s=down, pause_s=pause, landing=landing,
        stroke=(rng.uniform(1.3, 2.6), rng.uniform(1.3, 2.8)), fatigue=rng.uniform(0.0, 0.35),
        wander=rng.uniform(0.02, 0.028) if harsh else rng.uniform(0.008, 0.02),
        tremor_n=rng.uniform(3, 8) if harsh else rng.uniform(0.3, 2.0),
        fidget_n=rng.uniform(7, 15) if harsh else rng.uniform(1.0, 4.5),
    )
    # fmt: on


def samples(duration_s: float) -> int:
    """Return the steps of the model in a duration in s, one at least."""
    return max(1, round(duration_s * FS_HZ))


def ease(n: int) -> F64:
    """Rise from 0 to 1 in n steps with minimum jerk."""
    x = np.linspace(0.0, 1.0, n)
    return x**3 * (10 - 15 * x + 6 * x**2)


def swell(duration_s: float, rise_s: float, fall_s: float) -> F64:
    """Go 0..1..0 with a level part in between; times in s."""
    n = samples(duration_s)
    rise, fall = samples(min(rise_s, duration_s / 2)), samples(min(fall_s, duration_s / 2))
    out = np.ones(n)
    out[:rise] = ease(rise)
    out[n - fall :] = np.minimum(out[n - fall :], ease(fall)[::-1])
    return out


def band_noise(rng: Rng, n: int, low_hz: float, high_hz: float, tilt: float = 0.5) -> F64:
    """Draw noise of rms 1 between two frequencies in Hz, amplitude falling with frequency ** tilt."""
    f = np.fft.rfftfreq(n, 1 / FS_HZ)
    gain = np.where((f >= low_hz) & (f <= high_hz), np.maximum(f, 1e-3) ** (-tilt), 0.0)
    out = np.fft.irfft(gain * (rng.normal(size=f.size) + 1j * rng.normal(size=f.size)), n)
    return np.asarray(out / max(float(np.sqrt(np.mean(out**2))), 1e-12), dtype=np.float64)


def ringing(duration_s: float, hz: float, decay_s: float) -> F64:
    """Ring like a struck thing: a damped sine that begins at 0."""
    t = np.arange(samples(duration_s)) / FS_HZ
    return np.asarray(np.sin(2 * np.pi * hz * t) * np.exp(-t / decay_s), dtype=np.float64)


def swaying(target_n: F64, hz: float, damping: float) -> F64:
    """Return what a springy body (natural frequency in Hz) presses when it is let down to target_n."""
    t = np.arange(samples(1.6 / hz)) / FS_HZ
    w = 2 * np.pi * hz
    kernel = np.exp(-damping * w * t) * np.sin(w * np.sqrt(1 - damping**2) * t)
    return np.asarray(np.convolve(target_n, kernel / kernel.sum())[: target_n.size], dtype=np.float64)


def soften(x: F64) -> F64:
    """Blur a command as activation does, 60 ms and symmetric, so without delay."""
    kernel = np.hanning(samples(ACTIVATION_S) + 2)
    half = kernel.size // 2
    padded = np.pad(x, (half, kernel.size - 1 - half), mode="edge")
    return np.asarray(np.convolve(padded, kernel / kernel.sum(), mode="valid"), dtype=np.float64)


def stroke(rng: Rng, n: int, bias: tuple[float, float], shape: str) -> F64:
    """Return the way 0..1 of one stroke, in n steps, as the integral of its speed."""
    x = np.linspace(0.0, 1.0, n)
    a, b = np.maximum(1.1, np.array(bias) * rng.uniform(0.9, 1.1, 2))
    bell = x**a * (1 - x) ** b
    speed = bell = bell / bell.max()
    where, width = rng.uniform(0.35, 0.62), rng.uniform(0.05, 0.11)
    if shape == "two_gears":
        low = rng.uniform(0.15, 0.5)
        speed = np.sqrt(bell) * (low + (1 - low) / (1 + np.exp(-(x - where) * rng.choice([-1, 1]) / 0.06)))
    elif shape == "even":
        speed = np.clip(np.minimum(x, 1 - x) / rng.uniform(0.15, 0.27), 0, 1)
    elif shape == "sticking":
        speed = np.sqrt(bell) * (1 - rng.uniform(0.75, 0.97) * np.exp(-(((x - where) / width) ** 2)))
    elif shape == "snap":
        speed = x**1.2 * (1 - x) ** rng.uniform(2.6, 3.6)
    elif shape == "surge":
        speed = x ** rng.uniform(2.4, 3.4) * (1 - x) ** 1.2
    elif shape == "juddering":
        judder = np.sin(2 * np.pi * rng.integers(2, 5) * x + where)
        speed = np.sqrt(bell) * (1 + rng.uniform(0.15, 0.45) * judder)
    elif shape == "overshoot":
        speed = bell - rng.uniform(0.05, 0.12) * np.sin(np.pi * np.clip((x - 0.85) / 0.15, 0, 1)) ** 2
    way = np.cumsum(speed)
    return np.asarray(way / way[-1], dtype=np.float64)


def transfer_curve(rng: Rng, n: int, shape: str) -> F64:
    """Return the drive 0..1 while the leg takes over the weight, in n steps."""
    x = np.linspace(0.0, 1.0, n)
    if shape == "shelf":
        level, part = rng.uniform(0.3, 0.65), max(2, int(rng.uniform(0.3, 0.45) * n))
        out = np.full(n, level)
        out[:part] = level * ease(part)
        out[n - part :] = level + (1 - level) * ease(part)
        return out
    power = {"hasty": rng.uniform(2.0, 3.0), "hesitant": rng.uniform(1.6, 2.2), "straight": 1.0}.get(shape)
    if power is None:
        return ease(n)
    return np.asarray(x**power if shape == "hesitant" else 1 - (1 - x) ** power, dtype=np.float64)


@dataclass
class Lift:
    """One planned rep: steps of the plan in which its moments lie."""

    style: str
    from_rest: bool
    push: int
    start: int
    top: int
    down: int
    landed: int
    end: int
    heel: float


class Stage:
    """All that is planned to happen, on the model's clock (500 Hz); arrays of shape (n,), cells (4, n)."""

    def __init__(self, rng: Rng, who: Athlete) -> None:
        """Set up an empty stage for one person."""
        n = samples(LONGEST_S + 20.0)
        self.rng, self.who, self.now = rng, who, 0
        self.drive, self.height_m, self.push_n, self.heel_shift, self.left_shift = np.zeros((5, n))
        self.gate, self.cells_n = np.ones(n), np.zeros((4, n))
        self.lifts: list[Lift] = []
        self.seen: list[tuple[str, float]] = []

    def u(self, low: float, high: float) -> float:
        """Draw a number between two."""
        return float(self.rng.uniform(low, high))

    def noise(self, n: int, low_hz: float, high_hz: float) -> F64:
        """Draw noise of rms 1 in a band."""
        return band_noise(self.rng, n, low_hz, high_hz)

    def wait(self, duration_s: float) -> None:
        """Let time pass."""
        self.now += samples(duration_s)

    def _span(self, after_s: float, n: int) -> slice:
        begin = min(self.now + max(0, round(after_s * FS_HZ)), self.push_n.size)
        return slice(begin, min(begin + n, self.push_n.size))

    def _add(self, to: F64, values: F64, after_s: float) -> None:
        at = self._span(after_s, values.size)
        to[at] += values[: at.stop - at.start]

    def press(self, force_n: F64, after_s: float = 0.0) -> None:
        """Let the leg press force_n more (less) than at rest; the seat gives way accordingly."""
        self._add(self.push_n, force_n, after_s)

    def tip(self, heel: F64, left: F64 | float = 0.0, after_s: float = 0.0) -> None:
        """Move the foot's pressure: heel part and left part change by so much."""
        self._add(self.heel_shift, heel, after_s)
        self._add(self.left_shift, np.broadcast_to(left, heel.shape), after_s)

    def pull(self, drive: F64, after_s: float = 0.0) -> None:
        """Let the leg take over a part 0..1 of the weight."""
        at = self._span(after_s, drive.size)
        self.drive[at] = np.maximum(self.drive[at], drive[: at.stop - at.start])

    def lay(self, force_n: F64, heel: F64 | float, left: F64 | float, after_s: float = 0.0) -> None:
        """Let something press force_n on the plate with its own heel part and left part."""
        at = self._span(after_s, force_n.size)
        h = np.clip(np.broadcast_to(heel, force_n.shape), 0.0, 1.0)
        s = np.clip(np.broadcast_to(left, force_n.shape), 0.0, 1.0)
        parts = np.stack([h * s, h * (1 - s), (1 - h) * s, (1 - h) * (1 - s)])
        self.cells_n[:, at] += (force_n * parts)[:, : at.stop - at.start]

    def lighten(self, part: F64, after_s: float = 0.0) -> None:
        """Take part 0..1 of the foot's weight off the plate."""
        at = self._span(after_s, part.size)
        self.gate[at] *= 1 - part[: at.stop - at.start]

    def resettle(self, spread: float, after_s: float) -> None:
        """Let the foot stand a little elsewhere from then on."""
        rest_of_it = np.ones(self.push_n.size)
        self.tip(self.rng.normal(0, spread) * rest_of_it, self.rng.normal(0, spread / 2), after_s)


def plan_rep(st: Stage, rep: int, total: int, style: str, odd: bool) -> None:
    """Write one rep into the plan, from where the last one ended, and move the stage's clock to its end."""
    rng, who = st.rng, st.who
    tired = 1 + who.fatigue * (rep / max(1, total - 1)) ** 1.5
    from_rest = not st.lifts or st.lifts[-1].style == "dead_stop"
    downs = ["two_gears", "even", "snap", "surge", "juddering", "plain"]
    up_shape = str(rng.choice([*downs, "sticking", "overshoot"])) if odd else "plain"
    down_shape = str(rng.choice(downs)) if odd else "plain"
    wrap = str(rng.choice(["shelf", "hasty", "hesitant", "straight", "ease"])) if odd else "ease"
    if not odd and rng.random() < 0.08 * tired:
        up_shape = "sticking"
    push = st.now
    low = float(st.height_m[st.now - 1]) if st.now and not from_rest else 0.0
    if from_rest:
        longer = rng.uniform(1.0, 1.5) if wrap == "shelf" else 1.0
        curve = transfer_curve(rng, samples(who.transfer_s * rng.uniform(0.85, 1.2) * longer), wrap)
        st.drive[st.now : st.now + curve.size] = curve
        st.now += curve.size - samples(who.transfer_s * who.overlap)
        st.drive[push + curve.size : st.now + 1] = 1.0
    start = st.now

    top = who.range_m * rng.uniform(0.97, 1.02) * (1 - 0.05 * (tired - 1))
    halting = 1.25 if up_shape in ("sticking", "two_gears") else 1.0
    up = samples(who.up_s * rng.uniform(0.92, 1.08) * tired * halting)
    st.height_m[start : start + up] = low + (top - low) * stroke(rng, up, who.stroke, up_shape)
    hold = samples(max(0.12, who.hold_s * rng.uniform(0.85, 1.15)))
    sag = top * rng.uniform(0, 0.012) * np.linspace(0, 1, hold)
    st.height_m[start + up : start + up + hold] = top - sag
    leave = start + up + hold
    top = float(top - sag[-1])

    down = samples(who.down_s * rng.uniform(0.88, 1.12))
    bottom = {"dead_stop": 0.0, "touch": 0.0, "hover": top * rng.uniform(0.07, 0.22)}[style]
    way = stroke(rng, down, who.stroke[::-1], down_shape)
    if style != "hover" and who.landing != "soft":
        # the last of the way is left to gravity: the plan runs through the floor at speed
        cut = samples(down * rng.uniform(0.6, 0.8) / FS_HZ) if who.landing == "heavy" else int(down * 0.88)
        slope = max(way[cut] - way[cut - 1], 0.7 / down)
        way = np.concatenate([way[:cut], way[cut - 1] + slope * np.arange(1, down)])
        way = way[: int(np.argmax(way >= 1.0)) + 1] if way[-1] >= 1.0 else way
    path = top + (bottom - top) * way
    landed = leave + path.size
    st.height_m[leave:landed] = path
    air = slice(start, landed)
    st.drive[air] = np.where(st.drive[air] > 0, st.drive[air], 1.0)
    if style == "dead_stop":
        release = samples(who.release_s * rng.uniform(0.85, 1.2))
        st.drive[landed : landed + release] = 1 - ease(release)
        end = landed + release
    elif style == "touch":
        dip = samples(rng.uniform(0.22, 0.5))
        unload = min(0.95, rng.uniform(0.42, 0.75) * who.plateau_n / who.transfer_n)
        st.drive[landed : landed + dip] = 1 - unload * np.sin(np.pi * np.linspace(0, 1, dip)) ** 2
        end = landed + int(dip * rng.uniform(0.75, 1.0))
        st.height_m[landed : landed + dip] = 0.0
    else:
        end = landed + samples(rng.uniform(0.02, 0.45))
        st.height_m[landed:end] = bottom
        st.drive[landed:end] = 1.0
    heel = who.heel_lift + rng.normal(0, 0.025)
    st.lifts.append(Lift(style, from_rest, push, start, start + up + hold // 2, leave, landed, end, heel))
    st.now = end


Span = tuple[float, float]


@dataclass(frozen=True)
class Habit:
    """A thing people do in one or more like pieces; spans are (low, high), drawn anew for every piece.

    pull: part of the weight the leg takes over; press: of its resting force, more or less; jolt_n: unrest
    of the leg in N rms within band_hz; tip, lean: change of the heel part and the left part; off: part of
    the foot that leaves the plate; load_n at heel, left: a thing or somebody else on the plate; shake:
    (part, low_hz, high_hz), how unsteady pull and load are; knock_n with knock_hz: what rings at the end.
    """

    length_s: Span
    rise_s: Span
    fall_s: Span
    times: tuple[int, int] = (1, 1)
    gap_s: Span = (0.05, 0.5)
    pull: Span = (0, 0)
    press: Span = (0, 0)
    jolt_n: Span = (0, 0)
    band_hz: Span = (0.2, 3)
    tip: Span = (0, 0)
    lean: Span = (0, 0)
    off: float = 0.0
    load_n: Span = (0, 0)
    heel: Span = (0, 1)
    left: Span = (0.1, 0.9)
    shake: tuple[float, float, float] = (0.03, 0.5, 6)
    knock_n: Span = (0, 0)
    knock_hz: Span = (5, 12)
    resettle: float = 0.0


# fmt: off
HABITS = {
    "abandoned_push": Habit((0.3, 1.2), (0.15, 0.5), (0.12, 0.5), pull=(0.3, 0.72)),
    "tension_without_lift": Habit((0.6, 3.5), (0.15, 1), (0.15, 0.8), pull=(0.15, 0.5), shake=(0.08, 0.5, 6)),
    "test_pulses": Habit((0.25, 0.6), (0.1, 0.3), (0.1, 0.3), (2, 5), pull=(0.1, 0.4)),
    "slow_lean_in": Habit((2.5, 6), (1.3, 4), (0.2, 0.8), pull=(0.25, 0.55)),
    "hips_shuffled": Habit((0.3, 0.75), (0.12, 0.3), (0.15, 0.35), (1, 3), (0.1, 0.7), (0.2, 0.6),
        (-0.3, 0.1), tip=(-0.15, 0.15), lean=(-0.2, 0.2), resettle=0.02),
    "bench_dragged": Habit((0.25, 0.5), (0.08, 0.15), (0.1, 0.25), (2, 4), (0.15, 0.6), (0.1, 0.45),
        (-0.5, 0.1), tip=(-0.2, -0.05), shake=(0.25, 8, 25)),
    "foot_placed_anew": Habit((0.3, 1.8), (0.06, 0.2), (0.04, 0.12), (1, 2), off=1, knock_n=(15, 80),
        knock_hz=(4, 9), resettle=0.05),
    "foot_crept": Habit((0.25, 0.6), (0.1, 0.3), (0.1, 0.3), (2, 6), (0, 0.1), press=(-0.25, 0.3),
        tip=(-0.55, 0.55), lean=(-0.1, 0.1), resettle=0.03),
    "heel_raised": Habit((0.5, 2.4), (0.15, 0.4), (0.1, 0.3), (1, 4), (0.2, 0.8), press=(0, 0.5),
        tip=(-0.9, -0.9), heel=(0.9, 1), knock_n=(10, 60), knock_hz=(9, 13)),
    "leg_shaken_out": Habit((1.5, 5), (0.1, 0.2), (0.08, 0.15), off=1, knock_n=(10, 60), resettle=0.04),
    "feet_lifted_by_turns": Habit((0.3, 0.9), (0.1, 0.3), (0.1, 0.2), (3, 8), (0.3, 0.9), off=0.9,
        knock_n=(5, 40)),
    "knee_falls_aside": Habit((1.5, 8), (0.3, 0.9), (0.3, 0.8), press=(-0.55, -0.15), lean=(-0.3, 0.3)),
    "leg_slid_out": Habit((2, 7), (0.4, 1), (0.4, 1), press=(-0.7, -0.35), jolt_n=(1, 5), band_hz=(3, 20),
        tip=(0.6, 0.6)),
    "free_leg_moved": Habit((1, 9), (0.3, 1), (0.3, 1), (1, 2), press=(-0.3, 0.6), jolt_n=(0, 4),
        tip=(-0.08, 0.08), lean=(-0.08, 0.08)),
    "coughed": Habit((0.14, 0.26), (0.04, 0.08), (0.08, 0.16), (1, 6), (0.05, 0.3), press=(0.1, 0.6),
        knock_n=(-20, 0)),
    "panting": Habit((4, 12), (0.6, 1.5), (0.6, 2), jolt_n=(4, 12), band_hz=(0.4, 0.9)),
    "gesturing": Habit((1.5, 12), (0.3, 0.6), (0.3, 0.6), jolt_n=(6, 22), tip=(-0.06, 0.06),
        lean=(-0.06, 0.06)),
    "pad_put_right": Habit((1, 4), (0.2, 0.4), (0.2, 0.4), (1, 2), jolt_n=(8, 24), band_hz=(0.8, 4)),
    "turned_for_the_bottle": Habit((0.6, 1.3), (0.3, 0.6), (0.3, 0.6), (2, 2), (1, 4), press=(-0.45, 0.45),
        lean=(-0.1, 0.1)),
    "bottle_stands": Habit((3, 15), (0.03, 0.05), (0.08, 0.2), load_n=(3, 13), left=(0, 1),
        shake=(0.003, 1, 6)),
    "disc_leant_on": Habit((2, 12), (0.1, 0.5), (0.08, 0.2), load_n=(15, 70), heel=(0, 0.1),
        shake=(0.02, 0.05, 0.3)),
    "hand_on_knee": Habit((0.8, 5), (0.15, 0.7), (0.1, 0.6), load_n=(12, 110), heel=(0.7, 0.85),
        left=(0.4, 0.6), shake=(0.12, 0.4, 6)),
    "patted": Habit((0.1, 0.14), (0.03, 0.04), (0.06, 0.09), (2, 4), (0.08, 0.25), load_n=(15, 80),
        heel=(0.6, 0.85)),
    "toe_of_a_bystander": Habit((2, 9), (0.15, 0.5), (0.1, 0.4), load_n=(20, 140), heel=(0, 0.3),
        left=(0, 0.1), shake=(0.15, 0.1, 1.5)),
    "dog": Habit((0.25, 1.2), (0.05, 0.1), (0.06, 0.12), (2, 7), (-0.2, 0.5), load_n=(15, 75), left=(0, 1),
        shake=(0.1, 2, 8)),
    "neighbour_drops_bar": Habit((0.1, 0.2), (0.1, 0.1), (0.1, 0.1), (1, 3), knock_n=(15, 90),
        knock_hz=(10, 24)),
    "cramp": Habit((0.8, 2.5), (0.2, 0.3), (0.1, 0.2), pull=(0.1, 0.4), jolt_n=(4, 14), band_hz=(5, 9),
        tip=(-0.5, -0.15)),
    "bar_rolled_over": Habit((1, 2.4), (0.4, 0.9), (0.5, 1.2), load_n=(50, 200), heel=(0.55, 0.9),
        left=(0.4, 0.6), shake=(0.1, 1, 8)),
    "stamped": Habit((0.2, 0.3), (0.1, 0.14), (0.02, 0.04), (1, 4), (0.2, 0.6), off=1, knock_n=(150, 550),
        knock_hz=(5, 10), heel=(0.3, 0.8), left=(0.4, 0.6)),
    "laughed": Habit((0.1, 0.14), (0.05, 0.06), (0.05, 0.07), (6, 20), (0.06, 0.14), press=(0.05, 0.5),
        tip=(-0.02, 0.02)),
    "wiped": Habit((0.15, 0.35), (0.05, 0.1), (0.05, 0.1), (5, 14), (-0.05, 0.1), load_n=(12, 50),
        left=(0, 1), shake=(0.1, 2, 15)),
    "plate_kicked": Habit((0.05, 0.1), (0.02, 0.03), (0.02, 0.03), (1, 2), (0.2, 0.6), knock_n=(-50, 140),
        knock_hz=(9, 19)),
}
# fmt: on


class Gym(Stage):
    """A stage on which other things happen; each `_do_` writes one at the clock and returns its length, s.

    None lifts the hips to lockout. Steady loads are kept away from the force of this person's own lift.
    """

    def _steady(self, force_n: float) -> float:
        return min(force_n, 0.6 * self.who.transfer_n)

    def _repeat(self, habit: Habit) -> float:
        at, rest_n = 0.0, self.who.rest_n
        for _ in range(self.rng.integers(habit.times[0], habit.times[1] + 1)):
            heel, left = self.u(*habit.heel), self.u(*habit.left)
            way = swell(self.u(*habit.length_s), self.u(*habit.rise_s), self.u(*habit.fall_s))
            shaky = way * np.maximum(0, 1 + habit.shake[0] * self.noise(way.size, *habit.shake[1:]))
            self.pull(np.minimum(self.u(*habit.pull) * shaky, 0.75), at)
            self.press(self._steady(self.u(*habit.press) * rest_n) * way, at)
            self.press(self.u(*habit.jolt_n) * self.noise(way.size, *habit.band_hz) * way, at)
            self.tip(self.u(*habit.tip) * way, self.u(*habit.lean) * way, at)
            self.lighten(habit.off * way, at)
            self.lay(self._steady(self.u(*habit.load_n)) * shaky, heel, left, at)
            at += way.size / FS_HZ
            knock = self.u(*habit.knock_n) * ringing(0.4, self.u(*habit.knock_hz), self.u(0.03, 0.08))
            self.lay(knock, heel, left, at)
            at += self.u(*habit.gap_s)
        self.resettle(habit.resettle, at / 2)
        return at + 0.2

    def _do_hips_barely_off(self) -> float:
        air = min(0.3 * (self.who.up_s + self.who.hold_s + self.who.down_s), self.u(0.35, 0.9))
        rise = self.u(0.2, 0.4)
        self.pull(swell(air + 2 * rise, rise, rise))
        hop = self.who.range_m * self.u(0.06, 0.3) * swell(air, air / 2, air / 2)
        i = min(self.now + samples(rise * 0.9), self.height_m.size - hop.size)
        self.height_m[i : i + hop.size] = hop
        return air + 2 * rise

    def _do_tapping(self) -> float:
        beat, at, size = 60 / self.u(85, 170), 0.0, self.u(15, 70)
        heel_tap = self.rng.random() < 0.35
        for _ in range(self.rng.integers(5, 22)):
            up = swell(beat * 0.55, 0.08, 0.04)
            self.tip((-1 if heel_tap else 1) * self.u(0.25, 0.55) * up, 0.0, at)
            hit = size * self.u(0.6, 1.3) * ringing(0.15, self.u(11, 16), 0.03)
            self.lay(hit, 0.9 if heel_tap else 0.08, self.who.left, at + beat * 0.55)
            at += beat * self.rng.normal(1, 0.03)
        return at

    def _do_other_foot_for_a_while(self) -> float:
        gap, stay = self.u(0.2, 0.8), self.u(1.5, 6.0)
        self.lighten(swell(stay + 2 * gap, 0.12, 0.12))
        load = self.who.rest_n * self.u(0.6, 1.3) * (1 + 0.04 * self.noise(samples(stay), 0.2, 3))
        self.lay(swaying(load * swell(stay, 0.1, 0.1), 4, 0.4), self.u(0.3, 0.8), 1 - self.who.left, gap)
        self.resettle(0.04, stay)
        return stay + 2 * gap

    def _do_iron_set_down(self) -> float:
        weight = self._steady(self.rng.choice([1.25, 2.5, 5, 7.5, 10, 12.5, 15, 20]) * G_M_S2)
        stay, heel, left = self.u(1.5, 14.0), self.u(0.0, 0.3), self.u(0.1, 0.9)
        heel = heel if self.rng.random() < 0.5 else 1 - heel
        stand = swell(stay, 0.03, self.u(0.08, 0.3))
        self.lay(weight * swaying(stand, self.u(7, 14), 0.3), heel, left)
        self.lay(weight * self.u(0.5, 2.0) * swell(0.05, 0.015, 0.03), heel, left)
        return stay + 0.3

    def _whole_body(self, part: float, stay: float, hz: float, unrest: float) -> float:
        load = self.who.mass_kg * G_M_S2 * part * swell(stay, self.u(0.25, 0.7), self.u(0.3, 0.6))
        load *= 1 + unrest * self.noise(load.size, 0.2, 2.5)
        heel = self.u(0.35, 0.7) + 1.8 * unrest * self.noise(load.size, 0.1, 1.5)
        left = 0.5 + 2 * unrest * self.noise(load.size, 0.1, 1.0)
        self.lighten(swell(stay + 0.5, 0.4, 0.3))
        self.lay(swaying(load, hz, self.u(0.35, 0.6)), heel, left, 0.1)
        self.resettle(0.05, stay / 2)
        return stay + 0.7

    def _do_stood_on_plate(self) -> float:
        return self._whole_body(self.u(0.75, 1.0), self.u(1.8, 9.0), self.u(1.6, 3.0), self.u(0.015, 0.05))

    def _do_sat_on_plate(self) -> float:
        return self._whole_body(self.u(0.6, 0.85), self.u(3.0, 10.0), self.u(4.0, 5.0), 0.02)

    def _do_walked_across(self) -> float:
        contact = self.u(0.45, 0.75)
        arch = np.sin(np.pi * np.linspace(0, 1, samples(contact)))
        load = self.u(50, 100) * G_M_S2 * self.u(0.9, 1.15) * (arch**0.6 - 0.3 * arch**8)
        away = self.rng.random() < 0.6
        if away:
            self.lighten(swell(contact + 1.2, 0.15, 0.12))
        self.lay(load, 0.9 - 0.8 * ease(load.size), self.u(0.2, 0.8), 0.6 if away else 0.1)
        return contact + 1.3

    def _do_got_up_and_back(self) -> float:
        rise, away = self.u(0.5, 0.9), self.u(2.5, 9.0)
        surge = self.who.mass_kg * G_M_S2 * self.u(0.25, 0.6) * swell(rise, 0.6 * rise, 0.2)
        self.lay(surge, 0.6 - 0.4 * ease(surge.size), self.who.left)
        self.lighten(swell(away + 0.3, 0.2, 0.15), rise - 0.2)
        back = rise + away
        self.lay(self.u(0.3, 1.0) * self.who.rest_n * ringing(0.4, 5, 0.08), 0.5, self.who.left, back)
        self.press(self.u(3, 15) * self.noise(samples(1.5), 0.5, 4) * swell(1.5, 0.3, 0.5), back)
        self.resettle(0.05, rise + 0.3)
        return back + 1.5

    def _do_plate_nudged(self) -> float:
        at = 0.3
        self.lighten(swell(2.6, 0.2, 0.15))
        for _ in range(self.rng.integers(1, 4)):
            hand = self.u(8, 30) * swell(self.u(0.25, 0.6), 0.08, 0.1)
            self.lay(hand * (0.4 + 0.4 * self.noise(hand.size, 8, 40)), 0.95, self.u(0.3, 0.7), at)
            self.lay(-0.5 * hand, 0.1, 0.5, at)
            at += hand.size / FS_HZ + self.u(0.1, 0.3)
        self.resettle(0.05, 1.0)
        return 2.8

    def happen(self, kinds: tuple[str, ...]) -> None:
        """Let one thing of these kinds happen, to its end."""
        kind = str(self.rng.choice(kinds))
        self.seen.append((kind, self.now / FS_HZ))
        if kind in HABITS:
            self.wait(self._repeat(HABITS[kind]))
        else:
            made: Callable[[], float] = getattr(self, "_do_" + kind)
            self.wait(made())


KINDS = (*HABITS, *(name.removeprefix("_do_") for name in vars(Gym) if name.startswith("_do_")))
KINDS_ALONE = tuple(kind for kind in KINDS if kind != "hips_barely_off")  # told only beside true reps
FIDGETS = ("gesturing", "free_leg_moved", "coughed", "tension_without_lift", "foot_crept")


def between(st: Gym, suite: str, last: bool) -> None:
    """Rest after a rep, and in the suite of events do something in it."""
    rng, who = st.rng, st.who
    st.wait(max(0.45, who.pause_s * rng.uniform(0.6, 1.4)))
    if suite == "events" and rng.random() < 0.75 and st.now / FS_HZ < LONGEST_S - 25:
        st.happen(KINDS)
        st.wait(rng.uniform(0.7, 2.5))
    elif suite == "dead_stop_harsh" and not last and rng.random() < 0.15:
        st.happen(FIDGETS)
        st.wait(rng.uniform(0.6, 1.5))


def play_set(st: Gym, suite: str) -> None:
    """Play a set of reps, with a beginning and an end."""
    rng, who = st.rng, st.who
    if rng.random() < 0.35:
        late = rng.uniform(0.6, 2.5)
        st.gate[: samples(late)] = 0.0
        st.now = samples(late)
        st.lay(0.5 * who.rest_n * ringing(0.3, 6, 0.07), 0.5, who.left)
    st.wait(rng.uniform(2.2, 5.5))
    if suite == "events" and rng.random() < 0.6:
        st.happen(KINDS)
        st.wait(rng.uniform(1.0, 3.0))
    wanted = int(rng.integers(4, 13 if suite != "events" else 8))
    moods = {"touch": ["touch"], "hover": ["hover"], "mixed": ["dead_stop", "touch", "hover"]}.get(
        suite, ["dead_stop"]
    )
    for rep in range(wanted):
        cycle = who.transfer_s + 1.4 * (who.up_s + who.hold_s) + who.down_s + who.release_s
        last = rep == wanted - 1 or st.now / FS_HZ + 2 * cycle + 2 * who.pause_s > LONGEST_S - 8
        style = "dead_stop" if last else str(rng.choice(moods))
        plan_rep(st, rep, wanted, style, suite == "unseen_shapes")
        if style == "dead_stop":
            between(st, suite, last)
        if last:
            break
    st.wait(rng.uniform(1.0, 3.5))
    if rng.random() < 0.3:
        st.lighten(np.ones(samples(40)))
        st.wait(rng.uniform(1.0, 3.0))
    st.now = min(max(st.now, samples(rng.uniform(25.0, 28.0))), samples(LONGEST_S))


def play_nothing(st: Gym) -> None:
    """Play no rep: a person about a plate, who is idle, and does this and that."""
    rng = st.rng
    length = rng.uniform(28, 85)
    if rng.random() < 0.3:
        st.gate[: samples(rng.uniform(2, 10))] = 0.0
    st.wait(rng.uniform(1.5, 8))
    while st.now / FS_HZ < length - 12:
        st.happen(KINDS_ALONE)
        st.wait(rng.exponential(2.5) + 0.5 if rng.random() < 0.8 else rng.uniform(6, 15))
    st.wait(rng.uniform(1.0, 6.0))
    st.now = min(max(st.now, samples(26.0)), samples(LONGEST_S))


def weight_n(who: Athlete, height_m: F64) -> F64:
    """Return the foot force that holds the hips at a height, N."""
    x = np.clip(height_m / who.range_m, 0.0, 1.1)
    return np.asarray(
        who.plateau_n * (1 + who.slope * (x - 0.3) + 4 * who.arch * x * (1 - x)), dtype=np.float64
    )


def move(st: Gym) -> F64:
    """Integrate the hips along the plan (semi-implicit Euler, 2 ms): height m, speed m/s, leg N, drive."""
    who, rng, n = st.who, st.rng, st.now
    drive = soften(np.clip(st.drive[:n], 0.0, 1.0))
    plan = soften(st.height_m[:n] - who.seat_m * (1 - np.clip(st.drive[:n], 0.0, 1.0)))
    rate = np.gradient(plan, 1 / FS_HZ)
    grow = 1 + who.fatigue * np.linspace(0, 1, n)
    t = np.arange(n) / FS_HZ
    breath = rng.uniform(0.5, 3.0) * np.sin(2 * np.pi * rng.uniform(0.2, 0.35) * t + 0.8 * np.sin(0.21 * t))
    fidget = who.fidget_n * band_noise(rng, n, 0.05, 5.0, 0.9) + breath
    passive = who.rest_n + soften(st.push_n[:n]) + fidget * (1 - 0.7 * drive)
    tremor = who.tremor_n * band_noise(rng, n, 7.5, 11.5) * grow * drive
    muscle = 1 + who.wander * grow * band_noise(rng, n, 0.3, 8.0)
    ahead = weight_n(who, plan) - who.rest_n + who.foresight * who.inertia_kg * np.gradient(rate, 1 / FS_HZ)

    w0 = float(weight_n(who, np.zeros(1))[0])
    seat = (w0 - who.rest_n) / who.seat_m**1.5
    a1, a2 = who.slope / who.range_m, 4 * who.arch
    h, v, dt, m = -who.seat_m, 0.0, 1 / FS_HZ, who.inertia_kg
    k, b, reach = who.stiff_n_m, who.damp_n_s_m, 1.1 * who.range_m
    heights, speeds, legs = [0.0] * n, [0.0] * n, [0.0] * n
    columns = (drive, plan, rate, passive, tremor, muscle, ahead)
    for i, (d, r, rd, idle, shake, mus, ff) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        leg = (idle + d * (ff + k * (r - h) + b * (rd - v))) * mus + shake
        leg = leg if leg > 0.0 else 0.0
        x = min(max(h, 0.0), reach) / who.range_m
        pull = leg - who.plateau_n * (1 + a1 * who.range_m * (x - 0.3) + a2 * x * (1 - x))
        if h < 0.0:
            grip = 1 - 4.0 * v
            pull += seat * (-h) ** 1.5 * (grip if grip > 0.0 else 0.0)
        v += dt * pull / m
        h += dt * v
        heights[i], speeds[i], legs[i] = h, v, leg
    return np.array([heights, speeds, legs, drive])


def last_true(mask: NDArray[np.bool_], begin: int) -> int:
    """Return the last step at which the mask is true, begin where none is."""
    hits = np.flatnonzero(mask)
    return begin + int(hits[-1]) if hits.size else begin


def first_true(mask: NDArray[np.bool_], begin: int) -> int:
    """Return the first step at which the mask is true, the end where none is."""
    hits = np.flatnonzero(mask)
    return begin + int(hits[0]) if hits.size else begin + int(mask.size) - 1


def read_truth(st: Gym, motion: F64, heel_part: F64, foot_n: F64) -> tuple[TrueRep, ...]:
    """Read the instants of every rep from the integrated state."""
    reps: list[TrueRep] = []
    h, speed, _, drive = motion
    v, clear = soften(speed), -SEAT_CLEAR * st.who.seat_m
    for k, lift in enumerate(st.lifts):
        top = lift.top
        level = float(np.median(h[top - 10 : top + 10]))
        near = level - 0.04 * st.who.range_m
        after = min(lift.end + samples(0.6), st.now)
        peak_up = float(v[lift.start : top].max())
        peak_down = float(-v[lift.down : lift.landed + 1].min())
        before = st.lifts[k - 1] if k else None
        if before is not None and before.style == "hover":
            low = lift.start + int(np.argmin(h[lift.start : top]))
            low = min(low, lift.start + samples(0.4))
            fast = low + int(np.argmax(v[low:top] > 0.4 * peak_up))
            off = last_true(v[low : fast + 1] < 0.05 * peak_up, low)
        else:
            off = last_true(h[lift.push : top] < clear, lift.push) + 1
        there = last_true(h[off:top] < near, off) + 1
        arrive = first_true(v[there : top + 1] < max(0.05 * peak_up, 0.008), there)
        gone = first_true(h[top:after] < near, top)
        leave = max(last_true(v[top : gone + 1] > -max(0.05 * peak_down, 0.008), top), arrive)
        if lift.style == "hover":
            fast = leave + int(np.argmin(v[leave : lift.landed + samples(0.05)]))
            down = first_true(v[fast:after] > -0.05 * peak_down, fast)
        else:
            down = first_true(h[leave:after] < clear, leave)
        rest = None
        if lift.style == "dead_stop":
            rest = max(first_true(drive[lift.landed : after] < 0.03, lift.landed), down + 1)
        push = first_true(drive[lift.push : off] > 0.02, lift.push) if lift.from_rest else None
        lifted = slice(off, leave + 1)
        heel = float((heel_part * foot_n)[lifted].sum() / foot_n[lifted].sum())
        push_s, rest_s = (None if i is None else i / FS_HZ for i in (push, rest))
        off_s, arrive_s, leave_s, down_s = (i / FS_HZ for i in (off, arrive, leave, down))
        reps.append(TrueRep(lift.style, push_s, off_s, arrive_s, leave_s, down_s, rest_s, heel))
    return tuple(reps)


def onto_the_plate(st: Gym, motion: F64) -> tuple[F64, tuple[TrueRep, ...]]:
    """Spread the foot over the four cells, N, shape (4, n), and read the truth."""
    who, rng, n = st.who, st.rng, st.now
    height, speed, leg, _ = motion
    foot = leg.copy()
    for lift in st.lifts:
        if lift.style == "hover":
            continue
        i = lift.landed + int(np.argmax(height[lift.landed - samples(0.1) : lift.end + 1] < 0)) - samples(0.1)
        # the shank and the mat are shaken by hips that land
        shock = -speed[i] * rng.uniform(40, 140) * ringing(0.4, rng.uniform(8, 14), rng.uniform(0.04, 0.09))
        foot[i : i + shock.size] += shock[: max(0, n - i)]
    foot = np.maximum(foot, 0.0) * soften(st.gate[:n])
    knots = [0, *(i for lift in st.lifts for i in (lift.push, lift.down))]
    heels = [who.heel_lift, *(lift.heel for lift in st.lifts for _ in range(2))]
    base = np.interp(np.arange(n), knots, heels)
    w = np.clip((leg - who.rest_n) / who.transfer_n, 0.0, 1.0)
    share = who.heel_rest + (base - who.heel_rest) * w
    share += who.heel_trend * np.clip(height / who.range_m, 0, 1)
    share += rng.uniform(0.006, 0.025) * band_noise(rng, n, 0.1, 4.0, 0.8)
    share = np.clip(share + soften(st.heel_shift[:n]), 0.02, 0.98)
    left = who.left + 0.02 * band_noise(rng, n, 0.1, 4.0, 0.8) + soften(st.left_shift[:n])
    left = np.clip(left, 0.05, 0.95)
    cells = np.stack([foot * share * left, foot * share * (1 - left), foot * (1 - share) * left, 0 * foot])
    cells[3] = foot * (1 - share) * (1 - left)
    return cells + st.cells_n[:, :n], read_truth(st, motion, share, np.maximum(foot, 1e-9))


@dataclass(frozen=True)
class Wiring:
    """How bad the plate is: rates in Hz, forces in N, parts of 1."""

    rate_hz: float
    noise_n: float
    hum_n: float
    drift_n_s: float
    creep: float
    gain: float
    zero_n: float
    spikes: float
    losses: float
    gaps: int


def draw_wiring(rng: Rng, harsh: bool) -> Wiring:
    """Draw a plate of the usual kind, or a bad one."""
    rate = float(rng.choice([80.0, 40.0, 90.0, 320.0], p=[0.82, 0.06, 0.07, 0.05]))
    # fmt: off
    return Wiring(
        rate_hz=rate, noise_n=rng.uniform(0.2, 0.8) if harsh else rng.uniform(0.02, 0.3),
        hum_n=rng.uniform(0.5, 3.0) if harsh else rng.choice([0.0, rng.uniform(0.0, 0.5)]),
        drift_n_s=(rng.uniform(1.0, 3.0) if harsh else rng.uniform(0.2, 1.2)) / 60,
        creep=rng.uniform(0.003, 0.008) if harsh else rng.uniform(0.001, 0.003),
        gain=0.012 if harsh else 0.006, zero_n=1.5 if harsh else 0.6,
        spikes=rng.uniform(0.003, 0.02) if harsh else rng.choice([0.0, rng.uniform(0.0001, 0.0012)]),
        losses=rng.uniform(0.002, 0.01) if harsh else rng.uniform(0.0, 0.003),
        gaps=int(rng.integers(3, 9)) if harsh else int(rng.integers(0, 3)),
    )
    # fmt: on


def convert(rng: Rng, plate_n: F64, wire: Wiring) -> tuple[F64, F64]:
    """Convert as one chip: time stamps in s and forces in N, before gaps and spikes."""
    rate = wire.rate_hz * rng.uniform(0.94, 1.06)
    box = np.ones(samples(2 / rate)) / samples(2 / rate)
    n = plate_n.size
    t = np.arange(n) / FS_HZ
    # two averages over two conversions each: settles in four conversions, two of them late
    padded = np.pad(plate_n, (2 * box.size, 0), mode="edge")
    late = np.convolve(np.convolve(padded, box), box)[2 * box.size : 2 * box.size + n]
    lag = 2 / rate - (box.size - 1) / FS_HZ
    ready = np.arange(rng.uniform(0, 1 / rate), t[-1], 1 / rate)
    shown = np.interp(ready - lag, t, late)
    shown *= 1 + rng.normal(0, wire.gain)
    # creep is slow, so a coarse grid will do
    step = np.diff(shown, prepend=0.0)
    decay = np.exp(-np.arange(ready.size) / rate / 150.0)
    spectrum = np.fft.rfft(step, 2 * ready.size) * np.fft.rfft(decay, 2 * ready.size)
    crept = shown - np.fft.irfft(spectrum, 2 * ready.size)[: ready.size]
    shown += wire.creep * crept
    shown += rng.normal(0, wire.zero_n) + rng.choice([-1, 1]) * wire.drift_n_s * rng.uniform(0.5, 1.2) * ready
    mains = 50.0 if rng.random() < 0.7 else 60.0
    shown += wire.hum_n * np.sin(2 * np.pi * mains * ready + rng.uniform(0, 6))
    shown += rng.normal(0, wire.noise_n, ready.size)
    stamped_s = np.maximum.accumulate(ready + np.minimum(rng.exponential(0.0003, ready.size), 0.004))
    return stamped_s, shown


def spoil(rng: Rng, force_n: F64, wire: Wiring) -> F64:
    """Put corrupted words in place of some conversions, alone or in short bursts."""
    out = force_n.copy()
    for i in np.flatnonzero(rng.random(out.size) < wire.spikes):
        burst = 1 if rng.random() < 0.8 else int(rng.integers(2, 5))
        word = float(2 ** int(rng.integers(15, 24)) - 1)
        wrong = word / COUNTS_PER_N if rng.random() < 0.7 else -rng.uniform(0.0, 45.0)
        out[i : i + burst] = wrong
    return out


def record(rng: Rng, cells_n: F64, wire: Wiring) -> tuple[F64, I64, F64]:
    """Convert with all four chips, in order of time."""
    times, which, forces = [], [], []
    length = cells_n.shape[1] / FS_HZ
    holes = [
        (rng.uniform(0, length), rng.uniform(0.05, 0.6), int(rng.integers(-2, 4))) for _ in range(wire.gaps)
    ]
    for c in range(4):
        t, f = convert(rng, cells_n[c], wire)
        f = spoil(rng, f, wire)
        keep = rng.random(t.size) >= wire.losses
        for begin, lasts, cell in holes:
            if cell < 0 or cell == c:
                keep &= (t < begin) | (t > begin + lasts)
        times.append(t[keep])
        which.append(np.full(int(keep.sum()), c, dtype=np.int64))
        forces.append(f[keep])
    t_all = np.concatenate(times)
    order = np.argsort(t_all, kind="stable")
    return t_all[order], np.concatenate(which)[order], np.concatenate(forces)[order]


def make(suite: str, seed: int) -> Recorded | None:
    """Make one recording of a suite or a variant; ValueError for a name that is neither."""
    if suite not in SUITES and suite not in VARIANTS:
        raise ValueError(f"no such suite: {suite!r}")
    rng = np.random.default_rng([zlib.crc32(f"servo on a soft seat/{suite}".encode()), seed])
    who = draw_athlete(rng, suite)
    if suite in ("touch", "hover"):
        who = replace(who, hold_s=min(who.hold_s, rng.uniform(0.3, 1.4)))
    st = Gym(rng, who)
    if suite == "nothing":
        play_nothing(st)
    else:
        play_set(st, suite)
    cells_n, reps = onto_the_plate(st, move(st))
    wire = draw_wiring(rng, suite == "dead_stop_harsh")
    t_s, cell, force_n = record(rng, cells_n, wire)
    notes: dict[str, object] = {"events": tuple(st.seen), "athlete": who, "rate_hz": wire.rate_hz}
    return Recorded(t_s, cell, force_n, reps, 2 / wire.rate_hz, notes)
