"""
The instants that follow from a parcel's facts: assumed hand-over, scan deadline, cancellation.

It knows which calendar and which setting apply to a parcel; what a working day is, only
:mod:`tracker.calendar` knows. Of the store it reads only what people entered of the calendars.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Self

from tracker.calendar import (
    CENTRES,
    DEFAULT_CENTRE,
    LeadTimeCalendar,
    WorkingCalendar,
    centre_name,
)
from tracker.calendar.exceptions import concerns
from tracker.model import CarrierName

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tracker.calendar import Deadline
    from tracker.model import CalendarException, Parcel
    from tracker.settings import Settings
    from tracker.store import Transaction
    from tracker.store.parcels import ParcelDraft

#: An assumed hand-over is asked about this many lead-time days before cancellation (R25).
CONFIRM_DAYS_BEFORE_CANCEL = 2
#: The last lead-time days before cancellation in which urging alone is not waited for.
CLAIM_DAYS_BEFORE_CANCEL = 1
#: Raised when a clock is added or counted otherwise, so that stored parcels get it at a start.
CLOCKS = 1


class Deadlines:
    """
    Every deadline of every parcel, under one configuration and what people entered in the store.

    What is entered counts once :meth:`follow` has read it, in the thread that called it: each
    thread counts with what its own transaction saw, and may share the rest.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._from_file = settings.calendar_exceptions
        self._followed = threading.local()

    @property
    def exceptions(self) -> tuple[CalendarException, ...]:
        """
        Every closure, opening, cut-off and peak that counts: the file's, then the entered ones.
        """
        known: tuple[CalendarException, ...] = getattr(self._followed, "known", self._from_file)
        return known

    def follow(self, tx: Transaction) -> Self:
        """
        What people entered counts as this transaction has it; the same deadlines.
        """
        return self.counting(tx.closures.in_force())

    def counting(self, entered: Iterable[CalendarException]) -> Self:
        """
        These entries count beside the file's; the same deadlines.
        """
        self._followed.known = (*self._from_file, *entered)
        return self

    def concerns(
        self, entry: CalendarException, centre: str | None, carrier: CarrierName | None
    ) -> bool:
        """
        True when deadlines of parcels of that centre and carrier are counted with the entry.
        """
        counted = centre or _fallback(carrier)
        operator = carrier or CENTRES[centre_name(counted)].operator
        return concerns(entry, centre=centre_name(counted), carrier=operator)

    def calendar(self, centre: str | None, carrier: CarrierName | None) -> WorkingCalendar:
        """
        The working days of the parcel's centre; a postal parcel without one goes to Clevy's.
        """
        return _working(self.exceptions, centre or _fallback(carrier), carrier)

    def lead_time(self, centre: str | None, carrier: CarrierName | None) -> LeadTimeCalendar:
        """
        The days that count towards automatic cancellation (contract.md, ``auto_cancel_at``).
        """
        return _lead_time(self.exceptions, centre, carrier)

    def calendar_of(self, parcel: Parcel) -> WorkingCalendar:
        """
        The working days that count for this parcel.
        """
        return self.calendar(parcel.centre, parcel.carrier)

    def scan(self, parcel: Parcel | ParcelDraft) -> Deadline | None:
        """
        The scan deadline with its days, from the hand-over given or assumed.
        """
        if parcel.handed_over_at is None:
            return None
        calendar = self.calendar(parcel.centre, parcel.carrier)
        return calendar.deadline(parcel.handed_over_at, self.settings.watch.scan_working_days)

    def confirm_by(self, parcel: Parcel | ParcelDraft) -> datetime | None:
        """
        The instant by which an assumed hand-over must be confirmed (promises.md R25).
        """
        if parcel.auto_cancel_at is None:
            return None
        lead = self.lead_time(parcel.centre, parcel.carrier)
        return lead.subtract_days(parcel.auto_cancel_at, CONFIRM_DAYS_BEFORE_CANCEL)

    def cancels_at(self, parcel: Parcel) -> datetime | None:
        """
        When the order is cancelled automatically; ``None`` if the platform says it was scanned.
        """
        status = parcel.seller_status
        return None if status and status.ends_scan_watch else parcel.auto_cancel_at

    def working_days_left(self, parcel: Parcel, now: datetime) -> int | None:
        """
        Whole lead-time days from ``now`` to automatic cancellation, 0 once it is past.
        """
        cancel = self.cancels_at(parcel)
        if cancel is None:
            return None
        return self.lead_time(parcel.centre, parcel.carrier).working_days_left(now, cancel)

    def claim_after(self, parcel: Parcel, urged_at: datetime) -> datetime:
        """
        When a parcel that was urged and is still unscanned is to be claimed (domain.md 1.1).
        """
        days = self.settings.watch.claim_wait_working_days
        return self.calendar_of(parcel).add_working_days(urged_at, days)

    def claim_by(self, parcel: Parcel | ParcelDraft) -> datetime | None:
        """
        When a late parcel is claimed even if nobody urged: the cancellation comes too near.
        """
        if parcel.auto_cancel_at is None:
            return None
        lead = self.lead_time(parcel.centre, parcel.carrier)
        return lead.subtract_days(parcel.auto_cancel_at, CLAIM_DAYS_BEFORE_CANCEL)

    def claim_answer_by(self, parcel: Parcel, since: datetime) -> datetime:
        """
        When an answer is due: Jumia's to a claim of ``since``, or ours to a question of then.
        """
        days = self.settings.watch.claim_answer_working_days
        return self.calendar_of(parcel).add_working_days(since, days)

    def derived(self, draft: ParcelDraft) -> ParcelDraft:
        """
        The draft with its assumed hand-over, scan deadline and cancellation instant filled in.
        """
        draft = self._with_assumption(draft)
        deadline = self.scan(draft)
        return replace(
            draft,
            auto_cancel_at=self._auto_cancel_at(draft),
            scan_deadline=deadline.at if deadline else None,
            calendar_estimated=deadline.estimated if deadline else False,
        )

    def decision_at(self, draft: Parcel | ParcelDraft) -> datetime | None:
        """
        The first instant at which something has to be decided about the parcel as drafted.
        """
        if draft.carrier is None and not _is_given(draft):
            return None
        if _is_given(draft) or self.settings.watch.trust_assumed_handover:
            return draft.scan_deadline
        instants = (draft.scan_deadline, self.confirm_by(draft))
        return min((instant for instant in instants if instant is not None), default=None)

    def fingerprint(self) -> str:
        """
        Changes whenever all stored deadlines have to be counted again: settings or holiday data.

        What people entered is none of it: each entry knows whether deadlines follow it already.
        """
        watch = self.settings.watch
        parts = (
            self._from_file,
            watch.scan_working_days,
            watch.assume_handover_working_days,
            watch.trust_assumed_handover,
            watch.lead_time_working_days,
            watch.clocks,
            watch.alerts,
            tuple((shop.name, sorted(shop.alerts.items())) for shop in self.settings.shops),
            CLOCKS,
            version("holidays"),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _auto_cancel_at(self, draft: ParcelDraft) -> datetime | None:
        if draft.created_at is None:
            return None
        days = self.settings.watch.lead_time_working_days.of(draft.service)
        lead = self.lead_time(draft.centre, draft.carrier)
        return lead.auto_cancel_at(draft.created_at, days)

    def _with_assumption(self, draft: ParcelDraft) -> ParcelDraft:
        """
        A hand-over that nobody gave is assumed some working days after ready-to-ship (R25).
        """
        if _is_given(draft):
            return draft
        days = self.settings.watch.assume_handover_working_days
        ready = draft.ready_to_ship_at
        if days == "never" or ready is None or draft.tracking_number is None:
            return replace(draft, handed_over_at=None, handover_assumed=False)
        at = self.calendar(draft.centre, draft.carrier).add_working_days(ready, int(days))
        return replace(draft, handed_over_at=at, handover_assumed=True)


def _is_given(draft: Parcel | ParcelDraft) -> bool:
    return draft.handed_over_at is not None and not draft.handover_assumed


def _fallback(carrier: CarrierName | None) -> str:
    return "clevy" if carrier is CarrierName.CLEVY else DEFAULT_CENTRE


@lru_cache(maxsize=64)
def _working(
    exceptions: tuple[CalendarException, ...], centre: str, carrier: CarrierName | None
) -> WorkingCalendar:
    return WorkingCalendar(centre, carrier=carrier, exceptions=exceptions)


@lru_cache(maxsize=64)
def _lead_time(
    exceptions: tuple[CalendarException, ...], centre: str | None, carrier: CarrierName | None
) -> LeadTimeCalendar:
    return LeadTimeCalendar(exceptions=exceptions, centre=centre, carrier=carrier)
