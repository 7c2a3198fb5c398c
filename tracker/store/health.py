"""
How the watcher and the carriers are: heartbeats, cool-downs and carrier state, as rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.store.tables import carriers, heartbeats, notes

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from tracker.model import CarrierName


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierState:
    """
    What is known of a carrier's portal.

    ``state`` is ``unknown`` before the first look, else ``good`` or ``bad``. ``confirmed_at`` is
    when a person confirmed that the readings are right (promises.md R9).
    """

    name: CarrierName
    state: str = "unknown"
    cooldown_since: datetime | None = None
    cooldown_until: datetime | None = None
    cooldown_reason: str | None = None
    last_good_look_at: datetime | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """
    When one of the daemon's steps last ran and how it went.
    """

    name: str
    at: datetime
    ok: bool
    detail: str | None


class Health:
    """
    Heartbeats and carrier state within one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql

    def carrier(self, name: CarrierName) -> CarrierState:
        """
        What is known of the carrier; an unknown one has never been asked.
        """
        row = (
            self._connection.execute(select(carriers).where(carriers.c.name == name.value))
            .mappings()
            .first()
        )
        if row is None:
            return CarrierState(name=name)
        return CarrierState(
            name=name,
            state=row["state"],
            cooldown_since=row["cooldown_since"],
            cooldown_until=row["cooldown_until"],
            cooldown_reason=row["cooldown_reason"],
            last_good_look_at=row["last_good_look_at"],
            confirmed_at=row["confirmed_at"],
        )

    def cool_down(self, name: CarrierName, now: datetime, until: datetime, reason: str) -> None:
        """
        Nobody asks the carrier before ``until``; a longer cool-down that stands already stays.
        """
        self._ensure(name)
        known = self.carrier(name)
        since = known.cooldown_since if self.is_cooling(name, now) else now
        self._connection.execute(
            update(carriers)
            .where(
                carriers.c.name == name.value,
                or_(carriers.c.cooldown_until.is_(None), carriers.c.cooldown_until < until),
            )
            .values(cooldown_since=since, cooldown_until=until, cooldown_reason=reason[:500])
        )

    def is_cooling(self, name: CarrierName, now: datetime) -> bool:
        """
        True while the carrier must not be asked.
        """
        until = self.carrier(name).cooldown_until
        return until is not None and until > now

    def saw(self, name: CarrierName, at: datetime) -> None:
        """
        The carrier was looked at successfully at ``at``, or later.
        """
        self._ensure(name)
        self._connection.execute(
            update(carriers)
            .where(
                carriers.c.name == name.value,
                or_(carriers.c.last_good_look_at.is_(None), carriers.c.last_good_look_at < at),
            )
            .values(last_good_look_at=at)
        )

    def confirm(self, name: CarrierName, at: datetime) -> None:
        """
        A person found the readings of this carrier's portal right at ``at`` (promises.md R9).
        """
        self._ensure(name)
        self._connection.execute(
            update(carriers).where(carriers.c.name == name.value).values(confirmed_at=at)
        )

    def set_state(self, name: CarrierName, state: str) -> bool:
        """
        The carrier's health is ``state``; true if it was another one.
        """
        self._ensure(name)
        result = self._connection.execute(
            update(carriers)
            .where(carriers.c.name == name.value, carriers.c.state != state)
            .values(state=state)
        )
        return result.rowcount == 1

    def beat(self, name: str, at: datetime, *, ok: bool = True, detail: str | None = None) -> None:
        """
        The daemon's step ``name`` ran at ``at``.
        """
        values = {"at": at, "ok": ok, "detail": detail}
        self._upsert(heartbeats, {"name": name}, values)

    def beats(self) -> tuple[Heartbeat, ...]:
        """
        Every heartbeat, by name.
        """
        query = select(heartbeats).order_by(heartbeats.c.name)
        return tuple(
            Heartbeat(name=row["name"], at=row["at"], ok=row["ok"], detail=row["detail"])
            for row in self._connection.execute(query).mappings()
        )

    def forget_beat(self, name: str) -> None:
        """
        The step ``name`` is no more, and its missed ticks with it.
        """
        gone = heartbeats.c.name.in_((name, f"missed:{name}"))
        self._connection.execute(delete(heartbeats).where(gone))

    def note(self, key: str) -> str | None:
        """
        A small fact about the store itself.
        """
        value: str | None = self._connection.execute(
            select(notes.c.value).where(notes.c.key == key)
        ).scalar()
        return value

    def set_note(self, key: str, value: str) -> None:
        """
        The small fact is on record.
        """
        self._upsert(notes, {"key": key}, {"value": value})

    def _ensure(self, name: CarrierName) -> None:
        self._connection.execute(
            self._dialect.insert(carriers)
            .values(name=name.value, state="unknown")
            .on_conflict_do_nothing()
        )

    def _upsert(self, table: Any, key: dict[str, Any], values: dict[str, Any]) -> None:
        statement = self._dialect.insert(table).values(**key, **values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(key), set_=values)
        )
