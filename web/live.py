"""What the page shows of now: the page itself, the state, the stream."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from station.coach.programs import FOOTWEAR, FREE_LEGS, GOALS, TEMPOS, VARIANTS
from station.door import FELT, LONGEST_NAME
from web import context, wire
from web.openapi import DOCUMENT
from web.streams import events

live = Blueprint("live", __name__)


@live.get("/")
def page() -> str:
    """Answer the live page."""
    return render_template(
        "live.html",
        goals=GOALS.values(),
        tempos=TEMPOS.values(),
        free_legs=FREE_LEGS.values(),
        variants=VARIANTS.values(),
        footwear=FOOTWEAR.values(),
        felt=FELT,
        longest_name=LONGEST_NAME,
    )


@live.get("/api/v1/athletes")
def athletes() -> ResponseReturnValue:
    """Answer who lifted here, and how they begin today."""
    return {"athletes": [wire.athlete_json(card) for card in context.station().athletes()]}


@live.get("/api/v1/state")
def state() -> ResponseReturnValue:
    """Answer the newest snapshot, with its curve."""
    newest = context.station().snapshot()
    return wire.state_json(newest) | {"curve": wire.curve_json(newest.curve)}


@live.get("/api/v1/stream")
def stream() -> ResponseReturnValue:
    """Answer the stream of server-sent events, as long as the page listens."""
    streams = context.streams()
    if not streams.take():
        abort(503, f"{streams.cap} pages watch this station already: close one that is not needed.")
    response = Response(events(context.station(), streams.closing), mimetype="text/event-stream")
    # Not in the generator: one that was never started runs no clean-up.
    response.call_on_close(streams.release)
    return response


@live.get("/api/v1/openapi.json")
def openapi() -> ResponseReturnValue:
    """Answer the description of all of /api/v1."""
    return DOCUMENT
