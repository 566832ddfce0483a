"""What a whole station says of a person while it works, fails and deletes them: nothing."""

from __future__ import annotations

import io
import logging
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from in_process import Heard, InProcess
from running_station import wait_for

from station.codes import Codes
from station.recording import MarkRow
from station.session_writer import SessionWriter

NAME, NOTE = "Zwanhild Quixley", "knee clicks like a xylophone"
WORDS = ("Zwanhild", "Quixley", "knee clicks", "xylophone")
START = {"athlete": NAME, "side": "left", "goal": "technique", "load_kg": 0}


@pytest.fixture
def heard() -> Iterator[Heard]:
    handler, root = Heard(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


def damaged_but_open(folder: Path) -> None:
    """Leave two sessions behind that stumble over the person's own words where they are taken up again."""
    (folder / "sessions").mkdir(parents=True)
    for number, body in ((1, {"number": 1, "thresholds": {NOTE: 1}}), (2, {"number": NAME})):
        path = folder / "sessions" / f"session-{number:05d}.heeldrive"
        writer = SessionWriter.create(
            path, {"number": number, "athlete": NAME, "t0_ns": NAME, "params": NOTE}
        )
        writer.begin_segment("run", "boot", {"name": NAME}, 0, 0)
        writer.mark(MarkRow(-1, 0, "set_start", body))
        writer.commit()
        writer.close()


def lift(station: InProcess) -> int:
    """Do a set, and say all that can be said of it; return the session's number."""
    wait_for("a zero", lambda: station.state()["state"] == "ready")
    assert station.post("set/start", **START)[0] == 200
    wait_for("two reps", lambda: station.counted() >= 2)
    assert station.post("set/mark", word="twisted")[0] == 200
    assert station.post("set/end")[0] == 200
    said = {"text": NOTE, "effort": "hard", "felt": "glutes", "pain": True}
    assert station.post("set/note", number=1, **said)[0] == 200
    assert station.post("set/rep", number=1, rep=-1, word="added")[0] == 200
    for athlete in ("Grace", NAME):
        assert station.post("set/move", number=1, athlete=athlete)[0] == 200
    return int(station.state()["session"]["number"])


def bad_input(station: InProcess) -> None:
    """Say the name and the note in every way that is refused."""
    refused: list[tuple[str, Any]] = [
        ("set/start", START | {"athlete": NAME * 9}),
        ("set/start", START | {"athlete": f"{NAME}\x1b[2J\n"}),
        ("set/start", START | {"athlete": f"{NAME}\ud800"}),
        ("set/start", START | {"side": NAME}),
        ("set/start", START | {"load_kg": NOTE}),
        ("set/start", START | {NAME: NOTE}),
        ("set/note", {"number": 1, "text": NOTE * 99}),
        ("set/note", {"number": 1, "text": f"{NOTE}\x00"}),
        ("set/note", {"number": NOTE}),
        ("set/note", {"number": 77, "text": NOTE}),
        ("set/move", {"number": 77, "athlete": NAME}),
        ("athletes/forget", {"athlete": NAME, "typed": "somebody"}),
        ("athletes/forget", {"athlete": NOTE, "typed": NOTE}),
        ("history/open", {"athlete": NAME, "code": "0000"}),
        ("history/open", {"athlete": f"{NAME}\ud800", "code": "0000"}),
        ("history/open", {"athlete": NAME, "code": NOTE}),
        ("history/open", {"athlete": NAME, "code": "\ud800"}),
        ("sticks/copy", {"path": f"/{NAME}", "forms": [NOTE]}),
        ("sticks/copy", {"path": f"/{NAME}", "forms": []}),
        (quote(NAME), {"athlete": NAME}),
    ]
    for path, body in refused:
        status, _ = station.ask("POST", f"/api/v1/{path}", body)
        assert 400 <= status < 500, (path, body, status)
    assert station.ask("POST", "/api/v1/set/start", NAME.encode())[0] == 400
    told = f"t_s,{NAME}\n{NOTE}\n".encode()
    assert station.ask("POST", "/api/v1/analyze?side=left", told, "application/octet-stream")[0] == 422
    name = quote(f"{NAME}\x1b[2J\n")
    for path in (f"/{name}", f"/history/{name}", f"/api/v1/sessions/1/files/{name}", f"/take/{name}"):
        assert station.ask("GET", path)[0] in (404, 500), path
    assert station.ask("GET", f"/api/v1/sessions/csv.zip?athlete={name}")[0] == 404


def failing(station: InProcess, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything fail that can, each with the person's words in the exception."""

    def fail(*_: object, **__: object) -> Any:
        raise TypeError(NAME, NOTE)

    def half(*_: object) -> Iterator[tuple[str, Iterator[bytes]]]:
        yield "a.csv", iter([NOTE.encode()])
        raise FileNotFoundError(2, "No such file", f"/media/athlete={NAME}/a.csv")

    with monkeypatch.context() as patch:
        patch.setattr(station.service, "review", fail)
        assert station.ask("GET", f"/api/v1/sessions/{number}/review")[0] == 500
        patch.setattr(station.service, "export", half)
        station.ask("GET", f"/api/v1/sessions/{number}/csv.zip")
        patch.setattr(station.library, "forget", lambda athlete: fail_on_disk(athlete))
        assert station.post("athletes/forget", athlete=NAME, typed=NAME)[0] == 409
        patch.setattr("station.keeper.archive.stream", fail)
        station.ask("GET", "/api/v1/backup")


def fail_on_disk(athlete: str) -> None:
    raise sqlite3.OperationalError("disk I/O error") from OSError(5, "Input/output error", f"/x/{athlete}")


def taken_away(station: InProcess, number: int) -> None:
    """Take the open session's file away for a while."""
    path = station.library.session_path(number)
    away = path.with_name("away")
    path.rename(away)
    wait_for("the fault", lambda: station.state()["recording_fault"])
    assert NAME not in station.ask("GET", "/api/v1/health")[1].decode()
    away.rename(path)
    wait_for("an end of it", lambda: station.state()["recording_fault"] is None)


def test_nobodys_name_or_note_is_logged_or_bundled(
    tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    damaged_but_open(tmp_path / "data")
    with InProcess(tmp_path / "data", tmp_path) as station:
        number = lift(station)
        bad_input(station)
        taken_away(station, number)
        bundles = [station.service.support_bundle()]
        assert station.post("session/end")[0] == 200
        for path in (f"{number}/all.zip", f"json.zip?athlete={quote(NAME)}", "csv.zip"):
            status, content = station.ask("GET", f"/api/v1/sessions/{path}")
            assert (status, content[:2]) == (200, b"PK"), path
        assert station.post("set/note", number=1, session=number, text=NOTE + " still")[0] == 200
        Codes(station.library).put(NAME, "2468")
        failing(station, number, monkeypatch)
        for session in (1, 2):
            station.library.session_path(session).unlink()
        status, told = station.post("athletes/forget", athlete=NAME, typed=NAME)
        assert (status, told["sessions"]) == (200, [number])
        bundles.append(station.service.support_bundle())
        last = station.log.text()
    said, wrote = capfd.readouterr()
    texts = {"log": "\n".join(heard.lines), "tail": last, "stdout": said, "stderr": wrote}
    for place, held in enumerate(bundles):
        with zipfile.ZipFile(io.BytesIO(held)) as bundle:
            texts |= {f"{place} {name}": bundle.read(name).decode() for name in bundle.namelist()}
    assert f"session {number} begins" in texts["log"]
    assert texts["log"].count("TypeError") >= 2, "the failures were logged"
    assert "session-00001.heeldrive keeps the reps it has" in texts["log"]
    for place, text in texts.items():
        for word in WORDS:
            assert word not in text, (place, [line for line in text.splitlines() if word in line])
        assert "\x1b" not in text, place
