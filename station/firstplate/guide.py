"""A person is led through the checklist; what was found is kept after every step."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from station.calibration.reading import READ_S, Reading, Refusal, reading
from station.checkup import Checkup
from station.conversions import Calibration, Records
from station.firstplate import judge
from station.firstplate.checklist import Step
from station.firstplate.findings import Entry, Findings
from station.firstplate.log import Log, Lost
from station.firstplate.tape import Tape

SKIP, END = "s", "q"
SETTLE_S = 2.0  # what was just put down rocks for a moment
LONGEST_TEXT = 200
Act: TypeAlias = Callable[[str, str, float], tuple[float, str]]


class Skipped(Exception):
    """The person passes over a step."""


class Ended(Exception):
    """The person ends it all."""


@dataclass(frozen=True)
class Talk:
    """How the person is met.

    say : tells a line
    ask : puts a question and returns the answer; raises EOFError where nobody is there any more
    act : tells a simulated person what was asked for, by a word, its object and a mass in kg; returns how
        many seconds that takes, and what it is. A real person has done it already: 0 s
    """

    say: Callable[[str], None]
    ask: Callable[[str], str]
    act: Act


class Guide:
    """One run through the checklist.

    Parameters
    ----------
    calibration : the one in force; None where the plate has none
    check_up : judges the chips by the records of a minute, and the machine
    checkup : how it judged them

    """

    def __init__(
        self,
        talk: Talk,
        log: Log,
        tape: Tape,
        findings: Findings,
        calibration: Calibration | None,
        check_up: Callable[[Records], Checkup],
    ) -> None:
        self.log, self.tape, self.findings, self.calibration = log, tape, findings, calibration
        self.checkup: Checkup | None = None
        self.empty: Reading | None = None  # the newest
        self._first_empty: Reading | None = None
        self._check_up = check_up
        self._talk = talk
        self._entry = findings.entries[0]

    def run(self, steps: dict[str, Callable[[Guide, Entry], None]], save: Callable[[], None]) -> bool:
        """Lead through the steps, and `save` after each; return whether it came to the end."""
        self._talk.say(
            f"{len(self.findings.entries)} steps, about"
            f" {sum(entry.step.minutes for entry in self.findings.entries)} minutes."
            f" At every question: {SKIP} skips the step, {END} ends it all. What was done till then is kept."
        )
        for number, entry in enumerate(self.findings.entries, start=1):
            self._entry = entry
            self._talk.say(f"\n[{number}/{len(self.findings.entries)}] {_heading(entry.step)}")
            try:
                steps[entry.step.word](self, entry)
                entry.state = "done"
            except Skipped:
                entry.state = "skipped"
            except (Ended, EOFError, KeyboardInterrupt, Lost) as error:
                entry.state = "broken_off"
                if isinstance(error, Lost):
                    self.tell(str(error))
                save()
                return False
            except Exception:  # the first plate ever will show what nobody thought of: all else goes on
                entry.state = "failed"
                entry.found["error"] = traceback.format_exc()
                self.tell("A fault of the program: the file says where. The rest goes on.")
            save()
        return True

    # --- for the steps ---

    def tell(self, line: str) -> None:
        """Tell a line that belongs into the file, too."""
        self._entry.told.append(line.strip())
        self._talk.say(line)

    def say(self, line: str) -> None:
        """Tell a line."""
        self._talk.say(line)

    def ask(self, text: str) -> str:
        """Return an answer; raises Skipped or Ended where it is one of those words."""
        answer = self._talk.ask(text).strip()[:LONGEST_TEXT]
        if answer.lower() == SKIP:
            raise Skipped
        if answer.lower() == END:
            raise Ended
        return answer

    def number(self, text: str, low: float, high: float) -> float | None:
        """Return a number; None for Enter alone."""
        while answer := self.ask(text):
            try:
                value = float(answer.replace(",", "."))
            except ValueError:
                value = high + 1
            if low <= value <= high:
                return value
            self.say(f"{answer!r} is no number from {low:g} to {high:g}.")
        return None

    def done(self, word: str, what: str = "", mass_kg: float = 0.0) -> float:
        """Have a simulated person do it; return after how many seconds it is done."""
        seconds, told = self._talk.act(word, what, mass_kg)
        if told:
            self.say(f"(SIMULATED: {told})")
        return seconds

    def still(self, load: Reading | None = None) -> Reading:
        """Return a reading at rest; one that can't be used is told why, and asked for again."""
        while True:
            try:
                return reading(self.log.listen(READ_S), load)
            except Refusal as refusal:
                self.tell(str(refusal))
                self.ask(f"Enter measures again; {SKIP} skips: ")

    def emptied(self, text: str) -> Reading:
        """Ask for an empty plate, and take its zero."""
        self.ask(f"{text} Take everything off the plate, feet too, then press Enter: ")
        self.log.listen(self.done("clear") + SETTLE_S)
        return self.zeroed()

    def zeroed(self) -> Reading:
        """Take the zero of the plate, which is empty."""
        self.empty = self.still()
        self._first_empty = self._first_empty or self.empty
        self.tape.zero(self.empty)
        return self.empty

    def drift(self) -> dict[str, Any] | None:
        """Return how far the newest zero is from the first; None with one alone."""
        first, last = self._first_empty, self.empty
        if first is None or last is None or last.t_s <= first.t_s:
            return None
        return judge.drift(first.mean, last.mean, last.t_s - first.t_s, self.calibration)

    def examine(self, records: Records) -> Checkup:
        """Judge chips and machine by what was recorded."""
        self.checkup = self._check_up(records)
        return self.checkup


def _heading(step: Step) -> str:
    return f"{step.title} (about {step.minutes} min): {step.how}"
