"""Every number that leaves the station is defined, once, in the docs and in the files."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from station import definitions
from station.analysis import rep_as_json, series_as_json
from station.definitions import BOUNDARY_MEANINGS, COURSE, MEASURES, SERIES, SPANS, UNCERTAINTY, WORDS
from station.signal.closing import cut_rep
from station.signal.model import BOUNDARIES, Measures

DOC = (Path(__file__).resolve().parents[2] / "docs" / "MEASURES.md").read_text()


def rows(title: str) -> dict[str, list[str]]:
    """Return name → cells of the table under a title of the document."""
    part = re.split(r"\n## ", DOC)
    (text,) = [p for p in part if p.startswith(title)]
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            found[cells[0].strip("`")] = cells[1:]
    return found


@pytest.mark.parametrize(
    ("title", "numbers"),
    [("Measures of a rep", (*SPANS, *MEASURES, COURSE, UNCERTAINTY)), ("Measures of a set", SERIES)],
)
def test_the_document_says_what_the_code_says(title, numbers):
    documented = {name: cells for name, cells in rows(title).items() if name not in WORDS}
    assert documented == {number.name: [number.unit, number.meaning] for number in numbers}


def test_boundaries_and_words_are_documented():
    assert rows("Boundaries of a rep") == {f"{name}_s": [BOUNDARY_MEANINGS[name]] for name in BOUNDARIES}
    assert {name: cells for name, cells in rows("Measures of a rep").items() if name in WORDS} == {
        name: ["", meaning] for name, meaning in WORDS.items()
    }


def test_every_key_of_a_rep_and_of_a_set_is_defined():
    defined = {number.name for number in (*SPANS, *MEASURES, COURSE, UNCERTAINTY)}
    defined |= {f"{name}_s" for name in BOUNDARIES} | WORDS.keys() | {"index"}
    assert set(rep_as_json(cut_rep(1), 0, 1)) == defined
    assert set(series_as_json([])) == {number.name for number in SERIES}


def test_every_measure_of_the_core_is_reported():
    told = {number.name for number in (*MEASURES, COURSE)}
    assert {field.name for field in fields(Measures)} == told


def test_what_a_recording_does_not_tell_is_left_out():
    rep = cut_rep(1)
    full = {number.name for number in MEASURES if number.needs != "total"}
    assert full == {
        "heel_share", "heel_lift_s", "toe_lift_s", "heel_share_sd", "cop_ml_mm", "sway_ml_mm",
    }  # fmt: skip
    object.__setattr__(rep, "measures", Measures(**dict.fromkeys(full, 1.0), peak_n=2.0))
    told = rep_as_json(rep, 0, 1, frozenset({"total"}))
    assert {told[name] for name in full} == {None}
    assert told["peak_n"] == 2.0
    halves = rep_as_json(rep, 0, 1, frozenset({"total", "halves"}))
    assert halves["heel_lift_s"] == 1.0
    assert halves["sway_ml_mm"] is None


def test_names_carry_their_units():
    for number in (*SPANS, *MEASURES, *SERIES):
        suffix = {"s": "_s", "N": "_n", "N s": "_n_s", "N/s": "_n_per_s", "mm": "_mm"}.get(number.unit, "")
        assert number.name.endswith(suffix), number.name
    assert definitions.by_name(SPANS)["up_s"].startswith("s, ")
