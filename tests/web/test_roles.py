"""Deny by default: every route against every role."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from scripted_station import ScriptedStation
from werkzeug.routing import Rule

from web.admission import COOKIE, CSRF_HEADER
from web.app import create_app
from web.roles import Role, role_of

# Written by hand: what a stranger, a gym tablet and the owner may ask for.
STRANGERS = {"static", "pairing.page", "pairing.pair", "live.openapi"}
BY_LINK = {"takehome.page", "takehome.files", "takehome.code"}
OWNERS = {
    "data.page", "data.forget", "data.sticks", "data.copy", "data.cancel",
    "backup.everything", "health.bundle",
    "restore.state", "restore.take", "restore.take_from", "restore.cancel", "restore.replace",
    "restore.delete_kept",
    "pairing.devices_page", "pairing.listed", "pairing.show_code", "pairing.drawn", "pairing.rename",
    "pairing.revoke", "pairing.keep_code",
    "calibrate.page", "calibrate.printed", "calibrate.style", "calibrate.status",
    "calibrate.kept", "calibrate.body", "calibrate.start", "calibrate.verify",
    "calibrate.measure", "calibrate.redo", "calibrate.more", "calibrate.keep",
    "calibrate.stop", "calibrate.use",
}  # fmt: skip


@pytest.fixture
def guarded(station: ScriptedStation) -> Flask:
    app = create_app(station)
    app.testing = True
    return app


def as_device(app: Flask, station: ScriptedStation, role: str) -> FlaskClient:
    """Return a browser whose device was paired, on a page of the station."""
    client = app.test_client()
    client.environ_base["HTTP_ORIGIN"] = "http://localhost"
    if role != "none":
        client.set_cookie(COOKIE, station.devices.pair("Rack 1", "owner" if role == "owner" else "floor"))
        page = client.get("/pair").get_data(as_text=True)
        token = re.search(r'name="page-token" content="([0-9a-f]{64})"', page)
        assert token is not None
        client.environ_base["HTTP_X_HEELDRIVE_PAGE"] = token[1]
    return client


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def ask(client: FlaskClient, rule: Rule, method: str) -> int:
    path = re.sub(r"<(?:path:)?\w+>", "csv", re.sub(r"<int:\w+>", "2", rule.rule))
    answer = client.open(path, method=method, **({"json": {}} if method == "POST" else {}), buffered=False)
    answer.close()
    return answer.status_code


def test_every_route_says_whom_it_answers(guarded: Flask) -> None:
    silent = [
        rule.endpoint for rule, _ in rules(guarded) if role_of(guarded.view_functions[rule.endpoint]) is None
    ]
    assert silent == []


@pytest.mark.parametrize("paired", [True, False])
def test_a_route_that_says_nothing_is_closed(station: ScriptedStation, paired: bool) -> None:
    app = create_app(station, pairing_needed=paired)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    for role in ("none", "floor", "owner"):
        answer = as_device(app, station, role).get("/forgotten")
        assert answer.status_code == 403
        assert b"secret" not in answer.data


@pytest.mark.parametrize("role", ["none", "floor", "owner"])
def test_nobody_is_answered_above_their_role(guarded: Flask, station: ScriptedStation, role: str) -> None:
    client = as_device(guarded, station, role)
    for rule, method in rules(guarded):
        if rule.endpoint == "live.stream" and role != "none":
            continue  # it never ends, and has a test of its own
        got = ask(client, rule, method)
        closed = rule.endpoint not in STRANGERS | BY_LINK and (
            role == "none" or (role == "floor" and rule.endpoint in OWNERS)
        )
        if closed:
            assert got == (401 if role == "none" else 403), (rule.rule, method)
        elif rule.endpoint not in ("pairing.pair",) and not rule.endpoint.startswith(
            ("history.", "downloads.")
        ):
            assert got not in (401, 403), (rule.rule, method)


def test_the_lists_above_name_real_routes(guarded: Flask) -> None:
    assert guarded.view_functions.keys() >= STRANGERS | BY_LINK | OWNERS


def test_a_stranger_gets_the_pairing_page_where_a_page_was_asked_for(guarded: Flask) -> None:
    for path in ("/", "/history", "/data", "/history/1"):
        answer = guarded.test_client().get(path)
        assert answer.status_code == 401
        assert "Pair this device" in answer.get_data(as_text=True)
    answer = guarded.test_client().get("/api/v1/state")
    assert answer.status_code == 401
    assert "not paired" in answer.get_json()["error"]


def test_a_tablet_on_an_owners_page_is_asked_for_the_pin(guarded: Flask, station: ScriptedStation) -> None:
    answer = as_device(guarded, station, "floor").get("/data")
    assert answer.status_code == 403
    assert "This page is the owner’s" in answer.get_data(as_text=True)


def test_the_history_of_a_paired_tablet_is_behind_a_code_always(
    guarded: Flask, station: ScriptedStation
) -> None:
    floor, owner = as_device(guarded, station, "floor"), as_device(guarded, station, "owner")
    assert floor.get("/history").status_code == 403
    assert owner.get("/history").status_code == 200
    assert owner.post("/api/v1/codes", json={"athlete": None, "code": "4711"}).get_json() == {"locked": True}
    assert floor.get("/api/v1/sessions").status_code == 403
    assert floor.post("/api/v1/history/open", json={"athlete": None, "code": "4711"}).status_code == 200
    assert floor.get("/api/v1/sessions").status_code == 200
    assert floor.get("/api/v1/sessions/csv.zip").status_code == 403, "everything is the owner's"
    assert owner.get("/history").status_code == 200, "the owner needs no code"


def test_a_command_needs_the_pages_own_token(guarded: Flask, station: ScriptedStation) -> None:
    """A form of another site can send the cookie; the token in our page it can't read."""
    client = as_device(guarded, station, "floor")
    assert client.post("/api/v1/set/end", json={}).status_code == 200
    before = len(station.commands)
    right = client.environ_base.pop("HTTP_X_HEELDRIVE_PAGE")
    other = as_device(guarded, station, "floor").environ_base["HTTP_X_HEELDRIVE_PAGE"]
    for wrong in ({}, {CSRF_HEADER: ""}, {CSRF_HEADER: other}, {CSRF_HEADER: right[:-1]}, {CSRF_HEADER: "ä"}):
        answer = client.post("/api/v1/set/end", json={}, headers=wrong)
        assert answer.status_code == 403, wrong
        assert "load it again" in answer.get_json()["error"]
    assert len(station.commands) == before


def test_a_revoked_tablet_is_out_at_once(guarded: Flask, station: ScriptedStation) -> None:
    floor, owner = as_device(guarded, station, "floor"), as_device(guarded, station, "owner")
    assert floor.get("/").status_code == 200
    number = next(
        one["id"] for one in owner.get("/api/v1/devices").get_json()["devices"] if not one["this_one"]
    )
    assert owner.post("/api/v1/devices/revoke", json={"id": number}).status_code == 200
    assert floor.get("/").status_code == 401
    assert floor.post("/api/v1/set/end", json={}).status_code == 401


def test_where_no_pairing_is_needed_everybody_is_the_owner(client: FlaskClient) -> None:
    for path in ("/", "/data", "/devices", "/api/v1/devices"):
        assert client.get(path).status_code == 200


def test_each_role_is_above_the_one_before() -> None:
    assert Role.NONE < Role.TAKE_HOME < Role.FLOOR < Role.OWNER
