"""
A page's own data read by the paths of a portal's profile; what they leave open, by meaning.

A path that leads nowhere says nothing about a parcel: it names itself in the report, so that a
changed portal is seen as changed and never as "nothing yet" (promises.md R6).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tracker.model import Outcome
from tracker.pages.data_rows import DataRows
from tracker.pages.failures import has_failed
from tracker.pages.from_json import DataReader
from tracker.pages.joining import answered
from tracker.pages.numbers import canonical, strangers
from tracker.pages.own_objects import sentence_of
from tracker.pages.paths import found_at, inside, leads_anywhere, nowhere
from tracker.pages.report import Finding, Harvest, unreadable
from tracker.profiles import Tie

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.pages.reading import Reading

#: A path of plain steps; only what such a path finds empty is known to be an empty list.
_PLAIN = re.compile(r"[\w\"-]+(\[-?\d+\])?(\.[\w\"-]+(\[-?\d+\])?)*")
_FAILED = unreadable("the page's own answer says that the request failed")
_DEPTH = 40


class PinnedReader:
    """
    Reads parsed data for the asked numbers.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._profile = reading.profile
        self._asked = {canonical(number): number for number in reading.asked}
        self._rows = DataRows(reading)
        self._by_meaning = DataReader(reading)

    def read(self, data: Any) -> Harvest:
        """
        What one answer says; numbers it does not settle are absent from ``found``.
        """
        profile = self._profile
        if not (profile.parcels or profile.number or profile.events):
            return self._with_gap(data, self._by_meaning.read(data))
        entries = self._entries(data)
        if entries is None:
            return Harvest(nowhere=nowhere("parcels", profile.parcels))
        harvest = Harvest()
        for entry in entries:
            self._add(entry, harvest)
        if not entries and not profile.parcels:
            harvest.nowhere = nowhere("number", profile.number) or nowhere("events", profile.events)
        if isinstance(data, dict) and has_failed(data):
            harvest.found = dict.fromkeys(harvest.found, _FAILED)
        return harvest if entries else self._by_meaning.said_alone(data, harvest)

    def _add(self, entry: Any, harvest: Harvest) -> None:
        number = self._number(entry)
        if number is None:
            harvest.strangers = True
            return
        if number == "":
            harvest.nowhere = nowhere("number", self._profile.number or "")
            return
        found = self._finding(entry, number)
        harvest.found[number] = answered(harvest.found.get(number), found)
        harvest.echoed.add(number)

    def _number(self, entry: Any) -> str | None:
        """
        The asked number of an entry, ``None`` for another parcel's, empty when it names none.
        """
        path = self._profile.number
        told = found_at(path, entry) if path else self._own_number(entry)
        if isinstance(told, str) and told.strip():
            return self._asked.get(canonical(told))
        alone = self._profile.tie is Tie.REQUEST and len(self._asked) == 1
        return next(iter(self._asked.values())) if alone else ""

    def _own_number(self, entry: Any) -> str | None:
        texts = [v for v in entry.values() if isinstance(v, str)] if isinstance(entry, dict) else []
        own = next((text for text in texts if canonical(text) in self._asked), None)
        return own or next((t for t in texts if strangers(t, self._asked) == {canonical(t)}), None)

    def _entries(self, data: Any) -> list[Any] | None:
        """
        The parcels of an answer; ``None`` when the path to them leads nowhere.
        """
        if self._profile.parcels is None:
            alone = self._profile.tie is Tie.REQUEST and len(self._asked) == 1
            return list(self._naming(data, 0)) or ([data] if alone else [])
        found = found_at(self._profile.parcels, data)
        if isinstance(found, dict):
            return [found]
        return found if isinstance(found, list) else None

    def _naming(self, value: Any, depth: int) -> Iterator[Any]:
        """
        The outermost objects that name a parcel.
        """
        if depth > _DEPTH:
            return
        if isinstance(value, dict):
            path = self._profile.number
            told = found_at(path, value) if path else self._own_number(value)
            if isinstance(told, str) and (canonical(told) in self._asked or strangers(told, ())):
                yield value
                return
        for inner in inside(value):
            yield from self._naming(inner, depth + 1)

    def _finding(self, entry: Any, number: str) -> Finding:
        if isinstance(entry, dict) and has_failed(entry):
            return _FAILED
        path = self._profile.events
        if path is None:
            return self._by_meaning.of_entry(entry, number)
        events = found_at(path, entry)
        if isinstance(events, list) and events:
            return self._history(events, path)
        told = sentence_of(entry)
        if told is Outcome.NOT_FOUND or (told is not None and events == []):
            return Finding(told)
        if events == [] and _PLAIN.fullmatch(path):
            return Finding(Outcome.NO_EVENTS)
        return unreadable(nowhere("events", path) or "")

    def _history(self, events: list[Any], path: str) -> Finding:
        if not all(isinstance(event, dict) for event in events):
            return unreadable(f"read.events: the path {path!r} leads to something else than events")
        return self._rows.history(events)

    def _with_gap(self, data: Any, harvest: Harvest) -> Harvest:
        """
        Names the path of an event's field that leads nowhere in a whole answer.
        """
        for key in ("date", "text"):
            path = getattr(self._profile, key)
            if path and not harvest.found and not leads_anywhere(path, data):
                harvest.nowhere = nowhere(key, path)
        return harvest
