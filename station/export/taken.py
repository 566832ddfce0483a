"""What an export gives away: a recorded session, worked out again, or one set of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from station.analysis import Analysis, analyze_recording
from station.export.runs import run_as_json
from station.recording import Recording
from station.review import MARGIN_NS
from station.sets import SetRecord
from station.signal.model import I64, Frames

Files = Iterator[tuple[str, Iterator[bytes]]]


@dataclass(frozen=True)
class Session:
    """A whole session, worked out once for all that is taken of it."""

    recording: Recording
    analysis: Analysis

    @cached_property
    def told(self) -> dict[str, Any]:
        """What ``heeldrive analyze --json`` prints of it."""
        return self.analysis.as_json()

    @cached_property
    def runs(self) -> list[dict[str, Any]]:
        """What each run of the sampler gave."""
        return [run_as_json(segment) for segment in self.recording.segments]

    @cached_property
    def recomputed_equal(self) -> bool:
        """Whether the reps stored live are those folded now; a session still open may have fewer."""
        stored = {_identity(rep) for rep in self.recording.reps}
        folded = {_identity(rep) for rep in self.told["reps"]}
        return stored == folded if self.recording.meta["state"] == "closed" else stored <= folded


def _identity(rep: dict[str, Any]) -> str:
    return json.dumps({**rep, "index": None, "set": None, "by_hand": None}, sort_keys=True)


@dataclass(frozen=True)
class Taken:
    """What is taken of a session.

    only : the number of its one set that is taken, None for the whole session
    """

    session: Session
    only: int | None = None

    @classmethod
    def of(cls, recording: Recording, only: int | None = None) -> Taken:
        """Work a session out again.

        Raises
        ------
        UserError : the session file lacks what is needed
        LookupError : the session has no set of that number; the text says so

        """
        taken = cls(Session(recording, analyze_recording(recording)), only)
        if only is not None and taken.analysis.book.numbered(only) is None:
            raise LookupError(f"Session {taken.number} has no set {only}.")
        return taken

    def each_set(self) -> Iterator[Taken]:
        """Yield its sets one by one, each with the second before and behind it."""
        for record in self.sets:
            yield Taken(self.session, record.facts["number"])

    @property
    def recording(self) -> Recording:
        """The session's file."""
        return self.session.recording

    @property
    def analysis(self) -> Analysis:
        """The session, worked out."""
        return self.session.analysis

    @property
    def number(self) -> int:
        """The session's number."""
        return int(self.recording.meta["number"])

    @property
    def athlete(self) -> str:
        """Who lifted."""
        return str(self.recording.meta.get("athlete", ""))

    @property
    def stem(self) -> str:
        """What its files are called."""
        stem = self.recording.path.stem
        return stem if self.only is None else f"{stem}_set-{self.only:02d}"

    @cached_property
    def sets(self) -> list[SetRecord]:
        """The sets that are taken."""
        return [one for one in self.analysis.book.sets if self.only in (None, one.facts["number"])]

    @cached_property
    def frames(self) -> Frames:
        """The frames that are taken: the whole session's, or a set's with a second at either end."""
        frames = self.analysis.result.frames
        if self.only is None:
            return frames
        (record,) = self.sets
        end_ns = frames.t_ns[-1] if record.end_ns is None and len(frames) else record.end_ns
        part = slice(*np.searchsorted(frames.t_ns, [record.start_ns - MARGIN_NS, (end_ns or 0) + MARGIN_NS]))
        return Frames(frames.t_ns[part], frames.force_n[part], frames.total_n[part], frames.heel_share[part])

    @property
    def set_of_frame(self) -> I64:
        """Return the number of each frame's set, shape (n,), 0 outside of sets."""
        t_ns = self.frames.t_ns
        numbers = np.zeros(len(t_ns), dtype=np.int64)
        for record in self.analysis.book.sets:
            inside = t_ns >= record.start_ns
            if record.end_ns is not None:
                inside &= t_ns <= record.end_ns
            numbers[inside] = record.facts["number"]
        return numbers
