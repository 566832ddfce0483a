"""`heeldrive verify`: a person is led through the verification, and gets a certificate."""

from __future__ import annotations

from datetime import UTC, datetime

from station.calibrate import ABORT, ABORTED, Talk, greeted, where
from station.calibration.cells import CellClass
from station.calibration.certificate import Certificate, certificate
from station.calibration.reading import READ_S, Refusal
from station.calibration.verifying import CREEP_EVERY_S, Verification
from station.errors import UserError


def guide(talk: Talk, run: Verification, cells: CellClass | None, said: list[str]) -> Certificate:
    """Lead a person through a verification.

    Raises
    ------
    UserError : the person ended it

    """
    talk.say(f"{len(run.steps)} steps, about {run.left_s / 60:.0f} minutes; {ABORT} and Enter ends it.")
    source = greeted(talk).source
    while (step := run.step) is not None:
        for line in where(step, run.plate):
            talk.say(line)
        left = f"{run.done + 1}/{len(run.steps)}, {run.left_s / 60:.0f} min left"
        if talk.ask(f"[{left}] Let go, then press Enter: ").strip().lower() == ABORT:
            raise UserError(ABORTED)
        _measured(talk, run)
    return certificate(run, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", source, cells, said)


def _measured(talk: Talk, run: Verification) -> None:
    """Measure one step, until it is done or refused."""
    done = run.done
    try:
        while True:
            _, records = talk.measure(READ_S)
            run.offer(records)
            if run.done > done:
                return
            _pass(talk, run)
    except Refusal as refusal:
        talk.say(str(refusal))


def _pass(talk: Talk, run: Verification) -> None:
    first, last = run.creeping[0], run.creeping[-1]
    talk.say(f"{last.t_s - first.t_s:4.0f} s: {run.force_n(last).sum():.2f} N")
    talk.measure(CREEP_EVERY_S - READ_S)
