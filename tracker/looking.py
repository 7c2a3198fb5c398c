"""
Looking numbers up now, in this process: what the ``track`` command does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.crawl import not_looked
from tracker.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tracker.crawl import CarrierAccess
    from tracker.crawler import OnSeen, Slot
    from tracker.model import CarrierName, LookReport

NOBODY = "no carrier is known for this number: name one with --carrier"


def look(
    accesses: Mapping[CarrierName, CarrierAccess],
    asked: Sequence[tuple[str, CarrierName | None]],
    *,
    on_report: Callable[[LookReport], None] | None = None,
    keep: OnSeen | None = None,
    slot: Slot | None = None,
) -> list[LookReport]:
    """
    One report per asked entry, in the asked order; carriers are asked at the same time.

    An entry without a carrier is ``no_carrier``; the same number and carrier twice is asked once
    and reported twice. ``on_report`` hears each report as it comes, ``keep`` what each question
    brought; ``slot`` takes slots of the shared pace, if there is one. Raises what
    :func:`tracker.crawl.check_access` raises, before any carrier is asked.
    """
    found: dict[tuple[str, CarrierName | None], LookReport] = {}

    def take(report: LookReport) -> None:
        found[report.tracking_number, report.carrier] = report
        if on_report is not None:
            on_report(report)

    nobody = [number for number, carrier in dict.fromkeys(asked) if carrier is None]
    questions = _questions(accesses, asked)
    if questions:
        from tracker.crawler import crawl_all  # noqa: PLC0415 - only a real look waits for Scrapy

        crawl_all(questions, on_report=take, keep=keep, slot=slot)
    for report in not_looked(None, nobody, Outcome.NO_CARRIER, NOBODY):
        take(report)
    return [found[entry] for entry in asked]


def _questions(
    accesses: Mapping[CarrierName, CarrierAccess],
    asked: Sequence[tuple[str, CarrierName | None]],
) -> dict[CarrierName, tuple[CarrierAccess, list[str]]]:
    questions: dict[CarrierName, tuple[CarrierAccess, list[str]]] = {}
    for number, carrier in dict.fromkeys(asked):
        if carrier is not None:
            questions.setdefault(carrier, (accesses[carrier], []))[1].append(number)
    return questions
