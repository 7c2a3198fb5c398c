"""
Failed looks: made for numbers that were not asked, and told apart by whose failure it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.clock import utc_now
from tracker.model import CarrierName, LookReport, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence


def not_looked(
    carrier: CarrierName | None,
    numbers: Sequence[str],
    outcome: Outcome,
    detail: str,
    *,
    retry_after_seconds: float | None = None,
) -> list[LookReport]:
    """
    One failed look per number, made now, with the same outcome and reason.
    """
    now = utc_now()
    return [
        LookReport(
            tracking_number=number,
            carrier=carrier,
            outcome=outcome,
            looked_at=now,
            detail=detail,
            retry_after_seconds=retry_after_seconds,
        )
        for number in numbers
    ]


#: What a failed look says when the failure was ours, and told nothing about the carrier.
_OUR_OWN = (
    "the crawl process ",
    "the crawl overran ",
    "the crawl failed: ",
    "the crawl ended ",
    "failed in our own code",
)


def is_our_own_failure(report: LookReport) -> bool:
    """
    True for a failed look whose crawl, and not the carrier, was the trouble.
    """
    if report.outcome.is_good or report.detail is None:
        return False
    return any(words in report.detail for words in _OUR_OWN)
