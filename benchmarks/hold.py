"""How soon the hold is shown behind the true lockout, against how often it is shown too early.

    python benchmarks/hold.py [--people N] [--first SEED]

Ascents of 0.8 to 1.5 s by people of the tests' own generator, from their second rep on; in every second
person two ascents halt for 0.3 to 0.5 s at a sticking point. The longer a stop has to last before it is
taken for the lockout, the fewer false starts, and the later the ring: this prints the curve.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "station" / "signal")]

import forces

from station.signal import ascending, pipeline
from station.signal.model import Params

# Ticks of 40 ms that a stop has to last: where a lockout is due, and long before it.
SETTINGS = ((1, 8), (2, 13), (3, 13), (3, 16), (5, 20), (8, 25))
TICK_S = 0.04
EARLY_S = 0.15  # before the true lockout by more than this: a false start
STUCK = (3, 5)
BLOCK = 8  # conversions that come at a time, as the station's do: 25 ms


def main() -> None:
    """Print one line a setting."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--people", type=int, default=30)
    words.add_argument("--first", type=int, default=900, help="seed of the first one")
    asked = words.parse_args()
    people = range(asked.first, asked.first + asked.people)
    print("a stop lasts (s)   late: median, p95 (s)   false starts: plain reps   at sticking points")
    with ProcessPoolExecutor() as pool:
        for settings in SETTINGS:
            found = [one for some in pool.map(partial(starts, settings), people) for one in some]
            plain = np.array([late for late, stuck in found if not stuck])
            stuck = np.array([late for late, stuck in found if stuck])
            shown = np.concatenate([plain, stuck])
            shown = shown[shown >= -EARLY_S]
            print(
                f"{settings[0] * TICK_S:7.2f}, {settings[1] * TICK_S:.2f}"
                f"{np.median(shown):15.2f}, {np.percentile(shown, 95):.2f}"
                f"{np.sum(plain < -EARLY_S):18d} of {len(plain)}"
                f"{np.sum(stuck < -EARLY_S):18d} of {len(stuck)}",
                flush=True,
            )


def starts(settings: tuple[int, int], seed: int) -> list[tuple[float, bool]]:
    """Return for each rep how late its hold was shown, s, and whether its ascent had halted."""
    ascending.CONFIRMED_TICKS, ascending.EARLY_TICKS = settings
    rng = np.random.default_rng(seed)
    force = forces.Force(forces.some_person(rng))
    moves = forces.some_moves(rng, 8, up=(0.8, 1.5))
    halts = STUCK if seed % 2 else ()
    moves = [replace(m, sticking_s=rng.uniform(0.3, 0.5)) if k in halts else m for k, m in enumerate(moves)]
    force.rest(2.0)
    force.set(moves)
    force.rest(2.0)
    log = forces.record(force, forces.REAL, seed)
    params = Params(forces.CALIBRATION)
    state, phases = pipeline.initial(params), []
    for part in np.array_split(log, len(log) // BLOCK):
        state, _, _ = pipeline.step(params, state, [part])
        phases.append(((part["t_ns"][-1] - forces.T0_NS) * 1e-9, pipeline.live(params, state).phase))
    found = []
    for k, rep in list(enumerate(force.reps))[1:]:
        hold = [t for t, phase in phases if rep.lift_off + 0.2 < t < rep.touchdown and phase == "hold"]
        found.append((hold[0] - rep.lockout_start if hold else 1.0, k in halts))
    return found


if __name__ == "__main__":
    main()
