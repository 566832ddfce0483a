"""The backup as the page takes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted_station import ScriptedStation

from station import restoring
from station.errors import UserError
from station.keeper import Keeper
from station.library import Library
from web.app import create_app


def test_it_is_streamed_and_can_be_restored(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.keep_setting("zero", [1])
    station = ScriptedStation(tmp_path / "data")
    station.safekeeping = keeper = Keeper(library, library.forget, lambda: ("2026-11-20T17:05:00Z", True))
    client = create_app(station, pairing_needed=False).test_client()
    assert keeper.kept().last_utc is None
    answer = client.get("/api/v1/backup")
    assert (answer.status_code, answer.is_streamed) == (200, True)
    assert "heeldrive-backup.tar" in answer.headers["Content-Disposition"]
    (tmp_path / "b.tar").write_bytes(answer.data)
    restoring.restore(tmp_path / "b.tar", tmp_path / "other")
    assert Library(tmp_path / "other").setting("zero") == [1]
    assert keeper.kept().last_utc == "2026-11-20T17:05:00Z"
    assert 0 <= len(answer.data) - keeper.kept().backup_bytes < 4096  # the manifest and the tar's end
    client.get("/api/v1/backup").close()  # a browser that leaves: nothing is held up by it
    with pytest.raises(UserError, match="Nobody"):
        keeper.forget("Nobody")
    library.close()


def test_without_a_folder_there_is_a_sentence(tmp_path: Path) -> None:
    answer = (
        create_app(ScriptedStation(tmp_path / "gone"), pairing_needed=False)
        .test_client()
        .get("/api/v1/backup")
    )
    assert answer.status_code == 404
    assert "data folder" in answer.get_json()["error"]
