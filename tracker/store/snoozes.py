"""
Of whom nobody wants to hear for a while: a parcel, a carrier, a shop (promises.md R15).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from tracker.store.parts import in_parts
from tracker.store.tables import snoozes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """
    Nothing is sent about the subject until then; ``author`` is who wanted it so.
    """

    until: datetime
    author: str | None


def shop_subject(shop: str | None) -> str:
    """
    The subject that stands for everything about a shop.
    """
    return f"shop:{shop or ''}"


def latest_of(snoozes: Iterable[Snooze | None]) -> Snooze | None:
    """
    The one that ends last.
    """
    known = [one for one in snoozes if one is not None]
    return max(known, key=lambda one: one.until, default=None)


class Snoozes:
    """
    Snoozes within one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, subject: str, snooze: Snooze, now: datetime) -> None:
        """
        The subject is snoozed; an earlier snooze of it, longer or shorter, is replaced.
        """
        self.put_all([subject], snooze, now)

    def put_all(self, subjects: Iterable[str], snooze: Snooze, now: datetime) -> None:
        """
        Each of the subjects is snoozed, in place of an earlier snooze of it.
        """
        values = {"until": snooze.until, "author": snooze.author, "made_at": now}
        rows = [{"subject": subject, **values} for subject in sorted(set(subjects))]
        if not rows:
            return
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(snoozes)
        replaced = {name: statement.excluded[name] for name in values}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["subject"], set_=replaced), rows
        )

    def of(self, subjects: Iterable[str]) -> dict[str, Snooze]:
        """
        Those of the subjects that are or were snoozed.
        """
        found: dict[str, Snooze] = {}
        for part in in_parts(sorted(set(subjects))):
            query = select(snoozes).where(snoozes.c.subject.in_(part))
            for row in self._connection.execute(query).mappings():
                found[row["subject"]] = Snooze(until=row["until"], author=row["author"])
        return found
