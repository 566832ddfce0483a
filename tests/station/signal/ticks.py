"""Forces shown tick by tick to what the ring is made of, as shares of the level at the top."""

from __future__ import annotations

from typing import Protocol, Self, TypeVar

LEVEL_N = 250.0
TICK_HZ = 25.0


class Seeing(Protocol):
    def seen(self, force_n: float, level_n: float, /) -> Self: ...


T = TypeVar("T", bound=Seeing)


def seen(part: T, *shares: float) -> T:
    for share in shares:
        part = part.seen(share * LEVEL_N, LEVEL_N)
    return part
