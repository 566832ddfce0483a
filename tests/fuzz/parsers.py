"""Every parser with what it is fed: it answers, or refuses in one line of its own, and does nothing else.

Memory is bounded by the caller (benchmarks/fuzz.py gives a worker so much and no more); time by a
generous clock, and by what may come of an input: so many records of so many bytes.
"""

from __future__ import annotations

import atexit
import json
import shutil
import signal
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import inputs
import numpy as np
from hypothesis import strategies as st
from scripted_station import ScriptedStation

from hardware.mock import simulate
from station import archive, config, restoring
from station.analysis import analyze
from station.calibration import chosen
from station.errors import UserError
from station.importing import read_forces
from station.index import Index
from station.library import Library
from station.link import Link, LinkLost
from station.packing import MOST_RECORDS, unpack
from station.recording import MarkRow, Recording, read_meta, read_tail
from station.replay import Replay
from station.review import review
from station.session_writer import SessionWriter
from station.signal import pipeline
from station.signal.model import Params
from station.tables import analysis_text
from web.app import create_app

LONGEST_S = 20  # for an input of some kB; a hundredth of it is usual
LONGEST_LINE = 3000  # of a refusal: the path and a value may stand in it
SESSIONS = Path(__file__).parents[1] / "station" / "session_files"


@dataclass(frozen=True)
class Parser:
    """What a parser is fed, how, and how large its part of a long run is."""

    made: st.SearchStrategy[Any]
    feed: Callable[[Any, Path], None]
    part: float


@contextmanager
def answering() -> Iterator[None]:
    """Let a refusal of ours pass, if it is one line; end what takes too long."""

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"no answer within {LONGEST_S} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LONGEST_S)
    try:
        yield
    except UserError as refusal:
        _one_clear_line(str(refusal))
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _one_clear_line(text: str) -> None:
    assert text.isprintable(), f"not one clear line: {text!r}"
    assert len(text) < LONGEST_LINE


def _force_file(content: bytes, folder: Path) -> None:
    path = folder / "curve.csv"
    path.write_bytes(content)
    with answering():
        records = read_forces(path).records
        assert len(records) <= 4 * len(content)
        assert np.all(records["cell"] < 4)
        analysis = analyze(path)
        json.dumps(analysis.as_json(), allow_nan=False)
        analysis_text(analysis)
    with answering():
        Replay.open(path, 0).poll(2**62)


def _block(content: bytes, _folder: Path) -> None:
    try:
        records = unpack(content)
    except ValueError as refusal:
        _one_clear_line(str(refusal))
    else:
        assert 0 <= len(records) <= MOST_RECORDS


def _config(content: bytes, folder: Path) -> None:
    path = folder / "config.toml"
    path.write_bytes(content)
    with answering():
        config.load(path)


def _calibration(content: bytes, folder: Path) -> None:
    path = folder / "calibration.json"
    path.write_bytes(content)
    with answering():
        made = chosen.calibration(str(path), folder)
        assert np.all(np.isfinite([*made.zero_count, *made.newtons_per_count, *np.ravel(made.unmix or 0.0)]))
        json.dumps(analyze(SESSIONS / "session-v2.heeldrive", better=made).as_json(), allow_nan=False)


def _answer(content: bytes, folder: Path) -> None:
    """Let something answer a station that asks a sampler, and hang up."""
    path = folder / "sampler.sock"
    path.unlink(missing_ok=True)

    def answer() -> None:
        with closing(listening.accept()[0]) as connection, suppress(OSError):
            connection.recv(100)
            connection.sendall(content)

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(1)
        thread = threading.Thread(target=answer)
        thread.start()
        with answering():
            _met(path)
        thread.join()


def _met(path: Path) -> None:
    link = None
    try:
        link = Link(path)
        parts = []
        while True:
            parts.append(link.read(2.0))
    except LinkLost as lost:
        _one_clear_line(str(lost))
        if link is not None and link.greeting.source.calibration is not None and parts:
            pipeline.run(Params(calibration=link.greeting.source.calibration), parts)
    finally:
        if link is not None:
            link.close()


# Session files.

_COLUMNS = [
    ("meta", "value"), ("segment", "source"), ("segment", "utc_ns"), ("segment", "monotonic_ns"),
    ("block", "data"),
    ("block", "last_seq"), ("block", "last_t_ns"), ("mark", "after_seq"), ("mark", "t_ns"), ("mark", "body"),
    ("mark", "kind"), ("rep", "body"), ("rep", "set_number"), ("segment", "run_id"),
]  # fmt: skip
_WHOLE = {version: (SESSIONS / f"session-v{version}.heeldrive").read_bytes() for version in (1, 2)}
_KINDS = [
    "zero",
    "set_start",
    "set_end",
    "set_void",
    "set_resume",
    "set_mark",
    "set_note",
    "set_move",
    "set_rep",
]
_cells: Any = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.binary(max_size=40),
    st.text(max_size=20).filter(str.isascii),
    st.sampled_from(["[]", "{}", "null", "NaN", *_KINDS]),
    st.just(inputs.DEEP), inputs.values.map(lambda value: inputs.as_json(value).decode("ascii")),
)  # fmt: skip


@cache
def _bodies(version: int) -> tuple[tuple[str, str, Any], ...]:
    """Return every JSON text of a session file: table, column that names its row, value."""
    with closing(sqlite3.connect(SESSIONS / f"session-v{version}.heeldrive")) as db:
        rows = [("meta", key, json.loads(text)) for key, text in db.execute("SELECT key, value FROM meta")]
        rows += [("mark", key, json.loads(text)) for key, text in db.execute("SELECT id, body FROM mark")]
        return (
            *rows,
            *(("rep", key, json.loads(text)) for key, text in db.execute("SELECT id, body FROM rep")),
        )


@st.composite
def _rows(draw: Any) -> tuple[int | bytes, str, tuple[Any, ...]]:
    """Draw a session file, or the version of a whole one and a statement that spoils it."""
    version = draw(st.integers(1, 2))
    match draw(st.integers(0, 4)):
        case 0:
            return draw(inputs.spoilt(_WHOLE[version])), "", ()
        case 1:
            return version, "UPDATE block SET data = ?", (draw(inputs.blocks),)
        case 2:
            table, column = draw(st.sampled_from(_COLUMNS))
            return version, f"UPDATE {table} SET {column} = ?", (draw(_cells),)  # noqa: S608
    table, key, value = draw(st.sampled_from(_bodies(version)))
    column, by = ("value", "key") if table == "meta" else ("body", "id")
    text = inputs.as_json(draw(inputs.changed(value))).decode("ascii")
    return version, f"UPDATE {table} SET {column} = ? WHERE {by} = ?", (text, key)  # noqa: S608


def _session_file(drawn: tuple[tuple[int | bytes, str, tuple[Any, ...]], str], folder: Path) -> None:
    (content, statement, cells), reader = drawn
    for left in folder.glob("session-*"):
        left.unlink()
    path = folder / "session-00001.heeldrive"
    path.write_bytes(_WHOLE[content] if isinstance(content, int) else content)
    if statement:
        with closing(sqlite3.connect(path)) as db, suppress(sqlite3.IntegrityError), db:
            db.execute(statement, cells)
    with answering():
        _READERS[reader](path)
    index = Index(folder / "index.db", folder)
    (row,) = index.sessions()
    assert (row.state == "damaged") == bool(row.note)
    index.visits()
    index.close()


def _analysed(path: Path) -> None:
    analysis = analyze(path)
    json.dumps(analysis.as_json())
    analysis_text(analysis)


_READERS: dict[str, Callable[[Path], object]] = {
    "meta": read_meta,
    "tail": read_tail,
    "analyze": _analysed,
    "review": lambda path: review(Recording.read(path)),
    "replay": lambda path: Replay.open(path, 0).poll(2**62),
}


# Backups.


@cache
def _backup() -> bytes:
    log, _ = simulate(0.2)
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        number = library.next_session_number("Ada")
        writer = SessionWriter.create(library.session_path(number), {"number": number, "athlete": "Ada"})
        writer.begin_segment("run", "boot", {}, 0, 0)
        writer.mark(MarkRow(-1, 0, "set_start", {"number": 1, "side": "left"}))
        writer.append(log)
        writer.commit()
        writer.close()
        library.close()
        return b"".join(archive.stream(Path(folder)))


def _restored(content: bytes, folder: Path) -> None:
    place = folder / "place"
    shutil.rmtree(place, ignore_errors=True)
    data = place / "data"
    data.mkdir(parents=True)
    (data / "station.db").write_bytes(b"")
    path = place / "backup.tar"
    path.write_bytes(content)
    before = {"backup.tar", "data"}
    done = False
    with answering():
        restoring.restore(path, data)
        done = True
    names = {found.name for found in place.iterdir()}
    assert names == before, names
    left = [found.name for found in data.iterdir()]
    assert done or ((data / "station.db").read_bytes() == b"" and left == ["station.db"]), left
    assert not any(found.is_symlink() for found in place.rglob("*"))


# What is asked of the page's server.

_START = {
    "athlete": "Mara", "side": "left", "goal": "technique", "load_kg": 20.5, "target_reps": 8,
    "plate_cm": 1.5,
    "tempo": "controlled",
    "load_unit": "kg", "hands_free": False,
}  # fmt: skip
_COMMANDS: dict[str, dict[str, Any]] = {
    "set/start": _START, "set/cancel": {}, "set/mark": {"word": "pain"}, "set/end": {}, "session/end": {},
    "set/note": {"number": 1, "session": 1, "level_until": 3, "effort": "hard", "text": "a", "pain": True},
    "set/move": {"number": 1, "session": 1, "athlete": "Ada"}, "plate/zero": {"confirmed": True},
    "plate/right": {},
    "calibration/start": {"masses_kg": [10, 20.5], "grid": True, "placing_mm": 3},
    "calibration/verify": {"mass_kg": 15, "cells": "C3", "capacity_kg": 50},
    "calibration/measure": {"turn": 1, "empty": True}, "calibration/redo": {"turn": 1},
    "calibration/more": {"turn": 1, "what": "one"}, "calibration/keep": {"turn": 1},
    "calibration/stop": {}, "calibrations/use": {"id": "old"},
    "set/rep": {"number": 1, "session": 1, "rep": 1, "word": "added"}, "sessions/1/take-home": {},
}  # fmt: skip
_PATHS = [
    "/api/v1/sessions/{}/review", "/api/v1/sessions/{}/files", "/api/v1/sessions/1/{}.zip", "/history/{}",
    "/api/v1/{}.zip?athlete={}", "/take/{}", "/api/v1/sessions/1/files/{}", "/{}", "/static/{}",
    "/api/v1/sessions/1/sets/{}/csv.zip", "/api/v1/calibration?turn={}", "/api/v1/calibrations/{}",
    "/calibrate/certificate/{}",
]  # fmt: skip


@st.composite
def _requests(draw: Any) -> tuple[str, str, bytes, dict[str, str]]:
    """Draw method, address, body and headers."""
    if draw(st.integers(0, 3)) == 0:
        word = draw(inputs.words).encode("utf-8", "replace").decode().replace("\x00", "%00")
        return "GET", draw(st.sampled_from(_PATHS)).replace("{}", word), b"", {}
    name = draw(st.sampled_from(sorted(_COMMANDS)))
    right = inputs.as_json(_COMMANDS[name])
    body = draw(
        st.one_of(
            inputs.changed(_COMMANDS[name]).map(inputs.as_json), inputs.spoilt(right),
            inputs.values.map(inputs.as_json),
            st.just(b"[" * 4000), st.just(b" " * 5000), st.binary(max_size=40),
        )
    )  # fmt: skip
    kind = draw(
        st.sampled_from(["application/json"] * 8 + ["text/plain", "application/json; charset=utf-16"])
    )
    return "POST", f"/api/v1/{name}", body, {"Content-Type": kind}


@cache
def _page() -> Any:
    station = ScriptedStation()
    station.refuses = "Not now."
    station.desk_folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, station.desk_folder, ignore_errors=True)
    return create_app(station, pairing_needed=False)


def _request(drawn: tuple[str, str, bytes, dict[str, str]], _folder: Path) -> None:
    method, address, body, headers = drawn
    app = _page()
    app.testing = True  # what is not caught comes through
    app.config["PROPAGATE_EXCEPTIONS"] = True
    with answering(), app.test_client() as client:
        # With a base of its own the test client takes "//x" for a path, as a server does, and for no host.
        answer = client.open(address, base_url="http://localhost", method=method, data=body, headers=headers)
        content = answer.get_data()
        assert answer.status_code < 500, content
        if answer.status_code >= 400 and address.startswith("/api/") and method == "POST":
            assert "\n" not in json.loads(content)["error"]
        answer.close()


PARSERS: dict[str, Parser] = {
    "force files": Parser(inputs.force_files(), _force_file, 0.12),
    "blocks": Parser(inputs.blocks, _block, 0.35),
    "configs": Parser(inputs.configs(), _config, 0.2),
    "requests": Parser(_requests(), _request, 0.25),
    "calibrations": Parser(inputs.calibrations, _calibration, 0.01),
    "sampler's answers": Parser(inputs.answers(), _answer, 0.05),
    "session files": Parser(st.tuples(_rows(), st.sampled_from(sorted(_READERS))), _session_file, 0.01),
    "backups": Parser(st.one_of(inputs.archives(_backup()), inputs.manifests(_backup())), _restored, 0.01),
}
