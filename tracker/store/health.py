"""
How the watcher and the carriers are: heartbeats, cool-downs and carrier state, as rows.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import CarrierName
from tracker.store.tables import carriers, heartbeats, notes

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

#: A cool-down that begins further ahead than clocks differ was made by one that was set back since.
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierState:
    """
    What is known of a carrier's portal.

    ``state`` is ``unknown`` before the first look, else ``good`` or ``bad``. ``confirmed_at`` is
    when a person confirmed that the readings are right, ``doubt`` why the last round that was
    judged proves nothing (promises.md R9). ``failing_rounds`` counts the rounds without any good
    look since the last one with some; ``check_failure`` is the failed step of the daily check.
    """

    name: CarrierName
    state: str = "unknown"
    cooldown_since: datetime | None = None
    cooldown_until: datetime | None = None
    cooldown_reason: str | None = None
    last_good_look_at: datetime | None = None
    confirmed_at: datetime | None = None
    doubt: str | None = None
    doubted_at: datetime | None = None
    next_slot_at: datetime | None = None
    failing_rounds: int = 0
    checked_at: datetime | None = None
    check_failure: str | None = None

    def cools(self, now: datetime) -> bool:
        """
        True while the carrier must not be asked.

        A cool-down that a clock began which has been set back since counts for nothing: else it
        would last for as long as the clock was ahead (promises.md R1).
        """
        since, until = self.cooldown_since, self.cooldown_until
        begun = since is None or since <= now + CLOCKS_DIFFER
        return begun and until is not None and until > now

    @property
    def mistrust(self) -> str | None:
        """
        Why no look at this carrier proves anything at present, in words; ``None`` if it may.

        A failed check counts until a good look shows that the portal is read again.
        """
        if self.doubt is not None:
            return self.doubt
        if self.check_failure is None or self._seen_since_check:
            return None
        return f"the daily check failed: {self.check_failure}"

    @property
    def _seen_since_check(self) -> bool:
        seen, checked = self.last_good_look_at, self.checked_at
        return seen is not None and checked is not None and seen > checked


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

    def carrier(self, name: CarrierName, *, lock: bool = False) -> CarrierState:
        """
        What is known of the carrier; an unknown one has never been asked.

        ``lock`` keeps other writers of it out until the transaction ends.
        """
        query = select(carriers).where(carriers.c.name == name.value)
        if lock:
            query = query.with_for_update()
        row = self._connection.execute(query).mappings().first()
        return CarrierState(name=name) if row is None else _state(row)

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
                or_(
                    carriers.c.cooldown_until.is_(None),
                    carriers.c.cooldown_until < until,
                    carriers.c.cooldown_since > now + CLOCKS_DIFFER,
                ),
            )
            .values(cooldown_since=since, cooldown_until=until, cooldown_reason=reason[:500])
        )

    def is_cooling(self, name: CarrierName, now: datetime) -> bool:
        """
        True while the carrier must not be asked.
        """
        return self.carrier(name).cools(now)

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

    def claim_check(self, name: CarrierName, now: datetime, before: datetime) -> bool:
        """
        True when the carrier was last checked before ``before``: the check is the caller's then.

        Of several processes one gets it, and a check that dies is not tried again at once. A
        failure that a good look has overcome since is forgotten: it must not look new.
        """
        self._ensure(name)
        overcome = carriers.c.last_good_look_at > carriers.c.checked_at
        result = self._connection.execute(
            update(carriers)
            .where(
                carriers.c.name == name.value,
                or_(carriers.c.checked_at.is_(None), carriers.c.checked_at <= before),
            )
            .values(
                checked_at=now,
                check_failure=case((overcome, None), else_=carriers.c.check_failure),
            )
        )
        return result.rowcount == 1

    def checked(self, name: CarrierName, at: datetime, failure: str | None) -> None:
        """
        The portal was checked at ``at``: which step failed and why, or ``None`` for none.
        """
        self._ensure(name)
        told = None if failure is None else failure[:1000]
        self._connection.execute(
            update(carriers)
            .where(carriers.c.name == name.value)
            .values(checked_at=at, check_failure=told)
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
        ensure_carrier(self._connection, name)

    def _upsert(self, table: Any, key: dict[str, Any], values: dict[str, Any]) -> None:
        statement = self._dialect.insert(table).values(**key, **values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(key), set_=values)
        )


def ensure_carrier(connection: Connection, name: CarrierName) -> None:
    """
    The carrier has its row.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(
        dialect.insert(carriers).values(name=name.value, state="unknown").on_conflict_do_nothing()
    )


def _state(row: RowMapping) -> CarrierState:
    values = {field.name: row[field.name] for field in fields(CarrierState)}
    return CarrierState(**values | {"name": CarrierName(row["name"])})
