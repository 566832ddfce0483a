"""One chip as its line shows it: looks and frames in, records out.

A frame is claimed true only when the chip is ready again on its beat: a chip that was reset
or unplugged in mid-frame is silent for four conversions, and its pulled-up line has answered
the rest of the frame with ones. So each value is held for one conversion.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from hardware.beat import FASTEST_NS, Edge
from hardware.chip_clock import LOOK_NS, ChipClock
from hardware.frame import Frame
from station.conversions import COUNT_MAX, COUNT_MIN, SETTLING_CONVERSIONS, Cell, Fault, Kind, Status

SLOW_PULSE_NS = 50_000  # datasheet: SCK high up to 50 µs is safe, more than 60 µs resets
PROVEN_CONVERSIONS = 3.5  # a chip ready earlier than this after a frame was not reset in it
OVERDUE = 0.15  # of a period: a chip that long past its time is not about to be ready
RESET_SILENCE = 4.3  # conversions after which a reset chip is ready for certain
SURE_SILENCE = 2.9  # conversions that a reset chip is silent for, less those that its beat may have moved by
GONE_CONVERSIONS = 6.0  # silence longer than a reset's
UNKNOWN_GAIN = 1 + SETTLING_CONVERSIONS  # the first frame selects the gain, then the filter settles
KNOWN_GAIN = 3  # a chip that was silent powered up settled and at gain 128: only its beat is unknown
GONE_AT_START_NS = 650_000_000  # a 10 SPS chip takes 400 ms to settle
SPIN_NS = 250_000  # for so long around its time a chip is waited for without sleeping
IDLE_LOOK_NS = 5_000_000  # between looks at a chip that is not there
RETRY_NS = 100_000_000  # between frames tried on a line that does not answer
TRIES = 3
MOST_STRAYS = 3
MOST_MARGIN = 0.07  # of a period: a value whose time is known less well is none of a force-time curve
MOST_HELD = 4
TELL_NS = 100_000_000  # between fault records of a chip
RATE_WITHIN = 0.01  # of itself, or a chip's rate is not told
WRONG_RATE = 0.25  # oscillators are within 17 % of what the data sheet says

Row = tuple[int, int, int, int, int, int, int]  # as RECORD has it
T_NS = 1  # where the time is in it


@dataclass(frozen=True)
class _Held:
    """A frame that waits for its last proof."""

    t_ns: int
    count: int
    status: Status


class Channel:
    """The state of one chip.

    Parameters
    ----------
    cell : which one
    dout : its data line
    nominal_ns : time between conversions that its RATE pin is meant to give
    now_ns : the chip may be in mid-frame for a conversion from here on

    """

    def __init__(self, cell: Cell, dout: int, nominal_ns: float, now_ns: int) -> None:
        self.cell, self.dout, self.nominal_ns = cell, dout, nominal_ns
        self.clock = ChipClock(nominal_ns)
        self.rows: list[Row] = []
        self.statuses: Counter[Status] = Counter()
        self.lost: Counter[str] = Counter()
        self.faults: Counter[Fault] = Counter()
        self.absent = False
        self.edge: Edge | None = None  # set while the chip is ready
        self._held: list[_Held] = []
        self._n = 0  # of the last conversion seen, in the clock's count
        self._slow = False  # the last frame had a pulse that may have reset the chip
        self._away = False  # the host did not look for so long that the chip may have been reset
        self._adrift = False  # reset at an unknown moment: the period is known, the beat is not
        self._to_settle = UNKNOWN_GAIN
        self._period_ns = 0.0  # the last one known
        self._tries = 0
        self._strays = 0  # breaks of the beat since it last held
        self._high_ns = self._live_ns = self._high_since_ns = self._looked_ns = now_ns
        self._unwatched_ns = 0.0  # of the time since the last sign of life
        self._not_before_ns = now_ns + int(1.3 * nominal_ns)
        self._t_ns = self._told_ns = -TELL_NS
        self._counted_ns: int | None = None  # time of the last row that missed ones are counted from
        self._untold: Counter[Fault] = Counter()

    # --- what the line shows ---

    def look(self, level: int, before_ns: int, after_ns: int) -> None:
        """Take one look at DOUT, which began and ended at these times."""
        self._unwatched_ns += max(0.0, before_ns - self._looked_ns - self.nominal_ns)
        if not self.clock.locked:
            self.clock.search.was_unwatched(before_ns - self._looked_ns)
        self._looked_ns = after_ns
        if level:
            if self.edge is not None or self._high_ns < self._live_ns:
                self._high_since_ns = before_ns
            self.edge = None
            self._high_ns = before_ns
            self._notice_silence(before_ns)
        elif self.edge is not None:
            self._alive(before_ns)
        elif after_ns >= self._not_before_ns:
            self.edge = Edge(min(self._high_ns, after_ns), after_ns)
            self._ready(self.edge)
        else:
            self._high_since_ns = after_ns

    def take(self, frame: Frame, i: int) -> None:
        """Take what the chip answered in a frame; a chip that was not ready only bore its pulses."""
        edge, self.edge = self.edge, None
        if edge is None:
            self._to_settle = UNKNOWN_GAIN + 1  # some of them may have come after it got ready
            if frame.highest_ns > SLOW_PULSE_NS:
                self.clock.search.may_be_reset()
            return
        if not frame.whole[i]:
            self._broken(frame, i)
            return
        self._tries = 0
        self.absent = False
        self._high_ns = frame.quiet_ns
        self._alive(frame.end_ns)
        self._slow = frame.highest_ns > SLOW_PULSE_NS
        if self._slow:
            self.clock.search.may_be_reset()
        self.clock.search.was_read(frame.end_ns)
        if self._to_settle > 0 or not self._on_the_beat:
            self._to_settle -= 1
            if self._on_the_beat and self._to_settle <= 0:
                self._strays = 0
            self._release(proven=False)
            self._row(edge.hi_ns, frame.counts[i], Status.SETTLING)
            if not self.clock.locked and self._to_settle <= 0 and edge.width_ns > 2 * LOOK_NS:
                self._fault(Fault.HOST_SLOW)  # the beat could be known by now
            return
        t_ns = self._time_of(edge, frame.start_ns)
        due_ns = self.due_ns(frame.start_ns)
        early = frame.start_ns < self._sure_ns(edge, due_ns - self.clock.period_ns)
        if early or due_ns < frame.end_ns + self.clock.margin_ns(due_ns):
            self._late(frame, t_ns, frame.counts[i])
        else:
            self._held.append(_Held(t_ns, frame.counts[i], self._worth(t_ns, frame.counts[i])))

    @property
    def _on_the_beat(self) -> bool:
        return self.clock.locked and not self._adrift

    @property
    def _rate_known(self) -> bool:
        return self.clock.locked and self.clock.period_off_ns < RATE_WITHIN * self.clock.period_ns

    # --- when to look and when to read ---

    def due_ns(self, after_ns: float) -> float:
        """Return when the first conversion after a time is ready; the clock must be locked."""
        return self.clock.ready_ns(self.clock.latest(after_ns) + 1)

    def expected(self, now_ns: int) -> bool:
        """Whether the others on a shared clock line should wait for this chip."""
        if self.edge is not None or self.absent or self._tries:
            return False
        if now_ns < self._not_before_ns:
            return self.clock.locked
        if not self._on_the_beat:
            return now_ns < self._live_ns + 2.6 * self.nominal_ns
        if self._slow:  # all chips on the line may have been reset, each silent for its own four conversions
            return now_ns < self._live_ns + RESET_SILENCE * self.clock.period_ns
        return now_ns < self._next_ns() + self.clock.tolerance_ns(now_ns)

    def start_ns(self, now_ns: int, frame_ns: int) -> float:
        """Return from when a ready chip can be read without its next conversion coming in between."""
        if not self._on_the_beat or self.edge is None:
            return now_ns
        due_ns = self.due_ns(now_ns)
        if due_ns < now_ns + frame_ns + 2 * self.clock.margin_ns(due_ns):
            return due_ns + self.clock.margin_ns(due_ns)
        sure_ns = self._sure_ns(self.edge, due_ns - self.clock.period_ns)
        return max(now_ns, sure_ns)

    def _sure_ns(self, edge: Edge, last_ns: float) -> float:
        """Return from when the conversion foretold for `last_ns` is certain to be there."""
        margin_ns = self.clock.margin_ns(last_ns)
        seen = edge.lo_ns > last_ns - self.clock.period_ns / 2 and edge.hi_ns - last_ns < margin_ns
        return edge.hi_ns if seen else last_ns + margin_ns

    def wake_ns(self, now_ns: int) -> float:
        """Return when the line is worth a look; a ready chip's group decides for itself."""
        if now_ns < self._not_before_ns:
            return self._not_before_ns
        if self._on_the_beat:
            due_ns = self._next_ns()
            if self._slow and now_ns > due_ns + OVERDUE * self.clock.period_ns:  # reset, so silent for long
                return max(now_ns + LOOK_NS, self._live_ns + SURE_SILENCE * self.clock.period_ns)
            if now_ns > due_ns + SPIN_NS:
                return now_ns + min(LOOK_NS, self.clock.period_ns / 50)
            early_ns = due_ns - (
                self.clock.lead_ns if self._high_ns < due_ns - self.clock.lead_ns else SPIN_NS
            )
            return max(now_ns, early_ns)
        if self._adrift or self.clock.search.last_edge is not None:
            return now_ns + min(LOOK_NS, self.nominal_ns / 50)
        return now_ns + min(IDLE_LOOK_NS, self.nominal_ns / 2)

    def _next_ns(self) -> float:
        """Return when the conversion after the last one seen is ready, even if that is past."""
        return self.clock.ready_ns(self._n + 1)

    # --- proof ---

    def _ready(self, edge: Edge) -> None:
        """Settle what the frames before were worth, now that the line has fallen."""
        if not self.clock.locked:
            self._hunt(edge)
        elif self._adrift:
            self._find_beat(edge)
        elif edge.hi_ns - self._live_ns < PROVEN_CONVERSIONS * self.clock.period_ns:
            self._ready_in_time(edge)
        elif edge.lo_ns - self._live_ns > (PROVEN_CONVERSIONS - 1) * self.clock.period_ns:
            self._ready_after_silence(edge)
        elif self._slow:
            self._release(proven=False)
            self._lose_beat(edge)
        else:  # the host was away for long; whether the chip was too shows on the next beats
            self._fault(Fault.HOST_SLOW)
            self._away = True
            self._observe(edge)
        self._alive(edge.hi_ns)

    def _alive(self, t_ns: int) -> None:
        self._live_ns, self._unwatched_ns = t_ns, 0.0

    def _ready_in_time(self, edge: Edge) -> None:
        """Ready again before a reset chip could be."""
        strict = self._slow or self._away
        margin_ns, tolerance_ns = self.clock.margin_ns(edge.hi_ns), self.clock.tolerance_ns(edge.hi_ns)
        skipped = self._slow and edge.lo_ns > self._next_ns() + margin_ns
        if skipped or not self.clock.on_beat(edge, margin_ns if strict else tolerance_ns):
            self._release(proven=False)
            self._stray(edge)
            return
        self._away = self._away and not self.clock.narrow(edge)
        self._slow = False  # no reset: it would still be silent
        self._observe(edge)
        if not self._away or len(self._held) > MOST_HELD:
            self._release(proven=not self._away)

    def _ready_after_silence(self, edge: Edge) -> None:
        """Ready after a silence that was watched: reset, by a slow pulse of ours or by a loss of power."""
        self._release(proven=False)
        self._fault(Fault.RESET)
        if self._slow:
            self._count_missed(edge.hi_ns, "reset")
            self._lose_beat(edge)
        else:
            self._start_over(KNOWN_GAIN)
            if self._adrift:
                self._find_beat(edge)
            else:
                self._observe(edge)

    def _lose_beat(self, edge: Edge) -> None:
        """Look for the beat of a chip that a slow pulse may have reset; its period is as before."""
        self._adrift = True
        self._find_beat(edge)

    def _find_beat(self, edge: Edge) -> None:
        if edge.width_ns < self.clock.period_ns / 4:
            self.clock.rephase(edge)
            self._n = self.clock.number_of(edge)
            self._adrift = self._away = self._slow = False

    def _hunt(self, edge: Edge) -> None:
        """Look for the beat; no chip is ready so soon after a frame as a line that floats."""
        last = self.clock.search.last_edge
        if last is not None and edge.hi_ns - last.lo_ns < FASTEST_NS:
            self._stray(edge)
            return
        self._observe(edge)

    def _observe(self, edge: Edge) -> None:
        self.clock.observe(edge)
        if self.clock.locked:
            self._n = self.clock.number_of(edge)
            self._period_ns = self.clock.period_ns

    def _notice_silence(self, now_ns: int) -> None:
        period_ns = self.clock.period_ns if self.clock.locked else self._period_ns
        silent_ns = GONE_CONVERSIONS * period_ns if period_ns else GONE_AT_START_NS
        # A host that was held up has not seen the chip silent: it may have been ready, or reset by us.
        if now_ns - self._live_ns - self._unwatched_ns > silent_ns:
            if not self.absent:
                self._release(proven=False)
                self.absent = True
                self._start_over(KNOWN_GAIN)
            self._fault(Fault.ABSENT)
        elif self._tries and now_ns - self._high_since_ns > self.nominal_ns / 2:
            self._not_before_ns = min(self._not_before_ns, now_ns)  # quiet again: don't wait to retry

    def _broken(self, frame: Frame, i: int) -> None:
        """Wait out a conversion, in which a chip that did not answer as one forgets the pulses."""
        self._release(proven=False)
        stuck = frame.dead_low[i]
        self._row(frame.start_ns, frame.counts[i], Status.STUCK if stuck else Status.DESYNC)
        self._fault(Fault.STUCK_LOW if stuck else Fault.DESYNC)
        self._start_over(UNKNOWN_GAIN)
        self._tries += 1
        self._strays += 1
        wait_ns = RETRY_NS if self._tries > TRIES else 0
        self._not_before_ns = frame.end_ns + max(wait_ns, int(1.3 * self.nominal_ns))

    def _stray(self, edge: Edge) -> None:
        """Distrust a line that is low when no chip is ready, and wait out a conversion."""
        self._fault(Fault.RESET if self._slow else Fault.DESYNC)
        self._strays += 1
        self._start_over(UNKNOWN_GAIN)
        self._not_before_ns = edge.hi_ns + int(1.3 * (self._period_ns or self.nominal_ns))
        self.edge = None

    def _late(self, frame: Frame, t_ns: int, count: int) -> None:
        """Give up a frame in whose middle the next conversion came, or may have come."""
        self._release(proven=False)
        self._row(t_ns, count, Status.LATE)
        self._fault(Fault.HOST_SLOW)
        self._n = self.clock.latest(frame.end_ns + self.clock.margin_ns(frame.end_ns))
        self._not_before_ns = int(self._next_ns())

    def _start_over(self, to_settle: int) -> None:
        """Settle anew; the period stays that of the same chip until that fails or the chip was gone."""
        self._slow = self._away = False
        self._adrift = self.clock.locked and not self.absent and self._strays <= MOST_STRAYS
        if not self._adrift:
            self.clock.unlock()
            self._strays = 0
        self._to_settle = max(self._to_settle, to_settle)
        self._counted_ns = None

    def _worth(self, t_ns: int, count: int) -> Status:
        """Return what a value is, once its frame is proven."""
        if self.clock.margin_ns(t_ns) > MOST_MARGIN * self.clock.period_ns:
            self._fault(Fault.HOST_SLOW)
            return Status.SUSPECT
        return Status.SATURATED if count in (COUNT_MIN, COUNT_MAX) else Status.OK

    def _time_of(self, edge: Edge, start_ns: int) -> int:
        """Return when the conversion that a frame begun at `start_ns` reads was ready."""
        n, seen = self.clock.latest(start_ns), self.clock.number_of(edge)
        return int(self.clock.ready_ns(n) if n > seen else self.clock.within(seen, edge))

    # --- records ---

    def _release(self, *, proven: bool) -> None:
        for held in self._held:
            self._row(held.t_ns, held.count, held.status if proven else Status.SUSPECT)
            if proven and held.status is Status.SATURATED:
                self._fault(Fault.SATURATED_HIGH if held.count > 0 else Fault.SATURATED_LOW)
        self._held.clear()

    def _row(self, t_ns: int, count: int, status: Status) -> None:
        self._count_missed(t_ns, "host")
        self.statuses[status] += 1
        self._append(t_ns, count, Kind.CONVERSION, status)
        if self._period_ns:
            self._counted_ns = t_ns

    def _count_missed(self, t_ns: int, why: str) -> None:
        if self._counted_ns is not None and self._period_ns:
            self.lost[why] += max(0, round((t_ns - self._counted_ns) / self._period_ns) - 1)
            self._counted_ns = t_ns - int(self._period_ns)

    def _append(self, t_ns: int, count: int, kind: Kind, status: int) -> None:
        self._t_ns = max(t_ns // 1000 * 1000, self._t_ns + 1000)
        self.rows.append((0, self._t_ns, count, kind, self.cell, status, 0))

    def _fault(self, fault: Fault) -> None:
        self.faults[fault] += 1
        self._untold[fault] += 1

    def tell_faults(self, now_ns: int) -> None:
        """Write one fault record if there is something to tell and the last one is long enough ago."""
        if self.clock.locked and abs(self.clock.period_ns / self.nominal_ns - 1.0) > WRONG_RATE:
            self.faults[Fault.WRONG_RATE] += 1
            self._untold[Fault.WRONG_RATE] = max(1, self._untold[Fault.WRONG_RATE])
        if not self._untold or now_ns - self._told_ns < TELL_NS:
            return
        fault = next(iter(self._untold))
        known_ns = min(self._t_ns + 1000, now_ns) if self._held else self._high_ns
        self._append(known_ns, self._untold.pop(fault), Kind.FAULT, fault)
        self._told_ns = now_ns

    def statistics(self, elapsed_s: float) -> dict[str, Any]:
        """Return what ``heeldrive sample`` prints of this cell."""
        kept = self.statuses[Status.OK]
        rejected = sum(self.statuses.values()) - kept
        return {
            "kept": kept,
            "rejected": rejected,
            "missed": sum(self.lost.values()),
            "rate_hz": round(kept / elapsed_s, 3) if elapsed_s > 0 else 0.0,
            "chip_rate_hz": round(1e9 / self._period_ns, 3) if self._rate_known else None,
            "faults": [fault.word for fault in sorted(self.faults)],
            "rejected_as": {
                status.word: n for status, n in sorted(self.statuses.items()) if status is not Status.OK
            },
            "missed_for": dict(self.lost),
        }
