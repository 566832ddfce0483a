"""A world of persons: each has a course of hip height of their own, and the foot's force follows from it.

Never looked at while the core was built: it is only scored.

A person is drawn first (body, way of rising and lowering, way of loading the foot and of landing, rests),
then their set. Every movement is a monotone spline of speed over time, varied a few per cent from rep to rep;
force is the body's quasi-static level at that height plus effective mass times hip acceleration, handed over
between floor and foot by a load transfer, plus wander and bracing. Then the plate: four chips with their own
clocks and faults.

Where the truth's instants are taken, all from the script and never from the force:

- push_start: the load transfer to the foot begins. None where the hips did not rest before (after touch and
  hover).
- lift_off: that transfer is complete and the ascent begins; after hover, upward speed passes 5 % of its peak.
- lockout_start: the last upward speed above 5 % of the ascent's peak (a settling back is not waited for).
- lockout_end: downward speed first passes 5 % of the descent's peak.
- touchdown: the last downward speed above 5 % of the descent's peak, where the hips reach the floor and
  unloading begins; in hover the beginning of the low turn.
- rest: the transfer back to the floor is complete; in touch the deepest unloading; None in hover.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.worlds.recorded import F64, I64, SUITES, VARIANTS, Recorded, TrueRep

GRID_HZ = 1000  # the body is computed on this grid, the chips sample it
LONGEST_S = 120.0
SHORTEST_S = 31.0
LAST_REP_BEFORE_S = 84.0  # leaves room for the slowest rep and the end of the session
ADC_DELAY_S = 0.025
SETTLING_CONVERSIONS = 4
FULL_RANGE_M = 0.37
GRAVITY = 9.81
STILL = 0.05  # share of a movement's peak speed below which it counts as not moving
MAX_WORD = 2**23 - 1

Knots = tuple[tuple[float, float], ...]

# Speed over relative time (0…1), any unit: the area is normalised to the way.
PLAIN_RISES: dict[str, Knots] = {
    "even": ((0, 0), (0.5, 1), (1, 0)),
    "early": ((0, 0), (0.32, 1), (0.66, 0.5), (1, 0)),
    "late": ((0, 0), (0.35, 0.4), (0.66, 1), (1, 0)),
    "cruise": ((0, 0), (0.24, 1), (0.74, 0.95), (1, 0)),
}
ODD_RISES: dict[str, Knots] = {
    "two_stage": ((0, 0), (0.22, 1), (0.46, 0.22), (0.72, 0.85), (1, 0)),
    "sticking": ((0, 0), (0.2, 1), (0.37, 0.04), (0.55, 0.05), (0.78, 0.75), (1, 0)),
    "creeping": ((0, 0), (0.24, 1), (0.5, 0.27), (0.8, 0.15), (1, 0)),
    "overshoot": ((0, 0), (0.42, 1), (0.8, 0), (0.89, -0.12), (1, 0)),
    "grind": ((0, 0), (0.17, 0.8), (0.4, 0.45), (0.62, 0.3), (0.84, 0.7), (1, 0)),
}
PLAIN_FALLS: dict[str, Knots] = {
    "even": ((0, 0), (0.5, 1), (1, 0)),
    "braked": ((0, 0), (0.3, 1), (0.66, 0.55), (1, 0)),
    "sagging": ((0, 0), (0.4, 0.4), (0.75, 1), (1, 0)),
    "cruise": ((0, 0), (0.2, 1), (0.8, 0.95), (1, 0)),
}
ODD_FALLS: dict[str, Knots] = {
    "stepped": ((0, 0), (0.25, 1), (0.5, 0.15), (0.75, 0.8), (1, 0.1)),
    "let_go": ((0, 0), (0.3, 0.45), (0.7, 0.5), (0.93, 1), (1, 0.95)),
    "dropped": ((0, 0), (0.45, 0.25), (0.85, 1), (1, 1)),
    "caught": ((0, 0), (0.42, 1), (0.66, 0.28), (0.88, 0.3), (1, 0)),
}
# Share of the load that has changed sides, foot or floor, over relative time.
PLAIN_TRANSFERS: dict[str, Knots] = {
    "straight": ((0, 0), (0.5, 0.5), (1, 1)),
    "s_shaped": ((0, 0), (0.25, 0.1), (0.75, 0.9), (1, 1)),
    "steep_first": ((0, 0), (0.3, 0.55), (0.65, 0.86), (1, 1)),
    "steep_last": ((0, 0), (0.4, 0.16), (0.75, 0.52), (1, 1)),
}
ODD_TRANSFERS: dict[str, Knots] = {
    "hesitant": ((0, 0), (0.3, 0.42), (0.6, 0.52), (1, 1)),
    "preloaded": ((0, 0), (0.25, 0.2), (0.55, 0.27), (1, 1)),
}
# Those of the odd ones that a person who never rests at the bottom can show without the count being a riddle.
FLOWING_RISES = PLAIN_RISES | {name: ODD_RISES[name] for name in ("creeping", "overshoot")}


def _through(x: F64, knots: Knots, flat_ends: bool) -> F64:
    """Monotone cubic through `knots` at `x`; with flat ends a speed also begins and ends without a jerk."""
    at, value = np.array(knots, dtype=np.float64).T
    step = np.diff(at)
    secant = np.diff(value) / step
    slope = np.zeros_like(at)
    before, after = secant[:-1], secant[1:]
    same = before * after > 0
    slope[1:-1][same] = 2 * before[same] * after[same] / (before[same] + after[same])
    if not flat_ends:
        slope[0], slope[-1] = secant[0], secant[-1]
    i = np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(step) - 1)
    p = (x - at[i]) / step[i]
    q = 1 - p
    bend = step[i] * p * q * (q * slope[i] - p * slope[i + 1])
    return value[i] * q * q * (1 + 2 * p) + value[i + 1] * p * p * (3 - 2 * p) + bend


def _varied(knots: Knots, spread: float, rng: np.random.Generator) -> Knots:
    """Keep the kind of course, but change its intervals and heights by `spread` (relative)."""
    at, value = np.array(knots, dtype=np.float64).T
    gaps = np.diff(at) * np.exp(spread * rng.standard_normal(len(at) - 1))
    at = np.concatenate(([0.0], np.cumsum(gaps) / gaps.sum()))
    value = value * np.exp(0.7 * spread * rng.standard_normal(len(value)))
    return tuple(zip(at.tolist(), value.tolist(), strict=True))


def _scattered(rng: np.random.Generator, spread: float) -> float:
    return float(np.exp(spread * np.clip(rng.standard_normal(), -2.5, 2.5)))


def _band(n: int, low_hz: float, high_hz: float, rng: np.random.Generator) -> F64:
    """Noise of unit rms in a band, its amplitude falling with frequency as a body's does."""
    hz = np.fft.rfftfreq(n, 1 / GRID_HZ)
    gain = np.where((hz >= low_hz) & (hz <= high_hz), 1 / np.sqrt(np.maximum(hz, low_hz)), 0.0)
    noise = np.fft.irfft(gain * (rng.standard_normal(len(hz)) + 1j * rng.standard_normal(len(hz))), n)
    return noise / noise.std()


def _smoothed(x: F64, sigma_s: float) -> F64:
    reach = int(4 * sigma_s * GRID_HZ)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (sigma_s * GRID_HZ)) ** 2)
    return np.convolve(np.pad(x, reach, mode="edge"), kernel / kernel.sum(), mode="valid")


def _plateau(up_s: float, stay_s: float, down_s: float) -> F64:
    """From 0 to 1 and back on the grid, with soft corners."""
    knots = ((0.0, 0.0), (up_s, 1.0), (up_s + stay_s, 1.0), (up_s + stay_s + down_s, 0.0))
    return _through(np.arange(0, knots[-1][0], 1 / GRID_HZ), knots, flat_ends=True)


def _hump(seconds: float) -> F64:
    return np.sin(np.linspace(0, np.pi, round(seconds * GRID_HZ))) ** 2


def _ring(hz: float, decay_s: float) -> F64:
    t = np.arange(0, 5 * decay_s, 1 / GRID_HZ)
    return np.sin(2 * np.pi * hz * t) * np.exp(-t / decay_s)


@dataclass(frozen=True)
class Person:
    """One body and its habits, the same through the set."""

    body_kg: float
    load_kg: float
    level_n: float  # quasi-static foot force when the hips have just left the floor
    lockout_ratio: float  # the same at lockout, relative
    arch: float  # how far the middle of the range lies above the line between, relative
    band_n: float  # what an elastic band adds at lockout
    moved_kg: float  # effective mass at the foot per hip acceleration
    range_m: float
    top: float  # share of the range that is used
    rest_n: float
    brace_rms_n: float
    wander_cv: float
    ascent_s: float
    hold_s: float
    descent_s: float
    push_s: float
    landing_s: float
    pause_s: float  # typical rest on the floor
    touch_depth: float  # how much of the lift's force a short touch takes away
    touch_s: float
    hover_height: float
    hover_s: float
    rise: Knots
    fall: Knots
    push: Knots
    landing: Knots
    spike: float  # landing force above the lift's, relative
    spike_s: float
    hold_drift: float  # per second at the top, relative
    heel: float
    heel_slope: float  # change of the heel share from floor to lockout
    rest_heel: float
    left: tuple[float, float]  # left share of the heel half and of the toe half
    fatigue: float  # how much longer the last ascent takes, relative

    def level(self, height: F64 | float) -> F64 | float:
        """Quasi-static foot force at a relative hip height."""
        h = np.clip(height, 0, 1.1)
        body = 1 + (self.lockout_ratio - 1) * h + 4 * self.arch * h * (1 - h)
        return self.level_n * body + self.band_n * h**1.4

    def inertia(self, height: F64) -> F64:
        """Effective mass at the foot, which is larger low than high."""
        return self.moved_kg * (1.085 - 0.17 * np.clip(height, 0, 1))

    @property
    def lift_rise_n(self) -> float:
        """What a lift adds to the resting leg, at its lowest."""
        return float(min(self.level(0.0), self.level(self.top))) - self.rest_n


def _person(suite: str, rng: np.random.Generator) -> Person:
    """Draw somebody who would do this kind of set."""
    within = rng.uniform

    def one_of(kinds: dict[str, Knots]) -> Knots:
        return _varied(kinds[str(rng.choice(list(kinds)))], 0.13, rng)

    wild = suite == "unseen_shapes"
    flowing = suite in ("touch", "hover", "mixed")
    odd = wild or rng.random() < 0.25
    rises = FLOWING_RISES if flowing else ODD_RISES if odd else PLAIN_RISES
    falls = ODD_FALLS if not flowing and (wild or rng.random() < 0.25) else PLAIN_FALLS
    transfers = ODD_TRANSFERS if rng.random() < (0.5 if wild else 0.15) else PLAIN_TRANSFERS
    body_kg = within(52, 102)
    level_n = (125 + 1.65 * body_kg) * within(0.92, 1.14)
    hard_landing = rng.random() < (0.6 if falls is ODD_FALLS else 0.25)
    person = Person(
        body_kg=body_kg,
        load_kg=0.0,
        level_n=level_n,
        lockout_ratio=within(0.8, 1.14) if wild else within(0.84, 1.08),
        arch=within(-0.04, 0.13) if wild else within(0.0, 0.09),
        band_n=0.0,
        moved_kg=0.228 * body_kg * within(0.93, 1.07),
        range_m=FULL_RANGE_M * within(0.9, 1.08),
        top=1.0,
        rest_n=min(within(50, 150), level_n - 115),
        brace_rms_n=within(16, 18) if suite == "dead_stop_harsh" else within(8, 18),
        wander_cv=within(0.021, 0.025) if suite == "dead_stop_harsh" else within(0.012, 0.022),
        ascent_s=within(0.8, 1.5),
        hold_s=float(np.exp(within(np.log(0.35), np.log(1.8)))),
        descent_s=float(np.exp(within(np.log(0.9), np.log(2.7)))),
        push_s=within(0.22, 0.55),
        landing_s=within(0.22, 0.55),
        pause_s=float(np.exp(within(np.log(0.7), np.log(3.2)))),
        touch_depth=within(0.3, 0.62),
        touch_s=within(0.28, 0.55),
        hover_height=within(0.05, 0.18),
        hover_s=within(0.05, 0.35),
        rise=one_of(rises),
        fall=one_of(falls),
        push=one_of(transfers),
        landing=one_of(transfers),
        spike=within(0.3, 0.85) if hard_landing else within(0.0, 0.2),
        spike_s=within(0.05, 0.09) if hard_landing else within(0.08, 0.15),
        hold_drift=within(-0.06, 0.06) if wild else within(-0.02, 0.02),
        heel=within(0.38, 0.82),
        heel_slope=within(-0.12, 0.1),
        rest_heel=within(0.45, 0.85),
        left=(within(0.42, 0.58), within(0.38, 0.6)),
        fatigue=within(0.0, 0.35),
    )
    person = _adapted(person, suite, rng)
    calmest = 0.17 if suite == "dead_stop_harsh" else 0.13
    return replace(person, brace_rms_n=min(person.brace_rms_n, max(8.0, calmest * person.lift_rise_n)))


def _adapted(person: Person, suite: str, rng: np.random.Generator) -> Person:
    """Change what the suite or the variant asks of the person."""
    within = rng.uniform
    change: dict[str, Any] = {}
    match suite:
        case "loaded":
            load_kg = within(20, 100)
            change = {"load_kg": load_kg, "level_n": person.level_n + 4.4 * load_kg}
            change |= {"moved_kg": person.moved_kg + 0.59 * load_kg, "ascent_s": within(0.9, 1.6)}
        case "explosive":
            change = {"ascent_s": within(0.55, 0.7), "descent_s": within(0.8, 1.6)}
            change |= {"push_s": within(0.2, 0.3), "fatigue": within(0, 0.15)}
        case "slow":
            change = {"ascent_s": within(2.6, 3.3), "descent_s": within(2.6, 3.3)}
            change |= {"hold_s": within(0.8, 1.3), "fatigue": within(0, 0.15)}
        case "touch" | "hover" | "mixed":
            # Who keeps moving does so evenly: a slow or long-held rep between turns is rare.
            change = {"ascent_s": within(0.8, 1.25), "descent_s": within(0.85, 1.7)}
            change |= {"hold_s": within(0.3, 1.2), "fatigue": within(0, 0.2)}
            change |= {"spike": min(person.spike, 0.15), "wander_cv": min(person.wander_cv, 0.019)}
        case "floor_bridge":
            level_n = person.level_n * within(0.74, 0.92)
            change = {"level_n": level_n, "rest_n": min(person.rest_n, level_n - 85)}
            change |= {"range_m": person.range_m * within(0.4, 0.62), "ascent_s": within(0.7, 1.2)}
        case "b_stance":
            share = within(0.4, 0.8)
            level_n = max(person.level_n * share, 125.0)
            rest_n = min(person.rest_n * within(0.6, 0.9), level_n * min(person.lockout_ratio, 1) - 60)
            change = {"level_n": level_n, "rest_n": rest_n, "moved_kg": person.moved_kg * share}
        case "feet_elevated":
            level_n = person.level_n * within(1.0, 1.15)
            change = {"level_n": level_n, "rest_n": min(within(110, 190), level_n - 95)}
        case "band":
            change = {"band_n": within(40, 130)}
        case "short_range":
            change = {"top": within(0.4, 0.68), "ascent_s": within(0.65, 1.1), "descent_s": within(0.8, 1.8)}
    return replace(person, **change)


class Script:
    """A session as it unfolds: tracks on the grid, written at a cursor that only goes forward."""

    def __init__(self, person: Person, rng: np.random.Generator) -> None:
        n = int(LONGEST_S * GRID_HZ)
        self.person = person
        self.rng = rng
        self.within = rng.uniform
        self.now = 0  # the cursor, in samples of the grid
        self.height = np.zeros(n)  # of the hips, relative to the range
        self.acceleration = np.zeros(n)  # of the hips, m/s²
        self.borne = np.zeros(n)  # share of the lift's load that is on the foot
        self.level_gain = np.zeros(n)  # relative change of the quasi-static level
        self.rest_n = np.full(n, person.rest_n)
        self.contact = np.ones(n)  # 0 while the foot is off the plate
        self.push_n = np.zeros(n)  # what the foot does besides lifting
        self.effort = np.zeros(n)  # 0…1: a leg that pushes is steadier than one that idles
        self.heel_shift = np.zeros(n)
        self.cells_n = np.zeros((4, n))  # what stands or knocks on the plate beside the foot
        self.reps: list[TrueRep] = []
        self.rested = True  # whether the hips lie on the floor

    @property
    def now_s(self) -> float:
        """The cursor in seconds."""
        return self.now / GRID_HZ

    def add(self, track: F64, shape: F64, later_s: float = 0.0) -> float:
        """Add a shape to a track from the cursor (or later) on, and say how long it is in seconds."""
        first = self.now + round(later_s * GRID_HZ)
        room = track[..., first : first + shape.shape[-1]]
        room += shape[..., : room.shape[-1]]
        return shape.shape[-1] / GRID_HZ

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += round(seconds * GRID_HZ)

    def _move(self, course: Knots, way: float, seconds: float, ends_at: float) -> tuple[float, float]:
        """Write one movement of the hips; returns the first and last instant above the still speed.

        A descent ends at its last such instant (`ends_at` is where the hips then are), an ascent at its end.
        """
        n = round(seconds * GRID_HZ)
        speed = _through(np.linspace(0, 1, n), course, flat_ends=True)
        speed *= way / speed.sum() * GRID_HZ
        moving = np.flatnonzero(np.sign(way) * speed > STILL * np.abs(speed).max())
        if way < 0:
            n = int(moving[-1]) + 1
            speed = speed[:n]
        part = slice(self.now, self.now + n)
        self.height[part] = ends_at - (np.cumsum(speed[::-1])[::-1]) / GRID_HZ
        self.acceleration[part] = np.gradient(speed, 1 / GRID_HZ) * self.person.range_m
        self.height[part.stop :] = ends_at
        first_s, last_s = ((self.now + int(i)) / GRID_HZ for i in moving[[0, -1]])
        self.now = part.stop
        return first_s, last_s

    def _lasting(self, course: Knots, way: float, seconds: float, spared: float) -> float:
        """Tell how long a movement takes: jerks slow it, and the foot keeps `spared` of its load."""
        speed = _through(np.linspace(0, 1, 400), course, flat_ends=True)
        jerky = float(np.abs(np.diff(speed)).max() * 400 / np.abs(speed.mean()))
        strongest = (1 - spared) * self.person.level_n / self.person.moved_kg
        shortest_s = np.sqrt(jerky * abs(way) * self.person.range_m / strongest)
        return float(max(seconds * np.clip(np.sqrt(jerky / 9), 1.0, 1.3), shortest_s))

    def _transfer(self, course: Knots, seconds: float, start: float, end: float) -> None:
        """Hand load over to the foot, or back: the same course, never turning round on its way."""
        n = round(seconds * GRID_HZ)
        passed = np.maximum.accumulate(_through(np.linspace(0, 1, n), course, flat_ends=False))
        self.borne[self.now : self.now + n] = start + (end - start) * passed / passed[-1]
        self.borne[self.now + n :] = end
        self.now += n

    def rep(self, style: str, tired: float) -> None:
        """One rep from the floor or from the last turn; `style` is what follows its descent, `tired` 0…1."""
        who, rng = self.person, self.rng
        push_start: float | None = None
        if self.rested:
            push_start = self.now_s
            push = _varied(who.push, 0.05, rng)
            self._transfer(push, float(np.clip(who.push_s * _scattered(rng, 0.09), 0.2, 0.6)), 0.0, 1.0)

        start_height = self.height[self.now]
        top = who.top * (1 - 0.04 * tired) * _scattered(rng, 0.012)
        rise = who.rise
        if self.rested and rng.random() < 0.1 * tired:
            rise = ODD_RISES["sticking"]
        rise = _varied(rise, 0.05, rng)
        rise_s = who.ascent_s * (1 + who.fatigue * tired**1.5) * _scattered(rng, 0.05)
        off_s, way = self.now_s, top - start_height
        moving_s, still_s = self._move(rise, way, self._lasting(rise, way, rise_s, 0.55), top)
        turned = bool(self.reps) and self.reps[-1].style == "hover"

        hold_s = float(np.clip(who.hold_s * (1 - 0.2 * tired) * _scattered(rng, 0.14), 0.25, 2.0))
        drift = who.hold_drift * hold_s
        self.add(self.level_gain, np.linspace(0, drift, round(hold_s * GRID_HZ)))
        self.wait(hold_s)

        fall = _varied(who.fall, 0.05, rng)
        fall_s = who.descent_s * (1 - 0.12 * tired) * _scattered(rng, 0.07)
        low = who.hover_height * _scattered(rng, 0.15) if style == "hover" else 0.0
        leaving = self.now
        leave_s, down_s = self._move(fall, low - top, self._lasting(fall, low - top, fall_s, 0.4), low)
        self.level_gain[leaving : self.now] = np.linspace(drift, 0, self.now - leaving)

        lift_off_s = moving_s if turned else off_s
        unknown = float("nan")  # the heel share is told from the forces, once they are there
        rest_s = self._bottom(style)
        self.reps.append(
            TrueRep(style, push_start, lift_off_s, still_s, leave_s, down_s, rest_s, heel_share=unknown)
        )
        self.rested = style == "dead_stop"

    def _bottom(self, style: str) -> float | None:
        """Turn, touch or rest at the end of a descent; returns the truth's `rest`."""
        who, rng = self.person, self.rng
        if style == "hover":
            self.wait(who.hover_s * _scattered(rng, 0.2))
            return None
        if style == "touch":
            depth = float(np.clip(who.touch_depth * _scattered(rng, 0.08), 0.27, 0.68))
            bottom_n = float(who.level(0.0)) * (1 - depth)
            left = max(0.0, (bottom_n - who.rest_n) / (float(who.level(0.0)) - who.rest_n))
            down_s = who.touch_s * self.within(0.38, 0.52) * _scattered(rng, 0.08)
            up_s = who.touch_s * self.within(0.48, 0.62) * _scattered(rng, 0.08)
            self.add(self.effort, _plateau(0.3 * down_s, 0.7 * down_s + 0.7 * up_s, 0.3 * up_s))  # no idling
            soft = PLAIN_TRANSFERS["s_shaped"]
            self._transfer(soft, down_s, 1.0, left)
            deepest = self.now_s
            self._transfer(soft, up_s, left, 1.0)
            return deepest
        spike_n = who.spike * float(who.level(0.0)) * _scattered(rng, 0.2)
        self.add(self.push_n, spike_n * _hump(who.spike_s))
        if who.spike > 0.25:
            self.add(self.push_n, -0.15 * spike_n * _ring(self.within(6, 9), 0.12), later_s=who.spike_s)
        self.rest_n[self.now :] = who.rest_n * _scattered(rng, 0.07)
        landing = _varied(who.landing, 0.05, rng)
        self._transfer(landing, float(np.clip(who.landing_s * _scattered(rng, 0.1), 0.2, 0.6)), 1.0, 0.0)
        # A leg that has just worked goes slack over the next second or so.
        slack = self.within(0, 0.16) * who.rest_n * np.exp(-np.arange(0, 4, 1 / GRID_HZ) / 0.7)
        self.add(self.push_n, slack * np.minimum(1, np.arange(len(slack)) / (0.25 * GRID_HZ)))
        return self.now_s

    def pause(self, tired: float) -> None:
        """Rest on the floor, now and then for several breaths."""
        typical_s = self.person.pause_s * (1 + 0.5 * tired) * _scattered(self.rng, 0.35)
        if self.rng.random() < 0.07:
            typical_s = self.within(3.5, 6.0)
        self.wait(float(np.clip(typical_s, 0.42, 6.0)))


def _foot_off(script: Script, off_s: float) -> float:
    """Lift the foot and put it down again; returns the seconds that takes."""
    up_s, down_s = script.within(0.15, 0.4), script.within(0.12, 0.3)
    lasted_s = script.add(script.contact, -_plateau(up_s, off_s, down_s))
    script.add(script.push_n, script.within(15, 60) * _hump(0.14), later_s=lasted_s - 0.1)
    return lasted_s


def _stepped_off(script: Script) -> float:
    return _foot_off(script, script.within(0.8, 4.0))


def _pushed(
    script: Script, amount_n: float, up_s: float, stay_s: float, down_s: float, later_s: float = 0.0
) -> float:
    """Push with the leg without lifting anything; returns when it is over."""
    shape = _plateau(up_s, stay_s, down_s)
    script.add(script.effort, 0.85 * shape, later_s)
    return later_s + script.add(script.push_n, amount_n * shape, later_s)


def _stood(script: Script) -> float:
    """Get up on the plate with most or all of the weight, and sit down again."""
    start_s = _foot_off(script, script.within(0.4, 1.2)) + 0.2 if script.rng.random() < 0.6 else 0.0
    weight_n = script.person.body_kg * GRAVITY * script.within(0.75, 1.04) - script.person.rest_n
    up_s, down_s = script.within(0.4, 1.1), script.within(0.35, 1.0)
    end_s = _pushed(script, weight_n, up_s, script.within(0.8, 5.0), down_s, start_s)
    tilt = _plateau(up_s, end_s - start_s - up_s - down_s, down_s)
    script.add(script.heel_shift, script.within(-0.25, 0.1) * tilt, start_s)
    return end_s


def _repositioned(script: Script) -> float:
    """Take small steps until the foot lies right: a little differently than before."""
    spent_s = 0.0
    for _ in range(int(script.rng.integers(1, 4))):
        hop = -script.within(0.6, 1.0) * _plateau(0.12, script.within(0.1, 0.35), 0.15)
        spent_s += script.add(script.contact, hop, spent_s) + script.within(0.15, 0.5)
    script.heel_shift[script.now + round(spent_s * GRID_HZ) :] += script.within(-0.04, 0.04)
    return spent_s


def _aborted(script: Script) -> float:
    """Push, and give up before the hips come off the floor."""
    amount_n = script.within(0.22, 0.52) * script.person.lift_rise_n
    stay_s = script.within(0.02, 1.2)
    return _pushed(script, amount_n, script.within(0.2, 0.6), stay_s, script.within(0.15, 0.6))


def _bench_bumped(script: Script) -> float:
    shiver = script.within(30, 55) * _ring(script.within(8, 10), script.within(0.08, 0.2))
    return script.add(script.push_n, shiver)


def _heel_lifted(script: Script) -> float:
    script.add(script.push_n, script.within(-15, 25) * _plateau(0.25, 0.6, 0.25))
    shift = -(script.person.rest_heel - script.within(0.02, 0.15))
    return script.add(script.heel_shift, shift * _plateau(0.2, script.within(0.4, 2.0), 0.25))


def _toe_tapped(script: Script) -> float:
    """Slap the forefoot down, to some music."""
    spent_s, beat_s = 0.0, script.within(0.3, 0.65)
    toe_n = script.person.rest_n * (1 - script.person.rest_heel)
    for _ in range(int(script.rng.integers(2, 8))):
        script.add(script.push_n, -0.8 * toe_n * _plateau(0.08, 0.3 * beat_s, 0.05), spent_s)
        slap = script.within(20, 60) * _hump(0.07)
        script.add(script.cells_n, np.outer((0, 0, 0.5, 0.5), slap), spent_s + 0.1 + 0.3 * beat_s)
        spent_s += beat_s * _scattered(script.rng, 0.06)
    return spent_s


def _talked(script: Script) -> float:
    """Talk: syllables that come and go with the breath."""
    seconds = script.within(1.5, 5.0)
    n = round(seconds * GRID_HZ)
    words = np.clip(_band(n, 0.3, 1.0, script.rng), -0.2, 2) + 0.2
    voice = _band(n, 2.0, 6.0, script.rng) * words * script.within(4, 9)
    return script.add(script.push_n, voice * _plateau(0.2, seconds - 0.4, 0.2)[:n])


def _object_left(script: Script) -> float:
    """Put something beside the foot, mostly for a moment, at times forgotten for a while."""
    forgotten = script.rng.random() < 0.3
    weight_n = script.within(4, 20) if forgotten else script.within(5, 0.5 * script.person.lift_rise_n)
    shape = weight_n * _plateau(0.12, script.within(8, 25) if forgotten else script.within(1.5, 6), 0.2)
    bounce = 0.3 * weight_n * _ring(script.within(6, 12), 0.08)
    shape[100 : 100 + len(bounce)] += bounce[: len(shape) - 100]
    where = script.rng.dirichlet(np.array((1.0, 1.0, 1.0, 1.0)))
    lasts_s = script.add(script.cells_n, np.outer(where, shape))
    return 1.5 if forgotten else lasts_s


def _scooted(script: Script) -> float:
    """Slide the hips nearer in little shoves."""
    spent_s = 0.0
    for _ in range(int(script.rng.integers(2, 5))):
        amount_n = script.within(0.15, 0.48) * script.person.lift_rise_n
        spent_s = _pushed(script, amount_n, script.within(0.12, 0.3), 0.02, script.within(0.12, 0.3), spent_s)
        spent_s += script.within(0.05, 0.35)
    return spent_s


def _hand_pressed(script: Script) -> float:
    """Lean on the plate with a hand."""
    heel_part = script.within(0, 1)
    where = 0.5 * np.array((heel_part, heel_part, 1 - heel_part, 1 - heel_part))
    amount_n = script.within(0.2, 0.5) * script.person.lift_rise_n
    shape = amount_n * _plateau(script.within(0.15, 0.5), script.within(0.2, 2.0), script.within(0.15, 0.5))
    script.add(script.effort, 0.6 * shape / amount_n)
    return script.add(script.cells_n, np.outer(where, shape))


def _sat_up(script: Script) -> float:
    """Lean forward over the planted foot, for the towel or the bottle."""
    amount_n = script.within(0.2, 0.48) * script.person.lift_rise_n
    up_s, down_s = script.within(0.5, 1.2), script.within(0.5, 1.4)
    return _pushed(script, amount_n, up_s, script.within(0.6, 3.0), down_s)


def _leg_shaken(script: Script) -> float:
    """Shake the tired thigh loose with the foot down."""
    seconds = script.within(0.8, 2.5)
    envelope = _plateau(0.2, seconds, 0.3)
    t = np.arange(len(envelope)) / GRID_HZ
    swing = np.sin(2 * np.pi * script.within(4, 7) * t + 0.8 * np.sin(2 * np.pi * 0.9 * t))
    return script.add(script.push_n, script.within(10, 28) * swing * envelope)


def _free_leg_swung(script: Script) -> float:
    """Draw up or stretch the other leg: the planted one answers slowly, either way."""
    amount_n = script.within(12, 40) * (1 if script.rng.random() < 0.6 else -0.7)
    shape = _plateau(script.within(0.3, 0.7), script.within(0.2, 1.5), 0.5)
    return script.add(script.push_n, amount_n * shape)


def _coughed(script: Script) -> float:
    spent_s = 0.0
    for _ in range(int(script.rng.integers(1, 5))):
        script.add(script.push_n, script.within(15, 50) * _hump(0.13), spent_s)
        spent_s += script.within(0.22, 0.5)
    return spent_s


def _weight_dropped_near(script: Script) -> float:
    """Let somebody else's weights hit the floor: the plate shivers."""
    where = script.rng.dirichlet(np.array((4.0, 4.0, 4.0, 4.0)))
    shiver = script.within(15, 60) * _ring(script.within(14, 24), 0.06)
    return script.add(script.cells_n, np.outer(where, shiver))


HAPPENINGS: tuple[Callable[[Script], float], ...] = (
    _stepped_off,
    _stood,
    _repositioned,
    _aborted,
    _aborted,  # twice as often as others: it is what looks most like a rep
    _bench_bumped,
    _heel_lifted,
    _toe_tapped,
    _talked,
    _object_left,
    _scooted,
    _hand_pressed,
    _sat_up,
    _leg_shaken,
    _free_leg_swung,
    _coughed,
    _weight_dropped_near,
)


def _happen(script: Script) -> None:
    happening = HAPPENINGS[int(script.rng.integers(len(HAPPENINGS)))]
    script.wait(happening(script) + script.within(0.6, 2.0))


def _styles(suite: str, n_reps: int, rng: np.random.Generator) -> list[str]:
    """Choose what follows each rep's descent; a set always ends on the floor."""
    if suite in ("touch", "hover"):
        return [suite] * (n_reps - 1) + ["dead_stop"]
    if suite != "mixed":
        return ["dead_stop"] * n_reps
    kinds = ("dead_stop", "touch", "hover")
    styles = [str(rng.choice(kinds))]
    while len(styles) < n_reps:
        styles.append(styles[-1] if rng.random() < 0.55 else str(rng.choice(kinds)))
    return [*styles[:-1], "dead_stop"]


def _perform(script: Script, suite: str) -> None:
    """Play the whole session, from the foot's coming to its going."""
    if script.rng.random() < 0.6:
        empty_s = script.within(1.0, 3.0)
        script.contact[: round(empty_s * GRID_HZ)] = 0
        arriving = slice(round(empty_s * GRID_HZ), round((empty_s + 0.3) * GRID_HZ))
        script.contact[arriving] = np.linspace(0, 1, arriving.stop - arriving.start)
        script.wait(empty_s + 0.3)
    script.wait(script.within(2.6, 5.0))
    if suite == "nothing":
        end_s = script.within(36, 80)
        while script.now_s < end_s:
            _happen(script)
    else:
        styles = _styles(suite, int(script.rng.integers(5, 13)), script.rng)
        for i, style in enumerate(styles):
            last = i == len(styles) - 1 or script.now_s > LAST_REP_BEFORE_S
            script.rep("dead_stop" if last else style, i / (len(styles) - 1))
            if last:
                break
            if script.rested:
                script.pause(i / len(styles))
                while suite == "events" and script.now_s < LAST_REP_BEFORE_S and script.rng.random() < 0.45:
                    _happen(script)
    script.wait(script.within(2.0, 3.5))
    if script.rng.random() < 0.6:
        script.add(script.contact, -_plateau(script.within(0.2, 0.4), LONGEST_S, 0.1))
        script.wait(script.within(2.5, 4.0))
    script.now = min(max(script.now, round(SHORTEST_S * GRID_HZ)), len(script.height))


def _forces(script: Script) -> tuple[F64, F64, F64]:
    """Newtons of heel and toe of the foot alone (n,), and of all that is on the four cells (4, n)."""
    who, rng, n = script.person, script.rng, script.now
    height, borne = script.height[:n], script.borne[:n]
    contact = np.clip(script.contact[:n], 0, 1)
    effort = np.clip(script.effort[:n], 0, 1)
    lifting = who.level(height) * (1 + script.level_gain[:n]) + who.inertia(height) * script.acceleration[:n]
    foot = script.rest_n[:n] * (1 - borne) + borne * lifting + script.push_n[:n]
    foot = _smoothed(foot * contact, 0.012)  # flesh and shoe: no corner reaches the plate

    tired = 1 + 0.12 * np.linspace(-1, 1, n)
    wander = who.wander_cv * tired * _band(n, 0.3, 8.0, rng) * np.maximum(borne, effort) * foot
    t = np.arange(n) / GRID_HZ
    breath = np.sqrt(2) * np.sin(2 * np.pi * (rng.uniform(0.22, 0.36) * t + rng.random()))
    brace = 0.5 * breath + np.sqrt(0.75) * _band(n, 0.3, 5.0, rng)
    brace *= who.brace_rms_n * (1 - np.maximum(borne, effort)) * contact
    foot = np.maximum(foot + wander + brace, 0)

    lift_heel = who.heel + who.heel_slope * height + 0.015 * _band(n, 0.1, 3.0, rng)
    heel_share = (1 - borne) * who.rest_heel + borne * lift_heel + script.heel_shift[:n]
    heel = foot * _smoothed(np.clip(heel_share, 0.02, 0.97), 0.02)
    toe = foot - heel
    wobble = 0.02 * _band(n, 0.2, 4.0, rng)
    left_heel, left_toe = (np.clip(left + wobble, 0.1, 0.9) for left in who.left)
    cells = np.stack((heel * left_heel, heel * (1 - left_heel), toe * left_toe, toe * (1 - left_toe)))
    return heel, toe, cells + script.cells_n[:, :n]


def _creep(force_n: F64, rng: np.random.Generator) -> F64:
    """Give what a cell still adds after minutes under load."""
    every = GRID_HZ // 10
    coarse = force_n[:, ::every]
    late = np.zeros_like(coarse)
    for i in range(1, coarse.shape[1]):
        late[:, i] = late[:, i - 1] + (coarse[:, i] - late[:, i - 1]) * 0.1 / 150.0
    at = np.arange(force_n.shape[1])
    full = np.stack([np.interp(at, at[::every], row) for row in late])
    return full * rng.uniform(0.001, 0.003, (4, 1))


def _gaps(n: int, harsh: bool, rng: np.random.Generator) -> I64:
    """Which conversions arrive."""
    arrived = rng.random(n) > rng.uniform(0.001, 0.005)
    if harsh:
        for first in rng.integers(0, n, int(rng.integers(2, 7))):
            arrived[first : first + int(rng.integers(4, 25))] = False
    return np.flatnonzero(arrived)


def _convert(cells_n: F64, harsh: bool, rng: np.random.Generator) -> tuple[F64, I64, F64]:
    """Four chips look at their cells, each by its own clock."""
    n = cells_n.shape[1]
    minutes = np.arange(n) / GRID_HZ / 60
    drift = rng.uniform(0.9, 1.5, (4, 1)) if harsh else rng.uniform(0.3, 0.9, (4, 1))
    drift = drift * rng.choice((-1, 1), (4, 1))
    gain = 1 + rng.choice((-1, 1), (4, 1)) * rng.uniform(0.005, 0.015, (4, 1))
    shown = (cells_n + _creep(cells_n, rng)) * gain + drift * minutes + rng.uniform(-0.5, 0.5, (4, 1))
    integral = np.pad(np.cumsum(shown, axis=1), ((0, 0), (1, 0))) / GRID_HZ
    edges_s = np.arange(n + 1) / GRID_HZ

    noise_n = rng.uniform(0.2, 0.4) if harsh else rng.uniform(0.01, 0.2)
    hum_n = rng.uniform(0.5, 1.5) if harsh else rng.uniform(0.05, 0.4)
    hum_hz = float(rng.choice((50.0, 60.0))) + rng.uniform(-0.05, 0.05)
    spike_rate = rng.uniform(0.01, 0.03) if harsh else rng.uniform(0.0001, 0.0008)
    times, numbers, forces = [], [], []
    for cell in range(4):
        rate_hz = rng.uniform(70, 94)
        window_s = SETTLING_CONVERSIONS / rate_hz
        t = np.arange(window_s + rng.random() / rate_hz, n / GRID_HZ, 1 / rate_hz)
        seen = np.interp(t, edges_s, integral[cell]) - np.interp(t - window_s, edges_s, integral[cell])
        force = seen / window_s + noise_n * rng.standard_normal(len(t))
        force += hum_n * np.sin(2 * np.pi * (hum_hz * t + rng.random()))
        newtons_per_count = rng.uniform(1.2e-4, 2.5e-4)
        empty_word = int(rng.integers(-200_000, 200_000))
        words = np.clip(np.rint(force / newtons_per_count) + empty_word, -MAX_WORD - 1, MAX_WORD)
        broken = np.flatnonzero(rng.random(len(t)) < spike_rate)
        bad = 2.0 ** rng.integers(15, 25, len(broken)) - 1
        words[broken] = np.where(bad > MAX_WORD, bad - 2**24, bad)  # the chip's words are signed
        arrived = _gaps(len(t), harsh, rng)
        times.append((t + rng.uniform(0, 0.001, len(t)))[arrived])  # the reader is never quite punctual
        numbers.append(np.full(len(arrived), cell, dtype=np.int64))
        forces.append(((words - empty_word) * newtons_per_count)[arrived])
    order = np.argsort(np.concatenate(times), kind="stable")
    return np.concatenate(times)[order], np.concatenate(numbers)[order], np.concatenate(forces)[order]


def make(suite: str, seed: int) -> Recorded | None:
    """One session of a suite or variant; the same for the same seed. None for a suite unknown here."""
    if suite not in SUITES + VARIANTS:
        return None
    rng = np.random.default_rng((zlib.crc32(suite.encode()), seed))
    person = _person(suite, rng)
    script = Script(person, rng)
    _perform(script, suite)
    heel_n, toe_n, cells_n = _forces(script)
    reps = []
    for rep in script.reps:
        held = slice(round(rep.lift_off_s * GRID_HZ), round(rep.lockout_end_s * GRID_HZ))
        share = float(heel_n[held].sum() / (heel_n[held].sum() + toe_n[held].sum()))
        reps.append(replace(rep, heel_share=share))
    t_s, cell, force_n = _convert(cells_n, suite == "dead_stop_harsh", rng)
    notes: dict[str, object] = {"body_kg": round(person.body_kg, 1), "load_kg": round(person.load_kg, 1)}
    return Recorded(t_s, cell, force_n, tuple(reps), ADC_DELAY_S, notes)
