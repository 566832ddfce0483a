"""Every request that the OpenAPI document allows, and those it forbids, by everybody who may come along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from typing import Any

from attacker import Paired
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from web.admission import CSRF_HEADER

ROLES = ("none", "floor", "owner")
# Written by hand. Whom each route is for; what is not named here is a gym tablet's.
STRANGERS = {"/api/v1/pair", "/api/v1/openapi.json"}
OWNERS = {
    "/api/v1/athletes/forget", "/api/v1/sticks", "/api/v1/sticks/copy", "/api/v1/sticks/cancel",
    "/api/v1/backup", "/api/v1/health/bundle.zip", "/api/v1/devices", "/api/v1/devices/code",
    "/api/v1/devices/rename", "/api/v1/devices/revoke", "/api/v1/codes",
    "/api/v1/restore", "/api/v1/restore/file", "/api/v1/restore/stick", "/api/v1/restore/cancel",
    "/api/v1/restore/replace", "/api/v1/restore/delete-kept",
    "/api/v1/calibration", "/api/v1/calibration/start", "/api/v1/calibration/verify",
    "/api/v1/calibration/measure", "/api/v1/calibration/redo", "/api/v1/calibration/more",
    "/api/v1/calibration/keep", "/api/v1/calibration/stop", "/api/v1/calibrations",
    "/api/v1/calibrations/{calibration}", "/api/v1/calibrations/use",
}  # fmt: skip
NOTHING = "There is nothing at this address."
ENDLESS = "/api/v1/stream"
CHECKED = [
    checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance, checks.allow_header_conformance,
]  # fmt: skip


class Asking:
    """Somebody who asks for everything, and what they were answered.

    pair : pairs a device with a role, and returns what it is known by
    """

    def __init__(self, role: str, pair: Callable[[str], Paired]) -> None:
        self.role, self._pair = role, pair
        self._known_by: Paired | None = None
        self.statuses: Counter[int] = Counter()

    def ask(self, case: Any) -> None:
        """Ask, and hold the answer against the document and the role."""
        answer = self._asked(case)
        if self.role != "none" and answer.status_code == 401:  # not paired yet, or it has revoked itself
            self._known_by = self._pair(self.role)
            answer = self._asked(case)
        case.validate_response(answer, checks=CHECKED)
        assert answer.status_code < 500 or answer.status_code == 503, answer.text  # 503: busy, and it says so
        self.statuses[answer.status_code] += 1
        path = case.operation.path
        if self.role == "none" and path not in STRANGERS:
            no_such_route = answer.status_code == 404 and NOTHING in answer.text
            assert answer.status_code == 401 or no_such_route, path
        if self.role == "floor" and path in OWNERS:
            assert answer.status_code == 403, path

    def _asked(self, case: Any) -> Any:
        if self._known_by is None:
            return case.call()
        name, _, value = self._known_by.cookie.partition("=")
        return case.call(headers={CSRF_HEADER: self._known_by.token}, cookies={name: value})


def ask_for_all(
    document: Any, askings: Sequence[Asking], examples: int, strangers_only: Container[str] = (ENDLESS,)
) -> None:
    """Have each ask for each operation, `examples` times as described and as often not as described."""
    for found in document.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(
                max_examples=examples, deadline=None, database=None, verbosity=Verbosity.quiet,
                suppress_health_check=list(HealthCheck), phases=[Phase.generate],
            )  # fmt: skip
            @given(operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                for asking in askings:
                    if asking.role == "none" or case.operation.path not in strangers_only:
                        asking.ask(case)

            with suppress(Unsatisfiable):  # where nothing can be sent that is not as described
                ask()
