"""The only door of the signal core: a fold over the ordered log of conversions and marks.

    counts ─ despike ─ gains ─ timebase ─ unmixing ─ balance ─► frames
    frames ─ watch ─ lift ─ boundaries ─ measures ─► events

`step` gives back a new state and leaves the old one as it was. The same log cut into any
blocks gives the same bytes: every stage depends on the order of the log only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from station.conversions import Calibration, Kind, Records, Status
from station.signal import calibration as calibrating
from station.signal import counting, timebase
from station.signal.balance import balanced
from station.signal.despike import Held, despike, last_ones, usable
from station.signal.model import (
    I64,
    Event,
    Frames,
    Live,
    LogBlock,
    Mark,
    Params,
    Rep,
    Result,
    Zero,
)
from station.signal.timebase import CELLS, Arrivals, Clock
from station.signal.view import Past, nothing_past

STILL_S = 1.0
STILL_N = 4.0  # what a still cell may wander within that time


@dataclass(frozen=True)
class State:
    """Everything the core remembers: small, picklable, never changed in place."""

    calibration: Calibration
    held: tuple[Held, ...]
    newest_ns: tuple[int, ...]  # per cell: only later conversions are taken
    still: tuple[tuple[I64, I64], ...]  # times and counts of each cell's last second
    clock: Clock
    count: counting.Count
    past: Past
    last: Frames  # the newest frame, or none


def initial(params: Params) -> State:
    """Return the state before the first record."""
    none = np.zeros(0, np.int64)
    return State(
        calibration=params.calibration,
        held=(Held(),) * CELLS,
        newest_ns=(-1,) * CELLS,
        still=((none, none),) * CELLS,
        clock=timebase.initial(params.nominal_rate_hz),
        count=counting.Count(),
        past=nothing_past(),
        last=_no_frames(params),
    )


def step(params: Params, state: State, log_block: LogBlock) -> tuple[State, Frames, list[Event]]:
    """Fold one block of the log; return the new state, the frames completed, and what happened."""
    frames: list[Frames] = []
    events: list[Event] = []
    waiting: list[Records] = []
    for item in log_block:
        if isinstance(item, np.ndarray):
            waiting.append(item)
            continue
        state = _records(params, state, waiting, frames, events)
        waiting = []
        state = _mark(state, item)
    state = _records(params, state, waiting, frames, events)
    return state, _joined(params, frames), events


def finish(params: Params, state: State) -> tuple[State, Frames, list[Event]]:
    """Close what is open at the end of the data."""
    arrivals = []
    for cell in range(CELLS):
        t, count = last_ones(state.held[cell], state.calibration.newtons_per_count[cell])
        force = calibrating.force_n(count, cell, state.calibration)
        arrivals.append(Arrivals(t, force, np.zeros(len(t), np.int64)))
    frames: list[Frames] = []
    events: list[Event] = []
    times = np.array([state.clock.now_ns] if state.clock.now_ns >= 0 else [], np.int64)
    held = tuple(replace(h, waiting=()) for h in state.held)
    state = _arrived(params, replace(state, held=held), times, arrivals, frames, events)
    open_count = state.count.copied()
    events.extend(counting.at_end(params, open_count, state.past))
    return replace(state, count=open_count), _joined(params, frames), events


def run(params: Params, log: LogBlock) -> Result:
    """Fold a whole recording."""
    state, frames, events = step(params, initial(params), log)
    state, last, more = finish(params, state)
    return Result(frames=_joined(params, [frames, last]), events=events + more)


def live(params: Params, state: State) -> Live:
    """Say what the newest frame shows."""
    watch, last = state.count.watch, state.last
    known = len(last) > 0
    period_ns = _period_ns(params)
    h = [_or_none(last.force_n[0, cell]) if known else None for cell in range(CELLS)]
    return Live(
        t_ns=int(last.t_ns[0]) if known else None,
        phase=watch.phase,
        phase_since_ns=None if watch.phase_frame is None else watch.phase_frame * period_ns,
        total_n=_or_none(last.total_n[0]) if known else None,
        heel_share=_or_none(last.heel_share[0]) if known else None,
        force_n=(h[0], h[1], h[2], h[3]),
        counted=state.count.counted,
        quiet_zero_count=_quiet_count(state),
        silent=(state.clock.silent[0], state.clock.silent[1], state.clock.silent[2], state.clock.silent[3]),
    )


def provisional(params: Params, state: State) -> list[Rep]:
    """Measure the reps that are counted and not closed yet: for the screen, never for the record.

    A rep is closed when what follows it is known; a cue has to come before the next one.
    """
    return counting.not_closed(params, state.count, state.past)


def _mark(state: State, mark: Mark) -> State:
    if isinstance(mark, Zero):
        return replace(state, calibration=calibrating.rezeroed(state.calibration, mark))
    count = state.count.copied()
    count.forget_bout()
    return replace(state, count=count)


def _records(
    params: Params, state: State, blocks: Sequence[Records], frames: list[Frames], events: list[Event]
) -> State:
    """Take in records between two marks."""
    if not blocks:
        return state
    log = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    log = log[(log["kind"] == Kind.CONVERSION) & (log["cell"] < CELLS)]
    if len(log) == 0:
        return state
    delay_ns = round(params.filter_delay_s * 1e9)
    t_ns = log["t_ns"].astype(np.int64) - delay_ns
    count = log["count"].astype(np.int64)
    good = (log["status"] == Status.OK) & usable(count)
    cell_of = log["cell"]
    arrivals: list[Arrivals] = []
    held, newest, still = list(state.held), list(state.newest_ns), list(state.still)
    for cell in range(CELLS):
        place = np.flatnonzero(good & (cell_of == cell))
        place, newest[cell] = _rising(place, t_ns, newest[cell])
        held[cell], t, c, confirmed = despike(
            held[cell], t_ns[place], count[place], state.calibration.newtons_per_count[cell]
        )
        arrivals.append(Arrivals(t, calibrating.force_n(c, cell, state.calibration), place[confirmed]))
        still[cell] = _last_second(still[cell], t, c)
    state = replace(state, held=tuple(held), newest_ns=tuple(newest), still=tuple(still))
    return _arrived(params, state, t_ns, arrivals, frames, events)


def _rising(place: I64, t_ns: I64, newest_ns: int) -> tuple[I64, int]:
    """Leave out conversions that are not later than one before."""
    if len(place) == 0:
        return place, newest_ns
    t = t_ns[place]
    before = np.maximum.accumulate(np.concatenate(([newest_ns], t)))
    return place[t > before[:-1]], int(before[-1])


def _arrived(
    params: Params,
    state: State,
    record_t_ns: I64,
    arrivals: list[Arrivals],
    frames: list[Frames],
    events: list[Event],
) -> State:
    """Carry conversions to frames, and frames to reps."""
    clock, t_ns, force_n = timebase.advance(state.clock, record_t_ns, arrivals, _period_ns(params))
    if len(t_ns) == 0:
        return replace(state, clock=clock)
    new = balanced(t_ns, calibrating.unmixed(force_n, state.calibration), params.load_floor_n)
    count = state.count.copied()
    past, happened = counting.watched(params, count, state.past, new)
    frames.append(new)
    events.extend(happened)
    last = Frames(
        new.t_ns[-1:].copy(), new.force_n[-1:].copy(), new.total_n[-1:].copy(), new.heel_share[-1:].copy()
    )
    return replace(state, clock=clock, count=count, past=past, last=last)


def _last_second(still: tuple[I64, I64], t_ns: I64, count: I64) -> tuple[I64, I64]:
    if len(t_ns) == 0:
        return still
    t = np.concatenate((still[0], t_ns))
    first = int(np.searchsorted(t, t[-1] - round(STILL_S * 1e9)))
    return t[first:].copy(), np.concatenate((still[1], count))[first:].copy()


def _quiet_count(state: State) -> tuple[float, float, float, float] | None:
    """Return the mean counts of the last second, or None while any cell moves or is missing."""
    means = []
    for cell, (t, count) in enumerate(state.still):
        enough = len(t) > 2 and t[-1] - t[0] > 0.8e9 * STILL_S and not state.clock.silent[cell]
        if not enough:
            return None
        span_n = (int(count.max()) - int(count.min())) * abs(state.calibration.newtons_per_count[cell])
        if span_n > STILL_N:
            return None
        means.append(float(count.sum() / len(count)))
    return (means[0], means[1], means[2], means[3])


def _period_ns(params: Params) -> int:
    return round(1e9 / params.frame_rate_hz)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _no_frames(params: Params) -> Frames:
    return balanced(np.zeros(0, np.int64), np.zeros((0, CELLS)), params.load_floor_n)


def _joined(params: Params, parts: list[Frames]) -> Frames:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return _no_frames(params)
    return Frames(
        t_ns=np.concatenate([p.t_ns for p in parts]),
        force_n=np.concatenate([p.force_n for p in parts]),
        total_n=np.concatenate([p.total_n for p in parts]),
        heel_share=np.concatenate([p.heel_share for p in parts]),
    )
