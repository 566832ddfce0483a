"""What the signal core costs: offline speed, the live step, the size of its state.

    python benchmarks/core.py [HOURS]    # and the same again after so many hours

Uses the force generator of tests/station/signal. Numbers are of this machine, at this moment.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "station" / "signal")]

import forces

from station.conversions import Records
from station.signal import pipeline
from station.signal.model import Params

PARAMS = Params(forces.CALIBRATION, nominal_rate_hz=90.0)
BLOCK = 8


def main() -> None:
    """Print what a fresh core costs, and one that has run for hours."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("hours", type=float, nargs="?", default=0.0)
    hours = words.parse_args().hours
    force = forces.Force(forces.Person())
    for _ in range(8):
        force.rest(20.0)
        force.set([forces.Move()] * 10)
    log = forces.record(force, forces.REAL, 1, 90.0)

    runs = []
    for _ in range(5):
        start = time.perf_counter()
        result = pipeline.run(PARAMS, [log])
        runs.append(force.now / (time.perf_counter() - start))
    rate = len(log) / force.now
    print(
        f"offline: {np.median(runs):.0f} × real time, {min(runs):.0f} to {max(runs):.0f} in five runs "
        f"({rate:.0f} conversions/s, {len(result.reps)} reps)"
    )
    state = live(pipeline.initial(PARAMS), log)
    length_ns = int(log["t_ns"][-1] - log["t_ns"][0]) + 10_000_000
    later = log.copy()
    rounds = int(hours * 3.6e12 / length_ns)
    for _ in range(rounds):
        later["t_ns"] += length_ns
        for part in np.array_split(later, 20):
            state, _, _ = pipeline.step(PARAMS, state, [part])
    if rounds:
        later["t_ns"] += length_ns
        print(f"after {rounds * length_ns / 3.6e12:.1f} h:")
        live(state, later)


def live(state: pipeline.State, log: Records) -> pipeline.State:
    """Fold a log as it comes in, and print what a step and the state cost."""
    steps_ms = []
    for k in range(0, len(log), BLOCK):
        start = time.perf_counter()
        state, _, _ = pipeline.step(PARAMS, state, [log[k : k + BLOCK]])
        steps_ms.append(1e3 * (time.perf_counter() - start))
    p50, p99 = np.percentile(steps_ms, [50, 99])
    print(f"live: {BLOCK} conversions: median {p50:.2f} ms, p99 {p99:.2f} ms, worst {max(steps_ms):.1f} ms")
    print(f"state: {len(pickle.dumps(state)) / 1e3:.0f} kB pickled")
    return state


if __name__ == "__main__":
    main()
