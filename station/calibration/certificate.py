"""The certificate of a verified plate, for the terminal and for paper."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from station.calibration.cells import CellClass
from station.calibration.verifying import Line, Verification, verdict
from station.conversions import SourceInfo

SOURCES = (
    "Allowed: what all four cells together may err when each errs its most to the same end: the sum of 0.35,"
    " 0.7 or 1.05 v over the cells (v = capacity / n; OIML R 60-1:2017), × 0.7 for creep (its 30 minutes),"
    " × spacing / 2 for place, 4 × 0.5 v for the return of zero. Noise: the chip's data sheet, 39 counts a"
    " cell at 80 SPS. Drift is taken off all but its own line. Place: limits of 2 and 6 mm, and the placing."
)


@dataclass(frozen=True)
class Certificate:
    """Everything that is printed."""

    day: str
    calibration: str
    plate: str
    mass: str
    cells: str
    lines: list[Line]
    spots: list[tuple[str, float, float, float]]  # force (%), heel share (points), place (mm)
    notes: list[str]
    simulated: bool = False

    @property
    def verdict(self) -> str:
        """What the plate is good for."""
        return ("SIMULATED, no plate was measured. " if self.simulated else "") + verdict(self.lines)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Certificate:
        """Read what `as_json` wrote."""
        spots = [(str(word), float(a), float(b), float(c)) for word, a, b, c in value["spots"]]
        return cls(**{**value, "lines": [Line(**line) for line in value["lines"]], "spots": spots})


def certificate(
    run: Verification, day: str, source: SourceInfo, cells: CellClass | None, notes: list[str]
) -> Certificate:
    """Return the certificate of a verification that is done."""
    missed = run.misses()
    spots = [
        (spot.word, 100 * float(force), 100 * float(heel), float(right))
        for (spot, _), force, heel, right in zip(
            run.placed, missed.force_share, missed.heel_share, missed.right_mm, strict=True
        )
    ]
    plate, own = run.plate, run.calibration
    return Certificate(
        day=day,
        calibration=f"{own.id} ({own.made})",
        plate=f"cells {plate.heel_spacing_mm:g} (heel) and {plate.toe_spacing_mm:g} mm (toe) apart;"
        f" {source.text}",
        mass=f"{run.mass_kg:g} kg, placed within {run.placing_mm:g} mm (SD), × 9.80665 m/s²",
        cells="not told (--cells C3 --capacity-kg 50)"
        if cells is None
        else f"{cells.word}, {cells.capacity_kg:g} kg, v = {1000 * cells.interval_kg:.1f} g",
        lines=run.lines(cells),
        spots=spots,
        notes=[
            *notes,
            "Front-to-back place is not verified: on a split plate it is only an estimate.",
            "The mass's own error is in the force, the placing in the place.",
        ],
        simulated=source.simulated,
    )


def _facts(made: Certificate) -> list[tuple[str, str]]:
    return [
        ("day", made.day),
        ("calibration", made.calibration),
        ("plate", made.plate),
        ("mass", made.mass),
        ("cells", made.cells),
    ]


def _grade(line: Line) -> str:
    return (
        "records" if line.value <= line.records else "coaching" if line.value <= line.coaching else "neither"
    )


def _allowed(line: Line) -> str:
    return "–" if line.allowed is None else f"{line.allowed:.2f}"


def text(made: Certificate) -> list[str]:
    """Return the certificate in lines."""
    rows = [f"{word:<12} {value}" for word, value in _facts(made)]
    rows += ["", f"{'':<28}{'measured':>9}{'allowed':>9}{'records':>9}{'coaching':>9}  good for"]
    for line in made.lines:
        rows.append(
            f"{line.name:<28}{line.value:9.2f}{_allowed(line):>9}{line.records:9.2f}{line.coaching:9.2f}"
            f"  {_grade(line):<9}({line.unit})"
        )
    rows += ["", "spot                  force %   heel share, points   place mm"]
    rows += [f"{word:<20}{force:+9.2f}{heel:+21.2f}{right:+11.1f}" for word, force, heel, right in made.spots]
    return [*rows, "", *made.notes, SOURCES, "", made.verdict]


STYLE = (
    "body{font:11pt sans-serif;max-width:18cm;margin:1cm auto;padding:0 .4cm;background:#fff;color:#111}"
    "table{border-collapse:collapse;margin:.6cm 0}th,td{border:1px solid #888;padding:.1cm .25cm;"
    "text-align:right}th{text-align:left}p{margin:.2cm 0;font-size:9pt}h2{font-size:13pt}"
    "div{overflow-x:auto}"
)


def html(made: Certificate, style: str = f"<style>{STYLE}</style>") -> str:
    """Return the certificate as a page of its own that prints; `style` is what its head says of its look."""
    facts = "".join(f"<tr><th>{escape(word)}<td>{escape(value)}" for word, value in _facts(made))
    lines = "".join(
        f"<tr><th>{escape(line.name)}, {escape(line.unit)}<td>{line.value:.2f}<td>{_allowed(line)}"
        f"<td>{line.records:.2f}<td>{line.coaching:.2f}<td>{_grade(line)}"
        for line in made.lines
    )
    spots = "".join(
        f"<tr><th>{escape(word)}<td>{force:+.2f}<td>{heel:+.2f}<td>{right:+.1f}"
        for word, force, heel, right in made.spots
    )
    notes = "".join(f"<p>{escape(note)}" for note in (*made.notes, SOURCES))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Heeldrive plate certificate</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{style}'
        f"<main><h1>Plate certificate</h1><h2>{escape(made.verdict)}</h2><table>{facts}</table>"
        '<div tabindex="0" role="region" aria-label="What was measured"><table>'
        "<tr><td><th>measured<th>allowed by class<th>limit, records<th>limit, coaching<th>good for"
        f"{lines}</table></div><table><tr><th>spot<th>force, %<th>heel share, points<th>place, mm"
        f"{spots}</table>{notes}</main></html>\n"
    )
