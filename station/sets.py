"""Which rep belongs to which set, and what the coach makes of it: the same live and from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from station.coach import byhand
from station.coach.byhand import Correction
from station.coach.cues import PRESSED, Advice, advised
from station.coach.programs import GOALS, Plan
from station.coach.progression import Done
from station.coach.rules import Baseline, Judged, judged
from station.coach.thresholds import Thresholds
from station.signal.model import Event, Rep, RepClosed, RepCounted, RepWithdrawn

AMENDING = ("set_mark", "set_note", "set_move", "rep_by_hand")


@dataclass
class SetRecord:
    """One set of a session.

    facts : number, side, goal, load, the rest of the plan, and the settings in force, as marked at its start
    counted : ids of the reps announced for it, less those withdrawn
    reps : its closed reps, in order
    pressed : ("twisted" or "pain", number of the rep), as somebody marked them
    notes : what was answered after it
    by_hand : what people say of single reps, by their ids; ids below 0 are reps that they added
    owners : the athletes that the set was moved to, in turn; it belongs to the last
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
    by_hand: dict[int, Correction] = field(default_factory=dict)
    owners: list[str] = field(default_factory=list)
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

    def owner(self, athlete: str) -> str:
        """Whose set it is, in a session of `athlete`."""
        return self.owners[-1] if self.owners else athlete

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
        return advised(
            reps,
            self.plan,
            self.limits,
            baseline_set=baseline,
            heel_paused=self.heel_paused,
            marked=self.marked,
        )

    @property
    def heel_paused(self) -> bool:
        """Whether the plate had been moved before it, so that nothing is said of heel shares."""
        return bool(self.facts.get("heel_paused", False))

    @property
    def marked(self) -> frozenset[str]:
        """Which of `PRESSED` was said of a rep or of the set; an answer takes back what was pressed."""
        said = {word for word, _ in self.pressed} | set(self.by_hand.values())
        return frozenset(word for word in PRESSED if self.notes.get(word, word in said))

    @property
    def count(self) -> int:
        """How many reps it has, with the corrections of people."""
        return byhand.count(len(self.counted), self.by_hand)

    @property
    def on_target(self) -> int:
        """How many of them were on target."""
        return byhand.on_target(self.judged, self.by_hand)

    def level(self, number: int) -> bool | None:
        """Tell whether the hips were level in a rep, by its number; None where nobody said."""
        rep_id = self.reps[number - 1].id
        if ("twisted", number) in self.pressed or self.by_hand.get(rep_id) == "twisted":
            return False
        until = self.notes.get("level_until")
        return None if until is None else number <= until

    def rep_clean(self, number: int) -> bool | None:
        """Tell whether a rep was clean; what is against it counts, also where the rest is not known."""
        judged = self.judged[number - 1]
        kept = self.by_hand.get(judged.rep_id) not in byhand.NOT_ON_TARGET and not self.discarded
        needed = (judged.on_target, self.level(number), kept)
        return False if False in needed else None if None in needed else True

    @property
    def clean(self) -> int | None:
        """How many reps were on target and confirmed level; None where nobody said."""
        if self.notes.get("level_until") is None:
            return None
        return sum(self.rep_clean(number) is True for number in range(1, len(self.reps) + 1))

    @property
    def discarded(self) -> bool:
        """Whether somebody took it out of what counts."""
        return bool(self.notes.get("discarded"))

    def amend(self, kind: str, body: Mapping[str, Any]) -> None:
        """Take a mark of `AMENDING`: what people say of the set."""
        if kind == "set_mark":
            self.pressed.append((body["word"], body["rep"]))
        elif kind == "set_note":
            self.notes.update({key: value for key, value in body.items() if key != "number"})
        elif kind == "set_move":
            self.owners.append(body["athlete"])
        elif body["word"] is None:
            self.by_hand.pop(body["rep"], None)
        else:
            self.by_hand[body["rep"]] = body["word"]

    @property
    def done(self) -> Done:
        """What it was worth, for what comes next."""
        return Done(
            plan=self.plan,
            counted=self.count,
            on_target=self.on_target,
            confirmed=self.clean,
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

    @property
    def counting(self) -> list[SetRecord]:
        """The sets that count: ended, with reps, and not discarded."""
        return [one for one in self.sets if one.count and not (one.running or one.discarded)]

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
        elif kind in AMENDING:
            record = self.numbered(body["number"])
            if record is not None:
                record.amend(kind, body)

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


def set_facts(
    number: int, plan: Plan, limits: Thresholds, own: Baseline | None, known_cm: float | None = None
) -> dict[str, Any]:
    """Return what is stored with a set at its start: all that it will be judged by.

    known_cm : where the plate stood for this foot the last time
    """
    moved = None not in (plan.plate_cm, known_cm) and plan.plate_cm != known_cm
    return {
        "number": number,
        **asdict(plan),
        "settings": asdict(GOALS[plan.goal]),
        "thresholds": asdict(limits),
        "own": None if own is None else asdict(own),
        "heel_paused": moved and own is None,
    }
