"""The moving curve of the coach's view, read back from its pixels in a real Chromium."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from matplotlib.image import imread
from numpy.typing import NDArray
from playwright.sync_api import Page
from scripted_station import Pump, ScriptedStation
from watching import caught_up, redrawn

from station.coach.programs import Plan
from station.door import Curve, StartSet

WINDOW_S = 15.0
INK, HEEL_TINT, TOE_TINT, ON_TINT = (
    (17, 22, 27, 1),
    (0, 114, 178, 0.2),
    (230, 159, 0, 0.26),
    (0, 107, 79, 0.12),
)
# The part of the paper that is behind the window.
SEEN = """() => {
  const paper = document.querySelector("#curve .strip-chart");
  const seen = document.querySelector("#curve .u-over").getBoundingClientRect();
  const part = Object.assign(document.createElement("canvas"), { width: seen.width, height: seen.height });
  part.getContext("2d").drawImage(paper, paper.getBoundingClientRect().left - seen.left, 0);
  return part.toDataURL();
}"""
SEAM_PX = 6  # from a line to what is surely no part of it


@pytest.fixture
def coach(page: Page, home: str, station: ScriptedStation) -> Page:
    """The coach's view of a set that has begun."""
    page.goto(home)
    station.command(StartSet("Mara", Plan("left", "technique", 20.0)))
    station.advance(0.1)
    page.get_by_role("button", name="Coach view").click()
    return page


def drawn(page: Page) -> NDArray[np.float64]:
    """Return what is drawn, rows of (red, green, blue of 255, alpha of 1)."""
    url = page.evaluate(SEEN)
    picture = np.asarray(imread(io.BytesIO(base64.b64decode(url.split(",")[1]))), np.float64)
    return picture * (255, 255, 255, 1)


def looks(found: NDArray[np.float64], colour: tuple[float, ...]) -> bool:
    """Tell whether a pixel is of a colour, but for what a premultiplied byte can't hold."""
    return bool(abs(found[3] - colour[3]) < 0.03 and np.abs(found[:3] - colour[:3]).max() < 8)


def on_picture(picture: NDArray[np.float64], curve: Curve, top_n: float) -> NDArray[np.int64]:
    """Return where each of the newest 15 s of points has to be: column, row of the total, row of the heel."""
    height, width = picture.shape[:2]
    x = width - 3 - (curve.t_s[-1] - curve.t_s) * width / WINDOW_S
    rows = [height * (1 - force_n / top_n) for force_n in (curve.total_n, curve.heel_n)]
    at = np.round(np.stack([x, *rows], axis=1)).astype(int)
    return at[(x > 2) & (x < width - 8)]


def judged(picture: NDArray[np.float64], at: NDArray[np.int64]) -> dict[str, float]:
    """Return for which part of the points the line is there, and the right tints around it."""
    told: dict[str, list[bool]] = {"line": [], "above": [], "between": [], "below": []}
    for x, total, heel in at.tolist():
        told["line"].append(any(looks(picture[total, x + dx], INK) for dx in (-1, 0, 1)))
        highest = at[np.abs(at[:, 0] - x) < SEAM_PX, 1].min()  # beside a steep rise too
        told["above"].append(not picture[: highest - SEAM_PX, x, 3].any())
        if heel - total > 4 * SEAM_PX:
            told["between"].append(looks(picture[(total + heel) // 2, x], TOE_TINT))
        told["below"].append(looks(picture[-2, x], HEEL_TINT))
    return {word: float(np.mean(ones)) for word, ones in told.items()}


def newest(page: Page, station: ScriptedStation) -> Curve:
    """Return the station's curve once the page has all of it."""
    caught_up(page, station)
    return station.snapshot().curve


def test_what_moved_on_is_where_the_forces_are(coach: Page, station: ScriptedStation) -> None:
    with Pump(station):
        coach.wait_for_timeout(2000)  # before the first rep is over: nothing has drawn it anew
    curve = newest(coach, station)
    picture = drawn(coach)
    parts = judged(picture, on_picture(picture, curve, 400.0))
    assert parts["line"] > 0.98
    assert parts["above"] > 0.99
    assert parts["between"] > 0.98
    assert parts["below"] > 0.98


def test_what_moved_on_is_what_a_new_drawing_shows(coach: Page, station: ScriptedStation) -> None:
    with Pump(station):
        coach.wait_for_timeout(1500)
    curve = newest(coach, station)
    moved = drawn(coach)
    for scheme in ("dark", "light"):
        coach.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        redrawn(coach)
    anew = drawn(coach)
    columns = slice(int(on_picture(anew, curve, 400.0)[0, 0]) + 9, None)  # the dashes begin elsewhere
    other = np.abs(moved - anew)[:, columns].max(axis=2) > 40
    assert other.mean() < 0.02
    assert moved[:, columns, 3].mean() > 0.05


def test_it_goes_on_where_the_paper_ends(page: Page, home: str, station: ScriptedStation) -> None:
    page.goto(home)
    page.get_by_role("button", name="Foot guide").click()  # no rep has it drawn anew here
    for _ in range(7):
        station.advance(2.9)
        curve = newest(page, station)
        parts = judged(picture := drawn(page), on_picture(picture, curve, 400.0))
        assert parts["line"] > 0.98
        assert parts["above"] > 0.99


def test_a_gap_stays_one_and_a_rep_is_shaded_behind_the_curve(coach: Page, station: ScriptedStation) -> None:
    station.count_reps(1)
    station.advance(1.0)
    station.count_reps(1)
    old = newest(coach, station)
    total_n, heel_n = old.total_n.copy(), old.heel_n.copy()
    gap = slice(len(total_n) - 60, len(total_n) - 30)  # 0.3 s
    total_n[gap] = heel_n[gap] = np.nan
    station.publish(curve=Curve(old.first_frame + 10_000, old.t_s, total_n, heel_n))
    caught_up(coach, station)
    picture = drawn(coach)
    width = picture.shape[1]
    first, last = (
        round(width - 3 - (old.t_s[-1] - old.t_s[i]) * width / WINDOW_S) for i in (gap.start, gap.stop - 1)
    )
    inside = picture[:, first + 2 : last - 2].reshape(-1, 4)
    assert len(np.unique(inside, axis=0)) <= 2  # nothing, or a rep's shade
    shaded = [looks(picture[2, column], ON_TINT) for column in range(width)]
    assert 0.2 < np.mean(shaded) < 0.9
