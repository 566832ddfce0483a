"""What the records of a step say; pure: no clock, screen or file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from station.conversions import Calibration, Cell, Kind, Records, Status
from station.health import name
from station.signal.model import F64

STANDARD_GRAVITY = 9.80665
# Counts of all cells together, above the empty plate: 1.4 kg on a usual cell of 50 or 100 kg.
LOADED_COUNTS = 60_000.0
CLEARLY = 1.5  # times as much as any other cell: the one that was pressed
ENDS_S = 5.0  # at either end of a load that lies: what creep is told from
TAP_NOISES = 8.0  # times the noise: a tap, not a tremble
TAP_AROUND_NS = 700_000_000


def good(records: Records) -> Records:
    """Return the conversions that are claimed true."""
    found: Records = records[(records["kind"] == Kind.CONVERSION) & (records["status"] == Status.OK)]
    return found


def levels(records: Records) -> F64:
    """Return the median count of each cell, shape (4,); nan where a cell gave nothing."""
    mine = good(records)
    by_cell = [mine["count"][mine["cell"] == cell] for cell in Cell]
    return np.array([float(np.median(counts)) if len(counts) else np.nan for counts in by_cell])


def load_counts(records: Records, zero: F64) -> float:
    """Return how much lies on the plate, counts of all cells together; nothing is known to be nothing."""
    return float(np.nansum(np.abs(levels(records) - zero)))


# --- corners ---


@dataclass(frozen=True)
class Press:
    """What was felt while a corner was pressed.

    corner : the one that was asked for
    answered : the cell that felt most; None where none did so clearly
    upwards : whether its counts rose
    counts : of each cell, above the empty plate
    """

    corner: Cell
    answered: Cell | None
    upwards: bool
    counts: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "corner": self.corner.word,
            "answered": None if self.answered is None else self.answered.word,
            "upwards": self.upwards,
            "counts": dict(zip((cell.word for cell in Cell), self.counts, strict=True)),
        }


def press(corner: Cell, above: F64) -> Press:
    """Return what pressing a corner showed; `above` are counts above the empty plate, shape (4,)."""
    above = np.nan_to_num(above)
    order = np.argsort(np.abs(above))
    most, next_to_it = abs(above[order[-1]]), abs(above[order[-2]])
    clear = most >= LOADED_COUNTS / 2 and most >= CLEARLY * next_to_it
    answered = Cell(int(order[-1])) if clear else None
    return Press(corner, answered, bool(above[order[-1]] > 0), tuple(above.round().tolist()))


def wiring(presses: Iterable[Press]) -> list[str]:
    """Return what is wrong with the wires, each with its cure; none where all is right."""
    presses = list(presses)
    by_corner = {one.corner: one for one in presses}
    wrong: list[str] = []
    for one in presses:
        corner, cell = name(one.corner), one.answered
        if cell is None:
            wrong.append(f"Pressing {corner}, no cell answered clearly: check the {corner} cell's wires.")
            continue
        back = by_corner.get(cell)
        if cell != one.corner and back is not None and back.answered == one.corner:
            if one.corner < cell:
                wrong.append(
                    f"{corner} and {name(cell)} are SWAPPED: swap their plugs, or their pins in the config."
                )
        elif cell != one.corner:
            wrong.append(f"Pressing {corner}, the {name(cell)} cell answered: its plug is elsewhere.")
        if not one.upwards:
            wrong.append(f"The {name(cell)} cell feels DOWNWARDS: swap its green and white wires.")
    return wrong


# --- masses ---


def force_n(above: F64, calibration: Calibration) -> F64:
    """Return the forces on the cells, shape (4,), N, from counts above the empty plate."""
    unmix = np.eye(4) if calibration.unmix is None else np.array(calibration.unmix)
    return np.asarray(unmix @ (above * np.array(calibration.newtons_per_count)))


def weighed(above: F64, mass_kg: float, calibration: Calibration | None) -> dict[str, Any]:
    """Return what a known mass on the plate shows: newtons where calibrated, counts in any case."""
    total = float(above.sum())
    found: dict[str, Any] = {
        "mass_kg": mass_kg,
        "counts": _by_cell(above),
        "counts_per_kg": round(total / mass_kg, 1),
        "heel_share_of_counts": _share(above),
    }
    if calibration is not None:
        forces = force_n(above, calibration)
        weight_n = mass_kg * STANDARD_GRAVITY
        shown_n = float(forces.sum())
        found |= {
            "weight_n": round(weight_n, 2),
            "shown_n": round(shown_n, 2),
            "error_percent": round(100 * (shown_n / weight_n - 1), 2),
            "heel_share": _share(forces),
        }
    return found


def creep(records: Records, zero: F64, calibration: Calibration | None) -> dict[str, Any]:
    """Return by how much a load that lies seems to grow from the first seconds to the last."""
    mine = good(records)
    t_s = mine["t_ns"] / 1e9
    first, last = mine[t_s < t_s.min() + ENDS_S], mine[t_s > t_s.max() - ENDS_S]
    before, after = (levels(part) - zero for part in (first, last))
    found: dict[str, Any] = {
        "seconds": round(float(t_s.max() - t_s.min()) - ENDS_S, 1),
        "percent": round(100 * float(after.sum() / before.sum() - 1), 3),
        "counts": _by_cell(after - before),
    }
    if calibration is not None:
        found["newtons"] = round(float(force_n(after - before, calibration).sum()), 3)
    return found


def drift(before: F64, after: F64, seconds: float, calibration: Calibration | None) -> dict[str, Any]:
    """Return how far the zero went in a time."""
    found: dict[str, Any] = {"minutes": round(seconds / 60, 2), "counts": _by_cell(after - before)}
    if calibration is not None:
        gone_n = float(force_n(after - before, calibration).sum())
        found |= {"newtons": round(gone_n, 2), "newtons_per_minute": round(gone_n / seconds * 60, 3)}
    return found


# --- taps ---


def tap_delay_ms(records: Records, pressed_ns: int) -> float | None:
    """Return how much later than the key a tap shows, ms; None where none shows.

    It is where the cell that felt it most first reaches half of its height.
    """
    mine = good(records)
    mine = mine[np.abs(mine["t_ns"] - pressed_ns) < TAP_AROUND_NS]
    best_height, delay_ms = 0.0, None
    for cell in Cell:
        rows = mine[mine["cell"] == cell]
        if len(rows) < 10:
            continue
        away = np.abs(rows["count"] - np.median(rows["count"]))
        noise = float(np.median(away))
        high = np.flatnonzero((away > away.max() / 2) & (away > TAP_NOISES * max(noise, 1.0)))
        if len(high) and away.max() > best_height:
            best_height = float(away.max())
            delay_ms = float(rows["t_ns"][high[0]] - pressed_ns) / 1e6
    return delay_ms


def taps(delays_ms: Sequence[float | None]) -> dict[str, Any]:
    """Return several taps in a few numbers."""
    known = [delay for delay in delays_ms if delay is not None]
    middle = round(float(np.median(known)), 1) if known else None
    return {"delays_ms": [None if d is None else round(d, 1) for d in delays_ms], "median_ms": middle}


def _by_cell(values: F64) -> dict[str, float]:
    return {cell.word: round(float(values[cell]), 1) for cell in Cell}


def _share(values: F64) -> float | None:
    total = float(values.sum())
    return round(float(values[:2].sum()) / total, 4) if total else None


def compared(counted_aloud: int | None, told: Mapping[str, Any]) -> str:
    """Say whether a person and the station counted alike."""
    seen = told["counted"]
    if counted_aloud is None:
        return f"the station counted {seen}."
    alike = "" if seen == counted_aloud else ": NOT ALIKE"
    return f"you counted {counted_aloud}, the station {seen}{alike}."
