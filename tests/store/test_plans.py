"""
What is asked often is answered from an index made for it, however much is stored.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from tests.support.builders import NOON, SEKO, after, draft
from tests.support.plans import plans_of
from tracker.searching import numbers_meant
from tracker.store import Store
from tracker.store.boards.parcels import ParcelFilter, Sort
from tracker.store.drafts import draft_values
from tracker.store.tables import alerts, deliveries, looks, parcels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from tests.support.databases import Databases
    from tracker.store import Transaction

STORED = 6_000
DUE = 20
RECIPIENTS = 20


@pytest.fixture(scope="module", params=["sqlite_files", "postgres"])
def full(request: pytest.FixtureRequest) -> Iterator[Store]:
    """
    A store with thousands of parcels and deliveries, of which few are due.
    """
    supply: Databases = request.getfixturevalue(request.param)
    store = Store(supply.migrated())
    with store.begin() as tx:
        _fill(tx._connection)
    yield store
    store.close()


def _fill(connection: Connection) -> None:
    connection.execute(insert(parcels), [_parcel(index) for index in range(STORED)])
    connection.execute(insert(looks), [_look(index) for index in range(STORED)])
    connection.execute(insert(alerts), [_alert(index) for index in range(STORED)])
    connection.execute(insert(deliveries), [_delivery(index) for index in range(STORED)])
    connection.exec_driver_sql("ANALYZE")


def _parcel(index: int) -> dict[str, Any]:
    at = NOON if index < DUE else None
    return draft_values(draft(index)) | {
        "next_carrier": SEKO,
        "id": index + 1,
        "first_seen_at": NOON,
        "next_look_at": at,
        "decide_at": at,
        "scan_deadline": NOON,
        "auto_cancel_at": after(days=5, minutes=index),
        "scanned": index >= DUE,
    }


def _look(index: int) -> dict[str, Any]:
    return {
        "parcel_id": index + 1,
        "carrier": SEKO.value,
        "looked_at": after(minutes=1),
        "outcome": "no_events",
    }


def _alert(index: int) -> dict[str, Any]:
    return {
        "id": index + 1,
        "kind": "urge_scan",
        "subject": f"parcel:{index + 1}",
        "occasion": "",
        "parcel_id": index + 1,
        "opened_at": NOON,
        "closed_at": None if index < DUE else NOON,
        "state": "open" if index < DUE else "closed",
        "reason": "",
    }


def _delivery(index: int) -> dict[str, Any]:
    return {
        "alert_id": index + 1,
        "channel": "email",
        "recipient": f"seller@{index // DUE}.shop.example",
        "notice": "first",
        "state": "pending" if index < RECIPIENTS * DUE else "sent",
        "created_at": NOON,
        "next_attempt_at": NOON,
    }


def _claim_due(tx: Transaction) -> int:
    lease = timedelta(minutes=1)
    return len(tx.parcels.claim_due(SEKO, NOON, limit=DUE, owner="a", lease=lease))


def _to_decide(tx: Transaction) -> int:
    return len(tx.parcels.to_decide(NOON, 2_000))


def _due_count(tx: Transaction) -> int:
    return tx.parcels.due_count(SEKO, NOON)


def _pick(tx: Transaction) -> int:
    picked = tx.outbox.pick(after(hours=1), free_again=lambda _, last: last + timedelta(hours=1))
    return 0 if picked is None else len(picked.deliveries)


def _canary(tx: Transaction) -> int:
    lease = timedelta(minutes=1)
    since = after(days=-10)
    tx.canaries.lease_scanned(SEKO, NOON, since=since, limit=1, owner="a", lease=lease)
    return DUE


def _open_alerts(tx: Transaction) -> int:
    return len(tx.alerts.matching())


def _verdicts(tx: Transaction) -> int:
    return 0 if tx.parcels.awaits_verdict(None, after(minutes=2)) else DUE


def _last_good(tx: Transaction) -> int:
    return len(tx.looks.last_good(range(1, DUE + 1), SEKO))


def _first_attempt(tx: Transaction) -> int:
    return len(tx.looks.first_attempts_since(range(1, DUE + 1), NOON))


QUESTIONS = [
    (_canary, "ix_parcels_scanned"),
    (_claim_due, "ix_parcels_due"),
    (_due_count, "ix_parcels_due"),
    (_to_decide, "ix_parcels_decide"),
    (_pick, "ix_deliveries_unsent"),
    (_open_alerts, "ix_alerts_open"),
    (_verdicts, "ix_parcels_unscanned"),
    (_last_good, "ix_looks_parcel_id_carrier_looked_at"),
    (_first_attempt, "ix_looks_parcel_id_carrier_looked_at"),
]


@pytest.mark.parametrize(("question", "index"), QUESTIONS)
def test_a_ticks_question_uses_its_partial_index(
    full: Store, question: Callable[[Transaction], int], index: str
) -> None:
    """
    Its first statement finds what is due through the index that holds nothing else.
    """
    with full.begin(dry_run=True) as tx, plans_of(tx._connection) as plans:
        assert question(tx) == DUE
    assert index in plans[0]


def test_a_message_is_gathered_by_its_recipient(full: Store) -> None:
    """
    Once it is known who is told next, nothing that is due to others is read.
    """
    with full.begin(dry_run=True) as tx, plans_of(tx._connection) as plans:
        assert _pick(tx) == DUE
    assert "ix_deliveries_unsent_to" in plans[1]


def test_a_search_never_reads_the_whole_list_for_a_few(full: Store) -> None:
    """
    However many PostgreSQL takes the numbers for that begin alike: here it knows nothing of them.
    """
    wanted = ParcelFilter(search=numbers_meant("319365"))
    with full.begin(dry_run=True) as tx:
        if tx._connection.dialect.name == "postgresql":
            tx._connection.exec_driver_sql("DELETE FROM pg_statistic")
        with plans_of(tx._connection) as plans:
            counted = tx.parcel_board.counts(None, wanted, NOON)
            page = tx.parcel_board.page(None, wanted, NOON, sort=Sort.DEADLINE, limit=5)
    assert (sum(counted.values()), len(page)) == (1_000, 5)
    assert not [plan for plan in plans if "Seq Scan on parcels" in plan]


@pytest.mark.parametrize("shop", [None, "Lagos Lights"])
def test_what_most_numbers_begin_with_is_counted_in_the_counting_index(
    full: Store, shop: str | None
) -> None:
    """
    All of them are counted, each once, as without a search; the rows themselves are not read.
    """
    scope = None if shop is None else frozenset({shop})
    wanted = ParcelFilter(search=numbers_meant("3193"))
    with full.begin(dry_run=True) as tx:
        with plans_of(tx._connection) as plans:
            counted = tx.parcel_board.counts(scope, wanted, NOON)
        assert counted == tx.parcel_board.counts(scope, ParcelFilter(), NOON)
        sqlite = tx._connection.dialect.name == "sqlite"
    assert sum(counted.values()) == STORED
    if sqlite and scope is None:  # PostgreSQL reads so few rows as it likes
        assert "SCAN parcels USING INDEX ix_parcels_standing\nLIST SUBQUERY" in plans[-1]


def test_the_first_to_be_cancelled_is_read_by_its_number(full: Store) -> None:
    """
    Of the parcels asked about each is read, not every cancellation until one of them is met.
    """
    with full.begin(dry_run=True) as tx, plans_of(tx._connection) as plans:
        tx.parcels.first_cancelled(range(1, STORED, 2))
    assert not [plan for plan in plans if "auto_cancel_at" in plan and "ix_parcels" in plan]
