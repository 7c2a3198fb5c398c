"""
Stores and settings that benchmarks work on: fresh, in a temporary folder, without the user's own.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.clock import utc_now
from tracker.model import CarrierName, Service
from tracker.planning.watching import settle
from tracker.settings import load_settings
from tracker.store import Store, open_store
from tracker.store.parcels import ParcelDraft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.planning.deadlines import Deadlines
    from tracker.settings import Settings
    from tracker.store import Transaction

#: A scan deadline that a hand-over so long ago has is past, whatever the holidays.
LATE = timedelta(days=7)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """
    A folder that is gone after the block.
    """
    with tempfile.TemporaryDirectory(prefix="scan-tracker-bench-") as folder:
        yield Path(folder)


@contextmanager
def temporary_store() -> Iterator[Store]:
    """
    An empty store in an SQLite file.
    """
    with temporary_folder() as folder:
        store = open_store(f"sqlite:///{folder / 'bench.db'}")
        try:
            yield store
        finally:
            store.close()


def default_settings() -> Settings:
    """
    The defaults.

    Raises ``RuntimeError`` where a configuration of the user's would change what is measured.
    """
    if Path("tracker.toml").exists() or any(name.startswith("TRACKER_") for name in os.environ):
        raise RuntimeError(
            "run the benchmarks without a tracker.toml and without TRACKER_ variables"
        )
    return load_settings()


def own_environment(folder: Path, **settings: str) -> dict[str, str]:
    """
    The environment of a ``tracker`` process of its own, with its database in ``folder``.
    """
    return {
        **os.environ,
        "TRACKER_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        **settings,
    }


def postal_number(index: int) -> str:
    """
    A postal tracking number; numbers of one run differ, the check digit is not computed.
    """
    return f"UH{index:09d}KG"


def watched(index: int, deadlines: Deadlines) -> ParcelDraft:
    """
    A postal parcel that was handed over three hours ago and waits for its scan.
    """
    now = utc_now()
    return deadlines.derived(
        ParcelDraft(
            tracking_number=postal_number(index),
            order_number=str(300_000_000 + index),
            shop="Bench Shop",
            country="NG",
            service=Service.POSTAL,
            carrier=CarrierName.CLEVY,
            created_at=now - timedelta(days=3),
            handed_over_at=now - timedelta(hours=3),
        )
    )


def overdue(index: int, deadlines: Deadlines) -> ParcelDraft:
    """
    The same, handed over a week ago: its scan is late.
    """
    given = utc_now() - LATE
    draft = watched(index, deadlines)
    return deadlines.derived(
        replace(draft, created_at=given - timedelta(days=1), handed_over_at=given)
    )


def add_due(tx: Transaction, count: int, deadlines: Deadlines) -> None:
    """
    The transaction's store has ``count`` postal parcels that are due for their first look.
    """
    now = utc_now()
    for index in range(count):
        settle(tx, tx.parcels.add(watched(index, deadlines), now), deadlines, now)
