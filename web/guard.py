"""Who may ask what: every request passes here before any route sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

View = TypeVar("View", bound=Callable[..., Any])

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
REACHED_AT = "heeldrive.reached_at"  # in the environ: the own address of a connection
KNOWN = "heeldrive.known"  # in the environ: set for whoever may see anything at all
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
        if request.method not in SAFE_METHODS:
            _check_page()

    @app.after_request
    def _armour(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.register_error_handler(HTTPException, _as_sentence)


def install_last(app: Flask) -> None:
    """Put what looks at a command's body behind what asks who sends it."""

    @app.before_request
    def _check() -> None:
        if request.method not in SAFE_METHODS:
            _check_body()


def largest_body(app: Flask) -> int:
    """Return how large a request's body may be on any route of `app`."""
    files = (getattr(view, "most_bytes", 0) for view in app.view_functions.values())
    return max(MAX_BODY_BYTES, *files)


def takes_file(most_bytes: int) -> Callable[[View], View]:
    """Let a route take a file of at most `most_bytes` in place of a command's few fields.

    The file is the whole body, as application/octet-stream: no other page's form can send that.
    """

    def mark(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


def host_allowed(host: str, known: frozenset[str] = frozenset(), reached: str = "127.0.0.1") -> bool:
    """Tell whether `host`, as in the Host header, is a name that this station goes by.

    A page elsewhere can make a browser ask us under its own name (DNS rebinding), never under
    the address at which we were `reached`, ``localhost``, a ``.local`` name, or one that the owner
    has configured.
    """
    match = _HOST.fullmatch(host.lower())
    if match is None:
        return False
    name = match["name"].removesuffix(".")
    if name in known or name == "localhost" or _LOCAL_NAME.fullmatch(name) is not None:
        return True
    return _address(name) is not None and _address(name) in (_address(reached), *_loopback(reached))


def is_loopback(name: str) -> bool:
    """Tell whether a host name is this machine's own, which nobody else can reach."""
    address = _address(name)
    return name == "localhost" or (address is not None and address.is_loopback)


def is_ip(name: str) -> bool:
    """Tell whether a host name is an address in numbers."""
    return _address(name) is not None


def _address(name: str) -> IPv4Address | IPv6Address | None:
    """Return an address in numbers, one of IPv4 in an IPv6 socket's clothes as itself."""
    try:
        found = ip_address(name.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _loopback(reached: str) -> tuple[IPv4Address | IPv6Address, ...]:
    """Return this machine's names for itself where it was reached as one of them."""
    return (IPv4Address("127.0.0.1"), IPv6Address("::1")) if is_loopback(reached) else ()


def _check_host(known: frozenset[str]) -> None:
    reached = request.environ.get(REACHED_AT, "127.0.0.1")
    if not host_allowed(request.environ.get("HTTP_HOST", ""), known, reached):
        abort(403, "The station does not go by this name: use its IP address, or a name that ends in .local.")


def _check_page() -> None:
    """Let a command through from our own page or a program, never from another page.

    A browser names the page in Origin with every POST, and no page can change that; a program
    (curl, a script) has no Origin, and its user's will is its own.
    """
    own = f"{request.scheme}://{request.environ['HTTP_HOST']}".lower()
    if request.headers.get("Origin", own).lower() != own:
        abort(403, "A command is not taken from another page than the station's own.")
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403, "A command is only taken from the station's own page.")


def _check_body() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    most_bytes = getattr(view, "most_bytes", None)
    if most_bytes is not None:
        if request.mimetype != "application/octet-stream":
            abort(415, "A file is only taken as application/octet-stream.")
        request.max_content_length = most_bytes
        if (request.content_length or 0) > most_bytes:
            abort(413, f"The file is larger than {most_bytes // 2**20} MB.")
    elif request.mimetype != "application/json":
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
