"""What was recorded: the list of sessions, and one session's files."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from station.door import LONGEST_NAME, LONGEST_NOTE, AthleteCard, VisitMark
from station.errors import UserError
from web import context, wire
from web.downloads import file_names, form_names
from web.lock import granted
from web.roles import Role, needs

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
@needs(Role.FLOOR)
def page() -> str:
    """Answer the list of sessions as a page."""
    cards = [card for card in context.station().athletes() if _theirs(card.name)]
    trends = [Trend.of(card) for card in cards if len(card.visits) > 1]
    rows = [row for row in context.station().sessions() if _theirs(row.athlete)]
    athletes = sorted({row.athlete for row in rows if row.athlete})
    return render_template(
        "history.html",
        rows=rows,
        trends=trends,
        athletes=athletes,
        forms=form_names(),
        locked=context.station().locked(),
    )


@history.get("/history/<int:number>")
@needs(Role.FLOOR)
def session_page(number: int) -> str:
    """Answer one session as a page."""
    row = next((row for row in context.station().sessions() if row.number == number), None)
    if row is None:
        abort(404, f"There is no session {number}.")
    if row.state == "damaged":
        abort(500, row.note)
    return render_template(
        "session.html",
        row=row,
        forms=form_names(),
        longest_name=LONGEST_NAME,
        longest_note=LONGEST_NOTE,
    )


@history.get("/api/v1/sessions")
@needs(Role.FLOOR)
def sessions() -> ResponseReturnValue:
    """Answer the list of sessions, newest first."""
    rows = context.station().sessions()
    return {"sessions": [wire.row_json(row) for row in rows if _theirs(row.athlete)]}


@history.get("/api/v1/sessions/<int:number>/review")
@needs(Role.FLOOR)
def reviewed(number: int) -> ResponseReturnValue:
    """Answer a session's sets, judged, with their curves."""
    try:
        return wire.review_json(context.station().review(number))
    except LookupError as missing:
        abort(404, str(missing.args[0]) if missing.args else f"There is no session {number}.")
    except UserError as damaged:
        abort(500, str(damaged))


@history.get("/api/v1/sessions/<int:number>/files")
@needs(Role.FLOOR)
def files(number: int) -> ResponseReturnValue:
    """Answer the names of one session's files."""
    return {"files": file_names(number)}


def _theirs(athlete: str) -> bool:
    """Tell whether the one who asks may see what is an athlete's."""
    grant = granted()
    return grant is not None and grant.athlete in (None, athlete)
