"""How a device comes in, and what a guess costs."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from scripted_station import ScriptedStation

from station.pin import OwnerPin
from web.admission import COOKIE
from web.app import create_app
from web.context import context_of
from web.limits import Limit
from web.pairing import CODE_GOOD_FOR_S, CODE_LETTERS, MOST_CODES, new_code
from web.tokens import Tokens


@pytest.fixture
def station(tmp_path: Path) -> ScriptedStation:
    return ScriptedStation(tmp_path)


@pytest.fixture
def app(station: ScriptedStation) -> Flask:
    app = create_app(station)
    app.testing = True
    return app


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def owner(app: Flask, station: ScriptedStation) -> FlaskClient:
    client = app.test_client()
    assert pair(client, station.pin.read(), role="owner") == 200
    return client


def pair(client: FlaskClient, secret: str, **more: str) -> int:
    answer = client.post("/api/v1/pair", json={"secret": secret, "name": "Rack 1", **more})
    if answer.status_code == 200:
        page = client.get("/pair").get_data(as_text=True)
        token = re.search(r'name="page-token" content="([0-9a-f]{64})"', page)
        assert token is not None
        client.environ_base["HTTP_X_HEELDRIVE_PAGE"] = token[1]
    return answer.status_code


def code_for(owner: FlaskClient, role: str) -> str:
    return owner.post("/api/v1/devices/code", json={"role": role}).get_json()["code"]


@pytest.mark.parametrize("typed", ["{pin}", " {pin} ", "{a} {b}", "{a}-{b}"])
def test_the_pin_lets_a_tablet_in(stranger: FlaskClient, station: ScriptedStation, typed: str) -> None:
    pin = station.pin.read()
    assert stranger.get("/").status_code == 401
    assert pair(stranger, typed.format(pin=pin, a=pin[:4], b=pin[4:])) == 200
    assert stranger.get("/").status_code == 200
    assert stranger.get("/data").status_code == 403, "a gym tablet, unless it is said"


def test_the_cookie_is_out_of_every_scripts_reach(
    app: Flask, stranger: FlaskClient, station: ScriptedStation
) -> None:
    answer = stranger.post("/api/v1/pair", json={"secret": station.pin.read(), "name": "Rack 1"})
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    fields = {"secret": station.pin.read(), "name": "Rack 1"}
    over_tls = app.test_client().post("/api/v1/pair", json=fields, base_url="https://localhost")
    assert "Secure" in over_tls.headers["Set-Cookie"]


@pytest.mark.parametrize("role", ["floor", "owner"])
def test_a_code_lets_one_device_in_once(app: Flask, owner: FlaskClient, role: str) -> None:
    code = code_for(owner, role)
    first, second = app.test_client(), app.test_client()
    assert pair(first, code.lower()) == 200
    assert first.get("/data").status_code == (200 if role == "owner" else 403)
    assert pair(second, code) == 403
    assert second.get("/").status_code == 401


def test_a_code_says_its_role_itself(app: Flask, owner: FlaskClient) -> None:
    client = app.test_client()
    assert pair(client, code_for(owner, "floor"), role="owner") == 200
    assert client.get("/data").status_code == 403


def test_a_device_that_is_paired_again_is_listed_once(owner: FlaskClient, station: ScriptedStation) -> None:
    assert pair(owner, station.pin.read(), role="floor") == 200
    assert [(device.name, device.role) for device in station.devices.all()] == [("Rack 1", "floor")]


def test_guessing_the_pin_is_hopeless(app: Flask, station: ScriptedStation) -> None:
    """Ten thousand guesses at once, from many addresses: fifteen are looked at."""
    pin, client = station.pin.read(), app.test_client()
    looked_at = 0
    for n in range(10_000):
        guess = f"{(int(pin) + 1 + n) % 10**8:08}"
        answer = client.post(
            "/api/v1/pair",
            json={"secret": guess, "name": "x"},
            environ_overrides={"REMOTE_ADDR": f"10.0.{n // 250 % 250}.{n % 250}"},
        )
        assert answer.status_code in (403, 429)
        looked_at += answer.status_code == 403
    assert looked_at == 15
    assert pair(client, pin) == 429, "even the right one"
    assert station.devices.all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        [], {}, {"secret": "ABCDEF"}, {"secret": 12345678, "name": "x"}, {"secret": "", "name": "x"},
        {"secret": "A" * 41, "name": "x"}, {"secret": "ABCDEF", "name": ""},
        {"secret": "ABCDEF", "name": "x" * 41},
        {"secret": "ABCDEF", "name": "a\u202eb"}, {"secret": "ABCDEF", "name": "x", "role": "king"},
        {"secret": "ABCDEF", "name": "x", "more": 1}, {"secret": "ABCDEF", "name": "x", "role": ["owner"]},
    ],
)  # fmt: skip
def test_what_is_no_pairing_is_told(stranger: FlaskClient, wrong: object) -> None:
    answer = stranger.post("/api/v1/pair", json=wrong)
    assert answer.status_code == 400
    assert answer.get_json()["error"].endswith(".")


@pytest.mark.parametrize("digits", ["１２３４５６７８", "12345678901", "²2345678"])
def test_what_only_looks_like_a_pin_is_none(stranger: FlaskClient, digits: str) -> None:
    assert pair(stranger, digits) == 403


def test_another_page_can_pair_nobody(stranger: FlaskClient, station: ScriptedStation) -> None:
    fields = {"secret": station.pin.read(), "name": "x"}
    headers = {"Origin": "http://evil.example"}
    assert stranger.post("/api/v1/pair", json=fields, headers=headers).status_code == 403
    assert station.devices.all() == []


def test_the_code_to_scan_is_the_link(app: Flask, owner: FlaskClient) -> None:
    made = owner.post("/api/v1/devices/code", json={"role": "floor"}).get_json()
    assert made["url"].endswith(f"/pair#{made['code'].replace(' ', '')}")
    assert made["good_for_s"] == CODE_GOOD_FOR_S
    drawn = owner.get(made["qr"])
    assert drawn.mimetype == "image/svg+xml"
    pair(app.test_client(), made["code"])
    assert owner.get(made["qr"]).status_code == 404, "used up"


def test_a_code_is_of_letters_that_nobody_confuses() -> None:
    assert not set("ILOU0123456789") & set(CODE_LETTERS)
    codes = {new_code() for _ in range(500)}
    assert len(codes) > 495
    assert all(re.fullmatch(r"[A-Z]{6}", code) for code in codes)


def test_a_code_is_good_for_ten_minutes() -> None:
    now_s = 0.0
    codes: Tokens[int] = Tokens(CODE_GOOD_FOR_S, MOST_CODES, lambda: now_s, new_code)
    old = codes.issue(1)
    now_s = CODE_GOOD_FOR_S + 1
    assert codes.take_back(old) is None


def test_devices_are_named_and_taken_away(app: Flask, owner: FlaskClient) -> None:
    tablet = app.test_client()
    pair(tablet, code_for(owner, "floor"))
    listed = owner.get("/api/v1/devices").get_json()["devices"]
    assert [(one["role"], one["this_one"]) for one in listed] == [("floor", False), ("owner", True)]
    number = listed[0]["id"]
    renamed = owner.post("/api/v1/devices/rename", json={"id": number, "name": "  Rack   2 "}).get_json()
    assert renamed["devices"][0]["name"] == "Rack 2"
    for wrong in (
        {"id": number},
        {"id": True, "name": "x"},
        {"id": "1", "name": "x"},
        {"id": -1, "name": "x"},
    ):
        assert owner.post("/api/v1/devices/rename", json=wrong).status_code == 400
    assert owner.post("/api/v1/devices/revoke", json={"id": 999}).status_code == 404


def test_a_new_pin_ends_a_running_guess(stranger: FlaskClient, station: ScriptedStation) -> None:
    old = station.pin.read()
    OwnerPin(station.data_folder).renew()  # as another process does
    assert pair(stranger, old) == 403
    assert pair(stranger, station.pin.read()) == 200


def test_exports_and_imports_have_their_measure(app: Flask, owner: FlaskClient) -> None:
    limits = context_of(app).limits
    for limit, path in ((limits.exports, "/api/v1/backup"), (limits.imports, "/api/v1/analyze?side=left")):
        for _ in range(limit.of_one):
            assert limit.take("127.0.0.1")
        sent = {"data": b"x", "content_type": "application/octet-stream"}
        answer = owner.get(path) if "backup" in path else owner.post(path, **sent)
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "60"


def test_a_limit_forgets_after_its_while_and_counts_over_all_addresses() -> None:
    now_s = 0.0
    limit = Limit(2, 3, 60.0, lambda: now_s)
    assert [limit.take("10.0.0.1") for _ in range(3)] == [True, True, False]
    assert [limit.take("10.0.0.2") for _ in range(2)] == [True, False], "three in all"
    now_s = 61.0
    assert limit.take("10.0.0.2")
    limit.give_back("10.0.0.2")
    assert [limit.take("10.0.0.2") for _ in range(3)] == [True, True, False]


def test_a_machine_has_many_addresses_of_ipv6_and_counts_as_one() -> None:
    limit = Limit(1, 9, 60.0)
    assert limit.take("2001:db8:1:2::5")
    assert not limit.take("2001:db8:1:2:ffff::9")
    assert limit.take("2001:db8:1:3::5")
    assert limit.take("::ffff:192.0.2.1")
    assert not limit.take("192.0.2.1")


# --- in a browser ---


def fits_and_is_accessible(page: Page) -> None:
    for width, scheme in product((1280, 400), ("light", "dark")):
        page.set_viewport_size({"width": width, "height": 850})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]})
        assert found.violations_count == 0, found.generate_report()


def test_the_owner_pairs_a_tablet_by_a_code_that_is_scanned(
    page: Page, home: str, browser: Browser, station: ScriptedStation
) -> None:
    page.goto(home)
    fits_and_is_accessible(page)
    page.fill("#secret", "0000")
    page.fill("#name", "Phone")
    page.click("button[type=submit]")
    page.wait_for_function("() => document.getElementById('wrong').textContent !== ''")
    page.fill("#secret", station.pin.read())
    page.check("input[value=owner]")
    page.click("button[type=submit]")
    page.wait_for_selector("#setup", state="attached")
    page.goto(f"{home}/devices")
    page.click("[data-role=floor]")
    page.wait_for_selector("#shown:not([hidden])")
    page.wait_for_function("() => document.getElementById('qr').naturalWidth > 0")
    fits_and_is_accessible(page)
    code = (page.text_content("#code") or "").replace(" ", "")

    tablet = browser.new_page()
    tablet.goto(f"{home}/pair#{code}")
    assert code not in tablet.url, "it is good once, and no business of the history"
    assert tablet.input_value("#secret").replace(" ", "") == code
    assert not tablet.is_visible("#as")
    tablet.fill("#name", "Rack 1")
    tablet.click("button[type=submit]")
    tablet.wait_for_selector("#setup", state="attached")
    tablet.wait_for_function("() => document.body.dataset.link === 'live'")
    assert not tablet.evaluate("document.cookie"), "no script can read it"

    page.reload()
    rack = page.locator(".device", has_text="Gym tablet")
    assert rack.locator("input").input_value() == "Rack 1"
    rack.locator("input").fill("Rack 7")
    rack.get_by_role("button").click()  # the box is left by it: the name is sent, and the list drawn anew
    page.wait_for_function("() => document.querySelector('.device [aria-label*=\"Rack 7\"]')")
    assert len(station.devices.all()) == 2, "one tap takes nothing away"
    rack.get_by_role("button").click()
    page.wait_for_function("() => document.querySelectorAll('.device').length === 1")
    tablet.wait_for_selector("#pair", timeout=10_000)  # its stream ended, and it says how to come back
    tablet.close()


def test_commands_of_a_paired_page_are_taken(page: Page, home: str, station: ScriptedStation) -> None:
    page.goto(home)
    page.fill("#secret", station.pin.read())
    page.check("input[value=owner]")
    page.click("button[type=submit]")
    page.wait_for_selector("#setup", state="attached")
    page.goto(f"{home}/devices")
    page.fill("#codes-code", "4711")
    page.get_by_role("button", name="Keep").click()
    page.wait_for_function("() => document.getElementById('codes-told').textContent === 'The code is kept.'")
    assert station.codes == {None: "4711"}
