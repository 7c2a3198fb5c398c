"""
How an unknown JSON answer says that the request failed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

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
_WRONG = re.compile(r"err|fail|exception|timeout|denied|invalid|unauthor|busy|limit", re.IGNORECASE)


def has_failed(value: Mapping[str, Any]) -> bool:
    """
    True when an object says that the request failed.
    """
    for key, inner in value.items():
        if _ERROR_KEY.match(key) and inner:
            return True
        if re.fullmatch(r"(is)?(success|ok)", key, re.IGNORECASE) and inner in (
            False,
            "false",
            0,
            "0",
        ):
            return True
        if _STATE_KEY.match(key) and _is_wrong(inner):
            return True
    return False


def _is_wrong(state: Any) -> bool:
    if isinstance(state, str) and not state.strip().lstrip("-").isdigit():
        return state.strip().casefold() not in _FINE and bool(_WRONG.search(state))
    if isinstance(state, bool) or not isinstance(state, int | str):
        return state is False
    return str(state).strip() not in _FINE and abs(int(state)) >= 400  # noqa: PLR2004 -- HTTP-like codes
