"""What was recorded, to take away: streamed file by file, or together in a zip."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from mimetypes import guess_type
from urllib.parse import quote

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from station.door import Scope
from station.errors import UserError
from station.plain import file_part
from web import admission, context
from web.limits import limited
from web.roles import Role, needs

Files = Iterator[tuple[str, Iterator[bytes]]]
ALL = "all"
FORM_NAMES = {
    "csv": "CSV",
    "report": "Report to print",
    "json": "JSON",
    "parquet": "Parquet",
    "c3d": "C3D",
    "mot": "OpenSim .mot",
    ALL: "All formats",
}

downloads = Blueprint("downloads", __name__, url_prefix="/api/v1/sessions")


@downloads.get("/<int:number>/<form>.zip")
@needs(Role.FLOOR)
@limited("exports")
def session(number: int, form: str) -> ResponseReturnValue:
    """Answer a session in one zip."""
    return zipped(Scope(number), _chosen(form), f"heeldrive-session-{number}")


@downloads.get("/<int:number>/sets/<int:one>/<form>.zip")
@needs(Role.FLOOR)
@limited("exports")
def one_set(number: int, one: int, form: str) -> ResponseReturnValue:
    """Answer one set of a session in one zip."""
    return zipped(Scope(number, one), _chosen(form), f"heeldrive-session-{number}-set-{one}")


@downloads.get("/<form>.zip")
@needs(Role.FLOOR)
@limited("exports")
def many(form: str) -> ResponseReturnValue:
    """Answer all sessions, or those of the athlete that is asked for, in one zip."""
    athlete = request.args.get("athlete")
    if athlete is None:
        admission.require(Role.OWNER)
    name = "heeldrive" if athlete is None else f"heeldrive-{file_part(athlete)}"
    return zipped(Scope(athlete=athlete), _chosen(form), name)


@downloads.get("/<int:number>/files/<name>")
@needs(Role.FLOOR)
@limited("exports")
def single(number: int, name: str) -> ResponseReturnValue:
    """Answer one file of a session."""
    found = (content for other, content in _all_files(number) if other == name)
    content = next(found, None)
    if content is None:
        abort(404, "This session has no file of that name.")
    return _download(content, name, guess_type(name)[0] or "application/octet-stream")


def file_names(number: int) -> list[str]:
    """Return the names of a session's files in all formats, or answer 404."""
    return [name for name, _ in _all_files(number)]


def form_names() -> dict[str, str]:
    """Return the formats that can be made here, each with its name for people; "all" is the last."""
    there = {*context.station().export_forms(), ALL}
    return {form: name for form, name in FORM_NAMES.items() if form in there}


def zipped(scope: Scope, forms: Sequence[str], name: str) -> Response:
    """Answer an export in one zip, or 404 where there is none."""
    return _download(zip_stream(_files(scope, forms)), f"{name}.zip", "application/zip")


def zip_stream(files: Iterable[tuple[str, Iterator[bytes]]]) -> Iterator[bytes]:
    """Yield a zip of `files` while they are read: neither is ever whole in memory.

    The same files give the same bytes: no time of day is in it.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name)  # of 1980, as zip begins
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            # How long a file becomes is not known beforehand.
            with archive.open(entry, "w", force_zip64=True) as member:
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


def _chosen(form: str) -> Sequence[str]:
    there = context.station().export_forms()
    if form not in (*there, ALL):
        abort(404, f"This station makes no such format: choose {', '.join(there)} or {ALL}.")
    return there if form == ALL else [form]


def _all_files(number: int) -> Files:
    return _files(Scope(number), context.station().export_forms())


def _files(scope: Scope, forms: Sequence[str]) -> Files:
    try:
        return context.station().export(scope, forms)
    except LookupError as missing:
        abort(404, str(missing.args[0]) if missing.args else "There is nothing of that kind.")
    except UserError as damaged:
        abort(500, str(damaged))


def _download(content: Iterator[bytes], name: str, mimetype: str) -> Response:
    # Empty pieces would end a chunked answer early.
    response = Response((chunk for chunk in content if chunk), mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", **_names(name))
    return response


def _names(name: str) -> dict[str, str]:
    """Return a file's name as a header takes it: in ASCII, and beside it as it is (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if plain == name:
        return {"filename": name}
    return {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
