"""The owner's page in a real Chromium: over a real library, and over a scripted stick."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from scripted_station import ScriptedKeeper, ScriptedStation

from station.door import AthleteCard
from station.keeper import Keeper
from station.library import Library
from station.safekeeping import Copying, Kept, Retention
from web.app import create_app
from web.server import PageServer, serve
from web.words import size

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def server(app: Flask, station: ScriptedStation) -> Iterator[PageServer]:
    station.cards = [AthleteCard("Mara"), AthleteCard("Jonas Weber")]
    server = serve(app, "127.0.0.1", 0)
    yield server
    server.stop()


def opened(browser: Browser, server: PageServer, **look: object) -> Page:
    page = browser.new_page(**look)  # type: ignore[arg-type]
    page.goto(f"http://station.local:{server.port}/data")
    return page


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_it_is_accessible_with_all_that_it_can_say(browser: Browser, server: PageServer, scheme: str) -> None:
    page = opened(browser, server, color_scheme=scheme, viewport={"width": 390, "height": 844})
    page.get_by_text("Restore a backup").click()
    page.get_by_role("button", name="Copy everything to GYM").click()
    expect(page.locator("#copy-text")).to_contain_text("step 2 of 4, 12 MB written")
    page.get_by_label("Who").select_option("Mara")
    page.get_by_label("The same name, typed").fill(" Mara")
    running = Axe().run(page, options={"runOnly": RULES})
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#copy-told")).to_have_text("Cancelled.")
    page.get_by_role("button", name="Delete for ever").click()
    expect(page.locator("#forget-told")).to_contain_text("Deleted: Mara, with 2 sessions")
    ended = Axe().run(page, options={"runOnly": RULES})
    for results in (running, ended):
        assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    low = page.evaluate(
        "[...document.querySelectorAll('a, button, summary, select, input.box, .choice')]"
        ".filter((e) => e.offsetParent && e.getBoundingClientRect().height < 64).map((e) => e.outerHTML)"
    )
    assert low == []
    page.close()


def test_the_owner_finds_it_and_takes_a_backup_in_one_tap(
    browser: Browser, server: PageServer, station: ScriptedStation, tmp_path: Path
) -> None:
    station._folder = tmp_path  # one that is there
    page = browser.new_page()
    page.goto(f"http://station.local:{server.port}/history")
    page.get_by_role("link", name="Data").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Take a backup").click()
    assert download.value.suggested_filename == "heeldrive-backup.tar"
    page.close()


def test_a_refused_copy_says_why_and_stays_said(
    browser: Browser, server: PageServer, station: ScriptedStation
) -> None:
    page = opened(browser, server)
    button = page.get_by_role("button", name="Copy everything to GYM")
    expect(button).to_be_enabled()
    keeper = station.safekeeping
    assert isinstance(keeper, ScriptedKeeper)
    keeper.refuses = "GYM has 3.0 MB free, and the backup alone needs 48.2 MB: take a larger one."
    button.click()
    expect(page.locator("#copy-error")).to_have_text(keeper.refuses)
    with page.expect_response("**/api/v1/sticks"):
        pass
    expect(page.locator("#copy-error")).to_have_text(keeper.refuses)
    keeper.copied = Copying("GYM", 4, 4, 1, "Everything is on GYM: you may pull it out.", well=True)
    expect(page.locator("#copy-told")).to_contain_text("you may pull it out")  # of another tablet's copy
    page.close()


def test_nobody_is_deleted_before_the_name_is_typed(browser: Browser, server: PageServer) -> None:
    page = opened(browser, server)
    button, typed = (
        page.get_by_role("button", name="Delete for ever"),
        page.get_by_label("The same name, typed"),
    )
    page.get_by_label("Who").select_option("Jonas Weber")
    expect(button).to_be_disabled()
    typed.fill("jonas weber")
    expect(button).to_be_disabled()
    typed.fill("Jonas  Weber")
    button.click()  # the scripted station knows no Jonas
    expect(page.locator("#forget-told")).to_contain_text("Nobody here is called")
    page.close()


@pytest.fixture
def real(tmp_path: Path, root: Path) -> Iterator[tuple[FlaskClient, Library, Path]]:
    """A page over a real library, on a machine with one stick."""
    library = Library(tmp_path / "data")
    library.meet("Ada", 1)
    library.remember("Ada", "visits", [1])
    station = ScriptedStation(tmp_path / "data")
    station.safekeeping = keeper = Keeper(
        library, library.forget, lambda: ("2026-11-20T17:05:00Z", True), root
    )
    with create_app(station, pairing_needed=False).test_client() as client:
        yield client, library, root / "media/GYM"
    keeper.stop()
    library.close()


def test_the_routes_delete_an_athlete_of_a_real_library(real: tuple[FlaskClient, Library, Path]) -> None:
    client, library, _ = real
    path = "/api/v1/athletes/forget"
    for wrong in (
        {"athlete": "Ada"},
        {"athlete": "Ada", "typed": "ada"},
        {"athlete": "", "typed": ""},
        [],
        {"x": 1},
    ):
        assert client.post(path, json=wrong).status_code == 400
    assert library.recall("Ada", "visits") == [1]
    done = client.post(path, json={"athlete": "Ada", "typed": " Ada "})
    assert done.status_code == 200
    assert "remain" in done.get_json()["told"][-1]
    assert (library.recall("Ada", "visits"), library.athletes()) == (None, [])
    again = client.post(path, json={"athlete": "Ada", "typed": "Ada"})
    assert (again.status_code, "Nobody" in again.get_json()["error"]) == (409, True)


def test_the_routes_copy_a_real_library_to_a_stick(real: tuple[FlaskClient, Library, Path]) -> None:
    client, _, stick = real
    (found,) = client.get("/api/v1/sticks").get_json()["sticks"]
    assert (found["name"], found["path"]) == ("GYM", str(stick))
    for wrong in (
        {},
        {"path": found["path"]},
        {"path": 1, "forms": []},
        {"path": found["path"], "forms": ["xls"]},
    ):
        assert client.post("/api/v1/sticks/copy", json=wrong).status_code == 400
    # Only a stick is written to, whatever path is sent.
    elsewhere = client.post("/api/v1/sticks/copy", json={"path": str(stick.parent), "forms": []})
    assert elsewhere.status_code == 409
    assert (
        client.post("/api/v1/sticks/copy", json={"path": found["path"], "forms": ["csv"]}).status_code == 200
    )
    while (copy := client.get("/api/v1/sticks").get_json()["copy"])["running"]:
        pass
    assert (copy["well"], copy["told"]) == (True, "Everything is on GYM: you may pull it out.")
    assert (stick / "heeldrive/heeldrive-backup.tar").is_file()
    assert "20 Nov 2026" in client.get("/data").text


@pytest.mark.parametrize(
    ("length", "text"), [(0, "0.0 kB"), (350_400, "350 kB"), (4_200_000, "4.2 MB"), (29_000_000_000, "29 GB")]
)
def test_sizes_are_said_as_people_do(length: int, text: str) -> None:
    assert size(length) == text


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Retention(0), ["For ever", "keep_months"]),
        (Retention(24), ["24 months, then", "No session with a date"]),
        (
            Retention(1, 7, "2027-03-03T08:00:00Z"),
            ["1 month, then", "session 7, from 03 Mar 2027, 08:00"],
        ),
        (
            Retention(24, 7, "2027-03-03T08:00:00Z", 2),
            ["2 sessions have no date", "they go with"],
        ),
    ],
)
def test_it_says_what_is_deleted_next(
    client: FlaskClient, station: ScriptedStation, rule: Retention, words: list[str]
) -> None:
    keeper = station.safekeeping
    keeper.kept = lambda: Kept(1, None, rule)  # type: ignore[method-assign]
    text = " ".join(client.get("/data").text.split())
    assert all(word in text for word in words), text
