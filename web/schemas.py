"""What is sent to /api/v1 and answered by it, in the words of JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args, get_type_hints

from station.calibrating import Kind as Procedure
from station.calibrating import More, StepKind
from station.coach.byhand import ADDED, CORRECTIONS
from station.coach.cues import PRESSED, Stop, Word
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
)
from station.coach.progression import EFFORTS
from station.coach.rules import FAULTS
from station.codes import LONGEST
from station.conversions import CELL_WORDS
from station.devices import LONGEST_NAME as LONGEST_DEVICE_NAME
from station.door import FELT, LONGEST_NAME, LONGEST_NOTE, State
from station.safekeeping import Restoring
from station.signal.model import Phase, Style

Schema = dict[str, Any]

_NUMBER: Schema = {"type": ["number", "null"]}
TEXT: Schema = {"type": ["string", "null"]}
WHOLE: Schema = {"type": "integer"}
_WHOLE_OR_NONE: Schema = {"type": ["integer", "null"]}
YES_NO: Schema = {"type": "boolean"}
ROLE: Schema = {"type": "string", "enum": ["floor", "owner"]}
_DEVICE_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_DEVICE_NAME}
_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}


def an_object(properties: Schema, optional: tuple[str, ...] = (), about: str = "") -> Schema:
    """Return an object with these properties and no other."""
    required = [name for name in properties if name not in optional]
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return schema | ({"description": about} if about else {})


def a_list(items: Schema) -> Schema:
    """Return a list of such items."""
    return {"type": "array", "items": items}


def ref(name: str) -> Schema:
    """Return one of `SCHEMAS` by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def among(words: Iterable[str]) -> Schema:
    """Return one of some words."""
    return {"type": "string", "enum": list(words)}


def _words(*types: Any) -> list[str]:
    """Return the words of literal types, one after the other."""
    return [word for one in types for word in (_words(*get_args(one)) if get_args(one) else [one])]


def or_none(schema: Schema) -> Schema:
    """Return that or null."""
    return {"anyOf": [schema, {"type": "null"}]}


_MOMENT: Schema = {
    "serial": {"type": "integer", "description": "rises with every snapshot"},
    "frame": {"type": "integer", "description": "running number of the newest frame; -1 before the first"},
    "t_s": _NUMBER | {"description": "time of the newest frame, s since the station's first"},
    "monotonic_s": _NUMBER | {"description": "the same on the machine's CLOCK_MONOTONIC"},
    "state": {"type": "string", "enum": list(get_args(State))},
    "phase": {"type": "string", "enum": list(get_args(Phase))},
    "phase_s": _NUMBER | {"description": "how long the phase has lasted, s; a way down shows after it began"},
    "total_n": _NUMBER | {"description": "vertical force on the plate, N; null in a gap"},
    "heel_share": _NUMBER | {"description": "heel / (heel + toe), 0 to 1; null below the load floor"},
    "heel_up": YES_NO | {"description": "the heel has been off the plate while lifting, for too long"},
    "planned": or_none(ref("Planned")),
    "practice_counted": WHOLE | {"description": "reps while no set runs: shown, never recorded"},
    "rested_s": _NUMBER | {"description": "since the last set ended"},
    "sampler_connected": YES_NO,
    "recording_fault": TEXT | {"description": "plain words while the session is not being kept"},
    "notice": TEXT,
    "silent": a_list(YES_NO)
    | {"description": "per cell (heel left, heel right, toe left, toe right): gives nothing"},
    "cell_faults": a_list(TEXT) | {"description": "per cell, in plain words"},
}
_PLAN: Schema = {
    "side": among(SIDES),
    "goal": among(GOALS),
    "load_kg": {"type": "number", "minimum": 0, "maximum": HEAVIEST_KG},
    "load_unit": among(("kg", "lb")) | {"description": "as it was typed in"},
    "tempo": among(TEMPOS),
    "free_leg": among(FREE_LEGS),
    "variant": among(VARIANTS),
    "footwear": among(FOOTWEAR),
    "target_reps": _WHOLE_OR_NONE | {"minimum": 1, "maximum": MOST_REPS},
    "plate_cm": _NUMBER
    | {"minimum": -RULER_CM, "maximum": RULER_CM, "description": "where the plate stands on its ruler"},
}
_NOTES: Schema = {
    "level_unsure": YES_NO,
    "level_until": _WHOLE_OR_NONE
    | {"minimum": 0, "maximum": MOST_REPS, "description": "reps with level hips"},
    "effort": among(EFFORTS),
    "felt": among(FELT),
    "text": {"type": "string", "maxLength": LONGEST_NOTE, "description": "in the person's own words"},
    "twisted": YES_NO,
    "pain": YES_NO,
    "discarded": YES_NO,
}
# Which set a command is about; without a session it is one of the open session.
_WHICH_SET: Schema = {
    "session": WHOLE | {"minimum": 1},
    "number": WHOLE | {"minimum": 1, "maximum": 10_000},
}
_BY_HAND: Schema = {"anyOf": [among((ADDED, *CORRECTIONS)), {"type": "null"}]} | {
    "description": "what somebody says of the rep; null: as the station saw it"
}
_SET: Schema = {
    "number": WHOLE,
    "athlete": TEXT | {"description": "whom it was moved to, else null"},
    "side": among(SIDES),
    "plan": ref("Plan"),
    "goal": ref("Goal"),
    "load_kg": {"type": "number"},
    "coached": YES_NO | {"description": "false: count by hand, nothing is said of the reps"},
    "heel_zone_from": {"type": "number"},
    "hold_least_s": _NUMBER | {"description": "how long the top is held; null where it is not asked for"},
    "down_least_s": _NUMBER | {"description": "how long the way down lasts; null where the tempo is free"},
    "running": YES_NO,
    "counted": WHOLE | {"description": "reps, with the corrections of people"},
    "counted_by_station": WHOLE | {"description": "reps announced so far, less those withdrawn"},
    "on_target": WHOLE | {"description": "of the closed reps, less those that somebody took back"},
    "baseline": YES_NO | {"description": "it shows what is usual for this person"},
    "cues": a_list(among(_words(Word)))
    | {"description": "the one thing said after each rep; the newest may not be closed yet"},
    "stop": {"anyOf": [among(_words(Stop)), {"type": "null"}]}
    | {"description": "why the set should end here; advice, never done by itself"},
    "pressed": a_list(an_object({"word": among(PRESSED), "rep": WHOLE})),
    "notes": ref("Notes"),
    "discarded": YES_NO,
    "heel_paused": YES_NO | {"description": "the plate had been moved: no cue on the heel share"},
    "reps": a_list(ref("Rep")),
    "added": a_list(WHOLE) | {"description": "ids of reps that the station missed, below 0"},
}
# What changes so rarely that the stream has it only then.
_RARE: Schema = {
    "source": ref("Source"),
    "session": or_none(ref("Session")),
    "others": a_list(ref("Other")) | {"description": "open sessions of partners, who wait for their turn"},
}
SCHEMAS: Schema = {
    "Error": an_object(
        {
            "error": {"type": "string", "description": "one plain sentence"},
            "confirmable": YES_NO | {"description": "the same command with confirmed true would be done"},
        },
        optional=("confirmable",),
    ),
    "Source": an_object(
        {"name": TEXT, "text": TEXT, "simulated": {"type": ["boolean", "null"]}}
        | {"nominal_rate_hz": _NUMBER}
    ),
    "Goal": an_object(
        {"key": {"type": "string", "enum": list(GOALS)}, "name": {"type": "string"}}
        | dict.fromkeys(("reps_low", "reps_high", "sets_low", "sets_high"), _WHOLE_OR_NONE)
        | {"hold_s": _NUMBER, "rest_s": _NUMBER}
    ),
    "Rep": an_object(
        {
            "number": WHOLE,
            "id": WHOLE,
            "style": {"type": "string", "enum": list(get_args(Style))},
            "confidence": {"type": "string", "enum": ["measured", "estimated"]},
            "complete": YES_NO,
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
            "faults": a_list(among(FAULTS)),
            "by_hand": _BY_HAND,
        },
        about="A closed rep: it never changes again.",
    ),
    "Plan": an_object(_PLAN, about="How a set is done."),
    "Notes": an_object(_NOTES, optional=tuple(_NOTES), about="What was answered after a set."),
    "Set": an_object(_SET),
    "ReviewedSet": an_object(
        _SET | {"curve": an_object({key: a_list(_NUMBER) for key in ("t_s", "total_n", "heel_n")})}
    ),
    "Review": an_object(
        {"number": WHOLE, "athlete": {"type": "string"}, "sets": a_list(ref("ReviewedSet"))},
        about="A recorded session; its curves are thinned to 50 points a second, N over s.",
    ),
    "Proposal": an_object(
        {"plan": or_none(ref("Plan")), "why": {"type": "string"}, "rest_s": _NUMBER},
        about="What to do after the last set; no plan: the lift is over for today.",
    ),
    "Planned": an_object(
        {"athlete": {"type": "string"}, "plan": ref("Plan")}
        | {"resumable": YES_NO | {"description": "the foot has left and may still come back"}}
        | {"turned": YES_NO | {"description": "the foot rests as if heel and toe were swapped"}}
        | {"still_s": {"type": "number"}, "resume_within_s": {"type": "number"}},
        about="A set without a tap, from a still foot to one that has left.",
    ),
    "Athlete": an_object(
        {
            "name": {"type": "string"},
            "plan": or_none(ref("Plan")),
            "side_known": YES_NO | {"description": "false: both sides are alike, so ask"},
            "why": {"type": "string", "description": "the next step in one sentence, or empty"},
            "asks_first": YES_NO | {"description": "there was pain last time"},
            "visits": a_list(an_object({"session": WHOLE, "left": _WHOLE_OR_NONE, "right": _WHOLE_OR_NONE}))
            | {"description": "oldest first: reps on target, clean where confirmed, of each side's best set"},
            "plates": an_object(dict.fromkeys(SIDES, _NUMBER))
            | {"description": "where the plate stood for each foot, cm on its ruler"},
            "here": _WHOLE_OR_NONE | {"description": "sets so far in a visit that is open, else null"},
        },
        about="All as last time.",
    ),
    "Other": an_object(
        {"number": WHOLE, "athlete": {"type": "string"}, "sets": WHOLE}
        | {"proposal": or_none(ref("Proposal"))},
    ),
    "Session": an_object(
        {"number": WHOLE, "athlete": {"type": "string"}, "sets": a_list(ref("Set"))}
        | {"t0_monotonic_s": {"type": "number", "description": "its second 0 on CLOCK_MONOTONIC"}}
        | {"proposal": or_none(ref("Proposal"))},
        about="The open session: one athlete's visit.",
    ),
    "Curve": an_object(
        {
            "first_frame": WHOLE | {"description": "running number of the first entry"},
            "t_s": a_list(_NUMBER),
            "total_n": a_list(_NUMBER),
            "heel_n": a_list(_NUMBER),
        },
        about="Lists of one length, N over s; null in a gap. A frame keeps its number for ever.",
    ),
    "State": an_object(
        _MOMENT | _RARE | {"curve": ref("Curve")},
        optional=("curve",),
        about="One moment of the station. A command's answer leaves the curve out.",
    ),
    "Event": an_object(
        _MOMENT | _RARE | {"curve": ref("Curve")},
        optional=tuple(_RARE),
        about="The first event of a stream is whole; a later one has only the curve's new entries, and "
        "source, session and others where they changed. Moments between two events are left out, not queued.",
    ),
    "SessionRow": an_object(
        {
            "number": WHOLE,
            "athlete": {"type": "string"},
            "started_utc": TEXT | {"description": "ISO 8601; null without a synchronised clock"},
            "duration_s": _NUMBER,
            "sets": WHOLE,
            "reps": WHOLE,
            "state": {"type": "string", "enum": ["open", "closed", "interrupted", "damaged"]},
            "simulated": YES_NO,
            "note": {"type": "string", "description": "what is wrong with a damaged file, else empty"},
        }
    ),
    "StartSet": an_object(
        {"athlete": _NAME, "hands_free": YES_NO} | _PLAN,
        optional=("hands_free", *(key for key in _PLAN if key not in ("side", "goal", "load_kg"))),
        about="hands_free: wait for a still foot, begin with the first rep, end when the foot has left.",
    ),
    "MarkSet": an_object({"word": among(PRESSED)}),
    "NoteSet": an_object(_WHICH_SET | _NOTES, optional=("session", *_NOTES)),
    "MoveSet": an_object(_WHICH_SET | {"athlete": _NAME}, optional=("session",)),
    "CorrectRep": an_object(_WHICH_SET | {"rep": WHOLE, "word": _BY_HAND}, optional=("session",)),
    "OpenHistory": an_object(
        {"athlete": TEXT | {"description": "whose code it is; null: the coach's"}}
        | {"code": {"type": "string", "maxLength": LONGEST}}
    ),
    "ZeroPlate": an_object(
        {"confirmed": YES_NO | {"description": "also when far from the last zero"}},
        optional=("confirmed",),
    ),
    "Checkup": an_object(
        {
            "well": YES_NO,
            "wrong": a_list({"type": "string"}) | {"description": "sentences, each with its cure"},
            "source": {"type": ["object", "null"], "description": "null while no sampler answers"},
            "notes": a_list({"type": "string"}),
            "looked_s": {"type": "number"},
            "cells": a_list(ref("CellHealth")),
            "machine": ref("Machine"),
            "lately": a_list(an_object({"utc": {"type": "string"}, "text": {"type": "string"}})),
        }
    ),
    "CellHealth": an_object(
        {"cell": among(CELL_WORDS)}
        | dict.fromkeys(("dout_pin", "sck_pin"), WHOLE | {"description": "place on the header"})
        | dict.fromkeys(("rate_hz", "noise_counts", "noise_n"), _NUMBER)
        | dict.fromkeys(("unique", "kept", "missed", "rejected", "saturated"), WHOLE)
        | {"wrong": TEXT}
    ),
    "Machine": an_object(
        {
            "model": TEXT,
            "system": {"type": "string"},
            "temperature_c": _NUMBER,
            "power_bits": _WHOLE_OR_NONE | {"description": "the firmware's flags; null: not known"},
            "power": {"type": ["array", "null"], "items": {"type": "string"}},
            "disk_free_bytes": _WHOLE_OR_NONE,
            "clock_synchronised": YES_NO,
            "up_s": {"type": "number"},
            "versions": {"type": "object"},
        }
    ),
    "Forget": an_object({"athlete": _NAME, "typed": _NAME | {"description": "the same name once more"}}),
    "Stick": an_object(
        {"name": {"type": "string"}, "path": {"type": "string"}, "free_bytes": WHOLE, "read_only": YES_NO}
    ),
    "Copy": an_object(
        {"stick": {"type": "string"}}
        | {"done": WHOLE | {"description": "of `of` steps: the backup, and each session"}, "of": WHOLE}
        | {"written_bytes": WHOLE}
        | {"told": {"type": "string", "description": "how it ended; empty while it runs"}}
        | {"well": YES_NO | {"description": "it ended whole, and the stick may be pulled out"}}
        | {"running": YES_NO},
        about="A copy of everything to a stick.",
    ),
    "Restoring": an_object(
        {"token": {"type": "string", "description": "names this one"}}
        | {"step": among(get_args(get_type_hints(Restoring)["step"]))}
        | {"called": {"type": "string", "description": "what is read"}}
        | {"read_bytes": WHOLE, "of_bytes": WHOLE, "holds": or_none(ref("Held"))}
        | {"told": {"type": "string", "description": "how it ended; empty until then"}},
        about="A backup on its way to replace all that is here.",
    ),
    "Held": an_object(
        {"version": {"type": "string", "description": "of the Heeldrive that made it; empty: not told"}}
        | {"made_utc": {"type": "string"}, "newest_utc": {"type": "string"}}
        | {"sessions": WHOLE, "athletes": WHOLE}
        | {"damaged": a_list(WHOLE) | {"description": "sessions that were damaged when it was made"}},
        about="What a backup holds.",
    ),
    "RestoreFrom": an_object({"path": {"type": "string"}}),
    "Replace": an_object({"token": {"type": "string"}}),
    "DeleteKept": an_object({"name": {"type": "string"}}),
    "CalibrationStatus": an_object(
        {"simulated": YES_NO}
        | {"helped": YES_NO | {"description": "simulated masses are put down by themselves"}}
        | {"why_not": TEXT | {"description": "why no procedure can begin now"}}
        | {"said": {"type": "string", "description": "how the last procedure ended"}}
        | {"spacings_mm": a_list({"type": "number"})}
        | {"calibration_id": {"type": "string"}, "calibration": {"type": "string"}, "calibrated": YES_NO}
        | {"plate": ref("PlateNow"), "under": or_none(ref("Procedure"))}
    ),
    "PlateNow": an_object(
        {"load_n": _NUMBER, "cells_n": {"type": ["array", "null"], "items": {"type": "number"}}}
        | {"gates": a_list(ref("Gate"))}
        | {"still_s": {"type": "number"}, "calm_s": {"type": "number"}}
        | {"drift_n_per_min": _NUMBER}
        | {"wrong": {"type": "string", "description": "why nothing can be read"}}
    ),
    "Gate": an_object(
        {"word": among(("load", "felt", "still", "noise"))}
        | {"value": _NUMBER, "limit": {"type": "number"}, "unit": {"type": "string"}, "open": YES_NO}
    ),
    "CalibrationStep": an_object(
        {"kind": among(get_args(StepKind)), "text": {"type": "string"}, "where": {"type": "string"}}
        | {"mass_kg": _NUMBER, "spot": TEXT, "half": TEXT, "right_mm": _NUMBER}
    ),
    "Procedure": an_object(
        {"kind": among(get_args(Procedure))}
        | {"turn": WHOLE | {"description": "rises with everything that happens; commands name it"}}
        | {"masses_kg": a_list({"type": "number"}), "step": or_none(ref("CalibrationStep"))}
        | {"done": WHOLE, "of": WHOLE, "left_s": {"type": "number"}, "placed": YES_NO}
        | {"asks_empty": YES_NO | {"description": "a person may say that nothing lies on the plate"}}
        | {"creep_s": _NUMBER, "refusal": {"type": "string"}, "ended": {"type": "string"}}
        | {"readings": a_list(ref("CalibrationReading")), "working": YES_NO}
        | {"result": or_none(ref("CalibrationResult"))}
        | {"certificate": TEXT | {"description": "id of the calibration that was verified"}}
        | {"verdict": {"type": "string"}},
        optional=("readings", "result"),
    ),
    "CalibrationReading": an_object(
        {"step": ref("CalibrationStep"), "well": YES_NO, "text": {"type": "string"}, "felt_n": _NUMBER}
    ),
    "CalibrationResult": an_object(
        {"record": {"type": "object"}, "counts_per_n": a_list({"type": "number"})}
        | {"model": a_list({"type": "string"})}
        | {key: {"type": ["object", "null"]} for key in ("residuals", "held_out")}
        | dict.fromkeys(("now", "one", "grid"), ref("ExpectedErrors"))
        | {"one_spot": {"type": "string"}, "one_mass_kg": {"type": "number"}}
    ),
    "ExpectedErrors": an_object(
        {key: {"type": "number"} for key in ("force_percent", "heel_points", "right_mm")},
        about="Standard errors to be expected under a foot.",
    ),
    "KeptCalibration": an_object(
        {key: {"type": "string"} for key in ("id", "made", "chips")}
        | {"simulated": YES_NO, "expected": or_none(ref("ExpectedErrors")), "in_use": YES_NO}
        | {key: {"type": "string"} for key in ("verdict", "verified")}
    ),
    "Calibrate": an_object(
        {"masses_kg": a_list({"type": "number"}), "grid": YES_NO, "placing_mm": {"type": "number"}},
        optional=("grid", "placing_mm"),
    ),
    "Verify": an_object(
        {"mass_kg": {"type": "number"}, "placing_mm": {"type": "number"}}
        | {"cells": {"type": "string"}, "capacity_kg": {"type": "number"}},
        optional=("placing_mm", "cells", "capacity_kg"),
    ),
    "Measure": an_object({"turn": WHOLE, "empty": YES_NO}, optional=("empty",)),
    "Turn": an_object({"turn": WHOLE}),
    "More": an_object({"turn": WHOLE, "what": among(get_args(More))}),
    "UseCalibration": an_object({"id": {"type": "string"}}),
    "CopyTo": an_object({"path": {"type": "string"}, "forms": a_list({"type": "string"})}),
    "Device": an_object(
        {"id": WHOLE, "name": {"type": "string"}, "role": ROLE}
        | {"paired_utc": {"type": "string"}}
        | {"seen_utc": {"type": "string", "description": "empty while the clock was not to be trusted"}}
        | {"good_for_days": WHOLE | {"description": "since it was last seen"}}
        | {"this_one": YES_NO | {"description": "the one that asks"}}
    ),
    "Pair": an_object(
        {
            "secret": {"type": "string", "maxLength": 40, "description": "a code, or the owner's PIN"},
            "name": _DEVICE_NAME,
            "role": ROLE | {"description": "with the PIN; a code says for what it is"},
        },
        optional=("role",),
    ),
    "CodeFor": an_object({"role": ROLE}),
    "RenameDevice": an_object({"id": WHOLE, "name": _DEVICE_NAME}),
    "RevokeDevice": an_object({"id": WHOLE}),
    "KeepCode": an_object(
        {"athlete": TEXT | {"description": "null: the coach"}, "code": TEXT | {"description": "digits"}}
    ),
    "Nothing": an_object({}),
}
