"""Hostile texts in every field that takes one, looked at on every page and in every export.

The pages are looked at without the content security policy: what a text is shown as must not rest on it.
"""

from __future__ import annotations

import csv
import email.message
import io
import json
import re
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import ezc3d
import pytest
from hostile import HALF_LETTER, HIT, SCRIPTS, TYPED, UNSEEN
from in_process import InProcess
from playwright.sync_api import Browser, Page, expect
from running_station import wait_for

from station import export
from station.__main__ import main
from station.coach.programs import Plan
from station.codes import Codes
from station.door import NoteSet, Scope
from station.library import Library
from station.plain import one_line
from station.recording import MarkRow
from station.service import StationService
from station.session_writer import SessionWriter, finish_file
from station.signal.model import Plate
from web.app import create_app

A_SESSION = Path(__file__).parents[1] / "station" / "session_files" / "session-v2.heeldrive"
START = {"side": "left", "goal": "technique", "load_kg": 0}
ELEMENTS = "[onerror], [onload], [onfocus], [autofocus]:not(#restore-no, #kept-no), script:not([src])"
SEEN = """[document.body.textContent,
  ...[...document.querySelectorAll('textarea, input, option')].map((e) => e.value)].join('\\n')"""
SOME = (*SCRIPTS[:3], UNSEEN[0])


def shown(text: str) -> str:
    return " ".join(text.split())


class Watched:
    """A page on which nothing may run that we did not write."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialogs: list[str] = []
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def unhurt(self) -> None:
        assert self.page.evaluate(HIT) is None, self.page.url
        assert self.page.locator(ELEMENTS).count() == 0, self.page.url
        assert self.dialogs == []

    def shows(self, *texts: str) -> None:
        seen = shown(self.page.evaluate(SEEN))
        for text in texts:
            assert shown(text) in seen, (text, self.page.url)
        self.unhurt()


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    """Every text as an athlete, as a note and as whom a set was moved to, typed into the API."""
    folder = tmp_path_factory.mktemp("hostile")
    with InProcess(folder / "data", folder, speed=2.0) as made:
        wait_for("a zero", lambda: made.state()["state"] == "ready")
        for number, text in enumerate(TYPED, start=1):
            assert made.post("set/start", athlete=text, **START)[0] == 200, text
            assert made.post("session/end")[0] == 200
            note = f"{text}\n{text}" * 3
            assert made.post("set/note", session=number, number=1, text=note)[0] == 200, text
            assert made.post("set/move", session=number, number=1, athlete=f"to {text}"[:60])[0] == 200
        yield made


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(8000)
    yield Watched(context.new_page())
    context.close()


# --- the API ---


@pytest.mark.parametrize("text", [*UNSEEN, HALF_LETTER, "W" * 61, "", " \t\n"])
def test_what_cant_be_seen_is_no_name(station: InProcess, text: str) -> None:
    name = shown(text)  # where it is a blank like any other, it becomes one
    wanted = 400 if not name.isprintable() or not 1 <= len(name) <= 60 else 409
    body = {"athlete": text, "typed": text}
    status, told = station.post("athletes/forget", **body)
    assert (status, one_line(told["error"])) == (wanted, told["error"])
    if wanted == 400:
        for path, fields_ in (("set/start", START), ("set/move", {"session": 1, "number": 1})):
            assert station.post(path, athlete=text, **fields_)[0] == 400, path
    assert 400 <= station.post("history/open", athlete=text, code="0000")[0] < 500


@pytest.mark.parametrize("text", [*UNSEEN, HALF_LETTER, "W" * 501])
def test_what_cant_be_seen_is_no_note(station: InProcess, text: str) -> None:
    assert station.post("set/note", session=1, number=1, text=text)[0] == 400


WORDS = (
    *(("set/start", {"athlete": "Ada", **START}, one.name) for one in fields(Plan)),
    *(("set/note", {"session": 1, "number": 1}, one.name) for one in fields(NoteSet) if one.name != "text"),
    ("set/mark", {}, "word"),
    ("set/rep", {"session": 1, "number": 1, "rep": -1}, "word"),
)


@pytest.mark.parametrize(("path", "body", "field"), WORDS)
def test_no_other_field_takes_a_text(station: InProcess, path: str, body: dict[str, Any], field: str) -> None:
    for text in (SCRIPTS[0], "=1+1", HALF_LETTER, ""):
        status, told = station.post(path, **{**body, field: text})
        assert status == 400, (field, text)
        assert text not in told["error"] or not text


# --- the pages ---


@pytest.mark.parametrize("path", ["/", "/history", "/data", "/health"])
def test_on_every_page_they_are_text(station: InProcess, watched: Watched, path: str) -> None:
    watched.page.goto(station.address + path)
    if path == "/":  # the last few
        expect(watched.page.locator("#tiles > *").nth(3)).to_be_visible()
        names = watched.page.locator("#tiles").inner_text()
        assert sum(text in names for text in SCRIPTS) >= 2
    watched.shows(*(TYPED if path in ("/history", "/data") else ()))


def test_a_sessions_page_shows_name_and_note_as_text(station: InProcess, watched: Watched) -> None:
    for text in SCRIPTS[:2]:
        watched.page.goto(f"{station.address}/history/{TYPED.index(text) + 1}")
        expect(watched.page.locator("#review")).to_be_visible()
        watched.page.get_by_role("button", name="Somebody else's set").click()
        expect(watched.page.locator("#move-tiles > *").first).to_be_visible()
        watched.shows(text, f"“{text}")


def test_the_live_page_says_them_as_text(watched: Watched, tmp_path: Path) -> None:
    with InProcess(tmp_path / "data", tmp_path) as station:
        wait_for("a zero", lambda: station.state()["state"] == "ready")
        watched.page.goto(station.address)
        watched.page.locator("#athlete").fill(SCRIPTS[1])
        watched.page.locator("input[name=side][value=left]").check(force=True)
        watched.page.get_by_role("button", name="Ready").click()
        expect(watched.page.locator("#wait-note")).to_contain_text(SCRIPTS[1])
        watched.page.get_by_role("button", name="Back").click()
        for athlete in (SCRIPTS[0], SCRIPTS[1]):  # partners, each of whom waits for the other
            assert station.post("set/start", athlete=athlete, **START)[0] == 200
            expect(watched.page.locator("#context")).to_contain_text(athlete)
            wait_for("a rep", lambda: station.counted() >= 1)
            assert station.post("set/end")[0] == 200
            assert station.post("set/note", number=1, text=SCRIPTS[2])[0] == 200
        expect(watched.page.locator("#partners")).to_contain_text(SCRIPTS[0])
        watched.shows(*SCRIPTS[:2])
        watched.page.wait_for_timeout(200)  # an image that is none has failed by then
        watched.unhurt()


def test_an_address_that_is_none_is_text(station: InProcess, watched: Watched) -> None:
    for text in SOME:
        watched.page.goto(f"{station.address}/take/{quote(text, safe='')}")
        watched.unhurt()


def test_a_file_from_elsewhere_is_refused_in_text(station: InProcess, watched: Watched) -> None:
    watched.page.goto(station.address + "/elsewhere")
    content = f"t_s,total_n\n0,1\n0.01,{SCRIPTS[1]}\n".encode()
    file = {"name": SCRIPTS[1], "mimeType": "text/csv", "buffer": content}
    watched.page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    watched.page.locator("input[name=side]").first.check(force=True)
    watched.page.locator("#work").click()
    expect(watched.page.locator("#told")).to_contain_text("<img src=x", timeout=40_000)
    watched.unhurt()


def test_the_locked_page_lists_them_as_text(station: InProcess, watched: Watched) -> None:
    Codes(station.library).put(None, "2468")
    try:
        watched.page.goto(station.address + "/history")
        watched.shows(*TYPED)
    finally:
        Codes(station.library).put(None, None)


def test_a_download_is_named_safely(station: InProcess) -> None:
    for text in TYPED[::3]:
        path = f"/api/v1/sessions/json.zip?{urlencode({'athlete': text})}"
        status, content = station.ask("GET", path)
        assert status == 200, text
        with zipfile.ZipFile(io.BytesIO(content)) as held:
            assert held.testzip() is None
            for name in held.namelist():
                assert set(name).isdisjoint("/\\")
                assert name.isprintable()


# --- what others put into a file ---


def hostile_file(library: Library, number: int, text: str) -> None:
    """Put a text wherever one can stand in a session file."""
    path = library.session_path(number)
    path.write_bytes(A_SESSION.read_bytes())
    with closing(sqlite3.connect(path)) as db:
        ((params,),) = db.execute("SELECT value FROM meta WHERE key = 'params'")
        calibration = json.loads(params)["calibration"] | {"id": text, "made": text}
        put = json.dumps(json.loads(params) | {"calibration": calibration})
        db.execute("UPDATE meta SET value = ? WHERE key = 'params'", (put,))
        ((source,),) = db.execute("SELECT source FROM segment LIMIT 1")
        db.execute("UPDATE segment SET source = ?", (json.dumps(json.loads(source) | {"text": text}),))
        db.commit()
    writer = SessionWriter.reopen(path)
    said = dict.fromkeys(("athlete", "started_utc", "version", "station", "plate"), text)
    writer.set_meta({"number": number, **said})
    writer.mark(MarkRow(-1, 0, "set_note", {"number": 1, "text": text, "felt": text, "effort": text}))
    writer.mark(MarkRow(-1, 0, "set_move", {"number": 2, "athlete": text}))
    writer.mark(MarkRow(-1, 0, "set_mark", {"number": 1, "word": text, "rep": 1}))
    writer.commit()
    writer.close()


def steers(text: str, but: str = "") -> list[str]:
    """Return the letters that steer a terminal or a reader's eye."""
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in but]


@pytest.mark.parametrize("text", [*TYPED[::6], SCRIPTS[0], *UNSEEN[::3], '"=1+1', "  ＝1"])
def test_no_export_is_hurt_by_a_text(tmp_path: Path, text: str) -> None:
    library, out = Library(tmp_path / "data"), tmp_path / "out"
    hostile_file(library, 1, text)
    for path in export.write(library, Scope(1), export.forms(), out):
        assert out in path.resolve().parents
        assert steers(path.as_posix()) == []
        if path.suffix == ".csv":
            unhurt_csv(path)
        elif path.suffix == ".mot":
            head, _ = path.read_text(encoding="utf-8").split("\nendheader\n")
            assert steers(head, "\n") == []
            assert f"athlete: {one_line(text)}\n" in head
        elif path.suffix == ".c3d":
            (name,) = ezc3d.c3d(str(path))["parameters"]["SUBJECTS"]["NAMES"]["value"]
            assert name == one_line(text).rstrip()
        elif path.suffix == ".json":
            told = json.loads(path.read_text(encoding="utf-8"))
            assert told.get("provenance", told)["session"]["athlete"] == text
    library.close()


def unhurt_csv(path: Path) -> None:
    content = path.read_bytes().decode()
    assert steers(content, "\n") == []
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(content, newline=""), delimiter=delimiter):
            for cell in row:
                start = re.sub(r"^[\s\"“”‘’]+", "", cell)
                number = re.fullmatch(r"-?\d+(\.\d+)?(,[\d.,-]*)?", cell)
                assert number or not start.startswith(tuple("=+-@＝＋－＠")), (path.name, cell)


def test_the_report_shows_them_as_text(watched: Watched, tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    for number, text in enumerate(SOME, start=1):
        hostile_file(library, number, text)
        (path,) = export.write(library, Scope(number), ["report"], tmp_path)
        watched.page.goto(path.as_uri())
        watched.page.emulate_media(media="print" if number % 2 else "screen")
        watched.shows(*([] if text in UNSEEN else [text]))
    library.close()


def test_the_terminal_is_not_steered(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    library, data = Library(tmp_path / "data"), ["--data", str(tmp_path / "data")]
    for number, text in enumerate(UNSEEN, start=1):
        hostile_file(library, number, text)
        assert main(["analyze", str(library.session_path(number)), "--calibration", str(number), *data]) in (
            0,
            1,
        )
    assert main(["sessions", *data]) == 0
    assert main(["analyze", str(library.session_path(1))]) == 0
    for text in (UNSEEN[0], UNSEEN[2]):
        assert main(["export", "--athlete", text, "--format", "json", "--out", str(tmp_path), *data]) in (
            0,
            1,
        )
        assert main(["export", "1", "--format", "json", "--out", f"{tmp_path}/{text}", *data]) in (0, 1)
        assert main(["forget", f"x{text}", *data]) == 1
    said = capsys.readouterr()
    assert steers(said.out, "\n") == steers(said.err, "\n") == []
    assert "\\x1b[31mred" in said.out
    library.close()


def test_the_pages_live_with_files_of_others(watched: Watched, tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    for number, text in enumerate(SOME, start=1):
        hostile_file(library, number, text)
    library.close()
    with InProcess(tmp_path / "data", tmp_path, speed=1.0) as station:
        for path in ("/history", "/data", "/history/1", "/history/4"):
            watched.page.goto(station.address + path)
            if path[-1].isdecimal():
                expect(watched.page.locator("#review")).to_be_visible()
            watched.shows(*(SCRIPTS[:3] if path == "/history" else ()))


def test_the_header_of_a_download_holds_one_name(tmp_path: Path) -> None:
    library, names = Library(tmp_path / "data"), (*TYPED[::2], *UNSEEN)
    for number, name in enumerate(names, start=1):
        path = library.session_path(number)
        path.write_bytes(A_SESSION.read_bytes())
        finish_file(path, (), {"number": number, "athlete": name})
    service = StationService(tmp_path / "none.sock", library, Plate(), "0")
    client = create_app(service, pairing_needed=False).test_client()
    for name in names:
        with client.get("/api/v1/sessions/json.zip", query_string={"athlete": name}) as answer:
            assert answer.status_code == 200
            header = answer.headers["Content-Disposition"]
        assert header.isascii()
        told = email.message.Message()
        told["Content-Disposition"] = header
        assert steers(told.get_filename() or "\0") == [], name
    library.close()
