"""How many whole sets are counted exactly, and how well each boundary is found, beside peers.

    python benchmarks/reps.py [world …] [--sets N] [--suites a,b] [--no-peers] [--again]

Worlds are generators written apart from each other and from the core (`worlds/`): `athlete`, `gym`,
`mill`, `loft`, `barn`, `yard`, `shed`, `hall`, `deck`, `dock`, `quay` and `pier` were looked at while the
core was built, `unseen` was only scored. All are simulations; no person's data are here. Peers run on the
same frames in the same run: a fixed threshold, and scipy, detecta and neurokit2 (`pip install scipy
detecta neurokit2`).
`--again` shows every recording twice and scores the second time: what it costs to know nothing of a
person yet, as one does live.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

from peers import PEERS
from worlds.recorded import SUITES, VARIANTS, Recorded

from station.conversions import RECORD, Calibration, Records
from station.signal import pipeline
from station.signal.gaps import bridged
from station.signal.model import (
    BOUNDARIES,
    Event,
    Params,
    Rep,
    RepClosed,
    RepCounted,
    RepWithdrawn,
    Result,
)

N_PER_COUNT = 1e-3
CALIBRATION = Calibration("world", "simulated", (0.0,) * 4, (N_PER_COUNT,) * 4)
T0_NS = 1_000_000_000
OPENED = ("athlete", "gym", "mill", "loft", "barn", "yard", "shed", "hall", "deck", "dock", "quay", "pier")
WORLDS = (*OPENED, "unseen")
NEAR_S = 0.8  # a rep's touchdown may lie so far from its true one
SPANS = ("up_s", "hold_s", "down_s")


@dataclass(frozen=True)
class Outcome:
    """One set: counts, and errors of its reps where the count was exact.

    errors_s : name → errors, s; inside : boundary → whether the truth lies in the stated interval
    """

    true: int
    closed: int
    announced: int
    withdrawn: int
    peers: dict[str, int]
    errors_s: dict[str, list[float]]
    inside: dict[str, list[bool]]
    widths_s: dict[str, list[float]]
    shares: list[float]
    latency_s: list[float]
    close_s: list[float]
    misplaced: int


def main() -> None:
    """Print a table of counts, and one of boundaries, for each world."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("worlds", nargs="*", default=list(WORLDS))
    words.add_argument("--sets", type=int, default=40)
    words.add_argument("--first", type=int, default=0)
    words.add_argument("--suites", default=",".join((*SUITES, *VARIANTS)))
    words.add_argument("--no-peers", action="store_true")
    words.add_argument("--again", action="store_true")
    asked = words.parse_args()
    peers = [] if asked.no_peers else list(PEERS)
    with ProcessPoolExecutor() as pool:
        for world in asked.worlds:
            print(f"\n## {world}: exact counts of {asked.sets} sets (%)")
            print(f"{'suite':<18}{'ours':>7}" + "".join(f"{name:>11}" for name in peers) + "   reps +/−")
            tables = []
            for suite in asked.suites.split(","):
                job = partial(outcome, world, suite, peers, asked.again)
                seeds = range(asked.first, asked.first + asked.sets)
                outcomes = [o for o in pool.map(job, seeds, chunksize=4) if o is not None]
                if outcomes:
                    print(counts(suite, outcomes, peers), flush=True)
                    tables.append((suite, outcomes))
            print(f"\n### {world}: mean error (bias) in ms; truth inside the 90 % interval")
            for suite, outcomes in tables:
                if any(o.errors_s["lift_off"] for o in outcomes):
                    print(boundaries(suite, outcomes))


def outcome(world: str, suite: str, peers: list[str], again: bool, seed: int) -> Outcome | None:
    """Run one set; None where the world has no such suite."""
    recorded = importlib.import_module(f"worlds.{world}").make(suite, seed)
    if recorded is None:
        return None
    params = Params(CALIBRATION, filter_delay_s=recorded.adc_delay_s)
    result = _second(params, as_records(recorded)) if again else pipeline.run(params, [as_records(recorded)])
    reps = [rep for rep in result.reps if rep.complete]
    total_n = bridged(result.frames.total_n)
    known = total_n[~np.isnan(total_n)]
    counted = [e for e in result.events if isinstance(e, RepCounted)]
    closed = [e for e in result.events if isinstance(e, RepClosed) and e.rep.complete]
    found = Outcome(
        true=len(recorded.reps),
        closed=len(reps),
        announced=len(counted),
        withdrawn=sum(isinstance(e, RepWithdrawn) for e in result.events),
        peers={name: PEERS[name](known) for name in peers},
        errors_s={name: [] for name in (*BOUNDARIES, *SPANS)},
        inside={name: [] for name in BOUNDARIES},
        widths_s={name: [] for name in BOUNDARIES},
        shares=[],
        latency_s=[],
        close_s=[
            (e.decided_ns - e.rep.touchdown_ns) * 1e-9 for e in closed if e.rep.touchdown_ns is not None
        ],
        misplaced=0,
    )
    if len(reps) != len(recorded.reps):
        return found
    misplaced = sum(
        abs(_at_s(rep, "touchdown") - true.touchdown_s) > NEAR_S
        for rep, true in zip(reps, recorded.reps, strict=True)
    )
    for rep, true in zip(reps, recorded.reps, strict=True):
        _compare(rep, true, found)
    if len(counted) == len(reps):
        found.latency_s.extend(
            (e.decided_ns - T0_NS) * 1e-9 + recorded.adc_delay_s - true.touchdown_s
            for e, true in zip(counted, recorded.reps, strict=True)
        )
    return Outcome(**{**found.__dict__, "misplaced": misplaced})


def _second(params: Params, log: Records) -> Result:
    """Fold a recording behind itself; return what comes of the second time, on its own clock."""
    shift_ns = round(float(log["t_ns"][-1] - log["t_ns"][0]) / 1e7 + 5) * 10_000_000
    later = log.copy()
    later["t_ns"] += shift_ns
    state, _, _ = pipeline.step(params, pipeline.initial(params), [log])
    state, frames, events = pipeline.step(params, state, [later])
    _, _, more = pipeline.finish(params, state)
    events = [_earlier(e, shift_ns) for e in (*events, *more) if e.decided_ns > shift_ns + T0_NS]
    return Result(replace(frames, t_ns=frames.t_ns - shift_ns), events)


def _earlier(event: Event, shift_ns: int) -> Event:
    decided_ns = event.decided_ns - shift_ns
    if isinstance(event, RepClosed):
        names = [f"{name}_ns" for name in BOUNDARIES]
        at = {n: getattr(event.rep, n) for n in names}
        moved = {n: None if t is None else t - shift_ns for n, t in at.items()}
        return replace(event, rep=replace(event.rep, **moved), decided_ns=decided_ns)
    return replace(event, decided_ns=decided_ns)


def _at_s(rep: Rep, name: str) -> float:
    at_ns = getattr(rep, f"{name}_ns")
    return float("nan") if at_ns is None else (at_ns - T0_NS) * 1e-9


def _compare(rep: Rep, true: object, found: Outcome) -> None:
    for name in BOUNDARIES:
        truth, at_s = getattr(true, f"{name}_s"), _at_s(rep, name)
        if truth is None or np.isnan(at_s):
            continue
        found.errors_s[name].append(at_s - truth)
        half = rep.uncertainty_s[name]
        if half is not None:
            found.inside[name].append(abs(at_s - truth) <= half)
            found.widths_s[name].append(half)
    lengths = {"up_s": ("lift_off", "lockout_start"), "hold_s": ("lockout_start", "lockout_end")}
    lengths["down_s"] = ("lockout_end", "touchdown")
    for name, (a, b) in lengths.items():
        length = getattr(rep, name)
        if length is not None:
            found.errors_s[name].append(length - (getattr(true, f"{b}_s") - getattr(true, f"{a}_s")))
    if rep.measures.heel_share is not None:
        found.shares.append(100 * (rep.measures.heel_share - getattr(true, "heel_share")))  # noqa: B009


def counts(suite: str, outcomes: list[Outcome], peers: list[str]) -> str:
    """Return a line of the table of counts."""
    n = len(outcomes)

    def exact(values: list[bool]) -> str:
        return f"{100 * sum(values) / n:.1f}"

    more = sum(max(o.closed - o.true, 0) for o in outcomes)
    fewer = sum(max(o.true - o.closed, 0) for o in outcomes)
    line = f"{suite:<18}{exact([o.closed == o.true for o in outcomes]):>7}"
    line += "".join(f"{exact([o.peers[name] == o.true for o in outcomes]):>11}" for name in peers)
    line += f"   +{more} −{fewer} of {sum(o.true for o in outcomes)}"
    line += (
        f", {sum(o.withdrawn for o in outcomes)} withdrawn, {sum(o.misplaced for o in outcomes)} misplaced"
    )
    latency = [s for o in outcomes for s in o.latency_s]
    if latency:
        p50, p95 = np.percentile(latency, [50, 95])
        line += f"; counted after {p50:.2f} s, p95 {p95:.2f}"
        close_s = np.array([s for o in outcomes for s in o.close_s])
        line += f"; closed within 3 s {100 * np.mean(close_s <= 3.0):.1f} %, all within {close_s.max():.0f} s"
    return line


def boundaries(suite: str, outcomes: list[Outcome]) -> str:
    """Return a line of the table of boundaries."""
    parts = [f"{suite:<18}"]
    for name in (*BOUNDARIES, "hold_s", "down_s"):
        errors = np.array([e for o in outcomes for e in o.errors_s[name]])
        if len(errors) == 0:
            parts.append(f"{name} –")
            continue
        text = f"{name} {1e3 * np.mean(np.abs(errors)):.0f} ({1e3 * np.mean(errors):+.0f})"
        inside = [i for o in outcomes for i in o.inside.get(name, [])]
        parts.append(text + (f" {100 * np.mean(inside):.0f} %" if inside else ""))
    shares = [s for o in outcomes for s in o.shares]
    parts.append(f"heel {np.mean(np.abs(shares)):.2f} points")
    return "; ".join(parts)


def as_records(recorded: Recorded) -> Records:
    """Return a world's conversions as the core takes them."""
    records = np.zeros(len(recorded.t_s), RECORD)
    records["t_ns"] = T0_NS + np.round(recorded.t_s * 1e6).astype(np.int64) * 1000
    records["cell"] = recorded.cell
    records["count"] = np.clip(np.round(recorded.force_n / N_PER_COUNT), -8_388_607, 8_388_606)
    records["seq"] = np.arange(len(records))
    return records


if __name__ == "__main__":
    main()
