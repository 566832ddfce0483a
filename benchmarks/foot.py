"""What re-placing the foot by a centimetre does to the heel share, and to what would be said of it.

    python benchmarks/foot.py

The simulated athlete's pressure stays where it was under the foot; the plate's split moves. The
cue is the one of a heel share below 0.40, or below the own baseline less 0.15, two reps running.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from hardware.athlete import Athlete
from hardware.body import HEEL_TO_TOE_M, Body
from hardware.mock import MockAdc
from hardware.nuisances import REAL
from hardware.script import Rep, Script, StepOff, StepOn, Wait
from station.signal import pipeline
from station.signal.model import Params

ATHLETES, REPS = 40, 8
PLACES_M = (0.0, -0.01, 0.01)
LEAST_SHARE, BELOW_OWN = 0.40, 0.15


def main() -> None:
    """Print the change of the share, and how often the cue flips."""
    with ProcessPoolExecutor() as pool:
        shares = np.array(list(pool.map(one, range(ATHLETES))))  # (athletes, places, reps)
    change = 100 * (shares[:, 1:] - shares[:, :1])
    expected = 100 * 0.01 / HEEL_TO_TOE_M
    print(
        f"heel share, foot 1 cm back: {change[:, 0].mean():+.1f} points, forward: {change[:, 1].mean():+.1f}"
    )
    print(f"(by geometry ± {expected:.1f}; measured within {np.abs(np.abs(change) - expected).mean():.2f})")
    own = np.median(shares[:, 0], axis=1)[:, None, None]
    low = shares < np.maximum(LEAST_SHARE, own - BELOW_OWN)
    cue = low[:, :, 1:] & low[:, :, :-1]
    flips = cue[:, 1:] != cue[:, :1]
    print(f"cue of the heel: flips in {100 * flips.mean():.1f} % of {flips.size} reps")
    near = (own[:, 0, 0] - LEAST_SHARE) * 100 < expected + 3
    print(f"  of {near.sum()} athletes near 40 %: {100 * flips[near].mean():.1f} %", end="")
    print(f"; of the {(~near).sum()} others: {100 * flips[~near].mean():.1f} %")


def one(seed: int) -> list[list[float]]:
    """Return the heel shares of an athlete's reps at each place of the foot."""
    rng = np.random.default_rng((seed, 77))
    body = Body(mass_kg=float(rng.uniform(50, 110)))
    habit = rng.uniform(0.45, 0.75) + rng.normal(0, 0.025, REPS)
    up_s, hold_s, down_s = rng.uniform(0.9, 1.4), rng.uniform(0.8, 1.5), rng.uniform(1.2, 2.5)
    found = []
    for place_m in PLACES_M:
        # Further forward, more of the foot is in front of the split.
        shares = np.clip(habit - place_m / HEEL_TO_TOE_M, 0.05, 0.95)
        reps = [Rep(up_s=up_s, hold_s=hold_s, down_s=down_s, heel_share=float(s)) for s in shares]
        script = Script((Wait(1.0), StepOn(), Wait(3.0), *reps, Wait(2.0), StepOff(), Wait(2.0)))
        adc = MockAdc(Athlete(script, body, seed=seed), REAL, seed=seed)
        assert adc.info.calibration is not None
        params = Params(adc.info.calibration, filter_delay_s=adc.info.filter_delay_s)
        result = pipeline.run(params, [adc.poll(int((script.end_s + 1.0) * 1e9))])
        seen = [rep.measures.heel_share for rep in result.reps if rep.complete]
        found.append([np.nan if s is None else s for s in seen] if len(seen) == REPS else [np.nan] * REPS)
    return found


if __name__ == "__main__":
    main()
