"""Which rep belongs to which set: the same fold live and when a file is read again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from station.signal.model import Event, Rep, RepClosed, RepCounted, RepWithdrawn


@dataclass
class SetRecord:
    """One set of a session.

    facts : number, side, goal, load_kg and the settings in force, as marked at its start
    counted : ids of the reps announced for it, less those withdrawn
    reps : its closed reps, in order
    """

    facts: dict[str, Any]
    start_ns: int
    end_ns: int | None = None
    counted: set[int] = field(default_factory=set)
    reps: list[Rep] = field(default_factory=list)

    @property
    def running(self) -> bool:
        """Whether it has not been ended."""
        return self.end_ns is None

    def covers(self, t_ns: int) -> bool:
        """Whether the data time `t_ns` lies inside the set."""
        return self.start_ns <= t_ns and (self.end_ns is None or t_ns <= self.end_ns)


@dataclass
class SetBook:
    """Sorts reps into sets by the time of their touchdown.

    outside : closed reps that no set claims (practice, or cut by the edges of the data)
    """

    sets: list[SetRecord] = field(default_factory=list)
    outside: list[Rep] = field(default_factory=list)

    @property
    def running(self) -> SetRecord | None:
        """The set that has not been ended, if any."""
        return self.sets[-1] if self.sets and self.sets[-1].running else None

    def start(self, facts: dict[str, Any], t_ns: int) -> None:
        """Begin a set at the data time `t_ns`."""
        self.sets.append(SetRecord(facts, t_ns))

    def end(self, t_ns: int) -> None:
        """End the running set."""
        if self.running is not None:
            self.running.end_ns = t_ns

    def take(self, event: Event) -> SetRecord | None:
        """Sort one event of the signal core in; return the set it belongs to, if any."""
        owner = None
        if isinstance(event, RepCounted):
            owner = self._at(event.t_ns)
            if owner is not None:
                owner.counted.add(event.id)
        elif isinstance(event, RepWithdrawn):
            owner = self._owner(event.id)
            if owner is not None:
                owner.counted.discard(event.id)
        elif isinstance(event, RepClosed):
            owner = self._owner(event.rep.id)
            (self.outside if owner is None else owner.reps).append(event.rep)
        return owner

    def _owner(self, rep_id: int) -> SetRecord | None:
        return next((record for record in reversed(self.sets) if rep_id in record.counted), None)

    def _at(self, t_ns: int) -> SetRecord | None:
        return next((record for record in reversed(self.sets) if record.covers(t_ns)), None)
