"""A session's files, streamed: one by one, or together in a zip."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from mimetypes import guess_type

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from station.errors import UserError
from web import context

Files = list[tuple[str, Iterator[bytes]]]

downloads = Blueprint("downloads", __name__, url_prefix="/api/v1/sessions")


@downloads.get("/<int:number>/csv.zip")
def zipped(number: int) -> ResponseReturnValue:
    """Answer all files of a session in one zip."""
    return _download(zip_stream(_files(number)), f"heeldrive-session-{number}.zip", "application/zip")


@downloads.get("/<int:number>/files/<name>")
def single(number: int, name: str) -> ResponseReturnValue:
    """Answer one file of a session."""
    files = dict(_files(number))
    if name not in files:
        abort(404, "This session has no file of that name.")
    return _download(files[name], name, guess_type(name)[0] or "application/octet-stream")


def file_names(number: int) -> list[str]:
    """Return the names of a session's files, or answer 404."""
    return [name for name, _ in _files(number)]


def zip_stream(files: Iterable[tuple[str, Iterator[bytes]]]) -> Iterator[bytes]:
    """Yield a zip of `files` while they are read: neither is ever whole in memory."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            # How long a file becomes is not known beforehand.
            with archive.open(name, "w", force_zip64=True) as member:
                for chunk in content:
                    member.write(chunk)
                    yield sink.take()
    yield sink.take()


class _Sink:
    """A file that can only be written, and gives away what it holds."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """Hold `data`."""
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: there is nothing behind this file."""

    def close(self) -> None:
        """Do nothing: what is still held can be taken."""

    def take(self) -> bytes:
        """Return what was written since the last call."""
        taken = bytes(self._held)
        self._held.clear()
        return taken


def _files(number: int) -> Files:
    try:
        return context.station().export_csv(number)
    except LookupError as missing:
        abort(404, str(missing.args[0]) if missing.args else f"There is no session {number}.")
    except UserError as damaged:
        abort(500, str(damaged))


def _download(content: Iterator[bytes], name: str, mimetype: str) -> Response:
    # Empty pieces would end a chunked answer early.
    response = Response((chunk for chunk in content if chunk), mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
