"""What may have been reps: it was if there are others like it.

Of what is doubted two accounts may differ: one rep, or two, since a brake looks like a touch, and a
correction at the top like a turn. Where two are as long as a whole and one of them is one rep, both are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from station.signal.bout import Bout
from station.signal.closing import Draft
from station.signal.judging import REFUSED_ABOVE, heavier, odd, small
from station.signal.sequence import Ascent
from station.signal.standing import as_heavy, surely_lifted
from station.signal.view import View
from station.signal.watch import CLEAR_RISE_N

# Alike, in level and length; fewer are enough where one shows that hips have moved.
ALIKE_LEVEL = (0.88, 1.14)
ALIKE_LENGTH = (0.65, 1.55)
TOGETHER_S = 12.0  # from one to the next
ALIKE_MOVED, ALIKE_LEAST = 2, 3
ALIKE_ODD = 2, 4  # with and without hips that moved


@dataclass(frozen=True)
class Doubt:
    """A stretch that may have been reps."""

    drafts: tuple[Draft, ...]
    seconds: float
    moved: bool
    odds: float  # log odds of a lift against standing up; asked where it is as heavy

    def like(self, other: Doubt, *, sure: bool) -> bool:
        """Tell whether two are of one kind; if one is surely a lift, of one bout is enough."""
        level = other.drafts[0].level_n / self.drafts[0].level_n
        if sure:
            return 1.0 / REFUSED_ABOVE < level < REFUSED_ABOVE
        each_longer = other.seconds / len(other.drafts) * len(self.drafts) / self.seconds
        as_long = self.as_long(other.seconds) or _within(ALIKE_LENGTH, each_longer)
        return as_long and _within(ALIKE_LEVEL, level)

    def as_long(self, seconds: float) -> bool:
        """Tell whether a stretch of this length is as long as this one as a whole."""
        return _within(ALIKE_LENGTH, seconds / self.seconds)

    def as_one(self) -> Doubt:
        """Return it as one rep: what looked like a turn was none. Its lockout has to be found again."""
        first, last = self.drafts[0], self.drafts[-1]
        whole = replace(
            first,
            fall_frame=last.fall_frame,
            lockout_start_frame=None,
            lockout_end_frame=last.lockout_end_frame,
            after=last.after,
            after_n=last.after_n,
        )
        return replace(self, drafts=(whole,))


def company(this: Doubt, doubts: Sequence[Doubt], rate_hz: float, *, sure: bool) -> list[Doubt]:
    """Return the earlier ones that are like this one, oldest first: reps of a set follow one another."""
    found: list[Doubt] = []
    start = this.drafts[0].lift_frame
    for doubt in reversed(doubts):
        if start - doubt.drafts[-1].fall_frame > TOGETHER_S * rate_hz:
            break
        if doubt.like(this, sure=sure):
            one = len(this.drafts) == 1 < len(doubt.drafts) and this.as_long(doubt.seconds)
            found.append(doubt.as_one() if one else doubt)
            start = doubt.drafts[0].lift_frame
    return found[::-1]


def as_before(view: View, doubts: Sequence[Doubt]) -> View:
    """Return a stretch as one rep where a doubted one, as long and as heavy, was: its turn was none."""
    if len(view.ascents) < 2:
        return view
    for doubt in reversed(doubts):
        if view.origin - doubt.drafts[-1].fall_frame > TOGETHER_S * view.rate_hz:
            break
        alike = _within(ALIKE_LEVEL, doubt.drafts[0].level_n / view.level_n)
        if alike and len(doubt.drafts) == 1 and doubt.as_long(view.seconds):
            return replace(view, ascents=[Ascent(view.ascents[0].up, view.ascents[-1].down)])
    return view


def believed(bout: Bout, this: Doubt, view: View, alike: Sequence[Doubt]) -> bool:
    """Tell whether there are enough like it."""
    if as_heavy(view):
        return surely_lifted([doubt.odds for doubt in (*alike, this)], heavier=heavier(bout, view))
    some_moved = this.moved or any(doubt.moved for doubt in alike)
    if small(view):
        least = ALIKE_LEAST
    elif odd(view):
        least = ALIKE_ODD[0] if some_moved else ALIKE_ODD[1]
    else:
        least = ALIKE_MOVED if some_moved and view.rise_n > CLEAR_RISE_N else ALIKE_LEAST
    return len(alike) + 1 >= least


def _within(limits: tuple[float, float], ratio: float) -> bool:
    return limits[0] < ratio < limits[1]
