"""Starts and asks `lsl_reader.py`, on this machine alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

READER = Path(__file__).with_name("lsl_reader.py")
THIS_MACHINE = """
[ports]
IPv6 = disable
[multicast]
ResolveScope = machine
ListenAddress = 127.0.0.1
[lab]
KnownPeers = {127.0.0.1}
SessionID = %s
[log]
level = -2
"""


def this_machine_alone(folder: Path) -> Path:
    """Write an LSL config that finds nothing but what this process and its children offer."""
    path = folder / "lsl_api.cfg"
    path.write_text(THIS_MACHINE % f"heeldrive-test-{os.getpid()}", encoding="utf-8")
    return path


class Lab:
    """A reader that listens; `seconds`: for so long, otherwise until it is asked."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(READER), str(seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def heard(self) -> Heard:
        said, _ = self._process.communicate("enough\n", timeout=90)
        assert self._process.returncode == 0
        return Heard(json.loads(said))


class Heard:
    def __init__(self, said: dict[str, Any]) -> None:
        self.all_text = json.dumps(said)
        self.infos: list[str] = said["infos"]
        self.stamp_s = np.array([stamp for stamp, _, _ in said["forces"]])
        self.came_s = np.array([came for _, came, _ in said["forces"]])
        self.force_n = np.array([sample for _, _, sample in said["forces"]], np.float64)
        self.markers = [(stamp, json.loads(sample[0])) for stamp, _, sample in said["markers"]]

    def of(self, event: str) -> list[tuple[float, dict[str, Any]]]:
        return [(stamp, body) for stamp, body in self.markers if body["event"] == event]
