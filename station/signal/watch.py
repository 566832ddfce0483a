"""Where the foot is, live: off the plate, resting on it, or lifting.

A small machine looks at the mean force twenty-five times a second. It tracks the resting level,
says when a stretch of lifting begins and ends and when the force falls as it does at a
touchdown. What happened within a stretch is for `lift` to explain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from station.signal.ascending import Ascending
from station.signal.bout import Bout, median
from station.signal.lowering import Lowering
from station.signal.model import Phase

TICK_HZ = 25

OFF_N = 20.0  # less than any resting foot
OFF_TICKS = 10  # a braced leg may weigh next to nothing for a moment
FORGET_OFF = 250  # ten seconds off the plate: another bout, maybe another person

# Above the resting level a stretch may have begun; shares of the way to the lift level where it is
# known, of the resting level where it is not.
BEGIN_SHARE = 0.5
FIRST_BEGIN_N, FIRST_BEGIN_SHARE = 30.0, 0.5
# No lift, but a foot that rests more heavily now: risen by less, so long before the force goes far beyond.
CREPT_N, CREPT_SHARE, CREPT_TICKS = 60.0, 0.5, 38
BEYOND_TICKS = 3
UP_SHARE = 0.85  # the hips are off the floor
LANDED_SHARE = 0.6  # hips that come down are on it: lower than any brake of an ascent
# It has ended where the force is so near to rest: at once, or for half a second.
END_SHARE, END_TICKS = 0.2, 2
LOW_SHARE, LOW_TICKS = 0.45, 13
BRAKE_TICKS = 10  # but so soon behind its beginning it may be the brake of a quick ascent
FALL_SHARE = 0.2  # a fall by so much within a moment may be a touchdown
FALL_TICKS = 10
FALL_SETTLED = 15
EARLIEST_FALL = 26  # nobody is up and down again within a second
FALL_AGAIN = 3  # behind a fall that ended no rep: hips that sink quickly make one before they land

REST_EVERY, REST_KEPT = 3, 17  # the resting level is the median of the last two seconds
RAISED_MOST_N = 45.0  # a foot that is raised for a moment weighs less, a resting one mostly more
RESTED_KEPT = 0.995  # each time: half of it is forgotten in 17 s of rest
FOOT_DOWN, FOOT_DOWN_LONGEST = 13, 100  # the foot is put down, and still after half a second
KNOWN_SHARE = 0.7  # of the lift level
FOOT_STILL_N, FOOT_STILL_SHARE = 15.0, 0.3
OPENING_SHARE = 0.55  # of the force at the start of the data
OPENING_LONGEST, OPENING_REST = 250, 30
OPENING_SHORT_REST = 8  # or so long, where it is a lift that the force falls from and rises to again
RESTING_MOST_N = 160.0  # no resting foot weighs more
CLEAR_RISE_N = 85.0  # nor does its force rise by so much
LEVEL_TICKS = 150  # the lift level is looked for in the last six seconds
REVIEW_FIRST, REVIEW_EVERY, REVIEW_HOVER = 90, 30, 20
# Times up and down, where they are known: a second ascent can't show sooner, and of somebody who has
# not hovered so far it need not.
REVIEW_AFTER, REVIEW_AFTER_RESTS = 1.3, 2.0

Word: TypeAlias = Literal["", "began", "fell", "ended", "review", "cut"]


@dataclass
class Watch:
    """The machine's memory; `copied` before a step changes it."""

    place: Literal["start", "off", "rest", "lift"] = "start"
    ticks: int = 0  # in this place
    phase: Phase = "off"
    phase_frame: int | None = None
    base_n: float = 0.0
    rests_n: list[float] = field(default_factory=list)  # the resting force, bit by bit
    rested_n: float = 0.0  # the heaviest that the foot has rested for a second, of late
    recent: list[float] = field(default_factory=list)
    low_ticks: int = 0
    foot_ticks: int = 0  # since the foot came on
    opening_n: float | None = None  # the force at the start of the data, until it has changed
    fell_tick: int = 0  # of `ticks`, at the newest fall
    deaf_tick: int = 0  # until then no other fall is looked for
    review_tick: int = 0
    level_n: float = 0.0  # of this stretch so far
    ascending: Ascending = field(default_factory=Ascending)
    lowering: Lowering = field(default_factory=Lowering)
    held_frame: int = 0  # the beginning of the hold before the way down
    landed: bool = False  # since the hips came down: the force has gone low, or ended a rep
    bout: Bout = field(default_factory=Bout)

    def copied(self) -> Watch:
        """Return a copy that shares nothing mutable."""
        twin = Watch(**self.__dict__)
        twin.rests_n, twin.recent = list(self.rests_n), list(self.recent)
        return twin


def tick(w: Watch, frame: int, force_n: float) -> Word:
    """Look at the mean force of the last tick in N; say whether something has to be looked into."""
    w.ticks += 1
    w.recent.append(force_n)
    if len(w.recent) > LEVEL_TICKS:
        del w.recent[0]
    if w.place == "lift":
        return _lift(w, frame, force_n)
    if w.place == "rest":
        return _rest(w, frame, force_n)
    if w.place == "start":
        w.foot_ticks = FOOT_DOWN_LONGEST
        go(w, "off" if force_n < OFF_N else "rest", frame)
        new_base(w, force_n)
        w.opening_n = force_n if force_n > OFF_N else None
    elif force_n > OFF_N:
        w.foot_ticks = 0
        go(w, "rest", frame)
        new_base(w, force_n)
    elif w.ticks == FORGET_OFF:
        w.bout, w.rested_n = Bout(), 0.0
    return ""


def go(w: Watch, place: Literal["start", "off", "rest", "lift"], frame: int) -> None:
    """Be somewhere else from now on."""
    w.place, w.ticks, w.low_ticks = place, 0, 0
    if place != "start":
        show(w, "push" if place == "lift" else place, frame)


def show(w: Watch, phase: Phase, frame: int) -> None:
    """Change what the screen shows."""
    if w.phase != phase:
        w.phase, w.phase_frame = phase, frame


def new_base(w: Watch, force_n: float) -> None:
    """Take a force as the resting level from now on."""
    w.base_n, w.rests_n = force_n, [force_n]


def span_n(w: Watch) -> float | None:
    """Return the way from rest to this bout's lift level, where it is known and makes sense."""
    lift_n = w.bout.lift_n
    return lift_n - w.base_n if lift_n is not None and lift_n > 1.2 * w.base_n else None


def _rest(w: Watch, frame: int, force_n: float) -> Word:
    w.low_ticks = w.low_ticks + 1 if force_n < OFF_N else 0
    if w.low_ticks >= OFF_TICKS:
        go(w, "off", frame)
        return ""
    w.foot_ticks += 1
    if w.foot_ticks <= FOOT_DOWN_LONGEST and not _known_lift(w, force_n):  # the foot is still being put down
        newest = w.recent[-FOOT_DOWN:]
        still = max(newest) - min(newest) < FOOT_STILL_N + FOOT_STILL_SHARE * force_n
        if w.foot_ticks >= FOOT_DOWN and still:
            w.foot_ticks = FOOT_DOWN_LONGEST
        new_base(w, median(newest))
        return ""
    if w.opening_n is not None and _opened(w, force_n, w.opening_n):
        return "cut"
    span = span_n(w)
    begin = BEGIN_SHARE * span if span else _first_begin_n(w.base_n)
    if force_n > w.base_n + begin:
        return _begin(w, frame, begin)
    if force_n > w.base_n + 0.5 * begin:
        show(w, "push", frame)
    else:
        show(w, "rest", frame)
        if w.ticks % REST_EVERY == 0:
            w.rests_n.append(sum(w.recent[-REST_EVERY:]) / REST_EVERY)
            if len(w.rests_n) > REST_KEPT:
                del w.rests_n[0]
            w.base_n = median(w.rests_n)
            settled = len(w.rests_n) > REST_KEPT // 2 and w.base_n < RESTING_MOST_N
            w.rested_n = max(RESTED_KEPT * w.rested_n, w.base_n if settled else 0.0)
    return ""


def _first_begin_n(base_n: float) -> float:
    return max(FIRST_BEGIN_N, FIRST_BEGIN_SHARE * base_n)


def _begin(w: Watch, frame: int, begin: float) -> Word:
    go(w, "lift", frame)
    w.level_n = w.base_n + 2.0 * begin
    w.fell_tick, w.deaf_tick, w.review_tick = 0, EARLIEST_FALL, _first_review(w)
    return "began"


def _crept(w: Watch) -> bool:
    """Tell whether what began was no lift, but this is one: the foot had only come to rest more heavily."""
    no_lift = w.level_n - w.base_n < max(CREPT_N, CREPT_SHARE * w.base_n)
    return no_lift and min(w.recent[-BEYOND_TICKS:]) > w.level_n + _first_begin_n(w.level_n)


def _first_review(w: Watch) -> int:
    """Return the tick at which a stretch may show that another rep followed without a rest."""
    least_s = w.bout.least_s
    if least_s is None:
        return REVIEW_FIRST
    times = REVIEW_AFTER if "hover" in w.bout.ends else REVIEW_AFTER_RESTS
    return max(REVIEW_FIRST, round(times * least_s * TICK_HZ))


def fall_again(w: Watch) -> None:
    """Look for another fall soon: the newest one ended no rep."""
    w.deaf_tick = w.ticks + FALL_AGAIN


def _known_lift(w: Watch, force_n: float) -> bool:
    """Tell whether somebody lifts whose level is known, with a foot that has only just come on."""
    lift_n = w.bout.lift_n
    return lift_n is not None and force_n > KNOWN_SHARE * lift_n


def _opened(w: Watch, force_n: float, opening_n: float) -> bool:
    """Notice data that begin in mid-rep: the force falls to rest, and stays there or rises anew."""
    low_ticks = w.ticks - w.fell_tick
    if force_n > OPENING_SHARE * opening_n:
        w.fell_tick = w.ticks
        if w.ticks > OPENING_LONGEST:
            w.opening_n = None
        rest_n = _short_rest_n(w.recent[-low_ticks:-1], opening_n) if low_ticks > OPENING_SHORT_REST else None
    else:
        rest_n = median(w.recent[-OPENING_REST:]) if low_ticks >= OPENING_REST else None
    if rest_n is None:
        return False
    w.opening_n = None
    if rest_n > RAISED_MOST_N:  # it rests now, so what came before was a lift
        w.rested_n = 0.0
    new_base(w, rest_n)
    return rest_n > OFF_N


def _short_rest_n(low: list[float], opening_n: float) -> float | None:
    """Return the resting level among forces between two lifts, None if the data began with no lift."""
    rest_n = median(sorted(low)[: (len(low) + 1) // 2])  # the others are of the fall and of the push
    return rest_n if opening_n >= RESTING_MOST_N and opening_n - rest_n >= CLEAR_RISE_N else None


def lose(w: Watch) -> None:
    """Begin again with whatever comes next: the force is unknown."""
    w.place, w.ticks, w.recent = "start", 0, []


def _show_movement(w: Watch, frame: int, force_n: float, span: float) -> None:
    """Tell the screen how far a rep is."""
    if w.phase == "down" and force_n < w.base_n + LANDED_SHARE * span:
        w.landed = True
    if force_n > w.base_n + UP_SHARE * span and (w.phase == "push" or (w.phase == "down" and w.landed)):
        show(w, "up", frame)
        w.ascending = Ascending(TICK_HZ, w.bout.up_s)
    if w.phase == "up":
        w.ascending = w.ascending.seen(force_n, w.bout.top_n or w.level_n)
        if w.ascending.over:
            show(w, "hold", frame)
            w.lowering = Lowering(TICK_HZ, w.bout.down_s)
    elif w.phase == "hold" or (w.phase == "down" and not w.landed):
        w.lowering = w.lowering.seen(force_n, w.bout.top_n)
        _show_lowering(w, frame)


def _show_lowering(w: Watch, frame: int) -> None:
    """Tell the screen when the hips have begun to come down, and when they are at the top again after all."""
    if w.phase == "hold" and w.lowering.gone is not None:
        _come_down(w, frame, w.lowering.gone)
    elif w.phase == "down" and w.lowering.at_top:
        show(w, "hold", frame if w.lowering.turned else w.held_frame)
        w.lowering = Lowering(TICK_HZ, w.bout.down_s)


def _come_down(w: Watch, frame: int, share: float = 0.0) -> None:
    """Show that the hips come down, for a share of the time that they were at the top already."""
    w.held_frame, w.landed = _ago(w, frame, 1.0), False
    show(w, "down", _ago(w, frame, share))


def _ago(w: Watch, frame: int, share: float) -> int:
    """Return the frame that lies back by a share of the time of the phase so far."""
    return frame if w.phase_frame is None else frame - round(share * (frame - w.phase_frame))


def _lift(w: Watch, frame: int, force_n: float) -> Word:
    if w.ticks % 5 == 0 and w.ticks >= 15:
        w.level_n = median(w.recent[-min(w.ticks, LEVEL_TICKS) :])
    if w.ticks >= CREPT_TICKS and not w.bout.lifts_n and _crept(w):
        new_base(w, w.level_n)
        return _begin(w, frame, _first_begin_n(w.level_n))
    span = max(w.level_n - w.base_n, 1.0)
    _show_movement(w, frame, force_n, span)
    if force_n < w.base_n + LOW_SHARE * span:
        w.low_ticks += 1
        enough = END_TICKS if w.ticks > EARLIEST_FALL else BRAKE_TICKS
        ended = force_n < w.base_n + END_SHARE * span and w.low_ticks >= enough
        if ended or w.low_ticks >= LOW_TICKS:
            go(w, "rest", frame)
            return "ended"
    else:
        w.low_ticks = 0
    low = w.level_n - force_n > 0.5 * FALL_SHARE * span
    if low and w.ticks > w.deaf_tick and max(w.recent[-FALL_TICKS:]) - force_n > FALL_SHARE * span:
        w.fell_tick, w.deaf_tick = w.ticks, w.ticks + EARLIEST_FALL
        if w.phase == "hold":
            w.lowering = w.lowering.falling()
            _come_down(w, frame)
        return "fell"
    falling = w.ticks - w.fell_tick < FALL_SETTLED or w.level_n - force_n > FALL_SHARE * span
    if w.ticks >= w.review_tick and not falling:
        w.review_tick = w.ticks + (REVIEW_HOVER if "hover" in w.bout.ends else REVIEW_EVERY)
        return "review"
    return ""
