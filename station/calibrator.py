"""Calibrates and verifies in the running station: the core thread feeds it, the page asks it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np

from station import calibrating as door
from station.calibration import chosen, report, showing
from station.calibration.cells import CellClass
from station.calibration.certificate import Certificate, certificate
from station.calibration.course import Course, Outcome, Run, Submit
from station.calibration.drift import Zeros
from station.calibration.procedure import Empty, Procedure, Put
from station.calibration.verifying import Leave, Verification, notes
from station.calibration.window import Window
from station.conversions import Calibration, Greeting, Records
from station.door import CommandRefused
from station.library import Library
from station.session import UNCALIBRATED
from station.signal.model import Plate

WATCHED_S = 3.0  # so long after somebody looked, the plate is looked at
ABANDONED_NS = 1_800_000_000_000  # nobody went on: whoever comes then wants to lift

# Puts simulated masses where the page says: data time (ns), and the step; None: it is over.
Helper: TypeAlias = Callable[[int, Put | Empty | None], None]


class Calibrator:
    """Implements `calibrating.Calibrating`.

    Parameters
    ----------
    library : where calibrations are kept
    plate : where the cells are
    by_core : has something done by the core thread
    why_not : says why nothing can begin now, None where it can
    use : puts a calibration in force
    wall_clock : the time of day in UTC, and whether it is known to be right
    helper : of a simulated plate
    submit : has fits worked out; by default by a thread of its own

    """

    def __init__(
        self,
        library: Library,
        plate: Plate,
        by_core: Callable[[Callable[[], door.Status]], door.Status],
        why_not: Callable[[], str | None],
        use: Callable[[Calibration], None],
        wall_clock: Callable[[], tuple[str, bool]],
        helper: Helper | None = None,
        submit: Submit | None = None,
    ) -> None:
        self._library = library
        self._plate = plate
        self._by_core = by_core
        self._why_not = why_not
        self._use = use
        self._wall_clock = wall_clock
        self._helper = helper
        self._pool = ThreadPoolExecutor(1, "fit") if submit is None else None
        self._submit = submit or self._work
        self._greeting: Greeting | None = None
        self._calibration, self._zero_known = UNCALIBRATED, False
        self._zeros = Zeros()
        self._window = Window()
        self._course: Course | None = None
        self._cells: CellClass | None = None
        self._now_ns = 0
        self._went_on = (0, 0)  # the turn, and when it came, ns
        self._ordered: tuple[Any, ...] = ()
        self._certificate: Certificate | None = None
        self._result: tuple[Outcome, door.Result] | None = None
        self._said = ""
        self._watched_until_s = 0.0
        self._now = self._status()

    def stop_working(self) -> None:
        """End the thread of its own."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, work: Callable[[], Outcome]) -> Any:
        assert self._pool is not None  # noqa: S101 - made with it # nosec B101
        return self._pool.submit(work)

    # --- the core thread ---

    @property
    def under_way(self) -> bool:
        """Whether masses are being put on the plate: no set may begin."""
        return self._course is not None and not self._course.done and not self._course.ended

    def greet(self, greeting: Greeting) -> None:
        """Take note of a sampler: with another source than before nothing goes on."""
        known, self._greeting = self._greeting, greeting
        self._now_ns = max(self._now_ns, greeting.now_ns)
        if self._course is not None and known is not None and known.source != greeting.source:
            self._course.ended = "Another plate answers now: begin again."
        self._order()
        self._now = self._status()

    def take(self, records: Records, calibration: Calibration, *, zero_known: bool) -> None:
        """Look at what the sampler sent, shape (n,), if somebody is calibrating or watches."""
        if not len(records):
            return
        self._now_ns = int(records["t_ns"][-1])
        self._zeros.note(calibration, self._now_ns / 1e9)
        self._calibration, self._zero_known = calibration, zero_known
        if not self.under_way and time.monotonic() > self._watched_until_s:
            return
        before_ns = self._course_window().now_ns
        if self._course is not None and not self._course.ended:
            self._course.take(records)
        else:
            for piece in self._window.pieces(records):
                self._window.look(piece, None)
        if self._course_window().now_ns != before_ns:
            self._go_on()

    def _go_on(self) -> None:
        """See to what follows from a look at the plate or from a command, and publish."""
        course = self._course
        if course is not None:
            if course.turn != self._went_on[0]:
                self._went_on = course.turn, self._now_ns
            elif self.under_way and self._now_ns - self._went_on[1] > ABANDONED_NS:
                self._end("Ended: nobody went on for half an hour. Nothing was kept.")
            if course.done and isinstance(course.run, Verification) and self._certificate is None:
                self._certify(course.run)
        self._order()
        self._now = self._status()

    def _order(self) -> None:
        """Tell the helper what to put where, once for each step and after each refusal."""
        if self._helper is None or self._greeting is None or self._greeting.source.name != "mock":
            return
        course = self._course if self.under_way else None
        step = None if course is None else course.run.step
        order: tuple[Any, ...] = (step,)
        if course is not None:
            refused = sum(not told.well for told in course.told)
            order = (step, course, course.run.done, len(course.run.steps), refused)
        if order == self._ordered:
            return
        self._ordered = order
        put = step.put if isinstance(step, Leave) else step
        self._helper(max(self._now_ns, self._greeting.now_ns), put)

    def _course_window(self) -> Window:
        return self._window if self._course is None else self._course.window

    # --- commands: by the core thread ---

    def begin(self, masses_kg: Sequence[float], *, grid: bool, placing_mm: float) -> door.Status:
        """Begin a calibration."""

        def work() -> door.Status:
            self._check_free()
            known = self._zero_known or self._calibration.id != UNCALIBRATED.id
            return self._begin(
                Procedure(
                    masses_kg, self._plate, self._calibration,
                    known_zero=known, grid=grid, placing_mm=placing_mm,
                )
            )  # fmt: skip

        return self._by_core(work)

    def begin_verifying(
        self, mass_kg: float, placing_mm: float, cells: str, capacity_kg: float
    ) -> door.Status:
        """Begin a verification."""

        def work() -> door.Status:
            self._check_free()
            if self._calibration.id == UNCALIBRATED.id:
                raise CommandRefused("The plate is not calibrated yet: that comes first.")
            self._cells = CellClass.of(cells, capacity_kg) if cells else None
            return self._begin(Verification(mass_kg, self._plate, self._calibration, placing_mm))

        return self._by_core(work)

    def _check_free(self) -> None:
        if self.under_way:
            raise CommandRefused("A calibration is under way already: go on with it, or stop it.")
        why_not = self._why_not()
        if why_not is not None:
            raise CommandRefused(why_not)

    def _begin(self, run: Run) -> door.Status:
        # Turns go on rising, so that a tap on a page of the procedure before is known for what it is.
        self._course = Course(
            run,
            np.array(self._calibration.newtons_per_count),
            self._submit,
            turn=self._went_on[0] + 1,
        )
        self._certificate, self._result, self._said = None, None, ""
        return self._answer()

    def measure(self, turn: int, *, empty: bool) -> door.Status:
        """Measure now; a tap that comes too late measures nothing."""

        def work() -> door.Status:
            if self._course is not None and turn == self._course.turn:
                self._course.measure(empty=empty)
            return self._answer()

        return self._by_core(work)

    def redo(self, turn: int) -> door.Status:
        """Have the newest mass measured anew."""

        def work() -> door.Status:
            course = self._current(turn)
            if course.done:
                self._check_lifting()
            course.redo()
            return self._answer()

        return self._by_core(work)

    def more(self, turn: int, what: door.More) -> door.Status:
        """Add a placement, or the rest of the grid."""

        def work() -> door.Status:
            course = self._current(turn)
            self._check_lifting()
            course.more(grid=what == "grid")
            return self._answer()

        return self._by_core(work)

    def keep(self, turn: int) -> door.Status:
        """Keep the result, and use it where the source brings none of its own."""

        def work() -> door.Status:
            course = self._current(turn)
            if course.outcome is None or not isinstance(course.run, Procedure) or self._greeting is None:
                raise CommandRefused("There is no result to keep yet.")
            self._check_lifting()
            now = datetime.fromisoformat(self._wall_clock()[0])
            made, record = report.finished(course.outcome.fit, course.run, now, self._greeting)
            self._library.keep_calibration(made, record)
            own = self._greeting.source.calibration is not None
            if not own:
                self._put_in_force(made)
            self._end(
                f"Kept as {made.id}. "
                + (f"{self._own_words()} Sessions are not measured with it." if own else "It is in use.")
            )
            return self._answer()

        return self._by_core(work)

    def stop(self) -> door.Status:
        """End what is under way."""

        def work() -> door.Status:
            if self._course is not None:
                was_certified = self._certificate is not None
                self._end("" if was_certified else "Ended: nothing was kept.")
            return self._answer()

        return self._by_core(work)

    def use(self, calibration: str) -> door.Status:
        """Use another calibration that is kept."""

        def work() -> door.Status:
            self._check_free()
            if self._greeting is not None and self._greeting.source.calibration is not None:
                raise CommandRefused(self._own_words())
            self._put_in_force(self._library.use_calibration(calibration))
            return self._answer()

        return self._by_core(work)

    def _put_in_force(self, calibration: Calibration) -> None:
        self._use(calibration)
        self._calibration = calibration  # the list that is asked for next says so

    def _current(self, turn: int) -> Course:
        if self._course is None:
            raise CommandRefused("Nothing is under way any more: look at the page.")
        if self._course.turn != turn:
            raise CommandRefused("It has gone on meanwhile: look at the page, then try again.")
        return self._course

    def _check_lifting(self) -> None:
        """Refuse what needs the plate for itself, where somebody has begun to lift since."""
        why_not = self._why_not()
        if why_not is not None:
            raise CommandRefused(why_not)

    def _own_words(self) -> str:
        name = "The simulation" if self._greeting and self._greeting.source.simulated else "The source"
        return f"{name} brings its own calibration, which goes first."

    def _end(self, said: str) -> None:
        if self._course is not None:
            self._window = self._course.window
            self._went_on = self._course.turn + 1, self._now_ns
        self._course, self._said, self._result = None, said, None

    def _certify(self, run: Verification) -> None:
        assert self._greeting is not None  # noqa: S101 - its records were measured # nosec B101
        now = datetime.fromisoformat(self._wall_clock()[0])
        own, source = run.calibration, self._greeting.source
        records = [one.get("record") for one in self._library.calibrations() if one["id"] == own.id]
        said = notes(run.mass_kg, records)
        made = certificate(run, f"{now:%Y-%m-%d %H:%M} UTC", source, self._cells, said)
        chosen.keep_certificate(made, own.id, self._library)
        self._certificate = made

    def _answer(self) -> door.Status:
        self._go_on()
        return self.status()

    # --- what is seen: by any thread ---

    def status(self) -> door.Status:
        """Return how all is at this moment."""
        self._watched_until_s = time.monotonic() + WATCHED_S
        return replace(self._now, why_not=self._why_not())

    def kept(self) -> list[door.Kept]:
        """Return the calibrations that are kept, newest first."""
        in_use = self._calibration.id
        return [
            showing.kept(body, in_use, chosen.certificate(body["id"], self._library))
            for body in self._library.calibrations()
        ]

    def body(self, calibration: str) -> dict[str, Any]:
        """Return a kept calibration with its record."""
        for body in self._library.calibrations():
            if body["id"] == calibration:
                return body
        raise LookupError(f"There is no calibration {calibration!r}.")

    def certificate(self, calibration: str) -> Certificate:
        """Return the newest certificate of a calibration."""
        made = chosen.certificate(calibration, self._library)
        if made is None:
            raise LookupError("This calibration was not verified yet.")
        return made

    def _status(self) -> door.Status:
        source = None if self._greeting is None else self._greeting.source
        drift = self._zeros.n_per_min(() if self._course is None else self._course.run.empties)
        return door.Status(
            simulated=source is not None and source.simulated,
            helped=self._helper is not None and source is not None and source.name == "mock",
            why_not=None,
            said=self._said,
            spacings_mm=(self._plate.heel_spacing_mm, self._plate.toe_spacing_mm),
            calibration_id=self._calibration.id,
            calibration=self._calibration.made,
            calibrated=self._calibration.id != UNCALIBRATED.id,
            plate=showing.plate(self._course, self._window, self._reference(), drift),
            under=None if self._course is None else self._under(self._course),
        )

    def _under(self, course: Course) -> door.Under:
        result = None
        if course.outcome is not None and isinstance(course.run, Procedure):
            if self._result is None or self._result[0] is not course.outcome:
                self._result = course.outcome, showing.result(course.run, course.outcome, self._greeting)
            result = self._result[1]
        own = course.run.calibration.id if isinstance(course.run, Verification) else None
        return showing.under(course, result, own, self._certificate)

    def _reference(self) -> Calibration | None:
        """Return what tells newtons, with the zero; None where no zero is known."""
        known = self._zero_known or self._calibration.id != UNCALIBRATED.id
        return self._calibration if known else None
