"""
When a carrier is left alone: a cool-down after it blocked us, pauses while nothing can be read.

What was asked for, and how often it failed, is kept in the database: a restart does not forget a
429, and all processes pause together (promises.md R22).
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.crawl import is_our_own_failure
from tracker.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.crawl import CarrierAccess
    from tracker.model import CarrierName, LookReport
    from tracker.store import Store, Transaction

log = logging.getLogger(__name__)

FIRST_COOL_DOWN = timedelta(minutes=15)
LONGEST_COOL_DOWN = timedelta(hours=6)
#: The longest that a portal's own Retry-After is obeyed.
LONGEST_ASKED_FOR = timedelta(days=1)
#: From so many rounds without any good look on, each further one is followed by a longer pause.
FAILING_ROUNDS = 3
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)
JITTER = 0.1
_MOST_DOUBLINGS = 16  # far beyond the longest pause; keeps the power small


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """
    Nobody asks before ``until``, for this reason.
    """

    until: datetime
    reason: str


def keep_manners(
    store: Store,
    access: CarrierAccess,
    reports: Sequence[LookReport],
    now: datetime,
    *,
    trusted: bool,
) -> None:
    """
    What one crawl's reports ask of us is on record: the next slot, a pause, or an end of failing.

    Our own failures say nothing about the carrier; a round that is not ``trusted`` saw nothing.
    """
    carrier = access.carrier
    good = [report.looked_at for report in reports if report.outcome.is_good]
    with store.begin() as tx:
        tx.manners.not_before(carrier, now + timedelta(seconds=60 / access.requests_per_minute))
        if good and trusted:
            tx.health.saw(carrier, max(good))
        if good:
            tx.manners.round_answered(carrier)
        pause = _pause_asked(tx, carrier, reports, now)
        if pause is not None:
            tx.health.cool_down(carrier, now, pause.until, pause.reason)
    if pause is not None:
        log.warning("%s: nobody asks it before %s (%s)", carrier, pause.until, pause.reason)


def _pause_asked(
    tx: Transaction, carrier: CarrierName, reports: Sequence[LookReport], now: datetime
) -> Pause | None:
    blocked = [report for report in reports if report.outcome is Outcome.BLOCKED]
    if blocked:
        known = tx.health.carrier(carrier)
        last = _last_pause(known.cooldown_since, known.cooldown_until, now)
        return after_block(blocked, last, now)
    if not is_failing(reports):
        return None
    return after_failures(tx.manners.round_failed(carrier), reports, now)


def is_failing(reports: Sequence[LookReport]) -> bool:
    """
    True for a round in which every look failed, and not one of them through our own fault.
    """
    return bool(reports) and not any(
        report.outcome.is_good or report.outcome is Outcome.NO_CARRIER or is_our_own_failure(report)
        for report in reports
    )


def after_block(blocked: Sequence[LookReport], last: timedelta | None, now: datetime) -> Pause:
    """
    The cool-down after a refusal: what the portal asks for, and longer each time.

    ``last`` is the pause that ended a short while ago, if one did.
    """
    planned = FIRST_COOL_DOWN
    if last is not None:
        planned = min(max(2 * last, FIRST_COOL_DOWN), LONGEST_COOL_DOWN)
    asked = max((one.retry_after_seconds or 0 for one in blocked), default=0)
    until = now + min(max(planned, timedelta(seconds=asked)), LONGEST_ASKED_FOR)
    return Pause(until=until, reason=blocked[0].detail or "blocked")


def after_failures(rounds: int, reports: Sequence[LookReport], now: datetime) -> Pause | None:
    """
    The pause after so many rounds without any good look: 2, 4, 8 ... minutes, at most an hour.
    """
    if rounds < FAILING_ROUNDS:
        return None
    doublings = min(rounds - FAILING_ROUNDS, _MOST_DOUBLINGS)
    planned = min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)
    jitter = 1 - random.uniform(0, JITTER)  # noqa: S311 - spreads load, hides nothing
    last = f": {reports[0].detail}" if reports and reports[0].detail else ""
    reason = f"{rounds} rounds without a good look, the last {reports[0].outcome}{last}"
    return Pause(until=now + planned * jitter, reason=reason)


def _last_pause(since: datetime | None, until: datetime | None, now: datetime) -> timedelta | None:
    """
    How long the last pause was, if it ended a short while ago.
    """
    if since is None or until is None:
        return None
    last = until - since
    return None if now - until > max(last, FIRST_COOL_DOWN) else last
