"""
How an unknown JSON answer says that the request failed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tracker.model import Outcome
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Mapping

_ERROR_KEY = re.compile(r"^(error|errors|exception|fault|errmsg|errormessage)$", re.IGNORECASE)
_SUCCESS_KEY = re.compile(r"^(is)?(success|ok)$", re.IGNORECASE)
_STATE_KEY = re.compile(
    r"^(code|status|statuscode|errcode|errorcode|retcode|resultcode|result|ret)$", re.IGNORECASE
)
_FINE = frozenset(
    [
        "0",
        "00",
        "0000",
        "1",
        "200",
        "success",
        "succeed",
        "succeeded",
        "ok",
        "true",
        "found",
        "done",
        "complete",
        "completed",
    ]
)
#: What an answer says of itself when all went well, in whatever numbers its codes count.
_WELL = frozenset(
    ["success", "succeeded", "successful", "ok", "成功", "操作成功", "请求成功", "查询成功"]
)
_HTTP = range(400, 600)
_WRONG = re.compile(r"err|fail|exception|timeout|denied|invalid|unauthor|busy|limit", re.IGNORECASE)


def has_failed(value: Mapping[str, Any]) -> bool:
    """
    True when an object says that the request failed.

    "Not found", as an error's text or as a code beside it, is an answer and no failure.
    """
    knows_none = tells_not_found(value)
    went_well = any(isinstance(v, str) and v.strip().casefold() in _WELL for v in value.values())
    for key, inner in value.items():
        if _ERROR_KEY.match(key) and inner and not says_not_found(inner):
            return True
        if knows_none and (_SUCCESS_KEY.match(key) or _is_not_found_code(key, inner)):
            continue
        if _SUCCESS_KEY.match(key) and inner in (
            False,
            "false",
            0,
            "0",
        ):
            return True
        if _STATE_KEY.match(key) and _is_wrong(inner, went_well=went_well):
            return True
    return False


def is_not_found_alone(value: Mapping[str, Any]) -> bool:
    """
    True when an object's only trouble is a code that says "not found" (404).
    """
    rest = {k: v for k, v in value.items() if not _is_not_found_code(k, v)}
    return len(rest) < len(value) and not has_failed(rest)


def tells_not_found(value: Mapping[str, Any]) -> bool:
    """
    True when an object's own texts, or those of its error, say that the number is not known.
    """
    return any(
        says_not_found(inner)
        for key, inner in value.items()
        if isinstance(inner, str) or _ERROR_KEY.match(key)
    )


def says_not_found(value: Any) -> bool:
    """
    True when a field, or an error's texts in it, say that the number is not known.
    """
    if isinstance(value, str):
        told = phrases().sentence(value)
        return told is not None and not told.weak and told.outcome is Outcome.NOT_FOUND
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    texts = [one for one in inner if isinstance(one, str | dict)]
    return any(map(says_not_found, texts))


def _is_not_found_code(key: str, value: Any) -> bool:
    return bool(_STATE_KEY.match(key)) and str(value).strip().endswith("404")


def _is_wrong(state: Any, *, went_well: bool) -> bool:
    """
    True for a state or code of failure; codes beyond HTTP's count as the answer's words say.
    """
    if isinstance(state, str) and not state.strip().lstrip("-").isdigit():
        return state.strip().casefold() not in _FINE and bool(_WRONG.search(state))
    if isinstance(state, bool) or not isinstance(state, int | str):
        return state is False
    code = int(state)
    if str(state).strip() in _FINE or abs(code) < _HTTP.start:
        return False
    return not went_well or code in _HTTP
