"""
The list to be filled in by hand: what ``tracker orders scanned --from FILE`` takes back.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from alerts.messages.table import inert

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE_NAME = "by-hand.csv"
#: The first three are read back (:mod:`tracker.orders.numberlists`); the last is for people.
HEADINGS = ("Tracking Number", "Time", "Source", "Portal")


def by_hand_csv(numbers: Iterable[tuple[str, str | None]]) -> str:
    """
    One row for each number with its first portal's address; time and source are left to a person.

    A row that is left empty says "still not scanned". No cell is a formula.
    """
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(HEADINGS)
    portals: dict[str, str | None] = {}
    for number, url in numbers:
        portals.setdefault(number, url)
    for number, url in portals.items():
        writer.writerow((inert(number), "", "", inert(url or "")))
    return target.getvalue()
