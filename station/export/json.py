"""The JSON export: what `heeldrive analyze --json` prints of the session, and where it comes from."""

from __future__ import annotations

import json

from station.export.provenance import metadata
from station.export.taken import Files, Taken

TOLD_ALREADY = ("format", "sets", "duration_s", "adc_delay_s", "definitions")


def files(taken: Taken) -> Files:
    """Yield (file name, content) of the analysis."""
    value = {**taken.session.told}
    if taken.only is not None:
        value["reps"] = [rep for rep in value["reps"] if rep["set"] == taken.only]
        value["sets"] = [one for one in value["sets"] if one["number"] == taken.only]
    told = metadata(taken)
    value["provenance"] = {key: told[key] for key in told if key not in TOLD_ALREADY}
    text = json.dumps(value, ensure_ascii=False, indent=2)
    yield f"{taken.stem}_analysis.json", iter([text.encode() + b"\n"])
