"""What was recorded: the list of sessions, and one session's files."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from station.errors import UserError
from web import context, wire
from web.downloads import file_names

history = Blueprint("history", __name__)


@history.get("/history")
def page() -> str:
    """Answer the list of sessions as a page."""
    return render_template("history.html", rows=context.station().sessions())


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
