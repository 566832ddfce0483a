"""The OpenAPI document of /api/v1; a test holds it against the routes and their real answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from station.coach.cues import Stop, Word
from station.coach.programs import FOOTWEAR, FREE_LEGS, GOALS, HEAVIEST_KG, MOST_REPS, SIDES, TEMPOS, VARIANTS
from station.coach.rules import FAULTS
from station.door import FELT, LONGEST_NAME, Pressed, State
from station.signal.model import Phase, Style

Schema = dict[str, Any]

_NUMBER: Schema = {"type": ["number", "null"]}
_TEXT: Schema = {"type": ["string", "null"]}
_WHOLE: Schema = {"type": "integer"}
_WHOLE_OR_NONE: Schema = {"type": ["integer", "null"]}
_YES_NO: Schema = {"type": "boolean"}


def _object(properties: Schema, optional: tuple[str, ...] = (), about: str = "") -> Schema:
    required = [name for name in properties if name not in optional]
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return schema | ({"description": about} if about else {})


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _among(words: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(words)}


def _words(*types: Any) -> list[str]:
    """Return the words of literal types, one after the other."""
    return [word for one in types for word in (_words(*get_args(one)) if get_args(one) else [one])]


def _or_none(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_MOMENT: Schema = {
    "serial": {"type": "integer", "description": "rises with every snapshot"},
    "frame": {"type": "integer", "description": "running number of the newest frame; -1 before the first"},
    "t_s": _NUMBER | {"description": "time of the newest frame, s since the station's first"},
    "monotonic_s": _NUMBER | {"description": "the same on the machine's CLOCK_MONOTONIC"},
    "state": {"type": "string", "enum": list(get_args(State))},
    "phase": {"type": "string", "enum": list(get_args(Phase))},
    "phase_s": _NUMBER | {"description": "how long the phase has lasted, s"},
    "total_n": _NUMBER | {"description": "vertical force on the plate, N; null in a gap"},
    "heel_share": _NUMBER | {"description": "heel / (heel + toe), 0 to 1; null below the load floor"},
    "heel_up": _YES_NO | {"description": "the heel has been off the plate while lifting, for too long"},
    "planned": _or_none(_ref("Planned")),
    "practice_counted": _WHOLE | {"description": "reps while no set runs: shown, never recorded"},
    "rested_s": _NUMBER | {"description": "since the last set ended"},
    "sampler_connected": _YES_NO,
    "recording_fault": _TEXT | {"description": "plain words while the session is not being kept"},
    "notice": _TEXT,
    "silent": _list(_YES_NO)
    | {"description": "per cell (heel left, heel right, toe left, toe right): gives nothing"},
    "cell_faults": _list(_TEXT) | {"description": "per cell, in plain words"},
}
_PLAN: Schema = {
    "side": _among(SIDES),
    "goal": _among(GOALS),
    "load_kg": {"type": "number", "minimum": 0, "maximum": HEAVIEST_KG},
    "load_unit": _among(("kg", "lb")) | {"description": "as it was typed in"},
    "tempo": _among(TEMPOS),
    "free_leg": _among(FREE_LEGS),
    "variant": _among(VARIANTS),
    "footwear": _among(FOOTWEAR),
    "target_reps": _WHOLE_OR_NONE | {"minimum": 1, "maximum": MOST_REPS},
}
_NOTES: Schema = {
    "level_unsure": _YES_NO,
    "level_until": _WHOLE_OR_NONE
    | {"minimum": 0, "maximum": MOST_REPS, "description": "reps with level hips"},
    "effort": _among(("easy", "right", "hard")),
    "felt": _among(FELT),
    "twisted": _YES_NO,
    "pain": _YES_NO,
    "discarded": _YES_NO,
}
_SET: Schema = {
    "number": _WHOLE,
    "side": _among(SIDES),
    "plan": _ref("Plan"),
    "goal": _ref("Goal"),
    "load_kg": {"type": "number"},
    "coached": _YES_NO | {"description": "false: count by hand, nothing is said of the reps"},
    "heel_zone_from": {"type": "number"},
    "running": _YES_NO,
    "counted": _WHOLE | {"description": "reps announced so far, less those withdrawn"},
    "on_target": _WHOLE | {"description": "of the closed reps"},
    "baseline": _YES_NO | {"description": "it shows what is usual for this person"},
    "cues": _list(_among(_words(Word)))
    | {"description": "the one thing said after each rep; the newest may not be closed yet"},
    "stop": {"anyOf": [_among(_words(Stop)), {"type": "null"}]}
    | {"description": "why the set should end here; advice, never done by itself"},
    "pressed": _list(_object({"word": _among(_words(Pressed)), "rep": _WHOLE})),
    "notes": _ref("Notes"),
    "discarded": _YES_NO,
    "reps": _list(_ref("Rep")),
}
_SCHEMAS: Schema = {
    "Error": _object(
        {
            "error": {"type": "string", "description": "one plain sentence"},
            "confirmable": _YES_NO | {"description": "the same command with confirmed true would be done"},
        },
        optional=("confirmable",),
    ),
    "Source": _object(
        {"name": _TEXT, "text": _TEXT, "simulated": {"type": ["boolean", "null"]}}
        | {"nominal_rate_hz": _NUMBER}
    ),
    "Goal": _object(
        {"key": {"type": "string", "enum": list(GOALS)}, "name": {"type": "string"}}
        | dict.fromkeys(("reps_low", "reps_high", "sets_low", "sets_high"), _WHOLE_OR_NONE)
        | {"hold_s": _NUMBER, "rest_s": _NUMBER}
    ),
    "Rep": _object(
        {
            "number": _WHOLE,
            "id": _WHOLE,
            "style": {"type": "string", "enum": list(get_args(Style))},
            "confidence": {"type": "string", "enum": ["measured", "estimated"]},
            "complete": _YES_NO,
            "lift_off_s": _NUMBER | {"description": "s since the session began, as the next three"},
            "lockout_start_s": _NUMBER,
            "lockout_end_s": _NUMBER,
            "touchdown_s": _NUMBER,
            "up_s": _NUMBER,
            "hold_s": _NUMBER,
            "down_s": _NUMBER,
            "heel_share": _NUMBER,
            "peak_n": _NUMBER,
            "valid_fraction": _NUMBER,
            "steadiness": _NUMBER,
            "sway_ml_mm": _NUMBER,
            "on_target": {"type": ["boolean", "null"], "description": "null: too little is known to say"},
            "faults": _list(_among(FAULTS)),
        },
        about="A closed rep: it never changes again.",
    ),
    "Plan": _object(_PLAN, about="How a set is done."),
    "Notes": _object(_NOTES, optional=tuple(_NOTES), about="What was answered after a set."),
    "Set": _object(_SET),
    "ReviewedSet": _object(
        _SET | {"curve": _object({key: _list(_NUMBER) for key in ("t_s", "total_n", "heel_n")})}
    ),
    "Review": _object(
        {"number": _WHOLE, "athlete": {"type": "string"}, "sets": _list(_ref("ReviewedSet"))},
        about="A recorded session; its curves are thinned to 50 points a second, N over s.",
    ),
    "Proposal": _object(
        {"plan": _or_none(_ref("Plan")), "why": {"type": "string"}, "rest_s": _NUMBER},
        about="What to do after the last set; no plan: the lift is over for today.",
    ),
    "Planned": _object(
        {"athlete": {"type": "string"}, "plan": _ref("Plan")}
        | {"resumable": _YES_NO | {"description": "the foot has left and may still come back"}},
        about="A set without a tap, from a still foot to one that has left.",
    ),
    "Athlete": _object(
        {
            "name": {"type": "string"},
            "plan": _or_none(_ref("Plan")),
            "side_known": _YES_NO | {"description": "false: both sides are alike, so ask"},
            "why": {"type": "string", "description": "the next step in one sentence, or empty"},
            "asks_first": _YES_NO | {"description": "there was pain last time"},
            "visits": _list(_object({"session": _WHOLE, "left": _WHOLE_OR_NONE, "right": _WHOLE_OR_NONE}))
            | {"description": "oldest first: reps on target, clean where confirmed, of each side's best set"},
        },
        about="All as last time.",
    ),
    "Session": _object(
        {"number": _WHOLE, "athlete": {"type": "string"}, "sets": _list(_ref("Set"))}
        | {"t0_monotonic_s": {"type": "number", "description": "its second 0 on CLOCK_MONOTONIC"}}
        | {"proposal": _or_none(_ref("Proposal"))},
        about="The open session: one athlete's visit.",
    ),
    "Curve": _object(
        {
            "first_frame": _WHOLE | {"description": "running number of the first entry"},
            "t_s": _list(_NUMBER),
            "total_n": _list(_NUMBER),
            "heel_n": _list(_NUMBER),
        },
        about="Lists of one length, N over s; null in a gap. A frame keeps its number for ever.",
    ),
    "State": _object(
        _MOMENT | {"source": _ref("Source"), "session": _or_none(_ref("Session")), "curve": _ref("Curve")},
        optional=("curve",),
        about="One moment of the station. A command's answer leaves the curve out.",
    ),
    "Event": _object(
        _MOMENT | {"curve": _ref("Curve"), "source": _ref("Source"), "session": _or_none(_ref("Session"))},
        optional=("source", "session"),
        about="The first event of a stream is whole; a later one has only the curve's new entries, and "
        "source and session where they changed. Moments between two events are left out, never queued.",
    ),
    "SessionRow": _object(
        {
            "number": _WHOLE,
            "athlete": {"type": "string"},
            "started_utc": _TEXT | {"description": "ISO 8601; null without a synchronised clock"},
            "duration_s": _NUMBER,
            "sets": _WHOLE,
            "reps": _WHOLE,
            "state": {"type": "string", "enum": ["open", "closed", "interrupted", "damaged"]},
            "simulated": _YES_NO,
            "note": {"type": "string", "description": "what is wrong with a damaged file, else empty"},
        }
    ),
    "StartSet": _object(
        {"athlete": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}, "hands_free": _YES_NO}
        | _PLAN,
        optional=("hands_free", *(key for key in _PLAN if key not in ("side", "goal", "load_kg"))),
        about="hands_free: wait for a still foot, begin with the first rep, end when the foot has left.",
    ),
    "MarkSet": _object({"word": _among(_words(Pressed))}),
    "NoteSet": _object(
        {"number": _WHOLE | {"minimum": 1, "maximum": 10_000}} | _NOTES, optional=tuple(_NOTES)
    ),
    "ZeroPlate": _object(
        {"confirmed": _YES_NO | {"description": "also when far from the last zero"}},
        optional=("confirmed",),
    ),
    "Nothing": _object({}),
}


def _answer(about: str, media_type: str, schema: Schema) -> Schema:
    return {"description": about, "content": {media_type: {"schema": schema}}}


def _error(about: str) -> Schema:
    return _answer(about, "application/json", _ref("Error"))


def _json(about: str, schema: Schema) -> Schema:
    return _answer(about, "application/json", schema)


_FORBIDDEN = _error("asked under a name that is not the station's")
_SESSION: Schema = {"name": "number", "in": "path", "required": True, "schema": _WHOLE}
_FILE: Schema = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
_BYTES: Schema = {"type": "string", "format": "binary"}


def _get(about: str, answers: Schema, *parameters: Schema) -> Schema:
    operation: Schema = {"summary": about, "responses": answers | {"403": _FORBIDDEN}}
    return {"get": operation | ({"parameters": list(parameters)} if parameters else {})}


def _post(about: str, body: str) -> Schema:
    """Describe a command: from the station's own page only, as JSON."""
    return {
        "post": {
            "summary": about,
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _ref(body)}},
            },
            "responses": {
                "200": _json("done: the state in which it took effect", _ref("State")),
                "400": _error("a field is missing or wrong"),
                "403": _error("from another page: an Origin, where there is one, must be the station's"),
                "409": _error("can't be done now"),
                "413": _error("too large"),
                "415": _error("not application/json"),
            },
        }
    }


def _take_home() -> Schema:
    operation = _post("Open a link to a session for somebody's phone: once, for ten minutes", "Nothing")
    link = {"url": {"type": "string"}, "qr": {"type": "string", "description": "path of the code as SVG"}}
    link |= {"good_for_s": {"type": "number"}}
    link |= {"reachable": _YES_NO | {"description": "false: the station listens on its own machine only"}}
    answers = {"200": _json("the link", _object(link)), "404": _error("no such session")}
    refusals = {
        key: value for key, value in operation["post"]["responses"].items() if key not in ("200", "409")
    }
    return {"post": operation["post"] | {"parameters": [_SESSION], "responses": answers | refusals}}


_NO_FILES = {
    "404": _error("no such session, or no such file"),
    "500": _error("the session's file is damaged"),
}

DOCUMENT: Schema = {
    "openapi": "3.1.0",
    "info": {
        "title": "Heeldrive station",
        "version": "1",
        "description": "Live force of the single-leg hip thrust, commands, and recorded sessions. "
        "Forces in N, times in s, loads in kg.",
    },
    "servers": [{"url": "/"}],
    "paths": {
        "/api/v1/state": _get("The newest snapshot", {"200": _json("with the last 15 s", _ref("State"))}),
        "/api/v1/stream": _get(
            "Snapshots as they come, as server-sent events",
            {
                "200": _answer("each event's data is an Event", "text/event-stream", _ref("Event")),
                "503": _error("too many pages watch already"),
            },
        ),
        "/api/v1/set/start": _post(
            "Begin a set, now or hands-free, and a session where none is open", "StartSet"
        ),
        "/api/v1/set/cancel": _post("Wait for the foot no more", "Nothing"),
        "/api/v1/set/mark": _post("Mark the newest rep: the hips twisted, or it hurt", "MarkSet"),
        "/api/v1/set/note": _post("Keep what was answered after a set", "NoteSet"),
        "/api/v1/athletes": _get(
            "Who lifted here, the last one first",
            {"200": _json("the athletes", _object({"athletes": _list(_ref("Athlete"))}))},
        ),
        "/api/v1/set/end": _post("End the running set", "Nothing"),
        "/api/v1/session/end": _post("End the running set, if any, and close the session", "Nothing"),
        "/api/v1/plate/zero": _post("Take the present load as an empty plate", "ZeroPlate"),
        "/api/v1/sessions": _get(
            "All sessions, newest first",
            {"200": _json("the list", _object({"sessions": _list(_ref("SessionRow"))}))},
        ),
        "/api/v1/sessions/{number}/review": _get(
            "A session's sets, judged, with their curves",
            {"200": _json("the sets", _ref("Review"))} | _NO_FILES,
            _SESSION,
        ),
        "/api/v1/sessions/{number}/files": _get(
            "The names of a session's files",
            {
                "200": _json("the names", _object({"files": _list({"type": "string"})})),
            }
            | _NO_FILES,
            _SESSION,
        ),
        "/api/v1/sessions/{number}/files/{name}": _get(
            "One file of a session",
            {"200": _answer("its content", "text/csv", _BYTES)} | _NO_FILES,
            _SESSION,
            _FILE,
        ),
        "/api/v1/sessions/{number}/csv.zip": _get(
            "All files of a session in one zip",
            {"200": _answer("the zip", "application/zip", _BYTES)} | _NO_FILES,
            _SESSION,
        ),
        "/api/v1/sessions/{number}/take-home": _take_home(),
        "/api/v1/openapi.json": _get("This document", {"200": _json("OpenAPI 3.1", {"type": "object"})}),
    },
    "components": {"schemas": _SCHEMAS},
}
