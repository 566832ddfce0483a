"""A restore inside the data folder: whatever stops it, and wherever, the state is the old or the new one."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path

import pytest
from power import Machine, PowerCut, Step, left
from small import record

from station import archive, restoring
from station.__main__ import main
from station.devices import Devices
from station.errors import UserError
from station.library import Library

CUTS = 3  # of the lossy kind, at every step


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Power is cut by the shim alone: the real disk may take its time."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`backup` holds Ada's session; `data` went on with Grace's and one that is deleted, and has an index."""
    place = tmp_path_factory.mktemp("place")
    library = Library(place / "data")
    record(library, "Ada")
    (place / "data/truth.jsonl").write_text("of the backup\n")
    archive.write(place / "data", place / "backup", "2026-11-20T17:05:00Z")
    for name in ("Grace", "Eve"):
        record(library, name)
    library.sessions()
    library.close()
    library.session_path(3).unlink()
    (place / "data/truth.jsonl").write_text("of now\n")
    (place / "data/station.db.before-1").write_bytes(b"a copy")
    (place / "data/running.json").write_text("{}")
    return place


def state(folder: Path) -> dict[str, bytes]:
    """Return what a station would find: all of ours but what is made again."""
    mine = ("station.db", "station.db.before-1", "truth.jsonl", *sorted(folder.glob("sessions/*")))
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in (folder / name for name in mine) if p.exists()
    }


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        settings = db.execute("SELECT * FROM setting WHERE key NOT IN ('restored', 'devices')").fetchall()
        return [*db.execute("SELECT * FROM athlete"), *db.execute("SELECT * FROM memory"), *settings]


@pytest.fixture(scope="module")
def old(place: Path) -> dict[str, bytes]:
    return state(place / "data")


@pytest.fixture(scope="module")
def new(place: Path) -> dict[str, bytes]:
    """What the backup holds, as another program unpacks it."""
    (place / "unpacked").mkdir()
    subprocess.run(["tar", "-xf", place / "backup", "-C", place / "unpacked"], check=True)
    return state(place / "unpacked")


def whole(folder: Path, place: Path, old: dict[str, bytes], new: dict[str, bytes]) -> str:
    """Tell which state a folder is in; fail where it is neither."""
    found = state(folder)
    if found == old:
        return "old"
    assert found.keys() == new.keys()
    assert all(found[name] == content for name, content in new.items() if name != "station.db")
    assert rows(folder / "station.db") == rows(place / "unpacked/station.db")
    (before,) = restoring.kept(folder)
    assert state(before) == old
    with closing(sqlite3.connect(folder / "station.db")) as db:
        ((highest,),) = db.execute("SELECT seq FROM sqlite_sequence").fetchall()
    assert highest == 3, "a number would be used twice"
    return "new"


def restored(place: Path, folder: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(place / "data", folder)
    with machine.under(monkeypatch), suppress(PowerCut):
        restoring.restore(place / "backup", folder)


@pytest.fixture
def steps(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Step]:
    machine = Machine(tmp_path / "all")
    restored(place, tmp_path / "all", machine, monkeypatch)
    return machine.steps


def as_a_command_finds_it(folder: Path, place: Path, old: dict[str, bytes], new: dict[str, bytes]) -> str:
    """A command that does not finish it either is refused or finds one of the two."""
    try:
        restoring.refuse_half(folder)
    except UserError:
        with pytest.raises(UserError, match="start the station"):
            Library(folder)
        return "refused"
    copy = folder.with_name("command")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    return whole(copy, place, old, new)


def test_a_kill_before_every_step_leaves_the_old_or_the_new(
    place: Path,
    tmp_path: Path,
    steps: list[Step],
    old: dict[str, bytes],
    new: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, ends, met = tmp_path / "data", [], set()
    for cut_at in range(len(steps) + 1):
        restored(place, folder, Machine(folder, cut_at), monkeypatch)
        met.add(as_a_command_finds_it(folder, place, old, new))
        restoring.finish(folder)
        ends.append(whole(folder, place, old, new))
        assert not (folder / restoring.STAGE).exists()
    assert met == {"old", "refused", "new"}
    assert ends == sorted(ends, reverse=True), "once it was ordered it is done, whatever happens"
    assert (ends[0], ends[-1]) == ("old", "new")
    assert len(steps) > 35


def test_what_a_power_cut_loses_of_it_leaves_the_old_or_the_new(
    place: Path, tmp_path: Path, steps: list[Step], old: dict[str, bytes], new: dict[str, bytes]
) -> None:
    chance, folder = random.Random(3), tmp_path / "data"
    begins = ordered(steps) - 2  # before that nothing of ours is touched
    for cut_at in range(begins, len(steps) + 1):
        for _ in range(CUTS):
            left(steps[begins:cut_at], staged(place, steps, begins, tmp_path), folder, chance)
            as_a_command_finds_it(folder, place, old, new)
            restoring.finish(folder)
            whole(folder, place, old, new)


def ordered(steps: list[Step]) -> int:
    """Return the step that puts the order in its place."""
    return next(n for n, step in enumerate(steps) if step[0] == "rename" and "order.json" in step[2])


def staged(place: Path, steps: list[Step], begins: int, tmp_path: Path) -> Path:
    """Return the folder as it is when all is unpacked and checked."""
    folder = tmp_path / "staged"
    if not folder.exists():
        shutil.copytree(place / "data", folder)
        with (place / "backup").open("rb") as content:
            restoring.stage(content, "it", folder)
        assert steps[begins][0] == "write"
    return folder


def test_a_restore_that_did_not_sync_would_be_found_out(
    place: Path, tmp_path: Path, steps: list[Step], old: dict[str, bytes], new: dict[str, bytes]
) -> None:
    """The proof can fail: without the fsyncs of folders a mixture is left."""
    begins, chance, broken = ordered(steps) - 2, random.Random(3), 0
    careless = [s for s in steps[begins:] if s[0] != "sync" or s[1].endswith(".new")]
    for cut_at in range(len(careless) + 1):
        for _ in range(CUTS):
            try:
                left(careless[:cut_at], staged(place, steps, begins, tmp_path), tmp_path / "data", chance)
                restoring.finish(tmp_path / "data")
                whole(tmp_path / "data", place, old, new)
            except (AssertionError, ValueError, UserError, OSError, sqlite3.Error):
                broken += 1
    assert broken > 10


@pytest.mark.parametrize("then_cut", [False, True])
def test_a_disk_that_refuses_a_move_has_all_of_the_old_again(
    place: Path,
    tmp_path: Path,
    steps: list[Step],
    old: dict[str, bytes],
    new: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    then_cut: bool,
) -> None:
    begins = ordered(steps)
    moves = [
        n
        for n, step in enumerate(steps)
        if n > begins and step[0] == "rename" and "order.json" not in step[1]
    ]
    assert len(moves) == 7
    folder = tmp_path / "data"
    for move in moves[::3] if then_cut else moves:
        for cut_at in range(move + 1, move + 30) if then_cut else (None,):
            machine = Machine(folder, cut_at)

            def full(step: Step, machine: Machine = machine, move: int = move) -> None:
                if len(machine.steps) == move and step[:2] == steps[move][:2]:
                    raise OSError(28, "No space left on device")

            machine.refuses = full
            if not then_cut:
                with pytest.raises(UserError, match=r"No space left on device.*nothing was replaced"):
                    restored(place, folder, machine, monkeypatch)
                assert state(folder) == old
                assert restoring.kept(folder) == []
                assert not (folder / restoring.STAGE).exists()
                continue
            with suppress(UserError):
                restored(place, folder, machine, monkeypatch)
            as_a_command_finds_it(folder, place, old, new)
            restoring.finish(folder)
            whole(folder, place, old, new)


def test_a_second_restore_keeps_what_the_first_made_and_numbers_go_on(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(place / "data", folder)
    restoring.restore(place / "backup", folder)
    library = Library(folder)
    record(library, "Zoe")
    library.close()
    between = state(folder)
    second = restoring.restore(place / "backup", folder)
    assert second == folder / "before-restore-2"
    assert state(second) == between
    archive.write(second, tmp_path / "old.tar")
    again = Library(folder)
    assert [row.athlete for row in again.sessions()] == ["Ada"]
    assert again.next_session_number("Ada") == 5
    assert again.setting(restoring.SETTING)["kept"] == "before-restore-2"
    again.close()
    restoring.restore(tmp_path / "old.tar", folder)  # what was kept comes back the same way
    assert {row.athlete for row in Library(folder).sessions()} == {"Ada", "Zoe"}
    assert Library(folder).next_session_number("Ada") == 6


def test_devices_stay_as_they_are_and_one_that_was_taken_away_stays_away(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    library = Library(folder)
    devices = Devices(library, lambda: ("2026-11-20T17:00:00Z", True))
    lost, owners = devices.pair("Lost", "owner"), devices.pair("Phone", "owner")
    archive.write(folder, tmp_path / "b.tar")
    (gone,) = [device for device in devices.all() if device.name == "Lost"]
    devices.revoke(gone.id)
    rack = devices.pair("Rack 1", "floor")
    (folder / "owner.pin").write_text("12345678")
    library.close()
    restoring.restore(tmp_path / "b.tar", folder)
    after = Devices(Library(folder), lambda: ("2026-11-20T17:00:00Z", True))
    assert [after.of(token) is not None for token in (lost, owners, rack)] == [False, True, True]
    assert (folder / "owner.pin").read_text() == "12345678"
    restoring.restore(tmp_path / "b.tar", tmp_path / "another_station")
    assert Devices(Library(tmp_path / "another_station"), lambda: ("", False)).all() == []


def test_nothing_is_made_beside_the_data_folder(place: Path, tmp_path: Path) -> None:
    """Under systemd it is all that the station may write to."""
    folder = tmp_path / "state" / "data"
    folder.parent.mkdir()
    shutil.copytree(place / "data", folder)
    restoring.restore(place / "backup", folder)
    assert [path.name for path in folder.parent.iterdir()] == ["data"]
    assert (folder / "running.json").read_text() == "{}", "who runs is no part of the state"


def test_what_was_not_ordered_is_removed_at_the_next_start(
    place: Path, tmp_path: Path, old: dict[str, bytes]
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(place / "data", folder)
    with (place / "backup").open("rb") as content:
        held = restoring.stage(content, "it", folder)
    assert (held.sessions, held.athletes, held.damaged) == (1, 1, ())
    assert held.made_utc == "2026-11-20T17:05:00Z"
    assert restoring.finish(folder) is None
    assert state(folder) == old
    assert not (folder / restoring.STAGE).exists()


def test_an_order_without_what_it_orders_replaces_nothing(
    place: Path, tmp_path: Path, old: dict[str, bytes]
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(place / "data", folder)
    (folder / restoring.STAGE / "new/sessions").mkdir(parents=True)
    restoring.order(folder, "a")
    done = restoring.finish(folder)
    assert done is not None
    assert (done.token, done.kept) == ("a", None)
    assert "station.db is gone" in done.why_not
    assert state(folder) == old


def test_an_order_that_nobody_can_read_stops_everything(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(place / "data", folder)
    (folder / restoring.STAGE).mkdir()
    (folder / restoring.STAGE / "order.json").write_text("{")
    for asks in (restoring.finish, restoring.refuse_half, Library):
        with pytest.raises(UserError, match="damaged"):
            asks(folder)


def test_a_backup_of_half_a_restore_is_not_made(
    place: Path,
    tmp_path: Path,
    steps: list[Step],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    middle = next(n for n, step in enumerate(steps) if step[:2] == ("rename", ".restoring/new/station.db"))
    folder = tmp_path / "data"
    restored(place, folder, Machine(folder, middle), monkeypatch)
    assert main(["backup", "--data", str(folder), "--out", str(tmp_path / "b.tar")]) == 1
    assert "start the station" in capsys.readouterr().err
    assert not (tmp_path / "b.tar").exists()


def test_a_full_disk_is_told_and_leaves_nothing(
    place: Path, tmp_path: Path, old: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(place / "data", folder)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match=r"No space left.*nothing was replaced"):
        restoring.restore(place / "backup", folder)
    assert state(folder) == old
    assert not (folder / restoring.STAGE).exists()


def test_a_newer_station_db_is_refused(place: Path, tmp_path: Path, old: dict[str, bytes]) -> None:
    other, folder = tmp_path / "other", tmp_path / "data"
    shutil.copytree(place / "data", folder)
    Library(other).close()
    with closing(sqlite3.connect(other / "station.db")) as db:
        db.execute("PRAGMA user_version = 99")
    archive.write(other, tmp_path / "b.tar")
    with pytest.raises(UserError, match=r"newer Heeldrive.*nothing was replaced"):
        restoring.restore(tmp_path / "b.tar", folder)
    assert state(folder) == old


def test_an_older_station_db_is_brought_to_the_present(tmp_path: Path) -> None:
    """A station.db from before its versions were counted comes back as a station would have migrated it."""
    Library(tmp_path / "old").close()
    with closing(sqlite3.connect(tmp_path / "old/station.db")) as db:
        db.execute("DROP TABLE session_number")
        db.execute("INSERT INTO athlete VALUES (1, 'Ada', 7)")
        db.execute("PRAGMA user_version = 0")
        db.commit()
    archive.write(tmp_path / "old", tmp_path / "b.tar")
    assert restoring.restore(tmp_path / "b.tar", tmp_path / "new") is None
    library = Library(tmp_path / "new")
    assert library.athletes() == ["Ada"]
    library.close()
