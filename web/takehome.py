"""A session on the athlete's own phone: a code to scan, good once, for ten minutes."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from station.door import Scope
from web import context, lock, reach
from web.downloads import zipped
from web.roles import Role, needs

GOOD_FOR_S = 600.0
MOST = 50  # links at a time
TAKEN_HOME = ("csv", "report")

takehome = Blueprint("takehome", __name__)


@takehome.post("/api/v1/sessions/<int:number>/take-home")
@needs(Role.FLOOR)
def issue(number: int) -> ResponseReturnValue:
    """Open a link to a session for somebody's phone."""
    if request.get_json(silent=True) != {}:
        abort(400, "This command takes no fields: send {}.")
    if all(row.number != number for row in context.station().sessions()):
        abort(404, f"There is no session {number}.")
    lock.require(number)
    path = f"/take/{context.tickets().issue(number)}"
    url, reachable = reach.url(path)
    return {
        "url": url,
        "qr": f"{path}/qr.svg",
        "good_for_s": GOOD_FOR_S,
        "reachable": reachable,
    }


@takehome.get("/take/<token>")
@needs(Role.TAKE_HOME)
def page(token: str) -> str:
    """Answer the phone's page; opening it does not use the link up."""
    return render_template("take.html", number=_still_good(context.tickets().of(token)), token=token)


@takehome.get("/take/<token>/session.zip")
@needs(Role.TAKE_HOME)
def files(token: str) -> ResponseReturnValue:
    """Answer the session's files, once."""
    number = _still_good(context.tickets().take_back(token))
    return zipped(Scope(number), TAKEN_HOME, f"heeldrive-session-{number}")


@takehome.get("/take/<token>/qr.svg")
@needs(Role.TAKE_HOME)
def code(token: str) -> ResponseReturnValue:
    """Answer the link as a code to scan."""
    _still_good(context.tickets().of(token))
    return reach.qr(reach.url(f"/take/{token}")[0])


def _still_good(number: int | None) -> int:
    if number is None:
        abort(404, "This link was used already, or is older than ten minutes: show the code again.")
    return number
