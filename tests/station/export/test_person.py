"""An athlete's export: all that the station stores about them, and nothing of others."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from exported import taken

from station.amending import amend_closed
from station.codes import Codes
from station.door import CorrectRep, MoveSet, NoteSet, Scope
from station.export import files, forms
from station.library import Library
from station.roster import Roster
from station.session_writer import finish_file

A_SESSION = Path(__file__).parents[1] / "session_files" / "session-v2.heeldrive"
ADA, GRACE = "Ada Lövelace", "Grace"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Session 1 is Ada's, with all that can be said of one; in Grace's session 2 is a set of Ada's."""
    library = Library(tmp_path_factory.mktemp("people"))
    for athlete in (ADA, GRACE):
        number = library.next_session_number(athlete)
        path = library.session_path(number)
        path.write_bytes(A_SESSION.read_bytes())
        finish_file(path, (), {"number": number, "athlete": athlete})
    rep = int(rows(library.session_path(1), "SELECT id FROM rep WHERE set_number = 1")[0][0])
    for session, command in (
        (1, NoteSet(1, level_until=2, effort="hard", felt="glutes", text="the knee clicks", pain=True)),
        (1, NoteSet(2, level_unsure=True, discarded=True)),
        (1, CorrectRep(1, rep, "off_target")),
        (1, CorrectRep(1, -1, "added")),
        (2, NoteSet(1, text="what Grace alone knows", effort="easy")),
        (2, NoteSet(2, text="done by Ada", effort="right")),
        (2, MoveSet(2, ADA)),
    ):
        amend_closed(library, command, session)
    Roster(library).keep_plates(ADA, {"left": 3.5})
    Roster(library).keep_rest_share(ADA, "left", 0.61)
    Codes(library).put(ADA, "2468")
    return library


def rows(path: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query, values).fetchall()


def told(people: Library) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is remembered of Ada, and her sessions' JSON by their names."""
    found = {name: json.loads(content) for name, content in taken(people, "json", athlete=ADA).items()}
    return found.pop(f"athlete_{ADA}.json"), found


def test_every_row_of_station_db_about_somebody_is_in_it(people: Library) -> None:
    remembered, _ = told(people)
    station = people.folder / "station.db"
    kept = dict(rows(station, "SELECT key, value FROM memory WHERE athlete = ?", ADA))
    assert {"visits", "plates", "rest_share", "code"} <= kept.keys()
    hashed = json.loads(kept.pop("code"))
    assert remembered["remembered"] == {key: json.loads(value) for key, value in kept.items()}
    assert remembered["code"] is True
    assert hashed["hash"] not in json.dumps(remembered)
    assert remembered["athlete"] == ADA
    for (table,) in rows(station, "SELECT name FROM sqlite_master WHERE type = 'table'"):
        holds = any(ADA in str(row) for row in rows(station, f"SELECT * FROM {table}"))  # noqa: S608
        assert holds == (table in ("athlete", "memory")), table


def test_every_fact_mark_and_rep_of_their_sessions_is_in_it(people: Library) -> None:
    _, sessions = told(people)
    exported = sessions["session-00001_analysis.json"]
    provenance, path = exported["provenance"], people.session_path(1)
    for kind, body in rows(path, "SELECT kind, body FROM mark"):
        wanted = {"kind": kind, **json.loads(body)}
        assert any(wanted.items() <= mark.items() for mark in provenance["marks"]), kind
    for key, text in rows(path, "SELECT key, value FROM meta"):
        value = json.loads(text)
        if key == "params":
            assert value["calibration"] == provenance["calibration"]
            assert {k: v for k, v in value.items() if k != "calibration"} == provenance["settings"]
        elif key not in ("t0_ns", "paused"):  # where the file's own clock begins, and how it was written
            told_of = {**provenance["session"], **provenance, "plate": provenance["plate"]["name"]}
            assert told_of[key] == value, key
    own = {"index", "set", "by_hand"}
    found = {rep["lift_off_s"]: rep for rep in exported["reps"] if rep["lift_off_s"] is not None}
    for (body,) in rows(path, "SELECT body FROM rep"):
        # The export tells what the core of today finds in the log, the file what that of its day had found.
        then = json.loads(body)
        now = found[min(found, key=lambda at_s: abs(at_s - then["lift_off_s"]))]
        assert now["lift_off_s"] == pytest.approx(then["lift_off_s"], abs=0.01)
        assert now.keys() - own == then.keys() - own
        assert (now["style"], now["complete"]) == (then["style"], then["complete"])
    curves = taken(people, "csv", athlete=ADA)["session-00001_curves.csv"].decode().splitlines()
    ((last_ns,),) = rows(path, "SELECT max(last_t_ns) FROM block")
    ((t0_ns,),) = rows(path, "SELECT value FROM meta WHERE key = 't0_ns'")
    assert len(curves) - 1 == pytest.approx((last_ns - int(t0_ns)) / 1e7, rel=0.02), "a row each 10 ms"


def test_of_anothers_session_their_own_set_is_in_it_and_nothing_else(people: Library) -> None:
    remembered, sessions = told(people)
    assert remembered["sessions"] == [{"session": 1, "sets": None}, {"session": 2, "sets": [2]}]
    one = sessions["session-00002_set-02_analysis.json"]
    assert [(s["number"], s["notes"]["text"], s["athlete"]) for s in one["sets"]] == [(2, "done by Ada", ADA)]
    assert {rep["set"] for rep in one["reps"]} == {2}
    for form in forms():
        for name, content in taken(people, form, athlete=ADA).items():
            assert b"what Grace alone knows" not in content, name
    assert b"what Grace alone knows" in b"".join(taken(people, "json", athlete=GRACE).values())


def test_who_is_known_without_a_session_has_an_export_too(people: Library) -> None:
    people.meet("Eve", 99)
    assert list(taken(people, "csv", athlete="Eve")) == ["athlete_Eve.json"]
    with pytest.raises(LookupError, match="Nemo"):
        files(people, Scope(athlete="Nemo"), ["csv"])
