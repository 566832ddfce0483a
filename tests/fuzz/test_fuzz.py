"""A quick look with each parser; `make soak` looks longer (benchmarks/fuzz.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from parsers import PARSERS

EXAMPLES = 60


@pytest.mark.parametrize("name", PARSERS)
def test_any_input_is_answered_or_refused_in_a_line(name: str, tmp_path: Path) -> None:
    parser = PARSERS[name]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(parser.made)
    def fed(one: Any) -> None:
        parser.feed(one, tmp_path)

    fed()
