"""A backup that takes the place of all that is here: chosen, checked, agreed to, and done by a restart."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ClientDisconnected

from station.door import CommandRefused
from station.errors import UserError
from station.safekeeping import Restoring
from web import context, guard
from web.limits import limited
from web.roles import Role, needs
from web.sent import sent

MOST_BYTES = 2**42  # the free disk space sets the true limit

restore = Blueprint("restore", __name__, url_prefix="/api/v1/restore")


class _Body:
    """The body of the request being answered, piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Return the next piece; raises ConnectionError where the line is cut."""
        try:
            return request.stream.read(size)
        except (OSError, ClientDisconnected):
            raise ConnectionError("the connection was cut") from None


@restore.get("")
@needs(Role.OWNER)
def state() -> ResponseReturnValue:
    """Answer how the newest restore stands, what it would replace, and which backups are on sticks."""
    restorer = context.station().restorer
    now = restorer.restoring()
    waits = now is not None and now.step == "checked"
    sticks = [asdict(one) | {"path": str(one.path)} for one in restorer.backups()]
    return {"restore": _json(now), "here": asdict(restorer.here()) if waits else None, "sticks": sticks}


@restore.post("/file")
@needs(Role.OWNER)
@limited("imports")
@guard.takes_file(MOST_BYTES)
def take() -> ResponseReturnValue:
    """Check a backup while it comes; nothing is replaced yet."""
    if not request.content_length:
        abort(411, "Send a backup, and its length with it.")
    try:
        return {"restore": _json(context.station().restorer.take(_Body(), request.content_length))}
    except CommandRefused as refusal:
        return _refused(refusal)
    except UserError as refusal:
        return jsonify(error=str(refusal)), 422


@restore.post("/stick")
@needs(Role.OWNER)
def take_from() -> ResponseReturnValue:
    """Begin to check a backup on a stick."""
    path = sent("path").get("path")
    if not isinstance(path, str):
        abort(400, "Give the backup's path.")
    try:
        return {"restore": _json(context.station().restorer.take_from(Path(path)))}
    except CommandRefused as refusal:
        return _refused(refusal)


@restore.post("/cancel")
@needs(Role.OWNER)
def cancel() -> ResponseReturnValue:
    """Forget the backup that is being read, or waits for a yes."""
    sent()
    restorer = context.station().restorer
    restorer.cancel()
    return {"restore": _json(restorer.restoring())}


@restore.post("/replace")
@needs(Role.OWNER)
def replace() -> ResponseReturnValue:
    """Have a checked backup replace all that is here, and the station start again."""
    token = sent("token").get("token")
    if not isinstance(token, str):
        abort(400, "Give the token of the backup that was checked.")
    try:
        return {"restore": _json(context.station().restorer.restore(token))}
    except CommandRefused as refusal:
        return _refused(refusal)


@restore.post("/delete-kept")
@needs(Role.OWNER)
def delete_kept() -> ResponseReturnValue:
    """Delete for ever what was kept from before a restore."""
    name = sent("name").get("name")
    if not isinstance(name, str):
        abort(400, "Give the name of its folder.")
    try:
        context.station().restorer.delete_kept(name)
    except CommandRefused as refusal:
        return _refused(refusal)
    return {"deleted": name}


def _json(restoring: Restoring | None) -> dict[str, Any] | None:
    return None if restoring is None else asdict(restoring)


def _refused(refusal: Exception) -> ResponseReturnValue:
    return jsonify(error=str(refusal)), 409
