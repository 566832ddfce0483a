"""A curve from elsewhere, worked out in a process of its own: the live display never waits for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from station.coach.programs import Side
from station.errors import UserError

WITHIN_S = 120.0


def worked_out(file: Path, side: Side) -> tuple[dict[str, Any], bytes]:
    """Return what ``heeldrive analyze --json`` says of a file, and a picture of it as PNG.

    Raises
    ------
    UserError : the file can't be used; the text says why

    """
    with TemporaryDirectory(prefix="heeldrive-") as folder:
        picture = Path(folder) / "curve.png"
        words = ["analyze", str(file), "--side", side, "--json", "--plot", str(picture)]
        try:
            done = subprocess.run(  # noqa: S603 - a file and a side, both ours # nosec B603 B607
                ["nice", "-n", "10", sys.executable, "-P", "-m", "station", *words],  # noqa: S607 - where PATH has it
                capture_output=True,
                timeout=WITHIN_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UserError(f"The file took longer than {WITHIN_S:.0f} s: use `heeldrive analyze`.") from None
        if done.returncode:
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["it could not be read"]
            raise UserError(lines[-1].removeprefix("heeldrive: ").replace(str(file), "The file"))
        found: dict[str, Any] = json.loads(done.stdout)
        return found, picture.read_bytes()
