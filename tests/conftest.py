from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from web.server import PageServer, serve

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A name that is no secure context, as in a gym: 127.0.0.1 and localhost would be one.
    # The others are an attacker's.
    "--host-resolver-rules=MAP station.local 127.0.0.1, MAP *.example 127.0.0.1",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium, to which station.local is this machine, and *.example too."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def server(app: Flask) -> Iterator[PageServer]:
    """The page, or one that is attacked, on a port of its own."""
    server = serve(app, "127.0.0.1", 0)
    yield server
    server.stop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine with one stick: what the kernel's files say below this folder."""
    root = tmp_path / "root"
    (root / "media/GYM").mkdir(parents=True)
    (root / "sys/block/sda/sda1").mkdir(parents=True)
    (root / "sys/block/sda/removable").write_text("1\n")
    (root / "proc").mkdir()
    (root / "proc/mounts").write_text("/dev/sda1 /media/GYM vfat rw 0 0\n")
    return root
