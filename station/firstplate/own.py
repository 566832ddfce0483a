"""A sampler of our own, where no station runs: the process that a station would have."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from station.errors import UserError
from station.link import Link, LinkLost

READY_WITHIN_S = 15.0
LOOK_EVERY_S = 0.05
STOP_S = 5.0


@dataclass(frozen=True)
class OwnSampler:
    """A running one: its socket, and where its words go."""

    socket: Path
    words: Path

    def said(self) -> str:
        """Return what it said so far."""
        return self.words.read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def own_sampler(source: Sequence[str]) -> Iterator[OwnSampler]:
    """Start `heeldrive sampler` with the words of a source, and end it.

    Raises
    ------
    UserError : it could not start; with what it said

    """
    with tempfile.TemporaryDirectory(prefix="heeldrive-") as folder:
        sampler = OwnSampler(Path(folder) / "sampler.sock", Path(folder) / "sampler.txt")
        parent_read, parent_write = os.pipe()
        command = [sys.executable, "-P", "-m", "station", "sampler", *source]
        command += ["--socket", str(sampler.socket), "--parent-fd", str(parent_read)]
        with sampler.words.open("wb") as words:
            process = subprocess.Popen(  # noqa: S603 - one of our own commands # nosec B603
                command, stdin=subprocess.DEVNULL, stderr=words, pass_fds=(parent_read,)
            )
        try:
            _wait_until_ready(process, sampler)
            yield sampler
        finally:
            os.close(parent_write)
            os.close(parent_read)
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], sampler: OwnSampler) -> None:
    end_s = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < end_s:
        with contextlib.suppress(LinkLost):
            Link(sampler.socket).close()
            return
        if process.poll() is not None:
            last = sampler.said().strip().splitlines()[-1:] or ["it said nothing"]
            raise UserError(last[0].removeprefix("heeldrive: "))
        time.sleep(LOOK_EVERY_S)
    raise UserError(f"The sampler did not answer within {READY_WITHIN_S:.0f} s.")
