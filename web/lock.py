"""The history behind a code: a shared screen shows who lifts now, not what everybody did before.

The coach's code opens everything; an athlete's own opens their sessions alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from station.codes import LONGEST
from station.door import LONGEST_NAME
from web import admission, context
from web.roles import Role, needs

COOKIE = "heeldrive_history"
OPEN_FOR_S = 600.0  # since it was last used
MOST_OPEN = 50
LOCKED = frozenset({"history", "downloads"})  # blueprints; what is the owner's needs the owner

CLOSED = "The history is locked: open it with a code on the page /history."

lock = Blueprint("lock", __name__)


@dataclass(frozen=True)
class Grant:
    """What somebody's code opened; athlete None: everything."""

    athlete: str | None


def install(app: Flask) -> None:
    """Put the lock before the history's routes."""
    app.before_request(_check)


def granted() -> Grant | None:
    """Return what the one who asks may see: the owner everything, a tablet on the floor by a code only.

    Where no pairing is needed everything is open until the coach has a code.
    """
    if admission.visitor().is_paired_owner or not (context.pairing() or context.station().locked()):
        return Grant(None)
    return context.grants().renewed(request.cookies.get(COOKIE, ""))


def may_touch(number: int) -> bool:
    """Tell whether the one who asks may see and correct a session: it is open now, or theirs."""
    shown = context.station().snapshot()
    if number in [one.number for one in (shown.session, *shown.others) if one is not None]:
        return True
    grant = granted()
    if grant is None or grant.athlete is None:
        return grant is not None
    theirs = (row.number for row in context.station().sessions() if row.athlete == grant.athlete)
    return number in theirs


def require(number: int) -> None:
    """Answer 403 where the one who asks may neither see nor correct a session."""
    if not may_touch(number):
        abort(403, CLOSED)


def _check() -> ResponseReturnValue | None:
    if request.blueprint not in LOCKED:
        return None
    grant = granted()
    if grant is not None and _covers(grant):
        return None
    if request.path.startswith("/api/"):
        abort(403, CLOSED)
    names = [card.name for card in context.station().athletes()]
    page = render_template("unlock.html", names=names, longest=LONGEST, wrong_one=grant is not None)
    return page, 403


def _covers(grant: Grant) -> bool:
    """Tell whether a grant covers the route that is asked for; what is not named here needs the coach's."""
    if grant.athlete is None:
        return True
    number = (request.view_args or {}).get("number")
    if number is not None:
        return may_touch(number)
    if request.endpoint == "downloads.many":
        return request.args.get("athlete") == grant.athlete
    return request.endpoint in ("history.page", "history.sessions")


@lock.post("/api/v1/history/open")
@needs(Role.FLOOR)
def unlock() -> ResponseReturnValue:
    """Open the history with a code."""
    fields = request.get_json(silent=True)
    if not isinstance(fields, dict) or not fields.keys() <= {"athlete", "code"}:
        abort(400, "This command takes athlete and code.")
    athlete, code = fields.get("athlete"), fields.get("code")
    named = athlete is None or (
        isinstance(athlete, str) and 0 < len(athlete) <= LONGEST_NAME and athlete.isprintable()
    )
    if not named or not (isinstance(code, str) and 0 < len(code) <= LONGEST and code.isascii()):
        abort(400, "Give the code, and the athlete's name or null for the coach.")
    address = request.remote_addr or ""
    if not context.limits().codes.take(address):
        abort(429, "Too many wrong codes: wait a minute.")
    if not context.station().code_fits(athlete, code):
        abort(403, "This code does not fit.")
    context.limits().codes.give_back(address)
    answer = jsonify(good_for_s=OPEN_FOR_S)
    _put_cookie(answer, context.grants().issue(Grant(athlete)))
    return answer


@lock.post("/api/v1/history/close")
@needs(Role.FLOOR)
def close() -> ResponseReturnValue:
    """Lock the history again for whoever asks."""
    if request.get_json(silent=True) != {}:
        abort(400, "This command takes no fields: send {}.")
    context.grants().take_back(request.cookies.get(COOKIE, ""))
    answer = jsonify(good_for_s=0.0)
    answer.delete_cookie(COOKIE)
    return answer


def _put_cookie(answer: Response, token: str) -> None:
    # Not Secure: a gym's station speaks plain http on its own network.
    answer.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=request.is_secure)
