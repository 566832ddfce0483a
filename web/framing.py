"""How a request is read: one way only, so that nothing before us can understand it in another."""

from __future__ import annotations

import re
import socket
from typing import Any

from cheroot.server import HeaderReader, HTTPRequest

from web.admission import CSRF_HEADER
from web.guard import MAX_BODY_BYTES

SLOWEST_BYTES_PER_S = 32 * 1024  # at which a file may come
MOST_LEFT_BYTES = 16 * 2**20  # of a body that was refused: more is not taken into memory
WHOLE_ANSWER_BYTES = 192 * 1024  # up to which an answer goes to the kernel in one piece
STREAM_BUFFER_BYTES = 32 * 1024  # small, so that a sleeping tablet wakes to little that is old

# No blank before the colon, no second line, no bare CR or NUL; an underscore would become a hyphen later on.
_FIELD = re.compile(rb"([!#$%&'*+.^`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\r\n")
_LENGTH = re.compile(rb"\d{1,15}")
# What says who asks, for what, and where a request ends.
_ONCE = frozenset(
    name.encode().title()
    for name in ("Host", "Content-Length", "Content-Type", "Origin", "Cookie", "Sec-Fetch-Site", CSRF_HEADER)
)


class Headers(HeaderReader):
    """Reads header fields; ValueError where two readers could differ."""

    def __call__(self, rfile: Any, hdict: Any = None) -> Any:
        """Return the fields by name."""
        found: dict[bytes, bytes] = {} if hdict is None else hdict
        while (line := rfile.readline()) != b"\r\n":
            field = _FIELD.fullmatch(line)
            if field is None:
                raise ValueError("A header field could not be understood.")
            name, value = field[1].title(), field[2]
            if name in found:
                if name in _ONCE:
                    raise ValueError(f"{name.decode()} was sent twice.")
                value = found[name] + b", " + value
            found[name] = value
        if b"Transfer-Encoding" in found:  # no browser does
            raise ValueError("A body is only taken with its Content-Length.")
        if not _LENGTH.fullmatch(found.get(b"Content-Length", b"0")):
            raise ValueError("Content-Length is a number of bytes.")
        return found


class Request(HTTPRequest):
    """One request and its answer."""

    header_reader = Headers()
    of_a_stranger = True

    def read_request_line(self) -> bool:
        """Read the first line; some that are none are no faults of ours."""
        try:
            return bool(super().read_request_line())  # type: ignore[no-untyped-call]
        except ValueError:
            self.simple_response("400 Bad Request", "Malformed Request-URI")
            return False

    def respond(self) -> None:
        """Answer; a body may take as long as its length is worth."""
        length_bytes = int(self.inheaders.get(b"Content-Length", 0))
        self.conn.read_within(self.server.timeout + length_bytes / SLOWEST_BYTES_PER_S)
        super().respond()

    def send_headers(self) -> None:
        """Send them, and see to it that neither body nor answer keeps the thread waiting."""
        # A browser shows why a file was refused only once it could send it; a stranger's is not waited for.
        most_left_bytes = MAX_BODY_BYTES if self.of_a_stranger else MOST_LEFT_BYTES
        if getattr(self.rfile, "remaining", 0) > most_left_bytes:
            self.close_connection = True
        length = next((int(value) for name, value in self.outheaders if name.lower() == b"content-length"), 0)
        room_bytes = 2 * length + STREAM_BUFFER_BYTES if 0 < length <= WHOLE_ANSWER_BYTES else 0
        self.conn.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, max(room_bytes, STREAM_BUFFER_BYTES))
        super().send_headers()
