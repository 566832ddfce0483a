"""Is it a lift? Failed pushes, objects, somebody who stands up: none of them is one.

In a bout the question is easy: the lift level is known. The first rep of a bout is believed if
hips have moved, which the force shows by their inertia, or if it is long and not as still as an
object; otherwise when there are others like it. What is as heavy as somebody who stands is for
`standing` to tell.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from station.signal.bout import Bout
from station.signal.movements import CALM
from station.signal.standing import SURE_ODDS, as_heavy, odds, repeated
from station.signal.view import SHORTEST_S, View
from station.signal.watch import CLEAR_RISE_N, RESTING_MOST_N

Verdict: TypeAlias = Literal["lift", "none", "doubt"]

# In a bout: more than so much of the way to its lift level, less than so many of it; and where somebody
# rests between reps, a stretch in which nothing moves lasts about as long as a rep.
REFUSED_BELOW, REFUSED_ABOVE = 0.77, 1.25
STILL_LENGTH = (0.4, 1.7)
# Where hips are flung up and dropped the foot is unloaded so soon; of the bout's usual length.
FLUNG_S, FLUNG_SHARE = 0.8, 0.6
FOOT_HALF_MM = 50.0  # half a foot's breadth: what presses farther aside is not the foot that rests there
ASIDE_MM = 25.0  # so far aside a foot that pushes seldom leans: a hand or a thing beside it may
# The first of a bout.
FIRST_RISE_N, FIRST_RISE_SHARE = 45.0, 0.55  # above rest, at least
SMALLEST_RISE_N = 25.0  # where hips have moved in several alike
FIRST_SHORTEST_S = 1.6  # a failed push is shorter, and hips hardly swing in it
SURE_EVIDENCE = 5.0
SURE_ASCENTS = 3  # in one stretch
SURE_TOUCHES = 5  # so many, one after the other, need show no inertia
LONG_S, LONG_RISE_N = (2.3, 12.0), 140.0  # or it is long, heavier than most objects, and not still
STILL, STILL_TREMOR = 0.012, 0.006
WILD_EVIDENCE, WILD_UNEVENNESS = 500.0, 0.42  # hips hardly swing so: several things, one after the other
PUSHED_S = 0.055, 1.0  # the load comes on in it: a thing that is put down is quicker
RESTED = 1.4  # times what the foot has rested with before: it may only have come back
RESTING_LEAST_N = 32.0  # below it a foot is only just being put down
# Push and brake of hips that are flung up.
SWINGING_EVIDENCE, SWINGING = 15.0, 0.29


def judged(bout: Bout, view: View) -> Verdict:
    """Tell whether a stretch is a lift: "doubt" until there is another like it."""
    if view.seconds < _shortest_s(bout, view) or view.aside_mm > FOOT_HALF_MM:
        return "none"
    if bout.lift_n is not None and not heavier(bout, view):
        return "lift" if _fits(bout, bout.lift_n, view) else "none"
    short = view.seconds < FIRST_SHORTEST_S
    if short and not _swings(view):
        return "none"
    if small(view):
        return "doubt" if view.rise_n > SMALLEST_RISE_N and view.evidence > SURE_EVIDENCE else "none"
    if short or odd(view) or bout.lift_n is not None:
        return "doubt"
    clear = view.rise_n > CLEAR_RISE_N and moved(view)
    return "lift" if _several(view) or clear or _long(view) else "doubt"


def _shortest_s(bout: Bout, view: View) -> float:
    """Return how long hips are off the floor at least: less where they swing, as this bout's do."""
    if not _swings(view):
        return SHORTEST_S
    return min(max(FLUNG_S, FLUNG_SHARE * (bout.length_s or 0.0)), SHORTEST_S)


def small(view: View) -> bool:
    """Tell whether it rises so little that others like it have to confirm it, though hips have moved."""
    return view.rise_n < max(FIRST_RISE_N, FIRST_RISE_SHARE * view.base_n)


def odd(view: View) -> bool:
    """Tell whether it is more like a foot that comes back, a thing, or several things, than like a lift."""
    if view.push_s < PUSHED_S[0] or view.push_s > PUSHED_S[1] or view.level_n < RESTED * view.rested_n:
        return True
    coming_back = view.base_n < RESTING_LEAST_N and view.level_n < RESTING_MOST_N
    if (coming_back or view.aside_mm > ASIDE_MM) and not _several(view):
        return True
    return view.evidence > WILD_EVIDENCE or view.unevenness > WILD_UNEVENNESS


def _several(view: View) -> bool:
    """Tell whether there are so many ascents that it was no chance."""
    if len(view.ascents) < SURE_ASCENTS:
        return False
    if view.rise_n > CLEAR_RISE_N:
        return not as_heavy(view) or repeated(view)
    touched = len(view.ascents) >= SURE_TOUCHES and all(a.turn == "touch" for a in view.ascents[:-1])
    return (touched or view.evidence > SURE_EVIDENCE) and view.tremor < CALM  # as a resting foot may rise


def heavier(bout: Bout, view: View) -> bool:
    """Tell whether it is too heavy for this bout: if there are more, what was taken for its reps was none."""
    return bout.lift_n is not None and view.level_n >= REFUSED_ABOVE * bout.lift_n


def _long(view: View) -> bool:
    """Tell whether it lasted and was no object that lies still."""
    if not LONG_S[0] < view.seconds < LONG_S[1] or view.rise_n <= LONG_RISE_N or as_heavy(view):
        return False
    return view.unevenness > STILL and view.tremor > STILL_TREMOR


def _fits(bout: Bout, lift_n: float, view: View) -> bool:
    """Tell whether a stretch is like this bout's reps."""
    if view.level_n <= view.base_n + REFUSED_BELOW * (lift_n - view.base_n):
        return False
    if view.evidence > 0.0 or len(view.ascents) > 1 or bout.length_s is None or not bout.dead_stop:
        return True
    least, most = STILL_LENGTH
    return least * bout.length_s < view.seconds < most * bout.length_s


def moved(view: View) -> bool:
    """Tell whether hips went up, and not somebody who may as well have stood up."""
    if odd(view):
        return False
    if as_heavy(view):
        return odds(view) > SURE_ODDS and view.evidence > 0.0
    turned = len(view.ascents) > 1 and (view.evidence > 0.0 or _touches(view))
    return view.evidence > SURE_EVIDENCE or turned


def _touches(view: View) -> bool:
    return any(ascent.turn == "touch" for ascent in view.ascents)


def _swings(view: View) -> bool:
    """Tell whether the load was pushed and braked as only hips are that go up."""
    return view.evidence > SWINGING_EVIDENCE and view.swing > SWINGING
