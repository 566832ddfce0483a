"""The station process killed with SIGKILL again and again in the middle of a set.

    python benchmarks/kills.py --kills 200

One sampler lives on; each station is killed at a random moment, some before they have started.
In the end every record must be there once, in order, and the stored reps must be those that the
log gives. SIGKILL leaves the page cache: what a power cut leaves is in tests/station/test_power_cut.py.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from station.analysis import analyze_recording
from station.library import Library
from station.recording import Recording

PATIENCE_S = 60.0
LONGEST_LIFE_S = 2.5  # from its start: about half of it goes by before it records


class Kills:
    """A sampler, and one station after the other on its socket."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.socket = folder / "sampler.sock"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.sampler = self.start("sampler", "--adc", "mock")
        while not self.socket.exists():
            time.sleep(0.02)

    def start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """Start one of the two processes."""
        command = [sys.executable, "-m", "station", name, "--socket", str(self.socket), *words]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def station(self) -> subprocess.Popen[bytes]:
        """Start a station."""
        return self.start("station", "--data", str(self.data), "--port", str(self.port))

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the page until it answers."""
        end_s = time.monotonic() + PATIENCE_S
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{self.port}"}
            try:
                connection.request(
                    method, f"/api/v1/{path}", None if body is None else json.dumps(body), headers
                )
                answer = connection.getresponse()
                text = answer.read()
                if answer.status == http.client.OK:
                    return dict(json.loads(text))
            except (OSError, http.client.HTTPException):
                text = b"nothing"
            finally:
                connection.close()
            if time.monotonic() > end_s:
                raise TimeoutError(text.decode())
            time.sleep(0.05)

    def session(self) -> dict[str, Any]:
        """Wait for the session to be shown, and return it."""
        end_s = time.monotonic() + PATIENCE_S
        while (shown := self.ask("GET", "state")["session"]) is None:
            if time.monotonic() > end_s:
                raise TimeoutError("no session")
            time.sleep(0.05)
        return dict(shown)


def check(recording: Recording) -> str:
    """Hold the file against itself and say what it holds."""
    (segment,) = recording.segments
    seqs = np.concatenate(segment.blocks)["seq"]
    assert np.array_equal(seqs, np.arange(seqs[0], seqs[0] + len(seqs), dtype=np.uint64)), (
        "a record is missing"
    )
    assert recording.meta["state"] == "closed"
    analysis = analyze_recording(recording).as_json()
    keys = [{k: v for k, v in rep.items() if k not in ("index", "set")} for rep in analysis["reps"]]
    stored = [{k: v for k, v in rep.items() if k not in ("index", "set")} for rep in recording.reps]
    assert sorted(map(json.dumps, keys)) == sorted(map(json.dumps, stored)), "a stored rep differs"
    return f"{len(seqs)} records without a hole, {len(stored)} reps as the log gives them"


def main() -> None:
    """Kill, and look."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    words = parser.parse_args()
    chance = random.Random(words.seed)
    with tempfile.TemporaryDirectory() as folder:
        kills = Kills(Path(folder))
        station = kills.station()
        try:
            while kills.ask("GET", "state")["state"] != "ready":
                time.sleep(0.1)
            body = {"athlete": "Ada", "side": "left", "goal": "free", "load_kg": 0}
            kills.ask("POST", "set/start", body)
            for done in range(words.kills):
                time.sleep(chance.uniform(0.0, LONGEST_LIFE_S))
                os.kill(station.pid, signal.SIGKILL)
                station.wait()
                station = kills.station()
                if done % 10 == 9:  # now and then all of it is looked at, so that it has caught up
                    shown = kills.session()
                    assert (shown["number"], len(shown["sets"]), shown["sets"][0]["running"]) == (1, 1, True)
            kills.session()
            kills.ask("POST", "session/end", {})
            station.terminate()
            station.wait()
            library = Library(kills.data)
            assert len(library.sessions()) == 1
            print(f"{words.kills} kills: {check(library.read(1))}")
        finally:
            for process in (station, kills.sampler):
                process.kill()
                process.wait()


if __name__ == "__main__":
    main()
