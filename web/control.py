"""Commands from the page to the station; each answers with the state in which it took effect."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue

from station.coach.byhand import ADDED, CORRECTIONS
from station.coach.cues import PRESSED
from station.coach.programs import (
    FOOTWEAR,
    FREE_LEGS,
    GOALS,
    HEAVIEST_KG,
    MOST_REPS,
    RULER_CM,
    SIDES,
    TEMPOS,
    VARIANTS,
    Plan,
)
from station.coach.progression import EFFORTS
from station.door import (
    FELT,
    LONGEST_NOTE,
    CancelPlan,
    Command,
    CommandRefused,
    CorrectRep,
    EndSession,
    EndSet,
    MarkSet,
    MoveSet,
    NoteSet,
    PlateIsRight,
    StartSet,
    ZeroPlate,
)
from web import context, lock, wire
from web.roles import Role, needs
from web.sent import athlete_of, is_number, sent, whole, word, yes_no

MOST_SETS, MOST_SESSIONS, MOST_IDS = 10_000, 10**9, 10**9
WHICH_SET = ("session", "number")
YES_NO_NOTES = ("level_unsure", "twisted", "pain", "discarded")
PLAN_FIELDS = tuple(field.name for field in fields(Plan))

control = Blueprint("control", __name__, url_prefix="/api/v1")


@control.post("/set/start")
@needs(Role.FLOOR)
def start_set() -> ResponseReturnValue:
    """Begin a set, now or hands-free; opens a session where none is open."""
    fields = sent("athlete", "hands_free", *PLAN_FIELDS)
    athlete, plan = athlete_of(fields.get("athlete")), _plan(fields)
    return _carry_out(StartSet(athlete, plan, yes_no(fields, "hands_free")))


@control.post("/set/cancel")
@needs(Role.FLOOR)
def cancel_plan() -> ResponseReturnValue:
    """Wait for the foot no more."""
    sent()
    return _carry_out(CancelPlan())


@control.post("/set/mark")
@needs(Role.FLOOR)
def mark_set() -> ResponseReturnValue:
    """Mark the newest rep as twisted, or as painful."""
    return _carry_out(MarkSet(word(sent("word"), "word", PRESSED, needed=True)))


@control.post("/set/note")
@needs(Role.FLOOR)
def note_set() -> ResponseReturnValue:
    """Keep what was answered after a set."""
    fields = sent(*WHICH_SET, "level_until", "effort", "felt", "text", *YES_NO_NOTES)
    number, session = _which_set(fields)
    return _carry_out(
        NoteSet(
            number,
            session,
            level_until=whole(fields, "level_until", 0, MOST_REPS),
            effort=word(fields, "effort", EFFORTS),
            felt=word(fields, "felt", FELT),
            text=_note_text(fields.get("text")),
            **{key: yes_no(fields, key) for key in YES_NO_NOTES if key in fields},
        )
    )


@control.post("/set/move")
@needs(Role.FLOOR)
def move_set() -> ResponseReturnValue:
    """Give a set to the athlete who did it."""
    fields = sent(*WHICH_SET, "athlete")
    number, session = _which_set(fields)
    return _carry_out(MoveSet(number, athlete_of(fields.get("athlete")), session))


@control.post("/set/rep")
@needs(Role.FLOOR)
def correct_rep() -> ResponseReturnValue:
    """Keep what somebody says of one rep, or take it back."""
    fields = sent(*WHICH_SET, "rep", "word")
    number, session = _which_set(fields)
    rep = whole(fields, "rep", -MOST_REPS, MOST_IDS)
    if rep is None:
        abort(400, "Give the id of the rep, or one below 0 for a rep that was missed.")
    return _carry_out(CorrectRep(number, rep, word(fields, "word", (ADDED, *CORRECTIONS)), session))


@control.post("/set/end")
@needs(Role.FLOOR)
def end_set() -> ResponseReturnValue:
    """End the running set."""
    sent()
    return _carry_out(EndSet())


@control.post("/session/end")
@needs(Role.FLOOR)
def end_session() -> ResponseReturnValue:
    """End the running set, if any, and close the session."""
    sent()
    return _carry_out(EndSession())


@control.post("/plate/right")
@needs(Role.FLOOR)
def plate_is_right() -> ResponseReturnValue:
    """Take it that the plate is the right way round."""
    sent()
    return _carry_out(PlateIsRight())


@control.post("/plate/zero")
@needs(Role.FLOOR)
def zero_plate() -> ResponseReturnValue:
    """Take the present load as an empty plate."""
    return _carry_out(ZeroPlate(yes_no(sent("confirmed"), "confirmed")))


def _carry_out(command: Command) -> ResponseReturnValue:
    try:
        return wire.state_json(context.station().command(command))
    except CommandRefused as refusal:
        return jsonify(error=str(refusal), confirmable=refusal.confirmable), 409


def _which_set(fields: dict[str, Any]) -> tuple[int, int | None]:
    """Return a set's number and its session's; without the latter it is one of the open session."""
    number = whole(fields, "number", 1, MOST_SETS)
    if number is None:
        abort(400, "Give the number of the set.")
    session = whole(fields, "session", 1, MOST_SESSIONS)
    if session is not None:
        lock.require(session)
    return number, session


def _note_text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_NOTE or not value.replace("\n", "").isprintable():
        abort(400, f"A note is text of at most {LONGEST_NOTE} characters.")
    return value.strip()


def _plan(fields: dict[str, Any]) -> Plan:
    return Plan(
        side=word(fields, "side", SIDES, needed=True),
        goal=word(fields, "goal", tuple(GOALS), needed=True),
        load_kg=_load_kg(fields.get("load_kg")),
        load_unit=word(fields, "load_unit", ("kg", "lb"), "kg"),
        tempo=word(fields, "tempo", tuple(TEMPOS), "controlled"),
        free_leg=word(fields, "free_leg", tuple(FREE_LEGS), "bent"),
        variant=word(fields, "variant", tuple(VARIANTS), "standard"),
        footwear=word(fields, "footwear", tuple(FOOTWEAR), "shoes"),
        target_reps=whole(fields, "target_reps", 1, MOST_REPS),
        plate_cm=_plate_cm(fields.get("plate_cm")),
    )


def _plate_cm(value: object) -> float | None:
    if value is None:
        return None
    if not is_number(value) or not -RULER_CM <= value <= RULER_CM:
        abort(
            400, f"The plate's ruler reads from {-RULER_CM:g} to {RULER_CM:g} cm; null where it is not noted."
        )
    return round(float(value), 1)


def _load_kg(value: object) -> float:
    if not is_number(value):
        abort(400, "Give the load in kg as a number, 0 for none.")
    if not 0 <= value <= HEAVIEST_KG:
        abort(400, f"The load must be from 0 to {HEAVIEST_KG:g} kg.")
    return float(value)
