"""What the page sees of calibrating: one procedure at a time, what is kept, and certificates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from station.calibration.certificate import Certificate

Kind = Literal["calibration", "verification"]
More = Literal["one", "grid"]
StepKind = Literal["empty", "put", "leave"]
PUT: StepKind = "put"
LEAVE: StepKind = "leave"


@dataclass(frozen=True)
class Gate:
    """One thing that has to be so before a reading is taken.

    word : what; "felt" has to reach its limit, the others must not pass theirs
    value : in `unit`, None while it is not known
    """

    word: Literal["load", "felt", "still", "noise"]
    value: float | None
    limit: float
    unit: str
    open: bool


@dataclass(frozen=True)
class Plate:
    """The plate at this moment.

    load_n : on it, above the newest zero; None while no zero is known
    cells_n : the same of each cell
    still_s : for how long nothing has moved; `calm_s` are asked for
    drift_n_per_min : of the zero over the last minutes, None before a second one
    wrong : why nothing can be read, such as a dead cell; "" where all is well
    """

    load_n: float | None
    cells_n: tuple[float, float, float, float] | None
    gates: tuple[Gate, ...]
    still_s: float
    calm_s: float
    drift_n_per_min: float | None
    wrong: str


@dataclass(frozen=True)
class Step:
    """What is to be done, in a sentence, and in words where; `right_mm` of the plate's middle.

    For the empty plate all that follows `where` is None.
    """

    kind: StepKind
    text: str
    where: str
    mass_kg: float | None = None
    spot: str | None = None
    half: str | None = None
    right_mm: float | None = None


@dataclass(frozen=True)
class Reading:
    """What came of one reading: taken, or refused for the reason in `text`."""

    step: Step
    well: bool
    text: str
    felt_n: float | None


@dataclass(frozen=True)
class Expected:
    """Standard errors to be expected under a foot, the masses' own error apart."""

    force_percent: float
    heel_points: float
    right_mm: float


@dataclass(frozen=True)
class Missed:
    """By how much the placements are missed, RMS."""

    force_percent: float
    right_mm: float


@dataclass(frozen=True)
class Result:
    """What the placements so far are worth; `record` and `model` are those of `station.calibration.report`.

    residuals : of the placements that it was made from; held_out : of each as all others predict it
    now : the errors to be expected; one, grid : with one more placement, with the whole grid
    """

    record: dict[str, Any]
    counts_per_n: tuple[float, float, float, float]
    model: tuple[str, ...]
    residuals: Missed | None
    held_out: Missed | None
    now: Expected
    one: Expected
    one_spot: str
    one_mass_kg: float
    grid: Expected


@dataclass(frozen=True)
class Under:
    """A procedure that is under way, or just over.

    turn : rises with everything that happens; a command names the one it was given for
    asks_empty : a person may say that nothing lies on the plate
    creep_s : for how long a mass has been left, where it is to be left
    ended : why it can't go on; "" where it can
    """

    kind: Kind
    turn: int
    masses_kg: tuple[float, ...]
    step: Step | None
    done: int
    of: int
    left_s: float
    placed: bool
    asks_empty: bool
    creep_s: float | None
    readings: tuple[Reading, ...]
    refusal: str
    ended: str
    working: bool
    result: Result | None
    certificate: str | None  # id of the calibration that was verified
    verdict: str


@dataclass(frozen=True)
class Status:
    """All that the page shows of one moment.

    why_not : why no procedure can begin now, None where one can
    said : how the last procedure ended, "" where one is under way
    calibration_id, calibration : the one in force, and how it was made
    helped : simulated masses are put down by themselves
    spacings_mm : between the left and right cell of the heel half, and of the toe half
    """

    simulated: bool
    helped: bool
    why_not: str | None
    said: str
    spacings_mm: tuple[float, float]
    calibration_id: str
    calibration: str
    calibrated: bool
    plate: Plate
    under: Under | None


@dataclass(frozen=True)
class Kept:
    """A calibration that is kept; `verdict` and `verified`, a day, of its newest certificate, or ""."""

    id: str
    made: str
    chips: str
    simulated: bool
    expected: Expected | None
    in_use: bool
    verdict: str
    verified: str


class Calibrating(Protocol):
    """The guided procedures, as the page asks for them; any thread may."""

    def status(self) -> Status:
        """Return how all is at this moment."""
        ...

    def begin(self, masses_kg: Sequence[float], *, grid: bool, placing_mm: float) -> Status:
        """Begin a calibration.

        Raises
        ------
        CommandRefused, UserError : it can't be done now, or not with these masses
        """
        ...

    def begin_verifying(self, mass_kg: float, placing_mm: float, cells: str, capacity_kg: float) -> Status:
        """Begin a verification; `cells` is the class of the load cells, "" for none; raises as `begin`."""
        ...

    def measure(self, turn: int, *, empty: bool) -> Status:
        """Measure now; `empty` is a person's word that nothing lies on the plate; raises CommandRefused."""
        ...

    def redo(self, turn: int) -> Status:
        """Have the newest mass measured anew; raises as `begin`."""
        ...

    def more(self, turn: int, what: More) -> Status:
        """Add a placement, or the rest of the grid; raises as `begin`."""
        ...

    def keep(self, turn: int) -> Status:
        """Keep the result, and use it where the source brings no calibration; raises as `begin`."""
        ...

    def stop(self) -> Status:
        """End what is under way; nothing of it is kept. Nothing happens where nothing is."""
        ...

    def kept(self) -> list[Kept]:
        """Return the calibrations that are kept, newest first."""
        ...

    def body(self, calibration: str) -> dict[str, Any]:
        """Return a kept calibration with its record; raises LookupError."""
        ...

    def use(self, calibration: str) -> Status:
        """Use another calibration that is kept; raises LookupError and CommandRefused."""
        ...

    def certificate(self, calibration: str) -> Certificate:
        """Return the newest certificate of a calibration; raises LookupError."""
        ...
