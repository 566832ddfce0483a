"""A machine whose power fails: what is done to a folder's names and files, stopped anywhere, or lost in part.

`Machine` notes every step that restoring takes and can stop before any of them, as a kill does. `left` makes
what a power cut may leave on the disk at that moment: all that was synced, and any part of what was not.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from station import restoring
from station.store import note_restore

Step = tuple[Any, ...]


class PowerCut(BaseException):
    """The power is gone: nobody handles that."""


class Machine:
    """Notes steps below a folder; `cut_at` stops before that one, `refuses` may say no to one by raising."""

    def __init__(self, folder: Path, cut_at: int | None = None) -> None:
        self.folder = folder
        self.steps: list[Step] = []
        self.cut_at = cut_at
        self.refuses: Callable[[Step], None] = lambda _step: None

    def do(self, *step: Any) -> None:
        if self.cut_at is not None and len(self.steps) >= self.cut_at:
            raise PowerCut
        self.refuses(step)
        self.steps.append(step)

    def _name(self, path: str | Path, dir_fd: int | None = None) -> str:
        held = _opened(dir_fd) if dir_fd is not None else Path()
        return os.path.relpath(held / path, self.folder)

    @contextmanager
    def under(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Have renames, deletions, folders, texts, fsyncs and databases go through this machine."""
        with monkeypatch.context() as patch:
            for word in ("rename", "replace"):
                self._wrap(patch, os, word, lambda a, b: ("rename", self._name(a), self._name(b)))
            for word in ("unlink", "rmdir"):
                self._wrap(
                    patch,
                    os,
                    word,
                    lambda p, dir_fd=None, w=word: (w, self._name(p, dir_fd)),
                    asks_first=True,
                )
            self._wrap(patch, os, "mkdir", lambda p, *_: ("mkdir", self._name(p)), asks_first=True)
            self._wrap(patch, os, "fsync", lambda fd: ("sync", self._name(_opened(fd))))
            self._wrap(
                patch, Path, "write_text", lambda p, text, **_: ("write", self._name(p), text.encode())
            )
            self._wrap(patch, restoring, "note_restore", lambda p, *m: ("sqlite", self._name(p), m))
            yield

    def _wrap(
        self,
        patch: pytest.MonkeyPatch,
        holder: Any,
        word: str,
        told: Callable[..., Step],
        *,
        asks_first: bool = False,
    ) -> None:
        real = getattr(holder, word)

        def wrapped(*words: Any, **more: Any) -> Any:
            dir_fd = more.get("dir_fd")
            there = os.path.lexists(Path(self.folder, self._name(words[0], dir_fd))) if asks_first else None
            if there is None or there != (word == "mkdir"):  # what changes nothing is no step
                self.do(*told(*words, **({"dir_fd": dir_fd} if dir_fd is not None else {}), **_texts(more)))
            return real(*words, **more)

        patch.setattr(holder, word, wrapped)


def _opened(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()


def _texts(more: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in more.items() if key == "encoding"}


def left(steps: list[Step], before: Path, folder: Path, chance: random.Random) -> None:
    """Lay out what a power cut after `steps` may leave of a folder that was as `before`."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(before, folder)
    for number, step in enumerate(steps):
        sure = _synced(step, steps[number + 1 :])
        if not sure and chance.random() < 0.5:
            continue
        try:
            _do_again(step, folder, None if sure else chance)
        except FileNotFoundError:
            assert not sure, f"{step} is on disk, in a folder that need not be"


def _synced(step: Step, after: list[Step]) -> bool:
    """Tell whether a step is surely on disk: its file, or the folders of its names, were synced since."""
    what, *names = step
    if what in ("sync", "sqlite"):
        return True
    needed = {names[0]} if what == "write" else {str(Path(name).parent) for name in names}
    return needed <= {one[1] for one in after if one[0] == "sync"}


def _do_again(step: Step, folder: Path, torn: random.Random | None) -> None:
    what, *more = step
    if what == "rename" and not (folder / more[1]).parent.exists():  # into a folder that is not on disk
        lost = folder / more[0]
        shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    elif what == "rename":
        (folder / more[0]).replace(folder / more[1])
    elif what == "unlink":
        (folder / more[0]).unlink()
    elif what == "mkdir":
        with suppress(FileExistsError):
            (folder / more[0]).mkdir()
    elif what == "rmdir":
        with suppress(OSError):
            (folder / more[0]).rmdir()
    elif what == "write":
        content = more[1] if torn is None else more[1][: torn.randrange(len(more[1]) + 1)]
        (folder / more[0]).write_bytes(content)
    elif what == "sqlite":
        if not (folder / more[0]).exists():
            raise FileNotFoundError(more[0])
        note_restore(folder / more[0], *more[1])
