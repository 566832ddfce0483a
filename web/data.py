"""What the owner does with everything: take it away, copy it to a stick, delete a person."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, jsonify, render_template
from flask.typing import ResponseReturnValue

from station.door import CommandRefused
from station.errors import UserError
from station.safekeeping import Copying
from station.tables import forgotten_text
from web import context
from web.downloads import ALL, form_names
from web.roles import Role, needs
from web.sent import athlete_of, sent

data = Blueprint("data", __name__)


@data.get("/data")
@needs(Role.OWNER)
def page() -> str:
    """Answer the page."""
    station = context.station()
    names = {row.athlete for row in station.sessions() if row.athlete}
    return render_template(
        "data.html",
        kept=station.safekeeping.kept(),
        folder=station.data_folder.absolute(),
        before=station.restorer.kept(),
        athletes=sorted(names | {card.name for card in station.athletes()}),
        forms={form: name for form, name in form_names().items() if form != ALL},
    )


@data.post("/api/v1/athletes/forget")
@needs(Role.OWNER)
def forget() -> ResponseReturnValue:
    """Delete an athlete, whose name has to be given twice."""
    fields = sent("athlete", "typed")
    athlete = athlete_of(fields.get("athlete"))
    if athlete_of(fields.get("typed")) != athlete:
        abort(400, "The two names differ: type it as it is written.")
    try:
        done = context.station().safekeeping.forget(athlete)
    except (CommandRefused, UserError) as refusal:
        return _refused(refusal)
    return asdict(done) | {"told": forgotten_text(athlete, done).splitlines()}


@data.get("/api/v1/sticks")
@needs(Role.OWNER)
def sticks() -> ResponseReturnValue:
    """Answer the sticks that are mounted, and how the newest copy stands."""
    safekeeping = context.station().safekeeping
    found = [asdict(stick) | {"path": str(stick.path)} for stick in safekeeping.sticks()]
    return {"sticks": found, "copy": _copy_json(safekeeping.copying())}


@data.post("/api/v1/sticks/copy")
@needs(Role.OWNER)
def copy() -> ResponseReturnValue:
    """Begin to copy everything to a stick."""
    fields = sent("path", "forms")
    path, forms = fields.get("path"), fields.get("forms")
    there = context.station().export_forms()
    if not isinstance(path, str) or not isinstance(forms, list) or not all(form in there for form in forms):
        abort(400, f"Give the stick's path, and formats of {', '.join(there)}.")
    try:
        return {"copy": _copy_json(context.station().safekeeping.copy_to(Path(path), forms))}
    except (CommandRefused, UserError) as refusal:
        return _refused(refusal)


@data.post("/api/v1/sticks/cancel")
@needs(Role.OWNER)
def cancel() -> ResponseReturnValue:
    """End the copy that is under way, if any."""
    sent()
    safekeeping = context.station().safekeeping
    safekeeping.cancel_copy()
    return {"copy": _copy_json(safekeeping.copying())}


def _copy_json(copying: Copying | None) -> dict[str, Any] | None:
    return None if copying is None else asdict(copying) | {"running": copying.running}


def _refused(refusal: Exception) -> ResponseReturnValue:
    return jsonify(error=str(refusal)), 409
