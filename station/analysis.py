"""A recording made anywhere → reps, in the words of ``heeldrive-analysis/1``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from station.coach.programs import SIDES, Side
from station.conversions import Calibration, Records
from station.definitions import COURSE, MEASURES, SERIES, SPANS, UNCERTAINTY, Needs, Number
from station.errors import UserError
from station.importing import IMPORTED, read_forces
from station.recording import MarkRow, Recording, core_log
from station.session_file import as_written, is_session_file
from station.sets import SetBook, SetRecord
from station.signal import pipeline
from station.signal.model import BOUNDARIES, COURSE_PARTS, Params, Plate, Rep, Result
from station.signal.series import series
from station.signal.timebase import HOLE_NS

FORMAT = "heeldrive-analysis/1"
WHOLE_NS = 1_000_000_000
MOST_FRAMES = 24 * 3600 * 100  # of one folding: about a GB
EVERYTHING: frozenset[Needs] = frozenset({"total", "halves", "plate"})


@dataclass(frozen=True)
class Analysis:
    """One folded recording.

    t0_ns : the data time that its seconds count from: a CSV's own 0 s, a session's first record
    known : what the recording tells of the plate: heel and toe apart, where the cells are
    sets : which reps belong together; empty for a file without marks
    recorded_with : the session's own calibration, where this is a recalculation with another
    """

    params: Params
    result: Result
    book: SetBook
    t0_ns: int
    duration_s: float
    side: Side | None
    known: frozenset[Needs]
    source: str
    recorded_with: str | None = None

    @property
    def heel_and_toe(self) -> bool:
        """False where only the whole foot's force is known, so that no share is."""
        return "halves" in self.known

    @property
    def reps(self) -> list[Rep]:
        """Its reps, oldest first."""
        return sorted(self.result.reps, key=_first_ns)

    def as_json(self) -> dict[str, Any]:
        """Return what ``heeldrive analyze --json`` prints."""
        reps = self.reps
        owners = {rep.id: record for record in self.book.sets for rep in record.reps}
        rows = []
        for index, rep in enumerate(reps, start=1):
            row = rep_as_json(rep, self.t0_ns, index, self.known)
            if self.book.sets:
                owner = owners.get(rep.id)
                row["set"] = None if owner is None else owner.facts["number"]
                row["by_hand"] = None if owner is None else owner.by_hand.get(rep.id)
            rows.append(row)
        value: dict[str, Any] = {
            "format": FORMAT,
            "source": self.source,
            "side": self.side,
            "duration_s": round(self.duration_s, 6),
            "adc_delay_s": self.params.filter_delay_s,
            "reps": rows,
        }
        if self.recorded_with is not None:
            value["recalculated"] = {
                "calibration": self.params.calibration.id,
                "recorded_with": self.recorded_with,
            }
        if self.book.sets:
            value["sets"] = [self._set_as_json(record) for record in self.book.sets]
        else:
            value["summary"] = series_as_json(reps, self.known)
        return value

    def _set_as_json(self, record: SetRecord) -> dict[str, Any]:
        return {
            **record.facts,
            "start_s": _seconds(record.start_ns, self.t0_ns),
            "end_s": _seconds(record.end_ns, self.t0_ns),
            "athlete": record.owners[-1] if record.owners else None,
            "counted": len(record.counted),
            "counted_by_hand": record.count,
            "on_target": record.on_target,
            "added": sum(rep < 0 for rep in record.by_hand),
            "pressed": [{"word": word, "rep": rep} for word, rep in record.pressed],
            "notes": record.notes,
            **series_as_json(record.reps, self.known),
        }


def rep_as_json(rep: Rep, t0_ns: int, index: int, known: frozenset[Needs] = EVERYTHING) -> dict[str, Any]:
    """Return one rep in the words of ``heeldrive-analysis/1``; what is not known is None.

    known : what the recording tells of the plate
    """
    at_s = {name: _seconds(getattr(rep, f"{name}_ns"), t0_ns) for name in BOUNDARIES}
    course = rep.measures.heel_share_course if COURSE.needs in known else [None] * COURSE_PARTS
    return {
        "index": index,
        "style": rep.style,
        "confidence": rep.confidence,
        **{f"{name}_s": at_s[name] for name in BOUNDARIES},
        **_numbers(SPANS, rep, known),
        **_numbers(MEASURES, rep.measures, known),
        COURSE.name: [_rounded(share, COURSE.digits) for share in course],
        "complete": rep.complete,
        UNCERTAINTY.name: {
            name: _rounded(rep.uncertainty_s.get(name), UNCERTAINTY.digits) for name in BOUNDARIES
        },
    }


def rep_rows(book: SetBook, t0_ns: int) -> list[tuple[int, int | None, dict[str, Any]]]:
    """Return closed reps as a session file keeps them: id, number of the set, body."""
    rows: list[tuple[int, int | None, dict[str, Any]]] = []
    for record in book.sets:
        for index, rep in enumerate(record.reps, start=1):
            rows.append((rep.id, record.facts["number"], rep_as_json(rep, t0_ns, index)))
    return rows + [(rep.id, None, rep_as_json(rep, t0_ns, 0)) for rep in book.outside]


def series_as_json(reps: Iterable[Rep], known: frozenset[Needs] = EVERYTHING) -> dict[str, Any]:
    """Return what is said of reps together, in the words of ``heeldrive-analysis/1``."""
    return _numbers(SERIES, series(list(reps)), known)


def _numbers(numbers: tuple[Number, ...], values: object, known: frozenset[Needs]) -> dict[str, Any]:
    return {
        n.name: _rounded(getattr(values, n.name), n.digits) if n.needs in known else None for n in numbers
    }


def analyze(
    path: Path,
    side: Side | None = None,
    adc_delay_s: float | None = None,
    plate: int = 1,
    better: Calibration | None = None,
) -> Analysis:
    """Fold a session file, a wide or long CSV, or an OpenSim-style file.

    `better` recalculates a session with another calibration than its own.

    Raises
    ------
    UserError : the file can't be used; the text says why

    """
    if is_session_file(path):
        return analyze_recording(Recording.read(path), adc_delay_s, better)
    if better is not None:
        raise UserError(f"{path} is in newtons already: --calibration is for session files.")
    imported = read_forces(path, plate)
    params = Params(calibration=IMPORTED, nominal_rate_hz=imported.rate_hz, filter_delay_s=adc_delay_s or 0.0)
    t0_ns = _from_zero_on(imported.records)
    t_ns = imported.records["t_ns"]
    _refuse_endless(path, params, [imported.records])
    return Analysis(
        params=params,
        result=pipeline.run(params, [imported.records]),
        book=SetBook(),
        t0_ns=t0_ns,
        duration_s=float(t_ns[-1] - t_ns[0]) / 1e9 if len(t_ns) else 0.0,
        side=side,
        known=frozenset({"total", "halves"} if imported.heel_and_toe else {"total"}),
        source=imported.layout,
    )


def analyze_recording(
    recording: Recording, adc_delay_s: float | None = None, better: Calibration | None = None
) -> Analysis:
    """Fold a session again, exactly as it was folded live but for what is given."""
    with as_written(recording.path):
        return _recorded(recording, adc_delay_s, better)


def _recorded(recording: Recording, adc_delay_s: float | None, better: Calibration | None) -> Analysis:
    params = recorded_params(recording)
    own = params.calibration
    if adc_delay_s is not None:
        params = replace(params, filter_delay_s=adc_delay_s)
    if better is not None:  # the session's own zeros stay: they are counts, of that day
        params = replace(params, calibration=replace(better, zero_count=own.zero_count))
    log = list(recording.log())
    blocks = [item for item in log if not isinstance(item, MarkRow)]
    _refuse_endless(recording.path, params, blocks)
    result = pipeline.run(params, core_log(log))
    book = SetBook()
    sort_into_sets(book, log, result)
    t0_ns = int(recording.meta["t0_ns"])
    last_ns = int(blocks[-1]["t_ns"][-1]) if blocks else t0_ns
    sides = {record.facts.get("side") for record in book.sets}
    side = next((word for word in SIDES if sides == {word}), None)
    return Analysis(
        params=params,
        result=result,
        book=book,
        t0_ns=t0_ns,
        duration_s=(last_ns - t0_ns) / 1e9,
        side=side,
        known=EVERYTHING,
        source="session file",
        recorded_with=None if better is None else own.id,
    )


def _from_zero_on(records: Records) -> int:
    """Move records that begin before 0 s to where the core can take them; return where their 0 s is now."""
    first_ns = min(int(records["t_ns"].min(initial=0)), 0)
    t0_ns = -(first_ns // WHOLE_NS) * WHOLE_NS  # whole seconds: the frames stay where they were
    records["t_ns"] += t0_ns
    return t0_ns


def _refuse_endless(path: Path, params: Params, blocks: Iterable[Records]) -> None:
    """Raise UserError where few records far apart would be drawn out to more frames than the memory holds."""
    covered_ns, newest_ns = 0, 0
    for records in blocks:
        t_ns = np.maximum.accumulate(np.concatenate(([newest_ns], records["t_ns"])))
        covered_ns += int(np.minimum(np.diff(t_ns), HOLE_NS).sum())
        newest_ns = int(t_ns[-1])
    if covered_ns / 1e9 * params.frame_rate_hz > MOST_FRAMES:
        raise UserError(f"{path} covers more than a day: cut it into shorter recordings.")


def sort_into_sets(book: SetBook, log: Iterable[Records | MarkRow], result: Result) -> None:
    """Fill `book` from a whole log: sets by their marks, reps by their times."""
    for item in log:
        if isinstance(item, MarkRow):
            book.mark(item.kind, item.body, item.t_ns)
    for event in result.events:
        book.take(event)


def recorded_params(recording: Recording) -> Params:
    """Return the parameters a session was folded with.

    Raises
    ------
    UserError : the file says nothing of them

    """
    try:
        value = recording.meta["params"]
        params = Params(
            calibration=Calibration.from_json(value["calibration"]),
            nominal_rate_hz=value["nominal_rate_hz"],
            frame_rate_hz=value["frame_rate_hz"],
            filter_delay_s=value["filter_delay_s"],
            plate=Plate(**value["plate"]),
            load_floor_n=value["load_floor_n"],
        )
        # nan is in no range; a word or a list in a number's place is a TypeError
        rates = (params.nominal_rate_hz, params.frame_rate_hz)
        sizes = (params.plate.heel_spacing_mm, params.plate.toe_spacing_mm, params.load_floor_n)
        if not all(1e-3 <= rate <= 1e4 for rate in rates) or not 0 <= params.filter_delay_s <= 10:
            raise ValueError("a rate or a delay can't be")
        if not all(0 <= size <= 1e6 for size in sizes):
            raise ValueError("the plate can't be")
        return params
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UserError(f"{recording.path} lacks the settings it was recorded with ({error}).") from None


def params_as_json(params: Params) -> dict[str, Any]:
    """Return what `recorded_params` reads."""
    return asdict(params)


def _seconds(t_ns: int | None, t0_ns: int) -> float | None:
    return None if t_ns is None else round((t_ns - t0_ns) / 1e9, 6)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _first_ns(rep: Rep) -> int:
    known = (getattr(rep, f"{name}_ns") for name in BOUNDARIES)
    return min((t for t in known if t is not None), default=0)
