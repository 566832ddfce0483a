"""The sampler asks for priority in a process of its own, and says what it was refused."""

from __future__ import annotations

import json
import subprocess
import sys

ASK = """
import gc, json, os
from hardware.priority import take_priority
refused = take_priority()
print(json.dumps({
    "refused": refused,
    "collects": gc.isenabled(),
    "frozen": gc.get_freeze_count(),
    "fifo": os.sched_getscheduler(0) == os.SCHED_FIFO,
    "locked": [l for l in open("/proc/self/status") if l.startswith("VmLck")][0].split()[1] != "0",
    "cpus": len(os.sched_getaffinity(0)),
}))
"""


def test_what_is_said_to_be_refused_is_what_is_missing() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, check=True, timeout=30
    )
    got = json.loads(answer.stdout)
    said = " ".join(got["refused"])
    assert not got["collects"]
    assert got["frozen"] > 0
    assert got["fifo"] == ("real-time" not in said)
    assert got["locked"] == ("Memory" not in said)
    assert (got["cpus"] == 1) == ("CPU" not in said)
