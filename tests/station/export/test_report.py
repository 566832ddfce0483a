"""The report: one file that needs nothing else, and says what the tables say."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from exported import HOSTILE, taken

from station.export import drawing, report
from station.export.taken import Taken
from station.library import Library

VOID = {"meta", "br"}


class Page(HTMLParser):
    """What a page holds: words by their element, attributes, and whether all that opens closes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append((self.open[-1], data.strip()))

    def of(self, tag: str) -> list[str]:
        return [text for where, text in self.words if where == tag]


@pytest.fixture(scope="session")
def text(library: Library) -> str:
    (content,) = taken(library, "report", session=1).values()
    return content.decode()


def test_it_needs_nothing_but_itself(text: str) -> None:
    page = Page(text)
    assert not page.open
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form", "a"}
    for _, attributes in page.tags:
        assert not attributes.keys() & {"src", "srcset", "onclick", "onload"}
        assert all(not str(value).startswith(("http", "//", "javascript")) for value in attributes.values())
    assert not re.search(r"@import|url\((?!#)", text)


def test_it_says_what_the_tables_say(text: str, rep_table: pd.DataFrame) -> None:
    cells = Page(text).of("td")
    for rep in rep_table.itertuples():
        row = [str(rep.number), *(f"{x:.2f}" for x in (rep.up_s, rep.hold_s, rep.down_s))]
        places = [k for k in range(len(cells)) if cells[k : k + 4] == row]
        assert places, row
        assert cells[places[0] + 4] == f"{100 * rep.heel_share:.0f}"
        assert cells[places[0] + 6] == f"{rep.peak_n:.0f}"
        assert cells[places[0] + 8] == ("yes" if rep.on_target else "no")
    headings = Page(text).of("h2")
    assert "Set 1, left foot: 6 of 6 on target" in headings
    assert "Set 2, right foot: 0 of 4 on target" in headings
    assert "twisted at rep 3" in text
    assert "hips level in 5 of 6 reps" in text
    assert "SIMULATED" in text


def test_reps_are_shaded_where_they_are(text: str, rep_table: pd.DataFrame, curves: pd.DataFrame) -> None:
    bands = [
        attributes
        for tag, attributes in Page(text).tags
        if tag == "rect" and "rep" in str(attributes.get("class"))
    ]
    assert len(bands) == len(rep_table)
    start_s = curves["t_s"][curves["set"] == 1].iloc[0] - 1
    end_s = curves["t_s"][curves["set"] == 1].iloc[-1] + 1
    start_s = max(start_s, curves["t_s"].iloc[0])
    wide = drawing.WIDTH - drawing.LEFT - drawing.RIGHT
    for band, rep in zip(bands[:6], rep_table.itertuples(), strict=False):
        x = drawing.LEFT + wide * (rep.lift_off_s - start_s) / (end_s - start_s)
        assert float(str(band["x"])) == pytest.approx(x, abs=0.3)
        width = wide * (rep.touchdown_s - rep.lift_off_s) / (end_s - start_s)
        assert float(str(band["width"])) == pytest.approx(width, abs=0.3)


def test_the_line_keeps_the_extremes_and_breaks_off_in_a_gap(library: Library) -> None:
    values = np.sin(np.arange(9_000) / 50.0) * 100
    values[4_321] = 500.0  # one frame alone
    values[7_000:7_040] = np.nan
    kept = drawing._extremes(values, 12)
    assert 4_321 in kept
    assert any(7_000 <= k < 7_040 for k in kept)
    assert len(kept) <= 3 * 9_000 / 12
    one = next(Taken.of(library.read(1)).each_set())
    whole = drawing.drawn(one, [])
    assert whole is not None
    gaps = np.isnan(one.frames.total_n)
    breaks = np.count_nonzero(np.diff(gaps.astype(int)) == 1)
    assert breaks >= 1  # the simulated chips lose some
    assert whole.total.count("M") >= 1 + (breaks > 0)


def test_a_name_can_not_become_markup(library: Library) -> None:
    (content,) = taken(library, "report", session=2).values()
    page = Page(content.decode())
    assert HOSTILE in page.of("h1")
    assert "b" not in {tag for tag, _ in page.tags}


def test_it_claims_nothing_that_a_foot_plate_can_not_know(text: str) -> None:
    body, _, disclaimer = " ".join(word for _, word in Page(text).words).partition("What this says")
    for word in (
        "strength,",
        "stronger",
        "1RM",
        "power",
        "velocity",
        "valgus",
        "glute ",
        "injury",
        "good",
        "balance",
    ):
        assert word not in body
    assert "no medical device" in disclaimer
    assert "no measure of strength" in disclaimer


def test_faults_are_called_as_on_the_page() -> None:
    words = (Path(__file__).parents[3] / "web/static/js/words.js").read_text(encoding="utf-8")
    (table,) = re.findall(r"export const FAULTS = \{(.*?)\};", words, re.DOTALL)
    assert dict(re.findall(r'(\w+): "(.*?)"', table)) == report.FAULTS
