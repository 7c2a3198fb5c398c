"""
Recording a live look: the same look as any other, and what it saw as cases.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker import __version__
from tracker.looking import look
from tracker.model import UsageError
from tracker.pages.capture import PageCapture
from tracker.profiles import load_profile
from tracker.shapes import instant
from tracker.teaching.case import SavedCase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tracker.crawl import CarrierAccess
    from tracker.crawler import Slot
    from tracker.model import CarrierName, LookReport
    from tracker.pages.capture import Answer

    Seen = dict[tuple[CarrierName, tuple[str, ...]], PageCapture | Answer]


@dataclass(frozen=True, slots=True)
class Recorded:
    """
    The reports of one look at each portal, and what each portal showed, secrets and all.
    """

    reports: tuple[LookReport, ...]
    cases: tuple[SavedCase, ...]


def record(
    accesses: Mapping[CarrierName, CarrierAccess],
    asked: Sequence[tuple[str, CarrierName]],
    *,
    now: datetime,
    slot: Slot | None = None,
) -> Recorded:
    """
    One look at each carrier asked, by its page where it has no API credentials, and its case.

    A carrier that showed nothing (it was not reached) has no case. ``slot`` takes slots of the
    shared pace, if there is one. Raises :class:`UsageError` for
    more numbers than one question takes: one case is one look; and what
    :func:`tracker.crawl.check_access` raises. Nothing was asked then.
    """
    wanted = tuple(dict.fromkeys(asked))
    _check_batches(accesses, wanted)
    by_page = {name: shown_to_people(access) for name, access in accesses.items()}
    seen: Seen = {}

    def keep(carrier: CarrierName, numbers: Sequence[str], shown: PageCapture | Answer) -> None:
        seen[carrier, tuple(numbers)] = shown  # a second try is the one that was believed

    reports = look(by_page, wanted, keep=keep, slot=slot)
    return Recorded(tuple(reports), tuple(_cases(by_page, seen, now)))


def shown_to_people(access: CarrierAccess) -> CarrierAccess:
    """
    The same access; where a page is opened, every number is asked through what a person sees.
    """
    return access if access.uses_api else replace(access, by_page_only=True)


def credentials_of(access: CarrierAccess) -> tuple[str, ...]:
    """
    What must stand in no case folder, in each form in which it travels.
    """
    if not (access.username and access.password):
        return ()
    pair = f"{access.username}:{access.password}".encode()
    return access.username, access.password, base64.b64encode(pair).decode("ascii")


def _check_batches(
    accesses: Mapping[CarrierName, CarrierAccess], asked: Sequence[tuple[str, CarrierName]]
) -> None:
    for carrier, access in accesses.items():
        count = sum(whose is carrier for _, whose in asked)
        if count > access.batch_size:
            raise UsageError(
                f"One case is one look, and {carrier} is asked {access.batch_size} numbers at once "
                f"(carriers.{carrier}.batch_size): name fewer than {count}."
            )


def _cases(
    accesses: Mapping[CarrierName, CarrierAccess], seen: Seen, now: datetime
) -> Iterator[SavedCase]:
    """
    One case for each question; a number that was left out and asked again alone has its own.
    """
    order = list(accesses)  # carriers answer at the same time, in any order
    for (carrier, numbers), shown in sorted(seen.items(), key=lambda one: order.index(one[0][0])):
        access = accesses[carrier]
        is_page = isinstance(shown, PageCapture)
        yield SavedCase(
            name=f"{carrier}-{now:%Y%m%d-%H%M%S}",
            carrier=carrier,
            asked=list(numbers),
            capture=shown if isinstance(shown, PageCapture) else None,
            answer=None if isinstance(shown, PageCapture) else shown,
            profile=load_profile(carrier, access.profile if is_page else None),
            origin=f"recorded live on {instant(now)} by scan-tracker {__version__}",
        )
