"""A file is in its place whole and on disk, or what was there before is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.files import put


def test_it_is_there_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    put(tmp_path / "a.bin", [b"one", b"", b"two"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.bin": b"onetwo"}


def test_what_was_there_stays_until_all_has_come(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def broken_off() -> Iterator[bytes]:
        yield b"new"
        assert path.read_bytes() == b"old"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        put(path, broken_off())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.bin": b"old"}


def test_its_content_is_on_disk_before_its_name_and_then_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def watched_fsync(descriptor: int) -> None:
        done.append("sync " + Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    def watched_replace(source: Path, target: Path) -> None:
        assert Path(source).read_bytes() == b"all"
        done.append("replace")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "replace", watched_replace)
    put(tmp_path / "a.bin", [b"all"])
    assert done == ["sync .a.bin.part", "replace", f"sync {tmp_path.name}"]


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="no plain file"):
        put(pipe, [b"all"])
    assert pipe.is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
