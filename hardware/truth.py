"""What a simulated athlete really did, written beside what the plate felt of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from hardware.mock import MockAdc

FILE_NAME = "truth.jsonl"


def truth_log(mock: MockAdc, folder: Path) -> Callable[[int], None]:
    """Return what adds each finished rep of `mock` to ``truth.jsonl`` in `folder`, at a data time.

    One JSON object a line; times in ns on the clock of the conversions, when the force acted.
    The file is begun anew: it tells of one run of the simulated athlete.
    """
    path = folder / FILE_NAME
    path.write_text("", encoding="utf-8")

    def log(now_ns: int) -> None:
        finished = mock.poll_truth(now_ns)
        if finished:
            with path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(rep) + "\n" for rep in finished)

    return log
