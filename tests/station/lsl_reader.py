"""A laboratory's end of the streams, a process of its own: pylsl alone, nothing of ours.

Says `ready` once it listens to both streams, reads until a line comes in and nothing more follows,
and prints what it has as JSON.
"""

import json
import sys
import time

import pylsl

PATIENCE_S = 10.0


def found(kind: str) -> pylsl.StreamInlet:
    infos = pylsl.resolve_byprop("type", kind, minimum=1, timeout=PATIENCE_S)
    inlet = pylsl.StreamInlet(infos[0], recover=False)
    inlet.open_stream(PATIENCE_S)
    return inlet


def rest_of(inlet: pylsl.StreamInlet) -> list[tuple[float, float, list[object]]]:
    """Return (time stamp, clock when it came, sample) until nothing has come for a moment."""
    samples: list[tuple[float, float, list[object]]] = []
    while True:
        sample, stamp = inlet.pull_sample(timeout=0.5)
        if sample is None:
            return samples
        samples.append((stamp, pylsl.local_clock(), list(sample)))
        if time.monotonic() > END_S:
            return samples


forces, markers = found("Force"), found("Markers")
print("ready", flush=True)
seconds = float(sys.argv[1])
END_S = time.monotonic() + (seconds or 60.0)
if not seconds:
    sys.stdin.readline()
print(
    json.dumps(
        {
            "forces": rest_of(forces),
            "markers": rest_of(markers),
            "infos": [inlet.info(PATIENCE_S).as_xml() for inlet in (forces, markers)],
        }
    )
)
