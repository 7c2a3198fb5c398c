"""
Events that stand as objects in a page's own data, whatever their field names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.model import Outcome
from tracker.pages import keys
from tracker.pages.events import in_order
from tracker.pages.numbers import canonical
from tracker.pages.report import Finding, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.model import ScanEvent
    from tracker.pages.reading import Reading


class DataRows:
    """
    Tells which objects are events, and reads them.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._asked = {canonical(number) for number in reading.asked}

    def history(self, rows: Sequence[Mapping[str, Any]]) -> Finding:
        """
        The objects as one number's events; unreadable when one of them lacks its text.
        """
        events = [self._event(row) for row in rows]
        read = [event for event in events if event is not None]
        if len(read) < len(events):
            return unreadable("an event of the page's own answer lacks its text")
        return Finding(Outcome.EVENTS, in_order(read))

    def _event(self, row: Mapping[str, Any]) -> ScanEvent | None:
        bare = self._bare(row)
        when, what = keys.date_key(bare), keys.text_key(bare)
        if when is None or what is None:
            return None
        instant = keys.instant_of(bare, when, zone=self._reading.zone)
        place = keys.place_of(bare, text=what)
        return self._reading.event(instant, bare[what], place, keys.code_of(bare))

    def _bare(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """
        A row without the numbers it names, a place's own fields drawn up into it.
        """
        flat = keys.flat(row)
        return {
            k: v
            for k, v in flat.items()
            if not (isinstance(v, str) and canonical(v) in self._asked)
        }

    def is_row(self, row: Mapping[str, Any]) -> bool:
        """
        True when an object is one event: a date and a text of its own, and no list inside.
        """
        if any(isinstance(value, list) for value in row.values()):
            return False
        if any(keys.is_inner(key, value) for key, value in row.items()):
            return False
        bare = self._bare(row)
        return keys.date_key(bare) is not None and keys.text_key(bare) is not None
