"""
Claims for tests: a store with parcels to claim, and packs that are read back.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import openpyxl

from alerts.claims.packing import Packer
from tests.support.builders import NOON, add_parcel, after, announced, open_alert, report
from tracker.model import AlertKind, Evidence
from tracker.planning.deadlines import Deadlines
from tracker.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from openpyxl.cell import Cell

    from alerts.claims.packing import Packed
    from tracker.model import Outcome
    from tracker.settings import Settings
    from tracker.store import Store

SHOP = "Lagos Lights"
SHOPS = [
    {"name": SHOP, "country": "NG", "registered_email": "seller@lagos-lights.example"},
    {"name": "Nairobi Home", "country": "KE"},
]


@dataclass
class MemoryShelf:
    """
    The pack's files by name.
    """

    files: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, content: bytes) -> None:
        """
        The file is kept; a second one of its name is an error.
        """
        assert name not in self.files
        self.files[name] = content

    def text(self, name: str) -> str:
        """
        One file as text.
        """
        return self.files[name].decode()


def settings_with(**overrides: Any) -> Settings:
    """
    Two shops, and what the test is about.
    """
    return load_settings(**({"shops": SHOPS} | overrides))


def packed(
    store: Store, settings: Settings | None = None, now: datetime = NOON, **chosen: Any
) -> tuple[MemoryShelf, Packed]:
    """
    The pack of everything in the store, or of what was chosen.
    """
    shelf = MemoryShelf()
    with store.read() as tx:
        packer = Packer(tx, Deadlines(settings or settings_with()), now, shelf)
        return shelf, packer.pack(**chosen)


def to_claim(store: Store, index: int = 1, **facts: Any) -> int:
    """
    The id of a parcel of a Nigerian order, not scanned, urged, and to be claimed.
    """
    known = {
        "country": "NG",
        "station": "NG-JG-Seko-Shenzhen-Seko-Station",
        "courier": "SF Express",
        "waybill": "00123456789012",
        "sku": "JU-001",
    }
    kind, reason = facts.pop("kind", AlertKind.RAISE_CLAIM), facts.pop("reason", "no_events")
    parcel_id = add_parcel(store, index, **(known | facts))
    with store.begin() as tx:
        tx.parcels.mark(parcel_id, urged_at=after(hours=-8))
        open_alert(tx, parcel_id, kind=kind, reason=reason, shop=facts.get("shop", SHOP))
    return parcel_id


def looked(
    store: Store, parcel_id: int, png: bytes | None = None, body: str = "<html>", **facts: Any
) -> None:
    """
    The parcel was looked up at noon; the answer is kept, with its picture if one is given.
    """
    kept = Evidence(
        url="https://portal.example/jtrack",
        http_status=200,
        content_type="text/html",
        body=body,
        reader="portal-3",
        screenshot=png,
    )
    with store.begin() as tx:
        tx.looks.record(parcel_id, report(announced(), evidence=kept, **facts))


def failed(store: Store, parcel_id: int, outcome: Outcome, at: datetime) -> None:
    """
    A look that saw nothing.
    """
    with store.begin() as tx:
        tx.looks.record(parcel_id, report(outcome=outcome, looked_at=at, detail="<b>no</b>"))


def rows(content: bytes) -> list[dict[str, str]]:
    """
    The table's rows by their headings' English beginnings; empty cells are left out.
    """
    headings, *found = cells(content)
    return [
        {
            str(heading.value): str(cell.value)
            for heading, cell in zip(headings, row, strict=True)
            if cell.value is not None
        }
        for row in found
    ]


def cells(content: bytes) -> list[tuple[Cell, ...]]:
    """
    Every row of cells as a spreadsheet reads them.
    """
    book = openpyxl.load_workbook(io.BytesIO(content))
    return list(book.worksheets[0].iter_rows())


def noise(width: int, height: int, seed: int = 1) -> bytes:
    """
    A PNG in full colour that no compression makes smaller; each row has another filter byte.
    """
    source = random.Random(seed)
    rows_of_it = (bytes([line % 5]) + source.randbytes(width * 3) for line in range(height))
    return png(width, height, rows_of_it)


def png(width: int, height: int, filtered: Iterable[bytes]) -> bytes:
    """
    A PNG of these rows, each with its filter byte before it.
    """

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed_rows = zlib.compress(b"".join(filtered), 1)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", packed_rows)
        + chunk(b"IEND", b"")
    )
