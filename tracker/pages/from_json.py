"""
What the data that a page fetched for itself says of each asked number, whatever its field names.

An array of objects with a date and a text is a history. It belongs to the number that stands in
its own objects, or in the nearest object around it; a nearer object that names another parcel
breaks the tie. What cannot be tied is not believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tracker.model import Outcome
from tracker.pages import route_track
from tracker.pages.bodies import is_markup
from tracker.pages.data_rows import DataRows
from tracker.pages.failures import has_failed
from tracker.pages.fragments import read_fragment
from tracker.pages.numbers import canonical, strangers
from tracker.pages.own_objects import OwnObjects, merged
from tracker.pages.report import Finding, Harvest, unreadable
from tracker.profiles import Tie
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracker.pages.reading import Reading

_NUMBER_KEY = re.compile(
    r"(track|consign|mail|waybill|parcel|shipment|package|item|bill)\w*(no|nos|num|number|code)$"
    r"|^(no|number|单号|运单号)$",
    re.IGNORECASE,
)
_DEPTH = 40


@dataclass(frozen=True)
class _Around:
    """
    The objects around a value: which number they name, and whether one of them failed.

    ``number`` is ``""`` when they name another parcel or several.
    """

    number: str | None = None
    failed: bool = False
    direct: bool = True  # false inside a list: its entries may be several parcels or events


class DataReader:
    """
    Reads parsed JSON for the asked numbers.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._asked = {canonical(number): number for number in reading.asked}
        self._rows = DataRows(reading)
        self._objects = OwnObjects(reading, self._rows)

    def read(self, data: Any) -> Harvest:
        """
        What one answer says; numbers it does not settle are absent from ``found``.
        """
        if route_track.is_route_track(data):
            return self._route_track(data)
        harvest, loose = Harvest(), list[Finding]()
        collected: dict[str, list[Finding]] = {}
        for number, finding in self._walk(data, _Around(), 0):
            if number:
                collected.setdefault(number, []).append(finding)
            elif number is None:
                loose.append(finding)
            else:
                harvest.strangers = True
        harvest.found = {number: merged(findings) for number, findings in collected.items()}
        harvest.echoed = set(self._echoes(data, 0)) | set(harvest.found)
        if harvest.found:
            return harvest
        harvest.failed = isinstance(data, dict) and has_failed(data)
        harvest.loose = [finding.events for finding in loose]
        return self._by_request(loose, harvest) if loose else self.said_alone(data, harvest)

    def of_entry(self, entry: Any, number: str) -> Finding:
        """
        What a parcel's own object says, which the profile has tied to its number.
        """
        here = _Around(number)
        own = self._objects.said(entry) if isinstance(entry, dict) else None
        told = [own] if own else [f for named, f in self._walk(entry, here, 0) if named == number]
        return merged(told) if told else unreadable("nothing that we know is told of the number")

    def _by_request(self, loose: Sequence[Finding], harvest: Harvest) -> Harvest:
        """
        A history that names no parcel, where the profile ties it to the one number asked.
        """
        alone = len(self._asked) == 1 and not harvest.strangers and not harvest.echoed
        if alone and self._reading.profile.tie is Tie.REQUEST:
            number = next(iter(self._asked.values()))
            harvest.found[number] = merged(loose)
            harvest.by_request.add(number)
            harvest.loose = []
        return harvest

    def _route_track(self, data: Any) -> Harvest:
        asked = list(self._asked.values())
        found = route_track.read_data(
            data, asked, zone=self._reading.zone, tables=self._reading.tables
        )
        told = {
            number: finding
            for number, finding in found.items()
            if finding.outcome is not Outcome.MISSING
        }
        return Harvest(
            told,
            set(told),
            strangers=isinstance(data["ResponseMessage"], list)
            and len(data["ResponseMessage"]) > len(told),
        )

    def _walk(
        self, value: Any, around: _Around, depth: int
    ) -> Iterator[tuple[str | None, Finding]]:
        if depth > _DEPTH:
            return
        if isinstance(value, list):
            yield from self._list(value, around, depth)
        elif isinstance(value, str) and is_markup(value):
            yield from self._markup(value, around)
        elif isinstance(value, dict):
            here = self._named(value, around)
            own = (
                self._objects.said(value, failed=here.failed)
                if here.number is not None and here.direct
                else None
            )
            if own is not None:
                yield here.number or "", own
                return
            for key, inner in value.items():
                by_key = self._asked.get(canonical(key))
                told = phrases().sentence(inner) if by_key and isinstance(inner, str) else None
                if by_key and told is not None and not here.failed:
                    yield by_key, Finding(told.outcome)
                yield from self._walk(
                    inner, _Around(by_key, here.failed) if by_key else here, depth + 1
                )

    def _markup(self, value: str, around: _Around) -> Iterator[tuple[str | None, Finding]]:
        """
        A piece of a page inside the data, with the number of the object around it.
        """
        harvest = read_fragment(value, self._reading, around.number)
        yield from harvest.found.items()
        if harvest.strangers or around.number == "":
            yield "", unreadable("another parcel's")

    def _list(
        self, value: list[Any], around: _Around, depth: int
    ) -> Iterator[tuple[str | None, Finding]]:
        rows = [row for row in value if isinstance(row, dict)]
        history = (
            bool(rows) and len(rows) == len(value) and all(self._rows.is_row(row) for row in rows)
        )
        if not history:
            for inner in value:
                yield from self._walk(inner, replace(around, direct=False), depth + 1)
            return
        groups: dict[str | None, list[dict[str, Any]]] = {}
        for row in rows:
            groups.setdefault(self._named(row, around).number, []).append(row)
        for number, group in groups.items():
            yield number, self._rows.history(group)

    def _named(self, value: Mapping[str, Any], around: _Around) -> _Around:
        """
        The number that an object names itself; ``""`` for another parcel's; else that around it.
        """
        failed = around.failed or has_failed(value)
        texts = [(k, v) for k, v in value.items() if isinstance(v, str)]
        own = {self._asked[canonical(v)] for _, v in texts if canonical(v) in self._asked}
        if own:
            return _Around(own.pop() if len(own) == 1 else "", failed)
        other = any(
            strangers(v, self._asked) == {canonical(v)}
            or (_NUMBER_KEY.search(k) and re.search(r"\d{6}", v))
            for k, v in texts
        )
        return _Around("" if other else around.number, failed, direct=around.direct and not other)

    def _echoes(self, value: Any, depth: int) -> Iterator[str]:
        if depth > _DEPTH:
            return
        if isinstance(value, str) and canonical(value) in self._asked:
            yield self._asked[canonical(value)]
        for inner in (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        ):
            yield from self._echoes(inner, depth + 1)

    def said_alone(self, data: Any, harvest: Harvest) -> Harvest:
        """
        A known sentence at the top of an answer to one number, which then need not be echoed.
        """
        if (
            len(self._asked) != 1
            or not isinstance(data, dict)
            or harvest.strangers
            or has_failed(data)
        ):
            return harvest
        told = [phrases().sentence(v) for v in data.values() if isinstance(v, str)]
        strong = {
            sentence.outcome for sentence in told if sentence is not None and not sentence.weak
        }
        bare = not any(isinstance(value, list | dict) and value for value in data.values())
        if len(strong) == 1 and bare:
            harvest.found[next(iter(self._asked.values()))] = Finding(strong.pop())
        return harvest
