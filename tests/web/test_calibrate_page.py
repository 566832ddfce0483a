"""The builder's page in a real Chromium, over the real calibrator before a plate that is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from plates import COUNTS_PER_N, SimulatedPlate
from playwright.sync_api import Browser, Page, expect
from scripted_station import ScriptedStation

from web.server import PageServer

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
API = "/api/v1/calibration"


def opened(browser: Browser, server: PageServer, **look: object) -> Page:
    page = browser.new_page(reduced_motion="reduce", **look)  # type: ignore[arg-type]
    page.set_default_timeout(8000)
    page.goto(f"http://station.local:{server.port}/calibrate")
    return page


def step_text(page: Page, text: str) -> None:
    expect(page.locator("#doing")).to_have_text(text)


def sound_and_reachable(page: Page, width: int) -> None:
    results = Axe().run(page, options={"runOnly": RULES})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    low = page.evaluate(
        "[...document.querySelectorAll('a, button, summary, select, input.box, .choice')]"
        ".filter((e) => e.offsetParent && e.getBoundingClientRect().height < 63.5).map((e) => e.outerHTML)"
    )
    assert low == []


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), pytest.param("dark", 390, marks=pytest.mark.long)]
)
def test_it_is_accessible_from_the_first_mass_to_the_result(
    browser: Browser, server: PageServer, station: ScriptedStation, scheme: str, width: int
) -> None:
    desk = station.desk
    page = opened(browser, server, color_scheme=scheme, viewport={"width": width, "height": 850})
    expect(page.locator("#gates li")).to_have_count(1)
    desk.stream.pass_s(4.0)
    expect(page.locator("#gates li")).to_have_count(3)
    sound_and_reachable(page, width)
    page.get_by_role("button", name="Begin calibrating").click()
    step_text(page, "Empty the plate")
    desk.do_all(2)
    step_text(page, "10 kg on heel-right")
    desk.stream.mass(0.8, desk.calibrator._course.run.step.spot)  # type: ignore[union-attr]
    expect(page.locator("#refusal")).to_contain_text("Hardly anything was felt on heel-right")
    sound_and_reachable(page, width)
    desk.do_all()
    expect(page.get_by_role("button", name="Keep it")).to_be_visible()
    page.get_by_text("Every placement", exact=True).click()
    sound_and_reachable(page, width)
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#said")).to_contain_text("It is in use")
    expect(page.locator("#kept .chip")).to_have_text("in use")
    page.get_by_text("Recalculate a session").click()
    sound_and_reachable(page, width)
    page.close()


def test_two_tablets_and_a_reload_show_the_same_step(
    browser: Browser, server: PageServer, station: ScriptedStation
) -> None:
    first, second = opened(browser, server), opened(browser, server)
    first.get_by_role("button", name="Begin calibrating").click()
    for page in (first, second):
        step_text(page, "Empty the plate")
    station.desk.do_all(4)
    for page in (first, second):
        step_text(page, "10 kg on toe-right")
        expect(page.locator("#where")).to_have_text("on the toe half, 64 mm right of the middle")
        expect(page.locator("#readings li")).to_have_count(4)
        expect(page.locator("#plate .taken")).to_have_count(3)
    first.reload()
    step_text(first, "10 kg on toe-right")
    expect(first.locator("#readings li")).to_have_count(4)
    second.get_by_role("button", name="Redo the last mass").click()
    step_text(first, "10 kg on toe-left")
    second.get_by_role("button", name="Stop", exact=True).click()
    second.get_by_role("button", name="Go on").click()
    step_text(second, "10 kg on toe-left")
    second.get_by_role("button", name="Stop", exact=True).click()
    second.get_by_role("button", name="Yes").click()
    for page in (first, second):
        expect(page.get_by_role("button", name="Begin calibrating")).to_be_visible()
        expect(page.locator("#said")).to_have_text("Ended: nothing was kept.")
        page.close()


def test_the_drawing_shows_where_the_mass_goes_to_scale_and_where_it_is_felt(
    browser: Browser, server: PageServer, station: ScriptedStation
) -> None:
    """200 mm between the heel cells, 160 between the toe cells; a mass goes 0.8 of the way to a cell."""
    desk = station.desk
    desk.stream.plate = SimulatedPlate(np.eye(4), np.full(4, 4385.0))
    page = opened(browser, server)
    page.get_by_role("button", name="Begin calibrating").click()
    step_text(page, "Empty the plate")
    for spot, x in (("heel-left", -80), ("heel-right", 80), ("toe-left", -64)):
        desk.do_all(1)
        step_text(page, f"10 kg on {spot}")
        assert float(page.locator("#plate .mass").get_attribute("cx") or "0") == pytest.approx(x)
    felt = page.locator("#plate .felt.known")
    expect(felt).to_have_count(1)
    assert float(felt.get_attribute("cx") or "0") == pytest.approx(80, abs=1)  # it lies on heel-right still
    page.close()


def test_it_says_why_nothing_can_begin_and_what_it_was_given_wrong(
    browser: Browser, server: PageServer, station: ScriptedStation
) -> None:
    page = opened(browser, server)
    page.get_by_label("Mass 2, kg").fill("20,5 kg")
    page.get_by_role("button", name="Begin calibrating").click()
    expect(page.locator("#begin-error")).to_contain_text("Give what the masses weigh")
    page.get_by_label("Mass 2, kg").fill("10")
    page.get_by_role("button", name="Begin calibrating").click()
    expect(page.locator("#begin-error")).to_contain_text("named twice")
    page.get_by_label("Class of the cells").fill("X9")
    page.get_by_role("button", name="Begin verifying").click()
    expect(page.locator("#verify-error")).to_contain_text("no class of load cells")
    station.desk.why_not = "The session of Ada is open: end it first."
    expect(page.locator("#why-not")).to_have_text(station.desk.why_not)
    expect(page.get_by_role("button", name="Begin calibrating")).to_be_disabled()
    page.close()


def test_swapped_wires_end_it_with_both_names(
    browser: Browser, server: PageServer, station: ScriptedStation
) -> None:
    desk, page = station.desk, opened(browser, server)

    def swapped(records: Any) -> Any:
        cell = records["cell"].copy()
        records["cell"][cell == 1], records["cell"][cell == 3] = 3, 1
        return records

    page.get_by_role("button", name="Begin calibrating").click()
    step_text(page, "Empty the plate")
    desk.stream.faulty = swapped
    desk.stream.pass_s(5.0)
    step_text(page, "10 kg on heel-left")
    desk.do_all(4)
    expect(page.locator("#outcome-note")).to_contain_text("heel-right and toe-right cells are exchanged")
    page.get_by_role("button", name="Back to the beginning").click()
    expect(page.get_by_role("button", name="Begin calibrating")).to_be_visible()
    page.close()


def test_a_verification_ends_in_a_certificate_that_prints(
    browser: Browser, server: PageServer, station: ScriptedStation
) -> None:
    desk = station.desk
    desk.stream.plate = SimulatedPlate(np.eye(4), np.full(4, 4385.0))  # just as the calibration says
    desk.library.keep_calibration(desk.calibration)
    page = opened(browser, server, viewport={"width": 400, "height": 850})
    page.get_by_label("Class of the cells").fill("C3")
    page.get_by_role("button", name="Begin verifying").click()
    step_text(page, "Empty the plate")
    desk.do_all()
    expect(page.locator("#outcome-title")).to_have_text("GOOD FOR RECORDS")
    link = page.get_by_role("link", name="Certificate to print")
    with page.context.expect_page() as popup:
        link.click()
    printed = popup.value
    expect(printed.get_by_role("heading", level=2)).to_have_text("GOOD FOR RECORDS")
    expect(printed.locator("td").first).to_have_css("border-top-width", "1px")
    assert printed.evaluate("document.documentElement.scrollWidth") <= 400
    results = Axe().run(printed, options={"runOnly": RULES})
    assert results.violations_count == 0, results.generate_report()
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#kept")).to_contain_text("Verified 2026-11-20 17:05 UTC: GOOD FOR RECORDS")
    page.close()


def test_what_is_refused_stays_said_and_an_empty_plate_is_zeroed(
    browser: Browser, server: PageServer, station: ScriptedStation
) -> None:
    page, said = opened(browser, server), "Something moves on the plate: take the foot off and try again."
    station.change_live(phase="up")
    page.get_by_role("button", name="Zero the empty plate").click()
    expect(page.locator("#answer")).to_have_text(said)
    station.change_live(phase="off", total_n=40.0)
    page.get_by_role("button", name="Zero the empty plate").click()
    expect(page.locator("#sure-text")).to_contain_text("40 N away from its last zero")
    page.get_by_role("button", name="Yes").click()
    expect(page.locator("#answer")).to_have_text("Zeroed.")
    page.get_by_role("button", name="Begin calibrating").click()
    step_text(page, "Empty the plate")
    station.desk.do_all()
    station.desk.why_not = "A set is running: end it first."
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#answer")).to_have_text(station.desk.why_not)
    with page.expect_response("**/api/v1/calibration?**"):
        pass
    expect(page.locator("#answer")).to_have_text(station.desk.why_not)
    station.desk.why_not = None
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#answer")).to_be_hidden()
    page.close()


def test_a_builder_finds_it_from_the_health_page(browser: Browser, server: PageServer) -> None:
    page = browser.new_page()
    page.goto(f"http://station.local:{server.port}/health")
    page.get_by_role("link", name="Calibrate").click()
    expect(page.get_by_role("heading", name="Calibrate with known masses")).to_be_visible()
    page.close()


# --- routes ---


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("start", {"masses_kg": []}, "1 to 6 numbers"),
        ("start", {"masses_kg": [10] * 7}, "1 to 6 numbers"),
        ("start", {"masses_kg": [True]}, "1 to 6 numbers"),
        ("start", {"masses_kg": ["10"]}, "1 to 6 numbers"),
        ("start", {"masses_kg": [10], "grid": "yes"}, "grid must be true or false"),
        ("start", {"masses_kg": [10], "placing_mm": 0}, "from 0.5 to 50 mm"),
        ("start", {"masses_kg": [10], "what": 1}, "nothing else"),
        ("verify", {}, "what the mass weighs"),
        ("verify", {"mass_kg": 15, "cells": 3}, "such as C3"),
        ("verify", {"mass_kg": 15, "capacity_kg": 0}, "from 1 to 1000 kg"),
        ("measure", {}, "Give the turn"),
        ("measure", {"turn": -1}, "whole number"),
        ("redo", {"turn": "1"}, "whole number"),
        ("more", {"turn": 1, "what": "all"}, "Choose what: one, grid"),
    ],
)
def test_bad_input_gets_one_sentence(
    client: FlaskClient, path: str, body: dict[str, Any], words: str
) -> None:
    answer = client.post(f"{API}/{path}", json=body)
    assert answer.status_code == 400
    assert words in answer.get_json()["error"]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("calibration/start", {"masses_kg": [3]}, "from 5 to 100 kg"),
        ("calibration/verify", {"mass_kg": 15, "cells": "Z"}, "no class of load cells"),
        ("calibration/redo", {"turn": 1}, "Nothing is under way"),
        ("calibration/keep", {"turn": 1}, "Nothing is under way"),
    ],
)
def test_what_can_not_be_now_gets_one_sentence(
    client: FlaskClient, path: str, body: dict[str, Any], words: str
) -> None:
    answer = client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 409
    assert words in answer.get_json()["error"]


def test_what_is_not_there_is_404(client: FlaskClient, station: ScriptedStation) -> None:
    station.desk.library.keep_calibration(station.desk.calibration)
    for path in ("/api/v1/calibrations/none", "/calibrate/certificate/none", "/calibrate/certificate/old"):
        assert client.get(path).status_code == 404, path
    assert client.post("/api/v1/calibrations/use", json={"id": "none"}).status_code == 404
    assert client.post("/api/v1/calibrations/use", json={"id": 3}).status_code == 400
    assert client.get("/api/v1/calibrations/old").get_json()["id"] == "old"


def test_what_the_page_has_is_not_sent_again(client: FlaskClient, station: ScriptedStation) -> None:
    client.post(f"{API}/start", json={"masses_kg": [10, 20]})
    station.desk.do_all(2)
    whole = client.get(API).get_json()["under"]
    assert len(whole["readings"]) == 2
    less = client.get(f"{API}?turn={whole['turn']}").get_json()["under"]
    assert {key: value for key, value in whole.items() if key not in ("readings", "result")} == less
    assert "readings" in client.get(f"{API}?turn=x").get_json()["under"]


def test_gains_told_on_the_page_are_the_plates_own(client: FlaskClient, station: ScriptedStation) -> None:
    station.desk.stream.plate = SimulatedPlate(np.eye(4))
    client.post(f"{API}/start", json={"masses_kg": [10, 20]})
    station.desk.do_all()
    told = client.get(API).get_json()["under"]["result"]
    assert np.array(told["counts_per_n"]) / COUNTS_PER_N == pytest.approx(np.ones(4), rel=2e-3)
