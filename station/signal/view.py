"""A stretch of lifting as it looks from one frame on: its level, and the ascents that explain it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.signal import lift, movements
from station.signal.balance import mediolateral_mm
from station.signal.gaps import bridged, means
from station.signal.model import F64, Params
from station.signal.sequence import SHORTEST, Ascent, Turn
from station.signal.watch import Watch

STRETCH_S = 35.0  # the most that is explained at once
LEVEL_S = 12.0  # the level of a stretch is that of its last seconds
TOP_APART = 0.15  # further from the level, what was learnt of the lockout is not used
TOPS = (-0.15, -0.1, -0.05, 0.0, 0.05, 0.1)  # where the lockout may lie while it is unknown
NEAR_LEVEL = -0.12  # of the level: below it the load is still being taken over
NEARLY_UP = 0.85  # of the way from rest
SWING_S = 2.0  # an ascent has pushed and braked within it
LANDING, LANDING_STEPS = 1.2, 3  # times the level
PEAK, BESIDE_PEAK, PEAK_STEPS = 1.18, 1.1, 2  # times the level; a push lasts longer
PUSH_LONGEST_S = 1.5
NEARLY_DOWN = 0.2  # of the way from rest
ADDED_S = 1.5, 2.0  # so long before and behind a push one sees where the load came on
SHORTEST_S = 1.1  # off the floor: nobody is up and down again sooner


@dataclass(frozen=True)
class Past:
    """The newest frames; arrays of one length, never changed in place."""

    first_frame: int
    force_n: F64  # (n, 4)
    total_n: F64  # (n,)

    @property
    def end_frame(self) -> int:
        """The frame behind the newest."""
        return self.first_frame + len(self.total_n)


def nothing_past() -> Past:
    """Return the past before the first frame."""
    return Past(0, np.zeros((0, 4)), np.zeros(0))


@dataclass(frozen=True)
class View:
    """Ascents in steps from `origin` (a frame), and what they explain."""

    ascents: list[Ascent]
    origin: int
    step: int  # frames
    start: int  # the first frame of `y`
    y: F64  # the stretch's total force, gaps bridged, N
    base_n: float  # the resting level before it
    rested_n: float  # the heaviest of late
    level_n: float
    z: F64  # relative forces, a step apart
    zero_n: float  # to this force
    end: int  # frame
    rate_hz: float
    push_s: float  # how long the load took to come on, nan if it was on
    aside_mm: float  # how far beside the resting foot's pressure it came on, nan where not known

    def frame(self, steps: float) -> int:
        """Return the frame of a step."""
        return self.origin + round(steps * self.step)

    @property
    def seconds(self) -> float:
        """How long the hips were off the floor, if they were."""
        return (self.end - self.origin) / self.rate_hz

    @property
    def rise_n(self) -> float:
        """How far the level is above rest."""
        return self.level_n - self.base_n

    @property
    def evidence(self) -> float:
        """The clearest ascent's log evidence."""
        return max((ascent.evidence for ascent in self.ascents), default=0.0)

    @property
    def swing(self) -> float:
        """How far the force went up and down at first, share of its level."""
        first = self.z[: round(SWING_S / movements.STEP_S)]
        return float(first.max() - first.min()) if len(first) else 0.0

    @property
    def tremor(self) -> float:
        """By how much the force bends from step to step: median second difference, share of its level."""
        return movements.tremor(self.z)

    @property
    def unevenness(self) -> float:
        """By how much the force varies while the load is on, rms over its level."""
        up = self.y[self.y > self.base_n + NEARLY_UP * self.rise_n]
        if len(up) == 0:
            return 0.0
        off = up - up.sum() / len(up)
        return float(np.sqrt((off * off).sum() / len(up))) / self.level_n


def seen(
    params: Params, w: Watch, past: Past, stretch_frame: int, how: Turn, frame: int, *, ended: bool
) -> View | None:
    """Explain a stretch up to `frame`; None where there is too little of it.

    stretch_frame, how : where and how it began
    ended : the foot was unloaded behind it; otherwise it goes on
    """
    rate_hz = params.frame_rate_hz
    step = max(1, round(movements.STEP_S * rate_hz))
    start = max(stretch_frame, past.first_frame, frame + 1 - round(STRETCH_S * rate_hz))
    y = bridged(past.total_n[start - past.first_frame : frame + 1 - past.first_frame])
    z = means(y, step)
    if len(z) < SHORTEST - 3 or np.isnan(z[0]):
        return None
    level_n = _middle(z[-round(LEVEL_S / movements.STEP_S) :])
    if level_n < w.base_n + 1.0:
        return None
    top_n = w.bout.top_n
    known = top_n is not None and abs(top_n - level_n) < TOP_APART * level_n
    near = np.flatnonzero(z > level_n * (1.0 + NEAR_LEVEL))
    first = int(near[0]) if how == "rest" else 0
    stop = _landing(z, int(near[-1]) + 1, level_n) if ended else len(z)
    tops_n = [top_n] if known and top_n is not None else [level_n * (1.0 + apart) for apart in TOPS]
    found = lift.explained(
        _without_landings(z, level_n)[first:stop], w.base_n, tops_n, w.bout.manner, ended=ended
    )
    ascents = found.ascents
    origin = start + first * step
    from_rest = how == "rest"
    push_s = _push_s(past, origin, frame + 1, w.base_n, level_n, rate_hz) if from_rest else np.nan
    if not ascents and ended and (stop - first) * movements.STEP_S >= SHORTEST_S:
        ascents = [Ascent((0, (stop - first) // 3))]
    return View(
        ascents=ascents,
        origin=origin,
        step=step,
        start=start,
        y=y,
        base_n=w.base_n,
        rested_n=w.rested_n,
        level_n=level_n,
        z=found.z,
        zero_n=found.zero_n,
        end=start + stop * step,
        rate_hz=rate_hz,
        push_s=push_s,
        aside_mm=_aside_mm(params, past, origin, w.base_n, level_n) if from_rest else np.nan,
    )


def _without_landings(z: F64, level_n: float) -> F64:
    """Return forces without short peaks: hips that land, of which no movement's model knows."""
    out, high = z.copy(), np.concatenate(([False], z > BESIDE_PEAK * level_n, [False]))
    edges = np.flatnonzero(high[1:] != high[:-1])
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        inside = first > 0 and stop < len(z)
        if inside and stop - first <= PEAK_STEPS and float(z[first:stop].max()) > PEAK * level_n:
            out[first:stop] = min(float(z[first - 1]), level_n)
    return out


def _landing(z: F64, stop: int, level_n: float) -> int:
    """Return where a hard landing begins, if one ends at `stop`: no movement's model has one."""
    first = stop
    while stop - first < LANDING_STEPS and first > SHORTEST and z[first - 1] > LANDING * level_n:
        first -= 1
    return first


def _push_s(past: Past, origin: int, stop: int, base_n: float, level_n: float, rate_hz: float) -> float:
    """Return how long the force took from a fifth to four fifths of the way to its level.

    origin : the frame by which it was there; it came from the resting level, or from what it was then
    """
    first = max(origin - round(PUSH_LONGEST_S * rate_hz), past.first_frame)
    y = bridged(past.total_n[first - past.first_frame : stop - past.first_frame])
    before = y[: origin - first + 1]
    low_n = max(base_n, float(before.min()))
    below = np.flatnonzero(before < low_n + 0.2 * (level_n - low_n))
    if len(below) == 0:
        return PUSH_LONGEST_S
    above = np.flatnonzero(y[int(below[-1]) :] > low_n + 0.8 * (level_n - low_n))
    return min(int(above[0]) / rate_hz, PUSH_LONGEST_S) if len(above) else PUSH_LONGEST_S


def _aside_mm(params: Params, past: Past, origin: int, base_n: float, level_n: float) -> float:
    """Return how far to the side of the resting leg's pressure the load came on, mm.

    Where two forces add, so do their moments: the centre of what was added is that of the difference.
    """
    at = origin - past.first_frame
    before_s, behind_s = ADDED_S
    before = slice(max(at - round(before_s * params.frame_rate_hz), 0), at)
    behind = slice(at, at + round(behind_s * params.frame_rate_hz))
    rise_n = level_n - base_n
    resting = past.force_n[before][past.total_n[before] < base_n + NEARLY_DOWN * rise_n]
    lifting = past.force_n[behind][past.total_n[behind] > base_n + NEARLY_UP * rise_n]
    if len(resting) == 0 or len(lifting) == 0:
        return np.nan
    rest_n = resting.sum(axis=0) / len(resting)
    added_n = lifting.sum(axis=0) / len(lifting) - rest_n
    rest_mm, added_mm = mediolateral_mm(np.stack((rest_n, added_n)), params.plate, params.load_floor_n)
    return float(abs(added_mm - rest_mm))


def _middle(z: F64) -> float:
    return float(np.sort(z)[(len(z) - 1) // 2])
