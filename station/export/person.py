"""What the station remembers of an athlete besides their sessions: one JSON in each export of theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from station.codes import MEMORY as CODE
from station.library import Library
from station.plain import file_part

FORMAT = "heeldrive-athlete/1"

# Whole sessions are None; of another's session the numbers of the sets that were moved to this athlete.
Shares = Mapping[int, Sequence[int] | None]


def shares(library: Library, athlete: str) -> Shares:
    """Return what is an athlete's, by the number of the session: all of their own, of others' their sets."""
    theirs: dict[int, Sequence[int] | None] = {}
    for one in library.sets(athlete):
        theirs[one.session] = [*(theirs.get(one.session) or ()), one.number]
    return theirs | {row.number: None for row in library.sessions() if row.athlete == athlete}


def file(library: Library, athlete: str, theirs: Shares) -> tuple[str, Iterator[bytes]]:
    """Return name and content of the file."""
    remembered = library.remembered(athlete)
    value = {
        "format": FORMAT,
        "athlete": athlete,
        "code": remembered.pop(CODE, None) is not None,  # whether there is one: it is kept as a hash alone
        "remembered": remembered,
        "sessions": [{"session": number, "sets": theirs[number]} for number in sorted(theirs)],
    }
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return f"athlete_{file_part(athlete)}.json", iter([text.encode() + b"\n"])
