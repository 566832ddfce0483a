"""What the page costs and how late it is: a real station on the simulated athlete, a real Chromium.

    python benchmarks/page.py [--seconds N]           latency, JS time, first view, the station's CPU
    python benchmarks/page.py --soak [--minutes N]    20 clients, one stalled, one reconnecting each second

Latency is from the conversion that completes a frame (its time, and the converter's own filter delay,
which the core takes off) to the moment after the picture that shows it was drawn; the browser's clock
is laid on the machine's by the quickest of 200 questions. Everything runs on this one machine:
Chromium takes most of it, and a tablet's own drawing time is not in it.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from playwright.sync_api import Browser, Page, sync_playwright

from station.conversions import FILTER_DELAY_CONVERSIONS

PORT = 8977
HOST = f"http://station.local:{PORT}"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP station.local 127.0.0.1"]
CLIENTS = 9
FILTER_DELAY_S = FILTER_DELAY_CONVERSIONS / 80.0
# Beside the page's own listener: when a message came, how long the page worked on it, when it was drawn.
PROBE = """
window.seen = []; window.worked = [];
const port = Object.getOwnPropertyDescriptor(EventSource.prototype, "onmessage");
Object.defineProperty(EventSource.prototype, "onmessage", {
  get: port.get,
  set(listener) {
    port.set.call(this, (event) => {
      const begin = performance.now();
      listener(event);
      queueMicrotask(() => window.worked.push(performance.now() - begin)); // a chart draws in one
      const at = JSON.parse(event.data).monotonic_s;
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.seen.push([at, performance.now()]);
        channel.port2.postMessage(0);
      });
    });
  },
});
"""


def main() -> None:
    """Print the figures, each beside its goal."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=30.0)
    words.add_argument("--soak", action="store_true")
    words.add_argument("--minutes", type=float, default=10.0)
    asked = words.parse_args()
    if asked.soak:
        soak(asked.minutes)
        return
    with station() as pid, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        first_view(browser)
        page = opened(browser)
        start_set(page)
        latency(page, asked.seconds, "conversion → painted, 1 tablet: {} (goal p99 ≤ 80)")
        ends = [listening() for _ in range(CLIENTS)]
        before_s, began_s = cpu_s(pid), time.monotonic()
        latency(page, asked.seconds, f"… with {CLIENTS} more clients: {{}} (goal p99 ≤ 100)")
        busy = (cpu_s(pid) - before_s) / (time.monotonic() - began_s)
        print(f"station process: {100 * busy:.0f} % of a core (goal ≤ 20), {rss_mb(pid):.0f} MB (goal ≤ 150)")
        for end in ends:
            end()
        for view in ("athlete", "coach"):
            if view == "coach":
                page.click("#view")
            js_time(page, asked.seconds, view)
        browser.close()


@contextmanager
def station(data: Path | None = None) -> Iterator[int]:
    """Run a station, if none is named on a folder of its own; yield the id of the process with the page."""
    with tempfile.TemporaryDirectory() as own:
        command = [sys.executable, "-m", "station", "run", "--data", str(data or own), "--port", str(PORT)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            while str(PORT) not in process.stdout.readline():
                pass
            yield child(process.pid)
        finally:
            os.kill(process.pid, signal.SIGINT)
            process.wait(20)


def child(parent: int) -> int:
    """Return the process id of the station among the parent's children."""
    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split():
        if b"\0station\0station\0" in b"\0" + Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    raise RuntimeError("the station's process is not there")


def cpu_s(pid: int) -> float:
    """Return the processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    """Return the memory a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def first_view(browser: Browser) -> None:
    """Print what a cold tablet loads, and how long it takes till the stream is live."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(sum(request.sizes().values())))
    began = time.monotonic()
    page.goto(HOST)
    page.locator("body[data-link=live]").wait_for()
    took_s = time.monotonic() - began
    size = f"{sum(sizes) / 1e3:.0f} kB with headers (goal ≤ 300)"
    print(f"first view: {size}, live after {took_s:.2f} s (goal ≤ 1)")
    context.close()


def opened(browser: Browser) -> Page:
    """Return the page with the probe."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(PROBE)
    page.goto(HOST)
    page.locator("body[data-link=live]").wait_for()
    return page


def start_set(page: Page) -> None:
    """Bring the page into a set, where it draws most."""
    page.fill("#athlete", "Bench")
    page.check("input[name=side][value=left]")
    page.click("#ready")
    page.click("#start")
    page.locator("body[data-mode=set]").wait_for()


def offset_s(page: Page) -> float:
    """Return what is added to the page's clock to get CLOCK_MONOTONIC."""
    best = (9e9, 0.0)
    for _ in range(200):
        before = time.monotonic()
        page_s = page.evaluate("performance.now()") / 1e3
        after = time.monotonic()
        best = min(best, (after - before, (before + after) / 2 - page_s))
    return best[1]


def latency(page: Page, seconds: float, text: str) -> None:
    """Print how late frames are painted."""
    shift_s = offset_s(page)
    page.evaluate("() => { window.seen = []; }")
    page.wait_for_timeout(1000 * seconds)
    seen = np.array(page.evaluate("window.seen"))
    late_ms = 1e3 * (seen[:, 1] / 1e3 + shift_s - seen[:, 0] - FILTER_DELAY_S)
    p50, p99 = np.percentile(late_ms, [50, 99])
    print(text.format(f"median {p50:.0f} ms, p99 {p99:.0f} ms of {len(seen)}"), flush=True)


def js_time(page: Page, seconds: float, view: str) -> None:
    """Print how long the page's own script takes for each message on a six times slower processor."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    page.wait_for_timeout(2000)
    page.evaluate("() => { window.worked = []; }")
    page.wait_for_timeout(1000 * seconds)
    worked_ms = np.array(page.evaluate("window.worked"))
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    p50, p95 = np.percentile(worked_ms, [50, 95])
    print(f"page JS per message, 6 × throttled, {view}: median {p50:.1f} ms, p95 {p95:.1f} ms (goal ≤ 8)")


def listening(*, stalled: bool = False, late_ms: list[float] | None = None) -> Callable[[], None]:
    """Listen to the stream from a thread; return what ends it.

    stalled : the answer is never read
    late_ms : gets the time from each event's newest conversion to its arrival
    """
    ended = threading.Event()

    def run() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
        try:
            connection.request("GET", "/api/v1/stream")
            answer = connection.getresponse()
            while not ended.is_set():
                if stalled:
                    ended.wait(0.5)
                    continue
                line = answer.readline()
                if not line:
                    break
                if late_ms is not None and line.startswith(b"data: "):
                    at = line.find(b'"monotonic_s":')
                    told = line[at + 14 : line.find(b",", at)]
                    if told != b"null":  # before the first frame
                        late_ms.append(1e3 * (time.monotonic() - float(told) - FILTER_DELAY_S))
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def end() -> None:
        ended.set()
        thread.join(25)

    return end


def soak(minutes: float) -> None:
    """Print memory and latency of healthy clients, minute by minute, beside bad ones."""
    with station() as pid:
        late: list[list[float]] = [[] for _ in range(18)]
        ends = [listening(late_ms=mine) for mine in late]
        time.sleep(10)
        for mine in late:
            mine.clear()  # a stream begins with all that is known
        time.sleep(30)
        healthy = np.percentile([x for mine in late for x in mine], 99)
        print(f"18 healthy clients alone: p99 {healthy:.0f} ms, {rss_mb(pid):.0f} MB", flush=True)
        ends.append(listening(stalled=True))
        for minute in range(1, round(minutes) + 1):
            for mine in late:
                mine.clear()
            end_s = time.monotonic() + 60
            while time.monotonic() < end_s:
                coming = socket.create_connection(("127.0.0.1", PORT))
                coming.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                time.sleep(1.0)
                coming.close()
            p99 = np.percentile([x for mine in late for x in mine], 99)
            print(f"minute {minute}: healthy p99 {p99:.0f} ms, {rss_mb(pid):.1f} MB", flush=True)
        for end in ends:
            end()


if __name__ == "__main__":
    main()
