"""The split plate in numbers: one table of dimensions, and the sums that follow from it.

Beam formulas are those of any strength-of-materials book: a plate on its two cells is taken as a
beam on two supports, which is on the safe side, since a plate is stiffer than its strip.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

GRAVITY = 9.80665  # m/s²
LIFTER_KG = 120.0  # who may step on one half by mistake: 80 kg with 40 kg in the hands
GAUGE_NOISE_NV = 90.0  # HX711 datasheet, gain 128, 80 SPS
GAIN, BITS = 128, 24


@dataclass(frozen=True)
class Dimensions:
    """Millimetres, as drawn; the stack is from the floor up."""

    width: float = 300.0  # left to right
    heel_depth: float = 150.0
    toe_depth: float = 170.0
    gap: float = 4.0  # between the halves: nothing bridges it
    cell_spacing: float = 200.0  # left to right, as `plate.heel_spacing_mm` in the config
    cell_length: float = 130.0
    cell_width: float = 30.0
    mat: float = 1.0  # rubber below
    base: float = 3.0  # steel
    spacer: float = 2.0  # below and above the cell, at opposite ends
    cell_height: float = 22.0
    top: float = 8.0  # aluminium
    grip: float = 1.0  # rubber above
    rail_reach: float = 150.0  # to either side of the middle
    rail_width: float = 40.0
    stop_gap: float = 0.5  # below each corner of the top plate: set with a feeler gauge

    @property
    def height(self) -> float:
        """The whole stack."""
        return self.mat + self.base + 2 * self.spacer + self.cell_height + self.top + self.grip


@dataclass(frozen=True)
class Material:
    """What the sums need of it."""

    modulus_mpa: float = 69_000.0  # aluminium, any alloy
    yield_mpa: float = 125.0  # EN AW-5083 H111, the softer choice
    density_kg_m3: float = 2_700.0


@dataclass(frozen=True)
class CellClass:
    """A load cell by its data sheet.

    safe : the share of the capacity that it survives; deflection_mm : at capacity
    """

    capacity_kg: float = 100.0
    sensitivity_mv_v: float = 2.0
    safe: float = 1.5
    deflection_mm: float = 0.4


PLATE, ALUMINIUM, CELL = Dimensions(), Material(), CellClass()


def inertia_mm4(plate: Dimensions = PLATE) -> float:
    """Return the second moment of area of the heel half's section, b h³ / 12."""
    return plate.heel_depth * plate.top**3 / 12


def deflection_mm(plate: Dimensions = PLATE, metal: Material = ALUMINIUM) -> float:
    """Return how far the middle of a half goes down under one who stands there, F L³ / (48 E I)."""
    force_n = LIFTER_KG * GRAVITY
    return force_n * plate.cell_spacing**3 / (48 * metal.modulus_mpa * inertia_mm4(plate))


def stress_mpa(plate: Dimensions = PLATE) -> float:
    """Return the bending stress in the middle of a half, (F L / 4) / (b h² / 6)."""
    moment_nmm = LIFTER_KG * GRAVITY * plate.cell_spacing / 4
    return moment_nmm / (plate.heel_depth * plate.top**2 / 6)


def worst_cell_kg(plate: Dimensions = PLATE, aside_mm: float = 0.0) -> float:
    """Return what one cell carries under one who stands on its half, `aside_mm` from the middle."""
    return LIFTER_KG * (0.5 + aside_mm / plate.cell_spacing)


def natural_hz(plate: Dimensions = PLATE, metal: Material = ALUMINIUM, cell: CellClass = CELL) -> float:
    """Return the heel half's own frequency on its two cells, sqrt(k / m) / 2 pi, with nobody on it."""
    stiffness_n_m = 2 * cell.capacity_kg * GRAVITY / (cell.deflection_mm / 1000)
    volume_m3 = plate.width * plate.heel_depth * plate.top * 1e-9
    return sqrt(stiffness_n_m / (volume_m3 * metal.density_kg_m3)) / (2 * pi)


def counts_per_kg(cell: CellClass = CELL) -> float:
    """Return the converter's steps for a kilogram; its reference is the cell's own supply, so V drops out."""
    per_volt = 2 ** (BITS - 1) * 2 * GAIN  # full scale is half the supply over the gain
    return cell.sensitivity_mv_v * 1e-3 / cell.capacity_kg * per_volt


def noise_n(supply_v: float, cell: CellClass = CELL) -> float:
    """Return the converter's own noise as a force, for the cell's supply."""
    volts_per_kg = cell.sensitivity_mv_v * 1e-3 * supply_v / cell.capacity_kg
    return GAUGE_NOISE_NV * 1e-9 / volts_per_kg * GRAVITY


def stop_kg(plate: Dimensions = PLATE, cell: CellClass = CELL) -> float:
    """Return the load on one cell at which its corner's stop takes over, by the cell's own deflection."""
    return cell.capacity_kg * plate.stop_gap / cell.deflection_mm


def sums() -> list[tuple[str, str, str]]:
    """Return what BUILD.md prints: what, the figure, and how it comes about."""
    plate = PLATE
    side = plate.cell_spacing / 2
    return [
        (
            "height of the stack",
            f"{plate.height:.0f} mm",
            "all layers; 40 at most",
        ),
        (
            "sag of a half under 120 kg in its middle",
            f"{deflection_mm():.2f} mm",
            f"F L³ / (48 E I), L = {plate.cell_spacing:.0f} mm, I = {inertia_mm4():.0f} mm⁴",
        ),
        (
            "stress there",
            f"{stress_mpa():.0f} MPa",
            f"(F L / 4) / (b h² / 6); even a soft alloy bears {ALUMINIUM.yield_mpa:.0f}",
        ),
        ("one cell, 120 kg in the middle of a half", f"{worst_cell_kg():.0f} kg", "half of it"),
        ("one cell, 120 kg right above it", f"{worst_cell_kg(aside_mm=side):.0f} kg", "all of it"),
        (
            "what a 100 kg cell survives",
            f"{CELL.capacity_kg * CELL.safe:.0f} kg",
            "150 % safe overload, as data sheets have it",
        ),
        (
            "where a stop takes over",
            f"{stop_kg():.0f} kg",
            f"gap {plate.stop_gap:g} mm, cell {CELL.deflection_mm:g} mm at capacity: see its data sheet",
        ),
        (
            "own frequency of the heel half, empty",
            f"{natural_hz():.0f} Hz",
            "√(k / m) / 2π; far above what 80 conversions a second see",
        ),
        (
            "steps of the converter",
            f"{counts_per_kg():.0f} counts/kg",
            "2 mV/V, 100 kg, gain 128, any supply",
        ),
        (
            "its own noise at 5 V",
            f"{noise_n(5.0):.3f} N",
            "90 nV rms at 80 a second (data sheet)",
        ),
        ("the same at 3.3 V", f"{noise_n(3.3):.3f} N", "half as much again"),
    ]
