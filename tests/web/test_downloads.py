"""Downloads from the page: what is asked of the station, and what a zip of it is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from scripted_station import ScriptedStation

from station.door import Scope, SessionRow
from web.downloads import FORM_NAMES, zip_stream


@pytest.fixture(autouse=True)
def recorded(station: ScriptedStation) -> None:
    station.rows = [
        SessionRow(n, name, "", 60.0, 2, 8, "closed", True, "") for n, name in ((2, "Jo/é?"), (1, "Mara"))
    ]
    station.files = {n: [(f"{n}_reps.csv", f"session {n}\n".encode() * 99)] for n in (1, 2)}


@pytest.mark.parametrize(
    ("path", "asked", "name"),
    [
        ("1/csv.zip", (Scope(1), ("csv",)), "heeldrive-session-1.zip"),
        ("1/all.zip", (Scope(1), ("csv", "json", "report")), "heeldrive-session-1.zip"),
        ("2/sets/1/report.zip", (Scope(2, 1), ("report",)), "heeldrive-session-2-set-1.zip"),
        ("csv.zip", (Scope(), ("csv",)), "heeldrive.zip"),
        ("json.zip?athlete=Mara", (Scope(athlete="Mara"), ("json",)), "heeldrive-Mara.zip"),
    ],
)
def test_a_link_asks_for_its_scope_and_format(
    client: FlaskClient, station: ScriptedStation, path: str, asked: object, name: str
) -> None:
    answer = client.get(f"/api/v1/sessions/{path}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    assert name in answer.headers["Content-Disposition"]
    assert station.exported == [asked]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        sessions = {1, 2} if station.exported[0][0] == Scope() else {station.exported[0][0].session or 1}
        assert set(archive.namelist()) == {f"{n}_reps.csv" for n in sessions}


@pytest.mark.parametrize(
    "path", ["1/xls.zip", "9/csv.zip", "1/sets/7/csv.zip", "csv.zip?athlete=Nobody", "1/parquet.zip"]
)
def test_what_is_not_there_is_a_404_in_a_sentence(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/v1/sessions/{path}")
    assert answer.status_code == 404
    assert answer.get_json()["error"].endswith(".")


def test_pages_offer_what_the_station_makes_and_no_more(client: FlaskClient) -> None:
    page = client.get("/history/1").text
    for form in ("csv", "json", "report", "all"):
        assert f'href="/api/v1/sessions/1/{form}.zip"' in page
        assert f'href="/api/v1/sessions/1/sets/2/{form}.zip"' in page
        assert FORM_NAMES[form] in page
    assert "parquet" not in page
    many = client.get("/history").text
    assert 'href="/api/v1/sessions/csv.zip"' in many
    assert 'href="/api/v1/sessions/csv.zip?athlete=Jo/%C3%A9?"' in many or "athlete=Jo%2F%C3%A9%3F" in many


def test_every_link_of_a_page_leads_somewhere(client: FlaskClient) -> None:
    for page in ("/history", "/history/1"):
        text = client.get(page).text
        links = [part.split('"')[0].replace("&amp;", "&") for part in text.split('href="')[1:]]
        zips = [link for link in links if ".zip" in link]
        assert len(zips) >= 8
        for link in zips:
            answer = client.get(link)
            missing = "/sets/2/" in link  # the scripted station knows one set only
            assert answer.status_code == (404 if missing else 200), link


def test_the_same_files_are_the_same_zip() -> None:
    files = [("a.csv", b"1,2\n" * 999), ("reps/athlete=é/b.parquet", b"PAR1")]
    once, again = (b"".join(zip_stream((name, iter([data])) for name, data in files)) for _ in range(2))
    assert once == again
    with zipfile.ZipFile(io.BytesIO(once)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert [(name, archive.read(name)) for name in archive.namelist()] == files


def test_a_zip_is_made_while_it_is_sent() -> None:
    made: list[int] = []

    def content() -> Iterator[bytes]:
        for k in range(100):
            made.append(k)
            yield bytes(str(k), "ascii") * 50_000

    stream = zip_stream([("large.csv", content())])
    sent = 0
    for _ in range(10):
        sent += len(next(stream))
    assert sent > 0
    assert len(made) == 10


def test_a_link_home_gives_csv_and_report_of_its_session_alone(
    client: FlaskClient, station: ScriptedStation
) -> None:
    link = client.post("/api/v1/sessions/2/take-home", json={}).get_json()
    path = "/take/" + link["url"].rsplit("/", 1)[1]
    assert client.get(f"{path}/session.zip").status_code == 200
    assert station.exported == [(Scope(2), ("csv", "report"))]
    assert client.get(f"{path}/session.zip").status_code == 404
    assert len(station.exported) == 1
