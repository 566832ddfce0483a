"""`heeldrive run`, as a person starts it, hurts it and takes curves home from it."""

from __future__ import annotations

import io
import json
import os
import signal
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from running_station import Running, heeldrive, wait_for

from station.recording import Recording

Start = Callable[..., Running]


EDGE_NS = 400_000_000  # a rep that ends or begins so near a mark may be on either side of it


def judged(
    running: Running, recording: Recording, lift_offs_ns: Sequence[int]
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Return what the athlete did surely in a set, by its own account, and which of a set's reps are those.

    At either edge of the set there may be one rep more, which the athlete did as well.
    """
    marks = {mark.kind: mark.t_ns for segment in recording.segments for mark in segment.marks}
    everything = running.truth()
    sure = [
        rep for rep in everything
        if rep["lift_off_ns"] > marks["set_start"] + EDGE_NS
        and rep["touchdown_ns"] < marks["set_end"] - EDGE_NS
    ]  # fmt: skip
    at_ns = np.asarray(lift_offs_ns, dtype=np.int64)
    inside = (at_ns > sure[0]["lift_off_ns"] - EDGE_NS) & (at_ns < sure[-1]["lift_off_ns"] + EDGE_NS)
    assert np.count_nonzero(~inside) <= 2
    for edge_ns in at_ns[~inside]:
        assert min(abs(rep["lift_off_ns"] - edge_ns) for rep in everything) < EDGE_NS, "nobody did that"
    return sure, inside


def all_seqs(recording: Recording) -> dict[str, np.ndarray]:
    return {s.run_id: np.concatenate([b["seq"] for b in s.blocks]) for s in recording.segments}


def end_set(running: Running) -> None:
    """End the set where no rep is just touching down, and wait until the truth of its reps is told."""
    wait_for("a clear moment", lambda: running.state()["phase"] in ("up", "hold"))
    ended_s = running.post("set/end")["t_s"]
    wait_for("the next seconds", lambda: running.state()["t_s"] > ended_s + 3)


def finish(running: Running) -> Recording:
    end_set(running)
    running.post("session/end")
    code, said = running.end()
    assert code == 0, said
    (path,) = (running.data / "sessions").iterdir()
    recording = Recording.read(path)
    assert recording.meta["state"] == "closed"
    return recording


def test_a_set_from_the_page_to_pandas(start: Start, tmp_path: Path) -> None:
    running = start("--speed", "10").until_ready()
    wait_for("the first zero", lambda: running.state()["state"] == "ready")
    running.start_set()
    wait_for("eleven reps", lambda: running.counted() >= 11)
    end_set(running)
    status, packed = running.ask("GET", "/api/v1/sessions/1/csv.zip")
    assert status == 200
    recording = finish(running)

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert sorted(archive.namelist()) == [
            "session-00001_curves.csv", "session-00001_metadata.json", "session-00001_reps.csv",
            "session-00001_sets.csv",
        ]  # fmt: skip
    out = heeldrive("export", "1", "--format", "csv", "--out", tmp_path / "home", "--data", running.data)
    assert out.returncode == 0, out.stderr
    curves = pd.read_csv(tmp_path / "home" / "session-00001_curves.csv")
    reps = pd.read_csv(tmp_path / "home" / "session-00001_reps.csv")
    facts = json.loads((tmp_path / "home" / "session-00001_metadata.json").read_text(encoding="utf-8"))
    assert facts["recomputed_equal"] is True
    assert facts["simulated"] is True

    cells = curves[["heel_left_n", "heel_right_n", "toe_left_n", "toe_right_n"]]
    known = curves["total_n"].notna()
    assert known.mean() > 0.97
    assert np.allclose(cells[known].sum(axis=1), curves["total_n"][known], atol=0.003)
    shares = (cells["heel_left_n"] + cells["heel_right_n"]) / curves["total_n"]
    said = curves["heel_share"].notna()
    assert np.allclose(shares[said], curves["heel_share"][said], atol=1e-3)

    marks = {mark["kind"]: mark["t_s"] for mark in facts["marks"]}
    in_set = curves.loc[curves["set"].notna(), "t_s"]
    assert in_set.min() == pytest.approx(marks["set_start"], abs=0.011)
    assert in_set.max() == pytest.approx(marks["set_end"], abs=0.011)
    assert curves["t_s"].max() > marks["set_end"] + 1

    t0_ns = recording.meta["t0_ns"]
    mine = reps[reps["complete"] & reps["set"].notna()]
    truth, inside = judged(running, recording, t0_ns + (1e9 * mine["lift_off_s"]).round())
    mine = mine[inside]
    assert len(mine) == len(truth) >= 9
    for name, within_s in (
        ("lift_off", 0.06),
        ("touchdown", 0.06),
        ("lockout_start", 0.12),
        ("lockout_end", 0.2),
    ):
        true_s = np.array([(rep[f"{name}_ns"] - t0_ns) / 1e9 for rep in truth])
        assert np.median(np.abs(mine[f"{name}_s"].to_numpy() - true_s)) < within_s, name
    assert np.allclose(mine["heel_share"], [rep["heel_share"] for rep in truth], atol=0.02)


@pytest.mark.parametrize(
    "adc",
    [
        pytest.param(("--speed", "3"), id="mock"),
        pytest.param(("--adc", "gpio", "--pins", "simulated"), id="pins", marks=pytest.mark.long),
    ],
)
def test_kill_9_of_the_station_loses_and_repeats_nothing(start: Start, adc: tuple[str, ...]) -> None:
    running = start(*adc).until_ready()
    wait_for("the foot", lambda: running.state()["phase"] == "rest")
    running.start_set()
    wait_for("a rep", lambda: running.counted() >= 1)
    os.kill(running.child("station"), signal.SIGKILL)
    wait_for("the page again", lambda: running.counted() >= 2)
    shown = running.state()["session"]
    assert (shown["number"], len(shown["sets"]), shown["sets"][0]["running"]) == (1, 1, True)
    recording = finish(running)
    ((_, seqs),) = all_seqs(recording).items()
    assert np.array_equal(seqs, np.arange(seqs[0], seqs[0] + len(seqs), dtype=np.uint64))
    t0_ns = recording.meta["t0_ns"]
    whole = [t0_ns + round(1e9 * rep["lift_off_s"]) for rep in recording.reps if rep["complete"]]
    truth, inside = judged(running, recording, whole)
    assert np.count_nonzero(inside) == len(truth)


@pytest.mark.long  # in short: a sampler that was started again, in tests/station/test_session.py
def test_kill_9_of_the_sampler_is_a_gap_as_long_as_it_was_dead(start: Start) -> None:
    speed = 3
    running = start("--speed", str(speed)).until_ready()
    wait_for("the foot", lambda: running.state()["phase"] == "rest")
    running.start_set()
    wait_for("a rep", lambda: running.counted() >= 1)
    os.kill(running.child("sampler"), signal.SIGKILL)
    wait_for("more reps", lambda: running.counted() >= 3)
    recording = finish(running)
    first, second = recording.segments
    assert first.run_id != second.run_id
    for seqs in all_seqs(recording).values():
        assert np.array_equal(seqs, np.arange(seqs[0], seqs[0] + len(seqs), dtype=np.uint64))
    last_ns = first.blocks[-1]["t_ns"].max()
    back_ns = second.blocks[0]["t_ns"][0]
    assert 0 < back_ns - last_ns < speed * 2.0e9
    out = heeldrive("export", "1", "--out", running.data / "home", "--data", running.data)
    curves = pd.read_csv(running.data / "home" / "session-00001_curves.csv")
    assert out.returncode == 0
    gap_s = curves["total_n"].isna().sum() / 100
    assert gap_s == pytest.approx((back_ns - last_ns) / 1e9, abs=0.2)


@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.long), signal.SIGTERM])
def test_ending_it_in_mid_set_keeps_the_set(start: Start, number: int) -> None:
    running = start("--speed", "5").until_ready()
    wait_for("the first zero", lambda: running.state()["state"] == "ready")
    running.start_set()
    wait_for("reps", lambda: running.counted() >= 3)
    code, said = running.end(number)
    assert (code, "Traceback" in said) == (0, False), said
    (path,) = (running.data / "sessions").iterdir()
    recording = Recording.read(path)
    assert recording.meta["state"] == "closed"
    assert [m.kind for s in recording.segments for m in s.marks if m.kind != "zero"] == [
        "set_start",
        "set_end",
    ]
    assert len([rep for rep in recording.reps if rep["complete"]]) >= 3
    listed = heeldrive("sessions", "--data", running.data)
    assert "Ada" in listed.stdout
    assert "simulated" in listed.stdout


def test_a_parent_that_is_killed_takes_its_children_along(start: Start) -> None:
    running = start().until_ready()
    children = [running.child("sampler"), running.child("station")]
    assert all(children)
    running.end(signal.SIGKILL)
    wait_for("both to end", lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def test_a_second_start_says_where_the_first_is(start: Start) -> None:
    running = start().until_ready()
    again = heeldrive("run", "--data", running.data, "--port", str(running.port))
    assert again.returncode == 1
    assert running.address in again.stderr
    elsewhere = heeldrive("run", "--data", running.data / "other", "--port", str(running.port))
    assert elsewhere.returncode == 1
    assert f"Port {running.port}" in elsewhere.stderr
    assert len(elsewhere.stderr.splitlines()) == len(again.stderr.splitlines()) == 1
    assert running.state()["sampler_connected"]


def test_a_session_is_replayed_as_it_was(start: Start, tmp_path: Path) -> None:
    running = start("--speed", "10").until_ready()
    wait_for("the first zero", lambda: running.state()["state"] == "ready")
    running.start_set()
    wait_for("reps", lambda: running.counted() >= 5)
    recording = finish(running)
    player = start("--replay", str(recording.path), "--speed", "5", data=tmp_path / "player").until_ready()
    wait_for("the sampler", lambda: player.state()["sampler_connected"])
    state = player.state()
    assert state["source"]["name"] == "replay"
    assert state["source"]["simulated"], "what was simulated stays marked so"
    wait_for("reps", lambda: player.state()["practice_counted"] >= 4)
    code, said = player.end()
    assert code == 0, said


def test_the_doctor_names_what_runs(start: Start, tmp_path: Path) -> None:
    running = start().until_ready()
    asked = heeldrive("doctor", "--data", running.data)
    assert asked.returncode == 0
    assert "SIMULATED" in asked.stdout
    assert all(cell in asked.stdout for cell in ("heel-left", "heel-right", "toe-left", "toe-right"))
    running.end()  # the rest is in real time
    alone = heeldrive("doctor", "--adc", "gpio", "--pins", "simulated", "--data", tmp_path / "nobody")
    assert "on SIMULATED pins" in alone.stdout, "with no station it opens the pins itself"
    assert alone.stdout.count(" SPS  noise ") == 4, alone.stdout
    wrong = [line for line in alone.stdout.splitlines() if line.startswith("WRONG")]
    assert all("computer is" in line for line in wrong), f"a busy machine, and no wire: {wrong}"
    assert alone.returncode == (1 if wrong else 0)


def test_health_is_told_by_the_page_and_the_doctor_alike_and_the_bundle_names_nobody(
    start: Start, tmp_path: Path
) -> None:
    running = start("--speed", "4").until_ready()
    wait_for("the first zero", lambda: running.state()["state"] == "ready")
    running.start_set(athlete="Mirabelle Oakenshield")
    wait_for("ten seconds of data", lambda: running.state()["t_s"] > 10)
    status, body = running.ask("GET", "/api/v1/health")
    page = json.loads(body)
    assert (status, page["well"]) == (200, True), page["wrong"]
    assert page["looked_s"] == pytest.approx(10.0, abs=0.5)
    for cell in page["cells"]:
        assert cell["rate_hz"] == pytest.approx(80, rel=0.2)
        assert cell["kept"] == pytest.approx(cell["rate_hz"] * page["looked_s"], rel=0.02)
    held = tmp_path / "support.zip"
    asked = heeldrive("doctor", "--data", running.data, "--bundle", held)
    assert asked.returncode == 0, asked.stdout
    assert "All is well." in asked.stdout
    taken = running.ask("GET", "/api/v1/health/bundle.zip")[1]
    for bundle in (held.read_bytes(), taken):
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            texts = {name: archive.read(name).decode() for name in archive.namelist()}
        assert "doctor.txt" in texts
        assert not [name for name, text in texts.items() if "Mirabelle" in text or "Oakenshield" in text]
    with zipfile.ZipFile(io.BytesIO(taken)) as archive:
        assert "session 1 begins" in archive.read("log.txt").decode()
