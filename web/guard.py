"""Who may ask what: every request passes here before any route sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address

from flask import Flask, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

MAX_BODY_BYTES = 4096  # the largest command is a few hundred

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?", re.ASCII)
_LOCAL_NAME = re.compile(r"([a-z0-9-]+\.)+local", re.ASCII)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# What people read in place of a framework's own words.
_SENTENCES = {
    400: "The request could not be understood.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: f"The request is larger than the {MAX_BODY_BYTES} bytes that a command may have.",
    500: "The station met a fault of its own: its log says more.",
}


def install(app: Flask, hosts: Iterable[str] = ()) -> None:
    """Put the guard before every route of `app`; `hosts` are further names it answers to."""
    known = frozenset(host.lower() for host in hosts)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES

    @app.before_request
    def _check() -> None:
        _check_host(known)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            _check_command()

    @app.after_request
    def _armour(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.register_error_handler(HTTPException, _as_sentence)


def host_allowed(host: str, known: frozenset[str] = frozenset()) -> bool:
    """Tell whether `host`, as in the Host header, is a name that this station goes by.

    A page elsewhere can make a browser ask us under its own name (DNS rebinding), never under
    an IP literal, ``localhost``, a ``.local`` name, or one that the owner has configured.
    """
    match = _HOST.fullmatch(host.lower())
    if match is None:
        return False
    name = match["name"].removesuffix(".")
    return name == "localhost" or name in known or is_ip(name) or _LOCAL_NAME.fullmatch(name) is not None


def is_loopback(name: str) -> bool:
    """Tell whether a host name is this machine's own, which nobody else can reach."""
    try:
        return name == "localhost" or ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def is_ip(name: str) -> bool:
    """Tell whether a host name is an address in numbers."""
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _check_host(known: frozenset[str]) -> None:
    if not host_allowed(request.environ.get("HTTP_HOST", ""), known):
        abort(403, "The station does not go by this name: use its IP address, or a name that ends in .local.")


def _check_command() -> None:
    """Let a command through from our own page or a program, never from another page.

    A browser names the page in Origin with every POST, and no page can change that; a program
    (curl, a script) has no Origin, and its user's will is its own.
    """
    own = f"{request.scheme}://{request.environ['HTTP_HOST']}".lower()
    if request.headers.get("Origin", own).lower() != own:
        abort(403, "A command is not taken from another page than the station's own.")
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403, "A command is only taken from the station's own page.")
    if request.mimetype != "application/json":
        abort(415, "A command is only taken as application/json.")


def _as_sentence(error: HTTPException) -> ResponseReturnValue:
    """Answer with one plain sentence: as a page to a person who walked there, else as JSON."""
    code = error.code or 500
    if error.response is not None:
        return error.response
    if error.description == type(error).description:
        sentence = _SENTENCES.get(code, error.name + ".")
    else:
        sentence = error.description or error.name + "."
    walked = "text/html" in request.headers.get("Accept", "")
    if walked and code != 403 and not request.path.startswith("/api/"):
        return render_template("error.html", sentence=sentence), code
    answer = jsonify(error=sentence)
    answer.status_code = code
    if isinstance(valid := getattr(error, "valid_methods", None), Iterable):
        answer.headers["Allow"] = ", ".join(sorted(valid))
    return answer
