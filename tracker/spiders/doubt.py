"""
Why a page that shows no events may prove nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.model import Outcome
from tracker.pages.http import refusal
from tracker.spiders.answers import is_passing
from tracker.spiders.trouble import Passing, Trouble, no_answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tracker.crawl import CarrierAccess
    from tracker.pages.capture import Answer
    from tracker.spiders.visit import Visited


def doubt_of(
    visited: Visited,
    answers: Sequence[tuple[Answer, frozenset[str]]],
    access: CarrierAccess,
    now: datetime,
) -> Mapping[str, Trouble]:
    """
    By number, in capitals, what the page cannot have known: its question failed or is still open.

    A script may word any failure as "none" (promises.md R6). ``answers`` are those to what the page
    asked for our numbers, each with the numbers it was asked for (none: it did not say); ``now`` is
    aware. A number without doubt is left out.
    """
    numbers = visited.traffic.numbers
    general = _of_all(visited, access)
    if general is not None:
        return dict.fromkeys(numbers, general)
    doubts: dict[str, Trouble] = {}
    for answer, asked in answers:
        trouble = _refused(answer, now)
        if trouble is not None:
            told = asked if trouble.outcome is not Outcome.BLOCKED else ()
            doubts = dict.fromkeys(told or numbers, trouble) | doubts
    return doubts


def _of_all(visited: Visited, access: CarrierAccess) -> Trouble | None:
    """
    What is in doubt of every number alike.
    """
    host, traffic = access.host, visited.traffic
    if visited.timed_out or traffic.waiting_for_us:
        return no_answer(host, access.timeout_seconds)
    if visited.capture.submitted and not traffic.asked:
        return Trouble(
            f"{host}: the page did not ask its server after the submit",
            outcome=Outcome.UNREADABLE,
        )
    if traffic.failure is not None:
        return Passing(f"{host}: the page's own question failed: {traffic.failure}")
    return None


def _refused(answer: Answer, now: datetime) -> Trouble | None:
    refused = refusal(answer, now=now)
    if refused is None:
        return None
    return (Passing if is_passing(answer, refused) else Trouble)(
        refused.detail,
        outcome=refused.outcome,
        retry_after_seconds=refused.retry_after_seconds,
        answer=answer,
    )
