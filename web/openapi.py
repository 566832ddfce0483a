"""The OpenAPI document of /api/v1; a test holds it against the routes and their real answers."""

from __future__ import annotations

from station.coach.programs import SIDES
from web.schemas import ROLE, SCHEMAS, TEXT, WHOLE, YES_NO, Schema, a_list, among, an_object, or_none, ref


def _answer(about: str, media_type: str, schema: Schema) -> Schema:
    return {"description": about, "content": {media_type: {"schema": schema}}}


def _error(about: str) -> Schema:
    return _answer(about, "application/json", ref("Error"))


def _json(about: str, schema: Schema) -> Schema:
    return _answer(about, "application/json", schema)


_COPY = or_none(ref("Copy"))
_COPIED = _json("how the copy stands", an_object({"copy": _COPY}))
_DEVICES = _json("all of them", an_object({"devices": a_list(ref("Device"))}))
_UNPAIRED = _error("the device is not paired")
_FORBIDDEN = _error("asked under a name that is not the station's, or by a device that may not")
_RESTORE = an_object({"restore": or_none(ref("Restoring"))})
_STICK_BACKUP = an_object({"stick": {"type": "string"}, "path": {"type": "string"}, "length_bytes": WHOLE})
_SESSION: Schema = {"name": "number", "in": "path", "required": True, "schema": WHOLE}
_FILE: Schema = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
_FORM: Schema = {
    "name": "form",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "csv, json, parquet, c3d, mot, report, or all that this station makes",
}
_ATHLETE: Schema = {"name": "athlete", "in": "query", "schema": {"type": "string"}}
_CALIBRATING = _json("plate and procedure", ref("CalibrationStatus"))
_BYTES: Schema = {"type": "string", "format": "binary"}
_TOO_OFTEN = {"429": _error("too many at once: wait a minute")}


def _get(about: str, answers: Schema, *parameters: Schema) -> Schema:
    operation: Schema = {"summary": about, "responses": answers | {"401": _UNPAIRED, "403": _FORBIDDEN}}
    return {"get": operation | ({"parameters": list(parameters)} if parameters else {})}


def _post(about: str, body: str, done: Schema | None = None) -> Schema:
    """Describe a command: from the station's own page only, as JSON; `done` is what it answers."""
    return {
        "post": {
            "summary": about,
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": ref(body)}},
            },
            "responses": {
                "200": done or _json("done: the state in which it took effect", ref("State")),
                "400": _error("a field is missing or wrong"),
                "401": _UNPAIRED,
                "403": _error("from another page than the station's own, or by a device that may not"),
                "409": _error("can't be done now"),
                "413": _error("too large"),
                "415": _error("not application/json"),
            },
        }
    }


def _change(about: str, body: str) -> Schema:
    """Describe a command on one of the devices."""
    operation = _post(about, body, _DEVICES)["post"]
    answers = operation["responses"] | {"404": _error("no such device")}
    return {"post": operation | {"responses": answers}}


def _pair() -> Schema:
    """Describe the one command of a device that nobody knows yet."""
    paired = _json("paired: the cookie is set", an_object({"role": ROLE}))
    operation = _post("Let this device in", "Pair", paired)
    answers = operation["post"]["responses"] | {"429": _error("too many wrong codes")}
    return {"post": operation["post"] | {"responses": answers}}


def _take_home() -> Schema:
    operation = _post("Open a link to a session for somebody's phone: once, for ten minutes", "Nothing")
    link = {"url": {"type": "string"}, "qr": {"type": "string", "description": "path of the code as SVG"}}
    link |= {"good_for_s": {"type": "number"}}
    link |= {"reachable": YES_NO | {"description": "false: the station listens on its own machine only"}}
    answers = {"200": _json("the link", an_object(link)), "404": _error("no such session")}
    refusals = {
        key: value for key, value in operation["post"]["responses"].items() if key not in ("200", "409")
    }
    return {"post": operation["post"] | {"parameters": [_SESSION], "responses": answers | refusals}}


def _analyze() -> Schema:
    """Describe the one route that takes a file."""
    operation = _post("Reps of a force curve made elsewhere; the file is not kept", "Nothing")["post"]
    found = an_object({"analysis": {"type": "object"}, "picture": {"type": "string"}})
    kept = {key: value for key, value in operation["responses"].items() if key not in ("200", "409")}
    more = {"422": _error("the file can't be used"), "503": _error("another file is being worked out")}
    more |= _TOO_OFTEN
    side = {"name": "side", "in": "query", "required": True, "schema": among(SIDES)}
    body = {"required": True, "content": {"application/octet-stream": {"schema": _BYTES}}}
    answers = {"200": _json("in the words of heeldrive-analysis/1", found)} | kept | more
    return {"post": operation | {"parameters": [side], "requestBody": body, "responses": answers}}


def _restores() -> Schema:
    """Describe what restores a backup."""
    stands = _json("how it stands", _RESTORE)
    here = or_none(an_object({"sessions": WHOLE, "athletes": WHOLE}))
    here |= {"description": "what would be replaced, while a backup waits for a yes"}
    looked = {"restore": or_none(ref("Restoring")), "here": here, "sticks": a_list(_STICK_BACKUP)}
    file = _post("Check a backup while it comes; nothing is replaced yet", "Nothing", stands)["post"]
    refusals = {
        "411": _error("its length is not told"),
        "422": _error("it is no whole backup, or a newer one"),
    }
    kept = {key: value for key, value in file["responses"].items() if key != "400"}
    body = {"required": True, "content": {"application/octet-stream": {"schema": _BYTES}}}
    deleted = _json("deleted", an_object({"deleted": {"type": "string"}}))
    return {
        "": _get("How the newest restore stands", {"200": _json("and backups on sticks", an_object(looked))}),
        "/file": {"post": file | {"requestBody": body, "responses": kept | refusals | _TOO_OFTEN}},
        "/stick": _post("Begin to check a backup on a stick", "RestoreFrom", stands),
        "/cancel": _post("Forget the backup that is read, or waits for a yes", "Nothing", stands),
        "/replace": _post("Replace all that is here; the station starts again for it", "Replace", stands),
        "/delete-kept": _post("Delete what was kept from before a restore", "DeleteKept", deleted),
    }


def _use() -> Schema:
    operation = _post("Use another calibration that is kept", "UseCalibration", _CALIBRATING)["post"]
    answers = operation["responses"] | {"404": _error("no such calibration")}
    return {"post": operation | {"responses": answers}}


def _history(about: str, body: str, refusals: Schema) -> Schema:
    """Describe a command on the history's lock."""
    operation = _post(about, body)["post"]
    kept = {key: value for key, value in operation["responses"].items() if key not in ("200", "409")}
    done = _json("done; a cookie carries it", an_object({"good_for_s": {"type": "number"}}))
    return {"post": operation | {"responses": {"200": done} | kept | refusals}}


_NO_FILES = {
    "404": _error("no such session, or no such file"),
    "500": _error("the session's file is damaged"),
}

_ZIP = {"200": _answer("the zip", "application/zip", _BYTES)} | _NO_FILES | _TOO_OFTEN

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
        "/api/v1/state": _get("The newest snapshot", {"200": _json("with the last 15 s", ref("State"))}),
        "/api/v1/stream": _get(
            "Snapshots as they come, as server-sent events",
            {
                "200": _answer("each event's data is an Event", "text/event-stream", ref("Event")),
                "503": _error("too many pages watch already"),
            },
        ),
        "/api/v1/set/start": _post(
            "Begin a set, now or hands-free, and a session where none is open", "StartSet"
        ),
        "/api/v1/set/cancel": _post("Wait for the foot no more", "Nothing"),
        "/api/v1/plate/right": _post("The plate is the right way round: this foot rests so", "Nothing"),
        "/api/v1/set/mark": _post("Mark the newest rep: the hips twisted, or it hurt", "MarkSet"),
        "/api/v1/set/note": _post("Keep what was answered after a set", "NoteSet"),
        "/api/v1/set/move": _post("Give a set to the athlete who did it", "MoveSet"),
        "/api/v1/set/rep": _post("Keep what somebody says of one rep, or take it back", "CorrectRep"),
        "/api/v1/athletes": _get(
            "Who lifted here, the last one first",
            {"200": _json("the athletes", an_object({"athletes": a_list(ref("Athlete"))}))},
        ),
        "/api/v1/set/end": _post("End the running set", "Nothing"),
        "/api/v1/session/end": _post("End the running set, if any, and close the session", "Nothing"),
        "/api/v1/plate/zero": _post("Take the present load as an empty plate", "ZeroPlate"),
        "/api/v1/sessions": _get(
            "All sessions, newest first",
            {"200": _json("the list", an_object({"sessions": a_list(ref("SessionRow"))}))},
        ),
        "/api/v1/sessions/{number}/review": _get(
            "A session's sets, judged, with their curves",
            {"200": _json("the sets", ref("Review"))} | _NO_FILES,
            _SESSION,
        ),
        "/api/v1/sessions/{number}/files": _get(
            "The names of a session's files in all formats",
            {
                "200": _json("the names", an_object({"files": a_list({"type": "string"})})),
            }
            | _NO_FILES,
            _SESSION,
        ),
        "/api/v1/sessions/{number}/files/{name}": _get(
            "One file of a session",
            {"200": _answer("its content", "text/csv", _BYTES)} | _NO_FILES | _TOO_OFTEN,
            _SESSION,
            _FILE,
        ),
        "/api/v1/sessions/{number}/{form}.zip": _get("A session in one zip", _ZIP, _SESSION, _FORM),
        "/api/v1/sessions/{number}/sets/{one}/{form}.zip": _get(
            "One set of a session in one zip", _ZIP, _SESSION, _SESSION | {"name": "one"}, _FORM
        ),
        "/api/v1/sessions/{form}.zip": _get(
            "All sessions, or those of one athlete, in one zip", _ZIP, _FORM, _ATHLETE
        ),
        "/api/v1/sessions/{number}/take-home": _take_home(),
        "/api/v1/health": _get(
            "How chips, sampler and machine are", {"200": _json("the check-up", ref("Checkup"))}
        ),
        "/api/v1/health/bundle.zip": _get(
            "The support bundle", {"200": _answer("the zip, without names", "application/zip", _BYTES)}
        ),
        "/api/v1/backup": _get(
            "Everything the station keeps in one file, to restore it from",
            {"200": _answer("the tar", "application/x-tar", _BYTES)}
            | {"404": _error("the data folder is gone")}
            | _TOO_OFTEN,
        ),
        "/api/v1/analyze": _analyze(),
        "/api/v1/analyze/{token}.png": _get(
            "The picture of a file that was worked out just now",
            {"200": _answer("the picture", "image/png", _BYTES), "404": _error("it is gone")},
            _FILE | {"name": "token"},
        ),
        "/api/v1/history/open": _history(
            "Open the history with a code", "OpenHistory", {"429": _error("too many wrong codes")}
        ),
        "/api/v1/history/close": _history("Lock the history again for whoever asks", "Nothing", {}),
        "/api/v1/athletes/forget": _post(
            "Delete an athlete: their sessions, and what the station remembers of them",
            "Forget",
            _json(
                "deleted: numbers of sessions",
                an_object(
                    {
                        "sessions": a_list(WHOLE),
                        "moved_here": a_list(WHOLE) | {"description": "others' with sets of theirs: left"},
                        "moved_away": a_list(WHOLE) | {"description": "deleted, with sets of others"},
                        "unread": a_list(WHOLE) | {"description": "damaged, nobody knows whose: left"},
                        "last_backup_utc": TEXT | {"description": "of the newest backup, which holds them"},
                        "kept": a_list({"type": "string"})
                        | {"description": "folders from before a restore, in which they may still be"},
                        "told": a_list({"type": "string"}) | {"description": "the same in sentences"},
                    }
                ),
            ),
        ),
        "/api/v1/sticks": _get(
            "The sticks that are mounted, and how the newest copy stands",
            {"200": _json("both", an_object({"sticks": a_list(ref("Stick")), "copy": _COPY}))},
        ),
        "/api/v1/sticks/copy": _post(
            "Copy everything to a stick: the backup, and all sessions in some formats", "CopyTo", _COPIED
        ),
        "/api/v1/sticks/cancel": _post("End the copy to a stick that is under way", "Nothing", _COPIED),
        "/api/v1/pair": _pair(),
        "/api/v1/devices": _get("The devices that are paired", {"200": _DEVICES}),
        "/api/v1/devices/code": _post(
            "A code for another device, good once, for ten minutes",
            "CodeFor",
            _json(
                "the code",
                an_object(
                    {"code": {"type": "string"}, "url": {"type": "string"}}
                    | {"qr": {"type": "string", "description": "path of the code as SVG"}}
                    | {"good_for_s": {"type": "number"}, "reachable": YES_NO}
                ),
            ),
        ),
        "/api/v1/devices/rename": _change("Give a device another name", "RenameDevice"),
        "/api/v1/devices/revoke": _change("Let a device in no more", "RevokeDevice"),
        "/api/v1/codes": _post(
            "Give the coach or an athlete a code for the history, or take it away",
            "KeepCode",
            _json("whether there is a coach's code", an_object({"locked": YES_NO})),
        ),
        **{f"/api/v1/restore{path}": item for path, item in _restores().items()},
        "/api/v1/calibration": _get(
            "The plate now, and the calibration or verification that is under way",
            {"200": _CALIBRATING},
            {
                "name": "turn",
                "in": "query",
                "schema": WHOLE,
                "description": "whose readings and result are known: they are left out",
            },
        ),
        "/api/v1/calibration/start": _post("Begin a calibration", "Calibrate", _CALIBRATING),
        "/api/v1/calibration/verify": _post("Begin a verification", "Verify", _CALIBRATING),
        "/api/v1/calibration/measure": _post("Measure this step now", "Measure", _CALIBRATING),
        "/api/v1/calibration/redo": _post("Measure the newest mass anew", "Turn", _CALIBRATING),
        "/api/v1/calibration/more": _post(
            "Add the placement that gains most, or the rest of the grid", "More", _CALIBRATING
        ),
        "/api/v1/calibration/keep": _post("Keep the result, and use it", "Turn", _CALIBRATING),
        "/api/v1/calibration/stop": _post("End what is under way", "Nothing", _CALIBRATING),
        "/api/v1/calibrations": _get(
            "The calibrations that are kept, newest first",
            {"200": _json("the list", an_object({"calibrations": a_list(ref("KeptCalibration"))}))},
        ),
        "/api/v1/calibrations/{calibration}": _get(
            "A calibration with every reading that it was made from",
            {"200": _json("as it is kept", {"type": "object"}), "404": _error("no such calibration")},
            _FILE | {"name": "calibration"},
        ),
        "/api/v1/calibrations/use": _use(),
        "/api/v1/openapi.json": _get("This document", {"200": _json("OpenAPI 3.1", {"type": "object"})}),
    },
    "components": {"schemas": SCHEMAS},
}
