"""What came of each step: as JSON, and as text for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from station.firstplate.checklist import STEPS, Step

FORMAT = "heeldrive-firstplate/1"
State: TypeAlias = Literal["done", "skipped", "broken_off", "failed", "not_reached"]
STATE_WORDS: dict[State, str] = {
    "done": "done",
    "skipped": "skipped",
    "broken_off": "broken off here",
    "failed": "failed",
    "not_reached": "not reached",
}
SIMULATED = "SIMULATED: no plate was there, and nothing here says anything about one."


@dataclass
class Entry:
    """One step: how far it came, what was found, and what the person was told of it."""

    step: Step
    state: State = "not_reached"
    found: dict[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


@dataclass
class Findings:
    """All steps, with the facts that hold for the whole.

    facts : version, time of day, source, calibration
    clean : takes names out of a text
    """

    facts: dict[str, Any]
    simulated: bool
    clean: Callable[[str], str]
    entries: list[Entry] = field(default_factory=lambda: [Entry(step) for step in STEPS])

    @property
    def complete(self) -> bool:
        """Whether every step was done or skipped."""
        return all(entry.state in ("done", "skipped", "failed") for entry in self.entries)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values, as docs/FIRSTPLATE.md has them."""
        return {
            "format": FORMAT,
            "simulated": self.simulated,
            "complete": self.complete,
            **self.facts,
            "steps": {
                entry.step.word: {"state": entry.state, **_cleaned(entry.found, self.clean)}
                for entry in self.entries
            },
        }

    def text(self) -> str:
        """Return the same for people."""
        lines = ["The first fifteen minutes with a plate", *([SIMULATED] if self.simulated else [])]
        for number, entry in enumerate(self.entries, start=1):
            lines += ["", f"{number}. {entry.step.title}: {STATE_WORDS[entry.state]}"]
            lines += [f"   {line}" for line in entry.told]
        return self.clean("\n".join(lines)) + "\n"


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    """Return a JSON value with every text cleaned; keys are our own words."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(one, clean) for key, one in value.items()}
    return [_cleaned(one, clean) for one in value] if isinstance(value, list | tuple) else value
