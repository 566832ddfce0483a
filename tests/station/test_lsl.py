"""The streams as pylsl reads them in another process: against the simulated athlete's truth."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from bench import EPOCH_NS, NS, Bench
from lab import Heard, Lab, this_machine_alone

from hardware.mock import MockAdc
from hardware.nuisances import PRESETS
from station import lsl
from station.coach.programs import Plan
from station.door import EndSet, MarkSet, StartSet
from station.signal.model import Frames, RepCounted, RepWithdrawn

ADA = StartSet("Ada Lovelace", Plan("left", "technique", 0.0))


def frames(first_ns: int = 0) -> Frames:
    t_ns = first_ns + np.arange(10) * 10_000_000
    return Frames(t_ns, np.ones((10, 4)), np.full(10, 4.0), np.full(10, 0.5))


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Heard, Bench, tuple[int, int]]]:
    """A set of a calm athlete, with half a second in which no chip gave anything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSLAPICFG", str(this_machine_alone(tmp_path_factory.mktemp("lsl"))))
        outlet = lsl.outlet(True)
        assert outlet is not None
        bench = Bench(tmp_path_factory.mktemp("data"), see=outlet.see)
        bench.adc = MockAdc(nuisances=PRESETS["none"], seed=3, epoch_ns=EPOCH_NS)
        bench.meet()
        lab = Lab()
        bench.pass_s(4)
        bench.session.command(ADA)
        bench.pass_s(50)
        bench.session.command(MarkSet("twisted"))
        bench.session.command(EndSet())
        bench.pass_s(4)
        gap = bench.now_ns, bench.now_ns + NS // 2
        bench.adc.poll(gap[1])  # and thrown away
        bench.now_ns = gap[1]
        bench.pass_s(3)
        for athlete in ("Bob", ADA.athlete):  # whose fold goes on where it was
            bench.session.command(replace(ADA, athlete=athlete))
            bench.pass_s(2)
            bench.session.command(EndSet())
        said = lab.heard()
        bench.session.close()
        bench.recorder.stop()
        outlet.stop()
        yield said, bench, gap


def true_n(bench: Bench, t_s: np.ndarray) -> np.ndarray:
    cells = bench.adc.athlete.force_n(t_s - EPOCH_NS / NS)
    return np.column_stack((cells, cells.sum(axis=1)))


def test_forces_are_those_that_acted_at_their_time_stamps(
    heard: tuple[Heard, Bench, tuple[int, int]],
) -> None:
    said, bench, _ = heard
    known = ~np.isnan(said.force_n).any(axis=1)
    t_s, force_n = said.stamp_s[known], said.force_n[known]
    assert len(t_s) > 5500  # of 65 s, less the gap
    true = true_n(bench, t_s)
    off_n = force_n - true
    assert np.sqrt(np.mean(off_n**2)) < 0.5
    assert true[:, 4].max() > 300
    # How far one would have to shift the curve for the best fit: the delay that is left in the time stamps.
    slope = true_n(bench, t_s + 0.001)[:, 4] - true_n(bench, t_s - 0.001)[:, 4]
    late_s = -0.002 * np.dot(off_n[:, 4], slope) / np.dot(slope, slope)
    assert abs(late_s) < 0.001


def test_time_stamps_rise_frame_by_frame_and_a_gap_is_not_filled(
    heard: tuple[Heard, Bench, tuple[int, int]],
) -> None:
    said, bench, gap = heard
    ticks = said.stamp_s * 100
    assert np.abs(ticks - np.round(ticks)).max() < 1e-4  # whole frames, within 1 µs
    assert np.diff(np.round(ticks)).min() == 1
    delay_s = bench.adc.info.filter_delay_s
    inside = (said.stamp_s > gap[0] / NS + 0.02 - delay_s) & (said.stamp_s < gap[1] / NS - 0.02 - delay_s)
    assert np.isnan(said.force_n[inside]).all()
    after = (said.stamp_s > gap[1] / NS + 0.5) & (said.stamp_s < gap[1] / NS + 2.5)  # before the next session
    assert not np.isnan(said.force_n[after]).any()


def test_markers_are_the_reps_and_the_set(heard: tuple[Heard, Bench, tuple[int, int]]) -> None:
    said, bench, _ = heard
    start, bobs, second = said.of("set_start")
    end = said.of("set_end")[0]
    assert start[1] == {"event": "set_start", "set": 1, "side": "left"}
    assert end[1] == {"event": "set_end", "set": 1}
    assert [body["set"] for _, body in (bobs, second)] == [1, 2]
    assert start[0] == pytest.approx(EPOCH_NS / NS + 4, abs=0.03)
    assert end[0] - start[0] == pytest.approx(50, abs=0.03)
    truth = bench.truth(EPOCH_NS, int(end[0] * NS))
    assert len(truth) >= 5
    counted, closed = said.of("rep_counted"), said.of("rep_closed")
    gone = {body["rep"] for _, body in said.of("rep_withdrawn")}
    live = [stamp for stamp, body in counted if body["rep"] not in gone and stamp < end[0]]
    assert live == pytest.approx([rep["touchdown_ns"] / NS for rep in truth], abs=0.25)
    final = [body for stamp, body in closed if body["complete"] and body["touchdown_s"] < end[0]]
    for name in ("lift_off", "lockout_start", "lockout_end", "touchdown"):
        real = [rep[f"{name}_ns"] / NS for rep in truth]
        assert [body[f"{name}_s"] for body in final] == pytest.approx(real, abs=0.15)


def test_a_rep_is_counted_at_its_touchdown_and_withdrawn_when_that_is_clear() -> None:
    assert lsl.marker(RepCounted(7, 5 * NS, 6 * NS)) == (5 * NS, {"event": "rep_counted", "rep": 7})
    assert lsl.marker(RepWithdrawn(7, 8 * NS)) == (8 * NS, {"event": "rep_withdrawn", "rep": 7})


def test_streams_say_what_they_are_and_nobodys_name(heard: tuple[Heard, Bench, tuple[int, int]]) -> None:
    said, *_ = heard
    forces, markers = said.infos
    for label in ("heel_left", "heel_right", "toe_left", "toe_right", "total"):
        assert f"<label>{label}</label>" in forces
    assert forces.count("<unit>N</unit>") == 5
    for info in (forces, markers):
        assert "<simulated>true</simulated>" in info
        assert "<source_id>heeldrive-" in info
    assert {body["event"] for _, body in said.markers} <= {
        "rep_counted", "rep_withdrawn", "rep_closed", "set_start", "set_end",
    }  # fmt: skip
    for word in ("Ada", "Lovelace", "Bob", "twisted", "athlete"):
        assert word not in said.all_text


def test_the_clock_of_lsl_is_that_of_the_conversions() -> None:
    outlet = lsl.outlet(True)
    assert outlet is not None
    outlet.stop()
    clock = sys.modules["pylsl"].local_clock
    apart_s = []
    for _ in range(100):
        before_s, there_s, after_s = time.monotonic(), clock(), time.monotonic()
        apart_s.append(there_s - (before_s + after_s) / 2)
    assert np.abs(np.median(apart_s)) < 0.001


class Stuck(lsl.Outlet):
    """Whose thread comes no further than its first thing until it may."""

    may = threading.Event()

    def _push(self, thing: object) -> None:  # noqa: ARG002
        self.may.wait(20)


def test_the_core_never_waits_for_it(caplog: pytest.LogCaptureFixture) -> None:
    outlet = Stuck()
    begun_s = time.monotonic()
    with caplog.at_level(logging.WARNING):
        for k in range(2 * lsl.MOST_WAITING):
            outlet.see(frames(k))
        outlet.see(RepCounted(1, 0, 0))
    assert time.monotonic() - begun_s < 2.0
    assert [record.message for record in caplog.records] == [
        "LSL does not keep up: its streams have a gap; the recording has none."
    ]
    outlet.may.set()
    outlet.stop()


def test_without_pylsl_the_station_goes_on_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "pylsl", None)
    assert lsl.outlet(True) is None
    (record,) = caplog.records
    assert "pip install 'heeldrive[lsl]'" in record.message
    assert "\n" not in record.message


def asked_as_on_aarch64(folder: Path, *, carried: bool) -> subprocess.CompletedProcess[str]:
    """Ask for an outlet where pylsl has no library, and mne-lsl has one or is not there."""
    own = Path(find_spec("pylsl").submodule_search_locations[0])
    shutil.copytree(own, folder / "pylsl", ignore=shutil.ignore_patterns("liblsl*"))
    (folder / "mne_lsl/lsl/lib").mkdir(parents=True)
    (folder / "mne_lsl/__init__.py").write_text("raise SystemExit('it is not to be loaded')")
    if carried:
        shutil.copy(own / "lib/liblsl.so", folder / "mne_lsl/lsl/lib/liblsl.so.1.17.7")
    return subprocess.run(
        [sys.executable, "-c", "from station import lsl; print(lsl.outlet(True) is not None)"],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip


def test_the_library_of_mne_lsl_does_where_pylsl_has_none(tmp_path: Path) -> None:
    asked = asked_as_on_aarch64(tmp_path, carried=True)
    assert (asked.stdout, asked.stderr) == ("True\n", "")


def test_without_a_library_the_station_goes_on_too(tmp_path: Path) -> None:
    asked = asked_as_on_aarch64(tmp_path, carried=False)
    assert asked.stdout == "False\n"
    assert "pip install 'heeldrive[lsl]'" in asked.stderr
    assert asked.stderr.count("\n") == 1


def test_off_means_that_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pylsl", raising=False)
    assert lsl.outlet(False) is None
    assert "pylsl" not in sys.modules
