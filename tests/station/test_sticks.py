"""Which sticks are mounted is read off the kernel's files; what gets onto one is whole or not there."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from station import sticks
from station.errors import UserError
from station.safekeeping import Stick
from station.sticks import Writer, mounted


def machine(root: Path, *mounts: str) -> None:
    """Lay out a Pi's card and a stick with two partitions, and what is mounted."""
    for disk, part, removable in (("mmcblk0", "mmcblk0p2", 0), ("sda", "sda1", 1), ("sdb", "", 1)):
        (root / "sys/block" / disk / part).mkdir(parents=True)
        (root / "sys/block" / disk / "removable").write_text(f"{removable}\n")
    (root / "proc").mkdir()
    (root / "proc/mounts").write_text("".join(f"{line} 0 0\n" for line in mounts))


def test_only_what_is_removable_and_lies_where_sticks_lie(tmp_path: Path) -> None:
    for place in ("media/pi/GYM STICK", "mnt", "run/media/pi/WHOLE", "media/card", "boot"):
        (tmp_path / place).mkdir(parents=True)
    machine(
        tmp_path,
        "/dev/mmcblk0p2 / ext4 rw,noatime",
        "proc /proc proc rw",
        "/dev/mmcblk0p2 /media/card ext4 rw",
        "/dev/sda1 /media/pi/GYM\\040STICK vfat rw,uid=1000",
        "/dev/sda1 /boot vfat rw",
        "/dev/sda1 /mnt exfat ro,relatime",
        "/dev/sdb /run/media/pi/WHOLE vfat rw",
        "/dev/sda1 /media/pulled vfat rw",
        "/dev/sda1 /mntelsewhere vfat rw",
        "/dev/../sda /mnt vfat rw",
        "nonsense",
    )
    found = [(one.name, one.read_only) for one in mounted(tmp_path)]
    assert found == [("GYM STICK", False), ("mnt", True), ("WHOLE", False)]
    assert mounted(tmp_path)[0].path == tmp_path / "media/pi/GYM STICK"
    assert mounted(tmp_path / "nowhere") == []


@pytest.fixture
def stick(tmp_path: Path) -> Stick:
    path = tmp_path / "GYM"
    path.mkdir()
    return Stick("GYM", path, 10**9, read_only=False)


def test_a_file_gets_there_and_takes_the_place_of_an_older_one(stick: Stick) -> None:
    for content in ([b"old"], [b"ne", b"w"]):
        writer = Writer(stick)
        writer.put("sessions/a.csv", content)
        writer.finish()
    assert [p.name for p in stick.path.rglob("*") if p.is_file()] == ["a.csv"]
    assert (stick.path / "heeldrive/sessions/a.csv").read_bytes() == b"new"


def test_a_read_only_stick_is_told_before_anything_is_read(stick: Stick) -> None:
    with pytest.raises(UserError, match="GYM is read-only"):
        Writer(Stick(stick.name, stick.path, 0, read_only=True))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "GYM is full"),
        (errno.EROFS, "GYM is read-only"),
        (errno.EIO, "GYM was pulled out"),
        (errno.EACCES, "may not write to GYM"),
        (errno.EFBIG, "format it as exFAT"),
        (errno.ENOTEMPTY, "GYM can't be written"),
    ],
)
def test_what_fails_is_a_sentence_and_leaves_the_older_file(
    stick: Stick, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    writer = Writer(stick)
    writer.put("a.csv", [b"old"])

    def fails(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(sticks.os, "fsync", fails)  # as a stick fails: when what was held back has to go out
    with pytest.raises(UserError, match=words):
        writer.put("a.csv", [b"new"])
    assert [(p.name, p.read_bytes()) for p in stick.path.rglob("*") if p.is_file()] == [("a.csv", b"old")]


def test_a_stick_pulled_out_in_the_middle_of_a_file(stick: Stick) -> None:
    def parts() -> Iterator[bytes]:
        yield b"half"
        shutil.rmtree(stick.path)

    writer = Writer(stick)
    with pytest.raises(UserError, match="GYM was pulled out"):
        writer.put("a.csv", parts())
    assert not stick.path.exists()
    with pytest.raises(UserError, match="GYM was pulled out"):
        writer.put("b.csv", [b"more"])
    with pytest.raises(UserError, match="GYM was pulled out"):
        writer.finish()
    assert not stick.path.exists()


def test_nothing_is_written_into_the_empty_folder_that_a_stick_leaves(stick: Stick) -> None:
    writer = Writer(stick)
    writer._device += 1  # of the stick; the folder below it lies on another one
    with pytest.raises(UserError, match="GYM was pulled out"):
        writer.put("a.csv", [b"more"])
    assert not list(stick.path.iterdir())


def test_what_breaks_off_leaves_no_half_file(stick: Stick) -> None:
    def parts() -> Iterator[bytes]:
        yield b"half"
        raise LookupError("enough")

    with pytest.raises(LookupError):
        Writer(stick).put("a.csv", parts())
    assert not [p for p in stick.path.rglob("*") if p.is_file()]
