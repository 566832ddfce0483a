"""The log with its marks, as a session file that `heeldrive analyze` opens."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from station.analysis import analyze_recording, params_as_json
from station.calibration.reading import Reading
from station.coach.programs import Plan
from station.coach.thresholds import Thresholds
from station.conversions import Calibration, four
from station.errors import UserError
from station.firstplate.log import Log
from station.recording import MarkRow, Recording
from station.session_writer import SessionWriter
from station.sets import set_facts
from station.signal.model import Params, Plate

RECORDS_A_BLOCK = 32_768


class Tape:
    """What is recorded of the first minutes.

    Parameters
    ----------
    log : of the sampler
    calibration : the one in force, or the nominal one
    plate : where the cells are
    facts : of the session file: version, time of day

    """

    def __init__(self, log: Log, calibration: Calibration, plate: Plate, facts: dict[str, Any]) -> None:
        self.log = log
        self._calibration = calibration
        self._plate = plate
        self._facts = facts
        self._utc_ns, self._monotonic_ns = time.time_ns(), log.now_ns
        self._marks: list[MarkRow] = []
        self._zeroed = False

    def zero(self, empty: Reading) -> None:
        """Note the empty plate; the first one holds for all before it, too."""
        zero_count = four(empty.mean)
        if not self._zeroed:
            self._calibration = replace(self._calibration, zero_count=zero_count)
            self._zeroed = True
        self._mark("zero", {"zero_count": list(zero_count)})

    def begin_set(self, number: int, plan: Plan, style: str) -> None:
        """Note that a set of a style begins."""
        self._mark("set_start", {**set_facts(number, plan, Thresholds(), None), "style_asked": style})

    def end_set(self, number: int) -> None:
        """Note that it has ended."""
        self._mark("set_end", {"number": number})

    def void_set(self, number: int) -> None:
        """Note that there was none."""
        self._mark("set_void", {"number": number})

    def _mark(self, kind: str, body: dict[str, Any]) -> None:
        self._marks.append(MarkRow(*self.log.position, kind, body))

    def write(self, path: Path) -> None:
        """Write all there is until now to a file that is not there yet.

        Raises
        ------
        UserError : it can't be written

        """
        try:
            self._write(path)
        except (OSError, sqlite3.Error) as error:
            raise UserError(f"The recording can't be written ({error})") from None

    def _write(self, path: Path) -> None:
        records, info = self.log.records(), self.log.greeting.source
        params = Params(
            calibration=self._calibration,
            nominal_rate_hz=info.nominal_rate_hz,
            filter_delay_s=info.filter_delay_s,
            plate=self._plate,
        )
        first_ns = int(records["t_ns"].min()) if len(records) else self._monotonic_ns
        facts = {"number": 0, "athlete": "", "t0_ns": first_ns, "station": None, "plate": None, **self._facts}
        facts |= {"simulated": info.simulated, "params": params_as_json(params), "state": "closed"}
        writer = SessionWriter.create(path, facts)
        try:
            greeting = self.log.greeting
            writer.begin_segment(
                greeting.run_id, greeting.boot_id, info.as_json(), self._utc_ns, self._monotonic_ns
            )
            for begin in range(0, len(records), RECORDS_A_BLOCK):
                writer.append(records[begin : begin + RECORDS_A_BLOCK])
                writer.commit()
            for mark in self._marks:
                writer.mark(mark)
            writer.commit()
        finally:
            writer.close()

    def counted(self, path: Path, number: int) -> dict[str, Any]:
        """Return what the station makes of a set, from a file of its own that it writes."""
        self.write(path)
        analysis = analyze_recording(Recording.read(path))
        record = analysis.book.numbered(number)
        if record is None:
            return {"counted": 0, "styles": {}}
        styles = [rep.style for rep in record.reps]
        by_style = {style: styles.count(style) for style in sorted(set(styles))}
        return {"counted": record.count, "styles": by_style}
