"""`heeldrive doctor`: where the samples to be judged come from, and the judgement as text."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from station.checkup import CellHealth, Checkup
from station.conversions import Cell, Fault, Greeting, Kind, Records, Source, Status, empty_records
from station.link import Link

LISTEN_S = 3.0
LONGEST_LISTEN_S = 10.0  # on a computer too busy to see what each chip does
SEEN_LISTEN_S = 1.0  # a chip that was seen late is listened to for so long
SEEN = 5  # records that say what a chip does; a busy computer may take one for another
SILENT = (Fault.ABSENT, Fault.STUCK_LOW)  # nothing more will come of such a wire
LOOK_BACK_S = 10.0
PATIENCE_S = 2.0  # for what the sampler has in its memory
LONGEST_SLEEP_NS = 20_000_000
CLOCK_WORDS = {
    True: "set by the network",
    False: "not set by the network: times of day may be wrong, the order of sessions is not",
}
RECORDS_A_CELL = 1.4  # of the nominal rate: what chips may be faster, and their heartbeats


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


def look_back(socket_path: Path, seconds: float = LOOK_BACK_S) -> tuple[Greeting, Records]:
    """Return the sampler's greeting and its last `seconds`, at once: out of its memory.

    Raises
    ------
    LinkLost : no sampler answers there

    """
    now = Link(socket_path)
    now.close()
    source = now.greeting.source
    wanted = int(4 * source.nominal_rate_hz * RECORDS_A_CELL * seconds)
    link = Link(socket_path, now.greeting.run_id, max(0, now.greeting.first_seq - wanted))
    parts, n = [empty_records()], 0
    end_s = time.monotonic() + PATIENCE_S
    try:
        while n < now.greeting.first_seq - link.greeting.first_seq and time.monotonic() < end_s:
            parts.append(link.read(PATIENCE_S))
            n += len(parts[-1])
    finally:
        link.close()
    records = np.concatenate(parts)
    times_ns, asked_ns = records["t_ns"], now.greeting.now_ns  # a busy machine has gone on meanwhile
    return link.greeting, records[(times_ns >= asked_ns - seconds * 1e9) & (times_ns <= asked_ns)]


def listen_to(
    source: Source,
    *,
    now_ns: Callable[[], int] = time.monotonic_ns,
    sleep: Callable[[float], None] = time.sleep,
) -> Records:
    """Return what a source of our own gives in `LISTEN_S`, and close it.

    A computer that is busy may not have seen by then what each chip does, so it looks on until it
    has, for `LONGEST_LISTEN_S` in all.
    """
    parts = [empty_records()]
    begun_ns = now_ns()
    end_ns = begun_ns + int(LISTEN_S * 1e9)
    last_ns = begun_ns + int(LONGEST_LISTEN_S * 1e9)
    shown = dict.fromkeys(Cell, 0)
    try:
        while (polled_ns := now_ns()) < end_ns:
            parts.append(source.poll(polled_ns))
            for cell in _showing(parts[-1]):
                shown[cell] += 1
            if min(shown.values()) < SEEN:
                end_ns = min(max(end_ns, polled_ns + int(SEEN_LISTEN_S * 1e9)), last_ns)
            wait_ns = source.next_poll_ns(now_ns()) - now_ns()
            sleep(min(max(wait_ns, 0), LONGEST_SLEEP_NS) / 1e9)
    finally:
        source.close()
    return np.concatenate(parts)


def _showing(records: Records) -> list[Cell]:
    """Return the cell of each record that says what its chip does: a good value, or that none will come."""
    good = (records["kind"] == Kind.CONVERSION) & (records["status"] == Status.OK)
    silent = (records["kind"] == Kind.FAULT) & np.isin(records["status"], SILENT)
    return [Cell(int(cell)) for cell in records["cell"][good | silent]]


def as_text(checkup: Checkup) -> str:
    """Return the judgement for people, line by line."""
    source, machine = checkup.source, checkup.machine
    lines = []
    if source is not None:
        simulated = " (SIMULATED)" if source.simulated else ""
        lines += [f"source   {source.name}: {source.text}{simulated}"]
        lines += [f"rate     {source.nominal_rate_hz:g} SPS configured; {checkup.looked_s:.1f} s looked at"]
    lines += [f"note     {note}" for note in checkup.notes]
    lines += [_cell_line(cell) for cell in checkup.cells]
    lines += [
        f"machine  {machine.model or 'no Raspberry Pi'}; {machine.system}",
        f"power    {power_text(machine.power)}",
        f"heat     {_or_unknown(machine.temperature_c, '.0f', ' °C')}",
        f"disk     {_or_unknown(machine.disk_free_gb, '.1f', ' GB free')}",
        f"clock    {CLOCK_WORDS[machine.clock_synchronised]}",
        "versions " + ", ".join(f"{name} {number}" for name, number in machine.versions.items()),
    ]
    lines += [f"lately   {told.utc}  {told.text}" for told in checkup.lately]
    lines += [f"WRONG    {text}" for text in checkup.wrong] or ["All is well."]
    return "\n".join(lines)


def _cell_line(cell: CellHealth) -> str:
    where = f"{cell.cell.replace('_', '-'):<11}pins {cell.dout_pin:>2}/{cell.sck_pin:<2}"
    if cell.rate_hz is None or cell.noise_counts is None:
        return f"{where}  no data"
    noise = f"{cell.noise_counts:7.1f} counts"
    if cell.noise_n is not None:
        noise += f" ({cell.noise_n:.2f} N)"
    return (
        f"{where}{cell.rate_hz:6.1f} SPS  noise {noise}  {cell.unique:4d} unique values"
        f"  {cell.missed} missed  {cell.rejected} rejected  {cell.saturated} saturated"
    )


def power_text(power: tuple[str, ...] | None) -> str:
    """Return what the supply is said to be."""
    if power is None:
        return "unknown: this machine does not tell"
    return "; ".join(power) if power else "steady since the start"


def _or_unknown(value: float | None, form: str, unit: str) -> str:
    return "unknown" if value is None else f"{value:{form}}{unit}"
