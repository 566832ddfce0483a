"""A world of people who drive with a push of the hip and stop with a brake, on a plate of four chips.

Held out at first; looked at since another `unseen` took its place.

Truth means the instants at which the noiseless curves of this file change from one piece to the next: the
load transfer's first and last moment, the hip movement's first and last moment. They are taken from the
clock of the score that is being written, before any wander, bracing, chip or plate is laid over it.

A hip movement is a short list of acceleration pulses (push, coast, brake) with rounded edges; the foot force
is the level that the hip height asks for, plus inertia. A set is written segment by segment on a grid of
1 ms (`Score`), then disturbed by the body, shared among four cells, and read by four free-running chips.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.worlds.recorded import F64, I64, SUITES, VARIANTS, Recorded, TrueRep

GRID_HZ = 1000
ADC_DELAY_S = 0.025
GRAVITY_M_S2 = 9.81
FULL_RANGE_M = 0.37
MAX_HIP_ACCELERATION_M_S2 = 7.4
INERTIA_S2 = 0.033  # N of inertia per N of level and per full range / s^2
LOAD_INERTIA_S2 = 0.055  # a load lies on the hips, where the whole range is travelled
LOAD_LEVEL_N_PER_KG = 4.4
WORLD_SALT = 7193
EVENTS = ("step_off_on", "stand_up", "object", "fidget", "reposition", "aborted_push", "bump", "heel_lift")
Range = tuple[float, float]
Rng = np.random.Generator


def _smooth(u: F64) -> F64:
    return u * u * (3.0 - 2.0 * u)


@dataclass(frozen=True)
class Pulse:
    """One push or brake of the hips: from `begin` to `end` of the movement's time, edges rounded."""

    begin: float
    end: float
    edge_in: float  # fraction of the pulse
    edge_out: float
    impulse: float  # share of velocity gained (+) or lost (-)

    def at(self, u: F64) -> F64:
        """Acceleration of the pulse over the movement's own time 0..1."""
        x = (u - self.begin) / (self.end - self.begin)
        rise = np.clip(x / self.edge_in, 0.0, 1.0)
        fall = np.clip((1.0 - x) / self.edge_out, 0.0, 1.0)
        shape = (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall))
        return self.impulse * shape / max(float(shape.mean()), 1e-9)


Profile = tuple[Pulse, ...]


def travel(profile: Profile, u: F64) -> tuple[F64, F64]:
    """Path 0..1 and acceleration (path per movement time squared) of a profile; u ends at 1."""
    acceleration = np.sum([pulse.at(u) for pulse in profile], axis=0)
    velocity = np.cumsum(acceleration) / len(u)
    path = np.cumsum(velocity) / len(u)
    return path / path[-1], acceleration / path[-1]


def peak_acceleration(profile: Profile) -> float:
    """Largest acceleration of a profile, in path per movement time squared."""
    return float(np.max(np.abs(travel(profile, np.arange(1, 201) / 200.0)[1])))


def chain(rng: Rng, *spans: tuple[float, float, float]) -> Profile:
    """Make pulses of (begin, end, impulse) with edges as rounded as a person's muscles make them."""
    return tuple(Pulse(a, b, rng.uniform(0.12, 0.32), rng.uniform(0.12, 0.32), p) for a, b, p in spans)


def draw_profile(rng: Rng, strange: bool) -> Profile:
    """Draw a way of moving; strange people push twice, leap and glide, surge late or start in two steps."""
    for _ in range(40):
        kind = int(rng.integers(4)) if strange else -1
        if kind == 0:
            dip, again = rng.uniform(0.3, 0.6), rng.uniform(0.25, 0.6)
            a, b, c = rng.uniform(0.27, 0.32), rng.uniform(0.45, 0.5), rng.uniform(0.64, 0.7)
            spans = ((0.0, a, 1.0), (a, b, -dip), (b, c, again), (c, 1.0, dip - again - 1.0))
        elif kind == 1:
            a = rng.uniform(0.29, 0.38)
            spans = ((0.0, a, 1.0), (a, 1.0, -1.0))
        elif kind == 2:
            a = rng.uniform(0.63, 0.7)
            spans = ((0.0, a, 1.0), (a, 1.0, -1.0))
        elif kind == 3:
            first, b = rng.uniform(0.4, 0.65), rng.uniform(0.6, 0.66)
            spans = ((0.0, 0.25, first), (0.36, b, 1.0 - first), (b, 1.0, -1.0))
        else:
            a = rng.uniform(0.38, 0.55)
            spans = ((0.0, a, 1.0), (max(a, rng.uniform(0.45, 0.62)), 1.0, -1.0))
        profile = chain(rng, *spans)
        if peak_acceleration(profile) < (8.5 if strange else 5.6):
            break
    return profile


def draw_drop(rng: Rng) -> Profile:
    """Draw a descent that begins under control and is let go: no brake, the floor does it."""
    split, held = rng.uniform(0.3, 0.55), rng.uniform(0.25, 0.5)
    released = Pulse(split, 1.0, rng.uniform(0.4, 0.8), 0.06, 1.0 - held)
    return (Pulse(0.0, split, 0.3, 0.3, held), released)


def vary(rng: Rng, profile: Profile) -> Profile:
    """Shift the seams of a movement by a percent or two of its time, as from rep to rep."""
    seams = {edge: edge for pulse in profile for edge in (pulse.begin, pulse.end)}
    moved = {s: s if s in (0.0, 1.0) else float(np.clip(s + rng.normal(0, 0.012), 0.1, 0.9)) for s in seams}
    return tuple(
        replace(p, begin=moved[p.begin], end=max(moved[p.end], moved[p.begin] + 0.1)) for p in profile
    )


@dataclass(frozen=True)
class Transfer:
    """How load goes over to the foot, or back: 0..1 with a true first and last moment."""

    early: float  # Kumaraswamy's two exponents: above 1 rounds the beginning ...
    late: float  # ... and the end
    first_step: float  # share of a first, smaller step; 0 = one single transfer
    usual_s: float

    def at(self, u: F64) -> F64:
        """Share transferred over the transfer's own time 0..1."""
        single = 1.0 - (1.0 - np.clip(u, 0.0, 1.0) ** self.early) ** self.late
        if not self.first_step:
            return single
        steps = self.first_step * _smooth(np.clip(u / 0.45, 0.0, 1.0))
        return steps + (1.0 - self.first_step) * _smooth(np.clip((u - 0.35) / 0.65, 0.0, 1.0))


def draw_transfer(rng: Rng, strange: bool, shortest_s: float, longest_s: float) -> Transfer:
    """Draw a way of taking or giving load."""
    stepped = rng.random() < (0.4 if strange else 0.1)
    first_step = rng.uniform(0.2, 0.45) if stepped else 0.0
    return Transfer(
        rng.uniform(1.15, 2.1), rng.uniform(1.15, 2.1), first_step, rng.uniform(shortest_s, longest_s)
    )


@dataclass(frozen=True)
class Level:
    """Foot force in N that holds the hips still, over the hip height 0..1."""

    bottom_n: float
    lockout_ratio: float
    bend: float  # exponent of the slope: below 1 the change comes early in the way up
    hump: float  # share of bottom_n, negative sags
    hump_at: float
    ripple: float = 0.0
    band_bottom_n: float = 0.0
    band_top_n: float = 0.0

    def at(self, height: F64) -> F64:
        """Level at a height."""
        h = np.clip(height, 0.0, 1.0)
        p, q = 2.0 * self.hump_at, 2.0 * (1.0 - self.hump_at)
        bump = h**p * (1.0 - h) ** q / (self.hump_at**p * (1.0 - self.hump_at) ** q)
        shape = 1.0 + (self.lockout_ratio - 1.0) * h**self.bend + self.hump * bump
        shape += self.ripple * np.sin(2.0 * np.pi * h)
        return self.bottom_n * shape + self.band_bottom_n + (self.band_top_n - self.band_bottom_n) * h


@dataclass(frozen=True)
class Tempo:
    """What a suite asks of its people, as ranges in s; strict tempi stay inside even when tired."""

    up: Range = (0.8, 1.6)
    hold: Range = (0.3, 2.0)
    down: Range = (0.8, 3.0)
    rest: Range = (0.4, 2.5)
    strict: bool = False


TEMPI = {
    "loaded": Tempo(up=(0.85, 1.8), hold=(0.3, 1.6)),
    "explosive": Tempo(up=(0.52, 0.68), hold=(0.3, 1.2), down=(0.7, 1.8), strict=True),
    "slow": Tempo(up=(2.6, 3.4), hold=(0.8, 1.3), down=(2.6, 3.4), rest=(0.5, 2.0), strict=True),
    "touch": Tempo(up=(0.75, 1.5), hold=(0.3, 1.5), down=(0.8, 2.4)),
    "hover": Tempo(up=(0.75, 1.5), hold=(0.3, 1.5), down=(0.8, 2.4)),
    "mixed": Tempo(up=(0.75, 1.6), hold=(0.3, 1.6), down=(0.8, 2.6)),
    "short_range": Tempo(up=(0.55, 1.1), hold=(0.3, 1.6), down=(0.6, 1.8)),
    "floor_bridge": Tempo(up=(0.6, 1.2), hold=(0.3, 2.0), down=(0.6, 2.0)),
}


@dataclass(frozen=True)
class Athlete:
    """One person in one set: what stays alike from rep to rep."""

    mass_kg: float
    load_kg: float
    rest_n: float
    level: Level
    inertia_n_s2: float  # N per (range / s^2)
    range_m: float
    rise: Profile
    sink: Profile
    push: Transfer
    unload: Transfer
    usual_s: dict[str, float]  # up, hold, down, rest
    tempo_sd: float
    slowing: float  # share of time added by the last rep
    squeeze: float  # share of force gained or lost during the hold
    landing: float  # share of level, small knock at touchdown
    share_rest: float  # heel shares
    share_lift: float
    share_top: float
    left_share: float
    touch_depth: float  # share of the way to rest
    turn_height: float
    brace_n: float
    wander_cv: float

    @property
    def bottom_n(self) -> float:
        """Force at lift-off."""
        return float(self.level.at(np.zeros(1))[0])


def draw_athlete(rng: Rng, suite: str, tempo: Tempo) -> Athlete:
    """Draw a person: build, habits and today's load."""
    strange = suite == "unseen_shapes"
    mass = rng.uniform(50.0, 110.0)
    own_n = 3.25 * mass * rng.uniform(0.9, 1.1)
    load = rng.uniform(20.0, 100.0) if suite == "loaded" else 0.0
    added_n = load * LOAD_LEVEL_N_PER_KG * rng.uniform(0.93, 1.07)
    rest_n = mass * rng.uniform(0.8, 1.4) + 0.06 * added_n
    range_m = FULL_RANGE_M * rng.uniform(0.9, 1.08)
    ratio, hump = rng.uniform(0.83, 1.09), rng.uniform(0.02, 0.1)
    level = Level(own_n + added_n, ratio, rng.uniform(0.8, 1.6), hump, rng.uniform(0.38, 0.6))
    change: dict[str, float] = {}
    if strange:
        sign = 1.0 if rng.random() < 0.6 else -0.7
        change = {"bend": rng.uniform(0.45, 2.6), "ripple": rng.uniform(-0.03, 0.03)}
        change |= {"hump": sign * rng.uniform(0.03, 0.11), "hump_at": rng.uniform(0.22, 0.78)}
    elif suite == "floor_bridge":
        # Shoulders on the floor: half the way, and the trunk's moment hardly changes over it.
        range_m *= rng.uniform(0.45, 0.55)
        change = {"lockout_ratio": rng.uniform(0.9, 1.07), "hump": rng.uniform(0.0, 0.05)}
        change["bottom_n"] = own_n * rng.uniform(0.88, 1.08)
    elif suite == "b_stance":
        change["bottom_n"] = own_n * (1.0 - rng.uniform(0.2, 0.4))
        rest_n *= rng.uniform(0.75, 1.0)
    elif suite == "feet_elevated":
        range_m *= rng.uniform(1.0, 1.1)
        change = {"bottom_n": own_n * rng.uniform(1.0, 1.15), "lockout_ratio": rng.uniform(0.83, 1.0)}
    elif suite == "band":
        slack = rng.uniform(10.0, 45.0)
        change = {"band_bottom_n": slack, "band_top_n": slack + rng.uniform(40.0, 120.0)}
        rest_n += 0.3 * slack
    elif suite == "short_range":
        range_m *= rng.uniform(0.4, 0.65)
    level = replace(level, **change)
    rest_n = float(np.clip(rest_n, 45.0, min(150.0, 0.48 * level.bottom_n)))
    inertia = INERTIA_S2 * (level.bottom_n - added_n) + LOAD_INERTIA_S2 * added_n
    harsh = suite == "dead_stop_harsh"
    brace = rng.uniform(14.0, 18.0) if harsh else rng.uniform(8.0, 14.0)
    share_lift = rng.uniform(0.35, 0.82)
    return Athlete(
        mass_kg=mass,
        load_kg=load,
        rest_n=rest_n,
        level=level,
        inertia_n_s2=inertia * range_m / FULL_RANGE_M,
        range_m=range_m,
        rise=draw_profile(rng, strange),
        sink=draw_profile(rng, strange),
        push=draw_transfer(rng, strange, 0.2, 0.4 if suite == "explosive" else 0.6),
        unload=draw_transfer(rng, strange, 0.15, 0.5),
        usual_s={part: rng.uniform(*getattr(tempo, part)) for part in ("up", "hold", "down", "rest")},
        tempo_sd=rng.uniform(0.05, 0.12),
        slowing=rng.uniform(0.0, 0.3),
        squeeze=rng.uniform(-0.03, 0.03),
        landing=rng.uniform(0.03, 0.12) if rng.random() < 0.35 else 0.0,
        share_rest=rng.uniform(0.4, 0.75),
        share_lift=share_lift,
        share_top=float(np.clip(share_lift + rng.normal(0.0, 0.03), 0.3, 0.88)),
        left_share=rng.uniform(0.4, 0.6),
        touch_depth=rng.uniform(0.3, 0.65),
        turn_height=rng.uniform(0.07, 0.25),
        # A light leg cannot brace with more than a part of its own lift.
        brace_n=float(min(brace, 0.14 * (level.bottom_n - rest_n))),
        wander_cv=rng.uniform(0.02, 0.025) if harsh else rng.uniform(0.012, 0.022),
    )


@dataclass
class Score:
    """The noiseless session, written forwards; `now_s` is the instant of the last sample."""

    force: list[F64]
    share: list[F64]
    brace: list[F64]
    force_n: float
    heel_share: float
    bracing: float
    samples: int = 1
    log: list[tuple[str, float, float]] = field(default_factory=list)

    @classmethod
    def begin(cls, force_n: float, heel_share: float, bracing: float) -> Score:
        """Begin a score that holds its first sample, at 0 s."""
        first = [np.array([v]) for v in (force_n, heel_share, bracing)]
        return cls([first[0]], [first[1]], [first[2]], force_n, heel_share, bracing)

    @property
    def now_s(self) -> float:
        """Instant of the last sample."""
        return (self.samples - 1) / GRID_HZ

    def add(self, force_n: F64, share: float | None = None, bracing: float | None = None) -> None:
        """Append a segment that ends at a heel share and a bracing (None: as they are)."""
        u = ticks(len(force_n) / GRID_HZ)
        share = self.heel_share if share is None else float(np.clip(share, 0.02, 0.97))
        bracing = self.bracing if bracing is None else bracing
        self.force.append(force_n)
        self.share.append(self.heel_share + (share - self.heel_share) * _smooth(u))
        self.brace.append(self.bracing + (bracing - self.bracing) * u)
        self.force_n, self.heel_share, self.bracing = float(force_n[-1]), share, bracing
        self.samples += len(force_n)

    def go(self, to_n: float, seconds: float, *state: float | None, shape: Transfer | None = None) -> None:
        """Lead the force to a new value over some time; `state` as in `add`."""
        u = ticks(seconds)
        way = _smooth(u) if shape is None else shape.at(u)
        self.add(self.force_n + (to_n - self.force_n) * way, *state)


def ticks(seconds: float) -> F64:
    """Own time of a segment, 0 (exclusive) to 1 (inclusive), one value a grid step."""
    n = max(round(seconds * GRID_HZ), 4)
    return np.arange(1, n + 1) / n


def murmur(rng: Rng, n: int, low_hz: float, high_hz: float, slope: float = 0.5) -> F64:
    """Unit-variance noise of a frequency band on the grid, falling with frequency."""
    coarse = 20
    m = n // coarse + 8
    hz = np.fft.rfftfreq(m, coarse / GRID_HZ)
    inside = (hz >= low_hz) & (hz <= high_hz)
    gain = np.where(inside, 1.0 / np.maximum(hz, 1e-6) ** slope, 0.0)
    if not inside.any():
        return np.zeros(n)
    x = np.fft.irfft(gain * (rng.normal(size=len(hz)) + 1j * rng.normal(size=len(hz))), m)
    x /= np.sqrt(np.sum(gain**2) * 4.0) / m  # by expectation: a short piece may be calm or lively
    return np.interp(np.arange(n) / coarse, np.arange(m), x)


class Lifter:
    """Writes one athlete's reps and the things between them into a score."""

    def __init__(self, rng: Rng, athlete: Athlete, tempo: Tempo) -> None:
        self.rng, self.who, self.tempo = rng, athlete, tempo
        self.reps: list[TrueRep] = []
        self.hip = 0.0
        empty = rng.random() < 0.3
        who = athlete
        self.score = Score.begin(0.0 if empty else who.rest_n, who.share_rest, 0.0 if empty else 1.0)
        if empty:
            self.score.go(0.0, rng.uniform(1.0, 4.0))
            self.foot_down()
            self.quiet(rng.uniform(1.0, 3.0))
        else:
            self.quiet(rng.uniform(1.0, 5.0))

    def near(self, value: float, sd: float) -> float:
        """Return a value as this rep has it, within two standard deviations."""
        return value * float(np.exp(np.clip(self.rng.normal(0.0, sd), -2.0 * sd, 2.0 * sd)))

    def last(self, part: str, stretch: float = 1.0) -> float:
        """Draw how long a part of this rep lasts; a strict tempo is kept, tired or not."""
        seconds = self.near(self.who.usual_s[part], self.who.tempo_sd) * stretch
        return float(np.clip(seconds, *getattr(self.tempo, part))) if self.tempo.strict else seconds

    def quiet(self, seconds: float) -> None:
        """Let the foot rest; its load settles a little."""
        self.score.go(self.near(self.who.rest_n, 0.04), seconds, self.who.share_rest, 1.0)

    def move(self, to: float, seconds: float, profile: Profile, share: float, held: float = 0.0) -> None:
        """Move the hips from where they are to a height; `held` is the squeeze that the top left behind."""
        who, way = self.who, to - self.hip
        profile = vary(self.rng, profile)
        least = np.sqrt(peak_acceleration(profile) * abs(way) * who.range_m / MAX_HIP_ACCELERATION_M_S2)
        u = ticks(max(seconds, float(least)))
        path, acceleration = travel(profile, u)
        height = self.hip + way * path
        seconds = len(u) / GRID_HZ
        inertia = who.inertia_n_s2 * way * acceleration / seconds**2
        force = who.level.at(height) * (1.0 + held * np.clip(height, 0.0, 1.0)) + inertia
        self.score.add(np.maximum(force, 0.0), share, 0.0)
        self.hip = to

    def rep(self, style: str, tired: float, sticks: bool = False, drops: bool = False) -> None:
        """One rep; `style` is what follows its descent, `tired` runs 0..1 through the set."""
        rng, who, score = self.rng, self.who, self.score
        push_start: float | None = None
        if self.hip == 0.0:
            push_start = score.now_s
            # Out of a touch only a part has to be taken up again, and the bounce helps.
            after_touch = bool(self.reps) and self.reps[-1].style == "touch"
            push_s = self.near(who.push.usual_s, 0.08) * (0.6 if after_touch else 1.0)
            share = who.share_lift + rng.normal(0.0, 0.012)
            score.go(who.bottom_n, max(push_s, 0.14 if after_touch else 0.2), share, 0.0, shape=who.push)
        lift_off = score.now_s
        up_s = self.last("up", 1.0 + who.slowing * tired) * np.sqrt(1.0 - self.hip)
        top = who.share_top + rng.normal(0.0, 0.01)
        if sticks:
            where, halt_s = rng.uniform(0.35, 0.75), rng.uniform(0.2, 0.5)
            self.move(where, up_s * 0.65, who.rise, top)
            score.add(who.level.at(np.full(len(ticks(halt_s)), where)), top, 0.0)
            self.move(1.0, up_s * 0.65, who.rise, top)
        else:
            self.move(1.0, up_s, who.rise, top)
        lockout_start = score.now_s
        u = ticks(max(self.last("hold"), 0.25))
        held = who.squeeze * rng.uniform(0.6, 1.4)
        score.add(score.force_n * (1.0 + held * _smooth(u)), top + rng.normal(0.0, 0.01), 0.0)
        lockout_end = score.now_s
        low = self.near(who.turn_height, 0.15) if style == "hover" else 0.0
        sink = draw_drop(rng) if drops else who.sink
        down_s = (
            rng.uniform(0.55, 0.8)
            if drops
            else self.last("down", 1.0 - 0.3 * who.slowing * tired) * np.sqrt(1.0 - low)
        )
        self.move(low, down_s, sink, who.share_lift, held)
        touchdown = score.now_s
        rest = None if style == "hover" else self.land(style, drops)
        self.reps.append(
            TrueRep(style, push_start, lift_off, lockout_start, lockout_end, touchdown, rest, 0.0)
        )
        if style == "touch":
            score.go(score.force_n, rng.uniform(0.01, 0.1))
        elif style == "hover":
            turn = np.full(len(ticks(rng.uniform(0.04, 0.3))), low)
            score.add(who.level.at(turn), who.share_lift, 0.0)

    def land(self, style: str, dropped: bool) -> float:
        """Give the load back to the floor; returns the instant at which that ends."""
        rng, who, score = self.rng, self.who, self.score
        unload_s, to_n, bracing = (
            max(self.near(who.unload.usual_s, 0.1), 0.15),
            self.near(who.rest_n, 0.05),
            1.0,
        )
        if style == "touch":
            depth = float(np.clip(self.near(who.touch_depth, 0.1), 0.25, 0.7))
            to_n = who.bottom_n - depth * (who.bottom_n - who.rest_n)
            unload_s, bracing = float(np.clip(0.7 * unload_s, 0.12, 0.3)), 0.2
        from_n, knock_s = score.force_n, rng.uniform(0.07, 0.13)
        if dropped:
            unload_s = max(unload_s, knock_s + 0.1)
            knock_n = rng.uniform(1.4, 2.0) * who.bottom_n - 0.95 * from_n
        else:
            knock_n = self.near(who.landing, 0.2) * who.bottom_n
        u = ticks(unload_s)
        knock = np.sin(np.pi * np.clip(u * unload_s / min(knock_s, unload_s), 0.0, 1.0)) ** 2
        force = from_n + (to_n - from_n) * who.unload.at(u) + knock_n * knock
        score.add(force, who.share_rest if style != "touch" else None, bracing)
        return score.now_s

    def event(self, name: str) -> None:
        """Let something happen that is no rep."""
        start = self.score.now_s
        getattr(self, f"_{name}")()
        self.score.log.append((name, start, self.score.now_s))

    def foot_down(self) -> None:
        """Put the foot on the plate, a little heavily."""
        rng, who = self.rng, self.who
        self.score.go(who.rest_n * rng.uniform(1.0, 1.45), rng.uniform(0.2, 0.5), who.share_rest, 0.5)
        self.score.go(who.rest_n, rng.uniform(0.2, 0.5), who.share_rest, 1.0)

    def foot_off(self) -> None:
        """Take the foot off, with or without a last press."""
        rng, who = self.rng, self.who
        self.score.go(who.rest_n * rng.uniform(0.95, 1.3), rng.uniform(0.15, 0.35))
        self.score.go(0.0, rng.uniform(0.15, 0.45), rng.uniform(0.2, 0.6), 0.0)

    def _step_off_on(self) -> None:
        self.foot_off()
        self.score.go(0.0, self.rng.uniform(1.0, 6.0))
        self.foot_down()

    def _stand_up(self) -> None:
        rng, who = self.rng, self.who
        stand_n = rng.uniform(0.75, 1.0) * who.mass_kg * GRAVITY_M_S2
        self.score.go(stand_n, rng.uniform(0.5, 1.5), rng.uniform(0.4, 0.65), 0.3)
        u = ticks(rng.uniform(2.0, 6.0))
        seconds = u * len(u) / GRID_HZ
        sway = np.sin(2 * np.pi * rng.uniform(0.25, 0.5) * seconds + rng.uniform(0, 6))
        sway = sway + 0.5 * np.sin(2 * np.pi * rng.uniform(0.6, 1.1) * seconds + rng.uniform(0, 6))
        window = np.minimum(1.0, 8.0 * np.minimum(u, 1.0 - u))
        self.score.add(stand_n * (1.0 + rng.uniform(0.008, 0.025) * sway * window))
        self.score.go(who.rest_n, rng.uniform(0.5, 1.5), who.share_rest, 1.0)

    def _object(self) -> None:
        rng, who = self.rng, self.who
        weight_n = min(rng.uniform(20.0, 130.0), 0.65 * (who.bottom_n - who.rest_n))
        share = who.share_rest + rng.uniform(-0.2, 0.2)
        self.score.go(self.score.force_n + weight_n, rng.uniform(0.08, 0.25), share)
        self.score.go(self.score.force_n, rng.uniform(1.0, 8.0))
        self.score.go(who.rest_n, rng.uniform(0.08, 0.3), who.share_rest)

    def _fidget(self) -> None:
        rng, who = self.rng, self.who
        u = ticks(rng.uniform(2.0, 7.0))
        rms_n = min(rng.uniform(10.0, 28.0), 0.17 * (who.bottom_n - who.rest_n))
        wave = murmur(rng, len(u), 0.3, 3.0) * np.minimum(1.0, 6.0 * np.minimum(u, 1.0 - u))
        self.score.add(np.maximum(self.score.force_n + rms_n * wave, 0.0))

    def _reposition(self) -> None:
        rng, who = self.rng, self.who
        for _ in range(int(rng.integers(1, 3))):
            self.score.go(who.rest_n * rng.uniform(0.0, 0.3), rng.uniform(0.15, 0.35), None, 0.2)
            self.score.go(self.score.force_n, rng.uniform(0.1, 0.6))
            self.score.go(who.rest_n * rng.uniform(1.0, 1.3), rng.uniform(0.15, 0.4), None, 0.8)
        shift = rng.uniform(-0.05, 0.05)
        self.who = replace(
            who,
            share_rest=who.share_rest + shift,
            share_lift=float(np.clip(who.share_lift + shift, 0.3, 0.88)),
            share_top=float(np.clip(who.share_top + shift, 0.3, 0.9)),
        )
        self.score.go(self.who.rest_n, rng.uniform(0.2, 0.5), self.who.share_rest, 1.0)

    def _aborted_push(self) -> None:
        rng, who = self.rng, self.who
        target_n = max(rng.uniform(0.4, 0.7) * who.bottom_n, who.rest_n + 0.2 * (who.bottom_n - who.rest_n))
        self.score.go(target_n, self.near(who.push.usual_s, 0.2), who.share_lift, 0.4, shape=who.push)
        u = ticks(rng.uniform(0.15, 1.4))
        tremble = 0.03 * np.sin(np.pi * u) * np.sin(2 * np.pi * rng.uniform(1.0, 5.0) * u)
        self.score.add(self.score.force_n * (1.0 + tremble))
        self.score.go(who.rest_n, self.near(who.unload.usual_s, 0.2), who.share_rest, 1.0, shape=who.unload)

    def _bump(self) -> None:
        rng = self.rng
        u = ticks(rng.uniform(0.6, 1.0))
        seconds = u * len(u) / GRID_HZ
        ring = np.exp(-seconds / rng.uniform(0.1, 0.2)) * np.sin(2 * np.pi * rng.uniform(8.3, 9.7) * seconds)
        self.score.add(np.maximum(self.score.force_n + rng.uniform(38.0, 50.0) * ring * (1.0 - u), 0.0))

    def _heel_lift(self) -> None:
        rng, who = self.rng, self.who
        toes_n = who.rest_n * rng.uniform(0.75, 1.15)
        self.score.go(toes_n, rng.uniform(0.15, 0.4), rng.uniform(0.02, 0.06))
        self.score.go(toes_n, rng.uniform(0.4, 1.5))
        self.score.go(who.rest_n, rng.uniform(0.15, 0.4), who.share_rest)

    def finish(self) -> None:
        """Rest after the last rep; most people step off."""
        self.quiet(self.rng.uniform(1.5, 4.0))
        if self.rng.random() < 0.65:
            self.foot_off()
            self.score.go(0.0, self.rng.uniform(1.0, 4.0))


def styles_of(rng: Rng, suite: str, count: int) -> list[str]:
    """Choose what follows each rep's descent; the last one always comes down to rest."""
    if suite in ("touch", "hover"):
        styles = [suite] * count
    elif suite == "mixed":
        weights = rng.dirichlet((3.0, 2.0, 2.0))
        styles = [str(s) for s in rng.choice(("dead_stop", "touch", "hover"), count, p=weights)]
    elif suite in VARIANTS and rng.random() < 0.25:
        styles = ["touch"] * count
    else:
        styles = ["dead_stop"] * count
    return [*styles[:-1], "dead_stop"]


def write_set(rng: Rng, suite: str, lifter: Lifter) -> None:
    """Write the reps of a set, with all that happens between them."""
    count = int(rng.integers(6, 13))
    eventful = suite == "events"
    if eventful and rng.random() < 0.4:
        lifter.event(str(rng.choice(EVENTS)))
        lifter.quiet(rng.uniform(0.8, 2.0))
    for i, style in enumerate(styles_of(rng, suite, count)):
        sticks, drops = eventful and rng.random() < 0.1, eventful and rng.random() < 0.1
        lifter.rep(style, i / (count - 1), sticks, drops)
        if style != "dead_stop" or i == count - 1:
            continue
        lifter.quiet(max(lifter.last("rest"), 0.35))
        if eventful and rng.random() < 0.6:
            lifter.event(str(rng.choice(EVENTS)))
            lifter.quiet(rng.uniform(0.6, 2.0))
    if eventful and rng.random() < 0.3:
        lifter.quiet(rng.uniform(0.8, 2.0))
        lifter.event(str(rng.choice(EVENTS)))
    lifter.finish()


def write_nothing(rng: Rng, lifter: Lifter) -> None:
    """Write half a minute and more in which no rep is done."""
    until_s = rng.uniform(30.0, 56.0)
    while lifter.score.now_s < until_s:
        lifter.event(str(rng.choice(EVENTS)))
        lifter.quiet(rng.uniform(0.5, 3.0))
    lifter.finish()


def crept(force_n: F64, creep: float) -> F64:
    """Force with the part that follows late, with a time constant of 150 s."""
    every, memory = 200, 0.0
    keep = np.exp(-every / GRID_HZ / 150.0)
    late = np.empty(len(force_n) // every + 1)
    for i, value in enumerate(force_n[::every][: len(late)]):
        late[i] = memory = keep * memory + (1.0 - keep) * float(value)
    late = late[: len(force_n[::every])]
    return force_n + creep * np.interp(np.arange(len(force_n)), np.arange(len(late)) * every, late)


def convert(rng: Rng, harsh: bool, cells_n: list[F64]) -> tuple[F64, I64, F64]:
    """Read the four cells with four chips that know nothing of each other; harsh: upper ends of ranges."""

    def within(low: float, high: float) -> float:
        return low + (high - low) * (rng.uniform(0.75, 1.0) if harsh else rng.uniform(0.0, 0.7))

    end_s = (len(cells_n[0]) - 1) / GRID_HZ
    grid_s = np.arange(len(cells_n[0])) / GRID_HZ
    careful = rng.random() < 0.4
    spike_share = rng.uniform(0.01, 0.05) if harsh else (0.0 if careful else rng.uniform(0.0, 0.006))
    bursts = (rng.uniform(1.5, 3.0) if harsh else rng.uniform(0.0, 1.0)) * end_s / 60.0
    hum_hz = rng.choice((50.0, 60.0)) + rng.normal(0.0, 0.03)
    stalls_s = rng.uniform(0.0, end_s, rng.poisson(0.25 * bursts))  # the host sleeps: all four cells
    times, cells, forces = [], [], []
    for cell, clean_n in enumerate(cells_n):
        period_s = 1.0 / rng.uniform(70.0, 94.0)
        t = np.arange(rng.uniform(0.0, period_s), end_s, period_s)
        t = t + np.abs(rng.normal(0.0, 0.0006 if harsh else 0.0002, len(t)))
        loaded_n = crept(clean_n, within(0.001, 0.003))
        # Four cascaded averages of one conversion each: a bell as wide as 0.58 conversions, stamped late.
        reading = np.zeros(len(t))
        for offset, weight in zip((-2, -1, 0, 1, 2), (1, 4, 6, 4, 1), strict=True):
            at_s = t - ADC_DELAY_S + offset * 0.577 * period_s
            reading += weight / 16.0 * np.interp(at_s, grid_s, loaded_n)
        gain_sign, drift_sign = rng.choice((-1.0, 1.0), 2)
        reading *= 1.0 + gain_sign * within(0.005, 0.015)
        reading += rng.normal(0.0, 0.5) + drift_sign * within(0.3, 1.5) / 60.0 * t
        reading += within(0.05, 1.0) * np.sin(2.0 * np.pi * (hum_hz * t + rng.uniform()))
        reading += rng.normal(0.0, within(0.01, 0.4), len(t))
        words = 2.0 ** rng.integers(15, 25, len(t)) - 1.0
        corrupted = (words - rng.uniform(-2.5e5, 2.5e5)) / rng.uniform(1800.0, 4500.0)
        reading = np.where(rng.random(len(t)) < spike_share, corrupted, reading)
        kept = rng.random(len(t)) >= within(0.001, 0.005)
        for gap_s in (*stalls_s, *rng.uniform(0.0, end_s, rng.poisson(0.75 * bursts))):
            first = int(np.searchsorted(t, gap_s))
            kept[first : first + int(rng.integers(4, 25))] = False
        times.append(t[kept])
        cells.append(np.full(int(kept.sum()), cell, dtype=np.int64))
        forces.append(reading[kept])
    t_s = np.concatenate(times)
    order = np.argsort(t_s, kind="stable")
    return t_s[order], np.concatenate(cells)[order], np.concatenate(forces)[order]


def live(rng: Rng, who: Athlete, score: Score) -> list[F64]:
    """Lay a living body over the score: four cells' true forces, in N."""
    clean, share = np.concatenate(score.force), np.concatenate(score.share)
    n = len(clean)
    alive = 1.0 + who.wander_cv * murmur(rng, n, 0.3, 8.0) + 0.01 * murmur(rng, n, 0.015, 0.12)
    bracing = np.concatenate(score.brace) * who.brace_n * murmur(rng, n, 0.2, 3.0)
    total = np.maximum(clean * alive + bracing, 0.0)
    heel = np.clip(share + 0.012 * murmur(rng, n, 0.2, 3.0), 0.0, 1.0)
    left = np.clip(who.left_share + 0.015 * murmur(rng, n, 0.2, 3.0), 0.0, 1.0)
    tilt = 0.03 * float(rng.normal())  # the toes do not share between the sides as the heel does
    toe_left = np.clip(left + tilt, 0.0, 1.0)
    toes = total - total * heel
    return [total * heel * left, total * heel * (1.0 - left), toes * toe_left, toes * (1.0 - toe_left)]


def with_heel_share(rep: TrueRep, force_n: F64, share: F64) -> TrueRep:
    """Complete a rep with its force-weighted heel share from lift-off to the end of lockout."""
    part = slice(round(rep.lift_off_s * GRID_HZ), round(rep.lockout_end_s * GRID_HZ) + 1)
    return replace(rep, heel_share=float(np.sum(force_n[part] * share[part]) / np.sum(force_n[part])))


def make(suite: str, seed: int) -> Recorded | None:
    """One recording of a suite or variant; None where the name is not known here."""
    if suite not in SUITES and suite not in VARIANTS:
        return None
    rng = np.random.default_rng([WORLD_SALT, zlib.crc32(suite.encode()), seed])
    tempo = TEMPI.get(suite, Tempo())
    athlete = draw_athlete(rng, suite, tempo)
    lifter = Lifter(rng, athlete, tempo)
    if suite == "nothing":
        write_nothing(rng, lifter)
    else:
        write_set(rng, suite, lifter)
    score = lifter.score
    force_n, share = np.concatenate(score.force), np.concatenate(score.share)
    cells_n = live(rng, athlete, score)
    t_s, cell, reading_n = convert(rng, suite == "dead_stop_harsh", cells_n)
    notes: dict[str, object] = {
        "mass_kg": athlete.mass_kg,
        "load_kg": athlete.load_kg,
        "rest_n": athlete.rest_n,
        "lift_n": athlete.bottom_n,
        "range_m": athlete.range_m,
        "events": tuple(score.log),
    }
    reps = tuple(with_heel_share(rep, force_n, share) for rep in lifter.reps)
    return Recorded(t_s, cell, reading_n, reps, ADC_DELAY_S, notes)
