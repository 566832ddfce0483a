"""The document is held against the routes and against what they really answer."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from scripted_station import ScriptedStation

from station.coach.programs import Plan
from station.coach.progression import Proposal
from station.door import AthleteCard, EndSet, OtherVisit, SessionRow, StartSet
from web.openapi import DOCUMENT

# Not asked here: one never ends, the others take a file and have tests of their own.
ELSEWHERE = {("/api/v1/stream", "get"), ("/api/v1/analyze", "post"), ("/api/v1/restore/file", "post")}
START = ("post", "/api/v1/calibration/start", {})
CALIBRATING: tuple[Any, ...] = (
    ("get", "/api/v1/calibration", {}),
    ("get", "/api/v1/calibrations", {}),
    (*START, {"masses_kg": [10, 20], "grid": True, "placing_mm": 5}),
    (*START, {"masses_kg": [10, 20]}),  # refused: one is under way
    (*START, {"masses_kg": "10"}),
    ("get", "/api/v1/calibration", {}),
    ("post", "/api/v1/calibration/measure", {}, {"turn": 1, "empty": True}),
    ("post", "/api/v1/calibration/redo", {}, {"turn": 99}),
    ("post", "/api/v1/calibration/more", {}, {"turn": 99, "what": "one"}),
    ("post", "/api/v1/calibration/keep", {}, {"turn": 99}),
    ("post", "/api/v1/calibration/stop", {}, {}),
    (
        "post", "/api/v1/calibration/verify", {},
        {"mass_kg": 15, "cells": "C3", "capacity_kg": 50, "placing_mm": 3},
    ),
    ("post", "/api/v1/calibration/stop", {}, {}),
    ("get", "/api/v1/calibrations/{calibration}", {"calibration": "none"}),
    ("post", "/api/v1/calibrations/use", {}, {"id": "none"}),
)  # fmt: skip
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


def check(value: Any, schema: dict[str, Any], where: str = "$") -> None:
    """Raise AssertionError where `value` is not what `schema` says (the part of JSON Schema used here)."""
    if "$ref" in schema:
        return check(value, DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], where)
    if "anyOf" in schema:
        return check(
            value, next(s for s in schema["anyOf"] if (s.get("type") == "null") == (value is None)), where
        )
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    allowed = tuple(t for name in names for t in TYPES[name])
    assert isinstance(value, allowed), (where, value, names)
    assert not isinstance(value, bool) or "boolean" in names, (where, value, names)
    assert value in schema.get("enum", [value]), (where, value)
    if isinstance(value, dict) and "properties" in schema:
        assert value.keys() <= schema["properties"].keys(), (where, value.keys())
        assert set(schema["required"]) <= value.keys(), (where, value.keys())
        for key, inner in value.items():
            check(inner, schema["properties"][key], f"{where}.{key}")
    if isinstance(value, list) and "items" in schema:
        for index, inner in enumerate(value):
            check(inner, schema["items"], f"{where}[{index}]")
    return None


def test_the_check_itself_can_fail() -> None:
    error = DOCUMENT["components"]["schemas"]["Error"]
    check({"error": "x"}, error)
    for wrong in ({}, {"error": 1}, {"error": "x", "more": 1}, {"error": "x", "confirmable": 1}, []):
        with pytest.raises(AssertionError):
            check(wrong, error)


def test_it_has_every_route_and_no_other(client: FlaskClient) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, item in DOCUMENT["paths"].items() for method in item}
    assert described == routes


def test_path_parameters_are_described() -> None:
    for path, item in DOCUMENT["paths"].items():
        for operation in item.values():
            given = operation.get("parameters", [])
            names = [parameter["name"] for parameter in given if parameter["in"] == "path"]
            assert names == re.findall(r"{(\w+)}", path)


def test_every_reference_leads_somewhere() -> None:
    names = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)))
    assert names == DOCUMENT["components"]["schemas"].keys()


def test_it_is_served(client: FlaskClient) -> None:
    assert client.get("/api/v1/openapi.json").get_json() == json.loads(json.dumps(DOCUMENT))


def test_real_answers_are_as_described(client: FlaskClient, station: ScriptedStation) -> None:
    station.rows = [
        SessionRow(2, "Mara", "2026-11-20T17:05:00+00:00", 60.0, 1, 8, "closed", True, ""),
        SessionRow(1, "", "", 0.0, 0, 0, "damaged", False, "cut off"),
    ]
    station.damaged = {1: "The file of session 1 is damaged."}
    station.files = {2: [("reps.csv", b"rep\n")]}
    answer_is_as_described(client, "get", "/api/v1/state", {})  # before anything has come
    station.command(StartSet("Mara", Plan("left", "free", 0.0)))
    station.count_reps(5)
    start = {"athlete": "Mara", "side": "right", "goal": "strength", "load_kg": 20}
    every_choice = {"load_unit": "lb", "tempo": "three_one", "free_leg": "straight", "variant": "band"}
    answers = {"number": 1, "level_until": 3, "effort": "easy", "felt": "hip"}
    every_choice |= {"footwear": "bare", "target_reps": 9, "plate_cm": -12.5}
    station.cards = [AthleteCard("Mara", Plan("left")), AthleteCard("Jonas", here=2)]
    station.publish(others=(OtherVisit(7, "Jonas", 2, Proposal(Plan("right"), "Now the right foot.", 60.0)),))
    asked = [
        answer_is_as_described(client, *request)
        for request in (
            ("get", "/api/v1/state", {}),
            ("get", "/api/v1/sessions", {}),
            ("get", "/api/v1/sessions/{number}/review", {"number": 2}),
            ("get", "/api/v1/sessions/{number}/review", {"number": 3}),
            ("get", "/api/v1/sessions/{number}/review", {"number": 1}),
            ("get", "/api/v1/sessions/{number}/files", {"number": 2}),
            ("get", "/api/v1/sessions/{number}/files", {"number": 3}),
            ("get", "/api/v1/sessions/{number}/files/{name}", {"number": 2, "name": "reps.csv"}),
            ("get", "/api/v1/sessions/{number}/files/{name}", {"number": 2, "name": "none.csv"}),
            ("get", "/api/v1/sessions/{number}/{form}.zip", {"number": 2, "form": "csv"}),
            ("get", "/api/v1/sessions/{number}/{form}.zip", {"number": 3, "form": "csv"}),
            ("get", "/api/v1/sessions/{number}/{form}.zip", {"number": 1, "form": "csv"}),
            ("get", "/api/v1/sessions/{number}/{form}.zip", {"number": 2, "form": "xls"}),
            (
                "get",
                "/api/v1/sessions/{number}/sets/{one}/{form}.zip",
                {"number": 2, "one": 1, "form": "csv"},
            ),
            (
                "get",
                "/api/v1/sessions/{number}/sets/{one}/{form}.zip",
                {"number": 2, "one": 7, "form": "csv"},
            ),
            ("get", "/api/v1/sessions/{form}.zip", {"form": "all"}),
            ("post", "/api/v1/sessions/{number}/take-home", {"number": 2}, {}),
            ("post", "/api/v1/sessions/{number}/take-home", {"number": 3}, {}),
            ("get", "/api/v1/health", {}),
            ("get", "/api/v1/health/bundle.zip", {}),
            ("get", "/api/v1/backup", {}),
            ("get", "/api/v1/analyze/{token}.png", {"token": "none"}),
            ("post", "/api/v1/history/open", {}, {"athlete": None, "code": "4711"}),
            ("post", "/api/v1/history/open", {}, {"code": 4711}),
            ("post", "/api/v1/history/close", {}, {}),
            ("post", "/api/v1/athletes/forget", {}, {"athlete": "Mara", "typed": "Mara"}),
            ("post", "/api/v1/athletes/forget", {}, {"athlete": "Nobody", "typed": "Nobody"}),
            ("post", "/api/v1/athletes/forget", {}, {"athlete": "Mara", "typed": "Nora"}),
            ("get", "/api/v1/sticks", {}),
            ("post", "/api/v1/sticks/copy", {}, {"path": "/media/none", "forms": ["csv"]}),
            ("post", "/api/v1/sticks/copy", {}, {"path": "/media/none", "forms": ["xls"]}),
            ("post", "/api/v1/sticks/copy", {}, {"path": "/media/GYM", "forms": ["csv"]}),
            ("get", "/api/v1/sticks", {}),
            ("post", "/api/v1/sticks/cancel", {}, {}),
            ("get", "/api/v1/restore", {}),
            ("post", "/api/v1/restore/stick", {}, {"path": "/media/none"}),
            ("post", "/api/v1/restore/stick", {}, {"path": "/media/GYM/heeldrive/heeldrive-backup.tar"}),
            ("get", "/api/v1/restore", {}),
            ("post", "/api/v1/restore/replace", {}, {"token": "none"}),
            ("post", "/api/v1/restore/replace", {}, {"token": 1}),
            ("post", "/api/v1/restore/replace", {}, {"token": "a"}),
            ("post", "/api/v1/restore/cancel", {}, {}),
            ("post", "/api/v1/restore/delete-kept", {}, {"name": "before-restore-1"}),
            ("post", "/api/v1/restore/delete-kept", {}, {"name": "before-restore-1"}),
            *CALIBRATING,
            ("get", "/api/v1/openapi.json", {}),
            ("post", "/api/v1/set/start", {}, start),  # refused: one runs
            ("post", "/api/v1/set/end", {}, {}),
            ("post", "/api/v1/set/end", {}, {"what": 1}),
            ("post", "/api/v1/set/start", {}, start),
            ("post", "/api/v1/set/end", {}, {}),
            ("post", "/api/v1/set/start", {}, {**start, **every_choice, "hands_free": True}),
            ("post", "/api/v1/set/cancel", {}, {}),
            ("get", "/api/v1/athletes", {}),
            ("post", "/api/v1/plate/right", {}, {}),
            ("post", "/api/v1/set/mark", {}, {"word": "twisted"}),
            ("post", "/api/v1/set/mark", {}, {"word": "glory"}),
            ("post", "/api/v1/set/note", {}, answers),
            ("post", "/api/v1/set/note", {}, {"number": 7, "pain": True}),
            ("post", "/api/v1/set/note", {}, {"pain": True}),
            ("post", "/api/v1/set/note", {}, {"session": 1, "number": 1, "text": "Slow."}),
            ("post", "/api/v1/set/move", {}, {"number": 1, "athlete": "Jonas"}),
            ("post", "/api/v1/set/rep", {}, {"session": 1, "number": 1, "rep": -1, "word": "added"}),
            ("post", "/api/v1/set/rep", {}, {"number": 1, "rep": -1, "word": "good"}),
            ("get", "/api/v1/state", {}),
            ("get", "/api/v1/devices", {}),
            ("post", "/api/v1/pair", {}, {"secret": station.pin.read(), "name": "Tablet"}),
            ("post", "/api/v1/pair", {}, {"secret": "ABCDEF", "name": "Tablet"}),
            ("post", "/api/v1/pair", {}, {"secret": "ABCDEF"}),
            ("get", "/api/v1/devices", {}),
            ("post", "/api/v1/devices/code", {}, {"role": "floor"}),
            ("post", "/api/v1/devices/code", {}, {"role": "king"}),
            ("post", "/api/v1/devices/rename", {}, {"id": 1, "name": "Rack 2"}),
            ("post", "/api/v1/devices/rename", {}, {"id": 9, "name": "Rack 2"}),
            ("post", "/api/v1/devices/revoke", {}, {"id": 1}),
            ("post", "/api/v1/devices/revoke", {}, {"id": 1}),
            ("post", "/api/v1/codes", {}, {"athlete": None, "code": "4711"}),
            ("post", "/api/v1/codes", {}, {"athlete": None, "code": None}),
            ("post", "/api/v1/session/end", {}, {}),
            ("post", "/api/v1/plate/zero", {}, {}),
            ("post", "/api/v1/plate/zero", {}, {"confirmed": True}),
        )
    ]
    described = {(path, method) for path, item in DOCUMENT["paths"].items() for method in item}
    assert {request[:2] for request in asked} == described - ELSEWHERE
    assert {status for *_, status in asked} == {200, 400, 403, 404, 409, 500}


def answer_is_as_described(
    client: FlaskClient, method: str, path: str, values: dict[str, Any], body: Any = None
) -> tuple[str, str, int]:
    answer = client.open(path.format(**values), method=method.upper(), json=body)
    operation = DOCUMENT["paths"][path][method]
    content = operation["responses"][str(answer.status_code)]["content"]
    assert answer.mimetype in content
    if answer.mimetype == "application/json":
        check(answer.get_json(), content["application/json"]["schema"])
    if body is not None and answer.status_code == 200:
        check(body, operation["requestBody"]["content"]["application/json"]["schema"])
    return path, method, answer.status_code


def test_refusals_of_the_guard_are_as_described(client: FlaskClient) -> None:
    operation = DOCUMENT["paths"]["/api/v1/set/end"]["post"]["responses"]
    for status, headers, body in (
        (403, {"Origin": "http://evil.example", "Content-Type": "application/json"}, "{}"),
        (415, {"Content-Type": "text/plain"}, "{}"),
        (413, {"Content-Type": "application/json"}, "{" + " " * 9000 + "}"),
    ):
        answer = client.post("/api/v1/set/end", data=body, headers=headers)
        assert answer.status_code == status
        check(answer.get_json(), operation[str(status)]["content"]["application/json"]["schema"])


def test_events_of_the_stream_are_as_described(client: FlaskClient, station: ScriptedStation) -> None:
    station.advance(1.0)
    answer = client.get("/api/v1/stream")
    schema = DOCUMENT["paths"]["/api/v1/stream"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    parts = iter(answer.response)
    assert next(parts).startswith(b"retry: ")
    for _ in range(3):
        station.command(StartSet("Mara", Plan("left", "free", 0.0)))
        station.count_reps(1)
        check(json.loads(next(parts).split(b"data: ", 1)[1]), schema["schema"])
        station.command(EndSet())
    answer.close()
