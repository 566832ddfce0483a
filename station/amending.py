"""What people say of a set that is over, as a mark in its session's log: open or closed long ago."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from station.analysis import analyze_recording
from station.coach.byhand import ADDED, CORRECTIONS
from station.coach.programs import MOST_REPS
from station.door import (
    FELT,
    LONGEST_NAME,
    LONGEST_NOTE,
    Amendment,
    CommandRefused,
    CorrectRep,
    MoveSet,
    NoteSet,
)
from station.errors import UserError
from station.library import Library
from station.roster import Roster
from station.session_writer import amend
from station.sets import SetBook, SetRecord


def marked(command: Amendment, book: SetBook, athlete: str) -> tuple[str, dict[str, Any]] | None:
    """Return kind and body of the mark that carries `command` out, None where nothing would change.

    athlete : whose session it is

    Raises
    ------
    CommandRefused : it can't be; the text says why

    """
    record = book.numbered(command.number)
    if record is None:
        raise CommandRefused(f"This session has no set {command.number}.")
    if record.running:
        raise CommandRefused("The set is still running: end it first.")
    if isinstance(command, NoteSet):
        kind, body = "set_note", _answers(command, record)
    elif isinstance(command, MoveSet):
        kind, body = "set_move", _moved(command, record, athlete)
    else:
        kind, body = "rep_by_hand", _corrected(command, record)
    return (kind, {"number": command.number, **body}) if body else None


def amend_closed(library: Library, command: Amendment, number: int) -> None:
    """Carry `command` out in the file of session `number`, which is not open.

    Raises
    ------
    CommandRefused : it can't be; the text says why

    """
    try:
        recording = library.read(number)
        analysis = analyze_recording(recording)
        athlete, book = str(recording.meta["athlete"]), analysis.book
        mark = marked(command, book, athlete)
        if mark is None:
            return
        amend(recording.path, *mark)
    except LookupError as missing:
        raise CommandRefused(str(missing.args[0])) from None
    except UserError as error:
        raise CommandRefused(str(error)) from None
    except (OSError, sqlite3.Error) as error:
        raise CommandRefused(f"Session {number} can't be written ({error}): nothing was changed.") from None
    book.mark(*mark, 0)
    Roster(library).keep_sets(athlete, number, book)


def _answers(command: NoteSet, record: SetRecord) -> dict[str, Any]:
    if command.level_until is not None and not 0 <= command.level_until <= MOST_REPS:
        raise CommandRefused(f"Level reps: from 0 to {MOST_REPS}.")
    if command.felt is not None and command.felt not in FELT:
        raise CommandRefused(f"Where it was felt: {', '.join(FELT)}.")
    if command.text is not None and len(command.text) > LONGEST_NOTE:
        raise CommandRefused(f"A note has at most {LONGEST_NOTE} characters.")
    given = asdict(command)
    del given["number"], given["session"]
    answers = {word: value for word, value in given.items() if value is not None}
    if command.level_unsure and "level_until" in record.notes:  # one answer takes the other back
        answers["level_until"] = None
    if command.level_until is not None and "level_unsure" in record.notes:
        answers["level_unsure"] = False
    news = any(record.notes.get(word) != value for word, value in answers.items())
    return answers if news else {}


def _moved(command: MoveSet, record: SetRecord, athlete: str) -> dict[str, Any]:
    name = " ".join(command.athlete.split())
    if not name or len(name) > LONGEST_NAME:
        raise CommandRefused(f"Enter a name of at most {LONGEST_NAME} letters; Guest will do.")
    return {} if name == record.owner(athlete) else {"athlete": name}


def _corrected(command: CorrectRep, record: SetRecord) -> dict[str, Any]:
    rep, word = command.rep, command.word
    if rep < 0:
        possible = rep >= -MOST_REPS and word in (ADDED, None)
    else:
        possible = any(one.id == rep for one in record.reps) and (word is None or word in CORRECTIONS)
    if not possible:
        raise CommandRefused(f"Set {command.number} has no such rep: look at the page, then try again.")
    return {} if record.by_hand.get(rep) == word else {"rep": rep, "word": word}
