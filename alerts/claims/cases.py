"""
What there is to claim, gathered within one transaction: one case for each parcel.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from alerts.lines import Liner
from alerts.messages.clean import clean_line
from alerts.messages.message import LOST
from tracker.calendar.centres import MAINLAND_ZONE
from tracker.model import AlertKind, AlertState
from tracker.stations import country_code
from tracker.store.parts import in_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from alerts.messages.message import Line
    from alerts.subjects import Subjects
    from tracker.calendar import Deadline
    from tracker.model import Alert, Parcel, StoredEvent, StoredLook, StoredSighting
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

#: SEKO-warehouse claims are taken for orders of the last three months (domain.md 1.6).
CLAIM_WINDOW = relativedelta(months=3)
_KINDS = (AlertKind.RAISE_CLAIM, AlertKind.FOLLOW_UP_CLAIM)


class Step(StrEnum):
    """
    What is to be done about a case.
    """

    CLAIM = "claim"  # raise it, once
    FOLLOW_UP = "follow_up"  # ask about the case that was raised; never raise it again
    TOO_OLD = "too_old"  # the order is older than the claim window
    CLAIMED = "claimed"  # raised already, the answer is awaited: nothing to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One parcel to be claimed, with all that its claim rests on.

    ``line`` holds the facts for texts, cleaned and bounded; ``looks`` are those made since the
    deadline (all of them where there is none), oldest first; ``events`` are the carrier's, foreign
    ones left out; ``sightings`` are scans that people told of. ``country`` is a code, or the text
    of the order where no code is known.
    """

    step: Step
    alert: Alert
    parcel: Parcel
    line: Line
    country: str | None
    registered_email: str | None
    skus: tuple[str, ...]
    case_id: str | None
    counted: Deadline | None
    looks: tuple[StoredLook, ...]
    events: tuple[StoredEvent, ...]
    sightings: tuple[StoredSighting, ...]

    @property
    def name(self) -> str:
        """
        What the parcel is called in lists.
        """
        return self.parcel.tracking_number or f"order {self.parcel.order_number or 'unknown'}"


def is_too_old(created_at: datetime | None, now: datetime) -> bool:
    """
    True when the order was created more than three calendar months ago, by Shanghai's clock.
    """
    if created_at is None:
        return False  # nobody can tell: the claim's reader decides
    return created_at.astimezone(MAINLAND_ZONE) + CLAIM_WINDOW <= now.astimezone(MAINLAND_ZONE)


class Gatherer:
    """
    Reads cases within one transaction; within a ``scope`` only those of these shops.
    """

    def __init__(
        self,
        tx: Transaction,
        deadlines: Deadlines,
        now: datetime,
        scope: frozenset[str] | None = None,
    ) -> None:
        self._tx = tx
        self._deadlines = deadlines
        self._now = now
        self._scope = scope
        self._liner = Liner(tx, deadlines, now)

    def cases(self, *, shop: str | None = None, country: str | None = None) -> tuple[Case, ...]:
        """
        One case for each parcel with an open claim alert, by country, shop and order of opening.

        ``country`` is a code as :func:`tracker.stations.country_code` gives it.
        """
        found = [case for case in self._found(shop) if country in {None, case.country}]
        return tuple(
            sorted(found, key=lambda one: (one.country or "", one.parcel.shop or "", one.alert.id))
        )

    def _found(self, shop: str | None) -> Iterator[Case]:
        alerts: dict[int, Alert] = {}
        for kind in _KINDS:  # the later rung takes the place of the earlier one
            for alert in self._tx.alerts.matching(kind=kind, shop=shop, scope=self._scope):
                alerts |= dict.fromkeys(alert.parcel_ids, alert)
        for part in in_parts(alerts):
            known = _Known.of(self._tx, self._liner.subjects, part)
            for parcel_id in part:
                record = self._liner.subjects.record(parcel_id)
                if record is not None:
                    yield self._case(alerts[parcel_id], record, known)

    def _case(self, alert: Alert, record: WatchRecord, known: _Known) -> Case:
        parcel = record.parcel
        line = clean_line(self._liner.first_line(alert))
        shop = self._deadlines.settings.shop(parcel.shop)
        country = parcel.country or (shop.country if shop else None)
        return Case(
            step=_step(alert, record, self._now),
            alert=alert,
            parcel=parcel,
            line=line,
            country=country_code(country) if country else None,
            registered_email=shop.registered_email if shop else None,
            skus=known.skus.get(parcel.id) or _some(parcel.sku),
            case_id=alert.case_id or known.case_ids.get(parcel.id),
            counted=self._deadlines.scan(parcel),
            looks=_since(line.deadline, known.looks[parcel.id]),
            events=self._liner.subjects.events(parcel.id),
            sightings=self._liner.subjects.sightings(parcel.id),
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """
    What is stored of several parcels beside what a line tells, by parcel id.

    ``skus`` are those of all items of a parcel, each once; ``case_ids`` the newest that was raised.
    """

    looks: Mapping[int, tuple[StoredLook, ...]]
    skus: Mapping[int, tuple[str, ...]]
    case_ids: Mapping[int, str]

    @classmethod
    def of(cls, tx: Transaction, subjects: Subjects, parcel_ids: Sequence[int]) -> _Known:
        """
        Read together; ``subjects`` know the parcels afterwards.
        """
        subjects.read(parcel_ids)
        records = [record for one in parcel_ids if (record := subjects.record(one)) is not None]
        orders = {one.parcel.order_number for one in records if one.parcel.order_number}
        skus: dict[int, set[str]] = defaultdict(set)
        for item in tx.parcels.items_of(sorted(orders)).values():
            if item.sku:
                skus[item.parcel_id].add(item.sku)
        raised = {
            parcel_id: [one.case_id for one in own if one.case_id]
            for parcel_id, own in tx.alerts.on_parcels(parcel_ids).items()
        }
        return cls(
            looks=tx.looks.of_several(parcel_ids),
            skus={parcel_id: tuple(sorted(own)) for parcel_id, own in skus.items()},
            case_ids={parcel_id: own[-1] for parcel_id, own in raised.items() if own},
        )


def _step(alert: Alert, record: WatchRecord, now: datetime) -> Step:
    """
    A parcel that was claimed once is never claimed again, unless it was lost since.
    """
    if alert.state is AlertState.ACTED:
        return Step.CLAIMED
    if alert.kind is AlertKind.FOLLOW_UP_CLAIM:
        return Step.FOLLOW_UP
    if record.claimed_at is not None and alert.reason != LOST:
        return Step.CLAIMED
    return Step.TOO_OLD if is_too_old(record.parcel.created_at, now) else Step.CLAIM


def _since(deadline: datetime | None, looks: tuple[StoredLook, ...]) -> tuple[StoredLook, ...]:
    return tuple(one for one in looks if deadline is None or one.looked_at >= deadline)


def _some(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)


def of_step(cases: Iterable[Case], step: Step) -> tuple[Case, ...]:
    """
    The cases that ask for this step.
    """
    return tuple(case for case in cases if case.step is step)
