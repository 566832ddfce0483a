"""A session file at a glance: its facts, sets and counts, without unpacking its records."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.session_file import UNREADABLE, damaged, meta_of, open_to_read, said

SMALL_BLOCK = 4096  # records on average: a file of such was never compacted, or was added to


@dataclass(frozen=True)
class Brief:
    """What the list of sessions says of one.

    duration_s : from its beginning to the newest record; 0 where either is missing
    sets : each set's facts with what was marked of it since, and the reps stored with it
    reps : how many are stored that belong to a set
    named : the athletes to whom a set was ever moved
    loose : of many small blocks, so that it could be compacted
    """

    meta: dict[str, Any]
    duration_s: float
    sets: tuple[tuple[dict[str, Any], list[dict[str, Any]]], ...]
    reps: int
    loose: bool
    named: frozenset[str]


def read_brief(path: Path) -> Brief:
    """Return a session's facts and counts without unpacking its records.

    Raises
    ------
    UserError : as Recording.read

    """
    with closing(open_to_read(path)) as db:
        try:
            meta = meta_of(db)
            (last_ns,) = db.execute("SELECT max(last_t_ns) FROM block").fetchone()
            t0_ns, duration_s = meta.get("t0_ns"), 0.0
            if last_ns is not None and isinstance(t0_ns, int):
                duration_s = (int(last_ns) - t0_ns) / 1e9
            reps: dict[int, list[dict[str, Any]]] = {}
            for number, text in db.execute(
                "SELECT set_number, body FROM rep WHERE set_number IS NOT NULL ORDER BY id"
            ):
                reps.setdefault(int(number), []).append(dict(said(text)))
            facts: list[dict[str, Any]] = []
            named = set()
            for kind, text in db.execute("SELECT kind, body FROM mark WHERE kind LIKE 'set_%' ORDER BY id"):
                body = dict(said(text))
                _mark_facts(facts, kind, body)
                if kind == "set_move":
                    named.add(str(body["athlete"]))
            return Brief(
                meta,
                duration_s,
                tuple((one, reps.get(int(one["number"]), [])) for one in facts),
                sum(map(len, reps.values())),
                _loose(db),
                frozenset(named),
            )
        except (*UNREADABLE, KeyError) as error:
            raise damaged(path, error) from None


def _loose(db: sqlite3.Connection) -> bool:
    (blocks, mean) = db.execute("SELECT count(*), avg(last_seq - first_seq) FROM block").fetchone()
    (segments,) = db.execute("SELECT count(*) FROM segment").fetchone()
    (shrinks,) = db.execute("PRAGMA auto_vacuum").fetchone()
    return bool(shrinks) and blocks > segments and mean < SMALL_BLOCK


def _mark_facts(sets: list[dict[str, Any]], kind: str, body: dict[str, Any]) -> None:
    """Let a mark change the facts of the sets before it."""
    if kind == "set_start":
        sets.append(body)
    elif kind == "set_void" and sets:
        sets.pop()
    for one in sets:
        if one["number"] == body.get("number") and kind in ("set_note", "set_move"):
            one.update({word: body[word] for word in ("discarded", "athlete") if word in body})
