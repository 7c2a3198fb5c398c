"""
What became of a message that Apprise sent (promises.md R13), from the services' own answers.

DingTalk, WeCom, Feishu and Lark say no with status 200 and an error code in the body, and Apprise
2.2 takes every 200 for a yes: a robot whose keyword or signature is wrong would swallow all alerts.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from alerts.channels.base import Delivered, Refused, Result, Retry
from alerts.channels.http_answers import unanswered, verdict
from alerts.channels.http_attempt import HttpAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alerts.channels.apprise_http import Note

#: Where each of these services says in a 200 that it did not take the message: 0 is good.
_CODE_FIELDS = {
    "dingtalk": ("errcode",),
    "wecombot": ("errcode",),
    "feishu": ("code", "StatusCode"),
    "lark": ("code", "StatusCode"),
}
#: "Busy" and "too fast" of the four; every other code is about the robot or the message.
_PASSING_CODES = frozenset({-1, 130101, 90030, 45009, 45033, 9499, 11232, 230020, 99991400})
_PAGE = ("<!doctype html", "<html")


def judged(*, taken: bool, notes: Sequence[Note], service: str, name: str, now: datetime) -> Result:
    """
    The result of one attempt: ``taken`` is Apprise's own verdict, ``notes`` are the answers.

    ``service`` is the scheme of the service, ``name`` what people call it. Without an answer that
    explains a failure the message is tried again: the back-off ends that.
    """
    if taken:
        return _confirmed(notes[-1], service) if notes else Delivered(f"taken over by {name}")
    bad = [one for note in notes if not isinstance(one := _read(note, now), Delivered)]
    passing = [one for one in bad if isinstance(one, Retry)]
    if passing:
        return max(passing, key=lambda one: one.after or timedelta())
    return bad[-1] if bad else Retry(None, f"{name} did not take the message over")


def _read(note: Note, now: datetime) -> Result:
    if isinstance(note.answer, HttpAnswer):
        return verdict(note.answer, note.host, now)
    return unanswered(note.answer, note.host)


def _confirmed(note: Note, service: str) -> Result:
    """
    ``Delivered`` unless the last answer says otherwise in its body.
    """
    if not isinstance(note.answer, HttpAnswer):
        return Delivered()
    if note.answer.body.lstrip().lower().startswith(_PAGE):
        return Retry(None, f"{note.host} answered with a web page instead of ok")
    if service in _CODE_FIELDS:
        return _by_code(note.answer.body, _CODE_FIELDS[service], note.host)
    return Delivered(f"taken over by {note.host}")


def _by_code(body: str, fields: tuple[str, ...], host: str) -> Result:
    code = _code(body, fields)
    if code is None:
        return Retry(None, f"{host} answered 200 without saying that it took the message over")
    if code == 0:
        return Delivered(f"taken over by {host}")
    why = f"{host} answered error code {code}"
    if code in _PASSING_CODES:
        return Retry(None, why)
    return Refused(f"{why}: check the robot's keyword, signature and allowed addresses")


def _code(body: str, fields: tuple[str, ...]) -> int | None:
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):  # not JSON: it says nothing
        return None
    found = (answer.get(field) for field in fields) if isinstance(answer, dict) else ()
    return next((code for code in found if type(code) is int), None)
