"""Signs of life from what takes longer than a second."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TextIO

EVERY_S = 1.0
AGAIN_AFTER_S = 10.0  # the same text


class Progress:
    """Says on `out`, once a second at most, what is being worked on; nothing where it is done before."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._text = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._began_s = time.monotonic()

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def say(self, text: str) -> None:
        """Say from now on that `text` is being worked on."""
        self._text = text

    def _run(self) -> None:
        said, said_s = "", 0.0
        while not self._done.wait(EVERY_S):
            seconds = time.monotonic() - self._began_s
            if self._text != said or seconds - said_s >= AGAIN_AFTER_S:
                said, said_s = self._text, seconds
                print(f"heeldrive: {said} … {seconds:.0f} s", file=self._out, flush=True)
