"""Commands from the page to the station; each answers with the state in which it took effect."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from station.coach.programs import (
    FOOTWEAR,
    FREE_LEGS,
    GOALS,
    HEAVIEST_KG,
    MOST_REPS,
    SIDES,
    TEMPOS,
    VARIANTS,
    Plan,
)
from station.door import (
    FELT,
    LONGEST_NAME,
    CancelPlan,
    Command,
    CommandRefused,
    EndSession,
    EndSet,
    MarkSet,
    NoteSet,
    StartSet,
    ZeroPlate,
)
from web import context, wire

YES_NO_NOTES = ("level_unsure", "twisted", "pain", "discarded")
PLAN_FIELDS = tuple(field.name for field in fields(Plan))

control = Blueprint("control", __name__, url_prefix="/api/v1")


@control.post("/set/start")
def start_set() -> ResponseReturnValue:
    """Begin a set, now or hands-free; opens a session where none is open."""
    fields = _fields("athlete", "hands_free", *PLAN_FIELDS)
    athlete, plan = _athlete(fields.get("athlete")), _plan(fields)
    return _carry_out(StartSet(athlete, plan, _yes_no(fields, "hands_free")))


@control.post("/set/cancel")
def cancel_plan() -> ResponseReturnValue:
    """Wait for the foot no more."""
    _fields()
    return _carry_out(CancelPlan())


@control.post("/set/mark")
def mark_set() -> ResponseReturnValue:
    """Mark the newest rep as twisted, or as painful."""
    return _carry_out(MarkSet(_word(_fields("word"), "word", ("twisted", "pain"), needed=True)))


@control.post("/set/note")
def note_set() -> ResponseReturnValue:
    """Keep what was answered after a set."""
    fields = _fields("number", "level_until", "effort", "felt", *YES_NO_NOTES)
    number = _whole(fields, "number", 1, 10_000)
    if number is None:
        abort(400, "Give the number of the set.")
    return _carry_out(
        NoteSet(
            number,
            level_until=_whole(fields, "level_until", 0, MOST_REPS),
            effort=_word(fields, "effort", ("easy", "right", "hard")),
            felt=_word(fields, "felt", FELT),
            **{key: _yes_no(fields, key) for key in YES_NO_NOTES if key in fields},
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
    return _carry_out(ZeroPlate(_yes_no(_fields("confirmed"), "confirmed")))


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


def _plan(fields: dict[str, Any]) -> Plan:
    return Plan(
        side=_word(fields, "side", SIDES, needed=True),
        goal=_word(fields, "goal", tuple(GOALS), needed=True),
        load_kg=_load_kg(fields.get("load_kg")),
        load_unit=_word(fields, "load_unit", ("kg", "lb"), "kg"),
        tempo=_word(fields, "tempo", tuple(TEMPOS), "controlled"),
        free_leg=_word(fields, "free_leg", tuple(FREE_LEGS), "bent"),
        variant=_word(fields, "variant", tuple(VARIANTS), "standard"),
        footwear=_word(fields, "footwear", tuple(FOOTWEAR), "shoes"),
        target_reps=_whole(fields, "target_reps", 1, MOST_REPS),
    )


def _word(
    fields: dict[str, Any],
    key: str,
    among: tuple[str, ...],
    default: str | None = None,
    *,
    needed: bool = False,
) -> Any:
    """Return one of several words, `default` where it was left out."""
    value = fields.get(key)
    if value is None and not needed:
        return default
    if not isinstance(value, str) or value not in among:
        abort(400, f"Choose {key.replace('_', ' ')}: {', '.join(among)}.")
    return value


def _whole(fields: dict[str, Any], key: str, least: int, most: int) -> int | None:
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        abort(400, f"{key} must be a whole number from {least} to {most}.")
    return value


def _yes_no(fields: dict[str, Any], key: str) -> bool:
    value = fields.get(key, False)
    if not isinstance(value, bool):
        abort(400, f"{key} must be true or false.")
    return value


def _load_kg(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        abort(400, "Give the load in kg as a number, 0 for none.")
    if not 0 <= value <= HEAVIEST_KG:
        abort(400, f"The load must be from 0 to {HEAVIEST_KG:g} kg.")
    return float(value)
