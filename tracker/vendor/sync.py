"""
One sync of one account: page by page into the watch list, each page in a transaction of its own.

A crash therefore loses nothing that was taken, and a repeated page changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tracker.orders.importing import Importer
from tracker.vendor.accounts import access_of
from tracker.vendor.client import Pace, VendorCenter
from tracker.vendor.errors import VendorCenterError
from tracker.vendor.rows import Rows
from tracker.vendor.spans import known_until, spans
from tracker.vendor.tokens import Tokens
from tracker.vendor.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tracker.clock import Clock
    from tracker.model import ImportResult, RefusedRow
    from tracker.planning.deadlines import Deadlines
    from tracker.sentences import Sentence
    from tracker.store import Store
    from tracker.store.vendor import VendorAccount
    from tracker.vendor.accounts import Account
    from tracker.vendor.pages import OrderPage
    from tracker.vendor.rows import PageRows

#: How often, and how long apart, parcels that somebody holds are tried again.
_PATIENCE: Final = 20
_GLANCE_SECONDS: Final = 0.1


@dataclass(slots=True, kw_only=True)
class SyncResult:
    """
    What one sync did, counted in order items; ``problem`` says why it could not be finished.
    """

    account: Account
    orders: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    no_number: int = 0
    by_jumia: int = 0
    other_shops: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    warnings: list[Sentence] = field(default_factory=list)
    problem: str | None = None

    @property
    def items(self) -> int:
        """
        How many items were seen, whatever became of them.
        """
        counted = self.added + self.updated + self.unchanged + self.no_number
        return counted + self.by_jumia + self.other_shops + len(self.refused)

    def count(self, page: PageRows, result: ImportResult) -> None:
        """
        One page more.
        """
        self.added += result.added
        self.updated += result.updated
        self.unchanged += result.unchanged
        self.no_number += result.no_number
        self.by_jumia += page.by_jumia
        self.other_shops += page.other_shops
        self.refused += (*page.refused, *result.refused)
        self.warnings += (*page.warnings, *result.warnings)

    def trouble(self) -> str | None:
        """
        What a person should know of a sync that went through to its end.
        """
        if not self.refused:
            return None
        return (
            f"{len(self.refused)} order items were left out; the first: {self.refused[0].reason} "
            "See them all: tracker orders sync"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Syncing:
    """
    Syncs accounts into one store; ``pause`` waits, or raises when we are stopping.
    """

    store: Store
    deadlines: Deadlines
    clock: Clock
    pause: Callable[[float], None]
    dry_run: bool = False

    def sync(self, account: Account) -> SyncResult:
        """
        Every order that changed since the last sync is on the watch list, or told as left out.

        What the API refuses ends the sync with ``problem``; the pages before it are kept.
        """
        result = SyncResult(account=account)
        started = self.clock()
        known = self._begun(account, started)
        try:
            self._pages(account, known, started, result)
        except VendorCenterError as error:
            result.problem = str(error)
        self._ended(account, known, started, result)
        return result

    def _begun(self, account: Account, started: datetime) -> VendorAccount:
        with self.store.begin() as tx:
            tx.vendor.open(account.client_id, account.refresh_token, account.seed)
            return tx.vendor.begin(account.client_id, account.scope, started)

    def _pages(
        self, account: Account, known: VendorAccount, started: datetime, result: SyncResult
    ) -> None:
        access = access_of(self.deadlines.settings)
        with Wire(timeout_seconds=access.timeout_seconds, clock=self.clock) as wire:
            api = self._api(account, wire)
            for span in spans(known.synced_until, started):
                for page in api.orders(span):
                    self._take(account, api, page, result)

    def _api(self, account: Account, wire: Wire) -> VendorCenter:
        access = access_of(self.deadlines.settings)
        tokens = Tokens(
            store=self.store,
            account=account,
            token_url=access.token_url,
            timeout_seconds=access.timeout_seconds,
            wire=wire,
            clock=self.clock,
            pause=self.pause,
        )
        pace = Pace(
            store=self.store,
            client_id=account.client_id,
            every=timedelta(seconds=60 / access.requests_per_minute),
            clock=self.clock,
            pause=self.pause,
        )
        return VendorCenter(
            api_url=access.api_url, wire=wire, tokens=tokens, pace=pace, pause=self.pause
        )

    def _take(
        self, account: Account, api: VendorCenter, page: OrderPage, result: SyncResult
    ) -> None:
        """
        The page's items are fetched, then imported in one transaction.
        """
        items = api.items([order.id for order in page.orders if order.id is not None])
        seen_at = self.clock()
        rows = Rows(account=account, zone=self.deadlines.settings.zone, seen_at=seen_at)
        taken = rows.of_page(page.orders, items, first_line=result.items + 1)
        with self.store.begin(dry_run=self.dry_run) as tx:
            # Two syncs of one account take their turns: both may hold the same new parcel.
            tx.vendor.get(account.client_id, lock=True)
            importer = Importer(tx=tx, deadlines=self.deadlines, now=seen_at, observed_at=seen_at)
            imported = importer.take(rows.source, taken.rows)
        result.orders += len(page.orders)
        result.count(taken, imported)

    def _ended(
        self, account: Account, known: VendorAccount, started: datetime, result: SyncResult
    ) -> None:
        """
        How far we are is on record; a dry run leaves that as it was.
        """
        whole = not result.refused
        if result.problem is None and whole and not self.dry_run and known.synced_until is not None:
            self._unchanged(account, known.synced_until, started)
        with self.store.begin() as tx:
            if result.problem is not None:
                tx.vendor.failed(account.client_id, result.problem)
            elif not self.dry_run:
                until = known_until(started, known.synced_until, whole=whole)
                tx.vendor.synced(
                    account.client_id, at=self.clock(), until=until, problem=result.trouble()
                )

    def _unchanged(self, account: Account, before: datetime, started: datetime) -> None:
        """
        What the sync before saw, and this one did not, has not changed: its status is as of now.

        Messages say how old the status is that they rest on (promises.md R27).
        """
        shops = [shop.name for shop in account.shops]
        idle, left = 0, True
        while left and idle < _PATIENCE:
            with self.store.begin() as tx:
                count, left = tx.vendor.status_unchanged(shops, seen_since=before, at=started)
            idle = 0 if count else idle + 1
            self.pause(0 if count else _GLANCE_SECONDS)
