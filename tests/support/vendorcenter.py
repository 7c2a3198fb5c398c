"""
A Vendor Center API as it is published: rotating tokens, pages, items; and what can go wrong.

Each refresh token is good for one renewal; the one before it is dead at once. Faults are queued per
path and used up one request each.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    Fault = Callable[["Exchange"], None]

SEED = "SEED-TOKEN-1"
CLIENT = "client-1"
BUYER = "Amina Buyer"


def item(number: str | None, **facts: Any) -> dict[str, Any]:
    """
    One order item with everything that a real one holds.
    """
    known = {
        "id": f"item-{number}",
        "shopId": "shop-ng",
        "product": {"name": "Lamp", "sellerSku": "SKU-1"},
        "status": "READY_TO_SHIP",
        "trackingNumber": number,
        "shipmentType": "Dropshipping",
        "isFulfilledByJumia": False,
        "country": {"code": "NG", "name": "Nigeria"},
        "shippingAddress": {"firstName": BUYER, "phone": "+2348000000000"},
    }
    return known | facts


def order(number: str, *items: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """
    One order with its items, which :class:`VendorCenterServer` serves apart.
    """
    known = {
        "id": f"uuid-{number}",
        "number": number,
        "shopIds": ["shop-ng"],
        "status": "READY_TO_SHIP",
        "totalItems": len(items),
        "country": {"code": "NG"},
        "createdAt": "2026-11-20T03:00:00+00:00",
        "updatedAt": "2026-11-20T04:00:00+00:00",
        "shippingAddress": {"firstName": BUYER},
        "items": list(items),
    }
    return known | facts


@dataclass
class Exchange:
    """
    One request, and the handler to answer it with.
    """

    handler: BaseHTTPRequestHandler
    server: VendorCenterServer
    method: str
    path: str
    query: dict[str, list[str]]
    form: dict[str, str]
    at: float = field(default_factory=time.monotonic)

    @property
    def bearer(self) -> str:
        """
        The access token it came with.
        """
        return (self.handler.headers.get("Authorization") or "").removeprefix("Bearer ")

    def answer(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        """
        A whole answer.
        """
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.handler.send_response(status)
        for name, value in (headers or {}).items():
            self.handler.send_header(name, value)
        self.handler.send_header("Content-Length", str(len(body)))
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def cut(self, document: Any) -> None:
        """
        Half of an answer, and the connection's end.
        """
        body = json.dumps(document).encode()
        self.handler.send_response(200)
        self.handler.send_header("Content-Length", str(len(body)))
        self.handler.end_headers()
        self.handler.wfile.write(body[: len(body) // 2])
        self.handler.close_connection = True


class VendorCenterServer:
    """
    The API on a loopback port; ``orders`` is what it knows.
    """

    def __init__(self, *, page_size: int = 100) -> None:
        self.orders: list[dict[str, Any]] = []
        self.page_size = page_size
        self.living = SEED
        self.access: set[str] = set()
        self.expires_in: Any = 3600
        self.single_object = False
        self.faults: dict[str, list[Fault]] = {}
        self.exchanges: list[Exchange] = []
        self.renewals: list[str] = []
        self.refusals = 0
        self._lock = threading.Lock()
        self._count = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.take(self, "GET")

            def do_POST(self) -> None:
                server.take(self, "POST")

            def log_message(self, *args: object) -> None:
                """
                Nothing is printed.
                """

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    # -- what tests ask ------------------------------------------------------------------------

    def fail(self, path: str, *faults: Fault) -> None:
        """
        The next requests of the path meet the faults, one each.
        """
        self.faults.setdefault(path, []).extend(faults)

    def asked(self, path: str) -> list[Exchange]:
        """
        Every request of the path.
        """
        return [one for one in self.exchanges if one.path == path]

    def config(self) -> str:
        """
        The settings that point a tracker at this server, at an unhurried pace.
        """
        return f"""
[vendor_center]
api_url = "{self.url}"
requests_per_minute = 600
timeout_seconds = 5
"""

    # -- what it does --------------------------------------------------------------------------

    def take(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        """
        One request is answered, or meets its fault.
        """
        url = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        exchange = Exchange(
            handler, self, method, url.path, parse_qs(url.query), dict(parse_qsl(body))
        )
        with self._lock:
            self.exchanges.append(exchange)
            queued = self.faults.get(url.path)
            fault = queued.pop(0) if queued else None
        if fault is not None:
            fault(exchange)
            return
        self.serve(exchange)

    def serve(self, exchange: Exchange) -> None:
        """
        The right answer.
        """
        if exchange.path == "/token":
            exchange.answer(*self.renew(exchange.form))
        elif exchange.method != "GET":
            exchange.answer(405, {})
        elif exchange.bearer not in self.access:
            exchange.answer(401, {"message": "invalid token"})
        elif exchange.path == "/orders":
            exchange.answer(200, self.page(exchange.query))
        elif exchange.path == "/orders/items":
            exchange.answer(200, self.items(exchange.query["orderId"]))
        else:
            exchange.answer(404, {})

    def renew(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """
        The living token's heir; any other token is refused.
        """
        with self._lock:
            token = form.get("refresh_token", "")
            wanted = {"grant_type": "refresh_token", "client_id": CLIENT, "refresh_token": token}
            if form != wanted or token != self.living:
                self.refusals += 1
                return 400, {"error": "invalid_grant", "error_description": "Token is not active"}
            self._count += 1
            self.renewals.append(token)
            self.living = f"REFRESH-{self._count}"
            access = f"ACCESS-{self._count}"
            self.access.add(access)
            return 200, {
                "access_token": access,
                "expires_in": self.expires_in,
                "refresh_token": self.living,
                "refresh_expires_in": 31536000,
                "token_type": "Bearer",
            }

    def page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """
        One page of the orders in the asked range.
        """
        by = "created" if "createdAfter" in query else "updated"
        after, before = query[f"{by}After"][0], query[f"{by}Before"][0]
        found = [
            one for one in self.orders if after <= one[f"{by}At"].replace("+00:00", "Z") < before
        ]
        first = int(query.get("token", ["0"])[0])
        last = first + self.page_size
        heads = [{k: v for k, v in one.items() if k != "items"} for one in found[first:last]]
        done = last >= len(found)
        return {"orders": heads, "nextToken": None if done else str(last), "isLastPage": done}

    def items(self, ids: list[str]) -> Any:
        """
        The items of the asked orders; as one object when the server follows the description.
        """
        known = [
            {"orderId": one["id"], "orderNumber": one["number"], "items": one["items"]}
            for one in self.orders
            if one["id"] in ids
        ]
        return (known[0] if known else {}) if self.single_object else known
