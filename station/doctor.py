"""`heeldrive doctor`: what the chips do, asked of a running sampler or seen by listening to a source."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from station.conversions import Cell, Greeting, Kind, Records, Source, SourceInfo, Status, empty_records
from station.health import CellFaults, name
from station.link import Link

LISTEN_S = 3.0
LONGEST_SLEEP_NS = 20_000_000


def listen(socket_path: Path, seconds: float) -> tuple[Greeting, Records]:
    """Return the sampler's greeting and what it sends in `seconds`, as the only reader or one of several.

    Raises
    ------
    LinkLost : no sampler answers there

    """
    link = Link(socket_path)
    parts = [empty_records()]
    end_s = time.monotonic() + seconds
    try:
        while (left_s := end_s - time.monotonic()) > 0:
            parts.append(link.read(left_s))
    finally:
        link.close()
    return link.greeting, np.concatenate(parts)


def listen_to(source: Source, seconds: float) -> Records:
    """Return what a source of our own gives in `seconds`, and close it."""
    parts = [empty_records()]
    end_ns = time.monotonic_ns() + int(seconds * 1e9)
    try:
        while (now_ns := time.monotonic_ns()) < end_ns:
            parts.append(source.poll(now_ns))
            wait_ns = source.next_poll_ns(time.monotonic_ns()) - time.monotonic_ns()
            time.sleep(min(max(wait_ns, 0), LONGEST_SLEEP_NS) / 1e9)
    finally:
        source.close()
    return np.concatenate(parts)


def report(source: SourceInfo, notes: tuple[str, ...], records: Records) -> tuple[list[str], bool]:
    """Return the lines to print and whether all is well."""
    lines = [
        f"source   {source.name}: {source.text}" + (" (SIMULATED)" if source.simulated else ""),
        f"rate     {source.nominal_rate_hz:g} SPS configured",
        *(f"note     {note}" for note in notes),
    ]
    well = True
    for cell in Cell:
        text, cell_well = _cell_line(cell, records, source.nominal_rate_hz)
        lines.append(text)
        well &= cell_well
    faults = CellFaults()
    faults.take(records)
    told = [f"fault    {text}" for text in faults.sentences() if text is not None]
    return lines + told, well and not told


def _cell_line(cell: Cell, records: Records, nominal_hz: float) -> tuple[str, bool]:
    mine = records[(records["kind"] == Kind.CONVERSION) & (records["cell"] == cell)]
    good = mine[mine["status"] == Status.OK]
    if len(good) < 2:
        return f"{name(cell):<11}no data: check its plug and wires", False
    rate_hz = 1e9 / float(np.median(np.diff(good["t_ns"])))
    steps = np.diff(good["count"].astype(np.float64))
    # Noise from neighbouring differences, so that a foot on the plate does not count as noise.
    noise = float(np.median(np.abs(steps))) / 0.6745 / 2**0.5
    rejected = len(mine) - len(good)
    unique = len(np.unique(good["count"]))
    fits = 0.8 * nominal_hz <= rate_hz <= 1.3 * nominal_hz
    text = (
        f"{name(cell):<11}{rate_hz:6.1f} SPS  noise {noise:7.1f} counts  {unique:4d} unique values"
        f"  {rejected} rejected"
    )
    if not fits:
        text += f"  — not the {nominal_hz:g} SPS configured: check the RATE pin"
    return text, fits and unique > 1
