"""The history behind a code: who sees what, and what a guess costs."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from scripted_station import ScriptedStation

from station.coach.programs import Plan
from station.door import AthleteCard, SessionRow, StartSet, VisitMark
from web.lock import LOCKED, MOST_OPEN, OPEN_FOR_S, Grant
from web.tokens import Tokens


@pytest.fixture
def locked(station: ScriptedStation) -> ScriptedStation:
    station.command(StartSet("Mara", Plan("left")))  # session 1, on the screen
    station.count_reps(3)
    station.end_set()
    station.rows = [
        SessionRow(3, "Jonas", "", 60.0, 1, 8, "closed", True, ""),
        SessionRow(2, "Mara", "", 60.0, 1, 8, "closed", True, ""),
        SessionRow(1, "Mara", "", 60.0, 1, 8, "open", True, ""),
    ]
    station.files = {n: [("reps.csv", b"rep\n")] for n in (1, 2, 3)}
    station.cards = [AthleteCard("Mara"), AthleteCard("Jonas")]
    station.codes = {None: "4711", "Mara": "2468"}
    return station


def give(client: FlaskClient, athlete: str | None, code: str) -> int:
    return client.post("/api/v1/history/open", json={"athlete": athlete, "code": code}).status_code


SESSION_2 = [
    "/history/2",
    "/api/v1/sessions/2/review",
    "/api/v1/sessions/2/files",
    "/api/v1/sessions/2/files/reps.csv",
    "/api/v1/sessions/2/csv.zip",
    "/api/v1/sessions/2/sets/1/csv.zip",
]
LISTS = ["/history", "/api/v1/sessions"]
EVERYTHING = ["/api/v1/sessions/csv.zip", "/api/v1/sessions/csv.zip?athlete=Jonas"]


def statuses(client: FlaskClient, paths: list[str]) -> set[int]:
    return {client.get(path).status_code for path in paths}


@pytest.mark.usefixtures("locked")
def test_without_a_code_nothing_of_before_is_seen(client: FlaskClient) -> None:
    assert statuses(client, SESSION_2 + LISTS + EVERYTHING) == {403}
    page = client.get("/history").get_data(as_text=True)
    assert "The history is locked." in page
    assert "<td>" not in page
    assert client.post("/api/v1/sessions/2/take-home", json={}).status_code == 403
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/state").status_code == 200


@pytest.mark.usefixtures("locked")
def test_every_route_of_the_history_is_behind_the_lock(client: FlaskClient, app: Flask) -> None:
    """A route that somebody adds there tomorrow is locked as well."""
    seen = 0
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"GET", "POST"}:
            if rule.endpoint.split(".")[0] in LOCKED:
                path = re.sub(r"<\w+>", "csv", re.sub(r"<int:\w+>", "2", rule.rule))
                body = {"json": {}} if method == "POST" else {}
                assert client.open(path, method=method, **body).status_code == 403, path
                seen += 1
    assert seen >= 9


def test_the_session_on_the_screen_is_seen_and_corrected_by_all(
    client: FlaskClient, locked: ScriptedStation
) -> None:
    assert client.post("/api/v1/sessions/1/take-home", json={}).status_code == 200
    note = {"number": 1, "effort": "easy"}
    assert client.post("/api/v1/set/note", json=note).status_code == 200
    assert client.post("/api/v1/set/note", json={**note, "session": 1}).status_code == 200
    before = len(locked.commands)
    for path, more in (
        ("note", {"effort": "easy"}),
        ("move", {"athlete": "Jonas"}),
        ("rep", {"rep": 1, "word": None}),
    ):
        fields = {"session": 2, "number": 1, **more}
        assert client.post(f"/api/v1/set/{path}", json=fields).status_code == 403
    assert len(locked.commands) == before


def test_the_tiles_tell_nobody_what_somebody_did_before(client: FlaskClient, locked: ScriptedStation) -> None:
    visits = (VisitMark(2, 7, 8),)
    locked.cards = [AthleteCard("Mara", visits=visits), AthleteCard("Jonas", visits=visits)]

    def told() -> list[int]:
        return [len(card["visits"]) for card in client.get("/api/v1/athletes").get_json()["athletes"]]

    assert told() == [0, 0]
    give(client, "Mara", "2468")
    assert told() == [1, 0]
    give(client, None, "4711")
    assert told() == [1, 1]


@pytest.mark.usefixtures("locked")
def test_the_coach_sees_everything_until_the_lock_is_closed(client: FlaskClient) -> None:
    assert give(client, None, "4711") == 200
    assert 403 not in statuses(client, SESSION_2 + LISTS + EVERYTHING)
    assert client.post("/api/v1/history/close", json={}).status_code == 200
    assert statuses(client, SESSION_2 + LISTS) == {403}


@pytest.mark.usefixtures("locked")
def test_an_athlete_sees_their_own_alone(client: FlaskClient) -> None:
    assert give(client, "Mara", "2468") == 200
    assert statuses(client, SESSION_2) == {200}
    numbers = [row["number"] for row in client.get("/api/v1/sessions").get_json()["sessions"]]
    assert numbers == [2, 1]
    assert "Jonas" not in re.sub(r"<select.*?</select>", "", client.get("/history").get_data(as_text=True))
    assert statuses(client, [path.replace("/2", "/3") for path in SESSION_2] + EVERYTHING) == {403}
    assert client.get("/api/v1/sessions/csv.zip?athlete=Mara").status_code == 200
    assert client.post("/api/v1/sessions/3/take-home", json={}).status_code == 403


@pytest.mark.usefixtures("locked")
def test_one_persons_code_is_not_anothers(client: FlaskClient) -> None:
    assert give(client, "Mara", "4711") == 403
    assert give(client, None, "2468") == 403
    assert give(client, "Jonas", "2468") == 403
    assert statuses(client, LISTS) == {403}


@pytest.mark.usefixtures("locked")
def test_guessing_is_slow(client: FlaskClient) -> None:
    assert [give(client, None, f"{n:04d}") for n in range(5)] == [403] * 5
    assert give(client, None, "4711") == 429  # even the right one


@pytest.mark.parametrize(
    "wrong", [[], {}, {"code": 4711}, {"code": "4" * 13}, {"athlete": 1, "code": "4711"}, {"x": 1}]
)
@pytest.mark.usefixtures("locked")
def test_what_is_no_code_is_told(client: FlaskClient, wrong: object) -> None:
    assert client.post("/api/v1/history/open", json=wrong).status_code == 400


def test_a_grant_ends_ten_minutes_after_its_last_use() -> None:
    now_s = 0.0
    grants: Tokens[Grant] = Tokens(OPEN_FOR_S, MOST_OPEN, lambda: now_s)
    token = grants.issue(Grant("Mara"))
    now_s = OPEN_FOR_S - 1
    assert grants.renewed(token) is not None
    now_s += OPEN_FOR_S - 1
    assert grants.renewed(token) == Grant("Mara")  # used meanwhile
    now_s += OPEN_FOR_S + 1
    assert grants.renewed(token) is None
    assert grants.renewed("") is None


def test_without_a_code_everything_is_open(client: FlaskClient, locked: ScriptedStation) -> None:
    locked.codes = {}
    assert statuses(client, SESSION_2 + LISTS) == {200}
