"""What was recorded: the list of sessions, and one session's files."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from station.door import AthleteCard, VisitMark
from station.errors import UserError
from web import context, wire
from web.downloads import file_names

history = Blueprint("history", __name__)

TREND_WIDTH, TREND_HEIGHT, TREND_EDGE = 320, 72, 8  # of the drawing
TREND_LEAST_TOP = 12  # reps: so few are not drawn as a mountain


@dataclass(frozen=True)
class Trend:
    """An athlete's visits as two lines, left and right; points are "x,y" pairs of an SVG.

    top : reps at the upper edge
    """

    name: str
    visits: int
    top: int
    left: str
    right: str
    last: VisitMark

    @classmethod
    def of(cls, card: AthleteCard) -> Trend:
        """Draw the visits of a card that has two or more."""
        counts = [n for visit in card.visits for n in (visit.left, visit.right) if n is not None]
        top = max([TREND_LEAST_TOP, *counts])

        def line(values: list[int | None]) -> str:
            step = (TREND_WIDTH - 2 * TREND_EDGE) / (len(values) - 1)
            drop = (TREND_HEIGHT - 2 * TREND_EDGE) / top
            places = [(k, n) for k, n in enumerate(values) if n is not None]
            return " ".join(
                f"{TREND_EDGE + k * step:.1f},{TREND_HEIGHT - TREND_EDGE - n * drop:.1f}" for k, n in places
            )

        left, right = ([getattr(visit, side) for visit in card.visits] for side in ("left", "right"))
        return cls(card.name, len(card.visits), top, line(left), line(right), card.visits[-1])


@history.get("/history")
def page() -> str:
    """Answer the list of sessions as a page."""
    trends = [Trend.of(card) for card in context.station().athletes() if len(card.visits) > 1]
    return render_template("history.html", rows=context.station().sessions(), trends=trends)


@history.get("/history/<int:number>")
def session_page(number: int) -> str:
    """Answer one session's files as a page."""
    row = next((row for row in context.station().sessions() if row.number == number), None)
    if row is None:
        abort(404, f"There is no session {number}.")
    return render_template("session.html", row=row, names=file_names(number))


@history.get("/api/v1/sessions")
def sessions() -> ResponseReturnValue:
    """Answer the list of sessions, newest first."""
    return {"sessions": [wire.row_json(row) for row in context.station().sessions()]}


@history.get("/api/v1/sessions/<int:number>/review")
def reviewed(number: int) -> ResponseReturnValue:
    """Answer a session's sets, judged, with their curves."""
    try:
        return wire.review_json(context.station().review(number))
    except LookupError as missing:
        abort(404, str(missing.args[0]) if missing.args else f"There is no session {number}.")
    except UserError as damaged:
        abort(500, str(damaged))


@history.get("/api/v1/sessions/<int:number>/files")
def files(number: int) -> ResponseReturnValue:
    """Answer the names of one session's files."""
    return {"files": file_names(number)}
