"""
The order store: the only place that speaks SQL. It gives and takes values, never rows.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING

from tracker.model import UsageError
from tracker.store.acts import Acts
from tracker.store.alerts import Alerts
from tracker.store.boards.alerts import AlertBoard
from tracker.store.boards.centres import CentreBoard
from tracker.store.boards.parcels import ParcelBoard
from tracker.store.boards.today import TodayBoard
from tracker.store.boards.trends import Trends
from tracker.store.canaries import Canaries
from tracker.store.closures import Closures
from tracker.store.counters import Counters
from tracker.store.engine import StoreError, StoreUnavailable, begun, make_engine
from tracker.store.health import Health
from tracker.store.looks import Looks
from tracker.store.manners import Manners
from tracker.store.migrating import is_current, migrate
from tracker.store.outbox import Outbox
from tracker.store.parcels import Parcels
from tracker.store.people import People
from tracker.store.retention import KeptEvidence
from tracker.store.sightings import Sightings
from tracker.store.snoozes import Snoozes
from tracker.store.vendor import VendorAccounts
from tracker.store.wordings import Wordings
from tracker.store.writers import Writers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

__all__ = [
    "Store",
    "StoreError",
    "StoreUnavailable",
    "Transaction",
    "open_store",
    "store_if_there",
]


class Transaction:
    """
    The store's rooms within one transaction; all of it happens or nothing does.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def parcels(self) -> Parcels:
        """
        The watch list.
        """
        return Parcels(self._connection)

    @cached_property
    def parcel_board(self) -> ParcelBoard:
        """
        The watch list as people look through it.
        """
        return ParcelBoard(self._connection)

    @cached_property
    def alert_board(self) -> AlertBoard:
        """
        Alerts within what somebody may see.
        """
        return AlertBoard(self._connection, self.alerts)

    @cached_property
    def looks(self) -> Looks:
        """
        Looks and scan events.
        """
        return Looks(self._connection, self.counters)

    @cached_property
    def evidence(self) -> KeptEvidence:
        """
        What portals answered.
        """
        return KeptEvidence(self._connection)

    @cached_property
    def sightings(self) -> Sightings:
        """
        Scans that people told of.
        """
        return Sightings(self._connection)

    @cached_property
    def alerts(self) -> Alerts:
        """
        What people are asked to do.
        """
        return Alerts(self._connection, self.counters)

    @cached_property
    def acts(self) -> Acts:
        """
        What people did.
        """
        return Acts(self._connection)

    @cached_property
    def snoozes(self) -> Snoozes:
        """
        Of whom nobody wants to hear for a while.
        """
        return Snoozes(self._connection)

    @cached_property
    def outbox(self) -> Outbox:
        """
        What is to be told to whom.
        """
        return Outbox(self._connection, self.counters)

    @cached_property
    def counters(self) -> Counters:
        """
        Running totals of what was done.
        """
        return Counters(self._connection)

    @cached_property
    def health(self) -> Health:
        """
        How the watcher and the carriers are.
        """
        return Health(self._connection)

    @cached_property
    def manners(self) -> Manners:
        """
        Each carrier's pace and doubt, shared by all processes.
        """
        return Manners(self._connection)

    @cached_property
    def canaries(self) -> Canaries:
        """
        Numbers whose answer is known beforehand.
        """
        return Canaries(self._connection)

    @cached_property
    def closures(self) -> Closures:
        """
        What people entered of the centres' calendars.
        """
        return Closures(self._connection)

    @cached_property
    def wordings(self) -> Wordings:
        """
        Portals' texts that no table knows, and what people say of them.
        """
        return Wordings(self._connection)

    @cached_property
    def people(self) -> People:
        """
        Who may use the dashboard, and who is logged in.
        """
        return People(self._connection)

    @cached_property
    def centre_board(self) -> CentreBoard:
        """
        How each sorting centre stands.
        """
        return CentreBoard(self._connection)

    @cached_property
    def trends(self) -> Trends:
        """
        How parcels fared over the weeks.
        """
        return Trends(self._connection)

    @cached_property
    def today(self) -> TodayBoard:
        """
        What needs a person now.
        """
        return TodayBoard(self._connection)

    @cached_property
    def vendor(self) -> VendorAccounts:
        """
        Access to the Vendor Center API.
        """
        return VendorAccounts(self._connection)


class Store:
    """
    One database, shared by any number of workers.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = make_engine(database_url)
        one_by_one = self._engine.dialect.name == "sqlite"
        self._turn = Writers(self._engine).turn if one_by_one else nullcontext

    @contextmanager
    def begin(self, *, dry_run: bool = False) -> Iterator[Transaction]:
        """
        A writing transaction: committed at the end of the block, rolled back by an exception.

        A ``dry_run`` is rolled back in any case. Raises :class:`StoreError` when the database
        cannot be used.
        """
        with self._turn(), begun(self._engine) as connection:
            tx = Transaction(connection)
            yield tx
            if dry_run:
                connection.rollback()
            else:
                tx.counters.write()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """
        A reading transaction, which on SQLite never waits for a writer.
        """
        with begun(self._engine, reading=True) as connection:
            yield Transaction(connection)

    def close(self) -> None:
        """
        Every connection is given back.
        """
        self._engine.dispose()


def store_if_there(database_url: str) -> Store | None:
    """
    The store at the URL if there is one with today's tables; nothing is created or changed.

    Raises :class:`UsageError` for a wrong URL, :class:`StoreError` for a server out of reach.
    """
    engine = make_engine(database_url)
    try:
        return Store(database_url) if is_current(engine) else None
    finally:
        engine.dispose()


def open_store(database_url: str) -> Store:
    """
    The store at the URL, its tables brought up to date.

    Raises :class:`UsageError` for a wrong URL and for a database that cannot be opened or
    written: nothing was done then.
    """
    engine = make_engine(database_url)
    try:
        migrate(engine)
    except StoreError as error:
        raise UsageError(str(error)) from error
    finally:
        engine.dispose()
    return Store(database_url)
