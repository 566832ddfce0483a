"""A backup restored on the page of a whole station, as its owner does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect
from running_station import Running, heeldrive, wait_for

from station import restoring
from station.library import Library
from station.recording import Recording


def do_a_set(running: Running, athlete: str) -> None:
    running.start_set(athlete=athlete)
    wait_for("a rep", lambda: running.counted() >= 1)
    running.post("set/end")
    running.post("session/end")


def athletes(running: Running) -> list[tuple[int, str, str]]:
    rows = json.loads(running.ask("GET", "/api/v1/sessions")[1])["sessions"]
    return [(row["number"], row["athlete"], row["state"]) for row in rows]


def test_the_owner_takes_a_backup_and_has_it_back(
    start: Callable[..., Running], browser: Browser, tmp_path: Path
) -> None:
    running = start("--speed", "10").until_ready()
    wait_for("the first zero", lambda: running.state()["state"] == "ready")
    do_a_set(running, "Ada")
    before = running.ask("GET", "/api/v1/backup")[1]
    (tmp_path / "b.tar").write_bytes(before)
    recorded = (running.data / "sessions/session-00001.heeldrive").read_bytes()
    do_a_set(running, "Grace")
    running.post("athletes/forget", athlete="Ada", typed="Ada")
    assert athletes(running) == [(2, "Grace", "closed")]
    station = running.child("station")

    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"http://station.local:{running.port}/data")
    page.get_by_label("Backup file").set_input_files(str(tmp_path / "b.tar"))
    page.get_by_role("button", name="Check this file").click()
    dialog = page.get_by_role("dialog", name="Replace everything that is here?")
    expect(dialog).to_contain_text("1 session of 1 athlete", timeout=20_000)
    page.get_by_role("button", name="Replace it all").click()
    told = page.locator("#restore-told")
    expect(told).to_contain_text("Restored. What was here before is kept in", timeout=30_000)
    expect(page.locator("#kept")).to_contain_text("before-restore-1")
    page.close()

    assert running.child("station") not in (0, station)
    assert running.process.poll() is None, "the parent stays, and has started it again"
    assert athletes(running) == [(1, "Ada", "closed")]
    wait_for("the sampler", lambda: running.state()["sampler_connected"])
    do_a_set(running, "Ada")
    assert athletes(running) == [(3, "Ada", "closed"), (1, "Ada", "closed")], "no number comes twice"
    code, said = running.end()
    assert (code, "Traceback" in said) == (0, False), said
    kept = running.data / "before-restore-1/sessions/session-00002.heeldrive"
    assert Recording.read(kept).meta["athlete"] == "Grace"
    back = Recording.read(running.data / "sessions/session-00001.heeldrive")
    (tmp_path / "as_it_was.heeldrive").write_bytes(recorded)
    was = Recording.read(tmp_path / "as_it_was.heeldrive")
    assert [part.tobytes() for s in back.segments for part in s.blocks] == [
        part.tobytes() for s in was.segments for part in s.blocks
    ]
    # The same way from the command line, over the first.
    assert heeldrive("restore", tmp_path / "b.tar", "--data", running.data).returncode == 0
    assert (running.data / "before-restore-2").is_dir()


def test_a_restore_that_was_cut_short_is_finished_by_the_next_run_at_a_plate(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    """There the parent, too, looks into the folder: for who is paired."""
    data = tmp_path / "data"
    Library(data).meet("Ada", 7)
    assert heeldrive("backup", "--data", data, "--out", tmp_path / "b.tar").returncode == 0
    Library(data).meet("Eve", 8)
    with (tmp_path / "b.tar").open("rb") as content:
        restoring.stage(content, "it", data)
    restoring.order(data, "a")
    restoring._begun(data, {"token": "a"})
    (data / "before-restore-1").mkdir()
    (data / "station.db").rename(data / "before-restore-1" / "station.db")  # and there the power went
    assert "start the station" in heeldrive("sessions", "--data", data).stderr
    running = start("--host", "127.0.0.2", data=data)  # as one that others can see: devices have to be paired
    assert running.process.stdout is not None
    greeting = [running.process.stdout.readline() for _ in range(2)]
    assert "PIN" in greeting[1], running.process.communicate()[1]
    assert Library(data).athletes() == ["Ada"]
