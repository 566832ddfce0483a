"""Behind a proxy that speaks https: what it says is believed where the config says so, and nowhere else."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from scripted_station import ScriptedStation
from werkzeug.test import TestResponse

from station.coach.programs import Plan
from station.door import SessionRow, StartSet
from web.app import create_app

PAGE = "plate.gym.example:8443"
MOST_WRONG = 5  # of one address, within a minute


@pytest.fixture
def locked(station: ScriptedStation) -> ScriptedStation:
    station.codes = {None: "4711"}
    return station


def asked(client: FlaskClient, path: str, json: object, client_address: str = "192.0.2.50") -> TestResponse:
    """Post what a browser on the proxy's page sends, as nginx and Caddy pass it on."""
    headers = {
        "Host": PAGE,
        "Origin": f"https://{PAGE}",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": client_address,
        "X-Forwarded-Host": "evil.example",
    }
    return client.post(path, json=json, headers=headers, environ_overrides={"REMOTE_ADDR": "127.0.0.1"})


def code(client: FlaskClient, digits: str, client_address: str = "192.0.2.50") -> TestResponse:
    return asked(client, "/api/v1/history/open", {"athlete": None, "code": digits}, client_address)


def app_of(station: ScriptedStation, *, behind_proxy: bool) -> Flask:
    return create_app(station, pairing_needed=False, hosts=["plate.gym.example"], behind_proxy=behind_proxy)


@pytest.fixture
def client(locked: ScriptedStation) -> FlaskClient:
    return app_of(locked, behind_proxy=True).test_client()


def test_the_page_takes_commands_and_its_cookie_stays_with_https(client: FlaskClient) -> None:
    answer = code(client, "4711")
    assert answer.status_code == 200
    assert {"Secure", "HttpOnly", "SameSite=Strict"} <= set(answer.headers["Set-Cookie"].split("; "))


def test_without_the_switch_none_of_it_is_believed(locked: ScriptedStation) -> None:
    client = app_of(locked, behind_proxy=False).test_client()
    assert code(client, "4711").status_code == 403, "an https page is another one"
    body = {"athlete": None, "code": "0"}
    headers = {"X-Forwarded-Proto": "https"}
    for guess in range(MOST_WRONG):  # a new address each time is of no use
        new = headers | {"X-Forwarded-For": f"192.0.2.{guess}"}
        assert client.post("/api/v1/history/open", json=body, headers=new).status_code == 403
    assert client.post("/api/v1/history/open", json=body, headers=headers).status_code == 429


def test_plain_http_past_the_proxy_has_a_plain_cookie(client: FlaskClient) -> None:
    answer = client.post("/api/v1/history/open", json={"athlete": None, "code": "4711"})
    assert answer.status_code == 200
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_each_asker_has_tries_of_their_own_whatever_they_claim(client: FlaskClient) -> None:
    for guess in range(MOST_WRONG):  # the proxy adds whom it heard it from
        assert code(client, "0", f"10.0.0.{guess}, 192.0.2.50").status_code == 403
    assert code(client, "4711", "192.0.2.50").status_code == 429
    assert code(client, "4711", "192.0.2.51").status_code == 200


def test_the_link_for_a_phone_is_the_name_of_the_certificate(
    client: FlaskClient, station: ScriptedStation
) -> None:
    station.command(StartSet("Mara", Plan("left")))
    station.rows = [SessionRow(1, "Mara", "", 60.0, 1, 8, "open", True, "")]
    link = asked(client, "/api/v1/sessions/1/take-home", {}).get_json()
    assert link["url"].startswith(f"https://{PAGE}/take/")
    assert link["reachable"] is True


def test_a_name_that_the_station_does_not_go_by_is_refused_behind_a_proxy_too(client: FlaskClient) -> None:
    names = {"Host": "evil.example", "X-Forwarded-Host": PAGE, "X-Forwarded-Proto": "https"}
    assert client.get("/", headers=names).status_code == 403
