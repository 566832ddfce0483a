from __future__ import annotations

import hashlib
import json
from pathlib import Path

from flask.testing import FlaskClient

STATIC = Path(__file__).parents[2] / "web" / "static"
VENDOR = STATIC / "vendor"
FIRST_VIEW_BYTES = 300_000


def test_what_others_made_is_whole_and_named() -> None:
    listed: dict[str, str] = {}
    for one in json.loads((VENDOR / "VENDOR.json").read_text()):
        assert all(one[key] for key in ("name", "version", "licence", "package", "package_sha256"))
        assert any(name.endswith("/LICENSE") for name in one["files"])
        listed |= one["files"]
    there = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDOR.json"
    }
    assert there == listed


def test_our_own_files_name_no_other_host() -> None:
    for path in STATIC.rglob("*"):
        if path.suffix in (".js", ".css") and VENDOR not in path.parents:
            assert "://" not in path.read_text(), path


def test_the_first_view_is_small(client: FlaskClient) -> None:
    ours = [path for path in STATIC.rglob("*") if path.suffix in (".js", ".css", ".woff2", ".svg")]
    assert len(client.get("/").data) + sum(path.stat().st_size for path in ours) < FIRST_VIEW_BYTES
