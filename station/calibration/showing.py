"""A course as the page sees it: `station.calibrating`'s words of a moment, of a result, of what is kept."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from station import calibrating as door
from station.calibration import report
from station.calibration.certificate import Certificate
from station.calibration.checks import LIGHTEST_COUNTS
from station.calibration.course import CALM_S, Course, Outcome
from station.calibration.fit import Errors, Misses
from station.calibration.procedure import EMPTY_GATE_N, Empty, Procedure, Put
from station.calibration.reading import MOST_NOISE_COUNTS
from station.calibration.verifying import CREEP_S, Leave, Verification
from station.calibration.window import Window
from station.calibration.wording import instruction, where
from station.conversions import Calibration, Greeting, four
from station.signal.model import F64
from station.signal.model import Plate as Geometry


def step(one: Empty | Put | Leave, plate: Geometry) -> door.Step:
    """Return what is to be done."""
    text = instruction(one, plate)
    put = one.put if isinstance(one, Leave) else one
    if isinstance(put, Empty):
        return door.Step("empty", text, "")
    kind, spot = door.LEAVE if isinstance(one, Leave) else door.PUT, put.spot
    return door.Step(kind, text, where(put, plate), put.mass_kg, spot.word, spot.half, spot.right_mm(plate))


def plate(
    course: Course | None, idle: Window, reference: Calibration | None, drift_n_per_min: float | None
) -> door.Plate:
    """Return how the plate is; `reference` tells its zero while no course does."""
    window = idle if course is None else course.window
    above = None
    if course is not None and course.run.empties:
        above = course.above_empty
    elif reference is not None and window.level is not None:
        gains = np.array(reference.newtons_per_count)
        above = (window.level - np.array(reference.zero_count)) * gains
    load_n = None if above is None else float(above.sum())
    return door.Plate(
        load_n=load_n,
        cells_n=None if above is None else four(above),
        gates=_gates(course, window, load_n, reference),
        still_s=min(window.still_s, CALM_S) if window.sight is not None else 0.0,
        calm_s=CALM_S,
        drift_n_per_min=drift_n_per_min,
        wrong=window.wrong or ("" if course is None else course.unrest),
    )


def _gates(
    course: Course | None, window: Window, load_n: float | None, reference: Calibration | None
) -> tuple[door.Gate, ...]:
    gains = (
        course.gains
        if course is not None
        else np.array(reference.newtons_per_count)
        if reference is not None
        else np.full(4, 9.80665 / 43_000)
    )
    awaited = None if course is None else course.run.step
    load = None if course is None else course.load
    if awaited is None or isinstance(awaited, Empty):
        away_n = load_n if course is None or course.away_n is None else course.away_n
        first = door.Gate(
            "load", away_n, EMPTY_GATE_N, "N", away_n is not None and abs(away_n) <= EMPTY_GATE_N
        )
    else:
        least_n = LIGHTEST_COUNTS * float(np.abs(gains).mean())
        first = door.Gate("felt", load_n, least_n, "N", load_n is not None and load_n >= least_n)
    sight = window.sight
    if sight is None:
        return (first,)
    found, allowed = sight.reading, sight.allowed(load)
    worst, loudest = int(np.argmax(found.wander - allowed)), int(np.argmax(found.noise))
    return (first, *_quiet(found.wander, allowed, worst, found.noise, loudest, np.abs(gains)))


def _quiet(
    wander: F64, allowed: F64, worst: int, noise: F64, loudest: int, gains: F64
) -> tuple[door.Gate, door.Gate]:
    still = door.Gate(
        "still",
        float(wander[worst] * gains[worst]),
        float(allowed[worst] * gains[worst]),
        "N",
        bool(wander[worst] <= allowed[worst]),
    )
    quiet = door.Gate(
        "noise",
        float(noise[loudest] * gains[loudest]),
        float(MOST_NOISE_COUNTS * gains[loudest]),
        "N",
        bool(noise[loudest] <= MOST_NOISE_COUNTS),
    )
    return still, quiet


def under(
    course: Course, result: door.Result | None, verified: str | None, certificate: Certificate | None
) -> door.Under:
    """Return a course that is under way or just over."""
    run, geometry = course.run, course.run.plate
    creeping = run.creeping if isinstance(run, Verification) else []
    awaited = run.step
    leaving = isinstance(awaited, Leave)
    gone_s = course.window.now_s - creeping[0].t_s if creeping else 0.0
    return door.Under(
        kind="calibration" if isinstance(run, Procedure) else "verification",
        turn=course.turn,
        masses_kg=run.masses_kg if isinstance(run, Procedure) else (run.mass_kg,),
        step=None if awaited is None or course.ended else step(awaited, geometry),
        done=run.done,
        of=len(run.steps),
        left_s=course.left_s,
        placed=course.placed,
        asks_empty=course.needs_word or course.not_empty,
        creep_s=min(gone_s, CREEP_S) if leaving else None,
        readings=tuple(
            door.Reading(step(told.step, geometry), told.well, told.text, told.felt_n) for told in course.told
        ),
        refusal=course.refusal,
        ended=course.ended,
        working=course.working,
        result=result,
        certificate=verified if certificate is not None else None,
        verdict="" if certificate is None else certificate.verdict,
    )


def result(run: Procedure, outcome: Outcome, greeting: Greeting | None) -> door.Result:
    """Return what the placements are worth."""
    fit = outcome.fit
    return door.Result(
        record=report.record(fit, run, greeting),
        counts_per_n=four(1 / fit.newtons_per_count),
        model=tuple(report.model(fit)),
        residuals=_missed(fit.residuals),
        held_out=_missed(fit.held_out.misses if fit.unmix is not None else fit.plain.misses),
        now=_errors(fit.errors),
        one=_errors(outcome.one.errors),
        one_spot=outcome.one.spot.word,
        one_mass_kg=max(run.masses_kg),
        grid=_errors(outcome.grid),
    )


def _missed(misses: Misses) -> door.Missed | None:
    force, right_mm = report.rms(misses.force_share), report.rms(misses.right_mm)
    return None if math.isnan(force) or math.isnan(right_mm) else door.Missed(100 * force, right_mm)


def _errors(errors: Errors) -> door.Expected:
    return door.Expected(100 * errors.force_share, 100 * errors.heel_share, errors.right_mm)


def kept(body: dict[str, Any], in_use: str, certificate: Certificate | None) -> door.Kept:
    """Return a calibration that is kept, as `Library.calibrations` gives it."""
    record = body.get("record") or {}
    expected = record.get("expected")
    return door.Kept(
        id=body["id"],
        made=body["made"],
        chips=(record.get("chips") or {}).get("text", ""),
        simulated=bool(record.get("simulated")),
        expected=None
        if expected is None
        else door.Expected(100 * expected["force_share"], 100 * expected["heel_share"], expected["right_mm"]),
        in_use=body["id"] == in_use,
        verdict="" if certificate is None else certificate.verdict,
        verified="" if certificate is None else certificate.day,
    )
