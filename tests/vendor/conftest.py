"""
A published Vendor Center on loopback, and a store that syncs from it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.support.vendorcenter import CLIENT, SEED, VendorCenterServer
from tracker.clock import utc_now
from tracker.planning.deadlines import Deadlines
from tracker.settings import load_settings
from tracker.store import Store
from tracker.vendor.accounts import accounts_of
from tracker.vendor.sync import Syncing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from tracker.model import Parcel
    from tracker.store.vendor import VendorAccount
    from tracker.vendor.sync import SyncResult

NOW = "2026-11-24T06:00:00+00:00"


def shops(*, token: str = SEED, client: str = CLIENT) -> str:
    """
    One shop with access to the API.
    """
    return f"""
[[shops]]
name = "Lagos Lights"
country = "NG"
vendor_center = {{ client_id = "{client}", refresh_token = "{token}" }}
"""


@dataclass
class Desk:
    """
    One process that syncs, on one database and one server; time stands at ``now`` but for pauses.
    """

    store: Store
    server: VendorCenterServer
    config: Path
    database_url: str
    now: datetime
    paused: float = 0.0

    def configure(self, text: str) -> None:
        """
        The configuration file says this now.
        """
        head = f'database_url = "{self.database_url}"\n'
        self.config.write_text(head + self.server.config() + text)

    def syncing(self) -> Syncing:
        """
        What a command or the daemon syncs with, under the configuration as it stands.
        """
        return Syncing(
            store=self.store,
            deadlines=Deadlines(load_settings()),
            clock=lambda: self.now,
            pause=self.pause,
        )

    def pause(self, seconds: float) -> None:
        """
        Long pauses of retries are noted and cut short.
        """
        self.paused += max(seconds, 0.0)
        time.sleep(min(max(seconds, 0.0), 0.01))

    def sync(self, *, dry_run: bool = False) -> SyncResult:
        """
        One sync of the only account.
        """
        (account,) = accounts_of(load_settings())
        return replace(self.syncing(), dry_run=dry_run).sync(account)

    def parcel(self, number: str) -> Parcel:
        """
        The newest parcel that bears the number.
        """
        with self.store.read() as tx:
            return tx.parcels.by_number(number, self.now)[0].parcel

    def account(self) -> VendorAccount:
        """
        The account as stored.
        """
        with self.store.read() as tx:
            known = tx.vendor.get(CLIENT)
        assert known is not None
        return known


@pytest.fixture
def server() -> Iterator[VendorCenterServer]:
    """
    The API.
    """
    with VendorCenterServer() as running:
        yield running


def opened_desk(
    database_url: str,
    server: VendorCenterServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """
    A desk whose configuration is a file of the test's own.
    """
    config = tmp_path / "tracker.toml"
    monkeypatch.setenv("TRACKER_CONFIG", str(config))
    now = utc_now().fromisoformat(NOW)
    made = Desk(Store(database_url), server, config, database_url, now)
    made.configure(shops())
    return made


@pytest.fixture
def desk(
    sqlite_files: object,
    server: VendorCenterServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Desk]:
    """
    A desk on SQLite.
    """
    url = request.getfixturevalue("sqlite_files").migrated()
    made = opened_desk(url, server, tmp_path, monkeypatch)
    yield made
    made.store.close()


@pytest.fixture
def any_desk(
    database_url: str,
    server: VendorCenterServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """
    A desk on each of the two engines.
    """
    made = opened_desk(database_url, server, tmp_path, monkeypatch)
    yield made
    made.store.close()
