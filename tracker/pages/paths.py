"""
The paths of a portal's profile (JMESPath), followed in data that may have any form.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

_DEPTH = 40


def found_at(path: str, value: Any) -> Any:
    """
    What a path leads to; ``None`` when it leads nowhere, or asks a thing what it cannot tell.
    """
    try:
        return _compiled(path).search(value)
    except JMESPathError:
        return None  # a function on another type than the profile's author saw


def leads_anywhere(path: str, value: Any, depth: int = 0) -> bool:
    """
    True when some object of the data has what the path asks for.
    """
    if depth > _DEPTH:
        return False
    if isinstance(value, dict) and found_at(path, value) is not None:
        return True
    return any(leads_anywhere(path, inner, depth + 1) for inner in inside(value))


def inside(value: Any) -> list[Any]:
    """
    The values inside an object or a list; none in anything else.
    """
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def nowhere(key: str, path: str | None, where: str = "the answer") -> str | None:
    """
    One sentence for people about a key of the profile; ``None`` for a key that is not set.
    """
    return None if path is None else f"read.{key}: the path {path!r} leads nowhere in {where}"


@lru_cache(maxsize=64)
def _compiled(path: str) -> Any:
    return jmespath.compile(path)
