"""
What the daemon's tick does: the accounts that are due are synced, and what went wrong is told.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tracker.store import StoreError
from tracker.vendor.due import due_accounts, pausing
from tracker.vendor.errors import Stopped
from tracker.vendor.sync import Syncing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.clock import Clock
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Store
    from tracker.vendor.sync import SyncResult

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
        except StoreError:
            raise
        except Exception as error:
            # What nobody foresaw in one account must not keep the others waiting (promises.md R10).
            log.exception("orders of %s", account.label)
            problem = f"the sync broke off ({type(error).__name__}); the log says more."
            with store.begin() as tx:
                tx.vendor.failed(account.client_id, problem)
            problems.append(f"orders of {account.label}: {problem}")
        else:
            problems += _told(result)
    return tuple(problems)


def _told(result: SyncResult) -> Iterator[str]:
    for problem in filter(None, (result.problem, result.trouble())):
        log.warning("orders of %s: %s", result.account.label, problem)
        yield f"orders of {result.account.label}: {problem}"
