"""
Values as TOML text: what we write for people to read, paste and change.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Value = str | int | bool | list[str] | tuple[str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NOT_IN_TOML = re.compile("[\x7f\ud800-\udfff]")


def toml_text(text: str) -> str:
    """
    The text as a TOML basic string; what UTF-8 or TOML cannot hold becomes a question mark.
    """
    return json.dumps(_NOT_IN_TOML.sub("?", text), ensure_ascii=False)


def toml_lines(values: Mapping[str, Value | None]) -> Iterator[str]:
    """
    One ``key = value`` line for each value that is not ``None``.
    """
    for key, value in values.items():
        if value is not None:
            yield f"{key if _BARE.fullmatch(key) else toml_text(key)} = {_value(value)}"


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return toml_text(value)
    return f"[{', '.join(map(toml_text, value))}]"
