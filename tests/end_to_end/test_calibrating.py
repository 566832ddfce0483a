"""The whole way on the mock: the simulated helper puts masses down, and the gains are the chips' own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from running_station import Running, wait_for

from hardware.mock import MockAdc

SEED = 11


def status(running: Running) -> dict[str, Any]:
    code, body = running.ask("GET", "/api/v1/calibration")
    assert code == 200, body
    made: dict[str, Any] = json.loads(body)
    return made


def test_a_newcomer_calibrates_on_the_mock_and_the_gains_are_true(start: Callable[..., Running]) -> None:
    running = start("--speed", "12", "--seed", str(SEED)).until_ready()
    wait_for("a zeroed plate", lambda: running.state()["state"] == "ready")
    assert status(running)["helped"]
    running.post("calibration/start", masses_kg=[10, 20])
    notice = wait_for("a word on every page", lambda: running.state()["notice"])
    assert notice.startswith("The plate is being calibrated")
    code, answer = running.ask(
        "POST", "/api/v1/set/start", {"athlete": "Ada", "side": "left", "goal": "technique", "load_kg": 0}
    )
    assert code == 409
    assert "being calibrated" in json.loads(answer)["error"]
    over = wait_for("a result", lambda: (now := status(running)["under"])["result"] and now)
    assert [one["text"] for one in over["readings"] if not one["well"]] == []
    running.post("calibration/keep", turn=over["turn"])
    code, body = running.ask("GET", "/api/v1/calibrations")
    (kept,) = json.loads(body)["calibrations"]
    assert (kept["simulated"], kept["in_use"]) == (True, False)  # the simulation brings its own
    code, body = running.ask("GET", f"/api/v1/calibrations/{kept['id']}")
    gains = np.array(json.loads(body)["newtons_per_count"])
    truth = np.array([chip.counts_per_n for chip in MockAdc(seed=SEED).chips])
    assert gains * truth == pytest.approx(np.ones(4), abs=0.003)  # creep and drift are in it

    running.start_set()  # and now somebody lifts
    code, answer = running.ask("POST", "/api/v1/calibration/start", {"masses_kg": [10, 20]})
    assert code == 409
    assert json.loads(answer)["error"] == "A set is running: end it first."
    assert running.end()[0] == 0
