"""A world in which an athlete is a script of efforts on a tape.

Held out at first; looked at since another `unseen` took its place.

Truth means the instants at which the script itself changes what the body does: when the effort begins,
when the hips part from the floor, when the hips' velocity begins and ends. They lie on the tape's 2 ms
grid and come from no curve. The heel share is taken from the tape before any nuisance is added.

How it works: a person draws up a plan, and the plan is laid on a tape of tracks (share of the load on the
foot, hip height, hip acceleration, foot on the plate, place of the pressure). Movements are velocity
profiles whose clock may be warped (a sticking point is a clock that nearly stops); height and acceleration
follow by summing and differencing. What people do between reps is played on the same tracks, by a leg
that follows abrupt intentions with a damped lag. Only then is the tape turned into force and read by four
chips.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.worlds.recorded import F64, SUITES, VARIANTS, Recorded, TrueRep

STEP_S = 0.002
ADC_DELAY_S = 0.025
FULL_RANGE_M = 0.37
GREATEST_ACCEL_M_S2 = 7.4
RESTING_LEG_LIMIT_N = 130.0  # leaves room for a shift of posture below 150 N
COUNTS_PER_N = 8500.0
GRAVITY = 9.81

REST_VALUES = {
    "transfer": 0.0,  # 0 resting leg only, 1 the whole lift on the foot
    "height": 0.0,  # of the person's own range
    "accel": 0.0,  # second derivative of height, 1/s^2
    "gain": 1.0,  # this rep's force against the person's usual
    "present": 1.0,  # the leg is on the plate
    "rest_n": 80.0,
    "share": 0.6,  # heel part of the foot force
    "extra_n": 0.0,  # under the foot, beyond leg and lift
    "heel_n": 0.0,  # on one half by itself: objects, hands
    "toe_n": 0.0,
    "calm": 1.0,  # factor on bracing
}


@dataclass(frozen=True)
class Person:
    """One athlete on one day: how the lift loads the foot, and the habits that stay through a set."""

    mass_kg: float
    load_kg: float
    level_n: float  # foot force as the hips leave the floor, at standstill
    knots: F64  # level against level_n, at equal steps of height from the floor to the full range
    range_part: float  # range of motion / full range
    inertia_s2: float  # force per level and acceleration of the full range
    rest_n: float
    push_s: float
    unload_s: float
    up_s: float
    hold_s: float
    down_s: float
    pause_s: float
    spread: float  # rep to rep, of every duration
    slowing: float  # last rep against the first
    rise: tuple[float, float]  # exponents of the upward velocity profile
    sink: tuple[float, float]
    effort: tuple[float, float]  # exponents of the load transfer
    ripple: float  # unevenness of the movement
    hesitation: float  # dent in the load transfer, 0 none
    boxy: bool  # constant velocity with soft ends
    heel: float
    heel_trend: float  # change of share from floor to lockout
    heel_at_rest: float
    wander: float
    brace_n: float
    up_limits_s: tuple[float, float] = (0.8, 1.6)
    hold_limits_s: tuple[float, float] = (0.3, 2.0)
    down_limits_s: tuple[float, float] = (0.8, 3.0)


@dataclass
class Tape:
    """Tracks on a common clock; what a piece doesn't mention keeps the value in `base`."""

    rng: np.random.Generator
    person: Person
    base: dict[str, float]
    tracks: dict[str, list[F64]] = field(default_factory=lambda: {name: [] for name in REST_VALUES})
    length: int = 0

    @property
    def now_s(self) -> float:
        """Where the next piece begins."""
        return self.length * STEP_S

    def lay(self, steps: int, **values: F64 | float) -> None:
        """Append a piece of `steps` samples."""
        for name, pieces in self.tracks.items():
            value = values.get(name, self.base[name])
            pieces.append(np.broadcast_to(np.asarray(value, dtype=float), (steps,)))
        self.length += steps

    def joined(self) -> dict[str, F64]:
        """All tracks, whole."""
        return {name: np.concatenate(pieces) for name, pieces in self.tracks.items()}


def _steps(seconds: float) -> int:
    return max(round(seconds / STEP_S), 8)


def _within(seconds: float, limits_s: tuple[float, float]) -> float:
    return float(np.clip(seconds, *limits_s))


def _swell(steps: int, early: float = 1.0, late: float = 1.0, dent: float = 0.0) -> F64:
    """0 to 1, with the exponents saying how abruptly it begins and ends."""
    u = (np.arange(steps) + 0.5) / steps
    rate = u**early * (1 - u) ** late * (1 - dent * np.exp(-(((u - 0.45) / 0.13) ** 2)))
    whole = np.cumsum(rate)
    return whole / whole[-1]


def _there_and_back(steps: int, ramp_s: float, back_s: float | None = None) -> F64:
    """0 to 1, a stay, and back to 0."""
    up = min(_steps(ramp_s), steps // 2)
    down = min(_steps(back_s or ramp_s), steps - up)
    return np.concatenate([_swell(up), np.ones(steps - up - down), 1 - _swell(down)])


def _hum(rng: np.random.Generator, steps: int, low_hz: float, high_hz: float, tilt: float = 0.5) -> F64:
    """Noise of rms 1 in a band, falling with frequency to the power of `tilt` in amplitude."""
    bins = np.fft.rfftfreq(steps, STEP_S)
    band = (bins >= low_hz) & (bins <= high_hz)
    count = int(band.sum())
    if count < 2:
        return np.zeros(steps)
    lines = np.zeros(bins.size, dtype=complex)
    lines[band] = (rng.normal(size=count) + 1j * rng.normal(size=count)) / bins[band] ** tilt
    wave = np.fft.irfft(lines, steps)
    return wave / (wave.std() + 1e-12)


def _follow(rng: np.random.Generator, steps: int, shifts: int, size: float) -> F64:
    """Follow abrupt intentions of the leg with a critically damped lag, and return to nothing."""
    t = np.arange(steps) * STEP_S
    path, aim = np.zeros(steps), 0.0
    for start in np.sort(rng.uniform(0, t[-1] * 0.85, shifts)):
        wish = rng.uniform(-size, size)
        lag = np.maximum(t - start, 0) * rng.uniform(6, 22)
        path += (wish - aim) * (1 - (1 + lag) * np.exp(-lag))
        aim = wish
    return path * _there_and_back(steps, min(0.3, steps * STEP_S / 4))


# --- movements ---------------------------------------------------------------------------------------


def _velocity(steps: int, shape: tuple[float, float], boxy: bool, ripple: float, phase: float) -> F64:
    """Make a velocity profile from 0 to 0 whose integral is 1."""
    u = (np.arange(steps) + 0.5) / steps
    if boxy:
        edge_in, edge_out = 0.16 + 0.1 * shape[0], 0.16 + 0.1 * shape[1]
        v = np.sin(np.clip(u / edge_in, 0, 1) * np.pi / 2) ** 2
        v = v * np.sin(np.clip((1 - u) / edge_out, 0, 1) * np.pi / 2) ** 2
    else:
        v = u ** shape[0] * (1 - u) ** shape[1]
    v = v * (1 + ripple * np.cos(4 * np.pi * u + phase))
    return v / (v.sum() * STEP_S)


def _movement(
    person: Person,
    seconds: float,
    shape: tuple[float, float],
    phase: float,
    way: float,
    halt: tuple[float, float] | None = None,
    dropped: bool = False,
) -> tuple[F64, F64]:
    """Height gained (0 to 1) and its acceleration; slower than asked if the body couldn't do it.

    way : part of the range that is travelled; halt : (where in 0..1, seconds) of a sticking
    point; dropped : let go, so that the velocity grows until the floor ends it
    """
    limit = GREATEST_ACCEL_M_S2 / (FULL_RANGE_M * person.range_part * way)
    while True:
        steps = _steps(seconds)
        if dropped:
            v = ((np.arange(steps) + 0.5) / steps) ** 1.5
            v = v / (v.sum() * STEP_S)
        else:
            v = _velocity(steps, _hasty(shape, seconds), person.boxy, person.ripple, phase)
        if halt is not None:
            # The clock of the movement nearly stops: the same path, with a wait in it.
            t = np.arange(steps + _steps(halt[1])) * STEP_S
            begin = halt[0] * seconds
            inside = 1 / (1 + np.exp(-(t - begin) / 0.03)) / (1 + np.exp((t - begin - halt[1]) / 0.03))
            clock = np.cumsum(1 - 0.97 * inside)
            pace = 1 - 0.97 * inside
            v = np.interp(clock / clock[-1], (np.arange(steps) + 0.5) / steps, v, left=0, right=0) * pace
            v = v / (v.sum() * STEP_S)
        accel = np.gradient(v, STEP_S)
        if np.abs(accel).max() <= limit:
            return np.cumsum(v) * STEP_S, accel
        seconds *= 1.04


def _hasty(shape: tuple[float, float], seconds: float) -> tuple[float, float]:
    """Bend the profile's exponents to a tempo: haste makes a movement more even."""
    haste = np.clip((0.9 - seconds) / 0.4, 0, 1)
    return (shape[0] + (1.4 - shape[0]) * haste, shape[1] + (1.5 - shape[1]) * haste)


@dataclass
class _Open:
    """Instants of a rep, collected while it is laid on the tape."""

    style: str
    push_start_s: float | None
    lift_off_s: float = 0.0
    lockout_start_s: float = 0.0
    lockout_end_s: float = 0.0
    touchdown_s: float = 0.0
    rest_s: float | None = None


def _lay_movement(tape: Tape, height: F64, accel: F64, share: float) -> None:
    leaning = share + tape.person.heel_trend * height
    tape.lay(height.size, transfer=1.0, height=height, accel=accel, share=leaning)


def _lay_set(tape: Tape, styles: list[str], eventful: bool) -> list[_Open]:
    """Lay a set of reps; `styles` says what follows each descent."""
    rng, person = tape.rng, tape.person
    opened: list[_Open] = []
    floor_load, low = 0.0, 0.0  # load on the foot and height at which the next rep begins
    phase = rng.uniform(0, 2 * np.pi)
    hover_low = rng.uniform(0.08, 0.25)
    touch_unload = rng.uniform(0.32, 0.62)
    for number, style in enumerate(styles):
        tired = 1 + person.slowing * (number / max(len(styles) - 1, 1)) ** 1.5

        def jitter() -> float:
            return _within(1 + person.spread * rng.normal(), (0.75, 1.3))

        gain = float(np.clip(rng.normal(1, 0.015), 0.96, 1.04))
        share = float(np.clip(person.heel + rng.normal(0, 0.02), 0.1, 0.93))
        hovering = low > 0
        gain = tape.base["gain"] if hovering else gain
        tape.base.update(gain=gain)
        rep = _Open(style, None if hovering else tape.now_s)
        if not hovering:
            brisk = 0.8 if floor_load > 0 else 1.0
            steps = _steps(_within(person.push_s * jitter() * brisk * tired**0.5, (0.2, 0.6)))
            swell = _swell(steps, *person.effort, person.hesitation)
            moved = person.heel_at_rest + (share - person.heel_at_rest) * swell
            tape.lay(steps, transfer=floor_load + (1 - floor_load) * swell, share=moved)

        halt = None
        if eventful and rng.random() < 0.14:
            halt = (rng.uniform(0.3, 0.65), rng.uniform(0.2, 0.5))
        rep.lift_off_s = tape.now_s
        up_s = _within(person.up_s * jitter() * tired, person.up_limits_s)
        gone, accel = _movement(person, up_s, person.rise, phase, 1 - low, halt)
        _lay_movement(tape, low + (1 - low) * gone, accel * (1 - low), share)

        rep.lockout_start_s = tape.now_s
        steps = _steps(_within(person.hold_s * jitter(), person.hold_limits_s))
        at_top = np.full(steps, share + person.heel_trend)
        if eventful and rng.random() < 0.1:
            at_top = at_top * (1 - 0.95 * _there_and_back(steps, 0.15))  # the heel comes off at the top
        tape.lay(steps, transfer=1.0, height=1.0, share=at_top)

        rep.lockout_end_s = tape.now_s
        lowest = hover_low * float(np.clip(rng.normal(1, 0.12), 0.6, 1.4)) if style == "hover" else 0.0
        dropped = eventful and style == "dead_stop" and rng.random() < 0.14
        down_s = _within(person.down_s * jitter(), person.down_limits_s)
        if dropped:
            down_s = rng.uniform(0.5, 0.85)
        gone, accel = _movement(person, down_s, person.sink, phase + 1, 1 - lowest, dropped=dropped)
        _lay_movement(tape, 1 - (1 - lowest) * gone, -accel * (1 - lowest), share)

        rep.touchdown_s = tape.now_s
        if style == "hover":
            tape.lay(_steps(rng.uniform(0.06, 0.3)), transfer=1.0, height=lowest, share=share)
            floor_load, low = 1.0, lowest
        else:
            deep = 1.0 if style == "dead_stop" else float(np.clip(touch_unload * jitter(), 0.25, 0.7))
            shortness = 1.0 if style == "dead_stop" else 0.75
            steps = _steps(_within(person.unload_s * jitter() * shortness, (0.15, 0.5)))
            rest_n = _within(person.rest_n * rng.normal(1, 0.07), (35, RESTING_LEG_LIMIT_N))
            tape.base.update(rest_n=rest_n)
            fall = _swell(steps, person.effort[1], person.effort[0] + 0.3, person.hesitation)
            jolt = np.zeros(steps)
            if dropped:
                knock = min(_steps(rng.uniform(0.06, 0.11)), steps)
                jolt[:knock] = np.sin(np.linspace(0, np.pi, knock)) ** 2
                jolt *= rng.uniform(0.5, 1.0) * person.level_n
            moved = share + (person.heel_at_rest - share) * deep * fall
            tape.lay(steps, transfer=1 - deep * fall, share=moved, extra_n=jolt)
            rep.rest_s = tape.now_s
            floor_load, low = (0.0 if style == "dead_stop" else 1 - deep), 0.0
            if style == "touch":
                tape.lay(_steps(rng.uniform(0.02, 0.14)), transfer=floor_load, share=person.heel_at_rest)
        opened.append(rep)
        if style == "dead_stop" and number < len(styles) - 1:
            tape.lay(_steps(_within(person.pause_s * jitter() * tired, (0.4, 2.5))))
            if eventful and rng.random() < 0.45:
                _lay_happening(tape)
                tape.lay(_steps(rng.uniform(0.7, 2.2)))
    return opened


# --- what people do when they don't lift -------------------------------------------------------------


def _partial(tape: Tape, part: float) -> float:
    """Load transfer at which the foot carries `part` of the lift's force."""
    return max(
        (part * tape.person.level_n - tape.base["rest_n"]) / (tape.person.level_n - tape.base["rest_n"]), 0.05
    )


def _try_and_give_up(tape: Tape) -> None:
    steps = _steps(tape.rng.uniform(0.9, 2.6))
    effort = _there_and_back(steps, tape.rng.uniform(0.25, 0.7), tape.rng.uniform(0.2, 0.6))
    tape.lay(steps, transfer=effort * _partial(tape, tape.rng.uniform(0.42, 0.67)))


def _scoot(tape: Tape) -> None:
    """Shuffle the back up against the bench: a few short shoves of the leg, the hips sliding."""
    for _ in range(int(tape.rng.integers(2, 5))):
        steps = _steps(tape.rng.uniform(0.3, 0.6))
        shove = _there_and_back(steps, 0.14) * _partial(tape, tape.rng.uniform(0.35, 0.6))
        tape.lay(steps, transfer=shove, share=tape.person.heel_at_rest - 0.1 * shove)
        tape.lay(_steps(tape.rng.uniform(0.15, 0.7)))


def _foot_away(tape: Tape, away_s: float) -> None:
    """Take the foot away, and back heel first with a small knock."""
    leave = _steps(tape.rng.uniform(0.2, 0.5))
    tape.lay(leave, present=1 - _swell(leave))
    tape.lay(_steps(away_s), present=0.0)
    _foot_down(tape)


def _foot_down(tape: Tape) -> None:
    steps = _steps(tape.rng.uniform(0.25, 0.6))
    back = _swell(steps, 0.6, 1.4)
    knock = np.exp(-0.5 * ((np.linspace(0, 1, steps) - 0.35) / 0.1) ** 2)
    share = 0.95 + (tape.base["share"] - 0.95) * back
    tape.lay(steps, present=back, share=share, extra_n=knock * tape.rng.uniform(5, 40))


def _step_off_and_on(tape: Tape) -> None:
    _foot_away(tape, tape.rng.uniform(0.8, 6.0))


def _reposition(tape: Tape) -> None:
    """Lighten the foot and walk it a little, toes and heel in turn."""
    steps = _steps(tape.rng.uniform(0.6, 1.6))
    light = _there_and_back(steps, 0.2) * tape.rng.uniform(0.5, 1.0)
    swing = 0.3 * np.sin(np.linspace(0, 2 * np.pi * tape.rng.uniform(1, 2.5), steps))
    tape.lay(steps, present=1 - light, share=np.clip(tape.base["share"] + swing * light, 0.03, 0.97))


def _stand(tape: Tape) -> None:
    """Get up with this foot on the plate, look around, sit down again."""
    weight = tape.rng.uniform(0.75, 1.0) * tape.person.mass_kg * GRAVITY
    rise, stay, sit = (tape.rng.uniform(0.6, 1.5), tape.rng.uniform(1.5, 6.0), tape.rng.uniform(0.6, 1.5))
    steps = _steps(rise) + _steps(stay) + _steps(sit)
    envelope = _there_and_back(steps, rise, sit)
    sway = tape.rng.uniform(0.008, 0.025) * np.clip(_hum(tape.rng, steps, 0.2, 1.2), -2, 2) * envelope
    lean = 0.12 * np.clip(_hum(tape.rng, steps, 0.15, 0.9), -2, 2) * envelope
    share = np.clip(tape.base["share"] * (1 - envelope) + 0.55 * envelope + lean, 0.05, 0.95)
    tape.lay(
        steps,
        extra_n=(weight - tape.base["rest_n"]) * envelope + weight * sway,
        share=share,
        calm=1 - envelope,
    )


def _object(tape: Tape) -> None:
    """Put a bottle or a small weight on one half of the plate, and now and then forget it there."""
    half = "heel_n" if tape.rng.random() < 0.5 else "toe_n"
    if tape.base[half] > 0:
        tape.lay(_steps(0.8), **{half: tape.base[half] * (1 - _swell(_steps(0.8)))})
        tape.base[half] = 0.0
        return
    weight = min(tape.rng.uniform(5, 60), 0.15 * tape.person.level_n)
    setting = _steps(0.25)
    bounce = 1 + 0.4 * np.sin(np.linspace(0, 3 * np.pi, setting)) * np.exp(-np.linspace(0, 4, setting))
    tape.lay(setting, **{half: weight * _swell(setting, 0.2, 1.0) * bounce})
    tape.lay(_steps(tape.rng.uniform(1.0, 5.0)), **{half: weight})
    if tape.rng.random() < 0.3:
        tape.base[half] = weight
    else:
        lifting = _steps(0.3)
        tape.lay(lifting, **{half: weight * (1 - _swell(lifting))})


def _hand_on_plate(tape: Tape) -> None:
    """Take the foot away and push the plate about by hand."""
    leave = _steps(0.4)
    tape.lay(leave, present=1 - _swell(leave))
    steps = _steps(tape.rng.uniform(1.0, 3.0))
    press = _there_and_back(steps, 0.25) * tape.rng.uniform(20, 90)
    press *= 1 + 0.3 * np.sin(np.arange(steps) * STEP_S * 2 * np.pi * tape.rng.uniform(0.6, 1.8))
    split = tape.rng.uniform(0.1, 0.9)
    tape.lay(
        steps,
        present=0.0,
        heel_n=tape.base["heel_n"] + split * press,
        toe_n=tape.base["toe_n"] + (1 - split) * press,
    )
    tape.lay(_steps(0.3), present=0.0)
    _foot_down(tape)


def _talk(tape: Tape) -> None:
    """Talk and laugh: slow shifts of the leg with trembling bouts on top."""
    steps = _steps(tape.rng.uniform(2.0, 7.0))
    slow = _follow(tape.rng, steps, int(tape.rng.integers(3, 9)), min(0.35 * tape.base["rest_n"], 25.0))
    bouts = np.clip(_hum(tape.rng, steps, 0.3, 1.2), 0, 2) * _there_and_back(steps, 0.3)
    shake = (
        tape.rng.uniform(3, 12)
        * bouts
        * np.sin(np.arange(steps) * STEP_S * 2 * np.pi * tape.rng.uniform(3, 6))
    )
    tape.lay(steps, extra_n=slow + shake, share=tape.base["share"] + 0.003 * slow)


def _restless_knee(tape: Tape) -> None:
    """Bounce the knee on the ball of the foot."""
    steps = _steps(tape.rng.uniform(1.5, 5.0))
    clock = 2 * np.pi * tape.rng.uniform(4, 6.5) * np.arange(steps) * STEP_S
    bout = _there_and_back(steps, 0.4)
    share = tape.base["share"] * (1 - 0.8 * bout)
    tape.lay(steps, extra_n=tape.rng.uniform(10, 35) * bout * np.sin(clock), share=share)


def _toe_taps(tape: Tape) -> None:
    for _ in range(int(tape.rng.integers(3, 9))):
        steps = _steps(tape.rng.uniform(0.28, 0.45))
        up = _there_and_back(steps, 0.1)
        slap = np.exp(-0.5 * ((np.linspace(0, 1, steps) - 0.93) / 0.05) ** 2) * tape.rng.uniform(8, 30)
        tape.lay(
            steps,
            share=tape.base["share"] + (0.97 - tape.base["share"]) * up,
            toe_n=tape.base["toe_n"] + slap,
        )


def _heel_lift(tape: Tape) -> None:
    steps = _steps(tape.rng.uniform(0.6, 2.5))
    up = _there_and_back(steps, 0.25)
    tape.lay(steps, share=tape.base["share"] * (1 - 0.95 * up), extra_n=tape.rng.uniform(-15, 25) * up)


def _bench_bump(tape: Tape) -> None:
    t = np.arange(_steps(tape.rng.uniform(0.6, 1.2))) * STEP_S
    ring = np.sin(2 * np.pi * tape.rng.uniform(8, 10) * t) * np.exp(-t / tape.rng.uniform(0.1, 0.25))
    tape.lay(t.size, extra_n=tape.rng.uniform(30, 50) * ring)


def _stretch_leg(tape: Tape) -> None:
    """Let the leg go long: its weight goes to the hip and the heel's edge."""
    steps = _steps(tape.rng.uniform(2.0, 5.0))
    long = _there_and_back(steps, tape.rng.uniform(0.5, 1.0))
    tape.lay(
        steps,
        present=1 - tape.rng.uniform(0.3, 0.6) * long,
        share=tape.base["share"] * (1 - long) + 0.9 * long,
    )


def _sigh(tape: Tape) -> None:
    """Breathe hard."""
    t = np.arange(_steps(tape.rng.uniform(3.0, 8.0))) * STEP_S
    tape.lay(t.size, extra_n=tape.rng.uniform(3, 10) * np.sin(2 * np.pi * tape.rng.uniform(0.3, 0.6) * t))


_COMMON = (_try_and_give_up, _try_and_give_up, _scoot, _step_off_and_on, _reposition, _stand, _object)
_RARER = (_hand_on_plate, _talk, _restless_knee, _toe_taps, _heel_lift, _bench_bump, _stretch_leg, _sigh)
_HAPPENINGS = _COMMON + _RARER


def _lay_happening(tape: Tape) -> None:
    _HAPPENINGS[int(tape.rng.integers(len(_HAPPENINGS)))](tape)


# --- people ------------------------------------------------------------------------------------------


def _person(rng: np.random.Generator, suite: str) -> Person:
    """Draw an athlete for a suite."""
    mass = rng.uniform(50, 110)
    load = rng.uniform(20, 100) if suite == "loaded" else 0.0
    level = mass * rng.uniform(3.0, 3.5) + load * rng.uniform(4.2, 4.8)
    at = np.linspace(0, 1, 6)
    knots = 1 + (rng.uniform(0.83, 1.09) - 1) * at + 4 * rng.uniform(0.0, 0.1) * at * (1 - at)
    rest = min(rng.uniform(0.6, 1.4) * mass, 0.45 * level, RESTING_LEG_LIMIT_N - 10)
    heel = rng.uniform(0.38, 0.82)
    rise = rng.uniform(1.3, 2.0)
    sink = rng.uniform(1.3, 2.2)
    person = Person(
        mass_kg=mass,
        load_kg=load,
        level_n=level,
        knots=knots,
        range_part=rng.uniform(0.8, 1.05),
        inertia_s2=rng.uniform(0.029, 0.034) * (1 + 0.3 * min(load / 40, 1.5)),
        rest_n=max(rest, 50.0),
        push_s=rng.uniform(0.22, 0.55),
        unload_s=rng.uniform(0.17, 0.45),
        up_s=rng.uniform(0.8, 1.3),
        hold_s=rng.uniform(0.3, 2.0),
        down_s=rng.uniform(0.9, 2.8),
        pause_s=rng.uniform(0.5, 2.3),
        spread=rng.uniform(0.05, 0.12),
        slowing=rng.uniform(0, 0.3),
        rise=(rise, rise + rng.uniform(0, 0.5)),
        sink=(sink, sink + rng.uniform(-0.2, 0.4)),
        effort=(rng.uniform(0.6, 1.5), rng.uniform(0.3, 1.2)),
        ripple=rng.uniform(0, 0.08),
        hesitation=0.0,
        boxy=False,
        heel=heel,
        heel_trend=rng.uniform(-0.08, 0.08),
        heel_at_rest=float(np.clip(heel + rng.uniform(-0.15, 0.15), 0.3, 0.85)),
        wander=rng.uniform(0.012, 0.02),
        brace_n=rng.uniform(8, 13),
    )
    return _fit_to_suite(rng, person, suite)


def _fit_to_suite(rng: np.random.Generator, person: Person, suite: str) -> Person:
    """Bend an athlete to what the suite's name asks."""
    if suite == "dead_stop_harsh":
        return replace(person, wander=rng.uniform(0.02, 0.025), brace_n=rng.uniform(13, 18))
    if suite == "explosive":
        return replace(
            person,
            up_s=rng.uniform(0.54, 0.64),
            spread=0.05,
            slowing=rng.uniform(0, 0.06),
            up_limits_s=(0.52, 0.68),
        )
    if suite == "slow":
        return replace(
            person,
            up_s=rng.uniform(2.75, 3.2),
            hold_s=rng.uniform(0.85, 1.2),
            down_s=rng.uniform(2.7, 3.3),
            spread=0.05,
            slowing=rng.uniform(0, 0.06),
            up_limits_s=(2.6, 3.4),
            hold_limits_s=(0.8, 1.3),
            down_limits_s=(2.6, 3.4),
        )
    if suite == "unseen_shapes":
        level = np.concatenate([[1.0], 1 + np.cumsum(rng.normal(0, 0.04, 5))])
        return replace(
            person,
            knots=np.clip(level, 0.84, 1.14),
            boxy=bool(rng.random() < 0.4),
            ripple=rng.uniform(0.1, 0.45),
            hesitation=float(rng.choice([0.0, 0.6, 0.9])),
            rise=(rng.uniform(1.2, 3.2), rng.uniform(1.2, 3.2)),
            sink=(rng.uniform(1.2, 3.2), rng.uniform(1.2, 3.2)),
            effort=(rng.uniform(0.3, 2.2), rng.uniform(0.2, 2.0)),
            heel_trend=rng.uniform(-0.15, 0.15),
        )
    if suite == "floor_bridge":
        return replace(
            person, range_part=rng.uniform(0.45, 0.58), up_s=person.up_s * 0.75, up_limits_s=(0.5, 1.3)
        )
    if suite == "b_stance":
        level = person.level_n * rng.uniform(0.6, 0.8)
        return replace(person, level_n=level, rest_n=min(person.rest_n, max(0.5 * level, 45.0)))
    if suite == "feet_elevated":
        fall = np.linspace(1, rng.uniform(0.9, 1.05), person.knots.size)
        return replace(person, level_n=person.level_n * rng.uniform(0.95, 1.1), knots=person.knots * fall)
    if suite == "band":
        pull = rng.uniform(0.12, 0.4) * np.linspace(0, 1, person.knots.size) ** rng.uniform(0.8, 1.5)
        return replace(person, knots=person.knots + pull)
    if suite == "short_range":
        return replace(
            person, range_part=rng.uniform(0.35, 0.65), up_s=person.up_s * 0.8, up_limits_s=(0.5, 1.4)
        )
    return person


def _styles(rng: np.random.Generator, suite: str) -> list[str]:
    """Draw what follows each descent; every set ends on the floor."""
    count = int(rng.integers(6, 13))
    if suite == "mixed":
        styles = [str(s) for s in rng.choice(["dead_stop", "touch", "hover"], count, p=[0.45, 0.3, 0.25])]
    elif suite in ("touch", "hover"):
        styles = [suite] * count
    elif suite in VARIANTS and rng.random() < 0.25:
        styles = ["touch"] * count
    else:
        styles = ["dead_stop"] * count
    styles[-1] = "dead_stop"
    return styles


# --- from the tape to the plate ----------------------------------------------------------------------


def _smoothed(track: F64, width_s: float) -> F64:
    window = np.hanning(_steps(width_s) | 1)
    padded = np.pad(track, window.size // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")


def _foot_force(tracks: dict[str, F64], person: Person) -> tuple[F64, F64]:
    """Lifting and resting part of the foot force, without nuisances."""
    reach = np.clip(tracks["height"], 0, 1) * min(person.range_part, 1.0)
    level = np.interp(reach, np.linspace(0, 1, person.knots.size), person.knots)
    # Knots joined by straight lines would put corners in the force; a body has none.
    level = _smoothed(level, 0.06) * person.level_n * tracks["gain"]
    inertia = level * person.inertia_s2 * person.range_part * tracks["accel"]
    lifting = tracks["transfer"] * (level + inertia)
    resting = (1 - tracks["transfer"]) * tracks["present"] * tracks["rest_n"]
    return np.maximum(lifting, 0), resting


def _halves(
    rng: np.random.Generator, tracks: dict[str, F64], person: Person, share: F64
) -> tuple[tuple[F64, F64], F64]:
    """Force on heel and toe half with the body's own unsteadiness, and the clean foot force."""
    lifting, resting = _foot_force(tracks, person)
    clean = lifting + resting
    steps = clean.size
    wander = person.wander * np.clip(_hum(rng, steps, 0.3, 8.0), -3.5, 3.5)
    idle = (1 - np.clip(tracks["transfer"], 0, 1)) * tracks["present"] * tracks["calm"]
    brace = person.brace_n * np.clip(_hum(rng, steps, 0.3, 8.0), -3, 3) * idle
    breath = rng.uniform(0.5, 3) * np.sin(2 * np.pi * rng.uniform(0.2, 0.35) * np.arange(steps) * STEP_S)
    foot = clean + lifting * wander + brace + breath * idle + tracks["extra_n"]
    foot = np.maximum(foot, 0)
    rocked = np.clip(share + rng.uniform(0.008, 0.02) * _hum(rng, steps, 0.2, 4.0), 0.02, 0.98)
    return (foot * rocked + tracks["heel_n"], foot * (1 - rocked) + tracks["toe_n"]), clean


def _convert(rng: np.random.Generator, force: F64, harsh: bool, gap_starts_s: F64) -> tuple[F64, F64]:
    """One chip's stamps and readings of one cell."""
    end_s = force.size * STEP_S
    rate = rng.uniform(70, 94)
    t = np.arange(rng.uniform(0, 1 / rate), end_s, 1 / rate)
    grid = np.arange(force.size) * STEP_S
    value = np.interp(t - ADC_DELAY_S, grid, _smoothed(force, 4 / rate))
    low, high = (0.6, 1.0) if harsh else (0.0, 0.8)

    def ranged(least: float, most: float) -> float:
        return least + (most - least) * rng.uniform(low, high)

    def signed() -> float:
        return 1.0 if rng.random() < 0.5 else -1.0

    # Creep follows the load of the past minutes, so a running mean with its time constant will do.
    decay = np.exp(-t / 150.0)
    crept = np.cumsum(value / decay) * decay / (150.0 * rate)
    value = value * (1 + signed() * ranged(0.005, 0.015)) + ranged(0.001, 0.003) * crept
    value += signed() * ranged(0.3, 1.5) * t / 60 + ranged(0.01, 0.4) * rng.normal(size=t.size)
    mains_hz = rng.choice([50.0, 60.0]) + rng.normal(0, 0.03)
    value += ranged(0.05, 0.8) * np.sin(2 * np.pi * mains_hz * t + rng.uniform(0, 6.28))
    spikes = np.flatnonzero(rng.random(t.size) < (rng.uniform(0.008, 0.025) if harsh else 0.0008))
    words = 2.0 ** rng.integers(15, 25, spikes.size) - 1
    words = np.where(words >= 2**23, words - 2**24, words)  # 24 bits, two's complement
    words = np.where(rng.random(spikes.size) < 0.5, np.minimum(np.abs(words), 2**23 - 1), words)
    value[spikes] = (words - rng.uniform(-2e5, 2e5)) / COUNTS_PER_N
    kept = rng.random(t.size) > ranged(0.001, 0.005)
    for start in gap_starts_s:
        first = int(np.searchsorted(t, start))
        kept[first : first + int(rng.integers(4, 25))] = False
    return t[kept], value[kept]


def _record(tape: Tape, opened: list[_Open], suite: str, harsh: bool) -> Recorded:
    rng, person = tape.rng, tape.person
    tracks = tape.joined()
    share = np.clip(_smoothed(tracks["share"], 0.12), 0.02, 0.98)
    (heel, toe), clean = _halves(rng, tracks, person, share)
    reps = []
    for rep in opened:
        part = slice(round(rep.lift_off_s / STEP_S), round(rep.lockout_end_s / STEP_S))
        heel_share = float(np.sum(clean[part] * share[part]) / np.sum(clean[part]))
        reps.append(TrueRep(**vars(rep), heel_share=heel_share))
    left = np.clip(rng.uniform(0.4, 0.6) + 0.02 * _hum(rng, heel.size, 0.1, 2.0), 0.2, 0.8)
    minutes = heel.size * STEP_S / 60
    common = rng.uniform(0, heel.size * STEP_S, rng.poisson((1.0 if harsh else 0.25) * minutes))
    stamps, cells, values = [], [], []
    for cell, force in enumerate((heel * left, heel * (1 - left), toe * left, toe * (1 - left))):
        own = rng.uniform(0, heel.size * STEP_S, rng.poisson((1.0 if harsh else 0.25) * minutes))
        t, value = _convert(rng, force, harsh, np.concatenate([common, own]))
        stamps.append(t)
        values.append(value)
        cells.append(np.full(t.size, cell, dtype=np.int64))
    t_s = np.concatenate(stamps)
    order = np.argsort(t_s, kind="stable")
    return Recorded(
        t_s=t_s[order],
        cell=np.concatenate(cells)[order],
        force_n=np.concatenate(values)[order],
        reps=tuple(reps),
        adc_delay_s=ADC_DELAY_S,
        notes={"suite": suite, "mass_kg": person.mass_kg, "load_kg": person.load_kg},
    )


def make(suite: str, seed: int) -> Recorded | None:
    """Return a session of a suite or variant, the same for the same seed; None for an unknown name."""
    if suite not in SUITES + VARIANTS:
        return None
    rng = np.random.default_rng([seed, zlib.crc32(suite.encode()), 771])
    person = _person(rng, suite)
    tape = Tape(rng, person, {**REST_VALUES, "rest_n": person.rest_n, "share": person.heel_at_rest})
    quiet = rng.uniform(0.35, 0.8)
    if rng.random() < 0.35:
        tape.lay(_steps(rng.uniform(1.0, 3.0)), present=0.0)
        _foot_down(tape)
        tape.lay(_steps(rng.uniform(1.2, 3.0)), calm=quiet)
    else:
        tape.lay(_steps(rng.uniform(1.0, 5.0)), calm=quiet)
    opened: list[_Open] = []
    if suite == "nothing":
        end_s = rng.uniform(28, 52)
        while tape.now_s < end_s:
            _lay_happening(tape)
            tape.lay(_steps(rng.uniform(0.3, 3.0)), calm=rng.uniform(0.4, 1.0))
    else:
        if suite == "events" and rng.random() < 0.3:
            _lay_happening(tape)
            tape.lay(_steps(rng.uniform(1.0, 2.5)))
        opened = _lay_set(tape, _styles(rng, suite), suite == "events")
    tape.lay(_steps(rng.uniform(1.2, 3.5)), calm=quiet)
    if rng.random() < 0.7:
        if suite == "events" and rng.random() < 0.3:
            _stand(tape)
        leave = _steps(rng.uniform(0.2, 0.6))
        tape.lay(leave, present=1 - _swell(leave))
        tape.lay(_steps(rng.uniform(0.5, 3.0)), present=0.0)
    return _record(tape, opened, suite, harsh=suite == "dead_stop_harsh")
