"""Which rep belongs to which set, and what the coach makes of it: the same live and from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from station.coach.cues import Advice, advised
from station.coach.programs import GOALS, Plan
from station.coach.progression import Done
from station.coach.rules import Baseline, Judged, judged
from station.coach.thresholds import Thresholds
from station.signal.model import Event, Rep, RepClosed, RepCounted, RepWithdrawn

PRESSED = ("twisted", "pain")


@dataclass
class SetRecord:
    """One set of a session.

    facts : number, side, goal, load, the rest of the plan, and the settings in force, as marked at its start
    counted : ids of the reps announced for it, less those withdrawn
    reps : its closed reps, in order
    pressed : ("twisted" or "pain", number of the rep), as somebody marked them
    notes : what was answered after it
    judged : what the coach says of each of `reps`
    early : what it says of counted reps that are not closed yet, by their ids
    """

    facts: dict[str, Any]
    start_ns: int
    end_ns: int | None = None
    counted: set[int] = field(default_factory=set)
    reps: list[Rep] = field(default_factory=list)
    pressed: list[tuple[str, int]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    judged: list[Judged] = field(default_factory=list)
    early: dict[int, Judged] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether it has not been ended."""
        return self.end_ns is None

    @cached_property
    def plan(self) -> Plan:
        """How it was to be done."""
        known = {f.name for f in fields(Plan)}
        return Plan(**{key: value for key, value in self.facts.items() if key in known})

    @cached_property
    def limits(self) -> Thresholds:
        """The thresholds that were in force."""
        return Thresholds.from_json(self.facts.get("thresholds", {}))

    @cached_property
    def own(self) -> Baseline | None:
        """What was usual for the person when it began; None: this set makes the baseline."""
        own = self.facts.get("own")
        return None if own is None else Baseline(**own)

    def covers(self, t_ns: int) -> bool:
        """Whether the data time `t_ns` lies inside the set."""
        return self.start_ns <= t_ns and (self.end_ns is None or t_ns <= self.end_ns)

    def close(self, rep: Rep) -> None:
        """Take a closed rep, and judge it."""
        self.early.pop(rep.id, None)
        self.judged.append(self._judge(rep))
        self.reps.append(rep)

    def look(self, rep: Rep) -> None:
        """Judge a counted rep before it is closed: a cue can't wait for what follows."""
        if rep.id in self.counted:
            self.early[rep.id] = self._judge(rep)

    def _judge(self, rep: Rep) -> Judged:
        """Judge a rep; landings are compared within the set once three reps are closed."""
        own = self.own or Baseline()
        if own.landing_n_per_s is None:
            own = replace(own, landing_n_per_s=Baseline.of(self.reps).landing_n_per_s)
        return judged(rep, self.plan, own, self.limits)

    @property
    def advice(self) -> Advice:
        """What the coach says of it so far."""
        reps = [*self.judged, *(self.early[rep_id] for rep_id in sorted(self.early))]
        baseline = self.own is None
        return advised(reps, self.plan, self.limits, baseline_set=baseline, marked=self.marked)

    @property
    def marked(self) -> frozenset[str]:
        """Which of `PRESSED` was pressed or answered."""
        answered = {word for word in PRESSED if self.notes.get(word)}
        return frozenset(answered | {word for word, _ in self.pressed})

    @property
    def discarded(self) -> bool:
        """Whether somebody took it out of what counts."""
        return bool(self.notes.get("discarded"))

    @property
    def done(self) -> Done:
        """What it was worth, for what comes next."""
        return Done(
            plan=self.plan,
            counted=len(self.counted),
            on_target=sum(rep.on_target is True for rep in self.judged),
            level_until=self.notes.get("level_until"),
            twisted="twisted" in self.marked,
            pain="pain" in self.marked,
            effort=self.notes.get("effort"),
            missed=sum(bool({"hold", "descent"} & set(rep.faults)) for rep in self.judged),
        )


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

    def mark(self, kind: str, body: Mapping[str, Any], t_ns: int) -> None:
        """Take a mark of the log; kinds that are not about sets are passed over."""
        if kind == "set_start":
            self.end(t_ns)  # a set that was never ended ends where the next begins
            self.start(dict(body), t_ns)
        elif kind == "set_end":
            self.end(t_ns)
        elif kind == "set_void":
            if self.running is not None:
                self.sets.pop()
        elif kind == "set_resume":
            if self.sets:
                self.sets[-1].end_ns = None
        elif kind in ("set_mark", "set_note"):
            record = self.numbered(body["number"])
            if record is not None and kind == "set_mark":
                record.pressed.append((body["word"], body["rep"]))
            elif record is not None:
                record.notes.update({key: value for key, value in body.items() if key != "number"})

    def numbered(self, number: int) -> SetRecord | None:
        """Return the set of that number, if any."""
        return next((record for record in self.sets if record.facts["number"] == number), None)

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
                owner.early.pop(event.id, None)
        elif isinstance(event, RepClosed):
            owner = self._owner(event.rep.id)
            if owner is None:
                self.outside.append(event.rep)
            else:
                owner.close(event.rep)
        return owner

    def _owner(self, rep_id: int) -> SetRecord | None:
        return next((record for record in reversed(self.sets) if rep_id in record.counted), None)

    def _at(self, t_ns: int) -> SetRecord | None:
        return next((record for record in reversed(self.sets) if record.covers(t_ns)), None)


def set_facts(number: int, plan: Plan, limits: Thresholds, own: Baseline | None) -> dict[str, Any]:
    """Return what is stored with a set at its start: all that it will be judged by."""
    return {
        "number": number,
        **asdict(plan),
        "settings": asdict(GOALS[plan.goal]),
        "thresholds": asdict(limits),
        "own": None if own is None else asdict(own),
    }
