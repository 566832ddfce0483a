"""A counted rep is looked at again when what followed it is known, and closed for good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from station.signal import boundaries
from station.signal.boundaries import Boundaries
from station.signal.gaps import bridged, resampled
from station.signal.landing import as_if_held, landed, with_landing
from station.signal.learnt import Learnt
from station.signal.measures import measured
from station.signal.model import BOUNDARIES, F64, Bools, Measures, Params, Rep, Style
from station.signal.shapes import RATE_HZ
from station.signal.transfer import Rough

BEFORE_S, AFTER_S = 1.5, 2.5  # what is seen of a rep's surroundings
DROPPED_S = 0.65  # no hips are let down so soon
SLOW_UP_S = 2.0  # slower ascents end with a cue of a hundredth of the force

Turn = Literal["rest", "touch", "hover"]
STYLES: dict[Turn, Style] = {"rest": "dead_stop", "touch": "touch", "hover": "hover"}


@dataclass(frozen=True)
class Draft:
    """A counted rep before it is closed, roughly; places are frames, levels N."""

    id: int
    lift_frame: int  # in the middle of the push, or in the low turn
    fall_frame: int  # in the middle of the unloading, or in the next low turn
    lockout_start_frame: int | None
    lockout_end_frame: int | None
    before: Turn
    after: Turn
    before_n: float  # the force while the hips were low, on either side
    after_n: float
    level_n: float
    due_frame: int
    stuck: bool = False  # the ascent halted on its way

    def length_s(self, rate_hz: float) -> float:
        """Return how long it lasted, from push to unloading."""
        return (self.fall_frame - self.lift_frame) / rate_hz


def closed(
    params: Params, draft: Draft, learnt: Learnt, first_frame: int, force_n: F64, total_n: F64, frame: int
) -> tuple[Rep, Learnt]:
    """Find a rep's boundaries and measures in the frames up to `frame`.

    first_frame : of the arrays force_n, shape (n, 4), and total_n, shape (n,), N, nan in gaps
    """
    rate = params.frame_rate_hz
    if draft.lift_frame < first_frame:  # it was doubted for so long that its frames are forgotten
        seen = _rough(draft, draft.lift_frame)
        return _rep(draft, seen, Measures(valid_fraction=0.0), draft.lift_frame, rate), learnt
    start = max(first_frame, draft.lift_frame - round(BEFORE_S * rate))
    stop = min(frame + 1, draft.fall_frame + round(AFTER_S * rate))
    window = slice(start - first_frame, stop - first_frame)
    found, learnt = _found(draft, learnt, start, total_n[window], rate)
    if found is None:
        found = _rough(draft, start)
    measures = measured(force_n[window], found, params, from_rest=draft.before == "rest")
    return _rep(draft, found, measures, start, rate), learnt


def _rough(draft: Draft, start: int) -> Boundaries:
    """Return what was seen live, of a rep whose shape is like no other: nothing is sure of it."""
    lift, fall = draft.lift_frame - start, draft.fall_frame - start
    third = (fall - lift) / 3.0
    up = lift + third if draft.lockout_start_frame is None else draft.lockout_start_frame - start
    down = fall - third if draft.lockout_end_frame is None else draft.lockout_end_frame - start
    up = min(max(up, lift), fall)
    return Boundaries(None, lift, up, min(max(down, up), fall), fall, None, dict.fromkeys(BOUNDARIES))


def _found(
    draft: Draft, learnt: Learnt, start: int, total_n: F64, rate: float
) -> tuple[Boundaries | None, Learnt]:
    """Return the boundaries in frames of the window that begins with frame `start`."""
    known = ~np.isnan(total_n)
    y = bridged(total_n)
    if not known.any():
        return None, learnt
    scale = RATE_HZ / rate

    def place(at: int) -> float:
        return (at - start) * scale

    rough = Rough(
        before=draft.before,
        after=draft.after,
        lift=place(draft.lift_frame),
        fall=place(draft.fall_frame),
        before_n=draft.before_n,
        after_n=draft.after_n,
        lift_n=draft.level_n,
    )
    if scale != 1.0:
        y, known = resampled(y, scale), resampled(known.astype(np.float64), scale) > 0.99
    result = _fitted(y, known, rough, learnt)
    if result is None:
        return None, learnt
    found, learnt = result
    if draft.stuck and draft.lockout_start_frame is not None:
        found = _behind_halt(found, place(draft.lockout_start_frame))
    return (found if scale == 1.0 else _scaled(found, 1.0 / scale)), learnt


def _fitted(y: F64, known: Bools, rough: Rough, learnt: Learnt) -> tuple[Boundaries, Learnt] | None:
    """Fit a rep to its end, or to where the hips were let go, which teaches nothing of unloading."""
    landing = landed(y, rough.fall, rough.after_n, rough.lift_n) if rough.after == "rest" else None
    if landing is not None:
        force, there, fall = as_if_held(y, known, landing, rough.after_n)
        result = boundaries.refined(force, there, replace(rough, fall=fall), learnt)
        return None if result is None else (with_landing(result[0], landing), learnt)
    result = boundaries.refined(y, known, rough, learnt)
    if result is None or result[0].touchdown - result[0].lockout_end >= DROPPED_S * RATE_HZ:
        return result
    return _dropped(result[0]), result[1]


def _behind_halt(found: Boundaries, top: float) -> Boundaries:
    """Put the lockout's start behind a halt on the way: no shape of an ascent has one."""
    start = min(max(found.lockout_start, top), found.lockout_end)
    return replace(found, lockout_start=start, uncertainty_s={**found.uncertainty_s, "lockout_start": None})


def _dropped(found: Boundaries) -> Boundaries:
    """Say that hips which fall unload the foot before they land: where they are then does not show."""
    unknown = dict.fromkeys(("lockout_end", "touchdown", "rest"))
    return replace(found, uncertainty_s={**found.uncertainty_s, **unknown})


def _scaled(found: Boundaries, by: float) -> Boundaries:
    """Return boundaries in other frames."""

    def to(at: float | None) -> float | None:
        return None if at is None else at * by

    return replace(
        found,
        push_start=to(found.push_start),
        lift_off=found.lift_off * by,
        lockout_start=found.lockout_start * by,
        lockout_end=found.lockout_end * by,
        touchdown=found.touchdown * by,
        rest=to(found.rest),
        landing=to(found.landing),
    )


def _rep(draft: Draft, found: Boundaries, measures: Measures, start: int, rate: float) -> Rep:
    period_ns = round(1e9 / rate)

    def ns(at: float | None) -> int | None:
        return None if at is None else start * period_ns + round(at * period_ns)

    slow = found.lockout_start - found.lift_off > SLOW_UP_S * rate
    hover = "hover" in (draft.before, draft.after)
    unlike = all(half is None for half in found.uncertainty_s.values())
    return Rep(
        id=draft.id,
        style=STYLES[draft.after],
        confidence="estimated" if slow or hover or unlike else "measured",
        push_start_ns=ns(found.push_start),
        lift_off_ns=ns(found.lift_off),
        lockout_start_ns=ns(found.lockout_start),
        lockout_end_ns=ns(found.lockout_end),
        touchdown_ns=ns(found.touchdown),
        rest_ns=ns(found.rest),
        measures=measures,
        complete=True,
        uncertainty_s=found.uncertainty_s,
    )


def cut_rep(rep_id: int, lift_off_ns: int | None = None) -> Rep:
    """Return a rep cut by the start or the end of the data: as seen live, and never counted."""
    return Rep(
        id=rep_id,
        style="dead_stop",
        confidence="estimated",
        push_start_ns=None,
        lift_off_ns=lift_off_ns,
        lockout_start_ns=None,
        lockout_end_ns=None,
        touchdown_ns=None,
        rest_ns=None,
        measures=Measures(),
        complete=False,
        uncertainty_s=dict.fromkeys(BOUNDARIES),
    )
