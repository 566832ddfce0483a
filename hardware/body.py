"""The body on the bench: how much the foot carries, by a 2-D moment balance about the bench edge.

The torso turns about the bench edge, the planted leg follows as two links to a fixed ankle, and
the foot force is what keeps the whole in balance:
``force · foot distance = Σ mass · x · g + d/dt Σ mass · (x·ẏ − y·ẋ)``.
Segment masses are Winter's (Biomechanics and Motor Control, table 4.1); lengths and centres of
mass were fitted to the five published levels of an 80 kg athlete, with and without 40 kg.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

G_M_S2 = 9.81
GRID_N = 129  # hip heights at which levels are tabled

# Fractions of body mass.
TRUNK, THIGH, SHANK_FOOT, FREE_LEG = 0.678, 0.100, 0.061, 0.161

# Metres for a stature of 1.78 m. Along the torso from the bench edge to the hip, and outwards
# from its back.
HIP_ALONG_M, HIP_OUT_M = 0.383, 0.104
TRUNK_ALONG_M, TRUNK_OUT_M = 0.101, 0.122
LOAD_ALONG_M, LOAD_OUT_M = 0.383, 0.200
THIGH_M, SHANK_M, ANKLE_HEIGHT_M = 0.450, 0.400, 0.080
FREE_LEG_AHEAD_M, FREE_LEG_EXTENDED_M, FREE_LEG_ABOVE_M = 0.185, 0.283, 0.250
TRUNK_INERTIA_KG_M2 = 0.75  # of an 80 kg athlete, about the trunk's own centre
HIP_ON_FLOOR_M = 0.11
REFERENCE_STATURE_M, REFERENCE_MASS_KG = 1.78, 80.0

# The split plate: a foot whose pressure is under its ankle stands on the heel half with 0.8, and
# 170 mm lie between the pressure points of the two halves. Toe pressure lengthens the lever.
ANKLE_HEEL_SHARE, HEEL_TO_TOE_M = 0.8, 0.17


@dataclass(frozen=True)
class Body:
    """An athlete's build and set-up.

    Parameters
    ----------
    foot_forward_m : how much further from the bench than with a vertical shin at lockout
    rest_n : what the resting leg lays on the plate; None for 1 N per kg of body mass

    """

    mass_kg: float = 80.0
    load_kg: float = 0.0
    bench_m: float = 0.38
    stature_m: float = REFERENCE_STATURE_M
    free_leg_extended: bool = False
    foot_forward_m: float = 0.0
    rest_n: float | None = None

    @property
    def resting_leg_n(self) -> float:
        """Foot force with the hips on the floor, N."""
        return self.mass_kg if self.rest_n is None else self.rest_n

    @property
    def weight_n(self) -> float:
        """Body weight, N."""
        return self.mass_kg * G_M_S2

    @property
    def scale(self) -> float:
        """Lengths as a multiple of the reference body's."""
        return self.stature_m / REFERENCE_STATURE_M

    @property
    def range_m(self) -> float:
        """How far the hip rises from the floor to lockout, where the torso is level."""
        return self.bench_m + HIP_OUT_M * self.scale - HIP_ON_FLOOR_M

    @property
    def foot_distance_m(self) -> float:
        """From the bench edge to the ankle, which stands under the knee at lockout."""
        s = self.scale
        knee_above_hip_m = (SHANK_M - HIP_OUT_M) * s + ANKLE_HEIGHT_M - self.bench_m
        thigh_across_m = float(np.sqrt(max((THIGH_M * s) ** 2 - knee_above_hip_m**2, 0.01)))
        return HIP_ALONG_M * s + thigh_across_m + self.foot_forward_m

    def level_n(self, height: F64) -> F64:
        """Return the foot force of a still body, N; `height` of the hip, 0 floor … 1 lockout."""
        return np.interp(height, self._grid, self._tables[0])

    def inertia_n(self, height: F64, velocity: F64, acceleration: F64) -> F64:
        """Return what motion adds, N; `velocity` and `acceleration` in hip ranges per s and s²."""
        _, lever, slope = self._tables
        along = np.interp(height, self._grid, lever) * acceleration
        return along + np.interp(height, self._grid, slope) * velocity * velocity

    def lever_factor(self, heel_share: F64) -> F64:
        """Return how the pressure point scales the foot force; 1 for pressure under the ankle."""
        d = self.foot_distance_m
        return d / (d + HEEL_TO_TOE_M * (ANKLE_HEEL_SHARE - heel_share))

    @cached_property
    def _grid(self) -> F64:
        return np.linspace(0.0, 1.0, GRID_N)

    @cached_property
    def _tables(self) -> tuple[F64, F64, F64]:
        """Level, factor of acceleration and factor of velocity squared, over `_grid`."""
        mass_kg, x, y, angle = self._segments()
        dx, dy = (np.gradient(v, self._grid, axis=1, edge_order=2) for v in (x, y))
        own_kg_m2 = TRUNK_INERTIA_KG_M2 * self.mass_kg / REFERENCE_MASS_KG * self.scale**2
        momentum = (mass_kg[:, None] * (x * dy - y * dx)).sum(axis=0)
        momentum -= own_kg_m2 * np.gradient(angle, self._grid, edge_order=2)
        d = self.foot_distance_m
        level_n = (mass_kg[:, None] * x).sum(axis=0) * G_M_S2 / d
        return level_n, momentum / d, np.gradient(momentum, self._grid, edge_order=2) / d

    def _segments(self) -> tuple[F64, F64, F64, F64]:
        """Masses (5,), their places x and y from the bench edge (5, GRID_N), torso angle (GRID_N,)."""
        s = self.scale
        hip_y = HIP_ON_FLOOR_M - self.bench_m + self.range_m * self._grid
        reach_m = np.hypot(HIP_ALONG_M, HIP_OUT_M) * s
        angle = np.arcsin(np.clip(-hip_y / reach_m, -1.0, 1.0)) + np.arctan2(HIP_OUT_M, HIP_ALONG_M)

        def on_torso(along_m: float, out_m: float) -> tuple[F64, F64]:
            cos, sin = np.cos(angle), np.sin(angle)
            return s * (along_m * cos + out_m * sin), s * (out_m * cos - along_m * sin)

        hip, trunk, load = (
            on_torso(*at)
            for at in (
                (HIP_ALONG_M, HIP_OUT_M),
                (TRUNK_ALONG_M, TRUNK_OUT_M),
                (LOAD_ALONG_M, LOAD_OUT_M),
            )
        )
        ankle = self.foot_distance_m, ANKLE_HEIGHT_M - self.bench_m
        knee = _knee(hip, ankle, THIGH_M * s, SHANK_M * s)
        ahead_m = FREE_LEG_AHEAD_M + FREE_LEG_EXTENDED_M * self.free_leg_extended
        free = hip[0] + ahead_m * s, hip[1] + (FREE_LEG_ABOVE_M + HIP_OUT_M) * s
        thigh = tuple(h + 0.433 * (k - h) for h, k in zip(hip, knee, strict=True))
        shank = tuple(k + 0.6 * (a - k) for k, a in zip(knee, ankle, strict=True))
        places = (trunk, thigh, shank, free, load)
        mass_kg = self.mass_kg * np.array([TRUNK, THIGH, SHANK_FOOT, FREE_LEG, 0.0])
        mass_kg[4] = self.load_kg
        return mass_kg, np.stack([p[0] for p in places]), np.stack([p[1] for p in places]), angle


def _knee(
    hip: tuple[F64, F64], ankle: tuple[float, float], thigh_m: float, shank_m: float
) -> tuple[F64, F64]:
    """Return where thigh and shank meet, above the line from hip to ankle."""
    dx, dy = ankle[0] - hip[0], ankle[1] - hip[1]
    apart_m = np.hypot(dx, dy)
    along_m = (thigh_m**2 - shank_m**2 + apart_m**2) / (2 * apart_m)
    out_m = np.sqrt(np.maximum(thigh_m**2 - along_m**2, 0.0))
    return (
        hip[0] + (along_m * dx - out_m * dy) / apart_m,
        hip[1] + (along_m * dy + out_m * dx) / apart_m,
    )
