"""Quay: the gym as it is. Beginners, seniors, a patient, powerlifters, a teenager, and how they rest.

What is simulated. Each session has one of the people of CAST: a habit of lifting and a habit of resting.
A lift is drawn as a *speed sketch* of the hips (knots of relative speed over relative time, joined by a
monotone cubic), scaled to the range in metres; the load transfer to the foot before lift-off and back after
touchdown is a sketch of its own. The force of the foot follows from both:

    foot = rest (1 - carry) + level(height) carry + effective mass * hip acceleration

`carry` is 0 with the hips on the floor and 1 with the hips in the air. When the hips hit the floor it is the
floor that brakes them: what inertia the foot felt then fades as fast as muscles relax. What happens at rest
(tapping, standing up, a disc laid down, a dog, ...) changes the resting foot or adds force to single cells.

Where the truth is taken. From the script, before wander, tremor, noise and sampling:
    push_start     `carry` last rises through 2 % before lift-off
    lift_off       the script's end of the transfer: the floor under the hips carries nothing any more;
                   after a hover turn the hips' speed rises through 5 % of the ascent's peak
    lockout_start  hip speed last above 5 % of the ascent's peak speed
    lockout_end    hip speed first above 5 % of the descent's peak speed (squeezes and sagging are hold)
    touchdown      the hips reach the floor; in hover the descent's speed falls below 5 % of its peak
    rest           `carry` last above 2 %; in touch its minimum; none in hover
    heel_share     from the foot's true forces (with wander; without things on the plate and its errors)
A set's last rep always ends on the floor, so it is a dead_stop whatever the set's style.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from benchmarks.worlds.recorded import F64, I64, Recorded, TrueRep

Range = tuple[float, float]
Sketch = tuple[tuple[float, float], ...]

DT = 0.002  # s, the script's own grid
LONGEST_S = 128.0
SHORTEST_S = 31.0
BUDGET_S = 108.0  # no more distractions that would carry the set past this
ADC_DELAY_S = 0.025
ADC_WINDOW_S = 0.030
GRAVITY = 9.81
EDGE = 0.05  # of peak speed: begin and end of lockout and low turn
TRANSFER = 0.02  # of the load transfer: its begin and end
HEEL_LEFT, HEEL_RIGHT, TOE_LEFT, TOE_RIGHT = range(4)

# ---------------------------------------------------------------- sketches of movement and of load transfer

RISE: dict[str, Sketch] = {
    "smooth": ((0, 0), (0.22, 0.62), (0.5, 1), (0.78, 0.6), (1, 0)),
    "brisk": ((0, 0), (0.18, 0.75), (0.38, 1), (0.7, 0.6), (1, 0)),
    "springy": ((0, 0), (0.27, 0.75), (0.5, 1), (0.74, 0.7), (1, 0)),
    "burst_then_grind": ((0, 0), (0.16, 1), (0.32, 0.75), (0.5, 0.26), (0.86, 0.2), (1, 0)),
    "slow_break": ((0, 0), (0.3, 0.22), (0.6, 0.95), (0.82, 0.75), (1, 0)),
    "two_phase": ((0, 0), (0.2, 1), (0.42, 0.2), (0.56, 0.18), (0.78, 0.75), (1, 0)),
    "sticking": ((0, 0), (0.2, 1), (0.4, 0.05), (0.55, 0.04), (0.78, 0.8), (1, 0)),
    "ladder": ((0, 0), (0.13, 1), (0.3, 0.15), (0.45, 0.9), (0.62, 0.12), (0.8, 0.8), (1, 0)),
    "easing_in": ((0, 0), (0.2, 1), (0.5, 0.62), (0.8, 0.22), (1, 0)),
    "late_snap": ((0, 0), (0.25, 0.4), (0.55, 0.45), (0.8, 1), (1, 0)),
}
LOWER: dict[str, Sketch] = {  # a last knot above zero: the hips land at that speed
    "even": ((0, 0), (0.25, 0.75), (0.5, 1), (0.8, 0.7), (1, 0.12)),
    "soft": ((0, 0), (0.25, 0.8), (0.5, 1), (0.8, 0.5), (1, 0)),
    "cautious": ((0, 0), (0.22, 0.9), (0.42, 1), (0.7, 0.42), (1, 0)),
    "let_go": ((0, 0), (0.3, 0.34), (0.72, 0.36), (0.88, 0.9), (1, 1.25)),
    "drop": ((0, 0), (0.3, 0.3), (0.65, 0.8), (1, 1)),
    "brake_late": ((0, 0), (0.3, 0.4), (0.6, 0.8), (0.8, 1), (0.93, 0.35), (1, 0.1)),
    "stairs": ((0, 0), (0.14, 0.9), (0.32, 0.15), (0.5, 1), (0.68, 0.15), (0.85, 0.8), (1, 0)),
    "hesitant": ((0, 0), (0.2, 0.25), (0.4, 0.2), (0.7, 1), (0.9, 0.6), (1, 0.15)),
}
PUSH: dict[str, Sketch] = {
    "even": ((0, 0), (0.5, 0.5), (1, 1)),
    "early": ((0, 0), (0.25, 0.5), (0.6, 0.86), (1, 1)),
    "late": ((0, 0), (0.5, 0.2), (0.8, 0.62), (1, 1)),
    "two_step": ((0, 0), (0.25, 0.36), (0.55, 0.41), (1, 1)),
    "wind_up": ((0, 0), (0.2, -0.12), (0.42, 0.12), (1, 1)),
    "stab": ((0, 0), (0.45, 0.9), (0.68, 0.76), (1, 1)),
}
FALL: dict[str, Sketch] = {
    "even": ((0, 1), (0.5, 0.5), (1, 0)),
    "collapse": ((0, 1), (0.3, 0.34), (0.6, 0.1), (1, 0)),
    "reluctant": ((0, 1), (0.3, 0.86), (0.7, 0.25), (1, 0)),
    "two_step": ((0, 1), (0.3, 0.46), (0.55, 0.4), (1, 0)),
    "rebound": ((0, 1), (0.4, 0.04), (0.65, 0.14), (1, 0)),
}


def curve(x: F64, y: F64, at: F64, *, steep_end: bool = False) -> F64:
    """Monotone cubic through the knots, flat at its begin; its end is flat too unless `steep_end`."""
    h = np.diff(x)
    d = np.diff(y) / h
    slope = np.zeros_like(y)
    same = d[:-1] * d[1:] > 0
    a, b = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    slope[1:-1][same] = (a + b)[same] / (a[same] / d[:-1][same] + b[same] / d[1:][same])
    if steep_end:
        slope[-1] = d[-1]
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(h) - 1)
    s = np.clip((at - x[k]) / h[k], 0, 1)
    s2, s3 = s * s, s * s * s
    out: F64 = (
        y[k] * (2 * s3 - 3 * s2 + 1)
        + y[k + 1] * (3 * s2 - 2 * s3)
        + h[k] * (slope[k] * (s3 - 2 * s2 + s) + slope[k + 1] * (s3 - s2))
    )
    return out


def drawn(sketch: Sketch, n: int, *, steep_end: bool = False) -> F64:
    """Draw a transfer's sketch on n points of its relative time."""
    knots = np.array(sketch, float)
    return curve(knots[:, 0], knots[:, 1], np.linspace(0, 1, n), steep_end=steep_end)


def ease(x: F64) -> F64:
    """0 to 1 with flat ends."""
    c = np.clip(x, 0, 1)
    out: F64 = c * c * (3 - 2 * c)
    return out


def gate(t: F64, begin: float, end: float, ramp: float) -> F64:
    """1 between begin and end, with soft flanks inside."""
    return ease((t - begin) / ramp) * ease((end - t) / ramp)


def bump(t: F64, centre: float, width: float) -> F64:
    """Make a raised cosine of height 1."""
    out: F64 = 0.5 + 0.5 * np.cos(2 * np.pi * np.clip((t - centre) / width, -0.5, 0.5))
    return out


def ring(t: F64, at: float, hertz: float, tau: float) -> F64:
    """Let a struck thing vibrate from `at` on."""
    late = np.maximum(t - at, 0)
    out: F64 = ease((t - at) / 0.01) * np.sin(2 * np.pi * hertz * late) * np.exp(-late / tau)
    return out


def wander(n: int, low: float, high: float, rng: np.random.Generator) -> F64:
    """Noise between two frequencies (Hz), falling like 1/sqrt(f) in amplitude, of unit rms."""
    f = np.fft.rfftfreq(n, DT)
    shape = np.where((f >= low) & (f <= high), 1 / np.sqrt(np.maximum(f, 1e-3)), 0.0)
    if not shape.any():
        return np.zeros(n)
    spectrum = shape * (rng.standard_normal(f.size) + 1j * rng.standard_normal(f.size))
    x = np.fft.irfft(spectrum, n)
    out: F64 = x / max(float(x.std()), 1e-12)
    return out


def softened(x: F64, seconds: float) -> F64:
    """Zero-lag Hann smoothing; the ends are held."""
    half = max(1, round(seconds / DT / 2))
    kernel = np.hanning(2 * half + 3)[1:-1]
    out: F64 = np.convolve(np.pad(x, half, mode="edge"), kernel / kernel.sum(), mode="valid")
    return out


# ---------------------------------------------------------------------------------------------- the cast


@dataclass(frozen=True)
class Person:
    """A habit of lifting and a habit of resting; seconds and newtons as ranges."""

    name: str
    level: Range  # N on the foot, hips in the air, no bar
    rest: Range  # N, hips on the floor
    rises: tuple[str, ...]
    lowers: tuple[str, ...]
    pushes: tuple[str, ...]
    falls: tuple[str, ...]
    tops: tuple[str, ...]  # still | sag | pulse
    push_s: Range
    rise_s: Range
    hold_s: Range
    lower_s: Range
    fall_s: Range
    pause_s: Range
    shake: float  # unevenness of the movement, 0 ... 0.4
    tremor: Range  # of the force, at 6 ... 10 Hz
    uneven: float  # rep to rep
    fatigue: float  # how much slower the last rep rises
    heel: Range
    quirks: tuple[str, ...]


CAST = (
    Person("first_timer", (250, 310), (60, 120), ("two_phase", "smooth", "late_snap"), ("hesitant", "even"),
           ("two_step", "even", "wind_up"), ("even", "two_step"), ("still", "sag"),
           (0.35, 0.6), (0.9, 1.5), (0.3, 1.0), (0.9, 1.7), (0.25, 0.45), (1.2, 3.5),
           0.25, (0.006, 0.016), 0.2, 0.2, (0.4, 0.65), ("replace", "look_round", "half_push", "talk")),
    Person("senior", (250, 290), (50, 100), ("slow_break", "easing_in", "sticking"), ("cautious", "let_go"),
           ("late", "two_step"), ("even", "collapse"), ("still", "sag"),
           (0.45, 0.75), (1.4, 2.3), (0.5, 1.2), (1.3, 2.2), (0.3, 0.5), (2.0, 4.0),
           0.2, (0.012, 0.026), 0.12, 0.35, (0.55, 0.8), ("brace", "water", "failed_lift", "rock")),
    Person("knee_patient", (255, 300), (30, 70), ("slow_break", "smooth"), ("stairs", "cautious", "soft"),
           ("two_step", "late"), ("reluctant", "even"), ("still",),
           (0.5, 0.8), (1.3, 2.0), (0.8, 2.0), (1.5, 2.4), (0.35, 0.55), (1.8, 4.0),
           0.18, (0.008, 0.02), 0.1, 0.15, (0.5, 0.75), ("shake_out", "talk", "half_push", "scratch")),
    Person("powerlifter", (300, 380), (70, 140), ("burst_then_grind", "brisk"),
           ("drop", "let_go", "brake_late"), ("early", "even", "stab"), ("collapse", "even"), ("still",),
           (0.25, 0.45), (0.9, 1.4), (0.4, 1.2), (0.7, 1.2), (0.14, 0.3), (1.5, 4.0),
           0.05, (0.006, 0.014), 0.08, 0.4, (0.6, 0.85), ("roll_bar", "brace", "slap", "stand")),
    Person("teenager", (250, 280), (25, 80), ("brisk", "smooth", "late_snap"), ("drop", "let_go", "even"),
           ("even", "early", "wind_up"), ("collapse", "rebound"), ("still", "pulse"),
           (0.22, 0.4), (0.7, 1.1), (0.05, 0.7), (0.6, 1.1), (0.15, 0.3), (0.8, 3.5),
           0.12, (0.004, 0.01), 0.3, 0.1, (0.3, 0.55), ("phone", "jiggle", "toe_tap", "away", "look_round")),
    Person("office_worker", (255, 320), (50, 110), ("smooth", "easing_in"), ("even", "soft"),
           ("even", "late"), ("even", "reluctant"), ("still", "sag"),
           (0.3, 0.5), (0.9, 1.3), (0.6, 1.4), (1.0, 1.8), (0.25, 0.45), (1.0, 3.0),
           0.08, (0.004, 0.01), 0.1, 0.2, (0.45, 0.7), ("water", "look_round", "scratch", "rock")),
    Person("dancer", (250, 275), (20, 60), ("smooth", "easing_in"), ("soft", "even", "stairs"),
           ("even", "late"), ("even", "reluctant"), ("pulse", "still"),
           (0.3, 0.5), (1.0, 1.6), (1.2, 2.4), (1.3, 2.2), (0.3, 0.5), (0.8, 2.0),
           0.04, (0.003, 0.006), 0.06, 0.1, (0.3, 0.5), ("heel_lift", "toe_tap", "shake_out", "rock")),
    Person("sprinter", (270, 340), (50, 110), ("brisk", "late_snap"), ("drop", "even", "brake_late"),
           ("early", "even"), ("collapse", "rebound"), ("still",),
           (0.2, 0.32), (0.6, 0.85), (0.1, 0.6), (0.6, 1.0), (0.14, 0.26), (0.8, 2.2),
           0.06, (0.004, 0.009), 0.1, 0.15, (0.35, 0.6), ("slap", "jiggle", "shake_out", "stand")),
    Person("trainer", (270, 330), (40, 90), ("smooth", "two_phase"), ("soft", "stairs", "even"),
           ("even", "two_step"), ("even", "reluctant"), ("still", "pulse", "sag"),
           (0.3, 0.5), (1.0, 1.8), (1.0, 2.6), (1.4, 2.4), (0.3, 0.5), (1.2, 4.0),
           0.04, (0.003, 0.007), 0.12, 0.05, (0.5, 0.7), ("talk", "partner", "away", "heel_lift")),
    Person("bodybuilder", (300, 370), (60, 130), ("burst_then_grind", "smooth", "easing_in"),
           ("even", "hesitant"), ("even", "two_step", "late"), ("reluctant", "even"), ("pulse", "sag"),
           (0.3, 0.5), (1.1, 1.8), (0.8, 1.8), (1.2, 2.2), (0.25, 0.45), (0.8, 2.5),
           0.08, (0.006, 0.016), 0.08, 0.45, (0.55, 0.8), ("brace", "roll_bar", "scratch", "dumbbell")),
    Person("heavy_newcomer", (330, 420), (90, 140), ("late_snap", "ladder", "two_phase"), ("let_go", "drop"),
           ("late", "two_step", "wind_up"), ("collapse", "two_step"), ("sag", "still"),
           (0.4, 0.7), (0.9, 1.5), (0.2, 0.7), (0.7, 1.2), (0.2, 0.4), (1.8, 4.5),
           0.22, (0.01, 0.022), 0.2, 0.3, (0.5, 0.8), ("failed_lift", "half_push", "replace", "stand")),
    Person("dog_owner", (255, 310), (40, 100), ("smooth", "brisk", "sticking"), ("even", "hesitant", "soft"),
           ("even", "early"), ("even", "rebound"), ("still", "sag"),
           (0.28, 0.45), (0.8, 1.3), (0.3, 1.2), (0.8, 1.6), (0.2, 0.4), (1.0, 3.0),
           0.12, (0.004, 0.012), 0.18, 0.2, (0.4, 0.65), ("dog", "look_round", "talk", "disc")),
)  # fmt: skip


@dataclass(frozen=True)
class Nuisance:
    """What the plate adds: rates are shares of conversions, counts are per minute."""

    noise: Range = (0.02, 0.4)
    hum: Range = (0.0, 0.4)
    spikes: Range = (0.0, 0.0015)
    spike_bursts: float = 0.0
    lost: Range = (0.001, 0.005)
    gaps: float = 1.5
    gap_s: Range = (0.04, 0.12)
    drift: float = 0.8  # N/min
    gain: float = 0.008
    wander: Range = (0.012, 0.022)  # of the lifting force
    sway: Range = (0.8, 2.5)  # N rms at rest


HARSH = Nuisance(
    noise=(0.1, 0.8), hum=(0.2, 1.2), spikes=(0.004, 0.015), spike_bursts=2.0, lost=(0.004, 0.015), gaps=5.0,
    gap_s=(0.08, 0.3), drift=3.0, gain=0.015, wander=(0.018, 0.03), sway=(3.0, 8.0),
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """What a suite asks of whoever trains in it."""

    styles: tuple[str, ...] = ("dead_stop",)
    reps: tuple[int, int] = (5, 12)
    nuisance: Nuisance = Nuisance()
    load_kg: Range = (0.0, 0.0)
    push_s: Range | None = None
    rise_s: Range | None = None
    hold_s: Range | None = None
    lower_s: Range | None = None
    rises: tuple[str, ...] | None = None
    strange: bool = False
    distraction: float = 0.0  # chance of something else between two reps
    bracing: float = 0.0  # chance of bracing in a rest
    carried: float = 1.0  # scale of level and effective mass
    travel: float = 1.0  # scale of the range
    band: Range = (0.0, 0.0)  # of the level, added towards the top
    vigour: float = 0.4  # the most inertia a lifter makes, of the level


SETTINGS: dict[str, Setting] = {
    "dead_stop_real": Setting(bracing=0.1),
    "dead_stop_harsh": Setting(nuisance=HARSH, bracing=0.6),
    "unseen_shapes": Setting(strange=True, vigour=0.6),
    "loaded": Setting(load_kg=(20, 100), bracing=0.3),
    "explosive": Setting(push_s=(0.16, 0.32), rise_s=(0.52, 0.7), rises=("smooth", "springy"), vigour=0.5),
    "slow": Setting(rise_s=(2.7, 3.3), hold_s=(0.6, 1.0), lower_s=(2.7, 3.3)),
    "touch": Setting(styles=("touch",), reps=(6, 12)),
    "hover": Setting(styles=("hover",), reps=(6, 12)),
    "mixed": Setting(styles=("dead_stop", "touch", "hover"), reps=(7, 12)),
    "events": Setting(reps=(5, 9), distraction=0.75, bracing=0.25),
    "nothing": Setting(styles=(), reps=(0, 0)),
    "floor_bridge": Setting(carried=0.72, travel=0.6),
    "b_stance": Setting(carried=0.66),
    "feet_elevated": Setting(carried=1.08, travel=1.12),
    "band": Setting(band=(0.15, 0.5)),
    "short_range": Setting(travel=0.45),
}


@dataclass(frozen=True)
class Athlete:
    """A person on one day, in one setting."""

    person: Person
    setting: Setting
    load_kg: float
    body_n: float  # body weight and bar
    level_n: float  # foot force at the bottom, hips just in the air
    slope: float  # change of the level to the top
    hump: float  # more (less) than a straight line in mid-lift
    mass_kg: float  # effective, at the foot
    range_m: float
    rest_n: float

    def level(self, height: F64) -> F64:
        """Quasi-static foot force with the hips in the air at a height (m)."""
        x = np.clip(height / self.range_m, 0, 1.1)
        out: F64 = self.level_n * (1 + self.slope * x + self.hump * 4 * x * (1 - x))
        return out


def somebody(setting: Setting, rng: np.random.Generator) -> Athlete:
    """Draw who trains today."""
    person = CAST[rng.integers(len(CAST))]
    own = rng.uniform(*person.level)
    load = rng.uniform(*setting.load_kg)
    slope = rng.uniform(-0.16, 0.1) + rng.uniform(*setting.band)
    hump = rng.uniform(0.0, 0.09)
    if setting.strange:
        slope, hump = rng.uniform(-0.25, 0.22), rng.uniform(-0.14, 0.16)
    level = (own + 0.46 * GRAVITY * load) * setting.carried
    return Athlete(
        person, setting, load,
        body_n=own / rng.uniform(0.3, 0.36) + GRAVITY * load,
        level_n=level, slope=slope, hump=hump,
        mass_kg=(own / 12.5 + 0.65 * load) * setting.carried,
        range_m=rng.uniform(0.3, 0.42) * setting.travel,
        rest_n=min(rng.uniform(*person.rest), 0.38 * level),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------- the stage


class Stage:
    """The session's script on a fine time grid: the foot at rest and at work, and everything else."""

    def __init__(self, athlete: Athlete, rng: np.random.Generator) -> None:
        n = round(LONGEST_S / DT)
        heel = rng.uniform(*athlete.person.heel)
        self.athlete = athlete
        self.rng = rng
        self.t: F64 = np.linspace(0, LONGEST_S, n, endpoint=False)
        self.rest = np.full(n, athlete.rest_n)
        self.on = np.ones(n)  # 0: the foot is in the air
        self.rest_share = np.full(n, float(np.clip(heel + rng.uniform(-0.15, 0.15), 0.15, 0.9)))
        self.lift_share = np.full(n, heel)
        self.lean = np.full(n, rng.uniform(0.4, 0.6))  # left part
        self.carry = np.zeros(n)
        self.lifting = np.full(n, athlete.level_n)
        self.inertia = np.zeros(n)
        self.effort = np.ones(n)  # scales tremor
        self.extra = np.zeros((4, n))  # whatever is not the foot
        self.happened: list[tuple[str, float, float]] = []
        self.reps: list[TrueRep] = []

    def window(self, begin: float, end: float) -> slice:
        """Find the grid points from begin to end."""
        return slice(max(0, round(begin / DT)), min(self.t.size, round(end / DT)))

    def shift(self, what: F64, at: float, value: float, seconds: float) -> None:
        """Bring one of the arrays to a new value for good."""
        w = slice(max(0, round(at / DT)), None)
        what[w] += (value - what[w]) * ease((self.t[w] - at) / seconds)

    def pull(self, what: F64, begin: float, end: float, value: float, ramp: float) -> None:
        """Bring one of the arrays to a value and back."""
        w = self.window(begin, end)
        what[w] += (value - what[w]) * gate(self.t[w], begin, end, ramp)

    def strike(self, at: float, newtons: float, width: float, cells: F64) -> None:
        """Push the plate shortly, shared among the cells."""
        w = self.window(at - width, at + width)
        self.extra[:, w] += cells[:, None] * newtons * bump(self.t[w], at, width)

    def spread(self, half: str = "") -> F64:
        """How a thing put somewhere on a half of the plate is shared among the cells."""
        half = half or ("heel", "toe")[self.rng.integers(2)]
        left = self.rng.uniform(0.15, 0.85)
        parts = np.array([left, 1 - left])
        return np.concatenate([parts, np.zeros(2)] if half == "heel" else [np.zeros(2), parts])


Habit = Callable[[Stage, float], float]  # (stage, begins at) -> over at


def brace(s: Stage, at: float) -> float:
    """Tense and breathe before the lift."""
    end = at + s.rng.uniform(1.2, 3.0)
    w = s.window(at, end)
    shape = gate(s.t[w], at, end, 0.35)
    s.rest[w] += shape * (s.rng.uniform(0, 30) + s.rng.uniform(6, 15) * wander(shape.size, 0.4, 4, s.rng))
    return end


def toe_tap(s: Stage, at: float) -> float:
    """Beat time with the toes while the heel stays."""
    hertz, n = s.rng.uniform(1.3, 3.2), int(s.rng.integers(4, 12))
    end = at + n / hertz + 0.4
    w = s.window(at, end)
    beat = gate(s.t[w], at, end, 0.2) * (0.5 - 0.5 * np.cos(2 * np.pi * hertz * (s.t[w] - at)))
    s.rest_share[w] += (0.97 - s.rest_share[w]) * beat
    s.rest[w] += s.rng.uniform(-10, 10) * beat
    for k in range(1, n + 1):
        s.strike(at + k / hertz, s.rng.uniform(6, 25), 0.07, s.spread("toe"))
    return end


def jiggle(s: Stage, at: float) -> float:
    """Bounce a restless leg on the ball of the foot."""
    end = at + s.rng.uniform(1.5, 5)
    w = s.window(at, end)
    shape = gate(s.t[w], at, end, 0.4)
    swing = shape * np.sin(2 * np.pi * s.rng.uniform(3.5, 5.5) * (s.t[w] - at))
    s.rest_share[w] += (0.2 - s.rest_share[w]) * shape * 0.8
    s.rest[w] += swing * min(s.rng.uniform(8, 25), 0.5 * s.athlete.rest_n)
    return end


def rock(s: Stage, at: float) -> float:
    """Rock the pelvis on the floor: slow swings in the foot."""
    hertz = s.rng.uniform(0.35, 0.9)
    end = at + s.rng.integers(2, 6) / hertz
    w = s.window(at, end)
    swing = gate(s.t[w], at, end, 0.4) * (1 - np.cos(2 * np.pi * hertz * (s.t[w] - at))) / 2
    s.rest[w] += swing * s.rng.uniform(0.05, 0.24) * s.athlete.level_n
    s.rest_share[w] += 0.1 * swing
    return end


def heel_lift(s: Stage, at: float) -> float:
    """Up on the toes and down again."""
    end = at + s.rng.uniform(1.0, 3.0)
    s.pull(s.rest_share, at, end, 0.04, 0.3)
    s.pull(s.rest, at, end, s.athlete.rest_n * s.rng.uniform(0.8, 1.4), 0.3)
    s.strike(end, s.rng.uniform(5, 30), 0.08, s.spread("heel"))
    return end


def foot_down(s: Stage, at: float) -> None:
    """Let the foot meet the plate."""
    s.strike(at + 0.05, s.rng.uniform(8, 50), 0.1, s.spread())


def shake_out(s: Stage, at: float) -> float:
    """Shake the leg in the air."""
    end = at + s.rng.uniform(2.0, 5.5)
    s.pull(s.on, at, end, 0.0, s.rng.uniform(0.18, 0.4))
    foot_down(s, end - 0.12)
    return end + 0.3


def replace_foot(s: Stage, at: float) -> float:
    """Lift the foot and put it down somewhere else, for good."""
    end = at + s.rng.uniform(0.6, 1.4)
    s.pull(s.on, at, end, 0.0, 0.17)
    foot_down(s, end - 0.1)
    move, middle = s.rng.uniform(-0.1, 0.1), (at + end) / 2
    for share in (s.rest_share, s.lift_share):
        s.shift(share, middle, float(np.clip(share[round(middle / DT)] + move, 0.15, 0.9)), 0.1)
    s.shift(s.lean, middle, s.rng.uniform(0.38, 0.62), 0.1)
    s.shift(s.rest, middle, s.athlete.rest_n * s.rng.uniform(0.75, 1.25), 0.1)
    return end + 0.3


def water(s: Stage, at: float) -> float:
    """Reach for the bottle, drink, put it back; sometimes on the plate."""
    end = at + s.rng.uniform(4, 8)
    w = s.window(at, end)
    shape = gate(s.t[w], at, end, 0.7)
    s.rest[w] += shape * (s.rng.uniform(-0.4, 0.4) * s.rest[w] + 4 * wander(shape.size, 0.2, 2, s.rng))
    if s.rng.random() < 0.4:
        put(s, end - 0.5, s.rng.uniform(4, 12), s.rng.uniform(8, 25))
    return end


def talk(s: Stage, at: float) -> float:
    """Talk with the hands; the foot takes part."""
    end = at + s.rng.uniform(3, 8)
    begin = at
    while begin < end - 0.6:
        long = s.rng.uniform(0.5, 1.6)
        w = s.window(begin, begin + long)
        size = s.rng.uniform(-0.5, 1.0) * min(40.0, s.athlete.rest_n)
        s.rest[w] += size * bump(s.t[w], begin + long / 2, long)
        s.rest_share[w] += s.rng.uniform(-0.15, 0.15) * bump(s.t[w], begin + long / 2, long)
        begin += long * s.rng.uniform(0.6, 1.5)
    return max(end, begin + 0.6)


def scratch(s: Stage, at: float) -> float:
    """Scratch the shin."""
    end = at + s.rng.uniform(0.8, 2.2)
    w = s.window(at, end)
    shape = gate(s.t[w], at, end, 0.25)
    s.rest[w] += shape * (8 + 5 * np.sin(2 * np.pi * s.rng.uniform(3.5, 6) * s.t[w]))
    return end


def look_round(s: Stage, at: float) -> float:
    """Turn to the clock or to somebody."""
    end = at + s.rng.uniform(1.2, 4)
    s.pull(s.rest, at, end, s.athlete.rest_n * s.rng.uniform(0.55, 1.6), 0.45)
    s.pull(s.lean, at, end, s.rng.uniform(0.3, 0.7), 0.45)
    return end


def roll_bar(s: Stage, at: float) -> float:
    """Both hands roll the bar (or settle the pad) on the hips: slow swells of bracing."""
    end = at
    for _ in range(int(s.rng.integers(1, 4))):
        long = s.rng.uniform(0.9, 2.0)
        w = s.window(end, end + long)
        s.rest[w] += s.rng.uniform(0.08, 0.32) * s.athlete.level_n * bump(s.t[w], end + long / 2, long)
        end += long * s.rng.uniform(0.8, 1.3)
    return end + 0.5


def slap(s: Stage, at: float) -> float:
    """Slap the thigh, stamp the foot."""
    for _ in range(int(s.rng.integers(2, 5))):
        s.strike(at, s.rng.uniform(20, 110), s.rng.uniform(0.07, 0.14), s.spread())
        at += s.rng.uniform(0.3, 0.7)
    return at


def stand(s: Stage, at: float) -> float:
    """Stand up on the plate, look about, sit down again."""
    up, stay, down = s.rng.uniform(0.7, 1.2), s.rng.uniform(3, 8), s.rng.uniform(0.8, 1.5)
    end = at + up + stay + down
    w = s.window(at, end)
    clock = s.t[w]
    full = s.athlete.body_n * s.rng.uniform(0.8, 1.0)
    shape = ease((clock - at) / up) * ease((end - clock) / down)
    dip = 0.1 * (bump(clock, at + up * 0.95, up) - bump(clock, at + up * 1.5, up))
    sway = 0.03 * wander(shape.size, 0.3, 3, s.rng)
    sway -= s.rng.uniform(0, 0.25) * bump(clock, at + up + stay / 2, 2)  # the other leg takes some
    s.rest[w] += (full * (1 + dip + sway) - s.rest[w]) * shape
    s.rest_share[w] += (s.rng.uniform(0.4, 0.65) - s.rest_share[w]) * shape
    return end


def away(s: Stage, at: float) -> float:
    """Take the foot off and be somewhere else."""
    end = at + s.rng.uniform(3, 9)
    w = s.window(at - 0.05, at + 0.5)
    s.rest[w] += s.rng.uniform(0, 0.35) * s.athlete.level_n * bump(s.t[w], at + 0.2, 0.5)
    s.pull(s.on, at + 0.25, end, 0.0, 0.3)
    foot_down(s, end - 0.15)
    return end + 0.5


def partner(s: Stage, at: float) -> float:
    """Somebody's foot comes down on the plate's edge."""
    long, edge = s.rng.uniform(0.35, 0.9), s.rng.uniform(0.85, 1.0)
    w = s.window(at, at + long)
    shape = gate(s.t[w], at, at + long, s.rng.uniform(0.12, 0.2)) * s.rng.uniform(60, 320)
    one, other = s.rng.permutation([(HEEL_LEFT, HEEL_RIGHT), (TOE_LEFT, TOE_RIGHT)][s.rng.integers(2)])
    s.extra[one, w] += edge * shape
    s.extra[other, w] += (1 - edge) * shape
    return at + long


def put(s: Stage, at: float, seconds: float, newtons: float) -> float:
    """Lay a thing on the plate and take it away again."""
    w = s.window(at, at + seconds)
    where = s.spread()
    s.extra[:, w] += where[:, None] * newtons * gate(s.t[w], at, at + seconds, 0.08)
    s.strike(at + 0.06, newtons * s.rng.uniform(0.1, 0.6), 0.08, where)
    return at + seconds


def phone(s: Stage, at: float) -> float:
    """Lay the telephone down and look at it."""
    put(s, at + s.rng.uniform(0.5, 2), s.rng.uniform(5, 25), s.rng.uniform(1.5, 2.5))
    return look_round(s, at)


def dumbbell(s: Stage, at: float) -> float:
    """Set a dumbbell beside the foot, to be taken up at once or forgotten through the next reps."""
    end = put(s, at, s.rng.uniform(2, 20), s.rng.uniform(10, 80))
    return min(end, at + s.rng.uniform(1, 6))


def disc(s: Stage, at: float) -> float:
    """Park a disc of the bar on the plate."""
    return put(s, at, s.rng.uniform(3, 9), s.rng.uniform(45, 130))


def dog(s: Stage, at: float) -> float:
    """Put a paw on the plate, or two."""
    end = at
    for _ in range(int(s.rng.integers(1, 4))):
        long = s.rng.uniform(0.5, 2.0)
        w = s.window(end, end + long)
        shape = gate(s.t[w], end, end + long, 0.14)
        weight = s.rng.uniform(15, 60) * (1 + 0.15 * wander(shape.size, 1, 6, s.rng))
        s.extra[:, w] += s.spread()[:, None] * weight * shape
        end += long * s.rng.uniform(0.8, 1.6)
    return end


def passer_by(s: Stage, at: float) -> float:
    """Walk past on the same floor."""
    n, hertz, close = int(s.rng.integers(4, 9)), s.rng.uniform(9, 18), s.rng.uniform(1, 7)
    for k in range(n):
        begin = at + k * s.rng.uniform(0.48, 0.56)
        w = s.window(begin, begin + 0.5)
        size = close * np.exp(-(((k - n / 2) / n * 2.5) ** 2))
        s.extra[:, w] += s.rng.uniform(0.1, 0.4, 4)[:, None] * size * ring(s.t[w], begin, hertz, 0.08)
    return at + n * 0.5


def bench_bump(s: Stage, at: float) -> float:
    """Somebody knocks the bench."""
    w = s.window(at, at + 1.0)
    s.rest[w] += s.rng.uniform(10, 45) * ring(s.t[w], at, s.rng.uniform(7, 10), 0.13)
    return at + 0.8


def half_push(s: Stage, at: float) -> float:
    """Begin to push and think better of it: the hips stay on the floor."""
    up, stay, down = s.rng.uniform(0.3, 0.7), s.rng.uniform(0.05, 0.9), s.rng.uniform(0.25, 0.6)
    end = at + up + stay + down
    w = s.window(at, end)
    shape = ease((s.t[w] - at) / up) * ease((end - s.t[w]) / down)
    s.carry[w] = s.rng.uniform(0.25, 0.66) * shape
    return end


def failed_lift(s: Stage, at: float) -> float:
    """Get the hips off the floor for a moment, less than a third of the way, and fall back."""
    far = s.rng.uniform(0.05, 0.26) * s.athlete.range_m
    up = s.rng.uniform(0.25, 0.38)
    push = s.rng.uniform(0.3, 0.6)
    lift = at + push
    moves = [Move(RISE["smooth"], up, far), Move(LOWER["drop"], up * s.rng.uniform(0.7, 0.9), -far)]
    touchdown = lift + ride(s, lift, moves)[-1].end_s
    w = s.window(at, lift)
    s.carry[w] = drawn(PUSH["late"], s.carry[w].size, steep_end=True)
    fall = s.rng.uniform(0.15, 0.3)
    w = s.window(touchdown, touchdown + fall)
    s.carry[w] = drawn(FALL["even"], s.carry[w].size)
    return touchdown + fall


HABITS: dict[str, Habit] = {
    "brace": brace, "toe_tap": toe_tap, "jiggle": jiggle, "rock": rock, "heel_lift": heel_lift,
    "shake_out": shake_out, "replace": replace_foot, "water": water, "talk": talk, "scratch": scratch,
    "look_round": look_round, "roll_bar": roll_bar, "slap": slap, "stand": stand, "away": away,
    "partner": partner, "phone": phone, "dumbbell": dumbbell, "disc": disc, "dog": dog,
    "passer_by": passer_by, "bench_bump": bench_bump, "half_push": half_push, "failed_lift": failed_lift,
}  # fmt: skip


def distract(s: Stage, at: float) -> float:
    """Something that is no rep: as often as not one of the person's own quirks."""
    own = s.athlete.person.quirks
    name = own[s.rng.integers(len(own))] if s.rng.random() < 0.5 else str(s.rng.choice(list(HABITS)))
    end = HABITS[name](s, at)
    s.happened.append((name, round(at, 2), round(end, 2)))
    return end


# ------------------------------------------------------------------------------------------- the lifting


@dataclass(frozen=True)
class Move:
    """One way of the hips: up, down, or hardly at all (a hold)."""

    sketch: Sketch
    seconds: float
    metres: float
    pulses: int = 0
    pulse_m: float = 0.0


@dataclass(frozen=True)
class Moved:
    """When a move took place, in seconds after the ride's begin, and the 5 % moments of its speed."""

    begin_s: float
    fast_from_s: float
    fast_to_s: float
    end_s: float


def speeds(moves: list[Move]) -> tuple[F64, F64]:
    """Hip speed of a ride on the grid, and the moments at which its moves meet."""
    joints = np.concatenate([[0.0], np.cumsum([m.seconds for m in moves])])
    grid = np.arange(round(joints[-1] / DT) + 1) * DT
    scale = np.array([m.metres / m.seconds for m in moves])
    v = np.zeros_like(grid)
    for _ in range(4):  # the knots' heights, until every move covers its way
        x, y = [0.0], [0.0]
        for m, begin, factor in zip(moves, joints, scale, strict=False):
            for where, speed in m.sketch[1:]:
                x.append(begin + where * m.seconds)
                y.append(abs(speed) * factor)
        v = curve(np.array(x), np.array(y), grid, steep_end=y[-1] != 0)
        way = np.concatenate([[0.0], np.cumsum((v[1:] + v[:-1]) / 2 * DT)])
        done = np.diff(np.interp(joints, grid, way))
        scale *= [m.metres / d if m.metres else 0.0 for m, d in zip(moves, done, strict=True)]
    for m, begin in zip(moves, joints, strict=False):
        if m.pulses:
            part = np.clip((grid - begin) / m.seconds, 0, 1)
            v += np.gradient(-m.pulse_m * np.sin(np.pi * m.pulses * part) ** 2 * np.sin(np.pi * part), DT)
    return v, joints


def ride(s: Stage, at: float, moves: list[Move]) -> list[Moved]:
    """Carry the hips from the floor to the floor, by one or more reps; writes level and inertia."""
    who = s.athlete
    limit = who.level_n * who.setting.vigour
    for _ in range(12):  # what would take more force than a person has is done more slowly
        v, joints = speeds(moves)
        push = who.mass_kg * np.gradient(softened(v, 0.05), DT)
        edges = np.round(joints / DT).astype(int)
        hard = [bool(np.abs(push[a : b + 1]).max() > limit) for a, b in pairwise(edges)]
        if not any(hard):
            break
        moves = [replace(m, seconds=m.seconds * 1.12) if h else m for m, h in zip(moves, hard, strict=True)]
    v = softened(v, 0.05)
    height = np.concatenate([[0.0], np.cumsum((v[1:] + v[:-1]) / 2 * DT)])
    i = round(at / DT)
    w = slice(i, i + v.size)
    s.carry[w] = 1.0
    s.lifting[w] = who.level(height)
    s.inertia[w] = push
    tail = slice(w.stop, w.stop + round(s.rng.uniform(0.07, 0.13) / DT))
    s.inertia[tail] = push[-1] * (1 - ease(np.linspace(0, 1, tail.stop - tail.start)))
    crash = abs(float(v[-1]))
    if crash > 0.35:
        after = s.window(at + joints[-1], at + joints[-1] + 0.8)
        s.extra[:, after] += (
            s.rng.uniform(0.1, 0.4, 4)[:, None] * 22 * crash
            * ring(s.t[after], at + joints[-1], s.rng.uniform(8, 13), 0.08)
        )  # fmt: skip
    moved = []
    for a, b in pairwise(edges):
        fast = np.flatnonzero(np.abs(v[a : b + 1]) > EDGE * np.abs(v[a : b + 1]).max()) + a
        first, last = (fast[0], fast[-1]) if fast.size else (a, b)
        moved.append(Moved(a * DT, first * DT, last * DT, b * DT))
    return moved


@dataclass(frozen=True)
class Plan:
    """One rep as its lifter means to do it."""

    style: str
    push: str
    push_s: float
    fall: str
    fall_s: float
    pause_s: float
    rise: Move
    hold: Move | None
    lower: Move
    turn_s: float  # hover: still at the low turn


def shaken(sketch: Sketch, amount: float, rng: np.random.Generator) -> Sketch:
    """Make the same movement less surely."""
    return tuple(
        (x, float(max(0.04, y * (1 + amount * rng.standard_normal()))) if 0 < x < 1 else y) for x, y in sketch
    )


def improvised(seconds: float, landing: float, rng: np.random.Generator) -> Sketch:
    """Move as nobody teaches it: speeds drawn at random every 0.2 to 0.5 s."""
    n = int(np.clip(round(seconds / rng.uniform(0.2, 0.5)), 2, 6))
    inner = (np.arange(1, n + 1) + rng.uniform(-0.25, 0.25, n)) / (n + 1)
    return ((0.0, 0.0), *((float(x), float(rng.uniform(0.08, 1))) for x in inner), (1.0, landing))


def plan(s: Stage, style: str, done: float, top_m: float, low_m: float, from_m: float) -> Plan:
    """Make up one rep; `done` is how far the set has gone, 0 ... 1; heights in metres."""
    rng, who, ask = s.rng, s.athlete.person, s.athlete.setting
    odd = float(np.exp(who.uneven * rng.standard_normal() * (0.4 if ask.rise_s else 1.0)))
    tired = 1 + who.fatigue * done**2 * (0.3 if ask.rise_s else 1.0)
    part = float(np.sqrt(ask.travel))  # a shorter way takes less time
    rise_s = rng.uniform(*(ask.rise_s or who.rise_s)) * odd * tired * (1.0 if ask.rise_s else part)
    hold_s = rng.uniform(*(ask.hold_s or who.hold_s)) / odd
    lower_s = rng.uniform(*(ask.lower_s or who.lower_s)) * odd * (1.0 if ask.lower_s else part)
    rise = RISE[str(rng.choice(ask.rises or who.rises))]
    gentle = tuple(name for name in who.lowers if LOWER[name][-1][1] == 0) or ("soft", "cautious")
    lower = LOWER[str(rng.choice(gentle if style == "hover" else who.lowers))]
    push, fall = str(rng.choice(who.pushes)), str(rng.choice(who.falls))
    if ask.strange:
        rise = improvised(rise_s, 0.0, rng) if rng.random() < 0.6 else RISE[str(rng.choice(list(RISE)))]
        lower = improvised(lower_s, 0.2, rng) if rng.random() < 0.6 else LOWER[str(rng.choice(list(LOWER)))]
        push, fall = str(rng.choice(list(PUSH))), str(rng.choice(list(FALL)))
    sag_m, pulses, pulse_m = 0.0, 0, 0.0
    top = str(rng.choice(who.tops))
    if top == "sag":
        sag_m = top_m * rng.uniform(0.02, 0.08) * min(hold_s, 1.0)
    elif top == "pulse" and hold_s > 0.7:
        pulses = max(1, round(hold_s * rng.uniform(0.8, 1.6)))
        pulse_m = rng.uniform(0.006, 0.018) * ask.travel
    resting: Sketch = ((0, 0), (0.3, 1), (0.8, 0.8), (1, 0)) if sag_m else ((0, 0), (1, 0))
    hold = Move(resting, hold_s, -sag_m, pulses, pulse_m) if hold_s > 0.14 else None
    return Plan(
        style, push, rng.uniform(*(ask.push_s or who.push_s)), fall, rng.uniform(*who.fall_s),
        rng.uniform(*who.pause_s) * (1 + 0.6 * done * who.fatigue),
        Move(shaken(rise, who.shake, rng), rise_s, top_m - from_m),
        hold,
        Move(shaken(lower, who.shake, rng), lower_s, low_m - top_m + (sag_m if hold else 0.0)),
        rng.uniform(0.15, 0.5) if rng.random() < 0.3 else 0.0,
    )  # fmt: skip


def plans(s: Stage, styles: list[str]) -> list[list[Plan]]:
    """Make up the whole set, in rides from the floor to the floor."""
    rides: list[list[Plan]] = [[]]
    low_m = 0.0
    for k, style in enumerate(styles):
        done = k / (len(styles) - 1)
        tired = 0.08 * s.athlete.person.fatigue * done
        top_m = s.athlete.range_m * (1 - tired + 0.025 * s.rng.standard_normal())
        from_m, low_m = low_m, s.athlete.range_m * s.rng.uniform(0.04, 0.2) if style == "hover" else 0.0
        rides[-1].append(plan(s, style, done, top_m, low_m, from_m))
        if style != "hover" and k < len(styles) - 1:
            rides.append([])
    return rides


def lift(s: Stage, at: float, reps: list[Plan], push_start: float | None) -> float:
    """Do the reps of one ride, lift-off at `at`; returns its touchdown. Their `rest_s` is filled in later."""
    moves: list[Move] = []
    whose: list[tuple[int, int]] = []
    for p in reps:
        rise = len(moves)
        moves += [p.rise, *([p.hold] if p.hold else []), p.lower]
        whose.append((rise, len(moves) - 1))
        if p.style == "hover" and p.turn_s:
            moves.append(Move(((0, 0), (1, 0)), p.turn_s, 0.0))
    moved = ride(s, at, moves)
    for k, (p, (up, down)) in enumerate(zip(reps, whose, strict=True)):
        s.reps.append(TrueRep(
            style=p.style,
            push_start_s=push_start if k == 0 else None,
            lift_off_s=at + (moved[up].fast_from_s if k else moved[up].begin_s),
            lockout_start_s=at + moved[up].fast_to_s,
            lockout_end_s=at + moved[down].fast_from_s,
            touchdown_s=at + (moved[down].fast_to_s if p.style == "hover" else moved[down].end_s),
            rest_s=None,
            heel_share=0.0,
        ))  # fmt: skip
    end = at + moved[-1].end_s
    w = s.window(at, end)
    s.effort[w] = 1 + s.athlete.person.fatigue * len(s.reps) / 6
    s.lift_share[w] += s.rng.uniform(-0.07, 0.07) * bump(s.t[w], (at + end) / 2, end - at)
    return end


def train(s: Stage, at: float) -> float:
    """Do a set of reps; returns when the last one has come to rest."""
    rng, who, ask = s.rng, s.athlete.person, s.athlete.setting
    each = sum(sum(r) / 2 for r in (
        ask.push_s or who.push_s, ask.rise_s or who.rise_s, ask.hold_s or who.hold_s,
        ask.lower_s or who.lower_s, who.fall_s, who.pause_s,
    ))  # fmt: skip
    n = max(5, min(int(rng.integers(ask.reps[0], ask.reps[1] + 1)), int(84 / each)))
    styles = [ask.styles[0]] * n
    for k in range(1, n):
        styles[k] = styles[k - 1] if rng.random() < 0.4 else str(rng.choice(ask.styles))
    styles[-1] = "dead_stop"
    done = 0
    pressed = False  # the foot still carries: the last rep ended in a touch
    for reps in plans(s, styles):
        first, last = reps[0], reps[-1]
        push_start = None
        if not pressed:
            n_push = round(first.push_s / DT)
            w = slice(round(at / DT), round(at / DT) + n_push)
            s.carry[w] = np.maximum(
                drawn(PUSH[first.push], n_push, steep_end=True), -0.5 * s.athlete.rest_n / s.athlete.level_n
            )
            push_start = s.t[w.start + int(np.flatnonzero(s.carry[w] < TRANSFER)[-1]) + 1]
            at = float(s.t[w.stop])
        touchdown = lift(s, at, reps, push_start)
        done += len(reps)
        s.shift(s.rest, (at + touchdown) / 2, s.athlete.rest_n * rng.uniform(0.8, 1.2), 0.4)
        i = round(touchdown / DT)
        pressed = last.style == "touch"
        if pressed:
            down, up = rng.uniform(0.12, 0.3), rng.uniform(0.14, 0.32)
            depth = rng.uniform(0.08, 0.45)
            turn: Sketch = ((0, 1), (down / (down + up), depth), (1, 1))
            n_touch = round((down + up) / DT)
            s.carry[i : i + n_touch] = drawn(turn, n_touch)
            rest, at = touchdown + down, touchdown + n_touch * DT
        else:
            n_fall = round(last.fall_s / DT)
            s.carry[i : i + n_fall] = drawn(FALL[last.fall], n_fall)
            rest = float(s.t[i + int(np.flatnonzero(s.carry[i : i + n_fall] > TRANSFER)[-1])])
            at = touchdown + n_fall * DT
            if done < n:
                at = pause(s, at, last.pause_s, (n - done) * each)
        s.reps[-1] = replace(s.reps[-1], rest_s=rest)
    return at


def pause(s: Stage, at: float, seconds: float, to_come: float) -> float:
    """Rest between two dead-stop reps, with what the suite allows to happen in it."""
    ask = s.athlete.setting
    end = at + max(0.45, seconds)
    if s.rng.random() < ask.bracing:
        end = max(end, brace(s, at + 0.3) + 0.2)
    while s.rng.random() < ask.distraction and end + to_come + 18 < BUDGET_S:
        end = distract(s, end) + s.rng.uniform(0.5, 2.0)
    return end


def idle(s: Stage, at: float) -> float:
    """Fill a session in which nobody lifts."""
    end = s.rng.uniform(30, 95)
    while at < end:
        at = distract(s, at) + s.rng.uniform(0.4, 4.0)
    return at


# ------------------------------------------------------------------------------------- plate and session


def cells(s: Stage) -> F64:
    """Add up the foot's true force on each cell, shape (4, n)."""
    rng, ask, n = s.rng, s.athlete.setting, s.t.size
    tremor = rng.uniform(*s.athlete.person.tremor) * np.clip(1 + 0.5 * wander(n, 0.1, 1, rng), 0.2, 2.2)
    living = 1 + rng.uniform(*ask.nuisance.wander) * wander(n, 0.3, 8, rng)
    living += tremor * s.effort * wander(n, 6, 10, rng)
    breath = rng.uniform(0.5, 3) * np.sin(2 * np.pi * rng.uniform(0.2, 0.35) * s.t + rng.uniform(0, 6))
    resting = s.rest + rng.uniform(*ask.nuisance.sway) * wander(n, 0.2, 5, rng) + breath
    idle_part = np.maximum(resting, 0) * (1 - s.carry)
    lift_part = (s.lifting * s.carry + s.inertia) * living
    foot = softened(np.maximum(idle_part + lift_part, 0) * s.on, 0.04)
    mix = np.clip(np.abs(lift_part) / np.maximum(np.abs(lift_part) + np.abs(idle_part), 1), 0, 1)
    share = s.rest_share + (s.lift_share - s.rest_share) * mix + 0.012 * wander(n, 0.2, 3, rng)
    heel = foot * np.clip(share, 0.0, 1.0)
    out = np.empty((4, n))
    for half, left, right in ((heel, HEEL_LEFT, HEEL_RIGHT), (foot - heel, TOE_LEFT, TOE_RIGHT)):
        lean = np.clip(s.lean + rng.uniform(-0.08, 0.08) + 0.015 * wander(n, 0.2, 4, rng), 0.05, 0.95)
        out[left], out[right] = half * lean, half * (1 - lean)
    return out


def crept(force: F64, amount: float) -> F64:
    """Let a cell creep: part of the load comes and goes with 150 s (made on every 50th point)."""
    coarse = force[::50]
    keep = float(np.exp(-50 * DT / 150.0))
    state, track = 0.0, np.empty(coarse.size)
    for k, f in enumerate(coarse):
        state = keep * state + (1 - keep) * float(f)
        track[k] = state
    grid = np.arange(force.size)
    out: F64 = force + amount * np.interp(grid, grid[::50], track)
    return out


def converted(s: Stage, true: F64, seconds: float) -> tuple[F64, I64, F64]:
    """Convert with four free-running chips: time stamps, cells and forces, in order of time."""
    rng, bad = s.rng, s.athlete.setting.nuisance
    base = rng.uniform(80, 92)
    noise, hum, mains = rng.uniform(*bad.noise), rng.uniform(*bad.hum), float(rng.choice([50.0, 60.0]))
    spikes, lost = rng.uniform(*bad.spikes), rng.uniform(*bad.lost)
    stalls = rng.uniform(1, seconds - 1, rng.poisson(bad.gaps * seconds / 60 / 2))  # of the host: all cells
    stall_s = rng.uniform(*bad.gap_s, stalls.size)
    times, ids, forces = [], [], []
    for cell in range(4):
        step = 1 / float(np.clip(base + rng.uniform(-3, 3), 80, 94))
        stamp = np.arange(rng.uniform(0, step), seconds, step)
        grid = s.t[: round((seconds + 0.1) / DT)]
        loaded = crept(true[cell, : grid.size], rng.uniform(0.001, 0.003))
        whole = np.concatenate([[0.0], np.cumsum(loaded) * DT])
        edges = np.concatenate([grid, [grid[-1] + DT]]) - DT / 2
        begin = np.maximum(stamp - ADC_DELAY_S - ADC_WINDOW_S / 2, 0)
        value = np.interp(begin + ADC_WINDOW_S, edges, whole) - np.interp(begin, edges, whole)
        value *= (1 + bad.gain * rng.uniform(-1, 1)) / ADC_WINDOW_S
        value += rng.uniform(-1, 1) * bad.drift * stamp / 60
        value += 0.3 * bad.drift * np.sin(2 * np.pi * stamp / rng.uniform(40, 150) + rng.uniform(0, 6))
        value += noise * rng.uniform(0.5, 1) * rng.standard_normal(stamp.size)
        value += hum * rng.uniform(0.3, 1) * np.sin(2 * np.pi * mains * stamp + rng.uniform(0, 6))
        hit = rng.random(stamp.size) < spikes
        for at in rng.uniform(0, seconds, rng.poisson(bad.spike_bursts * seconds / 60)):
            hit |= (np.abs(stamp - at) < 0.08) & (rng.random(stamp.size) < 0.5)
        words = 2.0 ** rng.integers(15, 24, int(hit.sum())) - 1
        value[hit] = words / 4385.0 * rng.choice([-1, 1], words.size)  # counts per newton
        gone = rng.random(stamp.size) < lost
        alone = rng.uniform(1, seconds - 1, rng.poisson(bad.gaps * seconds / 60 / 8))
        alone_s = rng.uniform(*bad.gap_s, alone.size)
        for at, long in [*zip(stalls, stall_s, strict=True), *zip(alone, alone_s, strict=True)]:
            gone |= (stamp >= at) & (stamp < at + long)
        times.append((stamp + rng.uniform(0, 0.0006, stamp.size))[~gone])  # the host polls at 2 kHz
        ids.append(np.full(times[-1].size, cell))
        forces.append(value[~gone])
    t, cell_of, force = np.concatenate(times), np.concatenate(ids), np.concatenate(forces)
    order = np.argsort(t, kind="stable")
    return t[order], cell_of[order], force[order]


def arrive(s: Stage) -> float:
    """Have the foot on the plate already, or put it there; then a while of quiet."""
    at = 0.0
    if s.rng.random() < 0.5:
        at = s.rng.uniform(1.5, 4.0)
        s.on[s.t < at] = 0.0
        w = s.window(at, at + 0.5)
        s.on[w] = ease((s.t[w] - at) / s.rng.uniform(0.25, 0.45))
        foot_down(s, at + 0.1)
    return at + s.rng.uniform(2.5, 5.0)


def leave(s: Stage, at: float) -> float:
    """Lie there for a while, or take the foot off; returns the session's end."""
    end = max(at + s.rng.uniform(2.5, 5.0), SHORTEST_S + s.rng.uniform(0, 3))
    if s.rng.random() < 0.5:
        off = at + s.rng.uniform(1.5, max(1.6, min(4.0, end - at)))
        w = s.t >= off
        s.on[w] *= ease(1 - (s.t[w] - off) / 0.35)
        end = max(end, off + s.rng.uniform(1.0, 3.0))
    return min(end, 119.5)


def make(suite: str, seed: int) -> Recorded:
    """One session of a suite or variant."""
    if suite not in SETTINGS:
        msg = f"no such suite: {suite}"
        raise ValueError(msg)
    rng = np.random.default_rng([zlib.crc32(suite.encode()), zlib.crc32(b"quay"), seed])
    athlete = somebody(SETTINGS[suite], rng)
    s = Stage(athlete, rng)
    at = arrive(s)
    at = train(s, at) if athlete.setting.styles else idle(s, at)
    seconds = leave(s, at)
    if suite in ("events", "nothing"):
        for _ in range(int(rng.integers(0, 3))):  # walks by whatever the lifter is doing
            passer_by(s, rng.uniform(1, seconds - 6))
    foot = cells(s)
    reps = []
    for rep in s.reps:
        w = s.window(rep.lift_off_s, rep.lockout_end_s)
        heel = float(foot[[HEEL_LEFT, HEEL_RIGHT], w].sum())
        reps.append(replace(rep, heel_share=heel / float(foot[:, w].sum())))
    t, cell, force = converted(s, foot + s.extra, seconds)
    notes: dict[str, object] = {
        "person": athlete.person.name, "load_kg": athlete.load_kg, "level_n": athlete.level_n,
        "rest_n": athlete.rest_n, "range_m": athlete.range_m, "happened": tuple(s.happened),
    }  # fmt: skip
    return Recorded(t, cell, force, tuple(reps), ADC_DELAY_S, notes)
