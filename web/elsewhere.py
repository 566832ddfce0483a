"""Curves from elsewhere: a file is worked out and shown, and not kept."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from station.coach.programs import SIDES
from station.elsewhere import worked_out
from station.errors import UserError
from web import context, guard
from web.limits import limited
from web.roles import Role, needs
from web.tokens import Tokens

MOST_BYTES = 16 * 2**20  # an hour of four cells at 80 Hz is 12 MB
PICTURES, SHOWN_FOR_S = 8, 600.0  # kept in memory
CHUNK = 1 << 16


class Workbench:
    """One file at a time, and the pictures of the last ones."""

    def __init__(self) -> None:
        self.one_at_a_time = threading.Lock()
        self.pictures: Tokens[bytes] = Tokens(SHOWN_FOR_S, PICTURES)


elsewhere = Blueprint("elsewhere", __name__)


@elsewhere.get("/elsewhere")
@needs(Role.FLOOR)
def page() -> str:
    """Answer the page that takes a file."""
    return render_template("elsewhere.html", most_mb=MOST_BYTES // 2**20)


@elsewhere.post("/api/v1/analyze")
@needs(Role.FLOOR)
@limited("imports")
@guard.takes_file(MOST_BYTES)
def analyze() -> ResponseReturnValue:
    """Work a file out; the answer is the analysis and where its picture is."""
    side = request.args.get("side")
    if side not in SIDES:
        abort(400, "Say which foot was planted: side=left or side=right.")
    if not context.workbench().one_at_a_time.acquire(blocking=False):
        abort(503, "Another file is being worked out: try again in a moment.")
    try:
        with TemporaryDirectory(prefix="heeldrive-") as folder:
            file = Path(folder) / "curve"
            with file.open("wb") as out:
                while chunk := request.stream.read(CHUNK):
                    out.write(chunk)
            found, picture = worked_out(file, side)
    except UserError as error:
        abort(422, str(error))
    finally:
        context.workbench().one_at_a_time.release()
    token = context.workbench().pictures.issue(picture)
    return {"analysis": found, "picture": f"/api/v1/analyze/{token}.png"}


@elsewhere.get("/api/v1/analyze/<token>.png")
@needs(Role.FLOOR)
def picture(token: str) -> ResponseReturnValue:
    """Answer the picture of a file that was worked out just now."""
    found = context.workbench().pictures.of(token)
    if found is None:
        abort(404, "This picture is gone: choose the file again.")
    return Response(found, mimetype="image/png")
