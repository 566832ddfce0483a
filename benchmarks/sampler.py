"""Ours beside the PyPI packages `hx711` and `hx711-multi`, on the same simulated chips in one run.

    python benchmarks/sampler.py            # real time, all drivers, some minutes
    python benchmarks/sampler.py --proof    # ours alone on a virtual clock, 200 000 frames

Each conversion has a count of its own, so a claimed value is looked up among what the chip
converted: wrong if it never did, misplaced if the claim is more than 1.5 conversions away from
it, repeated if claimed before. Nothing here ran on a Raspberry Pi: the pins are simulated.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import logging
import multiprocessing
import random
import sys
import threading
import time
import types
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hardware.bank import open_bank
from hardware.pins import Board, Chip, Trouble, VirtualClock
from station.conversions import Kind, Status

US, MS, S = 1_000, 1_000_000, 1_000_000_000
OWN = {"heel_left": (5, 6), "heel_right": (13, 19), "toe_left": (20, 21), "toe_right": (23, 24)}
SHARED = {word: (dout, 6) for word, (dout, _) in OWN.items()}
RATES_80 = (78.8, 83.1, 88.4, 93.7)
RATES_10 = (9.8, 10.4, 11.0, 11.7)
RATES_320 = (315.0, 332.0, 353.0, 374.0)
WARM_UP_S = 4.0  # the packages need that long to be constructed
Claim = tuple[int, int, int]  # t_ns, cell, count


@dataclass(frozen=True)
class Scenario:
    """What the chips and the host go through."""

    name: str
    pins: dict[str, tuple[int, int]] = field(default_factory=lambda: OWN)
    rates_hz: Sequence[float] = RATES_80
    nominal_hz: float = 80.0
    call_ns: int = 1 * US
    high_stall: tuple[int, int] = (0, 0)  # one in so many rising edges is followed by such a stall, ns
    low_stall: tuple[int, int] = (0, 0)
    pause: tuple[int, int] = (0, 0)  # every so many ns the host pauses for so long
    trouble: Trouble | None = None
    busy: int = 0  # other Python processes


SCENARIOS = (
    Scenario("own SCK, 1 µs a call"),
    Scenario("own SCK, 20 µs a call", call_ns=20 * US),
    Scenario("10 SPS", rates_hz=RATES_10, nominal_hz=10.0),
    Scenario("320 SPS", rates_hz=RATES_320, nominal_hz=320.0),
    Scenario("100 µs stalls, SCK high", high_stall=(4000, 100 * US)),
    Scenario("13 ms pauses", pause=(250 * MS, 13 * MS)),
    Scenario("30 ms pauses", pause=(250 * MS, 30 * MS)),
    Scenario("shared SCK, synchronous", pins=SHARED, rates_hz=(80.0,) * 4),
    Scenario("shared SCK, free-running", pins=SHARED),
    Scenario("one unplugged", trouble="unplugged"),
    Scenario("one stuck low", trouble="stuck_low"),
    Scenario("one floating", trouble="floating"),
    Scenario("both cores busy", busy=2),
)
PROOF = (
    *SCENARIOS[:-1],
    Scenario("own SCK, 0 µs a call", call_ns=0),
    Scenario("own SCK, 40 µs a call", call_ns=40 * US),
    Scenario("45 µs stalls, SCK high", high_stall=(50, 45 * US)),
    Scenario("70 µs stalls, SCK high", high_stall=(400, 70 * US)),
    Scenario("2 ms stalls, SCK high", high_stall=(2000, 2 * MS)),
    Scenario("300 µs stalls, SCK low", low_stall=(200, 300 * US)),
    Scenario("2 ms stalls, SCK low", low_stall=(1000, 2 * MS)),
    Scenario("60 ms pauses", pause=(300 * MS, 60 * MS)),
    Scenario("shared SCK, 100 µs stalls", pins=SHARED, high_stall=(4000, 100 * US)),
    Scenario("shared SCK, 30 ms pauses", pins=SHARED, pause=(250 * MS, 30 * MS)),
    Scenario("shared SCK, one unplugged", pins=SHARED, trouble="unplugged"),
    Scenario("shared SCK, one floating", pins=SHARED, trouble="floating"),
    Scenario("320 SPS, 13 ms pauses", rates_hz=RATES_320, nominal_hz=320.0, pause=(250 * MS, 13 * MS)),
    Scenario(
        "stalls and one unplugged", high_stall=(4000, 100 * US), low_stall=(1000, MS), trouble="unplugged"
    ),
)


class Stage(Board):
    """Chips whose conversions all differ, and a host as the scenario wants it.

    Parameters
    ----------
    scene : the scenario
    seconds : how long the chips are looked at, after the warm-up
    clock : a virtual clock, or None for real time

    """

    def __init__(self, scene: Scenario, seconds: float, clock: VirtualClock | None, seed: int) -> None:
        self.scene, self.chance, self.virtual = scene, random.Random(seed), clock
        now_ns = clock() if clock else time.monotonic_ns()
        self.measured_ns = now_ns + int((WARM_UP_S if clock is None else 0.5) * S)
        self.end_ns = self.measured_ns + int(seconds * S)
        self.inside_ns = self.returned_ns = 0
        self.told: dict[str, dict[str, Any]] = {}  # our bank's own statistics
        self.chips = []
        for cell, hz in enumerate(scene.rates_hz):
            chip = Chip(
                self._distinct(cell), hz, now_ns - int((6.0 + self.chance.random()) * S / hz), remember=True
            )
            self.chips.append(chip)
        if scene.trouble is not None:
            middle_ns = (self.measured_ns + self.end_ns) // 2 + self.chance.randrange(20 * MS)
            self.returned_ns = middle_ns + int(seconds / 6 * S)
            self.chips[2].trouble(middle_ns - int(seconds / 6 * S), self.returned_ns, scene.trouble)
        self._pause_ns = now_ns + scene.pause[0]
        super().__init__(
            dict(zip(scene.pins.values(), self.chips, strict=True)), clock or time.monotonic_ns, self._cost
        )

    @staticmethod
    def _distinct(cell: int) -> Callable[[int], int]:
        """Return counts that follow each other like noise of 60 counts, so that no filter drops them."""
        used = iter(range(10**9))
        return lambda _: 20_000 * (cell + 1) + next(used) * 7919 % 16_384

    def _cost(self) -> None:
        self._hold(self.scene.call_ns)
        if self.scene.pause[0] and self.clock_ns() > self._pause_ns:
            self._pause_ns = self.clock_ns() + self.scene.pause[0] + self.chance.randrange(10 * MS)
            self._hold(self.scene.pause[1])

    def _hold(self, length_ns: int) -> None:
        if self.virtual is not None:
            self.virtual.pass_ns(length_ns)
        elif length_ns > 5 * MS:
            time.sleep(length_ns / 1e9)
        elif length_ns > 1 * US:  # the simulation itself costs about a microsecond
            until_ns = time.monotonic_ns() + length_ns
            while time.monotonic_ns() < until_ns:
                pass

    def output(self, channel: int | Sequence[int], value: int) -> None:
        """Drive pins, and be held up after it now and then."""
        started_ns = time.perf_counter_ns()
        super().output(channel, value)
        one_in, length_ns = self.scene.high_stall if value else self.scene.low_stall
        if one_in and self.chance.randrange(one_in) == 0:
            self._hold(length_ns)
        self.inside_ns += time.perf_counter_ns() - started_ns

    def input(self, channel: int) -> int:
        """Read a pin."""
        started_ns = time.perf_counter_ns()
        level = super().input(channel)
        self.inside_ns += time.perf_counter_ns() - started_ns
        return level


@dataclass
class Verdict:
    """What the claims of one run are worth."""

    claimed: int = 0
    wrong: int = 0
    misplaced: int = 0
    repeated: int = 0
    kept: float = 0.0  # of the conversions of the worst healthy chip
    errors_ms: list[float] = field(default_factory=list)
    cpu: float | None = None
    back_ms: float | None = None
    losses: str = ""

    def line(self) -> str:
        """Return the verdict for people."""
        errors = np.array(self.errors_ms or [np.nan])
        text = (
            f"{self.wrong:4d} wrong {self.misplaced:4d} misplaced {self.repeated:4d} repeated of"
            f" {self.claimed:6d}"
            f"  kept {100 * self.kept:5.1f} %  time {errors.mean():+7.3f} ± {errors.std():.3f} ms"
        )
        text += "" if self.cpu is None else f"  cpu {100 * self.cpu:4.1f} %"
        text += "" if self.back_ms is None else f"  back after {self.back_ms:.0f} ms"
        return text + self.losses


def judge(stage: Stage, claims: list[Claim]) -> Verdict:
    """Look every claim up among what its chip converted."""
    verdict = Verdict()
    kept = []
    for cell, chip in enumerate(stage.chips):
        at: dict[int, list[int]] = defaultdict(list)
        for conversion in chip.converted:
            if conversion.settled:
                at[conversion.count].append(conversion.t_ns)
        mine = [(t, count) for t, c, count in claims if c == cell and stage.measured_ns <= t < stage.end_ns]
        used: set[int] = set()
        for t_ns, count in mine:
            true_ns = min(at.get(count, [0]), key=lambda t: abs(t - t_ns))
            if true_ns == 0:
                verdict.wrong += 1
                continue
            verdict.misplaced += abs(true_ns - t_ns) > 1.5e9 / chip.rate_hz
            verdict.repeated += true_ns in used
            used.add(true_ns)
            verdict.errors_ms.append((t_ns - true_ns) / MS)
        verdict.claimed += len(mine)
        chances = sum(stage.measured_ns <= c.t_ns < stage.end_ns for c in chip.converted)
        if stage.scene.trouble is None or cell != 2:
            kept.append(len(mine) / max(1, chances))
        else:
            verdict.back_ms = _back_ms(stage, mine)
    verdict.kept = min(kept)
    return verdict


def _back_ms(stage: Stage, mine: list[tuple[int, int]]) -> float | None:
    """Return how long after its return the sick chip was first claimed again."""
    after = [t_ns for t_ns, _ in mine if t_ns > stage.returned_ns]
    return (min(after) - stage.returned_ns) / MS if after else None


# --- the drivers ---


def ours(stage: Stage) -> list[Claim]:
    """Run our bank to the end of the stage."""
    bank = open_bank("gpio", stage.scene.pins, stage.scene.nominal_hz, board=stage)
    chance = random.Random(5)
    parts = []
    gc.collect()
    gc.freeze()
    while stage.clock_ns() < stage.end_ns:
        parts.append(bank.poll(stage.clock_ns()))
        wake_ns = bank.next_poll_ns(stage.clock_ns())
        if stage.virtual is not None:
            stage.virtual.wait_until(min(wake_ns, stage.clock_ns() + 20 * MS))
            stage.virtual.pass_ns(1 + int(chance.expovariate(1 / 60_000)))
        else:
            time.sleep(min(0.02, max(0, wake_ns - time.monotonic_ns()) / 1e9))
    gc.unfreeze()
    stage.told = bank.statistics()
    records = np.concatenate(parts)
    ok = records[(records["kind"] == Kind.CONVERSION) & (records["status"] == Status.OK)]
    return [tuple(row) for row in ok[["t_ns", "cell", "count"]].tolist()]


def hx711_threads(stage: Stage) -> list[Claim]:
    """Run the package `hx711`, a thread per chip."""
    package = _peer("hx711", stage)

    def read(cell: int, claims: list[Claim], dout: int, sck: int) -> None:
        chip = package.HX711(dout_pin=dout, pd_sck_pin=sck, gain=128)
        frame = chip._read

        def stamped() -> Any:
            """Tell when the package had the value, which it keeps to itself until it has several."""
            value = frame()
            if value not in [False, -1]:
                claims.append((time.monotonic_ns(), cell, value))
            return value

        chip._read = stamped
        while True:
            chip.get_raw_data(times=100)

    return _in_threads(stage, [(read, cell, *pins) for cell, pins in enumerate(stage.scene.pins.values())])


def hx711_multi(stage: Stage) -> list[Claim]:
    """Run the package `hx711-multi`, an object per clock line, each in a thread."""
    package = _peer("hx711_multi", stage)
    stage.setmode(stage.BCM)
    by_sck: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for cell, (dout, sck) in enumerate(stage.scene.pins.values()):
        by_sck[sck].append((cell, dout))

    def read(_: int, claims: list[Claim], sck: int) -> None:
        members = by_sck[sck]
        chips = package.HX711(dout_pins=[dout for _, dout in members], sck_pin=sck, log_level="CRITICAL")
        while True:
            for adc in chips._adcs:
                adc._init_set_of_reads()
            chips._read()
            for (cell, _), adc in zip(members, chips._adcs, strict=True):
                claims.extend((time.monotonic_ns(), cell, v) for v in adc.reads if v is not None)

    return _in_threads(stage, [(read, 0, sck) for sck in by_sck])


def _peer(name: str, stage: Stage) -> Any:
    for module in [m for m in sys.modules if m.split(".")[0] == name]:
        del sys.modules[module]
    sys.modules["RPi"] = types.ModuleType("RPi")
    sys.modules["RPi.GPIO"] = sys.modules["RPi"].GPIO = stage  # type: ignore[assignment, attr-defined]
    return importlib.import_module(name)


class _OverError(Exception):
    """The stage is over: thrown into whatever still reads its pins."""


def _in_threads(stage: Stage, jobs: list[tuple[Any, ...]]) -> list[Claim]:
    """Run each job until the stage ends; the pins throw then, since a package may never return."""
    claims: list[list[Claim]] = [[] for _ in jobs]
    cost = stage._spend

    def spend() -> None:
        if time.monotonic_ns() > stage.end_ns:
            raise _OverError
        cost()

    stage._spend = spend

    def guarded(job: tuple[Any, ...], mine: list[Claim]) -> None:
        function, cell, *pins = job
        with contextlib.suppress(_OverError):
            function(cell, mine, *pins)

    threads = [
        threading.Thread(target=guarded, args=(job, mine)) for job, mine in zip(jobs, claims, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [claim for mine in claims for claim in mine]


# --- the runs ---


def spin(seconds: float) -> None:
    """Keep a core busy."""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        sum(range(1000))


def compare(seconds: float, names: str) -> None:
    """Print every driver in every scenario, in real time."""
    logging.disable(logging.CRITICAL)
    for scene in SCENARIOS:
        if names not in scene.name:
            continue
        print(f"\n{scene.name}", flush=True)
        for driver in (ours, hx711_threads, hx711_multi):
            others = [
                multiprocessing.Process(target=spin, args=(WARM_UP_S + seconds,)) for _ in range(scene.busy)
            ]
            for other in others:
                other.start()
            stage = Stage(scene, seconds, None, 1)
            cpu_s, wall_s = time.process_time(), time.monotonic()
            claims = driver(stage)
            verdict = judge(stage, claims)
            if driver is ours:
                verdict.losses = _losses(stage)
            if driver is ours and not scene.pause[0] and not scene.busy:
                verdict.cpu = (time.process_time() - cpu_s - stage.inside_ns / 1e9) / (
                    time.monotonic() - wall_s
                )
            print(f"  {driver.__name__:14s}{verdict.line()}", flush=True)
            for other in others:
                other.join()


def _losses(stage: Stage) -> str:
    """Return what our own bank says became of the rest, all cells together."""
    total: dict[str, int] = defaultdict(int)
    for cell in stage.told.values():
        for name, n in (*cell["rejected_as"].items(), *cell["missed_for"].items()):
            total[name] += n
    return "  lost: " + ", ".join(f"{n} {name}" for name, n in total.items() if n)


def prove(frames: int) -> int:
    """Run ours through everything on a virtual clock until so many frames are claimed; count false ones."""
    claimed = false = seed = 0
    while claimed < frames:
        seed += 1
        for scene in PROOF:
            stage = Stage(scene, 30.0 if scene.nominal_hz == 10.0 else 6.0, VirtualClock(1000 * S), seed)
            verdict = judge(stage, ours(stage))
            claimed += verdict.claimed
            false += verdict.wrong + verdict.misplaced + verdict.repeated
            if seed == 1 or verdict.wrong + verdict.misplaced + verdict.repeated:
                print(f"{scene.name:38s}{verdict.line()}{_losses(stage)}", flush=True)
    print(f"{false} false of {claimed} claimed frames, {seed} rounds of {len(PROOF)} scenarios")
    return false


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--proof", action="store_true", help="ours alone, on a virtual clock")
    parser.add_argument("--frames", type=int, default=200_000, help="for --proof")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each run in real time")
    parser.add_argument("--only", default="", help="scenarios whose name has this in it")
    options = parser.parse_args()
    if options.proof:
        sys.exit(int(prove(options.frames) > 0))
    compare(options.seconds, options.only)
