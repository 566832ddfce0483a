"""Four free-running clocks become one row of frames.

Frames lie on an absolute grid: multiples of the frame period. Each cell is carried to it by
a straight line between its own two conversions, unless they are too far apart by that cell's
own measure: then the frames between them are nan. A frame waits for every cell that speaks;
a cell that has been silent for too long is not waited for until it speaks again. Which cells
are silent changes at definite records of the log, so no cutting into blocks can matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from station.signal.model import F64, I64, Bools

CELLS = 4
CHUNK = 16  # conversions from which a cell's own interval is taken
INTERVAL_RANK = 12  # the upper quartile of them, so that irregular recordings pass
JOIN_INTERVALS = 2.5  # one missing conversion is bridged, two are a gap
WAIT_INTERVALS = 4.0  # more than the above: what could be bridged is waited for
HOLE_NS = 10_000_000_000  # nothing from any cell for so long: the frames go on behind it


@dataclass(frozen=True)
class Arrivals:
    """Good conversions of one cell, shape (n,): times, N, and which record made each one known."""

    t_ns: I64
    force_n: F64
    record: I64


@dataclass(frozen=True)
class Line:
    """One cell's conversions that frames still need; the arrays are never changed in place."""

    t_ns: I64
    force_n: F64
    joined: Bools  # a straight line may be drawn from the conversion before
    last_t_ns: int  # of the newest conversion, or the log's first time
    interval_ns: int
    recent_ns: I64  # intervals of the unfinished chunk


@dataclass(frozen=True)
class Clock:
    """Where the time base stands."""

    lines: tuple[Line, ...]
    silent: tuple[bool, ...] = (False,) * CELLS
    now_ns: int = -1  # newest time in the log; -1 before the first record
    next_frame: int = 0  # number on the absolute grid


def initial(nominal_rate_hz: float) -> Clock:
    """Return the time base before the first record."""
    line = Line(
        t_ns=np.zeros(0, np.int64),
        force_n=np.zeros(0),
        joined=np.zeros(0, np.bool_),
        last_t_ns=-1,
        interval_ns=round(1e9 / nominal_rate_hz),
        recent_ns=np.zeros(0, np.int64),
    )
    return Clock(lines=(line,) * CELLS)


def advance(
    clock: Clock, record_t_ns: I64, arrivals: list[Arrivals], period_ns: int
) -> tuple[Clock, I64, F64]:
    """Take in a piece of the log; return the frames it completes.

    `record_t_ns`, shape (n,), is the time of every conversion in log order, usable or not.
    Returns the clock, frame times (m,) ns, and forces (m, 4) N with nan in gaps.
    """
    if len(record_t_ns) == 0:
        return clock, np.zeros(0, np.int64), np.zeros((0, CELLS))
    clock = _begun(clock, int(record_t_ns[0]), period_ns)
    now = np.maximum(np.maximum.accumulate(record_t_ns), clock.now_ns)
    lines, waits = zip(*(_told(line, a) for line, a in zip(clock.lines, arrivals, strict=True)), strict=True)
    turns = _turns(clock, now, arrivals, waits)
    out_t: list[I64] = []
    out_n: list[F64] = []
    silent, next_frame = list(clock.silent), clock.next_frame
    for k, (start, changes, hole) in enumerate(turns):
        for cell, is_silent in changes:
            silent[cell] = is_silent
        if hole:
            next_frame = max(next_frame, -(-int(now[start]) // period_ns))
        stop = turns[k + 1][0] if k + 1 < len(turns) else len(now)
        ends = [
            line.t_ns[: len(line.t_ns) - len(a.record) + int(np.searchsorted(a.record, stop))]
            for line, a in zip(lines, arrivals, strict=True)
        ]
        heard = [
            int(e[-1]) if len(e) else clock.lines[c].last_t_ns for c, e in enumerate(ends) if not silent[c]
        ]
        last_frame = min(heard) // period_ns if heard else next_frame - 1
        if last_frame >= next_frame:
            t = np.arange(next_frame, last_frame + 1, dtype=np.int64) * period_ns
            out_t.append(t)
            out_n.append(_on_grid(t, lines, [len(e) for e in ends]))
            next_frame = last_frame + 1
    clock = Clock(
        lines=tuple(_trimmed(line, next_frame * period_ns) for line in lines),
        silent=tuple(silent),
        now_ns=int(now[-1]),
        next_frame=next_frame,
    )
    if not out_t:
        return clock, np.zeros(0, np.int64), np.zeros((0, CELLS))
    return clock, np.concatenate(out_t), np.concatenate(out_n)


def _begun(clock: Clock, t_ns: int, period_ns: int) -> Clock:
    """Start the grid and every cell's waiting at the log's first time."""
    if clock.now_ns >= 0:
        return clock
    lines = tuple(replace(line, last_t_ns=t_ns) for line in clock.lines)
    return Clock(lines=lines, now_ns=t_ns, next_frame=-(-t_ns // period_ns))


def _told(line: Line, new: Arrivals) -> tuple[Line, I64]:
    """Append a cell's conversions.

    Also returns how long to wait behind each for the next one, ns; first of all, behind the last known.
    """
    n = len(new.t_ns)
    if n == 0:
        return line, np.array([WAIT_INTERVALS * line.interval_ns]).astype(np.int64)
    first_ever = len(line.t_ns) == 0
    steps = new.t_ns - np.concatenate(([line.last_t_ns], new.t_ns[:-1]))
    chunked = np.concatenate((line.recent_ns, steps[first_ever:]))
    full = len(chunked) // CHUNK
    known = np.array([line.interval_ns])
    if full:
        chunks = np.sort(chunked[: full * CHUNK].reshape(full, CHUNK), axis=1)
        known = np.concatenate((known, chunks[:, INTERVAL_RANK]))
    heard = np.arange(n + 1) + (len(line.recent_ns) - first_ever)  # before each, and behind the last
    interval = known[np.maximum(heard, 0) // CHUNK]
    joined = steps <= JOIN_INTERVALS * interval[:-1]
    if first_ever:
        joined[0] = False
    told = Line(
        t_ns=np.concatenate((line.t_ns, new.t_ns)),
        force_n=np.concatenate((line.force_n, new.force_n)),
        joined=np.concatenate((line.joined, joined)),
        last_t_ns=int(new.t_ns[-1]),
        interval_ns=int(known[-1]),
        recent_ns=chunked[full * CHUNK :],
    )
    waits = WAIT_INTERVALS * interval
    return told, waits.astype(np.int64)


def _turns(
    clock: Clock, now: I64, arrivals: list[Arrivals], waits: tuple[I64, ...]
) -> list[tuple[int, list[tuple[int, bool]], bool]]:
    """Return (record, [(cell, silent from here)], behind a hole) where anything changes; record 0 first."""
    turns: dict[int, tuple[list[tuple[int, bool]], list[bool]]] = {0: ([], [])}
    for cell, new in enumerate(arrivals):
        heard = np.concatenate(([clock.lines[cell].last_t_ns], new.t_ns))
        falls_silent = np.searchsorted(now, heard + waits[cell], side="right")
        falls_silent[1:] = np.maximum(falls_silent[1:], new.record)
        speaks = np.concatenate((new.record, [len(now)]))
        if clock.silent[cell]:
            falls_silent[0] = len(now)  # it is already
            if len(new.record):
                turns.setdefault(int(new.record[0]), ([], []))[0].append((cell, False))
        for k in np.flatnonzero(falls_silent < speaks):
            turns.setdefault(int(falls_silent[k]), ([], []))[0].append((cell, True))
            if k < len(new.record):
                turns.setdefault(int(new.record[k]), ([], []))[0].append((cell, False))
    for k in np.flatnonzero(np.diff(np.concatenate(([clock.now_ns], now))) > HOLE_NS):
        turns.setdefault(int(k), ([], []))[1].append(True)
    return [(k, turns[k][0], bool(turns[k][1])) for k in sorted(turns)]


def _on_grid(t_ns: I64, lines: tuple[Line, ...], known: list[int]) -> F64:
    """Return forces at the frame times, shape (n, 4); only the first `known` conversions count."""
    out = np.full((len(t_ns), CELLS), np.nan)
    for cell, line in enumerate(lines):
        at = line.t_ns[: known[cell]]
        if len(at) < 1:
            continue
        right = np.searchsorted(at, t_ns, side="left")
        inside = right < len(at)
        right = np.minimum(right, len(at) - 1)
        left = np.maximum(right - 1, 0)
        exact = inside & (at[right] == t_ns)
        span = np.maximum(at[right] - at[left], 1)
        f0, f1 = line.force_n[left], line.force_n[right]
        value = f0 + (f1 - f0) * ((t_ns - at[left]) / span)
        drawn = inside & (left < right) & line.joined[right]
        out[:, cell] = np.where(exact, f1, np.where(drawn, value, np.nan))
    return out


def _trimmed(line: Line, next_t_ns: int) -> Line:
    """Forget what no further frame can need."""
    keep_from = max(int(np.searchsorted(line.t_ns, next_t_ns, side="right")) - 1, 0)
    if keep_from == 0:
        return line
    return replace(
        line,
        t_ns=line.t_ns[keep_from:].copy(),
        force_n=line.force_n[keep_from:].copy(),
        joined=line.joined[keep_from:].copy(),
    )
