"""The station's own simulated athlete as a world: a body in 2-D mechanics, chips, nuisances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hardware.athlete import Athlete
from hardware.body import Body
from hardware.mock import MockAdc
from hardware.nuisances import HARSH, REAL, Nuisances
from hardware.script import (
    AbortedPush,
    BenchBump,
    Movement,
    ObjectOn,
    Rep,
    Reposition,
    Script,
    Stand,
    StepOff,
    StepOn,
    Talk,
    Wait,
    dropped,
    heel_lift,
    sticking,
)
from worlds.recorded import Recorded, TrueRep

Range = tuple[float, float]
BOUNDARIES = ("push_start", "lift_off", "lockout_start", "lockout_end", "touchdown", "rest")


@dataclass(frozen=True)
class Suite:
    """What the sets of a suite have in common; ranges are uniform."""

    nuisances: Nuisances = REAL
    style: str = "dead_stop"
    load_kg: Range | None = None
    up_s: Range = (0.8, 1.5)
    hold_s: Range = (0.3, 2.0)
    down_s: Range = (0.9, 3.0)
    events: bool = False
    reps: bool = True


SLOW = {"up_s": (2.8, 3.2), "hold_s": (0.8, 1.2), "down_s": (2.8, 3.2)}
PLANS = {
    "dead_stop_real": Suite(),
    "dead_stop_harsh": Suite(HARSH),
    "loaded": Suite(load_kg=(20.0, 100.0)),
    "explosive": Suite(up_s=(0.58, 0.64)),
    "slow": Suite(**SLOW),
    "touch": Suite(style="touch"),
    "hover": Suite(style="hover"),
    "mixed": Suite(style="mixed"),
    "events": Suite(events=True),
    "nothing": Suite(reps=False),
}


def make(suite: str, seed: int) -> Recorded | None:
    """Return a set of a suite; None for a suite that this world has not."""
    if suite not in PLANS:
        return None
    plan, rng = PLANS[suite], np.random.default_rng((seed, 991))
    load_kg = rng.uniform(*plan.load_kg) if plan.load_kg else rng.choice([0, 0, 0, 20, 40])
    body = Body(
        mass_kg=float(rng.uniform(50, 110)), load_kg=float(load_kg), bench_m=float(rng.uniform(0.35, 0.45))
    )
    moves = list(_set(plan, rng) if plan.reps else _nothing(rng))
    script = Script((Wait(2.0), StepOn(), Wait(3.0), *moves, Wait(2.0), StepOff(), Wait(3.0)))
    adc = MockAdc(Athlete(script, body, seed=seed), plan.nuisances, seed=seed)
    end_ns = int((script.end_s + 2.0) * 1e9)
    records = adc.poll(end_ns)
    records = records[records["status"] == 0]
    calibration = adc.info.calibration
    assert calibration is not None
    cell = records["cell"].astype(np.int64)
    zero, gain = np.array(calibration.zero_count), np.array(calibration.newtons_per_count)
    return Recorded(
        t_s=records["t_ns"] * 1e-9,
        cell=cell,
        force_n=(records["count"] - zero[cell]) * gain[cell],
        reps=tuple(_true(row) for row in adc.truth(end_ns)),
        adc_delay_s=adc.info.filter_delay_s,
    )


def _set(plan: Suite, rng: np.random.Generator) -> Iterator[Movement]:
    up_s, hold_s, down_s = (rng.uniform(*r) for r in (plan.up_s, plan.hold_s, plan.down_s))
    ease = str(rng.choice(["min_jerk", "smooth"]))
    n = int(rng.integers(6, 13))
    for i in range(n):
        styles = ["dead_stop", "touch", "hover"]
        style: Any = str(rng.choice(styles)) if plan.style == "mixed" else plan.style
        rep = Rep(
            push_s=rng.uniform(0.2, 0.6),
            up_s=up_s * rng.normal(1, 0.05) * (1 + 0.15 * i / n),
            hold_s=hold_s * rng.uniform(0.8, 1.2),
            down_s=down_s * rng.normal(1, 0.06),
            unload_s=rng.uniform(0.2, 0.45),
            rest_s=rng.uniform(0.4, 2.0) if style == "dead_stop" else rng.uniform(0.02, 0.2),
            heel_share=rng.uniform(0.45, 0.75),
            style=style,
            unloaded=rng.uniform(0.27, 0.7),
            low=rng.uniform(0.05, 0.2),
            up_ease=ease,  # type: ignore[arg-type]
            down_ease=ease,  # type: ignore[arg-type]
            to_floor=i == n - 1,
        )
        if plan.events and rng.random() < 0.25:
            rep = (dropped, sticking, heel_lift)[int(rng.integers(0, 3))](rep)
        yield rep
        if plan.events and i < n - 1 and rng.random() < 0.4:
            yield from (Wait(0.6), *_event(rng), Wait(rng.uniform(0.8, 1.5)))


def _nothing(rng: np.random.Generator) -> Iterator[Movement]:
    for _ in range(8):
        yield from (*_event(rng), Wait(rng.uniform(0.7, 2.5)))


def _event(rng: np.random.Generator) -> tuple[Movement, ...]:
    stand = Stand(rng.uniform(2, 5), rng.uniform(0.75, 1.0))
    thing = ObjectOn(rng.uniform(20, 80), rng.uniform(3, 8))
    events: tuple[tuple[Movement, ...], ...] = (
        (StepOff(), Wait(0.8), stand, Wait(0.8), StepOn()),
        (StepOff(), Wait(0.8), thing, Wait(0.5), StepOn()),
        (StepOff(), Wait(1.5), StepOn()),
        (AbortedPush(rng.uniform(0.4, 0.7), hold_s=rng.uniform(0, 0.8)),),
        (Talk(rng.uniform(3, 6), rng.uniform(8, 20)),),
        (BenchBump(),),
        (Reposition(),),
    )
    return events[int(rng.integers(0, len(events)))]


def _true(row: dict[str, Any]) -> TrueRep:
    at_s = {f"{k}_s": None if row[f"{k}_ns"] is None else row[f"{k}_ns"] * 1e-9 for k in BOUNDARIES}
    return TrueRep(style=row["style"], heel_share=row["heel_share"], **at_s)  # type: ignore[arg-type]
