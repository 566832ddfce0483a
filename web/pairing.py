"""Devices come in: by the owner's PIN, or by a code that the owner's device shows once."""

from __future__ import annotations

import secrets
import string
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from station import codes
from station.devices import GOOD_FOR_DAYS, LONGEST_NAME, Device
from station.errors import UserError
from station.pin import DIGITS
from web import admission, context, reach
from web.roles import Role, needs
from web.sent import athlete_of, sent

CODE_LETTERS = "".join(sorted(set(string.ascii_uppercase) - set("ILOU")))  # none is taken for another
CODE_LENGTH = 6
CODE_GOOD_FOR_S = 600.0
MOST_CODES = 10
LONGEST_SECRET = 40  # what somebody may type in the place of a code

pairing = Blueprint("pairing", __name__)


def new_code() -> str:
    """Return a code that is quickly typed: one of 113 million, for which there are 150 guesses."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


@pairing.get("/pair")
@needs(Role.NONE)
def page() -> ResponseReturnValue:
    """Answer the page on which a device is paired."""
    return admission.pair_page(200)


@pairing.post("/api/v1/pair")
@needs(Role.NONE)
def pair() -> ResponseReturnValue:
    """Let a device in that has a code, or the owner's PIN."""
    fields = sent("secret", "name", "role")
    name, role = _name(fields.get("name")), _role(fields.get("role", "floor"))
    secret = fields.get("secret")
    if not isinstance(secret, str) or not 0 < len(secret) <= LONGEST_SECRET:
        abort(400, "Give the code that the owner's device shows, or the PIN.")
    address = request.remote_addr or ""
    if not context.limits().pairing.take(address):
        abort(429, "Too many wrong codes: wait a minute.")
    granted = _granted(secret, role)
    if granted is None:
        abort(403, "This code does not fit, or is older than ten minutes.")
    context.limits().pairing.give_back(address)
    devices = context.station().devices
    before = admission.visitor().device
    try:
        token = devices.pair(name, "owner" if granted is Role.OWNER else "floor")
    except UserError as full:
        abort(409, str(full))
    if before is not None:  # the same device, with another role
        devices.revoke(before.id)
    answer = jsonify(role=granted.name.lower())
    admission.admit(answer, token, granted)
    return answer


@pairing.get("/devices")
@needs(Role.OWNER)
def devices_page() -> str:
    """Answer the page of all devices."""
    return render_template(
        "devices.html",
        longest=LONGEST_NAME,
        pairing=context.pairing(),
        athletes=[card.name for card in context.station().athletes()],
        shortest_code=codes.SHORTEST,
        longest_code=codes.LONGEST,
    )


@pairing.get("/api/v1/devices")
@needs(Role.OWNER)
def listed() -> ResponseReturnValue:
    """Answer all devices."""
    return _all()


@pairing.post("/api/v1/devices/code")
@needs(Role.OWNER)
def show_code() -> ResponseReturnValue:
    """Make a code for another device, good once."""
    role = _role(sent("role").get("role"))
    code = context.codes().issue(role)
    url, reachable = reach.url(_path(code))
    return {
        "code": f"{code[:3]} {code[3:]}",
        "url": url,
        "qr": f"/devices/code/{code}.svg",
        "good_for_s": CODE_GOOD_FOR_S,
        "reachable": reachable,
    }


@pairing.get("/devices/code/<code>.svg")
@needs(Role.OWNER)
def drawn(code: str) -> Response:
    """Answer a code's link as something to scan."""
    if context.codes().of(code) is None:
        abort(404, "This code was used already, or is older than ten minutes.")
    return reach.qr(reach.url(_path(code))[0])


@pairing.post("/api/v1/devices/rename")
@needs(Role.OWNER)
def rename() -> ResponseReturnValue:
    """Give a device another name."""
    fields = sent("id", "name")
    name, number = _name(fields.get("name")), _number(fields.get("id"))
    try:
        context.station().devices.rename(number, name)
    except LookupError as none:
        abort(404, str(none.args[0]))
    return _all()


@pairing.post("/api/v1/devices/revoke")
@needs(Role.OWNER)
def revoke() -> ResponseReturnValue:
    """Let a device in no more; its stream ends as well."""
    number = _number(sent("id").get("id"))
    try:
        context.station().devices.revoke(number)
    except LookupError as none:
        abort(404, str(none.args[0]))
    return _all()


@pairing.post("/api/v1/codes")
@needs(Role.OWNER)
def keep_code() -> ResponseReturnValue:
    """Give the coach or an athlete a code for the history, or take it away."""
    fields = sent("athlete", "code")
    athlete, code = fields.get("athlete"), fields.get("code")
    if not (code is None or isinstance(code, str)):
        abort(400, "code is digits in quotes, or null to take it away.")
    try:
        context.station().put_code(None if athlete is None else athlete_of(athlete), code)
    except UserError as refusal:
        abort(400, str(refusal))
    return {"locked": context.station().locked()}


def _granted(secret: str, role: Role) -> Role | None:
    """Return what a code or the PIN opens; a code is used up."""
    plain = "".join(secret.split()).replace("-", "")
    if len(plain) == DIGITS and plain.isascii() and plain.isdecimal():
        return role if context.station().pin.fits(plain) else None
    return context.codes().take_back(plain.upper())


def _path(code: str) -> str:
    return f"/pair#{code}"  # behind the #: it is in no request and in no log


def _all() -> dict[str, Any]:
    mine = admission.visitor().device
    return {"devices": [_device_json(one, mine) for one in context.station().devices.all()]}


def _device_json(device: Device, mine: Device | None) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": device.name,
        "role": device.role,
        "paired_utc": device.paired_utc,
        "seen_utc": device.seen_utc,
        "good_for_days": GOOD_FOR_DAYS[device.role],
        "this_one": mine is not None and mine.id == device.id,
    }


def _name(value: object) -> str:
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        abort(400, f"Give the device a name of 1 to {LONGEST_NAME} characters.")
    return name


def _role(value: object) -> Role:
    if not isinstance(value, str) or value not in admission.ROLES:
        abort(400, f"role is one of {', '.join(admission.ROLES)}.")
    return admission.ROLES[value]


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**9:
        abort(400, "id is the number of a device.")
    return value
