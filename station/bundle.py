"""The support bundle: what somebody who helps from afar needs, and nobody's name."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import subprocess
import zipfile
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from station.checkup import Checkup
from station.config import Config
from station.doctor import as_text
from station.logs import Lines

LINES = 500
LAST_WORDS = "last-words"  # below the data folder: what the service manager kept of a service that gave up
JOURNAL = ("journalctl", "--quiet", "--no-pager", f"--lines={LINES}", "--unit=heeldrive-*")
SHORTEST_PART = 3  # letters of a part of a name that is taken out by itself
README = """A Heeldrive support bundle: what `heeldrive doctor` says, config, versions, the last log lines.
There are no sessions in it, and no names of athletes, of this computer or of its network: look for yourself.
"""


class LogTail(logging.Handler):
    """Keeps the newest log lines of this process."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=LINES)
        self.setFormatter(Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self._lines.append(self.format(record))

    def text(self) -> str:
        """Return what is kept, oldest first."""
        return "\n".join(self._lines)


def journal() -> str:
    """Return what the system's journal has of the two services, as far as this user may read it."""
    try:
        answer = subprocess.run(JOURNAL, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - a constant # nosec B603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout


def texts(
    checkup: Checkup, config: Config, log: str, data_folder: Path, athletes: Iterable[str]
) -> dict[str, str]:
    """Return the bundle's texts by their names; `athletes` are the names that must not be in it."""
    told = asdict(config) | {"plate": asdict(config.plate), "thresholds": asdict(config.thresholds)}
    del told["host"], told["host_names"]
    found = {
        "README.txt": README,
        "doctor.txt": as_text(checkup),
        "checkup.json": json.dumps(checkup.as_json(), indent=1),
        "config.json": json.dumps(told, indent=1),
        "packages.txt": _packages(),
        "log.txt": log,
    }
    for path in sorted((data_folder / LAST_WORDS).glob("*.log")):
        found[f"{LAST_WORDS}/{path.name}"] = path.read_text(encoding="utf-8", errors="replace")
    return {name: without_names(text, athletes) + "\n" for name, text in found.items()}


@cache
def _packages() -> str:
    """Return what is installed; it takes a while to find out, and stays as it is."""
    return "\n".join(sorted(f"{one.name} {one.version}" for one in distributions()))


def write(checkup: Checkup, config: Config, log: str, data_folder: Path, athletes: Iterable[str]) -> bytes:
    """Return the bundle as a zip."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts(checkup, config, log, data_folder, athletes).items():
            archive.writestr(name, text)
    return held.getvalue()


def without_names(text: str, athletes: Iterable[str]) -> str:
    """Return `text` with nobody's name in it: athletes, the computer, its user, its addresses."""
    whole = {name for name in athletes if name}
    parts = {part for name in whole for part in name.split() if len(part) >= SHORTEST_PART}
    for name in sorted(whole | parts, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "[athlete]", text)
        text = text.replace(json.dumps(name)[1:-1], "[athlete]") if not name.isascii() else text
    text = re.sub(rf"(?<!\w){re.escape(socket.gethostname())}(?!\w)", "[this computer]", text)
    text = re.sub(r"/home/[^/\s\"']+", "/home/[user]", text)
    text = re.sub(r"(?<![\d.])(?!127\.|0\.0\.0\.0)\d{1,3}(\.\d{1,3}){3}(?![\d.])", "[address]", text)
    return re.sub(r"(?i)\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b", "[address]", text)
