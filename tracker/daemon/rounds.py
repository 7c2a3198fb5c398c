"""
One full round: poll all due work, decide after all looks, one attempt per due delivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model import CarrierName
from tracker.vendor.accounts import accounts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.daemon.watcher import Watcher


@dataclass(slots=True)
class RoundOutcome:
    """
    What a full round did.
    """

    looked: int = 0
    failed_looks: int = 0
    decided: int = 0
    opened: int = 0
    closed: int = 0
    sent: int = 0
    failed_deliveries: int = 0
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """
        False when a look or a delivery failed, or a carrier could not be asked at all.
        """
        return not (self.failed_looks or self.failed_deliveries or self.problems)


def run_once(watcher: Watcher, progress: Callable[[str], None]) -> RoundOutcome:
    """
    Everything that is due now was done once (contract.md, ``run --once``).
    """
    outcome = RoundOutcome()
    watcher.keep_house()
    problems = [*watcher.take_inbox().problems, *_sync(watcher, progress)]
    watcher.prepare_round()
    problems += _ask_all(watcher, outcome, progress)
    decided = watcher.decide()
    watcher.remind()
    outcome.decided, outcome.opened, outcome.closed = (
        decided.decided,
        decided.opened,
        decided.closed,
    )
    if decided.put_off:
        problems.append(f"{decided.put_off} parcels could not be decided and are put off an hour")
    progress("telling the recipients")
    delivered = watcher.deliver()
    outcome.sent, outcome.failed_deliveries = delivered.sent, delivered.failed
    watcher.ping()
    outcome.problems = tuple(problems)
    return outcome


def _ask_all(watcher: Watcher, outcome: RoundOutcome, progress: Callable[[str], None]) -> list[str]:
    """
    Every carrier was asked about what is due; returns why one could not be asked, if so.

    A second time, because a parcel of two portals is due at one once the other was asked.
    """
    problems: dict[CarrierName, str] = {}
    for carrier in (*CarrierName, *CarrierName):
        problem = _poll_all(watcher, carrier, outcome, progress)
        if problem is not None:
            problems[carrier] = f"{carrier}: {problem}"
    return list(problems.values())


def _sync(watcher: Watcher, progress: Callable[[str], None]) -> tuple[str, ...]:
    """
    Orders from the Vendor Center API, when a shop has access to it and the time is due.
    """
    if accounts_of(watcher.settings):
        progress("asking Vendor Center for orders")
    return watcher.sync()


def _poll_all(
    watcher: Watcher,
    carrier: CarrierName,
    outcome: RoundOutcome,
    progress: Callable[[str], None],
) -> str | None:
    """
    Every due look of the carrier was made; returns why it could not be asked, if so.
    """
    due = watcher.due(carrier)
    if due:
        progress(f"asking {carrier} about {due} parcel{'' if due == 1 else 's'}")
    result = watcher.poll(carrier)
    outcome.looked += result.asked
    outcome.failed_looks += result.failed
    return result.trouble if due else None
