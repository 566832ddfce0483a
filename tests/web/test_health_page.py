"""The health page in a real Chromium, and its routes."""

from __future__ import annotations

import dataclasses

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from scripted_station import ScriptedStation, scripted_checkup

from station.checkup import Checkup, Told
from station.conversions import Cell
from web.server import PageServer

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]


def opened(browser: Browser, server: PageServer, **look: object) -> Page:
    page = browser.new_page(**look)  # type: ignore[arg-type]
    page.goto(f"http://station.local:{server.port}/health")
    return page


def unwell() -> Checkup:
    checkup = scripted_checkup(Cell.HEEL_LEFT, power_bits=0x50005, temperature_c=None)
    told = Told("2026-11-20T17:05:00Z", "The heel-left cell gives no data: check the yellow wire on pin 29.")
    return dataclasses.replace(checkup, lately=(told,))


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
@pytest.mark.parametrize("well", [True, False])
def test_it_is_accessible_well_and_unwell(
    browser: Browser, server: PageServer, station: ScriptedStation, scheme: str, well: bool
) -> None:
    if not well:
        station.checkup = unwell()
    page = opened(browser, server, color_scheme=scheme, viewport={"width": 800, "height": 1280})
    results = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    page.close()
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_nothing_runs_over_the_edge(
    browser: Browser, server: PageServer, station: ScriptedStation, width: int
) -> None:
    station.checkup = unwell()
    page = opened(browser, server, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_a_fault_shows_and_goes_while_somebody_watches(
    browser: Browser, server: PageServer, station: ScriptedStation
) -> None:
    page = opened(browser, server)
    expect(page.locator("#verdict")).to_have_text("All is well")
    station.checkup = unwell()
    expect(page.locator(".wrong")).to_contain_text("check the yellow wire on pin 29")
    expect(page.locator(".wrong")).to_contain_text("supply")
    expect(page.locator(".cell.unwell")).to_have_count(1)
    station.checkup = scripted_checkup()
    expect(page.locator("#verdict")).to_have_text("All is well")
    page.close()


def test_a_builder_finds_it_and_takes_the_bundle_in_one_tap(
    browser: Browser, server: PageServer, station: ScriptedStation
) -> None:
    page = browser.new_page()
    page.goto(f"http://station.local:{server.port}/history")
    page.get_by_role("link", name="Health").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Support bundle").click()
    assert download.value.suggested_filename == "heeldrive-support.zip"
    assert download.value.path().read_bytes() == station.support_bundle()
    page.close()


def test_without_a_sampler_the_page_says_so(client: FlaskClient, station: ScriptedStation) -> None:
    told = ("The sampler does not answer: look there.",)
    station.checkup = dataclasses.replace(station.checkup, source=None, cells=(), wrong=told)
    text = client.get("/health").text
    assert told[0] in text
    answer = client.get("/api/v1/health").get_json()
    assert (answer["well"], answer["source"], answer["cells"]) == (False, None, [])
