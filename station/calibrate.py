"""`heeldrive calibrate`: a person is led through the procedure, and the result is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from station.calibration import report
from station.calibration.checks import Wiring
from station.calibration.fit import Fit, further
from station.calibration.procedure import Empty, NotEmpty, Procedure, Put
from station.calibration.reading import READ_S, Refusal
from station.calibration.spots import picture
from station.calibration.verifying import Leave
from station.calibration.wording import instruction, read
from station.conversions import Calibration, Greeting, Records, SourceInfo, four
from station.doctor import listen
from station.errors import UserError
from station.library import Library
from station.link import LinkLost
from station.session import UNCALIBRATED
from station.signal.model import Plate

ABORT, EMPTY, MORE = "q", "empty", "m"
ABORTED = "Ended: nothing was kept, the calibration before stays."
LET_BE = "Nothing was kept: the calibration before stays."


@dataclass(frozen=True)
class Talk:
    """How the person and the plate are asked.

    measure : returns the sampler's greeting and the records of so many seconds
    say : tells a line
    ask : puts a question and returns the answer
    """

    measure: Callable[[float], tuple[Greeting | None, Records]]
    say: Callable[[str], None]
    ask: Callable[[str], str]


def terminal(socket_path: Path) -> Talk:
    """Return the talk with who sits at the terminal, and with the sampler on a socket."""

    def measure(seconds: float) -> tuple[Greeting | None, Records]:
        try:
            return listen(socket_path, seconds)
        except LinkLost as error:  # it may be back in a moment: nothing is lost by asking again
            text = f"The sampler does not answer ({error}): see that the station runs, then measure again."
            raise Refusal(text) from None

    def ask(text: str) -> str:
        try:
            return input(text)
        except EOFError:
            raise UserError(ABORTED) from None

    return Talk(measure, print, ask)


def greeted(talk: Talk) -> Greeting:
    """Return how the sampler describes itself."""
    greeting, _ = talk.measure(0.0)
    assert greeting is not None  # noqa: S101 - a sampler that answers greets first # nosec B101
    return greeting


def in_force(library: Library, source: SourceInfo) -> tuple[Calibration, bool]:
    """Return the calibration that the station uses now, with its newest zero, and whether one is known."""
    calibration = source.calibration or library.calibration()
    if calibration is None:
        return UNCALIBRATED, False
    kept = library.setting("zero")
    if kept is not None and kept["calibration"] == calibration.id:
        return replace(calibration, zero_count=four(kept["zero_count"])), True
    return calibration, True


def kept(calibration: Calibration, source: SourceInfo) -> str:
    """Say what becomes of a new calibration."""
    if source.calibration is not None:
        return f"Kept as {calibration.id}; but {source.name} brings its own calibration, which goes first."
    return f"Kept as {calibration.id}; it is used from the next start on."


def listed(calibrations: list[dict[str, Any]]) -> list[str]:
    """Return a line for each calibration, newest first."""
    lines = []
    for one in calibrations:
        record = one.get("record") or {}
        chips = record.get("chips") or {}
        lines.append(f"{one['id']}  {one['made']}  {chips.get('text', '')}".rstrip())
    return lines or ["No calibration is kept yet: `heeldrive calibrate --mass-kg KG KG` makes one."]


def guide(talk: Talk, procedure: Procedure) -> tuple[Calibration, dict[str, Any]] | None:
    """Lead a person through a procedure; return the calibration and its record, None if they let it be.

    A reading that fails says why and is tried again. Nothing is kept before the end.

    Raises
    ------
    UserError : the person ended it, or the wiring has to be mended first

    """
    talk.say(
        f"{len(procedure.steps)} steps, about {max(1, round(procedure.left_s / 60))} minutes. Enter measures;"
        f" {ABORT} and Enter ends it at any moment, and nothing is kept."
    )
    greeting = None
    while True:
        while procedure.step is not None:
            greeting = _step(talk, procedure) or greeting
        try:
            fit = procedure.result()
        except Refusal as refusal:
            if procedure.step is None:
                raise
            talk.say(str(refusal))
            continue
        if (answer := _offer_more(talk, procedure, fit)) != MORE:
            break
        procedure.more(
            further(procedure.placements(), procedure.plate, max(procedure.masses_kg)).spot,
            max(procedure.masses_kg),
        )
    if answer:
        return None
    return report.finished(fit, procedure, datetime.now(UTC), greeting)


def _offer_more(talk: Talk, procedure: Procedure, fit: Fit) -> str:
    """Show the result; return "" to keep it, MORE for another placement, anything else to let it be."""
    placements = procedure.placements()
    for line in ["", *report.table(fit, placements), *report.gain_lines(fit, placements, procedure)]:
        talk.say(line)
    question = f"Enter keeps it; {MORE} measures one more; {ABORT} lets it be: "
    while (answer := talk.ask(question).strip().lower()) not in ("", MORE, ABORT):
        talk.say(f"{answer!r} is no answer.")
    return answer


def _step(talk: Talk, procedure: Procedure) -> Greeting | None:
    """Ask for one step until it is done, or until another has to be done first."""
    step = procedure.step
    assert step is not None  # noqa: S101 - it is asked for while there is one # nosec B101
    for line in where(step, procedure.plate):
        talk.say(line)
    left = f"{procedure.done + 1}/{len(procedure.steps)}, {procedure.left_s / 60:.0f} min left"
    answer = talk.ask(f"[{left}] Let go, then press Enter: ").strip().lower()
    empty = answer == EMPTY
    while True:
        if answer == ABORT:
            raise UserError(ABORTED)
        greeting = None
        try:
            greeting, records = talk.measure(READ_S)
            found = procedure.offer(records, empty=empty)
        except Wiring:
            raise
        except NotEmpty as refusal:
            talk.say(str(refusal))
            answer = talk.ask(f"Enter measures again; {EMPTY} if nothing lies there: ").strip().lower()
            empty = answer == EMPTY
            continue
        except Refusal as refusal:
            talk.say(str(refusal))
            return greeting
        talk.say(read(found, procedure.empties, step))
        return greeting


def where(step: Empty | Put | Leave, plate: Plate) -> list[str]:
    """Return what is to be done, with a picture of where."""
    put = step.put if isinstance(step, Leave) else step
    drawn = picture(put.spot, plate) if isinstance(put, Put) else []
    return ["", instruction(step, plate), *drawn]
