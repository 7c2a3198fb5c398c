"""
Running totals of what was done, whichever process did it; they survive restarts.

They are gathered while a transaction works and written as the last thing that it does, in one
order: two writers hold each other up for no longer than a commit, and never in a circle.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from tracker.store.room import Room
from tracker.store.tables import counters

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

LOOKS = "looks"  # carrier, outcome
OPENED = "alerts_opened"  # kind
CLOSED = "alerts_closed"  # kind, cause
DELIVERIES = "deliveries"  # channel, what became of an attempt
DELAYS = "delivery_seconds"  # channel, the bucket's upper bound in seconds
DELAY_SUMS = "delivery_seconds_sum"  # channel

#: Upper bounds in seconds of the classes in which the time until a message arrived is counted.
DELAY_BOUNDS = (60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 72 * 3600)
BEYOND = "+Inf"


class Counters(Room):
    """
    Totals within one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._gathered: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, *labels: str, count: int = 1) -> None:
        """
        The total with these labels will have grown by ``count`` when the transaction ends.
        """
        self._gathered[name, ",".join(labels)] += count

    def delivered(self, channel: str, decided: datetime, arrived: datetime) -> None:
        """
        A notice that was decided on then arrived, by the channel; the send window's wait counts.
        """
        seconds = max(0, round((arrived - decided).total_seconds()))
        bound = next((str(one) for one in DELAY_BOUNDS if seconds <= one), BEYOND)
        self.add(DELAYS, channel, bound)
        self.add(DELAY_SUMS, channel, count=seconds)

    def write(self) -> None:
        """
        What was gathered is in the table.
        """
        rows = [
            {"name": name, "labels": labels, "value": value}
            for (name, labels), value in sorted(self._gathered.items())
            if value
        ]
        self._gathered.clear()
        if not rows:
            return
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        insert = dialect.insert(counters).values(rows)
        grown = {"value": counters.c.value + insert.excluded.value}
        self._connection.execute(
            insert.on_conflict_do_update(index_elements=["name", "labels"], set_=grown)
        )

    def totals(self) -> dict[str, dict[tuple[str, ...], int]]:
        """
        Every total by its name, then by its labels.
        """
        found: dict[str, dict[tuple[str, ...], int]] = {}
        for name, labels, value in self._connection.execute(select(counters)):
            found.setdefault(name, {})[tuple(labels.split(","))] = value
        return found
