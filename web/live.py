"""What the page shows of now: the page itself, the state, the stream."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from station.coach.programs import FOOTWEAR, FREE_LEGS, GOALS, TEMPOS, VARIANTS
from station.coach.progression import EFFORTS
from station.door import FELT, LONGEST_NAME, LONGEST_NOTE, AthleteCard
from web import admission, context, lock, wire
from web.openapi import DOCUMENT
from web.roles import Role, needs
from web.streams import events

live = Blueprint("live", __name__)


@live.get("/")
@needs(Role.FLOOR)
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
        efforts=EFFORTS,
        longest_name=LONGEST_NAME,
        longest_note=LONGEST_NOTE,
    )


@live.get("/api/v1/athletes")
@needs(Role.FLOOR)
def athletes() -> ResponseReturnValue:
    """Answer who lifted here, and how they begin today."""
    grant = lock.granted()
    cards = context.station().athletes()
    return {"athletes": [wire.athlete_json(card if _open(grant, card) else _bare(card)) for card in cards]}


def _open(grant: lock.Grant | None, card: AthleteCard) -> bool:
    return grant is not None and grant.athlete in (None, card.name)


def _bare(card: AthleteCard) -> AthleteCard:
    """Return an athlete without what they did before: that is behind a code."""
    return replace(card, visits=())


@live.get("/api/v1/state")
@needs(Role.FLOOR)
def state() -> ResponseReturnValue:
    """Answer the newest snapshot, with its curve."""
    newest = context.station().snapshot()
    return wire.state_json(newest) | {"curve": wire.curve_json(newest.curve)}


@live.get("/api/v1/stream")
@needs(Role.FLOOR)
def stream() -> ResponseReturnValue:
    """Answer the stream of server-sent events, as long as the page listens."""
    streams, device = context.streams(), admission.visitor().device
    number = None if device is None else device.id
    if not streams.take(number):
        abort(503, f"{streams.cap} pages watch this station already: close one that is not needed.")
    response = Response(
        events(context.station(), streams, admission.still(Role.FLOOR)), mimetype="text/event-stream"
    )
    # Not in the generator: one that was never started runs no clean-up.
    response.call_on_close(lambda: streams.release(number))
    return response


@live.get("/api/v1/openapi.json")
@needs(Role.NONE)
def openapi() -> ResponseReturnValue:
    """Answer the description of all of /api/v1."""
    return DOCUMENT
