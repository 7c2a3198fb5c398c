"""
One local carrier with two interfaces: Clevy's RouteTrack for us, SEKO's OmniParcel for karrio.

``python -m benchmarks.peers.carrier`` prints its address and answers until its standard input ends.
Both interfaces tell the same history of every number; ``POST /scanned`` adds one scan to each.
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from benchmarks.serving import served_by

if TYPE_CHECKING:
    from collections.abc import Iterator

#: When, SEKO's code, the text, the place.
_ANNOUNCED = (
    ("2026-11-17 09:10:11", "OP-1", "Order created", ""),
    ("2026-11-17 15:40:00", "OP-12", "Order information received", "SHENZHEN"),
    ("2026-11-18 08:05:30", "OP-8", "Shipping information received", "SHENZHEN"),
)
_SCANNED = (
    *_ANNOUNCED,
    ("2026-11-20 02:30:00", "OP-14", "Parcel received and accepted", "SHENZHEN"),
)
ANNOUNCED_EACH, SCANNED_EACH = len(_ANNOUNCED), len(_SCANNED)


@dataclass(frozen=True, slots=True)
class PeerCarrier:
    """
    Where a running carrier is.
    """

    address: str

    @property
    def clevy_url(self) -> str:
        """
        The interface that is asked by us.
        """
        return f"{self.address}/api/v2/RouteTrack"

    def scan_all(self) -> None:
        """
        From now on every number has one scan more.
        """
        with urllib.request.urlopen(f"{self.address}/scanned", data=b""):
            pass


@contextmanager
def peer_carrier() -> Iterator[PeerCarrier]:
    """
    A carrier in a process of its own, which lives as long as the block; nothing is scanned yet.
    """
    with served_by("benchmarks.peers.carrier") as address:
        yield PeerCarrier(address)


class _History:
    """
    What the carrier tells of every number.
    """

    def __init__(self) -> None:
        self._listed = _ANNOUNCED

    def answer(self, path: str, body: bytes) -> object:
        """
        What is to be told in JSON.
        """
        if path == "/scanned":
            self._listed = _SCANNED
            return None
        if path.endswith("/labels/statusv2"):
            return [self._for_karrio(number) for number in json.loads(body)]
        asked = [value for name, value in parse_qsl(body.decode()) if name.startswith("MailNos[")]
        return {"Code": "SUCCESS", "ResponseMessage": [self._for_us(number) for number in asked]}

    def _for_us(self, number: str) -> dict[str, object]:
        routes = [
            {"EventDate": at, "EventStatus": text, "EventSite": place}
            for at, _, text, place in self._listed
        ]
        return {"MailNo": number, "Status": 2, "Routes": routes}

    def _for_karrio(self, number: str) -> dict[str, object]:
        listed = [
            {
                "EventDT": at.replace(" ", "T"),
                "Code": None,
                "OmniCode": code,
                "Description": text,
                "Location": place,
                "Part": 1,
            }
            for at, code, text, place in self._listed
        ]
        return {
            "ConsignmentNo": number,
            "Status": listed[-1]["Description"],
            "Picked": None,
            "Delivered": None,
            "Tracking": f"https://carrier.invalid/{number}",
            "Reference1": number,
            "Events": listed,
        }


async def _talk(
    history: _History, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """
    One connection, kept alive as long as the other side likes.
    """
    while head := await _head(reader):
        request, *headers = head.decode("latin-1").split("\r\n")
        named = {
            name.lower(): value.strip()
            for name, _, value in (one.partition(":") for one in headers)
        }
        body = await reader.readexactly(int(named.get("content-length", 0)))
        told = json.dumps(history.answer(request.split()[1], body)).encode()
        closing = named.get("connection", "").lower() == "close"
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s"
            % (len(told), b"Connection: close\r\n" if closing else b"", told)
        )
        await writer.drain()
        if closing:
            break
    writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


async def _serve() -> None:
    history = _History()
    server = await asyncio.start_server(lambda *both: _talk(history, *both), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
