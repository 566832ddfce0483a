"""What the document says is what everybody gets: no fault, no answer above the role."""

from __future__ import annotations

import re

import schemathesis
from attacker import paired
from document import ENDLESS, ROLES, Asking, ask_for_all
from flask import Flask
from scripted_station import ScriptedStation

from web.openapi import DOCUMENT


def test_every_answer_is_as_described_and_within_the_role(app: Flask, station: ScriptedStation) -> None:
    """A few requests of each kind; thousands, to a real station, are in benchmarks/attacks.py."""
    askings = [Asking(role, lambda role: paired(app, station, role)) for role in ROLES]
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    # A file is worked out in a process of its own, which takes a second.
    ask_for_all(document, askings, 2, strangers_only=(ENDLESS, "/api/v1/analyze"))
    nobody, floor, owner = (asking.statuses for asking in askings)
    assert nobody.total() >= 80
    assert floor[200] >= 8
    assert owner[200] >= 12


def test_what_has_a_limit_says_so(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if hasattr(app.view_functions[rule.endpoint], "limit"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            (operation,) = DOCUMENT["paths"][path].values()
            assert "429" in operation["responses"], path
