"""Everything the station keeps, as one file to take away."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from web import context
from web.limits import limited
from web.roles import Role, needs

backup = Blueprint("backup", __name__, url_prefix="/api/v1")


@backup.get("/backup")
@needs(Role.OWNER)
@limited("exports")
def everything() -> ResponseReturnValue:
    """Answer a backup of the data folder, streamed."""
    station = context.station()
    if not station.data_folder.is_dir():
        abort(404, "The data folder is gone: nothing can be backed up.")
    response = Response(station.safekeeping.backup(), mimetype="application/x-tar")
    response.headers.set("Content-Disposition", "attachment", filename="heeldrive-backup.tar")
    return response
