"""
What people entered of the centres' calendars: closures, extra open days, cut-offs, peaks.

An entry is never changed and never deleted: it is withdrawn, and stays as history. ``counted``
tells whether the stored deadlines follow it already, an entry or its withdrawal alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select, update

from tracker.model import CalendarException, CarrierName
from tracker.store.room import Room, inserted_id
from tracker.store.tables import closures
from tracker.store.types import storable, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import RowMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredException:
    """
    One entry with who made it and, if it holds no more, who took it back.
    """

    id: int
    entry: CalendarException
    author: str | None
    entered_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    counted: bool


class Closures(Room):
    """
    Entered calendar exceptions within one transaction.
    """

    def alone(self) -> None:
        """
        Nobody else enters, withdraws or counts with entries until this transaction ends.

        To be called first: two that read before they write would wait for each other.
        """
        self._lock("SHARE ROW EXCLUSIVE")

    def enter(self, entry: CalendarException, author: str | None, now: datetime) -> int:
        """
        The entry holds from now on, beside those that hold already; its id.
        """
        effect, value = entry.effect
        result = self._connection.execute(
            insert(closures).values(
                centre=entry.centre,
                carrier=text_of(entry.carrier),
                first_day=entry.first,
                last_day=entry.last,
                effect=effect,
                value=value,
                note=storable(entry.note) if entry.note else None,
                author=storable(author) if author else None,
                entered_at=now,
                counted=False,
            )
        )
        self._forget()
        return inserted_id(result)

    def withdraw(self, entry_id: int, author: str | None, now: datetime) -> bool:
        """
        The entry holds no more; false when there is none of that id that holds.
        """
        result = self._connection.execute(
            update(closures)
            .where(closures.c.id == entry_id, closures.c.withdrawn_at.is_(None))
            .values(
                withdrawn_at=now,
                withdrawn_by=storable(author) if author else None,
                counted=False,
            )
        )
        self._forget()
        return result.rowcount == 1

    def in_force(self) -> tuple[CalendarException, ...]:
        """
        The entries that hold, in the order of entry: one read in a transaction.

        In a writing transaction none is entered or withdrawn until it ends, so that no deadline
        is ever stored that another transaction's entry has overtaken.
        """
        return tuple(one.entry for one in self._known if one.withdrawn_at is None)

    def uncounted(self) -> tuple[EnteredException, ...]:
        """
        The entries and withdrawals that the stored deadlines do not follow yet.
        """
        return tuple(one for one in self._known if not one.counted)

    def counted(self, entries: Iterable[EnteredException]) -> None:
        """
        The stored deadlines follow these, unless one was withdrawn since it was read.
        """
        for one in entries:
            same = closures.c.withdrawn_at.is_(None)
            self._connection.execute(
                update(closures)
                .where(closures.c.id == one.id, same if one.withdrawn_at is None else ~same)
                .values(counted=True)
            )
        self._forget()

    def get(self, entry_id: int) -> EnteredException | None:
        """
        One entry, withdrawn or not.
        """
        query = select(closures).where(closures.c.id == entry_id)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _entered(row)

    def all(self) -> tuple[EnteredException, ...]:
        """
        Every entry that was ever made, in the order of entry.
        """
        query = select(closures).order_by(closures.c.id)
        return tuple(_entered(row) for row in self._connection.execute(query).mappings())

    @cached_property
    def _known(self) -> tuple[EnteredException, ...]:
        """
        Those that hold or are not counted yet: all that anybody needs to follow them.
        """
        if not self._connection.get_execution_options().get("scan_tracker_reading", False):
            self._lock("SHARE")
        query = (
            select(closures)
            .where(or_(closures.c.withdrawn_at.is_(None), closures.c.counted.is_(False)))
            .order_by(closures.c.id)
        )
        return tuple(_entered(row) for row in self._connection.execute(query).mappings())

    def _lock(self, mode: str) -> None:
        # SQLite has one writer at a time anyway.
        if self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql(f"LOCK TABLE closures IN {mode} MODE")

    def _forget(self) -> None:
        self.__dict__.pop("_known", None)


def _entered(row: RowMapping) -> EnteredException:
    effect, value = row["effect"], row["value"]
    entry = CalendarException(
        first=row["first_day"],
        last=row["last_day"],
        centre=row["centre"],
        carrier=CarrierName(row["carrier"]) if row["carrier"] else None,
        closed=effect == "closed",
        open=effect == "open",
        cutoff=value if effect == "cutoff" else None,
        extra_working_days=int(value) if effect == "extra_working_days" else 0,
        note=row["note"],
    )
    return EnteredException(
        id=row["id"],
        entry=entry,
        author=row["author"],
        entered_at=row["entered_at"],
        withdrawn_at=row["withdrawn_at"],
        withdrawn_by=row["withdrawn_by"],
        counted=row["counted"],
    )
