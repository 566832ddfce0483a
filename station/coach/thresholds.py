"""Every limit the coach judges by, in one place: settings with these defaults, stored with each set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from station.errors import shown


@dataclass(frozen=True)
class Thresholds:
    """Limits of a rep on target, of the cues and of the advice; shares are of the force, 0 to 1."""

    valid_least: float = 0.9  # of a rep's frames: below it nothing is said about the rep
    heel_lift_s: float = 0.25
    heel_share_least: float = 0.40
    heel_share_below_own: float = 0.15
    heel_zone_from: float = 0.50
    heel_reps_running: int = 2
    rest_share_apart: float = 0.1  # of a resting foot, from the middle: nearer to it nothing is told
    down_least_s: float = 1.0
    down_least_three_one_s: float = 2.2
    landing_times_own: float = 2.5
    hold_short_by_s: float = 0.2
    up_least_s: float = 0.6
    overshoot_most: float = 0.35
    sway_times_own: float = 2.0
    quiet_baseline_reps: int = 2  # of a baseline set, without a cue on form
    stop_after_cued_reps: int = 2
    clean_rate_least: float = 0.8
    mastery_reps: int = 12
    mastery_sets: int = 3
    mastery_sessions: int = 2

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> Thresholds:
        """Return the defaults with `values` in their place.

        Raises
        ------
        ValueError : a name or value that can't be used; the text says which

        """
        known = {field.name: field for field in fields(cls)}
        taken: dict[str, float] = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"There is no threshold {shown(name)}: choose among {', '.join(known)}.")
            whole = isinstance(known[name].default, int)
            numeric = isinstance(value, int) if whole else isinstance(value, int | float)
            if isinstance(value, bool) or not numeric or not isinstance(value, int | float):
                raise ValueError(f"{name} must be a {'whole ' if whole else ''}number, not {shown(value)}.")
            if not 0 <= value < math.inf:
                raise ValueError(f"{name} must be 0 or more, not {shown(value)}.")
            taken[name] = value
        return cls(**taken)  # type: ignore[arg-type]
