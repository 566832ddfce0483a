"""A world with muscles: a person on a bench's pivot, pushed up by one leg, weighed at the planted foot.

What is simulated, at 1 kHz. The hips are one moving mass (35 to 60 % of the body, and the bar) that turns
about the bench. A muscle force carries it: a plan made of min-jerk and lognormal submovements is fed
forward, delayed feedback and the muscle's own stiffness correct it, and the sum passes signal-dependent
noise, a strength limit that sinks with fatigue, the activation's low-pass and a tremor. Below the hips lies
a floor (or mat, or seat) that gives like a Hunt-Crossley spring-damper, above them the hip's end stop. So
lift-off, touchdown, bounces, overshoot, late corrections and grinding come out of the mechanics; the plan
only says what the person intends. The foot feels the muscle through a lever that changes with height and
with the centre of pressure, and besides it a resting leg that braces, breathes and sways. Everyday life
(standing up, a partner, discs, a foot moved, pushes that fail) is added as forces on the plate.

Where the truth is taken: from height, speed, floor force and muscle force of the mechanics, before any
noise of the plate and before sampling. Speeds are smoothed over 60 ms, as a video would see them, and a
settling at the top of less than 3 % of the range counts as hold, however quick it is. A turn planned as a
touch that misses the floor is a hover, and a hover that lands on it is a touch.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.recorded import F64, I64, SUITES, VARIANTS, Recorded, TrueRep

FS = 1000
G = 9.81
ADC_DELAY_S = 0.025
CONVERSIONS_PER_S = 80.0
COUNTS_PER_N = 4383.0  # 43 000 counts per kg
ROOM_S = 140.0  # the script's memory; a recording ends when its script does
SPEED_EDGE = 0.05
TRANSFER_EDGE = 0.02
FLOOR_POWER = 1.3
STOP_SOFT_M = 0.015  # the hip's end stop damps fully this far into it
SETTLING = 0.03  # of the range: smaller corrections at the top belong to the hold
GRAZE = 0.01  # of the carried weight: below it the floor was not touched


@dataclass(frozen=True)
class Person:
    """Who lifts, on what, and with which nerves."""

    body_kg: float
    load_kg: float
    moving_kg: float
    lever: float
    top_ratio: float
    bow: float
    range_m: float
    band_n_per_m: float
    rest_n: float
    brace_n: float
    breath_n: float
    breath_hz: float
    activation_s: float
    delay_s: float
    feedback: float
    stiffness: float
    viscosity: float
    strength: float
    fatigue: float
    noise_cv: float
    tremor_cv: float
    tremor_hz: float
    wander_cv: float
    sink_m: float
    floor_loss: float
    stop_n_per_m: float
    knock: float
    heel: float
    heel_rest: float
    left: float

    @property
    def weight_n(self) -> float:
        """What the muscle must carry at lift-off."""
        return self.moving_kg * G + self.band_n_per_m * 0.1

    @property
    def level_n(self) -> float:
        """The foot's load transfer at lift-off."""
        return self.lever * self.weight_n


@dataclass(frozen=True)
class Tempo:
    """Ranges a set's own habits are drawn from; seconds."""

    up: tuple[float, float]
    hold: tuple[float, float]
    down: tuple[float, float]
    rest: tuple[float, float]
    push: tuple[float, float] = (0.2, 0.6)
    drop: float = 0.2


@dataclass
class Mark:
    """When the plan meant a rep to be where; the truth looks around these moments."""

    style: str
    begin_s: float
    half_up_s: float
    top_s: float
    hold_s: float
    half_down_s: float
    low_s: float = 0.0


@dataclass(frozen=True)
class Plate:
    """How good the cells and their clocks are."""

    noise_n: tuple[float, float]
    rate: float
    hum_n: float
    spikes: float
    losses: float
    bursts: int
    drift_n_per_min: float
    zero_n: float
    creep: float
    gain: float


REAL = Plate((0.05, 0.15), 0.008, 0.08, 0.0003, 0.0005, 0, 0.5, 1.5, 0.0015, 0.004)
HARSH = Plate((0.12, 0.3), 0.02, 0.3, 0.006, 0.004, 4, 1.5, 4.0, 0.003, 0.012)

USUAL = Tempo(up=(0.75, 1.6), hold=(0.3, 1.8), down=(0.7, 2.4), rest=(0.4, 2.5))
TEMPI = {
    "dead_stop_real": Tempo(up=(0.75, 1.6), hold=(0.3, 1.8), down=(0.7, 2.4), rest=(0.3, 4.0)),
    "loaded": Tempo(up=(0.8, 2.0), hold=(0.2, 1.4), down=(0.7, 2.2), rest=(0.4, 3.0), push=(0.3, 0.7)),
    "explosive": Tempo(
        up=(0.5, 0.7), hold=(0.0, 0.7), down=(0.5, 1.2), rest=(0.3, 2.0), push=(0.12, 0.3), drop=0.5
    ),
    "slow": Tempo(
        up=(2.6, 3.4), hold=(0.8, 1.4), down=(2.9, 3.9), rest=(0.4, 1.5), push=(0.3, 0.9), drop=0.0
    ),
    "touch": Tempo(up=(0.7, 1.5), hold=(0.0, 1.3), down=(0.7, 2.0), rest=(0.4, 2.0), drop=0.1),
    "hover": Tempo(up=(0.7, 1.5), hold=(0.1, 1.4), down=(0.8, 2.2), rest=(0.4, 2.0), drop=0.0),
    "short_range": Tempo(up=(0.5, 1.1), hold=(0.3, 1.6), down=(0.5, 1.5), rest=(0.4, 2.5)),
}
SHAPES = (
    "two_step",
    "early_hold",
    "fast_start",
    "slow_start",
    "grind",
    "sticky_top",
    "long_press",
    "double_press",
    "stepped_descent",
    "late_brake",
)


def min_jerk(x: F64) -> F64:
    """From 0 to 1 without a jerk."""
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x**3 * (10.0 - 15.0 * x + 6.0 * x**2), dtype=np.float64)


def stroke(x: F64, skew: float) -> F64:
    """One submovement from 0 to 1; skew > 0 is a lognormal's early peak, < 0 the same run backwards."""
    if abs(skew) < 0.05:
        return min_jerk(x)
    if skew < 0.0:
        return np.asarray(1.0 - stroke(1.0 - x, -skew), dtype=np.float64)
    grid = np.linspace(0.0, 1.0, 400)
    median = 0.19 / skew  # from an onset before the grid, so that the width does not depend on the skew
    since = np.maximum(grid + median - (0.5 - 0.3 * skew), 1e-6)
    speed = np.exp(-0.5 * (np.log(since / median) / skew) ** 2) / since
    speed *= min_jerk(grid / 0.15) * min_jerk((1.0 - grid) / 0.3)
    way = np.cumsum(speed)
    return np.asarray(np.interp(x, grid, (way - way[0]) / (way[-1] - way[0])), dtype=np.float64)


def steady(x: F64) -> F64:
    """From 0 to 1 at an even speed, with soft ends: how slow tempos are counted out."""
    grid = np.linspace(0.0, 1.0, 400)
    way = np.cumsum(min_jerk(grid / 0.2) * min_jerk((1.0 - grid) / 0.2))
    return np.asarray(np.interp(x, grid, (way - way[0]) / (way[-1] - way[0])), dtype=np.float64)


def smooth(x: F64, seconds: float) -> F64:
    """Zero-phase Hann smoothing."""
    taps = np.hanning(int(seconds * FS) + 2)
    edge = len(taps) // 2
    return np.convolve(np.pad(x, edge, mode="edge"), taps / taps.sum(), mode="same")[edge : edge + len(x)]


def band_noise(rng: np.random.Generator, n: int, low_hz: float, high_hz: float, tilt: float = 0.0) -> F64:
    """Noise of unit rms between two frequencies, its amplitude falling as f^-tilt."""
    hz = np.fft.rfftfreq(n, 1.0 / FS)
    size = np.where((hz >= low_hz) & (hz <= high_hz), np.maximum(hz, low_hz) ** -tilt, 0.0)
    wave = np.fft.irfft(size * (rng.normal(size=len(hz)) + 1j * rng.normal(size=len(hz))), n)
    return np.asarray(wave / max(float(np.std(wave)), 1e-12), dtype=np.float64)


def wobbling_sine(rng: np.random.Generator, n: int, hz: float) -> F64:
    """Return a sine whose pace wanders by a tenth."""
    pace = hz * (1.0 + 0.1 * band_noise(rng, n, 0.1 * hz, hz))
    return np.asarray(np.sin(2.0 * np.pi * np.cumsum(pace) / FS), dtype=np.float64)


def spread(heel: F64 | float, left: F64 | float) -> F64:
    """Return the four cells' shares of a force."""
    return np.array([heel * left, heel * (1.0 - left), (1.0 - heel) * left, (1.0 - heel) * (1.0 - left)])


@dataclass
class Script:
    """What the person intends and what happens on the plate, from the beginning to the end."""

    support: F64 = field(default_factory=lambda: np.zeros(int(ROOM_S * FS)))
    path: F64 = field(default_factory=lambda: np.zeros(int(ROOM_S * FS)))
    planted: F64 = field(default_factory=lambda: np.zeros(int(ROOM_S * FS)))
    heel: F64 = field(default_factory=lambda: np.zeros(int(ROOM_S * FS)))
    place: F64 = field(default_factory=lambda: np.zeros(int(ROOM_S * FS)))
    posture: F64 = field(default_factory=lambda: np.zeros(int(ROOM_S * FS)))
    effect: F64 = field(default_factory=lambda: np.ones(int(ROOM_S * FS)))
    tired: F64 = field(default_factory=lambda: np.zeros(int(ROOM_S * FS)))
    extra: F64 = field(default_factory=lambda: np.zeros((4, int(ROOM_S * FS))))
    marks: list[Mark] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)

    def ramp(self, of: F64, at_s: float, long_s: float, to: float) -> None:
        """From its value at that moment to another one, which stays."""
        a = int(at_s * FS)
        b = a + max(1, int(long_s * FS))
        of[a:] = of[a] + (to - of[a]) * min_jerk((np.arange(len(of) - a) + 1.0) / (b - a))

    def push_on(self, at_s: float, force: F64, heel: float, left: float) -> None:
        """Add a foreign force on the plate, at one place."""
        a = int(at_s * FS)
        force = force[: self.extra.shape[1] - a]
        self.extra[:, a : a + len(force)] += np.outer(spread(heel, left), force)


def uniform(rng: np.random.Generator, low_high: tuple[float, float]) -> float:
    """Draw a number between two."""
    return float(rng.uniform(*low_high))


def draw_person(rng: np.random.Generator, suite: str) -> Person:
    """Somebody of 45 to 125 kg, with a foot level of 150 to 600 N above rest before any load."""
    u = rng.uniform
    body = float(rng.triangular(45.0, 70.0, 125.0))
    moving = body * u(0.40, 0.60)
    lever = float(np.clip(u(0.42, 0.78), u(150.0, 180.0) / (moving * G), 600.0 / (moving * G)))
    span = u(0.28, 0.42) * (body / 75.0) ** 0.15
    top = u(0.83, 1.09)
    load = float(rng.choice([0.0, 0.0, 0.0, 5.0, 10.0, 15.0, 20.0]))
    band = 0.0
    harsh = suite == "dead_stop_harsh"
    if suite == "loaded":
        load = float(rng.choice(np.arange(20.0, min(100.0, 1.3 * body) + 1.0, 2.5)))
    elif suite == "floor_bridge":
        span, lever, top = u(0.14, 0.24), lever * u(1.0, 1.2), u(0.9, 1.05)
    elif suite == "b_stance":
        lever *= u(0.62, 0.82)
    elif suite == "feet_elevated":
        span, lever, top = span * u(1.05, 1.2), lever * u(0.8, 1.0), u(0.8, 0.95)
    elif suite == "band":
        band = u(300.0, 900.0)
    elif suite == "short_range":
        span = u(0.08, 0.15)
    moving += load
    activation, delay = u(0.04, 0.12), u(0.04, 0.09)
    heel = u(0.3, 0.85)
    return Person(
        body_kg=body,
        load_kg=load,
        moving_kg=moving,
        lever=lever,
        top_ratio=top,
        bow=u(0.01, 0.08),
        range_m=span,
        band_n_per_m=band,
        rest_n=u(60.0, 150.0),
        brace_n=u(8.0, 18.0) if harsh else u(1.5, 9.0),
        breath_n=u(0.8, 5.0),
        breath_hz=u(0.2, 0.38),
        activation_s=activation,
        delay_s=delay,
        feedback=0.4 / (activation + delay),
        stiffness=u(3.5, 6.0),
        viscosity=u(1.5, 4.0),
        strength=u(1.25, 1.7) if suite == "loaded" else u(1.7, 2.6),
        fatigue=u(0.0, 0.6),
        noise_cv=u(0.003, 0.010),
        tremor_cv=u(0.002, 0.010),
        tremor_hz=u(6.0, 11.0),
        wander_cv=u(0.012, 0.025) if harsh else u(0.006, 0.018),
        sink_m=float(rng.choice([u(0.004, 0.01), u(0.01, 0.022), u(0.02, 0.035)])),
        floor_loss=u(3.0, 10.0),
        stop_n_per_m=moving * u(60.0, 250.0),
        knock=u(0.0, 0.05),
        heel=heel,
        heel_rest=float(np.clip(heel + rng.normal(0.0, 0.12), 0.2, 0.92)),
        left=u(0.4, 0.6),
    )


def ascent(rng: np.random.Generator, long_s: float, shape: str, tired: float) -> F64:
    """Return the intended way up, 0 to 1: a main submovement and the corrections it needs."""
    x = np.arange(int(long_s * FS)) / (long_s * FS)
    u = rng.uniform
    parts: list[tuple[float, float, float, float]]  # begin, end, amount, skew
    if shape == "two_step":
        parts = [(0.0, u(0.35, 0.45), u(0.4, 0.65), 0.0), (u(0.52, 0.6), 1.0, 0.0, 0.0)]
    elif shape == "early_hold":
        parts = [(0.0, u(0.2, 0.28), u(0.28, 0.4), 0.0), (u(0.58, 0.68), 1.0, 0.0, 0.2)]
    elif shape == "fast_start":
        parts = [(0.0, 1.0, 0.0, u(0.55, 0.8))]
    elif shape == "slow_start":
        parts = [(0.0, 1.0, 0.0, -u(0.5, 0.7))]
    elif shape == "grind":
        cuts = np.linspace(0.0, 0.78, int(rng.integers(4, 7)))
        parts = [(c, c + u(0.2, 0.3), 0.9 / len(cuts) * u(0.6, 1.3), 0.0) for c in cuts[:-1]]
        parts.append((float(cuts[-1]), 1.0, 0.0, 0.0))
    elif shape == "sticky_top":
        parts = [(0.0, u(0.45, 0.55), u(0.72, 0.85), 0.2), (0.4, 1.0, 0.0, 0.0)]
    else:
        skew = float(rng.choice([0.0, 0.0, u(0.2, 0.5), -u(0.2, 0.4)]))
        short = u(0.0, 0.06 + 0.18 * tired)
        parts = [(0.0, u(0.85, 1.0), 1.0 - short, skew), (u(0.45, 0.65), 1.0, 0.0, 0.0)]
    left = 1.0
    way = np.zeros_like(x)
    for number, (begin, end, amount, skew) in enumerate(parts):
        amount = left if number == len(parts) - 1 else amount
        left -= amount
        way += amount * stroke((x - begin) / (end - begin), skew)
    even = 0.0 if shape else 0.8 * float(np.clip((long_s - 1.5) / 1.5, 0.0, 1.0))
    return (1.0 - even) * way + even * steady(x)


def descent(rng: np.random.Generator, long_s: float, shape: str) -> F64:
    """Return the intended way down, 0 to 1."""
    x = np.arange(int(long_s * FS)) / (long_s * FS)
    if shape == "stepped_descent":
        first = rng.uniform(0.35, 0.65)
        half = min_jerk(x / rng.uniform(0.38, 0.46))
        return np.asarray(first * half + (1.0 - first) * min_jerk((x - rng.uniform(0.5, 0.6)) / 0.4))
    if shape == "late_brake":
        return stroke(x, -rng.uniform(0.35, 0.6))
    even = 0.8 * float(np.clip((long_s - 1.5) / 1.5, 0.0, 1.0))
    return (1.0 - even) * stroke(x, float(rng.choice([0.0, 0.0, 0.25, -0.25]))) + even * steady(x)


class Athlete:
    """Writes a set into the script, rep by rep."""

    def __init__(self, rng: np.random.Generator, who: Person, script: Script, suite: str) -> None:
        tempo, odd = TEMPI.get(suite, USUAL), suite == "unseen_shapes"
        self.rng, self.who, self.script, self.odd = rng, who, script, odd
        self.up_s, self.hold_s = uniform(rng, tempo.up), uniform(rng, tempo.hold)
        self.down_s, self.rest_s = uniform(rng, tempo.down), uniform(rng, tempo.rest)
        self.push_s = uniform(rng, tempo.push)
        self.unload = rng.uniform(0.2, 0.65)
        self.hover_m = rng.uniform(0.02, 0.055)
        self.drops = rng.random() < tempo.drop
        self.shapes = tuple(rng.choice(SHAPES, size=int(rng.integers(1, 4)), replace=False)) if odd else ("",)

    def cycle_s(self) -> float:
        """About how long a rep takes."""
        stretch = 1.5 if self.odd else 1.0
        return self.push_s + stretch * self.up_s + self.hold_s + self.down_s + self.rest_s + 0.7

    def rep(self, at_s: float, after: str, style: str, tired: float) -> float:
        """One rep that begins where the last one's turn (`after`) left the hips; returns when it is over."""
        rng, who, script = self.rng, self.who, self.script
        u = rng.uniform
        shape = str(rng.choice(self.shapes))
        script.ramp(script.tired, at_s, 0.5, tired)
        script.ramp(script.effect, at_s, 0.4, float(np.clip(rng.normal(1.0, 0.02), 0.94, 1.06)))
        script.ramp(script.heel, at_s, 0.4, float(rng.normal(0.0, 0.025)) - 0.08 * tired * who.fatigue)
        mark = Mark(style, at_s, 0.0, 0.0, 0.0, 0.0)
        up = self.up_s * u(0.9, 1.12) * (1.0 + who.fatigue * tired)
        if self.odd:
            up *= u(1.8, 3.2) if shape in ("grind", "early_hold", "sticky_top") else u(1.0, 1.8)
        t = at_s
        if after == "dead_stop":
            push = self.push_s * u(0.8, 1.25) * (u(2.0, 3.0) if shape == "long_press" else 1.0)
            if shape == "double_press":
                script.ramp(script.support, t, 0.7 * push, u(0.35, 0.65))
                t += 0.7 * push + u(0.15, 0.5)
            script.ramp(script.support, t, push, 1.0)
            t += push * u(0.72, 0.95)
        low = float(script.path[int(t * FS)])
        top = who.range_m * u(0.975, 1.02) * (1.0 - 0.08 * who.fatigue * tired) + 0.01
        self._go(t, low, top, ascent(rng, up, shape, tired))
        mark.half_up_s = t + 0.45 * up
        t += up
        hold = max(0.0, self.hold_s * u(0.75, 1.25))
        mark.top_s, mark.hold_s = t + 0.5 * hold + 0.03, hold
        if rng.random() < 0.03:
            script.ramp(script.heel, t - 0.3 * up, 0.3, -0.8)
        t += hold
        down = self.down_s * u(0.85, 1.15) * (1.0 - 0.15 * tired)
        if self.odd and shape == "stepped_descent":
            down = max(1.4, 1.5 * down)
        dropped = self.drops and style == "dead_stop" and rng.random() < 0.7
        goal = -0.012 if style == "touch" else -who.sink_m * u(0.2, 0.8)
        if style == "hover":
            goal = self.hover_m * u(0.75, 1.3)
        elif dropped:
            down, goal = max(0.65, u(0.6, 0.95) * min(down, 1.4)), -top * u(0.1, 0.5)
        way = descent(rng, down, shape)
        self._go(t, top, goal, way)
        reach = top - (top - goal) * way
        landing = t + (int(np.argmax(reach <= 0.0)) / FS if goal <= 0.0 else down)
        mark.half_down_s = t + 0.5 * (landing - t)
        if style == "dead_stop":
            t = landing + (u(-0.05, 0.1) if dropped else u(-0.05, 0.2))
            release = u(0.12, 0.3) if dropped else u(0.18, 0.6)
            script.ramp(script.support, t, release, 0.0)
            t += release
            script.path[int((t + 0.1) * FS) :] = 0.0
            mark.low_s = t
            t += 0.2
        elif style == "touch":
            give, dwell = u(0.14, 0.32), u(0.0, 0.2)
            t = landing + u(-0.05, 0.08)
            script.ramp(script.support, t, give, 1.0 - float(np.clip(self.unload * u(0.7, 1.3), 0.12, 0.75)))
            t += give + dwell
            back = u(0.14, 0.3)
            script.ramp(script.support, t, back, 1.0)
            script.ramp(script.path, t, back, 0.0)
            mark.low_s = t
            t += back * u(0.4, 0.9)
        else:
            t += down + max(0.0, rng.normal(0.1, 0.12))
            mark.low_s = t
        script.marks.append(mark)
        return t

    def _go(self, at_s: float, start: float, goal: float, way: F64) -> None:
        a = int(at_s * FS)
        self.script.path[a : a + len(way)] = start + (goal - start) * way
        self.script.path[a + len(way) :] = goal


class Life:
    """What else happens on a plate; every event returns when it is over and the foot rests again."""

    def __init__(self, rng: np.random.Generator, who: Person, script: Script) -> None:
        self.rng, self.who, self.script = rng, who, script
        self.events: dict[str, tuple[float, Callable[[float], float]]] = {
            "stand": (1.6, self.stand),
            "lean": (1.0, self.lean),
            "object": (1.3, self.put_object),
            "taps": (0.8, self.taps),
            "bump": (0.8, self.bump),
            "move_foot": (1.2, self.move_foot),
            "foot_away": (1.2, self.foot_away),
            "failed_push": (1.6, self.failed_push),
            "talk": (1.0, self.talk),
            "stretch": (0.8, self.stretch),
            "phone": (0.5, self.phone),
            "drumming": (0.6, self.drumming),
            "shift": (0.8, self.shift),
        }

    def any(self, at_s: float, among: tuple[str, ...] = ()) -> float:
        """One event."""
        names = among or tuple(self.events)
        odds = np.array([self.events[name][0] for name in names])
        name = str(self.rng.choice(names, p=odds / odds.sum()))
        self.script.happened.append(name)
        return self.events[name][1](at_s)

    def _place(self) -> tuple[float, float]:
        return float(self.rng.uniform(0.15, 0.85)), float(self.rng.uniform(0.2, 0.8))

    def foot_on(self, at_s: float) -> float:
        """Set the foot down; often with a small stamp."""
        self.script.ramp(self.script.planted, at_s, self.rng.uniform(0.15, 0.7), 1.0)
        self._ring(at_s + 0.15, self.rng.uniform(0.0, 35.0), self.rng.uniform(7.0, 16.0), 0.08)
        self.script.ramp(self.script.place, at_s, 0.1, float(self.rng.normal(0.0, 0.05)))
        return at_s + self.rng.uniform(0.8, 1.6)

    def _ring(self, at_s: float, size_n: float, hz: float, fade_s: float) -> None:
        t = np.arange(int(8 * fade_s * FS)) / FS
        wave = size_n * np.sin(2 * np.pi * hz * t) * np.exp(-t / fade_s) * min_jerk(t / 0.02)
        self.script.push_on(at_s, wave, *self._place())

    def stand(self, at_s: float) -> float:
        """Get up with one or two feet on the plate, shift, perhaps walk off, sit down again."""
        u, script = self.rng.uniform, self.script
        up, down, stay = u(0.9, 1.8), u(1.0, 2.0), u(2.0, 9.0)
        long = up + stay + down + 0.6
        t = np.arange(int(long * FS)) / FS
        depth = u(0.4, 0.6)
        rise = stroke((t - 0.2) / up, u(-0.3, 0.3)) - stroke((t - 0.4 - up - stay) / down, u(-0.3, 0.3))
        speed_up = depth * np.gradient(np.gradient(smooth(rise, 0.08), 1.0 / FS), 1.0 / FS)
        full = u(0.93, 1.0) if self.rng.random() < 0.5 else u(0.3, 0.9)
        share = full * min_jerk((t - 0.05) / (0.75 * up))
        when = up + u(0.4, 1.5)
        while when < up + stay - 1.2:
            if self.rng.random() < 0.25 and stay > 5.0:
                goal, gone = 0.0, min(u(1.5, 4.0), up + stay - when - 0.8)
            else:
                goal, gone = (full * u(0.9, 1.0) if full > 0.92 else u(0.15, 0.95)), u(0.6, 2.5)
            share += (goal - share[-1]) * min_jerk((t - when) / u(0.35, 0.9))
            when += 0.9 + gone
        share += (0.0 - share[-1]) * min_jerk((t - (long - 0.85 * down - 0.2)) / (0.85 * down))
        sway = 1.0 + u(0.004, 0.02) * band_noise(self.rng, len(t), 0.2, 5.0, 0.7)
        force = share * self.who.body_kg * (G + speed_up) * sway
        heel, left = u(0.35, 0.65), u(0.35, 0.65)
        script.push_on(at_s, np.maximum(force, 0.0), heel, left)
        script.ramp(script.planted, at_s + 0.1, 0.5 * up, 0.0)
        return self.foot_on(at_s + long - u(0.3, 0.8))

    def lean(self, at_s: float) -> float:
        """Add a partner's hand or foot on the plate."""
        u = self.rng.uniform
        into, stay, out = u(0.25, 1.2), u(0.4, 5.0), u(0.25, 1.0)
        t = np.arange(int((into + stay + out) * FS)) / FS
        hold = min_jerk(t / into) - min_jerk((t - into - stay) / out)
        wave = 1.0 + u(0.03, 0.12) * band_noise(self.rng, len(t), 0.15, 4.0, 0.8)
        self.script.push_on(at_s, np.maximum(u(25.0, 280.0) * hold * wave, 0.0), *self._place())
        return at_s + float(t[-1]) + u(0.2, 0.6)

    def put_object(self, at_s: float) -> float:
        """Add a bag or discs, set down from a hand, and taken away again."""
        u = self.rng.uniform
        mass = float(self.rng.choice([1.25, 2.5, 5.0, 10.0, 15.0, 20.0, 25.0, u(1.0, 12.0)]))
        into, stay, out = u(0.08, 0.8), u(1.0, 9.0), u(0.15, 0.7)
        t = np.arange(int((into + stay + out + 0.3) * FS)) / FS
        hz, fade = u(6.0, 15.0), u(0.03, 0.12)
        hold = min_jerk(t / into) - min_jerk((t - into - stay) / out)
        since = np.maximum(t - 0.8 * into, 0.0)
        ring = (u(0.0, 0.5) / (1.0 + 4.0 * into)) * np.sin(2 * np.pi * hz * since) * np.exp(-since / fade)
        self.script.push_on(at_s, np.maximum(mass * G * (hold + ring), 0.0), *self._place())
        return at_s + float(t[-1]) + u(0.2, 0.5)

    def taps(self, at_s: float) -> float:
        """Add a few taps of a hand or shoe."""
        u = self.rng.uniform
        place = self._place()
        for _ in range(int(self.rng.integers(1, 6))):
            long = u(0.02, 0.08)
            half = np.sin(np.pi * np.arange(int(long * FS)) / (long * FS))
            self.script.push_on(at_s, u(15.0, 160.0) * half, *place)
            at_s += u(0.2, 0.6)
        return at_s + 0.3

    def bump(self, at_s: float) -> float:
        """Let somebody run into the bench."""
        u = self.rng.uniform
        for _ in range(int(self.rng.integers(1, 3))):
            self._ring(at_s, u(15.0, 80.0), u(7.0, 12.0), u(0.06, 0.2))
            at_s += u(0.3, 1.2)
        return at_s + 0.5

    def move_foot(self, at_s: float) -> float:
        """Lift the foot or slide it, and set it elsewhere."""
        u, script = self.rng.uniform, self.script
        for _ in range(int(self.rng.integers(1, 4))):
            script.ramp(script.planted, at_s, u(0.12, 0.3), u(0.0, 0.4))
            at_s += u(0.3, 0.8)
            at_s = self.foot_on(at_s) - u(0.3, 0.6)
        return at_s + 0.5

    def foot_away(self, at_s: float) -> float:
        """Take the foot off for a while."""
        self.script.ramp(self.script.planted, at_s, self.rng.uniform(0.15, 0.5), 0.0)
        return self.foot_on(at_s + self.rng.uniform(2.0, 9.0))

    def failed_push(self, at_s: float) -> float:
        """Push without lifting the hips."""
        u, script = self.rng.uniform, self.script
        for _ in range(int(self.rng.integers(1, 4))):
            into, stay, out = u(0.15, 0.4), u(0.0, 0.15), u(0.15, 0.35)
            script.ramp(script.support, at_s, into, u(0.25, 0.66))
            script.ramp(script.support, at_s + into + stay, out, 0.0)
            at_s += into + stay + out + u(0.3, 1.2)
        return at_s + 0.2

    def talk(self, at_s: float) -> float:
        """Talk with hands and shoulders."""
        u = self.rng.uniform
        t = np.arange(int(u(2.0, 9.0) * FS)) / FS
        often = np.clip(0.5 + band_noise(self.rng, len(t), 0.1, 0.7), 0.0, 2.0)
        fade = min_jerk(t / 0.4) * min_jerk((t[-1] - t) / 0.4)
        self._sway(at_s, u(3.0, 14.0) * often * fade * band_noise(self.rng, len(t), 0.4, 5.0, 0.8))
        return at_s + float(t[-1])

    def _sway(self, at_s: float, force: F64) -> None:
        a = int(at_s * FS)
        self.script.posture[a : a + len(force)] += force[: len(self.script.posture) - a]

    def stretch(self, at_s: float) -> float:
        """Stretch the leg against the plate, slowly, or pull the knee up."""
        u = self.rng.uniform
        into, stay, out = u(0.5, 1.6), u(0.8, 4.0), u(0.4, 1.5)
        t = np.arange(int((into + stay + out) * FS)) / FS
        hold = min_jerk(t / into) - min_jerk((t - into - stay) / out)
        size = min(u(20.0, 110.0), 0.5 * self.who.level_n)
        size = -u(0.4, 0.9) * self.who.rest_n if self.rng.random() < 0.4 else size
        self._sway(at_s, size * hold * (1.0 + 0.06 * band_noise(self.rng, len(t), 0.3, 6.0, 0.7)))
        return at_s + float(t[-1]) + 0.3

    def phone(self, at_s: float) -> float:
        """Add a phone that lies against the plate buzzes."""
        u = self.rng.uniform
        t = np.arange(int(u(2.0, 6.0) * FS)) / FS
        on = (t % u(0.8, 1.6)) < u(0.3, 0.6)
        buzz = u(1.0, 6.0) * np.sin(2 * np.pi * u(120.0, 190.0) * t)
        buzz += u(0.3, 2.0) * np.sin(2 * np.pi * u(18.0, 33.0) * t)
        self.script.push_on(at_s, on * buzz, *self._place())
        return at_s + float(t[-1])

    def drumming(self, at_s: float) -> float:
        """Drum with the heel or the toes."""
        u = self.rng.uniform
        t = np.arange(int(u(1.5, 5.0) * FS)) / FS
        fade = min_jerk(t / 0.3) * min_jerk((t[-1] - t) / 0.3)
        beat = wobbling_sine(self.rng, len(t), u(2.0, 4.5))
        self._sway(at_s, u(8.0, 0.5 * self.who.rest_n) * fade * beat)
        return at_s + float(t[-1])

    def shift(self, at_s: float) -> float:
        """Sit differently from now on."""
        u = self.rng.uniform
        self.script.ramp(self.script.posture, at_s, u(0.3, 1.0), u(-25.0, 35.0))
        self._sway(at_s, u(4.0, 14.0) * band_noise(self.rng, FS, 0.8, 6.0) * np.hanning(FS))
        return at_s + 1.3


@dataclass(frozen=True)
class Motion:
    """What the mechanics did: height and speed of the hips, the muscle's and the floor's force on them."""

    height: F64
    speed: F64
    muscle: F64
    floor: F64


def integrate(rng: np.random.Generator, who: Person, script: Script, n: int) -> Motion:
    """Solve the hips' equation of motion, muscle and floor included."""
    support = script.support[:n]
    mass, weight = who.moving_kg, who.weight_n
    carried = np.maximum(1.0 - support, 0.0) ** (1.0 / FLOOR_POWER)
    wanted = smooth(script.path[:n], 0.08) - who.sink_m * carried
    wanted_v = np.gradient(wanted, 1.0 / FS)
    wanted_a = np.gradient(smooth(wanted_v, 0.03), 1.0 / FS)
    band_h = who.band_n_per_m * np.maximum(wanted, -0.1)
    judged = 1.0 + 0.006 * band_noise(rng, n, 0.0, 0.3)
    forward = support * judged * (weight + band_h + mass * wanted_a)
    lead = int(1.0 * who.activation_s * FS)
    forward = np.append(forward[lead:], np.full(lead, forward[-1]))
    wear = 1.0 + 1.2 * script.tired[:n] * (0.5 + who.fatigue)
    shake = 1.0 + wear * who.noise_cv * band_noise(rng, n, 0.3, 12.0, 0.4)
    quake = 1.0 + wear * who.tremor_cv * band_noise(rng, n, who.tremor_hz - 0.8, who.tremor_hz + 0.8)
    strongest = (1.0 - 0.25 * who.fatigue * script.tired[:n]) * who.strength * weight

    ff, g, ref, ref_v = forward.tolist(), support.tolist(), wanted.tolist(), wanted_v.tolist()
    noise, tremor, most = shake.tolist(), quake.tolist(), strongest.tolist()
    late = int(who.delay_s * FS)
    kp, kd = mass * who.feedback**2, 1.5 * mass * who.feedback
    ki, b = mass * who.stiffness**2, mass * who.viscosity
    k_floor = weight / who.sink_m**FLOOR_POWER
    k_stop, c_stop = who.stop_n_per_m, 1.4 * math.sqrt(who.stop_n_per_m * mass)
    top, loss, elastic = who.range_m, who.floor_loss, who.band_n_per_m
    into, out = 1.0 / (0.25 * who.activation_s * FS), 1.0 / (0.75 * who.activation_s * FS)
    h, v, drive, act, dt = -who.sink_m, 0.0, 0.0, 0.0, 1.0 / FS
    heights, speeds, muscles, floors = [h] * n, [0.0] * n, [0.0] * n, [0.0] * n
    for i in range(n):
        command = ff[i]
        if i >= late:
            j = i - late
            command += g[i] * (kp * (ref[j] - heights[j]) + kd * (ref_v[j] - speeds[j]))
        drive += (min(max(command * noise[i], 0.0), most[i]) - drive) * into
        act += (drive - act) * out
        force = act * tremor[i] + g[i] * (ki * (ref[i] - h) + b * (ref_v[i] - v))
        force = min(max(force, 0.0), most[i])
        if h > top:
            force -= max(k_stop * (h - top) + c_stop * min((h - top) / STOP_SOFT_M, 1.0) * v, 0.0)
        floor = max(k_floor * (-h) ** FLOOR_POWER * (1.0 - loss * v), 0.0) if h < 0.0 else 0.0
        v += (force + floor - weight - elastic * h) / mass * dt
        h += v * dt
        heights[i], speeds[i], muscles[i], floors[i] = h, v, force, floor
    return Motion(np.array(heights), np.array(speeds), np.array(muscles), np.array(floors))


def feel_foot(rng: np.random.Generator, who: Person, script: Script, motion: Motion) -> tuple[F64, F64, F64]:
    """Return the foot's true force, its heel share and its left share."""
    n = len(motion.height)
    x = np.clip(motion.height / who.range_m, 0.0, 1.1)
    carried = np.clip(motion.muscle / who.weight_n, 0.0, 1.0)
    share = who.heel_rest + (who.heel + script.heel[:n] - who.heel_rest) * smooth(carried, 0.2)
    share = np.clip(share + script.place[:n] + 0.02 * band_noise(rng, n, 0.05, 4.0, 0.8), 0.02, 0.97)
    left = np.clip(who.left + 0.03 * band_noise(rng, n, 0.05, 4.0, 0.8), 0.1, 0.9)
    lever = who.lever * script.effect[:n] * (1.0 + (who.top_ratio - 1.0) * x + who.bow * 4.0 * x * (1.0 - x))
    lever *= (1.0 + 0.16 * (share - who.heel)) * (1.0 + who.wander_cv * band_noise(rng, n, 0.3, 8.0, 0.8))
    rest = who.rest_n + script.posture[:n] + who.breath_n * wobbling_sine(rng, n, who.breath_hz)
    rest = rest + (1.0 - 0.8 * carried) * who.brace_n * band_noise(rng, n, 0.1, 4.0, 0.9)
    jolt = who.knock * (motion.floor - smooth(motion.floor, 0.3))
    foot = script.planted[:n] * np.maximum(rest + lever * motion.muscle + jolt, 0.0)
    return foot, share, left


def last_true(where: NDArray[np.bool_], a: int, b: int) -> int:
    """Return the last index in a..b-1 where it holds; a when none does."""
    hits = np.flatnonzero(where[a:b])
    return a + int(hits[-1]) if len(hits) else a


def first_true(where: NDArray[np.bool_], a: int, b: int) -> int:
    """Return the first index in a..b-1 where it holds; b when none does."""
    hits = np.flatnonzero(where[a:b])
    return a + int(hits[0]) if len(hits) else b


def read_truth(who: Person, marks: list[Mark], motion: Motion, foot: F64, share: F64) -> tuple[TrueRep, ...]:
    """Return the moments of every rep, as the mechanics had them."""
    v, h = smooth(motion.speed, 0.06), motion.height
    landed = motion.floor > 0.0
    quiet = smooth(motion.muscle, 0.03) < TRANSFER_EDGE * who.weight_n
    calm_foot = smooth(foot, 0.03)
    lows, styles, tops = [], [], []
    for k, mark in enumerate(marks):
        top, low, style = int(mark.top_s * FS), int(mark.low_s * FS), "dead_stop"
        half_up, half_down = int(mark.half_up_s * FS), int(mark.half_down_s * FS)
        if mark.hold_s < 0.4:
            top = half_up + int(np.argmax(h[half_up:half_down]))
        tops.append(top)
        if mark.style != "dead_stop":
            end = int(marks[k + 1].half_up_s * FS)
            low = half_down + int(np.argmin(h[half_down:end]))
            hit = float(motion.floor[half_down:end].max()) > GRAZE * who.weight_n
            style = "touch" if hit else "hover"
        lows.append(low)
        styles.append(style)
    ups, downs, edges = [], [], []
    for k, top in enumerate(tops):
        before = lows[k - 1] if k else int(marks[0].begin_s * FS)
        rise, fall = float(v[before:top].max()), -float(v[top : lows[k]].min())
        if k and styles[k - 1] == "hover":
            ups.append(first_true(v > SPEED_EDGE * rise, before, top))
        else:
            ups.append(last_true(landed, before, top) + 1)
        fastest = before + int(np.argmax(v[before:top])), top + int(np.argmin(v[top : lows[k]]))
        near = h > float(h[top]) - SETTLING * who.range_m
        start = last_true(v > SPEED_EDGE * rise, before, top) + 1
        start = min(start, first_true(near & (v < SPEED_EDGE * rise), fastest[0], top))
        end = first_true(v < -SPEED_EDGE * fall, top, lows[k])
        end = max(start, end, last_true(near & (v > -SPEED_EDGE * fall), top, fastest[1]))
        edges.append((start, end))
        if styles[k] == "hover":
            downs.append(last_true(v < -SPEED_EDGE * fall, top, lows[k]) + 1)
        else:
            downs.append(first_true(landed, end, len(h)))
    reps: list[TrueRep] = []
    rest: int | None = None
    for k, style in enumerate(styles):
        push = last_true(quiet, 0, ups[k]) + 1 if k == 0 or styles[k - 1] == "dead_stop" else rest
        start, end = edges[k]
        if style == "dead_stop":
            rest = first_true(quiet, downs[k], len(h))
        elif style == "touch":
            rest = downs[k] + 1 + int(np.argmin(calm_foot[downs[k] + 1 : ups[k + 1]]))
        else:
            rest = None
        load = foot[ups[k] : end]
        reps.append(
            TrueRep(
                style=style,
                push_start_s=None if push is None else push / FS,
                lift_off_s=ups[k] / FS,
                lockout_start_s=start / FS,
                lockout_end_s=end / FS,
                touchdown_s=downs[k] / FS,
                rest_s=None if rest is None else rest / FS,
                heel_share=float((load * share[ups[k] : end]).sum() / load.sum()),
            )
        )
    return tuple(reps)


def convert(rng: np.random.Generator, plate: Plate, forces: F64) -> tuple[F64, I64, F64]:
    """Four free-running converters read four cells."""
    n = forces.shape[1]
    clock = np.arange(n) / FS
    mains = float(rng.choice([50.0, 60.0]))
    u = rng.uniform
    holes = [(u(2.0, n / FS), int(rng.integers(4, 25)), rng.random() < 0.4) for _ in range(plate.bursts)]
    times, cells, values = [], [], []
    for cell in range(4):
        rate = CONVERSIONS_PER_S * (1.0 + plate.rate * u(-1.0, 1.0))
        ready = np.arange(u(0.06, 0.06 + 1.0 / rate), n / FS, 1.0 / rate)
        conversions = len(ready)
        read = ready + np.abs(rng.normal(0.0, 0.0004, conversions)).clip(0.0, 0.003)
        force = np.interp(ready - ADC_DELAY_S, clock, smooth(forces[cell], 0.05))
        creep = np.zeros(conversions)
        slow, pull = 0.0, 1.0 / (150.0 * rate)
        for number, now in enumerate(force.tolist()):
            slow += (now - slow) * pull
            creep[number] = slow
        walk = np.cumsum(rng.normal(0.0, 0.3 / math.sqrt(60.0 * rate), conversions))
        force = force * (1.0 + plate.gain * u(-1.0, 1.0)) + plate.creep * u(0.3, 1.0) * creep
        force += plate.zero_n * u(-1.0, 1.0) + plate.drift_n_per_min * (u(-1.0, 1.0) * ready / 60.0 + walk)
        force += plate.hum_n * u(0.1, 1.0) * np.sin(2 * np.pi * mains * ready + u(0.0, 6.28))
        force += u(*plate.noise_n) * rng.normal(size=conversions)
        for i in np.flatnonzero(rng.random(conversions) < plate.spikes):
            word = (2.0 ** int(rng.integers(15, 24)) - 1.0) / COUNTS_PER_N
            was = float(force[i])
            force[i] = float(rng.choice([word, -word, 2.0 * was, 0.5 * was, was + rng.normal(0.0, 150.0)]))
        kept = rng.random(conversions) >= plate.losses
        for at, long, everywhere in holes:
            if everywhere or rng.random() < 0.4:
                first = int(np.searchsorted(read, at))
                kept[first : first + long] = False
        times.append(read[kept])
        cells.append(np.full(int(kept.sum()), cell, dtype=np.int64))
        values.append(force[kept])
    t, which, value = np.concatenate(times), np.concatenate(cells), np.concatenate(values)
    order = np.argsort(t, kind="stable")
    return t[order], which[order], value[order]


def choose_styles(rng: np.random.Generator, suite: str, count: int) -> list[str]:
    """Choose what follows each rep of the set; the last one ends on the floor."""
    touchy = suite in (*VARIANTS, "events") and rng.random() < 0.15
    if suite == "mixed":
        kinds = ["dead_stop", "touch", "hover"]
        styles = [str(s) for s in rng.choice(kinds, size=count, p=rng.dirichlet([3.0] * 3))]
        styles[:3] = [str(s) for s in rng.permutation(kinds)]
    elif touchy:
        styles = [str(s) for s in rng.choice(["dead_stop", "touch"], size=count)]
    else:
        styles = [suite if suite in ("touch", "hover") else "dead_stop"] * count
    styles[-1] = "dead_stop"
    return styles


def play(rng: np.random.Generator, suite: str, who: Person, script: Script) -> float:
    """Write the session's script; return its length in seconds."""
    life = Life(rng, who, script)
    athlete = Athlete(rng, who, script, suite)
    t = rng.uniform(0.8, 2.5)
    if rng.random() < 0.3:
        script.planted[:] = 1.0
    else:
        t = life.foot_on(t)
    t += rng.uniform(1.0, 2.5)
    if suite == "nothing":
        length = rng.uniform(38.0, 92.0)
        while t < length:
            t = life.any(t) + rng.uniform(0.4, 3.0)
    else:
        busy = 6.5 if suite == "events" else 0.0
        count = int(rng.integers(4, 13 if suite != "events" else 8))
        count = max(4, min(count, int((100.0 - t) / (athlete.cycle_s() * (1.0 + 0.4 * who.fatigue) + busy))))
        if suite == "events" and rng.random() < 0.6:
            t = life.any(t) + rng.uniform(0.6, 1.5)
        after = "dead_stop"
        for number, style in enumerate(choose_styles(rng, suite, count)):
            t = athlete.rep(t, after, style, (number / count) ** 1.5)
            after = style
            if style != "dead_stop":
                continue
            t += float(np.clip(athlete.rest_s * rng.uniform(0.6, 1.4) - 0.2, 0.05, 4.0))
            if suite == "events" and rng.random() < 0.8:
                for _ in range(int(rng.integers(1, 3)) if t < 70.0 else 1):
                    t = life.any(t) + rng.uniform(0.5, 1.6)
            elif rng.random() < 0.04 and number < count - 1:
                t = life.any(t, ("talk", "bump", "shift", "failed_push")) + rng.uniform(0.3, 1.0)
        t += rng.uniform(0.8, 3.0)
        while t < 34.0:
            t = life.any(t, ("talk", "shift", "stretch", "bump")) + rng.uniform(1.0, 4.0)
    if rng.random() < 0.7:
        script.ramp(script.planted, t, rng.uniform(0.15, 0.5), 0.0)
    return t + rng.uniform(1.0, 3.5)


def make(suite: str, seed: int) -> Recorded | None:
    """Record one session of this world; the same for the same suite and seed."""
    if suite not in SUITES + VARIANTS:
        return None
    rng = np.random.default_rng(zlib.crc32(f"pier {suite} {seed}".encode()))
    who, script = draw_person(rng, suite), Script()
    n = int(play(rng, suite, who, script) * FS)
    motion = integrate(rng, who, script, n)
    foot, heel, left = feel_foot(rng, who, script, motion)
    plate = HARSH if suite == "dead_stop_harsh" else REAL
    t_s, cell, force_n = convert(rng, plate, foot * spread(heel, left) + script.extra[:, :n])
    return Recorded(
        t_s=t_s,
        cell=cell,
        force_n=force_n,
        reps=read_truth(who, script.marks, motion, foot, heel),
        adc_delay_s=ADC_DELAY_S,
        notes={
            "body_kg": round(who.body_kg, 1),
            "load_kg": who.load_kg,
            "level_n": round(who.level_n, 1),
            "rest_n": round(who.rest_n, 1),
            "range_m": round(who.range_m, 3),
            "events": tuple(script.happened),
        },
    )
