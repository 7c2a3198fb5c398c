"""
What one crawl is going to ask: leased parcels, canaries asked along, slots in the shared pace.

All of it is taken in one transaction, so that two processes neither ask about one parcel at a time
nor ask a carrier faster together than its pace (promises.md R9, R22).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.crawl import wall_clock_seconds
from tracker.polling.canaries import Canary
from tracker.polling.pace import furthest_slot, slot_of
from tracker.polling.pausing import FAILING_ROUNDS
from tracker.store.canaries import Expected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tracker.crawl import CarrierAccess
    from tracker.model import CarrierName
    from tracker.settings import Settings
    from tracker.store import Store, Transaction
    from tracker.store.health import CarrierState
    from tracker.store.parcels import DueLook

#: Requests of one crawl: short crawls let other work in and lose little when they die.
REQUESTS_PER_CRAWL = 12
#: A parcel that the carrier scanned within these days is a canary of our own.
CANARY_DAYS = timedelta(days=10)
#: Own parcels asked along: one, and more of them to test a doubt that one may have raised alone.
OWN_CANARIES = 1
OWN_CANARIES_IN_DOUBT = 3
#: A lease outlasts its crawl by so much, for recording what came of it.
LEASE_MARGIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """
    One crawl's questions: ``parcels`` are the leased ones, ids by number.

    ``access`` says when the first question may be asked; ``seconds`` is the crawl's wall clock.
    """

    access: CarrierAccess
    parcels: Mapping[str, int]
    canaries: tuple[Canary, ...]
    began: datetime
    seconds: float

    @property
    def lacks_canary(self) -> bool:
        """
        True for a crawl that may accuse somebody and asks no own scanned parcel along.
        """
        return self.access.by_page_only and not any(one.own for one in self.canaries)

    @property
    def numbers(self) -> tuple[str, ...]:
        """
        Every number to ask, each once, canaries first.
        """
        return tuple(
            dict.fromkeys((*(one.tracking_number for one in self.canaries), *self.parcels))
        )


class Leasing:
    """
    Leases what one worker is going to ask.
    """

    def __init__(self, store: Store, settings: Settings, owner: str) -> None:
        self._store = store
        self._settings = settings
        self._owner = owner

    def take(self, access: CarrierAccess, now: datetime) -> Leased | None:
        """
        The carrier's due parcels are this worker's, and its slots are reserved; ``None``: nothing.

        A carrier that failed several rounds is probed with one batch.
        """
        with self._store.begin() as tx:
            start = tx.manners.free_slot(access.carrier, now, furthest=furthest_slot(access))
            access = replace(access, starts_in_seconds=(start - now).total_seconds())
            state = tx.health.carrier(access.carrier)
            probing = state.failing_rounds >= FAILING_ROUNDS
            most = access.batch_size * (1 if probing else REQUESTS_PER_CRAWL)
            seconds = wall_clock_seconds(access, most + OWN_CANARIES_IN_DOUBT + len(Expected))
            lease = timedelta(seconds=seconds) + LEASE_MARGIN
            # The canaries' places are kept free: one number more would be one request more.
            limit = max(1, most - self._asked_along(state))
            due = tx.parcels.claim_due(
                access.carrier, now, limit=limit, owner=self._owner, lease=lease
            )
            if not due:
                return None
            # A deadline that passes while the crawl runs makes its look a proof like any other.
            takes = wall_clock_seconds(access, len(due) + OWN_CANARIES + len(Expected))
            accuses = _any_overdue(due, now + timedelta(seconds=takes))
            leased = Leased(
                access=replace(access, by_page_only=accuses),
                parcels={one.tracking_number: one.parcel_id for one in due},
                canaries=(),
                began=now,
                seconds=seconds,
            )
            if accuses or state.doubt is not None:
                leased = self._with_canaries(tx, leased, due, state, lease)
            asks = math.ceil(len(leased.numbers) / access.batch_size)
            tx.manners.reserve(access.carrier, start + asks * slot_of(access))
        return replace(leased, access=replace(leased.access, reserved_slots=asks))

    def give_back(self, leased: Leased) -> None:
        """
        The leases that still stand are given back.
        """
        with self._store.begin() as tx:
            tx.parcels.release(leased.parcels.values(), self._owner)

    def _with_canaries(
        self,
        tx: Transaction,
        leased: Leased,
        due: Sequence[DueLook],
        state: CarrierState,
        lease: timedelta,
    ) -> Leased:
        """
        The configured canaries and own scanned parcels are asked along; own ones are leased too.
        """
        carrier = leased.access.carrier
        most = _own_canaries(state)
        own = _scanned_lately(due, carrier, leased.began)[:most]
        further = tx.canaries.lease_scanned(
            carrier,
            leased.began,
            since=leased.began - CANARY_DAYS,
            limit=most - len(own),
            owner=self._owner,
            lease=lease,
            wrong_too=state.doubt is not None,
        )
        return replace(
            leased,
            parcels={**leased.parcels, **further},
            canaries=(*self._configured(carrier), *map(_own, (*own, *further))),
        )

    def _asked_along(self, state: CarrierState) -> int:
        """
        The most canaries that a crawl of the carrier asks about.
        """
        return len(self._configured(state.name)) + _own_canaries(state)

    def _configured(self, carrier: CarrierName) -> tuple[Canary, ...]:
        given = self._settings.carriers.of(carrier)
        numbers = (
            (given.canary_scanned, Expected.SCANNED),
            (given.canary_unknown, Expected.UNKNOWN),
        )
        return tuple(
            Canary(tracking_number=number, expected=expected)
            for number, expected in numbers
            if number
        )


def _own_canaries(state: CarrierState) -> int:
    return OWN_CANARIES if state.doubt is None else OWN_CANARIES_IN_DOUBT


def _own(number: str) -> Canary:
    return Canary(tracking_number=number, expected=Expected.SCANNED, own=True)


def _any_overdue(due: Iterable[DueLook], end: datetime) -> bool:
    """
    True if a look until ``end`` may accuse somebody: a parcel is unscanned and past its deadline.
    """
    return any(
        not one.scanned and one.scan_deadline is not None and one.scan_deadline <= end
        for one in due
    )


def _scanned_lately(due: Iterable[DueLook], carrier: CarrierName, now: datetime) -> list[str]:
    """
    Numbers among the due parcels that serve as canaries without being asked once more.
    """
    found = [
        (one.first_scan_at, one.tracking_number)
        for one in due
        if one.carrier == carrier
        and one.scanned
        and one.first_scan_at is not None
        and now - CANARY_DAYS <= one.first_scan_at <= now
    ]
    return [number for _, number in sorted(found, reverse=True)]
