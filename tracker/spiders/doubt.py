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
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.crawl import CarrierAccess
    from tracker.pages.capture import Answer
    from tracker.spiders.visit import Visited


def doubt_of(
    visited: Visited, answers: Sequence[Answer], access: CarrierAccess, now: datetime
) -> Trouble | None:
    """
    What the page cannot have known: its own question was not asked, failed or is still open.

    A script may word any failure as "none" (promises.md R6). ``answers`` are those to what the page
    asked for our numbers; ``now`` is aware. ``None``: there is no doubt.
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
    return next((trouble for one in answers if (trouble := _refused(one, now)) is not None), None)


def _refused(answer: Answer, now: datetime) -> Trouble | None:
    refused = refusal(answer, now=now)
    if refused is None:
        return None
    return (Passing if is_passing(answer, refused) else Trouble)(
        refused.detail,
        outcome=refused.outcome,
        retry_after_seconds=refused.retry_after_seconds,
    )
