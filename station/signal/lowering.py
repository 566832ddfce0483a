"""The way down, live: for the ring that counts the hold, never for the record.

Its beginning takes a few hundredths off the force for a moment, which a body that holds still does
too. What shows is the brake: near the middle of the way the force goes above what it was at the top,
and stays there. The way down began about half of its usual time before. Many brake too gently for
it, or only on the floor: then the hold runs on until the landing. Hips that turn in the air, or
never came down, are at the top again when the force is what it was there, for a while.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

BRAKES = 0.05  # above the level: bodies that hold still stay below
BRAKE_TICKS = 5
USUAL_S = 1.4  # of a way down, while nobody knows
GONE = 0.45  # of the way down, when its brake has lasted so long
CALM = 0.08  # about the level
CALM_TICKS = 12


@dataclass(frozen=True)
class Lowering:
    """Hips at the top, or on their way down, so far; forces in N, times in ticks.

    usual_s : how long this person's way down takes, or None while unknown
    level_n : the force at the top, as far as it is known
    held, braked, down, calm : ticks at the top, of the brake, since the way down began, at the top's force
    """

    tick_hz: float = 25.0
    usual_s: float | None = None
    level_n: float = 0.0
    sum_n: float = 0.0
    held: int = 0
    braked: int = 0
    down: int = 0
    calm: int = 0

    def seen(self, force_n: float, top_n: float | None) -> Lowering:
        """Take in the next tick; top_n : the bout's force at lockout, or None while unknown."""
        if self.down:
            calm = self.calm + 1 if abs(force_n - self.level_n) < CALM * self.level_n else 0
            return replace(self, down=self.down + 1, calm=calm)
        held, sum_n = self.held + 1, self.sum_n + force_n
        level_n = max(sum_n / held, top_n or 0.0)
        braked = self.braked + 1 if force_n > (1.0 + BRAKES) * level_n else 0
        down = min(round(GONE * self._usual), held) if braked >= BRAKE_TICKS else 0
        return Lowering(self.tick_hz, self.usual_s, level_n, sum_n, held, braked, down)

    def falling(self) -> Lowering:
        """Take a fall of the force, where no brake has shown, for the landing that it mostly is."""
        return replace(self, down=1)

    @property
    def gone(self) -> float | None:
        """The share of the time since the lockout that was the way down already, None while none shows."""
        return self.down / self.held if self.down else None

    @property
    def at_top(self) -> bool:
        """Whether hips that came down are at the top again."""
        return self.calm >= CALM_TICKS

    @property
    def turned(self) -> bool:
        """Whether they were on their way for as long as a way down takes, and so turned at the bottom."""
        return self.down - self.calm >= self._usual

    @property
    def _usual(self) -> float:
        return (USUAL_S if self.usual_s is None else self.usual_s) * self.tick_hz
