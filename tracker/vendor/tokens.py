"""
The access token of an account, renewed by one process at a time.

A renewal kills the refresh token that it uses, and the answer holds the only heir: it is stored
before anybody uses what came with it. A lease in the database, and not a lock, keeps the others
waiting meanwhile, so that no writer waits for a network, and a crash blocks nobody for long. What
a crash between the server's renewal and our commit loses, only a person can bring back.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from tracker.store import StoreUnavailable
from tracker.vendor.errors import (
    Busy,
    RenewalFailed,
    TokenRefused,
    Unreachable,
    VendorCenterError,
)
from tracker.vendor.pages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.clock import Clock
    from tracker.store import Store
    from tracker.store.vendor import VendorAccount
    from tracker.vendor.accounts import Account
    from tracker.vendor.wire import Reply, Wire

#: An access token that ends sooner is renewed at once.
MARGIN: Final = timedelta(seconds=60)
#: What the lease lasts beyond the renewal's own time limits.
LEASE_BEYOND: Final = timedelta(seconds=30)
#: How long a renewed token is tried to be stored.
STORE_SECONDS: Final = 60
#: How long to wait between two looks at somebody else's renewal.
WAIT_SECONDS: Final = 0.25
#: An access token is used for so long at least, however short the server says that it lives.
_A_WHILE: Final = timedelta(seconds=30)
_LONGEST_LIFE: Final = 10.0 * 365 * 24 * 3600  # seconds; more is no duration
_DEAD: Final = frozenset({"invalid_grant", "invalid_client", "unauthorized_client"})
_CODE: Final = re.compile(r"[a-z_]{1,40}")


@dataclass(slots=True, kw_only=True)
class Tokens:
    """
    Gives the access token of one account; ``pause`` waits, or raises when we are stopping.
    """

    store: Store
    account: Account
    token_url: str
    timeout_seconds: float
    wire: Wire
    clock: Clock
    pause: Callable[[float], None]
    _owner: str = field(default_factory=lambda: f"renewal:{uuid4()}")

    def access(self, *, rejected: str | None = None) -> str:
        """
        An access token that is not ``rejected``, renewed when there is none.

        Raises :class:`TokenRefused` when a person must generate a token, and
        :class:`RenewalFailed` when another try may help.
        """
        patience = time.monotonic() + 2 * self._lease.total_seconds()
        while True:
            self.pause(0)  # when we are being stopped no renewal begins
            known, leased = self._look(rejected)
            if known.access_token is not None:
                return known.access_token
            if leased:
                self._renew(known)
            elif time.monotonic() > patience:
                raise RenewalFailed("Another process has been renewing the token for too long.")
            else:
                self.pause(WAIT_SECONDS)

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=2 * self.timeout_seconds) + LEASE_BEYOND

    def _look(self, rejected: str | None) -> tuple[VendorAccount, bool]:
        """
        The account with its usable access token if it has one; else whether it is ours to renew.
        """
        now, client_id = self.clock(), self.account.client_id
        with self.store.begin() as tx:
            known = tx.vendor.open(client_id, self.account.refresh_token, self.account.seed)
            ends = known.expires_at
            if known.access_token is not None and (
                known.access_token == rejected or ends is None or ends <= now + MARGIN
            ):
                tx.vendor.drop_access(client_id, known.access_token)
            elif known.access_token is not None:
                return known, False
            leased = tx.vendor.lease(client_id, self._owner, now, self._lease)
            if leased and known.lease_owner not in {None, self._owner}:
                # Its holder died while it renewed: the heir may be lost with it.
                tx.vendor.unsure(client_id, known.refresh_token, known.lease_until or now)
            current = tx.vendor.get(client_id)
            return current or known, leased

    def _renew(self, known: VendorAccount) -> None:
        """
        The renewed tokens are stored, or the error of this renewal is raised.
        """
        used, client_id = known.refresh_token, self.account.client_id
        try:
            self._store(self._asked(used), used)
        except Unreachable as error:
            with self.store.begin() as tx:
                if error.sent:
                    tx.vendor.unsure(client_id, used, self.clock())
            raise RenewalFailed(f"The access could not be renewed: {error}") from error
        except Busy as error:
            raise RenewalFailed(f"The access could not be renewed: {error}") from error
        except TokenRefused:
            with self.store.begin() as tx:
                ours = tx.vendor.refused(client_id, used, self.clock())
            if ours:
                raise
            # A person gave another token meanwhile: the next look takes that one.
        finally:
            with self.store.begin() as tx:
                tx.vendor.release(client_id, self._owner)

    def _asked(self, used: str) -> dict[str, Any]:
        """
        The token server's answer; raises :class:`TokenRefused` with what a person must do.
        """
        reply = self.wire.post_form(
            self.token_url,
            {
                "grant_type": "refresh_token",
                "client_id": self.account.client_id,
                "refresh_token": used,
            },
        )
        if reply.status in {400, 401} and (code := _error_code(reply)) in _DEAD:
            raise TokenRefused(self._what_to_do(code))
        if not 200 <= reply.status < 300:  # noqa: PLR2004 - HTTP status
            raise RenewalFailed(
                f"{reply.host} refused to renew the access (HTTP {reply.status}): "
                "check vendor_center.client_id and vendor_center.token_url."
            )
        document = reply.document()
        if not isinstance(document, dict) or text_of(document.get("access_token")) is None:
            raise Unreachable(f"{reply.host} answered without an access token.", sent=True)
        return document

    def _store(self, document: dict[str, Any], used: str) -> None:
        now = self.clock()
        life = document.get("expires_in")
        seconds = life if isinstance(life, (int, float)) and 0 < life < _LONGEST_LIFE else 0
        heir = document.get("refresh_token")
        # Nobody else has the heir: a database that is busy is waited for, also while we stop.
        for attempt in Retrying(
            retry=retry_if_exception_type(StoreUnavailable),
            wait=wait_fixed(1),
            stop=stop_after_delay(STORE_SECONDS),
            reraise=True,
        ):
            with attempt, self.store.begin() as tx:
                tx.vendor.rotated(
                    self.account.client_id,
                    used=used,
                    refresh_token=heir if isinstance(heir, str) and heir else used,
                    access_token=str(document["access_token"]),
                    expires_at=now + max(timedelta(seconds=seconds), MARGIN + _A_WHILE),
                    now=now,
                )

    def _what_to_do(self, code: str) -> str:
        with self.store.read() as tx:
            known = tx.vendor.get(self.account.client_id)
        lost = known.unsure_at if known is not None else None
        why = ""
        if lost is not None:
            why = (
                f" A renewal was cut off at {lost:%Y-%m-%d %H:%M} UTC, and the new token with it: "
                "the API gives each token only once."
            )
        return (
            f"The refresh token of {self.account.label} is not valid any more ({code}): generate "
            "a new one in Vendor Center > Settings > Applications and put it into "
            f"vendor_center.refresh_token.{why}"
        )


def _error_code(reply: Reply) -> str:
    """
    The OAuth error code of a refusal; nothing else of the answer is shown.
    """
    try:
        document = reply.document()
    except VendorCenterError:
        return ""
    code = document.get("error") if isinstance(document, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
