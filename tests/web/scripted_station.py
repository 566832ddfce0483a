"""A small station that follows a script: the Protocol of station.door with its refusals, no core.

`advance` plays an athlete whose reps are known beforehand, so that a test knows what the page
must show. Nothing moves unless it is called.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "station"))  # for desk, which is no package

from desk import Desk

from station.calibrating import Calibrating
from station.checkup import Checkup, check_up
from station.coach.cues import advised
from station.coach.progression import Done, next_set
from station.coach.rules import Baseline, judged
from station.coach.thresholds import Thresholds
from station.conversions import Calibration, Cell, SourceInfo, empty_records
from station.devices import Devices
from station.door import (
    AthleteCard,
    CancelPlan,
    Command,
    CommandRefused,
    CorrectRep,
    Curve,
    EndSession,
    EndSet,
    MarkSet,
    MoveSet,
    NoteSet,
    Planned,
    PlateIsRight,
    ReviewedSet,
    Scope,
    SessionReview,
    SessionRow,
    SessionView,
    SetView,
    Snapshot,
    StartSet,
    ZeroPlate,
)
from station.errors import UserError
from station.machine import Machine
from station.pin import OwnerPin
from station.safekeeping import (
    Content,
    Copying,
    Forgotten,
    Held,
    Here,
    Kept,
    KeptState,
    Restores,
    Restoring,
    Safekeeping,
    Stick,
    StickBackup,
)
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


class ScriptedKeeper:
    """Implements `station.safekeeping.Safekeeping`: a stick, and one athlete, with nothing behind them."""

    def __init__(self) -> None:
        self.stick = Stick("GYM", Path("/media/GYM"), 29_000_000_000, False)
        self.copied: Copying | None = None
        self.refuses: str | None = None  # why nothing is copied

    def kept(self) -> Kept:
        return Kept(48_200_000, "2026-11-20T17:05:00Z")

    def backup(self) -> Iterator[bytes]:
        yield b"backup"

    def forget(self, athlete: str) -> Forgotten:
        if athlete != "Mara":
            raise UserError(f"Nobody here is called {athlete!r}.")
        return Forgotten((1, 2), (3,), (2,), ())

    def sticks(self) -> list[Stick]:
        return [self.stick]

    def copying(self) -> Copying | None:
        return self.copied

    def copy_to(self, path: Path, forms: Sequence[str]) -> Copying:
        if self.refuses is not None or path != self.stick.path:
            raise CommandRefused(self.refuses or "This stick is not there any more.")
        assert set(forms) <= {"csv", "json", "parquet", "c3d", "mot", "report"}
        self.copied = Copying("GYM", 1, 4, 12_000_000)
        return self.copied

    def cancel_copy(self) -> None:
        if self.copied is not None:
            self.copied = dataclasses.replace(self.copied, told="Cancelled.")


class DictSettings:
    """Implements `station.devices.Settings`."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def setting(self, key: str) -> Any:
        return json.loads(self.kept.get(key, "null"))

    def keep_setting(self, key: str, value: Any) -> None:
        self.kept[key] = json.dumps(value)


class ScriptedRestorer:
    """Implements `station.safekeeping.Restores`: a backup that is checked at once, with nothing behind it."""

    def __init__(self) -> None:
        self.now: Restoring | None = None
        self.refuses: str | None = None  # why nothing is restored
        self.states = [KeptState("before-restore-1", Path("/nowhere/before-restore-1"), 48_200_000)]
        self.read = 0
        self.holds = Held("0.1.0", "2026-11-20T17:05:00Z", "2026-11-20T16:40:00Z", 34, 5, (7, 12))

    def restoring(self) -> Restoring | None:
        return self.now

    def here(self) -> Here:
        return Here(41, 6)

    def backups(self) -> list[StickBackup]:
        return [StickBackup("GYM", Path("/media/GYM/heeldrive/heeldrive-backup.tar"), 48_200_000)]

    def take(self, content: Content, length_bytes: int) -> Restoring:
        if self.refuses is not None:
            raise CommandRefused(self.refuses)
        self.now = Restoring("a", "reading", "The file", 0, length_bytes)
        while piece := content.read(1 << 16):
            if piece.startswith(b"no"):
                told = "The file is no whole backup (it is cut short): nothing was replaced."
                self.now = dataclasses.replace(self.now, step="refused", told=told)
                raise UserError(told)
            self.read += len(piece)
        return self.checked("The file", length_bytes)

    def take_from(self, path: Path) -> Restoring:
        if path != self.backups()[0].path:
            raise CommandRefused("This stick is not there any more: put it in again.")
        return self.checked("heeldrive-backup.tar on GYM", 48_200_000)

    def checked(self, called: str, length: int) -> Restoring:
        self.now = Restoring("a", "checked", called, length, length, self.holds)
        return self.now

    def cancel(self) -> None:
        self.now = None

    def restore(self, token: str) -> Restoring:
        if self.refuses is not None or self.now is None or self.now.token != token:
            raise CommandRefused(self.refuses or "This backup is not there any more: choose it again.")
        self.now = dataclasses.replace(self.now, step="ordered")
        return self.now

    def kept(self) -> list[KeptState]:
        return list(self.states)

    def delete_kept(self, name: str) -> None:
        if name not in [one.name for one in self.states]:
            raise CommandRefused(f"{name} is not there any more.")
        self.states.clear()


class ScriptedStation:
    """Implements `station.door.Station`."""

    def __init__(self, data_folder: Path = Path("/nowhere")) -> None:
        self._new = threading.Condition()
        self._folder = data_folder
        self.devices = Devices(DictSettings(), lambda: (self.now_utc, True))
        self.now_utc = "2026-11-20T17:00:00Z"
        self.pin = OwnerPin(data_folder)
        self.safekeeping: Safekeeping = ScriptedKeeper()
        self.restorer: Restores = ScriptedRestorer()
        self.desk_folder = data_folder
        self.commands: list[Command] = []
        self.rows: list[SessionRow] = []
        self.cards: list[AthleteCard] = []
        self.codes: dict[str | None, str] = {}
        self.refuses: str | None = None  # why every command is refused
        self.exported: list[tuple[Scope, tuple[str, ...]]] = []
        self.files: dict[int, list[tuple[str, bytes]]] = {}
        self.damaged: dict[int, str] = {}
        self.checkup = scripted_checkup()
        self._script_s = 0.0  # how far into the script
        self._frames = 0
        self._now = Snapshot(
            serial=0,
            t_s=None,
            state="idle",
            live=Live(None, "off", None, None, None, (None,) * 4, 0, None, (False,) * 4),
            practice_counted=0,
            session=None,
            others=(),
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

    def locked(self) -> bool:
        return None in self.codes

    def put_code(self, athlete: str | None, code: str | None) -> None:
        if code is None:
            self.codes.pop(athlete, None)
        elif not code.isdecimal():
            raise UserError("A code is 4 to 12 digits.")
        else:
            self.codes[athlete] = code

    def code_fits(self, athlete: str | None, code: str) -> bool:
        return self.codes.get(athlete) == code

    def athletes(self) -> list[AthleteCard]:
        return list(self.cards)

    def export(self, scope: Scope, forms: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        self.exported.append((scope, tuple(forms)))
        number = scope.session
        if number is None:
            numbers = [row.number for row in self.rows if scope.athlete in (None, row.athlete)]
        elif number in self.damaged:
            raise UserError(self.damaged[number])
        else:
            numbers = [number] if number in self.files else []
        if not numbers or (scope.set or 1) > 1:
            raise LookupError(f"There is nothing of {scope}.")
        found = [file for each in numbers for file in self.files.get(each, [])]
        return ((name, iter([content[:7], b"", content[7:]])) for name, content in found)

    def export_forms(self) -> list[str]:
        return ["csv", "json", "report"]

    def check_up(self) -> Checkup:
        return self.checkup

    def support_bundle(self) -> bytes:
        return b"PK a zip"

    @property
    def data_folder(self) -> Path:
        return self._folder

    @functools.cached_property
    def desk(self) -> Desk:
        """Where the plate is calibrated: the real thing, on a plate of its own, with nobody's thread."""
        return Desk(self.desk_folder)

    @property
    def calibrating(self) -> Calibrating:
        return self.desk.calibrator

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
            case PlateIsRight():
                planned = now.planned and dataclasses.replace(now.planned, turned=False)
                return self.publish(planned=planned)
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
                said = {k: v for k, v in answers if v is not None and k not in ("number", "session")}
                notes = {**dict(now.session.sets[-1].notes), **said}
                gone = bool(notes.get("discarded"))
                return self._replace_set(now.state, notes=tuple(sorted(notes.items())), discarded=gone)
            case MoveSet(_, athlete):
                return self._replace_set(now.state, athlete=athlete)
            case CorrectRep(_, rep, word):
                assert now.session is not None
                by_hand = dict(now.session.sets[-1].by_hand)
                by_hand.pop(rep, None)
                if word is not None:
                    by_hand[rep] = word
                return self._replace_set(now.state, by_hand=tuple(sorted(by_hand.items())))
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


def scripted_checkup(silent: Cell | None = None, **machine_facts: Any) -> Checkup:
    """Return the check-up of four good cells, of which one may be silent."""
    records = empty_records(4 * 800)
    for cell in Cell:
        mine = records[cell::4]
        mine["cell"] = cell
        mine["t_ns"] = np.arange(800) * 12_500_000
        mine["count"] = 40_000 + np.random.default_rng(cell).normal(0, 90, 800)
    facts = {
        "model": "Raspberry Pi 4 Model B Rev 1.5",
        "system": "Debian GNU/Linux 12 (bookworm) · Linux 6.12.25+rpt-rpi-v8 aarch64",
        "temperature_c": 51.2,
        "power_bits": 0,
        "disk_free_bytes": 21_400_000_000,
        "clock_synchronised": True,
        "up_s": 7_980.0,
        "versions": {"python": "3.11.2", "heeldrive": "0.1.0", "numpy": "2.4.0"},
    }
    source = SourceInfo("gpio", 80.0, False, 0.0, None, "4 chips on 4 clocks")
    calibration = Calibration("x", "x", (0.0,) * 4, (1e-3,) * 4)
    return check_up(
        source,
        ("A clock pulse takes 1.9 µs; a chip resets itself after 60.",),
        records[records["cell"] != silent] if silent is not None else records,
        Machine(**{**facts, **machine_facts}),
        calibration=calibration,
    )


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
            steadiness=0.010 + 0.001 * (rep_id % 5),
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
