"""The plate's drawings and sums are those of its table, and the sums are right."""

from __future__ import annotations

import importlib.util
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

from station import config
from station.conversions import CELL_WORDS
from station.wiring import DEFAULT_PINS, HEADER_PIN

ROOT = Path(__file__).resolve().parents[1]
BUILD = (ROOT / "hardware" / "BUILD.md").read_text(encoding="utf-8")


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


plate = loaded("plate")
draw = loaded("draw")


def test_every_drawing_is_of_todays_table_and_is_shown() -> None:
    lying = {path.name for path in (ROOT / "hardware" / "drawings").iterdir()}
    assert lying == set(draw.PICTURES)
    shown = BUILD + (ROOT / "hardware" / "WIRING.md").read_text(encoding="utf-8")
    for name, picture in draw.PICTURES.items():
        there = (ROOT / "hardware" / "drawings" / name).read_text(encoding="utf-8")
        assert there == picture(), f"{name} is of another table: run python docs/draw.py"
        assert f"(drawings/{name})" in shown
    assert draw.built(BUILD) == BUILD, "the sums are of another table: run python docs/draw.py"


@pytest.mark.parametrize("name", draw.PICTURES)
def test_nothing_is_drawn_outside_its_sheet(name: str) -> None:
    root = ET.fromstring(draw.PICTURES[name]())  # noqa: S314 - our own text
    _, _, width, height = (float(word) for word in root.attrib["viewBox"].split())
    for element in root.iter():
        for key, limit in (
            ("x", width),
            ("x1", width),
            ("x2", width),
            ("y", height),
            ("y1", height),
            ("y2", height),
        ):
            assert 0 <= float(element.attrib.get(key, 0)) <= limit, ET.tostring(element)
        for point in element.attrib.get("points", "").split():
            x, y = point.split(",")
            assert (0 <= float(x) <= width, 0 <= float(y) <= height) == (True, True)


def test_each_wire_ends_at_the_pin_of_the_config() -> None:
    for name, pins in (
        ("wiring-own-clocks.svg", DEFAULT_PINS),
        ("wiring-shared-clock.svg", draw.SHARED_PINS),
    ):
        text = draw.PICTURES[name]()
        places = {int(place) for place in re.findall(r">pin (\d+)<", text)}
        assert places == {HEADER_PIN[bcm] for pair in pins.values() for bcm in pair} | {1, 2, 6}
    assert len({sck for _, sck in draw.SHARED_PINS.values()}) == 1
    assert tuple(draw.SHARED_PINS) == CELL_WORDS


def test_the_plate_keeps_its_promises() -> None:
    assert plate.PLATE.height <= 40
    assert 3 <= plate.PLATE.gap <= 5
    assert (
        plate.PLATE.cell_spacing
        == config.Config().plate.heel_spacing_mm
        == config.Config().plate.toe_spacing_mm
    )
    assert plate.PLATE.cell_length < min(plate.PLATE.heel_depth, plate.PLATE.toe_depth)
    # A stop must take over above what is to be carried and below what breaks the cell.
    assert plate.worst_cell_kg(aside_mm=100) <= plate.stop_kg() <= plate.CELL.capacity_kg * plate.CELL.safe


def test_the_sums_by_hand() -> None:
    # 1176.8 N in the middle of 200 mm; I = 150 · 8³ / 12 = 6400 mm⁴; E = 69 GPa
    assert plate.deflection_mm() == pytest.approx(1176.8 * 200**3 / (48 * 69_000 * 6_400), rel=1e-3)
    assert plate.stress_mpa() == pytest.approx(1176.8 * 50 / 1_600, rel=1e-3)
    assert plate.worst_cell_kg() == 60
    assert plate.worst_cell_kg() * plate.GRAVITY == pytest.approx(590, abs=2)
    # 10 mV at 100 kg and 5 V; a step is 2.33 nV at gain 128, as the data sheet's 24 bits make it
    assert plate.counts_per_kg() == pytest.approx(10e-3 / 100 / 2.33e-9, rel=2e-3)
    assert plate.noise_n(5.0) == pytest.approx(90e-9 / (10e-3 / 981), rel=1e-3)
    # A tuning fork of 2 · 981 N / 0.4 mm and 0.972 kg
    assert plate.natural_hz() == pytest.approx((2 * 980.7 / 0.4e-3 / 0.972) ** 0.5 / 6.2832, rel=1e-3)


def test_the_bill_of_materials_is_of_the_same_plate() -> None:
    p = plate.PLATE
    assert f"{p.width:g} × {p.heel_depth:g} and {p.width:g} × {p.toe_depth:g} mm" in BUILD
    assert f"{p.width:g} × {p.heel_depth + p.gap + p.toe_depth:g} mm: one piece" in BUILD
    assert f"{p.top:g} mm: {p.width:g}" in BUILD
    assert f"gap {p.stop_gap:g} mm" in BUILD
