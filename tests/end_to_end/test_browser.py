"""A real Chromium before the real station: what the athlete sees is what the athlete did."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from running_station import Running, wait_for

from station.recording import MarkRow, Recording


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(10_000)
    yield page
    page.close()


def test_two_sets_cost_one_tap_each_and_the_page_shows_what_was_truly_done(
    start: Callable[..., Running], page: Page
) -> None:
    running = start("--speed", "12", "--seed", "11").until_ready()
    page.goto(f"http://station.local:{running.port}/")
    expect(page.locator("body")).to_contain_text("MOCK")
    page.get_by_role("textbox", name="New athlete").fill("Ada")
    page.check("input[name=side][value=right]")
    page.fill("#load", "44,1")
    page.check("input[name=unit][value=lb]")
    page.get_by_role("button", name="Ready").click()

    counts: dict[int, list[int]] = {1: [0], 2: [0]}

    def summed_up(number: int) -> bool:
        # One look at both: between two looks the set may end.
        look = "() => ['count-title', 'count'].map((id) => document.getElementById(id).textContent)"
        title, count = page.evaluate(look)
        if title == f"Set {number}":
            counts[number].append(int(count))
        return (
            page.locator("#summary-title").inner_text().startswith(f"Set {number}")
            and page.locator("#summary").is_visible()
        )

    wait_for("the first summary", lambda: summed_up(1))
    page.get_by_role("button", name="Next: left foot").click()
    expect(page.locator("#wait-note")).to_contain_text("Ada · Left foot")
    wait_for("the second summary", lambda: summed_up(2))
    rows = page.locator("#reps tr")
    wait_for("every rep in the summary", lambda: rows.count() >= max(counts[2]))
    sets = running.state()["session"]["sets"]
    assert [(one["side"], one["load_kg"]) for one in sets] == [
        ("right", pytest.approx(20.0, abs=0.02)),
        ("left", pytest.approx(20.0, abs=0.02)),
    ]
    assert running.end()[0] == 0

    (path,) = (running.data / "sessions").iterdir()
    marks: list[MarkRow] = []
    for mark in (mark for segment in Recording.read(path).segments for mark in segment.marks):
        if mark.kind in ("set_start", "set_end"):
            marks.append(mark)
        elif mark.kind == "set_void":  # the foot was only just leaving when the page said ready
            assert marks.pop().kind == "set_start"
    assert [mark.kind for mark in marks] == ["set_start", "set_end"] * 2
    for one, (begin, end) in zip(sets, ((marks[0], marks[1]), (marks[2], marks[3])), strict=True):
        true = [
            rep for rep in running.truth()
            if begin.t_ns < rep["lift_off_ns"] and rep["touchdown_ns"] < end.t_ns
        ]  # fmt: skip
        seen = counts[one["number"]]
        assert seen == sorted(seen), f"the count on the page went back: {seen}"
        assert one["counted"] == max(seen) == len(true) >= 8


@pytest.mark.long
def test_the_other_tablet_knows_the_athlete(start: Callable[..., Running], page: Page) -> None:
    running = start("--speed", "8").until_ready()
    wait_for("a zeroed plate", lambda: running.state()["state"] == "ready")
    running.start_set(athlete="Ada", side="left", goal="squeeze", load_kg=0, hands_free=True)
    wait_for("a set without a tap", lambda: running.state()["state"] == "rest")
    page.goto(f"http://station.local:{running.port}/")
    page.get_by_role("button", name="Finish").click()
    page.get_by_role("button", name="Ada").click()
    expect(page.locator("input[name=goal][value=squeeze]")).to_be_checked()
    page.reload()
    page.get_by_role("button", name="Ada").click()
    expect(page.locator("input[name=goal][value=squeeze]")).to_be_checked()
