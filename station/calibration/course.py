"""A calibration or a verification that takes its readings by itself, from the stream of records. Pure.

A mass is read once it has been put down (the load has changed since the last reading) and has then not
moved for `CALM_S`; the empty plate once it is within the gate and as still. A person's tap measures at
once. What is refused is said, and tried again when the load has changed, or at the next tap.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from station.calibration import fit as fitting
from station.calibration.checks import LIGHTEST_COUNTS, Wiring, WrongSpot
from station.calibration.fit import Errors, Fit, Gain
from station.calibration.procedure import EMPTY_GATE_N, Empty, NotEmpty, Procedure, Put, solved
from station.calibration.reading import READ_S, Reading, Refusal
from station.calibration.verifying import CREEP_EVERY_S, CREEP_S, Leave, Verification
from station.calibration.window import Window
from station.calibration.wording import read
from station.conversions import Records
from station.errors import UserError
from station.signal.model import F64

CALM_S = READ_S + 1.0  # a hand that is still on the mass moves within that
REPLACED_COUNTS = LIGHTEST_COUNTS / 2  # less, and it is the load that was there before
UNSOLVED = "The readings can't be solved: look at Health for a cell that tells nothing, then begin again."

Run: TypeAlias = Procedure | Verification
Submit: TypeAlias = Callable[[Callable[[], "Outcome"]], "Future[Outcome]"]


@dataclass(frozen=True)
class Outcome:
    """What the placements are worth: the fit, what one more would gain, and what the whole grid would."""

    fit: Fit
    one: Gain
    grid: Errors


@dataclass(frozen=True)
class Told:
    """What came of one reading.

    step : which it was; `well`: it was taken, otherwise `text` says why not
    felt_n : force on the plate above the empty one, by the gains in force; None of the empty plate
    """

    step: Empty | Put | Leave
    well: bool
    text: str
    felt_n: float | None = None


@dataclass(eq=False)
class Course:
    """Leads through a run; moved on by `take`, `measure` and `redo`.

    run : what is carried out
    gains : N per count of each cell, shape (4,), for what is shown of loads
    submit : has the fit worked out, at once or by another thread
    """

    run: Run
    gains: F64
    submit: Submit
    window: Window = field(default_factory=Window)
    turn: int = 0  # rises with everything that happens: a tap on an older page is not meant for now
    told: list[Told] = field(default_factory=list)
    refusal: str = ""
    not_empty: bool = False  # the refusal may be answered with "nothing lies there"
    ended: str = ""  # why it can't go on
    unrest: str = ""  # why a reading that is due is not taken yet
    outcome: Outcome | None = None
    placed: bool = True  # the load has changed since the last reading
    _measured: F64 | None = None  # the load at that reading, taken or refused, counts
    _working: Future[Outcome] | None = None

    @property
    def needs_word(self) -> bool:
        """Whether only a person can say that the plate is empty: nobody knows its zero."""
        known = isinstance(self.run, Verification) or self.run.zero_known
        return isinstance(self.run.step, Empty) and not known

    @property
    def working(self) -> bool:
        """Whether the fit is being worked out."""
        return self._working is not None

    @property
    def done(self) -> bool:
        """Whether every step is done."""
        return self.run.step is None and not self.ended

    @property
    def load(self) -> Reading | None:
        """The empty plate, where a mass is awaited."""
        return None if isinstance(self.run.step, Empty) or not self.run.empties else self.run.empties[-1]

    @property
    def above_empty(self) -> F64 | None:
        """What lies on each cell above the empty plate, N by the gains in force; None while not known."""
        if self.window.level is None or not self.run.empties:
            return None
        return np.asarray((self.window.level - self.run.empties[-1].mean) * self.gains)

    @property
    def away_n(self) -> float | None:
        """How far the plate is from when it was last empty, N; None while nobody knows."""
        known = isinstance(self.run, Verification) or self.run.zero_known
        return self.run.away_n(self.window.level) if known and self.window.level is not None else None

    @property
    def left_s(self) -> float:
        """About how long the rest takes."""
        creeping = self.run.creeping if isinstance(self.run, Verification) else []
        gone_s = self.window.now_s - creeping[0].t_s if creeping and not self.done else 0.0
        return max(self.run.left_s - min(gone_s, CREEP_S), 0.0)

    def take(self, records: Records) -> None:
        """Take what the sampler sent, shape (n,), however it is cut."""
        for piece in self.window.pieces(records):
            self.window.look(piece, self.load)
            self._look_at_work()
            self._see_what_moved()
            if self._due():
                self.measure()

    def measure(self, *, empty: bool = False) -> None:
        """Measure this step now; `empty` is a person's word that nothing lies on the plate."""
        step = self.run.step
        if step is None or self.ended or self.window.level is None:
            return
        if self.needs_word and not empty:
            return
        self.turn += 1
        self._measured, self.placed = self.window.level, False
        self.not_empty, self.unrest = False, ""
        try:
            found = self.run.offer(self.window.last(), empty=empty)
        except Wiring as wiring:
            self._refused(step, wiring)
            self.ended = str(wiring)
        except np.linalg.LinAlgError:
            self.ended = UNSOLVED
        except Refusal as refusal:
            self._refused(step, refusal)
        else:
            self._taken(step, found)

    def redo(self) -> None:
        """Have the newest mass measured anew; raises Refusal where there is none."""
        if self.ended:
            raise Refusal(self.ended)
        self.run.redo()
        self._begin_anew()

    def more(self, *, grid: bool) -> None:
        """Add the one placement that gains most, or the rest of the grid."""
        if not isinstance(self.run, Procedure) or self.outcome is None or self.run.step is not None:
            raise Refusal("More can be measured once the result is there.")
        if grid:
            self.run.more_grid()
        else:
            self.run.more(self.outcome.one.spot, max(self.run.masses_kg))
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.turn += 1
        self.outcome, self._working, self.refusal = None, None, ""
        self._measured, self.placed = self.window.level, False

    def _see_what_moved(self) -> None:
        """Note that something was put down or taken away; a mass that was to stay begins anew."""
        level = self.window.level
        if level is None or self._measured is None or self.placed:
            return
        self.placed = float(np.abs(level - self._measured).sum()) > REPLACED_COUNTS
        run = self.run
        if self.placed and isinstance(run, Verification) and isinstance(run.step, Leave) and run.creeping:
            run.creeping.clear()
            self.turn += 1
            self.refusal = "The mass was moved: its five minutes begin anew."

    def _due(self) -> bool:
        """Tell whether the step is to be measured now, by itself."""
        window, step = self.window, self.run.step
        if step is None or self.ended or self.needs_word or window.level is None:
            return False
        return window.still_s >= CALM_S and self._awaited(step, window.level) and self._still()

    def _awaited(self, step: Empty | Put | Leave, level: F64) -> bool:
        """Tell whether what lies there is what the step asks for, and was not read yet."""
        if isinstance(step, Empty):
            away_n = self.away_n
            return away_n is not None and away_n <= EMPTY_GATE_N
        if isinstance(step, Leave) and isinstance(self.run, Verification) and self.run.creeping:
            return self.window.now_s - READ_S / 2 - self.run.creeping[-1].t_s >= CREEP_EVERY_S
        above = np.abs(level - self.run.empties[-1].mean).sum()
        return self.placed and bool(above > REPLACED_COUNTS)

    def _still(self) -> bool:
        self.unrest, sight = "", self.window.sight
        if sight is None:
            return False
        try:
            sight.check_still(self.load)
        except Refusal as refusal:
            self.unrest = str(refusal)
        return not self.unrest

    def _taken(self, step: Empty | Put | Leave, found: Reading) -> None:
        self.refusal = ""
        felt_n = None
        if not isinstance(step, Empty):
            felt_n = float((found.mean - self.run.empties[-1].mean) @ self.gains)
        self.told.append(Told(step, True, read(found, self.run.empties, step), felt_n))
        self._work()

    def _refused(self, step: Empty | Put | Leave, refusal: Refusal) -> None:
        self.refusal, self.not_empty = str(refusal), isinstance(refusal, NotEmpty)
        self.told.append(Told(step, False, str(refusal)))
        if isinstance(refusal, WrongSpot):
            self.outcome = None

    # --- the result ---

    def _work(self) -> None:
        """Have the result worked out as soon as there can be one."""
        self.outcome = self._working = None
        if isinstance(self.run, Procedure) and self.run.usable and not self._about_to_end():
            placements, plate, masses = self.run.placements(), self.run.plate, self.run.masses_kg

            def work() -> Outcome:
                fit = solved(placements, plate)
                one = fitting.further(placements, plate, max(masses))
                return Outcome(fit, one, fitting.after_grid(placements, plate, masses))

            self._working = self.submit(work)
            self._look_at_work()

    def _about_to_end(self) -> bool:
        """Tell whether only the empty plate is left: the result comes in a moment."""
        left = self.run.steps[self.run.done :]
        return bool(left) and all(isinstance(step, Empty) for step in left)

    def _look_at_work(self) -> None:
        if self._working is None or not self._working.done() or not isinstance(self.run, Procedure):
            return
        working, self._working = self._working, None
        self.turn += 1
        try:
            outcome = working.result()
            self.run.judged(outcome.fit)
            self.outcome = outcome
        except WrongSpot as wrong:  # that one is next
            self._refused(self.run.step or Empty(), wrong)
        except (UserError, np.linalg.LinAlgError) as wrong:
            self.refusal = str(wrong) if isinstance(wrong, UserError) else UNSOLVED
            if self.run.step is None:
                self.ended = self.refusal


def at_once(work: Callable[[], Outcome]) -> Future[Any]:
    """Return what `work` gives, worked out here and now."""
    future: Future[Any] = Future()
    try:
        future.set_result(work())
    except UserError as refusal:
        future.set_exception(refusal)
    return future
