"""What every route may reach: the station and the count of open streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from station.door import Station
from web.streams import Streams

_KEY = "heeldrive"


@dataclass(frozen=True)
class Context:
    """The two objects that `create_app` is given or makes."""

    station: Station
    streams: Streams


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
