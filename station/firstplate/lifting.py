"""The steps with a foot on the plate: three sets counted aloud, and taps."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from station.coach.programs import Plan, Side
from station.errors import UserError
from station.firstplate import judge
from station.firstplate.checklist import HOW, REPS, STYLES
from station.firstplate.findings import Entry
from station.firstplate.guide import SKIP, Guide, Skipped
from station.firstplate.steps import LOOK_S
from station.signal.model import F64

FOOT_ON_WITHIN_S = 120.0
OFF_S = 4.0  # a foot that was off for so long has done
SHORTEST_S = 8.0  # with the foot on: less is a foot being placed
LONGEST_SET_S = 300.0
MOST_REPS = 100
HEAVIEST_PERSON_KG = 300.0
TAPS = 5
AFTER_TAP_S = 1.0
SIDES: dict[str, Side] = {"l": "left", "left": "left", "r": "right", "right": "right"}


def sets(guide: Guide, entry: Entry) -> None:
    """Record a set of each style, with what was counted aloud beside what the station counted."""
    guide.say(
        f"Three sets of {REPS} reps without load: lie down, foot on the plate, be still for 3 s, lift, count"
        " aloud, be still, foot off. A set ends by itself when the foot has been off for"
        f" {OFF_S:.0f} s: nobody needs to touch the keyboard."
    )
    while (side := SIDES.get(guide.ask("Which foot, left or right? ").lower())) is None:
        guide.say("Say left or right.")
    entry.found |= {"foot": side, "sets": []}
    entry.found["body_mass_kg"] = guide.number(
        "What you weigh, kg (optional; Enter leaves it out): ", 20.0, HEAVIEST_PERSON_KG
    )
    for number, style in enumerate(STYLES, start=1):
        label: dict[str, Any] = {"set": number, "style": style, "foot": side, "skipped": False}
        entry.found["sets"].append(label)
        try:
            _set(guide, label, side)
        except Skipped:
            label["skipped"] = True
    if all(label["skipped"] for label in entry.found["sets"]):
        raise Skipped


def _set(guide: Guide, label: dict[str, Any], side: Side) -> None:
    number, style = label["set"], label["style"]
    guide.say(f"\nSet {number}, {STYLES[style].upper()}: {HOW[style]}.")
    question = f"{SKIP} skips this set."
    while (on_s := _lifted(guide, number, style, side, question)) is None:
        question = f"No foot was felt: once more, or {SKIP} skips this set."
    label["foot_on_s"] = on_s
    counted = guide.number("The foot is off. How many reps did you count aloud? ", 0, MOST_REPS)
    label["counted_aloud"] = None if counted is None else round(counted)
    odd = guide.ask("Enter if all was as asked; or say what was odd: ")
    label |= {"clean": not odd, "odd": odd}
    label["station"] = None
    try:
        with tempfile.TemporaryDirectory(prefix="heeldrive-") as folder:
            label["station"] = guide.tape.counted(Path(folder) / "till-now.heeldrive", number)
    except UserError as error:
        guide.tell(str(error))
        return
    guide.tell(f"{STYLES[style]}: {judge.compared(label['counted_aloud'], label['station'])}")


def _lifted(guide: Guide, number: int, style: str, side: Side, question: str) -> float | None:
    """Record a set; return how long a foot was on the plate, None where none came."""
    zero = guide.emptied(question)
    guide.say("Now lie down, foot on, and lift.")
    wait_s = guide.done("lift", style)
    guide.tape.begin_set(number, Plan(side, goal="free", tempo="free", target_reps=REPS), style)
    on_s: float | None = 0.0
    try:
        on_s = _until_off(guide, zero.mean, wait_s)
    finally:  # a set that was broken off has an end as well
        end = guide.tape.void_set if on_s is None else guide.tape.end_set
        end(number)
    return on_s


def _until_off(guide: Guide, zero: F64, wait_s: float) -> float | None:
    """Wait for a foot to come, and to go for good; return how long it was on, None where none came."""
    on_s = off_s = all_s = 0.0
    while all_s < LONGEST_SET_S:
        loaded = judge.load_counts(guide.log.listen(LOOK_S), zero) >= judge.LOADED_COUNTS
        all_s += LOOK_S
        on_s, off_s = (on_s + LOOK_S, 0.0) if loaded else (on_s, off_s + LOOK_S)
        if on_s >= SHORTEST_S and off_s >= OFF_S:
            return on_s
        if on_s < SHORTEST_S and off_s >= FOOT_ON_WITHIN_S + wait_s:
            return None
    return on_s


def taps(guide: Guide, entry: Entry) -> None:
    """Tap the plate and press Enter at the same moment: how late the data are."""
    if guide.log.greeting.speed != 1.0:
        guide.tell("Only in real time: this sampler runs faster.")
        raise Skipped
    guide.say("Only at a keyboard of this very computer: a network would be timed as well.")
    delays: list[float | None] = []
    for number in range(1, TAPS + 1):
        guide.ask(f"{number}/{TAPS}: tap the plate and press Enter at the same moment ({SKIP} skips): ")
        pressed_ns = guide.log.clock_ns()
        guide.log.listen(guide.done("tap") + AFTER_TAP_S)
        delays.append(judge.tap_delay_ms(guide.log.latest(2 * AFTER_TAP_S), pressed_ns))
        entry.found |= judge.taps(delays)
    middle = entry.found["median_ms"]
    guide.tell("No tap was felt." if middle is None else f"A tap shows {middle:.0f} ms after the key.")
