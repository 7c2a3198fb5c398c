"""
The page of the day as values: what stands in each group, row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model import DeliveryState
from tracker.recipients import mask_recipient
from tracker.shapes import wording_lines
from tracker.store.boards.today import View
from tracker.web.rooms.today.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tracker.model import Alert, AlertKind, CarrierName, Delivery, Parcel, StoredAct
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.boards.today import AlertGroup, HandGroup
    from tracker.web.rooms.today.kinds import KindOnPage

#: Rows of each group on the page of the day, and of the page: what is not urgent is a link.
FIRST_ROWS = 10
MOST_ROWS = 100
MOST_BY_HAND = 40
#: Rows on the page of one group.
PAGE_ROWS = 200
#: So few working days left: act today; and so few: soon.
LAST_DAYS = 1
NEAR_DAYS = 2

_ARRIVED = {DeliveryState.SENT: "good", DeliveryState.REFUSED: "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    How far the newest notice to one recipient got; webhooks are masked.
    """

    channel: str
    recipient: str
    state: DeliveryState
    sent_at: datetime | None

    @property
    def tone(self) -> str:
        """
        The badge's colour.
        """
        return _ARRIVED.get(self.state, "plain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One alert with its parcel, if it has one.

    ``days_left`` are whole lead-time days to automatic cancellation; ``None`` where none is to
    come. ``act`` is what a person did last.
    """

    alert: Alert
    parcel: Parcel | None
    days_left: int | None
    told: tuple[Told, ...]
    act: StoredAct | None
    lines: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """
        The tracking number, else the order.
        """
        numbers = self.alert.tracking_numbers
        return (numbers[0] if numbers else None) or self.alert.order_number or str(self.alert.id)

    @property
    def tone(self) -> str:
        """
        How much the days left hurry.
        """
        if self.days_left is None:
            return "plain"
        if self.days_left <= LAST_DAYS:
            return "bad"
        return "warn" if self.days_left <= NEAR_DAYS else "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """
    One shop's alerts of one kind, with the rows that are shown; ``key`` names it on the page.
    """

    key: str
    facts: AlertGroup
    words: KindOnPage
    rows: tuple[Row, ...]

    @property
    def hidden(self) -> int:
        """
        How many more there are.
        """
        return self.facts.count - len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopsGroups:
    """
    One shop's groups.
    """

    shop: str | None
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """
        How many alerts they hold.
        """
        return sum(group.facts.count for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """
    One portal with the numbers to be looked up at it.
    """

    carrier: CarrierName | None
    url: str | None
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """
    One shop's parcels to be looked up by hand.
    """

    key: str
    facts: HandGroup
    parcels: tuple[tuple[Parcel, int | None], ...]
    lookups: tuple[Lookup, ...]

    @property
    def hidden(self) -> int:
        """
        How many more there are.
        """
        return self.facts.count - len(self.parcels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """
    The whole page; ``watching`` are the operator's alerts, empty for a seller.
    """

    view: View
    totals: Mapping[View, int]
    shops: tuple[ShopsGroups, ...]
    by_hand: tuple[ByHand, ...]
    watching: tuple[Row, ...]
    stale_shops: tuple[str | None, ...]
    next_deadline: datetime | None

    @property
    def to_look_up(self) -> int:
        """
        How many parcels wait for a look by hand.
        """
        return sum(one.facts.count for one in self.by_hand)

    @property
    def nearest(self) -> Row | None:
        """
        The row whose order is cancelled first.
        """
        rows = (row for shop in self.shops for group in shop.groups for row in group.rows)
        return next((row for row in rows if row.days_left is not None), None)


class Reader:
    """
    Reads boards within one transaction, within a scope, at one instant.
    """

    def __init__(
        self, tx: Transaction, deadlines: Deadlines, now: datetime, scope: frozenset[str] | None
    ) -> None:
        self._tx = tx
        self._deadlines = deadlines
        self._now = now
        self._scope = scope

    def board(self, view: View) -> Board:
        """
        The page of the day.
        """
        tx, now, scope = self._tx, self._now, self._scope
        totals = tx.today.totals(now, scope)
        return Board(
            view=view,
            totals=totals,
            shops=self._shops(view) if totals[view] else (),
            by_hand=self._by_hand() if view is View.TODO else (),
            watching=self._watching() if scope is None and view is View.TODO else (),
            stale_shops=tx.today.wants_fresh_orders(scope) if scope is not None else (),
            next_deadline=None if totals[View.TODO] else tx.today.next_deadline(now, scope),
        )

    def group(self, view: View, shop: str | None, kind: AlertKind, page: int) -> Group | None:
        """
        One group with a page's rows; ``None`` if nothing of it is left.
        """
        groups = self._tx.today.groups(self._now, self._scope, view)
        facts = next((one for one in groups if (one.shop, one.kind) == (shop, kind)), None)
        if facts is None:
            return None
        ids = self._tx.today.of_group(
            self._now, view, shop, kind, limit=PAGE_ROWS, offset=PAGE_ROWS * (page - 1)
        )
        rows = self._rows(ids)
        shown = tuple(rows[one] for one in ids)
        return Group(key="group", facts=facts, words=KINDS[kind], rows=shown)

    def hand(self, shop: str | None, page: int) -> ByHand | None:
        """
        One shop's list to be looked up by hand, a page of it; ``None`` if nothing is left.
        """
        groups = self._tx.today.hand_groups(self._now, self._scope)
        facts = next((one for one in groups if one.shop == shop), None)
        return None if facts is None else self._hand("by-hand", facts, PAGE_ROWS, page)

    def _shops(self, view: View) -> tuple[ShopsGroups, ...]:
        """
        The shop whose order is cancelled first stands first, and so do its groups.
        """
        every = self._tx.today.groups(self._now, self._scope, view)
        ids = self._tx.today.first_of_each(self._now, self._scope, view, FIRST_ROWS)
        shown, left = {}, MOST_ROWS
        for one in every:
            found = ids.get((one.shop, one.kind), ())[:left]
            shown[one.shop, one.kind] = found
            left -= len(found)
        rows = self._rows(one for found in shown.values() for one in found)
        by_shop: dict[str | None, list[Group]] = {}
        for index, facts in enumerate(every, 1):
            own = shown.get((facts.shop, facts.kind), ())
            group = Group(
                key=f"g{index}",
                facts=facts,
                words=KINDS[facts.kind],
                rows=tuple(rows[one] for one in own),
            )
            by_shop.setdefault(facts.shop, []).append(group)
        return tuple(ShopsGroups(shop=shop, groups=tuple(own)) for shop, own in by_shop.items())

    def _by_hand(self) -> tuple[ByHand, ...]:
        lists, left = [], MOST_BY_HAND
        for index, facts in enumerate(self._tx.today.hand_groups(self._now, self._scope), 1):
            rows = min(left, facts.count, FIRST_ROWS)
            lists.append(self._hand(f"h{index}", facts, rows, 1))
            left -= rows
        return tuple(lists)

    def _hand(self, key: str, facts: HandGroup, rows: int, page: int) -> ByHand:
        offset = rows * (page - 1)
        records = (
            self._tx.today.by_hand(self._now, self._scope, facts.shop, limit=rows, offset=offset)
            if rows
            else ()
        )
        parcels = tuple(record.parcel for record in records)
        return ByHand(
            key=key,
            facts=facts,
            parcels=tuple((one, self._days_left(one)) for one in parcels),
            lookups=self._lookups(parcels),
        )

    def _lookups(self, parcels: Iterable[Parcel]) -> tuple[Lookup, ...]:
        numbers: dict[CarrierName | None, list[str]] = {}
        for parcel in parcels:
            for carrier in parcel.carriers or (None,):
                numbers.setdefault(carrier, []).append(parcel.tracking_number or "")
        carriers = self._deadlines.settings.carriers
        return tuple(
            Lookup(
                carrier=carrier,
                url=carriers.of(carrier).url if carrier else None,
                numbers=tuple(listed),
            )
            for carrier, listed in numbers.items()
        )

    def _watching(self) -> tuple[Row, ...]:
        rows = self._rows(self._tx.today.operators(), with_parcels=False)
        return tuple(rows.values())

    def _rows(self, ids: Iterable[int], *, with_parcels: bool = True) -> dict[int, Row]:
        ids = tuple(ids)
        alerts = self._tx.alerts.several(ids)
        own = {one for alert in alerts.values() for one in alert.parcel_ids if with_parcels}
        records = self._tx.parcels.records(dict.fromkeys(own, self._now))
        parcels = {record.parcel.id: record.parcel for record in records}
        acts = self._tx.acts.latest(ids)
        return {one: self._row(alerts[one], parcels, acts.get(one)) for one in ids if one in alerts}

    def _row(self, alert: Alert, parcels: Mapping[int, Parcel], act: StoredAct | None) -> Row:
        parcel = parcels.get(alert.parcel_ids[0]) if alert.parcel_ids else None
        return Row(
            alert=alert,
            parcel=parcel,
            days_left=None if parcel is None else self._days_left(parcel),
            told=told(alert.deliveries),
            act=act,
            lines=wording_lines(alert),
        )

    def _days_left(self, parcel: Parcel) -> int | None:
        """
        ``None`` also once the cancellation is past: nothing of it is left to be saved.
        """
        until = parcel.auto_cancel_at
        if until is None or until <= self._now:
            return None
        return self._deadlines.working_days_left(parcel, self._now)


def told(deliveries: Iterable[Delivery]) -> tuple[Told, ...]:
    """
    The newest notice to each recipient; what was superseded by newer facts was told to nobody.
    """
    newest: dict[tuple[str, str], Delivery] = {}
    for one in deliveries:
        if one.state is not DeliveryState.SUPERSEDED:
            newest[one.channel, one.recipient] = one
    return tuple(
        Told(
            channel=one.channel,
            recipient=mask_recipient(one.recipient),
            state=one.state,
            sent_at=one.sent_at,
        )
        for one in newest.values()
    )
