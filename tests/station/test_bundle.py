"""The support bundle: all that helps, and nobody's name."""

from __future__ import annotations

import io
import json
import logging
import socket
import zipfile
from pathlib import Path

import pytest

from station import bundle
from station.checkup import Told, check_up
from station.config import Config
from station.conversions import empty_records
from station.machine import Machine

MACHINE = Machine("Raspberry Pi 4", "Debian", 50.0, 0, 10**10, True, 60.0, {"heeldrive": "0.1.0"})
NAMES = ("Mara", "Lind", "lind-gym", "Jörg", "J\\u00f6rg", "Anne", "Neil", "mara")
ADDRESSES = ("10.0.0", "192.168", "dc:a6")
ATHLETES = ["Mara Lind", "Jörg", "Al", "Bo-Anne O'Neil"]


def unpacked(held: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(held)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_no_name_is_in_any_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "last-words").mkdir()
    (tmp_path / "last-words" / "heeldrive-station.log").write_text("Mara Lind at 192.168.1.7, /home/mara/x")
    log = (
        f"session of Mara Lind; Lind; Jörg; J\\u00f6rg; Al; Bo-Anne O'Neil on {socket.gethostname()}"
        " from 10.0.0.12 dc:a6:32:01:02:03 in /home/mara/heeldrive; listening on 127.0.0.1"
    )
    told = Told("2027-01-01T00:00:00Z", "A fault while Jörg was on.")
    checkup = check_up(None, ("asked by Mara",), empty_records(), MACHINE, lately=[told])
    config = Config(host="10.0.0.5", host_names=("lind-gym.example",))
    files = unpacked(bundle.write(checkup, config, log, tmp_path, ATHLETES))
    assert "last-words/heeldrive-station.log" in files
    for name, text in files.items():
        for word in (*NAMES, *ADDRESSES):
            assert word not in text, (name, word)
        assert " Al;" not in text
        assert f" {socket.gethostname()}" not in text
    assert "127.0.0.1" in files["log.txt"], "this machine's own address is nobody's"


def test_what_is_no_name_stays() -> None:
    text = "Also Alpha: al dente, Alan; Algorithm 1.2.3, 0.0.0.0, numpy 2.4.0"
    assert bundle.without_names(text, ["Al"]) == text
    assert bundle.without_names("", ["Al", ""]) == ""


def test_it_has_what_a_helper_needs(tmp_path: Path) -> None:
    checkup = check_up(None, (), empty_records(), MACHINE, also=["The sampler does not answer."])
    files = unpacked(bundle.write(checkup, Config(), "the last line", tmp_path, []))
    assert set(files) == {
        "README.txt",
        "doctor.txt",
        "checkup.json",
        "config.json",
        "packages.txt",
        "log.txt",
    }
    assert "The sampler does not answer." in files["doctor.txt"]
    assert json.loads(files["checkup.json"])["machine"]["model"] == "Raspberry Pi 4"
    assert json.loads(files["config.json"])["pins"]["heel_left"] == [5, 6]
    assert "numpy " in files["packages.txt"]
    assert files["log.txt"].strip() == "the last line"


def test_the_log_tail_is_the_newest_lines_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    tail = bundle.LogTail()
    log = logging.getLogger("heeldrive.test")
    log.addHandler(tail)
    with caplog.at_level(logging.INFO):
        for n in range(bundle.LINES + 20):
            log.info("line %d", n)
    log.removeHandler(tail)
    lines = tail.text().splitlines()
    assert len(lines) == bundle.LINES
    assert lines[-1].endswith(f"line {bundle.LINES + 19}")
