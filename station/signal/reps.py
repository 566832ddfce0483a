"""Where a rep begins and ends, live.

A small machine watches the total force fifty times a second: off the plate, resting, pushing,
high (the hips are off the floor), low (they have come down). Every threshold is a share of the
way from this person's resting level to this bout's lift level (see `levels`). Inside "high" the
first bump and the trough behind it are the ascent; after it, a fall is a touchdown, and a new
bump with no fall before it is the next rep of a set in hover style.

What it says at once is provisional: `refine` looks again when the rep is closed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from station.signal.levels import OFF_N, Bout, median
from station.signal.model import Phase

TICK_HZ = 50

# Shares of the way from resting to lift level.
PUSH_SHARE = 0.25  # above it somebody pushes
BACK_SHARE = 0.15  # below it the push is given up
UP_SHARE = 0.60  # above it the hips may be off the floor
DEEP_SHARE = 0.68  # a fall by this much is the floor, whatever came before
DIP_SHARE = 0.30  # a fall by this much after the ascent is a touch
DIP_SHARE_DEAD_STOP = 0.42  # where the last reps all went down to rest
RISE_AGAIN_SHARE = 0.18  # out of a touch
RECOVERED_SHARE = 0.10  # out of what may have been a brake
HIGH_AGAIN_SHARE = 0.80  # back at the lift level
REST_SHARE = 0.30  # below it the leg rests
OPENING_SHARE = 0.55  # of the force at the start of the data
REFUSED_SHARES = (0.78, 1.45)  # of the bout's lift: an aborted push below, standing above

# Where the lift level is not known yet: a push is judged by the resting level.
FIRST_PUSH_N, FIRST_PUSH_SHARE = 18.0, 0.30
FOOT_STILL_N, FOOT_STILL_SHARE = 15.0, 0.3
FIRST_UP_N, FIRST_UP_SHARE = 40.0, 0.60
SURE_SHARE = 0.95  # a first rep that rises by less is doubted until a second one is like it
ALIKE_LIFTS = (0.88, 1.14)
PAIR_SHARE = 0.75  # and two doubtful ones must both rise by so much

# Durations, in ticks.
SHORTEST_HIGH = 52
SURE_HIGH = 55
ASCENT_OVER = 20  # no new low behind the bump for so long: the ascent is over
ASCENT_LONGEST = 125
DIP_EARLIEST = 50
FALL_SPAN = 25
EARLY_FALL = 85  # before, a fall may be the brake of a quick ascent
TROUGH_LONGEST = 25
DIP_WAIT = 28
ALIKE_TOUCH = 0.65  # a touch is followed by an ascent, a brake is not
RECENT = 60
APART = 120  # ascents of two reps
PUSH_LONGEST = 150
LOW_LONGEST = 250
HIGH_LONGEST = 3000
FALLING = 20  # after a touchdown: not yet resting
OPENING_LONGEST, OPENING_REST = 500, 60
CUT_SHORTEST = 25  # high for so long at the end of the data: a rep that was cut
FOOT_DOWN, FOOT_DOWN_LONGEST = 25, 200
REST_EVERY, REST_KEPT = 5, 20
OFF_TICKS = 3
FORGET_OFF = 500
LEVEL_EVERY, LEVEL_KEPT = 5, 80
LEVEL_ENOUGH = 8
CLOSE_AFTER = 75
CLOSE_AFTER_HOVER = 30
SWING_TICKS = 22  # the mean of so many, less the mean of the next so many: an ascent swings it up
SWING_LEAST = 0.05  # of the way from rest to lift: below, it may be wander
ASCENT_KEPT = 45  # ticks of a bout's own ascent that a hidden one is compared with
ALIKE = 0.75  # correlation with it
ALIKE_SETTLED = 0.88  # where the last reps all came down
BRAKE_SHARE = 1.5  # of the example's trough: a touch goes lower
BUMP_SHARE = 0.75  # of the example's bump above the lift level: a touch begins lower
ALIKE_GAIN = (0.5, 2.0)
ALIKE_LEVEL = 0.6  # of the example's rms: what the mean may differ by
TURN_CONFIRMED = 50  # a fall so soon after a swing says that it was the descent's
TURN_CONFIRMED_SETTLED = 80  # where the last reps all went down to rest
TURNS_KNOWN = 2  # in a bout with so many turns the next is believed at once


@dataclass(frozen=True)
class Draft:
    """A counted rep before it is closed; frame numbers on the absolute grid."""

    id: int
    push_frame: int  # somewhere in the load transfer, or in the low turn
    high_frame: int  # the hips are off the floor
    fall_frame: int  # the touchdown, as seen live
    decided_frame: int
    due_frame: int
    base_n: float
    lift_n: float
    hover_before: bool
    hover_after: bool


@dataclass(frozen=True)
class Turn:
    """A low turn between two reps that don't touch, as far as it can be told."""

    frame: int
    tick: int  # of `Watch.place_ticks`, when it showed
    after_dip: bool = False  # its brake looked like a touch


@dataclass(frozen=True)
class Dip:
    """A fall that may be a touch, or the brake of an ascent that began without one."""

    fall_frame: int
    tick: int  # of `Watch.place_ticks`


@dataclass(frozen=True)
class Held:
    """A fall so soon after lift-off that it may have been the brake of a quick ascent."""

    push_frame: int
    high_frame: int
    fall_frame: int
    age: int
    lift_n: float
    hover_before: bool


@dataclass
class Watch:
    """The machine's memory; `copied` before a step changes it."""

    place: str = "start"  # start | off | rest | push | high | low
    phase: Phase = "off"
    phase_frame: int | None = None
    base_n: float = 0.0
    opening_n: float | None = None  # the force at the start of the data, until it has changed
    cut_frame: int | None = None  # a touchdown whose rep began before the data
    rests_n: list[float] = field(default_factory=list)  # the resting force, block by block
    place_ticks: int = 0
    off_ticks: int = 0
    from_off_ticks: int = 0  # since the foot came on
    falling: int = 0
    bout: Bout = field(default_factory=Bout)
    recent: list[float] = field(default_factory=list)
    push_frame: int = 0
    high_frame: int = 0
    ascent_tick: int = 0  # of `place_ticks`, when the newest ascent was seen
    peak_n: float = 0.0
    low_n: float = 0.0
    low_tick: int = 0
    low_frame: int = 0
    levels: list[float] = field(default_factory=list)
    held: Held | None = None  # an early fall that may have been the ascent's brake
    dip: Dip | None = None
    turn: Turn | None = None  # a new ascent has shown, but may still be a descent
    hover_before: bool = False
    doubted: Draft | None = None  # what may have been a rep
    pending: list[Draft] = field(default_factory=list)
    next_id: int = 1
    counted: int = 0
    lost: int = 0  # ticks without a force

    def copied(self) -> Watch:
        """Return a copy that shares nothing mutable."""
        twin = Watch(**self.__dict__)
        twin.recent, twin.levels, twin.pending = list(self.recent), list(self.levels), list(self.pending)
        twin.rests_n = list(self.rests_n)
        return twin


def forget_bout(watch: Watch) -> None:
    """Forget what was learnt of the levels: a set begins or ends."""
    watch.bout = Bout()
    watch.doubted = None
    watch.counted = 0


def cut_off(w: Watch, frame: int, frames_per_tick: int) -> tuple[list[Draft], Draft | None]:
    """Return what has ended after all, and what was going on, where the data end."""
    if w.place == "low" and w.held is not None:
        return _release(w, frame, frames_per_tick), None
    known = w.bout.lift_n
    high = w.place == "high" and w.place_ticks >= CUT_SHORTEST
    if not high or (known is not None and _lift_now(w) < REFUSED_SHARES[0] * known):
        return [], None
    draft = Draft(
        w.next_id, w.push_frame, w.high_frame, frame, frame, frame,
        w.base_n, _lift_now(w), w.hover_before, False,
    )  # fmt: skip
    w.next_id += 1
    return [], draft


def lose(watch: Watch) -> None:
    """Begin again with whatever comes next: the force is unknown."""
    watch.held = watch.dip = watch.turn = None
    watch.place, watch.place_ticks, watch.recent = "start", 0, []


def tick(w: Watch, frame: int, force_n: float, frames_per_tick: int) -> list[Draft]:
    """Look at the next value, the mean force of the last ticks in N; return the reps that have just ended."""
    w.place_ticks += 1
    recent = w.recent
    recent.append(force_n)
    if len(recent) > RECENT:
        del recent[0]
    place = w.place
    if place == "rest":
        _rest(w, frame, force_n)
    elif place == "high":
        return _high(w, frame, force_n, frames_per_tick)
    elif place == "push":
        _push(w, frame, force_n)
    elif place == "low":
        return _low(w, frame, force_n, frames_per_tick)
    elif place == "off":
        _off(w, frame, force_n)
    else:
        _go(w, "off" if force_n < OFF_N else "rest", frame)
        _new_base(w, force_n)
        w.from_off_ticks, w.opening_n = FORGET_OFF, force_n
    return []


def _go(w: Watch, place: str, frame: int) -> None:
    w.place, w.place_ticks = place, 0
    show(w, "rest" if place == "low" else "up" if place == "high" else place, frame)  # type: ignore[arg-type]


def show(w: Watch, phase: Phase, frame: int) -> None:
    """Change what the screen shows."""
    if w.phase != phase:
        w.phase, w.phase_frame = phase, frame


def _off(w: Watch, frame: int, force_n: float) -> None:
    if w.place_ticks == FORGET_OFF:
        counted, w.counted = w.counted, 0
        forget_bout(w)
        w.counted = counted
    if force_n > OFF_N:
        _go(w, "rest", frame)
        w.from_off_ticks, w.falling, w.off_ticks = 0, 0, 0
        _new_base(w, force_n)


def _left(w: Watch, frame: int, force_n: float) -> bool:
    """Tell whether the foot has left the plate."""
    w.off_ticks = w.off_ticks + 1 if force_n < OFF_N else 0
    if w.off_ticks >= OFF_TICKS:
        _go(w, "off", frame)
        return True
    return False


def _span_n(w: Watch) -> float | None:
    """Return the way from rest to this bout's lift level, where it is known and makes sense."""
    lift = w.bout.lift_n
    return lift - w.base_n if lift is not None and lift > 1.2 * w.base_n else None


def _rest(w: Watch, frame: int, force_n: float) -> None:
    if _left(w, frame, force_n):
        return
    w.from_off_ticks += 1
    span = _span_n(w)
    rise = PUSH_SHARE * span if span else max(FIRST_PUSH_N, FIRST_PUSH_SHARE * w.base_n)
    if w.from_off_ticks <= FOOT_DOWN_LONGEST:  # the foot is still being put down
        newest = w.recent[-FOOT_DOWN:]
        still = max(newest) - min(newest) < FOOT_STILL_N + FOOT_STILL_SHARE * force_n
        if w.from_off_ticks >= FOOT_DOWN and still:
            w.from_off_ticks = FOOT_DOWN_LONGEST
        _new_base(w, median(newest))
        return
    if w.opening_n is not None:
        _opening(w, frame, force_n, w.opening_n)
    pushing = force_n > w.base_n + rise
    if w.falling > 0 and w.opening_n is None:
        w.falling -= 1
        if pushing and force_n > w.recent[-4]:
            w.falling = 0
    if w.falling == 0 and pushing:
        w.push_frame = frame
        _go(w, "push", frame)
    elif w.place_ticks % REST_EVERY == 0 and not pushing:
        w.rests_n.append(sum(w.recent[-REST_EVERY:]) / REST_EVERY)
        if len(w.rests_n) > REST_KEPT:
            del w.rests_n[0]
        w.base_n = median(w.rests_n)


def _opening(w: Watch, frame: int, force_n: float, opening_n: float) -> None:
    """Notice data that begin in the middle of a rep: the force falls to rest, and stays there."""
    if force_n > OPENING_SHARE * opening_n:
        w.falling = 0
        if w.place_ticks > OPENING_LONGEST:
            w.opening_n = None
        return
    w.falling += 1
    if w.falling == OPENING_REST:
        if min(w.recent) > OFF_N:
            w.cut_frame = frame
        w.opening_n, w.falling = None, 0


def _new_base(w: Watch, force_n: float) -> None:
    """Take the present force as the resting level from now on."""
    w.base_n, w.rests_n = force_n, [force_n]


def _push(w: Watch, frame: int, force_n: float) -> None:
    span = _span_n(w)
    rise = UP_SHARE * span if span else max(FIRST_UP_N, FIRST_UP_SHARE * w.base_n)
    back = BACK_SHARE * span if span else 0.5 * max(FIRST_PUSH_N, FIRST_PUSH_SHARE * w.base_n)
    if force_n > w.base_n + rise:
        _ascend(w, frame, force_n, hover=False)
    elif force_n < w.base_n + back:
        _go(w, "rest", frame)
    elif w.place_ticks > PUSH_LONGEST:
        _new_base(w, force_n)
        _go(w, "rest", frame)


def _ascend(w: Watch, frame: int, force_n: float, hover: bool) -> None:
    """Begin a rep: the hips have left the floor."""
    _go(w, "high", frame)
    w.high_frame = frame
    w.peak_n = w.low_n = force_n
    w.low_tick, w.low_frame = 0, frame
    w.levels = []
    w.turn = w.dip = None
    w.hover_before = hover


def _high(w: Watch, frame: int, force_n: float, frames_per_tick: int) -> list[Draft]:
    age = w.place_ticks
    if age % LEVEL_EVERY == 0 and age >= 2 * LEVEL_EVERY:
        w.levels.append(force_n)
        if len(w.levels) > LEVEL_KEPT:
            del w.levels[0]
    lift = _lift_now(w)
    span = max(lift - w.base_n, 1.0)
    depth = (lift - force_n) / span
    ascending = age < ASCENT_LONGEST and age - w.low_tick < ASCENT_OVER
    if ascending and force_n > w.peak_n and age < ASCENT_LONGEST // 2:
        w.peak_n = w.low_n = force_n
        w.low_tick, w.low_frame = age, frame
    elif force_n < w.low_n:
        w.low_n, w.low_frame = force_n, frame
        if ascending:
            w.low_tick = age
    if not ascending and w.phase == "up":
        show(w, "hold", frame)
    if depth > DEEP_SHARE:
        return _came_down(w, frame, lift, frames_per_tick)
    if w.held is not None and age >= ASCENT_KEPT:
        if _alike(w, w.recent[-ASCENT_KEPT:], ALIKE_TOUCH):
            return _release(w, frame, frames_per_tick)
        if age == RECENT:
            _resume(w, w.held)
    if age == RECENT and not w.hover_before:
        _learn_ascent(w, span)
    if ascending:
        return []
    if age < DIP_EARLIEST:
        return []
    if w.dip is not None:
        return _touch_or_turn(w, w.dip, frame, lift, span, frames_per_tick)
    if w.turn is not None and _confirmed(w, w.turn):
        return _turned(w, w.turn, frame, force_n, lift, frames_per_tick)
    drop = (max(w.recent[-FALL_SPAN:]) - force_n) / span
    if w.bout.lift_n is None and span < SURE_SHARE * w.base_n:
        return []  # not yet surely a lift: only a fall to rest can tell
    braking = w.turn is not None and w.turn.after_dip and age - w.turn.tick < DIP_WAIT
    if not braking and drop > (DIP_SHARE_DEAD_STOP if _dead_stop(w) else DIP_SHARE) and depth > 0.1:
        if age > APART and _may_be_ascent(w):
            w.dip = Dip(_fall_frame(w, frame, frames_per_tick), age)
            return []
        return _came_down(w, frame, lift, frames_per_tick)
    if age > HIGH_LONGEST:
        _new_base(w, force_n)
        _go(w, "rest", frame)
        return []
    if w.turn is None and age > APART and _ascends_again(w, span):
        w.turn = _turn(w, frame, frames_per_tick)
    return []


def _confirmed(w: Watch, turn: Turn) -> bool:
    """Tell whether a new ascent has gone on for long enough without a fall."""
    if w.bout.turns >= TURNS_KNOWN:
        return True
    return w.place_ticks - turn.tick > (TURN_CONFIRMED_SETTLED if _dead_stop(w) else TURN_CONFIRMED)


def _lift_now(w: Watch) -> float:
    """Return the lift level as far as it can be told now."""
    known = w.bout.lift_n
    if len(w.levels) >= LEVEL_ENOUGH or (known is None and len(w.levels) > 2):
        return median(w.levels)
    return known if known is not None else w.peak_n


def _learn_ascent(w: Watch, span: float) -> None:
    """Keep the ascent that has just been seen from its beginning, as this bout's own example."""
    level = median(w.recent[RECENT // 4 :]) - 0.05 * span
    first = next((k for k, n in enumerate(w.recent) if n >= level), 0)
    if first + ASCENT_KEPT <= RECENT:
        w.bout = w.bout.with_ascent(tuple(w.recent[first : first + ASCENT_KEPT]))


def _ascends_again(w: Watch, span: float) -> bool:
    """Tell whether the last second looks like this bout's own ascent: a push up, then a brake."""
    swing = (sum(w.recent[-2 * SWING_TICKS : -SWING_TICKS]) - sum(w.recent[-SWING_TICKS:])) / SWING_TICKS
    if swing < SWING_LEAST * span:
        return False
    settled = len(w.bout.depths) >= 2 and w.bout.turns == 0
    least = ALIKE_SETTLED if settled else ALIKE
    return _alike(w, w.recent[-ASCENT_KEPT:], least)


def _alike(w: Watch, now: list[float], least: float) -> bool:
    """Compare with this bout's own ascent: correlation, size and level."""
    known = w.bout.ascent_n
    n = len(known)
    if n == 0 or len(now) < n:
        return False
    mean_known, mean_now = sum(known) / n, sum(now) / n
    both = own = other = 0.0
    for a, b in zip(known, now, strict=True):
        x, y = a - mean_known, b - mean_now
        both, own, other = both + x * y, own + x * x, other + y * y
    low, high = ALIKE_GAIN
    apart = mean_known - mean_now
    return (
        both > 0.0
        and both * both > least * least * own * other
        and low * own < both < high * own
        and apart * apart * n < ALIKE_LEVEL * ALIKE_LEVEL * own
    )


def _dead_stop(w: Watch) -> bool:
    """Tell whether the last reps of this bout all went down to rest."""
    return len(w.bout.depths) >= 2 and min(w.bout.depths[-3:]) > 0.75


def _fall_frame(w: Watch, frame: int, frames_per_tick: int) -> int:
    """Return where the fall that is going on has begun."""
    top = max(w.recent[-FALL_SPAN:])
    fell = len(w.recent) - 1
    while fell > 0 and w.recent[fell] < top - 0.12 * (top - w.recent[-1]):
        fell -= 1
    return frame - (len(w.recent) - 1 - fell) * frames_per_tick


def _may_be_ascent(w: Watch) -> bool:
    """Tell whether a dip may be the brake of an ascent that began without a touch."""
    touches = len(w.bout.depths) >= 2 and max(w.bout.depths[-2:]) < 0.75 and w.bout.turns == 0
    if touches:
        return False
    lift, example = w.bout.lift_n, w.bout.ascent_n
    if lift is None or not example:
        return False
    braked = lift - w.recent[-1] < BRAKE_SHARE * (lift - min(example))
    return braked and max(w.recent[-FALL_SPAN:]) - lift > BUMP_SHARE * (max(example) - lift)


def _touch_or_turn(
    w: Watch, dip: Dip, frame: int, lift: float, span: float, frames_per_tick: int
) -> list[Draft]:
    """Half a second decides whether a dip was a touch or the brake of a new ascent."""
    if _ascends_again(w, span):
        w.turn, w.dip = replace(_turn(w, frame, frames_per_tick), after_dip=True), None
        return []
    if w.place_ticks - dip.tick <= DIP_WAIT and _may_be_ascent(w):
        return []
    drafts = _came_down(w, frame, lift, frames_per_tick)
    w.low_n = min(w.recent[-DIP_WAIT:])
    return drafts


def _came_down(w: Watch, frame: int, lift: float, frames_per_tick: int) -> list[Draft]:
    """Take a fall: the touchdown of a rep, or the end of something that was none."""
    age = w.place_ticks
    fall_frame = w.dip.fall_frame if w.dip is not None else _fall_frame(w, frame, frames_per_tick)
    w.dip = None
    if w.held is not None:  # two falls in a second: the first one was the brake
        age += w.held.age
        w.push_frame, w.high_frame, w.hover_before = w.held.push_frame, w.held.high_frame, w.held.hover_before
        w.held = None
    drafts: list[Draft] = []
    if age < EARLY_FALL:
        w.held = Held(w.push_frame, w.high_frame, fall_frame, age, lift, w.hover_before)
        if w.pending and not w.pending[-1].hover_after:  # it may turn out to be that one's touchdown
            due_frame = max(w.pending[-1].due_frame, frame + 2 * TROUGH_LONGEST * frames_per_tick)
            w.pending[-1] = replace(w.pending[-1], due_frame=due_frame)
    else:
        drafts = _ended(w, frame, fall_frame, lift, age, False, CLOSE_AFTER * frames_per_tick)
    _go(w, "low", frame)
    w.low_n, w.low_frame = w.recent[-1], frame
    return drafts


def _release(w: Watch, frame: int, frames_per_tick: int) -> list[Draft]:
    """End what was high with the fall that was held."""
    held, w.held = w.held, None
    if held is None:
        return []
    if held.age < SHORTEST_HIGH:
        _later_touchdown(w, frame, held.fall_frame, frames_per_tick)
        return []
    now = w.push_frame, w.high_frame, w.hover_before
    w.push_frame, w.high_frame, w.hover_before = held.push_frame, held.high_frame, held.hover_before
    drafts = _ended(w, frame, held.fall_frame, held.lift_n, held.age, False, CLOSE_AFTER * frames_per_tick)
    w.push_frame, w.high_frame, w.hover_before = now
    return drafts


def _later_touchdown(w: Watch, frame: int, fall_frame: int, frames_per_tick: int) -> None:
    """Move a touchdown: what had looked like a touch was the start of a quick descent."""
    last = w.pending[-1] if w.pending else None
    if last is not None and not last.hover_after and last.fall_frame < fall_frame:
        w.pending[-1] = replace(last, fall_frame=fall_frame, due_frame=frame + CLOSE_AFTER * frames_per_tick)


def _resume(w: Watch, held: Held) -> None:
    """No ascent has followed an early fall: it was the brake of the one before, which goes on."""
    w.push_frame, w.high_frame, w.hover_before = held.push_frame, held.high_frame, held.hover_before
    w.place_ticks += held.age
    w.low_tick = -ASCENT_LONGEST
    w.held = None


def _turn(w: Watch, frame: int, frames_per_tick: int) -> Turn:
    """Look back for the low turn before the bump that has just been seen."""
    recent = w.recent[-min(len(w.recent), w.place_ticks) :]
    last = len(recent) - 1
    bump = max(range(max(0, last - 2 * SWING_TICKS), last), key=recent.__getitem__)
    turn = min(range(max(0, bump - SWING_TICKS), bump + 1), key=recent.__getitem__)
    return Turn(frame - (last - turn) * frames_per_tick, w.place_ticks)


def _turned(
    w: Watch, turn: Turn, frame: int, force_n: float, lift: float, frames_per_tick: int
) -> list[Draft]:
    """End a rep by the ascent of the next, with no touch between them."""
    levels = w.levels
    drafts = _ended(w, frame, turn.frame, lift, w.place_ticks, True, CLOSE_AFTER_HOVER * frames_per_tick)
    if drafts:
        w.bout = w.bout.with_turn()
    w.push_frame = turn.frame
    _ascend(w, frame, force_n, hover=True)
    w.levels = levels[-LEVEL_ENOUGH:]
    w.high_frame = turn.frame
    w.place_ticks = (frame - turn.frame) // frames_per_tick
    w.low_tick = w.place_ticks
    return drafts


def _ended(
    w: Watch, frame: int, fall_frame: int, lift: float, age: int, hover: bool, wait: int
) -> list[Draft]:
    """Something high has ended: count it, refuse it, or keep it in doubt."""
    draft = Draft(
        id=0,
        push_frame=w.push_frame,
        high_frame=w.high_frame,
        fall_frame=fall_frame,
        decided_frame=frame,
        due_frame=frame + wait,
        base_n=w.base_n,
        lift_n=lift,
        hover_before=w.hover_before,
        hover_after=hover,
    )
    doubted, w.doubted = w.doubted, None
    known = w.bout.lift_n
    if known is not None:
        low, high = REFUSED_SHARES
        if low * known < lift < high * known:
            return [_counted(w, draft)]
    elif lift - w.base_n < max(FIRST_UP_N, FIRST_UP_SHARE * w.base_n):
        return []
    elif lift - w.base_n > SURE_SHARE * w.base_n and age >= SURE_HIGH:
        first = [doubted] if doubted is not None and _like(doubted, lift) else []
        return [_counted(w, d, frame + wait) for d in (*first, draft)]
    risen = lift - w.base_n > PAIR_SHARE * w.base_n
    if doubted is not None and risen and _like(doubted, lift):
        w.bout = Bout(ascent_n=w.bout.ascent_n)
        return [_counted(w, d, frame + wait) for d in (doubted, draft)]
    w.doubted = draft
    return []


def _like(doubted: Draft, lift: float) -> bool:
    low, high = ALIKE_LIFTS
    return low * doubted.lift_n < lift < high * doubted.lift_n


def _counted(w: Watch, draft: Draft, due_frame: int | None = None) -> Draft:
    draft = replace(draft, id=w.next_id, due_frame=draft.due_frame if due_frame is None else due_frame)
    w.next_id += 1
    w.counted += 1
    w.pending.append(draft)
    w.bout = w.bout.with_rep(draft.lift_n)
    return draft


def _low(w: Watch, frame: int, force_n: float, frames_per_tick: int) -> list[Draft]:
    span = _span_n(w) or max(FIRST_UP_N, FIRST_UP_SHARE * w.base_n)
    if force_n < w.low_n:
        w.low_n, w.low_frame = force_n, frame
    again = RISE_AGAIN_SHARE if w.held is None else RECOVERED_SHARE
    rising = force_n > w.low_n + again * span and force_n > w.base_n + UP_SHARE * span
    if w.held is not None and not rising:
        if w.place_ticks <= TROUGH_LONGEST:
            return []
        drafts = _release(w, frame, frames_per_tick)
    else:
        drafts = []
    if force_n < w.base_n + REST_SHARE * span:
        if w.place_ticks > FALL_SPAN // 2 and max(w.recent[-FALL_SPAN:]) > w.base_n + HIGH_AGAIN_SHARE * span:
            _later_touchdown(w, frame, _fall_frame(w, frame, frames_per_tick), frames_per_tick)
        _learn_depth(w, 1.0)
        _go(w, "rest", frame)
        w.falling = FALLING
    elif rising:
        _learn_depth(w, 0.5)
        w.push_frame = w.low_frame
        _ascend(w, frame, force_n, hover=False)
    elif w.place_ticks > LOW_LONGEST:
        _new_base(w, force_n)
        _go(w, "rest", frame)
    return drafts


def _learn_depth(w: Watch, depth: float) -> None:
    w.bout = w.bout.with_depth(depth)
