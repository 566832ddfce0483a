"""A small station that follows a script: the Protocol of station.door with its refusals, no core.

`advance` plays an athlete whose reps are known beforehand, so that a test knows what the page
must show. Nothing moves unless it is called.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from station.coach.cues import advised
from station.coach.progression import Done, next_set
from station.coach.rules import Baseline, judged
from station.coach.thresholds import Thresholds
from station.door import (
    AthleteCard,
    CancelPlan,
    Command,
    CommandRefused,
    Curve,
    EndSession,
    EndSet,
    MarkSet,
    NoteSet,
    Planned,
    ReviewedSet,
    SessionReview,
    SessionRow,
    SessionView,
    SetView,
    Snapshot,
    StartSet,
    ZeroPlate,
)
from station.errors import UserError
from station.signal.model import Live, Measures, Phase, Rep

SECOND = 1_000_000_000
FRAME_HZ = 100
CURVE_FRAMES = 15 * FRAME_HZ
# One dead-stop rep: (phase, how long s, total force at its end N)
SCRIPT: tuple[tuple[Phase, float, float], ...] = (
    ("rest", 0.8, 82.0),
    ("push", 0.4, 250.0),
    ("up", 1.0, 268.0),
    ("hold", 1.2, 266.0),
    ("down", 1.6, 272.0),
    ("rest", 0.4, 82.0),
)
REP_S = sum(length for _, length, _ in SCRIPT)
HEEL_SHARE = 0.62
NEVER = np.zeros(0)


class ScriptedStation:
    """Implements `station.door.Station`."""

    def __init__(self, data_folder: Path = Path("/nowhere")) -> None:
        self._new = threading.Condition()
        self._folder = data_folder
        self.commands: list[Command] = []
        self.rows: list[SessionRow] = []
        self.cards: list[AthleteCard] = []
        self.refuses: str | None = None  # why every command is refused
        self.files: dict[int, list[tuple[str, bytes]]] = {}
        self.damaged: dict[int, str] = {}
        self._script_s = 0.0  # how far into the script
        self._frames = 0
        self._now = Snapshot(
            serial=0,
            t_s=None,
            state="idle",
            live=Live(None, "off", None, None, None, (None,) * 4, 0, None, (False,) * 4),
            practice_counted=0,
            session=None,
            planned=None,
            heel_up=False,
            curve=Curve(0, NEVER, NEVER, NEVER),
            source={"name": "mock", "nominal_rate_hz": 80.0, "simulated": False, "text": "scripted"},
            sampler_connected=True,
            recording_fault=None,
            notice=None,
            cell_faults=(None,) * 4,
        )

    # The door.

    def snapshot(self) -> Snapshot:
        with self._new:
            return self._now

    def wait_for(self, after_serial: int, timeout_s: float) -> Snapshot:
        with self._new:
            self._new.wait_for(lambda: self._now.serial > after_serial, timeout_s)
            return self._now

    def command(self, command: Command) -> Snapshot:
        with self._new:
            self.commands.append(command)
            if self.refuses is not None:
                raise CommandRefused(self.refuses)
            return self._carry_out(command)

    def sessions(self) -> list[SessionRow]:
        return list(self.rows)

    def review(self, number: int) -> SessionReview:
        if number in self.damaged:
            raise UserError(self.damaged[number])
        session = self._now.session
        if number not in self.files or session is None:
            raise LookupError(f"There is no session {number}.")
        curve = self._now.curve
        sets = tuple(ReviewedSet(one, curve.t_s, curve.total_n, curve.heel_n) for one in session.sets)
        return SessionReview(number, session.athlete, session.t0_ns, sets)

    def athletes(self) -> list[AthleteCard]:
        return list(self.cards)

    def export_csv(self, number: int) -> list[tuple[str, Iterator[bytes]]]:
        if number in self.damaged:
            raise UserError(self.damaged[number])
        if number not in self.files:
            raise LookupError(f"There is no session {number}.")
        return [(name, iter([content[:7], b"", content[7:]])) for name, content in self.files[number]]

    @property
    def data_folder(self) -> Path:
        return self._folder

    # The script.

    def publish(self, **changes: object) -> Snapshot:
        """Publish a snapshot with `changes`."""
        with self._new:
            self._now = dataclasses.replace(self._now, serial=self._now.serial + 1, **changes)  # type: ignore[arg-type]
            self._new.notify_all()
            return self._now

    def change_live(self, **changes: object) -> Snapshot:
        """Publish a snapshot whose `live` has `changes`."""
        return self.publish(live=dataclasses.replace(self._now.live, **changes))  # type: ignore[arg-type]

    def advance(self, seconds: float) -> Snapshot:
        """Let the athlete lift on for `seconds`, and publish the snapshot after it."""
        with self._new:
            for _ in range(round(seconds * FRAME_HZ)):
                self._one_frame()
            return self.publish()

    def count_reps(self, n: int) -> Snapshot:
        """Let the athlete lift until `n` more reps are over, publishing only the end."""
        return self.advance(n * REP_S)

    def arm(self) -> Snapshot:
        """Let the foot that was waited for lie still: the set begins."""
        planned = self._now.planned
        assert planned is not None
        self.command(StartSet(planned.athlete, planned.plan))
        return self.publish(state="armed", planned=planned)

    def end_set(self) -> Snapshot:
        """End the set, as a tap or a foot that leaves does, and propose the next."""
        self._replace_set(running=False, state="rest")
        session = self._now.session
        assert session is not None
        done = [Done(one.plan, one.counted, one.counted) for one in session.sets]
        return self.publish(
            planned=None,
            session=dataclasses.replace(session, proposal=next_set(done), rested_since_ns=self._t_ns),
        )

    # Inside.

    def _carry_out(self, command: Command) -> Snapshot:
        now = self._now
        running = now.state in ("set", "armed")
        match command:
            case StartSet(athlete, plan, hands_free=True):
                return self.publish(state="waiting", planned=Planned(athlete, plan), practice_counted=0)
            case StartSet(athlete, plan):
                if running:
                    raise CommandRefused("A set is running: end it first.")
                session = now.session
                if session is None or session.athlete != athlete:
                    session = SessionView(len(self.rows) + 1, athlete, self._t_ns, ())
                new = SetView(len(session.sets) + 1, plan, Thresholds(), True, 0)
                session = dataclasses.replace(session, sets=(*session.sets, new), proposal=None)
                return self.publish(state="set", session=session, practice_counted=0)
            case CancelPlan():
                return self.publish(state="ready", planned=None)
            case MarkSet(word):
                if now.session is None:
                    raise CommandRefused("No set to mark: start one first.")
                last = now.session.sets[-1]
                return self._replace_set(now.state, pressed=(*last.pressed, (word, last.counted)))
            case NoteSet(number):
                if now.session is None or number > len(now.session.sets):
                    raise CommandRefused(f"This session has no set {number}.")
                answers = dataclasses.asdict(command).items()
                said = {k: v for k, v in answers if v is not None and k != "number"}
                notes = {**dict(now.session.sets[-1].notes), **said}
                return self._replace_set(now.state, notes=tuple(sorted(notes.items())))
            case EndSet():
                if not running:
                    return now
                return self.end_set()
            case EndSession():
                if running:
                    self._replace_set(running=False, state="rest")
                return self.publish(state="ready", session=None)
            case ZeroPlate(confirmed):
                if now.live.phase not in ("off", "rest"):
                    raise CommandRefused("Something moves on the plate: take the foot off and try again.")
                if (now.live.total_n or 0.0) > 15.0 and not confirmed:
                    raise CommandRefused(
                        f"The plate is {now.live.total_n:.0f} N away from its last zero: is it empty?",
                        confirmable=True,
                    )
                return self.publish()

    @property
    def _t_ns(self) -> int:
        return self._frames * SECOND // FRAME_HZ

    def _replace_set(self, state: str = "set", **changes: object) -> Snapshot:
        session = self._now.session
        assert session is not None
        last = dataclasses.replace(session.sets[-1], **changes)  # type: ignore[arg-type]
        return self.publish(
            state=state, session=dataclasses.replace(session, sets=(*session.sets[:-1], last))
        )

    def _one_frame(self) -> None:
        phase, since_s, total_n = _at(self._script_s)
        self._frames += 1
        t_ns = self._t_ns
        wander_n = 3.0 * np.sin(self._frames / 9.0) + 2.0 * np.sin(self._frames / 3.7)
        total_n += float(wander_n)
        share = HEEL_SHARE + 0.04 * float(np.sin(self._frames / 70.0))
        live = dataclasses.replace(
            self._now.live,
            t_ns=t_ns,
            phase=phase,
            phase_since_ns=t_ns - round(since_s * SECOND),
            total_n=total_n,
            heel_share=share,
        )
        old = self._now.curve
        keep = slice(-(CURVE_FRAMES - 1), None)
        curve = Curve(
            max(0, self._frames - CURVE_FRAMES),
            np.append(old.t_s[keep], t_ns / SECOND),
            np.append(old.total_n[keep], total_n),
            np.append(old.heel_n[keep], share * total_n),
        )
        self._now = dataclasses.replace(self._now, t_s=t_ns / SECOND, live=live, curve=curve)
        before = self._script_s
        self._script_s = (self._frames / FRAME_HZ) % REP_S
        if self._script_s < before:
            self._rep_is_over(t_ns)

    def _rep_is_over(self, t_ns: int) -> None:
        now = self._now
        if now.state not in ("set", "armed") or now.session is None:
            self._now = dataclasses.replace(now, practice_counted=now.practice_counted + 1)
            return
        last = now.session.sets[-1]
        rep = scripted_rep(last.counted, t_ns)
        said = (*last.judged, judged(rep, last.plan, Baseline(), last.limits))
        advice = advised(said, last.plan, last.limits, baseline_set=False)
        last = dataclasses.replace(
            last, counted=last.counted + 1, reps=(*last.reps, rep), judged=said, advice=advice
        )
        session = dataclasses.replace(now.session, sets=(*now.session.sets[:-1], last))
        self._now = dataclasses.replace(now, state="set", session=session)


class Pump:
    """Plays a scripted station in real time, thirty times a second, while it is open."""

    def __init__(self, station: ScriptedStation) -> None:
        self._station = station
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Pump:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        played = time.monotonic()
        while not self._end.wait(1 / 30):
            now = time.monotonic()
            self._station.advance(now - played)
            played = now


def scripted_rep(rep_id: int, over_ns: int) -> Rep:
    """Return the rep of SCRIPT that was over at `over_ns`; every fourth one is estimated."""
    ends = over_ns - SECOND * np.cumsum([length for _, length, _ in SCRIPT][::-1])[::-1]
    _, push, up, hold, down, rest = (int(t) for t in ends)
    return Rep(
        id=rep_id,
        style="dead_stop",
        confidence="estimated" if rep_id % 4 == 3 else "measured",
        push_start_ns=push,
        lift_off_ns=up,
        lockout_start_ns=hold,
        lockout_end_ns=down,
        touchdown_ns=rest,
        rest_ns=rest + SECOND // 5,
        measures=Measures(
            peak_n=281.0,
            mean_n=262.0,
            plateau_n=266.0,
            impulse_n_s=900.0,
            heel_share=HEEL_SHARE,
            heel_lift_s=0.0,
            valid_fraction=1.0,
        ),
        complete=True,
        uncertainty_s={},
    )


def _at(script_s: float) -> tuple[Phase, float, float]:
    """Return phase, how long it has lasted, and the total force at a time of the script."""
    start_s, from_n = 0.0, SCRIPT[-1][2]
    for phase, length_s, to_n in SCRIPT:
        if script_s < start_s + length_s:
            part = (script_s - start_s) / length_s
            return phase, script_s - start_s, from_n + (to_n - from_n) * part
        start_s, from_n = start_s + length_s, to_n
    raise AssertionError(script_s)
