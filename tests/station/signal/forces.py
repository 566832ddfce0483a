"""A foot-force generator of the tests' own: levels, inertia and nuisances by hand.

Written from the description of the lift and from nothing in `hardware/` or `station/`
but the record layout, so that it is an independent witness. Newtons, seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from station.conversions import RECORD, Calibration

N_PER_COUNT = (2.8e-4, 2.7e-4, 2.9e-4, 2.75e-4)
ZERO = (41_000.0, -23_500.0, 8_700.0, 102_300.0)
CALIBRATION = Calibration("test", "2024-01-01", ZERO, N_PER_COUNT)
FINE_HZ = 1000.0
T0_NS = 5_000_003_000


@dataclass(frozen=True)
class Person:
    mass_kg: float = 80.0
    load_kg: float = 0.0
    rest_n: float = 80.0
    ratio: float = 0.99  # force at lockout over force at the bottom
    heel: float = 0.62
    rest_heel: float = 0.55
    hump: float = 0.34  # four times what the middle adds to the level, share of the bottom level
    lean: float = 0.0  # what the lower half adds at most, share of the bottom level; the upper takes it off

    @property
    def bottom_n(self) -> float:
        return 3.21 * self.mass_kg + 4.35 * self.load_kg

    @property
    def moving_kg(self) -> float:
        return 0.25 * self.mass_kg + 0.65 * self.load_kg

    def level_n(self, h):
        """Static force at the relative hip height h, 0…1: a parabola, highest in the middle, and a lean."""
        end, hump = self.bottom_n * self.ratio, h * (1 - h)
        curve = self.hump * hump + self.lean * 6 * np.sqrt(3) * hump * (1 - 2 * h)
        return self.bottom_n + (end - self.bottom_n) * h + self.bottom_n * curve


@dataclass(frozen=True)
class Move:
    """One rep: how fast, how shaped, and what comes after it."""

    up_s: float = 1.0
    hold_s: float = 1.0
    down_s: float = 2.0
    rest_s: float = 1.0
    push_s: float = 0.35
    unload_s: float = 0.3
    profile: str = "jerk"  # jerk | cosine | trapezoid
    ramp: str = "line"  # line | cosine | jerk
    style: str = "dead_stop"
    unload: float = 1.0  # share of the way to the resting level, for touch
    travel_m: float = 0.37
    low_s: float = 0.0  # hover: pause at the bottom
    sticking_s: float = 0.0
    drop: float = 0.0  # landing spike, share of the bottom level


def course(profile: str, x):
    """Position, and acceleration per travel/time², of a movement from 0 to 1 over x in 0…1."""
    if profile == "jerk":
        return x**3 * (10 - 15 * x + 6 * x**2), 60 * x - 180 * x**2 + 120 * x**3
    if profile == "cosine":
        return (1 - np.cos(np.pi * x)) / 2, np.pi**2 / 2 * np.cos(np.pi * x)
    r = 0.3  # a trapezoid of speed
    v = 1 / (1 - r)
    a = np.where(x < r, v / r, np.where(x > 1 - r, -v / r, 0.0))
    p = np.where(
        x < r,
        v * x**2 / (2 * r),
        np.where(x > 1 - r, 1 - v * (1 - x) ** 2 / (2 * r), v * (x - r / 2)),
    )
    return p, a


def ramp(shape: str, x):
    if shape == "line":
        return x
    if shape == "cosine":
        return (1 - np.cos(np.pi * x)) / 2
    return x**3 * (10 - 15 * x + 6 * x**2)


@dataclass
class Truth:
    style: str
    push_start: float | None
    lift_off: float
    lockout_start: float
    lockout_end: float
    touchdown: float
    rest: float | None
    heel_share: float = float("nan")


@dataclass
class Force:
    """A growing curve at 1000 Hz: total and heel share, with the reps' truth in seconds."""

    person: Person
    total: list = field(default_factory=list)
    share: list = field(default_factory=list)
    braced: list = field(default_factory=list)  # 1 where the hips are on the floor
    reps: list = field(default_factory=list)
    now: float = 0.0

    def add(self, seconds, level, share=None, braced=1.0):
        """Append `seconds` of a level, or of a function of x in 0…1."""
        start, end = round(self.now * FINE_HZ), round((self.now + seconds) * FINE_HZ)
        n = end - start
        x = (np.arange(n) + 0.5) / max(n, 1)
        self.total.append(np.broadcast_to(level(x) if callable(level) else float(level), n).astype(float))
        s = self.person.rest_heel if share is None else share
        self.share.append(np.broadcast_to(s(x) if callable(s) else float(s), n).astype(float))
        self.braced.append(np.full(n, float(braced)))
        self.now += seconds

    def rest(self, seconds):
        self.add(seconds, self.person.rest_n)

    def glide(self, seconds, a, b, shape="cosine", braced=1.0, share=None):
        self.add(seconds, lambda x: a + (b - a) * ramp(shape, x), share, braced)

    def rep(self, move: Move, previous: Move | None = None):
        """Append one rep, from push_start (or the low turn) to the end of its unloading."""
        p = self.person
        low = p.rest_n
        before = previous.style if previous else "dead_stop"
        if before == "touch":
            low = p.bottom_n - previous.unload * (p.bottom_n - p.rest_n)
        push_start = None
        if before != "hover":
            push_start = self.now
            self.glide(
                move.push_s,
                low,
                p.bottom_n,
                move.ramp,
                1.0,
                lambda x: p.rest_heel + (p.heel - p.rest_heel) * x,
            )
        lift_off = self.now

        def up(x):
            if move.sticking_s:
                y, a = course(move.profile, np.clip(2 * x, 0, 1))
                y2, a2 = course(move.profile, np.clip(2 * x - 1, 0, 1))
                h, acc = (y + y2) / 2, np.where(x < 0.5, a, a2) * 2
            else:
                h, acc = course(move.profile, x)
            return p.level_n(h) + p.moving_kg * acc * move.travel_m / move.up_s**2

        if move.sticking_s:
            half = move.up_s / 2
            self.add(half, lambda x: up(x / 2), p.heel, 0.0)
            self.add(move.sticking_s, p.level_n(0.5), p.heel, 0.0)
            self.add(half, lambda x: up(0.5 + x / 2), p.heel, 0.0)
        else:
            self.add(move.up_s, up, p.heel, 0.0)
        lockout_start = self.now
        if move.hold_s:
            self.add(move.hold_s, p.level_n(1.0), p.heel, 0.0)
        lockout_end = self.now

        def down(x):
            h, acc = course(move.profile, x)
            return p.level_n(1 - h) - p.moving_kg * acc * move.travel_m / move.down_s**2

        self.add(move.down_s, down, p.heel, 0.0)
        touchdown = self.now
        if move.drop:
            self.add(0.08, lambda x: p.bottom_n * (1 + move.drop * np.sin(np.pi * x)), p.heel, 0.0)
        rest = None
        if move.style == "dead_stop":
            self.glide(move.unload_s, p.bottom_n, p.rest_n, move.ramp)
            rest = self.now
            self.rest(move.rest_s)
        elif move.style == "touch":
            low = p.bottom_n - move.unload * (p.bottom_n - p.rest_n)
            self.glide(move.unload_s, p.bottom_n, low, move.ramp, 0.5, p.heel)
            rest = self.now
            self.add(min(move.rest_s, 0.15), low, p.heel, 0.5)
        elif move.low_s:
            self.add(move.low_s, p.bottom_n, p.heel, 0.0)
        self.reps.append(Truth(move.style, push_start, lift_off, lockout_start, lockout_end, touchdown, rest))
        return move

    def set(self, moves):
        previous = None
        for move in moves:
            previous = self.rep(move, previous)
        if previous is not None and previous.style != "dead_stop":
            p = self.person
            low = p.bottom_n - (previous.unload if previous.style == "touch" else 0.0) * (
                p.bottom_n - p.rest_n
            )
            self.glide(0.3, low, p.rest_n, "line")

    # Things that are no rep.
    def aborted(self, share=0.65, rise_s=0.35, hold_s=0.3, fall_s=0.3):
        p = self.person
        top = p.rest_n + share * (p.bottom_n - p.rest_n)
        self.glide(rise_s, p.rest_n, top)
        self.add(hold_s, top)
        self.glide(fall_s, top, p.rest_n)

    def step_off_on(self, off_s=2.0):
        p = self.person
        self.glide(0.3, p.rest_n, 0.0)
        self.add(off_s, 0.0, 0.5, 0.0)
        self.glide(0.4, 0.0, p.rest_n)

    def stand(self, seconds=4.0, through_off=True, share=0.8):
        p, top = self.person, self.person.mass_kg * 9.81 * share
        low = 0.0 if through_off else p.rest_n
        if through_off:
            self.glide(0.3, p.rest_n, 0.0)
            self.add(0.6, 0.0, 0.5, 0.0)
        self.glide(0.5, low, top)
        self.add(seconds, lambda x: top * (1 + 0.03 * np.sin(2 * np.pi * 0.6 * seconds * x)), 0.5, 0.0)
        self.glide(0.5, top, low)
        if through_off:
            self.add(0.6, 0.0, 0.5, 0.0)
            self.glide(0.4, 0.0, p.rest_n)

    def bump(self, size_n=45.0):
        p = self.person
        self.add(0.5, lambda x: p.rest_n + size_n * np.sin(2 * np.pi * 9 * 0.5 * x) * (1 - x) ** 2)

    def thing(self, kg=5.0, seconds=5.0):
        p = self.person
        self.glide(0.15, p.rest_n, p.rest_n + 9.81 * kg)
        self.add(seconds, p.rest_n + 9.81 * kg)
        self.glide(0.15, p.rest_n + 9.81 * kg, p.rest_n)

    def reposition(self):
        p = self.person
        self.glide(0.2, p.rest_n, 0.35 * p.rest_n)
        self.add(0.3, 0.35 * p.rest_n)
        self.glide(0.2, 0.35 * p.rest_n, p.rest_n)

    def fidget(self, seconds=5.0, size_n=35.0):
        p = self.person
        self.add(
            seconds,
            lambda x: (
                p.rest_n
                + size_n * np.sin(2 * np.pi * 0.7 * seconds * x) * np.sin(2 * np.pi * 0.23 * seconds * x)
            ),
        )

    def curves(self):
        return np.concatenate(self.total), np.concatenate(self.share), np.concatenate(self.braced)


@dataclass(frozen=True)
class Nuisance:
    noise_n: float = 0.05
    wander: float = 0.012  # coefficient of variation
    brace_n: float = 4.0
    hum_n: float = 0.0
    spikes: float = 0.0
    gaps: float = 0.0
    bursts_per_min: float = 0.0
    drift_n_per_min: float = 0.0
    rate_spread: float = 0.0
    stamp_jitter_s: float = 0.0


NONE = Nuisance(0.0, 0.0, 0.0)
CLEAN = Nuisance(0.02, 0.004, 1.0)
REAL = Nuisance(0.05, 0.014, 7.0, 0.3, 0.002, 0.002, 1.0, 0.5, 0.12, 2e-4)
HARSH = Nuisance(0.3, 0.025, 13.0, 1.0, 0.02, 0.005, 3.0, 1.5, 0.15, 5e-4)


def band(rng, n, low_hz=0.3, high_hz=8.0):
    """Noise of rms 1 between two frequencies, at FINE_HZ, by its spectrum (1/sqrt f)."""
    f = np.fft.rfftfreq(n, 1 / FINE_HZ)
    size = np.where((f >= low_hz) & (f <= high_hz), 1 / np.sqrt(np.maximum(f, low_hz)), 0.0)
    y = np.fft.irfft(size * np.exp(2j * np.pi * rng.random(len(f))), n)
    rms = np.sqrt(np.mean(y * y))
    return y / rms if rms > 0 else y


def disturb(force: Force, nuisance: Nuisance, rng):
    """Return total and heel share at FINE_HZ with what bodies add; fills in the true heel shares."""
    total, share, braced = force.curves()
    n = len(total)
    on = total > 5.0
    lifted = 1.0 - braced
    body = total * nuisance.wander * band(rng, n) * np.maximum(lifted, 0.3)
    body += nuisance.brace_n * band(rng, n) * smooth(braced, 150) * on
    share = np.clip(share + 0.01 * (nuisance.wander > 0) * band(rng, n, 0.1, 2.0), 0, 1)
    total = np.where(on, np.maximum(total + body, 0.0), total)
    for rep in force.reps:
        a, b = round(rep.lift_off * FINE_HZ), round(rep.lockout_end * FINE_HZ)
        rep.heel_share = float(np.sum(total[a:b] * share[a:b]) / np.sum(total[a:b]))
    return total, share


def smooth(x, n):
    c = np.cumsum(np.concatenate(([0.0], np.pad(x, n // 2, mode="edge"))))
    return (c[n:] - c[:-n])[: len(x)] / n


def records(total, share, nuisance: Nuisance, rng, rate_hz=80.0, start_s=0.0):
    """Sample four cells with clocks of their own; return RECORD rows in the order they became ready."""
    seconds = len(total) / FINE_HZ
    left = np.array([0.52, 0.48, 0.47, 0.53])
    rows = []
    for c in range(4):
        rate = rate_hz * (1 + nuisance.rate_spread * (2 * rng.random() - 1))
        t = (np.arange(int(seconds * rate) - 1) + rng.random()) / rate
        at = t + nuisance.stamp_jitter_s * rng.random(len(t))
        half = total * (share if c < 2 else 1 - share) * left[c]
        f = np.interp(t, np.arange(len(half)) / FINE_HZ, half)
        f = f + nuisance.noise_n * rng.standard_normal(len(t))
        f += (
            nuisance.hum_n * np.sin(2 * np.pi * 50 * t + c)
            + nuisance.drift_n_per_min * (c - 1.2) / 3 * t / 60
        )
        count = np.round(f / N_PER_COUNT[c] + ZERO[c]).astype(np.int64)
        bad = rng.random(len(t)) < nuisance.spikes
        k = rng.integers(15, 25, len(t))
        count = np.where(bad, np.where(k == 24, -1, (1 << np.minimum(k, 23)) - 1), count)
        keep = rng.random(len(t)) >= nuisance.gaps
        for _ in range(rng.poisson(nuisance.bursts_per_min * seconds / 60)):
            a = rng.integers(0, len(t))
            keep[a : a + rng.integers(4, 25)] = False
        r = np.zeros(int(keep.sum()), RECORD)
        r["t_ns"] = T0_NS + np.round((start_s + at[keep]) * 1e6).astype(np.int64) * 1000
        r["count"] = count[keep]
        r["cell"] = c
        r["status"] = np.where(np.abs(count[keep]) >= 0x7FFFFF, 1, 0)
        rows.append(r)
    log = np.concatenate(rows)
    log = log[np.argsort(log["t_ns"], kind="stable")]
    log["seq"] = np.arange(len(log))
    return log


def record(force: Force, nuisance: Nuisance = CLEAN, seed: int = 0, rate_hz: float = 80.0):
    """Disturb and sample a force curve."""
    rng = np.random.default_rng(seed)
    total, share = disturb(force, nuisance, rng)
    return records(total, share, nuisance, rng, rate_hz)


def wide(t_s, force_n):
    """RECORD rows of an imported table: shape (n,) s and (n, 4) N, as the importer makes them."""
    n = len(t_s)
    log = np.zeros(4 * n, RECORD)
    for c in range(4):
        log["t_ns"][c::4] = T0_NS + np.round(np.asarray(t_s) * 1e9).astype(np.int64)
        log["count"][c::4] = np.round(force_n[:, c] * 1e4)
        log["cell"][c::4] = c
    log["seq"] = np.arange(4 * n)
    return log


IMPORTED = Calibration("import", "file", (0.0,) * 4, (1e-4,) * 4)

PROFILES = ("jerk", "cosine", "trapezoid")
RAMPS = ("line", "cosine", "jerk")


def some_person(rng, load=(0.0, 0.0)) -> Person:
    mass = rng.uniform(50, 110)
    return Person(
        mass_kg=mass,
        load_kg=rng.uniform(*load),
        rest_n=mass * rng.uniform(0.75, 1.4),
        ratio=rng.uniform(0.83, 1.09),
        heel=rng.uniform(0.4, 0.8),
    )


def some_moves(
    rng,
    n,
    style="dead_stop",
    up=(0.8, 1.5),
    hold=(0.3, 2.0),
    down=(1.0, 3.0),
    rest=(0.3, 3.0),
    profiles=PROFILES,
    ramps=RAMPS,
):
    """A set of one person: a manner of one's own, varied a little from rep to rep."""
    base = Move(
        up_s=rng.uniform(*up),
        hold_s=rng.uniform(*hold),
        down_s=rng.uniform(*down),
        rest_s=rng.uniform(*rest),
        push_s=rng.uniform(0.2, 0.6),
        unload_s=rng.uniform(0.2, 0.4),
        profile=str(rng.choice(profiles)),
        ramp=str(rng.choice(ramps)),
        style=style,
        unload=rng.uniform(0.27, 0.7) if style == "touch" else 1.0,
        low_s=rng.uniform(0.0, 0.3) if style == "hover" else 0.0,
    )
    slower = rng.uniform(0.0, 0.3)

    def vary(value, i):
        return value * rng.uniform(0.85, 1.15) * (1 + slower * i / n)

    return [
        replace(
            base,
            up_s=vary(base.up_s, i),
            hold_s=vary(base.hold_s, i),
            down_s=vary(base.down_s, i),
            rest_s=vary(base.rest_s, i),
        )
        for i in range(n)
    ]
