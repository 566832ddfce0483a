"""How right a plate is after its calibration: random plates with every nuisance, beside per-cell factors.

    python benchmarks/calibration.py [--plates 200]

The plates are made here, from levers, springs and time constants: nothing of the solver is in them but
the list of spots. Each procedure goes through the station's own readings, gates and solver.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from hardware.mock import MockAdc
from station.calibration.fit import fit
from station.calibration.reading import READ_S, Reading, reading
from station.calibration.solving import Placement
from station.calibration.spots import FIVE, GRID, Spot
from station.conversions import COUNT_MAX, COUNT_MIN, Status, empty_records, four
from station.signal import pipeline
from station.signal.model import Params, Plate

PLATE = Plate(200.0, 200.0)
G = 9.80665
MASSES_KG = (10.0, 20.0)
CARRY_S, WAIT_S = 20.0, 3.0  # between two readings; from letting go to the reading
TARE_EVERY = 5  # placements
FULL_SCALE_COUNTS = 50 * 43_000  # a 50 kg cell of 1 mV/V at 5 V
COUNTS_PER_N = 43_000 / G
CREEP_TAU_S = 150.0


@dataclass(frozen=True)
class World:
    """How bad the plates are: half widths of uniform spreads, but where it says SD."""

    gain: float = 0.15
    zero_balance: float = 0.10
    mixing: float = 0.03  # of another cell's force, each of the twelve ways
    clamping: float = 0.03  # of the lever that the cells' own stiffness takes over, at most
    tilt_deg: float = 0.5
    mass_height_mm: tuple[float, float] = (60.0, 110.0)  # of its centre above the plate
    eccentric: float = 0.001  # of a cell's reading, load at the edge of the half
    bent: float = 0.0003  # of full scale, at half of it
    creep: tuple[float, float] = (0.001, 0.003)
    drift_n_per_min: float = 0.3  # of each cell
    noise_n: tuple[float, float] = (0.01, 0.1)
    placing_mm: float = 2.0  # SD, each way
    mass: float = 0.001  # of a mass, that was weighed


PROCEDURES = {"five spots": FIVE, "grid": GRID * 2}
WORLDS = {
    "as stated": World(),
    "placed within 3 mm (SD)": World(placing_mm=3.0),
    "placed within 5 mm (SD)": World(placing_mm=5.0),
    "no cross-talk, no clamping": World(mixing=0.0, clamping=0.0),
    "masses within 0.25 %, as competition discs": World(mass=0.0025),
}
SOME_UNMIXING = tuple(four(np.eye(4)[row] * 0.96 + 0.01) for row in range(4))
Row: TypeAlias = tuple[float, float, float]


@dataclass
class SimulatedPlate:
    """One plate with its cells, and what lies on it."""

    world: World
    rng: np.random.Generator
    t_s: float = 0.0
    crept_n: np.ndarray = field(default_factory=lambda: np.zeros(4))

    def __post_init__(self) -> None:
        u, w = self.rng.uniform, self.world
        self.counts_per_n = COUNTS_PER_N * (1 + u(-w.gain, w.gain, 4))
        self.zero = u(-w.zero_balance, w.zero_balance, 4) * FULL_SCALE_COUNTS
        self.mixing = u(-w.mixing, w.mixing, (4, 4))
        np.fill_diagonal(self.mixing, 0.0)
        self.lever = 1 - u(0, w.clamping, 2)  # of the heel half, of the toe half
        self.tilt = np.radians(u(-w.tilt_deg, w.tilt_deg, 2))
        self.eccentric = u(-w.eccentric, w.eccentric, 4)
        self.bent = u(-w.bent, w.bent, 4)
        self.creep = u(*w.creep, 4)
        self.drift = u(-w.drift_n_per_min, w.drift_n_per_min, 4) / 60
        self.noise_n = u(*w.noise_n, 4)
        self.rate_hz = u(70, 94, 4)

    def cells_n(self, half: int, weight_n: float, x_mm: float, y_mm: float) -> np.ndarray:
        """Return what the four cells carry (N) of a weight on one half: a beam on two stiff feet."""
        share = 0.5 + 0.5 * self.lever[half] * x_mm / 100.0  # cells 100 mm left and right of the middle
        carried = np.zeros(4)
        carried[2 * half], carried[2 * half + 1] = weight_n * (1 - share), weight_n * share
        return carried * (1 + self.eccentric * y_mm / 60.0) * np.cos(self.tilt[0]) * np.cos(self.tilt[1])

    def mass_n(self, spot: Spot, mass_kg: float) -> np.ndarray:
        """Return what the cells carry of a mass that somebody puts on a spot, as well as can be."""
        x, y = self.rng.normal(0, self.world.placing_mm, 2)
        height = self.rng.uniform(*self.world.mass_height_mm)
        x = spot.lever * 100.0 + x + height * np.tan(self.tilt[0])
        y += height * np.tan(self.tilt[1])
        if spot.half != "both":
            return self.cells_n(int(spot.half == "toe"), mass_kg * G, x, y)
        heel = np.clip(0.5 - y / 100.0, 0.2, 0.8)  # a base of 100 mm across the split
        on_heel = self.cells_n(0, heel * mass_kg * G, x, -30.0)
        return on_heel + self.cells_n(1, (1 - heel) * mass_kg * G, x, 30.0)

    def carry(self, carried_n: np.ndarray, seconds: float) -> None:
        """Let time pass under a load."""
        kept = np.exp(-seconds / CREEP_TAU_S)
        self.crept_n = self.crept_n * kept + carried_n * (1 - kept)
        self.t_s += seconds

    def counts(self, carried_n: np.ndarray) -> np.ndarray:
        """Return the mean counts of the four cells, shape (4,)."""
        told = carried_n + self.creep * self.crept_n + self.drift * self.t_s
        told = told + self.mixing @ told
        full_n = FULL_SCALE_COUNTS / COUNTS_PER_N
        bend = 4 * self.bent * (told / full_n) * (1 - told / full_n) * full_n
        return self.zero + self.counts_per_n * (told + bend)

    def read(self, carried_n: np.ndarray) -> np.ndarray:
        """Return the records of a reading, each cell at its own rate."""
        mean, parts = self.counts(carried_n), []
        for cell in range(4):
            n = int(READ_S * self.rate_hz[cell])
            part = empty_records(n)
            part["t_ns"] = (self.t_s + np.arange(n) / self.rate_hz[cell]) * 1e9
            part["cell"] = cell
            noise = self.rng.normal(0, self.noise_n[cell] * self.counts_per_n[cell], n)
            part["count"] = np.clip(np.rint(mean[cell] + noise), COUNT_MIN, COUNT_MAX)
            part["status"] = Status.OK
            parts.append(part)
        self.carry(carried_n, READ_S)
        records = np.concatenate(parts)
        return records[np.argsort(records["t_ns"], kind="stable")]


def procedure(plate: SimulatedPlate, spots: tuple[Spot, ...]) -> list[Placement]:
    """Put every mass on every spot, with the empty plate read now and then, and return what was told."""
    nothing = np.zeros(4)
    empties: list[Reading] = [reading(plate.read(nothing))]
    loaded: list[tuple[Spot, float, Reading]] = []
    true_kg = [m * (1 + plate.rng.uniform(-plate.world.mass, plate.world.mass)) for m in MASSES_KG]
    for stated, true in zip(MASSES_KG, true_kg, strict=True):
        for spot in spots:
            plate.carry(nothing, CARRY_S - WAIT_S)
            on_it = plate.mass_n(spot, true)
            plate.carry(on_it, WAIT_S)
            loaded.append((spot, stated, reading(plate.read(on_it), empties[-1])))
            if len(loaded) % TARE_EVERY == 0:
                plate.carry(nothing, 8.0)
                empties.append(reading(plate.read(nothing)))
    times = [e.t_s for e in empties]
    zero = np.array([e.mean for e in empties])
    return [
        Placement(s, m, r.mean - [np.interp(r.t_s, times, zero[:, c]) for c in range(4)])
        for s, m, r in loaded
    ]


def single_factors(plate: SimulatedPlate) -> tuple[np.ndarray, np.ndarray]:
    """Return newtons per count as other builds take them.

    The mass near each cell and all of it laid to that cell's account; and each cell loaded by itself
    on the bench, before the plate is screwed together.
    """
    near, alone = np.zeros(4), np.zeros(4)
    empty = reading(plate.read(np.zeros(4))).mean
    mass = MASSES_KG[1] * (1 + plate.rng.uniform(-plate.world.mass, plate.world.mass))
    for cell, spot in enumerate(FIVE[:4]):
        plate.carry(np.zeros(4), CARRY_S)
        on_it = plate.mass_n(spot, mass)
        near[cell] = MASSES_KG[1] * G / (reading(plate.read(on_it)).mean - empty)[cell]
        on_it = mass * G * np.eye(4)[cell]
        alone[cell] = MASSES_KG[1] * G / (reading(plate.read(on_it)).mean - empty)[cell]
    return near, alone


def judged(plate: SimulatedPlate, gains: np.ndarray, unmix: np.ndarray | None, seed: int) -> Row:
    """Return the RMS errors under 60 feet, the zero just taken: force, heel share, place."""
    rng, found = np.random.default_rng((seed, 12)), []
    plate.crept_n = np.zeros(4)
    zero = plate.counts(np.zeros(4))
    for _ in range(60):
        total, heel = rng.uniform(80, 600), rng.uniform(0.2, 0.9)
        x, y = rng.uniform(-30, 30, 2), rng.uniform(-40, 40, 2)  # under heel and forefoot, mm
        carried = plate.cells_n(0, heel * total, x[0], y[0]) + plate.cells_n(
            1, (1 - heel) * total, x[1], y[1]
        )
        plate.crept_n = (1 - np.exp(-20 / CREEP_TAU_S)) * carried  # 20 s into a set
        told = (plate.counts(carried) - zero) * gains
        force = told if unmix is None else unmix @ told
        place = (force[1] - force[0] + force[3] - force[2]) * 100.0 / force.sum()
        share = (force[0] + force[1]) / force.sum()
        true_place = heel * x[0] + (1 - heel) * x[1]
        found.append([100 * (force.sum() / total - 1), 100 * (share - heel), place - true_place])
    force_rms, share_rms, place_rms = np.sqrt(np.mean(np.square(found), axis=0))
    return float(force_rms), float(share_rms), float(place_rms)


def one(job: tuple[int, World]) -> dict[str, Row]:
    """Return the errors of one plate after each way to calibrate it, and what the station said of itself."""
    seed, world = job
    out: dict[str, Row] = {}
    for word, spots in PROCEDURES.items():
        plate = SimulatedPlate(world, np.random.default_rng((seed, 11)))
        found = fit(procedure(plate, spots), PLATE)
        minutes = plate.t_s / 60
        out[word] = judged(plate, found.newtons_per_count, found.unmix, seed)
        out[f"{word}, its gains alone"] = judged(plate, found.newtons_per_count, None, seed)
        said = found.errors
        out[f"{word}, as foretold"] = 100 * said.force_share, 100 * said.heel_share, said.right_mm
        out[f"{word}, minutes and unmixed"] = minutes, float(found.unmix is not None), 0.0
    plate = SimulatedPlate(world, np.random.default_rng((seed, 11)))
    near, alone = single_factors(plate)
    out["peer: mass near each cell, laid to its account"] = judged(plate, near, None, seed)
    out["peer: each cell loaded by itself"] = judged(plate, alone, None, seed)
    return out


def main() -> None:
    """Print medians and 95th percentiles over the plates, in several worlds, and the cost of unmixing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plates", type=int, default=200)
    n = parser.parse_args().plates
    with ProcessPoolExecutor() as pool:
        for title, world in WORLDS.items():
            found = list(pool.map(one, [(seed, world) for seed in range(n)], chunksize=5))
            print(f"{title}, {n} plates: RMS under 60 feet of force (%), heel share (points), place (mm)")
            for word in found[0]:
                values = np.array([plate[word] for plate in found])
                middle, high = np.median(values, axis=0), np.percentile(values, 95, axis=0)
                cells = "  ".join(f"{m:7.3f} /{h:7.3f}" for m, h in zip(middle, high, strict=True))
                print(f"  {word:48} {cells}")
    pairs = [(cost(unmix=False), cost(unmix=True)) for _ in range(5)]  # in turns: others use this machine too
    plain, unmixed = (min(pair[k] for pair in pairs) for k in (0, 1))
    print(f"core, a minute of records in blocks of 16: {unmixed / plain:.2f} of the time without unmixing")


def cost(*, unmix: bool) -> float:
    """Return the time (s) of folding a minute, with or without unmixing."""
    adc = MockAdc(seed=3)
    own = adc.info.calibration
    assert own is not None
    params = Params(replace(own, unmix=SOME_UNMIXING if unmix else None))
    log = adc.poll(60_000_000_000)
    state, start = pipeline.initial(params), time.perf_counter()
    for at in range(0, len(log), 16):
        state, _, _ = pipeline.step(params, state, [log[at : at + 16]])
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
