"""`heeldrive run` as a laboratory hears it, and as a network sees it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from lab import Lab, this_machine_alone
from running_station import Running, wait_for

DISCOVERY_PORT = 16571


def ports(running: Running) -> set[int]:
    """Return the TCP and UDP ports on which the station process listens."""
    own = set()
    for fd in Path(f"/proc/{running.child('station')}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            own |= set(re.findall(r"^socket:\[(\d+)\]$", str(fd.readlink())))
    found = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        for row in Path("/proc/net", name).read_text(encoding="ascii").splitlines()[1:]:
            word = row.split()
            listens = word[3] == "0A" or name.startswith("udp")
            if listens and word[9] in own:
                found.add(int(word[1].rsplit(":", 1)[1], 16))
    return found


def test_a_laboratory_hears_the_plate_while_it_is_loaded(
    start: Callable[..., Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LSLAPICFG", str(this_machine_alone(tmp_path)))
    config = tmp_path / "config.toml"
    config.write_text("[lsl]\nenabled = true\n", encoding="utf-8")
    running = start("--config", str(config)).until_ready()
    wait_for("the stream", lambda: DISCOVERY_PORT in ports(running))
    heard = Lab(seconds=2.0).heard()
    live = heard.came_s > heard.came_s[0] + 0.5  # before it, what was pushed while the reader connected
    assert np.count_nonzero(live) > 100
    late_s = (heard.came_s - heard.stamp_s)[live]
    assert late_s.min() > 0  # not from the future
    assert np.median(late_s) < 0.3
    steps_s = np.diff(heard.stamp_s)
    assert steps_s == pytest.approx(np.full(len(steps_s), 0.01), abs=1e-6)
    code, said = running.end()
    assert code == 0, said


def test_off_no_port_is_open_but_the_pages(start: Callable[..., Running]) -> None:
    running = start().until_ready()
    wait_for("the plate", lambda: running.state()["sampler_connected"])
    assert ports(running) == {running.port}
