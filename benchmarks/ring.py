"""How far the live hold is off when the hips land, and how often the ring stops while they are up.

    python benchmarks/ring.py [--sets 4] [--first 720]

Sets of all worlds but the held-out one. The live hold is what the page shows: from the beginning of
the phase `hold` to that of `down`, or to now where no way down has shown.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from reps import CALIBRATION, OPENED, T0_NS, as_records
from worlds.recorded import TrueRep

from station.signal import pipeline
from station.signal.model import Params

SUITES = ("dead_stop_real", "dead_stop_harsh", "loaded", "explosive", "slow", "touch", "hover", "mixed")
BLOCK = 16  # conversions that come at a time
BEHIND_LIFT_OFF_S, BEFORE_TOUCHDOWN_S = 0.2, 0.1  # what is looked at of a rep
EARLY_S = 0.1  # before the true lockout's end by more than this: the ring stopped while hips were up


@dataclass(frozen=True)
class Held:
    """What was seen of a rep: error_s, None where no hold was shown."""

    error_s: float | None
    stopped: bool


def main() -> None:
    """Print one line a suite."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sets", type=int, default=4, help="of each world and suite")
    words.add_argument("--first", type=int, default=720, help="seed of the first one")
    asked = words.parse_args()
    jobs = [(w, k) for w in OPENED for k in range(asked.first, asked.first + asked.sets)]
    print("suite             reps   error of the live hold, s: mean, median   no hold   stopped in mid-hold")
    with ProcessPoolExecutor() as pool:
        for suite in SUITES:
            reps = [one for some in pool.map(partial(holds, suite), jobs) for one in some]
            off_s = np.abs([one.error_s for one in reps if one.error_s is not None])
            print(
                f"{suite:18}{len(reps):4d}{off_s.mean():28.2f}, {np.median(off_s):.2f}"
                f"{np.mean([one.error_s is None for one in reps]):18.1%}"
                f"{np.mean([one.stopped for one in reps]):14.1%}",
                flush=True,
            )


def holds(suite: str, job: tuple[str, int]) -> list[Held]:
    """Return what the ring would have shown of each rep of a set."""
    world, seed = job
    recorded = import_module(f"worlds.{world}").make(suite, seed)
    if recorded is None:
        return []
    params = Params(CALIBRATION, filter_delay_s=recorded.adc_delay_s)
    log, state = as_records(recorded), pipeline.initial(params)
    shown = []
    for part in np.array_split(log, len(log) // BLOCK):
        state, _, _ = pipeline.step(params, state, [part])
        live = pipeline.live(params, state)
        if live.phase_since_ns is not None:
            at_s, since_s = ((t_ns - T0_NS) * 1e-9 for t_ns in (int(part["t_ns"][-1]), live.phase_since_ns))
            shown.append((at_s, live.phase, since_s))
    return [held(rep, shown) for rep in recorded.reps]


def held(rep: TrueRep, shown: list[tuple[float, str, float]]) -> Held:
    """Compare what was shown, as (when, phase, since when), with a true rep."""
    first, last = rep.lift_off_s + BEHIND_LIFT_OFF_S, rep.touchdown_s - BEFORE_TOUCHDOWN_S
    of_rep = [one for one in shown if first < one[0] <= last]
    tops = [one for one in of_rep if one[1] == "hold"]
    if not tops:
        return Held(None, stopped=False)
    downs = [one for one in of_rep if one[1] == "down"]
    behind = [since_s for at_s, _, since_s in downs if at_s > tops[-1][0]]
    ended_s = behind[0] if behind else of_rep[-1][0]
    stopped = any(rep.lockout_start_s < at_s < rep.lockout_end_s - EARLY_S for at_s, _, _ in downs)
    return Held((ended_s - tops[-1][2]) - (rep.lockout_end_s - rep.lockout_start_s), stopped)


if __name__ == "__main__":
    main()
