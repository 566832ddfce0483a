"""What the signal core costs: offline speed, the live step, the size of its state.

    python benchmarks/core.py

Uses the force generator of tests/station/signal. Numbers are of this machine, at this moment.
"""

from __future__ import annotations

import pickle
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "station" / "signal")]

import forces

from station.signal import pipeline
from station.signal.model import Params

PARAMS = Params(forces.CALIBRATION, nominal_rate_hz=90.0)
BLOCK = 8


def main() -> None:
    """Print three lines."""
    force = forces.Force(forces.Person())
    for _ in range(8):
        force.rest(20.0)
        force.set([forces.Move()] * 10)
    log = forces.record(force, forces.REAL, 1, 90.0)

    start = time.perf_counter()
    result = pipeline.run(PARAMS, [log])
    took_s = time.perf_counter() - start
    rate = len(log) / force.now
    print(
        f"offline: {force.now / took_s:.0f} × real time ({rate:.0f} conversions/s, {len(result.reps)} reps)"
    )

    state, steps_ms = pipeline.initial(PARAMS), []
    for k in range(0, len(log), BLOCK):
        start = time.perf_counter()
        state, _, _ = pipeline.step(PARAMS, state, [log[k : k + BLOCK]])
        steps_ms.append(1e3 * (time.perf_counter() - start))
    p50, p99 = np.percentile(steps_ms, [50, 99])
    worst = max(steps_ms)
    print(f"live: {BLOCK} conversions: median {p50:.2f} ms, p99 {p99:.2f} ms, worst {worst:.1f} ms")
    print(f"state: {len(pickle.dumps(state)) / 1e3:.0f} kB pickled")


if __name__ == "__main__":
    main()
