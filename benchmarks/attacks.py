"""A station under attack in the middle of a set, beside healthy tablets: what succeeds, what is late or lost.

    python benchmarks/attacks.py [--seconds N] [--requests N]

A station on the simulated athlete, where devices have to be paired. Six tablets watch the stream and one asks
for the state; each attack comes from a process of its own (at the lowest priority: it would be another
machine), between two halves without one. In the end every conversion must be there once, in order.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "attacks"), str(ROOT / "tests" / "web")]

import schemathesis
from attacker import Paired, all_of, is_closed, line, request, statuses
from document import ROLES, Asking, ask_for_all
from test_slow import HALF_A_BODY, HALF_A_HEADER, THE_LARGEST_FILE
from test_smuggling import TWO_WAYS

from station.analysis import analyze_recording
from station.conversions import FILTER_DELAY_CONVERSIONS
from station.library import Library
from station.pin import OwnerPin

TABLETS = 6
OURS = "127.0.0.1"  # of the tablets; attackers have others
FILTER_DELAY_S = FILTER_DELAY_CONVERSIONS / 80.0
Attack = Callable[[int, float, Any], Counter[str]]


class Station:
    """A sampler and a station, and the PIN that its owner knows."""

    def __init__(self, folder: Path) -> None:
        self.data, self.truth, path = folder / "data", folder / "truth", folder / "sampler.sock"
        with socket.socket() as probe:
            probe.bind((OURS, 0))
            self.port = int(probe.getsockname()[1])
        self.truth.mkdir()
        self._sampler = self._start("sampler", "--adc", "mock", "--truth", self.truth, "--socket", path)
        while not path.exists():
            time.sleep(0.02)
        self._station = self._start("station", "--data", self.data, "--port", self.port, "--socket", path)

    @staticmethod
    def _start(*words: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "station", *map(str, words)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def pair(self, role: str) -> Paired:
        """Pair a device by the PIN."""
        fields = {"secret": OwnerPin(self.data).read(), "name": role, "role": role}
        status, headers, _ = self.ask("POST", "/api/v1/pair", fields)
        assert status == http.client.OK, status
        cookie = headers["Set-Cookie"].partition(";")[0]
        _, _, page = self.ask("GET", "/pair", known=Paired(cookie, ""))
        token = re.search(rb'name="page-token" content="([0-9a-f]{64})"', page)
        assert token is not None
        return Paired(cookie, token[1].decode())

    def ask(
        self, method: str, path: str, body: Any = None, known: Paired | None = None
    ) -> tuple[int, Any, bytes]:
        """Ask once."""
        connection = http.client.HTTPConnection(OURS, self.port, timeout=20)
        headers = {"Content-Type": "application/json"} | (known.headers if known else {})
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def until_it_answers(self) -> None:
        """Wait for the page."""
        while True:
            try:
                self.ask("GET", "/pair")
            except OSError:
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """End both."""
        for process in (self._station, self._sampler):
            process.terminate()
            process.wait(20)


class Tablets:
    """The healthy ones: how late each event came, and how long each request took."""

    def __init__(self, station: Station) -> None:
        self.late_ms: list[float] = []
        self.asked_ms: list[float] = []
        self.lost = 0  # streams that broke, and requests without an answer
        self._station = station
        self._ended = threading.Event()
        devices = [station.pair("floor") for _ in range(TABLETS)]
        work = [(self._watch, known) for known in devices] + [(self._ask, devices[0])]
        self._threads = [threading.Thread(target=run, args=(known,), daemon=True) for run, known in work]
        for thread in self._threads:
            thread.start()

    def measured(self, seconds: float) -> tuple[list[float], list[float]]:
        """Return both, in ms, over a while."""
        self.late_ms, self.asked_ms = [], []
        time.sleep(seconds)
        return self.late_ms, self.asked_ms

    def end(self) -> None:
        """Hang up."""
        self._ended.set()
        for thread in self._threads:
            thread.join(25)

    def _watch(self, known: Paired) -> None:
        while not self._ended.is_set():
            connection = http.client.HTTPConnection(OURS, self._station.port, timeout=20)
            try:
                connection.request("GET", "/api/v1/stream", headers=known.headers)
                answer = connection.getresponse()
                while not self._ended.is_set() and (came := answer.readline()):
                    told = re.match(rb'data: .*?"monotonic_s":([0-9.]+)', came)
                    if told is not None:
                        self.late_ms.append(1e3 * (time.monotonic() - float(told[1]) - FILTER_DELAY_S))
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            self.lost += not self._ended.is_set()

    def _ask(self, known: Paired) -> None:
        while not self._ended.wait(0.05):
            began_s = time.monotonic()
            try:
                status, _, _ = self._station.ask("GET", "/api/v1/athletes", known=known)
            except OSError:
                status = 0
            self.lost += status != http.client.OK
            self.asked_ms.append(1e3 * (time.monotonic() - began_s))


# --- the attacks: each runs for a while and says what it was answered ---


def addresses(n: int) -> str:
    """Return one of many addresses of an attacker."""
    return f"127.0.{2 + n // 250}.{n % 250 + 1}"


def held(port: int, seconds: float, first: bytes, drip: bytes, count: int = 200) -> Counter[str]:
    """Hold sockets open that say little; open them again whenever they are closed."""
    found: Counter[str] = Counter()
    made: list[socket.socket] = []
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        while len(made) < count:
            made.append(line(port, addresses(0), receive_bytes=2048))
            made[-1].sendall(first)
            found["opened"] += 1
        for one in list(made):
            if not drip:
                continue
            try:
                one.setblocking(False)
                one.send(drip)
                if is_closed(one):
                    raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                one.close()
                made.remove(one)
        time.sleep(0.5)
    found["held at the end"] = len(made)
    for one in made:
        one.close()
    return found


def slow_headers(port: int, seconds: float, _: Any) -> Counter[str]:
    """Say half a header, then a byte twice a second."""
    return held(port, seconds, HALF_A_HEADER, b"x")


def slow_bodies(port: int, seconds: float, _: Any) -> Counter[str]:
    """Say a header and half a body, then a byte twice a second."""
    return held(port, seconds, HALF_A_BODY, b"x")


def deaf_readers(port: int, seconds: float, _: Any) -> Counter[str]:
    """Ask for the largest file, and take nothing of it."""
    return held(port, seconds, THE_LARGEST_FILE, b"")


def said_to(port: int, sent: bytes, source: str) -> str:
    """Send a request and return how it was answered."""
    try:
        with line(port, source) as made:
            made.sendall(sent)
            made.shutdown(socket.SHUT_WR)
            answered = statuses(all_of(made))
            return str(answered[0]) if answered else "closed"
    except OSError:
        return "closed"


def at_once(port: int, seconds: float, asked: Iterator[tuple[bytes, str]], threads: int = 16) -> Counter[str]:
    """Send all that comes, from several threads, for a while."""
    found: Counter[str] = Counter()
    lock, end_s = threading.Lock(), time.monotonic() + seconds

    def work() -> None:
        while time.monotonic() < end_s:
            with lock:
                one = next(asked, None)
            if one is None:
                return
            said = said_to(port, *one)
            with lock:
                found[said] += 1

    working = [threading.Thread(target=work) for _ in range(threads)]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    return found


def guesses(port: int, seconds: float, _: Any) -> Counter[str]:
    """Guess the PIN 10 000 times from fifty addresses."""
    guess = '{{"secret": "{:08d}", "name": "x"}}'
    kind = "Content-Type: application/json"
    bodies = (guess.format(random.randrange(10**8)).encode() for _ in range(10_000))
    return at_once(
        port,
        9 * seconds,
        ((request("POST", "/api/v1/pair", body, kind), addresses(n % 50)) for n, body in enumerate(bodies)),
    )


def streams(port: int, seconds: float, _: Any) -> Counter[str]:
    """Ask for the stream 10 000 times from ten addresses, unpaired."""
    watch = request("GET", "/api/v1/stream")
    return at_once(port, 9 * seconds, ((watch, addresses(n % 10)) for n in range(10_000)))


def streams_of_a_tablet(port: int, seconds: float, known: Paired) -> Counter[str]:
    """Ask for the stream with a lost tablet's cookie as often as it goes, and keep what was given."""
    found: Counter[str] = Counter()
    kept: list[socket.socket] = []
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        made = line(port, addresses(0))
        try:
            made.sendall(request("GET", "/api/v1/stream", b"", *known.lines))
            said = made.recv(12)[9:].decode() or "closed"
        except OSError:
            said = "closed"
        found[said] += 1
        if said == "200":
            kept.append(made)  # and is never read again
        else:
            made.close()
    for one in kept:
        one.close()
    return found


def uploads(port: int, seconds: float, known: Paired) -> Counter[str]:
    """Send 50 MB and 16 MB again and again, unpaired and with a lost tablet's cookie."""
    found: Counter[str] = Counter()
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        for length, who, name in (
            (50 * 2**20, [], "50 MB"),
            (50 * 2**20, known.lines, "50 MB of a tablet"),
            (16 * 2**20, [], "16 MB"),
        ):
            head = ["Content-Type: application/octet-stream", f"Content-Length: {length}", *who]
            with line(port, addresses(0)) as made:
                taken = 0
                try:
                    made.sendall(request("POST", "/api/v1/analyze?side=left", b"", *head))
                    while taken < length:
                        taken += made.send(bytes(2**16))
                except OSError:
                    pass
                found[f"{name} taken whole"] += taken >= length
                found[f"{name} sent"] += 1
    return found


def two_ways(port: int, seconds: float, _: Any) -> Counter[str]:
    """Send what can be read in two ways, and noise, as fast as it goes."""
    chance = random.Random(1)

    def asked() -> Iterator[tuple[bytes, str]]:
        while True:
            yield chance.choice(TWO_WAYS), addresses(chance.randrange(10))
            yield chance.randbytes(300) + b"\r\n\r\n", addresses(chance.randrange(10))

    return at_once(port, seconds, asked())


ATTACKS: dict[str, Attack] = {
    "200 slow headers": slow_headers,
    "200 slow bodies": slow_bodies,
    "200 that never read": deaf_readers,
    "50 MB uploads": uploads,
    "10 000 PIN guesses": guesses,
    "10 000 stream connects": streams,
    "streams of a lost tablet": streams_of_a_tablet,
    "smuggling and noise": two_ways,
}


def attacker(attack: Attack, port: int, seconds: float, known: Paired, told: Any) -> None:
    """Run one attack in a process of its own."""
    os.nice(19)
    told.put(attack(port, seconds, known))


@contextmanager
def under(attack: Attack, port: int, seconds: float, known: Paired) -> Iterator[list[Counter[str]]]:
    """Have an attack go on; the list gets what it was answered."""
    told = multiprocessing.Queue()
    process = multiprocessing.Process(target=attacker, args=(attack, port, seconds, known, told))
    process.start()
    found: list[Counter[str]] = []
    yield found
    found.append(told.get(timeout=20 * seconds + 60))
    process.join()


def compared(alone: tuple[list[float], list[float]], attacked: list[float]) -> str:
    """Return p99 before and after an attack, beside p99 under it."""
    usual_ms, then_ms = np.percentile([*alone[0], *alone[1]], 99), np.percentile(attacked, 99)
    return f"{usual_ms:.0f} → {then_ms:.0f} ms (× {then_ms / usual_ms:.1f})"


def check(data: Path, truth: Path) -> str:
    """Hold the recording against itself and against what the athlete did."""
    (segment,) = (recording := Library(data).read(1)).segments
    seqs = np.concatenate(segment.blocks)["seq"]
    lost = int(seqs[-1] - seqs[0]) + 1 - len(seqs)
    marks = {mark.kind: mark.t_ns for mark in segment.marks}
    told = map(json.loads, (truth / "truth.jsonl").read_text(encoding="utf-8").splitlines())
    begin, end = marks["set_start"], marks["set_end"]
    true = sum(begin < rep["lift_off_ns"] and rep["touchdown_ns"] < end for rep in told)
    found = analyze_recording(recording).as_json()["reps"]
    counted = sum(rep["complete"] and rep["set"] is not None for rep in found)
    assert lost == 0, f"{lost} conversions are lost"
    assert abs(counted - true) <= 1, (counted, true)  # one may be cut by the set's end
    return f"{len(seqs)} conversions recorded, 0 lost; {counted} reps counted, {true} done"


def ask_everything(station: Station, least: int) -> None:
    """Ask the real station for all that its document describes."""
    url = f"http://{OURS}:{station.port}/api/v1/openapi.json"
    askings = [Asking(role, station.pair) for role in ROLES]
    done = 0
    while done < least:
        ask_for_all(schemathesis.openapi.from_url(url), askings, 10)
        done = sum(asking.statuses.total() for asking in askings)
    for asking in askings:
        print(f"document, {asking.role}: {dict(sorted(asking.statuses.items()))}", flush=True)
    print(f"document: {done} requests as described, none above the role, no fault", flush=True)


def main() -> None:
    """Attack, and look."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seconds", type=float, default=20.0)
    words.add_argument("--requests", type=int, default=5000)
    words.add_argument("--only", choices=list(ATTACKS))
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        station = Station(Path(folder))
        try:
            station.until_it_answers()
            owner, lost_tablet = station.pair("owner"), station.pair("floor")
            while json.loads(station.ask("GET", "/api/v1/state", known=owner)[2])["state"] != "ready":
                time.sleep(0.1)
            plan = {"athlete": "Ada", "side": "left", "goal": "free", "load_kg": 0}
            assert station.ask("POST", "/api/v1/set/start", plan, owner)[0] == http.client.OK
            tablets = Tablets(station)
            time.sleep(5)
            for name, attack in ATTACKS.items():
                if asked.only not in (None, name):
                    continue
                before = tablets.measured(asked.seconds / 2)
                with under(attack, station.port, asked.seconds, lost_tablet) as found:
                    attacked = tablets.measured(asked.seconds)
                after = tablets.measured(asked.seconds / 2)
                late, slow = map(compared, zip(before, after, strict=True), attacked)
                answered = dict(sorted(found[0].items()))
                print(f"{name}: p99 of events {late}, of requests {slow}; {tablets.lost} lost; {answered}")
            tablets.end()
            assert station.ask("POST", "/api/v1/session/end", {}, owner)[0] == http.client.OK
            time.sleep(2)
            print(check(station.data, station.truth), flush=True)
            if asked.requests:
                ask_everything(station, asked.requests)
        finally:
            station.stop()


if __name__ == "__main__":
    main()
