"""A session on the athlete's own phone: a code to scan, good once, for ten minutes."""

from __future__ import annotations

import io
import socket
from urllib.parse import urlsplit

import segno
from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from web import context
from web.downloads import zipped
from web.guard import is_ip, is_loopback
from web.tickets import GOOD_FOR_S

takehome = Blueprint("takehome", __name__)


@takehome.post("/api/v1/sessions/<int:number>/take-home")
def issue(number: int) -> ResponseReturnValue:
    """Open a link to a session for somebody's phone."""
    if request.get_json(silent=True) != {}:
        abort(400, "This command takes no fields: send {}.")
    if all(row.number != number for row in context.station().sessions()):
        abort(404, f"There is no session {number}.")
    path = f"/take/{context.tickets().issue(number)}"
    address, reachable = _address()
    return {
        "url": f"http://{address}{path}",
        "qr": f"{path}/qr.svg",
        "good_for_s": GOOD_FOR_S,
        "reachable": reachable,
    }


@takehome.get("/take/<token>")
def page(token: str) -> str:
    """Answer the phone's page; opening it does not use the link up."""
    number = context.tickets().session_of(token)
    if number is None:
        abort(404, "This link was used already, or is older than ten minutes: show the code again.")
    return render_template("take.html", number=number, token=token)


@takehome.get("/take/<token>/session.zip")
def files(token: str) -> ResponseReturnValue:
    """Answer the session's files, once."""
    number = context.tickets().redeem(token)
    if number is None:
        abort(404, "This link was used already, or is older than ten minutes: show the code again.")
    return zipped(number)


@takehome.get("/take/<token>/qr.svg")
def code(token: str) -> ResponseReturnValue:
    """Answer the link as a code to scan."""
    if context.tickets().session_of(token) is None:
        abort(404, "There is no such link.")
    made = segno.make(f"http://{_address()[0]}/take/{token}", error="m", micro=False)
    drawn = io.BytesIO()
    made.save(drawn, kind="svg", scale=8, border=4, dark="#11161b", light="#ffffff")
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


def _address() -> tuple[str, bool]:
    """Return host and port under which a phone finds the station, and whether it can.

    A name that ends in .local is not known to many phones, so that the address in numbers is given:
    the one of this machine that faces the tablet.
    """
    asked = urlsplit(f"//{request.host}")
    host = asked.hostname or ""
    if not is_ip(host) or is_loopback(host):
        host = _facing(request.remote_addr or "127.0.0.1") or host
    shown = f"[{host}]" if ":" in host else host
    return (shown if asked.port is None else f"{shown}:{asked.port}"), not is_loopback(host)


def _facing(remote: str) -> str | None:
    """Return this machine's address towards another; nothing is sent."""
    family = socket.AF_INET6 if ":" in remote else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((remote, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None
