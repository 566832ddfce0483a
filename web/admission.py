"""Who is asking: a paired device, or nobody we know; and whether the route is theirs to ask for."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, abort, current_app, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from station.devices import GOOD_FOR_DAYS, LONGEST_NAME, Device
from web import context
from web.guard import KNOWN, SAFE_METHODS
from web.roles import Role, role_of

COOKIE = "heeldrive_device"
CSRF_HEADER = "X-Heeldrive-Page"
ROLES = {"floor": Role.FLOOR, "owner": Role.OWNER}

NOT_PAIRED = "This device is not paired with the station: open the page /pair."
OWNERS_ONLY = "This is for the station's owner: give the PIN on the page /pair."
STALE_PAGE = "This page is not from this pairing: load it again."


@dataclass(frozen=True)
class Visitor:
    """Who asks; device None: nobody we know, or anybody where no pairing is needed."""

    role: Role
    device: Device | None

    @property
    def is_paired_owner(self) -> bool:
        """Whether it is the owner's own device, and no mere visitor of an open station."""
        return self.device is not None and self.role is Role.OWNER


def install(app: Flask) -> None:
    """Put the roles before every route of `app`."""
    app.before_request(_check)
    app.context_processor(lambda: {"visitor": visitor(), "page_token": page_token()})


def visitor() -> Visitor:
    """Return who asks."""
    if "visitor" not in g:
        g.visitor = _recognised()
    return g.visitor  # type: ignore[no-any-return]


def still(role: Role) -> Callable[[], bool]:
    """Return what tells, later and from any thread, whether the one who asks now still may."""
    if not context.pairing():
        return lambda: True
    devices, token = context.station().devices, request.cookies.get(COOKIE, "")

    def may() -> bool:
        device = devices.of(token)
        return device is not None and ROLES[device.role] >= role

    return may


def page_token() -> str:
    """Return what a page of this device sends along with each command.

    Another site can make a browser send our cookie, but can't read what our page has in it.
    """
    return _page_token(request.cookies.get(COOKIE, ""))


def admit(answer: Response, token: str, role: Role) -> None:
    """Have the browser keep a device's token, where no script can read it."""
    days = GOOD_FOR_DAYS["owner" if role is Role.OWNER else "floor"]
    answer.set_cookie(
        COOKIE, token, max_age=days * 86_400, httponly=True, samesite="Strict", secure=request.is_secure
    )


def require(role: Role) -> None:
    """Answer 401 or 403 where the one who asks has no such role."""
    asking = visitor()
    if asking.role < role:
        abort(403 if asking.device else 401, OWNERS_ONLY if asking.device else NOT_PAIRED)


def pair_page(status: int, needed: Role = Role.FLOOR) -> ResponseReturnValue:
    """Answer the page on which a device is paired."""
    return render_template("pair.html", needed=needed.name.lower(), longest=LONGEST_NAME), status


def _recognised() -> Visitor:
    if not context.pairing():
        return Visitor(Role.OWNER, None)
    token = request.cookies.get(COOKIE, "")
    device = context.station().devices.of(token) if token else None
    return Visitor(Role.NONE if device is None else ROLES[device.role], device)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # there is no such route, and the answer says so to anybody
    needed = role_of(current_app.view_functions.get(request.endpoint))
    if needed is None:
        abort(403, "This address is closed.")
    asking = visitor()
    if asking.role > Role.NONE:
        request.environ[KNOWN] = True
    if asking.device is not None and request.method not in SAFE_METHODS:
        sent = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(sent.encode(), page_token().encode()):
            abort(403, STALE_PAGE)
    if needed in (Role.NONE, Role.TAKE_HOME) or asking.role >= needed:
        return None  # a link to take home is looked at by its own route
    if request.path.startswith("/api/") or request.method not in SAFE_METHODS:
        answer = jsonify(error=OWNERS_ONLY if asking.device else NOT_PAIRED)
        return answer, 403 if asking.device else 401
    return pair_page(403 if asking.device else 401, needed)


def _page_token(device_token: str) -> str:
    return hmac.new(device_token.encode(), b"page", hashlib.sha256).hexdigest() if device_token else ""
