"""
Order rows into the watch list: idempotent, whole file or nothing, buyer data never seen.

Rows that share a number and an order are items of one parcel. What the rules of contract.md
("Import") leave open is decided here and said in the docstrings. Everything is read, planned and
written in bulk: a file may have a hundred thousand rows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tracker.model import ImportResult, OrderRow, RefusedRow
from tracker.numbers import normalise, s10_check_digit_ok
from tracker.orders.columns import quoted
from tracker.orders.drafting import Drafter, differs, heir_of
from tracker.orders.rowvalues import warning_at
from tracker.planning.clocks import waits_for_status
from tracker.planning.watching import settle_all
from tracker.sentences import RefusedError, Sentence
from tracker.store.parcels import PlacedItem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.parcels import ParcelDraft, WatchRecord


class ShopUnknownError(RefusedError):
    """
    A row's shop cannot be told; whoever asks otherwise than by command says what to do instead.
    """

    def __init__(self, file: str, line: int) -> None:
        super().__init__(
            Sentence(
                "%(file)s, line %(line)s: the shop is not known; "
                "give --shop NAME or a Shop column, or configure exactly one shop.",
                file=file,
                line=line,
            )
        )
        self.line = line


@dataclass(slots=True)
class _Tally:
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    no_number: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    warnings: list[Sentence] = field(default_factory=list)

    def count(self, plan: _Plan) -> None:
        """
        The rows of one parcel are counted.
        """
        if plan.is_new:
            self.added += len(plan.rows)
        elif plan.changed:
            self.updated += len(plan.rows)
        else:
            self.unchanged += len(plan.rows)


@dataclass(slots=True, kw_only=True)
class _Plan:
    """
    One parcel of the file: what is known of it, and what is to be written.
    """

    number: str
    rows: list[OrderRow]
    known: WatchRecord | None
    before: ParcelDraft | None
    draft: ParcelDraft
    parcel_id: int
    changed: bool

    @property
    def is_new(self) -> bool:
        """
        True for a parcel that no order was known for.
        """
        return self.before is None or self.before.order_number is None


class Importer:
    """
    One import: ``observed_at`` is when the file's facts were exported, for messages (R27).

    ``scope`` is the shops that whoever imports may write for, ``None`` for all: rows for another
    shop are refused, and so are rows whose number or order is another shop's already.
    """

    def __init__(
        self,
        *,
        tx: Transaction,
        deadlines: Deadlines,
        now: datetime,
        observed_at: datetime,
        shop: str | None = None,
        scope: frozenset[str] | None = None,
    ) -> None:
        self._tx = tx
        self._deadlines = deadlines
        self._settings = deadlines.settings
        self._now = now
        self._observed_at = observed_at
        self._shop = shop
        self._scope = scope
        self._drafter = Drafter(deadlines=deadlines, now=now, observed_at=observed_at)

    def take(self, file: str, rows: Sequence[OrderRow]) -> ImportResult:
        """
        Every row is on the watch list or refused with its reason.

        Raises :class:`ShopUnknownError` when a row's shop cannot be told; nothing is written then.
        """
        self._tx.parcels.one_imports_at_a_time()
        tally = _Tally()
        self._deadlines.follow(self._tx)
        rows = self._within_scope(file, rows, tally)
        rows = [_of_shop(row, self._shop_of(file, row)) for row in rows]
        kept = _last_of_each_item(rows)
        placed = self._tx.parcels.items_of({row.order_number for row in kept})
        plans = self._plans(file, kept, tally)
        self._write(plans, placed)
        for plan in plans:
            tally.count(plan)
        for row in kept:
            if row.tracking_number is None:
                self._take_unnumbered(row, placed, tally)
        tally.warnings += self._unconfigured(rows)
        return ImportResult(
            added=tally.added,
            updated=tally.updated,
            unchanged=tally.unchanged + len(rows) - len(kept),
            refused=tuple(tally.refused),
            no_number=tally.no_number,
            warnings=tuple(tally.warnings),
        )

    def _within_scope(
        self, file: str, rows: Sequence[OrderRow], tally: _Tally
    ) -> Sequence[OrderRow]:
        """
        The rows that whoever imports may write; the others are refused.
        """
        if self._scope is None:
            return rows
        numbers = {row: normalise(row.tracking_number or "") for row in rows}
        foreign = self._tx.parcels.beyond(
            self._scope, numbers.values(), (row.order_number for row in rows)
        )
        kept = []
        for row, number in numbers.items():
            if row.shop is not None and row.shop not in self._scope:
                reason = Sentence(
                    "the row is of the shop %(shop)s, which is not one of yours.",
                    shop=quoted(row.shop),
                )
            elif number in foreign.numbers or row.order_number in foreign.orders:
                reason = Sentence(
                    "the number or the order belongs to another shop: ask the operator."
                )
            else:
                kept.append(row)
                continue
            tally.refused.append(RefusedRow(file=file, line=row.line, reason=reason))
        return kept

    def _shop_of(self, file: str, row: OrderRow) -> str:
        only = self._settings.shops[0].name if len(self._settings.shops) == 1 else None
        shop = self._shop or row.shop or only
        if shop is None or (self._scope is not None and shop not in self._scope):
            raise ShopUnknownError(file, row.line)
        return shop

    def _unconfigured(self, rows: Iterable[OrderRow]) -> list[Sentence]:
        named = dict.fromkeys(row.shop for row in rows)
        return [
            Sentence(
                "shop %(shop)s is not configured: its alerts go to the operator.", shop=repr(name)
            )
            for name in named
            if self._settings.shop(name) is None
        ]

    # -- planning ----------------------------------------------------------------------------

    def _plans(self, file: str, rows: Iterable[OrderRow], tally: _Tally) -> list[_Plan]:
        by_number: dict[str, list[OrderRow]] = defaultdict(list)
        for row in rows:
            if row.tracking_number is not None:
                by_number[row.tracking_number].append(row)
        borne = self._tx.parcels.by_numbers(by_number, self._now)
        known = {
            number: _known(borne.get(number, ()), members) for number, members in by_number.items()
        }
        before = self._tx.parcels.drafts([one.parcel.id for one in known.values() if one])
        plans = []
        for number, members in by_number.items():
            own = self._own(file, number, members, known[number], tally)
            if own:
                plans.append(self._plan(number, own, known[number], before))
        return plans

    def _own(
        self,
        file: str,
        number: str,
        members: list[OrderRow],
        known: WatchRecord | None,
        tally: _Tally,
    ) -> list[OrderRow]:
        """
        The rows of the one order that the number belongs to; the others are refused.
        """
        order = members[0].order_number
        if known is not None and known.parcel.order_number is not None:
            order = known.parcel.order_number
        own = [row for row in members if row.order_number == order]
        for row in members:
            if row.order_number != order:
                tally.refused.append(_two_orders(file, number, row, order))
        if own and s10_check_digit_ok(number) is False:
            wrong = Sentence("%(number)s has a wrong check digit; it is watched.", number=number)
            tally.warnings.append(warning_at(file, own[0].line, wrong))
        return own

    def _plan(
        self,
        number: str,
        own: list[OrderRow],
        known: WatchRecord | None,
        drafts: Mapping[int, ParcelDraft],
    ) -> _Plan:
        before = drafts[known.parcel.id] if known else None
        draft = self._drafter.draft(number, own, before)
        return _Plan(
            number=number,
            rows=own,
            known=known,
            before=before,
            draft=draft,
            parcel_id=known.parcel.id if known else 0,
            changed=differs(draft, before),
        )

    # -- writing -----------------------------------------------------------------------------

    def _write(self, plans: Sequence[_Plan], placed: dict[tuple[str, str], PlacedItem]) -> None:
        fresh = [plan for plan in plans if plan.known is None]
        new_ids = self._tx.parcels.add_all([plan.draft for plan in fresh], self._now)
        for plan, parcel_id in zip(fresh, new_ids, strict=True):
            plan.parcel_id = parcel_id
        left = self._place_items(plans, placed)
        self._update([plan for plan in plans if plan.known is not None])
        changed = {plan.parcel_id for plan in plans if plan.changed}
        for old, heir in left.items():
            self._leave(old, heir)
            changed.add(heir)
        settle_all(self._tx, dict.fromkeys(changed, self._now), self._deadlines)

    def _place_items(
        self, plans: Iterable[_Plan], placed: dict[tuple[str, str], PlacedItem]
    ) -> dict[int, int]:
        """
        Each item lies in its parcel now; returns which parcel each left one was left for.
        """
        moved: dict[tuple[str, str], PlacedItem] = {}
        left: dict[int, int] = {}
        for plan in plans:
            for row in plan.rows:
                here = PlacedItem(parcel_id=plan.parcel_id, sku=row.sku)
                for key in _keys_of(row, placed):
                    old = placed.get(key)
                    if old == here:
                        continue
                    moved[key] = placed[key] = here
                    plan.changed |= key[1] == _item_key(row)
                    if old is not None and old.parcel_id != plan.parcel_id:
                        left[old.parcel_id] = plan.parcel_id
        self._tx.parcels.place_items(moved)
        return left

    def _update(self, plans: Iterable[_Plan]) -> None:
        """
        Known parcels get their new facts; of the others only how old their status is.
        """
        same, waiting = [], []
        for plan in plans:
            if plan.known is not None and plan.known.superseded_at is not None:
                self._tx.parcels.restore(plan.parcel_id)
                plan.changed = True
            if plan.changed:
                self._tx.parcels.change(plan.parcel_id, plan.draft)
                self._tx.looks.resummarise(plan.parcel_id)
            elif any(row.status is not None for row in plan.rows):
                same.append(plan.parcel_id)
                if plan.known and waits_for_status(plan.known, self._deadlines, self._now):
                    waiting.append(plan.parcel_id)
        self._tx.parcels.status_seen(same, self._observed_at)
        settle_all(self._tx, dict.fromkeys(waiting, self._now), self._deadlines)

    def _leave(self, left: int, heir: int) -> None:
        """
        A parcel without items is gone, or superseded; what was known of it moves along (R24).
        """
        record = self._tx.parcels.get(left, self._now)
        if record is None or self._tx.parcels.item_count(left):
            return
        if record.parcel.tracking_number is None:
            self._tx.parcels.remove(left)
        elif not record.parcel.scanned:
            stored = self._tx.parcels.draft(heir)
            draft = heir_of(stored, self._tx.parcels.draft(left))
            if draft != stored:
                self._tx.parcels.change(heir, self._deadlines.derived(draft))
            self._tx.parcels.supersede(left, self._now)

    def _take_unnumbered(
        self, row: OrderRow, placed: dict[tuple[str, str], PlacedItem], tally: _Tally
    ) -> None:
        """
        A row without a number is kept, so that its number is noticed when it comes.
        """
        tally.no_number += 1
        key = (row.order_number, _item_key(row))
        known = placed.get(key)
        if known is None:
            parcel_id = self._tx.parcels.add(self._drafter.draft(None, [row], None), self._now)
            placed[key] = PlacedItem(parcel_id=parcel_id, sku=row.sku)
            self._tx.parcels.place_items({key: placed[key]})
            settle_all(self._tx, {parcel_id: self._now}, self._deadlines)
            return
        record = self._tx.parcels.get(known.parcel_id, self._now)
        if record is not None and record.parcel.tracking_number is None:
            before = self._tx.parcels.draft(known.parcel_id)
            self._tx.parcels.change(known.parcel_id, self._drafter.draft(None, [row], before))
            settle_all(self._tx, {known.parcel_id: self._now}, self._deadlines)
        # Else its number is known already: an older export says less.


def _known(borne: Sequence[WatchRecord], members: Iterable[OrderRow]) -> WatchRecord | None:
    """
    The live parcel that bears the number, else one of these orders that bore it.
    """
    orders = {row.order_number for row in members}
    live = [one for one in borne if one.superseded_at is None and one.archived_at is None]
    past = [one for one in borne if one.parcel.order_number in orders]
    return next(iter((*live, *past)), None)


def _keys_of(
    row: OrderRow, placed: Mapping[tuple[str, str], PlacedItem]
) -> Iterable[tuple[str, str]]:
    """
    The item's key, and the one it was known by before it had a number, if it was.
    """
    yield row.order_number, _item_key(row)
    if row.order_item_id:
        return
    earlier = (row.order_number, _item_key(replace(row, tracking_number=None)))
    if earlier[1] != _item_key(row) and earlier in placed:
        yield earlier


def _of_shop(row: OrderRow, shop: str) -> OrderRow:
    return row if row.shop == shop else replace(row, shop=shop)


def _last_of_each_item(rows: Iterable[OrderRow]) -> list[OrderRow]:
    """
    The same item twice: the last wins (contract.md). Numbers are normalised here.
    """
    kept: dict[tuple[str, str], OrderRow] = {}
    for row in rows:
        number = (normalise(row.tracking_number) if row.tracking_number else None) or None
        if number != row.tracking_number:
            row = replace(row, tracking_number=number)  # noqa: PLW2901 - the same row, clean
        kept[(row.order_number, _item_key(row))] = row
    return list(kept.values())


def _item_key(row: OrderRow) -> str:
    """
    What an order item is known by: its id; without one, its SKU and number together.

    Without an id two rows of one SKU may be two parcels, so a changed number cannot be noticed.
    """
    if row.order_item_id:
        return f"id:{row.order_item_id}"
    return f"sku:{row.sku or ''}|{row.tracking_number or ''}"


def _two_orders(file: str, number: str, row: OrderRow, order: str) -> RefusedRow:
    reason = Sentence(
        "%(number)s already belongs to order %(order)s; "
        "the same number under order %(other)s was refused.",
        number=number,
        order=order,
        other=row.order_number,
    )
    return RefusedRow(file=file, line=row.line, reason=reason)
