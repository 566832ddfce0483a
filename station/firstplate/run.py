"""`heeldrive firstplate`: what it is put together from, and how the file is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from station import bundle, machine
from station.calibrate import in_force
from station.checkup import Checkup, check_up
from station.config import Config
from station.conversions import Calibration, Records, SourceInfo
from station.errors import UserError
from station.firstplate import lifting, parcel, steps
from station.firstplate.findings import Entry, Findings
from station.firstplate.guide import Guide, Talk
from station.firstplate.log import Log
from station.firstplate.tape import Tape
from station.library import Library
from station.session import UNCALIBRATED

LOOK_BACK_S = 60.0
DO: dict[str, Callable[[Guide, Entry], None]] = {
    "parts": steps.parts,
    "empty": steps.empty,
    "corners": steps.corners,
    "mass": steps.mass,
    "sets": lifting.sets,
    "tap": lifting.taps,
    "zero": steps.zero,
}


class FirstPlate:
    """One run of the command.

    Parameters
    ----------
    log : of the sampler; talk : with the person
    data : the data folder, for the calibration in force and the names that must not be told
    out : where the file goes
    said : what a sampler of our own has said
    version : of the software

    """

    def __init__(
        self,
        log: Log,
        talk: Talk,
        config: Config,
        data: Path,
        out: Path,
        said: Callable[[], str],
        version: str,
    ) -> None:
        self._log, self._talk, self._config, self._data = log, talk, config, data
        self._said = said
        self.out = out
        self._unkept: UserError | None = None
        library = Library(data) if data.is_dir() else None
        self._athletes = [] if library is None else library.athletes()
        source = log.greeting.source
        self._calibration, nominal = calibration_of(library, source)
        facts = {
            "version": version,
            "started_utc": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "clock_synchronised": machine.clock_synchronised(),
        }
        self._tape = Tape(log, nominal, config.plate, facts)
        told = None if self._calibration is None else self._calibration.as_json()
        described = source.as_json() | {"calibration": told}
        self.findings = Findings(
            {**facts, "source": described, "notes": list(log.greeting.notes)},
            simulated=source.simulated,
            clean=lambda text: bundle.without_names(text, self._athletes),
        )
        self._guide = Guide(talk, log, self._tape, self.findings, self._calibration, self._check_up)

    def run(self) -> None:
        """Lead through the checklist and keep the file.

        Raises
        ------
        UserError : it was broken off, or the file could not be kept; the text says what there is

        """
        parcel.refuse_existing(self.out)
        self._keep()
        if self._unkept is not None:
            raise UserError(f"{self._unkept}: choose another --out.")
        complete = False
        try:
            complete = self._guide.run(DO, self._keep)
        except KeyboardInterrupt:  # between two steps, while the file was being written
            self._keep()
        finally:
            self._insist()
        if not complete:
            raise UserError(f"Broken off: {self.out} has what was done till then.")
        self._talk.say(
            f"\nDone. {self.out} is the one file to send back ({self.out.stat().st_size / 1e6:.1f} MB)."
            " It has no names in it; look for yourself. Thank you."
        )

    def _keep(self) -> None:
        """Write the file anew; what keeps it from that is told, and tried again after the next step."""
        try:
            parcel.write(self._packed(), self.out)
            self._unkept = None
        except UserError as error:
            self._unkept = error
            self._talk.say(f"{error}: it is tried again after the next step.")

    def _insist(self) -> None:
        """Ask for another place until the file is kept."""
        while self._unkept is not None:
            try:
                place = self._talk.ask(f"{self._unkept}. Make room and press Enter, or type another place: ")
            except (EOFError, KeyboardInterrupt):
                raise UserError(f"{self._unkept}: what was measured since is lost.") from None
            if place.strip():
                self.out = Path(place.strip()).expanduser()
            self._keep()

    def _packed(self) -> bytes:
        checkup = self._guide.checkup or self._check_up(self._log.latest(LOOK_BACK_S))
        doctor = bundle.texts(checkup, self._config, bundle.journal(), self._data, self._athletes)
        del doctor["README.txt"]
        return parcel.packed(self.findings, self._tape, doctor, self._said())

    def _check_up(self, records: Records) -> Checkup:
        greeting = self._log.greeting
        facts = machine.look(self._data if self._data.is_dir() else Path.cwd())
        return check_up(
            greeting.source,
            greeting.notes,
            records,
            facts,
            pins=self._config.pins,
            calibration=self._calibration,
        )


def calibration_of(library: Library | None, source: SourceInfo) -> tuple[Calibration | None, Calibration]:
    """Return the calibration in force, if any, and that one or the nominal one."""
    found = in_force(library, source)[0] if library is not None else source.calibration or UNCALIBRATED
    return (None if found is UNCALIBRATED else found), found
