"""What the command line prints for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from station.analysis import Analysis, series_as_json
from station.door import SessionRow
from station.plain import one_line
from station.safekeeping import Forgotten
from station.signal.model import F64

BARS = "▁▂▃▄▅▆▇█"
CURVE_COLUMNS = 72


def forgotten_text(athlete: str, done: Forgotten) -> str:
    """Return what was deleted with an athlete, and what remains."""

    def numbers(sessions: Sequence[int]) -> str:
        return ", ".join(map(str, sessions))

    lines = [f"Deleted: {athlete}, with {_count(len(done.sessions), 'session')} of theirs."]
    if done.moved_away:
        lines.append(f"With session {numbers(done.moved_away)} went sets that had been moved to others.")
    if done.moved_here:
        lines.append(
            f"Left: session {numbers(done.moved_here)} of others, in which a set was moved to {athlete}:"
            " the name stands there until that session is deleted."
        )
    if done.unread:
        lines.append(f"Left: session {numbers(done.unread)}, damaged: nobody can tell whose.")
    lines += (f"Left: {one}, from before a restore: the Data page deletes it." for one in done.kept)
    lines.append(_backups_text(done.last_backup_utc))
    lines.append("Exports and copies on sticks and other devices remain; session numbers stay used.")
    return "\n".join(map(one_line, lines))


def _backups_text(last_utc: str | None) -> str:
    if last_utc is None:
        return "Backups remain, wherever they are; this data folder knows of none."
    when = f"of {last_utc[:16].replace('T', ' ')} UTC" if last_utc else "of a day that is not known"
    return (
        f"Backups remain: the last one taken here, {when}, and earlier ones hold what was recorded by then."
    )


def analysis_text(analysis: Analysis) -> str:
    """Return the curve at a glance and a line for each rep."""
    value = analysis.as_json()
    complete = [rep for rep in value["reps"] if rep["complete"]]
    cut = len(value["reps"]) - len(complete)
    lines = [
        f"{_count(len(complete), 'rep')} in {analysis.duration_s:.1f} s ({value['source']}"
        + (f", {analysis.side} foot)" if analysis.side else ")")
        + (f"; {cut} more cut by the edges of the data" if cut else ""),
        *_curve_lines(analysis.result.frames.total_n),
    ]
    if complete:
        lines += [
            "",
            *_rep_lines(complete),
            "",
            _series_line(series_as_json(analysis.result.reps, analysis.known)),
        ]
    if analysis.recorded_with is not None:
        lines.append(
            f"RECALCULATED with the calibration {analysis.params.calibration.id}, not the session's own"
            f" ({analysis.recorded_with})."
        )
    if not analysis.heel_and_toe:
        lines.append("The file has no separate heel and toe force: no heel share.")
    return "\n".join(map(one_line, lines))


def _curve_lines(total_n: F64) -> list[str]:
    known = total_n[~np.isnan(total_n)]
    if not len(known):
        return ["No moment has all four cells: there is no curve."]
    low_n, high_n = float(known.min()), float(known.max())
    return [
        sparkline(total_n),
        f"total force {low_n:.0f} to {high_n:.0f} N, mean {float(known.mean()):.0f} N",
    ]


def sparkline(values: F64, columns: int = CURVE_COLUMNS) -> str:
    """Return `values`, shape (n,), as a line of bars from 0 to their greatest; a gap is a blank."""
    parts = np.array_split(values, min(columns, len(values)))
    means = [float(np.mean(p[~np.isnan(p)])) if np.any(~np.isnan(p)) else None for p in parts]
    top = max((mean for mean in means if mean is not None), default=0.0) or 1.0
    last = len(BARS) - 1
    return "".join(" " if m is None else BARS[round(last * min(max(m / top, 0.0), 1.0))] for m in means)


def _rep_lines(reps: Iterable[dict[str, Any]]) -> list[str]:
    head = ("rep", "style", "lift-off", "up", "hold", "down", "heel", "peak", "mean", "valid", "")
    unit = ("", "", "s", "s", "s", "s", "%", "N", "N", "%", "")
    rows = []
    for number, rep in enumerate(reps, start=1):
        share = rep["heel_share"]
        rows.append(
            (
                str(number),
                rep["style"].replace("_", "-"),
                _cell(rep["lift_off_s"], 2),
                *(_cell(rep[name], 2) for name in ("up_s", "hold_s", "down_s")),
                _cell(None if share is None else 100 * share, 0),
                _cell(rep["peak_n"], 0),
                _cell(rep["mean_n"], 0),
                _cell(100 * rep["valid_fraction"], 0),
                "" if rep["confidence"] == "measured" else "estimated",
            )
        )
    return _aligned([head, unit, *rows])


def _series_line(whole: dict[str, Any]) -> str:
    """Return what is said of the reps together, in a sentence."""
    parts = [f"{whole['time_under_tension_s']:.1f} s off the floor"]
    if whole["heel_share"] is not None:
        spread = whole["heel_share_spread"]
        parts.append(
            f"heel share {100 * whole['heel_share']:.0f} %" + (f" ± {100 * spread:.0f}" if spread else "")
        )
    slowing = whole["ascent_slowing"]
    if slowing is not None:
        parts.append(
            f"ascents {abs(100 * slowing):.0f} % {'slower' if slowing >= 0 else 'faster'} at the end"
        )
    if whole["rhythm_cv"] is not None:
        parts.append(f"periods differ by {100 * whole['rhythm_cv']:.0f} %")
    return "; ".join(parts)


def sessions_text(rows: Sequence[SessionRow]) -> str:
    """Return a line for each session."""
    if not rows:
        return "No session has been recorded yet."
    table = [("session", "athlete", "started (UTC)", "length", "sets", "reps", "", "")]
    for row in rows:
        minutes, seconds = divmod(round(row.duration_s), 60)
        state = "" if row.state == "closed" else row.state
        note = row.note or ("simulated" if row.simulated else "")
        table.append(
            (
                str(row.number),
                one_line(row.athlete),
                one_line(row.started_utc).replace("T", " ").removesuffix("Z"),
                f"{minutes}:{seconds:02d}",
                str(row.sets),
                str(row.reps),
                state,
                one_line(note),
            )
        )
    return "\n".join(_aligned(table, left=(1, 2, 6, 7)))


def _aligned(rows: Sequence[Sequence[str]], left: Sequence[int] = (1, 10)) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            text.ljust(width) if column in left else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _cell(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" + ("" if n == 1 else "s")
