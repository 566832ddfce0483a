"""What people correct in a set: kept beside what the station saw, and undone by taking the word back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, get_args

from station.coach.cues import Pressed
from station.coach.rules import Judged

Correction: TypeAlias = Literal["removed", "off_target", "added"] | Pressed
ADDED: Correction = "added"  # a rep that the station missed; its id is below 0
# Of a rep that the station saw.
CORRECTIONS: tuple[Correction, ...] = ("removed", "off_target", *get_args(Pressed))
NOT_ON_TARGET: frozenset[Correction] = frozenset({"removed", "off_target"})

ByHand: TypeAlias = Mapping[int, Correction]  # by rep id


def count(counted: int, by_hand: ByHand) -> int:
    """Return how many reps a set has, of which the station counted `counted`."""
    words = list(by_hand.values())
    return counted - words.count("removed") + words.count(ADDED)


def on_target(judged: Iterable[Judged], by_hand: ByHand) -> int:
    """Return how many reps were on target and are not taken back; nothing was measured of an added one."""
    return sum(one.on_target is True and by_hand.get(one.rep_id) not in NOT_ON_TARGET for one in judged)
