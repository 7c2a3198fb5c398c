"""
Which parcels are to be decided about, what was decided, and what still waits for a verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, false, func, or_, select, update

from tracker.model import AlertKind, CarrierName, SellerStatus
from tracker.store.conditions import live, not_put_off, unproved
from tracker.store.parts import in_parts
from tracker.store.room import ParcelRoom
from tracker.store.tables import alert_parcels, alerts, parcels
from tracker.store.types import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from tracker.model import ClaimAnswer


class Deciding(ParcelRoom):
    """
    What deciding rounds ask and mark.
    """

    def to_decide(self, now: datetime, limit: int) -> tuple[int, ...]:
        """
        The parcels about which the decision may have changed, the longest waiting first.
        """
        query = (
            select(parcels.c.id)
            .where(parcels.c.decide_at <= now)
            .order_by(parcels.c.decide_at)
            .limit(limit)
        )
        return tuple(self._connection.execute(query).scalars())

    def decide_at(self, parcel_id: int, at: datetime | None) -> None:
        """
        The decision is due again then; ``None``: not before a fact changes.
        """
        self._set(parcel_id, decide_at=at)

    def decide_all(self, due: Mapping[int, datetime | None]) -> None:
        """
        The decision about each parcel is due again as :meth:`decide_at` has it.
        """
        if due:
            self._connection.execute(
                update(parcels).where(parcels.c.id == bindparam("of")),
                [{"of": parcel_id, "decide_at": at} for parcel_id, at in due.items()],
            )

    def destinations(self) -> tuple[tuple[str | None, CarrierName | None], ...]:
        """
        The (centre, carrier) pairs that live parcels of orders are counted with.
        """
        query = (
            select(parcels.c.centre, parcels.c.carrier)
            .where(live(), parcels.c.order_number.is_not(None))
            .distinct()
        )
        return tuple(
            (centre, CarrierName(carrier) if carrier else None)
            for centre, carrier in self._connection.execute(query)
        )

    def counting_days_after(
        self, at: datetime, going_to: Iterable[tuple[str | None, CarrierName | None]]
    ) -> tuple[int, ...]:
        """
        Live parcels of orders going there with a deadline, or a decision waiting, after ``at``.
        """
        pairs = [
            _is(parcels.c.centre, centre) & _is(parcels.c.carrier, text_of(carrier))
            for centre, carrier in going_to
        ]
        ends = (parcels.c.scan_deadline, parcels.c.auto_cancel_at, parcels.c.decide_at)
        query = (
            select(parcels.c.id)
            .where(
                live(),
                parcels.c.order_number.is_not(None),
                or_(parcels.c.scanned.is_(False), parcels.c.decide_at.is_not(None)),
                or_(*(end >= at for end in ends)),
                or_(false(), *pairs),
            )
            .order_by(parcels.c.id)
        )
        return tuple(self._connection.execute(query).scalars())

    def unscanned_live(self) -> tuple[int, ...]:
        """
        Live unscanned parcels of an order: their deadlines follow the calendar, and they age.
        """
        query = select(parcels.c.id).where(
            live(), parcels.c.scanned.is_(False), parcels.c.order_number.is_not(None)
        )
        return tuple(self._connection.execute(query).scalars())

    def scanned_live(self) -> tuple[int, ...]:
        """
        Live scanned parcels of an order: other clocks run for them.
        """
        query = select(parcels.c.id).where(
            live(), parcels.c.scanned.is_(True), parcels.c.order_number.is_not(None)
        )
        return tuple(self._connection.execute(query).scalars())

    def perhaps_given_up(
        self, *, ordered_before: datetime, claimed_before: datetime
    ) -> tuple[int, ...]:
        """
        Live unscanned parcels that are old enough to be archived, by order, claim or sighting.
        """
        query = select(parcels.c.id).where(
            live(),
            parcels.c.scanned.is_(False),
            parcels.c.order_number.is_not(None),
            or_(
                func.coalesce(parcels.c.created_at, parcels.c.first_seen_at) <= ordered_before,
                parcels.c.claimed_at <= claimed_before,
            ),
        )
        return tuple(self._connection.execute(query).scalars())

    def mark(
        self,
        parcel_id: int,
        *,
        urged_at: datetime | None = None,
        claimed_at: datetime | None = None,
        case_id: str | None = None,
        picked_up_at: datetime | None = None,
    ) -> None:
        """
        The given marks are set; the others stay.
        """
        given = {
            "urged_at": urged_at,
            "claimed_at": claimed_at,
            "case_id": case_id,
            "picked_up_at": picked_up_at,
        }
        values = {name: value for name, value in given.items() if value is not None}
        if values:
            self._set(parcel_id, **values)

    def urged(self, parcel_ids: Iterable[int], at: datetime) -> None:
        """
        Seko was urged about each of the parcels.
        """
        for part in in_parts(parcel_ids):
            self._connection.execute(
                update(parcels).where(parcels.c.id.in_(part)).values(urged_at=at)
            )

    def claim_answered(
        self, parcel_id: int, answer: ClaimAnswer | None, at: datetime | None
    ) -> None:
        """
        Jumia's answer to the parcel's claim is on record; ``None``: its next answer is awaited.
        """
        stored = None if answer is None else answer.value
        self._set(parcel_id, claim_answer=stored, claim_answered_at=at)

    def mark_unverified(self, parcel_ids: Iterable[int], since: datetime | None) -> None:
        """
        The parcels are among the unverified since then; ``None``: no longer.
        """
        for part in in_parts(parcel_ids):
            self._connection.execute(
                update(parcels).where(parcels.c.id.in_(part)).values(unverified_since=since)
            )

    def awaits_verdict(self, shop: str | None, now: datetime) -> bool:
        """
        True while a late parcel of the shop has neither proof nor been told as unverified.

        One that throws and was put off holds up nobody (promises.md R10), nor does one of which no
        proof is wanted any more: cancelled before its deadline, shipped, or claimed.
        """
        of_shop = parcels.c.shop.is_(None) if shop is None else parcels.c.shop == shop
        query = select(
            exists().where(
                of_shop,
                unproved(now),
                parcels.c.handover_assumed.is_(False),
                parcels.c.unverified_since.is_(None),
                parcels.c.claimed_at.is_(None),
                _proof_is_wanted(),
                not_put_off(now),
            )
        )
        return bool(self._connection.execute(query).scalar())

    def with_open_alert(self, parcel_ids: Iterable[int]) -> frozenset[int]:
        """
        Those of the parcels that an alert is about which is not closed.

        Those that stand on a list because they wait for a fresh order status are among them.
        """
        waiting = (
            select(alert_parcels.c.parcel_id)
            .join(alerts, alerts.c.id == alert_parcels.c.alert_id)
            .where(alerts.c.kind == AlertKind.STALE_ORDERS.value, alerts.c.closed_at.is_(None))
        )
        found: set[int] = set()
        for part in in_parts(parcel_ids):
            query = select(alerts.c.parcel_id).where(
                alerts.c.parcel_id.in_(part), alerts.c.closed_at.is_(None)
            )
            found.update(self._connection.execute(query).scalars())
            listed = waiting.where(alert_parcels.c.parcel_id.in_(part))
            found.update(self._connection.execute(listed).scalars())
        return frozenset(found)


def _is(column: ColumnElement[str | None], value: str | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def _proof_is_wanted() -> ColumnElement[bool]:
    """
    The order's status leaves the question open whether the parcel was scanned (promises.md R26).
    """
    ended = [status.value for status in SellerStatus if status.ends_scan_watch]
    status, cancelled_at = parcels.c.seller_status, parcels.c.cancelled_seen_at
    cancelled = status.is_not_distinct_from(SellerStatus.CANCELED.value)
    in_time = func.coalesce(cancelled_at < parcels.c.scan_deadline, false())
    return ~func.coalesce(status.in_(ended), false()) & ~(cancelled & in_time)
