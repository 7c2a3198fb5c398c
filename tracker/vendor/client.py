"""
The two reads that a sync makes, paced for all processes together, retried with patience.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from tracker.vendor.errors import Busy, Unreachable, VendorCenterError
from tracker.vendor.pages import read_items, read_orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tracker.clock import Clock
    from tracker.store import Store
    from tracker.vendor.pages import Item, OrderPage
    from tracker.vendor.spans import Span
    from tracker.vendor.tokens import Tokens
    from tracker.vendor.wire import Reply, Wire

PAGE_SIZE: Final = 100
IDS_AT_ONCE: Final = 25
ATTEMPTS: Final = 4
#: A longer pause than this ends the sync; the next one begins when it is over.
LONGEST_PAUSE: Final = timedelta(minutes=2)
_UNAUTHORIZED: Final = 401
_OTHER_WAYS: Final = {
    400: "it does not understand the question; the interface may have changed",
    401: "it does not accept a token that was just renewed",
    403: "the application needs the role VC - Order Viewer",
    404: "check vendor_center.api_url",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """
    Lets one request go at a time, for every process that uses the account.
    """

    store: Store
    client_id: str
    every: timedelta
    clock: Clock
    pause: Callable[[float], None]

    def wait(self) -> None:
        """
        Returns when the next request may be sent; raises :class:`Busy` when that is far off.
        """
        now = self.clock()
        with self.store.begin() as tx:
            slot = tx.vendor.next_slot(self.client_id, now, self.every)
        if slot - now > LONGEST_PAUSE:
            sentence = f"The API asked to be left alone until {slot:%Y-%m-%d %H:%M:%S} UTC."
            raise VendorCenterError(sentence)
        self.pause((slot - now).total_seconds())

    def hold(self, seconds: float) -> None:
        """
        Nobody sends a request for so long.
        """
        until = self.clock() + timedelta(seconds=seconds)
        with self.store.begin() as tx:
            tx.vendor.not_before(self.client_id, until)


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorCenter:
    """
    The API as one account sees it.
    """

    api_url: str
    wire: Wire
    tokens: Tokens
    pace: Pace
    pause: Callable[[float], None]

    def orders(self, span: Span) -> Iterator[OrderPage]:
        """
        The pages of the span's orders; ends at the last page, or when a page token comes again.

        Raises :class:`VendorCenterError` when a page cannot be had.
        """
        seen: set[str] = set()
        token: str | None = None
        while True:
            parameters = [*span.parameters(), ("size", str(PAGE_SIZE))]
            if token is not None:
                parameters.append(("token", token))
            page = read_orders(self._get("/orders", parameters))
            yield page
            token = page.next_token
            if token is None or token in seen:
                return
            seen.add(token)

    def items(self, order_ids: Sequence[str]) -> dict[str, tuple[Item, ...]]:
        """
        The items of each order that the API gives items for; one left out is asked alone again.
        """
        found: dict[str, tuple[Item, ...]] = {}
        for first in range(0, len(order_ids), IDS_AT_ONCE):
            asked = order_ids[first : first + IDS_AT_ONCE]
            found |= self._items(asked)
            if len(asked) > 1:
                for order_id in (one for one in asked if one not in found):
                    found |= self._items([order_id])
        return found

    def _items(self, order_ids: Sequence[str]) -> dict[str, tuple[Item, ...]]:
        parameters = [("orderId", order_id) for order_id in order_ids]
        return read_items(self._get("/orders/items", parameters), order_ids)

    def _get(self, path: str, parameters: Sequence[tuple[str, str]]) -> Any:
        """
        The answer's document; a broken answer and a busy API are asked again.
        """
        retrying = Retrying(
            retry=retry_if_exception_type((Unreachable, Busy)),
            wait=wait_exponential_jitter(initial=1, max=20),
            stop=stop_after_attempt(ATTEMPTS),
            sleep=self.pause,
            reraise=True,
        )
        return retrying(self._once, path, parameters)

    def _once(self, path: str, parameters: Sequence[tuple[str, str]]) -> Any:
        token = self.tokens.access()
        reply = self._send(path, parameters, token)
        if reply.status == _UNAUTHORIZED:
            reply = self._send(path, parameters, self.tokens.access(rejected=token))
        if not 200 <= reply.status < 300:  # noqa: PLR2004 - HTTP status
            why = _OTHER_WAYS.get(reply.status, "the answer is not understood")
            raise VendorCenterError(f"{reply.host} answered HTTP {reply.status}: {why}.")
        return reply.document()

    def _send(self, path: str, parameters: Sequence[tuple[str, str]], token: str) -> Reply:
        self.pace.wait()
        try:
            return self.wire.get(f"{self.api_url}{path}", parameters, token)
        except Busy as busy:
            if busy.seconds is not None:
                self.pace.hold(busy.seconds)
            raise
