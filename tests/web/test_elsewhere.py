"""A curve from elsewhere: worked out, shown, not kept; and what can't be used is told in a sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from web.context import context_of
from web.elsewhere import MOST_BYTES
from web.guard import MAX_BODY_BYTES

OCTETS = "application/octet-stream"
RISES_S = (3.0, 8.0, 13.0)


def curve(decimal: str = ".", separator: str = ",") -> bytes:
    """Three reps drawn by hand: 80 N at rest, 0.4 s up to 260 N, 2 s there, 0.4 s down; heel 60 %."""
    t_s = np.arange(0, 18, 0.0125)
    total_n = np.full(len(t_s), 80.0)
    for rise_s in RISES_S:
        total_n += 180 * np.interp(t_s - rise_s, [0, 0.4, 2.4, 2.8], [0, 1, 1, 0])
    total_n += np.random.default_rng(1).normal(0, 0.5, len(t_s))
    lines = ["t_s,heel_left_n,heel_right_n,toe_left_n,toe_right_n".replace(",", separator)]
    for t, n in zip(t_s, total_n, strict=True):
        row = separator.join(f"{value:.4f}" for value in (t, 0.3 * n, 0.3 * n, 0.2 * n, 0.2 * n))
        lines.append(row.replace(".", decimal))
    return "\n".join(lines).encode()


@pytest.mark.parametrize("layout", [(".", ","), (",", ";")])
def test_its_reps_are_found_and_drawn(client: FlaskClient, layout: tuple[str, str]) -> None:
    answer = client.post("/api/v1/analyze?side=left", data=curve(*layout), content_type=OCTETS)
    assert answer.status_code == 200
    found = answer.get_json()
    reps = found["analysis"]["reps"]
    assert len(reps) == 3
    for rep, rise_s in zip(reps, RISES_S, strict=True):
        assert rise_s < rep["lift_off_s"] < rise_s + 0.5
        assert rep["heel_share"] == pytest.approx(0.6, abs=0.005)
    picture = client.get(found["picture"])
    assert picture.mimetype == "image/png"
    assert picture.data.startswith(b"\x89PNG")


def test_nothing_of_it_is_kept(client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # not where others work at the same time
    assert client.post("/api/v1/analyze?side=left", data=curve(), content_type=OCTETS).status_code == 200
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\x00\xff" * 500, b"SQLite format 3\x00" + b"x" * 200])
def test_what_is_no_curve_is_told_in_a_sentence(client: FlaskClient, data: bytes) -> None:
    answer = client.post("/api/v1/analyze?side=left", data=data, content_type=OCTETS)
    assert answer.status_code == 422
    sentence = answer.get_json()["error"]
    assert "Traceback" not in sentence
    assert "\n" not in sentence
    assert gettempdir() not in sentence


def test_the_foot_has_to_be_said(client: FlaskClient) -> None:
    for side in ("", "?side=both"):
        answer = client.post(f"/api/v1/analyze{side}", data=curve(), content_type=OCTETS)
        assert answer.status_code == 400


def test_only_a_file_as_a_file_and_only_here(client: FlaskClient) -> None:
    for kind in (
        "text/plain",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "application/json",
    ):
        assert client.post("/api/v1/analyze?side=left", data=b"x", content_type=kind).status_code == 415
    large = b" " * (MOST_BYTES + 1)
    assert client.post("/api/v1/analyze?side=left", data=large, content_type=OCTETS).status_code == 413
    command = b"{" + b" " * MAX_BODY_BYTES + b"}"
    assert client.post("/api/v1/set/end", data=command, content_type="application/json").status_code == 413


def test_a_second_file_waits_its_turn(client: FlaskClient, app: Flask) -> None:
    with context_of(app).workbench.one_at_a_time:
        answer = client.post("/api/v1/analyze?side=left", data=curve(), content_type=OCTETS)
    assert answer.status_code == 503


def test_the_page_takes_a_file(page: Page, home: str, tmp_path: Path) -> None:
    file = tmp_path / "force.csv"
    file.write_bytes(curve())
    page.goto(f"{home}/elsewhere")
    page.get_by_role("button", name="Find the reps").click()
    expect(page.locator("#told")).to_have_text("Choose a file first.")
    page.get_by_label("File", exact=True).set_input_files(str(file))
    page.get_by_role("radio", name="Right").check()
    page.get_by_role("button", name="Find the reps").click()
    expect(page.locator("#found-count")).to_have_text("3 reps", timeout=60_000)
    expect(page.locator("#found-reps tr")).to_have_count(3)
    page.evaluate("document.getElementById('found-picture').decode()")  # fails where there is no picture
    file.write_text("nonsense")
    page.get_by_label("File", exact=True).set_input_files(str(file))
    page.get_by_role("button", name="Find the reps").click()
    expect(page.locator("#told")).not_to_be_empty(timeout=60_000)
