"""The plate calibrated and verified from the tablet: the page, and the commands that it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from station.calibrating import Status
from station.calibration import certificate
from station.calibration.procedure import HEAVIEST_KG, LIGHTEST_KG
from station.calibration.solving import PLACING_MM
from station.door import CommandRefused
from station.errors import UserError
from web import context
from web.roles import Role, needs
from web.sent import is_number, sent, whole, word, yes_no

MOST_MASSES, MOST_TURNS = 6, 10**9
PLACING = (0.5, 50.0)  # mm
CAPACITIES = (1.0, 1000.0)  # kg

calibrate = Blueprint("calibrate", __name__)


@calibrate.get("/calibrate")
@needs(Role.OWNER)
def page() -> str:
    """Answer the page."""
    station = context.station()
    return render_template(
        "calibrate.html",
        status=station.calibrating.status(),
        folder=station.data_folder.absolute(),
        lightest_kg=LIGHTEST_KG,
        heaviest_kg=HEAVIEST_KG,
    )


@calibrate.get("/calibrate/certificate/<calibration>")
@needs(Role.OWNER)
def printed(calibration: str) -> ResponseReturnValue:
    """Answer a certificate as a page to print."""
    made = _known(lambda: context.station().calibrating.certificate(calibration))
    return certificate.html(made, '<link rel="stylesheet" href="/calibrate/certificate.css">')


@calibrate.get("/calibrate/certificate.css")
@needs(Role.OWNER)
def style() -> ResponseReturnValue:
    """Answer the look of that page: as a file of its own, since no page here brings styles along."""
    return Response(certificate.STYLE, mimetype="text/css")


@calibrate.get("/api/v1/calibration")
@needs(Role.OWNER)
def status() -> ResponseReturnValue:
    """Answer how plate and procedure are; `turn` is the one whose readings and result the page has."""
    answer = _json(context.station().calibrating.status())
    under = answer["under"]
    if under is not None and request.args.get("turn") == str(under["turn"]):
        del under["readings"], under["result"]
    return answer


@calibrate.get("/api/v1/calibrations")
@needs(Role.OWNER)
def kept() -> ResponseReturnValue:
    """Answer the calibrations that are kept, newest first."""
    return {"calibrations": [asdict(one) for one in context.station().calibrating.kept()]}


@calibrate.get("/api/v1/calibrations/<calibration>")
@needs(Role.OWNER)
def body(calibration: str) -> ResponseReturnValue:
    """Answer one with every reading that it was made from, as `heeldrive calibrate --show` prints it."""
    return jsonify(_known(lambda: context.station().calibrating.body(calibration)))


@calibrate.post("/api/v1/calibration/start")
@needs(Role.OWNER)
def start() -> ResponseReturnValue:
    """Begin a calibration."""
    fields = sent("masses_kg", "grid", "placing_mm")
    masses = fields.get("masses_kg")
    if not isinstance(masses, list) or not 1 <= len(masses) <= MOST_MASSES or not all(map(is_number, masses)):
        abort(400, f"Give what the masses weigh: 1 to {MOST_MASSES} numbers, in kg.")
    grid, placing_mm = yes_no(fields, "grid"), _placing_mm(fields)
    calibrating = context.station().calibrating
    return _done(lambda: calibrating.begin([float(m) for m in masses], grid=grid, placing_mm=placing_mm))


@calibrate.post("/api/v1/calibration/verify")
@needs(Role.OWNER)
def verify() -> ResponseReturnValue:
    """Begin a verification."""
    fields = sent("mass_kg", "placing_mm", "cells", "capacity_kg")
    mass_kg, placing_mm = fields.get("mass_kg"), _placing_mm(fields)
    if not is_number(mass_kg):
        abort(400, "Give what the mass weighs: a number, in kg.")
    cells, capacity_kg = fields.get("cells", ""), fields.get("capacity_kg", 50.0)
    if not isinstance(cells, str):
        abort(400, "The class of the cells is a text such as C3, or empty.")
    low, high = CAPACITIES
    if not is_number(capacity_kg) or not low <= capacity_kg <= high:
        abort(400, f"What one cell is made for must be from {low:g} to {high:g} kg.")
    calibrating = context.station().calibrating
    return _done(
        lambda: calibrating.begin_verifying(float(mass_kg), placing_mm, cells.strip(), float(capacity_kg))
    )


@calibrate.post("/api/v1/calibration/measure")
@needs(Role.OWNER)
def measure() -> ResponseReturnValue:
    """Measure this step now."""
    fields = sent("turn", "empty")
    turn, empty = _turn(fields), yes_no(fields, "empty")
    return _done(lambda: context.station().calibrating.measure(turn, empty=empty))


@calibrate.post("/api/v1/calibration/redo")
@needs(Role.OWNER)
def redo() -> ResponseReturnValue:
    """Have the newest mass measured anew."""
    turn = _turn(sent("turn"))
    return _done(lambda: context.station().calibrating.redo(turn))


@calibrate.post("/api/v1/calibration/more")
@needs(Role.OWNER)
def more() -> ResponseReturnValue:
    """Add the placement that gains most, or the rest of the grid."""
    fields = sent("turn", "what")
    turn, what = _turn(fields), word(fields, "what", ("one", "grid"), needed=True)
    return _done(lambda: context.station().calibrating.more(turn, what))


@calibrate.post("/api/v1/calibration/keep")
@needs(Role.OWNER)
def keep() -> ResponseReturnValue:
    """Keep the result."""
    turn = _turn(sent("turn"))
    return _done(lambda: context.station().calibrating.keep(turn))


@calibrate.post("/api/v1/calibration/stop")
@needs(Role.OWNER)
def stop() -> ResponseReturnValue:
    """End what is under way, if anything."""
    sent()
    return _done(context.station().calibrating.stop)


@calibrate.post("/api/v1/calibrations/use")
@needs(Role.OWNER)
def use() -> ResponseReturnValue:
    """Use another calibration that is kept."""
    calibration = sent("id").get("id")
    if not isinstance(calibration, str):
        abort(400, "Give the id of the calibration.")
    return _done(lambda: _known(lambda: context.station().calibrating.use(calibration)))


def _done(command: Callable[[], Status]) -> ResponseReturnValue:
    try:
        return _json(command())
    except (CommandRefused, UserError) as refusal:
        return jsonify(error=str(refusal)), 409


def _known(ask: Callable[[], Any]) -> Any:
    """Return what `ask` gives, or answer 404."""
    try:
        return ask()
    except LookupError as error:
        abort(404, str(error.args[0]))


def _json(now: Status) -> dict[str, Any]:
    return asdict(now)


def _turn(fields: dict[str, Any]) -> int:
    turn = whole(fields, "turn", 0, MOST_TURNS)
    if turn is None:
        abort(400, "Give the turn that the page showed.")
    return turn


def _placing_mm(fields: dict[str, Any]) -> float:
    value = fields.get("placing_mm", PLACING_MM)
    low, high = PLACING
    if not is_number(value) or not low <= value <= high:
        abort(400, f"How exactly the masses are put down must be from {low:g} to {high:g} mm.")
    return float(value)
