"""
Which accounts are due to be synced by the daemon, and what status says of them.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.sentences import Sentence
from tracker.vendor.accounts import accounts_of
from tracker.vendor.errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from tracker.settings import Settings
    from tracker.store import Store, Transaction
    from tracker.vendor.accounts import Account

#: How often a waiting sync asks whether we are being stopped.
_GLANCE_SECONDS = 0.2


def due_accounts(settings: Settings, store: Store, now: datetime) -> Iterator[Account]:
    """
    The accounts whose sync is due, each claimed when it is given: no other process has it too.

    An account whose token a person must replace is not due before that was done.
    """
    every = timedelta(minutes=settings.vendor_center.every_minutes)
    return (account for account in accounts_of(settings) if _claimed(store, account, now, every))


def _claimed(store: Store, account: Account, now: datetime, every: timedelta) -> bool:
    with store.begin() as tx:
        known = tx.vendor.open(account.client_id, account.refresh_token, account.seed)
        return known.refused_at is None and tx.vendor.claim(account.client_id, now, every)


def sync_problems(settings: Settings, tx: Transaction) -> Iterator[Sentence]:
    """
    Why orders of a configured account are not all known.
    """
    for account in accounts_of(settings):
        known = tx.vendor.get(account.client_id)
        if known is not None and known.problem is not None and account.seed in known.seeds:
            yield Sentence(
                "orders of %(account)s: %(problem)s", account=account.label, problem=known.problem
            )


def pausing(stopping: Callable[[], bool]) -> Callable[[float], None]:
    """
    A pause that raises :class:`Stopped` when we are being stopped.
    """

    def pause(seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            if stopping():
                raise Stopped("The sync was stopped; the next one goes on.")
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, _GLANCE_SECONDS))

    return pause
