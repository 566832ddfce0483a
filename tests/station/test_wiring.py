"""One table of pins: code, config and documents say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from station import config
from station.conversions import CELL_WORDS
from station.wiring import COLOURS, DEFAULT_PINS, HEADER_PIN

ROOT = Path(__file__).resolve().parents[2]
WIRING = (ROOT / "hardware" / "WIRING.md").read_text(encoding="utf-8")
# The 40-pin header as Raspberry Pi's own documentation draws it: two columns, odd and even.
THREE_VOLTS, FIVE_VOLTS, GROUND = {1, 17}, {2, 4}, {6, 9, 14, 20, 25, 30, 34, 39}
IDENTITY_EEPROM = {27, 28}


def test_the_header_has_forty_places() -> None:
    places = set(HEADER_PIN.values())
    assert len(places) == len(HEADER_PIN) == 26
    assert places | THREE_VOLTS | FIVE_VOLTS | GROUND | IDENTITY_EEPROM == set(range(1, 41))
    assert set(HEADER_PIN) == set(range(2, 28))


@pytest.mark.parametrize(
    ("bcm", "place"),
    [(5, 29), (6, 31), (13, 33), (19, 35), (16, 36), (20, 38), (21, 40), (26, 37), (4, 7), (27, 13)],
)
def test_places_as_on_the_printed_pinout(bcm: int, place: int) -> None:
    assert HEADER_PIN[bcm] == place


def test_every_cell_has_wires_of_its_own() -> None:
    assert tuple(DEFAULT_PINS) == CELL_WORDS
    used = [pin for pins in DEFAULT_PINS.values() for pin in pins]
    assert len(set(used)) == 8


def test_the_wiring_document_has_the_same_table() -> None:
    rows = re.findall(r"^\| (\w+_\w+) \| (\d+) \((\d+)\) \| (\d+) \((\d+)\) \|$", WIRING, re.MULTILINE)
    told = {cell: ((int(a), int(b)), (int(c), int(d))) for cell, a, b, c, d in rows}
    assert told == {
        cell: ((dout, HEADER_PIN[dout]), (sck, HEADER_PIN[sck])) for cell, (dout, sck) in DEFAULT_PINS.items()
    }


@pytest.mark.parametrize("place", ["hardware/WIRING.md", "systemd/config.toml"])
def test_every_config_that_is_shown_is_valid_and_the_default(place: str, tmp_path: Path) -> None:
    text = (ROOT / place).read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if place.endswith(".md") else [text]
    path = tmp_path / "config.toml"
    path.write_text(blocks[0], encoding="utf-8")
    read = config.load(path)
    assert dict(read.pins) == dict(DEFAULT_PINS)
    assert (read.backend, read.rate_hz) == ("gpio", 80.0)
    for other in blocks[1:]:
        path.write_text(other, encoding="utf-8")
        config.load(path)


def test_the_documents_name_the_colours() -> None:
    for colour in COLOURS.values():
        assert colour in WIRING
