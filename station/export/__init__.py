"""Everything out: one file per format, and what is taken: a set, a session, an athlete, everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from station.door import Scope
from station.errors import UserError
from station.export import c3d, csv, json, mot, parquet, person, report
from station.export.person import Shares
from station.export.taken import Files, Taken
from station.files import put
from station.library import Library

Format: TypeAlias = Callable[[Taken], Files]
FORMATS: dict[str, Format] = {
    "csv": csv.files,
    "json": json.files,
    "parquet": parquet.files,
    "c3d": c3d.files,
    "mot": mot.files,
    "report": report.files,
}
LEFT_OUT = "left_out.txt"


def forms() -> list[str]:
    """Return the formats that can be made here."""
    return [form for form in FORMATS if form != "parquet" or parquet.available()]


def files(
    library: Library, scope: Scope, chosen: Sequence[str], say: Callable[[str], None] = lambda _: None
) -> Files:
    """Return (name, content in chunks) of each file of an export; a name may have folders.

    One session at a time is held in memory. A single session is worked out before this returns;
    of many, a damaged one is named in a file of its own, and the others are there.

    chosen : of `forms`
    say : called with what is being worked on

    Raises
    ------
    LookupError : there is nothing of that scope; the text says so
    UserError : a format can't be made here, or the one session's file is damaged

    """
    formats = [FORMATS[form] for form in chosen]
    if scope.session is not None:
        say(f"session {scope.session}")
        return _of(Taken.of(library.read(scope.session), scope.set), formats)
    if scope.athlete is not None:
        return _of_athlete(library, scope.athlete, formats, say)
    numbers = {row.number: None for row in library.sessions()}
    if not numbers:
        raise LookupError("Nobody has recorded a session: `heeldrive sessions` lists them.")
    return _of_many(library, numbers, formats, say)


def _of_athlete(
    library: Library, athlete: str, formats: Sequence[Format], say: Callable[[str], None]
) -> Files:
    theirs = person.shares(library, athlete)
    if not theirs and athlete not in library.athletes():
        raise LookupError(
            f"No athlete called {athlete} has recorded a session: `heeldrive sessions` lists them."
        )
    return chain([person.file(library, athlete, theirs)], _of_many(library, theirs, formats, say))


def _of(taken: Taken, formats: Sequence[Format]) -> Files:
    for each in formats:
        yield from each(taken)


def _of_share(whole: Taken, sets: Sequence[int] | None, formats: Sequence[Format]) -> Files:
    """Yield the files of a session, or of some of its sets alone."""
    for taken in (whole,) if sets is None else (Taken(whole.session, one) for one in sets):
        yield from _of(taken, formats)


def _of_many(
    library: Library, shares: Shares, formats: Sequence[Format], say: Callable[[str], None]
) -> Files:
    left_out = []
    for place, number in enumerate(sorted(shares), start=1):
        say(f"session {number}, {place} of {len(shares)}")
        try:
            # Nothing else holds the session.
            found = _of_share(Taken.of(library.read(number)), shares[number], formats)
        except (UserError, LookupError) as error:
            left_out.append(f"Session {number}: {error.args[0]}\n")
            continue
        yield from found
    if left_out:
        yield LEFT_OUT, iter([line.encode() for line in left_out])


def write(
    library: Library,
    scope: Scope,
    chosen: Sequence[str],
    folder: Path,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Path]:
    """Write an export into a folder and yield each file as soon as it is there.

    A file is written beside its place and then moved there, so that none is ever half there.

    Raises
    ------
    LookupError, UserError : as `files`, and where the folder can't be written

    """
    for name, parts in files(library, scope, chosen, say):
        try:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            put(path, parts)
        except OSError as error:
            raise UserError(
                f"{folder} can't be written ({error.strerror}): choose another with --out."
            ) from None
        yield path
