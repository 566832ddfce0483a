"""What a command brings along: a JSON object with the fields that it takes, and no other; or 400."""

from __future__ import annotations

import sys
from typing import Any, TypeGuard

from flask import abort, request

from station.door import LONGEST_NAME


def sent(*names: str) -> dict[str, Any]:
    """Return the JSON object that was sent, which may have no field but `names`."""
    value = request.get_json(silent=True)
    if not isinstance(value, dict):
        abort(400, "A command is a JSON object, such as {}.")
    if not value.keys() <= set(names):
        abort(400, f"This command takes {', '.join(names) or 'no fields'} and nothing else.")
    return value


def athlete_of(value: object) -> str:
    """Return an athlete's name as it is kept, or answer 400."""
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        abort(400, f"Give the athlete a name of 1 to {LONGEST_NAME} characters.")
    return name


def word(
    fields: dict[str, Any],
    key: str,
    among: tuple[str, ...],
    default: str | None = None,
    *,
    needed: bool = False,
) -> Any:
    """Return one of several words, `default` where it was left out."""
    value = fields.get(key)
    if value is None and not needed:
        return default
    if not isinstance(value, str) or value not in among:
        abort(400, f"Choose {key.replace('_', ' ')}: {', '.join(among)}.")
    return value


def whole(fields: dict[str, Any], key: str, least: int, most: int) -> int | None:
    """Return a whole number, None where it was left out."""
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        abort(400, f"{key} must be a whole number from {least} to {most}.")
    return value


def yes_no(fields: dict[str, Any], key: str) -> bool:
    """Return a yes or no; left out it is no."""
    value = fields.get(key, False)
    if not isinstance(value, bool):
        abort(400, f"{key} must be true or false.")
    return value


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a number that ends, and is one for floats too."""
    return not isinstance(value, bool) and isinstance(value, int | float) and abs(value) <= sys.float_info.max
