"""
A seller's access to the Vendor Center API: the living tokens, who renews them, how far we are.

Every renewal kills the refresh token before it (domain.md 5.2), so the new one is stored by the one
statement :meth:`VendorAccounts.rotated` before anything is done with what it gives access to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.store.tables import vendor_accounts

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Connection

#: How many earlier tokens of the settings are remembered, so that none of them comes back.
MOST_SEEDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorAccount:
    """
    What is known of one client id; both tokens are secrets.
    """

    client_id: str
    refresh_token: str = field(repr=False)
    seeds: tuple[str, ...] = field(repr=False)
    access_token: str | None = field(repr=False)
    expires_at: datetime | None
    rotated_at: datetime | None
    unsure_at: datetime | None
    refused_at: datetime | None
    lease_until: datetime | None
    lease_owner: str | None
    next_slot_at: datetime | None
    tried_at: datetime | None
    synced_at: datetime | None
    synced_until: datetime | None
    scope: str | None
    problem: str | None


class VendorAccounts:
    """
    The accounts within one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql

    def get(self, client_id: str, *, lock: bool = False) -> VendorAccount | None:
        """
        The account; ``lock`` keeps other writers of it out until the transaction ends.
        """
        query = select(vendor_accounts).where(_is(client_id))
        if lock:
            query = query.with_for_update()
        row = self._connection.execute(query).mappings().first()
        if row is None:
            return None
        return VendorAccount(**(dict(row) | {"seeds": tuple(row["seeds"])}))

    def open(self, client_id: str, token: str, seed: str) -> VendorAccount:
        """
        The account, locked: begun with ``token`` when it is new, or when a person gave another.

        ``seed`` is the token's hash. A token of the settings that was seen before is one that its
        own chain has outlived, and changes nothing: a daemon may still run with older settings.
        """
        self._connection.execute(
            self._dialect.insert(vendor_accounts)
            .values(client_id=client_id, refresh_token=token, seeds=[seed])
            .on_conflict_do_nothing()
        )
        known = self._locked(client_id)
        if seed in known.seeds:
            return known
        self._set(
            client_id,
            refresh_token=token,
            seeds=[*known.seeds, seed][-MOST_SEEDS:],
            access_token=None,
            expires_at=None,
            rotated_at=None,
            unsure_at=None,
            refused_at=None,
            problem=None,
        )
        return self._locked(client_id)

    def _locked(self, client_id: str) -> VendorAccount:
        account = self.get(client_id, lock=True)
        if account is None:
            raise LookupError(client_id)
        return account

    # -- tokens ------------------------------------------------------------------------------

    def lease(self, client_id: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """
        True when ``owner`` alone may renew the token until the lease is over.
        """
        free = or_(
            vendor_accounts.c.lease_until.is_(None),
            vendor_accounts.c.lease_until <= now,
            vendor_accounts.c.lease_owner == owner,
        )
        return self._set(client_id, free, lease_until=now + lease, lease_owner=owner)

    def release(self, client_id: str, owner: str) -> None:
        """
        Somebody else may renew the token.
        """
        mine = vendor_accounts.c.lease_owner == owner
        self._set(client_id, mine, lease_until=None, lease_owner=None)

    def rotated(
        self,
        client_id: str,
        *,
        used: str,
        refresh_token: str,
        access_token: str,
        expires_at: datetime,
        now: datetime,
    ) -> bool:
        """
        The token that ``used`` was renewed to is the living one.

        False, and nothing stored, when the living one is not ``used`` any more: a person gave
        another meanwhile.
        """
        return self._set(
            client_id,
            vendor_accounts.c.refresh_token == used,
            refresh_token=refresh_token,
            access_token=access_token,
            expires_at=expires_at,
            rotated_at=now,
            unsure_at=None,
            refused_at=None,
            lease_until=None,
            lease_owner=None,
        )

    def unsure(self, client_id: str, used: str, at: datetime) -> None:
        """
        ``used`` was sent and no answer came: it may be dead and its heir lost.
        """
        self._set(client_id, vendor_accounts.c.refresh_token == used, unsure_at=at)

    def refused(self, client_id: str, used: str, at: datetime) -> bool:
        """
        ``used`` is dead; false when it is not the stored one any more.
        """
        return self._set(client_id, vendor_accounts.c.refresh_token == used, refused_at=at)

    def drop_access(self, client_id: str, access_token: str) -> None:
        """
        The access token is not used again.
        """
        same = vendor_accounts.c.access_token == access_token
        self._set(client_id, same, access_token=None, expires_at=None)

    # -- pace and progress -------------------------------------------------------------------

    def next_slot(self, client_id: str, now: datetime, every: timedelta) -> datetime:
        """
        When the caller may send one request; the next caller's turn is ``every`` later.
        """
        account = self._locked(client_id)
        slot = max(account.next_slot_at or now, now)
        self._set(client_id, next_slot_at=slot + every)
        return slot

    def not_before(self, client_id: str, at: datetime) -> None:
        """
        Nobody sends a request before ``at``; a later instant that stands already stays.
        """
        earlier = or_(vendor_accounts.c.next_slot_at.is_(None), vendor_accounts.c.next_slot_at < at)
        self._set(client_id, earlier, next_slot_at=at)

    def claim(self, client_id: str, now: datetime, every: timedelta) -> bool:
        """
        True when a sync is due; then the next one is due ``every`` later, for all processes.
        """
        due = or_(vendor_accounts.c.tried_at.is_(None), vendor_accounts.c.tried_at <= now - every)
        return self._set(client_id, due, tried_at=now)

    def begin(self, client_id: str, scope: str, at: datetime) -> VendorAccount:
        """
        A sync of the shops that ``scope`` stands for begins; of other shops nothing is known yet.
        """
        other = or_(vendor_accounts.c.scope.is_(None), vendor_accounts.c.scope != scope)
        self._set(client_id, other, scope=scope, synced_until=None)
        self._set(client_id, tried_at=at)
        return self._locked(client_id)

    def failed(self, client_id: str, problem: str) -> None:
        """
        The last sync ended with this problem.
        """
        self._set(client_id, problem=problem[:1000])

    def synced(self, client_id: str, *, at: datetime, until: datetime, problem: str | None) -> None:
        """
        A sync ended well at ``at``: every order changed before ``until`` is known.
        """
        self._set(client_id, synced_at=at, synced_until=until, problem=problem)

    def _set(self, client_id: str, *conditions: ColumnElement[bool], **values: Any) -> bool:
        result = self._connection.execute(
            update(vendor_accounts).where(_is(client_id), *conditions).values(**values)
        )
        return result.rowcount == 1


def _is(client_id: str) -> ColumnElement[bool]:
    return vendor_accounts.c.client_id == client_id
