"""Makes the session file of the present version, and what it says, for later versions to read.

    python tests/station/session_files/make.py

Writes session-vN.heeldrive and session-vN.json beside this file, where N is the version that
the code writes; files of earlier versions stay as they were made.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parent)]

from bench import Bench

from hardware.athlete import Athlete
from hardware.mock import MockAdc
from hardware.nuisances import NONE
from hardware.script import Rep, Script, StepOff, StepOn, Wait, reps
from station.analysis import analyze
from station.coach.programs import Plan
from station.door import EndSession, EndSet, MarkSet, NoteSet, StartSet
from station.session_file import SCHEMA_VERSION


def main() -> None:
    """Record two sets with everything that can be marked, over two runs of the sampler."""
    lifting = (StepOn(), Wait(3.0), *reps(3, Rep(hold_s=1.2)), StepOff(), Wait(8))
    script = Script((Wait(5), *lifting, *lifting))
    chips = replace(NONE, gap_share=0.001, spike_share=0.001)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.adc = MockAdc(Athlete(script), chips, seed=3, epoch_ns=bench.now_ns, rate_hz=40.0)
        bench.meet()
        bench.pass_s(4)
        bench.session.command(StartSet("Ada Lövelace", Plan("left", "technique", 0.0)))
        bench.pass_s(22)
        bench.session.command(MarkSet("twisted"))
        bench.session.command(EndSet())
        bench.session.command(NoteSet(1, level_until=2, effort="right", felt="glutes"))
        bench.pass_s(4)
        bench.run_id, bench.next_seq = "2" * 32, 0
        bench.now_ns += 300_000_000
        bench.adc = MockAdc(
            Athlete(script), chips, seed=3, epoch_ns=bench.adc.epoch_ns, start_ns=bench.now_ns, rate_hz=40.0
        )
        bench.meet()
        bench.session.command(StartSet("Ada Lövelace", Plan("right", "strength", 12.5)))
        bench.pass_s(21)
        bench.session.command(EndSet())
        bench.session.command(NoteSet(2, pain=False, discarded=True))
        bench.pass_s(2)
        bench.session.command(EndSession())
        bench.recorder.stop()
        made = bench.library.session_path(1)
        target = HERE / f"session-v{SCHEMA_VERSION}.heeldrive"
        shutil.copyfile(made, target)
    said = json.dumps(analyze(target).as_json(), ensure_ascii=False, indent=1)
    target.with_suffix(".json").write_text(said + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
