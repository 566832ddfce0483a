"""What every route may reach: the station, the count of open streams, the open links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from station.door import Station
from web.streams import Streams
from web.tickets import Tickets

_KEY = "heeldrive"


@dataclass(frozen=True)
class Context:
    """What `create_app` is given or makes."""

    station: Station
    streams: Streams
    tickets: Tickets


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


def tickets() -> Tickets:
    """Return the open links of the request being answered."""
    return context_of(current_app).tickets
