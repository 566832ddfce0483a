"""A recorded session as it is looked at afterwards: its sets, judged, with their curves."""

from __future__ import annotations

from station.analysis import analyze_recording
from station.door import ReviewedSet, SessionReview, SetView
from station.recording import Recording
from station.session_file import as_written
from station.sets import SetRecord
from station.signal.model import Frames

MARGIN_NS = 1_000_000_000  # of the curve, before and behind a set
THINNED = 2  # every second frame: a screen shows no more


def set_view(record: SetRecord) -> SetView:
    """Return a set as it is shown, live or afterwards."""
    return SetView(
        number=record.facts["number"],
        plan=record.plan,
        limits=record.limits,
        running=record.running,
        counted=len(record.counted),
        reps=tuple(record.reps),
        judged=tuple(record.judged),
        advice=record.advice,
        baseline=record.own is None,
        pressed=tuple(record.pressed),
        notes=tuple(sorted(record.notes.items())),
        discarded=record.discarded,
        heel_paused=record.heel_paused,
        by_hand=tuple(sorted(record.by_hand.items())),
        athlete=record.owners[-1] if record.owners else None,
    )


def review(recording: Recording) -> SessionReview:
    """Fold a session again and return its sets.

    Raises
    ------
    UserError : the session file lacks what is needed

    """
    analysis = analyze_recording(recording)
    frames = analysis.result.frames
    with as_written(recording.path):
        sets = tuple(_reviewed(record, frames, analysis.t0_ns) for record in analysis.book.sets)
        number, athlete = int(recording.meta["number"]), str(recording.meta["athlete"])
    return SessionReview(number, athlete, analysis.t0_ns, sets)


def _reviewed(record: SetRecord, frames: Frames, t0_ns: int) -> ReviewedSet:
    shown = frames.t_ns >= record.start_ns - MARGIN_NS
    if record.end_ns is not None:
        shown &= frames.t_ns <= record.end_ns + MARGIN_NS
    force_n = frames.force_n[shown][::THINNED]
    return ReviewedSet(
        view=set_view(record),
        t_s=(frames.t_ns[shown][::THINNED] - t0_ns) / 1e9,
        total_n=frames.total_n[shown][::THINNED],
        heel_n=force_n[:, 0] + force_n[:, 1],
    )
