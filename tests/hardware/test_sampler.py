"""The sampler process over its real socket, and the station's end of it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from hardware.backlog import Backlog
from hardware.sampler import DataClock, Sampler
from station.conversions import HELLO, Kind, Records, SourceInfo, empty_records
from station.link import Link, LinkLost

PATIENCE_S = 10.0


class Counting:
    """A source whose n-th conversion has the count n, a thousand of them a second."""

    info = SourceInfo("counting", 1000.0, True, 0.0, None, "counts up")

    def __init__(self, epoch_ns: int) -> None:
        self.epoch_ns = epoch_ns
        self.given = 0
        self.closed = False

    def poll(self, now_ns: int) -> Records:
        until = (now_ns - self.epoch_ns) // 1_000_000
        records = empty_records(max(0, until - self.given))
        records["count"] = np.arange(self.given, self.given + len(records))
        records["t_ns"] = self.epoch_ns + records["count"].astype(np.int64) * 1_000_000
        self.given += len(records)
        return records

    def next_poll_ns(self, now_ns: int) -> int:
        return now_ns + 1_000_000

    def close(self) -> None:
        self.closed = True


@contextmanager
def running(path: Path, capacity: int = 2**16, parent_fd: int | None = None) -> Iterator[Sampler]:
    clock = DataClock(time.monotonic_ns())
    sampler = Sampler(
        Counting(clock.epoch_ns),
        path,
        clock,
        parent_fd=parent_fd,
        backlog=Backlog(capacity),
        notes=("a note",),
    )
    thread = threading.Thread(target=sampler.run)
    thread.start()
    try:
        yield sampler
    finally:
        sampler.stop()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def read(link: Link, conversions: int) -> Records:
    """Read until so many conversions have come."""
    parts, n, end_s = [empty_records()], 0, time.monotonic() + PATIENCE_S
    while n < conversions and time.monotonic() < end_s:
        parts.append(link.read(0.1))
        n += int(np.count_nonzero(parts[-1]["kind"] == Kind.CONVERSION))
    assert n >= conversions
    return np.concatenate(parts)


def counts(records: Records) -> list[int]:
    return [int(n) for n in records["count"][records["kind"] == Kind.CONVERSION]]


def test_a_reader_that_comes_back_has_lost_and_repeated_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with running(path) as sampler:
        first_link = Link(path, None, 0)
        first = read(first_link, 50)
        first_link.close()
        run_id, next_seq = first_link.greeting.run_id, int(first["seq"][-1]) + 1
        while sampler.backlog.next_seq < next_seq + 200:
            time.sleep(0.01)
        again = Link(path, run_id, next_seq)
        rest = read(again, 250)
        again.close()
    assert again.greeting.first_seq == next_seq
    whole = np.concatenate([first, rest])
    assert whole["seq"].tolist() == list(range(len(whole)))
    assert counts(whole) == list(range(len(counts(whole))))
    assert np.count_nonzero(whole["kind"] == Kind.HEARTBEAT) >= 1


def test_another_run_is_known_by_its_id_and_starts_from_0(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with running(path):
        link = Link(path)
        link.close()
    with running(path):
        again = Link(path, link.greeting.run_id, 5_000)
        records = read(again, 3)
        again.close()
    assert again.greeting.run_id != link.greeting.run_id
    assert again.greeting.boot_id == link.greeting.boot_id
    assert records["seq"][0] == 0
    assert again.greeting.notes == ("a note",)
    assert again.greeting.source == Counting.info


def test_from_now_on_gives_nothing_old(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with running(path) as sampler:
        while sampler.backlog.next_seq < 100:
            time.sleep(0.01)
        link = Link(path)
        records = read(link, 1)
        link.close()
    assert records["seq"][0] == link.greeting.first_seq >= 100


def test_a_reader_too_late_for_the_memory_finds_the_jump(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with running(path, capacity=64) as sampler:
        while sampler.backlog.next_seq < 200:
            time.sleep(0.01)
        link = Link(path, sampler.run_id.hex(), 10)
        records = read(link, 10)
        link.close()
    assert records["seq"][0] >= 200 - 64
    assert link.greeting.first_seq == records["seq"][0]


class Burst(Counting):
    """The same, with more at once than a socket takes."""

    def poll(self, now_ns: int) -> Records:
        self.epoch_ns = now_ns - 50_000_000_000 if not self.given else self.epoch_ns
        return super().poll(now_ns)


def test_records_that_a_full_socket_cut_in_two_arrive_whole(tmp_path: Path) -> None:
    path = tmp_path / "s"
    clock = DataClock(time.monotonic_ns())
    sampler = Sampler(Burst(clock.epoch_ns), path, clock)
    thread = threading.Thread(target=sampler.run)
    thread.start()
    link = Link(path, None, 0)
    while sampler.backlog.next_seq < 50_200:  # the reader takes nothing meanwhile
        time.sleep(0.01)
    records = read(link, 50_100)
    link.close()
    sampler.stop()
    thread.join(PATIENCE_S)
    assert np.array_equal(records["seq"], np.arange(len(records), dtype=np.uint64))
    assert counts(records) == list(range(len(counts(records))))


def test_strangers_and_sleepers_on_the_socket_disturb_nobody(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with running(path) as sampler:
        strangers = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(3)]
        for stranger in strangers:
            stranger.connect(str(path))
        strangers[0].sendall(b"GET / HTTP/1.1\r\nHost: a station\r\n\r\n")
        strangers[1].sendall(HELLO.pack(b"HEELDRV1", sampler.run_id, 0))  # and never reads
        link = Link(path)
        assert len(read(link, 100))
        link.close()
        for stranger in strangers:
            stranger.close()


def test_it_ends_with_its_parent_and_closes_its_source(tmp_path: Path) -> None:
    read_fd, write_fd = os.pipe()
    clock = DataClock(time.monotonic_ns())
    source = Counting(clock.epoch_ns)
    sampler = Sampler(source, tmp_path / "s", clock, parent_fd=read_fd)
    thread = threading.Thread(target=sampler.run)
    thread.start()
    os.close(write_fd)
    thread.join(PATIENCE_S)
    os.close(read_fd)
    assert not thread.is_alive()
    assert source.closed


def test_nobody_there_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(LinkLost, match="no sampler answers"):
        Link(tmp_path / "s")


def test_a_sampler_that_goes_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with running(path):
        link = Link(path)
    with pytest.raises(LinkLost):
        read(link, 10_000)
    link.close()


def test_a_faster_clock_starts_where_the_real_one_is() -> None:
    epoch_ns = time.monotonic_ns()
    fast = DataClock(epoch_ns, speed=20.0)
    before_ns = time.monotonic_ns()
    now_ns = fast.now_ns()
    after_ns = time.monotonic_ns()
    assert 20 * (before_ns - epoch_ns) <= now_ns - epoch_ns <= 20 * (after_ns - epoch_ns)
    assert fast.sleep_s(now_ns - 1) == 0
    assert fast.sleep_s(now_ns + 20_000_000_000) <= 1.0
