"""config.toml: what is right is taken, what is wrong is named with its cure."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from station import config
from station.commands import configured
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


def test_only_the_config_offers_the_data_to_the_network(tmp_path: Path) -> None:
    assert not config.load(None).lsl
    assert not load(tmp_path, "[lsl]").lsl
    assert load(tmp_path, "[lsl]\nenabled = true").lsl


def test_station_and_plate_may_have_names(tmp_path: Path) -> None:
    assert (config.load(None).station_name, config.load(None).plate_name) == ("", "")
    named = load(tmp_path, "[station]\nname = 'Gym, left'\n[plate]\nname = 'Plate 1'")
    assert (named.station_name, named.plate_name) == ("Gym, left", "Plate 1")


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
        ("[server]\nbehind_proxy=1", "server.behind_proxy must be true or false"),
        ("[lsl]\nenabled='yes'", "lsl.enabled must be true or false"),
        ("[lsl]\nname='lab'", "name"),
        ("[station]\nname=''", "station.name"),
        ("[plate]\nname=7", "plate.name"),
        (f"[plate]\nname='{'x' * 61}'", "at most 60"),
        ('[station]\nname="a\\nb"', "no line breaks"),
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


def test_the_page_about_https_says_what_is_taken(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "HTTPS.md").read_text(encoding="utf-8")
    path = tmp_path / "config.toml"
    path.write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    made = configured(Namespace(config=path))
    assert (made.behind_proxy, made.host, made.host_names) == (True, "127.0.0.1", ("plate.gym.example",))


def test_a_proxy_is_believed_only_where_nobody_else_can_ask(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[server]\nhost = '192.168.4.20'\nbehind_proxy = true\n", encoding="utf-8")
    for host in (None, "192.168.4.21"):
        with pytest.raises(UserError, match=r'set server.host to "127\.0\.0\.1"'):
            configured(Namespace(config=path, host=host))
    for host in ("127.0.0.1", "::1", "localhost"):
        assert configured(Namespace(config=path, host=host)).behind_proxy
