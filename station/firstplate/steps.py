"""The steps without a foot on the plate."""

from __future__ import annotations

from typing import Any

from station.calibration.reading import Reading
from station.conversions import Cell
from station.doctor import as_text
from station.firstplate import judge
from station.firstplate.findings import Entry
from station.firstplate.guide import SETTLE_S, SKIP, Guide, Skipped
from station.health import name
from station.signal.model import F64

QUIET_S = 60.0
LOOK_S = 0.5
PRESSED_LOOKS = 3
PATIENCE_S = 20.0
PRESS_KG = 10.0  # asked for; a person is not that exact
LIGHTEST_KG, HEAVIEST_KG = 1.0, 200.0
PARTS = {
    "cells": "Load cells (maker, type, capacity)",
    "amplifiers": "Amplifiers (board, supply in volts)",
    "plate": "Plate (material, sizes, feet)",
    "anything_else": "Anything else worth knowing",
}
SPOTS = {"heel": "on the middle of the heel half", "toe": "on the middle of the toe half",
         "middle": "in the middle, across the split"}  # fmt: skip


def parts(guide: Guide, entry: Entry) -> None:
    """Ask what the plate is made of."""
    guide.say("Each may be left out: Enter alone. Please no names of people.")
    for word, text in PARTS.items():
        entry.found[word] = guide.ask(f"{text}: ")
        if entry.found[word]:
            entry.told.append(f"{word.replace('_', ' ')}: {entry.found[word]}")


def empty(guide: Guide, entry: Entry) -> None:
    """See for a minute what the chips and the machine are like while the plate is empty."""
    guide.ask("Take everything off the plate, feet too, and leave it alone. Enter begins: ")
    guide.log.listen(guide.done("clear"))
    guide.say(f"{QUIET_S:.0f} s of peace …")
    checkup = guide.examine(guide.log.listen(QUIET_S))
    told = checkup.as_json()
    entry.found |= {key: told[key] for key in ("looked_s", "cells", "wrong", "notes", "machine")}
    for line in as_text(checkup).splitlines():
        guide.tell(line)
    entry.found["zero_count"] = None
    try:
        zero = guide.zeroed()
    except Skipped:  # a dead cell has no zero; the others are looked at all the same
        return
    entry.found["zero_count"] = zero.mean.tolist()


def corners(guide: Guide, entry: Entry) -> None:
    """Have each corner pressed, and see which cell answers, and whether upwards."""
    guide.ask(
        "Left and right are the lying athlete's, with the back on the bench. Each corner is pressed with"
        f" about {PRESS_KG:g} kg until it is felt. Enter begins: "
    )
    guide.log.listen(guide.done("clear") + LOOK_S)
    zero = judge.levels(guide.log.latest(LOOK_S)) if guide.empty is None else guide.empty.mean
    presses: list[judge.Press] = []
    entry.found["presses"] = []
    for cell in Cell:
        try:
            above = _pressed(guide, cell, zero)
        except Skipped:
            above = zero * 0.0
        presses.append(judge.press(cell, above))
        entry.found["presses"].append(presses[-1].as_json())
        answered = presses[-1].answered
        guide.tell(f"{name(cell)} pressed: {'no cell' if answered is None else name(answered)} answered.")
    entry.found["wrong"] = judge.wiring(presses)
    for line in entry.found["wrong"] or ["Every corner answers with its own cell, upwards."]:
        guide.tell(line)


def _pressed(guide: Guide, cell: Cell, zero: F64) -> F64:
    """Return what is felt above the zero while a corner is pressed; Skipped where nothing ever is."""
    answer = f"Press Enter, then press down on the {name(cell).upper()} corner: "
    while True:
        guide.ask(answer)
        left_s = guide.done("press", cell.word, PRESS_KG) + PATIENCE_S
        cleared, looks = False, 0
        while left_s > 0 and looks < PRESSED_LOOKS:
            load = judge.load_counts(guide.log.listen(LOOK_S), zero)
            left_s -= LOOK_S
            cleared = cleared or load < judge.LOADED_COUNTS / 2
            looks = looks + 1 if cleared and load >= judge.LOADED_COUNTS else 0
        if looks == PRESSED_LOOKS:
            guide.say("Felt: let go.")
            return judge.levels(guide.log.latest(LOOK_S)) - zero
        guide.say(
            "Nothing was felt: let go of the plate, then press with more weight."
            if cleared
            else "The plate is not empty: take everything off it first."
        )
        answer = f"Enter tries the {name(cell).upper()} corner again; {SKIP} goes to the next: "


def mass(guide: Guide, entry: Entry) -> None:
    """See what a known mass shows on each half and in the middle, and there for a minute."""
    mass_kg = guide.number(
        "What your known mass weighs, kg (Enter: there is none): ", LIGHTEST_KG, HEAVIEST_KG
    )
    if mass_kg is None:
        raise Skipped
    zero = guide.emptied("First the empty plate.")
    entry.found["placements"] = []
    for spot, where in SPOTS.items():
        found = _put(guide, spot, where, mass_kg, zero)
        entry.found["placements"].append({"spot": spot, **found})
        guide.tell(_weighed_text(spot, found))
    guide.say("Leave it there, and the plate alone, for a minute …")
    entry.found["creep"] = judge.creep(guide.log.listen(QUIET_S), zero.mean, guide.calibration)
    guide.tell(f"Creep in {entry.found['creep']['seconds']:.0f} s: {entry.found['creep']['percent']:+.2f} %.")
    guide.done("clear")


def _put(guide: Guide, spot: str, where: str, mass_kg: float, zero: Reading) -> dict[str, Any]:
    while True:
        guide.ask(f"Put the {mass_kg:g} kg {where}, let go, then press Enter: ")
        guide.log.listen(guide.done("put", spot, mass_kg) + SETTLE_S)
        above = guide.still(zero).mean - zero.mean
        if abs(above).sum() >= judge.LOADED_COUNTS / 2:
            return judge.weighed(above, mass_kg, guide.calibration)
        guide.say("Hardly anything is felt: is it on the plate?")


def _weighed_text(spot: str, found: dict[str, Any]) -> str:
    if "shown_n" not in found:
        share = found["heel_share_of_counts"]
        return f"{spot}: {found['counts_per_kg']} counts/kg, heel share of the counts {share}"
    return (
        f"{spot}: {found['mass_kg']:g} kg weigh {found['weight_n']} N and show as {found['shown_n']} N"
        f" ({found['error_percent']:+.2f} %), heel share {found['heel_share']}"
    )


def zero(guide: Guide, entry: Entry) -> None:
    """Take the zero again: how far it went."""
    entry.found["zero_count"] = guide.emptied("The last step.").mean.tolist()
    entry.found["drift"] = guide.drift()
    if entry.found["drift"] is not None:
        guide.tell(_drift_text(entry.found["drift"]))


def _drift_text(went: dict[str, Any]) -> str:
    counts = sum(went["counts"].values())
    far = f"{went['newtons']:+.2f} N" if "newtons" in went else f"{counts:+.0f} counts"
    return f"The zero went {far} in {went['minutes']:.1f} min."
