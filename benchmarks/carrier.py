"""
A local Clevy: a fast HTTP server in a process of its own, so that it is never the bottleneck.

``python -m benchmarks.carrier [SECONDS]`` prints its address and answers RouteTrack questions
(domain.md 3.1) until its standard input ends, each one after that many seconds. Seven numbers in
ten were scanned an hour before it started, the others are only announced.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from benchmarks.serving import served_by
from tracker.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator


def _ago(hours: int) -> str:
    """
    The time so many hours ago, as Clevy writes it.
    """
    at = utc_now() - timedelta(hours=hours)
    return f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M:%S}"


_ANNOUNCED = [(_ago(48), "Shipping information received", "")]
_RECEIVED = [
    *_ANNOUNCED,
    (_ago(2), "Item is at the shipper's warehouse", "SHENZHEN"),
    (_ago(1), "Processed at the sorting centre", "SHENZHEN"),
]


class _Clevy(asyncio.Protocol):
    """
    One connection, kept alive.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (body := self._whole_request()) is not None:
            asyncio.get_running_loop().call_later(self._seconds, self._answer, body)

    def _whole_request(self) -> bytes | None:
        head, blank, rest = self._unread.partition(b"\r\n\r\n")
        if not blank:
            return None
        lines = (line.partition(b":") for line in head.lower().split(b"\r\n")[1:])
        length = next((int(value) for name, _, value in lines if name == b"content-length"), 0)
        if len(rest) < length:
            return None
        self._unread = rest[length:]
        return rest[:length]

    def _answer(self, body: bytes) -> None:
        asked = [value for name, value in parse_qsl(body.decode()) if name.startswith("MailNos[")]
        told = json.dumps(
            {"Code": "SUCCESS", "ResponseMessage": [_parcel(number) for number in asked]}
        ).encode()
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            % len(told)
            + told
        )


def _parcel(number: str) -> dict[str, object]:
    routes = _RECEIVED if number[10:11] < "7" else _ANNOUNCED
    return {
        "MailNo": number,
        "Status": 2,
        "Routes": [
            {"EventDate": date, "EventStatus": text, "EventSite": site}
            for date, text, site in routes
        ],
    }


async def _serve(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Clevy(seconds), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}/api/v2/RouteTrack", flush=True)
    await asyncio.to_thread(sys.stdin.read)


@contextmanager
def local_carrier(seconds: float = 0.0) -> Iterator[str]:
    """
    The address of a local carrier that lives as long as the block.
    """
    with served_by("benchmarks.carrier", str(seconds)) as address:
        yield address


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
