"""
Asking carriers in this process: what ``track`` and the checks of a portal do.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from tracker.crawl import check_access
from tracker.crawler.crawls import Crawls
from tracker.crawler.loop import the_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tracker.crawl import CarrierAccess
    from tracker.crawler.crawls import OnReport
    from tracker.model import CarrierName, LookReport
    from tracker.pages.capture import Answer, PageCapture
    from tracker.spiders.pacing import Further

Slot: TypeAlias = "Callable[[CarrierAccess, float], float | None]"
OnSeen: TypeAlias = "Callable[[CarrierName, Sequence[str], PageCapture | Answer], None]"

_CLOSING_SECONDS = 3.0  # for the browser, when somebody interrupts


def crawl_all(
    questions: Mapping[CarrierName, tuple[CarrierAccess, Sequence[str]]],
    *,
    on_report: OnReport | None = None,
    keep: OnSeen | None = None,
    slot: Slot | None = None,
) -> dict[CarrierName, list[LookReport]]:
    """
    The reports of several carriers, asked at the same time in this process.

    One report per distinct number, in the asked order. Call it from one thread only, and not from a
    running event loop.

    ``keep`` hears whose portal was asked for which numbers, and what it brought. ``slot`` takes one
    slot of the shared pace for each question; without it this process keeps a pace of its own.
    Raises what :func:`tracker.crawl.check_access` raises, before any carrier is asked.
    """
    for access, _ in questions.values():
        check_access(access)

    async def ask() -> dict[CarrierName, list[LookReport]]:
        crawls = Crawls()
        try:
            found = await asyncio.gather(
                *(
                    crawls.run(
                        access if slot is None else replace(access, reserved_slots=0),
                        numbers,
                        on_report=on_report,
                        keep=keep and partial(keep, carrier),
                        further=slot and _in_a_thread(slot, access),
                    )
                    for carrier, (access, numbers) in questions.items()
                )
            )
        finally:
            await crawls.close()
        return dict(zip(questions, found, strict=True))

    loop = the_loop()
    looking = loop.create_task(ask())
    try:
        return loop.run_until_complete(looking)
    except KeyboardInterrupt:
        # The browser is closed before the interrupt goes on; a crawl may swallow the cancelling.
        looking.cancel()
        loop.run_until_complete(asyncio.wait((looking,), timeout=_CLOSING_SECONDS))
        raise


def _in_a_thread(slot: Slot, access: CarrierAccess) -> Further:
    """
    The same slots, taken while the loop goes on: a database may take its time.
    """

    async def further(within: float) -> float | None:
        return await asyncio.to_thread(slot, access, within)

    return further
