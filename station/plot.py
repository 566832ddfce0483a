"""A recording as a picture: the curve, its reps and the heel share, for a coach to look at.

It shows what ``heeldrive analyze`` prints and nothing more.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from station.analysis import Analysis
from station.errors import UserError
from station.sheet import Sheet, extent
from station.signal.model import BOUNDARIES, F64, Bools

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")
DPI = 120

# The page's colours. Phases are told apart by their lightness, order and arrows too.
INK, QUIET, LINE = "#11161b", "#51606c", "#dde2e6"
HEEL, HEEL_TEXT, HEEL_TINT, TOE_TINT = "#0072b2", "#005f95", "#cce3f0", "#fbecc9"
UP, HOLD, DOWN = "#d2ece1", "#aebfcc", "#ecdcea"
BAND = "#b4bec6"  # of a boundary's uncertainty
ALARM = "#b3450a"

PHASES = (
    ("up", "lift_off", "lockout_start", UP, "↑"),
    ("hold", "lockout_start", "lockout_end", HOLD, ""),
    ("down", "lockout_end", "touchdown", DOWN, "↓"),
)
HATCH = "////"
STYLE_WORDS = {"dead_stop": "dead stop", "touch": "touch", "hover": "hover"}
GLYPH_EM = 0.62  # a letter's width: near enough to see what fits

# Inches. A row is a lane for numbers, the force, a ruler of boundaries, the heel share, the time.
WIDTH, LEFT, RIGHT = 16.0, 0.95, 0.4
HEADER, FOOTER = 1.5, 0.75
LANE, RULER, SPACE, TIME = 0.85, 0.17, 0.1, 0.4
TALL, LOW = (4.15, 1.2), (2.0, 0.8)  # force and heel share of a single row, and of one among many

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture everywhere
    "font.size": 10.0,
    "text.parse_math": False,  # a file's name may hold a dollar sign
    "hatch.linewidth": 0.7,
    "svg.hashsalt": "heeldrive",
    "svg.fonttype": "none",  # text stays text
}


def checked(path: Path | None, recording: Path) -> Path | None:
    """Return the picture's path; refuse one that can't be made, before any work is done.

    Raises
    ------
    UserError : its name ends neither in .png nor in .svg, or it is the recording itself

    """
    if path is None:
        return None
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(f"{path} is neither .png nor .svg: name the picture with one of the two.")
    if path.exists() and recording.exists() and path.samefile(recording):
        raise UserError(f"{path} is the recording itself: choose another --plot.")
    return path


def write(analysis: Analysis, name: str, path: Path) -> str:
    """Draw `analysis` under the title `name` into a .png or .svg file; say in a sentence what was written.

    Raises
    ------
    UserError : the file can't be written

    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it talks of its font cache
    from matplotlib import style

    sheet = Sheet.of(analysis)
    form = path.suffix.lower().removeprefix(".")
    facts = {"Date": None, "Creator": "heeldrive"} if form == "svg" else {"Software": None}
    buffer = io.BytesIO()
    with style.context(STYLE, after_reset=True), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name in letters that the font lacks is no fault
        figure = draw(sheet, _printable(name))
        figure.savefig(buffer, format=form, dpi=DPI, metadata=facts)
    try:
        path.write_bytes(buffer.getvalue())
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror}): choose another --plot.") from None
    return f"The picture is in {path}." + (
        "" if sheet.reps else " It shows the curve alone: no rep was found."
    )


def draw(sheet: Sheet, title: str) -> Figure:
    """Return the picture; the caller sets the style."""
    from matplotlib.figure import Figure

    force_in, share_in = TALL if len(sheet.rows) <= 1 else LOW
    if not sheet.analysis.heel_and_toe:
        share_in = 0.0
    row_in = LANE + force_in + RULER + (SPACE + share_in if share_in else 0.0) + TIME
    height = HEADER + row_in * max(len(sheet.rows), 1) + FOOTER
    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    longest_s = max((end - start for start, end in sheet.rows), default=1.0)

    def panel(top: float, tall: float, row: tuple[float, float]) -> Axes:
        wide = (WIDTH - LEFT - RIGHT) * (row[1] - row[0]) / longest_s
        axes = figure.add_axes((LEFT / WIDTH, 1 - (top + tall) / height, wide / WIDTH, tall / height))
        _plain(axes, row)
        return axes

    for index, row in enumerate(sheet.rows):
        top = HEADER + row_in * index + LANE
        force = panel(top, force_in, row)
        _force(force, sheet, row, index)
        ruler = panel(top + force_in, RULER, row)
        _ruler(ruler, sheet, row)
        lowest = ruler
        if share_in:
            lowest = panel(top + force_in + RULER + SPACE, share_in, row)
            _share(lowest, sheet, row, index)
        _time(lowest, sheet, row)
    _header(figure, sheet, title)
    _footer(figure, sheet)
    return figure


def _plain(axes: Axes, row: tuple[float, float]) -> None:
    axes.set_xlim(*row)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelsize=10, labelcolor=QUIET, labelbottom=False)


def _force(axes: Axes, sheet: Sheet, row: tuple[float, float], index: int) -> None:
    """Draw the curve over its phases, with a rep's number above it."""
    axes.set_ylim(min(0.0, *_known(sheet.total_n[sheet.within(row)])), sheet.top_n)
    axes.locator_params(axis="y", nbins=5, steps=[1, 2, 2.5, 5, 10])
    axes.yaxis.set_major_formatter(lambda n, _: f"{n:.0f} N")
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    for place, (rep, number) in enumerate(zip(sheet.reps, sheet.numbers, strict=True)):
        if _meets(extent(rep), row):
            _phases(axes, rep, row)
            if number is None:
                _cut_off(axes, sheet, place, row)
            else:
                _number(axes, sheet, place, number, row)
    _sets(axes, sheet, row)
    part = sheet.within(row)
    axes.plot(sheet.t_s[part], sheet.total_n[part], color=INK, linewidth=1.7, gid=f"force-{index}")
    _beyond(axes, sheet, row)


def _phases(axes: Axes, rep: dict[str, Any], row: tuple[float, float]) -> None:
    """Shade up, hold and down, and write how long each took where there is room."""
    for name, start, end, colour, arrow in PHASES:
        start_s, end_s = rep[f"{start}_s"], rep[f"{end}_s"]
        if start_s is None or end_s is None:
            continue
        axes.axvspan(start_s, end_s, color=colour, linewidth=0, zorder=0.5, gid=f"{name}-{rep['index']}")
        text = f"{rep[f'{name}_s']:.1f}"
        for words in (f"{arrow} {text}" if arrow else text, text):
            if _inside((start_s + end_s) / 2, row) and _fits(axes, words, 10, end_s - start_s):
                axes.annotate(
                    words, ((start_s + end_s) / 2, 1), (0, -5), ("data", "axes fraction"), "offset points",
                    ha="center", va="top", color=INK, fontsize=10,
                )  # fmt: skip
                break


def _number(axes: Axes, sheet: Sheet, place: int, number: int, row: tuple[float, float]) -> None:
    """Write a rep's number large, and below it in words what sort of rep it is."""
    rep = sheet.reps[place]
    middle_s = _middle(rep)
    if not _inside(middle_s, row):
        return
    room_s = min(
        (abs(_middle(other) - middle_s) for other in sheet.reps if other is not rep), default=row[1] - row[0]
    )
    words = STYLE_WORDS[rep["style"]]
    if rep["confidence"] == "estimated":
        words += ", estimated"
    if not _fits(axes, words, 9, room_s):
        words = words.replace(", ", ",\n")
    size = 9 if all(_fits(axes, line, 9, room_s) for line in words.split("\n")) else 7
    lines = words.count("\n") + 1
    _above(axes, middle_s, 5, words, size=size, color=QUIET, linespacing=1.15)
    _above(axes, middle_s, 8 + 11 * lines, str(number), size=23, color=INK, gid=f"number-{number}")


def _cut_off(axes: Axes, sheet: Sheet, place: int, row: tuple[float, float]) -> None:
    """Hatch a rep that the data does not hold whole."""
    start_s, end_s = _cutextent(sheet, place)
    axes.axvspan(
        start_s, end_s, facecolor="none", edgecolor=QUIET, hatch=HATCH, linewidth=0, zorder=0.6,
        gid=f"cut-{sheet.reps[place]['index']}",
    )  # fmt: skip
    middle_s = (max(start_s, row[0]) + min(end_s, row[1])) / 2
    if _inside((start_s + end_s) / 2, row):
        _above(axes, middle_s, 5, "cut off", size=9, color=QUIET)


def _cutextent(sheet: Sheet, place: int) -> tuple[float, float]:
    """Return what is known of a rep, up to the edge of the data where that cuts it."""
    rep = sheet.reps[place]
    start_s, end_s = extent(rep)
    if place == 0 and rep["lift_off_s"] is None:
        start_s = float(sheet.t_s[0])
    if place == len(sheet.reps) - 1 and rep["touchdown_s"] is None:
        end_s = float(sheet.t_s[-1])
    return start_s, end_s


def _sets(axes: Axes, sheet: Sheet, row: tuple[float, float]) -> None:
    for record in sheet.analysis.book.sets:
        start_s = (record.start_ns - sheet.analysis.t0_ns) / 1e9
        if _inside(start_s, row):
            axes.axvline(start_s, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
            axes.annotate(
                f"set {record.facts['number']}", (start_s, 0.86), (4, 0),
                ("data", "axes fraction"), "offset points", color=QUIET, fontsize=10,
            )  # fmt: skip


def _beyond(axes: Axes, sheet: Sheet, row: tuple[float, float]) -> None:
    """Write the peak wherever the curve leaves the picture."""
    part = sheet.within(row)
    t_s, total_n = sheet.t_s[part], sheet.total_n[part]
    above = np.flatnonzero((total_n > sheet.top_n) & (t_s >= row[0]) & (t_s <= row[1]))
    for group in np.split(above, np.flatnonzero(np.diff(t_s[above]) > 1.5) + 1):
        if len(group):
            at = group[np.argmax(total_n[group])]
            axes.annotate(
                f"▲ {total_n[at]:.0f} N", (t_s[at], 0.9), (5, 0), ("data", "axes fraction"),
                "offset points", color=ALARM, fontsize=9, va="top",
            )  # fmt: skip


def _ruler(axes: Axes, sheet: Sheet, row: tuple[float, float]) -> None:
    """Draw the boundaries as ticks, each on a band as wide as its uncertainty."""
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.axhline(1, color=QUIET, linewidth=0.8)
    for rep in sheet.reps:
        for name in BOUNDARIES:
            at_s, half_s = rep[f"{name}_s"], rep["uncertainty_s"][name]
            if at_s is None:
                continue
            key = f"{name}-{rep['index']}"
            if half_s is not None and _meets((at_s - half_s, at_s + half_s), row):
                axes.axvspan(
                    at_s - half_s, at_s + half_s, 0.12, 0.88, color=BAND, alpha=0.6, lw=0, gid=f"band-{key}"
                )
            if _inside(at_s, row):
                axes.axvline(at_s, color=INK, linewidth=1.1, gid=f"tick-{key}")


def _share(axes: Axes, sheet: Sheet, row: tuple[float, float], index: int) -> None:
    """Draw the heel share over time, and each rep's own as a bold step."""
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    axes.set_ylabel("Heel share", color=INK, fontsize=10)
    part = sheet.within(row)
    t_s, share = sheet.t_s[part], sheet.share[part]
    for start_s, end_s in _stretches(t_s, ~np.isnan(share)):
        axes.axvspan(start_s, end_s, color=TOE_TINT, linewidth=0, zorder=0.3)
    axes.fill_between(t_s, 0, share, color=HEEL_TINT, linewidth=0, zorder=0.4)
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.plot(t_s, share, color=HEEL, linewidth=0.9, gid=f"share-{index}")
    for rep in sheet.reps:
        start_s, end_s, value = rep["lift_off_s"], rep["lockout_end_s"], rep["heel_share"]
        if None in (start_s, end_s, value) or not _meets((start_s, end_s), row):
            continue
        key = rep["index"]
        axes.plot(
            [start_s, end_s], [value] * 2, color=HEEL_TEXT, lw=4, solid_capstyle="butt", gid=f"step-{key}"
        )
        if _inside((start_s + end_s) / 2, row):
            axes.annotate(
                f"{100 * value:.0f} %", ((start_s + end_s) / 2, value), (0, 6 if value < 0.7 else -6),
                "data", "offset points", ha="center", va="bottom" if value < 0.7 else "top",
                color=HEEL_TEXT, fontsize=13, fontweight="bold", gid=f"percent-{key}",
            )  # fmt: skip


def _time(axes: Axes, sheet: Sheet, row: tuple[float, float]) -> None:
    step_s = next(step for step in (0.1, 0.5, 1, 2, 5, 10) if (row[1] - row[0]) / step <= 12 or step == 10)
    ticks = np.arange(np.ceil(row[0] / step_s), np.floor(row[1] / step_s) + 1) * step_s + 0.0  # not -0
    axes.set_xticks(ticks, [_clock(t, minutes=sheet.in_minutes) for t in ticks])
    axes.tick_params(labelbottom=True, bottom=True, length=4, color=QUIET, left=False)


def _header(figure: Figure, sheet: Sheet, title: str) -> None:
    """Write what the file is, what was found, and what the colours mean."""
    height = figure.get_figheight()
    left = LEFT / WIDTH
    figure.text(left, 1 - 0.5 / height, _short(title, 70), fontsize=19, fontweight="bold", color=INK)
    figure.text(left, 1 - 0.82 / height, _summary(sheet), fontsize=12.5, color=QUIET)
    if sheet.reps:
        _legend(figure, sheet)


def _legend(figure: Figure, sheet: Sheet) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [Patch(color=colour) for *_, colour, _ in PHASES]
    words = [f"{arrow} {name}, s".strip() for name, *_, arrow in PHASES]
    handles.append(Line2D([], [], color=INK, marker="|", linestyle="", markersize=11, markeredgewidth=1.1))
    words.append("boundary")
    if any(half_s is not None for rep in sheet.reps for half_s in rep["uncertainty_s"].values()):
        handles.append((Patch(color=BAND, alpha=0.6), handles[-1]))
        words[-1:] = ["boundary", "its 90 % interval"]
    if sheet.analysis.heel_and_toe:
        handles.append(Line2D([], [], color=HEEL_TEXT, linewidth=4, solid_capstyle="butt"))
        words.append("heel share of a rep")
    if None in sheet.numbers:
        handles.append(Patch(facecolor="none", edgecolor=QUIET, hatch=HATCH))
        words.append("rep cut off: not counted")
    figure.legend(
        handles, words, ncols=len(words), loc="upper left", frameon=False, fontsize=10.5, labelcolor=INK,
        bbox_to_anchor=(LEFT / WIDTH, 1 - 1.02 / figure.get_figheight()), borderpad=0,
        borderaxespad=0, handlelength=1.5, handletextpad=0.5, columnspacing=1.5,
    )  # fmt: skip


def _footer(figure: Figure, sheet: Sheet) -> None:
    """Write how to read the picture, and what it leaves out."""
    lines = []
    if not sheet.rows:
        lines.append("No moment has all four cells: there is no curve.")
    if sheet.reps:
        lines.append(
            "Ticks below the curve, in order: push start, lift-off, lockout start, lockout end, touchdown,"
            " rest. The shading shows seconds."
        )
    about = "Force is vertical, under one foot."
    if sheet.analysis.heel_and_toe and sheet.rows:
        floor_n = sheet.analysis.params.load_floor_n
        about += (
            f" Heel share: the heel's part of it, blank below {floor_n:.0f} N;"
            " that of a rep from lift-off to lockout end."
        )
    lines += [about, " ".join(sheet.notes)]
    height = figure.get_figheight()
    figure.text(
        LEFT / WIDTH, (FOOTER - 0.1) / height, "\n".join(lines).strip(), fontsize=9.5, color=QUIET, va="top",
        linespacing=1.4,
    )  # fmt: skip


def _summary(sheet: Sheet) -> str:
    """Return the count and the sorts of reps in a line."""
    whole = [rep for rep in sheet.reps if rep["complete"]]
    analysis = sheet.analysis
    found = f"{len(whole)} rep{'' if len(whole) == 1 else 's'}" if sheet.reps else "No rep found"
    styles = Counter(STYLE_WORDS[rep["style"]] for rep in whole)
    sorts = [f"{n} {words}" for words, n in styles.items()]
    sorts += [f"{n} estimated" for n in [sum(rep["confidence"] == "estimated" for rep in whole)] if n]
    parts = [f"{found} in {analysis.duration_s:.1f} s", *([", ".join(sorts)] if sorts else [])]
    parts += [f"{analysis.side} foot"] if analysis.side else []
    return "  ·  ".join([*parts, analysis.source])


def _above(axes: Axes, at_s: float, up_pt: float, text: str, *, size: float, **looks: Any) -> None:
    axes.annotate(
        text, (at_s, 1), (0, up_pt), ("data", "axes fraction"), "offset points",
        ha="center", va="bottom", fontsize=size, fontweight="bold" if size > 20 else "normal", **looks,
    )  # fmt: skip


def _middle(rep: dict[str, Any]) -> float:
    start_s, end_s = extent(rep)
    lift_off_s, touchdown_s = rep["lift_off_s"], rep["touchdown_s"]
    return (
        (start_s if lift_off_s is None else lift_off_s) + (end_s if touchdown_s is None else touchdown_s)
    ) / 2


def _fits(axes: Axes, text: str, size: float, room_s: float) -> bool:
    """Whether text of `size` points has room in a stretch of the axes."""
    start_s, end_s = axes.get_xlim()
    wide_pt = 72 * WIDTH * axes.get_position().width
    return len(text) * GLYPH_EM * size + 3 <= wide_pt * room_s / (end_s - start_s)


def _inside(at_s: float, row: tuple[float, float]) -> bool:
    return row[0] <= at_s < row[1]


def _meets(stretch: tuple[float, float], row: tuple[float, float]) -> bool:
    return stretch[0] < row[1] and stretch[1] >= row[0]


def _known(values: F64) -> F64:
    return values[~np.isnan(values)]


def _stretches(t_s: F64, chosen: Bools) -> Iterator[tuple[float, float]]:
    """Yield start and end of each run of `chosen`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], chosen, [False])).astype(np.int8)))
    for first, end in edges.reshape(-1, 2):
        yield float(t_s[first]), float(t_s[end - 1])


def _clock(t_s: float, *, minutes: bool) -> str:
    if not minutes:
        return f"{t_s:.10g} s"
    whole, rest = divmod(round(t_s), 60)
    return f"{whole}:{rest:02d}"


def _printable(name: str) -> str:
    return "".join(mark if mark.isprintable() else "?" for mark in name)


def _short(text: str, most: int) -> str:
    half = most // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"
