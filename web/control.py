"""Commands from the page to the station; each answers with the state in which it took effect."""

from __future__ import annotations

import math
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from station.coach.programs import GOALS
from station.door import (
    HEAVIEST_KG,
    LONGEST_NAME,
    SIDES,
    Command,
    CommandRefused,
    EndSession,
    EndSet,
    Side,
    StartSet,
    ZeroPlate,
)
from web import context, wire

control = Blueprint("control", __name__, url_prefix="/api/v1")


@control.post("/set/start")
def start_set() -> ResponseReturnValue:
    """Begin a set, and a session where none is open."""
    fields = _fields("athlete", "side", "goal", "load_kg")
    return _carry_out(
        StartSet(
            athlete=_athlete(fields.get("athlete")),
            side=_side(fields.get("side")),
            goal=_goal(fields.get("goal")),
            load_kg=_load_kg(fields.get("load_kg")),
        )
    )


@control.post("/set/end")
def end_set() -> ResponseReturnValue:
    """End the running set."""
    _fields()
    return _carry_out(EndSet())


@control.post("/session/end")
def end_session() -> ResponseReturnValue:
    """End the running set, if any, and close the session."""
    _fields()
    return _carry_out(EndSession())


@control.post("/plate/zero")
def zero_plate() -> ResponseReturnValue:
    """Take the present load as an empty plate."""
    confirmed = _fields("confirmed").get("confirmed", False)
    if not isinstance(confirmed, bool):
        abort(400, "confirmed must be true or false.")
    return _carry_out(ZeroPlate(confirmed))


def _carry_out(command: Command) -> ResponseReturnValue:
    try:
        return wire.state_json(context.station().command(command))
    except CommandRefused as refusal:
        return jsonify(error=str(refusal), confirmable=refusal.confirmable), 409


def _fields(*names: str) -> dict[str, Any]:
    """Return the JSON object that was sent, which may have no field but `names`."""
    value = request.get_json(silent=True)
    if not isinstance(value, dict):
        abort(400, "A command is a JSON object, such as {}.")
    if not value.keys() <= set(names):
        abort(400, f"This command takes {', '.join(names) or 'no fields'} and nothing else.")
    return value


def _athlete(value: object) -> str:
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        abort(400, f"Give the athlete a name of 1 to {LONGEST_NAME} characters.")
    return name


def _side(value: object) -> Side:
    side = next((side for side in SIDES if side == value), None)
    if side is None:
        abort(400, f"Choose a side: {' or '.join(SIDES)}.")
    return side


def _goal(value: object) -> str:
    if not isinstance(value, str) or value not in GOALS:
        abort(400, f"Choose a goal: {', '.join(GOALS)}.")
    return value


def _load_kg(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        abort(400, "Give the load in kg as a number, 0 for none.")
    if not 0 <= value <= HEAVIEST_KG:
        abort(400, f"The load must be from 0 to {HEAVIEST_KG:g} kg.")
    return float(value)
