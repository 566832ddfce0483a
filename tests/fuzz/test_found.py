"""What the long run found once, in its smallest form."""

from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path

import numpy as np
import pytest
from inputs import CALIBRATION, DEEP, GREETING, as_json
from parsers import PARSERS, SESSIONS

from hardware.mock import simulate
from station import config
from station.analysis import analyze
from station.calibration import chosen
from station.conversions import CELL_WORDS, GREETING_LENGTH
from station.errors import UserError
from station.importing import read_forces
from station.link import Link, LinkLost

FOUND = [
    ("configs", b"[adc]\nbackend = 0x" + b"f" * 5000),
    ("configs", b"[adc]\nrate_hz = " + b"1" * 5000),
    ("configs", b"a = " + DEEP.encode()),
    ("configs", b"[coach]\nheel_lift_s = " + b"1" * 400),
    ("configs", b"[server]\nhost_names = 0x" + b"f" * 4000),
    ("calibrations", b"[" * 20_000),
    ("calibrations", as_json(CALIBRATION | {"zero_count": [10**400, 0, 0, 0]})),
    ("calibrations", as_json(CALIBRATION | {"newtons_per_count": [float("nan"), 1, 1, 1]})),
    ("calibrations", as_json(CALIBRATION | {"unmix": [[float("inf"), 0, 0, 0]] * 4})),
    ("sampler's answers", GREETING_LENGTH.pack(2**32 - 1) + b" " * 1000),
    ("sampler's answers", GREETING_LENGTH.pack(2) + b"[]"),
    ("sampler's answers", GREETING_LENGTH.pack(len(DEEP)) + DEEP.encode()),
    ("requests", ("POST", "/api/v1/set/end", DEEP.encode(), {"Content-Type": "application/json"})),
    *(
        (
            "requests",
            ("POST", f"/api/v1/calibration/{what}", body.encode(), {"Content-Type": "application/json"}),
        )
        for what, body in (
            ("verify", '{"mass_kg": 1' + "0" * 400 + "}"),
            ("start", '{"masses_kg": [10, 1' + "0" * 400 + "]}"),
        )
    ),
    ("requests", ("GET", "//\x80", b"", {})),
    ("session files", ((1, "UPDATE meta SET value = ? WHERE key = 'number'", ("null",)), "review")),
    ("session files", ((2, "UPDATE mark SET body = ?", ("[]",)), "analyze")),
    ("session files", ((2, "UPDATE mark SET body = ?", (DEEP,)), "analyze")),
    ("session files", ((2, "UPDATE meta SET value = ? WHERE key = 'params'", ("[]",)), "analyze")),
]


@pytest.mark.parametrize(("name", "one"), FOUND)
def test_what_was_found_is_answered_or_refused_in_a_line(name: str, one: object, tmp_path: Path) -> None:
    PARSERS[name].feed(one, tmp_path)


def test_a_load_of_400_digits_is_refused(tmp_path: Path) -> None:
    start = {"athlete": "Mara", "side": "left", "goal": "technique", "load_kg": 10**400}
    headers = {"Content-Type": "application/json"}
    PARSERS["requests"].feed(("POST", "/api/v1/set/start", as_json(start), headers), tmp_path)


def test_a_run_id_that_is_none_is_no_greeting(tmp_path: Path) -> None:
    body = as_json(GREETING | {"run_id": "no hex"})
    PARSERS["sampler's answers"].feed(GREETING_LENGTH.pack(len(body)) + body, tmp_path)


def test_a_greeting_of_4_gb_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "sampler.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(1)
        listening.settimeout(5.0)

        def answer() -> None:  # and then nothing more, without hanging up
            connection = listening.accept()[0]
            connection.sendall(GREETING_LENGTH.pack(2**32 - 1))
            assert connection.recv(1000) is not None
            hung_up.append(connection.recv(1) == b"")
            connection.close()

        hung_up: list[bool] = []
        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(LinkLost, match="a greeting of 4294967295 bytes"):
            Link(path)
        thread.join()
    assert hung_up == [True]


def test_a_refusal_of_a_long_value_is_short(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[adc]\nbackend = "{"x" * 10_000}"\n')
    with pytest.raises(UserError, match="…") as caught:
        config.load(path)
    assert len(str(caught.value)) < 200 + len(str(path))


def test_a_calibration_with_nan_is_none(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps(CALIBRATION | {"newtons_per_count": [float("nan"), 1, 1, 1]}))
    with pytest.raises(UserError, match="no calibration"):
        chosen.calibration(str(path), tmp_path)


def test_a_curve_from_before_0_s_is_the_same_curve(tmp_path: Path) -> None:
    records, _ = simulate(30.0)
    records = records[records["kind"] == 0]
    t_s = (records["t_ns"] - records["t_ns"][0]) / 1e9
    empty = [int(records["count"][np.argmax(records["cell"] == cell)]) for cell in range(4)]  # no foot yet
    found = {}
    for shift_s in (0, 7, 100):
        path = tmp_path / f"{shift_s}.csv"
        rows = (
            f"{t:.6f},{CELL_WORDS[r['cell']]},{(r['count'] - empty[r['cell']]) / 2500}"
            for t, r in zip(t_s - shift_s, records, strict=True)
        )
        path.write_text("t_s,cell,force_n\n" + "\n".join(rows) + "\n")
        found[shift_s] = analyze(path).as_json()["reps"]
    assert found[0]
    for shift_s in (7, 100):
        assert [rep["style"] for rep in found[shift_s]] == [rep["style"] for rep in found[0]]
        was, now = (np.array([rep["lift_off_s"] for rep in found[n]], float) for n in (0, shift_s))
        assert np.allclose(now + shift_s, was, atol=2e-3, equal_nan=True)


def test_a_curve_from_a_pipe_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    text = "t_s,total_n\n" + "".join(f"{n / 100},100\n" for n in range(200))
    writer = threading.Thread(target=path.write_text, args=(text,))
    writer.start()
    assert analyze(path).duration_s == pytest.approx(1.99)
    writer.join()


def test_a_broken_row_behind_a_quoted_break_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_text('t_s,total_n,note\n0,1,"two\nlines"\n0.1,x,\n')
    with pytest.raises(UserError, match="line 4: total_n is 'x'"):
        read_forces(path)


def test_whole_files_are_still_read(tmp_path: Path) -> None:
    for version in (1, 2):
        PARSERS["session files"].feed(((version, "", ()), "analyze"), tmp_path)
        assert analyze(SESSIONS / f"session-v{version}.heeldrive").as_json()["reps"]
