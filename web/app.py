"""The Flask application of one station."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from station.door import Snapshot, Station
from web import admission, context, elsewhere, guard, limits, lock, pairing, takehome, words
from web.backup import backup
from web.calibrate import calibrate
from web.control import control
from web.data import data
from web.downloads import downloads
from web.health import health
from web.history import history
from web.limits import Limit
from web.live import live
from web.restore import restore
from web.roles import Role, needs
from web.streams import STREAM_CAP, Streams
from web.tokens import Tokens


class _Json(DefaultJSONProvider):
    """Flask's JSON, for which brackets without end are no JSON either."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return what `s` says; ValueError where it says nothing."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("too deep") from None


def create_app(
    station: Station,
    *,
    pairing_needed: bool = True,
    hosts: Iterable[str] = (),
    behind_proxy: bool = False,
    stream_cap: int = STREAM_CAP,
) -> Flask:
    """Return the application that shows and commands `station`.

    Without `pairing_needed` whoever reaches it may do everything; `hosts` are names it answers to besides
    its own addresses, localhost and ``.local`` names; `behind_proxy` says that all requests come from a
    proxy on this machine, which names the asker; `stream_cap` is how many pages may watch at once.
    """
    app = Flask(__name__)
    app.json = _Json(app)
    if behind_proxy:  # Host is not among what it may say: it passes that on as it was asked
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]
    app.url_map.merge_slashes = False  # there is one way to write an address, and none leads on
    shared = context.Context(
        station,
        pairing_needed,
        Streams(stream_cap),
        tickets=Tokens(takehome.GOOD_FOR_S, takehome.MOST),
        grants=Tokens(lock.OPEN_FOR_S, lock.MOST_OPEN),
        codes=Tokens(pairing.CODE_GOOD_FOR_S, pairing.MOST_CODES, new=pairing.new_code),
        limits=context.Limits(
            codes=Limit(5, 15, within_s=60.0),
            pairing=Limit(5, 15, within_s=60.0),
            exports=Limit(120, 240, within_s=60.0),
            imports=Limit(12, 24, within_s=60.0),
        ),
        workbench=elsewhere.Workbench(),
    )
    context.attach(app, shared)
    guard.install(app, hosts)
    admission.install(app)
    lock.install(app)
    limits.install(app)
    guard.install_last(app)
    app.view_functions["static"] = needs(Role.NONE)(app.view_functions["static"])  # no page works without
    rooms = (live, control, history, downloads, health, backup, data, restore, calibrate)
    for blueprint in (*rooms, takehome.takehome, elsewhere.elsewhere, lock.lock, pairing.pairing):
        app.register_blueprint(blueprint)
    app.add_template_filter(words.clock, "clock")
    app.add_template_filter(words.duration, "duration")
    app.add_template_filter(words.size, "size")

    @app.context_processor
    def _banner() -> dict[str, Snapshot]:
        # The MOCK banner stands on every page, also before any script has run.
        return {"now": station.snapshot()}

    return app
