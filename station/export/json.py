"""The JSON export: what `heeldrive analyze --json` prints of the session."""

from __future__ import annotations

import json
from collections.abc import Iterator

from station.analysis import analyze_recording
from station.recording import Recording


def files(recording: Recording) -> list[tuple[str, Iterator[bytes]]]:
    """Return (file name, content) of the analysis."""
    text = json.dumps(analyze_recording(recording).as_json(), ensure_ascii=False, indent=2)
    return [(f"{recording.path.stem}_analysis.json", iter([text.encode() + b"\n"]))]
