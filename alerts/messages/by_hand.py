"""
The list to be filled in by hand: what ``tracker orders scanned --from FILE`` takes back.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from tracker.cells import inert

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE_NAME = "by-hand.csv"


def by_hand_csv(numbers: Iterable[tuple[str, str | None]], headings: Iterable[str]) -> str:
    """
    Under the headings one row for each number with its first portal's address, the rest empty.

    The headings are those of number, time, source and portal, in any language that is read back.

    A row that is left empty says "still not scanned". No cell is a formula.
    """
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(headings)
    portals: dict[str, str | None] = {}
    for number, url in numbers:
        portals.setdefault(number, url)
    for number, url in portals.items():
        writer.writerow((inert(number), "", "", inert(url or "")))
    return target.getvalue()
