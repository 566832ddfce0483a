"""Who may ask for which route: declared where the route is; one that declares nothing is closed."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


class Role(IntEnum):
    """What somebody may do here; each may do what those before it may, but for TAKE_HOME.

    NONE : whoever reaches the station
    TAKE_HOME : whoever has a link to one session, good once and for ten minutes
    FLOOR : a tablet on the gym floor: runs sets, shows who lifts now
    OWNER : settings, everything out, people deleted, calibration, devices
    """

    NONE = 0
    TAKE_HOME = 1
    FLOOR = 2
    OWNER = 3


def needs(role: Role) -> Callable[[View], View]:
    """Declare whom a route answers."""

    def mark(view: View) -> View:
        view.role = role  # type: ignore[attr-defined]
        return view

    return mark


def role_of(view: Callable[..., Any] | None) -> Role | None:
    """Return whom a route answers, None where it does not say."""
    return getattr(view, "role", None)
