"""Where the station's page is, for a browser and for ourselves, and whether it answers."""

from __future__ import annotations

import http.client
import io
import socket
from urllib.parse import urlsplit

import segno

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - to know it by, not to listen at # nosec B104
LOCAL_ADDRESS = {EVERY_ADDRESS: "127.0.0.1", "::": "::1"}  # how to reach ourselves there
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")  # nobody else can reach what listens there
ELSEWHERE = "192.0.2.1"  # RFC 5737: stands for any other machine; nothing is ever sent there


def page_url(host: str, port: int) -> str:
    """Return where a browser finds the page of a station that listens at `host` and `port`.

    Where it listens at every address, the one that faces the network is given: many phones
    know no name that ends in .local.
    """
    if host in LOCAL_ADDRESS:
        host = address_towards(ELSEWHERE) or f"{socket.gethostname()}.local"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def as_code(url: str) -> str:
    """Return `url` as a code to scan from a terminal, "" for an address that no phone can reach."""
    host = urlsplit(url).hostname or ""
    if host in THIS_MACHINE:
        return ""
    drawn = io.StringIO()
    segno.make(url, error="l", micro=False).terminal(drawn, border=2, compact=True)
    return drawn.getvalue()


def address_towards(remote: str) -> str | None:
    """Return this machine's address towards another, None where there is no way; nothing is sent."""
    family = socket.AF_INET6 if ":" in remote else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((remote, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None


def page_answers(host: str, port: int, timeout_s: float = 1.0) -> bool:
    """Tell whether the page gives an answer that is no fault of its own."""
    connection = http.client.HTTPConnection(LOCAL_ADDRESS.get(host, host), port, timeout=timeout_s)
    try:
        connection.request("GET", "/api/v1/state")
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
