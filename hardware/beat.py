"""How a chip's beat is found: edges that are surely so many conversions apart, or nothing.

A host that is away for conversions at a time sees steps that are all of several, and would take two
or three periods for one: the proof of a frame by the chip's silence would then prove nothing.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from itertools import pairwise

EDGES = 4  # three intervals in a row that agree
SPREAD = 0.12  # of a period: by how much they may differ, and how wide an edge may be
PROMPT = 0.3  # of a step: read so soon after one edge, the next edge is that of the next conversion
HIDES_ONE = 0.45  # of a step: unwatched for longer, a line may have been low and high again
ONE_OR_TWO = ((1, 0.8, 1.25), (2, 1.6, 2.5))  # conversions that a step of so many nominal periods is of
CERTAIN = 0.25  # of a period: known less well, a conversion's number is a guess
FASTEST_NS, SLOWEST_NS = 2_500_000, 140_000_000  # 400 SPS … 7 SPS


@dataclass(frozen=True)
class Edge:
    """DOUT fell after `lo_ns` and by `hi_ns`."""

    lo_ns: int
    hi_ns: int

    @property
    def width_ns(self) -> int:
        """How much is not known of it."""
        return self.hi_ns - self.lo_ns

    @property
    def middle_ns(self) -> int:
        """The likeliest moment."""
        return (self.lo_ns + self.hi_ns) // 2


@dataclass
class _Seen:
    """A narrow edge.

    number : the how manieth of all edges it is
    read_ns : when the conversion was read that it told of
    unwatched_ns : the longest time without a look since
    """

    number: int
    edge: Edge
    read_ns: float = math.inf
    unwatched_ns: int = 0


class BeatSearch:
    """Takes edges until some of them tell the beat.

    Parameters
    ----------
    nominal_ns : the period that the chip is set to; it may have quite another

    """

    def __init__(self, nominal_ns: float) -> None:
        self._nominal_ns = nominal_ns
        self.last_edge: Edge | None = None
        self._count = 0  # of edges, narrow or not
        self._narrow: deque[_Seen] = deque(maxlen=EDGES)

    def observe(self, edge: Edge) -> list[tuple[int, Edge]] | None:
        """Take one more edge; return the conversions of the beat, by number from 0, once it is found."""
        self.last_edge = edge
        self._count += 1
        if edge.width_ns >= SPREAD * self._nominal_ns:
            return None
        self._narrow.append(_Seen(self._count, edge))
        return self._beat() if len(self._narrow) == EDGES else None

    def was_read(self, t_ns: float) -> None:
        """Note when the conversion was read that was seen last."""
        if self._narrow and self._narrow[-1].number == self._count:
            self._narrow[-1].read_ns = t_ns

    def was_unwatched(self, length_ns: int) -> None:
        """Note that nobody looked for so long."""
        if self._narrow:
            self._narrow[-1].unwatched_ns = max(self._narrow[-1].unwatched_ns, length_ns)

    def may_be_reset(self) -> None:
        """Forget what was seen: the chip may have another beat from here on."""
        self._narrow.clear()

    def _beat(self) -> list[tuple[int, Edge]] | None:
        widest_ns = max(seen.edge.width_ns for seen in self._narrow)
        period_ns = self._first_guess_ns()
        if not FASTEST_NS <= period_ns <= SLOWEST_NS or widest_ns > SPREAD * period_ns:
            return None
        found = [(0, self._narrow[0].edge)]
        for a, b in pairwise(self._narrow):
            step = (b.edge.middle_ns - a.edge.middle_ns) / period_ns
            n = round(step)
            if n < b.number - a.number or abs(step - n) > SPREAD or n * widest_ns > CERTAIN * period_ns:
                return None
            found.append((found[-1][0] + n, b.edge))
        return found

    def _first_guess_ns(self) -> float:
        """Return a step that is surely of one conversion, or by the chip's setting of one or two; else 0.

        What is read soon after it was ready leaves the line high until the next conversion; whoever
        looks meanwhile sees whether that was the one of the next edge.
        """
        guess_ns = 0.0
        for a, b in pairwise(self._narrow):
            step_ns = b.edge.middle_ns - a.edge.middle_ns
            prompt = a.read_ns - a.edge.lo_ns < PROMPT * step_ns and a.unwatched_ns < HIDES_ONE * step_ns
            if prompt and b.number == a.number + 1:
                return step_ns
            for n, least, most in ONE_OR_TWO:
                if least * self._nominal_ns < step_ns < most * self._nominal_ns:
                    guess_ns = step_ns / n
        return guess_ns
