"""A gym of many bodies: foot force from an explicit level curve over hip height, plus inertia.

While the hips are carried the foot holds `level(height) + moving mass x acceleration`; while they lie on
the floor it holds the weight of a resting leg; between the two a transfer blends them. All levels are
those of a two-dimensional statics model of one 80 kg lifter, scaled to other bodies; the shapes in time
are plain formulas chosen for variety. Nothing here was recorded from a person.

A converter's sample stamped t is the mean force over its last four conversion periods, hence late by two
of them: about 25 ms at 80 conversions a second, whatever the chip's own rate is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.worlds.recorded import F64, I64, SUITES, VARIANTS, Recorded, TrueRep

RATE_HZ = 1000
ADC_DELAY_S = 0.025
G_M_S2 = 9.81
MOST_M_S2 = 7.5  # a hip that rises is braked by less than its own weight
Shape = Callable[[F64, float], F64]
Range = tuple[float, float]
Range3 = tuple[float, float, float]

# ---------------------------------------------------------------- shapes of time t (0…1), character p (0…1)


def _warped(t: F64, p: float) -> F64:
    """Speed of a minimum-jerk motion whose clock runs as t to a power of 0.75…1.35."""
    power = 0.75 + 0.6 * p
    u = t**power
    return u**2 * (1 - u) ** 2 * t ** (power - 1)


def _trapezoid(t: F64, p: float) -> F64:
    """Constant speed between two soft ramps, each 0.2…0.4 of the time."""
    ramp = 0.2 + 0.2 * p
    return np.sin(np.pi / 2 * np.clip(np.minimum(t, 1 - t) / ramp, 0, 1)) ** 2


def _peaked(t: F64, p: float) -> F64:
    """Speed that swells to one peak at 0.3…0.7 of the time and ebbs."""
    peak = 0.3 + 0.4 * p
    return np.sin(np.pi / 2 * np.minimum(t / peak, (1 - t) / (1 - peak))) ** 2


def _hill(x: F64) -> F64:
    """Bulge of a level curve over height 0…1: hardest in the middle."""
    return 4 * x * (1 - x)


SPEEDS: tuple[Shape, ...] = (
    lambda t, _p: t**2 * (1 - t) ** 2,  # minimum jerk
    lambda t, _p: np.sin(np.pi * t),  # cosine
    _trapezoid,
    _warped,
)
UNSEEN_SPEEDS: tuple[Shape, ...] = (
    lambda t, p: t**1.5 * (1 - t) ** (2.2 + p),  # an early burst, a long soft end
    lambda t, p: t ** (2.2 + p) * (1 - t) ** 1.5,  # slow at first, braked late
    lambda t, p: np.sin(np.pi * t) ** 2 * (1 - (0.4 + 0.4 * p) * np.cos(4 * np.pi * t)),  # two surges
    lambda t, _p: t**3 * (1 - t) ** 3,  # minimum snap
    _peaked,
)
TRANSFERS: tuple[Shape, ...] = (
    lambda t, _p: t,
    lambda t, _p: (1 - np.cos(np.pi * t)) / 2,
    lambda t, _p: t**3 * (10 - 15 * t + 6 * t**2),  # minimum jerk
    lambda t, p: np.expm1(-(2.5 + 1.5 * p) * t) / np.expm1(-(2.5 + 1.5 * p)),  # exponential approach
)
UNSEEN_TRANSFERS: tuple[Shape, ...] = (
    lambda t, p: t ** (0.6 + 0.3 * p),  # eager
    lambda t, p: t ** (1.4 + 0.6 * p),  # hesitant
    lambda t, p: t - (0.05 + 0.025 * p) * np.sin(4 * np.pi * t),  # in two steps
    lambda t, p: (1 - p / 2) * t**2 * (3 - 2 * t) + p / 2 * np.sin(np.pi * t / 2),  # smooth in, firm out
)
# What the bulge adds to the level at height 0…1.
UNSEEN_BULGES: tuple[Callable[[F64], F64], ...] = (
    lambda x: 6.75 * x * (1 - x) ** 2,  # hardest just off the floor
    lambda x: 6.75 * x**2 * (1 - x),  # hardest near the top
    lambda x: -2.4 * x * (1 - x),  # a saddle: lighter in the middle
    lambda x: 0.6 * np.sin(2 * np.pi * x),  # heavy low, light high
)

# ---------------------------------------------------------------- who lifts, how, on which plate

TEMPO = {"up": (0.8, 1.6), "hold": (0.3, 2.0), "down": (0.8, 3.0)}
TEMPO |= {"pause": (0.4, 2.5), "load": (0.2, 0.6), "unload": (0.15, 0.5)}


@dataclass(frozen=True)
class _Plan:
    """What a suite asks for; `tempo` gives ranges in seconds, a set has one habit within each."""

    tempo: dict[str, Range] = field(default_factory=lambda: TEMPO)
    load_kg: Range = (0.0, 0.0)
    odds: Range3 = (1, 0, 0)  # of dead_stop, touch, hover after a descent
    unseen: bool = False
    harsh: bool = False
    events: bool = False
    variant: str = ""


TOUCH = TEMPO | {"up": (0.8, 1.5), "hold": (0.3, 1.5), "load": (0.15, 0.4), "unload": (0.12, 0.35)}
BLAST = TEMPO | {"up": (0.52, 0.68), "hold": (0.2, 1.0), "down": (0.7, 1.6), "load": (0.15, 0.35)}
PLANS = {
    "dead_stop_real": _Plan(),
    "dead_stop_harsh": _Plan(harsh=True),
    "unseen_shapes": _Plan(unseen=True),
    "loaded": _Plan(load_kg=(20, 100)),
    "explosive": _Plan(BLAST),
    "slow": _Plan(TEMPO | {"up": (2.6, 3.4), "hold": (0.8, 1.3), "down": (2.6, 3.4)}),
    "touch": _Plan(TOUCH, odds=(0, 1, 0)),
    "hover": _Plan(TEMPO | {"up": (0.8, 1.5), "hold": (0.3, 1.5)}, odds=(0, 0, 1)),
    "mixed": _Plan(TOUCH, odds=(1, 1, 1)),
    "events": _Plan(TEMPO | {"pause": (0.8, 2.5)}, events=True),
    "nothing": _Plan(),
    **{name: _Plan(variant=name) for name in VARIANTS},
}


class _Body:
    """One lifter on one bench.

    Per-kilogram figures are the 80 kg model's: 3.21 N/kg of the body, 4.35 N/kg of a load, a mid-height
    bulge of 9 % (12 % with 40 kg). Its +122/−102 N of a 0.6 s ascent over 0.37 m is 20.6 and 17.2 kg for a
    minimum-jerk motion, whose acceleration peaks at 7 and 93 % of the height; 40 kg make it 2.3 times that.
    """

    def __init__(self, rng: np.random.Generator, plan: _Plan) -> None:
        self.mass_kg, self.load_kg = rng.uniform(50, 110), rng.uniform(*plan.load_kg)
        self.range_m = 0.97 * rng.uniform(0.35, 0.45) + rng.normal(0, 0.015)  # of the bench's height
        self.rest_n = rng.uniform(50, 150)
        self.ratio = rng.uniform(0.83, 1.09)  # static force at lockout / at the floor
        self.bulge = rng.uniform(0.03, 0.11) + 0.0007 * self.load_kg
        self.bulge_of = UNSEEN_BULGES[rng.integers(4)] if plan.unseen else _hill
        # A third of lifters extend the free leg, which the model puts at +45 N for 80 kg.
        self.floor_n = rng.lognormal(0, 0.06) * (3.21 + 0.56 * (rng.random() < 0.33)) * self.mass_kg
        self.floor_n += 4.35 * self.load_kg
        self.moving_kg = np.array((0.261, 0.212)) * self.mass_kg + np.array((0.67, 0.56)) * self.load_kg
        self.lowest = self.band_n = 0.0
        self._vary(rng, plan.variant)
        self.rest_n = min(self.rest_n, 0.5 * self.floor_n)
        self.lift_share, self.left_share = rng.uniform(0.4, 0.85), rng.uniform(0.42, 0.58)
        self.rest_share = float(np.clip(self.lift_share + rng.normal(0, 0.1), 0.2, 0.9))

    def _vary(self, rng: np.random.Generator, variant: str) -> None:
        """Change the levels to those of another exercise: plausible figures, from no source."""
        if variant == "floor_bridge":  # pivot at the shoulders: a longer trunk, half the way up
            self.floor_n *= rng.uniform(1.0, 1.25)
            self.ratio, self.bulge = rng.uniform(0.93, 1.08), rng.uniform(0, 0.04)
            self.range_m = rng.uniform(0.15, 0.25)
        elif variant == "b_stance":  # the other foot carries 20…40 %
            part = rng.uniform(0.6, 0.8)
            self.floor_n, self.moving_kg = part * self.floor_n, part * self.moving_kg
        elif variant == "feet_elevated":  # foot further away (−2.8 N/cm), more of the leg at rest
            self.floor_n *= rng.uniform(0.85, 1.0)
            self.ratio, self.rest_n = rng.uniform(0.95, 1.12), rng.uniform(80, 170)
            self.range_m += 0.08
        elif variant == "band":  # 60…250 N across the hips at lockout, 0.44 of it at the foot as of a load
            self.band_n = 0.44 * rng.uniform(60, 250)
        elif variant == "short_range":  # hips rest on a pad: only the upper part of the curve
            self.lowest = rng.uniform(0.4, 0.65)
            self.range_m *= 1 - self.lowest

    def level_n(self, height: F64) -> F64:
        """Return the static foot force (N) at hip height 0 (floor) … 1 (lockout)."""
        x = self.lowest + (1 - self.lowest) * height
        curve = 1 + (self.ratio - 1) * x + self.bulge * self.bulge_of(x)
        return self.floor_n * curve + self.band_n * height

    def inertia_n(self, height: F64, accel_m_s2: F64) -> F64:
        """Return what the moving mass, less of it the higher the hips, adds at the foot (N)."""
        low, high = self.moving_kg
        return (low + (high - low) * height) * accel_m_s2


# ---------------------------------------------------------------- a set, written segment by segment


class _Take:
    """The tracks of a set at 1 kHz, appended to as the set goes on; `now_s` is where it stands."""

    def __init__(self, rng: np.random.Generator, body: _Body, plan: _Plan) -> None:
        self.rng, self.body, self.plan = rng, body, plan
        self.habit = {name: rng.uniform(*limits) for name, limits in plan.tempo.items()}
        self.carried = self.height = 0.0
        self.rest_n, self.rest_share, self.lift_share = body.rest_n, body.rest_share, body.lift_share
        self.parts: list[dict[str, F64]] = []
        self.bumps: list[tuple[int, F64]] = []
        self.samples = 0

    @property
    def now_s(self) -> float:
        """Seconds written so far."""
        return self.samples / RATE_HZ

    def draw(self, low: float, high: float) -> float:
        """Draw one number between two."""
        return float(self.rng.uniform(low, high))

    def add(self, seconds: float, **shapes: F64 | float | Callable[[F64], F64]) -> None:
        """Append a stretch; a track not named keeps its present value, a callable is called with 0…1."""
        n = max(2, round(seconds * RATE_HZ))
        tracks = {
            "carried": self.carried,  # 0: hips on the floor, 1: hips carried
            "height": self.height,
            "accel_m_s2": 0.0,
            "rest_n": self.rest_n,
            "extra_n": 0.0,  # anything else on the plate: an object, a standing person
            "rest_share": self.rest_share,
            "lift_share": self.lift_share,
            "heel": 1.0,  # 0: the heel is off the plate
            "fidget": 1.0,  # bracing at rest, times this
        } | shapes
        t = (np.arange(n) + 0.5) / n
        part = {k: np.broadcast_to(v(t) if callable(v) else v, n) for k, v in tracks.items()}
        self.parts.append(part)
        self.carried, self.height = float(part["carried"][-1]), float(part["height"][-1])
        self.samples += n

    def around_s(self, name: str, slower: float = 1.0) -> float:
        """Return the habit of this name with one rep's variation, inside the suite's range."""
        drawn = self.habit[name] * slower * self.rng.lognormal(0, 0.1)
        return float(np.clip(drawn, *self.plan.tempo[name]))

    def transfer(self, seconds: float, shape: Shape, character: float, to: float) -> None:
        """Blend the foot between resting (0) and carrying the hips (1)."""
        start = self.carried
        self.add(seconds, carried=lambda t: start + (to - start) * shape(t, character))
        self.carried = to

    def move(self, seconds: float, shape: Shape, character: float, to: float) -> None:
        """Move the hips with a speed of this shape; its integral is the way, its slope the acceleration.

        A motion that its own weight could not brake or speed up so hard takes longer instead.
        """
        t = (np.arange(200) + 0.5) / 200
        speed = shape(t, character)
        steepest = (
            np.abs(np.gradient(speed, t)).max() / speed.mean() * abs(to - self.height) * self.body.range_m
        )
        n = round(max(seconds, np.sqrt(steepest / MOST_M_S2)) * RATE_HZ)
        speed = shape((np.arange(n) + 0.5) / n, character)
        speed *= (to - self.height) / speed.sum()
        accel = np.gradient(speed) * RATE_HZ**2 * self.body.range_m
        self.add(n / RATE_HZ, height=self.height + np.cumsum(speed), accel_m_s2=accel)
        self.height = to

    def pulse(self, track: str, start: float, value: float, seconds: Range3) -> None:
        """Bring a track to a value, keep it there, and bring it back; seconds of the three parts."""
        for part_s, shape in zip(seconds, (_ramp(start, value), value, _ramp(value, start)), strict=True):
            self.add(part_s, **{track: shape})

    def bump(self, force_n: F64) -> None:
        """Lay a short extra force over what is written from now on."""
        self.bumps.append((self.samples, force_n))


def _ramp(start: float, end: float) -> Callable[[F64], F64]:
    """Go smoothly from one value to another."""
    return lambda t: start + (end - start) * t * t * (3 - 2 * t)


def _foot_on(take: _Take) -> None:
    """Put the foot down, heel a little first, with a small overshoot."""
    n, over = take.rest_n, take.draw(0.05, 0.3)
    take.add(take.draw(0.3, 0.7), rest_n=lambda t: n * (t * t * (3 - 2 * t) + over * np.sin(np.pi * t) ** 2))


def _foot_off(take: _Take, seconds: float) -> None:
    """Lift the foot and leave the plate empty."""
    take.add(take.draw(0.2, 0.5), rest_n=_ramp(take.rest_n, 0))
    take.add(seconds, rest_n=0.0)


# ---------------------------------------------------------------- what happens between reps


def _step_off_on(take: _Take) -> None:
    _foot_off(take, take.draw(0.5, 4))
    _foot_on(take)


def _stand(take: _Take) -> None:
    """Get up on the plate: 0.75…1 body weight with a swing at either end, then sit down again."""
    weight_n, share = take.body.mass_kg * G_M_S2 * take.draw(0.75, 1.0), take.draw(0.4, 0.7)
    swing = take.draw(0.05, 0.15)
    up, down = _ramp(take.rest_n, weight_n), _ramp(weight_n, take.rest_n)
    for seconds, shape in (
        (take.draw(0.5, 1.2), lambda t: up(t) + swing * weight_n * np.sin(np.pi * t) ** 2 * t),
        (take.draw(1.5, 6.0), lambda t: 0 * t + weight_n),
        (take.draw(0.6, 1.4), lambda t: down(t) - swing * weight_n * np.sin(np.pi * t) ** 2 * (1 - t)),
    ):
        take.add(seconds, rest_n=0.0, extra_n=shape, rest_share=share)


def _reposition(take: _Take) -> None:
    """Lift the foot for a moment and set it down a centimetre or two away."""
    light, before = take.draw(0, 0.25), take.rest_n
    take.add(take.draw(0.15, 0.4), rest_n=_ramp(before, light * before))
    take.add(take.draw(0.1, 0.5), rest_n=light * before)
    take.rest_n = float(np.clip(before * take.rng.lognormal(0, 0.12), 40, 0.55 * take.body.floor_n))
    shift = take.rng.normal(0, 0.04)
    take.lift_share = float(np.clip(take.lift_share + shift, 0.3, 0.9))
    take.rest_share = float(np.clip(take.rest_share + shift, 0.15, 0.95))
    take.add(take.draw(0.15, 0.4), rest_n=_ramp(light * before, take.rest_n))


def _aborted_push(take: _Take, low: float = 0.6, high: float = 0.7) -> None:
    """Push to a part of the force the lift needs, and give up."""
    peak = (take.draw(low, high) * take.body.floor_n - take.rest_n) / (take.body.floor_n - take.rest_n)
    take.transfer(take.draw(0.25, 0.8), TRANSFERS[take.rng.integers(4)], take.draw(0, 1), max(peak, 0.1))
    take.add(take.draw(0.1, 1.2))
    take.transfer(take.draw(0.2, 0.6), TRANSFERS[take.rng.integers(4)], take.draw(0, 1), 0.0)


def _bench_bump(take: _Take) -> None:
    """Shake the bench: 45 N at 9 Hz, dying away."""
    t = np.arange(700) / RATE_HZ
    take.bump(take.draw(35, 50) * np.exp(-t / 0.15) * np.sin(2 * np.pi * take.draw(8, 10) * t))
    take.add(0.8)


def _heel_lift(take: _Take) -> None:
    """Raise the heel for a moment while resting."""
    take.pulse("heel", 1, 0, (0.15, take.draw(0.3, 1.2), 0.15))


def _talk(take: _Take) -> None:
    """Talk and fidget: the bracing grows."""
    most = take.draw(1.2, 1.7)
    take.add(take.draw(2, 6), fidget=lambda t: 1 + (most - 1) * np.sin(np.pi * t))


def _object(take: _Take) -> None:
    """Put something of 2…8 kg beside the foot and take it away again."""
    take.pulse("extra_n", 0, take.draw(2, 8) * G_M_S2, (take.draw(0.1, 0.4), take.draw(1.5, 6), 0.25))


BETWEEN = (_step_off_on, _stand, _reposition, _aborted_push, _bench_bump, _heel_lift, _talk, _object)


# ---------------------------------------------------------------- reps


def _ascend(take: _Take, seconds: float, shape: Shape, character: float, sticking: bool) -> None:
    """Lift the hips to lockout, with a halt on the way where asked."""
    bottom, top, part = take.height, 1 - take.draw(0, 0.04), take.draw(0.35, 0.65)
    if sticking:  # each half as hard as the whole
        take.move(seconds * np.sqrt(part), shape, character, bottom + part * (top - bottom))
        take.add(take.draw(0.2, 0.5))
        seconds *= np.sqrt(1 - part)
    take.move(seconds, shape, character, top)


def _drop(take: _Take) -> None:
    """Let the hips fall; they land at full speed, 1.5…2 times the level at the foot."""
    take.move(take.draw(0.4, 0.6), lambda t, _p: t**1.3, 0.0, 0.0)
    landing_s = take.draw(0.06, 0.12)
    t = np.arange(round(landing_s * RATE_HZ)) / RATE_HZ
    take.bump(take.draw(0.5, 1.0) * take.body.floor_n * np.sin(np.pi * t / landing_s))


def _reps(take: _Take, count: int, log: list[str]) -> list[TrueRep]:
    """Write the reps of a set and what lies between them; heel shares are filled in afterwards."""
    plan, rng = take.plan, take.rng
    speeds, transfers = (UNSEEN_SPEEDS, UNSEEN_TRANSFERS) if plan.unseen else (SPEEDS, TRANSFERS)
    families = (speeds, speeds, transfers, transfers)
    up, down, load, unload = ((family[rng.integers(len(family))], rng.random()) for family in families)
    slowing, depth, turn = take.draw(0, 0.3), take.draw(0.25, 0.7), take.draw(0.06, 0.3)
    odds = np.array(plan.odds) / sum(plan.odds)
    reps: list[TrueRep] = []
    for i in range(count):
        last = i == count - 1
        style = "dead_stop" if last else str(rng.choice(("dead_stop", "touch", "hover"), p=odds))
        eventful = plan.events and rng.random() < 0.3
        trouble = str(rng.choice(("sticking", "dropped", "heel_off"))) if eventful else ""
        times = [take.now_s if take.carried < 1 else None]
        if take.carried < 1:
            take.transfer(take.around_s("load"), *load, 1.0)
        times.append(take.now_s)
        _ascend(take, take.around_s("up", 1 + slowing * i / count), *up, trouble == "sticking")
        times.append(take.now_s)
        hold_s = take.around_s("hold")
        if trouble == "heel_off":
            take.pulse("heel", 1, 0, (hold_s / 5, hold_s * 3 / 5, hold_s / 5))
        else:
            take.add(hold_s)
        times.append(take.now_s)
        if trouble == "dropped":
            _drop(take)
        else:
            low = max(0.03, turn + rng.normal(0, 0.03)) if style == "hover" else 0.0
            take.move(take.around_s("down"), *down, low)
        times.append(take.now_s)
        if style == "hover":
            take.add(take.draw(0.01, 0.25))
        else:
            deep = 1 if style == "dead_stop" else np.clip(depth + rng.normal(0, 0.06), 0.25, 0.7)
            take.transfer(take.around_s("unload"), *unload, float(1 - deep))
        times.append(None if style == "hover" else take.now_s)
        reps.append(TrueRep(style, *times, heel_share=0.0))
        log.append(trouble)
        if style == "dead_stop" and not last:
            _between(take, take.around_s("pause"), log)
    return reps


def _between(take: _Take, rest_s: float, log: list[str]) -> None:
    """Rest between two reps, and in the suite of events let something happen half of the time."""
    if not take.plan.events or take.rng.random() < 0.5:
        take.add(rest_s)
        return
    event = BETWEEN[take.rng.integers(len(BETWEEN))]
    take.add(max(0.4, rest_s / 2))
    event(take)
    take.add(max(0.6, rest_s))
    log.append(event.__name__.strip("_"))


def _nothing(take: _Take, log: list[str]) -> None:
    """Let half a minute to a minute pass with everything but a rep."""
    end_s = take.draw(30, 60)
    while take.now_s < end_s - 5:
        event = BETWEEN[take.rng.integers(len(BETWEEN))]
        if event is _aborted_push:
            _aborted_push(take, 0.35, 0.7)
        else:
            event(take)
        log.append(event.__name__.strip("_"))
        take.add(take.draw(0.5, 4), fidget=take.draw(0.8, 1.8))
    take.add(max(1.0, end_s - take.now_s))


# ---------------------------------------------------------------- from tracks to force


class _Nuisances:
    """How the plate and the lifter misbehave in this set: middle or upper figures of the nuisance table."""

    def __init__(self, rng: np.random.Generator, harsh: bool) -> None:
        def between(real: Range, most: Range) -> float:
            return float(rng.uniform(*(most if harsh else real)))

        self.noise_n = between((0.02, 0.2), (0.4, 0.4))
        self.wander_cv = between((0.012, 0.02), (0.025, 0.025))
        self.bracing_n = between((8, 14), (18, 18))
        self.hum_n = between((0, 0.2), (0.2, 0.5))
        self.spikes = between((0.002, 0.02), (0.03, 0.05))
        self.gaps = between((0.001, 0.004), (0.005, 0.005))
        self.bursts = round(between((0, 2), (2, 5)))
        self.burst_samples = 24 if harsh else 12
        self.drift_n_min = between((0.3, 0.9), (1.5, 1.5))  # per cell
        self.creep = between((0.001, 0.002), (0.003, 0.003))
        self.gain = between((0.005, 0.01), (0.015, 0.015))


def _wander(rng: np.random.Generator, n: int, low_hz: float, high_hz: float, slope: float = 1.3) -> F64:
    """Noise of unit deviation between two frequencies, power falling as f to −slope, at 1 kHz."""
    step = 20  # written at 50 Hz, where an 8 Hz band is still smooth, and drawn out
    m = n // step + 2
    f = np.fft.rfftfreq(m, step / RATE_HZ)
    inside = (f >= low_hz) & (f <= high_hz)
    amplitude = np.where(inside, np.maximum(f, low_hz) ** (-slope / 2), 0)
    spectrum = amplitude * (rng.normal(size=f.size) + 1j * rng.normal(size=f.size))
    noise = np.fft.irfft(spectrum, m)
    noise /= noise.std() + 1e-12
    return np.interp(np.arange(n) / step, np.arange(m), noise)


def _forces(take: _Take, nuisances: _Nuisances) -> tuple[F64, F64]:
    """Return true cell forces (4, n) in newtons and the true heel share (n,), nothing electrical in it."""
    rng, body = take.rng, take.body
    tracks = {name: np.concatenate([p[name] for p in take.parts]) for name in take.parts[0]}
    n = take.samples
    carried, height = tracks["carried"], tracks["height"]
    unsteady = 0.04 if take.plan.variant == "b_stance" else 0.015
    level = body.level_n(height) * (1 + unsteady * _wander(rng, n, 0.02, 0.2))
    lift = level + body.inertia_n(height, tracks["accel_m_s2"])
    wander = 1 + nuisances.wander_cv * _wander(rng, n, 0.3, 8)
    here = np.clip(tracks["rest_n"] / (0.5 * body.rest_n), 0, 1)  # no bracing by a foot in the air
    strength = nuisances.bracing_n * min(1, body.floor_n / 257)  # the light brace with less
    bracing = strength * tracks["fidget"] * here * _wander(rng, n, 0.3, 8)
    rest = tracks["rest_n"] * (1 + 0.05 * _wander(rng, n, 0.02, 0.2)) + bracing
    total = (carried * lift + tracks["extra_n"]) * wander + (1 - carried) * rest
    for start, force_n in take.bumps:
        stop = min(n, start + force_n.size)
        total[start:stop] += force_n[: stop - start]
    total = np.maximum(total, 0)

    course = rng.normal(0, 0.03)  # how far the pressure moves toward heel or toe through a rep
    sway = rng.uniform(0.004, 0.015) * _wander(rng, n, 0.2, 3)
    share = (1 - carried) * tracks["rest_share"] + carried * (tracks["lift_share"] + course * height) + sway
    share = np.clip(share, 0.05, 0.95) * (0.02 + 0.98 * tracks["heel"])
    left = [body.left_share + rng.uniform(0.008, 0.03) * _wander(rng, n, 0.2, 3) for _ in range(2)]
    heel, toe = share * total, (1 - share) * total
    return np.stack((heel * left[0], heel * (1 - left[0]), toe * left[1], toe * (1 - left[1]))), share


# ---------------------------------------------------------------- from force to conversions


def _convert(rng: np.random.Generator, cells: F64, nuisances: _Nuisances) -> tuple[F64, I64, F64]:
    """Read four free-running chips; rows in order of time."""
    n = cells.shape[1]
    mains_hz = float(rng.choice((50.0, 60.0))) + rng.normal(0, 0.02)
    grid = np.arange(n + 1) / RATE_HZ
    gone = [rng.uniform(0, grid[-1]) for _ in range(nuisances.bursts)]
    stamps, forces = [], []
    for force in cells:
        rate_hz = rng.uniform(70, 94)
        t = np.arange((4 + rng.random()) / rate_hz, grid[-1], 1 / rate_hz)
        sum_n_s = np.concatenate(([0.0], np.cumsum(force))) / RATE_HZ
        read = (np.interp(t, grid, sum_n_s) - np.interp(t - 4 / rate_hz, grid, sum_n_s)) * rate_hz / 4
        read = _imperfect(rng, t, read, mains_hz, nuisances)
        keep = rng.random(t.size) >= nuisances.gaps
        for start_s in gone:
            if rng.random() < 0.6:  # a busy computer misses several chips at once
                span_s = rng.integers(4, nuisances.burst_samples + 1) / rate_hz
                keep &= (t < start_s) | (t > start_s + span_s)
        stamps.append(t[keep])
        forces.append(read[keep])
    cell = np.repeat(np.arange(4), [t.size for t in stamps])
    t_s, force_n = np.concatenate(stamps), np.concatenate(forces)
    order = np.argsort(t_s, kind="stable")
    return t_s[order], cell[order], force_n[order]


def _imperfect(rng: np.random.Generator, t: F64, read: F64, mains_hz: float, nuisances: _Nuisances) -> F64:
    """Add creep, gain error, drift, hum and noise to one cell, then corrupt single words."""
    tau_s = 150.0
    grown = np.exp(t / tau_s)
    creep = np.cumsum(read * grown * np.gradient(t)) / tau_s / grown
    drift = rng.choice((-1, 1)) * rng.uniform(0.6, 1) * nuisances.drift_n_min * t / 60
    hum = nuisances.hum_n * np.sin(2 * np.pi * (mains_hz * t + rng.random()))
    read = read * (1 + rng.normal(0, nuisances.gain / 2)) + nuisances.creep * creep + drift + hum
    read += rng.normal(0, nuisances.noise_n, t.size)
    # Words of k ones, at 2.5e-4 N a count beside a tare; twenty-four ones is −1 in two's complement.
    n_per_count, tare = 2.5e-4 * rng.uniform(0.9, 1.1), rng.uniform(-1e5, 1e5)
    word = 2.0 ** rng.integers(15, 25, t.size) - 1
    word[word > 2**23] = -1
    return np.where(rng.random(t.size) < nuisances.spikes, (word - tare) * n_per_count, read)


# ---------------------------------------------------------------- a session


def make(suite: str, seed: int) -> Recorded:
    """Return the session number `seed` of a suite or variant, always the same one.

    Raises KeyError for a suite that is not in recorded.SUITES or recorded.VARIANTS.
    """
    plan = PLANS[suite]
    rng = np.random.default_rng((seed, 7321, (*SUITES, *VARIANTS).index(suite)))
    if plan.variant and rng.random() < 0.25:
        plan = replace(plan, tempo=TOUCH, odds=(0, 1, 0))
    body = _Body(rng, plan)
    take = _Take(rng, body, plan)
    log: list[str] = []
    lead_s = rng.uniform(2, 6)
    if rng.random() < 0.6:
        part = rng.uniform(0.3, 0.6)
        take.add(lead_s * part, rest_n=0.0)
        _foot_on(take)
        lead_s *= 1 - part
    take.add(max(1.0, lead_s))
    if suite == "nothing":
        _nothing(take, log)
        reps = []
    else:
        reps = _reps(take, int(rng.integers(6, 13)), log)
        take.add(rng.uniform(2, 5))
        if rng.random() < 0.8:
            _foot_off(take, rng.uniform(1, 4))
    nuisances = _Nuisances(rng, plan.harsh)
    cells, share = _forces(take, nuisances)
    t_s, cell, force_n = _convert(rng, cells, nuisances)
    total = cells.sum(axis=0)

    def with_share(rep: TrueRep) -> TrueRep:
        lifting = slice(round(rep.lift_off_s * RATE_HZ), round(rep.lockout_end_s * RATE_HZ))
        return replace(rep, heel_share=float(np.average(share[lifting], weights=total[lifting])))

    notes: dict[str, object] = {"world": "gym", "body": vars(body), "nuisances": vars(nuisances), "log": log}
    return Recorded(t_s, cell, force_n, tuple(map(with_share, reps)), ADC_DELAY_S, notes)
