"""
Events that stand as objects in a page's own data, whatever their field names.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from tracker.model import Outcome
from tracker.pages import key_dates, keys
from tracker.pages.events import in_order
from tracker.pages.numbers import canonical
from tracker.pages.paths import found_at, nowhere
from tracker.pages.report import Finding, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.model import ScanEvent
    from tracker.pages.dates import Instant
    from tracker.pages.reading import Reading

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


class DataRows:
    """
    Tells which objects are events, and reads them; the profile's paths before the fields' names.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._profile = reading.profile
        self._asked = {canonical(number) for number in reading.asked}

    def history(self, rows: Sequence[Mapping[str, Any]]) -> Finding:
        """
        The objects as one number's events; unreadable when one of them lacks its text or its date.
        """
        bare = [self._bare(row) for row in rows]
        what = self._text_key(bare)
        events = []
        for row, flat in zip(rows, bare, strict=True):
            event = self._event(row, flat, what)
            if isinstance(event, str):
                return unreadable(event)
            events.append(event)
        return Finding(Outcome.EVENTS, in_order(events))

    def _event(self, row: Mapping[str, Any], flat: dict[str, Any], what: str) -> ScanEvent | str:
        """
        One event, or why it is none.
        """
        profile = self._profile
        told = self._pinned(profile.text, row) if profile.text else self._sentence(flat, what)
        text = plain_text(told)
        if not text:
            return (
                nowhere("text", profile.text, "an event")
                or "an event of the page's own answer has no text"
            )
        instant = self._instant(row, flat)
        if isinstance(instant, str):
            return instant
        place = (
            self._pinned(profile.place, row) if profile.place else keys.place_of(flat, text=what)
        )
        code = self._pinned(profile.code, row) if profile.code else keys.code_of(flat)
        return self._reading.event(instant, text, plain_text(place) or None, _code_text(code))

    def _sentence(self, flat: dict[str, Any], what: str) -> Any:
        """
        The row's text in the field of its group; in a field of such a name where that is empty.
        """
        if plain_text(flat.get(what)):
            return flat[what]
        named = keys.named_text_key(flat)
        known = named is not None and self._reading.known(plain_text(flat[named])) is not None
        return flat[named] if named is not None and known else None

    def _instant(self, row: Mapping[str, Any], flat: dict[str, Any]) -> Instant | str | None:
        zone, path = self._reading.zone, self._profile.date
        if path is None:
            when = key_dates.date_key(flat)
            missing = "an event of the page's own answer has no date"
            return missing if when is None else key_dates.instant_of(flat, when, zone=zone)
        told = {"date": self._pinned(path, row)}
        if key_dates.date_key(told) is None:
            return nowhere("date", path, "an event") or ""
        return key_dates.instant_of(flat | told, "date", zone=zone)

    def _text_key(self, rows: Sequence[dict[str, Any]]) -> str:
        """
        The field with the sentence: by how many of its texts are known, by its name, its length.
        """
        votes: Counter[str] = Counter()
        for row in rows:
            for key in keys.text_keys(row) or keys.code_keys(row):
                known = self._reading.known(plain_text(row[key])) is not None
                votes[key] += 1000 * known + keys.name_weight(key) + min(len(row[key]), 100)
        return max(votes, key=lambda key: votes[key]) if votes else ""

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
        True when an object is one event: a date and a text of its own, and no history inside.
        """
        if self._profile.date and self._profile.text:
            date = {"date": self._pinned(self._profile.date, row)}
            return bool(plain_text(self._pinned(self._profile.text, row))) and bool(
                key_dates.date_key(date)
            )
        if any(isinstance(v, list) and (v or keys.CONTAINER.search(k)) for k, v in row.items()):
            return False
        if any(keys.is_inner(key, value) for key, value in row.items()):
            return False
        bare = self._bare(row)
        return key_dates.date_key(bare) is not None and keys.text_key(bare) is not None

    def _pinned(self, path: str | None, row: Mapping[str, Any]) -> Any:
        return found_at(path, row) if path else None


def plain_text(value: Any) -> str:
    """
    A text field as a person reads it: without markup; empty for anything else than a text.
    """
    if not isinstance(value, str):
        return ""
    return " ".join(html.unescape(_TAG.sub(" ", value)).split())


def _code_text(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.strip() else None
