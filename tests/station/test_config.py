"""config.toml: what is right is taken, what is wrong is named with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from station import config
from station.errors import UserError

PINS = """
[adc]
backend = "gpio"
rate_hz = 80
[adc.pins.heel_left]
dout = 5
sck = 6
[adc.pins.heel_right]
dout = 13
sck = {b}
[adc.pins.toe_left]
dout = {dout}
sck = {c}
[adc.pins.toe_right]
dout = 21
sck = {d}
"""


def load(tmp_path: Path, text: str) -> config.Config:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path)


def test_no_file_is_a_mock_on_this_machine() -> None:
    made = config.load(None)
    assert (made.backend, made.host, made.port) == ("mock", "127.0.0.1", 8000)


def test_own_clocks_and_a_shared_clock_are_both_taken(tmp_path: Path) -> None:
    own = load(tmp_path, PINS.format(b=19, c=20, d=26, dout=16))
    assert own.pins["toe_right"] == (21, 26)
    shared = load(tmp_path, PINS.format(b=6, c=6, d=6, dout=16))
    assert {sck for _, sck in shared.pins.values()} == {6}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[adc]\nbackend='gpoi'", "gpoi"),
        ("[adc]\nrate=80", "rate"),
        ("[adc]\nrate_hz=100", "80"),
        ("[adc]\nrate_hz='80'", "rate_hz"),
        ("[adc]\nrate_hz=true", "rate_hz"),
        ("[sever]\nport=1", "sever"),
        ("[server]\nport=99999", "port"),
        ("[server]\nhost_names='x'", "host_names"),
        ("adc = 3", "adc"),
        ("[adc\n", "TOML"),
        ("[plate]\ntype='round'", "split"),
        ("[adc.pins.heel_left]\ndout=5\nsck=6", "heel_right is missing"),
        ("[adc.pins.heel]\ndout=5\nsck=6", "heel"),
        (PINS.format(b=19, c=20, d=26, dout=5), "pin 5"),
        (PINS.format(b=19, c=20, d=26, dout=6), "pin 6"),
        (PINS.format(b=19, c=20, d=28, dout=16), "28"),
        (PINS.format(b=19, c=20, d="'x'", dout=16), "toe_right"),
    ],
)
def test_a_wrong_word_is_named_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path, text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.toml"):
        config.load(tmp_path / "nowhere.toml")
    with pytest.raises(UserError, match="can't be read"):
        config.load(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(UserError, match="not valid TOML"):
        config.load(tmp_path / "latin.toml")
