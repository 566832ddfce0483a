"""Draw the plate and its wiring, and write the sums into BUILD.md: `python docs/draw.py`.

Everything comes from two tables, docs/plate.py and station/wiring.py; a test runs this again and
compares, so that no drawing tells of another plate.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from plate import PLATE, sums

from station.conversions import CELL_WORDS
from station.wiring import COLOURS, DEFAULT_PINS, HEADER_PIN, Pins

DRAWINGS = ROOT / "hardware" / "drawings"
BUILD = ROOT / "hardware" / "BUILD.md"
BEGIN, END = "<!-- sums: written by docs/draw.py -->\n", "<!-- end of the sums -->"
INK, QUIET, HEEL, TOE, METAL = "#11161b", "#51606c", "#0072b2", "#e69f00", "#cfd6dc"
# A wire that is drawn on white must be seen on white.
PAINT = {"yellow": "#c9a400", "blue": "#1f5fbf", "orange": "#d9730d", "red": "#c0392b", "black": "#11161b"}
# One that shares: the same wires, and one clock for all four.
SHARED_PINS: Pins = {cell: (DEFAULT_PINS[cell][0], DEFAULT_PINS["heel_left"][1]) for cell in CELL_WORDS}
FIVE_VOLTS, THREE_VOLTS, GROUND = 2, 1, 6  # places on the header


class Sheet:
    """An SVG in the making."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img"'
            f' aria-label="{title}" font-family="Inter, Arial, sans-serif" font-size="13">',
            f"<title>{title}</title>",
            f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>',
        ]

    def box(self, x: float, y: float, w: float, h: float, fill: str, line: str = INK, dash: str = "") -> None:
        """Draw a rectangle."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="2" fill="{fill}"'
            f' stroke="{line}"{dashed}/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str = INK, width: float = 1) -> None:
        """Draw a line."""
        self._parts.append(
            f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}"'
            f' stroke-width="{width:g}"/>'
        )

    def path(self, points: list[tuple[float, float]], colour: str, width: float = 2.5) -> None:
        """Draw a wire through points."""
        way = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._parts.append(
            f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>'
        )

    def text(
        self, x: float, y: float, text: str, anchor: str = "middle", colour: str = INK, bold: bool = False
    ) -> None:
        """Write a line."""
        weight = ' font-weight="700"' if bold else ""
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}"{weight}>{text}</text>'
        )

    def across(self, x1: float, x2: float, y: float, text: str) -> None:
        """Draw a dimension from left to right."""
        self.line(x1, y, x2, y, QUIET)
        for x in (x1, x2):
            self.line(x, y - 5, x, y + 5, QUIET)
        self.text((x1 + x2) / 2, y - 6, text)

    def down(self, x: float, y1: float, y2: float, text: str) -> None:
        """Draw a dimension from top to bottom, its figure at the right."""
        self.line(x, y1, x, y2, QUIET)
        for y in (y1, y2):
            self.line(x - 5, y, x + 5, y, QUIET)
        self.text(x + 9, (y1 + y2) / 2 + 4, text, "start")

    def done(self) -> str:
        """Return the SVG."""
        return "\n".join([*self._parts, "</svg>", ""])


def from_above() -> str:
    """Return the two halves, their cells and the rail, seen from above."""
    p, left, up = PLATE, 300.0, 70.0
    depth = p.heel_depth + p.gap + p.toe_depth
    sheet = Sheet(left + p.width + 190, up + depth + 60, "The split plate from above")
    middle, split_y = left + p.width / 2, up + p.toe_depth + p.gap / 2
    halves = ((up, p.toe_depth, TOE, "toe"), (split_y + p.gap / 2, p.heel_depth, HEEL, "heel"))
    for y, deep, paint, word in halves:
        sheet.box(left, y, p.width, deep, paint + "22", paint)
        for x, side in ((middle - p.cell_spacing / 2, "left"), (middle + p.cell_spacing / 2, "right")):
            cell_y = y + (deep - p.cell_length) / 2
            sheet.box(x - p.cell_width / 2, cell_y, p.cell_width, p.cell_length, METAL, INK, "4 3")
            sheet.text(x, y + deep / 2 + 4, f"{word} {side}", bold=True)
        sheet.down(left + p.width + 18, y, y + deep, f"{deep:g}")
    sheet.text(middle, up + 16, "away from the bench", colour=QUIET)
    sheet.text(middle, up + depth - 8, "to the bench", colour=QUIET)
    sheet.across(left, left + p.width, up - 36, f"{p.width:g}")
    cells = (middle - p.cell_spacing / 2, middle + p.cell_spacing / 2)
    sheet.across(*cells, up - 10, f"cells {p.cell_spacing:g}")
    sheet.down(left + p.width + 88, up, up + depth, f"{depth:g}")
    _rail(sheet, left - 20 - p.rail_width, split_y)
    return sheet.done()


def _rail(sheet: Sheet, x: float, split_y: float) -> None:
    """Draw the rail beside the plate, its 0 at the split: along it the plate slides under the foot."""
    p = PLATE
    sheet.box(x, split_y - p.rail_reach - 20, p.rail_width, 2 * p.rail_reach + 40, "#f4f6f8")
    right = x + p.rail_width
    for cm in range(-int(p.rail_reach / 10), int(p.rail_reach / 10) + 1):
        y = split_y + 10 * cm
        sheet.line(right, y, right - (14 if cm % 5 == 0 else 8), y, QUIET)
        if cm % 5 == 0:
            sheet.text(right - 18, y + 4, str(abs(cm)), "end")
    sheet.line(right, split_y, right + 20, split_y, INK)
    words = (
        "rail with ruler (cm)",
        "and lock: the plate",
        "slides, the foot stays",
        "",
        f"gap {p.gap:g} mm, open",
    )
    for row, words_of_row in enumerate(words):
        sheet.text(x - 12, split_y - 64 + 17 * row, words_of_row, "end", QUIET)


def from_the_side() -> str:
    """Return the stack of one half with its heights, five times as high as it is."""
    p, scale, left, up = PLATE, 5.0, 60.0, 60.0
    wide = 420.0
    sheet = Sheet(
        left + wide + 320, up + p.height * scale + 60, "One half from the side, heights five times as large"
    )
    layers: list[tuple[str, float, str]] = [
        ("grip: rubber, glued", p.grip, "#3b4650"),
        ("top: aluminium", p.top, METAL),
        ("spacer, at the free end of the cell", p.spacer, INK),
        ("cell: single point, arrow down", p.cell_height, "#eef0f2"),
        ("spacer, at the fixed end", p.spacer, INK),
        ("base: steel", p.base, "#9aa6b0"),
        ("mat: rubber", p.mat, "#3b4650"),
    ]
    y = up
    for row, (word, height, fill) in enumerate(layers):
        high = height * scale
        free, fixed = word.startswith("spacer, at the free"), word.startswith("spacer, at the fixed")
        x, w = (left + wide - 130, 70) if free else (left + 60, 70) if fixed else (left, wide)
        if word.startswith("cell"):
            x, w = left + 60, wide - 120
        sheet.box(x, y, w, high, fill)
        label_y = up + 6 + row * (p.height * scale - 6) / (len(layers) - 1)
        sheet.path(
            [(x + w, y + high / 2), (left + wide + 24, label_y - 4), (left + wide + 34, label_y - 4)],
            QUIET,
            1,
        )
        sheet.text(left + wide + 40, label_y, f"{height:g}  {word}", "start")
        y += high
    sheet.down(left - 40, up, y, "")
    sheet.text(left - 40, y + 20, f"{p.height:g}")
    for x in (left + 16, left + wide - 16):
        top_y, base_y = up + (p.grip + p.top) * scale, y - (p.mat + p.base) * scale
        sheet.box(x - 6, top_y + p.stop_gap * scale, 12, base_y - top_y - p.stop_gap * scale, "#fff", TOE)
    sheet.text(
        left, y + 42, f"orange: stops at the four corners, {p.stop_gap:g} mm below the top plate", "start"
    )
    return sheet.done()


def wiring(pins: Pins, title: str) -> str:
    """Return the way of every wire from the header to the four amplifiers."""
    sheet = Sheet(900, 640, title)
    sheet.box(40, 60, 190, 540, "#eaf5ea")
    sheet.text(135, 48, "Raspberry Pi header", bold=True)
    used = {HEADER_PIN[pin] for pair in pins.values() for pin in pair} | {FIVE_VOLTS, THREE_VOLTS, GROUND}
    row = {place: 95 + 38.5 * n for n, place in enumerate(sorted(used))}
    names = {HEADER_PIN[bcm]: f"GPIO {bcm}" for pair in pins.values() for bcm in pair}
    names |= {FIVE_VOLTS: "5 V", THREE_VOLTS: "3.3 V", GROUND: "GND"}
    for place, y in row.items():
        sheet.text(62, y + 4, f"pin {place}", "start", bold=True)
        sheet.text(216, y + 4, names[place], "end")
    bus = 262.0
    for index, cell in enumerate(CELL_WORDS):
        y = 70 + 136 * index
        sheet.box(560, y, 150, 120, "#f4f6f8")
        sheet.text(635, y + 18, f"HX711 {cell.replace('_', ' ')}", bold=True)
        dout, sck = (HEADER_PIN[bcm] for bcm in pins[cell])
        ends = [
            ("DOUT", dout, COLOURS["dout"]),
            ("SCK", sck, COLOURS["sck"]),
            ("VDD", THREE_VOLTS, COLOURS["logic supply"]),
            ("VCC", FIVE_VOLTS, COLOURS["cell supply"]),
            ("GND", GROUND, COLOURS["ground"]),
        ]
        for k, (name, place, colour) in enumerate(ends):
            end_y = y + 36 + 18 * k
            # Each line has a lane of its own, the supplies the ones nearest to the Pi.
            lane = bus + {"VCC": 0, "VDD": 12, "GND": 24}.get(
                name, 48 + 56 * index + (24 if name == "SCK" else 0)
            )
            if name == "SCK" and pins is SHARED_PINS:
                lane = bus + 36
            paint = PAINT[colour]
            sheet.path([(230, row[place]), (lane, row[place]), (lane, end_y), (560, end_y)], paint)
            sheet.text(568, end_y + 4, name, "start")
        paint = HEEL if cell.startswith("heel") else TOE
        sheet.box(770, y + 26, 90, 70, paint + "22", paint)
        sheet.text(815, y + 58, "cell")
        sheet.text(815, y + 75, cell.replace("_", " "))
        sheet.path([(710, y + 60), (770, y + 60)], QUIET, 7)
    sheet.text(880, 628, "E+ E− A+ A−, shielded, the shield to GND at the amplifier", "end", QUIET)
    return sheet.done()


PICTURES: dict[str, Callable[[], str]] = {
    "plate-above.svg": from_above,
    "plate-side.svg": from_the_side,
    "wiring-own-clocks.svg": lambda: wiring(DEFAULT_PINS, "A clock line for each amplifier"),
    "wiring-shared-clock.svg": lambda: wiring(SHARED_PINS, "One clock line for all amplifiers"),
}


def sums_table() -> str:
    """Return the sums as a table."""
    rows = "".join(f"| {what} | {figure} | {how} |\n" for what, figure, how in sums())
    return f"| what | figure | how |\n|---|---|---|\n{rows}"


def built(text: str) -> str:
    """Return BUILD.md with today's sums in it."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + sums_table() + END + rest.split(END)[1]


def main() -> None:
    """Write everything."""
    DRAWINGS.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (DRAWINGS / name).write_text(draw(), encoding="utf-8")
    BUILD.write_text(built(BUILD.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
