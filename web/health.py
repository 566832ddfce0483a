"""How the station is: a page for the builder, the same as JSON, and a bundle for whoever helps from afar."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from station.doctor import CLOCK_WORDS, power_text
from web import context
from web.roles import Role, needs

health = Blueprint("health", __name__)

# As the plate lies before whoever stands at its heel end.
ON_THE_PLATE = ("toe_left", "toe_right", "heel_left", "heel_right")


@health.get("/health")
@needs(Role.FLOOR)
def page() -> str:
    """Answer the health page."""
    checkup = context.station().check_up()
    cells = {cell.cell: cell for cell in checkup.cells}
    return render_template(
        "health.html",
        checkup=checkup,
        cells=[cells[word] for word in ON_THE_PLATE if word in cells],
        power=power_text(checkup.machine.power),
        clock=CLOCK_WORDS[checkup.machine.clock_synchronised],
    )


@health.get("/api/v1/health")
@needs(Role.FLOOR)
def as_json() -> ResponseReturnValue:
    """Answer the check-up."""
    return context.station().check_up().as_json()


@health.get("/api/v1/health/bundle.zip")
@needs(Role.OWNER)
def bundle() -> ResponseReturnValue:
    """Answer the support bundle."""
    response = Response(context.station().support_bundle(), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename="heeldrive-support.zip")
    return response
