"""
Figures for Prometheus, read from the store when they are asked for.

Any number of processes share the totals, and a restart loses none. Nothing is told by shop, number
or recipient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from tracker.metrics.figures import families_of, read_figures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from prometheus_client import Metric

    from tracker.settings import Settings
    from tracker.store import Store

#: What the exposition's bytes are.
CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition(store: Store, settings: Settings, now: datetime) -> bytes:
    """
    Every figure as of ``now`` in Prometheus's text format.

    Raises :class:`tracker.store.StoreError` when the database cannot be read.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(store, settings, now))
    return generate_latest(registry)


class _Collector:
    """
    Hands the figures to prometheus_client; all of them are read when it collects.
    """

    def __init__(self, store: Store, settings: Settings, now: datetime) -> None:
        self._store = store
        self._settings = settings
        self._now = now

    def describe(self) -> tuple[Metric, ...]:
        """
        Nothing: a registry that asks must not make the store be read twice.
        """
        return ()

    def collect(self) -> Iterator[Metric]:
        """
        Each figure with its samples.
        """
        yield from families_of(read_figures(self._store, self._settings, self._now))
