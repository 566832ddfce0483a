from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from scripted_station import ScriptedStation

from web.guard import MAX_BODY_BYTES, REACHED_AT

START = {"athlete": "Mara", "side": "left", "goal": "technique", "load_kg": 0}


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "LOCALHOST:8000",
        "127.0.0.1:8000",
        "192.168.4.20",
        "192.168.4.20:8000",
        "[::1]:8000",
        "[fe80::1]",
        "station.local",
        "plate-2.station.local:8000",
        "station.local.:8000",
        "gym.example",
    ],
)
def test_it_answers_to_its_own_names(client: FlaskClient, host: str) -> None:
    reached = {"192": "192.168.4.20", "[fe": "fe80::1%wlan0"}.get(host[:3], "127.0.0.1")
    answer = client.get("/api/v1/state", headers={"Host": host}, environ_overrides={REACHED_AT: reached})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("reached", "host"),
    [
        ("192.168.4.20", "192.168.4.21"),  # another machine's, to which a proxy or a rebinding name led
        ("192.168.4.20", "127.0.0.1"),
        ("127.0.0.1", "192.168.4.20"),
        ("::ffff:192.168.4.20", "192.168.4.21"),
        ("fe80::1%wlan0", "[fe80::2]"),
    ],
)
def test_an_address_in_numbers_has_to_be_the_one_it_was_reached_at(
    client: FlaskClient, reached: str, host: str
) -> None:
    answer = client.get("/api/v1/state", headers={"Host": host}, environ_overrides={REACHED_AT: reached})
    assert answer.status_code == 403


def test_an_ipv4_address_of_an_ipv6_socket_is_its_own(client: FlaskClient) -> None:
    answer = client.get(
        "/api/v1/state",
        headers={"Host": "192.168.4.20"},
        environ_overrides={REACHED_AT: "::ffff:192.168.4.20"},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "station.local.evil.example",
        "local",
        ".local",
        "evil.example/station.local",
        "evil.example#.local",
        "127.0.0.1.evil.example",
        "1.2.3",
        "user@localhost",
        "localhost:80000000",
        "sub.gym.example",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/history", "/api/v1/state", "/static/js/live.js", "/nowhere"])
def test_it_answers_to_no_other_name(client: FlaskClient, host: str, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert "does not go by this name" in answer.get_json()["error"]


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:81",
        "https://localhost",
        "http://localhost.evil.example",
        "null",
        "",
    ],
)
def test_a_command_from_another_page_is_refused(
    client: FlaskClient, station: ScriptedStation, origin: str
) -> None:
    answer = client.post("/api/v1/set/start", json=START, headers={"Origin": origin})
    assert answer.status_code == 403
    assert station.commands == []


def test_a_program_that_is_no_browser_has_no_origin(client: FlaskClient, station: ScriptedStation) -> None:
    del client.environ_base["HTTP_ORIGIN"]
    assert client.post("/api/v1/set/start", json=START).status_code == 200
    assert len(station.commands) == 1


def test_a_browser_that_says_cross_site_is_refused(client: FlaskClient, station: ScriptedStation) -> None:
    answer = client.post("/api/v1/set/end", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert station.commands == []


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", ""],
)
def test_a_command_must_be_json(client: FlaskClient, station: ScriptedStation, content_type: str) -> None:
    answer = client.post("/api/v1/set/end", data="{}", headers={"Content-Type": content_type})
    assert answer.status_code == 415
    assert station.commands == []


def test_an_oversized_command_is_refused(client: FlaskClient, station: ScriptedStation) -> None:
    answer = client.post("/api/v1/set/start", json=START | {"athlete": "x" * MAX_BODY_BYTES})
    assert answer.status_code == 413
    assert "larger" in answer.get_json()["error"]
    assert station.commands == []


@pytest.mark.parametrize(
    "path", ["/", "/history", "/api/v1/state", "/static/js/live.js", "/nowhere", "/api/v1/sessions/9/csv.zip"]
)
def test_every_answer_is_armoured(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_no_route_but_the_commands_changes_anything(client: FlaskClient) -> None:
    rules = client.application.url_map.iter_rules()
    writing = {rule.rule for rule in rules if rule.methods and rule.methods - {"GET", "HEAD", "OPTIONS"}}
    assert writing == {
        "/api/v1/set/start",
        "/api/v1/set/end",
        "/api/v1/set/cancel",
        "/api/v1/set/mark",
        "/api/v1/set/note",
        "/api/v1/set/move",
        "/api/v1/set/rep",
        "/api/v1/session/end",
        "/api/v1/plate/zero",
        "/api/v1/analyze",
        "/api/v1/history/open",
        "/api/v1/history/close",
        "/api/v1/plate/right",
        "/api/v1/sessions/<int:number>/take-home",
        "/api/v1/athletes/forget",
        "/api/v1/sticks/copy",
        "/api/v1/sticks/cancel",
        "/api/v1/restore/file",
        "/api/v1/restore/stick",
        "/api/v1/restore/cancel",
        "/api/v1/restore/replace",
        "/api/v1/restore/delete-kept",
        "/api/v1/calibration/start",
        "/api/v1/calibration/verify",
        "/api/v1/calibration/measure",
        "/api/v1/calibration/redo",
        "/api/v1/calibration/more",
        "/api/v1/calibration/keep",
        "/api/v1/calibration/stop",
        "/api/v1/calibrations/use",
        "/api/v1/pair",
        "/api/v1/codes",
        "/api/v1/devices/code",
        "/api/v1/devices/rename",
        "/api/v1/devices/revoke",
    }


def test_errors_are_one_plain_sentence(client: FlaskClient) -> None:
    for answer in (client.get("/api/v1/nothing"), client.get("/api/v1/set/end")):
        assert answer.status_code in (404, 405)
        sentence = answer.get_json()["error"]
        assert sentence.endswith(".")
        assert sentence.count(".") == 1


def test_a_person_gets_a_page_for_a_wrong_address(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 404
    assert "nothing at this address" in answer.text
    assert answer.mimetype == "text/html"
