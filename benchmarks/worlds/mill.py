"""A world of random shapes: speed, level and transfer curves drawn from wide families, one set each.

Looked at while the core was built, as `gym` was; it has no body, only curves that a body may show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worlds.recorded import F64, Recorded, TrueRep

HZ = 1000.0
G = 9.81
BEFORE_S = 2.0


@dataclass(frozen=True)
class Plan:
    """What a suite asks for: seconds, shares of the way to rest, odds of dead_stop, touch, hover."""

    up_s: tuple[float, float] = (0.7, 1.8)
    hold_s: tuple[float, float] = (0.2, 2.2)
    down_s: tuple[float, float] = (0.8, 3.2)
    odds: tuple[float, float, float] = (1.0, 0.0, 0.0)
    load_kg: tuple[float, float] = (0.0, 0.0)
    wander: tuple[float, float] = (0.010, 0.02)
    harsh: bool = False
    events: bool = False
    lifts: bool = True
    range_part: float = 1.0  # of the usual way up


PLANS = {
    "dead_stop_real": Plan(),
    "dead_stop_harsh": Plan(wander=(0.02, 0.027), harsh=True),
    "loaded": Plan(load_kg=(20.0, 100.0)),
    "explosive": Plan(up_s=(0.52, 0.68), down_s=(0.6, 1.6)),
    "slow": Plan(up_s=(2.6, 3.4), hold_s=(0.7, 1.4), down_s=(2.6, 3.4)),
    "touch": Plan(up_s=(0.7, 2.2), odds=(0.0, 1.0, 0.0)),
    "hover": Plan(up_s=(0.7, 2.2), odds=(0.0, 0.0, 1.0)),
    "mixed": Plan(up_s=(0.7, 2.2), odds=(1.0, 1.0, 1.0)),
    "events": Plan(events=True),
    "nothing": Plan(lifts=False),
    "floor_bridge": Plan(up_s=(0.7, 1.6), odds=(2.0, 1.0, 1.0), range_part=0.55),
    "short_range": Plan(up_s=(0.6, 1.4), odds=(2.0, 1.0, 1.0), range_part=0.45),
}


class Curves:
    """The force under the foot so far, N at 1 kHz, with the share on the heel."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.parts: list[F64] = []
        self.shares: list[F64] = []
        self.moving: list[F64] = []  # how much a body's own wander weighs
        self.n = 0

    @property
    def now_s(self) -> float:
        """Where it stands, s."""
        return self.n / HZ

    def add(self, force_n: F64, share: float, wander: float = 1.0) -> None:
        """Append forces, the share on the heel, and how much of a body's own wander they show."""
        self.parts.append(force_n)
        self.shares.append(np.full(len(force_n), share))
        self.moving.append(np.full(len(force_n), wander))
        self.n += len(force_n)

    def go(self, seconds: float, start: float, stop: float, share: float, skew: float = 0.0) -> None:
        """Go from one force to another."""
        x = _grid(seconds) ** np.exp(skew)
        self.add(start + (stop - start) * x * x * (3 - 2 * x), share)


def _grid(seconds: float) -> F64:
    n = max(round(seconds * HZ), 2)
    return (np.arange(n) + 0.5) / n


class Lifter:
    """Levels and shapes of one person in one set."""

    def __init__(self, rng: np.random.Generator, plan: Plan) -> None:
        self.rng = rng
        self.mass_kg, load_kg = rng.uniform(48, 112), rng.uniform(*plan.load_kg)
        self.floor_n = (3.21 * self.mass_kg + 4.35 * load_kg) * rng.lognormal(0, 0.07)
        self.rest_n = min(rng.uniform(50, 150), 0.45 * self.floor_n)
        self.ratio, self.bulge = rng.uniform(0.83, 1.09), rng.uniform(0.02, 0.12) * plan.range_part
        self.peak_at = rng.uniform(0.25, 0.75)
        self.moving_kg = (0.22 * self.mass_kg + 0.6 * load_kg) * rng.uniform(0.85, 1.15)
        self.range_m = rng.uniform(0.3, 0.44) * plan.range_part
        self.up = np.exp(rng.uniform(-0.1, 1.2, 2))
        self.down = np.exp(rng.uniform(-0.1, 1.2, 2))
        self.surge = rng.uniform(0, 0.5) * (rng.random() < 0.3)
        self.skew = rng.uniform(-0.4, 0.4, 2)
        self.sticks = rng.uniform(0.1, 0.5) * (rng.random() < 0.3)
        self.landing = rng.uniform(0.1, 0.7) * (rng.random() < 0.35)
        self.dwell_s = rng.uniform(0.01, 0.6)
        self.heel, self.rest_heel = rng.uniform(0.4, 0.8), rng.uniform(0.35, 0.85)

    def level_n(self, height: F64) -> F64:
        """Return the static force at a height 0…1."""
        p = np.log(0.5) / np.log(self.peak_at)
        x = np.clip(height, 0, 1) ** p
        return self.floor_n * (1 + (self.ratio - 1) * height + self.bulge * 4 * x * (1 - x))

    def move(self, seconds: float, low: float, high: float, *, down: bool = False) -> F64:
        """Return the force of a way between two heights."""
        a, b = self.down if down else self.up
        t = _grid(seconds)
        speed = t**a * (1 - t) ** b
        speed = speed / speed.max() * (1 + self.surge * np.cos(4 * np.pi * t))
        if not down and self.rng.random() < self.sticks:
            at, wide = self.rng.uniform(0.35, 0.65), self.rng.uniform(0.08, 0.2)
            speed = speed * (1 - 0.97 * np.exp(-(((t - at) / wide) ** 4)))
        way = np.cumsum(speed)
        way = way / way[-1]
        height = low + (high - low) * (1 - way if down else way)
        speed_m_s = np.gradient(height) * HZ * self.range_m
        accel = np.gradient(_smoothed(speed_m_s, 0.03)) * HZ
        return self.level_n(height) + self.moving_kg * accel


def _smoothed(y: F64, seconds: float) -> F64:
    n = round(seconds * HZ)
    return np.convolve(np.pad(y, n, mode="edge"), np.ones(n) / n, mode="same")[n:-n]


def make(suite: str, seed: int) -> Recorded | None:
    """Return a set of a suite; None for a suite that this world has not."""
    if suite not in PLANS:
        return None
    plan, rng = PLANS[suite], np.random.default_rng((seed, 4242))
    lifter, curves = Lifter(rng, plan), Curves(rng)
    curves.add(np.zeros(round(BEFORE_S * HZ)), 0.5, 0.0)
    curves.go(rng.uniform(0.3, 0.8), 0.0, lifter.rest_n, lifter.rest_heel)
    _rest(curves, lifter, rng.uniform(1.5, 4.0))
    reps = _set(curves, lifter, plan) if plan.lifts else _nothing(curves, lifter)
    _rest(curves, lifter, rng.uniform(1.5, 3.0))
    curves.go(rng.uniform(0.3, 0.6), lifter.rest_n, 0.0, lifter.rest_heel)
    curves.add(np.zeros(3000), 0.5, 0.0)
    return _recorded(curves, reps, plan, rng)


def _rest(curves: Curves, lifter: Lifter, seconds: float) -> None:
    curves.add(np.full(round(seconds * HZ), lifter.rest_n), lifter.rest_heel)


def _set(curves: Curves, lifter: Lifter, plan: Plan) -> list[tuple[float | None, ...]]:
    rng = curves.rng
    up_s, hold_s, down_s = (rng.uniform(*r) for r in (plan.up_s, plan.hold_s, plan.down_s))
    push_s, unload_s, pause_s = rng.uniform(0.2, 0.6), rng.uniform(0.15, 0.5), rng.uniform(0.4, 3.0)
    depth, turn, spread = rng.uniform(0.3, 0.85), rng.uniform(0.0, 0.25), rng.uniform(0.03, 0.1)
    odds, n = np.array(plan.odds) / sum(plan.odds), int(rng.integers(6, 13))
    rows: list[tuple[float | None, ...]] = []
    below, low, from_n = True, 0.0, lifter.rest_n

    def about(seconds: float) -> float:
        return float(seconds * np.clip(rng.normal(1, spread), 0.7, 1.3))

    for i in range(n):
        style = "dead_stop" if i == n - 1 else str(rng.choice(["dead_stop", "touch", "hover"], p=odds))
        push = curves.now_s if below else None
        rising = lifter.move(about(up_s) * (1 + 0.25 * i / n), low, 1.0)
        if below:
            curves.go(about(push_s), from_n, float(rising[0]), lifter.heel, lifter.skew[0])
        times = [push, curves.now_s]
        curves.add(rising, lifter.heel)
        times.append(curves.now_s)
        curves.add(np.full(round(about(hold_s) * HZ), lifter.level_n(np.ones(1))[0]), lifter.heel)
        times.append(curves.now_s)
        low = float(np.clip(turn + rng.normal(0, 0.03), 0.02, 0.3)) if style == "hover" else 0.0
        falling = lifter.move(about(down_s), low, 1.0, down=True)
        if style != "hover":
            n_land = round(rng.uniform(0.06, 0.12) * HZ)
            falling[-n_land:] += lifter.landing * lifter.floor_n * np.sin(np.pi * _grid(n_land / HZ))[:n_land]
        curves.add(falling, lifter.heel)
        times.append(curves.now_s)
        below = style != "hover"
        if style == "hover":
            curves.add(np.full(round(rng.uniform(0.02, 0.4) * HZ), float(falling[-1])), lifter.heel)
            times.append(None)
        else:
            share = 1.0 if style == "dead_stop" else float(np.clip(depth + rng.normal(0, 0.05), 0.27, 0.9))
            from_n = float(falling[-1]) + share * (lifter.rest_n - float(falling[-1]))
            curves.go(about(unload_s), float(falling[-1]), from_n, lifter.heel, lifter.skew[1])
            times.append(curves.now_s)
            if style == "dead_stop" and i < n - 1:
                _rest(curves, lifter, max(0.3, about(pause_s)))
                if plan.events and rng.random() < 0.4:
                    _event(curves, lifter)
                    _rest(curves, lifter, rng.uniform(0.7, 2.0))
            elif i < n - 1:
                curves.add(np.full(round(about(lifter.dwell_s) * HZ), from_n), lifter.heel)
        rows.append((*times, style))  # type: ignore[arg-type]
    return rows


def _nothing(curves: Curves, lifter: Lifter) -> list[tuple[float | None, ...]]:
    for _ in range(int(curves.rng.integers(5, 12))):
        _event(curves, lifter)
        _rest(curves, lifter, curves.rng.uniform(0.5, 4.0))
    return []


def _event(curves: Curves, lifter: Lifter) -> None:
    """Let something happen that is no rep."""
    rng, rest = curves.rng, lifter.rest_n
    what = str(
        rng.choice(["stand", "walk", "push", "pushes", "thing", "off", "press", "bump", "sway", "slide"])
    )
    weight = lifter.mass_kg * G
    if what == "stand":  # with the weight going to and fro
        up = rng.uniform(0.7, 1.0) * weight
        curves.go(rng.uniform(0.4, 1.4), rest, up, 0.5, rng.uniform(-0.3, 0.3))
        t = np.arange(round(rng.uniform(1.5, 9.0) * HZ)) / HZ
        sway = rng.uniform(0, 0.05) * np.sin(2 * np.pi * rng.uniform(0.2, 0.9) * t)
        curves.add(up * (1 + sway), 0.5)
        curves.go(rng.uniform(0.5, 1.5), float(curves.parts[-1][-1]), rest, 0.5)
    elif what == "walk":  # a few steps over the plate
        for _ in range(int(rng.integers(1, 4))):
            t = _grid(rng.uniform(0.5, 0.9))
            curves.add(weight * np.sin(np.pi * t) ** 0.6 * (1 - 0.2 * np.sin(np.pi * t) ** 4), 0.5, 0.3)
            curves.add(np.zeros(round(rng.uniform(0.4, 1.0) * HZ)), 0.5, 0.0)
        curves.go(rng.uniform(0.3, 0.8), 0.0, rest, lifter.rest_heel)
    elif what in ("push", "pushes"):  # not enough to leave the floor
        for _ in range(1 if what == "push" else int(rng.integers(2, 5))):
            top = rest + rng.uniform(0.3, 0.68) * (lifter.floor_n - rest)
            curves.go(rng.uniform(0.2, 0.8), rest, top, lifter.heel, rng.uniform(-0.4, 0.4))
            curves.add(np.full(round(rng.uniform(0.05, 1.3) * HZ), top), lifter.heel, 1.5)
            curves.go(rng.uniform(0.2, 0.7), top, rest, lifter.heel, rng.uniform(-0.4, 0.4))
            _rest(curves, lifter, rng.uniform(0.3, 1.5))
    elif what == "thing":  # a dumbbell, a bottle, a bag
        top = rest + rng.uniform(15, 120)
        curves.go(rng.uniform(0.05, 0.4), rest, top, 0.5)
        curves.add(np.full(round(rng.uniform(1.0, 20.0) * HZ), top), 0.5)
        curves.go(rng.uniform(0.05, 0.4), top, rest, 0.5)
    elif what == "off":
        curves.go(rng.uniform(0.2, 0.6), rest, 0.0, lifter.rest_heel)
        curves.add(np.zeros(round(rng.uniform(0.5, 8.0) * HZ)), 0.5, 0.0)
        curves.go(rng.uniform(0.2, 0.8), 0.0, rest, lifter.rest_heel)
    elif what == "press":  # the heel digs in while talking
        t = np.arange(round(rng.uniform(2.0, 8.0) * HZ)) / HZ
        most = rng.uniform(0.15, 0.45) * rest
        curves.add(rest + most * np.sin(2 * np.pi * rng.uniform(0.15, 0.8) * t) ** 2, 0.8, 1.5)
    elif what == "bump":
        t = np.arange(800) / HZ
        ring = rng.uniform(30, 60) * np.exp(-t / 0.15) * np.sin(2 * np.pi * rng.uniform(7, 12) * t)
        curves.add(rest + ring, lifter.rest_heel)
    elif what == "sway":  # leaning from one buttock to the other
        t = np.arange(round(rng.uniform(3.0, 8.0) * HZ)) / HZ
        curves.add(rest * (1 + rng.uniform(0.1, 0.35) * np.sin(2 * np.pi * t / rng.uniform(1.5, 4.0))), 0.5)
    else:  # the foot slides to another place
        light = rng.uniform(0.0, 0.4) * rest
        curves.go(rng.uniform(0.15, 0.4), rest, light, lifter.rest_heel)
        lifter.rest_n = float(np.clip(rest * rng.lognormal(0, 0.15), 45, 0.5 * lifter.floor_n))
        curves.go(rng.uniform(0.15, 0.6), light, lifter.rest_n, lifter.rest_heel)


def _noise(rng: np.random.Generator, n: int, low_hz: float, high_hz: float) -> F64:
    """Return noise of a band with a falling spectrum, rms 1."""
    size = 1 << int(np.ceil(np.log2(n)))
    spectrum = np.fft.rfft(rng.standard_normal(size))
    f = np.fft.rfftfreq(size, 1 / HZ)
    shape = np.where((f > low_hz) & (f < high_hz), 1 / np.maximum(f, low_hz) ** 0.7, 0.0)
    out = np.fft.irfft(spectrum * shape, size)[:n]
    return out / out.std()


def _recorded(
    curves: Curves, rows: list[tuple[float | None, ...]], plan: Plan, rng: np.random.Generator
) -> Recorded:
    total, share, moving = (np.concatenate(x) for x in (curves.parts, curves.shares, curves.moving))
    total, share = _smoothed(total, 0.02), _smoothed(share, 0.15)
    cv, bracing = rng.uniform(*plan.wander), rng.uniform(14, 20) if plan.harsh else rng.uniform(5, 11)
    resting = np.clip(1 - (total - 150) / 60, 0, 1) * (total > 20)
    total = total + moving * _noise(rng, len(total), 0.3, 8.0) * cv * total
    total = total + resting * moving * _noise(rng, len(total), 0.3, 4.0) * bracing
    total = np.maximum(total, 0.0)
    share = np.clip(share + 0.01 * _noise(rng, len(share), 0.2, 4.0), 0.02, 0.98)
    left = np.clip(0.5 + 0.03 * _noise(rng, len(share), 0.2, 4.0), 0.1, 0.9)
    cells = (share * left, share * (1 - left), (1 - share) * left, (1 - share) * (1 - left))
    times, which, read = [], [], []
    spike, gap = (0.02, 0.005) if plan.harsh else (0.002, 0.001)
    for cell, part in enumerate(cells):
        rate = rng.uniform(70, 94)
        t = np.arange(rng.uniform(0, 1 / rate), len(total) / HZ - 0.1, 1 / rate)
        y = np.interp(t, np.arange(len(total)) / HZ, _smoothed(total * part, 4 / rate))
        y = y * (1 + rng.normal(0, 0.01)) + rng.normal(0, 1.0) + rng.normal(0, 0.1, len(t))
        struck = rng.random(len(t)) < spike
        y[struck] = (2.0 ** rng.integers(15, 25, struck.sum()) - 1) * 1e-3
        kept = rng.random(len(t)) > gap
        times.append(t[kept])
        which.append(np.full(kept.sum(), cell))
        read.append(y[kept])
    t_s, cell_of, force = (np.concatenate(x) for x in (times, which, read))
    order = np.argsort(t_s, kind="stable")
    reps = []
    for push, lift, top, end, touch, rest, style in rows:
        part = slice(round(lift * HZ), round(end * HZ))  # type: ignore[operator]
        heel = float(np.sum(share[part] * total[part]) / np.sum(total[part]))
        reps.append(TrueRep(str(style), push, lift, top, end, touch, rest, heel))  # type: ignore[arg-type]
    return Recorded(t_s[order], cell_of[order], force[order], tuple(reps), 0.0)
