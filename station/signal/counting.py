"""From frames to reps: what the watch notices is explained, judged, counted, and closed in time.

Three looks at the same frames, each with more of them: a fall is counted at once if the stretch
so far is a rep; a review or the stretch's end explains it again; and a rep is closed when what
followed it is known, within three seconds of its touchdown unless it was doubted. Each look sees
frames up to a definite one, never later ones that happen to be in the same block.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from station.signal import movements, watch
from station.signal.bout import Bout
from station.signal.closing import Draft, closed, cut_rep
from station.signal.doubts import Doubt, as_before, believed, company
from station.signal.gaps import bridged, means
from station.signal.judging import SURE_EVIDENCE, Verdict, heavier, judged, moved
from station.signal.model import Event, Frames, Params, Rep, RepClosed, RepCounted, RepWithdrawn
from station.signal.sequence import Ascent, Turn
from station.signal.standing import odds
from station.signal.view import Past, View, nothing_past, seen

PAST_S = 45.0  # as far back as a rep is looked at again
PAST_SLACK = 500  # frames: forgetting costs time too
LOST_S = 1.5  # a gap of this length ends whatever was going on
TURN_LAG_S: dict[Turn, float] = {"touch": 1.5, "hover": 2.3, "rest": 2.3}  # after which one is believed
TOUCH_LAG_S = 2.4  # behind a fall: what followed a touch is looked at
END_LAG_S = 1.8  # so much is seen of what follows a touchdown
SAME_FALL_S = 0.8  # behind a fall: nothing new is to be seen of the stretch
DOUBTS_KEPT = 6
NO_LIFT_S = 6.0  # so long above the resting level and no lift: somebody rests otherwise now


@dataclass(frozen=True)
class Low:
    """The hips are low: before the first rep of a stretch, between two, or behind the last one.

    lift_frame : in the middle of the push that ends it, or in the low turn
    fall_frame : in the middle of the unloading before it
    low_n : the force while the hips are low: at rest, or deepest in a touch
    """

    how: Turn = "rest"
    lift_frame: int = 0
    fall_frame: int = 0
    low_n: float = 0.0


@dataclass
class Count:
    """What is being counted; `copied` before a step changes it."""

    watch: watch.Watch = field(default_factory=watch.Watch)
    stretch_frame: int = 0  # where the stretch, or what is left of it, began
    start: Low = field(default_factory=Low)
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
        count.start = Low(low_n=count.watch.base_n)
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
    view = seen(params, count.watch, past, count.stretch_frame, count.start.how, frame, ended=ended)
    return None if view is None else as_before(view, count.doubted)


def _reviewed(params: Params, count: Count, view: View, frame: int) -> list[Event]:
    """Count the ascents that another one followed; close those that lie far enough back."""
    w, rate = count.watch, params.frame_rate_hz
    verdict = judged(count.watch.bout, view)
    if verdict == "none" and frame - count.stretch_frame > NO_LIFT_S * rate:
        watch.go(w, "rest", frame)
        watch.new_base(w, view.level_n)
    if len(view.ascents) < 2 or verdict != "lift":
        return []
    events = _taken(params, count, view, verdict, frame) or []
    events.extend(_announced(params, count, len(view.ascents) - 1, view.end, frame))
    turns = [view.frame(ascent.up[0]) for ascent in view.ascents[1:]]
    lags = [round(TURN_LAG_S[ascent.turn] * rate) for ascent in view.ascents[:-1]]
    waiting = [turn + lag - frame for turn, lag in zip(turns, lags, strict=True)]
    done = next((k for k, wait in enumerate(waiting) if wait > 0), len(waiting))
    for k in range(done):
        _drafted(count, view, k, frame)
    if done:
        count.fallen = None
        count.stretch_frame = turns[done - 1]
        count.start = _turn(view, view.ascents[done - 1], view.ascents[done])
    if done < len(waiting):
        per_tick = max(1, round(rate / watch.TICK_HZ))
        w.review_tick = w.ticks + -(-waiting[done] // per_tick)
    return events


def _fallen(params: Params, count: Count, view: View, frame: int) -> list[Event]:
    """Count the rep that a fall ends; without a way down before it, it is only the beginning of one."""
    down = bool(view.ascents) and view.ascents[-1].down is not None
    if not down:
        watch.fall_again(count.watch)
    reps = len(view.ascents) - (not down)
    verdict = judged(count.watch.bout, view) if reps else "none"
    if verdict == "none":
        return []
    events = _taken(params, count, view, verdict, frame)
    if events is None:
        return []
    if down:
        count.fallen, count.watch.landed = view, True
    events.extend(_announced(params, count, reps, view.end, frame))
    if events and "hover" not in count.watch.bout.ends:
        count.watch.review_tick = count.watch.ticks + round(TOUCH_LAG_S * watch.TICK_HZ)
    return events


def _last_view(params: Params, count: Count, past: Past, frame: int) -> View | None:
    """Return the stretch as it looks at its end: as at the fall, when that was just before."""
    seen, count.fallen = count.fallen, None
    if seen is None or frame - seen.end > SAME_FALL_S * params.frame_rate_hz or seen.start < past.first_frame:
        return _view(params, count, past, frame, ended=True)
    y = bridged(past.total_n[seen.start - past.first_frame : frame + 1 - past.first_frame])
    return replace(seen, y=y)


def not_closed(params: Params, count: Count, past: Past) -> list[Rep]:
    """Return the counted reps that are still to be closed, as they look now."""
    frame = past.end_frame - 1
    drafts = list(count.pending)
    if count.fallen is not None:
        pairs = zip(count.announced, range(len(count.fallen.ascents)), strict=False)
        drafts.extend(_draft(count, count.fallen, k, rep_id, frame) for rep_id, k in pairs)
    learnt = count.watch.bout.learnt
    place = past.first_frame, past.force_n, past.total_n, frame
    return [closed(params, draft, learnt, *place)[0] for draft in drafts]


def _ended(params: Params, count: Count, view: View | None, frame: int) -> list[Event]:
    """Count what a stretch held, now that it is over."""
    due_frame = frame + round(END_LAG_S * params.frame_rate_hz)
    verdict = "none" if view is None or not view.ascents else judged(count.watch.bout, view)
    if count.announced and verdict == "doubt":
        verdict = "lift"  # so it seemed before
    if view is None or verdict == "none":
        return _withdrawn(params, count, 0, frame)
    events = _taken(params, count, view, verdict, frame)
    if events is None:
        count.doubted = [*count.doubted, _as_doubt(count, view, frame)][-DOUBTS_KEPT:]
        return _withdrawn(params, count, 0, frame)
    events.extend(_announced(params, count, len(view.ascents), view.end, frame))
    events.extend(_withdrawn(params, count, len(view.ascents), frame))
    for k in range(len(view.ascents)):
        _drafted(count, view, k, due_frame)
    return events


def _as_doubt(count: Count, view: View, frame: int) -> Doubt:
    drafts = tuple(_draft(count, view, k, 0, frame) for k in range(len(view.ascents)))
    return Doubt(drafts, view.seconds, moved(view), odds(view))


def _taken(params: Params, count: Count, view: View, verdict: Verdict, frame: int) -> list[Event] | None:
    """Count what was doubted and is like this one, which is a rep; None where this one stays in doubt."""
    doubted, alike = verdict == "doubt", list[Doubt]()
    if doubted or count.doubted:
        this = _as_doubt(count, view, frame)
        alike = company(this, count.doubted, params.frame_rate_hz, sure=not doubted)
        if doubted and not believed(count.watch.bout, this, view, alike):
            return None
    if heavier(count.watch.bout, view):  # whatever its reps were, they were not this person's
        count.watch.bout = Bout()
    count.doubted = []  # or reps were counted in another order than they were done
    return [_counted(params, count, draft, frame) for doubt in alike for draft in doubt.drafts]


def _announced(params: Params, count: Count, reps: int, end_frame: int, frame: int) -> list[Event]:
    """Count reps of the stretch until there are so many; the last ended at `end_frame`."""
    events: list[Event] = []
    while len(count.announced) < reps:
        count.announced.append(count.next_id)
        events.append(RepCounted(count.next_id, _ns(params, end_frame), _ns(params, frame)))
        count.next_id += 1
        count.counted += 1
    return events


def _counted(params: Params, count: Count, draft: Draft, frame: int) -> Event:
    """Count a rep that had been doubted."""
    draft = replace(draft, id=count.next_id, due_frame=frame)
    count.next_id += 1
    count.counted += 1
    count.pending.append(draft)
    count.watch.bout = count.watch.bout.with_rep(
        draft.level_n, draft.length_s(params.frame_rate_hz), draft.after
    )
    return RepCounted(draft.id, _ns(params, draft.fall_frame), _ns(params, frame))


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
    draft = _draft(count, view, k, rep_id, due_frame)
    count.pending.append(draft)
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
    steps = ascent.down[1] - ascent.up[0] if ascent.down else None
    bout = count.watch.bout.with_rep(view.level_n, draft.length_s(view.rate_hz), ascent.turn, up, down, steps)
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
    else:
        rest_n = count.watch.base_n
        above = np.flatnonzero(view.y > 0.5 * (view.level_n + rest_n))
        fall_frame = view.start + int(above[-1]) if len(above) else view.end
        end = Low(ascent.turn, fall_frame=fall_frame, low_n=rest_n)
    return Draft(
        id=rep_id,
        lift_frame=lift_frame,
        fall_frame=end.fall_frame,
        lockout_start_frame=view.frame(ascent.up[1]) if ascent.evidence > 0.0 else None,
        lockout_end_frame=view.frame(ascent.down[0]) if ascent.down is not None else None,
        before=start.how,
        after=end.how,
        before_n=start.low_n,
        after_n=end.low_n,
        level_n=view.level_n,
        due_frame=due_frame,
        stuck=ascent.stuck,
    )


def _turn(view: View, ascent: Ascent, following: Ascent) -> Low:
    """Tell what lies between two ascents of a stretch."""
    up = view.frame(following.up[0])
    if ascent.dip is None:
        return Low("hover", up, view.frame(ascent.down[1]) if ascent.down else up, view.level_n)
    first, stop = view.frame(ascent.dip[0]) - view.start, view.frame(ascent.dip[1]) - view.start
    lowest = first + int(np.argmin(view.y[first:stop]))
    fall, rise = view.start + (first + lowest) // 2, view.start + (lowest + stop) // 2
    return Low("touch", rise, fall, float(view.y[lowest]))


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
    if view is not None and judged(count.watch.bout, view) == "lift":
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
