"""A simulated barn gym: force-plate recordings of the single-leg hip thrust, written apart from any detector.

It is phenomenological. A hip-height course (many families) gives the inertia, a person-specific curve
over hip height gives the support force, a load-transfer curve joins it to the force of the resting leg.
Pieces are laid on a tape (500 Hz), then wander, bracing and breathing come on top, the four cells share the
force, and four free-running converters read it with their nuisances. Numbers are those of the lift's notes.

What the truth means where a curve has no corner: `push_start` is where the transfer has done 2 % of its
rise and `rest` where it has done 98 % of its fall (deepest point in a touch). Hips that creep into the
top (family "exp") have reached it at about 98 % of the way; hips that overshoot, at the highest point.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.recorded import F64, I64, Recorded, TrueRep

Rng = np.random.Generator
Span = tuple[float, float]

FS = 500.0
G = 9.81
ADC_DELAY_S = 0.025
EDGE = 0.02  # share of a load transfer before which (after 1 - which) nothing is said to happen

UP_USUAL = ("minjerk", "cosine", "skew", "trapezoid", "exp", "overshoot", "stick")
UP_QUICK = ("minjerk", "cosine", "skew", "trapezoid", "overshoot")
UP_ODD = ("stick", "stairs", "tremble", "exp", "overshoot", "skew", "lopsided")
DOWN_USUAL = ("minjerk", "cosine", "skew", "trapezoid", "accelerate", "rush")
DOWN_SOFT = ("minjerk", "cosine", "skew", "trapezoid")
DOWN_ODD = ("rush", "accelerate", "drop", "stairs", "tremble", "lopsided", "stick")
RAMPS_USUAL = ("linear", "cosine", "minjerk", "early", "late", "logistic")
RAMPS_ODD = ("shelf", "kink", "dip", "early", "late", "linear")
NEEDS_TIME = {"exp": 1.1, "stick": 1.4, "stairs": 1.5, "tremble": 1.1, "lopsided": 0.9}


@dataclass(frozen=True)
class Plan:
    """What a suite asks for: tempi in seconds, load in kg, styles with their weights."""

    up: Span = (0.7, 1.8)
    hold: Span = (0.2, 2.0)
    down: Span = (0.8, 3.0)
    gap: Span = (0.4, 3.0)
    load: Span = (0.0, 0.0)
    reps: tuple[int, int] = (4, 10)
    styles: dict[str, float] = field(default_factory=lambda: {"dead_stop": 1.0})
    harsh: bool = False
    odd: bool = False
    events: bool = False
    variant: str = ""


_VARIANT_STYLES = {"dead_stop": 0.85, "touch": 0.15}
PLANS: dict[str, Plan] = {
    "dead_stop_real": Plan(),
    "dead_stop_harsh": Plan(harsh=True),
    "unseen_shapes": Plan(odd=True),
    "loaded": Plan(load=(20.0, 100.0), up=(0.8, 1.8)),
    "explosive": Plan(up=(0.5, 0.7), hold=(0.2, 1.2), down=(0.8, 2.0)),
    "slow": Plan(up=(2.4, 3.6), hold=(0.8, 1.2), down=(2.4, 3.6), reps=(4, 8)),
    "touch": Plan(styles={"touch": 1.0}),
    "hover": Plan(styles={"hover": 1.0}),
    "mixed": Plan(styles={"dead_stop": 1.0, "touch": 1.0, "hover": 1.0}, reps=(6, 10)),
    "events": Plan(events=True),
    "floor_bridge": Plan(variant="floor_bridge", up=(0.7, 1.5), styles=_VARIANT_STYLES),
    "b_stance": Plan(variant="b_stance", styles=_VARIANT_STYLES),
    "feet_elevated": Plan(variant="feet_elevated", up=(0.8, 1.8), styles=_VARIANT_STYLES),
    "band": Plan(variant="band", styles=_VARIANT_STYLES),
    "short_range": Plan(variant="short_range", up=(0.7, 1.2), down=(0.8, 1.8), styles=_VARIANT_STYLES),
}


@dataclass(frozen=True)
class Person:
    """Body, habits and level of force of one athlete in one set-up; newtons, kilograms, metres, seconds."""

    mass: float
    load: float
    bottom: float  # foot force with the hips just off the floor
    ratio: float  # lockout / bottom
    hump: float
    top_extra: float  # a band's pull at the top
    inertia: float  # effective mass at the foot, hips low
    travel: float
    rest: float
    brace: float
    wander: float
    tremor_slope: float
    hysteresis: float
    share_rest: float
    share_lift: float
    share_slope: float
    left_heel: float
    left_toe: float
    breath_hz: float
    breath_n: float
    tissue_s: float
    floor_s: float  # how long the floor takes to stop falling hips
    landing: float  # part of the landing's impulse that the foot feels


@dataclass(frozen=True)
class Habit:
    """How this athlete moves in this set."""

    up: float
    hold: float
    down: float
    gap: float
    scatter: float
    fatigue: float
    up_shapes: tuple[str, ...]
    down_shapes: tuple[str, ...]
    ramps: tuple[str, ...]
    push: float
    unload: float


@dataclass(frozen=True)
class Grime:
    """A plate's and a driver's nuisances."""

    noise: float
    hum: float
    mains: float
    spikes: float
    gaps: float
    bursts_per_min: float
    creep: float
    drift: float
    gain: float


@dataclass
class Tape:
    """The foot's force as it is laid down piece by piece, before wander; `level` and `share` are the last."""

    level: float
    share: float
    force: list[F64] = field(default_factory=list)
    brace: list[F64] = field(default_factory=list)
    heel: list[F64] = field(default_factory=list)
    flesh: list[F64] = field(default_factory=list)  # 0 while a thing lies there, which does not wander
    size: int = 0
    marks: list[tuple[str, float]] = field(default_factory=list)

    @property
    def now(self) -> float:
        """Seconds laid down so far."""
        return self.size / FS

    def add(self, force: F64, brace: F64 | float, heel: F64 | float, flesh: float = 1.0) -> None:
        """Lay down a piece."""
        self.force.append(force)
        self.brace.append(np.broadcast_to(np.asarray(brace, dtype=float), force.shape))
        self.heel.append(np.broadcast_to(np.asarray(heel, dtype=float), force.shape))
        self.flesh.append(np.full(force.shape, flesh))
        self.size += len(force)
        self.level = float(force[-1])
        self.share = float(self.heel[-1][-1])

    def mark(self, what: str) -> None:
        """Note an event at this time."""
        self.marks.append((what, round(self.now, 3)))


@dataclass(frozen=True)
class Rep:
    """One rep to be laid down."""

    style: str
    before: str  # style of the rep before it: how it starts
    up: float
    hold: float
    down: float
    push: float
    unload: float
    gap: float
    top: float
    low: float  # height of the turn before a hover
    start: float  # height at which the ascent starts
    depth: float  # unloading of a touch
    rest: float
    share: float
    up_shape: str
    down_shape: str
    ramp_up: str
    ramp_down: str
    hold_shift: float
    heel_lift: bool


def make(suite: str, seed: int) -> Recorded | None:
    """Return the set number `seed` of a suite, or None for a suite this world does not have."""
    if suite not in PLANS and suite != "nothing":
        return None
    digest = hashlib.sha256(f"barn/{suite}/{seed}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    plan = PLANS.get(suite, Plan())
    grime = _grime(plan, rng)
    person = _person(plan, rng)
    if suite == "nothing":
        person = replace(person, brace=_in(rng, 8.0, 18.0))
        tape, marks = _nothing(person, rng), []
    else:
        tape, marks = _lifting(plan, person, rng)
    force, heel = _alive(tape, person, rng)
    cells = _cells(force, heel, person, rng)
    t_s, cell, read = _convert(cells, grime, rng)
    reps = tuple(_with_share(rep, force, heel) for rep in marks)
    notes: dict[str, object] = {
        "suite": suite,
        "seed": seed,
        "mass_kg": round(person.mass, 1),
        "load_kg": round(person.load, 1),
        "bottom_n": round(person.bottom, 1),
        "rest_n": round(person.rest, 1),
        "events": tuple(tape.marks),
    }
    return Recorded(t_s, cell, read, reps, ADC_DELAY_S, notes)


# ---- who lifts, on what -------------------------------------------------------------------------------


def _in(rng: Rng, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _pick(rng: Rng, names: tuple[str, ...]) -> str:
    return names[int(rng.integers(len(names)))]


def _grime(plan: Plan, rng: Rng) -> Grime:
    mains = (50.0 if rng.random() < 0.6 else 60.0) * (1.0 + 2e-4 * rng.standard_normal())
    if plan.harsh:
        return Grime(
            noise=_in(rng, 0.2, 0.4),
            hum=_in(rng, 0.3, 1.0),
            mains=mains,
            spikes=_in(rng, 0.01, 0.05),
            gaps=_in(rng, 0.003, 0.005),
            bursts_per_min=_in(rng, 1.0, 4.0),
            creep=_in(rng, 0.002, 0.003),
            drift=_in(rng, 0.9, 1.5),
            gain=_in(rng, 0.01, 0.015),
        )
    return Grime(
        noise=_in(rng, 0.01, 0.2),
        hum=_in(rng, 0.0, 0.3),
        mains=mains,
        spikes=0.0 if rng.random() < 0.5 else _in(rng, 0.0002, 0.004),
        gaps=_in(rng, 0.001, 0.002),
        bursts_per_min=0.0 if rng.random() < 0.5 else _in(rng, 0.2, 1.0),
        creep=_in(rng, 0.001, 0.002),
        drift=_in(rng, 0.3, 0.8),
        gain=_in(rng, 0.005, 0.01),
    )


def _person(plan: Plan, rng: Rng) -> Person:
    mass = float(np.clip(rng.normal(76.0, 14.0), 50.0, 110.0))
    load = _in(rng, *plan.load)
    free_leg = _in(rng, 25.0, 50.0) * mass / 80.0 if rng.random() < 0.25 else 0.0
    bottom = 257.0 * mass / 80.0 * _in(rng, 0.9, 1.1) + free_leg + 4.75 * load * _in(rng, 0.9, 1.1)
    rest = float(np.clip(rng.normal(80.0, 22.0) * (mass / 80.0) ** 0.5, 50.0, 150.0))
    person = Person(
        mass=mass,
        load=load,
        bottom=bottom,
        ratio=_in(rng, 0.75, 1.18) if plan.odd else _in(rng, 0.83, 1.09),
        hump=_in(rng, -0.06, 0.14) if plan.odd else _in(rng, 0.02, 0.11),
        top_extra=0.0,
        inertia=(20.8 * mass / 80.0 + 0.67 * load) * _in(rng, 0.8, 1.2),
        travel=_in(rng, 0.32, 0.41),
        rest=min(rest, 0.45 * bottom),
        brace=_in(rng, 13.0, 18.0) if plan.harsh else _in(rng, 8.0, 12.0),
        wander=_in(rng, 0.02, 0.025) if plan.harsh else _in(rng, 0.012, 0.02),
        tremor_slope=_in(rng, 0.4, 1.4),
        hysteresis=_in(rng, 0.9, 1.08) if plan.odd else _in(rng, 0.97, 1.03),
        share_rest=_in(rng, 0.4, 0.8),
        share_lift=_in(rng, 0.35, 0.85),
        share_slope=_in(rng, -0.06, 0.08),
        left_heel=_in(rng, 0.38, 0.62),
        left_toe=_in(rng, 0.35, 0.65),
        breath_hz=_in(rng, 0.2, 0.4),
        breath_n=_in(rng, 1.0, 4.0),
        tissue_s=_in(rng, 0.01, 0.02),
        floor_s=_in(rng, 0.07, 0.16),
        landing=_in(rng, 0.3, 0.6),
    )
    return _as_variant(person, plan.variant, rng)


def _as_variant(person: Person, variant: str, rng: Rng) -> Person:
    """Give the other forms of the lift their own levels and ranges."""
    p, weight = person, person.mass * G
    if variant == "floor_bridge":
        bottom = weight * _in(rng, 0.30, 0.42)
        return replace(p, bottom=bottom, travel=_in(rng, 0.15, 0.26), ratio=_in(rng, 0.9, 1.15))
    if variant == "b_stance":  # the other foot, off the plate, takes part of it
        part = _in(rng, 0.6, 0.82)
        return replace(p, bottom=p.bottom * part, inertia=p.inertia * part, rest=min(p.rest, 90.0) * 0.85)
    if variant == "feet_elevated":
        bottom, rest = p.bottom * _in(rng, 1.05, 1.25), min(p.rest * _in(rng, 1.1, 1.5), 150.0)
        return replace(p, bottom=bottom, rest=rest, travel=_in(rng, 0.36, 0.48), ratio=_in(rng, 0.8, 1.0))
    if variant == "band":
        return replace(p, bottom=p.bottom + _in(rng, 5.0, 40.0), top_extra=_in(rng, 30.0, 130.0))
    if variant == "short_range":  # hips start from a high pad
        return replace(p, travel=_in(rng, 0.12, 0.22), bottom=p.bottom * _in(rng, 1.0, 1.08), hump=0.02)
    return p


def _habit(plan: Plan, rng: Rng) -> Habit:
    def middle(span: Span) -> float:
        return _in(rng, span[0] + 0.1 * (span[1] - span[0]), span[1] - 0.2 * (span[1] - span[0]))

    up = middle(plan.up)
    shapes = UP_ODD if plan.odd else UP_QUICK if plan.up[1] < 0.8 else UP_USUAL
    hovers = "hover" in plan.styles
    downs = DOWN_ODD if plan.odd else DOWN_SOFT if hovers else DOWN_USUAL
    return Habit(
        up=up,
        hold=middle(plan.hold) if rng.random() < 0.7 else _in(rng, plan.hold[0], 0.4 * sum(plan.hold)),
        down=middle(plan.down),
        gap=_in(rng, 0.5, 2.2),
        scatter=_in(rng, 0.05, 0.2) if not hovers else _in(rng, 0.05, 0.15),
        fatigue=_in(rng, 0.0, 0.25),
        up_shapes=(_pick(rng, shapes), *shapes),
        down_shapes=(_pick(rng, downs), *downs),
        ramps=RAMPS_ODD if plan.odd else RAMPS_USUAL,
        push=_in(rng, 0.2, 0.5) if plan.up[1] > 0.8 else _in(rng, 0.15, 0.32),
        unload=_in(rng, 0.18, 0.5),
    )


# ---- how hips travel and load is taken over -----------------------------------------------------------


def _hann(x: F64, centre: float, width: float) -> F64:
    inside = np.abs(x - centre) < width
    return np.where(inside, 0.5 + 0.5 * np.cos(np.pi * (x - centre) / width), 0.0)


def _trapezoid(x: F64, first: float, last: float) -> F64:
    rise = np.sin(0.5 * np.pi * np.clip(x / first, 0.0, 1.0)) ** 2
    return rise * np.sin(0.5 * np.pi * np.clip((1.0 - x) / last, 0.0, 1.0)) ** 2


def _stairs(x: F64, rng: Rng) -> F64:
    steps = int(rng.integers(2, 4))
    speed = 0.5 * _trapezoid(x, 0.3, 0.3)
    for k in range(steps):
        speed = speed + _in(rng, 0.7, 1.3) * _hann(x, (k + 0.5) / steps, 0.5 / steps)
    return speed


def _stick(x: F64, rng: Rng) -> F64:
    """Two pulses with a halt (or nearly one) between them."""
    halt, width = _in(rng, 0.42, 0.58), _in(rng, 0.0, 0.1)
    left, right = halt - width, 1.0 - halt - width
    first = _hann(x, left / 2.0, left / 2.0) * _in(rng, 0.7, 1.2)
    second = _hann(x, 1.0 - right / 2.0, right / 2.0)
    return first + second + _in(rng, 0.0, 0.4) * _trapezoid(x, 0.35, 0.35)


def _rush(x: F64, rng: Rng) -> F64:
    """Go down in control, then let go near the floor."""
    from_x, times = _in(rng, 0.72, 0.88), _in(rng, 1.5, 3.0)
    start = np.sin(0.5 * np.pi * np.clip(x / 0.3, 0.0, 1.0)) ** 2
    return start * (1.0 + times * np.clip((x - from_x) / (1.0 - from_x), 0.0, 1.0) ** 1.3)


def _exp_speed(x: F64, rng: Rng) -> F64:
    first, rate = _in(rng, 0.35, 0.42), _in(rng, 3.5, 5.0)
    rise = np.sin(0.5 * np.pi * np.clip(x / first, 0.0, 1.0)) ** 2
    return rise * np.exp(-rate * np.clip(x - first, 0.0, None))


def _tremble(x: F64, rng: Rng) -> F64:
    waves, phase = _in(rng, 1.5, 3.5), _in(rng, 0.0, 6.28)
    return _trapezoid(x, 0.4, 0.4) * (1.0 + 0.2 * np.sin(2.0 * np.pi * waves * x + phase))


def _speed(shape: str, x: F64, rng: Rng) -> F64:
    """Speed of the hips over the time of a movement (0…1), of any scale."""
    if shape == "cosine":
        return np.sin(np.pi * x)
    if shape == "skew":
        return x ** _in(rng, 1.4, 2.4) * (1.0 - x) ** _in(rng, 1.4, 2.4)
    if shape == "trapezoid":
        return _trapezoid(x, _in(rng, 0.3, 0.45), _in(rng, 0.3, 0.45))
    if shape == "lopsided":
        first = _in(rng, 0.25, 0.7)
        return _trapezoid(x, first, 0.95 - first)
    if shape == "accelerate":
        return x ** _in(rng, 0.6, 1.5) * np.sin(0.5 * np.pi * np.clip(x / 0.25, 0.0, 1.0))
    if shape == "drop":
        return x * np.sin(0.5 * np.pi * np.clip(x / 0.2, 0.0, 1.0))
    makers: dict[str, Callable[[F64, Rng], F64]] = {
        "stairs": _stairs,
        "stick": _stick,
        "rush": _rush,
        "exp": _exp_speed,
        "tremble": _tremble,
    }
    if shape in makers:
        return makers[shape](x, rng)
    return x**2 * (1.0 - x) ** 2


def _travel(shape: str, seconds: float, rng: Rng) -> tuple[F64, F64]:
    """Return way (0…1) and acceleration (ways per s²)."""
    n = max(8, round(seconds * FS))
    x = (np.arange(n) + 0.5) / n
    speed = _speed(shape, x, rng)
    speed = speed * FS / float(speed.sum())
    return np.cumsum(speed) / FS, np.gradient(speed) * FS


def _shelf(x: F64, rng: Rng) -> F64:
    level, start, end = _in(rng, 0.3, 0.6), _in(rng, 0.25, 0.4), _in(rng, 0.5, 0.65)
    return np.interp(x, (0.0, start, end, 1.0), (0.0, level, level + 0.05, 1.0))


def _ramp(shape: str, n: int, rng: Rng) -> F64:
    """Return a load transfer from 0 to 1 over n samples."""
    x = (np.arange(n) + 1.0) / n
    if shape == "cosine":
        return 0.5 - 0.5 * np.cos(np.pi * x)
    if shape == "minjerk":
        return x**3 * (10.0 - 15.0 * x + 6.0 * x**2)
    if shape == "early":
        return 1.0 - (1.0 - x) ** _in(rng, 1.3, 2.2)
    if shape == "late":
        return x ** _in(rng, 1.3, 2.0)
    if shape == "logistic":
        steep = _in(rng, 5.0, 8.0)
        edge = 1.0 / (1.0 + np.exp(0.5 * steep))
        return (1.0 / (1.0 + np.exp(-steep * (x - 0.5))) - edge) / (1.0 - 2.0 * edge)
    if shape == "shelf":
        return _shelf(x, rng)
    if shape == "kink":
        return np.interp(x, (0.0, _in(rng, 0.35, 0.6), 1.0), (0.0, _in(rng, 0.15, 0.3), 1.0))
    if shape == "dip":
        return x**1.5 - _in(rng, 0.2, 0.4) * np.sin(np.pi * np.clip(x / 0.4, 0.0, 1.0)) * (1.0 - x)
    return x


def _starts(ramp: F64) -> int:
    """Index at which a transfer begins to rise."""
    low = int(np.argmin(ramp[: max(1, len(ramp) // 2)]))
    return low + int(np.argmax(ramp[low:] >= ramp[low] + EDGE))


def _ends(ramp: F64) -> int:
    """Index from which a transfer is done."""
    late = np.flatnonzero(ramp < 1.0 - EDGE)
    return int(late[-1]) + 1 if len(late) else 0


def _support(person: Person, z: F64) -> F64:
    """Foot force that carries resting hips at the height z (0 on the floor, 1 at lockout)."""
    bent = 1.0 + (person.ratio - 1.0) * z + 4.0 * person.hump * z * (1.0 - z)
    return person.bottom * bent + person.top_extra * z


def _carried(person: Person, z: F64, accel: F64) -> F64:
    """Force at the foot; hips that fall leave it some load."""
    force = _support(person, z) + person.inertia * (1.0 - 0.19 * z) * accel * person.travel
    floor = 0.2 * person.bottom
    return np.where(force < 2.0 * floor, floor + floor * np.exp(np.minimum(force / floor - 2.0, 0.0)), force)


# ---- a set, rep by rep --------------------------------------------------------------------------------


def _near(rng: Rng, value: float, scatter: float, span: Span) -> float:
    return float(np.clip(value * np.exp(scatter * rng.standard_normal()), *span))


def _shape(rng: Rng, shapes: tuple[str, ...], seconds: float) -> str:
    """Mostly the athlete's own shape (the first), if there is time enough for it."""
    name = shapes[0] if rng.random() < 0.7 else _pick(rng, shapes)
    return name if seconds >= NEEDS_TIME.get(name, 0.0) else "minjerk"


def _styles(plan: Plan, count: int, rng: Rng) -> list[str]:
    names = list(plan.styles)
    weights = np.array([plan.styles[name] for name in names])
    styles = [names[int(k)] for k in rng.choice(len(names), count, p=weights / weights.sum())]
    if len(names) == 3:  # all of them, in any order
        styles[:3] = [names[int(k)] for k in rng.permutation(3)]
        styles[: count - 1] = [styles[int(k)] for k in rng.permutation(count - 1)]
    styles[-1] = "dead_stop"
    return styles


def _rep(
    plan: Plan, person: Person, habit: Habit, style: str, before: Rep | None, tired: float, rng: Rng
) -> Rep:
    up = _near(rng, habit.up * (1.0 + habit.fatigue * tired), habit.scatter, plan.up)
    hold = _near(rng, habit.hold * (1.0 - 0.5 * habit.fatigue * tired), habit.scatter, plan.hold)
    down = _near(rng, habit.down, habit.scatter, plan.down)
    down_shape = _shape(rng, habit.down_shapes, down)
    if style == "hover" and down_shape not in DOWN_SOFT:
        down_shape = "cosine"
    if down_shape == "drop" or (plan.events and rng.random() < 0.12):
        down_shape, down = "drop", _in(rng, 0.42, 0.6) * (person.travel / 0.37) ** 0.5
    quick = style == "touch"
    return Rep(
        style=style,
        before=before.style if before else "dead_stop",
        up=up,
        hold=hold,
        down=down,
        push=_near(rng, habit.push * (0.8 if before and before.style == "touch" else 1.0), 0.12, (0.15, 0.6)),
        unload=_near(rng, habit.unload * (0.8 if quick else 1.0), 0.12, (0.15, 0.45 if quick else 0.6)),
        gap=_gap(plan, habit, style, rng),
        top=float(np.clip(1.0 - 0.1 * habit.fatigue * tired + 0.02 * rng.standard_normal(), 0.9, 1.05)),
        low=_in(rng, 0.01, 0.14) if style == "hover" else 0.0,
        start=before.low if before else 0.0,
        depth=_in(rng, 0.25, 0.68),
        rest=float(np.clip(person.rest * (1.0 + 0.08 * rng.standard_normal()), 45.0, 160.0)),
        share=float(np.clip(person.share_lift + 0.02 * rng.standard_normal(), 0.2, 0.93)),
        up_shape=_shape(rng, habit.up_shapes, up),
        down_shape=down_shape,
        ramp_up=_pick(rng, habit.ramps),
        ramp_down=_pick(rng, tuple(name for name in habit.ramps if name != "dip")),
        hold_shift=_in(rng, -0.1, 0.03) if plan.odd else _in(rng, -0.03, 0.02),
        heel_lift=plan.events and rng.random() < 0.06,
    )


def _gap(plan: Plan, habit: Habit, style: str, rng: Rng) -> float:
    if style == "hover":
        return 0.0 if rng.random() < 0.5 else _in(rng, 0.03, 0.3)
    if style == "touch":
        return _in(rng, 0.02, 0.12)
    return _near(rng, habit.gap, 0.3, plan.gap)


def _lifting(plan: Plan, person: Person, rng: Rng) -> tuple[Tape, list[TrueRep]]:
    habit = _habit(plan, rng)
    tape = _arrive(person, rng)
    _resting(tape, _in(rng, 2.0, 6.0), rng)
    count = int(rng.integers(plan.reps[0], plan.reps[1] + 1))
    marks: list[TrueRep] = []
    before: Rep | None = None
    for k, style in enumerate(_styles(plan, count, rng)):
        rep = _rep(plan, person, habit, style, before, k / max(1, count - 1), rng)
        marks.append(_lay(tape, person, rep, rng))
        if style == "dead_stop" and k < count - 1:
            _between(tape, plan, person, rep, rng)
        before = rep
    _resting(tape, _in(rng, 3.2, 6.0), rng)
    if rng.random() < 0.5:
        _to(tape, 0.0, _in(rng, 0.15, 0.5), rng, brace=0.0)
        _empty(tape, _in(rng, 1.0, 3.0))
    return tape, marks


def _between(tape: Tape, plan: Plan, person: Person, rep: Rep, rng: Rng) -> None:
    if not plan.events or rng.random() < 0.3:
        _resting(tape, rep.gap, rng)
        return
    _resting(tape, _in(rng, 0.5, 1.5), rng)
    _EVENTS[int(rng.integers(len(_EVENTS)))](tape, person, rng)
    _resting(tape, _in(rng, 0.7, 2.5), rng)


def _lay(tape: Tape, person: Person, rep: Rep, rng: Rng) -> TrueRep:
    z, accel, cut = _course(person, rep, rng)
    force = _carried(person, z, accel) * _leaning(rep, cut, len(z), person.hysteresis)
    push_start = None
    if rep.before != "hover":
        push_start = _push(tape, rep, float(force[0]), rng)
    lift_off = tape.now
    heel = np.clip(rep.share + person.share_slope * (z - 0.5), 0.05, 0.95)
    if rep.heel_lift:
        tape.mark("heel lift in the rep")
        heel = heel * _dipping(len(z), _in(rng, 0.3, 0.6) * cut[1] / FS, cut[0] / FS, rng)
    tape.add(force, 0.0, heel)
    touchdown = tape.now
    speed = (z[-2] - z[-1]) * FS * person.travel if rep.style != "hover" else 0.0
    rest = _land(tape, person, rep, max(0.0, float(speed)), rng)
    return TrueRep(
        rep.style,
        push_start,
        lift_off,
        lift_off + cut[0] / FS,
        lift_off + cut[1] / FS,
        touchdown,
        rest,
        float("nan"),
    )


def _course(person: Person, rep: Rep, rng: Rng) -> tuple[F64, F64, tuple[int, int]]:
    """Return hip height, acceleration (both in travels) and the indices of lockout's start and end."""
    way, up_accel = _travel("minjerk" if rep.up_shape == "overshoot" else rep.up_shape, rep.up, rng)
    over = _in(rng, 0.008, 0.03) if rep.up_shape == "overshoot" else 0.0
    late = _in(rng, 0.012, 0.025) if rep.up_shape == "exp" else 0.0
    high = rep.top + over - late - rep.start
    up = rep.start + high * way
    hold, hold_accel = _hold(rep, over, late, rng)
    down_way, down_accel = _travel(rep.down_shape, rep.down, rng)
    fall = float(hold[-1]) - rep.low
    z = np.concatenate((up, hold, hold[-1] - fall * down_way))
    accel = np.concatenate((up_accel * high, hold_accel, -fall * down_accel))
    limit = 9.0 / person.travel  # nobody's hips fall faster than freely
    accel = _smooth(np.maximum(accel, -limit), 1.5 * person.tissue_s)  # muscles don't jump
    return z, accel, (len(up), len(up) + len(hold))


def _hold(rep: Rep, over: float, late: float, rng: Rng) -> tuple[F64, F64]:
    t = (np.arange(max(8, round(rep.hold * FS))) + 1.0) / FS
    rate, omega = _in(rng, 3.0, 6.0), 2.0 * np.pi * _in(rng, 1.0, 2.0)
    ring = over * np.exp(-rate * t) * np.cos(omega * t)
    creep = -late * np.exp(-5.0 * t / rep.up)
    sag = -_in(rng, 0.0, 0.02) * (t / t[-1]) ** 2 * (3.0 - 2.0 * t / t[-1])
    z = rep.top + ring + creep + sag
    accel = np.gradient(np.gradient(z)) * FS**2 if len(z) > 8 else np.zeros_like(z)
    accel[:2], accel[-2:] = accel[2], 0.0
    return z, accel


def _leaning(rep: Rep, cut: tuple[int, int], n: int, hysteresis: float) -> F64:
    """Move the pressure point in the hold; give the way down a little more or less force than the way up."""
    factor = np.ones(n)
    hold, down = cut[1] - cut[0], n - cut[1]
    soft = _soft(hold)
    factor[cut[0] : cut[1]] += rep.hold_shift * soft
    back = _soft(down)
    factor[cut[1] :] += rep.hold_shift * (1.0 - back) + (hysteresis - 1.0) * back
    return factor


def _soft(n: int) -> F64:
    x = (np.arange(n) + 1.0) / n
    return x**2 * (3.0 - 2.0 * x)


def _push(tape: Tape, rep: Rep, to: float, rng: Rng) -> float:
    """Take the load over from the floor; return when the force begins to rise."""
    ramp = _ramp(rep.ramp_up, round(rep.push * FS), rng)
    start = tape.now + _starts(ramp) / FS
    deep = 1.0 - rep.depth if rep.before == "touch" else 1.0
    _join(tape, to, ramp, deep * (1.0 - np.clip(ramp, 0.0, 1.0)), rep.share)
    return start


def _join(tape: Tape, to: float, ramp: F64, brace: F64, share: float) -> None:
    heel = tape.share + (share - tape.share) * np.clip(ramp, 0.0, 1.0)
    tape.add(tape.level + (to - tape.level) * ramp, brace, heel)


def _land(tape: Tape, person: Person, rep: Rep, speed: float, rng: Rng) -> float | None:
    """Unload after touchdown (or turn above the floor); return the moment of rest."""
    if rep.style == "hover":
        if rep.gap > 0.0:
            tape.add(np.full(round(rep.gap * FS) or 1, tape.level), 0.0, tape.share)
        return None
    depth = rep.depth if rep.style == "touch" else 1.0
    carrying = max(tape.level, 0.6 * person.bottom)
    to = carrying - depth * (carrying - rep.rest)
    ramp = _ramp(rep.ramp_down, round(rep.unload * FS), rng)
    spike = _spike(person, speed, len(ramp))
    share = person.share_rest if rep.style == "dead_stop" else rep.share
    begin, start = tape.now, tape.level
    force = start + (to - start) * ramp + spike
    heel = tape.share + (share - tape.share) * depth * ramp
    tape.add(force, depth * ramp, heel)
    if rep.style == "touch":
        return _dwell(tape, rep, to, carrying)
    landed = int(np.flatnonzero(spike > 0.02 * person.bottom)[-1]) + 1 if np.any(spike > 5.0) else 0
    return begin + max(_ends(ramp), landed) / FS


def _spike(person: Person, speed: float, n: int) -> F64:
    """Stop the falling hips: a half sine of the floor's softness."""
    wide = min(person.floor_s, 0.9 * n / FS)
    height = person.landing * person.inertia * speed * 0.5 * np.pi / wide
    height = min(height, 1.0 * person.bottom)
    t = np.arange(n) / FS
    return np.where(t < wide, height * np.sin(np.pi * np.minimum(t / wide, 1.0)), 0.0)


def _dwell(tape: Tape, rep: Rep, level: float, carrying: float) -> float:
    """Lie in a touch for a moment; return when it is deepest."""
    n = max(4, round(rep.gap * FS))
    sink = 0.03 * (carrying - level) / max(rep.depth, 0.1)
    begin = tape.now
    x = (np.arange(n) + 1.0) / n
    tape.add(level - sink * np.sin(np.pi * x), rep.depth, tape.share)
    return begin + 0.5 * n / FS


# ---- what else happens on a plate ---------------------------------------------------------------------


def _arrive(person: Person, rng: Rng) -> Tape:
    """Bring the foot onto the plate, or find it there already."""
    if rng.random() < 0.3:
        return Tape(person.rest, person.share_rest)
    tape = Tape(0.0, person.share_rest)
    _empty(tape, _in(rng, 1.0, 3.0))
    _foot_on(tape, person, rng)
    return tape


def _empty(tape: Tape, seconds: float) -> None:
    tape.add(np.zeros(round(seconds * FS)), 0.0, tape.share)


def _foot_on(tape: Tape, person: Person, rng: Rng) -> None:
    tape.mark("foot on")
    share = float(np.clip(person.share_rest + 0.05 * rng.standard_normal(), 0.2, 0.9))
    first = min(person.rest * _in(rng, 1.1, 1.9), 0.62 * person.bottom)
    _to(tape, first, _in(rng, 0.15, 0.5), rng, brace=0.5, share=share)
    _to(tape, person.rest * _in(rng, 0.85, 1.15), _in(rng, 0.3, 0.8), rng, share=share)


def _to(
    tape: Tape, level: float, seconds: float, rng: Rng, brace: float = 1.0, share: float | None = None
) -> None:
    """Go to another level."""
    ramp = _ramp(_pick(rng, ("cosine", "minjerk", "logistic")), max(4, round(seconds * FS)), rng)
    was = float(tape.brace[-1][-1]) if tape.brace else brace
    _join(tape, level, ramp, was + (brace - was) * ramp, tape.share if share is None else share)


def _resting(tape: Tape, seconds: float, rng: Rng, brace: float = 1.0) -> None:
    n = max(4, round(seconds * FS))
    slope = _in(rng, -3.0, 3.0) * np.linspace(0.0, 1.0, n)
    was = float(tape.brace[-1][-1]) if tape.brace else brace
    tape.add(tape.level + slope, brace + (was - brace) * np.exp(-np.arange(n) / (0.2 * FS)), tape.share)


def _reposition(tape: Tape, person: Person, rng: Rng) -> None:
    tape.mark("foot repositioned")
    share = float(np.clip(tape.share + 0.08 * rng.standard_normal(), 0.2, 0.9))
    for _ in range(int(rng.integers(1, 4))):
        _to(tape, _in(rng, 0.0, 25.0), _in(rng, 0.15, 0.35), rng, brace=0.2)
        again = min(person.rest * _in(rng, 1.0, 1.5), 0.62 * person.bottom)
        _to(tape, again, _in(rng, 0.15, 0.4), rng, share=share)
    _to(tape, person.rest * _in(rng, 0.85, 1.15), _in(rng, 0.2, 0.5), rng, share=share)


def _bench_bump(tape: Tape, person: Person, rng: Rng) -> None:
    tape.mark("bench bump")
    t = np.arange(round(_in(rng, 0.6, 1.2) * FS)) / FS
    size = min(45.0 * _in(rng, 0.8, 1.1), 0.7 * person.rest)
    wave = size * np.sin(2.0 * np.pi * _in(rng, 8.0, 10.0) * t) * np.exp(-t / _in(rng, 0.15, 0.35))
    tape.add(tape.level + wave, 1.0, tape.share)
    tape.level = float(tape.level - wave[-1])


def _try_to(tape: Tape, person: Person, most: float, rng: Rng) -> None:
    """Push, and give up before the hips leave the floor."""
    tape.mark("aborted push")
    back = person.rest * _in(rng, 0.85, 1.15)
    peak = max(_in(rng, most - 0.17, most), 1.15 * back / person.bottom)
    level = min(peak, most) * person.bottom
    share = 0.5 * (person.share_rest + person.share_lift)
    ramp = _ramp(_pick(rng, RAMPS_USUAL), round(_in(rng, 0.25, 0.8) * FS), rng)
    _join(tape, level, ramp, 1.0 - ramp, share)
    for _ in range(int(rng.integers(0, 4))):
        _to(tape, level * _in(rng, 0.9, 1.0), _in(rng, 0.2, 0.5), rng, brace=0.0, share=share)
    _to(tape, back, _in(rng, 0.2, 0.7), rng, share=person.share_rest)


def _abort(tape: Tape, person: Person, rng: Rng) -> None:
    _try_to(tape, person, 0.57, rng)


def _fail(tape: Tape, person: Person, rng: Rng) -> None:
    for _ in range(int(rng.integers(1, 4))):
        _try_to(tape, person, 0.67, rng)
        _resting(tape, _in(rng, 0.5, 2.0), rng)


def _stand(tape: Tape, person: Person, rng: Rng) -> None:
    """Get up, stand with one foot (or both) on the plate, sit down again."""
    tape.mark("standing")
    weight, share = person.mass * G, _in(rng, 0.4, 0.7)
    part = _in(rng, 0.72, 1.0)
    _to(tape, weight * part * _in(rng, 1.0, 1.1), _in(rng, 0.4, 1.0), rng, brace=0.3, share=share)
    for _ in range(int(rng.integers(2, 7))):
        part = float(np.clip(part + 0.06 * rng.standard_normal(), 0.6, 1.02))
        share = float(np.clip(share + 0.08 * rng.standard_normal(), 0.2, 0.85))
        _to(tape, weight * part, _in(rng, 0.5, 1.3), rng, brace=0.6, share=share)
    if rng.random() < 0.5:
        _to(tape, 0.0, _in(rng, 0.2, 0.5), rng, brace=0.0)
        _empty(tape, _in(rng, 0.5, 2.0))
        _foot_on(tape, person, rng)
        return
    _to(tape, person.rest * _in(rng, 0.85, 1.2), _in(rng, 0.5, 1.2), rng, share=person.share_rest)


def _off_and_on(tape: Tape, person: Person, rng: Rng) -> None:
    tape.mark("foot off")
    _to(tape, 0.0, _in(rng, 0.15, 0.4), rng, brace=0.0)
    _empty(tape, _in(rng, 1.0, 6.0))
    _foot_on(tape, person, rng)


def _talk(tape: Tape, person: Person, rng: Rng) -> None:  # noqa: ARG001  (one signature for all events)
    tape.mark("talking")
    _resting(tape, _in(rng, 2.0, 6.0), rng, brace=_in(rng, 1.2, 2.2))


def _brace(tape: Tape, person: Person, rng: Rng) -> None:
    tape.mark("bracing")
    up = min(person.rest + _in(rng, 15.0, 45.0), 0.56 * person.bottom)
    _to(tape, up, _in(rng, 0.4, 1.5), rng)
    _resting(tape, _in(rng, 0.5, 3.0), rng)
    _to(tape, person.rest, _in(rng, 0.4, 1.5), rng)


def _dipping(n: int, start: float, seconds: float, rng: Rng) -> F64:
    """1, and nearly 0 for a while."""
    t, edge = np.arange(n) / FS, _in(rng, 0.05, 0.12)
    inside = np.clip((t - start) / edge, 0.0, 1.0) * np.clip((start + seconds - t) / edge, 0.0, 1.0)
    return 1.0 - _in(rng, 0.96, 1.0) * inside


def _heel_lift(tape: Tape, person: Person, rng: Rng) -> None:  # noqa: ARG001
    tape.mark("heel lift")
    seconds = _in(rng, 0.3, 1.2)
    n = round((seconds + 0.4) * FS)
    dip = _dipping(n, 0.2, seconds, rng)
    tape.add(tape.level + _in(rng, -10.0, 15.0) * (1.0 - dip), 1.0, tape.share * dip)


_EVENTS = (_reposition, _bench_bump, _abort, _stand, _off_and_on, _talk, _heel_lift, _brace)


def _object(tape: Tape, person: Person, rng: Rng) -> None:
    """Take the foot off, and leave something on the plate for a while."""
    tape.mark("object")
    _to(tape, 0.0, _in(rng, 0.2, 0.5), rng, brace=0.0)
    _empty(tape, _in(rng, 0.5, 2.0))
    thing, share = _in(rng, 15.0, 200.0), _in(rng, 0.1, 0.9)
    _to(tape, thing * _in(rng, 1.0, 1.3), _in(rng, 0.05, 0.3), rng, brace=0.0, share=share)
    _to(tape, thing, _in(rng, 0.1, 0.3), rng, brace=0.0, share=share)
    tape.add(np.full(round(_in(rng, 3.0, 10.0) * FS), thing), 0.0, share, flesh=0.0)
    _to(tape, 0.0, _in(rng, 0.1, 0.4), rng, brace=0.0)
    _empty(tape, _in(rng, 0.5, 2.0))
    _foot_on(tape, person, rng)


def _walk(tape: Tape, person: Person, rng: Rng) -> None:
    """Walk over the plate: single steps with two humps."""
    tape.mark("walking")
    _to(tape, 0.0, _in(rng, 0.2, 0.5), rng, brace=0.0)
    _empty(tape, _in(rng, 0.5, 2.0))
    for _ in range(int(rng.integers(1, 4))):
        n = round(_in(rng, 0.55, 0.9) * FS)
        x = (np.arange(n) + 0.5) / n
        humps = np.sin(np.pi * x) ** 0.6 + _in(rng, 0.1, 0.25) * np.sin(3.0 * np.pi * x)
        part = _in(rng, 0.4, 1.0)  # of the foot that meets the plate
        tape.add(person.mass * G * part * humps, 0.0, np.clip(0.95 - 0.9 * x, 0.05, 0.95))
        _empty(tape, _in(rng, 0.4, 2.0))
    tape.share = person.share_rest
    _foot_on(tape, person, rng)


def _nothing(person: Person, rng: Rng) -> Tape:
    tape = _arrive(person, rng)
    _resting(tape, _in(rng, 2.0, 5.0), rng)
    acts = (_talk, _object, _stand, _walk, _fail, _brace, _reposition, _off_and_on, _fail, _heel_lift)
    seconds = _in(rng, 30.0, 47.0)
    while tape.now < seconds - 4.0:
        acts[int(rng.integers(len(acts)))](tape, person, rng)
        _resting(tape, _in(rng, 1.0, 4.0), rng)
    _resting(tape, max(1.0, seconds - tape.now), rng)
    return tape


# ---- alive: wander, bracing, breath; then four cells --------------------------------------------------


def _coloured(n: int, low: float, high: float, slope: float, rng: Rng) -> F64:
    """Noise of unit variance between two frequencies, falling as f^-slope in amplitude."""
    size = 1 << int(np.ceil(np.log2(n)))
    f = np.fft.rfftfreq(size, 1.0 / FS)
    f[0] = 1.0
    shape = f**-slope / (1.0 + (low / f) ** 8) ** 0.5 / (1.0 + (f / high) ** 8) ** 0.5
    shape[0] = 0.0
    half = len(f)
    spectrum = shape * (rng.standard_normal(half) + 1j * rng.standard_normal(half))
    noise = np.fft.irfft(spectrum, size)
    return noise[:n] / float(noise.std())


def _smooth(x: F64, sigma_s: float) -> F64:
    reach = int(np.ceil(3.5 * sigma_s * FS))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (sigma_s * FS)) ** 2)
    padded = np.pad(x, reach, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def _alive(tape: Tape, person: Person, rng: Rng) -> tuple[F64, F64]:
    """Return the foot's force and its heel share as they truly are (500 Hz)."""
    base = np.maximum(_smooth(np.concatenate(tape.force), person.tissue_s), 0.0)
    weight = _smooth(np.concatenate(tape.brace), 0.04)
    n = len(base)
    t = np.arange(n) / FS
    flesh = _smooth(np.concatenate(tape.flesh), 0.05)
    wander = 1.0 + flesh * person.wander * _coloured(n, 0.3, 8.0, person.tremor_slope, rng)
    slow, quick = _coloured(n, 0.1, 1.5, 1.0, rng), _coloured(n, 0.5, 3.0, 0.8, rng)
    fidget = person.brace * (
        0.9 * slow + 0.35 * quick * (0.4 + 0.6 * np.abs(_coloured(n, 0.05, 0.3, 0.5, rng)))
    )
    phase = 2.0 * np.pi * person.breath_hz * t + 0.8 * _coloured(n, 0.02, 0.1, 0.0, rng)
    extra = weight * fidget + flesh * person.breath_n * (0.4 + 0.6 * weight) * np.sin(phase)
    extra = _bounded(extra, base, person.bottom)
    heel = _smooth(np.concatenate(tape.heel), 0.02) + flesh * 0.012 * _coloured(n, 0.1, 3.0, 0.7, rng)
    return np.maximum(base * wander + extra, 0.0), np.clip(heel, 0.0, 1.0)


def _bounded(extra: F64, base: F64, bottom: float) -> F64:
    """Keep unrest above zero, and below what would lift the hips."""
    below = 0.8 * base + 1e-9
    above = np.maximum(0.67 * bottom - base, 0.12 * base) + 1e-9
    quieter = extra * np.minimum(1.0, base / 30.0)
    return np.where(extra < 0.0, below * np.tanh(extra / below), above * np.tanh(quieter / above))


def _with_share(rep: TrueRep, force: F64, heel: F64) -> TrueRep:
    span = slice(round(rep.lift_off_s * FS), round(rep.lockout_end_s * FS))
    return replace(rep, heel_share=float(np.sum(force[span] * heel[span]) / np.sum(force[span])))


def _cells(force: F64, heel: F64, person: Person, rng: Rng) -> list[F64]:
    n = len(force)
    sway = 0.025 * _coloured(n, 0.1, 3.0, 0.8, rng)
    left_heel = np.clip(person.left_heel + sway, 0.0, 1.0)
    left_toe = np.clip(person.left_toe + sway + 0.02 * _coloured(n, 0.1, 3.0, 0.8, rng), 0.0, 1.0)
    on_heel, on_toe = force * heel, force * (1.0 - heel)
    return [on_heel * left_heel, on_heel * (1.0 - left_heel), on_toe * left_toe, on_toe * (1.0 - left_toe)]


# ---- four converters ----------------------------------------------------------------------------------


def _convert(cells: list[F64], grime: Grime, rng: Rng) -> tuple[F64, I64, F64]:
    seconds = len(cells[0]) / FS
    holes = _bursts(seconds, grime, rng)
    rows = [_read(force, grime, holes, rng) for force in cells]
    t_s = np.concatenate([t for t, _ in rows])
    read = np.concatenate([y for _, y in rows])
    cell = np.repeat(np.arange(4, dtype=np.int64), [len(t) for t, _ in rows])
    order = np.argsort(t_s, kind="stable")
    return t_s[order], cell[order], read[order]


def _bursts(seconds: float, grime: Grime, rng: Rng) -> list[tuple[float, float]]:
    """Return the times at which the host was too busy to read any chip."""
    count = int(rng.poisson(0.5 * grime.bursts_per_min * seconds / 60.0))
    return [(_in(rng, 0.0, seconds), _in(rng, 4.0, 24.0) / 80.0) for _ in range(count)]


def _crept(force: F64, part: float) -> F64:
    """Return what creep adds: a slow share of the load (time constant 150 s)."""
    step = int(FS / 5.0)
    coarse = force[::step]
    keep = np.exp(-0.2 / 150.0)
    slow = np.empty_like(coarse)
    state = 0.0
    for k, value in enumerate(coarse):
        state = keep * state + (1.0 - keep) * float(value)
        slow[k] = state
    return part * np.interp(np.arange(len(force)), np.arange(len(coarse)) * step, slow)


def _read(force: F64, grime: Grime, holes: list[tuple[float, float]], rng: Rng) -> tuple[F64, F64]:
    """Read one chip: its own clock, its filter of four conversions, its errors and losses."""
    rate = _in(rng, 70.0, 94.0)
    seconds = len(force) / FS
    first = _in(rng, 4.0, 5.0) / rate
    t = np.arange(first, seconds, 1.0 / rate)
    filtered = _filtered(force + _crept(force, grime.creep), rate)
    y = np.interp(t - 2.0 / rate, np.arange(len(force)) / FS, filtered)
    y = y * (1.0 + grime.gain * _in(rng, 0.5, 1.0) * rng.choice((-1.0, 1.0)))
    y = y + grime.drift * rng.choice((-1.0, 1.0)) * t / 60.0 + _in(rng, -0.5, 0.5)
    y = y + grime.noise * rng.standard_normal(len(t)) + _hum(t, grime, rng)
    y = _corrupted(y, grime.spikes, rng)
    keep = _kept(t, rate, grime, holes, rng)
    late = np.minimum(rng.exponential(0.0003, len(t)), 0.003)  # until the host has read it
    return t[keep] + late[keep], y[keep]


def _filtered(force: F64, rate: float) -> F64:
    """Average over a triangle of four conversions, centred: the delay is put in when it is sampled."""
    half = max(1, round(2.0 / rate * FS))
    kernel = 1.0 - np.abs(np.arange(-half + 1, half)) / half
    padded = np.pad(force, half - 1, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def _hum(t: F64, grime: Grime, rng: Rng) -> F64:
    size = grime.hum * _in(rng, 0.3, 1.0)
    first, second = _in(rng, 0.0, 6.28), _in(rng, 0.0, 6.28)
    angle = 2.0 * np.pi * grime.mains * t
    return size * np.sin(angle + first) + 0.3 * size * np.sin(2.0 * angle + second)


def _corrupted(y: F64, rate: float, rng: Rng) -> F64:
    """Words of trailing ones, 2^k - 1, in newtons of this cell's own scale and zero."""
    bad = rng.random(len(y)) < rate
    counts_per_n, zero = _in(rng, 3000.0, 9000.0), _in(rng, -150_000.0, 150_000.0)
    words = 2.0 ** rng.integers(15, 25, len(y)) - 1.0
    return np.where(bad, (words - zero) / counts_per_n, y)


def _kept(t: F64, rate: float, grime: Grime, holes: list[tuple[float, float]], rng: Rng) -> NDArray[np.bool_]:
    keep = rng.random(len(t)) >= grime.gaps
    for start, length in holes:
        keep &= ~((t >= start) & (t < start + length))
    own = int(rng.poisson(0.125 * grime.bursts_per_min * len(t) / rate / 60.0))
    for _ in range(own):
        at = int(rng.integers(len(t)))
        keep[at : at + int(rng.integers(4, 25))] = False
    return keep
