"""Lifts from random speed profiles, transfer curves and level polynomials.

Held out at first; looked at since `unseen` took its place.

A set is laid on a tape piece by piece at 1 kHz (total force, heel share, how much of the body is lifted),
so every true moment is the sample at which one piece ends and the next begins. Levels, inertia and
nuisances come from the literature. Nothing here knows how reps will be looked for, and nothing was measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.worlds.recorded import F64, SUITES, VARIANTS, Recorded, TrueRep

TAPE_HZ = 1000
WANDER_HZ = 64  # the wander has nothing above 8 Hz, so it is drawn coarsely and interpolated
GRAVITY = 9.81
ADC_DELAY_S = 0.025  # two conversions at 80 samples/s; each chip's true delay is 2 / its own rate
N_PER_COUNT = 2.5e-4

Range = tuple[float, float]


@dataclass(frozen=True)
class Recipe:
    """What a suite asks for; ranges are drawn from uniformly, chances are per rep or per gap."""

    up_s: Range = (0.8, 1.6)
    hold_s: Range = (0.3, 2.0)
    down_s: Range = (0.8, 3.0)
    gap_s: Range = (0.4, 2.5)
    load_kg: Range = (0.0, 0.0)
    styles: tuple[str, ...] = ("dead_stop",)
    fatigue: Range = (0.0, 0.4)  # how much longer the last ascent is than the first
    drop_chance: float = 0.08
    event_chance: float = 0.0
    halt_chance: float = 0.0
    odd_shapes: float = 0.5  # how far transfers and level polynomials may stray, 0 to 1
    harsh: bool = False
    variant: str = "standard"


DEAD_OR_TOUCH = ("dead_stop", "dead_stop", "touch")
RECIPES = {
    "dead_stop_real": Recipe(),
    "dead_stop_harsh": Recipe(harsh=True, drop_chance=0.12),
    "unseen_shapes": Recipe(up_s=(0.7, 2.0), odd_shapes=1.0, drop_chance=0.15, halt_chance=0.1),
    "loaded": Recipe(up_s=(0.8, 1.9), load_kg=(20.0, 100.0)),
    "explosive": Recipe(up_s=(0.55, 0.68), down_s=(0.6, 2.0), fatigue=(0.0, 0.12), drop_chance=0.15),
    "slow": Recipe(
        up_s=(2.6, 3.4), hold_s=(0.8, 1.3), down_s=(2.6, 3.5), fatigue=(0.0, 0.15), drop_chance=0.0
    ),
    "touch": Recipe(styles=("touch",)),
    "hover": Recipe(up_s=(0.8, 1.5), styles=("hover",)),
    "mixed": Recipe(styles=("dead_stop", "touch", "hover"), load_kg=(0.0, 30.0)),
    "events": Recipe(event_chance=0.5, halt_chance=0.2, drop_chance=0.25, gap_s=(0.6, 2.5)),
    "nothing": Recipe(),
    "floor_bridge": Recipe(up_s=(0.6, 1.3), styles=DEAD_OR_TOUCH, variant="floor_bridge"),
    "b_stance": Recipe(styles=DEAD_OR_TOUCH, variant="b_stance", load_kg=(0.0, 40.0)),
    "feet_elevated": Recipe(up_s=(0.9, 1.8), styles=DEAD_OR_TOUCH, variant="feet_elevated"),
    "band": Recipe(styles=DEAD_OR_TOUCH, variant="band"),
    "short_range": Recipe(up_s=(0.5, 1.1), down_s=(0.6, 1.8), styles=DEAD_OR_TOUCH, variant="short_range"),
}


@dataclass(frozen=True)
class Body:
    """One person on one bench: force at the foot over the hip's way `u` (0 floor, 1 lockout)."""

    weight_n: float
    rest_n: float
    bottom_n: float
    top_ratio: float  # lockout level / bottom level
    hump: float  # extra level halfway, as a share of the bottom level
    lean: float  # odd cubic term: the hump sits early (+) or late (-)
    inertia_kg: float  # force per acceleration of the hips, at the foot
    way_m: float
    heel_rest: float
    heel_lift: float
    heel_climb: float  # change of the heel share from floor to lockout

    def level_n(self, u: F64, start_n: float, end_n: float) -> F64:
        """Give the static force at way `u`, through `start_n` at the floor and `end_n` at the top."""
        bend = 4.0 * u * (1.0 - u) * (self.hump + self.lean * (1.0 - 2.0 * u))
        return start_n + (end_n - start_n) * u + self.bottom_n * bend


def draw_body(rng: np.random.Generator, recipe: Recipe) -> Body:
    """Draw a body for one of the variants.

    An 80 kg athlete stands on 0.327 of body weight at the bottom, 0.444 of any load on the hips;
    +122 N at a 0.6 s ascent of 0.37 m makes 0.26 kg per kg of body, and 2.3 times that with 40 kg makes
    0.67 kg per kg of load.
    """
    mass_kg = rng.uniform(50.0, 110.0)
    load_kg = rng.uniform(*recipe.load_kg)
    bench_m = rng.uniform(0.35, 0.45)
    way_m = (bench_m - 0.01) * rng.uniform(0.94, 1.06)
    weight_n = mass_kg * GRAVITY
    own_n = 0.327 * weight_n * rng.normal(1.0, 0.05) + (45.0 * mass_kg / 80.0 if rng.random() < 0.25 else 0.0)
    bottom_n = own_n + 0.444 * load_kg * GRAVITY * rng.normal(1.0, 0.04)
    inertia_kg = (0.26 * mass_kg + 0.67 * load_kg) * rng.uniform(0.9, 1.1)
    top_ratio = rng.uniform(0.83, 1.09)
    rest_n = float(np.clip(own_n * rng.uniform(0.2, 0.5), 50.0, 150.0))
    if recipe.variant == "floor_bridge":  # shoulders on the floor: shorter way, more on the foot
        way_m, bottom_n, inertia_kg = (
            rng.uniform(0.15, 0.25),
            bottom_n * rng.uniform(1.0, 1.35),
            inertia_kg * 1.1,
        )
    elif recipe.variant == "b_stance":  # the other foot, off the plate, takes a fifth to two fifths
        share = rng.uniform(0.6, 0.8)
        bottom_n, inertia_kg, rest_n = bottom_n * share, inertia_kg * share, max(rest_n * 0.8, 45.0)
    elif recipe.variant == "feet_elevated":  # a high foot carries less and the hips travel further
        way_m, bottom_n = way_m * rng.uniform(1.05, 1.3), bottom_n * rng.uniform(0.78, 0.98)
        rest_n = max(rest_n * rng.uniform(0.6, 0.9), 40.0)
    elif recipe.variant == "band":  # a band from floor to floor over the hips pulls harder with height
        slack_n, taut_n = 0.45 * rng.uniform(10.0, 60.0), 0.45 * rng.uniform(90.0, 260.0)
        top_ratio = (top_ratio * bottom_n + taut_n) / (bottom_n + slack_n)
        bottom_n += slack_n
    elif recipe.variant == "short_range":
        part = rng.uniform(0.4, 0.7)
        way_m, top_ratio = way_m * part, 1.0 + (top_ratio - 1.0) * part + 0.06 * part
    heel_lift = rng.uniform(0.38, 0.85)
    return Body(
        weight_n=weight_n,
        rest_n=min(rest_n, 0.5 * bottom_n),
        bottom_n=bottom_n,
        top_ratio=top_ratio,
        hump=rng.uniform(0.03 - 0.03 * recipe.odd_shapes, 0.11 + 0.03 * recipe.odd_shapes),
        lean=rng.uniform(-0.1, 0.1) * recipe.odd_shapes,
        inertia_kg=inertia_kg,
        way_m=way_m,
        heel_rest=float(np.clip(heel_lift + rng.normal(0.0, 0.12), 0.25, 0.9)),
        heel_lift=heel_lift,
        heel_climb=rng.uniform(-0.08, 0.08),
    )


# --- shapes: all end exactly where they are cut, so a phase begins and ends with its array ---------------


def beta_bump(s: F64, a: float, b: float) -> F64:
    """`s^a (1-s)^b` on 0…1 and zero outside, its peak 1."""
    inside = np.clip(s, 0.0, 1.0)
    bump = inside**a * (1.0 - inside) ** b
    return bump / bump.max()


def guided_mass(rng: np.random.Generator) -> F64:
    """Speed of a mass that a saturated spring and damper pull to its goal, until it stands still."""
    stiffness, damping = rng.uniform(5.0, 9.0) ** 2, rng.uniform(0.75, 1.15)
    strongest = rng.uniform(3.0, 9.0)
    place, speed, speeds = 0.0, 0.0, [0.0]
    while len(speeds) < 300 and speed >= 0.0:
        pull = stiffness * (1.0 - place) - 2.0 * damping * stiffness**0.5 * speed
        speed += 0.01 * min(max(pull, -strongest), strongest)
        place += 0.01 * speed
        speeds.append(max(speed, 0.0))
    return np.pad(speeds, 6)


def spline_bump(rng: np.random.Generator, s: F64) -> F64:
    """Cubic B-spline with four to six random weights; zero at both ends."""
    weights = rng.uniform(0.25, 1.0, rng.integers(4, 7))
    far = np.abs(s[:, None] * (weights.size + 3) - np.arange(weights.size) - 2.0)
    near = 2.0 / 3.0 - far**2 + far**3 / 2.0
    return np.where(far < 1.0, near, np.clip(2.0 - far, 0.0, None) ** 3 / 6.0) @ weights


def draw_speed(rng: np.random.Generator, odd: float) -> F64:
    """Draw a speed profile, any length and scale; B-splines are kept for the oddest shapes."""
    s = np.linspace(0.0, 1.0, 401)
    if odd == 1.0 and rng.random() < 0.6:
        return spline_bump(rng, s)
    family = rng.random()
    if family < 0.35:
        return beta_bump(s, rng.uniform(1.2, 3.2), rng.uniform(1.2, 3.2))
    if family < 0.55:
        width = rng.uniform(0.5, 0.75)
        early = beta_bump(s / width, rng.uniform(1.2, 2.5), rng.uniform(1.2, 2.5))
        late = beta_bump((s - 1.0 + width) / width, rng.uniform(1.2, 2.5), rng.uniform(1.2, 2.5))
        return early + rng.uniform(0.4, 1.6) * late
    return guided_mass(rng)


def speed_profile(rng: np.random.Generator, seconds: float, way_m: float, odd: float) -> F64:
    """Speed over a motion of `seconds` and `way_m`, sampled at the tape's rate, mean 1.

    A fiftieth of the peak is taken off everywhere so that the motion has a real first and last
    moment; then acceleration rises and falls within some 60 ms, as a muscle's force does. Speed and
    acceleration are zero at both ends. Draws beyond 7.5 m/s² are drawn again.
    """
    sharpest = float(np.clip(7.5 * seconds**2 / way_m, 6.2, 11.0))  # a minimum-jerk motion needs 5.8
    for _ in range(20):
        raw = draw_speed(rng, odd)
        moving = np.clip(raw - 0.02 * raw.max(), 0.0, None)
        there = np.flatnonzero(moving)
        moving = moving[there[0] - 1 : there[-1] + 2]
        if np.abs(np.gradient(moving)).max() * moving.size / moving.mean() < sharpest:
            break
    else:
        moving = beta_bump(np.linspace(0.0, 1.0, 401), 2.0, 2.0)
    n = max(round(seconds * TAPE_HZ), 80)
    margin = min(30, n // 16)
    core = np.interp(np.linspace(0.0, 1.0, n - 2 * margin), np.linspace(0.0, 1.0, moving.size), moving)
    profile = np.convolve(np.pad(core, margin), np.hanning(2 * margin + 3), mode="same")
    return profile[:n] / profile[:n].mean()


def transfer(rng: np.random.Generator, seconds: float, odd: float) -> F64:
    """Draw a monotone curve 0…1: a beta distribution function, or two with a shoulder between."""
    s = np.linspace(0.0, 1.0, max(round(seconds * TAPE_HZ), 8))
    reach = 1.2 + 1.6 * odd
    rate = beta_bump(s, *rng.uniform(0.4, reach, 2))
    if odd == 1.0 and rng.random() < 0.35:  # a first-order lag: quick first and a long tail, or mirrored
        rate = np.clip(10.0 * s, 0.0, 1.0) * np.exp(-rng.uniform(1.0, 3.0) * s)
        rate = rate if rng.random() < 0.6 else rate[::-1]
    elif rng.random() < 0.4 * odd + 0.1:
        first = rng.uniform(0.45, 0.6)
        late = beta_bump((s - 0.9 * first) / (1.0 - 0.9 * first), *rng.uniform(0.6, reach, 2))
        rate = beta_bump(s / first, *rng.uniform(0.6, reach, 2)) + rng.uniform(0.5, 1.8) * late
    curve = np.cumsum(rate)
    curve = np.clip((curve / curve[-1] - 0.01) / 0.98, 0.0, 1.0)  # a real first and last moment
    there = np.flatnonzero((curve > 0.0) & (curve < 1.0))
    cut = curve[there[0] : there[-1] + 1]
    return np.interp(s, np.linspace(0.0, 1.0, cut.size), cut)


def wander(rng: np.random.Generator, n: int, low_hz: float, high_hz: float, slope: float) -> F64:
    """Draw noise of rms 1 whose power falls as `1/f^slope` between two frequencies; shape (n,)."""
    coarse_n = int(n * WANDER_HZ / TAPE_HZ) + 16
    hz = np.fft.rfftfreq(coarse_n, 1.0 / WANDER_HZ)
    band = (hz >= low_hz) & (hz <= high_hz)
    size = np.where(band, np.maximum(hz, low_hz) ** (-slope / 2.0), 0.0)
    spectrum = size * (rng.normal(size=hz.size) + 1j * rng.normal(size=hz.size))
    coarse = np.fft.irfft(spectrum, coarse_n)
    fine = np.interp(np.arange(n) / TAPE_HZ, np.arange(coarse_n) / WANDER_HZ, coarse)
    return fine / coarse.std()


# --- the tape ---------------------------------------------------------------------------------------------


@dataclass
class Tape:
    """The set as it is laid: newtons, share lifted (0 resting, 1 hips in the air), heel share, lockout."""

    force: list[F64] = field(default_factory=list)
    lifted: list[F64] = field(default_factory=list)
    heel: list[F64] = field(default_factory=list)
    locked: list[F64] = field(default_factory=list)
    n: int = 0

    @property
    def now_s(self) -> float:
        """Seconds laid so far."""
        return self.n / TAPE_HZ

    def lay(self, force: F64, lifted: F64 | float, heel: F64 | float, locked: F64 | float = 0.0) -> None:
        """Append one piece."""
        self.force.append(force)
        self.lifted.append(np.broadcast_to(lifted, force.shape))
        self.heel.append(np.broadcast_to(heel, force.shape))
        self.locked.append(np.broadcast_to(locked, force.shape))
        self.n += force.size


class Athlete:
    """Lays reps and events on a tape; remembers where the force and the foot are now."""

    def __init__(self, rng: np.random.Generator, recipe: Recipe) -> None:
        self.rng, self.recipe, self.tape = rng, recipe, Tape()
        self.body = draw_body(rng, recipe)
        self.tempo = [rng.uniform(*pace) for pace in (recipe.up_s, recipe.hold_s, recipe.down_s)]
        self.transfer_s = rng.uniform(0.22, 0.58), rng.uniform(0.15, 0.45)
        self.rest_n = self.body.rest_n
        self.bottom_n = self.body.bottom_n
        self.touch_part = rng.uniform(0.28, 0.67)  # how far towards rest a touch unloads
        self.bounces = rng.random() < 0.5  # hover turns with force left in them, or a moment's stop
        self.u = 0.0

    def ramp(self, end_n: float, seconds: float, heel_end: float | None = None, lifted: float = 0.0) -> None:
        """Go from the present force to another while resting or standing."""
        begin_n = self.tape.force[-1][-1] if self.tape.force else 0.0
        begin_heel = self.tape.heel[-1][-1] if self.tape.heel else self.body.heel_rest
        curve = transfer(self.rng, seconds, 0.5)
        heel = begin_heel + ((self.body.heel_rest if heel_end is None else heel_end) - begin_heel) * curve
        self.tape.lay(begin_n + (end_n - begin_n) * curve, lifted, heel)

    def rest(self, seconds: float) -> None:
        """Rest with the foot on the plate; the resting level moves a little meanwhile."""
        self.rest_n = float(
            np.clip(self.body.rest_n * self.rng.normal(1.0, 0.06), 35.0, 0.55 * self.bottom_n)
        )
        self.ramp(self.rest_n, seconds)

    def shift(self, begin_n: float, end_n: float, begin: float, end: float, seconds: float) -> None:
        """Load or unload the foot with the hips on the floor, from `begin` to `end` of the way to lifting."""
        curve = transfer(self.rng, seconds, self.recipe.odd_shapes)
        lifted = begin + (end - begin) * curve
        heel = self.body.heel_rest + (self.body.heel_lift - self.body.heel_rest) * lifted
        self.tape.lay(begin_n + (end_n - begin_n) * curve, lifted, heel)

    def move(self, goal: float, seconds: float, top_n: float, speed: F64 | None = None) -> None:
        """Carry the hips to way `goal`: the level there, and the mass times its acceleration."""
        if speed is None:
            way_m = abs(goal - self.u) * self.body.way_m
            speed = speed_profile(self.rng, seconds, way_m, self.recipe.odd_shapes)
        speed = speed / speed.mean()
        way = goal - self.u
        u = self.u + way * np.cumsum(speed) / speed.sum()
        acceleration = way * self.body.way_m * np.gradient(speed) * TAPE_HZ / (speed.size / TAPE_HZ)
        inertia_n = self.body.inertia_kg * (1.05 - 0.17 * u) * acceleration
        force = np.maximum(self.body.level_n(u, self.bottom_n, top_n) + inertia_n, 0.15 * self.bottom_n)
        self.tape.lay(force, 1.0, self.body.heel_lift + self.body.heel_climb * u)
        self.u = goal

    def climb(self, seconds: float, top_n: float) -> None:
        """Go up, now and then with a halt at a sticking point."""
        bounced = self.bounces and self.u > 0.0
        if self.rng.random() < self.recipe.halt_chance:
            part = self.rng.uniform(0.25, 0.7)
            first_s, seconds = seconds * part**0.5, seconds * (1.0 - part) ** 0.5  # accelerations stay alike
            stuck = self.u + (1.0 - self.u) * part
            self.move(stuck, first_s, top_n, self.swing(first_s) if bounced else None)
            n, bounced = round(self.rng.uniform(0.2, 0.5) * TAPE_HZ), False
            level = self.body.level_n(np.full(n, self.u), self.bottom_n, top_n)
            self.tape.lay(level, 1.0, self.tape.heel[-1][-1])
        self.move(1.0, seconds, top_n, self.swing(seconds) if bounced else None)

    def swing(self, seconds: float) -> F64:
        """Speed that leaves its first moment with a finite acceleration, as out of a bounce."""
        s = np.linspace(0.0, 1.0, round(seconds * TAPE_HZ))
        return beta_bump(s, 1.0, self.rng.uniform(1.6, 2.8))

    def hold(self, seconds: float, begin_n: float, end_n: float) -> None:
        """Stay at lockout while the level creeps; in some event reps the heel comes off."""
        n = round(seconds * TAPE_HZ)
        heel = np.full(n, self.body.heel_lift + self.body.heel_climb)
        if self.recipe.event_chance and self.rng.random() < 0.08:
            heel *= 1.0 - 0.96 * np.sin(np.linspace(0.0, np.pi, n)) ** 0.5
        self.tape.lay(np.linspace(begin_n, end_n, n), 1.0, heel, locked=np.sin(np.linspace(0.0, np.pi, n)))

    def fall(self, seconds: float, top_n: float) -> float:
        """Let the hips go down faster and faster; returns the size of the landing, newtons."""
        s = np.linspace(0.0, 1.0, round(max(seconds, 0.55) * TAPE_HZ))
        self.move(0.0, 0.0, top_n, speed=s ** self.rng.uniform(1.2, 1.8))
        return self.bottom_n * self.rng.uniform(0.4, 0.9)

    def rep(self, style: str, slower: float) -> TrueRep:
        """One rep, `slower` times the usual ascent; the style is what follows its descent."""
        rng, tape, body, recipe = self.rng, self.tape, self.body, self.recipe
        up_s, hold_s, down_s = (mean_s * np.exp(rng.normal(0.0, 0.09)) for mean_s in self.tempo)
        push_s: float | None = None
        if self.u == 0.0:
            push_s = tape.now_s
            begin, begin_n = float(tape.lifted[-1][-1]), float(tape.force[-1][-1])
            self.bottom_n = body.bottom_n * rng.normal(1.0, 0.02)
            quick = 1.0 if begin == 0.0 else 0.6
            self.shift(
                begin_n, self.bottom_n, begin, 1.0, quick * self.transfer_s[0] * rng.uniform(0.8, 1.25)
            )
        lift_off_s = tape.now_s
        top_n = self.bottom_n * body.top_ratio * rng.normal(1.0, 0.02)
        turned, upward = len(tape.force) - 1, len(tape.force)
        self.climb(max(up_s, recipe.up_s[0]) * slower, top_n)
        if push_s is None:  # the force that turns the mass joins both motions; speed there is below a tenth
            low = tape.force[turned]
            low[:] = np.linspace(low[0], tape.force[upward][0], low.size)
        lockout_s = tape.now_s
        late_n = top_n * (1.0 + rng.normal(0.0, 0.015))
        self.hold(max(hold_s, 0.25), top_n, late_n)
        lowering_s = tape.now_s
        landing_n = 0.0
        if style == "hover":
            self.move(
                rng.uniform(0.03, 0.2), down_s, late_n, self.swing(down_s)[::-1] if self.bounces else None
            )
        elif rng.random() < recipe.drop_chance:
            landing_n = self.fall(0.5 * down_s, late_n)
        else:
            self.move(0.0, down_s, late_n)
        touchdown_s = tape.now_s
        rest_s = self.turn(style, landing_n)
        return TrueRep(style, push_s, lift_off_s, lockout_s, lowering_s, touchdown_s, rest_s, float("nan"))

    def turn(self, style: str, landing_n: float) -> float | None:
        """Turn at the bottom, or rest there; returns the moment of rest or of deepest unloading."""
        rng, tape = self.rng, self.tape
        if style == "hover":
            n = round(rng.uniform(0.03, 0.07 if self.bounces else 0.22) * TAPE_HZ)
            tape.lay(np.full(n, tape.force[-1][-1]), 1.0, tape.heel[-1][-1])
            return None
        unload_s = self.transfer_s[1] * rng.uniform(0.8, 1.25)
        if style == "touch":
            part = float(np.clip(rng.normal(self.touch_part, 0.06), 0.25, 0.7))
            deep_n = self.bottom_n - part * (self.bottom_n - self.rest_n)
            self.shift(self.bottom_n, deep_n, 1.0, 1.0 - part, 0.7 * unload_s)
        else:
            self.shift(self.bottom_n, self.rest_n * rng.uniform(0.95, 1.1), 1.0, 0.0, unload_s)
        if landing_n:
            piece = tape.force[-1]
            n = min(round(rng.uniform(0.06, 0.12) * TAPE_HZ), piece.size)
            piece[:n] += landing_n * np.sin(np.linspace(0.0, np.pi, n)) ** 1.5
        return tape.now_s


EVENTS = ("off_on", "stand", "reposition", "aborted", "bump", "heel_up", "fidget", "object")


def happen(athlete: Athlete, event: str) -> None:
    """Lay one event that is no rep; it begins and ends with a resting foot on the plate."""
    rng, tape, body = athlete.rng, athlete.tape, athlete.body
    rest_n, lift_n = athlete.rest_n, athlete.bottom_n * min(body.top_ratio, 1.0)
    s = np.linspace(0.0, 1.0, round(rng.uniform(0.4, 1.2) * TAPE_HZ))
    if event == "off_on":
        athlete.ramp(0.0, rng.uniform(0.2, 0.6))
        tape.lay(np.zeros(round(rng.uniform(1.0, 5.0) * TAPE_HZ)), 0.0, body.heel_rest)
        athlete.ramp(rest_n * rng.uniform(1.1, 1.45), rng.uniform(0.15, 0.4))
    elif event == "stand":
        part = rng.uniform(0.7, 1.05)
        athlete.ramp(part * body.weight_n, rng.uniform(0.5, 1.4), rng.uniform(0.3, 0.8))
        for _ in range(rng.integers(1, 4)):
            athlete.ramp(
                part * body.weight_n * rng.uniform(0.9, 1.1), rng.uniform(0.6, 1.8), rng.uniform(0.3, 0.8)
            )
        athlete.ramp(0.3 * rest_n, rng.uniform(0.5, 1.2))
    elif event == "reposition":
        for _ in range(rng.integers(1, 4)):
            athlete.ramp(rest_n * rng.uniform(0.0, 0.3), rng.uniform(0.12, 0.4), rng.uniform(0.2, 0.9))
            athlete.ramp(rest_n * rng.uniform(0.8, 1.3), rng.uniform(0.12, 0.4))
        moved = rng.normal(0.0, 0.03)
        athlete.body = replace(body, heel_rest=body.heel_rest + moved, heel_lift=body.heel_lift + moved)
    elif event == "aborted":
        top_n = max(rng.uniform(0.55, 0.67) * lift_n, 1.15 * rest_n)
        athlete.ramp(top_n, rng.uniform(0.25, 0.7), body.heel_lift, lifted=0.8)
        athlete.ramp(top_n * rng.uniform(0.94, 1.0), rng.uniform(0.1, 1.5), body.heel_lift, lifted=0.8)
        athlete.ramp(rest_n, rng.uniform(0.2, 0.6))
    elif event == "bump":
        shake_n = 45.0 * rng.uniform(0.7, 1.2) * np.exp(-s * rng.uniform(2.0, 5.0))
        ring = np.sin(2.0 * np.pi * rng.uniform(7.5, 10.5) * s * s.size / TAPE_HZ)
        tape.lay(np.maximum(tape.force[-1][-1] + shake_n * ring, 0.0), 0.0, body.heel_rest)
    elif event == "heel_up":
        up = np.clip(3.0 * np.sin(np.pi * s), 0.0, 1.0)
        tape.lay(tape.force[-1][-1] * (1.0 + 0.1 * up), 0.0, body.heel_rest * (1.0 - 0.97 * up))
    elif event == "fidget":
        n = round(rng.uniform(1.5, 5.0) * TAPE_HZ)
        fidget_n = rng.uniform(10.0, 28.0) * wander(rng, n, 0.3, 5.0, rng.uniform(0.5, 2.0))
        fade = np.sin(np.linspace(0.0, np.pi, n)) ** 0.5
        tape.lay(np.clip(tape.force[-1][-1] + fade * fidget_n, 5.0, 0.67 * lift_n), 0.8, body.heel_rest)
    elif event == "object":
        here_n = tape.force[-1][-1]
        thing_n = min(rng.uniform(12.0, 90.0), max(0.65 * lift_n - here_n, 10.0))
        athlete.ramp(here_n + 1.2 * thing_n, rng.uniform(0.05, 0.2))
        athlete.ramp(here_n + thing_n, rng.uniform(0.1, 0.3))
        tape.lay(np.full(round(rng.uniform(1.0, 6.0) * TAPE_HZ), here_n + thing_n), 0.0, body.heel_rest)
        athlete.ramp(here_n, rng.uniform(0.1, 0.4))
    athlete.ramp(rest_n, rng.uniform(0.15, 0.5))


def lead_in(athlete: Athlete) -> None:
    """Begin with an empty plate and a foot put down on it, or a foot already there."""
    rng, rest_n = athlete.rng, athlete.rest_n
    if rng.random() < 0.6:
        athlete.tape.lay(np.zeros(round(rng.uniform(0.8, 2.0) * TAPE_HZ)), 0.0, athlete.body.heel_rest)
        athlete.ramp(rest_n * rng.uniform(1.0, 1.4), rng.uniform(0.15, 0.5))
        athlete.ramp(rest_n, rng.uniform(0.3, 0.8))
    else:
        n = round(rng.uniform(0.9, 2.2) * TAPE_HZ)
        athlete.tape.lay(np.full(n, rest_n), 0.0, athlete.body.heel_rest)
    athlete.rest(rng.uniform(1.2, 2.6))


def lead_out(athlete: Athlete) -> None:
    """Rest, and usually take the foot away."""
    rng = athlete.rng
    athlete.rest(rng.uniform(1.5, 4.0))
    if rng.random() < 0.75:
        athlete.ramp(0.0, rng.uniform(0.2, 0.7))
        athlete.tape.lay(np.zeros(round(rng.uniform(1.0, 3.0) * TAPE_HZ)), 0.0, athlete.body.heel_rest)


def lift_set(athlete: Athlete) -> list[TrueRep]:
    """Six to twelve reps; the last always ends on the floor."""
    rng, recipe = athlete.rng, athlete.recipe
    n_reps = int(rng.integers(6, 13))
    fatigue, bent = rng.uniform(*recipe.fatigue), rng.uniform(0.7, 2.5)
    reps = []
    for number in range(n_reps):
        last = number == n_reps - 1
        style = "dead_stop" if last else str(rng.choice(recipe.styles))
        reps.append(athlete.rep(style, 1.0 + fatigue * (number / n_reps) ** bent))
        if style == "dead_stop" and not last:
            athlete.rest(rng.uniform(*recipe.gap_s))
            if rng.random() < recipe.event_chance:
                happen(athlete, str(rng.choice(EVENTS)))
                athlete.rest(rng.uniform(0.5, 1.5))
    return reps


def do_nothing(athlete: Athlete) -> list[TrueRep]:
    """Events without a single rep for 30 to 60 s."""
    rng = athlete.rng
    until_s = rng.uniform(27.0, 50.0)
    while athlete.tape.now_s < until_s:
        happen(athlete, str(rng.choice(EVENTS)))
        athlete.rest(rng.uniform(0.3, 2.5))
    return []


# --- the living foot and the plate ------------------------------------------------------------------------


def living_force(rng: np.random.Generator, tape: Tape, harsh: bool) -> tuple[F64, F64, F64]:
    """Total force, heel share and left share with wander, bracing, tremor and sway; each of shape (n,)."""
    force, lifted, heel, locked = map(np.concatenate, (tape.force, tape.lifted, tape.heel, tape.locked))
    n = force.size
    cv = rng.uniform(0.021, 0.025) if harsh else rng.uniform(0.013, 0.022)
    bracing_n = rng.uniform(16.0, 18.0) if harsh else rng.uniform(9.0, 15.0)
    tremor_n = rng.uniform(0.7, 5.0) * np.linspace(0.6, 1.4, n)  # tires with the set
    tremor_phase = 2.0 * np.pi * np.cumsum(rng.uniform(6.0, 11.0) + wander(rng, n, 0.1, 3.0, 1.0)) / TAPE_HZ
    alive = np.clip(force / 40.0, 0.0, 1.0)  # an empty plate does not brace
    breathing = 1.0 + 0.4 * np.clip(wander(rng, n, 0.05, 0.4, 1.0), -1.5, 1.5)
    total = force * (1.0 + cv * lifted * wander(rng, n, 0.3, 8.0, rng.uniform(0.8, 2.0)))
    brace = breathing * wander(rng, n, 0.3, 6.0, rng.uniform(1.0, 2.2))
    total += bracing_n / 1.06 * alive * (1.0 - lifted) * np.minimum(force / 80.0, 1.0) ** 0.5 * brace
    total += tremor_n * locked * np.sin(tremor_phase)
    heel = heel + rng.uniform(0.004, 0.015) * wander(rng, n, 0.1, 4.0, 1.5)
    left = rng.uniform(0.38, 0.62) + rng.uniform(0.01, 0.04) * wander(rng, n, 0.1, 3.0, 1.5)
    return np.maximum(total, 0.0), np.clip(heel, 0.01, 0.97), np.clip(left, 0.05, 0.95)


def plate_cells(total: F64, heel: F64, left: F64) -> F64:
    """Divide the force among heel_left, heel_right, toe_left, toe_right; shape (4, n)."""
    heel_n, toe_n = total * heel, total * (1.0 - heel)
    return np.stack([heel_n * left, heel_n * (1.0 - left), toe_n * left, toe_n * (1.0 - left)])


def lost(rng: np.random.Generator, n: int, harsh: bool) -> F64:
    """Which conversions never arrive: singles, and bursts of 4 to 24; shape (n,)."""
    gone = rng.random(n) < (0.005 if harsh else rng.uniform(0.001, 0.004))
    for _ in range(rng.poisson(1.2 if harsh else 0.3)):
        begin = rng.integers(0, n)
        gone[begin : begin + rng.integers(4, 25)] = True
    return gone


def convert(rng: np.random.Generator, force: F64, harsh: bool, hum_hz: float) -> tuple[F64, F64]:
    """One chip's conversions of one cell: stamps and newtons, each the mean of its last four periods."""
    rate_hz = rng.uniform(70.0, 94.0)
    end_s = force.size / TAPE_HZ
    t_s = np.arange(rng.uniform(0.0, 1.0) / rate_hz, end_s, 1.0 / rate_hz)
    edges_s = np.arange(force.size + 1) / TAPE_HZ
    grown = np.exp(edges_s[1:] / 150.0)
    creep = rng.uniform(0.001, 0.003) * np.cumsum(force * grown) / grown / (150.0 * TAPE_HZ)
    summed = np.concatenate([[0.0], np.cumsum(force + creep)]) / TAPE_HZ
    begin_s = t_s - 4.0 / rate_hz
    mean = (np.interp(t_s, edges_s, summed) - np.interp(begin_s, edges_s, summed)) / (4.0 / rate_hz)
    early = begin_s < 0.0  # the chip ran before the tape: it saw the same force
    mean[early] = force[0]
    gain = 1.0 + rng.choice([-1.0, 1.0]) * rng.uniform(0.005, 0.015)
    drift = rng.choice([-1.0, 1.0]) * (rng.uniform(1.0, 1.5) if harsh else rng.uniform(0.4, 1.1)) / 60.0
    hum_n = rng.uniform(0.02, 0.3 if harsh else 0.12)
    noise_n = 0.4 if harsh else rng.uniform(0.05, 0.25)
    seen = gain * mean + drift * t_s + hum_n * np.sin(2.0 * np.pi * (hum_hz * t_s + rng.random()))
    seen += rng.normal(0.0, noise_n, t_s.size)
    spiked = np.flatnonzero(
        rng.random(t_s.size) < (rng.uniform(0.03, 0.05) if harsh else rng.uniform(0.005, 0.025))
    )
    words = 2.0 ** rng.integers(15, 25, spiked.size) - 1.0
    seen[spiked] = (words - rng.uniform(-2e5, 2e5)) * N_PER_COUNT
    kept = ~lost(rng, t_s.size, harsh)
    return t_s[kept] + rng.uniform(0.0, 0.0008, int(kept.sum())), seen[kept]


def with_share(rep: TrueRep, total: F64, heel: F64) -> TrueRep:
    """Complete the rep with its force-weighted heel share from lift-off to the end of lockout."""
    span = slice(round(rep.lift_off_s * TAPE_HZ), round(rep.lockout_end_s * TAPE_HZ))
    return replace(rep, heel_share=float(np.average(heel[span], weights=total[span])))


def make(suite: str, seed: int) -> Recorded:
    """Simulate one session of a suite or variant.

    Raises ValueError for a name that is neither.
    """
    if suite not in RECIPES:
        raise ValueError(f"No suite or variant {suite!r}; use one of {', '.join(SUITES + VARIANTS)}.")
    recipe = RECIPES[suite]
    rng = np.random.default_rng((seed, 7001 + (SUITES + VARIANTS).index(suite)))
    athlete = Athlete(rng, recipe)
    lead_in(athlete)
    reps = do_nothing(athlete) if suite == "nothing" else lift_set(athlete)
    lead_out(athlete)
    total, heel, left = living_force(rng, athlete.tape, recipe.harsh)
    hum_hz = float(rng.choice([50.0, 60.0])) + rng.uniform(-0.05, 0.05)
    chips = [convert(rng, cell_n, recipe.harsh, hum_hz) for cell_n in plate_cells(total, heel, left)]
    t_s = np.concatenate([stamps for stamps, _ in chips])
    cell = np.repeat(np.arange(4), [stamps.size for stamps, _ in chips])
    order = np.argsort(t_s, kind="stable")
    return Recorded(
        t_s=t_s[order],
        cell=cell[order],
        force_n=np.concatenate([newtons for _, newtons in chips])[order],
        reps=tuple(with_share(rep, total, heel) for rep in reps),
        adc_delay_s=ADC_DELAY_S,
        notes={"world": "unseen", "body": athlete.body, "recipe": recipe},
    )
