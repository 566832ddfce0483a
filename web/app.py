"""The Flask application of one station."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask

from station.door import Snapshot, Station
from web import context, guard, words
from web.control import control
from web.downloads import downloads
from web.history import history
from web.live import live
from web.streams import STREAM_CAP, Streams
from web.takehome import takehome
from web.tickets import Tickets


def create_app(station: Station, *, hosts: Iterable[str] = (), stream_cap: int = STREAM_CAP) -> Flask:
    """Return the application that shows and commands `station`.

    `hosts` are names it answers to besides IP literals, localhost and ``.local`` names;
    `stream_cap` is how many pages may watch at once.
    """
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    context.attach(app, context.Context(station, Streams(stream_cap), Tickets()))
    guard.install(app, hosts)
    for blueprint in (live, control, history, downloads, takehome):
        app.register_blueprint(blueprint)
    app.add_template_filter(words.clock, "clock")
    app.add_template_filter(words.duration, "duration")

    @app.context_processor
    def _banner() -> dict[str, Snapshot]:
        # The MOCK banner stands on every page, also before any script has run.
        return {"now": station.snapshot()}

    return app
