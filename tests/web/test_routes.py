from __future__ import annotations

import io
import json
import math
import zipfile

import numpy as np
import pytest
from flask.testing import FlaskClient
from scripted_station import REP_S, ScriptedStation

from station.coach.programs import Plan
from station.door import Curve, EndSession, EndSet, SessionRow, StartSet, ZeroPlate

START = {"athlete": "Mara", "side": "left", "goal": "technique", "load_kg": 20.5}
XSS = '<img src=x onerror="alert(1)">'


def test_start_reaches_the_station_as_it_was_meant(client: FlaskClient, station: ScriptedStation) -> None:
    answer = client.post("/api/v1/set/start", json=START | {"athlete": "  Mara  Lind "})
    assert answer.status_code == 200
    assert station.commands == [StartSet("Mara Lind", Plan("left", "technique", 20.5))]
    state = answer.get_json()
    assert state["state"] == "set"
    assert state["session"]["athlete"] == "Mara Lind"
    assert state["session"]["sets"][-1]["running"] is True


def test_each_command_is_its_own(client: FlaskClient, station: ScriptedStation) -> None:
    for path, fields in (
        ("set/end", {}),
        ("session/end", {}),
        ("plate/zero", {}),
        ("plate/zero", {"confirmed": True}),
    ):
        assert client.post(f"/api/v1/{path}", json=fields).status_code == 200
    assert station.commands == [EndSet(), EndSession(), ZeroPlate(False), ZeroPlate(True)]


def test_a_refusal_is_told_in_the_stations_words(client: FlaskClient) -> None:
    client.post("/api/v1/set/start", json=START)
    answer = client.post("/api/v1/set/start", json=START)
    assert answer.status_code == 409
    assert answer.get_json() == {"error": "A set is running: end it first.", "confirmable": False}


def test_a_zero_far_from_the_last_asks_for_a_confirmation(
    client: FlaskClient, station: ScriptedStation
) -> None:
    station.change_live(total_n=40.0)
    answer = client.post("/api/v1/plate/zero", json={})
    assert answer.status_code == 409
    assert answer.get_json()["confirmable"] is True
    assert client.post("/api/v1/plate/zero", json={"confirmed": True}).status_code == 200


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("set/start", {}),
        ("set/start", START | {"athlete": ""}),
        ("set/start", START | {"athlete": "   "}),
        ("set/start", START | {"athlete": "x" * 61}),
        ("set/start", START | {"athlete": "a\u202eb"}),
        ("set/start", START | {"athlete": "a\x00b"}),
        ("set/start", START | {"athlete": 7}),
        ("set/start", START | {"side": "both"}),
        ("set/start", START | {"side": None}),
        ("set/start", START | {"goal": "power"}),
        ("set/start", START | {"goal": ["technique"]}),
        ("set/start", START | {"load_kg": -1}),
        ("set/start", START | {"load_kg": 501}),
        ("set/start", START | {"load_kg": "20"}),
        ("set/start", START | {"load_kg": True}),
        ("set/start", START | {"load_kg": math.nan}),
        ("set/start", START | {"load_kg": math.inf}),
        ("set/start", START | {"extra": 1}),
        ("set/end", {"extra": 1}),
        ("set/end", []),
        ("set/end", None),
        ("plate/zero", {"confirmed": "yes"}),
    ],
)
def test_bad_fields_never_reach_the_station(
    client: FlaskClient, station: ScriptedStation, path: str, fields: object
) -> None:
    answer = client.post(f"/api/v1/{path}", data=json.dumps(fields), content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["error"].endswith(".")
    assert station.commands == []


def test_broken_json_is_refused(client: FlaskClient, station: ScriptedStation) -> None:
    answer = client.post("/api/v1/set/end", data="{", content_type="application/json")
    assert answer.status_code == 400
    assert station.commands == []


def test_a_gap_is_null_and_never_a_nan(client: FlaskClient, station: ScriptedStation) -> None:
    gap = np.array([81.04, math.nan, 83.0])
    station.publish(curve=Curve(7, np.array([0.0, 0.01, 0.02]), gap, gap / 2))
    answer = client.get("/api/v1/state")
    curve = json.loads(answer.text, parse_constant=pytest.fail)["curve"]
    assert curve == {
        "first_frame": 7,
        "t_s": [0.0, 0.01, 0.02],
        "total_n": [81.0, None, 83.0],
        "heel_n": [40.5, None, 41.5],
    }


def test_a_reps_phases_are_differences_of_its_boundaries(
    client: FlaskClient, station: ScriptedStation
) -> None:
    client.post("/api/v1/set/start", json=START)
    station.count_reps(2)
    first, second = client.get("/api/v1/state").get_json()["session"]["sets"][0]["reps"]
    assert (first["up_s"], first["hold_s"], first["down_s"]) == (1.0, 1.2, 1.6)  # as the script has them
    assert first["lift_off_s"] == pytest.approx(1.2, abs=0.02)
    assert second["lift_off_s"] - first["lift_off_s"] == pytest.approx(REP_S, abs=0.02)


def test_names_are_escaped_wherever_a_page_shows_them(client: FlaskClient, station: ScriptedStation) -> None:
    station.publish(source={"name": "mock", "simulated": True, "text": XSS, "nominal_rate_hz": 80.0})
    station.rows = [
        SessionRow(2, XSS, "2026-11-20T17:05:00+00:00", 60.0, 1, 8, "closed", False, ""),
        SessionRow(1, "", "", 0.0, 0, 0, "damaged", False, XSS),
    ]
    station.files = {2: [(XSS + ".csv", b"")]}
    for path in ("/", "/history", "/history/2"):
        text = client.get(path).text
        assert XSS not in text
        assert "<img src=x" not in text
        assert "&lt;img src=x" in text


def test_the_history_names_what_is_damaged(client: FlaskClient, station: ScriptedStation) -> None:
    station.rows = [SessionRow(1, "", "", 0.0, 0, 0, "damaged", False, "The file is cut off.")]
    text = client.get("/history").text
    assert "The file is cut off." in text
    assert "csv.zip" not in text
    (row,) = client.get("/api/v1/sessions").get_json()["sessions"]
    assert (row["state"], row["note"]) == ("damaged", "The file is cut off.")


@pytest.mark.parametrize("path", ["/", "/history", "/history/1"])
def test_the_mock_banner_is_there_before_any_script(
    client: FlaskClient, station: ScriptedStation, path: str
) -> None:
    station.rows = [SessionRow(1, "Mara", "", 60.0, 1, 8, "closed", True, "")]
    station.files = {1: []}
    assert 'class="mock" hidden' in client.get(path).text
    station.publish(
        source={"name": "mock", "simulated": True, "text": "80 kg, seed 7", "nominal_rate_hz": 80.0}
    )
    text = client.get(path).text
    assert 'class="mock" >' in text
    assert "80 kg, seed 7" in text


def test_the_zip_holds_every_file_byte_for_byte(client: FlaskClient, station: ScriptedStation) -> None:
    files = [
        ("curves.csv", b"t_s,total_n\n" + b"0.01,81.5\n" * 50_000),
        ("metadata.json", b"{}" * 9),
        ("reps.csv", b""),
    ]
    station.files = {4: files}
    answer = client.get("/api/v1/sessions/4/csv.zip")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == "attachment; filename=heeldrive-session-4.zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        assert [(name, archive.read(name)) for name in archive.namelist()] == files


def test_a_single_file_comes_as_it_is(client: FlaskClient, station: ScriptedStation) -> None:
    station.files = {4: [("curves.csv", b"t_s,total_n\n0.01,81.5\n"), ("reps.csv", b"rep\n")]}
    assert client.get("/api/v1/sessions/4/files").get_json() == {"files": ["curves.csv", "reps.csv"]}
    answer = client.get("/api/v1/sessions/4/files/curves.csv")
    assert answer.data == b"t_s,total_n\n0.01,81.5\n"
    assert answer.mimetype == "text/csv"


@pytest.mark.parametrize(
    "path", ["9/csv.zip", "9/files", "9/files/curves.csv", "4/files/other.csv", "4/files/..%2fsecret"]
)
def test_what_is_not_there_is_a_404(client: FlaskClient, station: ScriptedStation, path: str) -> None:
    station.files = {4: [("curves.csv", b"x" * 9)]}
    answer = client.get(f"/api/v1/sessions/{path}")
    assert answer.status_code == 404
    assert answer.get_json()["error"].endswith(".")


@pytest.mark.parametrize("path", ["files", "files/curves.csv", "csv.zip"])
def test_a_damaged_file_is_told_in_the_stations_words(
    client: FlaskClient, station: ScriptedStation, path: str
) -> None:
    station.damaged = {3: "The file of session 3 is damaged: restore it from a copy."}
    answer = client.get(f"/api/v1/sessions/3/{path}")
    assert answer.status_code == 500
    assert answer.get_json() == {"error": "The file of session 3 is damaged: restore it from a copy."}
