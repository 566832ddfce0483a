"""Snapshots as JSON: the words that the page and the API speak."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np

from station.coach.programs import SIDES, Goal, Plan
from station.coach.progression import Proposal
from station.coach.rules import Judged, least_down_s, least_hold_s
from station.door import (
    AthleteCard,
    Curve,
    OtherVisit,
    Planned,
    SessionReview,
    SessionRow,
    SessionView,
    SetView,
    Snapshot,
)
from station.signal.model import F64, Rep

Json = dict[str, Any]


def encode(value: object) -> str:
    """Return compact JSON; a nan is an error, since JSON has none."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def moment_json(snapshot: Snapshot) -> Json:
    """Return what may change with every snapshot: small, sent each time."""
    live = snapshot.live
    return {
        "serial": snapshot.serial,
        "frame": last_frame(snapshot.curve),
        "t_s": _rounded(snapshot.t_s, 3),
        "monotonic_s": None if live.t_ns is None else round(live.t_ns / 1e9, 4),
        "state": snapshot.state,
        "phase": live.phase,
        "phase_s": _seconds_between(live.phase_since_ns, live.t_ns),
        "total_n": _rounded(live.total_n, 1),
        "heel_share": _rounded(live.heel_share, 3),
        "heel_up": snapshot.heel_up,
        "practice_counted": snapshot.practice_counted,
        "rested_s": _rested_s(snapshot),
        "planned": planned_json(snapshot.planned),
        "sampler_connected": snapshot.sampler_connected,
        "recording_fault": snapshot.recording_fault,
        "notice": snapshot.notice,
        "silent": list(live.silent),
        "cell_faults": list(snapshot.cell_faults),
    }


def _rested_s(snapshot: Snapshot) -> float | None:
    session = snapshot.session
    return None if session is None else _seconds_between(session.rested_since_ns, snapshot.live.t_ns)


def state_json(snapshot: Snapshot) -> Json:
    """Return the whole snapshot but its curve."""
    return moment_json(snapshot) | {
        "source": source_json(snapshot.source),
        "session": session_json(snapshot.session),
        "others": others_json(snapshot.others),
    }


def source_json(source: Json) -> Json:
    """Return how the source describes itself; null for what it has not told yet."""
    return {key: source.get(key) for key in ("name", "text", "simulated", "nominal_rate_hz")}


def session_json(session: SessionView | None) -> Json | None:
    """Return the open session with its sets, or None."""
    if session is None:
        return None
    return {
        "number": session.number,
        "athlete": session.athlete,
        "t0_monotonic_s": round(session.t0_ns / 1e9, 4),
        "sets": [_set_json(one, session.t0_ns) for one in session.sets],
        "proposal": _proposal_json(session.proposal),
    }


def others_json(others: tuple[OtherVisit, ...]) -> list[Json]:
    """Return the visits that wait while somebody else lifts."""
    return [asdict(other) | {"proposal": _proposal_json(other.proposal)} for other in others]


def planned_json(planned: Planned | None) -> Json | None:
    """Return the set that waits for a foot, or runs without a tap."""
    if planned is None:
        return None
    return {
        "athlete": planned.athlete,
        "plan": plan_json(planned.plan),
        "resumable": planned.resumable,
        "turned": planned.turned,
        "still_s": planned.still_s,
        "resume_within_s": planned.resume_within_s,
    }


def plan_json(plan: Plan) -> Json:
    """Return how a set is done."""
    return asdict(plan)


def athlete_json(card: AthleteCard) -> Json:
    """Return an athlete as the home screen shows them."""
    return {
        "name": card.name,
        "plan": None if card.plan is None else plan_json(card.plan),
        "side_known": card.side_known,
        "why": card.why,
        "asks_first": card.asks_first,
        "visits": [asdict(visit) for visit in card.visits],
        "here": card.here,
        "plates": {side: card.plates.get(side) for side in SIDES},
    }


def _proposal_json(proposal: Proposal | None) -> Json | None:
    if proposal is None:
        return None
    plan = None if proposal.plan is None else plan_json(proposal.plan)
    return {"plan": plan, "why": proposal.why, "rest_s": proposal.rest_s}


def review_json(review: SessionReview) -> Json:
    """Return a recorded session's sets with their curves."""
    return {
        "number": review.number,
        "athlete": review.athlete,
        "sets": [
            _set_json(one.view, review.t0_ns)
            | {
                "curve": {
                    "t_s": _numbers(one.t_s, 3),
                    "total_n": _numbers(one.total_n, 1),
                    "heel_n": _numbers(one.heel_n, 1),
                }
            }
            for one in review.sets
        ],
    }


def goal_json(goal: Goal) -> Json:
    """Return a goal preset."""
    return {
        "key": goal.key,
        "name": goal.name,
        "reps_low": goal.reps_low,
        "reps_high": goal.reps_high,
        "sets_low": goal.sets_low,
        "sets_high": goal.sets_high,
        "hold_s": goal.hold_s,
        "rest_s": goal.rest_s,
    }


def curve_json(curve: Curve, after_frame: int = -1) -> Json:
    """Return the entries of the curve newer than frame `after_frame`."""
    first = max(curve.first_frame, after_frame + 1)
    new = slice(first - curve.first_frame, None)
    return {
        "first_frame": first,
        "t_s": _numbers(curve.t_s[new], 3),
        "total_n": _numbers(curve.total_n[new], 1),
        "heel_n": _numbers(curve.heel_n[new], 1),
    }


def last_frame(curve: Curve) -> int:
    """Return the running number of the newest frame, or one less than the first where none is there."""
    return curve.first_frame + len(curve.t_s) - 1


def row_json(row: SessionRow) -> Json:
    """Return one line of the list of sessions."""
    return {
        "number": row.number,
        "athlete": row.athlete,
        "started_utc": row.started_utc or None,
        "duration_s": _rounded(row.duration_s, 1),
        "sets": row.sets,
        "reps": row.reps,
        "state": row.state,
        "simulated": row.simulated,
        "note": row.note,
    }


def _set_json(one: SetView, t0_ns: int) -> Json:
    rows = zip(one.reps, one.judged, strict=True)
    by_hand = dict(one.by_hand)
    added = [rep for rep in by_hand if rep < 0]
    return {
        "number": one.number,
        "athlete": one.athlete,
        "side": one.plan.side,
        "plan": plan_json(one.plan),
        "goal": goal_json(one.goal),
        "load_kg": one.plan.load_kg,
        "coached": one.plan.coached,
        "heel_zone_from": one.limits.heel_zone_from,
        "hold_least_s": _rounded(least_hold_s(one.plan, one.limits), 2),
        "down_least_s": _rounded(least_down_s(one.plan, one.limits), 2),
        "running": one.running,
        "counted": one.count,
        "counted_by_station": one.counted,
        "on_target": one.on_target,
        "baseline": one.baseline,
        "cues": [cue.word for cue in one.advice.cues],
        "stop": one.advice.stop,
        "pressed": [{"word": word, "rep": rep} for word, rep in one.pressed],
        "notes": dict(one.notes),
        "discarded": one.discarded,
        "heel_paused": one.heel_paused,
        "reps": [
            _rep_json(number, *row, t0_ns) | {"by_hand": by_hand.get(row[0].id)}
            for number, row in enumerate(rows, start=1)
        ],
        "added": sorted(added, reverse=True),
    }


def _rep_json(number: int, rep: Rep, judged: Judged, t0_ns: int) -> Json:
    return {
        "number": number,
        "id": rep.id,
        "style": rep.style,
        "confidence": rep.confidence,
        "complete": rep.complete,
        "lift_off_s": _seconds_between(t0_ns, rep.lift_off_ns),
        "lockout_start_s": _seconds_between(t0_ns, rep.lockout_start_ns),
        "lockout_end_s": _seconds_between(t0_ns, rep.lockout_end_ns),
        "touchdown_s": _seconds_between(t0_ns, rep.touchdown_ns),
        "up_s": _rounded(rep.up_s, 3),
        "hold_s": _rounded(rep.hold_s, 3),
        "down_s": _rounded(rep.down_s, 3),
        "heel_share": _rounded(rep.measures.heel_share, 3),
        "peak_n": _rounded(rep.measures.peak_n, 1),
        "valid_fraction": _rounded(rep.measures.valid_fraction, 3),
        "steadiness": _rounded(rep.measures.steadiness, 4),
        "sway_ml_mm": _rounded(rep.measures.sway_ml_mm, 1),
        "on_target": judged.on_target,
        "faults": list(judged.faults),
    }


def _seconds_between(start_ns: int | None, end_ns: int | None) -> float | None:
    return None if start_ns is None or end_ns is None else round((end_ns - start_ns) / 1e9, 3)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def _numbers(values: F64, digits: int) -> list[float | None]:
    """Return a list for JSON: nan, a gap, becomes null."""
    return [x if math.isfinite(x) else None for x in np.round(values, digits).tolist()]
