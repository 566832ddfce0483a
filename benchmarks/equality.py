"""Whether two machines fold the same log to the same bytes: run on both, compare what is printed.

    python benchmarks/equality.py                 # both at once, on one machine
    python benchmarks/equality.py make LOG.npz    # simulated sets, written down once
    python benchmarks/equality.py fold LOG.npz    # digests of frames, reps and events

Needs numpy alone. The log travels as a file, since a generator may differ between machines.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from station.conversions import RECORD, Calibration
from station.signal import pipeline
from station.signal.model import Params

SUITES = (
    "dead_stop_harsh",
    "touch",
    "hover",
    "mixed",
    "slow",
    "explosive",
    "loaded",
    "events",
    "nothing",
    "unseen_shapes",
)
CALIBRATION = Calibration("world", "simulated", (0.0,) * 4, (1e-3,) * 4)


def main() -> None:
    """Write a log, or print what comes out of one."""
    if len(sys.argv) == 1:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder) / "log.npz")
            fold(Path(folder) / "log.npz")
    elif len(sys.argv) == 3 and sys.argv[1] in ("make", "fold"):
        (make if sys.argv[1] == "make" else fold)(Path(sys.argv[2]))
    else:
        sys.exit(__doc__)


def make(path: Path) -> None:
    """Write the conversions of one set of each suite."""
    from reps import as_records
    from worlds import gym

    sets = {suite: gym.make(suite, 7) for suite in SUITES}
    np.savez_compressed(path, **{k: as_records(s).view(np.uint8) for k, s in sets.items() if s is not None})


def fold(path: Path) -> None:
    """Print a digest for each set, and one for all."""
    whole = hashlib.sha256()
    with np.load(path) as sets:
        for suite in sets.files:
            log = np.ascontiguousarray(sets[suite]).view(RECORD)
            result = pipeline.run(Params(CALIBRATION, filter_delay_s=0.025), [log])
            digest = hashlib.sha256()
            for part in (result.frames.t_ns, result.frames.force_n, result.frames.heel_share):
                digest.update(np.ascontiguousarray(part).tobytes())
            # repr of a float tells every bit
            digest.update(json.dumps([asdict(event) for event in result.events], sort_keys=True).encode())
            whole.update(digest.digest())
            print(f"{suite:<18}{len(result.reps):>3} reps  {digest.hexdigest()[:16]}")
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}")
    print(whole.hexdigest())


if __name__ == "__main__":
    main()
