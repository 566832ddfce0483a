"""A session on somebody's phone: once, for ten minutes, that session alone."""

from __future__ import annotations

import base64
import io
import zipfile
from urllib.parse import urlsplit

import pytest
import segno
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Browser
from scripted_station import ScriptedStation

from station.door import SessionRow
from web.guard import REACHED_AT
from web.takehome import GOOD_FOR_S, MOST
from web.tokens import Tokens


@pytest.fixture
def two_sessions(station: ScriptedStation) -> None:
    station.rows = [SessionRow(n, "Mara", "", 60.0, 1, 8, "closed", True, "") for n in (1, 2)]
    station.files = {n: [("reps.csv", f"session {n}\n".encode())] for n in (1, 2)}


def link_to(client: FlaskClient, number: int, **headers: str) -> dict[str, object]:
    answer = client.post(f"/api/v1/sessions/{number}/take-home", json={}, **headers)  # type: ignore[arg-type]
    assert answer.status_code == 200
    return answer.get_json()


def path_of(link: dict[str, object]) -> str:
    return "/take/" + str(link["url"]).rsplit("/", 1)[1]


@pytest.mark.usefixtures("two_sessions")
def test_the_files_are_taken_once(client: FlaskClient) -> None:
    path = path_of(link_to(client, 2))
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200  # a preview of the page does not use it up
    with zipfile.ZipFile(io.BytesIO(client.get(f"{path}/session.zip").data)) as archive:
        assert archive.read("reps.csv") == b"session 2\n"
    assert client.get(f"{path}/session.zip").status_code == 404
    assert client.get(path).status_code == 404
    assert "show the code again" in client.get(path, headers={"Accept": "text/html"}).get_data(as_text=True)


@pytest.mark.usefixtures("two_sessions")
def test_nothing_else_is_opened_by_it(client: FlaskClient) -> None:
    path = path_of(link_to(client, 1))
    for wrong in (path[:-1], path + "A", "/take/x", "/take/.."):
        assert client.get(f"{wrong}/session.zip").status_code == 404
    assert client.post("/api/v1/sessions/9/take-home", json={}).status_code == 404
    assert client.post("/api/v1/sessions/1/take-home", json={"minutes": 999}).status_code == 400


def test_a_link_lasts_ten_minutes_and_there_are_not_too_many() -> None:
    now_s = [0.0]
    tickets: Tokens[int] = Tokens(GOOD_FOR_S, MOST, lambda: now_s[0])
    token = tickets.issue(7)
    now_s[0] = GOOD_FOR_S
    assert tickets.of(token) == 7
    now_s[0] = GOOD_FOR_S + 1
    assert tickets.of(token) is None
    assert tickets.take_back(token) is None
    tokens = [tickets.issue(n) for n in range(MOST + 1)]
    assert len(set(tokens)) == MOST + 1
    assert tickets.of(tokens[0]) is None
    assert tickets.take_back(tokens[-1]) == MOST


@pytest.mark.usefixtures("two_sessions")
@pytest.mark.parametrize(
    ("host", "remote", "url", "reachable"),
    [
        ("192.0.2.7:8000", "192.0.2.50", "http://192.0.2.7:8000/take/", True),
        ("[2001:db8::7]:8000", "2001:db8::9", "http://[2001:db8::7]:8000/take/", True),
        ("127.0.0.1:8000", "127.0.0.1", "http://127.0.0.1:8000/take/", False),
        ("heeldrive.local", "127.0.0.1", "http://127.0.0.1/take/", False),
    ],
)
def test_the_code_has_an_address_that_a_phone_knows(
    client: FlaskClient, host: str, remote: str, url: str, reachable: bool
) -> None:
    link = client.post(
        "/api/v1/sessions/1/take-home",
        json={},
        headers={"Host": host, "Origin": f"http://{host}"},
        environ_overrides={"REMOTE_ADDR": remote, REACHED_AT: urlsplit(f"//{host}").hostname},
    ).get_json()
    assert link["url"].startswith(url)
    assert link["reachable"] is reachable


@pytest.mark.usefixtures("two_sessions")
def test_the_code_says_what_the_link_says(client: FlaskClient, browser: Browser) -> None:
    """Read back from its pixels: the browser draws it, and the modules are compared with the link's."""
    link = link_to(client, 1)
    answer = client.get(str(link["qr"]))
    assert answer.mimetype == "image/svg+xml"
    again = segno.make(str(link["url"]), error="m", micro=False)
    page = browser.new_page(viewport={"width": 800, "height": 800})
    image = "data:image/svg+xml;base64," + base64.b64encode(answer.data).decode()
    page.set_content(
        f'<body style="margin:0"><img src="{image}" width="800" height="800" style="display:block">'
    )
    shot = page.screenshot()
    page.close()
    picture = Image.open(io.BytesIO(shot)).convert("L")
    modules = again.symbol_size(border=4)[0]
    step = 800 / modules
    drawn = [
        [picture.getpixel((int((x + 4.5) * step), int((y + 4.5) * step))) < 128 for x in range(modules - 8)]
        for y in range(modules - 8)
    ]
    assert drawn == [[bool(cell) for cell in row] for row in again.matrix]
