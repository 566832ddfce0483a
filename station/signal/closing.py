"""From frames to reps: the live machine is driven, and what it counted is closed in time.

Keeps the last frames, since a rep is looked at again when what followed it is known. A rep is
refined from frames up to the one at which it is due, never from later ones that happen to be
in the same block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from station.signal import reps
from station.signal.levels import Bout
from station.signal.measures import Measures, measured
from station.signal.model import (
    BOUNDARIES,
    F64,
    Event,
    Frames,
    Params,
    Rep,
    RepClosed,
    RepCounted,
    RepWithdrawn,
    Style,
)
from station.signal.refine import movement, transfer

PAST_S = 40.0  # the longest rep that is looked at again
PAST_SLACK = 500  # frames: forgetting costs time too
SLOW_S = 2.0  # of ascent: slower ones end with a cue of 1 % of the force
SMOOTH_S = 0.05  # the live machine sees the mean of so much
LOST_S = 1.5  # a gap of this length ends whatever was going on
HOVER_DEPTH, DEAD_STOP_DEPTH = 0.15, 0.75  # unloading between reps, share of the way to rest


@dataclass(frozen=True)
class Past:
    """The newest frames; arrays of one length, never changed in place."""

    first_frame: int
    total_n: F64
    heel_n: F64
    began_frame: int = 0  # from which the machine's ticks are counted


def nothing_past() -> Past:
    """Return the past before the first frame."""
    return Past(0, np.zeros(0), np.zeros(0))


def watched(params: Params, watch: reps.Watch, past: Past, new: Frames) -> tuple[Past, list[Event]]:
    """Show new frames to the machine; `watch` is changed in place, and is the caller's own copy."""
    period_ns = round(1e9 / params.frame_rate_hz)
    frame = new.t_ns // period_ns
    events: list[Event] = []
    holes = np.flatnonzero(np.diff(frame) > 1) + 1
    edges = [0, *holes.tolist(), len(frame)]
    for a, b in pairwise(edges):
        heel = new.force_n[a:b, 0] + new.force_n[a:b, 1]
        if len(past.total_n) and int(frame[a]) != past.first_frame + len(past.total_n):
            _, closed = at_end(params, watch, past)
            events.extend(closed)
            past = nothing_past()
        if len(past.total_n) == 0:
            past = replace(past, first_frame=int(frame[a]), began_frame=int(frame[a]))
        past = Past(
            past.first_frame,
            np.concatenate((past.total_n, new.total_n[a:b])),
            np.concatenate((past.heel_n, heel)),
            past.began_frame,
        )
        events.extend(_ticks(params, watch, past, b - a))
        keep = round(PAST_S * params.frame_rate_hz)
        if len(past.total_n) > keep + PAST_SLACK:
            cut = len(past.total_n) - keep
            past = replace(
                past,
                first_frame=past.first_frame + cut,
                total_n=past.total_n[cut:].copy(),
                heel_n=past.heel_n[cut:].copy(),
            )
    return past, events


def _ticks(params: Params, watch: reps.Watch, past: Past, fresh: int) -> list[Event]:
    """Run the machine over the newest `fresh` frames of the past."""
    rate, n = params.frame_rate_hz, len(past.total_n)
    per_tick = max(1, round(rate / reps.TICK_HZ))
    width = max(1, round(SMOOTH_S * rate))
    period_ns = round(1e9 / rate)
    start = n - fresh
    seen = max(start, width - 1)  # the first frame with a whole mean behind it
    first = seen + (past.began_frame - past.first_frame - seen) % per_tick
    places = np.arange(first, n, per_tick)
    if len(places) == 0:
        return []
    mean = past.total_n[places]
    for k in range(1, width):
        mean = mean + past.total_n[places - k]
    events: list[Event] = []
    frames = (places + past.first_frame).tolist()
    for frame, force_n in zip(frames, (mean / width).tolist(), strict=True):
        while watch.pending and frame >= watch.pending[0].due_frame:
            events.append(_close(params, watch, past, frame))
        if force_n != force_n:  # a gap
            watch.lost += 1
            if watch.lost == LOST_S * reps.TICK_HZ:
                events.extend(_cut_off(params, watch, frame))
            continue
        watch.lost = 0
        ended = reps.tick(watch, frame, force_n, per_tick)
        events.extend(RepCounted(d.id, d.fall_frame * period_ns, frame * period_ns) for d in ended)
        if watch.cut_frame is not None:
            at_ns = watch.cut_frame * period_ns
            events.append(RepClosed(_cut_rep(watch.next_id, None, None, None), at_ns))
            watch.next_id, watch.cut_frame = watch.next_id + 1, None
    return events


def at_end(params: Params, watch: reps.Watch, past: Past) -> tuple[Past, list[Event]]:
    """Close everything that is open: the data end here."""
    frame = past.first_frame + len(past.total_n) - 1
    events: list[Event] = []
    events.extend(_cut_off(params, watch, frame))
    while watch.pending:
        events.append(_close(params, watch, past, frame))
    return past, events


def _cut_off(params: Params, watch: reps.Watch, frame: int) -> list[Event]:
    """Cut off what was going on: the data end, or are missing for too long."""
    period_ns = round(1e9 / params.frame_rate_hz)
    per_tick = max(1, round(params.frame_rate_hz / reps.TICK_HZ))
    ended, cut = reps.cut_off(watch, frame, per_tick)
    events: list[Event] = [
        RepCounted(draft.id, draft.fall_frame * period_ns, frame * period_ns) for draft in ended
    ]
    if cut is not None:
        push, high = cut.push_frame * period_ns, cut.high_frame * period_ns
        rep = _cut_rep(cut.id, None if cut.hover_before else push, high, cut.lift_n)
        events.append(RepClosed(rep, frame * period_ns))
    reps.lose(watch)
    return events


def _cut_rep(rep_id: int, push_ns: int | None, high_ns: int | None, lift_n: float | None) -> Rep:
    """Return a rep cut by the start or the end of the data: as seen live, and never counted."""
    return Rep(
        id=rep_id,
        style="dead_stop",
        confidence="estimated",
        push_start_ns=push_ns,
        lift_off_ns=high_ns,
        lockout_start_ns=None,
        lockout_end_ns=None,
        touchdown_ns=None,
        rest_ns=None,
        peak_n=None,
        mean_n=None,
        plateau_n=lift_n,
        impulse_n_s=None,
        heel_share=None,
        valid_fraction=0.0,
        complete=False,
        uncertainty_s=dict.fromkeys(BOUNDARIES),
    )


def _close(params: Params, watch: reps.Watch, past: Past, frame: int) -> Event:
    """Refine the oldest counted rep, knowing the frames up to `frame`."""
    draft = watch.pending.pop(0)
    rate = params.frame_rate_hz
    period_ns = round(1e9 / rate)
    stop = frame - past.first_frame + 1
    start = max(0, stop - round(PAST_S * rate), draft.push_frame - past.first_frame - round(1.5 * rate))
    total, heel = past.total_n[start:stop], past.heel_n[start:stop]
    origin = past.first_frame + start
    found = _boundaries(_bridged(total), draft, origin, rate, watch.bout)
    if found is None:
        watch.counted = max(0, watch.counted - 1)
        return RepWithdrawn(draft.id, frame * period_ns)

    def ns(at: float | None) -> int | None:
        return None if at is None else origin * period_ns + round(at * period_ns)

    def span(a: float, b: float) -> slice:
        return slice(max(0, round(a)), max(0, round(b)) + 1)

    measures = measured(
        total,
        heel,
        hold=span(found.lockout_start, found.lockout_end),
        lifted=span(found.lift_off, found.touchdown),
        driven=span(found.lift_off, found.lockout_end),
        rate_hz=rate,
        load_floor_n=params.load_floor_n,
    )
    watch.bout = found.bout
    rep = _rep(draft, found, measures, rate, ns)
    return RepClosed(rep, frame * period_ns)


@dataclass(frozen=True)
class Boundaries:
    """Places in a window of frames, fractions of a frame included."""

    push_start: float | None
    lift_off: float
    lockout_start: float
    lockout_end: float
    touchdown: float
    rest: float | None
    style: Style
    bout: Bout  # with what this rep taught


def _bridged(y: F64) -> F64:
    """Draw straight lines across gaps, for finding boundaries only."""
    known = np.flatnonzero(~np.isnan(y))
    if len(known) == len(y) or len(known) == 0:
        return y
    x = np.arange(len(y))
    right = np.minimum(np.searchsorted(known, x), len(known) - 1)
    left = np.maximum(np.where(known[right] == x, right, right - 1), 0)
    a, b = known[left], known[right]
    part = (x - a) / np.maximum(b - a, 1)
    whole: F64 = y[a] + (y[b] - y[a]) * np.minimum(np.maximum(part, 0.0), 1.0)
    return whole


def _boundaries(y: F64, draft: reps.Draft, origin: int, rate: float, bout: Bout) -> Boundaries | None:
    """Find all six boundaries in `y`, shape (n,), N, gaps bridged; None where there is no rep after all."""
    high, fall = draft.high_frame - origin, draft.fall_frame - origin
    if high < 3 or fall <= high or fall >= len(y):
        return None
    base, lift = draft.base_n, draft.lift_n
    after = y[fall : fall + round(1.0 * rate)]
    lowest = float(np.min(after))
    depth = (lift - lowest) / max(lift - base, 1.0)
    style: Style = "dead_stop" if depth > DEAD_STOP_DEPTH else "touch"
    if draft.hover_after:
        style = "hover"
    if draft.hover_after:
        touchdown, bottom, rest = float(fall), float(y[fall]), None
    else:
        middle = _first_below(y, fall, (lift + lowest) / 2)
        stop = _still_low(y, middle, (lift + lowest) / 2, rate, style)
        before = max(high + round(0.3 * rate), middle - round(0.45 * rate))
        piece = y[before : stop + 1][::-1].copy()
        down = transfer(piece, rate, float(stop - middle), bout.fall)
        bottom = down.bottom_n
        bout = replace(bout.with_bottom(bottom), fall=down.family)
        if bout.bottom_n is not None:
            bottom = bout.bottom_n
            down = transfer(piece, rate, float(stop - middle), bout.fall, bottom)
        touchdown, rest = stop - down.end, stop - down.start
    push_start: float | None = None
    if draft.hover_before:
        lift_off = float(max(draft.push_frame - origin, 0))
    else:
        middle = _last_below(y, high + round(0.1 * rate), (base + bottom) / 2)
        first = _was_low(y, middle, (base + bottom) / 2, rate)
        piece = y[first : middle + round(0.45 * rate)]
        up = transfer(piece, rate, float(middle - first), bout.push, bottom)
        bout = replace(bout, push=up.family)
        push_start, lift_off = first + up.start, first + up.end
    a, d = round(lift_off), round(touchdown)
    moved = movement(y[a : d + 1], rate, bout.move) if d - a > 20 else None
    if moved is None:
        return None
    start = lift_off + moved.lockout_start_s * rate
    end = lift_off + moved.lockout_end_s * rate
    return Boundaries(
        push_start, lift_off, start, max(start, end), touchdown, rest, style, replace(bout, move=moved.family)
    )


def _still_low(y: F64, middle: int, level: float, rate: float, style: Style) -> int:
    """Return how far the resting level behind an unloading reaches."""
    last = min(len(y) - 1, middle + round(0.8 * rate))
    if style != "dead_stop":
        return middle + int(np.argmin(y[middle : last + 1])) + round(0.03 * rate)
    rises = np.flatnonzero(y[middle + 3 : last + 1] > level)
    return middle + 3 + int(rises[0]) - round(0.15 * rate) if len(rises) else last


def _was_low(y: F64, middle: int, level: float, rate: float) -> int:
    """Return how far back the resting level before a push reaches."""
    first = max(0, middle - round(0.9 * rate))
    falls = np.flatnonzero(y[first : max(middle - 3, first)] > level)
    return first + int(falls[-1]) + round(0.15 * rate) if len(falls) else first


def _first_below(y: F64, start: int, level: float) -> int:
    below = np.flatnonzero(y[start:] < level)
    return start + int(below[0]) if len(below) else len(y) - 1


def _last_below(y: F64, stop: int, level: float) -> int:
    below = np.flatnonzero(y[: stop + 1] < level)
    return int(below[-1]) if len(below) else max(stop - 1, 0)


def _rep(
    draft: reps.Draft,
    found: Boundaries,
    measures: Measures,
    rate: float,
    ns: Callable[[float | None], int | None],
) -> Rep:
    slow = found.lockout_start - found.lift_off > SLOW_S * rate
    return Rep(
        id=draft.id,
        style=found.style,
        confidence="estimated" if slow or draft.hover_before or draft.hover_after else "measured",
        push_start_ns=ns(found.push_start),
        lift_off_ns=ns(found.lift_off),
        lockout_start_ns=ns(found.lockout_start),
        lockout_end_ns=ns(found.lockout_end),
        touchdown_ns=ns(found.touchdown),
        rest_ns=ns(found.rest),
        peak_n=measures.peak_n,
        mean_n=measures.mean_n,
        plateau_n=measures.plateau_n,
        impulse_n_s=measures.impulse_n_s,
        heel_share=measures.heel_share,
        valid_fraction=measures.valid_fraction,
        complete=True,
        uncertainty_s=dict.fromkeys(BOUNDARIES),
    )
