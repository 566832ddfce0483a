"""`heeldrive doctor`: what the chips do, asked of the running sampler."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from station.conversions import Cell, Greeting, Kind, Records, Status, empty_records
from station.health import CellFaults, name
from station.link import Link

LISTEN_S = 3.0


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


def report(greeting: Greeting, records: Records) -> tuple[list[str], bool]:
    """Return the lines to print and whether all is well."""
    source = greeting.source
    lines = [
        f"source   {source.name}: {source.text}" + (" (SIMULATED)" if source.simulated else ""),
        f"rate     {source.nominal_rate_hz:g} SPS configured",
        *(f"note     {note}" for note in greeting.notes),
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
