"""What every route may reach: the station, and what the web keeps of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

from station.door import Station
from web.streams import Streams
from web.tokens import Tokens

if TYPE_CHECKING:
    from web.elsewhere import Workbench
    from web.limits import Limit
    from web.lock import Grant
    from web.roles import Role

_KEY = "heeldrive"


@dataclass(frozen=True)
class Limits:
    """How often something may be asked for.

    codes : that don't open the history
    pairing : codes and PINs that don't fit
    exports, imports : files out, and files in
    """

    codes: Limit
    pairing: Limit
    exports: Limit
    imports: Limit


@dataclass(frozen=True)
class Context:
    """What `create_app` is given or makes.

    pairing : whether a device has to be paired before it sees anything
    tickets : links to a session; grants : who has given which code; codes : for other devices
    """

    station: Station
    pairing: bool
    streams: Streams
    tickets: Tokens[int]
    grants: Tokens[Grant]
    codes: Tokens[Role]
    limits: Limits
    workbench: Workbench


def attach(app: Flask, context: Context) -> None:
    """Make `context` the one of `app`."""
    app.extensions[_KEY] = context


def context_of(app: Flask) -> Context:
    """Return the context of `app`."""
    return cast(Context, app.extensions[_KEY])


def station() -> Station:
    """Return the station of the request being answered."""
    return context_of(current_app).station


def streams() -> Streams:
    """Return the count of streams of the request being answered."""
    return context_of(current_app).streams


def tickets() -> Tokens[int]:
    """Return the open links of the request being answered."""
    return context_of(current_app).tickets


def grants() -> Tokens[Grant]:
    """Return who has given which code."""
    return context_of(current_app).grants


def codes() -> Tokens[Role]:
    """Return the open codes for other devices."""
    return context_of(current_app).codes


def pairing() -> bool:
    """Return whether a device has to be paired."""
    return context_of(current_app).pairing


def limits() -> Limits:
    """Return how often something may be asked for."""
    return context_of(current_app).limits


def workbench() -> Workbench:
    """Return where files from elsewhere are worked out."""
    return context_of(current_app).workbench
