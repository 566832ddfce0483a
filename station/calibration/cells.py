"""What load cells of a class may err by, after OIML R 60-1:2017, table 4 and 5.4 to 5.6.

A cell of class C3 has n = 3 000 verification intervals, v = capacity / n. Its error at a load of m
intervals may be 0.35 v up to 500, 0.7 v up to 2 000 and 1.05 v beyond (apportioning factor 0.7); creep
within 30 minutes 0.7 of that, the return of zero 0.5 v.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from station.errors import UserError

STEPS = {"A": (50_000, 200_000), "B": (5_000, 20_000), "C": (500, 2_000), "D": (50, 200)}  # intervals
ERRORS = (0.35, 0.7, 1.05)  # of an interval
CREEP_SHARE = 0.7  # of the permissible error
RETURN = 0.5  # of an interval


@dataclass(frozen=True)
class CellClass:
    """A class such as C3, and the capacity of one cell."""

    word: str
    capacity_kg: float

    @classmethod
    def of(cls, word: str, capacity_kg: float) -> CellClass:
        """Read a class.

        Raises
        ------
        UserError : there is no such class

        """
        if not re.fullmatch(r"[ABCD][1-9]\d{0,2}(\.\d)?", word.upper()):
            raise UserError(f"{word!r} is no class of load cells: write it as in its data sheet, such as C3.")
        return cls(word.upper(), capacity_kg)

    @property
    def interval_kg(self) -> float:
        """The verification interval v."""
        return self.capacity_kg / (1000 * float(self.word[1:]))

    def permissible_kg(self, load_kg: float) -> float:
        """Return by how much one cell may err at a load."""
        low, high = STEPS[self.word[0]]
        intervals = abs(load_kg) / self.interval_kg
        return ERRORS[int(intervals > low) + int(intervals > high)] * self.interval_kg
