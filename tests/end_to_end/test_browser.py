"""A real Chromium before the real station: what the athlete sees is what the athlete did."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from running_station import Running, wait_for

from station.recording import Recording


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(10_000)
    yield page
    page.close()


def test_the_count_on_the_page_reaches_what_the_athlete_truly_did(
    start: Callable[..., Running], page: Page
) -> None:
    running = start("--speed", "4", "--seed", "11").until_ready()
    page.goto(f"http://station.local:{running.port}/")
    expect(page.locator("body")).to_contain_text("MOCK")
    expect(page.locator("#state")).to_have_text("Ready")
    page.fill("#athlete", "Ada")
    page.check("input[name=side][value=right]")
    page.fill("#load", "44,1")
    page.check("input[name=unit][value=lb]")
    page.click("#start")
    expect(page.locator("#context")).to_contain_text("Ada")

    counts = [0]

    def count() -> int:
        counts.append(int(page.locator("#count").inner_text()))
        return counts[-1]

    wait_for("twelve reps on the page", lambda: count() >= 12)
    page.click("#end-set")
    expect(page.locator("#summary")).to_be_visible()
    rows = page.locator("#reps tr")
    wait_for("every rep in the summary", lambda: rows.count() >= max(counts))
    shown = running.state()["session"]["sets"][0]
    assert (shown["side"], shown["load_kg"]) == ("right", pytest.approx(20.0, abs=0.02))
    assert running.end()[0] == 0

    (path,) = (running.data / "sessions").iterdir()
    marks = {m.kind: m.t_ns for s in Recording.read(path).segments for m in s.marks}
    done = [
        rep for rep in running.truth()
        if marks["set_start"] < rep["lift_off_ns"] and rep["touchdown_ns"] < marks["set_end"]
    ]  # fmt: skip
    assert counts == sorted(counts), "the count on the page never went back"
    # A rep whose touchdown is less than the decision latency before the tap may be one more.
    assert shown["counted"] in (len(done), len(done) - 1)
    assert rows.count() == shown["counted"]
