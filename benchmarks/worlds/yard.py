"""A world of force-plate recordings, modelled from the body up and from nothing of the station.

Held out at first; looked at since another `unseen` took its place.

A planar body turns about the bench edge: trunk, pelvis, both legs and a load on the hips are lumped masses
whose places follow from hip height alone, because the foot stays where it is. The moment balance about the
edge gives the vertical foot force: a static level, a share of the hips' acceleration, a term in speed
squared. Hip height is a string of strokes; near the floor the floor takes over the hips' weight by a
load-transfer curve. Habits, fatigue, wander and bracing are laid on top, then four converters read it.

Truth: `lift_off` and `touchdown` are where the floor's share becomes and ceases to be zero (hover: where the
hips leave or come within 1 % of the stroke's range of the low turn). `lockout_start` and `lockout_end` are
where the hips come within, and leave, 1 % of the range of the top. Where the motion itself stops and starts
again is in `notes["still_s"]`, for whoever prefers that meaning.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.recorded import F64, I64, SUITES, VARIANTS, Recorded, TrueRep

_DT = 0.001
_G = 9.81
_NEAR = 0.01  # of a stroke's range: this near the top is the top
_SIGMA = 0.45  # the part of a stroke over which its end conditions fade
_ADC_DELAY_S = 2 / 80

_Rng = np.random.Generator
_Curve = Callable[[F64], F64]


# ---------------------------------------------------------------- small tools


def _between(rng: _Rng, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _samples(seconds: float) -> int:
    return max(1, round(seconds / _DT))


def _smooth(x: F64) -> F64:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def _smoother(x: F64) -> F64:
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (10.0 - 15.0 * x + 6.0 * x * x)


def _noise(rng: _Rng, n: int, low_hz: float, high_hz: float, slope: float = 0.5) -> F64:
    """Make band-limited noise of unit rms at the simulation's rate, its amplitude falling as f^-slope."""
    rate = 100.0
    m = max(64, int(n * _DT * rate) + 8)
    f = np.fft.rfftfreq(m, 1.0 / rate)
    shape = np.where((f >= low_hz) & (f <= high_hz), np.maximum(f, low_hz) ** -slope, 0.0)
    if not shape.any():
        shape[1] = 1.0
    wave = np.fft.irfft(shape * (rng.normal(size=f.size) + 1j * rng.normal(size=f.size)), m)
    wave /= wave.std() + 1e-12
    return np.interp(np.arange(n) * _DT, np.arange(m) / rate, wave)


def _gaussian_blur(x: F64, sigma_s: float) -> F64:
    half = max(1, int(4 * sigma_s / _DT))
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) * _DT / sigma_s) ** 2)
    return np.convolve(np.pad(x, half, mode="edge"), kernel / kernel.sum(), mode="valid")


# ---------------------------------------------------------------- the body


@dataclass(frozen=True)
class _Build:
    """What a person and their place are like, before any mechanics."""

    mass: float
    height: float
    load: float
    pivot_y: float
    trunk: float
    h_floor: float
    h_top: float
    ankle_y: float
    free_leg: str  # bent | straight | planted
    head_on_bench: bool
    band_n: float
    band_per_m: float
    share_of_foot: float
    rest_n: float


@dataclass(frozen=True)
class _Body:
    """The moment balance, tabulated over hip height."""

    build: _Build
    grid: F64
    static: F64
    inertia: F64
    squared: F64

    @property
    def span(self) -> float:
        return self.build.h_top - self.build.h_floor

    @property
    def level(self) -> float:
        return float(np.mean(self.static))

    def force(self, h: F64, v: F64, a: F64) -> tuple[F64, F64]:
        """Return the static and the inertial part of the foot force (N)."""
        still = np.interp(h, self.grid, self.static)
        moving = np.interp(h, self.grid, self.inertia) * a + np.interp(h, self.grid, self.squared) * v * v
        return still, moving


def _mass_of(rng: _Rng) -> float:
    return float(np.clip(rng.normal(76.0, 15.0), 48.0, 115.0))


def _build(rng: _Rng, suite: str) -> _Build:
    mass = _mass_of(rng)
    height = float(np.clip(1.73 + 0.0045 * (mass - 76.0) + rng.normal(0.0, 0.06), 1.52, 1.98))
    pivot = _between(rng, 0.30, 0.45)
    floor = _between(rng, 0.09, 0.13)
    trunk = max(0.257 * height, (pivot - floor) / 0.68)
    top = min(pivot + _between(rng, 0.04, 0.12), floor + 0.42)
    plain = _Build(
        mass=mass,
        height=height,
        load=_between(rng, 20.0, 100.0) if suite == "loaded" else 0.0,
        pivot_y=pivot,
        trunk=trunk,
        h_floor=floor,
        h_top=max(top, floor + 0.24),
        ankle_y=0.08,
        free_leg="straight" if rng.random() < 0.2 else "bent",
        head_on_bench=True,
        band_n=0.0,
        band_per_m=0.0,
        share_of_foot=1.0,
        rest_n=float(np.clip(mass * _G * _between(rng, 0.075, 0.125), 42.0, 150.0)),
    )
    return _of_variant(rng, suite, plain)


def _of_variant(rng: _Rng, suite: str, b: _Build) -> _Build:
    if suite == "floor_bridge":
        low = _between(rng, 0.09, 0.12)
        return replace(
            b,
            pivot_y=0.05,
            trunk=0.30 * b.height,
            h_floor=low,
            h_top=low + _between(rng, 0.17, 0.27),
            head_on_bench=False,
        )
    if suite == "b_stance":
        part = _between(rng, 0.6, 0.82)
        return replace(b, free_leg="planted", share_of_foot=part, rest_n=0.85 * b.rest_n)
    if suite == "feet_elevated":
        return replace(b, ankle_y=0.08 + _between(rng, 0.18, 0.35), rest_n=min(160.0, 1.2 * b.rest_n))
    if suite == "band":
        return replace(b, band_n=_between(rng, 10.0, 60.0), band_per_m=_between(rng, 250.0, 800.0))
    if suite == "short_range":
        cut = _between(rng, 0.35, 0.52) * (b.h_top - b.h_floor)
        below = _between(rng, 0.0, 1.0)
        return replace(b, h_floor=b.h_floor + below * cut, h_top=b.h_top - (1.0 - below) * cut)
    return b


def _foot_x(rng: _Rng, b: _Build, thigh: float, shank: float) -> float:
    """Where the ankle stands: under the knee at lockout, by and large; always within the leg's reach."""
    reach_y = b.h_top - b.pivot_y
    hip = float(np.sqrt(b.trunk**2 - reach_y**2))
    rise = b.ankle_y + shank - b.h_top
    wish = hip + float(np.sqrt(max(thigh**2 - rise**2, 0.09))) + rng.normal(0.0, 0.025)
    if b.ankle_y > 0.15:
        wish = hip + _between(rng, 0.50, 0.62)
    longest = 0.985 * (thigh + shank)
    heights = np.linspace(b.h_floor, b.h_top, 9)
    hips = np.sqrt(b.trunk**2 - (heights - b.pivot_y) ** 2)
    limit = np.min(hips + np.sqrt(longest**2 - (heights - b.ankle_y) ** 2))
    return float(min(wish, limit))


def _knee(hip: F64, ankle: F64, thigh: float, shank: float) -> F64:
    """Find the upper of the two places where a knee can be; hip of shape (2, n)."""
    gap = ankle[:, None] - hip
    dist = np.hypot(gap[0], gap[1])
    along = (thigh**2 - shank**2 + dist**2) / (2.0 * dist)
    off = np.sqrt(np.maximum(thigh**2 - along**2, 1e-6))
    unit = gap / dist
    return hip + along * unit + off * np.array([-unit[1], unit[0]])


def _masses(b: _Build, hip: F64, knee: F64, ankle: F64) -> list[tuple[float, F64]]:
    """Lumped masses (kg) and their places relative to the floor under the bench edge."""
    edge = np.array([[0.0], [b.pivot_y]])
    trunk = (hip - edge) / b.trunk
    thigh = knee - hip
    still = np.ones(hip.shape[1])
    ankle2 = ankle[:, None] * still
    points = [
        (0.216 * b.mass, edge + 0.16 * b.trunk * trunk),
        (0.139 * b.mass, edge + 0.55 * b.trunk * trunk),
        (0.142 * b.mass, edge + 0.94 * b.trunk * trunk),
        (0.100 * b.mass, knee - 0.567 * thigh),
        (0.0465 * b.mass, knee + 0.433 * (ankle2 - knee)),
        (0.0145 * b.mass, ankle2 + np.array([[0.05], [-0.04]])),
        (b.load, hip),
    ]
    if b.head_on_bench:
        points.append((0.081 * b.mass, edge + np.array([[-0.25], [0.08]]) * still))
        points.append((0.100 * b.mass, edge + 0.12 * b.trunk * trunk))
    return points + _free_leg(b, hip, knee, ankle2)


def _free_leg(b: _Build, hip: F64, knee: F64, ankle: F64) -> list[tuple[float, F64]]:
    thigh_kg, below_kg = 0.100 * b.mass, 0.061 * b.mass
    if b.free_leg == "planted":
        return [(thigh_kg, knee - 0.567 * (knee - hip)), (below_kg, knee + 0.55 * (ankle - knee))]
    if b.free_leg == "straight":
        way = knee - hip
        return [(thigh_kg, hip + 0.433 * way), (below_kg, hip + 1.45 * way)]
    size = 0.245 * b.height
    return [
        (thigh_kg, hip + size * np.array([[0.16], [0.40]])),
        (below_kg, hip + size * np.array([[0.62], [0.80]])),
    ]


def _body(rng: _Rng, suite: str) -> _Body:
    b = _build(rng, suite)
    thigh, shank = 0.245 * b.height, 0.246 * b.height
    grid = np.linspace(b.h_floor - 0.01, b.h_top + 0.012, 160)
    hip = np.array([np.sqrt(b.trunk**2 - (grid - b.pivot_y) ** 2), grid])
    ankle = np.array([_foot_x(rng, b, thigh, shank), b.ankle_y])
    knee = _knee(hip, ankle, thigh, shank)
    arm = ankle[0] + _between(rng, -0.01, 0.07) + float(rng.normal(0.0, 0.04)) * b.pivot_y
    static, inertia, squared = np.zeros_like(grid), np.zeros_like(grid), np.zeros_like(grid)
    for mass, (x, y) in _masses(b, hip, knee, ankle):
        x1, y1 = np.gradient(x, grid), np.gradient(y, grid)
        x2, y2 = np.gradient(x1, grid), np.gradient(y1, grid)
        static += mass * _G * x
        inertia += mass * (x * y1 - (y - b.pivot_y) * x1)
        squared += mass * (x * y2 - (y - b.pivot_y) * x2)
    squared[:2], squared[-2:] = squared[2], squared[-3]
    shaped = _person_shape(rng, suite, grid, b, static / arm)
    band = (b.band_n + b.band_per_m * np.maximum(grid - b.h_floor, 0.0)) * hip[0] / arm
    whole = b.share_of_foot * float(np.clip(rng.normal(1.0, 0.05), 0.88, 1.12))
    return _Body(b, grid, whole * (shaped + band), whole * inertia / arm, whole * squared / arm)


def _person_shape(rng: _Rng, suite: str, grid: F64, b: _Build, static: F64) -> F64:
    """Tilts the level so that lockout over bottom is what this build gives; adds a hump of its own."""
    z = np.clip((grid - b.h_floor) / (b.h_top - b.h_floor), 0.0, 1.0)
    wild = suite == "unseen_shapes"
    goal = float(rng.choice([0.83, 0.87, 1.05, 1.09])) if wild else _between(rng, 0.83, 1.09)
    bottom, top = np.interp([b.h_floor, b.h_top], grid, static)
    ratio = goal * bottom / top
    tilt = 2.0 * (ratio - 1.0) / (ratio + 1.0)
    hump = float(np.clip(rng.normal(0.01, 0.03), -0.05, 0.07))
    return static * (1.0 + tilt * (z - 0.5)) * (1.0 + 4.0 * hump * z * (1.0 - z))


# ---------------------------------------------------------------- strokes


def _knots(points: list[tuple[float, float]], width: float) -> _Curve:
    """Round the corners of a polygon with two passes of a window `width` of the stroke long."""
    m = 1200
    s = np.linspace(0.0, 1.0, m + 1)
    inner = np.clip((s - width) / (1.0 - 2.0 * width), -1e-9, 1.0 + 1e-9)
    xs, ys = zip(*points, strict=True)
    rough = np.interp(inner, xs, ys, left=0.0, right=0.0)
    kernel = np.hanning(max(5, int(width * m) | 1) + 2)[1:-1]
    kernel /= kernel.sum()
    for _ in range(2):
        rough = np.convolve(np.pad(rough, kernel.size // 2), kernel, mode="valid")
    return lambda x: np.interp(x, s, rough)


def _bell(rise: float, fall: float) -> _Curve:
    return lambda s: np.maximum(s, 0.0) ** rise * np.maximum(1.0 - s, 0.0) ** fall


def _spring(rate: float, swing: float) -> _Curve:
    """Approach as if damped: gather speed fast, arrive slowly; `swing` lets it just pass the target."""

    def speed(s: F64) -> F64:
        free = s * s * np.exp(-rate * s) * (1.0 - s) ** 2
        late = np.exp(-(((s - 0.80) / 0.09) ** 2)) * _smooth((1.0 - s) / 0.1)
        return free / (2.0 / rate) ** 2 * np.exp(2.0) - swing * late

    return speed


def _stuck(base: _Curve, centre: float, half: float, depth: float) -> _Curve:
    return lambda s: base(s) * (1.0 - depth * np.exp(-(np.abs((s - centre) / half) ** 2.5)))


def _stutter(base: _Curve, beats: float, depth: float, phase: float) -> _Curve:
    return lambda s: base(s) * (1.0 + depth * np.sin(2.0 * np.pi * (beats * s + phase)))


def _up_curve(rng: _Rng, kind: str, up_s: float) -> _Curve:
    if kind == "min_jerk":
        return _bell(2.0, 2.0)
    if kind == "skewed":
        return _bell(_between(rng, 1.4, 3.0), _between(rng, 1.5, 3.4))
    if kind == "trapezoid":
        a, c = _between(rng, 0.12, 0.35), _between(rng, 0.65, 0.9)
        return _knots([(0, 0), (a, 1), (c, _between(rng, 0.75, 1.2)), (1, 0)], _between(rng, 0.05, 0.12))
    if kind == "spring":
        return _spring(_between(rng, 3.0, 5.2), 0.0)
    if kind == "overshoot":
        return _spring(_between(rng, 4.5, 6.0), _between(rng, 0.02, 0.06))
    if kind == "bang":
        return _knots([(0, 0), (_between(rng, 0.35, 0.65), 1), (1, 0)], _between(rng, 0.05, 0.1))
    if kind == "sticking":
        base = _bell(_between(rng, 1.5, 2.2), _between(rng, 1.5, 2.2))
        deep = _between(rng, 0.5, 0.97) * min(1.0, (up_s / 1.3) ** 2)
        return _stuck(base, _between(rng, 0.35, 0.65), _between(rng, 0.11, 0.2), deep)
    if kind == "squeeze":
        a = _between(rng, 0.15, 0.3)
        return _knots([(0, 0), (a, 1), (0.6, 0.3), (0.72, 0.14), (0.94, 0.11), (1, 0)], 0.06)
    beats = float(rng.integers(2, 5))
    return _stutter(
        _bell(1.7, 1.7), beats, _between(rng, 0.25, 0.6) * min(1.0, up_s / beats), float(rng.random())
    )


def _down_curve(rng: _Rng, kind: str) -> _Curve:
    if kind == "caught":
        return _knots([(0, 0), (_between(rng, 0.62, 0.82), 1), (1, 0)], _between(rng, 0.04, 0.09))
    if kind == "slam":
        quick = _between(rng, 1.3, 2.2)
        return _knots([(0, 0), (0.2, 0.6), (0.62, 0.6), (_between(rng, 0.84, 0.91), quick), (1, 0)], 0.035)
    if kind == "drop":
        return _knots([(0, 0), (0.8, 1), (1, 0.7)], _between(rng, 0.04, 0.08))
    if kind == "even":
        a, c = _between(rng, 0.12, 0.3), _between(rng, 0.72, 0.9)
        return _knots([(0, 0), (a, 1), (c, _between(rng, 0.7, 1.1)), (1, 0)], _between(rng, 0.05, 0.12))
    if kind == "early":
        return _bell(_between(rng, 1.4, 2.0), _between(rng, 2.2, 3.6))
    if kind == "late":
        return _bell(_between(rng, 2.2, 3.6), _between(rng, 1.4, 2.0))
    if kind == "halting":
        half = _between(rng, 0.06, 0.14)
        return _stuck(_bell(1.6, 1.6), _between(rng, 0.4, 0.7), half, _between(rng, 0.5, 0.95))
    if kind == "stutter":
        return _stutter(
            _bell(1.7, 1.7), float(rng.integers(2, 6)), _between(rng, 0.2, 0.5), float(rng.random())
        )
    return _bell(2.0, 2.0)


@dataclass(frozen=True)
class _Edge:
    """Speed and rate of change of speed (both in the direction of motion) at an end of a stroke."""

    speed: float = 0.0
    rate: float = 0.0


def _fade(x: F64, speed: float, step: float) -> F64:
    """Start at `speed` with slope `step` per unit of x and be gone, smoothly, at x = 1."""
    x = np.clip(x, 0.0, 1.0)
    left = (1.0 - x) ** 3
    return speed * left * (1.0 + 3.0 * x) + step * x * left


def _stroke(curve: _Curve, length: float, seconds: float, start: _Edge, end: _Edge) -> F64:
    """Speed over a stroke of `length`, both ends included."""
    n = _samples(seconds)
    s = np.linspace(0.0, 1.0, n + 1)
    reach = _SIGMA * seconds
    edges = _fade(s / _SIGMA, start.speed, start.rate * reach)
    edges += _fade((1.0 - s) / _SIGMA, end.speed, -end.rate * reach)
    base = curve(s)
    area = _area(base)
    return edges + base * (length - _area(edges)) / area


def _area(speed: F64) -> float:
    return float(np.sum(speed[1:] + speed[:-1]) * 0.5 * _DT)


def _path(speed: F64) -> F64:
    steps = (speed[1:] + speed[:-1]) * 0.5 * _DT
    return np.concatenate([[0.0], np.cumsum(steps)])


def _trimmed(path: F64, head: bool, tail: bool) -> tuple[int, int]:
    """First and last sample of the stroke as the truth counts it."""
    length = path[-1]
    first = int(np.flatnonzero(path <= _NEAR * length)[-1]) if head else 0
    last = int(np.flatnonzero(path >= (1.0 - _NEAR) * length)[0]) if tail else path.size - 1
    return first, last


def _timed_stroke(
    curve: _Curve, length: float, goal_s: float, ends: tuple[_Edge, _Edge], trim: tuple[bool, bool]
) -> F64:
    """Stretch a stroke until its part between the trims lasts `goal_s`."""
    seconds = goal_s
    speed = _stroke(curve, length, seconds, *ends)
    for _ in range(3):
        first, last = _trimmed(_path(speed), *trim)
        seconds = float(np.clip(seconds * goal_s / max((last - first) * _DT, 0.05), goal_s, 2.2 * goal_s))
        speed = _stroke(curve, length, seconds, *ends)
    return speed


def _bearable(
    body: _Body,
    curve: _Curve,
    way: tuple[float, float],
    goal_s: float,
    ends: tuple[_Edge, _Edge],
    trim: tuple[bool, bool],
) -> F64:
    """Make a timed stroke no leg could refuse: blend the curve with a softer one until the force is sane."""
    low, length = way
    sign = float(np.sign(length))
    highest = 1.6 if sign > 0 else 2.0
    soft = _bell(2.0, 2.0)
    area = float(np.mean(curve(np.linspace(0.0, 1.0, 400)))) * 30.0
    for part in (1.0, 0.7, 0.45, 0.2, 0.0):
        blend = _blend(curve, soft, part, area)
        speed = _timed_stroke(blend, abs(length), goal_s, ends, trim)
        velocity = sign * speed
        still, moving = body.force(low + sign * _path(speed), velocity, np.gradient(velocity, _DT))
        whole = 1.0 + _gaussian_blur(moving / still, 0.007)
        if whole.min() > 0.42 and whole.max() < highest:
            break
    return speed


def _blend(curve: _Curve, soft: _Curve, part: float, weight: float) -> _Curve:
    return lambda s: part * curve(s) + (1.0 - part) * weight * soft(s)


# ---------------------------------------------------------------- load transfer at the floor


def _transfer(rng: _Rng, kind: str) -> _Curve:
    """Choose a way from 0 to 1, for the load going over between floor and foot."""
    if kind == "smooth":
        return _smooth
    if kind == "smoother":
        return _smoother
    if kind == "ramp":
        r = _between(rng, 0.08, 0.25)
        return lambda x: _rounded_ramp(x, r)
    if kind == "early":
        k = _between(rng, 1.5, 3.0)
        return lambda x: (1.0 - np.exp(-k * np.clip(x, 0, 1))) / (1.0 - np.exp(-k))
    if kind == "late":
        p = _between(rng, 1.5, 2.4)
        return lambda x: np.clip(x, 0.0, 1.0) ** p
    if kind == "tissue":
        p = _between(rng, 1.3, 1.8)
        return lambda x: 1.0 - (1.0 - _smooth(x)) ** p
    c, share = _between(rng, 0.35, 0.5), _between(rng, 0.35, 0.65)
    return lambda x: share * _smooth(x / c) + (1.0 - share) * _smooth((x - c) / (1.0 - c))


def _rounded_ramp(x: F64, r: float) -> F64:
    x = np.clip(x, 0.0, 1.0)
    top = 1.0 - x
    area = 1.0 - r
    low = np.where(x < r, x * x / (2.0 * r), x - r / 2.0)
    return np.where(x > 1.0 - r, area - top * top / (2.0 * r), low) / area


@dataclass
class _Track:
    """The movement, segment after segment."""

    h: list[F64] = field(default_factory=list)
    v: list[F64] = field(default_factory=list)
    a: list[F64] = field(default_factory=list)
    floor: list[F64] = field(default_factory=list)  # the floor's share of the hips
    moving: list[F64] = field(default_factory=list)  # how much of the inertia the foot feels
    n: int = 0

    def add(self, h: F64, v: F64, a: F64, floor: F64, moving: F64) -> None:
        for column, part in zip(
            (self.h, self.v, self.a, self.floor, self.moving), (h, v, a, floor, moving), strict=True
        ):
            column.append(part[:-1])
        self.n += h.size - 1

    def still(self, h: float, floor: float, seconds: float) -> None:
        n = _samples(seconds) + 1
        zero = np.zeros(n)
        self.add(np.full(n, h), zero, zero, np.full(n, floor), zero)

    def air(self, low: float, path: F64, speed: F64) -> None:
        one = np.ones(path.size)
        self.add(low + path, speed, np.gradient(speed, _DT), 0.0 * one, one)

    def columns(self) -> tuple[F64, F64, F64, F64, F64]:
        h, v, a, floor, moving = (
            np.concatenate(c) for c in (self.h, self.v, self.a, self.floor, self.moving)
        )
        return h, v, a, floor, moving


# ---------------------------------------------------------------- habits and plans


@dataclass(frozen=True)
class _Tempo:
    up_s: float
    hold_s: float
    down_s: float
    gap_s: float
    push_s: float
    land_s: float


@dataclass(frozen=True)
class _Habits(_Tempo):
    """How one person does one set."""

    ups: tuple[str, ...]
    downs: tuple[str, ...]
    pushes: tuple[str, ...]
    lands: tuple[str, ...]
    eager: float  # acceleration at lift-off, of the stroke's peak
    hard: float  # speed at touchdown, of the descent's mean
    fatigue: float
    spread: float


_UPS = ("min_jerk", "skewed", "trapezoid", "spring", "bang", "overshoot", "sticking")
_DOWNS = ("min_jerk", "even", "early", "late", "caught", "drop", "slam")
_PUSHES = ("smooth", "smoother", "ramp", "late", "tissue", "two_step")
_LANDS = ("smooth", "ramp", "early", "tissue", "smoother")
_ODD_UPS = ("sticking", "squeeze", "stutter", "overshoot", "bang", "skewed")
_ODD_DOWNS = ("halting", "stutter", "caught", "drop", "late", "slam")
_ODD_PUSHES = ("two_step", "late", "early", "ramp")


def _pick(rng: _Rng, pool: tuple[str, ...], most: int) -> tuple[str, ...]:
    count = int(rng.integers(1, most + 1))
    return tuple(str(x) for x in rng.choice(pool, size=count, replace=False))


def _habits(rng: _Rng, suite: str) -> _Habits:
    odd = suite == "unseen_shapes"
    usual = _Habits(
        up_s=_between(rng, 0.75, 1.6),
        hold_s=float(np.exp(_between(rng, np.log(0.25), np.log(1.8)))),
        down_s=_between(rng, 0.85, 2.7),
        gap_s=_between(rng, 0.5, 2.4),
        push_s=_between(rng, 0.18, 0.55),
        land_s=_between(rng, 0.15, 0.42),
        ups=_pick(rng, _ODD_UPS if odd else _UPS, 2),
        downs=_pick(rng, _ODD_DOWNS if odd else _DOWNS, 2),
        pushes=_pick(rng, _ODD_PUSHES if odd else _PUSHES, 2),
        lands=_pick(rng, _LANDS, 2),
        eager=_between(rng, 0.0, 0.6),
        hard=_between(rng, 0.05, 0.5),
        fatigue=_between(rng, 0.0, 0.45),
        spread=_between(rng, 0.04, 0.12),
    )
    return _of_tempo(rng, suite, usual)


def _of_tempo(rng: _Rng, suite: str, h: _Habits) -> _Habits:
    if suite == "explosive":
        ups = _pick(rng, ("min_jerk", "skewed", "bang", "overshoot", "trapezoid"), 2)
        return replace(h, up_s=0.58, push_s=_between(rng, 0.15, 0.3), ups=ups, eager=0.6, fatigue=0.15)
    if suite == "slow":
        downs = _pick(rng, ("min_jerk", "even", "early"), 2)
        ups = _pick(rng, ("min_jerk", "bang", "trapezoid", "sticking"), 2)
        return replace(
            h, up_s=2.9, hold_s=1.0, down_s=3.0, ups=ups, downs=downs, push_s=0.45, fatigue=0.1, spread=0.07
        )
    if suite == "loaded":
        return replace(h, up_s=max(h.up_s, 0.9))
    if suite in ("touch", "hover", "mixed"):
        downs = _pick(rng, ("min_jerk", "even", "early", "late", "caught"), 2)
        return replace(h, downs=downs, hard=min(h.hard, 0.3))
    return h


def _tempo_limits(suite: str) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    if suite == "explosive":
        return (0.5, 0.7), (0.2, 2.0), (0.8, 3.0)
    if suite == "slow":
        return (2.4, 3.6), (0.8, 1.2), (2.4, 3.6)
    return (0.7, 1.8), (0.2, 2.0), (0.8, 3.0)


@dataclass(frozen=True)
class _Plan(_Tempo):
    """One rep, decided."""

    style: str
    up: _Curve
    down: _Curve
    push: _Curve
    land: _Curve
    off: _Edge  # at lift-off
    on: _Edge  # at touchdown
    top: float
    low: float  # where the descent ends
    depth: float  # of the unloading after it
    dwell_s: float
    turn_rate: float  # acceleration in the low turn of a hover
    numb: float  # how quickly the foot stops feeling the hips' inertia in contact


def _styles(rng: _Rng, suite: str, n: int) -> list[str]:
    if suite in ("touch", "hover"):
        styles = [suite] * n
    elif suite == "mixed":
        styles = [str(x) for x in rng.choice(["dead_stop", "touch", "hover"], size=n)]
        styles[: min(3, n)] = [str(x) for x in rng.permutation(["touch", "hover", "dead_stop"])][: min(3, n)]
    elif suite in VARIANTS:
        much = 0.8 if rng.random() < 0.2 else (0.2 if rng.random() < 0.4 else 0.0)
        styles = ["touch" if rng.random() < much else "dead_stop" for _ in range(n)]
    else:
        styles = ["dead_stop"] * n
    styles[-1] = "dead_stop"
    return styles


def _plan(rng: _Rng, suite: str, body: _Body, habits: _Habits, style: str, tired: float) -> _Plan:
    ups, holds, downs = _tempo_limits(suite)

    def vary(x: float) -> float:
        return x * float(np.exp(rng.normal(0.0, habits.spread)))

    slow = 1.0 + habits.fatigue * tired**1.5
    up_kind = str(rng.choice(habits.ups))
    longer = 1.2 if up_kind in ("sticking", "squeeze", "stutter") and suite != "slow" else 1.0
    up_s = float(np.clip(vary(habits.up_s) * slow * longer, *ups))
    down_kind = str(rng.choice(habits.downs))
    down_s = float(np.clip(vary(habits.down_s), *downs))
    if down_kind in ("drop", "caught") and suite != "slow":
        down_s = float(np.clip(down_s, 0.8, 1.5))
    span = body.span
    top = body.build.h_top - span * abs(rng.normal(0.0, 0.012)) - 0.03 * span * tired * habits.fatigue
    push_s = float(np.clip(vary(habits.push_s) * (1.0 + 0.3 * tired), 0.15, 0.6))
    on, land_s = _landing(rng, habits, span / down_s, down_kind, style)
    return _Plan(
        style=style,
        up_s=up_s,
        hold_s=float(np.clip(vary(habits.hold_s), *holds)),
        down_s=down_s,
        gap_s=float(np.clip(vary(habits.gap_s) * (1.0 + 0.5 * tired * rng.random()), 0.4, 3.0)),
        push_s=push_s,
        land_s=land_s,
        up=_up_curve(rng, up_kind, up_s),
        down=_down_curve(rng, down_kind),
        push=_transfer(rng, str(rng.choice(habits.pushes))),
        land=_transfer(rng, str(rng.choice(habits.lands))),
        off=_lift_off(rng, habits, span, up_s, push_s),
        on=on,
        top=top,
        low=body.build.h_floor + (span * _between(rng, 0.05, 0.28) if style == "hover" else 0.0),
        depth=_between(rng, 0.28, 0.7) if style == "touch" else 1.0,
        dwell_s=_between(rng, 0.0, 0.4) if rng.random() < 0.6 else 0.0,
        turn_rate=_between(rng, 0.5, 3.0) * span / up_s**2 if rng.random() < 0.6 else 0.0,
        numb=_between(rng, 1.2, 3.0),
    )


def _lift_off(rng: _Rng, habits: _Habits, span: float, up_s: float, push_s: float) -> _Edge:
    rate = min(habits.eager * 5.8 * span / up_s**2, 4.5)
    speed = rate * push_s * _between(rng, 0.22, 0.36)
    fits = min(1.0, 0.25 * span / (0.4 * _SIGMA * up_s * max(speed, 1e-6)))
    return _Edge(speed * fits, rate * fits)


def _landing(rng: _Rng, habits: _Habits, mean: float, kind: str, style: str) -> tuple[_Edge, float]:
    """Speed at touchdown, and the time from there to rest."""
    land_s = float(np.clip(habits.land_s * np.exp(rng.normal(0.0, 0.15)), 0.12, 0.5))
    if style == "hover":
        return _Edge(), land_s
    if kind == "drop":
        speed = min(mean * _between(rng, 1.1, 1.7), 1.0)
        return _Edge(speed, speed * _between(rng, 0.0, 1.0)), float(np.clip(0.11 / speed, 0.12, land_s))
    speed = min(mean * habits.hard * _between(rng, 0.6, 1.3), 0.3)
    return _Edge(speed, -speed * _between(rng, 0.0, 1.5)), land_s


# ---------------------------------------------------------------- the set as a movement


@dataclass
class _Marks:
    """The moments of one rep, in samples; the last two are where the motion itself stops and starts."""

    style: str
    push: int | None = None
    off: int = 0
    top: int = 0
    leave: int = 0
    on: int = 0
    rest: int | None = None
    stops: int = 0
    starts: int = 0


def _wobbly_hold(rng: _Rng, track: _Track, top: float, span: float, seconds: float) -> None:
    n = _samples(seconds) + 1
    t = np.arange(n) * _DT
    window = _smoother(t / 0.25) * _smoother((t[-1] - t) / 0.25)
    sway = span * _between(rng, 0.0005, 0.003) * window
    path = sway * np.sin(2.0 * np.pi * (_between(rng, 0.5, 1.8) * t + rng.random()))
    speed = np.gradient(path, _DT)
    track.add(top + path, speed, np.gradient(speed, _DT), np.zeros(n), np.ones(n))


def _contact_down(track: _Track, p: _Plan, h: float) -> None:
    n = _samples(p.land_s)
    x = np.linspace(0.0, 1.0, n + 1)
    speed = _fade(x, p.on.speed, p.on.rate * p.land_s)
    share = p.land(x)
    felt = (1.0 - share) ** p.numb
    track.add(np.full(n + 1, h), -speed, -np.gradient(speed, _DT), p.depth * share, felt)


def _contact_up(track: _Track, p: _Plan, h: float, depth: float) -> None:
    n = _samples(p.push_s)
    x = np.linspace(0.0, 1.0, n + 1)
    speed = _fade(1.0 - x, p.off.speed, -p.off.rate * p.push_s)
    share = 1.0 - p.push(x)
    felt = (1.0 - share) ** p.numb
    track.add(np.full(n + 1, h), speed, np.gradient(speed, _DT), depth * share, felt)


def _ascend(
    track: _Track, body: _Body, p: _Plan, mark: _Marks, low: float, start: _Edge, hover: bool
) -> None:
    length = p.top - low
    speed = _bearable(body, p.up, (low, length), p.up_s, (start, _Edge()), (hover, True))
    path = _path(speed)
    first, last = _trimmed(path, hover, True)
    mark.off, mark.top = track.n + first, track.n + last
    track.air(low, path, speed)
    mark.stops = track.n


def _descent(body: _Body, p: _Plan) -> F64:
    """Give the speed of the way down."""
    hover = p.style == "hover"
    end = _Edge(0.0, -p.turn_rate) if hover else p.on
    return _bearable(body, p.down, (p.top, p.low - p.top), p.down_s, (_Edge(), end), (True, hover))


def _descend(track: _Track, p: _Plan, mark: _Marks, speed: F64) -> None:
    path = _path(speed)
    first, last = _trimmed(path, True, p.style == "hover")
    mark.starts = track.n
    mark.leave, mark.on = track.n + first, track.n + last
    track.air(p.top, -path, -speed)


def _rep(rng: _Rng, track: _Track, body: _Body, before: _Plan | None, p: _Plan) -> _Marks:
    mark = _Marks(p.style)
    floor = body.build.h_floor
    hover = before is not None and before.style == "hover"
    if before is not None and hover:
        low, start = before.low, _Edge(0.0, before.turn_rate)
    else:
        mark.push = track.n
        _contact_up(track, p, floor, before.depth if before is not None else 1.0)
        low, start = floor, p.off
    _ascend(track, body, p, mark, low, start, hover)
    down = _descent(body, p)
    tails = mark.stops - mark.top + _trimmed(_path(down), True, False)[0]
    _wobbly_hold(rng, track, p.top, body.span, max(p.hold_s - tails * _DT, 0.03))
    _descend(track, p, mark, down)
    if p.style != "hover":
        _contact_down(track, p, floor)
        mark.rest = track.n
    elif p.turn_rate == 0.0:
        track.still(p.low, 0.0, 0.5 * p.dwell_s + 0.01)
    return mark


# ---------------------------------------------------------------- what else happens on the plate


@dataclass
class _Scene:
    """Everything on the plate that is not the lift itself, sample by sample."""

    body: _Body
    n: int

    def __post_init__(self) -> None:
        self.gain = np.ones(self.n)  # of the foot's resting force
        self.push = np.zeros(self.n)  # N more through the foot
        self.extra = np.zeros((self.n, 2))  # N on heel and toe half, from something else
        self.share_pull = np.zeros(self.n)
        self.share_goal = np.full(self.n, 0.5)
        self.share_shift = np.zeros(self.n)
        self.names: list[str] = []

    def window(self, start: int, seconds: float) -> tuple[slice, F64]:
        stop = min(self.n, start + _samples(seconds))
        return slice(start, stop), np.arange(stop - start) * _DT

    def lean(self, where: slice, pull: F64, goal: float) -> None:
        self.share_pull[where] = np.maximum(self.share_pull[where], pull)
        self.share_goal[where] = goal


def _plateau(t: F64, seconds: float, rise: float, fall: float) -> F64:
    return _smooth(t / rise) * _smooth((seconds - t) / fall)


def _pulse(t: F64, at: float, width: float) -> F64:
    x = (t - at) / width
    return np.where((x > 0) & (x < 1), np.sin(np.pi * np.clip(x, 0, 1)) ** 2, 0.0)


def _lift_part(body: _Body, part: float) -> float:
    """N above rest that bring the foot to `part` of its lifting force, at the least."""
    floor, lift = body.build.rest_n, float(np.min(body.static))
    return max(part * lift - 1.1 * floor, 6.0)


def _reposition(rng: _Rng, scene: _Scene, start: int, seconds: float) -> None:
    where, t = scene.window(start, seconds)
    low = 0.0 if rng.random() < 0.7 else _between(rng, 0.1, 0.4)
    rise, fall = _between(rng, 0.15, 0.4), _between(rng, 0.12, 0.35)
    scene.gain[where] *= 1.0 - (1.0 - low) * _plateau(t, seconds - 0.15, rise, fall)
    bump = _between(rng, 0.2, 0.8) * scene.body.build.rest_n
    scene.push[where] += bump * _pulse(t, seconds - 0.15 - 0.5 * fall, _between(rng, 0.08, 0.16))
    scene.share_shift[where.stop :] += rng.normal(0.0, 0.05)


def _bench_bump(rng: _Rng, scene: _Scene, start: int, seconds: float) -> None:
    where, t = scene.window(start, seconds)
    size, hz = 45.0 * _between(rng, 0.6, 1.1), 9.0 * _between(rng, 0.85, 1.15)
    ring = np.exp(-t / _between(rng, 0.12, 0.3)) * np.sin(2.0 * np.pi * hz * t)
    scene.push[where] += size * ring * _smooth((seconds - t) / 0.2)


def _short_push(rng: _Rng, scene: _Scene, start: int, seconds: float, part: float) -> None:
    where, t = scene.window(start, seconds)
    size = _lift_part(scene.body, part * _between(rng, 0.75, 1.0))
    shape = _plateau(t, seconds, min(_between(rng, 0.15, 0.6), 0.45 * seconds), _between(rng, 0.15, 0.5))
    ripple = 1.0 + 0.04 * _noise(rng, t.size, 0.5, 8.0)
    scene.push[where] += size * np.minimum(shape * ripple, 1.0)


def _aborted_push(rng: _Rng, scene: _Scene, start: int, seconds: float) -> None:
    _short_push(rng, scene, start, seconds, 0.6)


def _failed_push(rng: _Rng, scene: _Scene, start: int, seconds: float) -> None:
    _short_push(rng, scene, start, seconds, 0.7)


def _brace(rng: _Rng, scene: _Scene, start: int, seconds: float) -> None:
    where, t = scene.window(start, seconds)
    size = min(_between(rng, 15.0, 60.0), _lift_part(scene.body, 0.6))
    slow = _plateau(t, seconds, 0.35 * seconds, 0.3 * seconds)
    scene.push[where] += size * slow * (1.0 + 0.12 * _noise(rng, t.size, 0.3, 6.0))


def _fidget(rng: _Rng, scene: _Scene, start: int, seconds: float) -> None:
    where, t = scene.window(start, seconds)
    edge = _plateau(t, seconds, 0.3, 0.3)
    rest = scene.body.build.rest_n
    size = min(_between(rng, 8.0, 22.0), 0.28 * rest)
    moves = size * np.clip(_noise(rng, t.size, 0.3, 4.0), -2.2, 2.2)
    for _ in range(int(rng.integers(0, 4))):
        most = min(_between(rng, 20.0, 60.0), _lift_part(scene.body, 0.55))
        moves = moves + most * _pulse(
            t, _between(rng, 0.1, max(0.15, seconds - 0.6)), _between(rng, 0.12, 0.5)
        )
    scene.push[where] += edge * np.clip(moves, -0.75 * rest, _lift_part(scene.body, 0.62))
    scene.share_shift[where] += edge * 0.05 * _noise(rng, t.size, 0.2, 2.0)


def _heel_lift(rng: _Rng, scene: _Scene, start: int, seconds: float) -> None:
    where, t = scene.window(start, seconds)
    up = _plateau(t, seconds, _between(rng, 0.1, 0.25), _between(rng, 0.08, 0.2))
    scene.lean(where, up, _between(rng, 0.01, 0.04))
    scene.gain[where] *= 1.0 - _between(rng, 0.0, 0.25) * up


def _object(rng: _Rng, scene: _Scene, start: int, seconds: float) -> None:
    _put(rng, scene, start, seconds, _between(rng, 0.1, 0.4))


def _put(rng: _Rng, scene: _Scene, start: int, seconds: float, lifted: float) -> None:
    where, t = scene.window(start, seconds)
    weight = _G * float(rng.choice([0.7, 1.2, 2.5, 5.0, 10.0, 15.0])) * _between(rng, 0.9, 1.1)
    force = weight * _plateau(t, seconds, _between(rng, 0.04, 0.2), lifted)
    force = force + 0.6 * weight * _pulse(t, 0.02, 0.12)
    heel = _between(rng, 0.05, 0.95)
    scene.extra[where, 0] += heel * force
    scene.extra[where, 1] += (1.0 - heel) * force


def _stance(rng: _Rng, scene: _Scene, where: slice, force: F64) -> None:
    """Put a standing person's force on both halves, swaying."""
    n = force.size
    heel = np.clip(_between(rng, 0.45, 0.65) + 0.06 * _noise(rng, n, 0.1, 1.2), 0.05, 0.95)
    scene.extra[where, 0] += heel * force
    scene.extra[where, 1] += (1.0 - heel) * force


def _stand(rng: _Rng, scene: _Scene, start: int, seconds: float) -> None:
    """Get up over the foot on the plate, stand (or step off and back on), sit down again."""
    where, t = scene.window(start, seconds)
    weight = scene.body.build.mass * _G * _between(rng, 0.72, 1.0)
    rise, fall = _between(rng, 0.8, 1.5), _between(rng, 0.8, 1.6)
    up = _plateau(t, seconds, rise, fall)
    force = weight * up * (1.0 + 0.015 * _noise(rng, t.size, 0.2, 3.0))
    force = force + 0.14 * weight * (_pulse(t, 0.55 * rise, 0.45) - _pulse(t, 0.95 * rise, 0.4))
    force = force + 0.10 * weight * _pulse(t, seconds - 0.9 * fall, 0.4)
    if seconds > 6.0 and rng.random() < 0.6:
        force = force * (1.0 - _plateau(t - 0.35 * seconds, 0.3 * seconds, 0.25, 0.25))
    scene.gain[where] *= 1.0 - _plateau(t, seconds, 0.5 * rise, 0.5 * fall)
    _stance(rng, scene, where, np.maximum(force, 0.0))


def _walk(rng: _Rng, scene: _Scene, start: int, seconds: float) -> None:
    """Walk over the plate: one to three steps, each with two humps and rolling from heel to toe."""
    weight = scene.body.build.mass * _G
    begin = 0.1
    while begin + 0.8 < seconds:
        where, t = scene.window(start + _samples(begin), _between(rng, 0.55, 0.8))
        if t.size < 300:
            break
        x = t / (t[-1] + _DT)
        hump = np.sin(np.pi * x) ** 0.9 + 0.32 * np.sin(3.0 * np.pi * x)
        step = (
            weight
            * _between(rng, 0.45, 1.0)
            * np.maximum(hump, 0.0)
            * _smooth(x / 0.08)
            * _smooth((1 - x) / 0.08)
        )
        heel = 1.0 - _smooth((x - 0.1) / 0.8)
        scene.extra[where, 0] += heel * step
        scene.extra[where, 1] += (1.0 - heel) * step
        begin += _between(rng, 0.9, 1.6)


_Event = Callable[[_Rng, _Scene, int, float], None]
_Span = tuple[float, float]
_EVENTS: dict[str, tuple[_Event, _Span, _Span | None]] = {  # seconds; where nobody lifts, if otherwise
    "reposition": (_reposition, (0.9, 2.5), (0.9, 3.0)),
    "bench_bump": (_bench_bump, (0.8, 1.2), None),
    "aborted_push": (_aborted_push, (0.6, 2.2), None),
    "failed_push": (_failed_push, (0.6, 3.0), None),
    "brace": (_brace, (2.0, 6.0), None),
    "stand": (_stand, (4.0, 9.0), (4.0, 14.0)),
    "fidget": (_fidget, (1.5, 5.0), (3.0, 10.0)),
    "heel_lift": (_heel_lift, (0.6, 1.6), (0.6, 2.5)),
    "object": (_object, (1.5, 5.0), (3.0, 12.0)),
    "walk": (_walk, (1.5, 4.0), None),
}
_BETWEEN_REPS = ("reposition", "bench_bump", "aborted_push", "stand", "fidget", "heel_lift", "object")
_IDLE = ("fidget", "failed_push", "brace", "stand", "reposition", "bench_bump", "heel_lift", "object")


def _foot_on(rng: _Rng, scene: _Scene, at: int) -> None:
    t = (np.arange(scene.n) - at) * _DT
    rise = _between(rng, 0.15, 0.5)
    scene.gain *= _smooth(t / rise)
    bump = _between(rng, 0.1, 0.7) * scene.body.build.rest_n
    scene.push += bump * _pulse(t, 0.4 * rise, _between(rng, 0.1, 0.2))


def _foot_off(rng: _Rng, scene: _Scene, at: int) -> None:
    t = (np.arange(scene.n) - at) * _DT
    scene.gain *= 1.0 - _smooth(t / _between(rng, 0.15, 0.5))


# ---------------------------------------------------------------- from movement to the four halves' forces


@dataclass(frozen=True)
class _Wear:
    """Nuisances of body and plate, drawn once per set."""

    wander: float
    brace: float
    adc: float
    hum: float
    spikes: float
    lost: float
    bursts: int
    burst: tuple[int, int]
    creep: float
    drift: float
    gain: float


def _wear(rng: _Rng, harsh: bool) -> _Wear:
    if harsh:
        return _Wear(
            wander=_between(rng, 0.022, 0.025),
            brace=_between(rng, 14.0, 18.0),
            adc=_between(rng, 0.25, 0.4),
            hum=_between(rng, 0.6, 2.0),
            spikes=_between(rng, 0.02, 0.05),
            lost=_between(rng, 0.004, 0.005),
            bursts=int(rng.integers(2, 6)),
            burst=(10, 25),
            creep=_between(rng, 0.0025, 0.003),
            drift=1.5,
            gain=0.015,
        )
    return _Wear(
        wander=_between(rng, 0.012, 0.02),
        brace=_between(rng, 6.0, 11.0),
        adc=float(np.exp(_between(rng, np.log(0.01), np.log(0.15)))),
        hum=_between(rng, 0.02, 0.4),
        spikes=float(rng.choice([0.0, 0.0005, 0.002, 0.01])),
        lost=_between(rng, 0.001, 0.003),
        bursts=int(rng.integers(0, 3)),
        burst=(4, 12),
        creep=_between(rng, 0.001, 0.002),
        drift=_between(rng, 0.3, 0.8),
        gain=0.007,
    )


@dataclass(frozen=True)
class _Foot:
    """How the foot of this person spreads its force."""

    lift_share: float
    rest_share: float
    with_height: float
    over_set: float
    heel_left: float
    toe_left: float


def _foot(rng: _Rng) -> _Foot:
    share = _between(rng, 0.36, 0.86)
    return _Foot(
        lift_share=share,
        rest_share=float(np.clip(share + rng.normal(0.0, 0.12), 0.25, 0.85)),
        with_height=float(rng.normal(0.0, 0.06)),
        over_set=float(rng.normal(0.0, 0.05)),
        heel_left=_between(rng, 0.36, 0.64),
        toe_left=_between(rng, 0.33, 0.67),
    )


def _rest_level(rng: _Rng, body: _Body, floor: F64) -> F64:
    """Give the resting leg's force: a new level after each rep, a relaxation after each landing."""
    n = floor.size
    knots = np.flatnonzero(np.diff((floor > 0.5).astype(np.int8)) != 0)
    at = np.concatenate([[0], knots, [n]])
    levels = body.build.rest_n * np.clip(rng.normal(1.0, 0.07, size=at.size), 0.8, 1.25)
    base = _gaussian_blur_coarse(np.interp(np.arange(n), at, levels))
    eager = _between(rng, 0.0, 0.15) * body.build.rest_n
    decay = np.zeros(n)
    for k in np.flatnonzero((floor[1:] >= 1.0) & (floor[:-1] < 1.0)) + 1:
        t = np.arange(n - k) * _DT
        decay[k:] += eager * _smooth(t / 0.25) * np.exp(-t / 0.8)
    return base + decay


def _gaussian_blur_coarse(x: F64) -> F64:
    """Blur over a quarter of a second, at 50 Hz for speed."""
    step = 20
    half = 25
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) * step * _DT / 0.25) ** 2)
    few = np.convolve(np.pad(x[::step], half, mode="edge"), kernel / kernel.sum(), mode="valid")
    return np.interp(np.arange(x.size), np.arange(few.size) * step, few)


def _bracing(rng: _Rng, wear: _Wear, rest: F64, mass: float) -> F64:
    """Uneasy rest: noise that comes and goes, never enough to lift the foot."""
    n = rest.size
    busy = np.clip(1.0 + 0.5 * _noise(rng, n, 0.05, 0.3), 0.3, 1.8)
    raw = wear.brace * np.sqrt(mass / 80.0) * busy * _noise(rng, n, 0.3, 3.5, 0.8)
    cap = 0.65 * rest
    return cap * np.tanh(raw / cap)


def _held_below(x: F64, top: float) -> F64:
    """Bend what would pass `top` so that it stays below: resting and pushing feet do not lift."""
    knee = 0.88 * top
    return np.where(x > knee, knee + (top - knee) * np.tanh((x - knee) / (top - knee)), x)


def _rings(rng: _Rng, n: int, marks: list[_Marks], plans: list[_Plan]) -> F64:
    """After a hard landing the leg shakes."""
    out = np.zeros(n)
    for mark, plan in zip(marks, plans, strict=True):
        if plan.style != "dead_stop" or plan.on.speed < 0.15:
            continue
        t = np.arange(min(700, n - mark.on)) * _DT
        size = _between(rng, 10.0, 35.0) * plan.on.speed
        wave = size * np.exp(-t / 0.12) * np.sin(2.0 * np.pi * _between(rng, 6.0, 11.0) * t)
        out[mark.on : mark.on + t.size] += wave
    return out


def _clean_force(body: _Body, track: _Track, rest: F64) -> tuple[F64, F64]:
    """Give the foot's force without wander: all of it, and the part that wanders."""
    h, v, a, floor, moving = track.columns()
    still, inertial = body.force(h, v, a)
    lifting = (1.0 - floor) * still
    total = lifting + floor * rest + moving * inertial
    return _gaussian_blur(total, 0.007), lifting


def _halves(
    rng: _Rng, body: _Body, track: _Track, scene: _Scene, wear: _Wear, rings: F64
) -> tuple[F64, F64, F64]:
    """Force over time: the foot's own, and on heel and toe half, shape (n, 2)."""
    h, _, _, floor, _ = track.columns()
    n = h.size
    foot = _foot(rng)
    rest = _rest_level(rng, body, floor)
    total, lifting = _clean_force(body, track, rest)
    tired = np.linspace(0.8, 1.2, n)
    slow = _noise(rng, n, 0.1, 1.2)
    height = np.clip((h - body.build.h_floor) / body.span, 0.0, 1.0) - 0.5
    share = floor * foot.rest_share + (1.0 - floor) * (foot.lift_share + foot.with_height * height)
    share = share + foot.over_set * (np.arange(n) / n - 0.3) + 0.012 * slow + scene.share_shift
    share = (1.0 - scene.share_pull) * np.clip(share, 0.04, 0.96) + scene.share_pull * scene.share_goal
    rolled = 1.0 + 0.1 * (0.012 * slow + scene.share_shift) * (1.0 - floor)
    wander = wear.wander * tired * lifting * _noise(rng, n, 0.3, 8.0)
    bracing = floor * _bracing(rng, wear, rest, body.build.mass)
    own = np.maximum(scene.gain * (total * rolled + wander + bracing + floor * rings) + scene.push, 0.0)
    own = own * np.minimum(scene.gain * 4.0, 1.0)
    own = np.where(floor >= 1.0, _held_below(own, 0.7 * float(np.min(body.static))), own)
    return own, share, np.stack([own * share, own * (1.0 - share)], axis=1) + scene.extra


def _cells(rng: _Rng, halves: F64) -> F64:
    """Split each half into left and right; the foot wobbles a little."""
    foot = _foot(rng)
    n = halves.shape[0]
    wobble = _between(rng, 0.01, 0.03)
    heel = np.clip(foot.heel_left + wobble * _noise(rng, n, 0.2, 2.5), 0.05, 0.95)
    toe = np.clip(foot.toe_left + wobble * _noise(rng, n, 0.2, 2.5), 0.05, 0.95)
    parts = [halves[:, 0] * heel, halves[:, 0] * (1 - heel), halves[:, 1] * toe, halves[:, 1] * (1 - toe)]
    return np.stack(parts, axis=1)


# ---------------------------------------------------------------- the converters


def _creep(force: F64, part: float) -> F64:
    """First-order creep with a time constant of 150 s, on a 20 ms grid."""
    step = 20
    few = force[::step]
    keep = float(np.exp(-step * _DT / 150.0))
    state = np.zeros(few.size)
    level = 0.0
    for i, f in enumerate(few.tolist()):
        level = keep * level + (1.0 - keep) * f
        state[i] = level
    return part * np.interp(np.arange(force.size), np.arange(few.size) * step, state)


def _stamps(rng: _Rng, seconds: float, rate: float) -> F64:
    period = 1.0 / rate
    count = int((seconds - 0.07) * rate)
    t = 0.06 + (rng.random() + np.arange(count)) * period
    t = t * (1.0 + 3e-4 * np.sin(2.0 * np.pi * (t / 90.0 + rng.random())))
    t = t + np.abs(rng.normal(0.0, 1.5e-4, size=count))
    return t[t < seconds - _DT]


def _read(rng: _Rng, force: F64, wear: _Wear, mains: float) -> tuple[F64, F64]:
    """One cell through its own converter: stamps and newtons."""
    rate = _between(rng, 70.0, 94.0)
    t = _stamps(rng, force.size * _DT, rate)
    bent = force + _creep(force, wear.creep * _between(rng, 0.8, 1.0) * (1 if rng.random() < 0.8 else -1))
    ramp = np.concatenate([[0.0], np.cumsum(bent) * _DT])
    grid = np.arange(ramp.size) * _DT
    span = 4.0 / rate
    value = (np.interp(t, grid, ramp) - np.interp(t - span, grid, ramp)) / span
    value *= 1.0 + float(rng.choice([-1.0, 1.0])) * wear.gain * _between(rng, 0.5, 1.0)
    value += float(rng.choice([-1.0, 1.0])) * wear.drift * _between(rng, 0.6, 1.0) * t / 60.0
    value += wear.hum * _between(rng, 0.3, 1.0) * np.sin(2.0 * np.pi * (mains * t + rng.random()))
    value += rng.normal(0.0, wear.adc, size=t.size)
    return t, _corrupted(rng, value, wear.spikes)


def _corrupted(rng: _Rng, value: F64, part: float) -> F64:
    """Replace some words by 2^k − 1, in newtons of this cell's scale and tare."""
    scale, tare = _between(rng, 1500.0, 4500.0), _between(rng, -4e5, 4e5)
    hit = np.flatnonzero(rng.random(value.size) < part)
    word = 2.0 ** rng.integers(15, 25, size=hit.size) - 1.0
    if rng.random() < 0.5:  # a driver that knows of the sign reads the last of them as −1
        word = np.where(word >= 2.0**23, word - 2.0**24, word)
    out = value.copy()
    out[hit] = (word - tare) / scale
    return out


def _kept(rng: _Rng, t: F64, stalls: F64, wear: _Wear) -> NDArray[np.bool_]:
    """Mark the conversions that were not lost, singly or in a stall."""
    keep = rng.random(t.size) >= wear.lost
    for at in stalls:
        first = int(np.searchsorted(t, at))
        keep[first : first + int(rng.integers(*wear.burst))] = False
    return keep


def _record(rng: _Rng, cells: F64, wear: _Wear) -> tuple[F64, I64, F64]:
    mains = float(rng.choice([50.0, 60.0])) + float(rng.normal(0.0, 0.02))
    seconds = cells.shape[0] * _DT
    stalls = rng.uniform(1.0, seconds - 1.0, size=wear.bursts)
    alike = rng.random() < 0.5
    times, which, values = [], [], []
    for cell in range(4):
        t, value = _read(rng, np.ascontiguousarray(cells[:, cell]), wear, mains)
        own = stalls if alike else rng.uniform(1.0, seconds - 1.0, size=int(rng.integers(0, wear.bursts + 1)))
        keep = _kept(rng, t, own, wear)
        times.append(t[keep])
        values.append(value[keep])
        which.append(np.full(int(keep.sum()), cell, dtype=np.int64))
    t_s = np.concatenate(times)
    order = np.argsort(t_s, kind="stable")
    return t_s[order], np.concatenate(which)[order], np.concatenate(values)[order]


# ---------------------------------------------------------------- sets


@dataclass
class _Set:
    """A set under way: its movement, its truths, and the events that wait for their scene."""

    track: _Track = field(default_factory=_Track)
    marks: list[_Marks] = field(default_factory=list)
    plans: list[_Plan] = field(default_factory=list)
    events: list[tuple[str, int, float]] = field(default_factory=list)
    foot_on: int | None = None
    foot_off: int | None = None


def _before(rng: _Rng, s: _Set, h: float) -> None:
    if rng.random() < 0.7:
        empty = _between(rng, 0.6, 2.5)
        s.foot_on = _samples(empty)
        s.track.still(h, 1.0, empty + 0.6)
    s.track.still(h, 1.0, _between(rng, 2.0, 6.0))


def _after(rng: _Rng, s: _Set, h: float) -> None:
    s.track.still(h, 1.0, _between(rng, 3.1, 6.0))
    if rng.random() < 0.6:
        s.foot_off = s.track.n
        s.track.still(h, 1.0, _between(rng, 1.0, 3.0))


def _event_names(rng: _Rng, suite: str) -> tuple[str, ...]:
    """Say what comes between two reps; mostly nothing outside the suite of events."""
    if suite == "events" and rng.random() < 0.65:
        return (str(rng.choice(_BETWEEN_REPS)),)
    if suite == "dead_stop_harsh" and rng.random() < 0.15:
        return (str(rng.choice(["bench_bump", "fidget", "aborted_push"])),)
    return ()


def _gap(rng: _Rng, suite: str, s: _Set, h: float, usual: float) -> None:
    """Rest on the floor between two reps, longer if something happens in it."""
    names = _event_names(rng, suite)
    if not names:
        s.track.still(h, 1.0, usual)
        return
    s.track.still(h, 1.0, _between(rng, 0.5, 1.2))
    for name in names:
        seconds = _between(rng, *_EVENTS[name][1])
        s.events.append((name, s.track.n, seconds))
        s.track.still(h, 1.0, seconds)
    s.track.still(h, 1.0, _between(rng, 0.7, 1.8))


def _perform(rng: _Rng, suite: str, body: _Body) -> _Set:
    s = _Set()
    h = body.build.h_floor
    habits = _habits(rng, suite)
    styles = _styles(rng, suite, int(rng.integers(4, 11)))
    _before(rng, s, h)
    for k, style in enumerate(styles):
        plan = _plan(rng, suite, body, habits, style, k / max(1, len(styles) - 1))
        last = s.plans[-1] if s.plans else None
        if last is not None and last.style == "touch" and last.dwell_s > 0:
            s.track.still(h, last.depth, last.dwell_s)
        if last is not None and last.style == "dead_stop":
            _gap(rng, suite, s, h, last.gap_s)
        s.marks.append(_rep(rng, s.track, body, last, plan))
        s.plans.append(plan)
    _after(rng, s, h)
    return s


def _stage(rng: _Rng, suite: str, body: _Body, s: _Set) -> _Scene:
    scene = _Scene(body, s.track.n)
    if s.foot_on is not None:
        _foot_on(rng, scene, s.foot_on)
    if s.foot_off is not None:
        _foot_off(rng, scene, s.foot_off)
    for name, start, seconds in s.events:
        _EVENTS[name][0](rng, scene, start, seconds)
        scene.names.append(name)
    if suite == "events" and rng.random() < 0.4:
        mark = s.marks[int(rng.integers(0, len(s.marks)))]
        room = (mark.on - mark.off) * _DT - 0.3
        where, t = scene.window(mark.off + 150, min(room, _between(rng, 0.5, 1.2)))
        scene.lean(where, _plateau(t, t[-1] + _DT, 0.12, 0.12), _between(rng, 0.01, 0.04))
        scene.names.append("heel_lift_in_rep")
    return scene


def _seconds(sample: int | None) -> float | None:
    return None if sample is None else round(sample * _DT, 4)


def _truth(mark: _Marks, own: F64, share: F64) -> TrueRep:
    part = slice(mark.off, mark.leave)
    heel = float(np.sum(own[part] * share[part]) / np.sum(own[part]))
    return TrueRep(
        style=mark.style,
        push_start_s=_seconds(mark.push),
        lift_off_s=round(mark.off * _DT, 4),
        lockout_start_s=round(mark.top * _DT, 4),
        lockout_end_s=round(mark.leave * _DT, 4),
        touchdown_s=round(mark.on * _DT, 4),
        rest_s=_seconds(mark.rest),
        heel_share=heel,
    )


def _lifting_set(rng: _Rng, suite: str) -> Recorded:
    body = _body(rng, suite)
    s = _perform(rng, suite, body)
    wear = _wear(rng, suite == "dead_stop_harsh")
    scene = _stage(rng, suite, body, s)
    rings = _rings(rng, s.track.n, s.marks, s.plans)
    own, share, halves = _halves(rng, body, s.track, scene, wear, rings)
    t_s, cell, force = _record(rng, _cells(rng, halves), wear)
    notes: dict[str, object] = {
        "body_kg": round(body.build.mass, 1),
        "load_kg": round(body.build.load, 1),
        "events": tuple(scene.names),
        "still_s": tuple((_seconds(m.stops), _seconds(m.starts)) for m in s.marks),
    }
    reps = tuple(_truth(m, own, share) for m in s.marks)
    return Recorded(t_s, cell, force, reps, _ADC_DELAY_S, notes)


def _idle_scene(rng: _Rng, body: _Body, n: int) -> _Scene:
    """Half a minute and more in which nobody lifts: a foot at rest, or an empty plate with passers-by."""
    scene = _Scene(body, n)
    empty = rng.random() < 0.25
    if empty:
        scene.gain[:] = 0.0
    elif rng.random() < 0.6:
        _foot_on(rng, scene, _samples(_between(rng, 0.6, 3.0)))
    if not empty and rng.random() < 0.4:
        _foot_off(rng, scene, n - _samples(_between(rng, 1.5, 4.0)))
    names = (
        ["walk", "object", "stand"] if empty else [str(x) for x in rng.choice(_IDLE, size=3, replace=False)]
    )
    at = _samples(4.2)
    while True:
        name = str(rng.choice(names))
        event, usual, idle = _EVENTS[name]
        seconds = _between(rng, *(idle or usual))
        if at + _samples(seconds + 4.6) > n:
            break
        event(rng, scene, at, seconds)
        scene.names.append(name)
        at += _samples(seconds + _between(rng, 0.5, 3.5))
    if rng.random() < 0.25:
        _put(rng, scene, at, 1e3, 0.1)
        scene.names.append("object_left")
    return scene


def _nothing(rng: _Rng) -> Recorded:
    body = _body(rng, "nothing")
    track = _Track()
    track.still(body.build.h_floor, 1.0, _between(rng, 30.0, 60.0))
    wear = _wear(rng, rng.random() < 0.25)
    scene = _idle_scene(rng, body, track.n)
    _, _, halves = _halves(rng, body, track, scene, wear, np.zeros(track.n))
    t_s, cell, force = _record(rng, _cells(rng, halves), wear)
    notes: dict[str, object] = {"body_kg": round(body.build.mass, 1), "events": tuple(scene.names)}
    return Recorded(t_s, cell, force, (), _ADC_DELAY_S, notes)


def make(suite: str, seed: int) -> Recorded | None:
    """Record a set of this suite, always the same for a seed; None for a suite this world has not."""
    if suite not in SUITES + VARIANTS:
        return None
    digest = hashlib.sha256(f"unseen2/{suite}/{seed}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    return _nothing(rng) if suite == "nothing" else _lifting_set(rng, suite)
