"""
What kind of thing an answer's body is: data in one of several coats, or markup.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tracker.pages.data_forms import plain_form
from tracker.pages.xml_data import from_xml

_GUARD = re.compile(r"^(?:\)\]\}',?|while\s*\(1\);|for\s*\(;;\);)\s*")
_CALL = re.compile(r"^(?:/\*\*/\s*)?(?:typeof [\w$.]+ === 'function' && )?[\w$.]+\s*\(\s*(?=[{\[])")
_CALL_ENDS = re.compile(r"\)\s*;?\s*$")
_MARKUP = re.compile(
    r"<(?:!doctype html|html|body|table|div|ul|ol|dl|section|article|p)\b", re.IGNORECASE
)
_DEPTH = 40


def data_in(body: str) -> Any:
    """
    The data of an answer as objects and lists, ``None`` when it holds none that we can parse.

    JSON bare, behind a guard or in a callback (JSONP), and XML; JSON inside of JSON is unfolded.
    """
    plain = body.lstrip("\ufeff \t\r\n")
    if plain.startswith("<"):
        data = None if is_markup(plain) else from_xml(plain)
    else:
        data = _from_json(plain)
    return None if data is None else plain_form(_unfolded(data, 0), 0)


def is_markup(body: str) -> bool:
    """
    True for a page or a piece of one.
    """
    plain = body.lstrip("\ufeff \t\r\n")
    return plain.startswith("<") and not plain.startswith("<?xml") and bool(_MARKUP.search(plain))


def _from_json(plain: str) -> Any:
    bare = _GUARD.sub("", plain)
    call = _CALL.match(bare)
    if call is not None:
        end = _CALL_ENDS.search(bare)
        bare = bare[call.end() : end.start()] if end else ""
    if not bare.startswith(("{", "[")):
        return None
    try:
        return json.loads(bare)
    except (ValueError, RecursionError):
        return None


def _unfolded(value: Any, depth: int) -> Any:
    if depth > _DEPTH:
        return value
    if isinstance(value, dict):
        return {key: _unfolded(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_unfolded(inner, depth + 1) for inner in value]
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            inner = json.loads(value)
        except (ValueError, RecursionError):
            return value  # a text that only begins like JSON
        return _unfolded(inner, depth + 1)
    return value
