"""The words of the signal core: what goes into the fold and what comes out.

Times are CLOCK_MONOTONIC in ns at which the *force acted*: the converter's filter delay
(`Params.filter_delay_s`) is taken off once, where conversions enter the time base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from station.conversions import Calibration, Records

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]

Style = Literal["dead_stop", "touch", "hover"]
Phase = Literal["off", "rest", "push", "up", "hold", "down"]
COURSE_PARTS = 10  # of a rep's heel share through time
BOUNDARIES = ("push_start", "lift_off", "lockout_start", "lockout_end", "touchdown", "rest")


@dataclass(frozen=True)
class Plate:
    """The split plate's geometry: what turns shares into a mediolateral position."""

    heel_spacing_mm: float = 200.0  # between the left and right cell of the heel half
    toe_spacing_mm: float = 200.0


@dataclass(frozen=True)
class Params:
    """Everything the core is told and does not find out: stored with every session."""

    calibration: Calibration
    nominal_rate_hz: float = 80.0
    frame_rate_hz: float = 100.0
    filter_delay_s: float = 0.0
    plate: Plate = field(default_factory=Plate)
    load_floor_n: float = 30.0  # below it a heel share is not printed


@dataclass(frozen=True)
class Zero:
    """A mark: from here on these counts are an empty plate."""

    zero_count: tuple[float, float, float, float]


@dataclass(frozen=True)
class SetStart:
    """A mark: a set begins; what was learnt of the last bout is forgotten."""


@dataclass(frozen=True)
class SetEnd:
    """A mark: the set is over."""


Mark: TypeAlias = Zero | SetStart | SetEnd
# The ordered log that the core folds: arrays of RECORD, and marks between them.
LogBlock: TypeAlias = Sequence[Records | Mark]


@dataclass(frozen=True)
class Frames:
    """Uniform frames: all four cells on one time base.

    t_ns : shape (n,), multiples of the frame period
    force_n : shape (n, 4), N per `Cell`; nan where a cell has a gap
    total_n : shape (n,), N; nan where any cell is missing
    heel_share : shape (n,), 0…1; nan below the load floor or in a gap
    """

    t_ns: I64
    force_n: F64
    total_n: F64
    heel_share: F64

    def __len__(self) -> int:
        return len(self.t_ns)


@dataclass(frozen=True)
class Measures:
    """The numbers of one rep; None where they can't be told. `station.definitions` defines them."""

    peak_n: float | None = None
    mean_n: float | None = None
    plateau_n: float | None = None
    impulse_n_s: float | None = None
    overshoot: float | None = None
    landing_n_per_s: float | None = None
    rfd_0_200_n_per_s: float | None = None
    rfd_0_250_n_per_s: float | None = None
    heel_share: float | None = None
    heel_share_course: tuple[float | None, ...] = (None,) * COURSE_PARTS
    heel_share_sd: float | None = None
    heel_lift_s: float | None = None
    toe_lift_s: float | None = None
    cop_ml_mm: float | None = None
    sway_ml_mm: float | None = None
    steadiness: float | None = None
    valid_fraction: float = 0.0


@dataclass(frozen=True)
class Rep:
    """One repetition, closed: it never changes again.

    Boundaries are ns, or None where not known; `uncertainty_s` maps a boundary's name to the
    half width of its 90 % interval, or None where that can't be told.
    """

    id: int  # as announced by RepCounted
    style: Style
    confidence: Literal["measured", "estimated"]
    push_start_ns: int | None
    lift_off_ns: int | None
    lockout_start_ns: int | None
    lockout_end_ns: int | None
    touchdown_ns: int | None
    rest_ns: int | None
    measures: Measures
    complete: bool
    uncertainty_s: dict[str, float | None]

    @property
    def up_s(self) -> float | None:
        """The way up, lift_off to lockout_start."""
        return _between_s(self.lift_off_ns, self.lockout_start_ns)

    @property
    def hold_s(self) -> float | None:
        """The top, lockout_start to lockout_end."""
        return _between_s(self.lockout_start_ns, self.lockout_end_ns)

    @property
    def down_s(self) -> float | None:
        """The way down, lockout_end to touchdown."""
        return _between_s(self.lockout_end_ns, self.touchdown_ns)


def _between_s(start_ns: int | None, end_ns: int | None) -> float | None:
    return None if start_ns is None or end_ns is None else (end_ns - start_ns) / 1e9


@dataclass(frozen=True)
class RepCounted:
    """A rep has just ended, provisionally: `t_ns` is the touchdown as seen live."""

    id: int
    t_ns: int
    decided_ns: int  # the frame at which it could be said


@dataclass(frozen=True)
class RepWithdrawn:
    """A counted rep turned out to be none."""

    id: int
    decided_ns: int


@dataclass(frozen=True)
class RepClosed:
    """A rep with its final boundaries: within 3 s of its touchdown, unless it had been doubted."""

    rep: Rep
    decided_ns: int


Event: TypeAlias = RepCounted | RepWithdrawn | RepClosed


@dataclass(frozen=True)
class Live:
    """What the newest frame says: for the screen, never for the record."""

    t_ns: int | None  # of the newest frame
    phase: Phase
    phase_since_ns: int | None
    total_n: float | None
    heel_share: float | None
    force_n: tuple[float | None, float | None, float | None, float | None]
    counted: int  # reps counted, less those withdrawn, since the last SetStart or SetEnd
    quiet_zero_count: (
        tuple[float, float, float, float] | None
    )  # mean counts, while the load has been still for 1 s
    silent: tuple[bool, bool, bool, bool]  # cells that give nothing while others do


@dataclass(frozen=True)
class Result:
    """The whole fold of a recording."""

    frames: Frames
    events: list[Event]

    @property
    def reps(self) -> list[Rep]:
        """The closed reps, in order."""
        return [e.rep for e in self.events if isinstance(e, RepClosed)]
