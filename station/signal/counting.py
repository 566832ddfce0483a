"""From frames to reps: what the watch notices is explained, judged, counted, and closed in time.

Three looks at the same frames, each with more of them: a fall is counted at once if the stretch
so far is a rep; a review or the stretch's end explains it again; and a rep is closed when what
followed it is known, at most three seconds after its touchdown. Each look sees frames up to a
definite one, never later ones that happen to be in the same block.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from station.signal import lift, movements, watch
from station.signal.bout import Bout
from station.signal.closing import Draft, closed, cut_rep
from station.signal.gaps import bridged, means
from station.signal.model import F64, Event, Frames, Params, RepClosed, RepCounted, RepWithdrawn

PAST_S = 45.0  # as far back as a rep is looked at again
PAST_SLACK = 500  # frames: forgetting costs time too
LOST_S = 1.5  # a gap of this length ends whatever was going on
STRETCH_S = 35.0  # the most that is explained at once
TURN_LAG_S = 2.5  # after which a turn within a stretch is believed
END_LAG_S = 1.8  # so much is seen of what follows a touchdown
LEVEL_S = 12.0  # the level of a stretch is that of its last seconds
TOP_APART = 0.15  # further from the level, what was learnt of the lockout is not used
TOPS = (-0.15, -0.1, -0.05, 0.0, 0.05, 0.1)  # where the lockout may lie while it is unknown
NEARLY_UP = 0.85  # of the way from rest
NEAR_LEVEL = -0.12  # of the level: below it the load is still being taken over

# What is a lift. In a bout: more than so much of the way to its lift level, less than so many of it.
REFUSED_BELOW, REFUSED_ABOVE = 0.77, 1.45
PUSH_LONGEST_S = 1.5
SHORTEST_S = 1.1  # off the floor
# The first of a bout: by how much it rises above the resting level, by whether hips have moved (the
# force shows their inertia), and by others like it.
FIRST_RISE_N, FIRST_RISE_SHARE = 45.0, 0.55
CLEAR_RISE_N, LONG_RISE_N = 85.0, 105.0
SURE_EVIDENCE, STANDING_EVIDENCE = 5.0, 43.0
QUICK_PUSH_S = 0.12  # from a fifth to four fifths of the load: nobody steps onto a plate so quickly
SURE_ASCENTS = 3  # in one stretch
SURE_S, SURE_RISE_N = 2.3, 290.0  # long, and less than a light person who stands on the plate
FIRST_SHORTEST_S, FIRST_LONGEST_S = 1.6, 12.0  # off the floor: a failed push is shorter, an object stays
# How much the force varies while it is up, rms over its level: an object or somebody standing is
# calm, hips on their way are not, and what varies more is several things one after the other.
CALM, STANDING_CALM, WILD = 0.012, 0.045, 0.35
RESTING_LEAST_N, RESTING_MOST_N = 32.0, 160.0  # a foot that is only just being put down, and one that rests
ALIKE_LEVEL = (0.88, 1.14)
ALIKE_LENGTH = (0.65, 1.55)
DOUBTS_KEPT = 6
ALIKE_LEAST, ALIKE_STANDING = 3, 5  # fewer where the rise is clear and one shows movement
SAME_FALL_S = 0.8
NO_LIFT_S = 6.0  # so long above the resting level and no lift: somebody rests otherwise now


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


@dataclass(frozen=True)
class View:
    """A stretch as it looks from one frame: ascents in steps from `origin` (a frame)."""

    ascents: list[lift.Ascent]
    origin: int
    step: int  # frames
    start: int  # the first frame of `y`
    y: F64  # the stretch's total force, gaps bridged, N
    level_n: float
    z: F64  # relative forces, a step apart
    zero_n: float  # to this force
    end: int  # frame
    push_s: float  # how long the load took to come on

    def frame(self, steps: float) -> int:
        """Return the frame of a step."""
        return self.origin + round(steps * self.step)


@dataclass(frozen=True)
class Start:
    """How the next rep of a stretch began.

    lift_frame : in the middle of its push, or in the low turn
    fall_frame : in the middle of the unloading before it
    low_n : the lowest force between the two
    """

    how: lift.Turn = "rest"
    lift_frame: int = 0
    fall_frame: int = 0
    low_n: float = 0.0


@dataclass(frozen=True)
class Doubt:
    """What may have been a rep: it is one if there are others like it."""

    draft: Draft
    length: int  # frames
    moved: bool

    def like(self, other: Doubt, *, length: bool) -> bool:
        """Tell whether two are of one kind, in length too if asked."""
        level, longer = other.draft.level_n / self.draft.level_n, other.length / self.length
        lasts = not length or ALIKE_LENGTH[0] < longer < ALIKE_LENGTH[1]
        return lasts and ALIKE_LEVEL[0] < level < ALIKE_LEVEL[1]


@dataclass
class Count:
    """What is being counted; `copied` before a step changes it."""

    watch: watch.Watch = field(default_factory=watch.Watch)
    stretch_frame: int = 0  # where the stretch, or what is left of it, began
    start: Start = field(default_factory=Start)
    announced: list[int] = field(default_factory=list)  # ids of this stretch's reps that are not drafts yet
    pending: list[Draft] = field(default_factory=list)
    doubted: list[Doubt] = field(default_factory=list)
    next_id: int = 1
    counted: int = 0
    fallen: View | None = None  # what was seen at the last fall that ended a rep
    lost: int = 0  # ticks without a force

    def copied(self) -> Count:
        """Return a copy that shares nothing mutable."""
        return replace(
            self,
            watch=self.watch.copied(),
            announced=list(self.announced),
            pending=list(self.pending),
            doubted=list(self.doubted),
        )

    def forget_bout(self) -> None:
        """Forget what was learnt of the levels: a set begins or ends."""
        self.watch.bout, self.doubted, self.counted = Bout(), [], 0


def nothing_past() -> Past:
    """Return the past before the first frame."""
    return Past(0, np.zeros((0, 4)), np.zeros(0))


def watched(params: Params, count: Count, past: Past, new: Frames) -> tuple[Past, list[Event]]:
    """Take in new frames; `count` is changed in place, and is the caller's own copy."""
    period_ns = round(1e9 / params.frame_rate_hz)
    frame = new.t_ns // period_ns
    events: list[Event] = []
    holes = np.flatnonzero(np.diff(frame) > 1) + 1
    for a, b in pairwise([0, *holes.tolist(), len(frame)]):
        if len(past.total_n) and int(frame[a]) != past.end_frame:
            events.extend(at_end(params, count, past))
            past = nothing_past()
        if len(past.total_n) == 0:
            past = replace(past, first_frame=int(frame[a]))
        past = Past(
            past.first_frame,
            np.concatenate((past.force_n, new.force_n[a:b])),
            np.concatenate((past.total_n, new.total_n[a:b])),
        )
        events.extend(_ticks(params, count, past, b - a))
        past = _shortened(past, round(PAST_S * params.frame_rate_hz))
    return past, events


def _shortened(past: Past, keep: int) -> Past:
    cut = len(past.total_n) - keep
    if cut <= PAST_SLACK:
        return past
    return Past(past.first_frame + cut, past.force_n[cut:].copy(), past.total_n[cut:].copy())


def _ticks(params: Params, count: Count, past: Past, fresh: int) -> list[Event]:
    """Show the watch every tick that the newest `fresh` frames complete."""
    per_tick = max(1, round(params.frame_rate_hz / watch.TICK_HZ))
    first = (past.end_frame - fresh) // per_tick * per_tick
    first = max(first, -(-past.first_frame // per_tick) * per_tick)
    force = means(past.total_n[first - past.first_frame :], per_tick).tolist()
    events: list[Event] = []
    for k, force_n in enumerate(force):
        frame = first + (k + 1) * per_tick - 1
        while count.pending and frame >= count.pending[0].due_frame:
            events.append(_close(params, count, past, frame))
        if force_n != force_n:
            count.lost += 1
            if count.lost == LOST_S * watch.TICK_HZ:
                events.extend(_cut_off(params, count, past, frame))
            continue
        count.lost = 0
        word = watch.tick(count.watch, frame, force_n)
        if word:
            events.extend(_looked_into(params, count, past, frame, word))
    return events


def _looked_into(params: Params, count: Count, past: Past, frame: int, word: watch.Word) -> list[Event]:
    """Do what the watch asks for at `frame`."""
    if word == "began":
        count.stretch_frame, count.announced, count.fallen = frame, [], None
        count.start = Start(low_n=count.watch.base_n)
        return []
    if word == "cut":
        count.next_id += 1
        return [RepClosed(cut_rep(count.next_id - 1), _ns(params, frame))]
    if word == "ended":
        return _ended(params, count, _last_view(params, count, past, frame), frame)
    view = _view(params, count, past, frame, ended=word == "fell")
    if view is None:
        return []
    if word == "fell":
        return _fallen(params, count, view, frame)
    return _reviewed(params, count, view, frame)


def _view(params: Params, count: Count, past: Past, frame: int, *, ended: bool) -> View | None:
    """Explain the stretch up to `frame`; None where there is too little of it."""
    w, rate = count.watch, params.frame_rate_hz
    step = max(1, round(movements.STEP_S * rate))
    start = max(count.stretch_frame, past.first_frame, frame + 1 - round(STRETCH_S * rate))
    y = bridged(past.total_n[start - past.first_frame : frame + 1 - past.first_frame])
    z = means(y, step)
    if len(z) < lift.SHORTEST - 3 or np.isnan(z[0]):
        return None
    level_n = _middle(z[-round(LEVEL_S / movements.STEP_S) :])
    if level_n < w.base_n + 1.0:
        return None
    top_n = w.bout.top_n
    known = top_n is not None and abs(top_n - level_n) < TOP_APART * level_n
    near = np.flatnonzero(z > level_n * (1.0 + NEAR_LEVEL))
    first = int(near[0]) if count.start.how == "rest" else 0
    stop = int(near[-1]) + 1 if ended else len(z)
    tops_n = [top_n] if known and top_n is not None else [level_n * (1.0 + apart) for apart in TOPS]
    found = lift.explained(z[first:stop], w.base_n, tops_n, w.bout.manner, ended=ended)
    ascents = found.ascents
    if not ascents and ended and (stop - first) * movements.STEP_S >= SHORTEST_S:
        ascents = [lift.Ascent((0, (stop - first) // 3))]
    return View(
        ascents=ascents,
        origin=start + first * step,
        step=step,
        start=start,
        y=y,
        level_n=level_n,
        z=found.z,
        zero_n=found.zero_n,
        end=start + stop * step,
        push_s=_push_s(past, start, frame + 1, w.base_n, level_n, rate),
    )


def _push_s(past: Past, start: int, stop: int, base_n: float, level_n: float, rate: float) -> float:
    """Return how long the force took from a fifth to four fifths of the way to its level."""
    first = max(start - round(PUSH_LONGEST_S * rate), past.first_frame) - past.first_frame
    stop = min(start + round(PUSH_LONGEST_S * rate), stop)
    y = bridged(past.total_n[first : stop - past.first_frame])
    above = np.flatnonzero(y > base_n + 0.8 * (level_n - base_n))
    below = np.flatnonzero(y[: int(above[0])] < base_n + 0.2 * (level_n - base_n)) if len(above) else above
    return (int(above[0]) - int(below[-1])) / rate if len(below) else PUSH_LONGEST_S


def _middle(z: F64) -> float:
    return float(np.sort(z)[(len(z) - 1) // 2])


def _reviewed(params: Params, count: Count, view: View, frame: int) -> list[Event]:
    """Count the ascents that another one followed; close those that lie far enough back."""
    w, rate = count.watch, params.frame_rate_hz
    verdict = _judged(params, count, view)
    if verdict == "none" and frame - count.stretch_frame > NO_LIFT_S * rate:
        watch.go(w, "rest", frame)
        watch.new_base(w, view.level_n)
    if len(view.ascents) < 2 or verdict != "lift":
        return []
    events = _announced(params, count, len(view.ascents) - 1, view.end, frame)
    lag = round(TURN_LAG_S * rate)
    turns = [view.frame(ascent.up[0]) for ascent in view.ascents[1:]]
    done = sum(turn + lag <= frame for turn in turns)
    for k in range(done):
        _drafted(count, view, k, frame)
    if done:
        count.fallen = None
        count.stretch_frame = turns[done - 1]
        count.start = _turn(view, view.ascents[done - 1], view.ascents[done])
    waiting = [turn + lag - frame for turn in turns[done:]]
    if waiting:
        per_tick = max(1, round(rate / watch.TICK_HZ))
        w.review_tick = w.ticks + -(-waiting[0] // per_tick)
    return events


def _fallen(params: Params, count: Count, view: View, frame: int) -> list[Event]:
    """Count the rep that a fall ends; without a way down before it, it is only the beginning of one."""
    down = bool(view.ascents) and view.ascents[-1].down is not None
    reps = len(view.ascents) - (not down)
    if reps == 0 or _judged(params, count, view) != "lift":
        return []
    if down:
        count.fallen = view
    return _announced(params, count, reps, view.end, frame)


def _last_view(params: Params, count: Count, past: Past, frame: int) -> View | None:
    """Return the stretch as it looks at its end: as at the fall, when that was just before."""
    seen, count.fallen = count.fallen, None
    if seen is None or frame - seen.end > SAME_FALL_S * params.frame_rate_hz or seen.start < past.first_frame:
        return _view(params, count, past, frame, ended=True)
    y = bridged(past.total_n[seen.start - past.first_frame : frame + 1 - past.first_frame])
    return replace(seen, y=y)


def _ended(params: Params, count: Count, view: View | None, frame: int) -> list[Event]:
    """Count what a stretch held, now that it is over."""
    due_frame = frame + round(END_LAG_S * params.frame_rate_hz)
    verdict = "none" if view is None or not view.ascents else _judged(params, count, view)
    if count.announced and verdict == "doubt":
        verdict = "lift"  # so it seemed before
    if view is None or verdict == "none":
        return _withdrawn(params, count, 0, frame)
    moved = _moved_first(view, count.watch.base_n)
    this = Doubt(_draft(count, view, 0, 0, due_frame), view.end - view.origin, moved)
    alike = [doubt for doubt in count.doubted if doubt.like(this, length=verdict == "doubt")]
    rise_n, moved = view.level_n - count.watch.base_n, this.moved or any(doubt.moved for doubt in alike)
    if rise_n > SURE_RISE_N:
        least = ALIKE_LEAST if moved else ALIKE_STANDING
    else:
        least = 2 if moved and rise_n > CLEAR_RISE_N else ALIKE_LEAST
    if verdict == "doubt" and len(alike) + 1 < least:
        count.doubted = [*count.doubted, this][-DOUBTS_KEPT:]
        return _withdrawn(params, count, 0, frame)
    count.doubted = []
    events = [event for doubt in alike for event in _counted(params, count, doubt.draft, frame)]
    events.extend(_announced(params, count, len(view.ascents), view.end, frame))
    events.extend(_withdrawn(params, count, len(view.ascents), frame))
    for k in range(len(view.ascents)):
        _drafted(count, view, k, due_frame)
    return events


def _moved(view: View, least: float) -> bool:
    """Tell whether the force shows that hips went up."""
    evidence = max((ascent.evidence for ascent in view.ascents), default=0.0)
    return evidence > least or len(view.ascents) > 1


def _judged(params: Params, count: Count, view: View) -> str:
    """Tell whether a stretch is a lift: "lift", "none", or "doubt" until there is another like it."""
    base_n, known_n = count.watch.base_n, count.watch.bout.lift_n
    seconds = (view.end - view.origin) / params.frame_rate_hz
    if seconds < SHORTEST_S:
        return "none"
    if known_n is not None:
        least_n = base_n + REFUSED_BELOW * (known_n - base_n)
        return "lift" if least_n < view.level_n < REFUSED_ABOVE * known_n else "none"
    rise_n, uneven = view.level_n - base_n, _unevenness(view, base_n)
    if rise_n < max(FIRST_RISE_N, FIRST_RISE_SHARE * base_n) or seconds < FIRST_SHORTEST_S or uneven > WILD:
        return "none"
    if base_n < RESTING_LEAST_N and view.level_n < RESTING_MOST_N:
        return "none"
    long = SURE_S < seconds < FIRST_LONGEST_S and LONG_RISE_N < rise_n < SURE_RISE_N and uneven > CALM
    sure = len([a for a in view.ascents if a.evidence > SURE_EVIDENCE]) >= SURE_ASCENTS
    moved = _moved_first(view, base_n)
    return "lift" if sure or (rise_n > CLEAR_RISE_N and (moved or long)) else "doubt"


def _moved_first(view: View, base_n: float) -> bool:
    """Tell whether hips went up, of somebody who may as well have stood up on the plate."""
    if view.level_n - base_n <= SURE_RISE_N or view.push_s <= QUICK_PUSH_S:
        return _moved(view, SURE_EVIDENCE)
    return _moved(view, STANDING_EVIDENCE) or _unevenness(view, base_n) > STANDING_CALM


def _unevenness(view: View, base_n: float) -> float:
    """Return by how much the force varies while the load is on, rms over its level."""
    up = view.y[view.y > base_n + NEARLY_UP * (view.level_n - base_n)]
    if len(up) == 0:
        return 0.0
    off = up - np.sum(up) / len(up)
    return float(np.sqrt(np.sum(off * off) / len(up))) / view.level_n


def _announced(params: Params, count: Count, reps: int, end_frame: int, frame: int) -> list[Event]:
    """Count reps of the stretch until there are so many; the last ended at `end_frame`."""
    events: list[Event] = []
    while len(count.announced) < reps:
        count.announced.append(count.next_id)
        events.append(RepCounted(count.next_id, _ns(params, end_frame), _ns(params, frame)))
        count.next_id += 1
        count.counted += 1
    return events


def _counted(params: Params, count: Count, draft: Draft, frame: int) -> list[Event]:
    """Count a rep that had been doubted."""
    draft = replace(draft, id=count.next_id, due_frame=frame)
    count.next_id += 1
    count.counted += 1
    count.pending.append(draft)
    count.watch.bout = count.watch.bout.with_rep(draft.level_n, draft.after, None, None)
    return [RepCounted(draft.id, _ns(params, draft.fall_frame), _ns(params, frame))]


def _withdrawn(params: Params, count: Count, reps: int, frame: int) -> list[Event]:
    """Take back what was counted too much in the stretch."""
    events: list[Event] = []
    while len(count.announced) > reps:
        events.append(RepWithdrawn(count.announced.pop(), _ns(params, frame)))
        count.counted = max(0, count.counted - 1)
    return events


def _drafted(count: Count, view: View, k: int, due_frame: int) -> None:
    """Make the oldest announced rep of the stretch ready for closing, and learn from it."""
    ascent = view.ascents[k]
    rep_id = count.announced.pop(0)
    count.pending.append(_draft(count, view, k, rep_id, due_frame))
    up = (
        movements.UPS.index(ascent.up[1] - ascent.up[0])
        if ascent.evidence > SURE_EVIDENCE and not ascent.stuck
        else None
    )
    down = (
        movements.DOWNS.index(ascent.down[1] - ascent.down[0])
        if ascent.down and ascent.evidence > 0.0
        else None
    )
    bout = count.watch.bout.with_rep(view.level_n, ascent.turn, up, down)
    if ascent.down is not None and ascent.evidence > SURE_EVIDENCE and not ascent.stuck:
        above, weights = movements.fitted(view.z, ascent.up, ascent.down, bout.manner.weights)
        bout = bout.with_fit(view.zero_n * (1.0 + above), weights)
    count.watch.bout = bout


def _draft(count: Count, view: View, k: int, rep_id: int, due_frame: int) -> Draft:
    """Tell roughly where a rep's boundaries are."""
    ascent = view.ascents[k]
    start = count.start if k == 0 else _turn(view, view.ascents[k - 1], view.ascents[k])
    half_n = 0.5 * (view.level_n + start.low_n)
    lift_frame = start.lift_frame
    if start.how == "rest":
        below = np.flatnonzero(view.y[: view.frame(ascent.up[0]) - view.start] < half_n)
        lift_frame = view.start + int(below[-1]) + 1 if len(below) else view.start
    if k + 1 < len(view.ascents):
        end = _turn(view, ascent, view.ascents[k + 1])
        after, fall_frame = end.how, end.fall_frame
    else:
        above = np.flatnonzero(view.y > 0.5 * (view.level_n + count.watch.base_n))
        after, fall_frame = ascent.turn, view.start + int(above[-1]) if len(above) else view.end
    return Draft(
        id=rep_id,
        lift_frame=lift_frame,
        fall_frame=fall_frame,
        lockout_start_frame=view.frame(ascent.up[1]) if ascent.evidence > 0.0 else None,
        lockout_end_frame=view.frame(ascent.down[0]) if ascent.down is not None else None,
        before=start.how,
        after=after,
        base_n=start.low_n,
        level_n=view.level_n,
        due_frame=due_frame,
    )


def _turn(view: View, ascent: lift.Ascent, following: lift.Ascent) -> Start:
    """Tell what lies between two ascents of a stretch."""
    up = view.frame(following.up[0])
    if ascent.dip is None:
        return Start("hover", up, view.frame(ascent.down[1]) if ascent.down else up, view.level_n)
    first, stop = view.frame(ascent.dip[0]) - view.start, view.frame(ascent.dip[1]) - view.start
    lowest = first + int(np.argmin(view.y[first:stop]))
    fall, rise = view.start + (first + lowest) // 2, view.start + (lowest + stop) // 2
    return Start("touch", rise, fall, float(view.y[lowest]))


def at_end(params: Params, count: Count, past: Past) -> list[Event]:
    """Close everything that is open: the data end here."""
    frame = past.end_frame - 1
    events = _cut_off(params, count, past, frame)
    while count.pending:
        events.append(_close(params, count, past, frame))
    return events


def _cut_off(params: Params, count: Count, past: Past, frame: int) -> list[Event]:
    """Cut off what was going on: the data end, or are missing for too long."""
    w = count.watch
    events: list[Event] = []
    view = _view(params, count, past, frame, ended=False) if w.place == "lift" else None
    if view is not None and _judged(params, count, view) == "lift":
        whole = max(len(view.ascents) - 1, 0)
        events.extend(_announced(params, count, whole, view.end, frame))
        for k in range(whole):
            _drafted(count, view, k, frame)
        if not count.announced:
            count.next_id += 1
        rep_id = count.announced[0] if count.announced else count.next_id - 1
        lift_off = view.frame(view.ascents[-1].up[0]) if view.ascents else view.origin
        events.append(RepClosed(cut_rep(rep_id, _ns(params, lift_off)), _ns(params, frame)))
        count.announced = count.announced[:1]
    events.extend(_withdrawn(params, count, 0, frame))
    watch.lose(w)
    return events


def _close(params: Params, count: Count, past: Past, frame: int) -> Event:
    """Close the oldest counted rep, knowing the frames up to `frame`."""
    draft = count.pending.pop(0)
    learnt = count.watch.bout.learnt
    rep, learnt = closed(params, draft, learnt, past.first_frame, past.force_n, past.total_n, frame)
    count.watch.bout = replace(count.watch.bout, learnt=learnt)
    return RepClosed(rep, _ns(params, frame))


def _ns(params: Params, frame: int) -> int:
    return frame * round(1e9 / params.frame_rate_hz)
