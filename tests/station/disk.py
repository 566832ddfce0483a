"""A disk that remembers in which order it was written, or that says no; and power cuts to it.

The code under test writes through SQLite's own file layer into a real folder; this layer lies
between them (`apsw`, whose SQLite is its own). What may be on a disk after a power cut is made
from the history: what was fsynced, and of the rest any part in any order, the last write torn.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

SECTOR = 512


@dataclass
class Content:
    """A file: what is surely on disk, and what was done to it since."""

    synced: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)  # offset and data; None: cut there

    def whole(self) -> bytes:
        return self.after(self.since)

    def after(self, done: list[tuple[int, bytes | None]]) -> bytes:
        now = bytearray(self.synced)
        for at, data in done:
            if data is None:
                del now[at:]
            else:
                now.extend(bytes(max(0, at - len(now))))
                now[at : at + len(data)] = data
        return bytes(now)

    def copy(self) -> Content:
        return Content(self.synced, list(self.since))


Step = tuple[Any, ...]


class Disk:
    """Records what is done below a folder; `fails` may say no first, by raising."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.history: list[Step] = []
        self.fails: Callable[[str, Path], None] = lambda _what, _path: None

    def do(self, what: str, path: str | Path, *more: Any) -> None:
        self.fails(what, Path(path))
        self.history.append((what, Path(path).name, *more))

    def note(self, promise: Any) -> None:
        """Put a promise into the history: what is committed from here on."""
        self.history.append(("promise", promise))

    @contextmanager
    def under(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Have all of SQLite, and the renames, go through this disk."""
        layer = _Layer(self)
        with monkeypatch.context() as patch:
            patch.setattr(sqlite3, "connect", lambda path, **words: Connection(layer, path, **words))
            replace, unlink = Path.replace, Path.unlink

            def replacing(path: Path, target: Path) -> Path:
                self.do("rename", path, target.name)
                return replace(path, target)

            def unlinking(path: Path, **words: Any) -> None:
                if path.exists():
                    self.do("delete", path)
                unlink(path, **words)

            patch.setattr(Path, "replace", replacing)
            patch.setattr(Path, "unlink", unlinking)
            for module in ("recording", "store"):
                patch.setattr(
                    f"station.{module}.sync_folder", lambda path: self.do("sync_folder", path), raising=False
                )
            yield
        layer.unregister()


class _Layer(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.word = f"disk-{id(disk)}"
        super().__init__(self.word, base="")

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802
        return _File(self.disk, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        self.disk.do("delete", name)
        super().xDelete(name, sync)
        if sync:
            self.disk.do("sync_folder", Path(name).parent)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else (name or "")
        self._kept = bool(self._path) and not flags[0] & apsw.SQLITE_OPEN_DELETEONCLOSE
        new = self._kept and not Path(self._path).exists() and bool(flags[0] & apsw.SQLITE_OPEN_CREATE)
        if self._kept:
            disk.fails("open", Path(self._path))
        super().__init__("", name, flags)
        if new:
            disk.do("create", self._path)

    def _do(self, what: str, *more: Any) -> None:
        if self._kept:
            self._disk.do(what, self._path, *more)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._do("write", offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._do("cut", size)
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._do("sync")
        super().xSync(flags)


class Connection:
    """As much of sqlite3.Connection as the station uses, over a layer."""

    def __init__(self, layer: _Layer, path: str | Path, *, uri: bool = False, **words: Any) -> None:
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | (apsw.SQLITE_OPEN_URI if uri else 0)
        self._by_hand = words.get("isolation_level", "") is None
        self._db = self._told(lambda: apsw.Connection(str(path), flags=flags, vfs=layer.word))

    def _told(self, do: Callable[[], Any]) -> Any:
        try:
            return do()
        except apsw.Error as error:
            raise sqlite3.OperationalError(str(error)) from None

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        changes = sql.split(None, 1)[0].upper() in ("INSERT", "UPDATE", "DELETE", "REPLACE")
        if changes and not self._by_hand and not self._db.in_transaction:
            self._told(lambda: self._db.execute("BEGIN"))
        return Rows(
            self._told(lambda: self._db.execute(sql, values).fetchall()), self._db.last_insert_rowid()
        )

    def executemany(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        for row in rows:
            self.execute(sql, row)

    def executescript(self, sql: str) -> Rows:
        return self.execute(sql)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        (self.commit if kind is None else self.rollback)()

    def commit(self) -> None:
        if self._db.in_transaction:
            self._told(lambda: self._db.execute("COMMIT"))

    def rollback(self) -> None:
        if self._db.in_transaction:
            self._told(lambda: self._db.execute("ROLLBACK"))

    def close(self) -> None:
        self._told(lambda: self._db.close(True))


class Rows:
    """What a statement answered."""

    def __init__(self, rows: list[Any], lastrowid: int) -> None:
        self._rows = iter(rows)
        self.lastrowid = lastrowid

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def close(self) -> None:
        """Nothing is held."""


class Replay:
    """Follows a history step by step, and says what a power cut may leave at that point."""

    def __init__(self) -> None:
        self.names: dict[str, Content] = {}  # as a program sees them
        self.sure: dict[str, Content] = {}  # as they stand in the folder on the disk
        self.entries: list[Step] = []  # changes of names that may not be on disk yet
        self.promise: Any = None

    def follow(self, step: Step) -> None:
        what, name, *more = step
        if what == "promise":
            self.promise = name
        elif what == "sync_folder":
            self.sure, self.entries = dict(self.names), []
        elif what in ("create", "delete", "rename"):
            self.entries.append(step)
            _change(self.names, step, Content())
        else:
            content = self.names[name]
            if what == "sync":
                content.synced, content.since = content.whole(), []
                self.sure[name] = content  # SQLite fsyncs the folder with a new file
                self.entries = [entry for entry in self.entries if entry != ("create", name)]
            else:
                content.since.append((more[0], None) if what == "cut" else (more[0], more[1]))

    def in_order(self, torn: random.Random | None = None) -> dict[str, bytes]:
        """Return all that was written in order, the last write of each file torn where `torn` is given."""
        return {name: content.after(_tear(content.since, torn)) for name, content in self.names.items()}

    def lost(self, chance: random.Random) -> dict[str, bytes]:
        """Return what was fsynced, and of what was not an arbitrary part."""
        names = dict(self.sure)
        for entry in self.entries[: chance.randint(0, len(self.entries))]:
            _change(names, entry, self.names.get(entry[-1]) or Content())
        left = {}
        for name, content in names.items():
            kept = [done for done in content.since if chance.random() < 0.5]
            left[name] = content.after(_tear(kept, chance))
        return left


def _change(names: dict[str, Content], step: Step, fresh: Content) -> None:
    what, name, *more = step
    if what == "create":
        names[name] = fresh
    elif name in names:
        content = names.pop(name)
        if what == "rename":
            names[more[0]] = content


def _tear(
    done: list[tuple[int, bytes | None]], chance: random.Random | None
) -> list[tuple[int, bytes | None]]:
    if chance is None or not done or done[-1][1] is None:
        return done
    at, data = done[-1]
    assert data is not None
    size = chance.randrange(0, len(data) + 1)
    if chance.random() < 0.5:
        size -= size % SECTOR
    return [*done[:-1], (at, data[:size])]


def lay_out(files: dict[str, bytes], folder: Path) -> None:
    """Write what a power cut left."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def slow(seconds: float) -> Callable[[str, Path], None]:
    """Return a disk whose fsync takes long."""

    def fails(what: str, _path: Path) -> None:
        if what == "sync":
            time.sleep(seconds)

    return fails
