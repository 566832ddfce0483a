"""The steps of the first fifteen minutes: the one place that knows them."""

from __future__ import annotations

from dataclasses import dataclass

REPS = 5  # asked for in each set
STYLES = {"dead_stop": "dead stop", "touch": "touch and go", "hover": "hover"}
HOW = {
    "dead_stop": "let the hips rest on the floor for a beat between reps",
    "touch": "let the hips only touch the floor between reps",
    "hover": "let the hips never touch the floor between reps",
}


@dataclass(frozen=True)
class Step:
    """One step.

    word : for files; `title` and `how` for people
    minutes : about how long it takes
    """

    word: str
    minutes: int
    title: str
    how: str


STEPS = (
    Step("parts", 1, "Parts", "say which cells, amplifiers and plate these are."),
    Step("empty", 2, "Empty plate", "a minute of peace: rate, noise, what is lost, the zero, the machine."),
    Step("corners", 2, "Corners", "press each corner in turn: which cell answers, and upwards?"),
    Step("mass", 3, "A known mass", "on the heel half, the toe half, the middle, and a minute there: creep."),
    Step("sets", 5, "Three sets", "one of each style, reps counted aloud: the first labelled recording."),
    Step("tap", 1, "Taps", "five taps, Enter pressed at the same moment: how late the data are. Optional."),
    Step("zero", 1, "Empty plate again", "how far the zero went meanwhile."),
)
