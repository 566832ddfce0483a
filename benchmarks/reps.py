"""How many whole sets are counted exactly, beside the fixed threshold that most plates use.

    python benchmarks/reps.py

Dead-stop sets of the simulated athlete: random bodies (50–110 kg), loads, tempos and rests, each
through four free-running chips. The simulation is the only world here: no person's data.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hardware.athlete import Athlete
from hardware.body import Body
from hardware.mock import MockAdc
from hardware.nuisances import HARSH, NONE, REAL, Nuisances
from hardware.script import Rep, Script, StepOff, StepOn, Wait
from station.signal import pipeline
from station.signal.model import F64, Params

SETS = 40
FIRST_SEED = 1000
THRESHOLD_N = 150.0  # between a resting leg and a lift
SUITES: dict[str, tuple[Nuisances, dict[str, float]]] = {
    "no nuisances": (NONE, {}),
    "real nuisances": (REAL, {}),
    "harsh nuisances": (HARSH, {}),
    "explosive, 0.65 s up": (REAL, {"up_s": 0.65}),
    "slow, 3 s up, 3 s down": (REAL, {"up_s": 3.0, "down_s": 3.0}),
    "loaded, 80 kg": (REAL, {"load_kg": 80.0}),
}


def main() -> None:
    """Print a line for each suite."""
    print(f"{'exact sets of ' + str(SETS):<28}{'ours':>8}{'threshold':>12}")
    for name, (nuisances, fixed) in SUITES.items():
        results = [counted(FIRST_SEED + i, nuisances, fixed) for i in range(SETS)]
        ours = sum(truth == mine for truth, mine, _ in results)
        peer = sum(truth == theirs for truth, _, theirs in results)
        print(f"{name:<28}{100 * ours / SETS:>7.1f}%{100 * peer / SETS:>11.1f}%", flush=True)


def counted(seed: int, nuisances: Nuisances, fixed: dict[str, float]) -> tuple[int, int, int]:
    """Return the true reps of one set, those that we count and those a threshold counts."""
    rng = np.random.default_rng(seed)
    load_kg = fixed.get("load_kg", float(rng.choice([0, 0, 0, 20, 40, 60])))
    body = Body(mass_kg=float(rng.uniform(50, 110)), load_kg=load_kg)
    plan = Script((Wait(3.0), StepOn(), Wait(3.0), *reps(rng, fixed), Wait(2.0), StepOff(), Wait(3.0)))
    adc = MockAdc(Athlete(plan, body, seed=seed), nuisances, seed=seed)
    end_ns = int((plan.end_s + 2) * 1e9)
    records = adc.poll(end_ns)
    calibration = adc.info.calibration
    assert calibration is not None
    result = pipeline.run(Params(calibration, filter_delay_s=adc.info.filter_delay_s), [records])
    complete = sum(rep.complete for rep in result.reps)
    return len(adc.truth(end_ns)), complete, crossings(result.frames.total_n)


def reps(rng: np.random.Generator, fixed: dict[str, float]) -> list[Rep]:
    """Return 6 to 12 reps, each a little different."""
    up_s = fixed.get("up_s", rng.uniform(0.8, 1.6))
    down_s = fixed.get("down_s", rng.uniform(1.0, 3.0))
    return [
        Rep(
            push_s=rng.uniform(0.2, 0.6),
            up_s=up_s * rng.normal(1, 0.05),
            hold_s=rng.uniform(0.5, 2.0),
            down_s=down_s * rng.normal(1, 0.05),
            unload_s=rng.uniform(0.25, 0.5),
            rest_s=rng.uniform(0.4, 2.0),
            heel_share=rng.uniform(0.45, 0.75),
        )
        for _ in range(int(rng.integers(6, 13)))
    ]


def crossings(total_n: F64) -> int:
    """Return how often the force falls through a fixed threshold."""
    above = total_n[~np.isnan(total_n)] > THRESHOLD_N
    return int(np.count_nonzero(above[:-1] & ~above[1:]))


if __name__ == "__main__":
    main()
