"""Whether the proxies of docs/HTTPS.md do what it says: its very lines, in front of a running station.

    python benchmarks/proxy.py [--seconds N]

nginx and Caddy as apt has them, each on 127.0.0.1 with a certificate made for the moment. An event's age runs
from its place on the simulated plate's clock; beside it stands the same stream, asked for directly meanwhile.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
NAME = "plate.gym.example"
MB = 2**20
STATION, PLAIN, SECURE = 8981, 8982, 8983
PAGE = f"https://{NAME}:{SECURE}"
PROXIES = ("nginx", "caddy")


class Https(http.client.HTTPSConnection):
    """A connection to the proxy under the certificate's name, with no DNS."""

    def connect(self) -> None:
        """Connect to this machine."""
        raw = socket.create_connection(("127.0.0.1", SECURE), 150)
        self.sock = self._context.wrap_socket(raw, server_hostname=NAME)  # type: ignore[attr-defined]


def main() -> None:
    """Print what each proxy did; fail where it is not what the page says."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=15.0)
    seconds = words.parse_args().seconds
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        certificate(folder)
        for name in PROXIES:
            with station(folder), proxy(name, folder):
                context = ssl.create_default_context(cafile=folder / "fullchain.pem")
                check(name, context)
                stream(name, context, seconds)


def certificate(folder: Path) -> None:
    """Make a certificate that is its own authority."""
    out = ("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem")
    named = ("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}")
    make = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *out, *named)
    subprocess.run(make, check=True, capture_output=True)


def block(kind: str) -> str:
    """Return the lines of docs/HTTPS.md in one language."""
    text = (ROOT / "docs" / "HTTPS.md").read_text(encoding="utf-8")
    found = re.search(f"```{kind}\n(.*?)```", text, re.DOTALL)
    assert found is not None, kind
    return found[1].replace("127.0.0.1:8000", f"127.0.0.1:{STATION}")


@contextmanager
def running(command: list[str], answers_at: int) -> Iterator[None]:
    """Run a command that answers at a port, and end it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            assert process.poll() is None, command
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", answers_at)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def station(folder: Path) -> Iterator[None]:
    """Run a station with the page's config, and the coach's code 4711."""
    with tempfile.TemporaryDirectory() as data:
        (folder / "config.toml").write_text(block("toml"), encoding="utf-8")
        own = [sys.executable, "-m", "station"]
        subprocess.run([*own, "code", "--set", "4711", "--data", data], check=True, capture_output=True)
        words = ["run", "--config", str(folder / "config.toml"), "--data", data, "--port", str(STATION)]
        with running([*own, *words], STATION):
            yield


@contextmanager
def proxy(name: str, folder: Path) -> Iterator[None]:
    """Run a proxy with the page's lines, on ports of our own."""
    lines = block(name).replace("/etc/ssl/heeldrive", str(folder))
    if name == "nginx":
        lines = lines.replace("listen 80;", f"listen 127.0.0.1:{PLAIN};")
        lines = lines.replace("listen 443 ssl;", f"listen 127.0.0.1:{SECURE} ssl;")
        ours = f"daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}}"
        lines = f"{ours}\nhttp {{ access_log off;\n{lines}}}"
        command = ["nginx", "-p", str(folder), "-c"]
    else:
        ours = f"{{\n admin off\n http_port {PLAIN}\n https_port {SECURE}\n default_bind 127.0.0.1\n}}\n"
        lines = ours + lines
        command = ["caddy", "run", "--adapter", "caddyfile", "--config"]
    (folder / name).write_text(lines, encoding="utf-8")
    with running([*command, str(folder / name)], SECURE):
        yield


def ask(context: ssl.SSLContext, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
    """Return an answer's status, cookie and length; no status where the proxy hung up on the body."""
    connection = Https(NAME, SECURE, context=context)
    named = {word.replace("_", "-"): value for word, value in headers.items()}
    try:
        connection.request(method, path, body, {"Host": f"{NAME}:{SECURE}", "Origin": PAGE, **named})
        answer = connection.getresponse()
        return answer.status, answer.headers["Set-Cookie"], len(answer.read())
    except (ssl.SSLEOFError, ConnectionError):
        return None, None, 0
    finally:
        connection.close()


def check(name: str, context: ssl.SSLContext) -> None:
    """Ask for what the page promises."""
    as_json, octets = {"Content_Type": "application/json"}, {"Content_Type": "application/octet-stream"}
    code = json.dumps({"athlete": None, "code": "4711"}).encode()
    curve = b"t_s,total_n\n" + b"".join(b"%.6f,0.%0170d\n" % (i / 80, 0) for i in range(80_000))
    opened = ("POST", "/api/v1/history/open", code)
    sent = ("POST", "/api/v1/analyze?side=left")
    answers = {
        "page": ask(context, "GET", "/"),
        "a command": ask(context, *opened, **as_json),
        "from another page": ask(context, *opened, **as_json, Origin="https://evil.example"),
        "by another name": ask(context, "GET", "/", Host="evil.example"),
        f"a curve of {len(curve) / MB:.0f} MB": ask(context, *sent, curve, **octets),
        "18 MB": ask(context, *sent, b" " * (18 * MB), **octets),
    }
    for what, (status, cookie, length) in answers.items():
        print(f"{name}: {what}: {status}, {length} bytes{',' + cookie.split(';', 1)[1] if cookie else ''}")
    plain = http.client.HTTPConnection("127.0.0.1", PLAIN, timeout=10)
    plain.request("GET", "/history", headers={"Host": NAME})
    moved = plain.getresponse()
    print(f"{name}: plain http: {moved.status}, {moved.headers['Location']}")


def stream(name: str, context: ssl.SSLContext, seconds: float) -> None:
    """Listen directly and through the proxy at once."""
    arrived: dict[str, list[tuple[float, float]]] = {"direct": [], name: []}
    connections = {
        "direct": http.client.HTTPConnection("127.0.0.1", STATION, timeout=10),
        name: Https(NAME, SECURE, context=context),
    }

    def listen(way: str) -> None:
        connections[way].request("GET", "/api/v1/stream", headers={"Host": f"{NAME}:{SECURE}"})
        answer = connections[way].getresponse()
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            line = answer.readline()
            if line.startswith(b"data:"):
                age_s = time.monotonic() - json.loads(line[5:])["monotonic_s"]
                arrived[way].append((time.monotonic(), age_s))

    both = [threading.Thread(target=listen, args=(way,)) for way in arrived]
    for one in both:
        one.start()
    for one in both:
        one.join()
    for way, events in arrived.items():
        at_s, age_s = np.array(events[10:]).T
        half, most = np.percentile(1000 * age_s, [50, 99])
        ages = f"{half:.0f} ms old, 99 % at most {most:.0f} ms"
        rate, gap_ms = len(events) / seconds, 1000 * np.diff(at_s).max()
        print(f"  {way}: {rate:.1f} events/s, {ages}; longest gap {gap_ms:.0f} ms")


if __name__ == "__main__":
    main()
