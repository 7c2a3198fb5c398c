"""
What the daemon's tick does: the accounts that are due are synced, and what went wrong is told.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tracker.vendor.due import due_accounts, pausing
from tracker.vendor.errors import Stopped
from tracker.vendor.sync import Syncing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.clock import Clock
    from tracker.deadlines import Deadlines
    from tracker.store import Store

log = logging.getLogger(__name__)


def sync_due(
    store: Store, deadlines: Deadlines, clock: Clock, stopping: Callable[[], bool]
) -> tuple[str, ...]:
    """
    Each due account was synced once; one sentence for each that was not whole.

    Ends early, and says nothing, when we are being stopped.
    """
    syncing = Syncing(store=store, deadlines=deadlines, clock=clock, pause=pausing(stopping))
    problems: list[str] = []
    for account in due_accounts(deadlines.settings, store, clock()):
        try:
            result = syncing.sync(account)
        except Stopped:
            break
        for problem in filter(None, (result.problem, result.trouble())):
            log.warning("orders of %s: %s", account.label, problem)
            problems.append(f"orders of {account.label}: {problem}")
    return tuple(problems)
