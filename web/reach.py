"""How another device finds the station: its address, and that as a code to scan."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import segno
from flask import Response, request

from station.address import address_towards
from web.guard import is_ip, is_loopback


def url(path: str) -> tuple[str, bool]:
    """Return under which URL a phone finds a path of the station, and whether it can.

    A name that ends in .local is not known to many phones, so that the address in numbers is given:
    the one of this machine that faces the tablet. Behind https the name stays: the certificate is for it.
    """
    asked = urlsplit(f"//{request.host}")
    host = asked.hostname or ""
    if not request.is_secure and (not is_ip(host) or is_loopback(host)):
        host = address_towards(request.remote_addr or "127.0.0.1") or host
    shown = f"[{host}]" if ":" in host else host
    port = "" if asked.port is None else f":{asked.port}"
    return f"{request.scheme}://{shown}{port}{path}", not is_loopback(host)


def qr(url: str) -> Response:
    """Answer an address as a code to scan."""
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn, kind="svg", scale=8, border=4, dark="#11161b", light="#ffffff"
    )
    return Response(drawn.getvalue(), mimetype="image/svg+xml")
