"""Where on the plate a known mass is put, and a picture of it in letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from station.conversions import Cell
from station.signal.model import Plate

Half = Literal["heel", "toe", "both"]
OUTER, INNER = 0.8, 0.4  # of the way from the plate's middle to a cell: the mass has to stand safely


@dataclass(frozen=True)
class Spot:
    """A marked place.

    word : its name for people and files
    half : which half carries the mass; "both" stands across the split
    lever : how far to the right, 1.0 above the right cell of its half
    """

    word: str
    half: Half
    lever: float

    def right_mm(self, plate: Plate) -> float:
        """Return how far right of the plate's middle it is."""
        return self.lever * half_spacing_mm(self.half, plate)

    @property
    def nearest(self) -> Cell | None:
        """The cell that carries most of the mass; None in the middle of a half or of the plate."""
        if self.half == "both" or self.lever == 0:
            return None
        return Cell(2 * (self.half == "toe") + (self.lever > 0))


def half_spacing_mm(half: Half, plate: Plate) -> float:
    """Return how far from the plate's middle the cells are; across the split, the mean of both halves."""
    heel, toe = plate.heel_spacing_mm / 2, plate.toe_spacing_mm / 2
    return heel if half == "heel" else toe if half == "toe" else (heel + toe) / 2


def _row(half: Half, levers: dict[str, float]) -> tuple[Spot, ...]:
    return tuple(Spot(f"{half}-{word}", half, lever) for word, lever in levers.items())


_FIVE = {"left": -OUTER, "right": OUTER}
_MORE = {"inner-left": -INNER, "inner-right": INNER, "centre": 0.0}
MIDDLE = Spot("middle", "both", 0.0)
FIVE: tuple[Spot, ...] = (*_row("heel", _FIVE), *_row("toe", _FIVE), MIDDLE)
GRID: tuple[Spot, ...] = (*FIVE, *_row("heel", _MORE), *_row("toe", _MORE))
# None of them was used for calibrating.
_NEW = {"outer-left": -0.6, "near-left": -0.2, "near-right": 0.2, "outer-right": 0.6}
NEW: tuple[Spot, ...] = (*_row("heel", _NEW), *_row("toe", _NEW))

_COLUMNS, _MIDDLE_COLUMN = 37, 18


def picture(spot: Spot, plate: Plate) -> list[str]:
    """Return the plate from above in letters, toes up, with a cross on the spot."""
    edge = "  +" + "-" * _COLUMNS + "+"
    toe = _line("toe", " ", plate), _line("toe", "o", plate)
    heel = _line("heel", "o", plate), _line("heel", " ", plate)
    rows = ["".join(row) for row in (*toe, ["-"] * _COLUMNS, *heel)]
    row = {"toe": 0, "both": 2, "heel": 4}[spot.half]
    column = _MIDDLE_COLUMN + round(spot.lever * _reach(spot.half, plate))
    rows[row] = rows[row][:column] + "X" + rows[row][column + 1 :]
    words = {0: "toe", 2: "split", 4: "heel"}
    drawn = [f"  |{text}| {words.get(number, '')}".rstrip() for number, text in enumerate(rows)]
    return [edge, *drawn, edge]


def _line(half: Half, mark: str, plate: Plate) -> list[str]:
    line = [" "] * _COLUMNS
    reach = _reach(half, plate)
    line[_MIDDLE_COLUMN - reach] = line[_MIDDLE_COLUMN + reach] = mark
    return line


def _reach(half: Half, plate: Plate) -> int:
    """Return how many columns from the middle the cells of a half are drawn."""
    widest = max(plate.heel_spacing_mm, plate.toe_spacing_mm) / 2
    return round(15 * half_spacing_mm(half, plate) / widest)
